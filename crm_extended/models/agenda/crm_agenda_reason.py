from odoo import api, fields, models
from odoo.tools import SQL

from ..common.bulk_sql import JIT_OFF
from .agenda_source import PURPOSES
from .res_company import DEFAULTS


class CrmAgendaReason(models.Model):
    """How a company weighs a kind of reasons, where it was changed. Kinds without a record
    are weighed as their source says."""

    _name = "crm.agenda.reason"
    _inherit = "crm.rechecked.record.mixin"
    _description = "Reason to Contact Customers"
    _order = "weight desc, id"

    key = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    name = fields.Char(string="Reason", compute="_compute_name")
    active = fields.Boolean(
        default=True, help="Whether customers are listed for this reason."
    )
    weight = fields.Float(
        digits=(3, 2),
        required=True,
        help="How pressing the reason is, from 0 to 1. Customers are sorted by what is at "
        "stake times their weights together.",
    )
    purpose = fields.Selection(
        [("service", "Service"), ("marketing", "Marketing")],
        required=True,
        default="service",
        help="What the customer is contacted for: the contact policy decides by it whom "
        "you may contact today.",
    )
    failed_date = fields.Date(string="Last Failed On", readonly=True)
    failure = fields.Char(string="Last Error", readonly=True)

    _unique_key = models.Constraint(
        "UNIQUE (company_id, key)", "This reason is there already."
    )
    _weight_check = models.Constraint(
        "CHECK (weight >= 0 AND weight <= 1)", "A weight is a number from 0 to 1."
    )

    @api.depends("key")
    @api.depends_context("lang")
    def _compute_name(self):
        sources = self.env["crm.customer.agenda"]._agenda_sources()
        for reason in self:
            source = sources.get(reason.key)
            # Of a feature that is off, or of an addon that is gone.
            reason.name = source.label if source else reason.key

    @api.model
    def _read_settings(self) -> tuple[dict[str, int], dict[str, tuple]]:
        """What the agenda of the current company goes by, in one query; whoever asks.

        :return: settings of the company; activity, weight and purpose of the kinds of
            reasons that it has records of
        """
        [[_off, values, rows]] = self.env.execute_query(
            SQL(
                """
                SELECT %(jit_off)s, ARRAY[%(columns)s],
                       (SELECT json_agg(json_build_array(key, active, weight, purpose))
                          FROM crm_agenda_reason WHERE company_id = company.id)
                  FROM res_company AS company
                 WHERE id = %(company_id)s
                """,
                # For the query that ranks, which takes longer to compile than to run.
                jit_off=JIT_OFF,
                columns=SQL(", ").join(map(SQL.identifier, DEFAULTS)),
                company_id=self.env.company.id,
            )
        )
        settings = {
            name.removeprefix("agenda_"): value or default
            for (name, default), value in zip(DEFAULTS.items(), values, strict=True)
        }
        return settings, {key: tuple(rest) for key, *rest in rows or ()}

    @api.model
    def _complete(self, company):
        """Give a company a record for each kind of reasons that it lacks."""
        sources = self.env["crm.customer.agenda"]._agenda_sources()
        known = self.with_context(active_test=False).search(
            [("company_id", "=", company.id)]
        )
        self.create(
            [
                self._values_of(key, source, company)
                for key, source in sources.items()
                if key not in known.mapped("key")
            ]
        )

    @api.model
    def action_configure(self):
        """Open the reasons of the current company, all of them."""
        self._complete(self.env.company)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_agenda_reason_action"
        )
        return {**action, "domain": [("company_id", "=", self.env.company.id)]}

    @api.model
    def _values_of(self, key, source, company) -> dict:
        return {
            "key": key,
            "company_id": company.id,
            "weight": source.weight,
            "purpose": source.purpose if source.purpose in PURPOSES else "service",
        }

    @api.model
    def _note_failure(self, key, source, company, error) -> bool:
        """Note that a source failed.

        :return: whether it is the first time today
        """
        values = self._values_of(key, source, company)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_agenda_reason AS reason (
                            key, company_id, weight, purpose, active, failed_date,
                            failure)
                     VALUES (%(key)s, %(company_id)s, %(weight)s, %(purpose)s, TRUE,
                            %(today)s, %(failure)s)
                ON CONFLICT (company_id, key) DO UPDATE
                        SET failed_date = EXCLUDED.failed_date,
                            failure = EXCLUDED.failure
                      WHERE reason.failed_date IS DISTINCT FROM EXCLUDED.failed_date
                  RETURNING id
                """,
                **values,
                today=fields.Date.context_today(self),
                failure=f"{type(error).__name__}: {error}"[:500],
            )
        )
        self.invalidate_model(["failed_date", "failure"])
        return bool(rows)
