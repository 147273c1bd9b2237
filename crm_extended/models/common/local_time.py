"""Days of a company: those on its own clock, as purchases have them."""

from odoo import fields
from odoo.tools import SQL


def company_zone(company) -> str:
    """The time zone that dates of purchases are in: the one of the company's contact."""
    # sudo: only the zone; users may not be able to read the contact of a company.
    return company.sudo().partner_id.tz or "UTC"


def local_sql(company, moment: SQL) -> SQL:
    """A moment as the company's clock shows it; its ``::date`` is the company's day."""
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", moment, company_zone(company))


def company_today(company):
    """Today in the time zone of a company."""
    return fields.Date.context_today(company.with_context(tz=company_zone(company)))
