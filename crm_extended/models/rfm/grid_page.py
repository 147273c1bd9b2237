from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Domain

from ...analytics.rfm.grid import DEFAULT_BINS, Cell, cells, claims, tiles


@dataclass
class _Sum:
    """A number of customers and their revenue."""

    count: int = 0
    revenue: float = 0.0

    def add(self, count, revenue):
        self.count += count
        self.revenue += revenue

    def of(self, total):
        """The figures, with their shares of a total that may be nothing."""
        return {
            "count": self.count,
            "revenue": self.revenue,
            "average": self.revenue / self.count if self.count else 0.0,
            "count_share": self.count / total.count if total.count else 0.0,
            "revenue_share": self.revenue / total.revenue if total.revenue else 0.0,
        }


class CrmRfmScore(models.Model):
    """The grid: the company's customers by recency and frequency, as one drawing."""

    _inherit = "crm.rfm.score"

    @api.model
    @api.readonly
    def get_grid(
        self,
        monetary_score=None,
        team_ids=(),
        user_ids=(),
        country_ids=(),
        tag_ids=(),
    ):
        """Count the current company's customers, as far as the user sees them.

        :param int monetary_score: only customers with this score, all when left out or
            no score of this company
        :param list team_ids: only customers whose salesperson is in one of these teams
        :param list user_ids: only customers of these salespeople
        :param list country_ids: only customers in these countries
        :param list tag_ids: only customers with one of these tags or one below it
        :return: ``tiles``, one for each recency and frequency; ``segments``; ``lost``
            and ``unassigned`` customers, who stand in no tile or in no segment; each
            with ``count``, ``revenue``, ``average`` and its shares of all customers who
            match, whatever their monetary score. ``domain`` finds those that are shown.
            ``is_stale`` tells that scores or segments are not those of the present
            settings, ``is_empty`` that nobody has a standing.
        :rtype: dict
        :raise AccessError: if the user is not in sales
        """
        self.check_access("read")
        company = self.env.company
        Segment = self.env["crm.rfm.segment"]
        everybody = Domain("company_id", "=", company.id)
        everybody &= self._grid_filter(team_ids, user_ids, country_ids, tag_ids)
        rows, lost = self._grid_rows(everybody)
        # After a change of the settings, and before the next refresh, there may be
        # higher scores than the grid has, and segments that are not the company's.
        company_bins = company.rfm_bins or DEFAULT_BINS
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
        shown = everybody & Domain("frequency", ">", 0)
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
                "name": segments.filtered("is_lost")[:1].name or self.env._("Lost"),
                "domain": list(everybody & Domain("frequency", "=", 0)),
                **lost.of(total),
            },
            "unassigned": unassigned.of(total),
            "is_stale": any(
                segment != next(iter(claimed[cell]), Segment)
                for cell, segment, *_figures in rows
            ),
            "is_empty": not total.count
            and not self.search_count([("company_id", "=", company.id)], limit=1),
            "can_refresh": Segment.has_access("write"),
        }

    @api.model
    def _grid_filter(self, team_ids, user_ids, country_ids, tag_ids):
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

    @api.model
    def _grid_rows(self, domain):
        """Cell, segment, customers and revenue of every class with customers in it; and
        the sum of those lost, whose scores stand for nothing."""
        rows = [
            (Cell(*scores), segment, count, revenue)
            for *scores, segment, count, revenue in self._read_group(
                domain & Domain("frequency", ">", 0),
                ["recency_score", "frequency_score", "monetary_score", "segment_id"],
                ["__count", "revenue:sum"],
            )
        ]
        [lost] = self._read_group(
            domain & Domain("frequency", "=", 0), [], ["__count", "revenue:sum"]
        )
        return rows, _Sum(*lost)
