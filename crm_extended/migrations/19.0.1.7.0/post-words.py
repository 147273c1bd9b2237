import hashlib
import json
import re
from pathlib import Path

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

# Texts of records that updates leave alone: for each language, what the releases until
# now shipped (fingerprints, see below), and the text of this one.
WORDS = Path(__file__).with_name("words.json")


def fingerprint(text):
    """Blanks aside, because Odoo moves them in bodies of mails."""
    text = re.sub(r"\s+", "", text)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def reworded(texts, lang, text):
    """The new text, where the old one was never changed by anybody."""
    known = texts.get(lang)
    if known and text and fingerprint(text) in known["old"]:
        return known["new"]
    return text


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    reword_records(env)
    forget_translations(env)


def reword_records(env):
    """Give records their new words, as far as administrators did not change the old ones:
    each language by itself."""
    for entry in json.loads(WORDS.read_text()):
        record = env.ref(f"crm_extended.{entry['record']}", raise_if_not_found=False)
        if not record or record._name != entry["model"]:
            continue
        table = SQL.identifier(record._table)
        column = SQL.identifier(record._fields[entry["field"]].name)
        [[old]] = env.execute_query(
            SQL("SELECT %s FROM %s WHERE id = %s", column, table, record.id)
        )
        if isinstance(old, dict):
            new = {lang: reworded(entry["texts"], lang, old[lang]) for lang in old}
        else:
            new = reworded(entry["texts"], "", old)
        if new != old:
            value = Json(new) if isinstance(new, dict) else new
            env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    table,
                    column,
                    value,
                    record.id,
                )
            )
    env.invalidate_all()


def forget_translations(env):
    """An update leaves translations as they are, those of former English names too.
    Without them it reads the translations of this version."""
    env.flush_all()
    columns = env.execute_query(
        SQL("SELECT DISTINCT table_name, column_name FROM crm_extended_words_before")
    )
    for table, column in columns:
        env.cr.execute(
            SQL(
                """
                UPDATE %(table)s AS named
                   SET %(column)s = jsonb_build_object('en_US', named.%(column)s->'en_US')
                  FROM crm_extended_words_before AS before
                 WHERE before.table_name = %(table_name)s
                   AND before.column_name = %(column_name)s AND before.id = named.id
                   AND named.%(column)s->>'en_US' IS DISTINCT FROM before.text
                   AND named.%(column)s IS NOT NULL
                """,
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                table_name=table,
                column_name=column,
            )
        )
    env.cr.execute(SQL("DROP TABLE crm_extended_words_before"))
    env.invalidate_all(flush=False)
