from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..analytics.rfm_grid import DEFAULT_BINS, MAX_BINS, MIN_BINS, assign, rescale

AXES = ("r", "f", "m")
BOUNDS = [f"{axis}_{end}" for axis in AXES for end in ("min", "max")]


class CrmRfmSegment(models.Model):
    _name = "crm.rfm.segment"
    _description = "Customer Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="Where two segments claim the same scores, the first has them."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="A company with segments of its own uses those and none of the shared ones.",
    )
    color = fields.Integer()
    action = fields.Text(
        string="Recommended Action",
        translate=True,
        help="What to do about the customers in this segment.",
    )
    is_lost = fields.Boolean(
        string="For Lost Customers",
        help="The segment of customers who bought nothing in the months looked back. "
        "It takes no part in the grid of scores.",
    )
    grid_bins = fields.Integer(
        string="Scores per Dimension",
        required=True,
        default=lambda self: self.env.company.rfm_bins or DEFAULT_BINS,
        help="The size of the grid the scores below are meant for. In a company that "
        "scores in another number of steps they are carried over in proportion.",
    )
    r_min = fields.Integer(string="Recency From", default=1)
    r_max = fields.Integer(string="Recency To", default=DEFAULT_BINS)
    f_min = fields.Integer(string="Frequency From", default=1)
    f_max = fields.Integer(string="Frequency To", default=DEFAULT_BINS)
    m_min = fields.Integer(string="Amount From", default=1)
    m_max = fields.Integer(string="Amount To", default=DEFAULT_BINS)
    score_ids = fields.One2many("crm.rfm.score", "segment_id", string="Standings")
    customer_count = fields.Integer(string="Customers", compute="_compute_shares")
    customer_share = fields.Float(
        string="Share of Customers", compute="_compute_shares"
    )
    revenue = fields.Monetary(compute="_compute_shares")
    revenue_share = fields.Float(string="Share of Revenue", compute="_compute_shares")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

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
                        "Scores per dimension must be a number from %(low)s to "
                        "%(high)s.",
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
            for axis in AXES:
                low, high = segment[f"{axis}_min"], segment[f"{axis}_max"]
                if not 1 <= low <= high <= segment.grid_bins:
                    raise ValidationError(
                        self.env._(
                            "Segment “%(segment)s”: %(dimension)s runs from %(low)s to "
                            "%(high)s. Enter two scores from 1 to %(bins)s, the lower "
                            "one first.",
                            segment=segment.name,
                            dimension=names[axis],
                            low=low,
                            high=high,
                            bins=segment.grid_bins,
                        )
                    )

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
        bounds = tuple(
            rescale(self[f"{axis}_min"], self[f"{axis}_max"], self.grid_bins, bins)
            for axis in AXES
        )
        return bounds if all(bounds) else None

    @api.model
    def _of_company(self, company):
        """The company's own segments, or the shared ones where it has none."""
        # Archived ones never count, whatever the caller looks at.
        segments = self.with_context(active_test=True)
        own = segments.search([("company_id", "=", company.id)])
        return own or segments.search([("company_id", "=", False)])

    @api.model
    def _get_grid(self, company):
        """Say which segment each class of scores belongs to.

        :return: segment by :class:`~..analytics.rfm_grid.Cell`, without the cells that
            no segment covers; and the segment of lost customers, maybe empty
        """
        bins = company.rfm_bins or DEFAULT_BINS
        segments = self._of_company(company)
        lost = segments.filtered("is_lost")[:1]
        regions = [
            (segment, bounds)
            for segment in segments.filtered(lambda segment: not segment.is_lost)
            if (bounds := segment._bounds(bins))
        ]
        return assign(regions, bins), lost
