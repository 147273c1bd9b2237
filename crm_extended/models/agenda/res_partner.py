import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..common.formats import format_share
from ..common.groups import SALES

_logger = logging.getLogger(__name__)


class Visited(frozenset):
    """Lists that are being looked at. A class, because RPC callers can only send JSON."""


class ListOfItselfError(UserError):
    """A list asks who is on it to say who is on it."""


class ResPartner(models.Model):
    """Contacts are found by the customer lists they are on."""

    _inherit = "res.partner"

    # Only to search by: a contact can be on many lists.
    customer_list_id = fields.Many2one(
        "crm.customer.list",
        compute="_compute_customer_list_id",
        search="_search_customer_list_id",
        groups=SALES,
        help="To find the customers who are on a list now.",
    )

    # -- The customer page

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(SALES):
            return blocks
        return blocks | {
            "next_step": {
                "title": self.env._("Next Step"),
                "sequence": 10,
                "rows": self._next_step_rows,
            }
        }

    def _next_step_rows(self):
        """The reasons to contact the customer today, the most pressing first."""
        reasons = self.env["crm.customer.agenda"]._reasons_of(
            self.commercial_partner_id
        )
        steps = {
            "phone": self.env._("Call"),
            "sms": self.env._("Write"),
            "email": self.env._("Write"),
            "visit": self.env._("Visit"),
            "letter": self.env._("Send a Letter"),
        }
        rows = [
            {
                # The best of the channels that the contact policy allows, now if it may.
                "label": self.env._(
                    "%(step)s: %(reason)s",
                    step=steps[min(reason.allowed, key=reason.is_later)],
                    reason=reason.source.label,
                ),
                "text": sentence,
                "title": self.env._(
                    "Weight: %s", format_share(self.env, reason.weight)
                ),
                "res_model": reason.source.model,
                "res_id": reason.res_id,
            }
            for reason, sentence in reasons
        ]
        return rows or [
            {"label": "", "text": self.env._("No reason to contact them today.")}
        ]

    # -- Customer lists

    def _compute_customer_list_id(self):
        self.customer_list_id = False

    @api.model
    def _search_customer_list_id(self, operator, value):
        if operator == "in":
            ids = [id_ for id_ in value if id_]
            found = self._domain_of_lists([("id", "in", ids)]) if ids else Domain.FALSE
            # False: those who are on none of the lists.
            return found if len(ids) == len(value) else found | ~self._domain_of_lists()
        if operator in ("any", "any!"):
            return self._domain_of_lists(value)
        return NotImplemented

    def _domain_of_lists(self, domain=()):
        """Contacts who are on any of the lists that the user sees, or of some of them."""
        visited = self.env.context.get("customer_lists_visited")
        visited = visited if isinstance(visited, Visited) else Visited()
        lists = self.env["crm.customer.list"].search(domain)
        if visited & set(lists.ids):
            raise ListOfItselfError(
                self.env._("A customer list cannot be filtered by itself.")
            )
        arms = []
        for one in lists:
            try:
                with self.env.cr.savepoint():
                    query = self._query_of_list(one, visited)
            except ListOfItselfError:
                raise
            except Exception as error:
                if domain:
                    raise
                # A field of its filter is gone, say: that does not hide all contacts.
                _logger.info("Filter of customer list %s: %s", one.id, error)
                continue
            arms.append(Domain("id", "in", query))
        return Domain.OR(arms)

    @api.model
    def _query_of_list(self, one, visited=frozenset()):
        """The customers on a list, by the figures of its company."""
        one = one.with_context(customer_lists_visited=Visited({*visited, one.id}))
        partners = one._partners().with_context(active_test=False)
        return partners._search(one._customers_domain())
