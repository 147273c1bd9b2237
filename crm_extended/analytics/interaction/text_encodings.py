"""Reading bytes as browsers and mail programs do, by the name their sender gave them.

Senders name encodings by what they grew out of: Windows-1252 calls itself ISO-8859-1, and
GBK gb2312. The encoding standard (https://encoding.spec.whatwg.org) says what is meant by
each name; Python takes names literally and loses what they do not cover.
"""

import codecs
import re
from contextlib import suppress

# The names of the standard by the codec that reads them. Those in UPPER CASE are here.
NAMES = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2"
    " iso_8859-2:1987 l2 latin2",
    "iso8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3"
    " iso_8859-3:1988 l3 latin3",
    "iso8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4"
    " iso_8859-4:1988 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595"
    " iso_8859-5 iso_8859-5:1988",
    "iso8859-6": "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114"
    " iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6"
    " iso_8859-6:1987",
    "iso8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126"
    " iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek",
    "iso8859-8": "csiso88598e csiso88598i csisolatinhebrew hebrew iso-8859-8"
    " iso-8859-8-e iso-8859-8-i iso-ir-138 iso8859-8 iso88598 iso_8859-8"
    " iso_8859-8:1988 logical visual",
    "iso8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "mac-roman": "csmacintosh mac macintosh x-mac-roman",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1"
    " iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii"
    " windows-1252 x-cp1252",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9"
    " iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "GBK": "chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk"
    " iso-ir-58 x-gbk",
    "BIG5": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "EUC-JP": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "ISO-2022-JP": "csiso2022jp iso-2022-jp",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987"
    " ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
    "utf-16-be": "unicodefffe utf-16be",
    # With a mark of the order of bytes, that.
    "utf-16": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
}
CODECS = {label: codec for codec, labels in NAMES.items() for label in labels.split()}

# The names that mails use beside those of the standard, as Python knows them.
KIN = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "GBK",
    "gbk": "GBK",
    "gb18030": "GBK",
    "big5": "BIG5",
    "big5hkscs": "BIG5",
    "cp950": "BIG5",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "iso2022_jp_1": "ISO-2022-JP",
    "iso2022_jp_ext": "ISO-2022-JP",
    "utf-8-sig": "utf-8",
}
# Names of Microsoft's that Python does not know.
CODECS |= {
    "cp936": "GBK",
    "ms936": "GBK",
    "windows-936": "GBK",
    "windows-932": "cp932",
    "ms949": "cp949",
    "windows-950": "BIG5",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
}

# Who says this, says nothing about bytes beyond ASCII.
NOTHING_SAID = frozenset(
    {"", "ascii", "us-ascii", "ansi_x3.4-1968", "unknown-8bit", "8bit", "7bit"}
)

# Codecs of Python that are of no text that anybody sends.
STRANGE = frozenset(
    {
        "charmap",
        "idna",
        "mbcs",
        "oem",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
        "unicode_internal",
    }
)

LONG = 10_000
LOST = "\N{REPLACEMENT CHARACTER}"

# What GB 18030 has moved from private use to characters of their own since 2000.
MOVED = {
    0xE78D: 0xFE10,
    0xE78E: 0xFE12,
    0xE78F: 0xFE11,
    **dict(zip(range(0xE790, 0xE797), range(0xFE13, 0xFE1A), strict=True)),
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE832: 0x9FB8,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE864: 0x9FBB,
}

# What no text can be stored with, or sent on: half of a character.
HALF = re.compile("[\ud800-\udfff]")

EUC_JP = re.compile(
    rb"(?P<kanji>(?:[\xa1-\xfe]{2})+)|(?P<more>\x8f[\xa1-\xfe]{2})"
    rb"|\x8e(?P<kana>[\xa1-\xdf])|(?P<plain>[\x00-\x7f]+)|.",
    re.DOTALL,
)
SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
SHIFT = re.compile(rb"\x1b(\([ABHIJ]|\$[@B]|\$\([@BD])")
PAIRS = re.compile(rb"(?:[\x21-\x7e]{2})+|.", re.DOTALL)


def codec_of(label: str | None) -> str | None:
    """What reads the encoding of a name; none for names that say nothing."""
    label = (label or "").strip("\"' \t\r\n").lower()
    if label in NOTHING_SAID:
        return None
    if known := CODECS.get(label) or CODECS.get(label.replace("_", "-")):
        return known
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # Others make bytes of bytes.
    if not getattr(found, "_is_text_encoding", True) or found.name in STRANGE:
        return None
    return KIN.get(found.name, found.name)


def read(data: bytes, label: str | None = None, hints=()) -> str:
    """The text that some bytes are.

    :param str label: what their sender calls the encoding
    :param hints: names of other encodings that it might be, where that says nothing
    """
    codec = codec_of(label)
    if codec == "utf-8":
        return _clean(_read_utf_8(data, hints))
    if codec:
        # Some do not stand what is no text of theirs.
        with suppress(LookupError, ValueError):
            return _clean(_read_by(codec, data, "crm_extended.lenient"))
    return _clean(_guess(data, hints))


def _clean(text: str) -> str:
    """Without what can be neither stored nor seen."""
    return HALF.sub(LOST, text.replace("\0", ""))


