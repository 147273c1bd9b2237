"""Configuration that belongs to one company or, without a company, to all of them."""

from odoo import models


def check_company_domain_of_shared(self, companies):
    """A ``_check_company_domain`` for configuration that other configuration chooses
    from: what has a company chooses from its own and the shared lines, what has none
    from those of any company.

    Odoo's own would offer a record without company only lines without company. Where
    every line has one, that is none at all; and what is limited to a team of one company
    says nothing wrong in another.
    """
    if not companies:
        return []
    return models.BaseModel._check_company_domain(self, companies)
