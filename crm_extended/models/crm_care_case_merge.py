from odoo import Command, models

from .crm_care_stage import CLOSED


class CrmCareCase(models.Model):
    """Cases that have become one."""

    _inherit = "crm.care.case"

    def _merge_into(self, target):
        """Move all that is on these cases to another one, and cancel them.

        :raise AccessError: if the user may not change one of them
        """
        while target.merged_into_id:
            # It goes on in the case it became.
            target = target.merged_into_id
        self = self - target  # noqa: PLW0642
        (self + target).check_access("write")
        if not self:
            return
        # sudo: messages and files of colleagues move along; the right to change the
        # cases has been asked for.
        cases, target = self.sudo(), target.sudo()
        for case in cases:
            case.message_change_thread(target)
            self.env["ir.attachment"].sudo().search(
                [("res_model", "=", self._name), ("res_id", "=", case.id)]
            ).res_id = target.id
        cases.activity_ids.res_id = target.id
        cases.interaction_ids.case_id = target
        target.message_subscribe(cases.message_partner_ids.ids)
        first = min((cases + target).mapped("opened_date"))
        values = {"linked_ids": [Command.link(case.id) for case in cases.linked_ids]}
        for name in self._filled_by_merging():
            if not target[name] and (found := cases.filtered(name)[:1]):
                values[name] = found[name].id
        if first < target.opened_date:
            # Targets run from when the customer asked first.
            values["opened_date"] = first
        target.write(values)
        cases.follow_up_ids.previous_case_id = target
        cases.merged_ids.merged_into_id = target
        going = any(case.outcome not in CLOSED for case in cases)
        cases._move("cancelled")
        if going and target.outcome in CLOSED:
            # Somebody still waits for an answer.
            target._move("open")
        cases.merged_into_id = target
        for case in cases:
            target.message_post(
                body=self.env._("%s was merged into this case.", case.display_name)
            )
            case.message_post(
                body=self.env._("Merged into %s.", target._get_html_link())
            )

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
