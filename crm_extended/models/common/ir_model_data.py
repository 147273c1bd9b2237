import hashlib
import json
import re
from pathlib import Path

from psycopg2.extras import Json

from odoo import api, models
from odoo.tools import SQL


class IrModelData(models.Model):
    _inherit = "ir.model.data"

    @api.model
    def _reword(self, module: str, words: Path):
        """Give records of an addon the words of a new version, in its migration: an
        update leaves translations as they are, and records that it does not write.

        Each language by itself, and only where the text is one that an earlier version
        shipped: administrators may have changed it.

        :param words: a JSON file with a list of ``record`` (external id without its
            module), ``model``, ``field`` and ``texts``: for each language ``old``,
            fingerprints of the texts until now, and ``new``, the text of this version
        """
        self.env.flush_all()
        for entry in json.loads(words.read_text()):
            record = self.env.ref(
                f"{module}.{entry['record']}", raise_if_not_found=False
            )
            if record and record._name == entry["model"]:
                self._reword_field(record, entry["field"], entry["texts"])
        self.env.invalidate_all(flush=False)

    @api.model
    def _reword_field(self, record, name: str, texts: dict):
        table = SQL.identifier(record._table)
        column = SQL.identifier(record._fields[name].name)
        [[old]] = self.env.execute_query(
            SQL("SELECT %s FROM %s WHERE id = %s", column, table, record.id)
        )
        new = {
            lang: texts[lang]["new"]
            if lang in texts and fingerprint(text) in texts[lang]["old"]
            else text
            for lang, text in (old or {}).items()
        }
        if new != (old or {}):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    table,
                    column,
                    Json(new),
                    record.id,
                )
            )


def fingerprint(text: str) -> str:
    """What tells a text from others. Blanks aside: Odoo moves them in HTML."""
    text = re.sub(r"\s+", "", text or "")
    return hashlib.sha256(text.encode()).hexdigest()[:16]
