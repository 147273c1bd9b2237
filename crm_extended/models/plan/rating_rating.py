from odoo import api, fields, models

# Odoo's word for an unhappy rating.
BAD = "ko"


class RatingRating(models.Model):
    """Bad ratings start care plans."""

    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._start_plans()
        return ratings

    def write(self, vals):
        # sudo: only whether they are new, whoever rates.
        before = self.sudo()._bad() if {"rating", "consumed"} & vals.keys() else self
        result = super().write(vals)
        (self - before)._start_plans()
        return result

    def _bad(self):
        return self.filtered(lambda one: one.consumed and one.rating_text == BAD)

    def _start_plans(self):
        """Enroll the customers who gave a bad rating just now."""
        # sudo: plans enroll, whoever rates, and ratings are not for all to read.
        bad = self.sudo()._bad()
        if not bad:
            return
        # Reviews of former days are imported, with their messages.
        since = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        bad = bad.filtered(
            lambda one: not one.message_id or one.message_id.date >= since
        )
        plans = self.env["crm.care.plan"].sudo()
        for company, ratings in bad.grouped(self._company_of).items():
            customers = ratings.grouped(self._customer_of)
            customers = self.env["res.partner"].sudo().union(*customers)
            if customers:
                plans._on_deed(
                    company,
                    ["bad_rating"],
                    lambda _plan, customers=customers: customers,
                )

    @staticmethod
    def _customer_of(rating):
        """The customer: that of the case, where the one who rated is not known."""
        customer = rating.partner_id
        record = rating._rated_record()
        if not customer and "partner_id" in record._fields:
            customer = record.partner_id
        return customer.commercial_partner_id

    @staticmethod
    def _company_of(rating):
        """The company that was rated."""
        record = rating._rated_record()
        company = record.company_id if "company_id" in record._fields else None
        return company or rating.env.company

    def _rated_record(self):
        model = self.env.get(self.res_model)
        if model is None:
            return self
        return model.browse(self.res_id).exists()
