from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestColumns(CustomerValueCommon):
    """What is stored in tables of Odoo's, and of other addons."""

    def own_columns_elsewhere(self):
        """Our stored fields on models that are not ours, as (table, column)."""
        found = []
        for model in self.env.values():
            if model._abstract or model._original_module.endswith("crm_extended"):
                continue
            found += [
                (model._table, field.name)
                for field in model._fields.values()
                if self.is_ours(model, field) and field.store and field.column_type
            ]
        return found

    @staticmethod
    def is_ours(model, field):
        """Whether we define a field, or say that one of Odoo's is required: a value that
        we add to Odoo's kinds of server actions says neither."""
        if not any(name.endswith("crm_extended") for name in field._modules):
            return False
        if all(name.endswith("crm_extended") for name in field._modules):
            return True
        return any(
            "required" in (vars(definition)[field.name]._args__ or ())
            for definition in type(model).mro()
            if getattr(definition, "_module", None)
            and definition._module.endswith("crm_extended")
            and field.name in vars(definition)
        )

    def test_none_of_our_columns_elsewhere_is_not_null(self):
        """Other addons create such records before our code, and with it our defaults,
        is loaded."""
        columns = self.own_columns_elsewhere()
        self.assertIn(("res_company", "care_deleted_customer"), columns)
        not_null = self.env.execute_query(
            SQL(
                """
                SELECT class.relname, attribute.attname
                  FROM pg_attribute AS attribute
                  JOIN pg_class AS class ON class.oid = attribute.attrelid
                 WHERE attribute.attnotnull
                   AND class.relnamespace = current_schema()::regnamespace
                   AND (class.relname::text, attribute.attname::text) IN %s
                """,
                tuple(columns),
            )
        )
        self.assertFalse(not_null)

    def test_no_field_of_ours_elsewhere_is_required(self):
        for table, column in self.own_columns_elsewhere():
            for model in self.env.values():
                if model._table == table and column in model._fields:
                    self.assertFalse(
                        model._fields[column].required, f"{model._name}.{column}"
                    )

    def empty_company(self):
        """A company as another addon makes it while this one is not loaded."""
        columns = [
            column
            for table, column in self.own_columns_elsewhere()
            if table == "res_company"
        ]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE res_company SET %s WHERE id = %s",
                SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(column)) for column in columns
                ),
                self.company_a.id,
            )
        )
        self.env["ir.sequence"].search(
            [("code", "=", "crm.care.case"), ("company_id", "=", self.company_a.id)]
        ).unlink()
        self.env.invalidate_all()
        return self.company_a

    def test_settings_of_such_a_company_show_the_defaults_and_can_be_saved(self):
        company = self.empty_company()
        form = Form(self.env["res.config.settings"])
        self.assertEqual(form.care_deleted_customer, "refuse")
        self.assertEqual(form.rfm_source, "invoice")
        self.assertEqual(form.loyalty_fall, "rung")
        form.save().execute()
        self.assertEqual(company.care_deleted_customer, "refuse")
        self.assertEqual(company.rfm_method, "quantile")

    def test_settings_show_what_was_chosen(self):
        self.company_a.care_deleted_customer = "anonymize"
        form = Form(self.env["res.config.settings"])
        self.assertEqual(form.care_deleted_customer, "anonymize")
        form.save().execute()
        self.assertEqual(self.company_a.care_deleted_customer, "anonymize")

    def test_cases_of_such_a_company_have_numbers(self):
        company = self.empty_company()
        case = self.env["crm.care.case"].create(
            {"name": "Late", "company_id": company.id}
        )
        self.assertEqual(case.number, "C00001")
