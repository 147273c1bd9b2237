"""Customers who need a product again that they buy at regular intervals."""

from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_list

from ..agenda import AgendaSource
from ..agenda.agenda_source import COLUMNS
from ..agenda.allowed_channels import purposes_of

KEY = "replenishment"
# Products that a sentence names.
NAMED = 3


def replenishment_source(env) -> AgendaSource:
    return AgendaSource(
        label=env._("Replenishment due"),
        icon="fa-refresh",
        # We offer something; they have not asked for it.
        purpose="marketing",
        channels=("phone", "email", "sms"),
        weight=0.4,
        is_about_customers=True,
        model="crm.customer.product",
        query=replenishment_query,
        facts=replenishment_facts,
        sentences=replenishment_sentences,
    )


def replenishment_query(scope) -> SQL:
    """Products that are due and not given up: of each customer the first one. Customers
    who refused profiling are left out."""
    products = scope.env["crm.customer.product"]
    query = scope.records_of_mine(
        "crm.customer.product", products._due_domain(scope.today)
    )
    table = query.table
    query.add_where(
        scope.env["crm.contact.policy"]._answered(
            purposes_of(scope.env)["profiling"],
            person=SQL.identifier(table, "partner_id"),
        )
    )
    due = scope.reasons(
        query,
        customer=SQL.identifier(table, "partner_id"),
        due=SQL.identifier(table, "due_date"),
    )
    return SQL(
        """
        SELECT DISTINCT ON (customer_id) *
          FROM (%s) AS due (%s)
      ORDER BY customer_id, due, res_id
        """,
        due,
        SQL(", ").join(map(SQL.identifier, COLUMNS)),
    )


def needs_again(scope, customer: SQL) -> SQL:
    """Whether something is due for a customer of the user, for other reasons of the
    agenda."""
    products = scope.env["crm.customer.product"]
    # sudo: only of customers that were found as the user.
    due = products.sudo()._search(
        products._due_domain(scope.today) & Domain("company_id", "=", scope.company.id)
    )
    due.add_where(SQL("%s = %s", SQL.identifier(due.table, "partner_id"), customer))
    return SQL("EXISTS (%s)", due.select(SQL("1")))


def replenishment_facts(scope, ids) -> SQL:
    """All products of these customers that are due, the first one first."""
    products = scope.env["crm.customer.product"]
    # sudo: customers of the user, whose rows were found as the user.
    due = products.sudo()._search(
        products._due_domain(scope.today) & Domain("company_id", "=", scope.company.id)
    )
    template = due.left_join(
        due.table, "product_tmpl_id", "product_template", "id", "product_tmpl_id"
    )
    # sudo: as above.
    name = products.product_tmpl_id.sudo()._field_to_sql(template, "name", due)
    # The same customer's as the row that the reason names.
    due.add_where(
        SQL("%s = customer.partner_id", SQL.identifier(due.table, "partner_id"))
    )
    found = due.select(
        SQL(
            "jsonb_agg(jsonb_build_array(%(name)s, %(last)s, %(interval)s)"
            " ORDER BY %(due)s, %(id)s)",
            name=name,
            last=SQL.identifier(due.table, "last_date"),
            interval=SQL.identifier(due.table, "interval_days"),
            due=SQL.identifier(due.table, "due_date"),
            id=SQL.identifier(due.table, "id"),
        )
    )
    return SQL(
        """
        SELECT customer.id, jsonb_build_object('products', (%s))
          FROM crm_customer_product AS customer
         WHERE customer.id = ANY(%s)
        """,
        found,
        ids,
    )


def replenishment_sentences(scope, reasons) -> list[str]:
    env, said = scope.env, []
    for reason in reasons:
        products = reason.facts["products"]
        [name, last, interval] = products[0]
        values = {
            "product": name,
            "days": f"{interval:g}",
            "date": format_date(env, last, date_format="medium"),
        }
        if len(products) == 1:
            said.append(
                env._(
                    "%(product)s is due: they buy it every %(days)s days, last on "
                    "%(date)s",
                    **values,
                )
            )
            continue
        others = [other for other, _last, _interval in products[1:NAMED]]
        if len(products) > NAMED:
            others.append(env._("%s more", len(products) - NAMED))
        said.append(
            env._(
                "%(product)s is due: they buy it every %(days)s days, last on %(date)s. "
                "Also due: %(others)s",
                **values,
                others=format_list(env, others),
            )
        )
    return said