def _read_by(codec: str, data: bytes, errors: str) -> str:
    reader, plain = READERS.get(codec, (None, codec))
    if errors != "strict" and len(data) > LONG:
        # What is mostly no text in this encoding is not read letter by letter.
        rough = data.decode(plain, "replace")
        if rough.count(LOST) > len(data) // 8:
            return rough
    return reader(data, errors) if reader else data.decode(plain, errors)


def _read_utf_8(data: bytes, hints) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        if data.decode(errors="ignore").isascii():
            # Nothing in it is UTF-8.
            return _guess(data, hints)
        return data.decode(errors="replace")


def _guess(data: bytes, hints=()) -> str:
    """What mail programs make of bytes of which nothing is said: nothing is lost."""
    if b"\x1b$" in data and data.isascii() and SHIFT.search(data):
        with suppress(UnicodeDecodeError):
            return _read_iso_2022_jp(data, "strict")
    for codec in ("utf-8", *map(codec_of, hints)):
        try:
            # Not those whose letters are other bytes: they make something of anything.
            if codec and _read_by(codec, b"<a@b>", "strict") == "<a@b>":
                return _read_by(codec, data, "strict")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "crm_extended.lenient")


def is_utf_8(label: str | None) -> bool:
    return codec_of(label) == "utf-8"


# -- What the codecs do not know


def _lenient(error):
    """Read what a codec of Python lacks as the standard does: a byte for a control
    character, and a sign for what is nothing.

    :return: what is put in its place, and where to go on
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data, start, codec = error.object, error.start, error.encoding.replace("_", "-")
    byte = data[start]
    if codec == "gb18030" and byte == 0x80:
        return "€", start + 1
    if codec == "cp950":
        with suppress(UnicodeDecodeError):
            return data[start : start + 2].decode("big5hkscs"), start + 2
    if codec in ("charmap", "cp932", "cp949", "cp950", "gb18030"):
        if codec == "charmap":
            return chr(byte) if byte < 0xA0 else LOST, start + 1
        # What follows a broken first half and can stand alone, does.
        follows = data[start + 1 : start + 2]
        alone = byte in (0x80, 0xFF) or not follows or follows.isascii()
        return LOST, start + (1 if alone else 2)
    return LOST, max(error.end, start + 1)


codecs.register_error("crm_extended.lenient", _lenient)


def _read_gbk(data: bytes, errors: str) -> str:
    return data.decode("gb18030", errors).translate(MOVED)


def _read_big5(data: bytes, errors: str) -> str:
    """Microsoft's, and where it has nothing, Hong Kong's."""
    try:
        return data.decode("cp950")
    except UnicodeDecodeError:
        return data.decode("big5hkscs" if errors == "strict" else "cp950", errors)


def _read_jis(pairs: bytes, errors: str) -> str:
    """JIS X 0208 as Microsoft fills it up: by the same table as Shift_JIS."""
    shifted = bytearray()
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        row, cell = first - 0x21, second - 0x21
        shifted.append(row // 2 + (0x81 if row < 62 else 0xC1))
        if row % 2:
            shifted.append(cell + 0x9F)
        else:
            shifted.append(cell + (0x40 if cell < 63 else 0x41))
    return shifted.decode("cp932", errors)


def _read_euc_jp(data: bytes, errors: str) -> str:
    found = []
    for token in EUC_JP.finditer(data):
        if token["kanji"]:
            found.append(_read_jis(token["kanji"].translate(SEVEN_BITS), errors))
        elif token["more"]:
            found.append(token["more"].decode("euc_jp", errors))
        elif token["kana"]:
            found.append(chr(token["kana"][0] - 0xA1 + 0xFF61))
        else:
            found.append((token["plain"] or token[0]).decode("ascii", errors))
    return "".join(found)


def _read_iso_2022_jp(data: bytes, errors: str) -> str:
    first, *rest = SHIFT.split(data)
    # Where it forgets to shift, it is Shift_JIS.
    found = [first.decode("cp932", errors)]
    for shift, part in zip(rest[::2], rest[1::2], strict=True):
        if shift in (b"$@", b"$B", b"$(@", b"$(B", b"$(D"):
            for token in PAIRS.findall(part):
                if len(token) == 1:
                    found.append(token.decode("cp932", errors))
                elif shift == b"$(D":
                    more = (b"\x8f%c%c" % (a | 0x80, b | 0x80) for a, b in _two(token))
                    found.append(b"".join(more).decode("euc_jp", errors))
                else:
                    found.append(_read_jis(token, errors))
        elif shift == b"(I":
            found += [chr(b - 0x21 + 0xFF61) if b > 0x20 else chr(b) for b in part]
        elif shift in (b"(J", b"(H"):
            found.append(part.decode("cp932", errors).translate({0x5C: "¥", 0x7E: "‾"}))
        else:
            found.append(part.decode("cp932", errors))
    return "".join(found)


def _two(pairs: bytes):
    return zip(pairs[::2], pairs[1::2], strict=True)


# By our name of a codec: what reads it, and the next best of Python's.
READERS = {
    "GBK": (_read_gbk, "gb18030"),
    "BIG5": (_read_big5, "cp950"),
    "EUC-JP": (_read_euc_jp, "euc_jp"),
    "ISO-2022-JP": (_read_iso_2022_jp, "iso2022_jp_ext"),
}
