from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .channels import WEEKDAYS, check_channels, join_channels, split_channels


class ResCompany(models.Model):
    _inherit = "res.company"

    contact_quiet_from = fields.Float(
        string="Quiet Hours From",
        default=20.0,
        help="From this time on, customers are not contacted. In the customer's own time "
        "zone.",
    )
    contact_quiet_to = fields.Float(
        string="Quiet Hours To",
        default=8.0,
        help="From this time on, customers are contacted again. Where both times are the "
        "same, there are no quiet hours.",
    )
    contact_weekdays = fields.Char(
        string="Weekdays with Contacts",
        default=WEEKDAYS,
        help="Days on which customers are contacted, with commas between them: 0 is "
        "Monday, 6 is Sunday.",
    )
    contact_limit = fields.Integer(
        string="Touch Limit",
        default=3,
        help="How often a customer is contacted within seven days at most, by all senders "
        "together. 0: without limit.",
    )
    contact_limit_channels = fields.Char(
        string="Channels That Count",
        default="email,sms,phone",
        help="Channels that count towards the limit, with commas between them: email, "
        "sms, phone, letter, visit.",
    )
    contact_wait_days = fields.Integer(
        string="Longest Wait (Days)",
        default=7,
        help="How long a message waits for quiet hours to end and the limit to allow it. "
        "Then it is skipped.",
    )
    contact_keep_ip = fields.Boolean(
        string="Keep IP Addresses",
        help="Keep the IP address with answers that customers give on a page.",
    )
    contact_quiet_day_ids = fields.One2many(
        "crm.contact.quiet.day", "company_id", string="Days without Contacts"
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_as_text(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_as_text(vals))

    @api.constrains("contact_quiet_from", "contact_quiet_to")
    def _check_contact_hours(self):
        for company in self:
            for hours in (company.contact_quiet_from, company.contact_quiet_to):
                if not 0 <= hours <= 24:
                    raise ValidationError(
                        self.env._("Quiet hours are times between 0:00 and 24:00.")
                    )
            # Midnight is both 0:00 and 24:00.
            if {company.contact_quiet_from, company.contact_quiet_to} == {0, 24}:
                raise ValidationError(
                    self.env._(
                        "Quiet hours cannot last the whole day: no one could be "
                        "contacted. To have none, enter the same time twice."
                    )
                )

    @api.constrains("contact_weekdays")
    def _check_contact_weekdays(self):
        for company in self:
            days = split_channels(company.contact_weekdays)
            if not days:
                raise ValidationError(
                    self.env._(
                        "Choose at least one day on which customers are contacted."
                    )
                )
            if not set(days) <= set(WEEKDAYS.split(",")):
                raise ValidationError(
                    self.env._(
                        "Enter weekdays as numbers from 0 (Monday) to 6 (Sunday), with "
                        "commas between them."
                    )
                )

    @api.constrains("contact_limit", "contact_wait_days")
    def _check_contact_limit(self):
        for company in self:
            if not 0 <= company.contact_limit <= 1000:
                raise ValidationError(
                    self.env._("The touch limit is a number from 0 to 1,000.")
                )
            if not 0 <= company.contact_wait_days <= 366:
                raise ValidationError(
                    self.env._("Messages can wait for 0 to 366 days.")
                )

    @api.constrains("contact_limit_channels")
    def _check_contact_limit_channels(self):
        for company in self:
            check_channels(self.env, company.contact_limit_channels)


def _as_text(vals):
    """Values with lists of channels and weekdays as text."""
    given = {
        name: join_channels(
            vals[name] if isinstance(vals[name], str) else map(str, vals[name])
        )
        for name in ("contact_weekdays", "contact_limit_channels")
        if vals.get(name) or vals.get(name) in ([], ())
    }
    return {**vals, **given}
