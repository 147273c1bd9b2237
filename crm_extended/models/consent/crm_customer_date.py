from odoo import api, fields, models
from odoo.exceptions import AccessError

# Who sees dates of all kinds, as the record rules say.
SEE_ALL = ("sales_team.group_sale_manager", "crm_extended.group_care_manager")


class CrmCustomerDate(models.Model):
    """A day of a person, such as a birthday. Odoo's contacts have none."""

    _name = "crm.customer.date"
    _inherit = "crm.customer.record.mixin"
    _description = "Date of a Person"
    _order = "date, id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        string="Person", index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(
        default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    kind_id = fields.Many2one(
        "crm.customer.date.kind",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    date = fields.Date(required=True)
    yearly = fields.Boolean(
        string="Every Year",
        compute="_compute_yearly",
        store=True,
        readonly=False,
        precompute=True,
    )

    _unique_date = models.Constraint(
        "UNIQUE (partner_id, company_id, kind_id, date)",
        "This person has this date already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Add dates.

        :raise AccessError: for kinds that the user does not see, before whether there is
            such a date could show
        """
        kinds = {vals.get("kind_id") for vals in vals_list} - {None, False}
        # sudo: whether a kind is for managers only.
        kinds = self.env["crm.customer.date.kind"].sudo().browse(kinds)
        if not self.env.su and any(kinds.mapped("is_sensitive")):
            self._check_sees_all()
        return super().create(vals_list)

    def _check_sees_all(self):
        if not any(self.env.user.has_group(group) for group in SEE_ALL):
            raise AccessError(
                self.env._(
                    "Only sales managers and care managers add dates of this kind."
                )
            )

    @api.depends("kind_id")
    def _compute_yearly(self):
        for day in self:
            day.yearly = day.kind_id.yearly

    @api.model
    def _owner_fields(self):
        # A kind can be for managers only.
        return super()._owner_fields() | {"kind_id"}

    @api.model
    def _drop_doubles(self, contacts):
        """Delete dates that these contacts have in common before they become one. Odoo
        would delete all dates of a contact one of whose dates is there already."""
        seen, doubles = set(), self.browse()
        for day in self.search([("partner_id", "in", contacts.ids)]):
            key = day.company_id, day.kind_id, day.date
            if key in seen:
                doubles += day
            seen.add(key)
        doubles.unlink()

    @api.depends("kind_id", "partner_id")
    def _compute_display_name(self):
        for day in self:
            day.display_name = f"{day.partner_id.name}: {day.kind_id.name}"
