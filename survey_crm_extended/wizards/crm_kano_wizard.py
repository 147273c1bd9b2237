from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CrmKanoWizard(models.TransientModel):
    """Makes a survey that asks about features in pairs, ready to be sent."""

    _name = "crm.kano.wizard"
    _description = "New Kano Survey"

    title = fields.Char(
        string="Survey Title",
        required=True,
        default=lambda self: self.env._("What matters to you?"),
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    line_ids = fields.One2many("crm.kano.wizard.line", "wizard_id", string="Features")

    def action_use_examples(self):
        """Fill in three features, to see how it works."""
        self.ensure_one()
        self.line_ids = [
            Command.create({"name": name})
            for name in (
                self.env._("Delivery on the next day"),
                self.env._("Installation at your place"),
                self.env._("Spare parts for ten years"),
            )
        ]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "survey_crm_extended.crm_kano_wizard_action"
        )
        return {**action, "res_id": self.id}

    def action_create_survey(self):
        """Make the survey and open it."""
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Enter at least one feature."))
        survey = self.env["survey.survey"].create(
            {
                "title": self.title,
                "survey_type": "survey",
                "scoring_type": "no_scoring",
                "questions_layout": "page_per_section",
                "users_can_go_back": True,
                "question_and_page_ids": self._question_commands(),
            }
        )
        self._translate_answers(survey)
        return {
            "type": "ir.actions.act_window",
            "res_model": "survey.survey",
            "res_id": survey.id,
            "view_mode": "form",
            "target": "main",
        }

    def _question_commands(self) -> list:
        """A section for each feature, with its two questions."""
        values = []
        for line, feature in zip(self.line_ids, self._get_features(), strict=True):
            values.append({"title": feature.name, "is_page": True})
            values += [
                {
                    "title": title,
                    "question_type": "simple_choice",
                    "kano_feature_id": feature.id,
                    "kano_side": side,
                    "suggested_answer_ids": self._answer_commands(),
                }
                for side, title in (
                    ("functional", line.functional_title),
                    ("dysfunctional", line.dysfunctional_title),
                )
            ]
        return [
            Command.create({**each, "sequence": number})
            for number, each in enumerate(values, 1)
        ]

    def _answer_texts(self) -> dict[str, str]:
        """The five answers in the language of the context, from most to least pleased."""
        return {
            "like": self.env._("I like it"),
            "must_be": self.env._("I expect it"),
            "neutral": self.env._("I do not mind"),
            "live_with": self.env._("I can live with it"),
            "dislike": self.env._("I dislike it"),
        }

    def _answer_commands(self) -> list:
        return [
            Command.create({"value": text, "kano_answer": name, "sequence": number})
            for number, (name, text) in enumerate(self._answer_texts().items(), 1)
        ]

    def _translate_answers(self, survey):
        """Give the answers in the other languages that there are, too."""
        here = self.env.lang or "en_US"
        for code, _name in self.env["res.lang"].get_installed():
            if code == here:
                continue
            texts = self.with_context(lang=code)._answer_texts()
            answers = survey.question_ids.suggested_answer_ids.with_context(lang=code)
            for name, same in answers.grouped("kano_answer").items():
                same.value = texts[name]

    def _get_features(self):
        """The features of the lines, in their order: those that are known by this name,
        so that waves are compared, or new ones."""
        names = [line._clean_name() for line in self.line_ids]
        if len({name.lower() for name in names}) < len(names):
            raise UserError(self.env._("Enter each feature once."))
        features = self.env["crm.kano.feature"].with_context(active_test=False)
        known = {
            feature.name.strip().lower(): feature
            for feature in features.search(
                [("company_id", "=", self.company_id.id)], order="active, id desc"
            )
        }
        missing = [name for name in names if name.lower() not in known]
        last = max((feature.sequence for feature in known.values()), default=0)
        created = features.create(
            [
                {"name": name, "company_id": self.company_id.id, "sequence": number}
                for number, name in enumerate(missing, last + 1)
            ]
        )
        known.update(zip((name.lower() for name in missing), created, strict=True))
        found = features.union(*(known[name.lower()] for name in names))
        found.filtered(lambda feature: not feature.active).active = True
        return [known[name.lower()] for name in names]


class CrmKanoWizardLine(models.TransientModel):
    """A feature of the new survey, with its two questions."""

    _name = "crm.kano.wizard.line"
    _description = "Feature of a New Kano Survey"
    _order = "sequence, id"

    wizard_id = fields.Many2one(
        "crm.kano.wizard", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Feature", required=True)
    functional_title = fields.Char(
        string="Question If It Is There",
        compute="_compute_titles",
        precompute=True,
        store=True,
        readonly=False,
    )
    dysfunctional_title = fields.Char(
        string="Question If It Is Not",
        compute="_compute_titles",
        precompute=True,
        store=True,
        readonly=False,
    )

    @api.depends("name")
    def _compute_titles(self):
        for line in self:
            name = (line.name or "").strip()
            if not name:
                line.functional_title = line.dysfunctional_title = False
                continue
            line.functional_title = self.env._(
                "%s: how do you feel if we offer this?", name
            )
            line.dysfunctional_title = self.env._(
                "%s: how do you feel if we do not offer this?", name
            )

    def _clean_name(self) -> str:
        self.ensure_one()
        name = self.name.strip()
        if not name:
            raise UserError(self.env._("Each feature needs a name."))
        if not (self.functional_title and self.dysfunctional_title):
            raise UserError(self.env._("The feature “%s” needs two questions.", name))
        return name
