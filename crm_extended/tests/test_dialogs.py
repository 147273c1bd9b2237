"""Dialogs are their user's alone: Odoo shows them to all who may open one."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestDialogs(CustomerValueCommon):
    def test_all_dialogs_have_a_rule(self):
        """Also those of the addons beside it that are installed."""
        rules = self.env["ir.rule"].with_user(self.salesman)
        dialogs = [
            name
            for name, model in self.env.registry.items()
            if model._transient and "crm_extended" in (model._original_module or "")
        ]
        self.assertGreater(len(dialogs), 15)
        for name in dialogs:
            for operation in ("read", "write", "unlink"):
                domain = rules._compute_domain(name, operation)
                self.assertIn("create_uid", repr(domain), name)

    def test_no_dialog_opens_with_what_it_said_before(self):
        """Odoo shows the last answer first: the time of a call would be an earlier one."""
        found = self.env["ir.model.data"].search(
            [
                ("module", "like", "crm_extended"),
                ("model", "=", "ir.actions.act_window"),
            ]
        )
        actions = self.env["ir.actions.act_window"].browse(found.mapped("res_id"))
        dialogs = actions.filtered(lambda action: action.target == "new")
        self.assertGreater(len(dialogs), 10)
        for action in dialogs:
            self.assertFalse(action.cache, action.xml_id)

    def test_what_was_said_is_not_for_colleagues(self):
        colleague = self.new_user("colleague", "sales_team.group_sale_manager")
        mine = self.as_user(self.salesman, "crm.interaction.wizard").create(
            {"partner_id": self.customer().id, "summary": "Secret"}
        )
        theirs = self.as_user(colleague, "crm.interaction.wizard")
        self.assertFalse(theirs.search([("summary", "=", "Secret")]))
        for call in (
            lambda: theirs.browse(mine.id).read(["summary"]),
            lambda: theirs.browse(mine.id).write({"summary": "Other"}),
            lambda: theirs.browse(mine.id).copy(),
            theirs.browse(mine.id).action_log,
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(mine.summary, "Secret")
        mine.action_log()

    def test_lines_follow_their_dialog(self):
        order = self.env["sale.order"].create({"partner_id": self.customer().id})
        mine = self.as_user(self.manager, "crm.product.recommendation.wizard").create(
            {"order_id": order.id}
        )
        product = self.env["product.template"].create({"name": "Tea"})
        values = {"wizard_id": mine.id, "product_tmpl_id": product.id, "price": 7}
        line = mine.line_ids.create(values)
        colleague = self.new_user("colleague", "sales_team.group_sale_manager")
        theirs = self.as_user(colleague, line._name)
        self.assertFalse(theirs.search([("price", "=", 7)]))
        with self.assertRaises(AccessError):
            theirs.browse(line.id).read(["reason"])
        with self.assertRaises(AccessError):
            theirs.create(values)
