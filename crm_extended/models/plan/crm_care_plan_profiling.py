from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_care_plan import PROFILING


class CrmCarePlan(models.Model):
    """A part of plans: whether they choose customers by what is computed about them, which
    customers can refuse."""

    _inherit = "crm.care.plan"

    def _profiled(self) -> list[SQL]:
        """Plans that choose customers by their scores leave out who refused that."""
        if not self._is_profiling():
            return []
        policy = self.env["crm.contact.policy"]
        return [policy._answered(self.env.ref("crm_extended.purpose_profiling"))]

    def _is_profiling(self) -> bool:
        """Whether the plan chooses customers by their score, segment, life-cycle stage or
        forecast, also where its filter or its list does."""
        self.ensure_one()
        if (
            self.trigger in (*PROFILING, "lifecycle", "next_purchase")
            or self.segment_ids
        ):
            return True
        # sudo: what the filter of a list is about, for users who do not see the list.
        mine = self.sudo()
        domain = mine._to_domain(mine.domain)
        return mine._asks_for_scores(domain) or (
            mine.list_id and mine._is_profiling_list(mine.list_id)
        )

    def _profiling_models(self) -> set[str]:
        """Models of what is computed about customers: the hook for packages that compute
        more."""
        return {
            "crm.rfm.score",
            "crm.rfm.segment",
            "crm.rfm.change",
            "crm.customer.product",
            "crm.customer.category",
            "crm.lifecycle",
            "crm.lifecycle.change",
            "crm.purchase.pattern",
            "crm.customer.profile",
            "crm.forecast",
        }

    def _profiling_fields(self) -> set[tuple[str, str]]:
        """Fields of what is computed about customers, with their models, that do not lead
        to one of these models: the hook for packages that compute more."""
        names = (
            "bought_product_ids",
            "bought_categ_ids",
            "only_first_pair_ids",
            "only_second_pair_ids",
            "is_replenishment_due",
            "bought_last_year_only",
            "is_satisfied_away",
        )
        return {("res.partner", name) for name in names}

    def _asks_for_scores(self, domain, model="res.partner", visited=()) -> bool:
        """Whether a filter asks for what is computed about customers, on whatever way."""
        return any(
            self._condition_asks(condition, model, visited)
            for condition in domain.iter_conditions()
        )

    def _condition_asks(self, condition, model, visited) -> bool:
        profiling = self._profiling_models()
        records = self.env[model]
        for name in condition.field_expr.split("."):
            field = records._fields.get(name)
            if not field:
                # A part of a date.
                return False
            comodel = field.comodel_name
            if comodel in profiling or records._name in profiling:
                return True
            if (records._name, name) in self._profiling_fields():
                return True
            if field.related and self._asks_for_scores(
                Domain(field.related, "!=", False), records._name, visited
            ):
                return True
            if comodel == "crm.customer.list":
                return self._any_profiling_list(condition.value, visited)
            if not comodel:
                return False
            records = self.env[comodel]
        if condition.operator in ("any", "not any", "any!", "not any!"):
            value = condition.value
            value = value if isinstance(value, Domain | list | tuple) else []
            return self._asks_for_scores(Domain(value), records._name, visited)
        return False

    def _any_profiling_list(self, value, visited) -> bool:
        """Whether one of these lists chooses by scores; of all, where they are not named by
        their numbers."""
        lists = self.env["crm.customer.list"].with_context(active_test=False)
        ids = [value] if isinstance(value, int) else value
        if isinstance(ids, str | Domain) or not all(
            isinstance(id_, int) for id_ in ids
        ):
            lists = lists.search([("company_id", "=", self.company_id.id)])
        else:
            lists = lists.browse([id_ for id_ in ids if id_]).exists()
        return any(self._is_profiling_list(one, visited) for one in lists)

    def _is_profiling_list(self, one, visited=()) -> bool:
        if one.id in visited:
            return False
        return self._asks_for_scores(one._get_filter(), visited=(*visited, one.id))
