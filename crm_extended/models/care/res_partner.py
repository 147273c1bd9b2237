from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from .crm_care_stage import OPEN
from .groups import USE_CARE


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_case_count = fields.Integer(
        string="Open Cases",
        compute="_compute_care_case_count",
        groups=USE_CARE,
        help="Open cases of the contact and, for a company, of all its contacts.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_care_case_count(self):
        counts = self.env["crm.care.case"]._read_group(
            self._care_cases_domain() & Domain("outcome", "in", OPEN),
            ["commercial_partner_id", "partner_id"],
            ["__count"],
        )
        of_customer = Counter()
        of_contact = Counter()
        for customer, contact, count in counts:
            of_customer[customer] += count
            of_contact[contact] += count
        for partner in self:
            is_customer = partner == partner.commercial_partner_id
            of_which = of_customer if is_customer else of_contact
            partner.care_case_count = of_which[partner._origin]

    def _care_cases_domain(self) -> Domain:
        """Cases of these contacts, and for companies of all their contacts."""
        companies = self.filtered(
            lambda partner: partner == partner.commercial_partner_id
        )
        return Domain("partner_id", "in", self.ids) | Domain(
            "commercial_partner_id", "in", companies.ids
        )

    # -- Figures in forms

    def _get_customer_figures(self):
        figures = super()._get_customer_figures()
        if not self.env["crm.care.case"]._may_count():
            return figures
        return figures | {
            "cases": self._cases_figure,
            "open_cases": self._open_cases_figure,
            "satisfaction": self._satisfaction_figure,
        }

    def _cases_figure(self):
        return self.env["crm.care.case"]._count_figure(self._care_cases_domain())

    def _open_cases_figure(self):
        """Of the customer: it stands in a line with the customer's purchases."""
        customer = self.commercial_partner_id
        domain = customer._care_cases_domain() & Domain("outcome", "in", OPEN)
        count = self.env["crm.care.case"].search_count(domain)
        return {"label": self.env._("Open Cases"), "text": str(count)}

    def _satisfaction_figure(self):
        Satisfaction = self.env["crm.care.satisfaction"]
        if not Satisfaction.has_access("read"):
            return None
        [[rating]] = Satisfaction._read_group(
            self._care_cases_domain(), [], ["rating:avg"]
        )
        return {
            "label": self.env._("Satisfaction"),
            "text": f"{formatLang(self.env, rating, digits=1)} / 5" if rating else "–",
            "title": self.env._("Average rating, 1 unhappy to 5 happy"),
        }

    def _get_customer_blocks(self):
        blocks = super()._get_customer_blocks()
        if not self.env["crm.care.case"]._may_count():
            return blocks
        return blocks | {
            "service": {
                "title": self.env._("Service"),
                "sequence": 40,
                "rows": lambda: self._rows_of_figures(
                    {
                        "cases": "action_care_cases",
                        "satisfaction": "action_care_satisfaction",
                    }
                ),
            }
        }

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("email") for vals in vals_list):
            self.env["crm.care.case"]._find_customers(partners)
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("email"):
            self.env["crm.care.case"]._find_customers(self)
        return result

    # -- Buttons

    def action_care_cases(self):
        """Open the cases of the contact."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_care_case_action"
        )
        action["domain"] = list(self._care_cases_domain())
        action["context"] = {
            "default_partner_id": self.id,
            "search_default_open": 1,
        }
        return action

    def action_care_new_case(self):
        """Open a new case of the contact, by phone."""
        self.ensure_one()
        return self.env["crm.care.case"]._action_new(
            partner_id=self.id, channel="phone"
        )

    def action_care_link(self):
        """Make the contact the customer of the case that it was chosen for."""
        self.ensure_one()
        case = self.env["crm.care.case"].browse(
            self.env.context.get("care_link_case_id") or []
        )
        case = case.exists()
        case.check_access("write")
        if case and not case.partner_id:
            case._give_customer(self)
        return {"type": "ir.actions.act_window_close"}

    def action_care_satisfaction(self):
        """Open the answers of the contact, or of all contacts of the company."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            self._care_cases_domain(), self.display_name
        )

    # -- Contacts that are deleted

    @api.ondelete(at_uninstall=False)
    def _unlink_except_care_cases(self):
        # sudo: also the contact's cases that the user cannot see.
        cases = self.env["crm.care.case"].sudo().with_context(active_test=False)
        cases = cases.search([("partner_id", "in", self.ids)])
        refused = cases.filtered(
            lambda case: case.company_id.care_deleted_customer != "anonymize"
        )
        if refused:
            raise UserError(
                self.env._(
                    "“%s” has service cases and cannot be deleted. Archive the contact, "
                    "or let the settings of Service Care anonymize the cases of "
                    "deleted contacts.",
                    refused[0].partner_id.display_name,
                )
            )
        cases._anonymize()
        self._hand_over_interactions(cases)

    def _hand_over_interactions(self, cases):
        """Leave interactions of these contacts to the company they belonged to: other
        users need them, also colleagues in other companies.

        :param cases: were made anonymous; interactions logged on them stay with them only
        :raise UserError: where interactions would be lost
        """
        # sudo: as the docstring says.
        logged = self.env["crm.interaction"].sudo()
        logged = logged.search([("partner_id", "in", self.ids)])
        if not logged:
            return
        anonymous = logged.filtered(lambda interaction: interaction.case_id in cases)
        anonymous.partner_id = False
        moved, kept = logged.browse(), logged.browse()
        for interaction in logged - anonymous:
            entity = interaction.partner_id.commercial_partner_id
            company = entity.company_id
            if entity not in self and company in (
                interaction.company_id,
                company.browse(),
            ):
                moved += interaction
            elif interaction.lead_id or interaction.case_id:
                # It was also about the lead or case, and stays with it.
                kept += interaction
            else:
                raise UserError(
                    self.env._(
                        "“%s” has interactions that would be lost: there is no other "
                        "company or contact to move them to. Archive the contact "
                        "instead.",
                        interaction.partner_id.display_name,
                    )
                )
        kept.partner_id = False
        for entity, interactions in moved.grouped(
            lambda interaction: interaction.partner_id.commercial_partner_id
        ).items():
            interactions.partner_id = entity
