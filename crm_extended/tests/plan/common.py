from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields

from ..care.common import CareCommon


class PlanCommon(CareCommon):
    """A plan of company A with a note after a day and a tag a week later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = cls.env["crm.care.plan"]
        cls.enrollments = cls.env["crm.care.enrollment"]
        cls.lines = cls.env["crm.care.enrollment.step"]
        cls.tag = cls.env["res.partner.category"].create({"name": "Cared for"})
        cls.purpose = cls.env.ref("crm_extended.purpose_loyalty")
        cls.company_a.partner_id.tz = "UTC"
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Hello {{ object.name }}",
                "body_html": "<p>Hello <t t-out='object.name'/></p>",
                "email_from": "shop@example.com",
                "partner_to": "{{ object.id }}",
            }
        )

    @classmethod
    def new_plan(cls, *steps, company=None, start=True, **values):
        plan = cls.plans.with_company(company or cls.company_a).create(
            {
                "name": "Plan",
                "company_id": (company or cls.company_a).id,
                "user_id": cls.env.uid,
                "purpose_id": cls.purpose.id,
                "contact_rule": "customer",
                **values,
            }
        )
        cls.add_steps(plan._get_draft(), *steps)
        if start:
            plan.action_start()
        return plan

    @classmethod
    def add_steps(cls, version, *steps):
        return cls.env["crm.care.plan.step"].create(
            [
                {
                    "version_id": version.id,
                    "name": f"Step {number}",
                    "sequence": number,
                    **step,
                }
                for number, step in enumerate(steps, 1)
            ]
        )

    @classmethod
    def log(cls, delay=0, **values):
        return {"kind": "log", "note": "<p>Noted</p>", "delay": delay, **values}

    @classmethod
    def tagging(cls, delay=0, **values):
        return {"kind": "tag", "tag_ids": cls.tag.ids, "delay": delay, **values}

    @classmethod
    def mail(cls, delay=0, **values):
        return {
            "kind": "mail",
            "template_id": cls.template.id,
            "delay": delay,
            **values,
        }

    @classmethod
    def activity(cls, delay=0, **values):
        todo = cls.env.ref("mail.mail_activity_data_todo")
        return {
            "kind": "activity",
            "activity_type_id": todo.id,
            "summary": "Call them",
            "delay": delay,
            **values,
        }

    @classmethod
    def run_due(cls, days=0, hours=0, company=None, at=None):
        """Do all that is due so much later."""
        moment = at or datetime.now() + timedelta(days=days, hours=hours)
        count = 0
        with freeze_time(moment):
            engine = cls.enrollments.with_company(company or cls.company_a)
            while done := engine._run_next():
                count += done
        return count

    @classmethod
    def of(cls, plan, partner=None):
        domain = [("plan_id", "=", plan.id)]
        if partner:
            domain.append(("partner_id", "=", partner.id))
        return cls.enrollments.search(domain, order="id")

    @classmethod
    def now(cls):
        return fields.Datetime.now()
