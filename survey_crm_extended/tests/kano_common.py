from odoo import Command, fields

from odoo.addons.crm_extended.analytics.insight.kano import ANSWERS
from odoo.addons.crm_extended.tests.common import CustomerValueCommon

# A pair of answers for each class.
PAIRS = {
    "M": ("neutral", "dislike"),
    "O": ("like", "dislike"),
    "A": ("like", "neutral"),
    "I": ("neutral", "neutral"),
    "R": ("dislike", "like"),
    "Q": ("like", "like"),
}


class KanoCommon(CustomerValueCommon):
    """A company that asks about two features, and people in each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls.new_user(
            "officer", "sales_team.group_sale_salesman,survey.group_survey_user"
        )
        cls.delivery, cls.parts = cls.env["crm.kano.feature"].create(
            [
                {"name": name, "company_id": cls.company_a.id, "sequence": number}
                for number, name in enumerate(("Delivery", "Parts"))
            ]
        )
        cls.features = cls.delivery + cls.parts
        cls.wave = cls.new_wave("First")

    @classmethod
    def new_wave(cls, title, features=None):
        """A survey about features, like the wizard makes it."""
        return cls.env["survey.survey"].create(
            {
                "title": title,
                "question_and_page_ids": [
                    Command.create(
                        {
                            "title": f"{feature.name} {side}",
                            "question_type": "simple_choice",
                            "kano_feature_id": feature.id,
                            "kano_side": side,
                            "suggested_answer_ids": [
                                Command.create(
                                    {"value": f"x {name}", "kano_answer": name}
                                )
                                for name in ANSWERS
                            ],
                        }
                    )
                    for feature in features or cls.features
                    for side in ("functional", "dysfunctional")
                ],
            }
        )

    @classmethod
    def reply(cls, pairs, partner=None, survey=None, days_ago=0, **values):
        """An entry that is completed.

        :param pairs: by feature a class, or two answers, of which each may be missing
        """
        survey = survey or cls.wave
        lines = []
        for feature, pair in pairs.items():
            pair = PAIRS.get(pair, pair)
            for side, name in zip(("functional", "dysfunctional"), pair, strict=True):
                question = survey.question_ids.filtered(
                    lambda one, feature=feature, side=side: (
                        one.kano_feature_id == feature and one.kano_side == side
                    )
                )
                if not (name and question):
                    continue
                answer = question.suggested_answer_ids.filtered(
                    lambda one, name=name: one.kano_answer == name
                )
                lines.append(
                    {
                        "question_id": question.id,
                        "answer_type": "suggestion",
                        "suggested_answer_id": answer.id,
                    }
                )
        return cls.env["survey.user_input"].create(
            {
                "survey_id": survey.id,
                "partner_id": partner and partner.id,
                "state": "done",
                "end_datetime": fields.Datetime.subtract(
                    fields.Datetime.now(), days=days_ago
                ),
                "user_input_line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )

    @classmethod
    def replies(cls, feature, letters, **values):
        """Anonymous entries about one feature, one for each letter."""
        for letter in letters:
            cls.reply({feature: letter}, **values)

    def page(self, user=None, **chosen):
        return self.as_user(user or self.manager, "crm.kano.analysis").get_page(
            **{f"{name}_id": record.id for name, record in chosen.items()}
        )

    def figures(self, feature=None, key="now", **chosen):
        """What the page says about a feature."""
        feature = feature or self.delivery
        return {each["id"]: each for each in self.page(**chosen)["features"]}[
            feature.id
        ][key]

    def counts(self, feature=None, **chosen):
        """Classes of a feature that have answers, by the page."""
        figures = self.figures(feature, **chosen)
        return {letter: count for letter, count in figures["counts"].items() if count}
