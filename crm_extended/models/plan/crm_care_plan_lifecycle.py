from odoo import fields, models
from odoo.tools import SQL, format_list

STAGES = ("exploration", "formation", "stable", "decline")


class CrmCarePlan(models.Model):
    """A part of plans: changes of the life-cycle stage enroll customers."""

    _inherit = "crm.care.plan"

    to_exploration = fields.Boolean(
        help="None of the four stages: any change of the stage.",
    )
    to_formation = fields.Boolean()
    to_stable = fields.Boolean()
    to_decline = fields.Boolean()

    def _get_stages(self) -> list[str]:
        """The stages that customers move to; empty for any of them."""
        return [stage for stage in STAGES if self[f"to_{stage}"]]

    def _in_stages(self, customer: SQL) -> SQL:
        """Whether a customer is in one of these stages now."""
        return SQL(
            """
            EXISTS (SELECT FROM crm_lifecycle AS lifecycle
                     WHERE lifecycle.partner_id = %s AND lifecycle.company_id = %s
                       AND lifecycle.stage = ANY(%s))
            """,
            customer,
            self.company_id.id,
            self._get_stages(),
        )

    def _is_meant(self) -> SQL:
        """Whether a ``change`` is one that the plan is about."""
        stages = self._get_stages()
        return SQL(
            "change.old_stage IS DISTINCT FROM change.new_stage AND %s",
            SQL("change.new_stage = ANY(%s)", stages)
            if stages
            else SQL("change.old_stage IS NOT NULL AND change.new_stage IS NOT NULL"),
        )

    # -- By trigger: see the other parts

    def _matching_lifecycle(self):
        # A change of any kind leaves nothing that lasts.
        if not self._get_stages():
            return SQL("FALSE")
        return self._in_stages(SQL.identifier("res_partner", "id"))

    def _today_lifecycle(self):
        return self._sources_of_today(
            self.env["crm.lifecycle.change"], self.env["crm.lifecycle.run"]
        )

    def _expected_lifecycle(self, first, _last):
        self.env["crm.lifecycle.change"].flush_model()
        return (
            SQL(
                """
                SELECT change.partner_id, max(change.date) AS event_date
                  FROM crm_lifecycle_change AS change
                 WHERE change.company_id = %s AND change.date >= %s
                   AND change.reason IS NULL AND %s
              GROUP BY change.partner_id
                """,
                self.company_id.id,
                first,
                self._is_meant(),
            ),
            1,
        )

    def _say_trigger_lifecycle(self):
        field = self.env["crm.lifecycle"]._fields["stage"]
        labels = dict(field._description_selection(self.env))
        names = [labels[stage] for stage in self._get_stages()]
        return names and self.env._(
            "Life-cycle stage changed to %s",
            format_list(self.env, names, style="or"),
        )
