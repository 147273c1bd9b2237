"""The text that the sender of a mail wrote: without quotation and signature."""

import re

from lxml import etree, html

BLOCKS = {
    "address", "article", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "td",
    "tr", "ul",
}  # fmt: skip
HIDDEN = {"head", "script", "style", "title"}
# A quotation that was left out, as plain mails mark one.
QUOTED = "\n> \n"
# From here on Outlook quotes, without any other mark.
OUTLOOK = {"divRplyFwdMsg", "appendonsend"}

DASHES = r"[-_=—–*]{2,}"
# Everything that follows one of these is a quotation.
QUOTATION = re.compile(
    rf"""^\s*(
        {DASHES}\s*(original|forwarded|reply|原始|原邮件|原始邮件|回复|回復|转发|轉發|邮件原文)
        .*{DASHES}
      | begin\ forwarded\ message:?
      | [-_]{{10,}}
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# Two of these close to each other are the head of a quotation.
HEAD = re.compile(
    r"""^[\s*]*(
        from|sent|date|to|cc|subject|reply-to
      | 发件人|寄件者|寄件人|發件人|发送时间|發送時間|寄件日期|日期|时间|時間
      | 收件人|收件者|抄送|副本|主题|主題|主旨
    )[\s*]*[:：]""",
    re.IGNORECASE | re.VERBOSE,
)
# Who wrote what follows, on one or two lines.
ATTRIBUTION = re.compile(
    r"""^[^\S\n]*(
        on\b[^\n]{4,200}(\n[^\n]{1,200})?wrote\s*:
      | at\ [^\n]{4,200}(\n[^\n]{1,200})?wrote\s*:
      | [^\n]{0,200}(在|于|於|@)[^\n]{0,200}(\n[^\n]{1,200})?(写道|寫道|写到)\s*[:：]
    )[^\S\n]*$""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
DELIMITER = re.compile(r"\s*(--|—|–|__)\s*")
DEVICE = re.compile(
    r"""\s*[<\[(]?(
        sent\ (from|via|with)\ (my|mail|outlook|gmail|yahoo|proton|samsung|mailbird)\b.{0,40}
      | get\ outlook\ for\b.{0,40}
      | (发自|發自|来自|來自)我的.{1,20}
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)


def own_words(body) -> tuple[str, bool]:
    """The lines that the sender wrote, and whether there is a picture among them.

    :param body: HTML of a mail, whatever program wrote it
    """
    try:
        root = html.fragment_fromstring(str(body or ""), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return "", False
    pieces = []
    _collect(root, pieces)
    text = "".join(pieces).replace("\r", "\n").replace("\xa0", " ")
    lines = _without_quotation(text)
    lines = _without_signature(lines)
    text = "\n".join(lines).strip()
    return text.replace("\ufffc", ""), "\ufffc" in text


def _collect(root, pieces):
    """Walk through the elements; without recursion, as mails nest them at will."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        if node.get("id") in OUTLOOK:
            pieces.append(f"\n{'_' * 20}\n")
            return
        inside = isinstance(node.tag, str) and node.tag not in HIDDEN
        after = []
        if node.tail and node is not root:
            after = [node.tail if _in_pre(node) else _spaced(node.tail)]
        if inside and _is_quote(node):
            pieces.append(QUOTED)
        elif inside and node.tag == "img":
            # Pictures of faces have them as text.
            alt = node.get("alt") or ""
            pieces.append(alt if 0 < len(alt) <= 4 and not alt.isascii() else "\ufffc")
        elif inside:
            space = ["\n"] if node.tag in BLOCKS else []
            text = [node.text] if node.text else []
            if text and node.tag != "pre" and not _in_pre(node):
                text = [_spaced(node.text)]
            stack.extend(after)
            stack.extend(space if node.tag != "br" else [])
            stack.extend(reversed([*space, *text, *node]))
            continue
        stack.extend(after)


def _spaced(text) -> str:
    """Without the lines of the source, which are none of the text."""
    return re.sub(r"\s+", " ", text)


def _in_pre(node) -> bool:
    return any(parent.tag == "pre" for parent in node.iterancestors())


def _is_quote(node) -> bool:
    marks = f"{node.get('class') or ''} {node.get('id') or ''}"
    return (
        node.tag == "blockquote"
        or node.get("data-o-mail-quote-node") == "1"
        or (node.get("data-o-mail-quote") == "1" and node.tag != "br")
        or "gmail_quote" in marks
        or "yahoo_quoted" in marks
        or "moz-cite-prefix" in marks
        or "isReplyContent" in marks
    )


def _without_quotation(text) -> list[str]:
    # Kept in mind where it stood, so that what follows can be told from a quotation.
    text = ATTRIBUTION.sub("\ue000", text)
    lines = text.split("\n")
    kept = []
    for number, line in enumerate(lines):
        if line.strip() == "\ue000":
            following = next((rest for rest in lines[number + 1 :] if rest.strip()), "")
            if not following.lstrip().startswith(">"):
                # Quoted without marks: what is written between cannot be recognized.
                break
        elif QUOTATION.match(line) or _is_head(lines[number : number + 5]):
            break
        elif not line.lstrip().startswith(">"):
            kept.append(line)
    return kept


def _is_head(lines) -> bool:
    return bool(HEAD.match(lines[0])) and any(map(HEAD.match, lines[1:]))


def _without_signature(lines) -> list[str]:
    kept = []
    for line in lines:
        if DELIMITER.fullmatch(line):
            break
        if not DEVICE.fullmatch(line):
            kept.append(line.strip())
    return kept
