from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.insight.profile import LEAST_CUSTOMERS, lift

# What customers are, and how they buy: the second follows from purchases, as the best do.
TRAITS = (
    "country_id",
    "industry_id",
    "customer_size",
    "customer_age",
    "channel",
    "categ_id",
    "satisfaction",
    "competitor_id",
)
HABITS = (
    "rfm_segment_id",
    "loyalty_tier_id",
    "lifecycle_stage",
    "active_band",
    "decile",
)
# What a page shows at once of each direction.
MAX_VALUES = 15
# A trait for each of so many dimensions is chosen at first: more together fit no one.
MAX_CHOSEN = 2
MEASURES = ("customer_count", "revenue")


class CrmCustomerProfile(models.Model):
    """A part of profiles: what the page shows. Everything is of the current company, and
    of the customers whom the user may see."""

    _inherit = "crm.customer.profile"

    @api.model
    def _get_dimensions(self) -> list[str]:
        """Names of the fields that customers are told apart by, as far as the user may
        read them: the hook for further ones."""
        names = (*HABITS, *TRAITS)
        return [n for n in names if self._has_field_access(self._fields[n], "read")]

    @api.model
    def _check_dimension(self, name) -> str:
        if name not in self._get_dimensions():
            raise UserError(self.env._("Customers cannot be grouped by this field."))
        return name

    @api.model
    def _of_company(self):
        """Profiles of the current company alone."""
        self.browse().check_access("read")
        return self.with_context(
            allowed_company_ids=self.env.company.ids, active_test=False
        )

    # -- Any two dimensions

    @api.model
    @api.readonly
    def get_table(self, domain=(), row="rfm_segment_id", column="country_id") -> dict:
        """How customers are spread over two dimensions.

        :param domain: on profiles, such as those of one segment
        :param row: field of the rows
        :param column: field of the columns
        :return: values of both, each with the domain of its customers, and cells by their
            places
        :raise AccessError: unless the user sees analytics
        """
        this = self._of_company()
        row, column = this._check_dimension(row), this._check_dimension(column)
        if row == column:
            raise UserError(self.env._("Choose two different dimensions."))
        found = this._read_group(
            Domain(domain), [row, column], [f"{name}:sum" for name in MEASURES]
        )
        rows, row_of = this._describe_values(row, [(r, n) for r, _c, n, _a in found])
        columns, column_of = this._describe_values(
            column, [(c, n) for _r, c, n, _a in found]
        )
        cells = {}
        for row_key, column_key, customers, revenue in found:
            place = f"{row_of[row_key]},{column_of[column_key]}"
            cell = cells.setdefault(place, {"customers": 0, "revenue": 0.0})
            cell["customers"] += customers
            cell["revenue"] += revenue or 0.0
        company = self.env.company
        return {
            "company_id": company.id,
            "company": company.display_name,
            "currency_id": company.currency_id.id,
            "customers": sum(line[2] for line in found),
            "total": this._count_all(),
            "refused": this._count_refused(),
            "dimensions": this._describe_dimensions(),
            "row": row,
            "column": column,
            "rows": rows,
            "columns": columns,
            "cells": cells,
        }

    @api.model
    def _describe_dimensions(self) -> list[dict]:
        names = self._get_dimensions()
        labels = self.fields_get(names, ["string"])
        return [{"name": name, "label": labels[name]["string"]} for name in names]

    @api.model
    def _count_refused(self) -> int:
        """Customers with a score who are left out because they refused profiling."""
        return self.env["crm.rfm.score"].search_count(
            [
                ("company_id", "=", self.env.company.id),
                ("partner_id", "any", [("profiling_refused", "=", True)]),
            ]
        )

    @api.model
    def _describe_values(self, name, found) -> tuple[list[dict], dict]:
        """The values of a dimension in their order: the most frequent ones, the others
        together, and those without one.

        :param found: values, each with a number of customers
        :return: values, and the place of each key among them
        """
        counts = {}
        for value, count in found:
            counts[value] = counts.get(value, 0) + count
        is_record = self._fields[name].type == "many2one"
        known = [value for value in counts if value]
        if is_record:
            known.sort(key=lambda value: (-counts[value], value.id))
        else:
            order = self._fields[name].get_values(self.env)
            known.sort(key=order.index)
        shown, others = known[:MAX_VALUES], known[MAX_VALUES:]
        labels = self._value_labels(name, [v.id if is_record else v for v in shown])
        values, place_of = [], {}
        for value in shown:
            key = value.id if is_record else value
            place_of[value] = len(values)
            values.append(
                {
                    "label": labels[key],
                    "domain": [(name, "=", key)],
                    "customers": counts[value],
                }
            )
        if others:
            place_of |= dict.fromkeys(others, len(values))
            ids = [value.id for value in shown]
            values.append(
                {
                    "label": self.env._("Others"),
                    "domain": [(name, "not in", ids), (name, "!=", False)],
                    "customers": sum(counts[value] for value in others),
                }
            )
        for value, count in counts.items():
            if not value:
                place_of[value] = len(values)
                values.append(
                    {
                        "label": self.env._("Not Set"),
                        "domain": [(name, "=", False)],
                        "customers": count,
                    }
                )
        return values, place_of

    @api.model
    def _value_labels(self, name, keys) -> dict:
        """Names of values by what the database has."""
        field = self._fields[name]
        if field.type == "many2one":
            # sudo: as Odoo names what rows are grouped by.
            records = self.env[field.comodel_name].browse(keys).sudo()
            return {record.id: record.display_name for record in records}
        labels = dict(field._description_selection(self.env))
        return {key: labels.get(key, key) for key in keys}

    # -- Like the best

    @api.model
    def _get_targets(self) -> list[dict]:
        """Whom others can be like: ``key`` and ``label``."""
        company = self.env.company
        targets = [{"key": "decile", "label": self.env._("Top 10% by Revenue")}]
        ways = [("segment", "crm.rfm.segment"), ("list", "crm.customer.list")]
        if "loyalty_tier_id" in self._get_dimensions():
            ways.insert(1, ("tier", "crm.loyalty.tier"))
        words = {
            "segment": self.env._("Segment: %s"),
            "tier": self.env._("Tier: %s"),
            "list": self.env._("List: %s"),
        }
        for way, model in ways:
            found = self.env[model].search([("company_id", "in", [company.id, False])])
            targets += [
                {"key": f"{way},{one.id}", "label": words[way] % one.display_name}
                for one in found
            ]
        return targets

    @api.model
    def _target_domain(self, key) -> tuple[Domain, str | None]:
        """The best customers, and the dimension that says who they are.

        :param key: one of :meth:`_get_targets`
        :raise UserError: if it is none of them
        """
        if key not in [target["key"] for target in self._get_targets()]:
            raise UserError(self.env._("Choose whom customers shall be like."))
        way, _comma, id_ = key.partition(",")
        if way == "decile":
            return Domain("decile", "=", "1"), "decile"
        if way == "list":
            one = self.env["crm.customer.list"].browse(int(id_))
            return Domain("partner_id", "any", one._customers_domain()), None
        name = {"segment": "rfm_segment_id", "tier": "loyalty_tier_id"}[way]
        return Domain(name, "=", int(id_)), name

    @api.model
    @api.readonly
    def get_best(self, target="decile", domain=()) -> dict:
        """What the best customers have in common: the values of each dimension, those with
        the highest lift first. Values of fewer than five customers are left out.

        :param target: who the best are, a key of the targets
        :param domain: on profiles, that all customers of the page match
        :raise AccessError: unless the user sees analytics
        """
        this = self._of_company()
        best, own = this._target_domain(target)
        names = [name for name in this._get_dimensions() if name != own]
        total, count, spread = this._spread(names, Domain(domain), best)
        values = []
        for name, found in spread.items():
            labels = this._value_labels(name, [key for key in found if key])
            for key, (with_it, best_with) in found.items():
                if with_it == total:
                    # What all have says nothing.
                    continue
                figures = lift(best_with, with_it, count, total)
                if not figures:
                    continue
                values.append(
                    {
                        "dimension": name,
                        "value": key,
                        "label": labels[key] if key else self.env._("Not Set"),
                        "is_habit": name in HABITS,
                        "customers": with_it,
                        "best": best_with,
                        "share_best": figures.share_best,
                        "share_all": figures.share_all,
                        "lift": figures.lift,
                        "low": figures.low,
                        "high": figures.high,
                        "is_clear": figures.is_clear,
                        "domain": [(name, "=", key)],
                    }
                )
        values.sort(key=lambda each: (-each["lift"], -each["customers"]))
        return {
            "targets": this._get_targets(),
            "target": target,
            "customers": total,
            "best": count,
            "least": LEAST_CUSTOMERS,
            "values": values,
            "chosen": this._first_choice(values),
        }

    @staticmethod
    def _first_choice(values) -> list[list]:
        """The clearest trait of each of the first dimensions, as dimension and value."""
        chosen = {}
        for each in values:
            # What customers are, and what is known of them.
            is_trait = not each["is_habit"] and each["value"]
            if is_trait and each["is_clear"] and each["lift"] > 1:
                chosen.setdefault(each["dimension"], each["value"])
        return [list(pair) for pair in list(chosen.items())[:MAX_CHOSEN]]

    @api.model
    def _spread(self, names, domain, best) -> tuple[int, int, dict]:
        """Customers by the values of many dimensions, in one query.

        :return: all customers, the best among them, and by dimension the customers of each
            value and the best of these
        """
        query = self._search(domain)
        if query.is_empty():
            return 0, 0, {name: {} for name in names}
        table = self._table
        is_best = best.optimize_full(self)._to_sql(self, table, query)
        columns = [
            SQL(
                "%s AS %s",
                self._field_to_sql(table, name, query),
                SQL.identifier(name),
            )
            for name in names
        ]
        terms = [SQL.identifier(name) for name in names]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT GROUPING(%(terms)s), %(terms)s, count(*),
                       count(*) FILTER (WHERE is_best)
                  FROM (%(profiles)s) AS profile
              GROUP BY GROUPING SETS (%(sets)s, ())
                """,
                terms=SQL(", ").join(terms),
                profiles=query.select(*columns, SQL("(%s) AS is_best", is_best)),
                sets=SQL(", ").join(SQL("(%s)", term) for term in terms),
            )
        )
        total, count = 0, 0
        spread = {name: {} for name in names}
        everything = 2 ** len(names) - 1
        for grouping, *values, with_it, best_with in rows:
            if grouping == everything:
                total, count = with_it, best_with
                continue
            # The bit of the one column that is not grouped away.
            place = len(names) - (everything ^ grouping).bit_length()
            key = values[place]
            spread[names[place]][key if key is not None else False] = (
                with_it,
                best_with,
            )
        return total, count, spread

    @api.model
    def _traits_domain(self, traits) -> Domain:
        """Customers with one of the chosen values of each chosen dimension.

        :param traits: pairs of a dimension and a value
        :raise UserError: if nothing is chosen, or anything else
        """
        by_name = {}
        for name, value in traits:
            field = self._fields[self._check_dimension(name)]
            is_value = value is False or isinstance(
                value, int if field.type == "many2one" else str
            )
            if not is_value or value is True:
                raise UserError(
                    self.env._("Customers cannot be grouped by this field.")
                )
            by_name.setdefault(name, []).append(value)
        if not by_name:
            raise UserError(self.env._("Choose at least one trait."))
        return Domain.AND(Domain(name, "in", vals) for name, vals in by_name.items())

    @api.model
    @api.readonly
    def count_alike(self, target, traits, domain=()) -> int:
        """How many customers have the traits and are not among the best."""
        this = self._of_company()
        if not traits:
            return 0
        best, _own = this._target_domain(target)
        return this.search_count(
            Domain(domain) & this._traits_domain(traits) & ~best,
        )

    @api.model
    def action_open_alike(self, target, traits, domain=()) -> dict:
        """Open the customers who have the traits and are not among the best."""
        this = self._of_company()
        best, _own = this._target_domain(target)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_profile_action"
        )
        found = Domain(domain) & this._traits_domain(traits) & ~best
        title = self.env._("Like the Best")
        return {
            **action,
            "name": title,
            "display_name": title,
            "domain": list(found & Domain("company_id", "=", self.env.company.id)),
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
        }

    @api.model
    def action_create_list(self, target, traits, domain=()) -> dict:
        """Open a new customer list with the filter that finds these customers."""
        this = self._of_company()
        best, _own = this._target_domain(target)
        found = Domain(domain) & this._traits_domain(traits)
        customers = Domain("profile_ids", "any", list(found & ~best))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Customer List"),
            "res_model": "crm.customer.list",
            "views": [(False, "form")],
            "target": "current",
            "context": {
                "default_name": self.env._("Like the Best"),
                "default_domain": repr(list(customers)),
                "default_company_id": self.env.company.id,
            },
        }
