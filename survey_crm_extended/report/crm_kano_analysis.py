from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_extended.analytics.insight import kano
from odoo.addons.crm_extended.analytics.insight.satisfaction import shown_groups

from .kano_query import FOR_BULK, Choice, entries_query, number_of, sums_query

USE_INSIGHT = "crm_extended.group_use_insight"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
SURVEY_USER = "survey.group_survey_user"
SURVEY_MANAGER = "survey.group_survey_manager"
# Of a segment nothing is shown that fewer answers than these have made.
FEW = 5
# In place of the id of a segment.
OUTSIDE = 0


def shown_segments(counts) -> set:
    """Segments that may be shown beside the figures of all.

    :param counts: people by segment, as in :class:`Sums`
    """
    counts = {key: count for key, count in counts.items() if key != OUTSIDE}
    return shown_groups(counts, FEW)


class Sums(NamedTuple):
    """What was answered, by segment: None for customers in no segment, :data:`OUTSIDE` for
    people who are not looked at by segment."""

    #: counts of classes, by survey and feature, and by segment
    answers: dict
    #: how many people, their first and last day, by survey and by segment
    people: dict

    def count(self, survey_id, feature_id, segment_id=False) -> Counter:
        """Counts of classes of a feature, of one segment or of all people."""
        found = self.answers.get((survey_id, feature_id), {})
        if segment_id:
            return Counter(found.get(segment_id))
        return sum(map(Counter, found.values()), Counter())

    def is_shown(self, survey_id, feature_id, segment_id) -> bool:
        """Whether the figures of a segment may be shown beside those of all."""
        found = self.answers.get((survey_id, feature_id), {})
        return segment_id in shown_segments(
            {key: sum(counts.values()) for key, counts in found.items()}
        )


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
        surveys = self._surveys()
        asked = self._asked(surveys)
        sums = self._get_sums(surveys, asked)
        waves = self._waves(surveys, sums)
        ids = [wave["id"] for wave in waves]
        answered = [wave["id"] for wave in waves if wave["answers"]]
        survey_id = self._chosen(survey_id, ids) or next(iter(answered + ids), False)
        compare_id = self._chosen(compare_id, answered)
        if compare_id == survey_id:
            compare_id = False
        elif compare_id and ids.index(compare_id) < ids.index(survey_id):
            survey_id, compare_id = compare_id, survey_id
        segments = self._segments(survey_id, sums)
        segment_id = self._chosen(segment_id, [segment["id"] for segment in segments])
        return {
            "company": self.env.company.display_name,
            "waves": waves,
            "survey_id": survey_id,
            "compare_id": compare_id,
            "segments": segments,
            "segment_id": segment_id,
            "classes": dict(self._class_labels()),
            "features": self._features(asked, sums, survey_id, compare_id, segment_id),
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
    def _asked(self, surveys) -> dict:
        """What the surveys ask about each feature of the company: by survey and feature
        the side and meaning of each possible answer, with its question and its id."""
        for name in ("crm.kano.feature", "survey.question", "survey.question.answer"):
            self.env[name].flush_model()
        asked = defaultdict(list)
        for survey_id, feature_id, *choice in self.env.execute_query(
            SQL(
                """
                SELECT question.survey_id, feature.id, question.kano_side,
                       choice.kano_answer, question.id, choice.id
                  FROM survey_question AS question
                  JOIN crm_kano_feature AS feature
                    ON feature.id = question.kano_feature_id
             LEFT JOIN survey_question_answer AS choice
                    ON choice.question_id = question.id AND choice.kano_answer IS NOT NULL
                 WHERE question.survey_id = ANY(%s) AND feature.company_id = %s
                   AND feature.active
              ORDER BY question.survey_id, feature.id
                """,
                surveys.ids,
                self.env.company.id,
            )
        ):
            asked[survey_id, feature_id].append(choice)
        return asked

    @api.model
    def _get_sums(self, surveys, asked) -> "Sums":
        """Answers and people of all surveys, by segment, of customers that the user may
        see."""
        for name in (
            "crm.consent",
            "crm.rfm.score",
            "res.partner",
            "survey.user_input",
            "survey.user_input.line",
        ):
            self.env[name].flush_model()
        self.env.execute_query(FOR_BULK)
        choices = [
            Choice(question_id, choice_id, pair, number_of(side, answer))
            for pair, found in enumerate(asked.values())
            for side, answer, question_id, choice_id in found
            if choice_id
        ]
        pairs = list(asked)
        sums = Sums({}, {})
        for survey_id, segment_id, pair, letter, count, *days in self.env.execute_query(
            sums_query(self._seen(surveys), choices, [id_ for id_, _feature in pairs])
        ):
            if pair is None:
                people = sums.people.setdefault(survey_id, {})
                people[segment_id] = (count, *days)
            else:
                counts = sums.answers.setdefault(pairs[pair], {})
                counts.setdefault(segment_id, {})[letter] = count
        return sums

    @api.model
    def _seen(self, surveys) -> SQL:
        """Entries of the surveys that are anonymous or of customers that the user may see,
        with the segment. Outside of segments are anonymous ones, and customers who object
        to being looked at by segment, they or the person who answered."""
        self.env["res.partner"]._check_customer_join("rfm_segment_id")
        policy = self.env["crm.contact.policy"]
        profiling = self.env.ref("crm_extended.purpose_profiling")
        partners = self.env["res.partner"].with_context(active_test=False)
        readable = SQL("SELECT NULL::int AS id WHERE FALSE")
        if partners.has_access("read"):
            readable = partners._search([]).select()
        return SQL(
            """
            SELECT entry.id, entry.survey_id, entry.date,
                   CASE WHEN contact.id IS NULL THEN %(outside)s
                        WHEN %(customer)s AND %(person)s THEN score.segment_id
                        ELSE %(outside)s END AS segment_id
              FROM (%(entries)s) AS entry
         LEFT JOIN res_partner AS contact ON contact.id = entry.contact_id
         LEFT JOIN (%(readable)s) AS readable
                ON readable.id = contact.commercial_partner_id
         LEFT JOIN crm_rfm_score AS score
                ON score.partner_id = contact.commercial_partner_id
               AND score.company_id = %(company_id)s
             WHERE contact.commercial_partner_id IS NULL OR readable.id IS NOT NULL
            """,
            outside=OUTSIDE,
            customer=policy._answered(
                profiling, person=SQL("contact.commercial_partner_id")
            ),
            person=policy._answered(profiling, person=SQL("contact.id")),
            entries=entries_query(
                SQL("entry.survey_id = ANY(%s)", surveys.ids), str(self.env.tz)
            ),
            readable=readable,
            company_id=self.env.company.id,
        )

    @api.model
    def _waves(self, surveys, sums) -> list[dict]:
        """Surveys with their days and numbers of participants, the latest first."""
        waves = []
        for survey in surveys:
            groups = sums.people.get(survey.id, {}).values()
            waves.append(
                {
                    "id": survey.id,
                    "title": survey.title,
                    "answers": sum(count for count, _first, _last in groups),
                    "first": min(
                        (first.isoformat() for _count, first, _last in groups),
                        default=None,
                    ),
                    "last": max(
                        (last.isoformat() for _count, _first, last in groups),
                        default=None,
                    ),
                    "created": self._day_of(survey.create_date).isoformat(),
                }
            )
        return sorted(
            waves,
            key=lambda wave: (wave["first"] or wave["created"], wave["id"]),
            reverse=True,
        )

    @api.model
    def _day_of(self, moment):
        """The day of a moment, on the reader's clock."""
        return fields.Datetime.context_timestamp(self, moment).date()

    @api.model
    def _segments(self, survey_id, sums) -> list[dict]:
        """Segments with enough participants in the wave."""
        groups = sums.people.get(survey_id, {}).items()
        counts = {id_: count for id_, (count, _first, _last) in groups}
        ids = sorted(filter(None, shown_segments(counts)))
        # sudo: only names, for readers who see counts.
        segments = self.env["crm.rfm.segment"].sudo().browse(ids)
        return [
            {
                "id": segment.id,
                "name": segment.display_name,
                "answers": counts[segment.id],
            }
            for segment in segments
        ]

    @api.model
    def _features(self, asked, sums, survey_id, compare_id, segment_id) -> list[dict]:
        ids = {
            feature_id
            for wave_id, feature_id in asked
            if wave_id in (survey_id, compare_id)
        }
        # sudo: as in _surveys, which ask about them.
        features = self.env["crm.kano.feature"].sudo().browse(ids)
        described = []
        for feature in features.sorted(lambda one: (one.sequence, one.id)):
            now, before = (
                self._describe(
                    sums.count(wave_id, feature.id, segment_id),
                    bool(segment_id)
                    and not sums.is_shown(wave_id, feature.id, segment_id),
                )
                if (wave_id, feature.id) in asked
                else None
                for wave_id in (survey_id, compare_id)
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
        """Figures of a feature in a wave."""
        if is_hidden:
            return {"is_hidden": True, "class": None}
        return {
            "is_hidden": False,
            "answers": sum(counts.values()),
            "counts": {letter: counts.get(letter, 0) for letter in kano.CLASSES},
            **kano.classify(counts),
            "runners_up": kano.runners_up(counts),
            "badly_put": kano.is_badly_put(counts),
        }
