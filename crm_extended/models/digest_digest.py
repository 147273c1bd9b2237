from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

KPIS = ("gained", "kept", "lost", "won_back")


class DigestDigest(models.Model):
    """Customers gained, kept, lost and won back, from the first day of a period up to
    the day before its last, which is not over yet when the digest is sent.

    Who was lost on a day is told as by ``crm.rfm.movement``: it is the old side of the
    first move from that day on, or the present where there is none.
    """

    _inherit = "digest.digest"

    kpi_rfm_gained = fields.Boolean(
        "Customers Gained", help="Customers who bought for the first time ever."
    )
    kpi_rfm_gained_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_kept = fields.Boolean(
        "Customers Kept",
        help="Customers from before who were Lost neither then nor now.",
    )
    kpi_rfm_kept_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_lost = fields.Boolean(
        "Customers Lost", help="Customers who are Lost now and were not before."
    )
    kpi_rfm_lost_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_won_back = fields.Boolean(
        "Customers Won Back", help="Customers who were Lost before and are no more."
    )
    kpi_rfm_won_back_value = fields.Integer(compute="_compute_kpi_rfm_values")

    # The period is in the context, and Odoo forgets between two periods only the one
    # figure it has read.
    @api.depends_context("uid", "company", "start_datetime", "end_datetime")
    def _compute_kpi_rfm_values(self):
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email")
            )
        start, end, companies = self._get_kpi_compute_parameters()
        # No period where a figure is read outside a digest.
        figures = {}
        if start and end:
            figures = self._get_rfm_figures(
                fields.Date.to_date(start), fields.Date.to_date(end), companies
            )
        for digest in self:
            company = digest.company_id or self.env.company
            for name, value in zip(
                KPIS, figures.get(company.id, (0,) * len(KPIS)), strict=True
            ):
                digest[f"kpi_rfm_{name}_value"] = value

    @api.model
    def _get_rfm_figures(self, start: date, end: date, companies) -> dict:
        """Count customers who the user may see, by company.

        :param start: the first day
        :param end: the day after the last
        :return: gained, kept, lost, won back by id of the company
        """
        visible = self.env["crm.rfm.score"]._search(
            [("company_id", "in", companies.ids), ("first_date", "<", end)]
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH at_start AS (%(first_moves_from_start)s),
                at_end AS (%(first_moves_from_end)s),
                customer AS (
                    SELECT score.company_id,
                           score.first_date >= %(start)s AS is_new,
                           %(lost_at_start)s AS was_lost,
                           %(lost_at_end)s AS is_lost
                      FROM crm_rfm_score AS score
                 LEFT JOIN at_start
                        ON at_start.partner_id = score.partner_id
                       AND at_start.company_id = score.company_id
                 LEFT JOIN at_end
                        ON at_end.partner_id = score.partner_id
                       AND at_end.company_id = score.company_id
                     WHERE score.id IN %(visible)s
                )
                SELECT company_id,
                       count(*) FILTER (WHERE is_new),
                       count(*) FILTER (
                           WHERE NOT is_new AND NOT was_lost AND NOT is_lost),
                       count(*) FILTER (
                           WHERE NOT is_new AND NOT was_lost AND is_lost),
                       count(*) FILTER (WHERE NOT is_new AND was_lost AND NOT is_lost)
                  FROM customer
              GROUP BY company_id
                """,
                first_moves_from_start=self._rfm_first_moves(start, companies),
                first_moves_from_end=self._rfm_first_moves(end, companies),
                start=start,
                lost_at_start=self._rfm_lost("at_start"),
                lost_at_end=self._rfm_lost("at_end"),
                visible=visible.subselect(),
            )
        )
        return {company_id: figures for company_id, *figures in rows}

    @api.model
    def _rfm_first_moves(self, day: date, companies) -> SQL:
        return SQL(
            """
            SELECT DISTINCT ON (partner_id, company_id)
                   id, partner_id, company_id, old_segment_id
              FROM crm_rfm_change
             WHERE date >= %s AND company_id = ANY(%s)
          ORDER BY partner_id, company_id, date, id
            """,
            day,
            companies.ids,
        )

    @api.model
    def _rfm_lost(self, moves: str) -> SQL:
        """Whether a customer was lost before those of ``moves``."""
        # sudo: figures of the past count also where a segment has changed hands.
        segments = self.env["crm.rfm.segment"].sudo().with_context(active_test=False)
        return SQL(
            """
            COALESCE(CASE WHEN %(move_id)s IS NULL
                          THEN score.segment_id ELSE %(old_segment_id)s
                           END = ANY(%(lost)s), FALSE)
            """,
            move_id=SQL.identifier(moves, "id"),
            old_segment_id=SQL.identifier(moves, "old_segment_id"),
            lost=segments.search([("is_lost", "=", True)]).ids,
        )

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        if user.has_group("sales_team.group_sale_salesman"):
            menu = self.env.ref("crm.crm_menu_root").id
            for name in KPIS:
                target = (
                    "crm_rfm_score_action"
                    if name == "kept"
                    else "crm_rfm_change_action"
                )
                actions[f"kpi_rfm_{name}"] = f"crm_extended.{target}?menu_id={menu}"
        return actions
