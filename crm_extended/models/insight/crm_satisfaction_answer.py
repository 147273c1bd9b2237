from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..care.crm_care_satisfaction import NPS_GROUPS
from ..common.empty_help import extend_help

SCALE = "1 to 10. 0: not answered."


class CrmSatisfactionAnswer(models.Model):
    """What a person answered to a satisfaction survey.

    Answers come from elsewhere (``res_model``, ``res_id``): a bridge fills this table and
    keeps it as its answers are. No one writes here. An answer without a customer is
    anonymous: it counts for the company alone.

    An answer is read as one of its customer. What groups of them say is on the page
    *Satisfaction Index* alone, which hides those of fewer than five people: answers have
    no segment and no tier to group them by, and no averages.
    """

    _name = "crm.satisfaction.answer"
    _inherit = ["crm.customer.record.mixin", "crm.satisfaction.said.mixin"]
    _description = "Satisfaction Answer"
    _said_columns = (
        "satisfaction",
        "expectation",
        "ideal",
        "quality",
        "value",
        "complaint",
        "loyalty",
        "expected",
        "perceived",
        "nps",
        "nps_group",
    )
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    # The customer as a whole; the person is the contact. Where one is deleted, the answer
    # is anonymous.
    partner_id = fields.Many2one(
        required=False,
        readonly=True,
        index=False,
        ondelete="set null",
        help="Empty: an anonymous answer.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Person",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    company_id = fields.Many2one(readonly=True, index=False, ondelete="cascade")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    date = fields.Datetime(string="Answered On", required=True, readonly=True)
    source = fields.Selection(
        [("survey", "Survey")], required=True, readonly=True, default="survey"
    )
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", required=True, readonly=True
    )

    # 0 in the database: not answered. No sums or averages in lists: those of fewer than
    # five people are not shown.
    satisfaction = fields.Integer(readonly=True, aggregator=None, help=SCALE)
    expectation = fields.Integer(
        string="Expectations Met", readonly=True, aggregator=None, help=SCALE
    )
    ideal = fields.Integer(
        string="Close to Ideal", readonly=True, aggregator=None, help=SCALE
    )
    quality = fields.Integer(readonly=True, aggregator=None, help=SCALE)
    value = fields.Integer(
        string="Value for Money", readonly=True, aggregator=None, help=SCALE
    )
    complaint = fields.Selection(
        [("yes", "Complained"), ("no", "No Complaint")],
        readonly=True,
        help="Whether they have complained in the last 12 months. Empty: not answered.",
    )
    loyalty = fields.Integer(
        string="Will Buy Again", readonly=True, aggregator=None, help=SCALE
    )
    expected = fields.Integer(
        readonly=True, aggregator=None, help="What they expected, 1 to 10."
    )
    perceived = fields.Integer(
        readonly=True, aggregator=None, help="What they got, 1 to 10."
    )
    nps = fields.Integer(
        string="Would Recommend",
        readonly=True,
        aggregator=None,
        help="0 not at all to 10 most likely.",
    )
    nps_group = fields.Selection(
        NPS_GROUPS, string="Recommendation", readonly=True, help="Empty: no answer."
    )

    _customer_index = models.Index("(partner_id, company_id, date)")
    _company_index = models.Index("(company_id, date)")
    _unique_origin = models.UniqueIndex("(res_id, res_model)")

    @api.model
    def _readable_domain(self) -> Domain:
        return self._empty_or_readable("partner_id")

    def _read_group_groupby(self, alias, groupby_spec, query):
        # A path leads to what customers are grouped by.
        if "." in groupby_spec and not self.env.su:
            self._refuse_groups()
        return super()._read_group_groupby(alias, groupby_spec, query)

    @api.model
    def _follow_customers(self, condition: SQL) -> int:
        """Give answers to the customer that their person belongs to now.

        :param condition: on ``answer``
        :return: how many were given to another one
        """
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_satisfaction_answer AS answer
                   SET partner_id = contact.commercial_partner_id
                  FROM res_partner AS contact
                 WHERE contact.id = answer.contact_id AND %s
                   AND answer.partner_id IS DISTINCT FROM contact.commercial_partner_id
             RETURNING answer.id
                """,
                condition,
            )
        )
        self.invalidate_model()
        return len(rows)

    @api.model
    def get_empty_list_help(self, help_message):
        return extend_help(super().get_empty_list_help(help_message))
