"""Mails put right before they are parsed: what stands in them in whatever encoding, and
under whatever name, is UTF-8 afterwards.

Only what Python's parser would lose, or what nobody can store, is touched.
"""

import base64
import re
from urllib.parse import quote, unquote_to_bytes

from .text_encodings import codec_of, is_utf_8, read

# A word of a header in another encoding (RFC 2047). Some put a question mark into it.
WORD = (
    r"=\?(?P<label>[^?\s]{0,80})\?(?P<kind>[bBqQ])\?"
    r"(?P<text>[^?]*(?:\?(?!=)[^?]*){0,3})\?="
)
ENCODED = re.compile(WORD)
# Several that only blanks separate are one text: a character may be torn apart.
RUN = re.compile(re.sub(r"\?P<\w+>", "?:", rf"{WORD}(?:\s*{WORD})*"))

# A parameter in pieces, or in another encoding (RFC 2231).
PARAMETER = re.compile(
    r";\s*(?P<name>[^\s;=*\"]{1,60})\*(?:(?P<number>\d{1,3})(?P<coded>\*)?)?\s*=\s*"
    r"(?P<value>\"[^\"]*\"|[^;\s]*)"
)
WITH_PARAMETERS = ("content-type", "content-disposition")

FOLD = re.compile(r"(?:\r\n|\r|\n)(?=[ \t])")
LINE_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# What a header is built with, but for addresses.
SPECIALS = re.compile(r"[()\[\]\\\":;=?]")
META = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE
)

# Beside what is shown: headers of the mail that a mail which came back was.
SHOWN = ("text/plain", "text/html", "text/rfc822-headers")


def one_line(text: str) -> str:
    """A text without line breaks: a blank stands where they were."""
    return LINE_BREAKS.sub(" ", text)


# -- Headers


def mend_headers(message):
    """Put right the headers of a mail and of its parts.

    :param email.message.EmailMessage message: as it came in, changed in place
    """
    hints = _labels_of_texts(message)
    for part in message.walk():
        headers = list(part.raw_items())
        mended = [
            (name, _mend_header(name, value, hints, part.policy))
            for name, value in headers
        ]
        if mended != headers:
            for name in {name for name, _value in headers}:
                del part[name]
            for name, value in mended:
                part.set_raw(name, value)


def _labels_of_texts(message) -> list[str]:
    """What the texts of a mail say that they are written in."""
    labels = [
        _label(part) for part in message.walk() if part.get_content_maintype() == "text"
    ]
    return [label for label in labels if label and not is_utf_8(label)]


def _mend_header(name, value, hints, policy):
    if not isinstance(value, str) or _is_fine(name, value):
        return value
    # What was no ASCII, Python keeps as halves of characters.
    data = FOLD.sub("", value).encode("utf-8", "surrogateescape")
    text = one_line(read(data, None, hints))
    mended = _mend_words(name, text, hints)
    if not _is_harmless(name, mended, policy):
        # Python takes for a word what is none.
        mended = _mend_words(name, text, hints, rest=("=?", "= ?"))
    if not _is_harmless(name, mended, policy):
        mended = SPECIALS.sub(" ", text)
    return mended


def _mend_words(name, text, hints, rest=("", "")) -> str:
    """Write encoded words and parameters in UTF-8.

    :param rest: what stands between them, and is replaced by what
    """
    found, end = [], 0
    for run in RUN.finditer(text):
        found += [
            text[end : run.start()].replace(*rest),
            _encoded_word(_read_words(run[0], hints)),
        ]
        end = run.end()
    text = "".join(found) + text[end:].replace(*rest)
    return _mend_parameters(text, hints) if name.lower() in WITH_PARAMETERS else text


def _is_harmless(name, value, policy) -> bool:
    """Whether what Python's parser makes of a header can be stored."""
    try:
        parsed = policy.header_fetch_parse(name, value)
        texts = [parsed, *getattr(parsed, "params", {}).values()]
    # It stumbles over some in ways of its own.
    except (AttributeError, IndexError, TypeError, ValueError):
        return False
    return not any("\0" in text or LINE_BREAKS.search(text) for text in texts)


def _is_fine(name, value) -> bool:
    """Whether Python's parser reads a header as it is meant."""
    if not value.isascii() or "\0" in value or "\x1b" in value:
        return False
    if LINE_BREAKS.search(FOLD.sub("", value)):
        return False
    if name.lower() in WITH_PARAMETERS and not all(
        map(_is_fine_parameter, PARAMETER.finditer(value))
    ):
        return False
    if "=?" in ENCODED.sub("", value):
        # A word that is none: Python may take it for one.
        return False
    return all(map(_is_fine_word, ENCODED.finditer(value)))


def _is_fine_word(word) -> bool:
    if not is_utf_8(word["label"].partition("*")[0]):
        return False
    return _is_fine_text(_bytes_of(word))


