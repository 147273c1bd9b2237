"""Answers as a bridge leaves them."""

from datetime import timedelta

from odoo import fields

from ..care.common import CareCommon


class SatisfactionCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answers = cls.env["crm.satisfaction.answer"]
        cls.number = 0

    @classmethod
    def said(cls, contact=None, satisfaction=8, days_ago=10, company=None, **values):
        """One answer; the three of the index are alike unless others are given."""
        cls.number += 1
        return cls.answers.create(
            {
                "partner_id": contact and contact.commercial_partner_id.id,
                "contact_id": contact and contact.id,
                "company_id": (company or cls.company_a).id,
                "date": fields.Datetime.now() - timedelta(days=days_ago),
                "res_model": "res.company",
                "res_id": cls.number,
                "satisfaction": satisfaction,
                "expectation": satisfaction,
                "ideal": satisfaction,
                **values,
            }
        )

    def page(self, dimension="segment", user=None):
        self.env.flush_all()
        report = self.as_user(user or self.manager, "crm.satisfaction.report")
        return report.get_page(dimension)

    def total(self, user=None):
        return self.page(user=user)["total"]["index"]
