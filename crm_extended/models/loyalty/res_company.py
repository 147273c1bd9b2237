import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# The reason of changes that follow from another definition of what counts, and from
# nothing that customers did.
DEFINITION_CHANGED = "definition_changed"

# What the context has where such changes are dealt with: an object, because a string
# could come from outside. Bridges to apps that react to records ask for it.
QUIETLY = object()


def quietly(records):
    """Records whose changes start no notes, and no rules of automation."""
    return records.with_context(tracking_disable=True, crm_extended_quietly=QUIETLY)


def is_quiet(env) -> bool:
    return env.context.get("crm_extended_quietly") is QUIETLY


class ResCompany(models.Model):
    """What happens when the definition of purchases changes, so that the figures of many
    customers change at once: the first update of scores and the first assessment of
    tiers after it are recorded, and reach nobody but the administrators, by one message.
    """

    _inherit = "res.company"

    rfm_definition_changed = fields.Boolean(
        help="The next update of scores is the first by another definition of purchases."
    )
    loyalty_definition_changed = fields.Boolean(
        help="The next assessment of tiers is the first by another definition of "
        "purchases."
    )
    loyalty_prices_quietly = fields.Boolean(
        help="Pricelists still have to follow the first assessment by another definition "
        "of purchases."
    )

    @api.model
    def _expect_other_figures(self):
        """Have the next update and assessment of all companies, of which there has been
        one before, change figures without anybody being told."""
        companies = self.with_context(active_test=False)
        for field, model in (
            ("rfm_definition_changed", "crm.rfm.score"),
            ("loyalty_definition_changed", "crm.loyalty.assessment"),
        ):
            groups = self.env[model]._read_group([], ["company_id"])
            companies.browse([company.id for [company] in groups])[field] = True

    def _report_definition_change(self):
        """Tell the administrators what a changed definition has done to the company's
        figures, once all of them have been computed by it."""
        self.ensure_one()
        tiers = self.env["crm.loyalty.tier"]._of_company(self)
        if self.rfm_definition_changed or (self.loyalty_definition_changed and tiers):
            return
        mine = Domain("company_id", "=", self.id) & Domain("to_report", "=", True)
        refreshes = self.env["crm.rfm.refresh"].search(mine)
        assessments = self.env["crm.loyalty.assessment"].search(mine)
        figures = refreshes._count_definition_changes()
        figures |= assessments._count_definition_changes()
        refreshes.to_report = assessments.to_report = False
        if not any(figures.values()):
            return
        try:
            # The figures stand in the logs as well: a message that cannot be sent must
            # not undo them.
            with self.env.cr.savepoint():
                self._send_definition_report(figures)
        except Exception:
            _logger.exception("Company %s: %s", self.id, figures)

    def _send_definition_report(self, figures):
        # sudo: whoever started the computation need not be allowed to read users.
        administrators = self.env.ref("base.group_system").sudo().all_user_ids
        administrators = administrators.filtered(
            lambda user: user.active and user._is_internal()
        )
        theirs = administrators.filtered(lambda user: self in user.company_ids)
        for lang, users in (theirs or administrators).grouped("lang").items():
            subject, body = self.with_context(lang=lang)._describe_definition_change(
                figures
            )
            # sudo: as above.
            self.env["mail.thread"].sudo().message_notify(
                author_id=self.env.ref("base.partner_root").id,
                partner_ids=users.partner_id.ids,
                subject=subject,
                body=body,
            )

    def _describe_definition_change(self, figures) -> tuple[str, Markup]:
        """Subject and text of the message.

        :param dict figures: number of ``customers``, ``segments`` and ``tiers`` changed
        """
        link = Markup('<a href="/odoo/action-%s">%s</a>')
        lines = [
            (
                self.env._("Customers whose score changed: %s", figures["customers"]),
                "crm_rfm_change_definition_action",
            ),
            (
                self.env._("Customers whose segment changed: %s", figures["segments"]),
                "crm_rfm_change_definition_action",
            ),
            (
                self.env._("Customers whose tier changed: %s", figures["tiers"]),
                "crm_loyalty_change_definition_action",
            ),
        ]
        items = Markup().join(
            Markup("<li>%s</li>") % (link % (f"crm_extended.{action}", text))
            for text, action in lines
        )
        body = Markup("<p>%s</p><ul>%s</ul><p>%s</p>") % (
            self.env._(
                "The definition of purchases has changed, for example by an upgrade. The "
                "scores and tiers of %s have now been computed by it for the first time.",
                self.display_name,
            ),
            items,
            self.env._(
                "Pricelists of tiers follow. No customer or salesperson was notified of "
                "these changes, and they started no activities and no automation rules."
            ),
        )
        subject = self.env._(
            "%s: scores and tiers by the changed definition", self.display_name
        )
        return subject, body
