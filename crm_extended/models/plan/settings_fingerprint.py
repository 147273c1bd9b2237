"""Which settings figures were computed with: a change of settings moves customers, who have
done nothing."""

import hashlib
import json

from odoo import fields


def fingerprint_of(settings: list) -> str:
    """One text for all of these settings; equal only for equal ones."""
    text = json.dumps(settings, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def with_settings(log, vals_list: list[dict]) -> list[dict]:
    """Values of log lines, with the settings of their company and whether they are of today.

    :param log: a model with a method ``_fingerprint`` of a company
    """
    prints = {}
    # As the update itself reckons: in another zone it can be the day before or after.
    today = fields.Date.context_today(log)
    lines = []
    for vals in vals_list:
        company = log.env["res.company"].browse(vals.get("company_id"))
        if company not in prints:
            prints[company] = log._fingerprint(company)
        lines.append(
            {
                **vals,
                "settings_fingerprint": prints[company],
                "of_today": fields.Date.to_date(vals.get("as_of")) == today,
            }
        )
    return lines
