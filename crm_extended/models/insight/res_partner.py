from odoo import models
from odoo.fields import Domain

from .groups import USE_INSIGHT

# Each customer once.
CUSTOMERS = Domain("is_company", "=", True) | Domain("parent_id", "=", False)


class ResPartner(models.Model):
    """Contacts show what analytics know of the customer they belong to. None of it is
    stored with contacts.

    - ``res_partner_bought.py``: customers found by what they bought;
    - ``res_partner_pair.py``: customers found by a pair of which they bought one product;
    - ``res_partner_preferences.py``: what they prefer to buy and what customers like them
      also bought;
    - ``res_partner_lifecycle.py``: their life-cycle stage;
    - ``res_partner_forecast.py``: what is expected of them;
    - ``res_partner_best_time.py``: when they are best contacted;
    - ``res_partner_referral.py``: who recommended them, and which customers they recommended;
    - ``res_partner_competitor.py``: competitors that they are in contact with;
    - ``res_partner_profile.py``: customers found by who they are;
    - ``res_partner_satisfaction.py``: whether they are satisfied and do not buy again.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "crm.selection.order.mixin"]
    _ordered_selections = ("lifecycle_stage",)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "forecast_lifetime_value":
            # Odoo follows the path as superuser; to order or sum by it is the user's own
            # question.
            self._check_field_access(self._fields[field_expr], "read")
        return super()._field_to_sql(alias, field_expr, query)

    # -- On contacts and leads, once unfolded

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env.user.has_group(USE_INSIGHT):
            return figures
        return figures | {
            "also_bought": self._also_bought_figure,
            "referred_by": self._referred_by_figure,
            "referrals": self._referrals_figure,
        }

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env.user.has_group(USE_INSIGHT):
            return blocks
        return blocks | {
            "forecast": {
                "title": self.env._("Forecast"),
                "sequence": 33,
                "rows": self._forecast_rows,
            },
            "best_time": {
                "title": self.env._("Best Time to Contact"),
                "sequence": 34,
                "rows": self._best_time_rows,
            },
            "preferences": {
                "title": self.env._("Preferences"),
                "sequence": 35,
                "rows": self._preferences_rows,
            },
            "also_bought": {
                "title": self.env._("Customers Like This Also Bought"),
                "sequence": 55,
                "rows": self._also_bought_rows,
            },
            "referrals": {
                "title": self.env._("Referrals"),
                "sequence": 60,
                "rows": lambda: self._rows_of_figures(
                    {"referred_by": None, "referrals": "action_referrals"}
                ),
            },
        }

    # -- Customer lists

    def action_save_customer_list(self):
        """Open a new customer list with the filter of the list of contacts: a button that
        needs no selection.

        :raise AccessError: unless the user may create customer lists
        """
        self.env["crm.customer.list"].check_access("create")
        domain = Domain(self.env.context.get("active_domain") or Domain.TRUE)
        # A list of customers has customers only, without being told.
        is_and = getattr(domain, "OPERATOR", None) == "&"
        parts = domain.children if is_and else [domain]
        domain = Domain.AND(part for part in parts if part != CUSTOMERS)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Customer List"),
            "res_model": "crm.customer.list",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_is_filtered": True,
                "default_domain": "[]" if domain.is_true() else repr(list(domain)),
            },
        }