def _is_fine_parameter(piece) -> bool:
    if piece["number"] or piece["value"].count("'") < 2:
        return False
    label, _language, text = piece["value"].split("'", 2)
    return is_utf_8(label) and _is_fine_text(unquote_to_bytes(text))


def _is_fine_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\0" not in text and not LINE_BREAKS.search(text)


def _bytes_of(word) -> bytes:
    text = word["text"].encode("utf-8", "surrogateescape")
    if word["kind"] in "bB":
        return b"".join(map(_from_base64, text.split(b"=")))
    return re.sub(
        rb"=([0-9A-Fa-f]{2})",
        lambda code: bytes([int(code[1], 16)]),
        text.replace(b"_", b" "),
    )


def _from_base64(text: bytes) -> bytes:
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64decode(digits + b"=" * (-len(digits) % 4))


def _read_words(run: str, hints) -> str:
    """The text of encoded words one after the other."""
    texts, label, data = [], None, b""
    for word in ENCODED.finditer(run):
        # A language may follow the name (RFC 2231).
        next_label = word["label"].partition("*")[0].lower()
        if next_label != label:
            texts.append(read(data, label, hints))
            label, data = next_label, b""
        data += _bytes_of(word)
    texts.append(read(data, label, hints))
    return one_line("".join(texts))


def _encoded_word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?=" if text else ""


def _mend_parameters(value: str, hints) -> str:
    """Join the pieces of parameters, and write them in UTF-8."""
    pieces = {}
    for piece in PARAMETER.finditer(value):
        pieces.setdefault(piece["name"].lower(), []).append(piece)
    value = PARAMETER.sub("", value)
    for name, found in pieces.items():
        label, data = None, b""
        found.sort(key=lambda piece: int(piece["number"] or 0))
        for piece in found:
            text = piece["value"].strip('"')
            if piece["number"] is None or piece["coded"]:
                if piece is found[0] and text.count("'") >= 2:
                    label, _language, text = text.split("'", 2)
                data += unquote_to_bytes(text)
            else:
                data += text.encode("utf-8", "surrogateescape")
        text = quote(one_line(read(data, label, hints)), safe="")
        value += f"; {name}*=utf-8''{text}"
    return value


# -- Texts


def mend_texts(message):
    """Put right the texts of a mail that are shown, and files of which nobody knows how
    to read them.

    :param email.message.EmailMessage message: changed in place
    """
    hints = _labels_of_texts(message)
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        if part is not message and _is_file(part):
            if not _python_reads(part):
                _set_label(part, "utf-8")
        else:
            _mend_text(part, hints)


def _is_file(part) -> bool:
    return (
        part.get_content_type() not in SHOWN
        or bool(part.get_filename())
        or str(part.get("Content-Disposition", "")).strip().startswith("attachment")
    )


def _label(part) -> str | None:
    label = part.get_param("charset")
    # With a language, it comes in three.
    return label[2] if isinstance(label, tuple) else label


def _set_label(part, label):
    name = part.get_filename()
    part.set_param("charset", label)
    if _label(part) != label:
        # What stands there is no list of parameters.
        content_type = part.get_content_type()
        del part["Content-Type"]
        part["Content-Type"] = f'{content_type}; charset="{label}"'
        if name != part.get_filename():
            part.set_param("name", name)


def _python_reads(part) -> bool:
    label = _label(part)
    if label is None:
        return True
    try:
        # Tried, because some that Python knows are of no text.
        b"\xff\x00a".decode(label, "replace")
    except (LookupError, ValueError):
        return False
    return True


def _mend_text(part, hints):
    data = part.get_payload(decode=True) or b""
    label = _label(part)
    if label is None and data.isascii() and b"\0" not in data and b"\x1b" not in data:
        return
    is_unnamed_page = part.get_content_type() == "text/html" and not codec_of(label)
    if is_unnamed_page and (meta := META.search(data[:2048])):
        hints = [meta[1].decode("ascii", "replace"), *hints]
    text = read(data, label, hints)
    if label and _python_reads(part) and data.decode(label, "replace") == text:
        return
    content_type = part.get_content_type()
    for name in ("Content-Type", "Content-Transfer-Encoding"):
        del part[name]
    part["Content-Type"] = f'{content_type}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(text.encode()).decode("ascii"))


# -- Files


def damaged_files(message) -> list:
    """Files of text that would not be kept as they are: read by an encoding that is not
    theirs, and written again.

    :return: parts of the mail
    """
    return [
        part
        for part in message.walk()
        if part is not message
        and part.get_content_maintype() == "text"
        and _is_file(part)
        and not _survives(part)
    ]


def _survives(part) -> bool:
    data, label = part.get_payload(decode=True) or b"", _label(part) or "utf-8"
    try:
        return data.decode(label).encode(label) == data
    except (LookupError, ValueError):
        return False


def keep_bytes(part):
    """Let a file be read and written byte by byte."""
    _set_label(part, "iso-8859-1")
