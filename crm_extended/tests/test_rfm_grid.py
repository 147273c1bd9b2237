from odoo.tests import BaseCase

from ..analytics.rfm_grid import Cell, assign, cells, code, rescale


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
