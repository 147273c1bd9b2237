import re

from odoo import models, tools


class MailMail(models.Model):
    """Emails of care plans are tracked as Odoo tracks those of mailings, where a step asks
    whether they were opened."""

    _inherit = "mail.mail"

    def _care_plan_traces(self):
        traces = self.filtered(lambda mail: not mail.mailing_id).mailing_trace_ids
        return traces.filtered(lambda trace: trace.model == "crm.care.enrollment")

    def _prepare_outgoing_body(self):
        body = super()._prepare_outgoing_body()
        trace = self._care_plan_traces()[:1]
        if not body or not trace:
            return body
        wrapper = body.__class__
        for href, url in set(re.findall(tools.mail.URL_REGEX, body)):
            if "/r/" in url:
                tracked = href.replace(url, f"{url}/m/{trace.id}")
                body = body.replace(wrapper(href), wrapper(tracked))
        return tools.mail.append_content_to_html(
            body, f'<img src="{self._get_tracking_url()}"/>', plaintext=False
        )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        traces = self._care_plan_traces()
        if failure_type:
            traces.set_failed(failure_type=failure_type)
        else:
            traces.set_sent()
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
