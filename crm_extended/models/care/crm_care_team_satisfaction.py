from odoo import api, fields, models


class CrmCareTeam(models.Model):
    """Whether and what a team asks its customers when their case is solved."""

    _inherit = "crm.care.team"

    ask_rating = fields.Boolean(
        string="Ask for a Rating",
        help="A customer whose case is solved gets a mail with three faces, and finds "
        "the same form in the portal. Nobody without an address, on the blacklist or "
        "asked within the last day is written to, nor who did not answer while the case "
        "waited for him.",
    )
    rating_template_id = fields.Many2one(
        "mail.template",
        string="Rating Mail",
        domain=[("model", "=", "crm.care.case")],
        default=lambda self: self.env.ref(
            "crm_extended.mail_template_care_rating", raise_if_not_found=False
        ),
        help="Sent in the customer's language. Empty: no mail, the portal asks alone.",
    )
    ask_expectation = fields.Boolean(
        string="Ask What Was Expected and Perceived",
        default=True,
        help="Both from 1 to 10. Satisfaction is perceived over expected: below 0.9 is "
        "dissatisfied, 0.9 to 1.1 fairly satisfied, above 1.1 exceeded.",
    )
    ask_nps = fields.Boolean(
        string="Ask Whether They Would Recommend Us",
        help="From 0 to 10, at most once in 90 days for each contact and address.",
    )
    satisfaction_average = fields.Float(
        string="Satisfaction",
        compute="_compute_satisfaction_average",
        help="Average over the answers of the team that you may see.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_satisfaction_average(self):
        averages = dict(
            self.env["crm.care.satisfaction"]._read_group(
                [("team_id", "in", self.ids)], ["team_id"], ["ratio:avg"]
            )
        )
        for team in self:
            team.satisfaction_average = averages.get(team) or 0

    @api.model
    def _give_rating_template(self):
        """Give teams that were made before there was one the template of the mail; where
        one was taken off, it stays off as long as another team has it."""
        template = self.env.ref(
            "crm_extended.mail_template_care_rating", raise_if_not_found=False
        )
        teams = self.with_context(active_test=False)
        if template and not teams.search_count(
            [("rating_template_id", "!=", False)], limit=1
        ):
            teams = teams.search([("rating_template_id", "=", False)])
            teams.rating_template_id = template

    def action_view_satisfaction(self):
        """Open what the customers of the team have answered."""
        self.ensure_one()
        return self.env["crm.care.satisfaction"]._action_of(
            [("team_id", "=", self.id)], self.display_name
        )
