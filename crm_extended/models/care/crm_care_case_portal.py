import hashlib
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from .crm_care_case import CAUSE_AND_ACTION
from .crm_care_stage import CLOSED

# What customers may read of a case, and search, sort and group by. Everything else is
# the company's own: stages, targets, complaint analysis, who is assigned, notes.
# Without the token: its holder writes in the name of the customer.
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

# The same words by the same person within this time are the same case, where it is not
# known whether the form was opened again in between.
SAME_WORDS = timedelta(minutes=10)


class CrmCareCase(models.Model):
    """What customers see of their cases and may do with them, and the forms they send."""

    _inherit = "crm.care.case"

    # No user reads or writes it: setting it would swallow the form of another person.
    submission_key = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _submission_index = models.UniqueIndex(
        "(submission_key) WHERE submission_key IS NOT NULL"
    )

    # -- Access

    def _is_open_to_customers(self, field, operation) -> bool:
        """Whether customers may use a field; the token is for agents."""
        if self.env.su:
            return True
        # Not "share", which would be a query in each request.
        if not self.env.user._is_internal():
            return operation == "read" and field.name in PORTAL_READABLE
        return field.name != "access_token" or self.env.user.has_group(
            "crm_extended.group_care_agent"
        )

    @api.model
    def _check_customer_asks(self, field_expr):
        """:raise AccessError: where customers ask for what they may not read"""
        field = self._fields.get(field_expr.partition(".")[0])
        if field and not self.env.su and not self.env.user._is_internal():
            self._check_field_access(field, "read")

    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **kwargs):
        thread = super()._get_thread_with_access(thread_id, mode=mode, **kwargs)
        # Let in by a link, not by the user's own rights. That is for customers, as long
        # as the team shows its cases, and not for staff who may only read.
        by_link = bool(thread) and thread.env.su and not self.env.su
        if by_link and (self.env.user._is_internal() or not thread._is_in_portal()):
            return self.browse()
        return thread

    def _get_share_url(
        self, redirect=False, signup_partner=False, pid=None, share_token=True
    ):
        # Users who see a case by their own rights, as colleagues of the customer say, do
        # not get the token to write as the customer.
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

        Not a complaint for which the team still requires a cause and an action.
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
        """Whether the customer may reopen the case, as an answer would."""
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
        self._notify_followers(
            self._in_language_of_staff()._("Closed by the customer in the portal.")
        )

    def _reopen_by_customer(self):
        """Open the case again in the name of its customer."""
        self._track_set_author(self.partner_id)
        self._reopen_by_answer()
        self._notify_followers(
            self._in_language_of_staff()._("Reopened by the customer in the portal.")
        )

    def _in_language_of_staff(self):
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.with_context(lang=lang).env

    def _notify_followers(self, body):
        # A notification: followers get it, and it does not count as an answer.
        self.message_post(
            body=body,
            author_id=self.partner_id.id or None,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )

    # -- Forms that are sent twice open one case. People click twice, browsers and proxies
    # repeat a request that was not answered. A digest of what was sent is kept with the
    # case it opened; the index decides between two requests at the same moment.

    def _submission_key(self, token, *content) -> str:
        """The digest that identifies a form with this content.

        :param str token: of the form as it was opened, so that the same words in a form
            that was opened again are another case
        :param content: texts, numbers, bytes of files: all that was sent
        """
        digest = hashlib.sha256()
        # With the user: the token alone is of no use to others.
        for part in (self.env.uid, token or "", *content):
            data = part if isinstance(part, bytes) else str(part).encode()
            digest.update(b"%d:%b" % (len(data), data))
        return digest.hexdigest()

    def _submitted_case(self, key, only_recent):
        """The case that the same form has opened already; none if it has not."""
        # sudo: sending the form again shows no more of the case than the first time.
        cases = self.sudo().with_context(active_test=False)
        case = cases.search([("submission_key", "=", key)])
        since = fields.Datetime.now() - SAME_WORDS
        if case and only_recent and case.create_date < since:
            case.submission_key = False
            # Before another case gets the key.
            case.flush_recordset(["submission_key"])
            return case.browse()
        return case

    def _create_submitted(self, values):
        """Open a case by a form, as the user that self has.

        :raise ConcurrencyError: if another request with the same form was quicker: Odoo
            calls the controller again, which then finds its case
        """
        try:
            return self.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError(
                self.env._("The same form is being sent by another request.")
            ) from error
