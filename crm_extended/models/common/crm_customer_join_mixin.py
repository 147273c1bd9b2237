from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCustomerJoinMixin(models.AbstractModel):
    """A customer's record in a company (score, membership), joined on demand.

    Nothing is stored with the row: the fields of :meth:`_get_customer_joins` are found by
    the row's customer and a company. Only queries that ask for such a field join the
    table; the others cost what they did. Related fields read on from there: those of
    :mod:`.joined_fields` compare numbers only where there is a record.

    A package adds its fields to the dictionary, and gives each of them two methods that
    call :meth:`_compute_customer_join` and :meth:`_search_customer_join`. Values that are
    no record come from :meth:`_get_customer_terms`.

    Rows that show the current company read all their joins together: a list of contacts
    with score, tier and last interaction costs one query.
    """

    _name = "crm.customer.join.mixin"
    _description = "Customer Dimension"

    # Column of the row with the customer: a commercial entity.
    _customer_field = "commercial_partner_id"
    # Column of the row with the company whose record it shows; ``None`` for the current
    # company of the reader.
    _customer_company_field = "company_id"
    # Whether rows without a record come last in either direction of an order.
    _customer_joins_last = False

    @api.model
    def _get_customer_joins(self) -> dict:
        """The fields, each with the model that has at most one record for a customer in
        a company, and the many2one (or ``id``) of that record which the field shows."""
        return {}

    @api.model
    def _get_customer_terms(self, customer: SQL) -> dict:
        """Further values of a customer in the current company that are read together
        with the joins, as SQL by the name of a field, which computes itself by
        :meth:`_compute_customer_join`. Of a many2many field it is an array of ids."""
        return {}

    @api.model
    def _recall_joined(self):
        """Called once records are joined: put into the cache what is known of the records
        that they name, such as segments."""

    def _get_customer_companies(self):
        """The companies whose records the rows show."""
        if self._customer_company_field:
            return self[self._customer_company_field]._origin
        return self.env.company

    # -- Compute

    def _compute_customer_join(self, name):
        """Set a field of all rows with one query."""
        if self._customer_company_field:
            self._compute_customer_join_by_company(name)
            return
        ids = [row[self._customer_field]._origin.id for row in self]
        found = self._read_customer_joins(name)
        for other, value_of in found.items():
            if other != name:
                # Only where nothing is cached, as when Odoo fetches columns.
                field = self._fields[other]
                nothing = () if field.type == "many2many" else None
                field._insert_cache(self, [value_of.get(id_, nothing) for id_ in ids])
        for row, id_ in zip(self, ids, strict=True):
            row[name] = found[name].get(id_)

    def _read_customer_joins(self, name) -> dict:
        """Read a field, and with it the others that the user may read.

        :return: by name of a field its values by customer; records are cached
        """
        customers = self[self._customer_field]._origin
        query = customers._as_query(ordered=False)
        customer = SQL.identifier(query.table, "id")
        # A user, also while Odoo follows related fields as superuser for them.
        user_rows = self.sudo(self.env.uid == SUPERUSER_ID)
        joins, terms = [], []

        def wanted(other):
            return other == name or user_rows._has_field_access(
                self._fields[other], "read"
            )

        for other, (_model, column) in self._get_customer_joins().items():
            if column == "id" and wanted(other):
                Target, fields, columns = self._join_customer_record(
                    other, customer, query
                )
                joins.append((other, Target, fields, len(terms)))
                terms += columns
        values = {
            other: term
            for other, term in self._get_customer_terms(customer).items()
            if wanted(other)
        }
        rows = (
            self.env.execute_query(query.select(customer, *values.values(), *terms))
            if customers
            else []
        )
        found = {
            other: {row[0]: row[position] for row in rows}
            for position, other in enumerate(values, 1)
        }
        for other in values:
            if self._fields[other].type == "many2many":
                # PostgreSQL gives lists, and nothing for none.
                found[other] = {
                    id_: tuple(value or ()) for id_, value in found[other].items()
                }
        for other, Target, fields, start in joins:
            start += 1 + len(values)
            with_record = [row for row in rows if row[start]]
            found[other] = {row[0]: row[start] for row in with_record}
            records = Target.browse(found[other].values())
            for position, field in enumerate(fields, start + 1):
                field._insert_cache(records, [row[position] for row in with_record])
        self._recall_joined()
        return found

    def _join_customer_record(self, name, customer, query):
        """Join to a query of customers their records in the current company.

        :return: the model, its fields, and the columns: id and fields
        """
        # sudo: as in _compute_customer_join_by_company.
        Target = self.env[self._get_customer_joins()[name][0]].sudo()
        Target.flush_model(["partner_id", "company_id"])
        joined = query.make_alias(query.table, name.removesuffix("_id"))
        query.add_join(
            "LEFT JOIN",
            joined,
            Target._table,
            SQL(
                "%s = %s AND %s = %s",
                customer,
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(joined, "company_id"),
                self.env.company.id,
            ),
        )
        fields = [
            field
            for field in Target._determine_fields_to_fetch()
            if field.column_type and field.name != "id"
        ]
        columns = [SQL.identifier(joined, "id")]
        for field in fields:
            column = Target._field_to_sql(joined, field.name, query)
            if not field.translate:
                # Values to be written are cached, so nothing need be flushed.
                column = SQL(column.code, *column.params)
            columns.append(column)
        return Target, fields, columns

    def _compute_customer_join_by_company(self, name):
        """Set a field of rows that have a company each."""
        model, column = self._get_customer_joins()[name]
        customers = self[self._customer_field]._origin
        # sudo: users who may read the row see what its customer is to the company; the
        # field's groups keep out everybody else.
        records = self.env[model].sudo()
        if customers:
            records = records.search_fetch(
                [
                    ("partner_id", "in", customers.ids),
                    ("company_id", "in", self._get_customer_companies().ids),
                ],
                # Of the record itself everything, as related fields go on from it.
                None if column == "id" else ["partner_id", "company_id", column],
                order="id",
            )
        value_of = {
            (record.partner_id.id, record.company_id.id): (
                record if column == "id" else record[column]
            ).id
            for record in records
        }
        for row in self:
            customer = row[self._customer_field]._origin
            row[name] = value_of.get((customer.id, row._get_customer_companies().id))

    # -- Search

    @api.model
    def _search_customer_join(self, name, operator, value):
        """Search by a field.

        :return: domain, or ``NotImplemented`` for operators that Odoo turns into others
        """
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        Target = self.env[self._fields[name].comodel_name]
        is_record = self._get_customer_joins()[name][1] == "id"

        def to_sql(model, alias, query):
            joined, value_id = model._join_customer(name, alias, query, operator)
            if operator == "in":
                ids = [id_ for id_ in value if id_]
                found = SQL(
                    "(%s IS NOT NULL AND %s = ANY(%s))", value_id, value_id, ids
                )
                if False in value:
                    return SQL("(%s IS NULL OR %s)", value_id, found)
                return found
            if operator == "any!" and is_record:
                # Only related fields search with "any!", and the join above has asked
                # whether the user may. As the user, whose own filter may go on from there.
                condition = value.optimize_full(Target)
                chosen = condition._to_sql(Target, joined, query)
            else:
                records = Target._search(value, bypass_access=operator == "any!")
                chosen = SQL("%s IN %s", value_id, records.subselect())
            # Never NULL, so that its negation is right too.
            return SQL("(%s IS NOT NULL AND %s)", value_id, chosen)

        return Domain.custom(to_sql=to_sql)

    # -- Join

    def _check_customer_join(self, name, operator=None):
        """Refuse the join to users who may not read the field.

        Every search, order, group and aggregate by such a field passes here, and mostly
        as superuser: Odoo follows related fields as such, and so do some of its search
        methods. So we ask for the users themselves.

        :param operator: the operator of a search; "any!" on the way to a related field
        :raise AccessError: if they may not
        """
        if self.env.uid != SUPERUSER_ID:
            self.sudo(False)._check_field_access(self._fields[name], "read")

    def _join_customer(self, name, alias, query, operator=None) -> tuple[str, SQL]:
        """Join the table that a field is found in to a query.

        :return: alias of the joined table, and the field's value
        """
        self._check_customer_join(name, operator)
        model, column = self._get_customer_joins()[name]
        # Another alias than the one that Odoo makes of the field's name, to go on from
        # here to the record itself.
        joined = query.make_alias(alias, name.removesuffix("_id"))
        company_field = self._customer_company_field
        query.add_join(
            "LEFT JOIN",
            joined,
            self.env[model]._table,
            SQL(
                "%s = %s AND %s = %s",
                self._customer_column(alias, self._customer_field),
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(joined, "company_id"),
                self._customer_column(alias, company_field)
                if company_field
                else self.env.company.id,
            ),
        )
        return joined, SQL.identifier(joined, column)

    def _customer_column(self, alias, name) -> SQL:
        return SQL.identifier(alias, name, to_flush=self._fields[name])

    def _field_to_sql(self, alias, field_expr, query=None):
        if query is None or field_expr not in self._get_customer_joins():
            return super()._field_to_sql(alias, field_expr, query)
        _joined, value_id = self._join_customer(field_expr, alias, query)
        return value_id

    # -- Order

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if self._customer_joins_last and not nulls.code and self._is_joined(field_name):
            # People who never bought come last, also when the best come first.
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _is_joined(self, path) -> bool:
        """Whether a field is joined, or is read through a field that is."""
        name, _dot, rest = path.partition(".")
        field = self._fields.get(name)
        if not field:
            return False
        if name in self._get_customer_joins():
            return True
        if field.related:
            return self._is_joined(f"{field.related}.{rest}" if rest else field.related)
        if not rest or not field.relational:
            return False
        target = self.env[field.comodel_name]
        joining = isinstance(target, self.pool["crm.customer.join.mixin"])
        return joining and target._is_joined(rest)
