from odoo import fields, models


class CrmLifecycleRun(models.Model):
    """Remembers whether care plans have enrolled its customers."""

    _inherit = "crm.lifecycle.run"

    plans_started = fields.Boolean(
        readonly=True, help="Care plans have enrolled the customers of this update."
    )

    def _is_ordinary(self) -> bool:
        """Whether the changes it recorded are what customers did, or time: an update of
        today, after another one of its own day, by the same settings."""
        self.ensure_one()
        before = self.search(
            [("company_id", "=", self.company_id.id), ("id", "<", self.id)],
            order="id desc",
            limit=1,
        )
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        return (
            not self.definition_changed
            and self.of_today
            and self.create_date > yesterday
            and before.of_today
        )
