import importlib.util
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, new_test_user, tagged


def load_migration(path, addon="crm_extended"):
    """A script of ``migrations/``, as a module; such files cannot be imported."""
    path = f"{get_module_path(addon)}/migrations/{path}"
    spec = importlib.util.spec_from_file_location("crm_extended_migration", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class CustomerValueCommon(TransactionCase):
    """Two companies with two currencies, people in each role, and a factory for
    purchases. Nothing here depends on demo data or on the main company.

    Tests whose outcome may depend on what else is loaded are tagged ``at_install``: Odoo
    runs them while the addon is being updated, before the addons that depend on it are
    there.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.eur = cls.env.ref("base.EUR")
        cls.usd = cls.env.ref("base.USD")
        cls.make_world()
        cls.env.user.company_ids += cls.company_a + cls.company_b

    @classmethod
    def make_world(cls):
        """The companies and people, which take the longest to make.

        ``scripts/world.py`` calls this once and leaves them in a test database, under
        external ids. Where they are not, they are made here and undone with the class.
        All features are switched on.
        """
        features = cls.env["crm.feature"]
        features._switch(
            **{key: True for key in features._features() if not features._is_on(key)}
        )
        cls.company_a = cls.shared(
            "company_a", cls.new_company, "Value A", cls.env.ref("base.EUR")
        )
        cls.company_b = cls.shared(
            "company_b", cls.new_company, "Value B", cls.env.ref("base.USD")
        )
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company_a.ids}
        )
        cls.salesman = cls.shared_user("salesman", "sales_team.group_sale_salesman")
        cls.manager = cls.shared_user("manager", "sales_team.group_sale_manager")
        cls.salesman_b = cls.shared_user(
            "salesman_b", "sales_team.group_sale_salesman", cls.company_b
        )
        cls.employee = cls.shared_user("employee", "base.group_user")
        cls.portal = cls.shared_user("portal_user", "base.group_portal")

    @classmethod
    def shared(cls, name, make, *args):
        """The record that has this external id; without one, a new record gets it."""
        xml_id = f"__test__.crm_extended_{name}"
        record = cls.env.ref(xml_id, raise_if_not_found=False)
        if not record:
            record = make(*args)
            cls.env["ir.model.data"]._update_xmlids(
                [{"xml_id": xml_id, "record": record, "noupdate": True}]
            )
        return record

    @classmethod
    def shared_user(cls, login, *args):
        return cls.shared(login, cls.new_user, login, *args)

    @classmethod
    def new_company(cls, name, currency):
        currency.active = True
        return cls.env["res.company"].create(
            {
                "name": name,
                "currency_id": currency.id,
                # Tests run at any time of the day. Those of the contact policy set hours
                # and limits themselves.
                "contact_quiet_from": 0,
                "contact_quiet_to": 0,
                "contact_limit": 0,
            }
        )

    @classmethod
    def new_user(cls, login, group, company=None):
        company = company or cls.company_a
        return new_test_user(
            cls.env,
            login=f"crm_extended_{login}",
            groups=group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def customer(cls, name="Customer", **values):
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def customers(cls, count, **values):
        return cls.env["res.partner"].create(
            [{"name": f"Customer {number}", **values} for number in range(count)]
        )

    @classmethod
    def buy(cls, partner, amount=100.0, days_ago=0, company=None, **values):
        return cls.env["crm.purchase.history"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company_a).id,
                "date": cls.today - timedelta(days=days_ago),
                "amount": amount,
                **values,
            }
        )

    @classmethod
    def refresh(cls, company=None, as_of=None):
        return cls.env["crm.rfm.score"]._refresh(company or cls.company_a, as_of)

    @classmethod
    def score(cls, partner, company=None):
        return cls.env["crm.rfm.score"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company_a).id),
            ]
        )

    @classmethod
    def scores(cls, company=None):
        return cls.env["crm.rfm.score"].search(
            [("company_id", "=", (company or cls.company_a).id)]
        )

    def as_user(self, user, model):
        return self.env(
            user=user, context={"allowed_company_ids": user.company_ids.ids}
        )[model]

    @contextmanager
    def no_commits(self):
        """Run a scheduled action without its commits; there is always time left."""
        progress = type(self.env["ir.cron"])
        with patch.object(progress, "_commit_progress", lambda *args, **kwargs: 60.0):
            yield
