"""What the grid shows: the company's customers by recency and frequency."""

from dataclasses import dataclass

from odoo.fields import Domain

from ...analytics.rfm.grid import Cell, cells, claims, tiles


@dataclass
class _Sum:
    """A number of customers and their revenue."""

    count: int = 0
    revenue: float = 0.0

    def add(self, count, revenue):
        self.count += count
        self.revenue += revenue

    def of(self, total):
        """The figures, with their shares of a total that may be 0."""
        return {
            "count": self.count,
            "revenue": self.revenue,
            "average": self.revenue / self.count if self.count else 0.0,
            "count_share": self.count / total.count if total.count else 0.0,
            "revenue_share": self.revenue / total.revenue if total.revenue else 0.0,
        }


def grid(scores, filters: Domain, monetary_score=None) -> dict:
    """Count the current company's customers, as far as the user sees them.

    :param scores: ``crm.rfm.score`` in the reader's environment
    :param filters: of the customers counted
    :param monetary_score: as for :meth:`~.crm_rfm_score.CrmRfmScore.get_grid`
    :return: see there
    """
    env = scores.env
    company = env.company
    Segment = env["crm.rfm.segment"]
    counted = Domain("company_id", "=", company.id)
    counted &= filters
    rows, lost = _rows(scores, counted)
    # After a change of the settings, and before the next refresh, there may be
    # higher scores than the grid has, and segments that are not the company's.
    company_bins = company._get_rfm_bins()
    bins = max([company_bins, *(max(cell) for cell, *_figures in rows)])
    segments = Segment._of_company(company)
    claimed = dict.fromkeys(cells(bins), ()) | claims(
        segments._regions(company_bins), company_bins
    )
    monetary_score = int(monetary_score or 0)
    if not 0 < monetary_score <= bins:
        monetary_score = 0

    total = _Sum(lost.count, lost.revenue)
    by_tile, by_segment = {}, {segment: _Sum() for segment in segments}
    for cell, segment, *figures in rows:
        total.add(*figures)
        if monetary_score in (0, cell.monetary):
            by_tile.setdefault(cell[:2], _Sum()).add(*figures)
            by_segment.setdefault(segment, _Sum()).add(*figures)
    unassigned = by_segment.pop(Segment, _Sum())
    shown = counted & Domain("frequency", ">", 0)
    if monetary_score:
        shown &= Domain("monetary_score", "=", monetary_score)
    return {
        "company": company.display_name,
        "currency_id": company.currency_id.id,
        "bins": bins,
        "monetary_score": monetary_score,
        "domain": list(shown),
        "tiles": [
            {
                "recency": tile.recency,
                "frequency": tile.frequency,
                "segment_ids": [segment.id for segment in tile.owners],
                "gaps": tile.gaps,
                **by_tile.get((tile.recency, tile.frequency), _Sum()).of(total),
            }
            for tile in tiles(claimed, monetary_score or None)
        ],
        "segments": [
            {
                "id": segment.id,
                "name": segment.name,
                "color": segment.color,
                "action": segment.action or "",
                **figures.of(total),
            }
            for segment, figures in by_segment.items()
            if not segment.is_lost
        ],
        "lost": {
            "name": segments.filtered("is_lost")[:1].name or env._("Lost"),
            "domain": list(counted & Domain("frequency", "=", 0)),
            **lost.of(total),
        },
        "unassigned": unassigned.of(total),
        "is_stale": any(
            segment != next(iter(claimed[cell]), Segment)
            for cell, segment, *_figures in rows
        ),
        "is_empty": not total.count
        and not scores.search_count([("company_id", "=", company.id)], limit=1),
        "can_refresh": Segment.has_access("write"),
    }


def filter_domain(team_ids, user_ids, country_ids, tag_ids) -> Domain:
    """The filters of the page, for scores."""
    domain = Domain.TRUE
    for name, operator, ids in (
        ("partner_id.user_id.crm_team_ids", "in", team_ids),
        ("partner_id.user_id", "in", user_ids),
        ("partner_id.country_id", "in", country_ids),
        ("partner_id.category_id", "child_of", tag_ids),
    ):
        if ids:
            # Only numbers: Odoo would look up a text among the names.
            domain &= Domain(name, operator, [int(id_) for id_ in ids])
    return domain


def _rows(scores, domain):
    """Cell, segment, customers and revenue of every class with customers in it; and the
    sum of lost customers, whose scores mean nothing."""
    rows = [
        (Cell(*values), segment, count, revenue)
        for *values, segment, count, revenue in scores._read_group(
            domain & Domain("frequency", ">", 0),
            ["recency_score", "frequency_score", "monetary_score", "segment_id"],
            ["__count", "revenue:sum"],
        )
    ]
    [lost] = scores._read_group(
        domain & Domain("frequency", "=", 0), [], ["__count", "revenue:sum"]
    )
    return rows, _Sum(*lost)
