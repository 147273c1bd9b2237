from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.crm_extended.models.timeline import TimelineSource


@dataclass(kw_only=True)
class MailingSource(TimelineSource):
    """Mailings to the customers' records, or to their addresses on a mailing list."""

    def links_domain(self, scope):
        domains = [
            Domain("model", "=", model) & Domain("res_id", "in", ids)
            for model, ids in scope.documents.items()
        ]
        addresses = set(scope.partners.mapped("email_normalized")) - {False}
        if addresses:
            domains.append(Domain("email", "in", sorted(addresses)))
        return Domain.OR(domains)


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    _timeline_index = models.Index("(model, res_id)")
    _timeline_email_index = models.Index("(email) WHERE email IS NOT NULL")


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _timeline_sources(self):
        return {
            **super()._timeline_sources(),
            "mailing": MailingSource(
                model="mailing.trace",
                kind="mailing",
                label=self.env._("Mailings"),
                icon="fa-bullhorn",
                date="sent_datetime",
                # Emails of care plans are among the emails.
                domain=[
                    ("is_test_trace", "=", False),
                    ("model", "!=", "crm.care.enrollment"),
                ],
                links={},
                title=self._mailing_title,
                search=("mass_mailing_id.subject",),
                author=None,
                state=self._mailing_state,
                direction="out",
                fields=("mass_mailing_id", "trace_status", "links_click_datetime"),
            ),
        }

    @staticmethod
    def _mailing_title(trace):
        # sudo: the subject of what the customer was sent, to who may see that he was.
        return trace.sudo().mass_mailing_id.subject

    @staticmethod
    def _mailing_state(trace):
        """The furthest that it came."""
        if trace.links_click_datetime:
            return {"label": trace.env._("Clicked"), "color": "success"}
        labels = trace._fields["trace_status"]._description_selection(trace.env)
        colors = {"open": "success", "reply": "success"}
        colors.update(dict.fromkeys(("bounce", "error"), "danger"))
        return {
            "label": dict(labels)[trace.trace_status],
            "color": colors.get(trace.trace_status, "info"),
        }
