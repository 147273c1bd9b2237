import itertools
from email.message import EmailMessage

from .common import CareCommon

COUNTER = itertools.count()


class CareMailCommon(CareCommon):
    """Mails come in at the address of the team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "care.example.com"})
        cls.company_a.alias_domain_id = domain
        cls.team.write({"alias_name": "care-help", "alias_domain_id": domain.id})
        cls.address = "care-help@care.example.com"

    def receive(
        self,
        sender="Stranger <stranger@example.org>",
        subject="Help",
        body="x",
        **headers,
    ):
        """Let a mail come in; gives the case it went to."""
        message = EmailMessage()
        message["From"] = sender
        message["To"] = headers.pop("to", self.address)
        message["Subject"] = subject
        message["Message-Id"] = f"<care-{next(COUNTER)}@example.org>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        return self.process(message.as_bytes())

    def process(self, raw):
        case_id = (
            self.env["mail.thread"]
            .with_context(mail_notify_force_send=False)
            .message_process(False, raw)
        )
        return self.env["crm.care.case"].browse(case_id or [])
