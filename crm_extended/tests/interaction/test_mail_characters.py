"""Mails in whatever encoding, under whatever name: read as browsers and mail programs
read them, and nothing in them gets lost."""

import base64
import email
import email.policy

from odoo.tests import BaseCase

from ...analytics.interaction.mail_characters import mend_headers, mend_texts
from ...analytics.interaction.text_encodings import read

# What people write, the encoding their program uses, and what it calls that.
SAMPLES = (
    ("陈镕的订单 – 喆", "gb18030", "gb2312"),
    ("喆", "gb18030", "GBK"),
    ("①株式会社髙島屋㈱～", "cp932", "Shift_JIS"),
    ("똠방각하 펲시콜라", "cp949", "euc-kr"),
    ("똠방각하", "cp949", "ks_c_5601-1987"),
    ("碁盤恒裏 €", "cp950", "big5"),
    ("嘅咗喺", "big5hkscs", "Big5"),
    ("“20 €” – naïve…", "cp1252", "iso-8859-1"),
    ("“20 €” – naïve…", "cp1252", "us-ascii"),
    ("ışık ğ €", "cp1254", "iso-8859-9"),
    ("สวัสดี…", "cp874", "tis-620"),
    ("Žluť", "iso8859-2", "latin2"),
    ("Grüße", "utf-8", "us-ascii"),
    ("Grüße", "utf-8", "unknown-8bit"),
    ("Grüße", "cp1252", "x-no-such-thing"),
    ("Grüße", "cp1252", "utf-8"),
)


def word(label, data):
    return b"=?%s?B?%s?=" % (label.encode(), base64.b64encode(data))


class TestTextEncodings(BaseCase):
    def test_names_mean_what_browsers_take_them_for(self):
        for text, encoding, label in SAMPLES:
            with self.subTest(label):
                self.assertEqual(read(text.encode(encoding), label), text)

    def test_bytes_that_mean_nothing_are_kept(self):
        self.assertEqual(read(b"\x81a\x9d", "iso-8859-1"), "\x81a\x9d")
        self.assertEqual(read(b"\x80", "gb2312"), "€")
        self.assertEqual(read(b"a\xffb", "gbk"), "a\ufffdb")

    def test_japanese_that_the_standards_lack(self):
        # Circled digits and (株) are Microsoft's, in all three encodings.
        self.assertEqual(read(b"\xad\xa1\xad\xea\x8e\xb1\xa1\xc1", "euc-jp"), "①㈱ｱ～")
        shifted = b"\x1b$B-!-j!A\x1b(B, \x1b(I1\x1b(B"
        self.assertEqual(read(shifted, "iso-2022-jp"), "①㈱～, ｱ")
        self.assertEqual(read(shifted, "us-ascii"), "①㈱～, ｱ")

    def test_every_name_reads_every_byte(self):
        names = "utf-7 utf-16 idna unicode_escape rot13 hex zlib undefined mbcs hz uu"
        for label in (*names.split(), "", "\ud800", "x" * 10_000, "a\0", None):
            for data in (bytes(range(256)), b"+2AA-", b"\\ud800", b""):
                text = read(data, label)
                self.assertNotIn("\0", text)
                text.encode()


class TestMailCharacters(BaseCase):
    def mend(self, raw):
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        mend_headers(message)
        mend_texts(message)
        return message

    def subject(self, raw, content_type=b"text/plain"):
        raw = b"Subject: %s\r\nContent-Type: %s\r\n\r\nx" % (raw, content_type)
        return self.mend(raw)["Subject"]

    def test_what_is_fine_stays_as_it_came(self):
        raw = (
            b"From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\n"
            b"Subject: a =?utf-8?b?w7Y=?=\r\n folded\r\nX-Empty:\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n\xc3\xb6\r\n"
            b"--b\r\nContent-Type: text/plain; charset=us-ascii\r\n"
            b"Content-Disposition: attachment; filename*=utf-8''%C3%B6.txt\r\n\r\n"
            b"x\r\n--b--\r\n"
        )
        message = email.message_from_bytes(raw, policy=email.policy.SMTP)
        before = [list(part.raw_items()) for part in message.walk()]
        mended = self.mend(raw)
        self.assertEqual([list(part.raw_items()) for part in mended.walk()], before)

    def test_characters_torn_apart(self):
        data = "打印机坏了".encode("gb18030")
        words = word("GB2312", data[:3]) + b"\r\n " + word("gb2312", data[3:])
        self.assertEqual(self.subject(b"Re: " + words), "Re: 打印机坏了")
        self.assertEqual(
            self.subject(
                b"=?iso-8859-1?q?=80_?= =?x-y?q?_What??= =?utf-8*de?q?=C3=A4?="
            ),
            "€  What?ä",
        )

    def test_a_header_that_does_not_say_what_it_is(self):
        for text, encoding, content_type in (
            ("打印机", "gb18030", b"text/plain; charset=gb2312"),
            ("打印机", "utf-8", b"text/plain; charset=gb2312"),
            ("Grüße", "cp1252", b"text/plain"),
            ("Grüße", "cp1252", b"text/plain; charset=utf-16"),
            ("テスト", "iso2022_jp", b"text/plain; charset=iso-2022-jp"),
        ):
            with self.subTest(text):
                self.assertEqual(
                    self.subject(text.encode(encoding), content_type), text
                )

    def test_line_breaks_are_blanks(self):
        self.assertEqual(self.subject(b"=?utf-8?q?a=0D=0Ab=E2=80=A8c?="), "a b c")
        self.assertEqual(self.subject(b"a\x0bb"), "a b")

    def test_names_with_commas_stay_one_name(self):
        name = word("gb2312", "张三, 李四 <x@example.com>".encode("gb18030"))
        message = self.mend(b"From: %s <z@example.org>\r\n\r\nx" % name)
        [address] = message["From"].addresses
        self.assertEqual(address.addr_spec, "z@example.org")
        self.assertEqual(address.display_name, "张三, 李四 <x@example.com>")

    def test_names_of_files(self):
        name = "打印 镕.txt".encode("gb18030")
        percent = "".join(f"%{byte:02X}" for byte in name).encode()
        for given in (
            b'="%s"' % word("gb2312", name),
            b'="%s"' % name,
            b"*=gb2312''%s" % percent,
            b"*0*=GB2312''%s; filename*1*=%s" % (percent[:9], percent[9:]),
        ):
            with self.subTest(given):
                raw = (
                    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                    b"Content-Type: text/plain; charset=gbk\r\n\r\nx\r\n--b\r\n"
                    b"Content-Type: application/pdf\r\n"
                    b"Content-Disposition: attachment; filename%s\r\n\r\nx\r\n--b--\r\n"
                ) % given
                part = list(self.mend(raw).walk())[2]
                self.assertEqual(part.get_filename(), "打印 镕.txt")

    def test_a_page_that_says_it_itself(self):
        raw = '<meta charset="gb2312"><p>镕</p>'.encode("gb18030")
        message = self.mend(b"Content-Type: text/html\r\n\r\n" + raw)
        self.assertIn("<p>镕</p>", message.get_content())

    def test_headers_made_to_take_long(self):
        for evil in (b"=?u?q? ", b"=?", b"; a*1*=x", b"(\x80", b"=?u?q?a?= "):
            self.mend(b"X-Evil: %s\r\n\r\nx" % (evil * 5_000))
