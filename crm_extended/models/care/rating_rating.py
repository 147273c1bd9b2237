from functools import partial

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

CASE = "crm.care.case"


class RatingRating(models.Model):
    """Ratings of cases are seen with their cases once they are given, and written by
    their customers.

    Odoo lets every employee read and write all ratings. One that is asked for has a
    token, and its readers could answer in the name of the customer.
    """

    _inherit = "rating.rating"

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._care_readable_domain()
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    @api.model
    def _care_readable_domain(self) -> Domain:
        """Ratings of anything else, or given on cases that the user may read."""
        Case = self.env[CASE].with_context(active_test=False)

        def to_sql(model, alias, query):
            of_a_case = SQL(
                "%s IS NOT DISTINCT FROM %s",
                model._field_to_sql(alias, "res_model", query),
                CASE,
            )
            if not Case.has_access("read"):
                return SQL("NOT %s", of_a_case)
            return SQL(
                "(NOT %s OR %s IS TRUE AND %s IN %s)",
                of_a_case,
                model._field_to_sql(alias, "consumed", query),
                model._field_to_sql(alias, "res_id", query),
                Case._search([]).subselect(),
            )

        return Domain.custom(to_sql=to_sql)

    def write(self, vals):
        result = super().write(vals)
        if {"res_model_id", "res_id"} & vals.keys():
            # Nor does a rating become one of a case: rules are checked before a change
            # only.
            self.check_access("write")
        return result

    def _check_access(self, operation):
        denied = super()._check_access(operation)
        if self.env.su:
            return denied
        forbidden = denied[0] if denied else self.browse()
        # sudo: only to learn which are of cases; the user's right to those is asked next.
        of_cases = (self - forbidden).sudo().filtered(lambda r: r.res_model == CASE)
        if operation == "read":
            cases = self.env[CASE].browse(of_cases.mapped("res_id"))
            readable = set(cases._filtered_access("read")._ids)
            of_cases = of_cases.filtered(
                lambda r: not r.consumed or r.res_id not in readable
            )
        if not of_cases:
            return denied
        forbidden += of_cases.sudo(False)
        make_error = self.env["ir.rule"]._make_access_error
        return forbidden, partial(make_error, operation, forbidden)
