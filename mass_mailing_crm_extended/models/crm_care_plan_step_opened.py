from odoo import fields, models
from odoo.tools import SQL

OPENED = [
    ("opened", "They opened the email (weak evidence)"),
    ("not_opened", "They did not open the email (weak evidence)"),
    ("clicked", "They clicked a link in the email (weak evidence)"),
    ("not_clicked", "They clicked no link in the email (weak evidence)"),
]


class CrmCarePlanStep(models.Model):
    """A part of steps: whether customers opened an email of the plan, as far as Odoo's
    trackers know. Only emails that are asked about are tracked."""

    _inherit = "crm.care.plan.step"

    condition = fields.Selection(
        selection_add=OPENED,
        # Without it, what is left to go by is whether they answered.
        ondelete={
            "opened": lambda steps: steps._write({"condition": "answered"}),
            "not_opened": lambda steps: steps._write({"condition": "not_answered"}),
            "clicked": lambda steps: steps._write({"condition": "answered"}),
            "not_clicked": lambda steps: steps._write({"condition": "not_answered"}),
        },
        help="Since the step that it is about, or since enrollment. Whether an email was "
        "opened is weak evidence: many mail programs load pictures by themselves, or "
        "never, and some follow links to check them.",
    )

    def _is_tracked(self) -> bool:
        """Whether a step after this one asks whether its email was opened."""
        asking = self.version_id.step_ids.filtered(
            lambda step: (
                step.condition in dict(OPENED)
                and step.condition_step_id in (self, self.browse())
            )
        )
        return bool(asking)

    def _queue_mails(self, contacts, of_contact):
        queued = super()._queue_mails(contacts, of_contact)
        if not self._is_tracked():
            return queued
        mails = self.env["mail.mail"].search(
            [("mail_message_id", "in", [m["mail_message_id"] for m in queued.values()])]
        )
        of_message = {mail.mail_message_id.id: mail for mail in mails}
        traces = self.env["mailing.trace"].create(
            [
                {
                    "model": "crm.care.enrollment",
                    "res_id": of_contact[id_].id,
                    "mail_mail_id": of_message[made["mail_message_id"]].id,
                    "message_id": of_message[made["mail_message_id"]].message_id,
                    "email": contacts.browse(id_).email_normalized,
                }
                for id_, made in queued.items()
            ]
        )
        for mail in mails:
            mail.body_html = self.env["mail.render.mixin"]._shorten_links(
                mail.body_html, {}, blacklist=["/unsubscribe_from_list", "/view"]
            )
        return {
            id_: {**made, "mailing_trace_id": trace.id}
            for (id_, made), trace in zip(queued.items(), traces, strict=True)
        }

    def _found_opened(self, enrollments, since):
        return self._found_traced(enrollments, SQL("trace.open_datetime IS NOT NULL"))

    def _found_clicked(self, enrollments, since):
        return self._found_traced(
            enrollments, SQL("trace.links_click_datetime IS NOT NULL")
        )

    def _found_traced(self, enrollments, condition):
        for name in ("crm.care.enrollment.step", "mailing.trace"):
            self.env[name].flush_model()
        step = self.condition_step_id
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT line.enrollment_id
                  FROM crm_care_enrollment_step AS line
                  JOIN mailing_trace AS trace ON trace.id = line.mailing_trace_id
                 WHERE line.enrollment_id = ANY(%s) AND %s AND %s
                """,
                enrollments.ids,
                SQL("line.step_id = ANY(%s)", step._in_all_versions().ids)
                if step
                else SQL("TRUE"),
                condition,
            )
        )
        return enrollments.browse([id_ for [id_] in rows])
