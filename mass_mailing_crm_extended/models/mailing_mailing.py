from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Customers who may not be mailed yet are waited for so long from when the mailing was to
# be sent first.
LONGEST_WAIT = timedelta(days=7)
# In the context: all who are on the list are asked for, whatever the policy says. An
# object, because RPC callers can only send JSON.
WHOLE_LIST = object()


class Reachable(tuple):
    """In the context: ids of those whom a mailing may reach, which are looked at instead of
    the list. A class for the same reason."""


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
    waiting_since = fields.Datetime(
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman",
        help="When the mailing was to be sent first. Customers who may not be mailed yet "
        "are waited for up to 7 days from then on.",
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
        chosen = self.env.context.get("mailing_recipients")
        if isinstance(chosen, Reachable):
            return Domain("id", "in", list(chosen))
        # sudo: users of Email Marketing need not be allowed to use customer lists. They
        # learn how many customers are on the list, and to whom the mailing goes. What else
        # the filter of the mailing asks is asked as the user.
        customers = self.env["res.partner"].sudo()._query_of_list(self._list())
        # Whatever else the page says: nobody who is not on the list.
        return domain.map_conditions(self._without_list) & Domain("id", "in", customers)

    def _without_list(self, condition) -> Domain:
        """A condition of the filter, unless it is the one that the page puts there for the
        list, which is asked otherwise."""
        is_of_list = condition.field_expr == "customer_list_id"
        if is_of_list and condition.operator in ("=", "in"):
            value = condition.value
            if value == self._list().id or value == [self._list().id]:
                return Domain.TRUE
        return condition

    def _is_test(self) -> bool:
        """Whether it goes to a sample, to compare it with others."""
        return self.ab_testing_enabled and not self.ab_testing_is_winner_mailing

    def _get_recipients(self):
        is_whole = self.env.context.get("mailing_recipients") is WHOLE_LIST
        if not self._list():
            return super()._get_recipients()
        everyone = self.env["res.partner"].search(self._get_recipients_domain()).ids
        if is_whole or not everyone:
            return everyone
        answers = self._ask_policy(everyone)
        allowed = [id_ for id_ in everyone if answers[id_]["allowed"]]
        if not self._is_test():
            return allowed
        # A sample is a share of those whom the campaign may reach or has reached, of whom
        # Odoo leaves out the latter.
        reached = self.campaign_id._get_mailing_recipients()
        reached = reached.get(self.campaign_id.id, set())
        share = Reachable({*allowed, *reached.intersection(everyone)})
        sample = super(
            MailingMailing, self.with_context(mailing_recipients=share)
        )._get_recipients()
        # Where it is sent again, for mails that failed: as many as are missing.
        size = max(int(len(share) / 100.0 * self.ab_testing_pc), 1)
        return sample[: max(size - len(self._mailed() & set(everyone)), 0)]

    def _mailed(self) -> set[int]:
        """The contacts who have been mailed; for the best of several mailings that were
        compared, also by the others."""
        mailings = self
        if self.ab_testing_enabled and self.ab_testing_is_winner_mailing:
            mailings |= self._get_ab_testing_siblings_mailings()
        traces = self.env["mailing.trace"].search_fetch(
            [("mass_mailing_id", "in", mailings.ids), ("model", "=", "res.partner")],
            ["res_id"],
        )
        return set(traces.mapped("res_id"))

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
        waiting = set(everyone._get_recipients()) - self._mailed()
        if not waiting:
            return None
        moments = [
            answer["date"]
            for answer in self._ask_policy(sorted(waiting)).values()
            if not answer["allowed"] and answer["date"]
        ]
        last = self._first_planned() + LONGEST_WAIT
        return min((each for each in moments if each <= last), default=None)

    def _first_planned(self):
        """The moment at which the mailing was to be sent first. Neither mails that were
        sent since nor waiting move it."""
        # sudo: whoever sends the mailing, see the field.
        mailing = self.sudo()
        if not mailing.waiting_since:
            now = fields.Datetime.now()
            mailing.waiting_since = min(mailing.schedule_date or now, now)
        return mailing.waiting_since

    def action_put_in_queue(self):
        # Somebody plans it anew.
        # sudo: as above.
        self.sudo().waiting_since = False
        return super().action_put_in_queue()

    def _wait_for_allowed(self):
        """Put mailings back into the queue until more of their customers may be mailed.

        One that goes to a sample has it with the first mails, and does not wait for more.

        :return: those that wait
        """
        waiting = self.browse()
        for mailing in self.filtered(lambda one: one._list()):
            if mailing._is_test() and mailing._mailed():
                continue
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
