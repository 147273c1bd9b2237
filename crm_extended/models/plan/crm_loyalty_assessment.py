from datetime import date
from itertools import pairwise

from odoo import api, fields, models

from .settings_fingerprint import fingerprint_of, with_settings

# So many assessments are looked at: more than in the days that the nightly look makes up
# for.
LATEST = 30


class CrmLoyaltyAssessment(models.Model):
    """Remembers the settings that tiers were assessed with: a change of settings gives
    other tiers to customers, who have done nothing."""

    _inherit = "crm.loyalty.assessment"

    settings_fingerprint = fields.Char(readonly=True)
    of_today = fields.Boolean(
        readonly=True, help="Tiers were assessed for the day on which it was done."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(with_settings(self, vals_list))

    @api.model
    def _fingerprint(self, company) -> str:
        """Of all settings that decide about tiers, and about the segments they are
        restricted to."""
        # sudo: settings, whoever assesses tiers.
        company = company.sudo()
        tiers = self.env["crm.loyalty.tier"].sudo()._of_company(company)
        settings = [
            self._definition(company),
            company.loyalty_period_months,
            company.loyalty_grace_months,
            company.loyalty_fall,
            company.currency_id.id,
            [list(level) for level in tiers._get_levels()],
        ]
        if tiers.segment_ids:
            settings.append(self.env["crm.rfm.refresh"]._fingerprint(company))
        return fingerprint_of(settings)

    @api.model
    def _is_ordinary_for(self, changes) -> bool:
        """Whether changes of tiers are what customers did, or time: none of the settings
        is new. The first assessment of a company has none before it to compare with."""
        company = changes.company_id
        last = self.search(
            [
                ("company_id", "=", company.id),
                ("first_change_id", "<=", min(changes.ids)),
                ("last_change_id", ">=", max(changes.ids)),
            ],
            order="id desc",
            limit=1,
        )
        if last:
            before = self._before(last)
            return (
                not last.definition_changed
                and last.of_today
                and before.of_today
                and before.settings_fingerprint == last.settings_fingerprint
            )
        # Of a few customers alone, by the settings of now.
        last = self.search([("company_id", "=", company.id)], order="id desc", limit=1)
        return not last or last.settings_fingerprint == self._fingerprint(company)

    @api.model
    def _settings_changed_on(self, company) -> date | None:
        """The last day on which tiers were assessed with other settings than before; None
        where there is none in the log."""
        runs = self.search_fetch(
            [("company_id", "=", company.id)],
            ["settings_fingerprint", "definition_changed", "create_date"],
            order="id desc",
            limit=LATEST,
        )
        zone = self.env["crm.contact.policy"].with_company(company)._company_zone()
        for last, before in pairwise([*runs, self.browse()]):
            if (
                last.definition_changed
                or before.settings_fingerprint != last.settings_fingerprint
            ):
                local = fields.Datetime.context_timestamp(
                    self.with_context(tz=zone), last.create_date
                )
                return local.date()
        return None

    def _before(self, assessment):
        return self.search(
            [("company_id", "=", assessment.company_id.id), ("id", "<", assessment.id)],
            order="id desc",
            limit=1,
        )
