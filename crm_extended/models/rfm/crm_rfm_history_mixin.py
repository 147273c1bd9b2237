from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmRfmHistoryMixin(models.AbstractModel):
    """A report on past scores, which begins with the first day that is known.

    A score of the past is derived from the score changes since. That is right for days
    on which scores were recorded already, and invented for days before: without a
    change, a customer would seem to have had today's score forever.
    """

    _name = "crm.rfm.history.mixin"
    _description = "Report on Past Scores"
    _depends = {
        "crm.rfm.change": ["company_id", "date"],
        "crm.rfm.refresh": ["company_id", "as_of", "customer_count"],
        "crm.rfm.rebuild": ["company_id", "date_from", "state"],
    }

    @api.model
    def _history_days(self):
        """The first and the last day that the report shows.

        :rtype: tuple[datetime.date, datetime.date]
        """
        raise NotImplementedError

    @api.model
    def _shows_history(self, starts) -> bool:
        """Whether something is known of a company on the days that the report shows.

        :param starts: first known days of companies
        """
        raise NotImplementedError

    @api.model
    def _history_starts_sql(self) -> SQL:
        """Companies (``company_id``) and the first day (``day``) on which the scores of
        their customers are known, where there is one.

        That is the day of the first update that found customers, of the first recorded
        change (updates are logged for a year only), or the first day of a rebuild.
        """
        return SQL(
            """
            SELECT company.id AS company_id,
                   LEAST(
                       (SELECT min(date) FROM crm_rfm_change
                         WHERE company_id = company.id),
                       (SELECT min(as_of) FROM crm_rfm_refresh
                         WHERE company_id = company.id AND customer_count > 0),
                       (SELECT min(date_from) FROM crm_rfm_rebuild
                         WHERE company_id = company.id AND state = 'done')
                   ) AS day
              FROM res_company AS company
            """
        )

    @api.model
    def _history_starts(self) -> dict:
        """The first known day of each company that the user is logged into, or
        ``None``."""
        for model, names in self._depends.items():
            self.env[model].flush_model(names)
        starts = dict(
            self.env.execute_query(
                SQL(
                    "SELECT company_id, day FROM (%s) AS start WHERE company_id = ANY(%s)",
                    self._history_starts_sql(),
                    self.env.companies.ids,
                )
            )
        )
        return {company: starts.get(company.id) for company in self.env.companies}

    @api.model
    @api.readonly
    def get_history(self):
        """The days that the report shows, and what it cannot show.

        :return: ``date_from`` and ``date_to``, ISO strings; ``missing``: companies whose
            history starts after the first day, with ``start``; ``is_known``: there is a
            history at all; ``is_empty``: nothing is known of these days;
            ``may_refresh`` and ``may_rebuild``: what the user may do about that, and
            ``is_rebuilding``: history is being rebuilt
        :rtype: dict
        """
        self.check_access("read")
        date_from, date_to = self._history_days()
        starts = self._history_starts()
        known = [start for start in starts.values() if start]
        # sudo: that the past is being rebuilt is no secret.
        rebuilds = self.env["crm.rfm.rebuild"].sudo()
        running = Domain("state", "=", "running") & Domain(
            "company_id", "in", self.env.companies.ids
        )
        return {
            "date_from": fields.Date.to_string(date_from),
            "date_to": fields.Date.to_string(date_to),
            "missing": [
                {"company": company.name, "start": fields.Date.to_string(start)}
                for company, start in starts.items()
                if start and start > date_from
            ],
            "is_known": bool(known),
            "is_empty": not known or not self._shows_history(known),
            "has_several_companies": len(starts) > 1,
            "may_refresh": self.env["crm.rfm.segment"].has_access("write"),
            "may_rebuild": self.env["crm.rfm.rebuild"].has_access("create"),
            "is_rebuilding": bool(rebuilds.search_count(running, limit=1)),
        }
