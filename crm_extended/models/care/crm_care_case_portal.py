from odoo import api, models
from odoo.fields import Domain

from .crm_care_case_complaint import CAUSE_AND_ACTION
from .crm_care_stage import CLOSED

# What customers may read of a case, and search, sort and group by. Everything else is
# the company's own: stages, targets, complaint analysis, who is assigned, notes.
# Without the token: whoever has it writes in the name of the customer.
PORTAL_READABLE = frozenset(
    {
        "id",
        "display_name",
        "active",
        "name",
        "number",
        "type",
        "outcome",
        "opened_date",
        "closed_date",
        "partner_id",
        "company_id",
        "access_url",
        "access_warning",
    }
)


class CrmCareCase(models.Model):
    """What customers see of their cases and may do with them."""

    _inherit = "crm.care.case"

    # -- Access

    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su:
            return True
        if self.env.user.share:
            return operation == "read" and field.name in PORTAL_READABLE
        return field.name != "access_token" or self.env.user.has_group(
            "crm_extended.group_care_agent"
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        # Odoo follows fields that lead to others as superuser, without asking for the
        # first: customers could find out what they cannot read.
        if not bypass_access:
            for condition in Domain(domain).iter_conditions():
                self._check_customer_asks(condition.field_expr)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _field_to_sql(self, alias, field_expr, query=None):
        self._check_customer_asks(field_expr)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _check_customer_asks(self, field_expr):
        field = self._fields.get(field_expr.partition(".")[0])
        if field and self.env.user.share and not self.env.su:
            self._check_field_access(field, "read")

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **kwargs):
        thread = super()._get_thread_with_access(thread_id, mode=mode, **kwargs)
        # Let in by a link, not by his own right. That is for customers, as long as the
        # team shows its cases, and not for staff who may only read.
        by_link = bool(thread) and thread.env.su and not self.env.su
        if by_link and (self.env.user._is_internal() or not thread._is_in_portal()):
            return self.browse()
        return thread

    def _get_share_url(
        self, redirect=False, signup_partner=False, pid=None, share_token=True
    ):
        # Whoever sees a case by his own right, in his company's name say, is not handed
        # what lets him write as the customer.
        if not self.env.su and self.env.user.share:
            share_token = False
        return super()._get_share_url(
            redirect=redirect,
            signup_partner=signup_partner,
            pid=pid,
            share_token=share_token,
        )

    def _is_in_portal(self) -> bool:
        """Whether the team of the case shows it to its customer."""
        self.ensure_one()
        # sudo: a setting of the team.
        case = self.sudo()
        return case.active and (not case.team_id or case.team_id.use_portal)

    # -- What the customer may do

    def _customer_can_close(self) -> bool:
        """Whether the customer may say that the case is solved.

        Not a complaint whose cause and action the team still wants.
        """
        self.ensure_one()
        if self.outcome in CLOSED or not self.env["crm.care.stage"]._first(
            self.team_id, "solved"
        ):
            return False
        return not (
            self.type == "complaint"
            and self.team_id.complaint_guard
            and not all(self[name] for name in CAUSE_AND_ACTION)
        )

    def _customer_can_reopen(self) -> bool:
        """Whether the customer may take the case up again, as an answer would."""
        self.ensure_one()
        return (
            self.outcome in CLOSED
            and not self.merged_into_id
            and not self._answers_too_late()
        )

    def _close_by_customer(self):
        """Mark the case as solved in the name of its customer."""
        self._track_set_author(self.partner_id)
        self._move("solved")
        self._tell_of_customer(
            self._in_language_of_staff()._("Closed by the customer in the portal.")
        )

    def _reopen_by_customer(self):
        """Open the case again in the name of its customer."""
        self._track_set_author(self.partner_id)
        self._take_up_by_answer()
        self._tell_of_customer(
            self._in_language_of_staff()._("Reopened by the customer in the portal.")
        )

    def _in_language_of_staff(self):
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.with_context(lang=lang).env

    def _tell_of_customer(self, body):
        # A notification: followers hear of it, and it is no answer of the customer.
        self.message_post(
            body=body,
            author_id=self.partner_id.id or None,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )
