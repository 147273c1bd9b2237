"""Mails to a team in any encoding, from the gateway to the database."""

import base64

from ..interaction.test_mail_characters import SAMPLES, word
from .care_mail_common import COUNTER, CareMailCommon


class TestMailCharactersIn(CareMailCommon):
    def mail(
        self, subject, body=b"x", label="utf-8", sender=b"Jane", rest=b"", to=None
    ):
        head = b"From: %s <jane@example.org>\r\nTo: %s\r\nSubject: %s\r\n" % (
            sender,
            (to or self.address).encode(),
            subject,
        )
        head += b"Message-Id: <characters-%d@example.org>\r\n" % next(COUNTER)
        return head + (
            rest
            or b"Content-Type: text/plain; charset=%s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n%s"
            % (label.encode(), base64.b64encode(body))
        )

    def with_file(self, name, content, label):
        return (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain\r\n\r\nhello\x00\r\n--b\r\n"
            b"Content-Type: text/csv; charset=%s\r\n"
            b'Content-Disposition: attachment; filename="%s"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n"
        ) % (label, name, base64.b64encode(content))

    def test_subject_text_and_sender(self):
        for text, encoding, label in SAMPLES[:9]:
            with self.subTest(label):
                data = text.encode(encoding)
                case = self.process(
                    self.mail(word(label, data), data, label, word(label, data))
                )
                self.assertEqual(case.name, text)
                [message] = case.message_ids
                self.assertIn(text, message.body)
                self.assertIn(text, message.email_from)

    def test_nul_is_dropped_everywhere(self):
        content = b"a;\x00b"
        case = self.process(
            self.mail(
                b"=?utf-8?q?Bad=00?= o\x00ne",
                sender=b"=?utf-8?q?Ja=00ne?=",
                rest=b"Cc: =?utf-8?q?C=00?= <c@example.org>\r\nReferences: <a\x00@b>\r\n"
                + self.with_file(b"=?utf-8?q?a=00b.csv?=", content, b"utf-8"),
            )
        )
        self.assertEqual(case.name, "Bad one")
        self.assertEqual(case.email_from, '"Jane" <jane@example.org>')
        [message] = case.message_ids
        self.assertIn("hello", message.body)
        self.assertEqual(message.attachment_ids.name, "ab.csv")
        self.assertEqual(message.attachment_ids.raw, content, "a file is what it is")

    def test_files_are_kept_byte_by_byte(self):
        content = "Größe;20 €".encode("cp1252")
        for label in (b"us-ascii", b"utf-8", b"gb2312", b"x-no-such-thing", b'"'):
            with self.subTest(label):
                rest = self.with_file(b"list.csv", content, label)
                case = self.process(self.mail(b"File", rest=rest))
                self.assertEqual(case.message_ids.attachment_ids.raw, content)

    def test_mails_to_other_models(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "characters",
                "alias_domain_id": self.company_a.alias_domain_id.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        data = "陈镕".encode("gb18030")
        raw = self.mail(
            word("gb2312", data), data, "gb2312", to="characters@care.example.com"
        )
        lead_id = self.env["mail.thread"].message_process(False, raw)
        lead = self.env["crm.lead"].browse(lead_id)
        self.assertEqual(lead.name, "陈镕")
        self.assertIn("陈镕", lead.message_ids[-1].body)

    def test_the_original_is_kept_as_it_came(self):
        data = "陈镕".encode("gb18030")
        raw = self.mail(word("gb2312", data), data, "gb2312")
        self.env["mail.thread"].message_process(False, raw, save_original=True)
        case = self.env["crm.care.case"].search([("name", "=", "陈镕")], limit=1)
        [original] = case.message_ids.attachment_ids
        self.assertEqual(original.name, "original_email.eml")
        self.assertIn(word("gb2312", data), original.raw)
