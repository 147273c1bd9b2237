"""Which records are entries, where that depends on more than the record."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..entry import id_array


class CrmTimeline(models.AbstractModel):
    _inherit = "crm.timeline"

    @api.model
    def _ratings_domain(self, scope):
        """Ratings of what the reader may read: of themselves, all employees may read all,
        with the name of the record and with what the customer said of it."""
        self.env["rating.rating"].flush_model()
        rated = self.env.execute_query(
            SQL(
                """
                SELECT res_model, array_agg(DISTINCT res_id)
                  FROM rating_rating
                 WHERE partner_id = ANY(%s) AND consumed
              GROUP BY res_model
                """,
                id_array(scope.partners.ids),
            )
        )
        of_readable = []
        for model, ids in rated:
            if model in self.env and self.env[model].has_access("read"):
                records = self.env[model].with_context(active_test=False)
                found = records.search([("id", "in", ids)], order="id")
                of_readable.append(
                    Domain("res_model", "=", model) & Domain("res_id", "in", found.ids)
                )
        return Domain("consumed", "=", True) & Domain.OR(of_readable)

    @api.model
    def _meetings_domain(self, scope):
        """Meetings that are told by nothing else and whose text the reader may see, by the
        rule of Odoo's calendar."""
        mine = Domain("user_id", "=", self.env.uid) | Domain(
            "partner_ids", "in", self.env.user.partner_id.ids
        )
        # sudo: whose calendar is private is told to nobody.
        private = self.env["res.users"].sudo().with_context(active_test=False)
        private_ids = private._search(
            [("res_users_settings_id.calendar_default_privacy", "=", "private")]
        ).get_result_ids()
        by_default = Domain("privacy", "=", False) & Domain(
            "user_id", "in", private_ids
        )
        seen = mine | ~(Domain("privacy", "=", "private") | by_default)
        if not self.env["crm.interaction"].has_access(
            "read"
        ) or not self._has_logged_meetings(scope):
            return seen
        # A logged contact that was put into the calendar is told by the contact.
        interactions = self.env["crm.interaction"]._search(
            [("calendar_event_id", "!=", False)]
        )
        told = interactions.subselect("calendar_event_id")
        return seen & Domain("id", "not in", told)

    @api.model
    def _has_logged_meetings(self, scope) -> bool:
        """Whether any meeting of these contacts or of this record was logged as a contact,
        whoever may read it: most are not, and to search as the reader takes longer."""
        lead_ids = scope.record.ids if scope.record._name == "crm.lead" else []
        self.env["crm.interaction"].flush_model(["calendar_event_id"])
        self.env["calendar.event"].flush_model(["partner_ids", "opportunity_id"])
        [[found]] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                       SELECT
                         FROM crm_interaction AS interaction
                         JOIN calendar_event AS event
                           ON event.id = interaction.calendar_event_id
                        WHERE event.opportunity_id = ANY(%s)
                           OR EXISTS (
                              SELECT
                                FROM calendar_event_res_partner_rel AS attendee
                               WHERE attendee.calendar_event_id = event.id
                                 AND attendee.res_partner_id = ANY(%s)))
                """,
                id_array(lead_ids),
                id_array(scope.partners.ids),
            )
        )
        return found
