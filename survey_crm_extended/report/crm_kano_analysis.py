from collections import Counter, defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.crm_extended.analytics.insight import kano
from odoo.addons.crm_extended.analytics.insight.satisfaction import shown_groups

USE_INSIGHT = "crm_extended.group_use_insight"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
SURVEY_USER = "survey.group_survey_user"
SURVEY_MANAGER = "survey.group_survey_manager"
# Of a segment nothing is shown that fewer answers than these have made.
FEW = 5


class CrmKanoAnalysis(models.AbstractModel):
    """The Kano page: features of the current company by what customers answered in a
    wave, compared with another wave.

    Its readers need not have rights in the Surveys app. They see counts, never who
    answered what.
    """

    _name = "crm.kano.analysis"
    _description = "Kano Analysis"

    @api.model
    @api.readonly
    def get_page(self, survey_id=False, compare_id=False, segment_id=False) -> dict:
        """What the page shows, of the current company, customers that the user may see,
        and anonymous answers.

        :param survey_id: the wave; by default the latest with answers
        :param compare_id: another wave with answers, none by default; the later of both
            is the one that is compared
        :param segment_id: only customers who have this segment today
        :return: ids of waves and segments that are not to be seen are replaced by the
            default
        :raise AccessError: unless the user may see the page
        """
        self._check_page_access()
        waves = self._waves()
        ids = [wave["id"] for wave in waves]
        answered = [wave["id"] for wave in waves if wave["answers"]]
        survey_id = self._chosen(survey_id, ids) or next(iter(answered + ids), False)
        compare_id = self._chosen(compare_id, answered)
        if compare_id == survey_id:
            compare_id = False
        elif compare_id and ids.index(compare_id) < ids.index(survey_id):
            survey_id, compare_id = compare_id, survey_id
        segments = self._segments(survey_id)
        segment_id = self._chosen(segment_id, [segment["id"] for segment in segments])
        return {
            "company": self.env.company.display_name,
            "waves": waves,
            "survey_id": survey_id,
            "compare_id": compare_id,
            "segments": segments,
            "segment_id": segment_id,
            "classes": dict(self._class_labels()),
            "features": self._features(survey_id, compare_id, segment_id),
            "few": FEW,
            "may_create": self.env["crm.kano.wizard"].has_access("create"),
            "may_open": self.env["crm.kano.answer"].has_access("read"),
        }

    @api.model
    def _may_see_page(self) -> bool:
        """Sales managers, salespeople with all documents, and those of the Surveys app."""
        user = self.env.user
        return user.has_group(USE_INSIGHT) and (
            user.has_group(ALL_DOCUMENTS) or user.has_group(SURVEY_USER)
        )

    @api.model
    def _check_page_access(self):
        if not self._may_see_page():
            raise AccessError(
                self.env._(
                    "The Kano page is for sales managers, salespeople who see all "
                    "documents, and salespeople who use the Surveys app."
                )
            )

    @staticmethod
    def _chosen(value, ids):
        """The id that was asked for, if it is one of these; what comes from outside may
        be anything, True equals 1."""
        return next((id_ for id_ in ids if id_ == value), False)

    @api.model
    def _class_labels(self) -> list[tuple[str, str]]:
        field = self.env["crm.kano.answer"]._fields["kano_class"]
        return field._description_selection(self.env)

    # -- What is read

    @api.model
    def _surveys(self):
        """Surveys about features of the company, also closed ones, but not those that are
        restricted to others."""
        domain = Domain(
            "question_and_page_ids.kano_feature_id",
            "any",
            [("company_id", "=", self.env.company.id), ("active", "=", True)],
        )
        if not self.env.user.has_group(SURVEY_MANAGER):
            domain &= Domain("restrict_user_ids", "=", False) | Domain(
                "restrict_user_ids", "in", self.env.uid
            )
        # sudo: readers without rights in Surveys see titles, and numbers of answers.
        surveys = self.env["survey.survey"].sudo().with_context(active_test=False)
        return surveys.search(domain)

    @api.model
    def _group_answers(self, domain, groupby, aggregates) -> list[tuple]:
        """Sums over the answers to features of the company, of customers that the user may
        see."""
        answers = self.env["crm.kano.answer"]
        domain = Domain.AND(
            [
                Domain("company_id", "=", self.env.company.id),
                Domain("feature_id.active", "=", True),
                # As the user, who may not see all contacts.
                answers._readable_domain(),
                domain,
            ]
        )
        # sudo: only counts, for readers without rights in Surveys.
        return answers.sudo()._read_group(domain, groupby, aggregates)

    @api.model
    def _waves(self) -> list[dict]:
        """Surveys with their days and numbers of participants, the latest first."""
        surveys = self._surveys()
        found = {
            survey.id: (count, first, last)
            for survey, count, first, last in self._group_answers(
                Domain("survey_id", "in", surveys.ids),
                ["survey_id"],
                ["user_input_id:count_distinct", "date:min", "date:max"],
            )
        }
        waves = []
        for survey in surveys:
            count, first, last = found.get(survey.id, (0, None, None))
            waves.append(
                {
                    "id": survey.id,
                    "title": survey.title,
                    "answers": count,
                    "first": first and first.isoformat(),
                    "last": last and last.isoformat(),
                    "created": survey.create_date.date().isoformat(),
                }
            )
        return sorted(
            waves,
            key=lambda wave: (wave["first"] or wave["created"], wave["id"]),
            reverse=True,
        )

    @api.model
    def _not_refused(self) -> Domain:
        """Answers of customers who do not object to being looked at by segment: neither
        the customer nor the person who answered."""
        policy = self.env["crm.contact.policy"]
        return Domain.AND(
            ~policy._profiling_refused_rows(name, "company_id")
            for name in ("partner_id", "contact_id")
        )

    @api.model
    def _of_customers(self) -> Domain:
        """Answers that are in one of the segments, or in none as the customer has none."""
        return Domain("partner_id", "!=", False) & self._not_refused()

    @api.model
    def _segments(self, survey_id) -> list[dict]:
        """Segments with enough participants in the wave."""
        counts = dict(
            self._group_answers(
                Domain("survey_id", "=", survey_id) & self._of_customers(),
                ["rfm_segment_id"],
                ["user_input_id:count_distinct"],
            )
        )
        shown = shown_groups(counts, FEW)
        return [
            {"id": segment.id, "name": segment.display_name, "answers": count}
            for segment, count in counts.items()
            if segment and segment in shown
        ]

    @api.model
    def _asked(self, survey_ids) -> dict:
        """The surveys that ask about each feature of the company."""
        # sudo: as in _surveys, which they are of.
        questions = self.env["survey.question"].sudo()
        asked = defaultdict(set)
        for survey, feature in questions._read_group(
            [
                ("survey_id", "in", survey_ids),
                ("kano_feature_id.company_id", "=", self.env.company.id),
                ("kano_feature_id.active", "=", True),
            ],
            ["survey_id", "kano_feature_id"],
        ):
            asked[feature].add(survey.id)
        return asked

    @api.model
    def _features(self, survey_id, compare_id, segment_id) -> list[dict]:
        survey_ids = [id_ for id_ in (survey_id, compare_id) if id_]
        domain = Domain("survey_id", "in", survey_ids)
        groupby = ["survey_id", "feature_id", "kano_class"]
        if segment_id:
            domain &= self._of_customers()
            groupby.append("rfm_segment_id")
        counts, by_segment = defaultdict(dict), defaultdict(Counter)
        for survey, feature, letter, *segment, count in self._group_answers(
            domain, groupby, ["__count"]
        ):
            of_segment = segment[0].id if segment else segment_id
            by_segment[survey.id, feature.id][of_segment] += count
            if of_segment == segment_id:
                counts[survey.id, feature.id][letter] = count
        asked = self._asked(survey_ids)
        described = []
        for feature in sorted(asked, key=lambda one: (one.sequence, one.id)):
            now, before = (
                self._describe(
                    counts[id_, feature.id],
                    bool(segment_id)
                    and segment_id
                    not in shown_groups(by_segment[id_, feature.id], FEW),
                )
                if id_ in asked[feature]
                else None
                for id_ in (survey_id, compare_id)
            )
            described.append(
                {
                    "id": feature.id,
                    "name": feature.name,
                    "now": now,
                    "before": before,
                    "move": kano.move_of(
                        before and before["class"], now and now["class"]
                    ),
                }
            )
        return described

    @api.model
    def _describe(self, counts, is_hidden: bool) -> dict:
        """Figures of a feature in a wave; of a segment none where they are few."""
        total = sum(counts.values())
        if is_hidden:
            return {"is_hidden": True, "class": None}
        return {
            "is_hidden": False,
            "answers": total,
            "counts": {letter: counts.get(letter, 0) for letter in kano.CLASSES},
            **kano.classify(counts),
            "runners_up": kano.runners_up(counts),
            "badly_put": kano.is_badly_put(counts),
        }
