from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...analytics.rfm.grid import (
    DEFAULT_BINS,
    MAX_BINS,
    MIN_BINS,
    assign,
    claims,
    gaps_and_overlaps,
    rescale,
    tiles,
)
from ..common.badges import read_badges, recall_badges
from ..common.shared_company import check_company_domain_of_shared

AXES = ("r", "f", "m")
# What every list of contacts shows of segments, or checks before it does.
BADGE = ("name", "color", "company_id")
BOUNDS = [f"{axis}_{end}" for axis in AXES for end in ("min", "max")]


class CrmRfmSegment(models.Model):
    _name = "crm.rfm.segment"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Customer Segment"
    _order = "sequence, id"
    _check_company_domain = check_company_domain_of_shared

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="If two segments cover the same scores, the first one applies."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        default=lambda self: self._default_company(),
        help="A company with its own segments uses only those, not the shared ones.",
    )
    color = fields.Integer()
    action = fields.Text(
        string="Recommended Action",
        translate=True,
        help="Recommended action for customers in this segment.",
    )
    is_lost = fields.Boolean(
        string="For Lost Customers",
        help="The segment of customers without purchases in the lookback period. It is "
        "not part of the grid.",
    )
    grid_bins = fields.Integer(
        string="Number of Levels",
        required=True,
        default=lambda self: self.env.company._get_rfm_bins(),
        help="The number of levels that the scores below refer to. For companies with "
        "a different number of levels, they are scaled proportionally.",
    )
    r_min = fields.Integer(string="Recency From", default=1)
    r_max = fields.Integer(string="Recency To", default=DEFAULT_BINS)
    f_min = fields.Integer(string="Frequency From", default=1)
    f_max = fields.Integer(string="Frequency To", default=DEFAULT_BINS)
    m_min = fields.Integer(string="Amount From", default=1)
    m_max = fields.Integer(string="Amount To", default=DEFAULT_BINS)
    score_ids = fields.One2many("crm.rfm.score", "segment_id", string="Scores")
    customer_count = fields.Integer(string="Customers", compute="_compute_shares")
    customer_share = fields.Float(
        string="Share of Customers", compute="_compute_shares"
    )
    revenue = fields.Monetary(compute="_compute_shares")
    revenue_share = fields.Float(string="Share of Revenue", compute="_compute_shares")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

    grid_preview = fields.Json(
        compute="_compute_grid_preview",
        exportable=False,
        help="The grid after this segment is saved.",
    )

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends_context("company", "uid")
    def _compute_shares(self):
        """Shares of the current company's customers and revenue, as the user sees them."""
        totals = {
            segment.id: (count, revenue)
            for segment, count, revenue in self.env["crm.rfm.score"]._read_group(
                [("company_id", "=", self.env.company.id)],
                ["segment_id"],
                ["__count", "revenue:sum"],
            )
        }
        all_customers = sum(count for count, _revenue in totals.values())
        all_revenue = sum(revenue for _count, revenue in totals.values())
        for segment in self:
            count, revenue = totals.get(segment.id, (0, 0.0))
            segment.customer_count = count
            segment.customer_share = count / all_customers if all_customers else 0.0
            segment.revenue = revenue
            segment.revenue_share = revenue / all_revenue if all_revenue else 0.0

    @api.constrains("grid_bins")
    def _check_grid_bins(self):
        for segment in self:
            if not MIN_BINS <= segment.grid_bins <= MAX_BINS:
                raise ValidationError(
                    self.env._(
                        "The number of levels must be between %(low)s and %(high)s.",
                        low=MIN_BINS,
                        high=MAX_BINS,
                    )
                )

    @api.constrains(*BOUNDS, "grid_bins")
    def _check_bounds(self):
        names = {
            "r": self.env._("Recency"),
            "f": self.env._("Frequency"),
            "m": self.env._("Amount"),
        }
        for segment in self:
            for axis, low, high in segment._wrong_bounds():
                raise ValidationError(
                    self.env._(
                        "Segment “%(segment)s”: the range for %(dimension)s is %(low)s "
                        "to %(high)s. Enter two scores between 1 and %(bins)s, the "
                        "lower one first.",
                        segment=segment.name,
                        dimension=names[axis],
                        low=low,
                        high=high,
                        bins=segment.grid_bins,
                    )
                )

    def _wrong_bounds(self):
        """The axes on which the segment lies outside the grid it is meant for, with its
        two bounds there."""
        bounds = [(axis, self[f"{axis}_min"], self[f"{axis}_max"]) for axis in AXES]
        return [
            (axis, low, high)
            for axis, low, high in bounds
            if not 1 <= low <= high <= self.grid_bins
        ]

    def action_view_customers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_rfm_score_action"
        )
        action["display_name"] = self.name
        action["domain"] = [("company_id", "=", self.env.company.id)]
        action["context"] = {"search_default_segment_id": self.id}
        return action

    # -- The grid of a company

    def _bounds(self, bins: int):
        """The segment's region in a grid of the given size, ``None`` if it has none."""
        self.ensure_one()
        if self.grid_bins < MIN_BINS:
            # Being edited, and not yet right.
            return None
        bounds = tuple(
            rescale(self[f"{axis}_min"], self[f"{axis}_max"], self.grid_bins, bins)
            for axis in AXES
        )
        return bounds if all(bounds) else None

    def _regions(self, bins: int):
        """Segments with their regions, without those that have none; in the order of
        ``self``, which is that of precedence."""
        return [
            (segment, bounds)
            for segment in self.filtered(lambda segment: not segment.is_lost)
            if (bounds := segment._bounds(bins))
        ]

    def _get_rank(self) -> float:
        """How good its customers are: the middle of its scores, as a share of the best,
        or 0 for lost customers."""
        self.ensure_one()
        if self.is_lost:
            return 0.0
        return sum(self[name] for name in BOUNDS) / (len(BOUNDS) * self.grid_bins)

    @api.model
    def _default_company(self):
        """The company whose segments a new one joins: none if the current company uses
        the shared ones, which a segment of its own would put out of use."""
        segments = self._of_company(self.env.company)
        return self.env.company if not segments or segments.company_id else False

    @api.model
    def _of_company(self, company, without=None):
        """The company's own segments, or the shared ones where it has none.

        :param without: segments to leave out, as if they did not exist
        """
        # Archived ones never count, whatever the caller looks at.
        segments = self.with_context(active_test=True)
        domain = Domain("id", "not in", without._origin.ids) if without else Domain.TRUE
        own = segments.search(Domain("company_id", "=", company.id) & domain)
        return own or segments.search(Domain("company_id", "=", False) & domain)

    @api.model
    def _get_grid(self, company):
        """The segment of each class of scores.

        :return: segment by :class:`~..analytics.rfm.grid.Cell`, without the cells that
            no segment covers; and the segment of lost customers, maybe empty
        """
        bins = company._get_rfm_bins()
        segments = self._of_company(company)
        lost = segments.filtered("is_lost")[:1]
        return assign(segments._regions(bins), bins), lost

    def _describe_grid(self, company) -> dict:
        """How well the segments, as a company's, cover its grid."""
        bins = company._get_rfm_bins()
        gaps, overlaps = gaps_and_overlaps(claims(self._regions(bins), bins))
        return {
            "company": company.display_name,
            "bins": bins,
            "gaps": gaps,
            "overlaps": overlaps,
            "total": bins**3,
        }

    @api.model
    @api.readonly
    def get_grid_summary(self):
        """How the segments of the current company cover its grid.

        :return: name of the ``company``, ``bins``, and of the ``total`` number of
            classes those that no segment (``gaps``) and several (``overlaps``) claim
        :rtype: dict
        """
        self.check_access("read")
        company = self.env.company
        return self._of_company(company)._describe_grid(company)

    @api.readonly
    def get_grid_summary_without(self):
        """How the grid would be covered if these segments were archived or deleted.

        :return: as :meth:`get_grid_summary`, for the first company (the current one,
            for shared segments) in whose grid a gap would open; ``False`` if none would
        """
        self.check_access("read")
        shared = self.filtered(lambda segment: not segment.company_id)
        for owner in [*self.company_id, *([shared.company_id] if shared else [])]:
            company = owner or self.env.company
            now = self._of_company(owner)._describe_grid(company)
            then = self._of_company(owner, without=self)._describe_grid(company)
            if then["gaps"] > now["gaps"]:
                return then
        return False

    @api.depends(
        *BOUNDS,
        "grid_bins",
        "name",
        "color",
        "sequence",
        "active",
        "company_id",
        "is_lost",
    )
    @api.depends_context("company", "lang")
    def _compute_grid_preview(self):
        for segment in self:
            segment.grid_preview = segment._preview_grid()

    def _preview_grid(self) -> dict:
        """The grid as it would be if the segment, maybe being edited, were saved."""
        company = self.company_id or self.env.company
        bins = company._get_rfm_bins()
        segments = self._of_company(self.company_id, without=self)
        if self.active:
            segments = segments.filtered(
                lambda other: other.company_id == self.company_id
            )
            # A new segment has no id yet and stands behind its equals.
            segments = (segments + self).sorted(
                lambda segment: (segment.sequence, segment._origin.id or float("inf"))
            )
        claimed = claims(segments._regions(bins), bins)
        place = {segment: number for number, segment in enumerate(segments)}
        return {
            **segments._describe_grid(company),
            # Whether it can be saved at all.
            "valid": MIN_BINS <= self.grid_bins <= MAX_BINS
            and not self._wrong_bounds(),
            # Shared segments are not, by a company that has its own.
            "used": bool(self.company_id or not self._of_company(company).company_id),
            "segments": [
                {
                    "name": segment.name or self.env._("New"),
                    "color": segment.color,
                    "current": segment == self,
                }
                for segment in segments
            ],
            # By monetary score; 0 stands for all of them.
            "tiles": [
                [
                    tile._asdict()
                    | {
                        "owners": [place[segment] for segment in tile.owners],
                        "claimants": [place[segment] for segment in tile.claimants],
                    }
                    for tile in tiles(claimed, monetary or None)
                ]
                for monetary in range(bins + 1)
            ],
        }

    # -- Names and colors, which every contact and lead shows

    @api.model
    @tools.ormcache("self.env.lang")
    def _get_badges(self) -> tuple[list[int], list[list]]:
        """Ids of all segments, and the columns :data:`BADGE` of them, in the user's
        language. Cached between requests: segments are few and seldom change."""
        return read_badges(self, BADGE)

    @api.model
    def _recall_badges(self):
        """Save this transaction the query for the segments that it shows."""
        recall_badges(self, BADGE, self._get_badges())

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not vals.keys().isdisjoint(BADGE):
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def update_field_translations(self, field_name, translations, source_lang=""):
        self.env.registry.clear_cache()
        return super().update_field_translations(field_name, translations, source_lang)
