from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_care_plan import OPEN
from .crm_care_plan_addressee import ADDRESSES


class CrmCareEnrollment(models.Model):
    """A part of enrollments: who leaves a plan, and why."""

    _inherit = "crm.care.enrollment"

    def _exit(self, reason: str):
        """Let customers leave their plans at once."""
        if not self:
            return
        # sudo: whoever archives a contact, or records their answer.
        self.sudo().write(
            {
                "state": "exited",
                "exit_reason": reason,
                "end_date": fields.Datetime.now(),
                "next_date": False,
                "wait_reason": False,
            }
        )

    def _leave_if_due(self):
        """Let those leave who have to, before a step.

        :return: those who stay
        """
        # Partners have very many columns.
        self.partner_id.fetch(["active", "commercial_partner_id", "company_id"])
        stay = self
        for reason in ("archived", "moved", "goal", "condition", "left"):
            if not stay:
                break
            leaving = getattr(stay, f"_leaving_{reason}")()
            leaving._exit(reason)
            stay -= leaving
        return stay

    def _leaving_archived(self):
        return self.filtered(lambda each: not each.partner_id.active)

    def _leaving_moved(self):
        return self.filtered(
            lambda each: (
                each.partner_id.commercial_partner_id != each.partner_id
                or each.partner_id.company_id
                not in (each.company_id, each.company_id.browse())
            )
        )

    def _leaving_goal(self):
        found = self.browse()
        for plan, theirs in self.grouped("plan_id").items():
            if plan.goal == "purchase":
                since = theirs._dates_of(self.env["crm.care.plan.step"])
                found += theirs._having_bought(
                    since,
                    plan.goal_amount,
                    plan.goal_days,
                    plan.goal_product_tmpl_ids,
                    plan.goal_categ_ids,
                )
        return found

    def _leaving_condition(self):
        found = self.browse()
        for plan, theirs in self.grouped("plan_id").items():
            domain = plan._to_domain(plan.exit_domain)
            # An empty filter, as the editor leaves it, is no condition.
            if not domain.is_true():
                mine = domain & plan._of(theirs.partner_id)
                ids = set(plan._partners().search(mine).ids)
                found += theirs.filtered(
                    lambda each, ids=ids: each.partner_id.id in ids
                )
        return found

    def _leaving_left(self):
        found = self.browse()
        for plan, theirs in self.grouped("plan_id").items():
            if plan.exit_when_left and (plan.segment_ids or plan.tier_ids):
                inside = plan._inside(theirs.partner_id)
                found += theirs.filtered(
                    lambda each, inside=inside: each.partner_id not in inside
                )
        return found

    # -- What others call

    @api.model
    def _opt_out(self, consents):
        """People have refused: their customers leave the plans that address them."""
        refused = consents.filtered(
            lambda consent: consent.state in ("refused", "withdrawn")
        )
        if not refused:
            return
        # sudo: whoever records the answer.
        enrollments = self.sudo().search(
            [
                ("partner_id", "in", refused.partner_id.commercial_partner_id.ids),
                ("state", "in", OPEN),
                ("plan_id.purpose_id", "in", refused.purpose_id.ids),
                ("company_id", "in", refused.company_id.ids),
            ]
        )
        contacts = [enrollments._find_contacts(channel) for channel in ADDRESSES]
        said = {(each.partner_id, each.purpose_id, each.company_id) for each in refused}
        enrollments.filtered(
            lambda each: any(
                (person, each.plan_id.purpose_id, each.company_id) in said
                for person in each.partner_id.union(
                    *(found[each.id] for found in contacts)
                )
            )
        )._exit("opted_out")
        self.sudo()._refuse_profiling(refused)

    @api.model
    def _refuse_profiling(self, refused):
        """Customers who refuse that anything is computed about them leave the plans that
        chose them by it."""
        profiling = self.env.ref("crm_extended.purpose_profiling")
        for company, theirs in (
            refused.filtered(lambda consent: consent.purpose_id == profiling)
            .grouped("company_id")
            .items()
        ):
            enrollments = self._open_of(
                Domain("partner_id", "in", theirs.partner_id.ids)
                & Domain("company_id", "=", company.id)
            )
            for plan, inside in enrollments.grouped("plan_id").items():
                if plan.with_company(company)._is_profiling():
                    inside._exit("opted_out")

    def _leave_refused(self):
        """Let customers leave whose answers refuse what their plans are for, as after a
        merge with another contact."""
        for plan, theirs in self._open().grouped("plan_id").items():
            plan = plan.with_company(plan.company_id)
            plan._flush_what_decides()
            asked = [plan._not_refused(), *plan._profiled()]
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM res_partner AS p WHERE id = ANY(%s) AND %s",
                    theirs.partner_id.ids,
                    SQL(" AND ").join(asked),
                )
            )
            allowed = self.env["res.partner"].browse([id_ for [id_] in rows])
            staying = theirs.partner_id & allowed
            theirs.filtered_domain([("partner_id", "not in", staying.ids)])._exit(
                "opted_out"
            )

    @api.model
    def _change_group(self, plan):
        """The plan belongs to another group: its customers are in it from now on, but for
        those who are in another plan of it."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_care_enrollment AS mine
                   SET exclusion_group_id = CASE WHEN NOT EXISTS (
                           SELECT FROM crm_care_enrollment AS other
                            WHERE other.exclusion_group_id = %(group)s
                              AND other.partner_id = mine.partner_id
                              AND other.id <> mine.id AND other.state = ANY(%(open)s))
                           THEN %(group)s::int END
                 WHERE mine.plan_id = %(plan)s AND mine.state = ANY(%(open)s)
                """,
                group=plan.exclusion_group_id.id or None,
                plan=plan.id,
                open=list(OPEN),
            )
        )
        self.invalidate_model(["exclusion_group_id"])

    @api.model
    def _prepare_merge(self, contacts):
        """Contacts become one: in each plan the enrollment that is further on stays.

        Where one of them is or was in the control group of a plan, nothing more is done
        for the one who is left, who is of that group from then on. They have been in
        both groups, and count in neither: see ``crm_care_plan_uplift.py``.
        """
        # sudo: of all companies, for any user who merges.
        mine = self.sudo().search([("partner_id", "in", contacts.ids)])
        controls = mine.filtered(lambda each: each.arm == "control")
        enrollments = mine._open()
        enrollments.filtered(
            lambda each: each.arm == "plan" and each.plan_id in controls.plan_id
        )._exit("merged")
        for name in ("plan_id", "exclusion_group_id"):
            staying = enrollments._open().filtered(name)
            for theirs in staying.grouped(name).values():
                theirs.sorted(self._progress, reverse=True)[1:]._exit("merged")

    @staticmethod
    def _progress(enrollment):
        """How far on a customer is, to compare."""
        place = enrollment.step_id._place() if enrollment.step_id else (-1, 0)
        return enrollment.state != "waiting", place, -enrollment.id
