from odoo import Command

from odoo.addons.crm_extended.tests.common import CustomerValueCommon


class RuleCommon(CustomerValueCommon):
    """Rules on a model, made in a word."""

    model_name = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["base.automation"].search(
            [("model_name", "=", cls.model_name)]
        ).active = False
        cls.model = cls.env["ir.model"]._get(cls.model_name)

    @classmethod
    def rule(cls, trigger="on_create", domain=(), **action):
        return cls.env["base.automation"].create(
            {
                "name": "Rule",
                "model_id": cls.model.id,
                "trigger": trigger,
                "filter_domain": repr(list(domain)),
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Action",
                            "model_id": cls.model.id,
                            "usage": "base_automation",
                            **action,
                        }
                    )
                ],
            }
        )

    @classmethod
    def note_rule(cls, **options):
        """A rule that writes down every change it hears of on the customer."""
        return cls.rule(
            state="code",
            code="record.partner_id.write({'comment': "
            "'%s heard;' % (record.partner_id.comment or '')})",
            **options,
        )

    def heard(self, partner):
        return (partner.comment or "").count("heard")
