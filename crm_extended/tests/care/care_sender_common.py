from .care_mail_common import CareMailCommon


class CareSenderCommon(CareMailCommon):
    """An agent with an address, and a target to be met."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.email = "agent@our.example"
        cls.agent.notification_type = "email"
        cls.sla(4, metric="first_response")

    def first(self, case):
        return case.message_ids.sorted("id")[0].message_id

    def answer(self, case, sender="asker@example.com", subject="Re: Help", **values):
        return self.receive(sender, subject, In_Reply_To=self.first(case), **values)

    def acknowledged(self, case):
        return bool(
            self.env["mail.mail"].search_count(
                [
                    ("model", "=", case._name),
                    ("res_id", "=", case.id),
                    ("headers", "like", "auto-replied"),
                ]
            )
        )

    def mails_to(self, case, address):
        """Mails about a case that go to somebody."""
        mails = self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)]
        )
        return mails.filtered(
            lambda mail: (
                address in (mail.email_to or "")
                or address in mail.recipient_ids.mapped("email")
            )
        )
