from odoo.tests import BaseCase

from ...analytics.rfm.grid import (
    Cell,
    assign,
    cells,
    claims,
    code,
    gaps_and_overlaps,
    rescale,
    tiles,
)

ALL = (1, 3)


class TestRfmGrid(BaseCase):
    def test_a_grid_has_the_cube_of_its_bins(self):
        self.assertEqual(len(list(cells(5))), 125)
        self.assertEqual(len(set(cells(3))), 27)

    def test_the_first_region_takes_a_cell_that_two_claim(self):
        everything = ((1, 3), (1, 3), (1, 3))
        corner = ((3, 3), (3, 3), (1, 3))
        owners = assign([("corner", corner), ("rest", everything)], 3)
        self.assertEqual(owners[Cell(3, 3, 1)], "corner")
        self.assertEqual(owners[Cell(3, 2, 1)], "rest")

    def test_cells_in_no_region_are_left_out(self):
        owners = assign([("corner", ((1, 1), (1, 1), (1, 1)))], 3)
        self.assertEqual(list(owners), [Cell(1, 1, 1)])

    def test_claims_tell_gaps_and_overlaps(self):
        claimed = claims([("a", (ALL, (1, 2), ALL)), ("b", ((1, 1), ALL, ALL))], 3)
        self.assertEqual(len(claimed), 27)
        self.assertEqual(claimed[Cell(1, 1, 1)], ["a", "b"])
        self.assertEqual(claimed[Cell(1, 3, 1)], ["b"])
        self.assertEqual(claimed[Cell(2, 3, 1)], [])
        # Without a segment: two tiles of three classes; claimed twice: two more.
        self.assertEqual(gaps_and_overlaps(claimed), (6, 6))

    def test_a_grid_without_regions_is_one_gap(self):
        self.assertEqual(gaps_and_overlaps(claims([], 3)), (27, 0))

    def test_whoever_has_most_classes_of_a_tile_comes_first(self):
        low, high = (ALL, ALL, (1, 1)), (ALL, ALL, (2, 3))
        seen = tiles(claims([("low", low), ("high", high)], 3))
        self.assertEqual(len(seen), 9)
        for tile in seen:
            self.assertEqual(tile.owners, ("high", "low"))
            self.assertEqual(tile.claimants, ("low", "high"))
            self.assertEqual((tile.gaps, tile.overlaps), (0, 0))

    def test_equal_owners_of_a_tile_stand_in_order_of_precedence(self):
        low, high = (ALL, ALL, (1, 1)), (ALL, ALL, (3, 3))
        [tile, *_others] = tiles(claims([("low", low), ("high", high)], 3))
        self.assertEqual(tile.owners, ("low", "high"))
        self.assertEqual(tile.gaps, 1)

    def test_tiles_of_one_monetary_score_hold_one_class(self):
        regions = [("low", (ALL, ALL, (1, 1))), ("wide", (ALL, ALL, (1, 2)))]
        claimed = claims(regions, 3)
        for monetary, owners, gaps, overlaps in (
            (1, ("low",), 0, 1),
            (2, ("wide",), 0, 0),
            (3, (), 1, 0),
        ):
            seen = tiles(claimed, monetary)
            self.assertEqual(len(seen), 9)
            self.assertEqual(seen[0].owners, owners)
            self.assertEqual((seen[0].gaps, seen[0].overlaps), (gaps, overlaps))

    def test_rescaled_ranges_tile_the_axis_of_any_size(self):
        for old_bins in range(3, 11):
            for new_bins in range(3, 11):
                covered = []
                for score in range(1, old_bins + 1):
                    bounds = rescale(score, score, old_bins, new_bins)
                    if bounds:
                        covered += range(bounds[0], bounds[1] + 1)
                self.assertEqual(covered, list(range(1, new_bins + 1)))

    def test_a_range_keeps_both_ends_of_the_axis(self):
        self.assertEqual(rescale(1, 5, 5, 10), (1, 10))
        self.assertEqual(rescale(5, 5, 5, 10), (9, 10))
        self.assertIsNone(rescale(2, 2, 5, 3))

    def test_a_code_stays_readable_with_two_digits(self):
        self.assertEqual(code(5, 4, 5), "545")
        self.assertEqual(code(10, 1, 10), "10-1-10")
