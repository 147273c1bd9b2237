from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from .crm_care_case import AUTOMATIC
from .crm_care_stage import CLOSED


class CrmCareCase(models.Model):
    """Cases that belong together: follow-ups, linked cases, merged cases."""

    _inherit = "crm.care.case"

    previous_case_id = fields.Many2one(
        "crm.care.case",
        string="Follow-up of",
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    follow_up_ids = fields.One2many(
        "crm.care.case", "previous_case_id", string="Follow-ups"
    )
    merged_into_id = fields.Many2one(
        "crm.care.case",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        copy=False,
    )
    merged_ids = fields.One2many(
        "crm.care.case", "merged_into_id", string="Merged Cases"
    )
    linked_ids = fields.Many2many(
        "crm.care.case",
        "crm_care_case_link_rel",
        "case_id",
        "linked_id",
        string="Linked Cases",
        check_company=True,
        copy=False,
    )

    # -- Links

    def _link_back(self):
        """Link the linked cases to these: links go both ways. Writing them calls this
        again, which then finds nothing left to link."""
        for case in self:
            # sudo: links to cases the user does not see are as they were.
            known = case.sudo()
            back = known.search([("linked_ids", "in", case.ids)])
            back = back.with_env(self.env)
            now = known.linked_ids.with_env(self.env)
            (now - back - case).write({"linked_ids": [Command.link(case.id)]})
            (back - now).write({"linked_ids": [Command.unlink(case.id)]})

    # -- Merging

    @api.constrains("merged_into_id")
    def _check_merged_into(self):
        for case in self:
            if case._has_cycle("merged_into_id"):
                raise ValidationError(
                    self.env._(
                        "Case “%s” cannot be merged into itself, nor into a case that "
                        "was merged into it.",
                        case.display_name,
                    )
                )

    def _became(self):
        """The case that this one was merged into, followed to the last.

        Where merged cases form a circle, which can no longer be made, it is the first
        open case of the circle, or simply the first.
        """
        self.ensure_one()
        # sudo: only to find the case; the caller checks whether the user may see it.
        case, walked = self.sudo(), {}
        while case.merged_into_id:
            if case.id in walked:
                ids = list(walked)
                circle = case.browse(ids[ids.index(case.id) :])
                case = min(circle, key=lambda one: (one.outcome in CLOSED, one.id))
                break
            walked[case.id] = True
            case = case.merged_into_id
        return self.browse(case.id)

    def _merge_into(self, target):
        """Move everything on these cases to another one, and cancel them.

        :raise AccessError: if the user may not change one of them
        """
        # A merged case goes on in the case it became.
        target = target._became()
        self = self - target  # noqa: PLW0642
        (self + target).check_access("write")
        if not self:
            return
        # sudo: messages and files of colleagues move along; the right to change the
        # cases has been asked for.
        cases, target = self.sudo(), target.sudo()
        if target.merged_into_id:
            # Part of a circle, which ends here.
            target.merged_into_id = False
        for case in cases:
            case.message_change_thread(target)
            # sudo: files move with the messages, also those the user may not read.
            self.env["ir.attachment"].sudo().search(
                [("res_model", "=", self._name), ("res_id", "=", case.id)]
            ).res_id = target.id
        cases.activity_ids.res_id = target.id
        cases.interaction_ids.case_id = target
        target.message_subscribe(cases.message_partner_ids.ids)
        values = {"linked_ids": [Command.link(case.id) for case in cases.linked_ids]}
        for name in self._filled_by_merging():
            if not target[name] and (found := cases.filtered(name)[:1]):
                values[name] = found[name].id
        target.write(values)
        target._take_over_dates(cases)
        cases.follow_up_ids.previous_case_id = target
        cases.merged_ids.merged_into_id = target
        going = any(case.outcome not in CLOSED for case in cases)
        cases._hand_over_escalation(target)
        cases._move("cancelled")
        if going and target.outcome in CLOSED:
            # A customer still waits for an answer.
            target._move("open")
        cases.merged_into_id = target
        for case in cases:
            target.message_post(
                body=self.env._("%s was merged into this case.", case.display_name)
            )
            case.message_post(
                body=self.env._("Merged into %s.", target._get_html_link())
            )

    def _take_over_dates(self, cases):
        """Take the earliest opening and the earliest answer of these cases."""
        first = min(cases.mapped("opened_date"))
        if first < self.opened_date:
            # No user has corrected a date: missed targets stay missed.
            self.with_context(care_skip_required=AUTOMATIC).opened_date = first
        answers = [date for date in cases.mapped("first_response_date") if date]
        answer = min(answers, default=None)
        if not answer or (
            self.first_response_date and self.first_response_date <= answer
        ):
            return
        self.first_response_date = answer
        answered = self.sla_status_ids.filtered(
            lambda status: (
                status.metric == "first_response"
                and (not status.reached_date or status.reached_date > answer)
            )
        )
        # By the time of the answer, however late the cases are merged; counted from the
        # earliest opening, also where the target seemed to be missed.
        answered.filtered(lambda status: not status.reached_date)._compute_deadlines()
        answered.write({"reached_date": answer, "next_escalation_date": False})

    def _filled_by_merging(self) -> tuple[str, ...]:
        return (
            "partner_id",
            "user_id",
            "category_id",
            "order_id",
            "invoice_id",
            "product_id",
            "lead_id",
        )
