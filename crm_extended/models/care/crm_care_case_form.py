from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_care_sla import METRICS
from .crm_care_stage import OPEN
from .groups import SEES_CASES, USE_CARE

# How long working hours are counted on after a deadline: looking up the hours of years
# would cost more than the figure tells.
LATE = timedelta(days=30)
# The message that opens a case comes with it; what comes later is an answer.
WITH_CASE = timedelta(minutes=1)
# Records of the customer shown of each kind.
SHOWN = 3


class CrmCareCase(models.Model):
    """What the form, and the countdown in each view, show beside the fields of a case:
    the customer's own words, the next target and the working time left, and what else
    there is of the customer."""

    _inherit = "crm.care.case"

    customer_text = fields.Html(
        string="Message of the Customer",
        compute="_compute_customer_text",
        help="The message by which the customer opened the case.",
    )
    sla_metric = fields.Selection(
        METRICS, string="Next Target", compute="_compute_sla_metric"
    )
    sla_hours_left = fields.Float(
        string="Working Hours Left",
        compute="_compute_sla_hours_left",
        aggregator=None,
        help="Working hours of the team until the next SLA target is due; below zero "
        "once it is overdue.",
    )

    # -- The customer's own words

    # The message never changes.
    @api.depends("create_date")
    def _compute_customer_text(self):
        # sudo: readers of a case read what the customer has written; notes are left out.
        messages = self.env["mail.message"].sudo()
        firsts = messages._read_group(
            [
                ("model", "=", self._name),
                ("res_id", "in", self._origin.ids),
                ("message_type", "in", ("email", "comment")),
                ("is_internal", "=", False),
                ("subtype_id.internal", "=", False),
            ],
            ["res_id"],
            ["id:min"],
        )
        message_of = {res_id: messages.browse(first) for res_id, first in firsts}
        for case in self:
            message = message_of.get(case._origin.id, messages)
            is_first = message and case._was_opened_by(message)
            case.customer_text = message.body if is_first else False

    def _was_opened_by(self, message) -> bool:
        """Whether a message is what the customer, or a colleague for them, has opened
        the case with, and not an answer to them."""
        if message.create_date > self.create_date + WITH_CASE:
            return False
        author = message.author_id
        return (
            message.message_type == "email"
            or not author
            or author.partner_share
            or author == self.partner_id
        )

    # -- The next target

    @api.depends("sla_result", "sla_status_ids.deadline", "sla_status_ids.reached_date")
    def _compute_sla_metric(self):
        for case in self:
            # sudo: as the deadline, it does not depend on the user.
            going = case.sudo().sla_status_ids.filtered(
                lambda status: status.deadline and not status.reached_date
            )
            following = going.sorted("deadline")[:1]
            case.sla_metric = case.sla_result == "ongoing" and following.metric

    @api.depends("sla_deadline", "sla_result", "team_id")
    def _compute_sla_hours_left(self):
        now = fields.Datetime.now()
        counted = self.filtered(
            lambda case: (
                case.sla_result == "ongoing"
                and case.sla_deadline
                and case.sla_deadline > now - LATE
            )
        )
        (self - counted).sla_hours_left = False
        # One look into each calendar, however many cases there are.
        for (calendar, company), cases in counted.grouped(
            # sudo: the hours of a team are no secret.
            lambda case: (
                case.team_id.sudo().resource_calendar_id,
                case.team_id.sudo().company_id,
            )
        ).items():
            time = calendar._care_time(min(now, *cases.mapped("sla_deadline")), company)
            for case in cases:
                left = time.worked(case.sla_deadline) - time.worked(now)
                case.sla_hours_left = left / 3600

    # -- What else there is of the customer

    @api.model
    @api.readonly
    def customer_records(self, partner_id, company_id=None, case_id=None) -> list[dict]:
        """The customer's other open cases, orders and invoices, the latest of each, as
        far as the user may read them. A few queries, whatever their number.

        :param int partner_id: the customer, or a contact of theirs
        :param int company_id: the company of the case; all current ones if left out
        :param int case_id: the case that is on the screen
        """
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not (
            partner
            and self.env["crm.feature"]._is_on("care")
            and self.env.user.has_groups(SEES_CASES)
            and partner.has_access("read")
        ):
            return []
        # sudo: which company the customer belongs to decides what is looked for; what is
        # found, the user must be allowed to read.
        entity = partner.sudo().commercial_partner_id
        companies = [company_id] if company_id else self.env.companies.ids
        kinds = [
            method(entity, Domain("company_id", "in", companies))
            for method in (
                lambda *args: self._other_cases(*args, case_id),
                self._customer_orders,
                self._customer_invoices,
            )
        ]
        return [kind for kind in kinds if kind and kind["records"]]

    def _other_cases(self, entity, domain, case_id):
        domain &= Domain("commercial_partner_id", "=", entity.id)
        domain &= Domain("outcome", "in", OPEN) & Domain("id", "!=", case_id or 0)
        return self._kind_of_record(
            self.env._("Other Open Cases"),
            self.env["crm.care.case"],
            domain,
            "opened_date desc, id desc",
            lambda case: {
                "name": case.number or "",
                "text": case.name,
                "state": case.stage_id.display_name or "",
                "is_late": case.sla_state == "failed",
            },
        )

    def _customer_orders(self, entity, domain):
        domain &= Domain("partner_id.commercial_partner_id", "=", entity.id)
        domain &= Domain("state", "!=", "cancel")
        orders = self.env["sale.order"]
        states = dict(orders._fields["state"]._description_selection(self.env))
        return self._kind_of_record(
            self.env._("Orders"),
            orders,
            domain,
            "date_order desc, id desc",
            lambda order: {
                "name": order.name,
                "date": fields.Date.to_string(
                    fields.Datetime.context_timestamp(order, order.date_order).date()
                ),
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "state": states.get(order.state, ""),
            },
        )

    def _customer_invoices(self, entity, domain):
        domain &= Domain("commercial_partner_id", "=", entity.id)
        domain &= Domain("state", "=", "posted")
        domain &= Domain("move_type", "in", ("out_invoice", "out_refund"))
        moves = self.env["account.move"]
        states = dict(moves._fields["payment_state"]._description_selection(self.env))
        today = fields.Date.context_today(self)
        return self._kind_of_record(
            self.env._("Invoices"),
            moves,
            domain,
            "invoice_date desc, id desc",
            lambda move: {
                "name": move.name,
                "date": fields.Date.to_string(move.invoice_date),
                "amount": move.amount_total_in_currency_signed,
                "currency_id": move.currency_id.id,
                "state": states.get(move.payment_state, ""),
                "is_late": bool(
                    move.amount_residual
                    and move.payment_state in ("not_paid", "partial")
                    and move.invoice_date_due
                    and move.invoice_date_due < today
                ),
            },
        )

    @api.model
    def _kind_of_record(self, title, records, domain, order, describe):
        """The latest records of a domain, described; None where the user reads none."""
        if not records.has_access("read"):
            return None
        # As the user: their record rules apply.
        found = records.search(domain, order=order, limit=SHOWN + 1)
        return {
            "title": title,
            "model": records._name,
            "domain": list(domain),
            "more": len(found) > SHOWN,
            "records": [
                {"id": record.id, **describe(record)} for record in found[:SHOWN]
            ],
        }

    # -- Interactions

    def action_log_interaction(self):
        """Open the dialog that logs an interaction about the case."""
        self.ensure_one()
        return self.env["crm.interaction"]._action_log(self)

    # -- Figures on the buttons of other records

    @api.model
    def _may_count(self) -> bool:
        """Whether the user sees numbers of cases."""
        user = self.env.user
        return user.has_group(USE_CARE) and user.has_groups(SEES_CASES)

    @api.model
    def _get_figures_of(self, name, record) -> dict:
        """The figure of the cases that are linked to a record, see
        :meth:`_get_customer_figures`.

        :param str name: the field of a case that links it
        """
        if not self._may_count():
            return {}
        # As the list that the button opens.
        return {"cases": lambda: self._count_figure(Domain(name, "=", record.id))}

    @api.model
    def _count_figure(self, domain) -> dict:
        counts = dict(self._read_group(domain, ["outcome"], ["__count"]))
        opened = sum(counts.get(outcome, 0) for outcome in OPEN)
        total = sum(counts.values())
        return {
            "label": self.env._("Cases"),
            "text": self.env._("%(open)s open / %(all)s", open=opened, all=total)
            if total
            else "0",
            "title": self.env._(
                "Open cases: %(open)s; all cases: %(all)s", open=opened, all=total
            ),
        }
