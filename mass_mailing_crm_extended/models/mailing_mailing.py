from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Customers who may not be mailed yet are waited for so long after the first mails.
LONGEST_WAIT = timedelta(days=7)
# In the context: all who are on the list are asked for, whatever the policy says. An
# object, because RPC callers can only send JSON.
WHOLE_LIST = object()


class MailingMailing(models.Model):
    """Mailings to a customer list: who is on it is found when they are sent, and each
    customer is mailed when the contact policy allows it."""

    _inherit = "mailing.mailing"

    customer_list_id = fields.Many2one(
        "crm.customer.list",
        ondelete="restrict",
        index="btree_not_null",
        groups="sales_team.group_sale_salesman",
        help="The customers who are on the list when the mailing is sent. The contact "
        "policy decides whether each of them is mailed, and when.",
    )

    @api.onchange("customer_list_id")
    def _onchange_customer_list_id(self):
        if self.customer_list_id:
            self.mailing_model_id = self.env["ir.model"]._get("res.partner")
            self.mailing_filter_id = False
            self.mailing_domain = repr(
                [("customer_list_id", "=", self.customer_list_id.id)]
            )
        elif self._is_list_in_filter():
            self.mailing_domain = "[]"

    @api.constrains("mailing_domain", "customer_list_id")
    def _check_list_in_filter(self):
        for mailing in self:
            if not mailing._list() and mailing._is_list_in_filter():
                raise ValidationError(
                    mailing.env._(
                        "A filter by customer list does not ask the contact policy. Choose "
                        "the list in the field “Customer List” instead."
                    )
                )

    def _is_list_in_filter(self) -> bool:
        self.ensure_one()
        return "customer_list_id" in (self.mailing_domain or "")

    def _list(self):
        """The customer list of the mailing."""
        # sudo: users of Email Marketing send mailings to lists of salespeople.
        return self.sudo().customer_list_id

    def _get_recipients_domain(self):
        domain = super()._get_recipients_domain()
        if not self._list():
            # Nobody is mailed past the policy, which is asked for the field alone.
            return Domain.FALSE if self._is_list_in_filter() else domain
        if self.mailing_model_real != "res.partner":
            raise UserError(
                self.env._("A mailing to a customer list goes to contacts.")
            )
        # Whatever else the page says: nobody who is not on the list.
        return domain & Domain("customer_list_id", "=", self._list().id)

    def _get_recipients(self):
        recipients = super()._get_recipients()
        is_whole = self.env.context.get("mailing_recipients") is WHOLE_LIST
        if is_whole or not self._list() or not recipients:
            return recipients
        answers = self._ask_policy(recipients)
        return [id_ for id_ in recipients if answers[id_]["allowed"]]

    def _ask_policy(self, recipients) -> dict[int, dict]:
        """What the contact policy says of each customer now."""
        company = self._list().company_id
        policy = self.env["crm.contact.policy"].with_company(company)
        # sudo: the policy looks at its basis and channels, whoever asks.
        purpose = self.env.ref("crm_extended.purpose_marketing").sudo()
        contacts = self.env["res.partner"].browse(recipients)
        return policy._check(contacts, purpose, "email")

    def _next_allowed(self):
        """The first moment at which a customer may be mailed who must wait and has not
        been mailed; None where there is none."""
        self.ensure_one()
        everyone = self.with_context(mailing_recipients=WHOLE_LIST)
        waiting = set(everyone._get_recipients())
        traces = self.env["mailing.trace"].search_fetch(
            [("mass_mailing_id", "=", self.id), ("res_id", "in", list(waiting))],
            ["res_id"],
        )
        waiting -= set(traces.mapped("res_id"))
        if not waiting:
            return None
        moments = [
            answer["date"]
            for answer in self._ask_policy(sorted(waiting)).values()
            if not answer["allowed"] and answer["date"]
        ]
        last = (self.sent_date or fields.Datetime.now()) + LONGEST_WAIT
        return min((each for each in moments if each <= last), default=None)

    def _wait_for_allowed(self):
        """Put mailings back into the queue until more of their customers may be mailed.

        :return: those that wait
        """
        waiting = self.browse()
        for mailing in self.filtered(lambda one: one._list()):
            if moment := mailing._next_allowed():
                mailing.write(
                    {
                        "state": "in_queue",
                        "schedule_type": "scheduled",
                        "schedule_date": moment,
                    }
                )
                waiting += mailing
        if waiting:
            cron = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
            cron._trigger(waiting.mapped("schedule_date"))
        return waiting

    def _action_send_mail(self, res_ids=None):
        result = super()._action_send_mail(res_ids)
        if not res_ids:
            self._wait_for_allowed()
        return result

    @api.model
    def _process_mass_mailing_queue(self):
        """Mailings of which all customers must wait are not done."""
        due = self.search(
            [
                ("state", "in", ("in_queue", "sending")),
                ("customer_list_id", "!=", False),
                "|",
                ("schedule_date", "<=", fields.Datetime.now()),
                ("schedule_date", "=", False),
            ]
        )
        due.filtered(
            lambda one: not one._get_remaining_recipients()
        )._wait_for_allowed()
        return super()._process_mass_mailing_queue()
