from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...analytics.care.working_time import least_busy, next_in_turn

# How many cases are given away in one go.
BATCH = 100

SLIGHTLY = timedelta(microseconds=1)


class CrmCareTeam(models.Model):
    """Who gets a case."""

    _inherit = "crm.care.team"

    def _assign(self, cases):
        """Give cases of this team that are nobody's to its members, as it wishes.

        Asked of the database is once for all of them, not once a case.
        """
        self.ensure_one()
        # sudo: of which companies the members are.
        members = self.sudo().member_ids._care_of(self.sudo().company_id)
        if self.assign_working_only:
            members = self._working(members)
        if self.assignment == "manual" or not members:
            return
        members = members.sorted("id")
        by_turn = self.assignment == "turn"
        known = self._last_given(members) if by_turn else self._open_counts(members)
        now = fields.Datetime.now()
        for case in cases:
            if by_turn:
                member = next_in_turn(members.ids, known)
                # Later than all others, also within one moment.
                known[member] = now = max([now, *known.values()]) + SLIGHTLY
            else:
                member = least_busy(members.ids, known)
                known[member] = known.get(member, 0) + 1
            # sudo: the team gives the case, whoever it came through.
            case.sudo().write({"user_id": member, "assigned_date": now})

    def _last_given(self, members):
        """When each member was last given a case of the team, by id."""
        self.env["crm.care.case"].flush_model(["user_id", "team_id", "assigned_date"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT member.id, last.assigned_date
                      FROM unnest(%s::int[]) AS member (id)
                CROSS JOIN LATERAL (
                            SELECT assigned_date FROM crm_care_case
                             WHERE team_id = %s AND user_id = member.id
                               AND assigned_date IS NOT NULL
                          ORDER BY assigned_date DESC
                             LIMIT 1
                           ) AS last
                    """,
                    members.ids,
                    self.id,
                )
            )
        )

    @api.model
    def _open_counts(self, members):
        """How many open cases each member has, in whatever team, by id."""
        # sudo: how busy a colleague is does not depend on who asks.
        counts = self.env["crm.care.case"].sudo()
        counts = counts._read_group(
            [("user_id", "in", members.ids), ("outcome", "=", "open")],
            ["user_id"],
            ["__count"],
        )
        return {user.id: count for user, count in counts}

    def _working(self, members):
        """Those of the members who are at work now: by their own working hours and time
        off, or those of the team for whom there are none."""
        self.ensure_one()
        now = fields.Datetime.now()
        # sudo: working hours of colleagues, to know whether they can answer.
        team = self.sudo()
        resource_of = {
            member: member.sudo()
            .resource_ids.filtered(
                lambda resource: (
                    resource.company_id in (team.company_id, team.company_id.browse())
                )
            )
            .sorted(lambda resource: (not resource.company_id, resource.id))[:1]
            for member in members
        }
        away = team._away(resource_of.values(), now)
        opens = {}
        working = members.browse()
        for member, resource in resource_of.items():
            own = resource.calendar_id
            hours = (own or team.resource_calendar_id, own and resource.tz)
            if hours not in opens:
                opens[hours] = team._is_open(*hours, now)
            if opens[hours] and resource not in away:
                working += member
        return working

    def _is_open(self, calendar, tz, now) -> bool:
        """Whether it is worked by a calendar at this moment; always by none."""
        until = now + timedelta(seconds=1)
        return not calendar or any(
            calendar._care_intervals(now, until, self.company_id, tz)
        )

    def _away(self, resources, now):
        """Those who have time off at this moment.

        Where somebody works for several companies under one head, time off from another
        one is none from this.
        """
        resources = self.env["resource.resource"].union(*resources)
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "in", resources.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<=", now),
                ("date_to", ">", now),
            ]
        )
        return leaves.filtered(
            lambda leave: (
                leave.resource_id.company_id
                or leave.company_id in (self.company_id, leave.company_id.browse())
            )
        ).resource_id

    @api.model
    def _cron_assign(self):
        """Give away what came while nobody worked."""
        progress = self.env["ir.cron"]
        teams = self.search([("assignment", "!=", "manual")])
        for team in teams:
            # sudo: whichever user the administrator lets the job run as.
            cases = (
                self.env["crm.care.case"]
                .sudo()
                .search(
                    [
                        ("team_id", "=", team.id),
                        ("user_id", "=", False),
                        ("outcome", "=", "open"),
                        ("opened_by_machine", "=", False),
                    ],
                    order="id",
                )
            )
            for start in range(0, len(cases), BATCH):
                batch = cases[start : start + BATCH].try_lock_for_update()
                team._assign(batch)
                if not progress._commit_progress(len(batch)):
                    return
