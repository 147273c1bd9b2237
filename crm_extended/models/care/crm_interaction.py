from odoo import api, fields, models

# Outcomes of a contact in which the customer was told something.
SPOKEN = ("reached", "callback", "done")


class CrmInteraction(models.Model):
    """Contacts about service cases. One with the customer is a first response."""

    _inherit = "crm.interaction"

    case_id = fields.Many2one(
        "crm.care.case",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        help="The service case that the interaction was about.",
    )

    @api.model
    def _about_names(self):
        return (*super()._about_names(), "case_id")

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        interactions._answer_cases()
        return interactions

    def _answer_cases(self):
        """Cases whose customer was spoken to are answered, as by a mail: at the time of
        logging, whatever date the contact has."""
        for interaction in self.filtered("case_id"):
            if interaction.direction == "out" and interaction.outcome in SPOKEN:
                if not interaction.case_id.has_access("write"):
                    continue
                # sudo: the right of the interaction's user to answer is checked, too.
                case = interaction.case_id.sudo()
                partner = interaction.user_id.partner_id
                if interaction.date >= case.opened_date and (
                    user := case._answering_user(partner)
                ):
                    case._answered_by(user)
