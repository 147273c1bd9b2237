from pathlib import Path

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Names that have changed get their words of this version, in each language."""
    words = api.Environment(cr, SUPERUSER_ID, {})["ir.model.data"]
    words._reword("pos_crm_extended", Path(__file__).with_name("words.json"))
