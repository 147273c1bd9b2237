from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

KPIS = ("gained", "kept", "lost", "won_back")


class DigestDigest(models.Model):
    """Customers gained, kept, lost and won back, from the first day of a period up to
    the day before its last, which is not over yet when the digest is sent.

    Who was lost on a day is told as by ``crm.rfm.movement``: on the old side of the
    first move from that day on, or at present where there is none. Only moves into or
    out of the lost ones matter.
    """

    _inherit = "digest.digest"

    kpi_rfm_gained = fields.Boolean(
        "Customers Gained", help="Customers who made their first purchase."
    )
    kpi_rfm_gained_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_kept = fields.Boolean(
        "Customers Retained",
        help="Existing customers who were not Lost at the start or end of the period.",
    )
    kpi_rfm_kept_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_lost = fields.Boolean(
        "Customers Lost", help="Customers who became Lost during the period."
    )
    kpi_rfm_lost_value = fields.Integer(compute="_compute_kpi_rfm_values")
    kpi_rfm_won_back = fields.Boolean(
        "Customers Won Back",
        help="Customers who were Lost at the start of the period and no longer are.",
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
        # sudo: figures of the past count also where a segment has changed hands.
        segments = self.env["crm.rfm.segment"].sudo().with_context(active_test=False)
        lost = segments.search([("is_lost", "=", True)]).ids
        rows = self.env.execute_query(
            SQL(
                """
                WITH at_start AS (%(crossings_from_start)s),
                at_end AS (%(crossings_from_end)s),
                customer AS (
                    SELECT score.company_id,
                           score.first_date >= %(start)s AS is_new,
                           COALESCE(at_start.was_lost, lost.now) AS was_lost,
                           COALESCE(at_end.was_lost, lost.now) AS is_lost
                      FROM crm_rfm_score AS score
                CROSS JOIN LATERAL (
                            SELECT COALESCE(score.segment_id = ANY(%(lost)s), FALSE)
                           ) AS lost (now)
                 LEFT JOIN at_start USING (partner_id, company_id)
                 LEFT JOIN at_end USING (partner_id, company_id)
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
                crossings_from_start=self._rfm_crossings(start, companies, lost),
                crossings_from_end=self._rfm_crossings(end, companies, lost),
                start=start,
                lost=lost,
                visible=visible.subselect(),
            )
        )
        return {company_id: figures for company_id, *figures in rows}

    @api.model
    def _rfm_crossings(self, day: date, companies, lost: list[int]) -> SQL:
        """Whether customers who were lost or won back from a day on were lost before.

        Customers who came that late as lost ones, because old purchases were imported,
        were not lost in that time.
        """
        return SQL(
            """
            SELECT DISTINCT ON (partner_id, company_id)
                   partner_id, company_id, old_segment_id = ANY(%(lost)s) AS was_lost
              FROM crm_rfm_change
             WHERE date >= %(day)s
               AND company_id = ANY(%(company_ids)s)
               AND old_segment_id IS NOT NULL
               AND (old_segment_id = ANY(%(lost)s))
                   <> COALESCE(new_segment_id = ANY(%(lost)s), FALSE)
          ORDER BY partner_id, company_id, date, id
            """,
            day=day,
            company_ids=companies.ids,
            lost=lost,
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
