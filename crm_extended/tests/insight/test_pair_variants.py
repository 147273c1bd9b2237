"""Pairs of variants, and products with several variants: which of them is recommended, and
which is put on a quotation."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_product_recommendation import RecommendationCommon


@tagged("post_install", "-at_install")
class TestPairVariants(RecommendationCommon):
    """Who buys a mat buys a blue table. Nobody has both a mat and a red or green one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.red, cls.blue, cls.green_table = cls.variants_of(
            "Table", "Red", "Blue", "Green"
        )
        cls.table = cls.red.product_tmpl_id
        cls.fan, cls.red_fan, *others = cls.env["res.partner"].create(
            [{"name": f"Fan {number}", "user_id": cls.seller.id} for number in range(5)]
        )
        for other in others:
            cls.sell(cls.mat, cls.blue, partner=other)
        cls.sell(cls.mat, partner=cls.fan)
        cls.sell(cls.red, partner=cls.red_fan)

    def by_variant(self):
        self.company.pair_level = "variant"
        self.compute()

    def found(self, partner, **options):
        recommendation = self.env["crm.product.recommendation"].with_user(self.boss)
        return recommendation._recommend(partner, self.company, **options)

    def quotation(self):
        order = self.env["sale.order"].with_user(self.seller)
        return order.create({"partner_id": self.fan.id, "company_id": self.company.id})

    def dialog(self, order):
        action = order.action_also_bought()
        wizards = self.env[action["res_model"]].with_user(self.seller)
        return wizards.browse(action["res_id"])

    # -- Pairs of variants

    def test_the_variant_bought_together_is_recommended_and_added(self):
        self.by_variant()
        [found] = self.found(self.fan)
        self.assertEqual((found.product, found.variant), (self.table, self.blue))
        self.assertEqual((found.name, found.because_name), ("Table (Blue)", "Mat"))
        # Both 3, mats 4, blue tables 3.
        self.assertAlmostEqual(found.cosine, 3 / 12**0.5)
        order = self.quotation()
        [line] = self.dialog(order).line_ids
        self.assertEqual((line.product_id, line.name), (self.blue, "Table (Blue)"))
        line.action_add()
        self.assertEqual(order.order_line.product_id, self.blue)
        [block] = self.fan.with_user(self.boss).get_customer_page(["also_bought"])
        self.assertEqual(
            [row["text"] for row in block["rows"]],
            ["Table (Blue), because they bought Mat"],
        )
        [row] = (
            self.env["crm.product.recommendation"]
            .with_user(self.boss)
            .with_context(allowed_company_ids=self.company.ids)
            .get_recommendations(self.fan.id)
        )
        self.assertEqual(row["variant_id"], self.blue.id)
        self.assertEqual(row["product"], "Table (Blue)")

    def test_only_who_bought_that_variant(self):
        blue_fan = self.people[4]
        self.sell(self.blue, partner=blue_fan)
        self.by_variant()
        [found] = self.found(blue_fan)
        self.assertEqual((found.name, found.because_name), ("Mat", "Table (Blue)"))
        self.assertEqual(self.found(self.red_fan), [])

    def test_each_variant_by_its_own_pair(self):
        for number in range(2):
            self.sell(self.mat, self.red, partner=self.people[number])
        self.by_variant()
        tables = [each for each in self.found(self.fan) if each.product == self.table]
        self.assertEqual([each.variant for each in tables], [self.blue, self.red])
        # By product it is one, with the variant that most customers bought. They are three
        # each; after one more, red ones.
        self.company.pair_level = "template"
        self.sell(self.red, partner=self.people[3])
        self.compute()
        [found] = [each for each in self.found(self.fan) if each.product == self.table]
        self.assertEqual((found.name, found.variant), ("Table", self.red))

    def test_what_is_archived_or_not_sold(self):
        self.by_variant()
        self.blue.action_archive()
        self.assertEqual(self.found(self.fan), [])
        self.blue.action_unarchive()
        self.assertEqual(len(self.found(self.fan)), 1)
        self.table.sale_ok = False
        self.assertEqual(self.found(self.fan), [])
        self.table.sale_ok = True
        # A variant that goes takes along what it is similar to.
        self.env["account.move.line"].search(
            [("product_id", "=", self.blue.id)]
        ).product_id = self.lamp
        self.blue.unlink()
        self.assertEqual(self.found(self.fan), [])

    def test_names_are_those_of_odoo(self):
        size, engraving = self.env["product.attribute"].create(
            [
                {
                    "name": "Size",
                    "sequence": 1,
                    "value_ids": [Command.create({"name": "Large"})],
                },
                {
                    "name": "Engraving",
                    "create_variant": "no_variant",
                    "value_ids": [
                        Command.create({"name": name}) for name in ("Yes", "No")
                    ],
                },
            ]
        )
        wood = self.env["product.attribute"].create(
            {
                "name": "Wood",
                "value_ids": [
                    Command.create({"name": name}) for name in ("Oak", "Ash")
                ],
            }
        )
        self.table.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "sequence": number,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
            for number, attribute in enumerate((wood, size, engraving))
        ]
        for variant in self.table.product_variant_ids:
            for partner in self.people[:3]:
                self.sell(self.mat, variant, partner=partner)
        self.by_variant()
        found = self.found(self.fan, limit=20)
        names = {each.variant.display_name: each.name for each in found}
        self.assertEqual(list(names), list(names.values()))
        self.assertGreater(len(names), 5)
        self.assertIn("Oak", " ".join(names))

    def test_one_query_with_the_names(self):
        self.by_variant()
        recommendation = self.env["crm.product.recommendation"].with_user(self.boss)
        recommendation = recommendation.with_context(
            allowed_company_ids=self.company.ids
        )
        recommendation._recommend(self.fan, self.company)
        for model in ("res.partner", "product.template", "product.product"):
            self.env[model].invalidate_model()
        self.env["crm.consent.purpose"].invalidate_model()
        self.assertTrue(recommendation.env.user.partner_id.name)
        self.assertTrue(self.company.partner_id.name)
        with self.assertQueryCount(1):
            [found] = recommendation._recommend(self.fan, self.company)
            self.assertEqual(found.display_name, "Table (Blue)")

    def test_changing_what_pairs_are_of(self):
        def rows():
            return [
                (row.product_id.name, row.variant_id, row.other_variant_id)
                for row in self.env["crm.product.similarity"].search(
                    [
                        ("company_id", "=", self.company.id),
                        ("other_id", "=", self.table.id),
                    ]
                )
            ]

        nothing = self.env["product.product"]
        self.compute()
        self.assertEqual(rows(), [("Mat", nothing, self.blue)])
        # Until the next update, rows of the other kind do no harm.
        self.company.pair_level = "variant"
        [found] = self.found(self.fan)
        self.assertEqual((found.name, found.variant), ("Table", self.blue))
        self.compute()
        self.assertEqual(rows(), [("Mat", self.mat, self.blue)])
        before = self.env["crm.product.similarity"].search([])
        self.compute()
        self.assertEqual(self.env["crm.product.similarity"].search([]), before)
        self.company.pair_level = "template"
        [found] = self.found(self.fan)
        self.assertEqual((found.name, found.variant), ("Table", self.blue))
        self.compute()
        self.assertEqual(rows(), [("Mat", nothing, self.blue)])

    # -- Pairs of products

    def test_the_variant_that_most_customers_bought_is_added(self):
        self.compute()
        order = self.quotation()
        [line] = self.dialog(order).line_ids
        self.assertEqual(line.product_id, self.blue)
        line.action_add()
        self.assertEqual(order.order_line.product_id, self.blue)

    def test_an_order_has_a_product_once_whatever_its_variants(self):
        self.sell(self.shelf, self.red, self.blue, partner=self.people[0])
        self.invoice_of(
            self.item(self.screen),
            self.item(self.red, 10, 2),
            self.item(self.blue, 10, -1),
        )
        # Sold and given back as another variant: nothing was bought.
        self.invoice_of(
            self.item(self.lamp, 50),
            self.item(self.red, 10, 1),
            self.item(self.blue, 10, -1),
        )
        self.update()
        pairs = {name: both for name, both in self.pairs().items() if "Table" in name}
        self.assertEqual(
            pairs, {("Mat", "Table"): 3, ("Screen", "Table"): 1, ("Shelf", "Table"): 1}
        )

    def test_customers_count_and_not_pieces(self):
        self.sell(*[self.red] * 9, partner=self.red_fan)
        self.compute()
        [found] = self.found(self.fan)
        self.assertEqual(found.variant, self.blue)

    def test_what_was_taken_back_was_not_bought(self):
        for partner in self.people[:4]:
            self.credit(self.sell(self.red, partner=partner), 1)
        self.compute()
        [found] = self.found(self.fan)
        self.assertEqual(found.variant, self.blue)

    def test_the_user_chooses_where_no_variant_is_known(self):
        self.compute()
        self.blue.action_archive()
        order = self.quotation()
        [line] = self.dialog(order).line_ids
        self.assertFalse(line.product_id)
        self.assertEqual((line.name, line.price), ("Table", 0))
        action = line.action_add()
        self.assertFalse(order.order_line)
        self.assertEqual(action["res_model"], "product.product")
        products = self.env["product.product"].with_user(self.seller)
        self.assertEqual(products.search(action["domain"]), self.red + self.green_table)
        self.assertEqual(action["context"]["product_catalog_order_id"], order.id)
        # The next update finds the one that was bought most of those that are left.
        self.compute()
        [line] = self.dialog(order).line_ids
        self.assertEqual(line.product_id, self.red)
        # There is only one left.
        self.red.action_archive()
        [line] = self.dialog(order).line_ids
        self.assertEqual(line.product_id, self.green_table)
        self.green_table.action_archive()
        self.assertEqual(order.action_also_bought()["tag"], "display_notification")

    def test_pairs_of_an_older_version(self):
        """The update of the addon knows pairs and no lines."""
        self.compute()
        self.env["crm.product.similarity"]._update(self.company)
        [found] = self.found(self.fan)
        self.assertFalse(found.variant)
        [line] = self.dialog(self.quotation()).line_ids
        self.assertFalse(line.product_id)

    # -- Bought one and not the other

    def names(self, action):
        contacts = self.env["res.partner"].with_user(self.boss)
        contacts = contacts.with_context(allowed_company_ids=self.company.ids)
        return contacts.search(action["domain"], order="name").mapped("name")

    def only(self, pair):
        """Who is opened from a pair."""
        pair = pair.with_user(self.boss)
        pair = pair.with_context(allowed_company_ids=self.company.ids)
        return (
            self.names(pair.action_find_a_never_b()),
            self.names(pair.action_find_b_never_a()),
        )

    def assertAgrees(self):
        """As many are opened from each pair as it says."""
        pairs = self.env["crm.product.pair"].search(
            [("company_id", "=", self.company.id), ("unit", "=", "customer")]
        )
        self.assertTrue(pairs)
        for pair in pairs:
            self.assertEqual(
                [len(names) for names in self.only(pair)],
                [pair.count_a - pair.count_both, pair.count_b - pair.count_both],
                pair.display_name,
            )

    def test_only_one_variant_of_a_pair(self):
        red, blue = self.variants_of("Sofa", "Red", "Blue")
        other_red, other_blue = self.variants_of("Stool", "Red", "Blue")
        aa, bb, cc = self.env["res.partner"].create(
            [{"name": name} for name in ("aa", "bb", "cc")]
        )
        self.sell(red, other_red, partner=aa)
        self.sell(red, other_blue, partner=bb)
        self.sell(blue, partner=cc)
        self.by_variant()
        self.assertEqual(self.only(self.pair(red, other_red)), (["bb"], []))
        self.assertEqual(self.only(self.pair(red, other_blue)), (["aa"], []))
        self.assertEqual(self.only(self.pair(red, other_red, "order")), (["bb"], []))
        # Two variants of one product are a pair like others.
        self.sell(red, blue, partner=aa, days_ago=3)
        self.by_variant()
        self.assertEqual(self.only(self.pair(red, blue)), (["bb"], ["cc"]))
        pair = self.pair(red, blue).with_user(self.boss)
        self.assertEqual(
            pair.action_find_a_never_b()["name"],
            "Bought Sofa (Red), Not Sofa (Blue)",
        )
        self.assertAgrees()

    def test_only_one_category_of_a_pair(self):
        parent = self.env["product.category"].create({"name": "Par"})
        child = self.env["product.category"].create(
            {"name": "Chi", "parent_id": parent.id}
        )
        self.desk.categ_id, self.chair.categ_id = parent, child
        aa, bb = self.env["res.partner"].create(
            [{"name": name} for name in ("aa", "bb")]
        )
        self.sell(self.desk, self.chair, partner=aa)
        self.sell(self.chair, partner=bb)
        self.company.pair_level = "category"
        self.compute()
        pair = self.pair(parent, child)
        only_parent, only_child = self.only(pair)
        if pair.categ_a_id != parent:
            only_parent, only_child = only_child, only_parent
        self.assertIn("bb", only_child)
        self.assertNotIn("bb", only_parent)
        self.assertNotIn("aa", only_parent + only_child)
        self.assertAgrees()

    def test_only_one_product_of_a_pair(self):
        # In another period, taken back, free, and in the other company.
        self.sell(self.desk, partner=self.red_fan)
        self.sell(self.chair, partner=self.red_fan, days_ago=500)
        self.credit(self.sell(self.chair, partner=self.people[3]), 1)
        self.invoice_of(self.item(self.mat, 0), partner_id=self.people[3].id)
        self.compute()
        only_desk, only_chair = self.only(
            self.pair(self.desk.product_tmpl_id, self.chair.product_tmpl_id)
        )
        self.assertIn(self.red_fan.name, only_desk)
        self.assertIn(self.people[3].name, only_desk)
        self.assertEqual(only_chair, [])
        self.assertAgrees()
        pair = self.pair(self.desk.product_tmpl_id, self.chair.product_tmpl_id)
        self.assertEqual(
            pair.with_user(self.boss).action_find_a_never_b()["name"],
            "Bought Desk, Not Chair",
        )

    def test_customers_with_too_many_products_are_left_out(self):
        many = self.env["product.product"].create(
            [{"name": f"Thing {number}", "type": "consu"} for number in range(101)]
        )
        large = self.env["res.partner"].create({"name": "Large"})
        self.sell(self.desk, *many, partner=large)
        self.compute()
        pair = self.pair(self.desk.product_tmpl_id, self.chair.product_tmpl_id)
        self.assertNotIn("Large", self.only(pair)[0])
        self.assertAgrees()
        # The log of updates is not needed for it.
        self.env["crm.product.pair.run"].sudo().search([]).unlink()
        self.assertNotIn("Large", self.only(pair)[0])

    def test_who_sees_whom(self):
        self.buyer.user_id = False
        self.compute()
        pair = self.pair(self.desk.product_tmpl_id, self.chair.product_tmpl_id)
        domain = [("only_first_pair_ids", "in", pair.ids)]

        def found(user, name="only_first_pair_ids", operator="in", ids=tuple(pair.ids)):
            contacts = self.env["res.partner"].with_user(user)
            contacts = contacts.with_context(allowed_company_ids=self.company.ids)
            return contacts.search([(name, operator, ids)], order="name")

        lamp_fan = self.people[3]
        self.assertEqual(found(self.boss), self.buyer + lamp_fan)
        self.assertFalse(found(self.seller))
        lamp_fan.user_id = self.seller
        self.assertEqual(found(self.seller), lamp_fan)
        others = found(self.boss, operator="not in")
        self.assertIn(self.people[0], others)
        self.assertNotIn(lamp_fan, others)
        self.assertFalse(found(self.boss, ids=(0,)))
        self.assertFalse(found(self.boss, "only_second_pair_ids"))
        # A pair of another company says nothing.
        stranger = self.boss.copy(
            {
                "login": "crm_extended_pair_stranger",
                "company_id": self.env.ref("base.main_company").id,
                "company_ids": [Command.set(self.env.ref("base.main_company").ids)],
            }
        )
        contacts = self.env["res.partner"].with_user(stranger)
        self.assertFalse(contacts.search(domain))
        self.env["crm.feature"]._switch(insight=False)
        with self.assertRaises(AccessError):
            found(self.boss)
        # As the run of a plan.
        self.assertFalse(found(self.env.ref("base.user_root")))

    def test_a_customer_list_of_a_pair(self):
        self.compute()
        pair = self.pair(self.desk.product_tmpl_id, self.chair.product_tmpl_id)
        lists = self.env["crm.customer.list"].with_user(self.boss)
        one = lists.create(
            {
                "name": "Desks only",
                "company_id": self.company.id,
                "domain": repr([("only_first_pair_ids", "in", pair.ids)]),
            }
        )
        self.assertEqual(one._get_customers(), self.buyer + self.people[3])
        self.assertTrue(
            self.env["crm.care.plan"].new({"domain": one.domain})._is_profiling()
        )
