"""Parts of the entries of a timeline."""

from itertools import pairwise

from lxml.etree import ParserError
from lxml.html import fragment_fromstring, tostring

from odoo import fields
from odoo.tools import SQL, escape_psql, html2plaintext

from ..interaction.crm_interaction import CHANNEL_ICONS

# Characters of a title made of a text.
TITLE_LENGTH = 100
# Characters of a body that are shown, and that are read to find them.
BODY_LENGTH = 2000
HTML_LENGTH = 100_000
# What Odoo makes the shown name of a contact from, declared or not.
CONTACT_NAME_FIELDS = (
    "display_name",
    "company_name",
    "parent_id",
    "type",
    "is_company",
)


def read_names(records, *names):
    """Read only the shown fields of the users and contacts that records refer to: both
    have a great many fields.

    :param names: fields of the records
    """
    # sudo: see the callers, which show them.
    records = records.sudo()
    partners = records.env["res.partner"]
    for name in filter(None, names):
        found = records[name] if len(records) == 1 else records.mapped(name)
        if found._name == "res.users":
            found.fetch(["partner_id"])
            found = found.partner_id
        if found._name == "res.partner":
            partners |= found
    partners.fetch(["name", "partner_share"])


def author_of(partner):
    """:param res.partner partner: at most one, as superuser"""
    if not partner:
        return False
    return {
        "id": partner.id,
        "name": partner.name or "",
        "avatar": f"/web/image/res.partner/{partner.id}/avatar_128",
    }


def contact_of(scope, partners):
    """The first of some contacts that the stream is about.

    :param res.partner partners: as superuser
    """
    for partner in partners:
        if scope.is_of_customer(partner):
            return {"id": partner.id, "name": partner.name or ""}
    return False


def name_of(record):
    return {"model": record._name, "id": record.id, "name": record.display_name or ""}


def channel_of(env, key):
    """A channel as logged contacts show it."""
    labels = env["crm.interaction"]._fields["channel"]._description_selection(env)
    return {"key": key, "label": dict(labels)[key], "icon": CHANNEL_ICONS[key]}


def html_text(html) -> str:
    """HTML as plain text, harmless wherever it is shown as text."""
    if not html:
        return ""
    return html2plaintext(html[:HTML_LENGTH], include_references=False).strip()


def shorten(text) -> tuple[str, bool]:
    """The shown part of a text, and whether there is more."""
    text = (text or "").strip()
    if len(text) > BODY_LENGTH:
        return text[:BODY_LENGTH].rstrip(), True
    return text, False


def split_title(text) -> tuple[str, str]:
    """A text as a title, its first line, and the rest. A long first line is cut in the
    title and stays in the rest."""
    text = (text or "").strip()
    first, _line_break, rest = text.partition("\n")
    first = first.strip()
    if len(first) <= TITLE_LENGTH:
        return first, rest.strip()
    start = first[: TITLE_LENGTH - 1]
    # At a blank, unless the language has none.
    return f"{start.rsplit(' ', 1)[0].rstrip()}…", text


def split_done(html) -> tuple[str, str] | None:
    """The summary of a done activity and the rest of the message that Odoo leaves of it,
    as HTML; None where there is no summary.

    Odoo writes "Call done (originally assigned to …): Summary" as the first paragraph.
    """
    try:
        root = fragment_fromstring(str(html or "")[:HTML_LENGTH], create_parent="div")
    except (ParserError, ValueError):
        return None
    first = root.find(".//p")
    spans = first.findall("span") if first is not None else []
    for colon, summary in pairwise(spans):
        if colon.text_content().strip() == ":" and summary.text_content().strip():
            title = " ".join(summary.text_content().split())
            first.drop_tree()
            return title, tostring(root, encoding="unicode")
    return None


def with_parts(entry, parts, with_system):
    """An entry with the messages that came with its record. Its text is the customer's,
    unless it has one of its own.

    :param dict parts: entries by id of the message, oldest first
    :param bool with_system: whether the reader looks at what Odoo wrote; otherwise it is
        a part only beside what was said
    """
    said = [part for part in parts.values() if part["kind"] in ("email", "message")]
    if not said and not with_system:
        return entry
    if said and not entry["body"]:
        entry = {**entry, "body": said[0]["body"], "more": said[0]["more"]}
    return {
        **entry,
        "actions": entry["actions"] + (said[0]["actions"] if said else []),
        "parts": [
            {
                **part,
                "id": f"message-{id_}",
                "date": fields.Datetime.to_string(part["date"]),
            }
            for id_, part in parts.items()
        ],
    }


# -- Searching


def id_array(ids) -> SQL:
    """Ids as one value: a list of hundreds is written out by Python number by number."""
    return SQL("%s::int[]", f"{{{','.join(map(str, ids))}}}")


def like(text: str) -> str:
    """A pattern that finds a text and nothing else."""
    return f"%{escape_psql(text)}%"


def in_html(column: SQL, text: str) -> SQL:
    """Whether a text is in HTML as people read it: not in its tags."""
    coded = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = SQL("regexp_replace(%s, '<[^>]*>', ' ', 'g')", column)
    for code, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = SQL("replace(%s, %s, %s)", shown, code, character)
    # The first comparison is the cheap one.
    return SQL("(%s ILIKE %s AND %s ILIKE %s)", column, like(coded), shown, like(text))
