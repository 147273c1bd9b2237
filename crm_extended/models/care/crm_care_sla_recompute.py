from collections import defaultdict
from contextlib import contextmanager

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError

from ...analytics.care.sla_policy import choose
from .crm_care_stage import CLOSED
from .res_partner import MANAGER


class CrmCareSla(models.Model):
    """A target that was entered wrongly and has been corrected."""

    _inherit = "crm.care.sla"

    def action_recompute(self):
        """Judge anew all cases, also closed ones, that missed these targets."""
        self.check_access("write")
        # Those of the user's companies: a target may be shared with others.
        found = self.env["crm.care.sla.status"].search(
            [("sla_id", "in", self.ids), ("state", "=", "failed")]
        )
        # Also of cases that are put away.
        cases = found.case_id.filtered(lambda case: case.has_access("write"))
        return cases._recompute_targets(self)


class CrmCareCase(models.Model):
    """Misses that were a mistake: of targets that were entered wrongly, or apply no
    longer."""

    _inherit = "crm.care.case"

    def action_recompute_targets(self):
        """Judge these cases anew by the targets as they are now.

        :raise AccessError: for others than care managers
        """
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "Only administrators of Service Care can recompute SLA targets."
                )
            )
        self.check_access("write")
        # sudo: targets of their cases, which managers read.
        return self._recompute_targets(self.sudo().sla_status_ids.sla_id)

    def _recompute_targets(self, slas):
        """Judge misses of targets anew. What was reached in time, stays.

        :return: action that says how many count as missed no more
        """
        # sudo: targets are written by the system alone; the right to do this was asked
        # for.
        cases = self.sudo()
        misses = self.env["crm.care.sla.status"].sudo()._misses(cases, slas)
        before = len(misses)
        closed = cases.filtered(lambda case: case.outcome in CLOSED)
        closed._judge_closed(misses.filtered(lambda status: status.case_id in closed))
        (cases - closed)._apply_targets(corrected=slas)
        now = fields.Datetime.now()
        after = len(misses.exists().filtered(lambda status: status._is_missed(now)))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if before > after else "info",
                "message": self.env._(
                    "%(changed)s of %(all)s missed targets no longer count as missed.",
                    changed=before - after,
                    all=before,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _judge_closed(self, misses):
        """Judge anew what was missed in cases that are closed."""
        if not misses:
            return
        # sudo: targets hold for a case, whoever closed it.
        policies = self.env["crm.care.sla"].sudo()._policies()
        applying = {
            case: {
                policy.id: policy.metric for policy in choose(policies, case._facts())
            }
            for case in misses.case_id
        }
        kept = misses.filtered(
            lambda status: (
                applying[status.case_id].get(status.sla_id.id) == status.metric
            )
        )
        with misses._noted():
            (misses - kept).unlink()
            kept._reckon()
            # Of a case that was cancelled only those that were over by then are left.
            kept.filtered(
                lambda status: (
                    not status.reached_date
                    and not (
                        status.deadline
                        and status.case_id.closed_date
                        and status.deadline < status.case_id.closed_date
                    )
                )
            ).unlink()


class CrmCareSlaStatus(models.Model):
    """Which misses can be taken back."""

    _inherit = "crm.care.sla.status"

    # To tell what was missed on a case from what came to it when it was over.
    chosen_date = fields.Datetime(
        string="Applied On",
        readonly=True,
        help="Since when the case has the target.",
    )

    def _is_missed(self, now) -> bool:
        """Whether it was not reached in time."""
        return self._is_decided(now) and (not self.reached_date or self._is_late())

    def _came_decided(self) -> bool:
        """Whether it was reached, or missed, before it ever applied to the case."""
        return bool(
            self.chosen_date
            and (
                (self.reached_date and self.reached_date < self.chosen_date)
                or (self.deadline and self.deadline < self.chosen_date)
            )
        )

    def _misses(self, cases, slas):
        """What cases missed of some targets."""
        if not slas:
            return self.browse()
        now = fields.Datetime.now()
        return cases.sla_status_ids.filtered(
            lambda status: status.sla_id in slas and status._is_missed(now)
        )

    @contextmanager
    def _noted(self):
        """Note on each case which of these misses are none any more after what is done
        meanwhile."""
        names = {status: status.sla_id.display_name for status in self}
        cases = {status: status.case_id for status in self}
        yield
        if not self:
            return
        now = fields.Datetime.now()
        left = self.exists()
        lines = defaultdict(list)
        for status in self:
            if status not in left:
                line = self.env._(
                    "SLA target “%s” no longer applies and does not count as missed.",
                    names[status],
                )
            elif not status._is_missed(now):
                line = self.env._(
                    "SLA target “%s” was recomputed and does not count as missed.",
                    names[status],
                )
            else:
                continue
            lines[cases[status]].append(line)
        if lines:
            self.env["crm.care.case"].union(*lines)._message_log_batch(
                bodies={
                    case.id: Markup("<br/>").join(texts)
                    for case, texts in lines.items()
                }
            )
