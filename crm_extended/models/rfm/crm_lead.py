from odoo import api, fields, models
from odoo.tools import SQL

from ..common.groups import SALES

SEGMENT = "rfm_segment_id"


class CrmLead(models.Model):
    """Leads show what their contacts show, and join nothing themselves."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.customer.join.mixin"]
    # Leads of people who never bought come last in either direction.
    _customer_joins_last = True

    rfm_segment_id = fields.Many2one(
        related="partner_id.rfm_segment_id", string="Customer Segment", groups=SALES
    )
    rfm_segment_color = fields.Integer(
        related="partner_id.rfm_segment_color", aggregator=None, groups=SALES
    )
    rfm_segment_action = fields.Text(
        related="partner_id.rfm_segment_action", groups=SALES
    )
    rfm_code = fields.Char(related="partner_id.rfm_code", groups=SALES)

    # -- The segment as a variable of predictive lead scoring
    #
    # Odoo reads its variables as columns of crm_lead wherever it handles many leads.
    # The segment has no column, and shows the customer's segment in the reader's current
    # company; scoring needs the segment in the lead's own company. So the variable is
    # hidden from Odoo, and its value is added to the values of the others.

    @api.model
    def _pls_uses_segment(self) -> bool:
        # sudo: as Odoo reads it, for all users who write leads.
        parameters = self.env["ir.config_parameter"].sudo()
        return SEGMENT in (parameters.get_param("crm.pls_fields") or "").split(",")

    def _pls_get_safe_fields(self):
        return [name for name in super()._pls_get_safe_fields() if name != SEGMENT]

    @api.depends(
        lambda self: (
            ["partner_id.commercial_partner_id", "company_id"]
            if self._pls_uses_segment()
            else []
        )
    )
    def _compute_probabilities(self):
        return super()._compute_probabilities()

    def _pls_get_lead_pls_values(self, domain=None):
        values = super()._pls_get_lead_pls_values(domain=domain)
        if values and self._pls_uses_segment():
            segments = self._pls_get_segments(values if domain else None)
            for lead_id, segment_id in segments.items():
                values[lead_id]["values"].append((SEGMENT, segment_id))
        return values

    @api.model
    def _pls_update_customers(self, customers, company):
        """Recompute the probability of open leads of customers whose segment in a company
        changed: Odoo watches only the leads' own values."""
        contacts = self.env["res.partner"].with_context(active_test=False)
        contacts = contacts.search([("commercial_partner_id", "in", customers.ids)])
        leads = self.search(
            [
                ("partner_id", "in", contacts.ids),
                ("company_id", "in", [company.id, False]),
                ("won_status", "=", "pending"),
            ]
        )
        names = ["automated_probability", "probability"]
        for name in names:
            self.env.add_to_compute(self._fields[name], leads)
        leads._recompute_recordset(names)
        # Nothing was written, so Odoo does not know that dependent fields are outdated.
        leads.modified(names)

    def prepare_pls_tooltip_data(self):
        # It names the segment by the field, which depends on the current company.
        lead = self.with_company(self.company_id)
        return super(CrmLead, lead).prepare_pls_tooltip_data()

    def _pls_get_segments(self, lead_ids=None) -> dict:
        """The segment of each lead's customer in the lead's company, in one query.

        A lead without a company takes the company in which its customer bought last. A
        lead that is won or lost keeps the segment of that moment: the segment after the
        purchase it led to says nothing about how it was won.

        :param lead_ids: leads in the database; these records, as they are now in an
            onchange or a form, when left out
        :return: id of the segment by id of the lead, for those that have one
        """
        if lead_ids is None:
            places = list(self)
            leads = SQL(
                "SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::timestamp[])",
                list(range(len(places))),
                [
                    lead.partner_id.commercial_partner_id._origin.id or None
                    for lead in places
                ],
                [lead.company_id._origin.id or None for lead in places],
                [None] * len(places),
            )
        else:
            self.env["res.partner"].flush_model(["commercial_partner_id"])
            leads = SQL(
                """
                SELECT l.id, p.commercial_partner_id, l.company_id,
                       CASE WHEN l.won_status <> 'pending' THEN l.date_closed END
                  FROM crm_lead AS l
                  JOIN res_partner AS p ON p.id = l.partner_id
                 WHERE l.id = ANY(%s)
                """,
                list(lead_ids),
            )
        rows = self.env.execute_query(_segments_query(leads))
        if lead_ids is None:
            return {places[place].id: segment_id for place, segment_id in rows}
        return dict(rows)


def _segments_query(leads: SQL) -> SQL:
    """The segments of customers, now or when a lead was closed.

    A past segment is the old one of the first score change since; not before the
    company's first refresh or recorded change, because that time is unknown.

    :param leads: a query giving a key, a customer, a company or NULL, and the moment of
        the closing or NULL
    :return: a query giving keys and segments
    """
    return SQL(
        """
        WITH lead (key, partner_id, company_id, closed) AS (%(leads)s),
        known AS MATERIALIZED (
            SELECT company.id AS company_id,
                   LEAST((SELECT min(create_date) FROM crm_rfm_refresh
                           WHERE company_id = company.id),
                         (SELECT min(date) FROM crm_rfm_change
                           WHERE company_id = company.id)) AS since
              FROM res_company AS company
        ),
        dated AS (
            SELECT lead.key,
                   CASE WHEN move.id IS NULL THEN score.segment_id
                        ELSE move.old_segment_id END AS segment_id
              FROM lead
        CROSS JOIN LATERAL (
                    SELECT company_id, segment_id
                      FROM crm_rfm_score
                     WHERE partner_id = lead.partner_id
                       AND (lead.company_id IS NULL OR company_id = lead.company_id)
                  ORDER BY last_date DESC, company_id
                     LIMIT 1
                   ) AS score
              JOIN known ON known.company_id = score.company_id
         LEFT JOIN LATERAL (
                    SELECT id, old_segment_id
                      FROM crm_rfm_change
                     WHERE partner_id = lead.partner_id
                       AND company_id = score.company_id
                       AND date >= lead.closed::date - 1
                       -- A rebuild of the history records changes of long ago, of
                       -- which only the day is known.
                       AND CASE WHEN create_date::date - date <= 1
                                THEN create_date > lead.closed
                                ELSE date >= lead.closed::date END
                  ORDER BY date, id
                     LIMIT 1
                   ) AS move ON TRUE
             WHERE lead.closed IS NULL OR lead.closed >= known.since
        )
        SELECT key, segment_id FROM dated WHERE segment_id IS NOT NULL
        """,
        leads=leads,
    )
