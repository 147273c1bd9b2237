from odoo import api, fields, models

from .empty_help import purchases_help


class CrmPurchaseHistory(models.Model):
    _name = "crm.purchase.history"
    _inherit = "crm.customer.record.mixin"
    _description = "Purchase History"
    _rec_name = "reference"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(index=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one(default=lambda self: self.env.company)
    date = fields.Date(required=True, default=fields.Date.context_today)
    amount = fields.Monetary(
        required=True,
        help="Untaxed amount after discounts, negative for a refund.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Amounts in other currencies are converted to the company's currency at "
        "the rate of the purchase date.",
    )
    reference = fields.Char(
        copy=False,
        help="Purchase number in the former system. It can be imported only once per "
        "company.",
    )
    channel = fields.Char(help="Where the purchase was made: shop, web, phone…")

    # The timeline reads a customer's purchases in the order of their dates.
    _partner_date_index = models.Index("(partner_id, date, id)")

    _unique_reference = models.Constraint(
        "UNIQUE (company_id, reference)",
        "A purchase with this reference already exists or appears twice in the file. "
        "Each reference can be imported only once per company.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for purchase in self:
            purchase.currency_id = purchase.company_id.currency_id

    @api.depends("reference", "partner_id")
    def _compute_display_name(self):
        for purchase in self:
            purchase.display_name = (
                purchase.reference or purchase.partner_id.display_name
            )

    @api.model
    def _get_unrated_currencies(self, company):
        """Currencies of the company's purchases that it cannot convert into its own:
        without any rate, one unit counts as one."""
        rated = self.env["res.currency.rate"]._read_group(
            [("company_id", "in", (False, company.root_id.id))], ["currency_id"]
        )
        convertible = company.currency_id.union(*(currency for [currency] in rated))
        unrated = self._read_group(
            [
                ("company_id", "=", company.id),
                ("currency_id", "not in", convertible.ids),
            ],
            ["currency_id"],
        )
        return self.env["res.currency"].union(*(currency for [currency] in unrated))

    def _convert_records(self, records, **options):
        """Read empty cells of an import by their meaning.

        An empty amount would become 0 without a word: it is reported with its row. An
        empty currency would be refused: it means the company's, as a missing column
        does.
        """
        log = options["log"]
        converted = super()._convert_records(records, **options)
        for dbid, xid, record, info in converted:
            if not dbid and record.get("amount", False) is False:
                log(
                    {
                        **info,
                        "type": "error",
                        "field": "amount",
                        "message": self.env._(
                            "Every purchase needs an amount. Enter 0 for items given "
                            "away for free."
                        ),
                    }
                )
            if not record.get("currency_id", True):
                del record["currency_id"]
            yield dbid, xid, record, info

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Purchase History"),
                "template": "/crm_extended/static/xlsx/purchase_history.xlsx",
            }
        ]

    @api.model
    def get_empty_list_help(self, help_message):
        return purchases_help(self.env, super().get_empty_list_help(help_message))
