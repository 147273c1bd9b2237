from odoo import models
from odoo.tools import SQL


class CrmCarePlanStep(models.Model):
    """A part of steps: whether a step is done for a customer."""

    _inherit = "crm.care.plan.step"

    def _meets(self, enrollments):
        """Of these enrollments those for which the condition holds, in a few queries."""
        self.ensure_one()
        if not self.condition:
            return enrollments
        holds = not self.condition.startswith("not_")
        name = self.condition.removeprefix("not_")
        if name == "activity_open":
            name, holds = "activity_done", False
        since = enrollments._dates_of(self.condition_step_id)
        found = getattr(self, f"_found_{name}")(enrollments, since)
        return enrollments.filtered(lambda each: (each in found) == holds)

    def _found_answered(self, enrollments, since):
        """Customers who wrote, called, opened a case or rated since then."""
        for name in (
            "mail.message",
            "crm.interaction",
            "crm.care.case",
            "crm.care.enrollment.step",
            "rating.rating",
        ):
            self.env[name].flush_model()
        return self._having(
            enrollments,
            since,
            SQL(
                """
                EXISTS (SELECT FROM res_partner AS person
                          JOIN mail_message AS message ON message.author_id = person.id
                         WHERE person.commercial_partner_id = asked.partner_id
                           AND message.message_type IN ('email', 'comment')
                           AND message.date > asked.since)
                OR EXISTS (SELECT FROM res_partner AS person
                             JOIN crm_interaction AS contact
                               ON contact.partner_id = person.id
                            WHERE person.commercial_partner_id = asked.partner_id
                              AND contact.direction = 'in'
                              AND contact.company_id = %(company_id)s
                              AND contact.date > asked.since)
                OR EXISTS (SELECT FROM res_partner AS person
                             JOIN crm_care_case AS opened
                               ON opened.partner_id = person.id
                            WHERE person.commercial_partner_id = asked.partner_id
                              AND opened.company_id = %(company_id)s
                              AND opened.opened_date > asked.since
                              -- Not what a plan has opened for them.
                              AND NOT EXISTS (
                                  SELECT FROM crm_care_enrollment_step AS made
                                   WHERE made.case_id = opened.id))
                OR EXISTS (%(rated)s)
                """,
                company_id=self.company_id.id,
                rated=self._rated(SQL("TRUE")),
            ),
        )

    def _found_rating_below(self, enrollments, since):
        self.env["rating.rating"].flush_model()
        below = SQL("given.rating < %s", self.condition_rating)
        return self._having(enrollments, since, SQL("EXISTS (%s)", self._rated(below)))

    @staticmethod
    def _rated(condition) -> SQL:
        return SQL(
            """
            SELECT FROM res_partner AS person
              JOIN rating_rating AS given ON given.partner_id = person.id
             WHERE person.commercial_partner_id = asked.partner_id
               AND given.consumed AND given.rated_on > asked.since AND %s
            """,
            condition,
        )

    def _found_bought(self, enrollments, since):
        return enrollments._having_bought(since)

    def _found_activity_done(self, enrollments, since):
        """Those whose activity of that step is done. An activity that was deleted was
        not."""
        step = self.condition_step_id
        done = self.env["crm.care.enrollment.step"].search(
            [
                ("enrollment_id", "in", enrollments.ids),
                ("step_id", "in", step._in_all_versions().ids)
                if step
                else ("step_id", "!=", False),
                ("outcome", "=", "done"),
                ("activity_id", "!=", False),
            ]
        )
        # Odoo archives an activity that is done, and keeps it; a deleted one is no more.
        return done.filtered(
            lambda line: not line.activity_id.active or line.activity_id.date_done
        ).enrollment_id

    def _having(self, enrollments, since, condition):
        """Of these enrollments those whose customers fulfil a condition.

        :param dict since: moment by id of the enrollment
        :param SQL condition: on ``asked``, with ``partner_id`` and ``since``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT asked.id
                  FROM unnest(%s::int[], %s::int[], %s::timestamp[])
                       AS asked(id, partner_id, since)
                 WHERE %s
                """,
                enrollments.ids,
                [each.partner_id.id for each in enrollments],
                [since[each.id] for each in enrollments],
                condition,
            )
        )
        return enrollments.browse([id_ for [id_] in rows])
