"""What customers and we said to each other."""

from odoo.fields import Domain
from odoo.tools import SQL

from ..actions import open_in_dialog
from ..entry import channel_of, id_array, split_title
from .activity import ActivitySource
from .base import TimelineSource
from .message import MessageSource


def conversation_sources(timeline) -> dict[str, TimelineSource]:
    """Messages, activities, meetings, logged contacts and ratings."""
    return {
        "message": MessageSource(
            model="mail.message",
            kind="message",
            label=timeline.env._("Messages"),
            kinds=_message_kinds(timeline.env),
            titles={
                "email": timeline.env._("Email"),
                "message": timeline.env._("Message"),
                "note": timeline.env._("Note"),
                "activity": timeline.env._("Activity"),
            },
            on_demand=("system",),
        ),
        "activity": ActivitySource(
            model="mail.activity",
            kind="activity",
            label=timeline.env._("Activities"),
            icon="fa-check",
            date="date_deadline",
            links={},
            body="note",
            search=("summary", "note", "activity_type_id.name"),
            channel=_activity_channel,
        ),
        "meeting": TimelineSource(
            model="calendar.event",
            kind="meeting",
            label=timeline.env._("Meetings"),
            icon="fa-calendar",
            date="start",
            all_day="allday",
            day="start_date",
            # Other users learn of a private meeting only that its owner is busy.
            domain=_meetings_domain,
            links={"res.partner": "partner_ids", "crm.lead": "opportunity_id"},
            title="name",
            body="description",
            search=("name", "description"),
            actions={"reschedule": open_in_dialog},
            is_calendar=True,
            with_archived=False,
        ),
        "interaction": TimelineSource(
            model="crm.interaction",
            kind="interaction",
            label=timeline.env._("Interactions"),
            icon="fa-phone",
            date="date",
            links={"res.partner": "partner_id", "crm.lead": "lead_id"},
            title=_interaction_title,
            body=_interaction_body,
            search=("summary", "channel", "outcome"),
            state="outcome",
            colors={
                "reached": "success",
                "done": "success",
                "callback": "warning",
                "left_message": "info",
                "no_answer": "muted",
            },
            direction="direction",
            fields=("channel", "summary"),
            channel=_interaction_channel,
        ),
        "rating": TimelineSource(
            model="rating.rating",
            kind="rating",
            label=timeline.env._("Ratings"),
            icon="fa-star",
            date="rated_on",
            domain=_ratings_domain,
            title=lambda rating: rating.res_name or rating.display_name,
            body="feedback",
            search=("res_name", "feedback"),
            author="partner_id",
            state="rating_text",
            colors={"top": "success", "ok": "warning", "ko": "danger"},
            direction="in",
        ),
    }


def _message_kinds(env):
    kinds = {
        "email": (env._("Emails"), "fa-envelope"),
        "message": (env._("Messages"), "fa-comment"),
    }
    if env.user._is_internal():
        kinds["note"] = env._("Notes"), "fa-sticky-note"
        kinds["activity"] = env._("Activities"), "fa-check"
        kinds["system"] = env._("System"), "fa-cog"
    return kinds


def _activity_channel(activity):
    if activity.activity_category != "phonecall":
        return False
    return channel_of(activity.env, "phone")


def _interaction_channel(interaction):
    return channel_of(interaction.env, interaction.channel)


def _interaction_title(interaction):
    title, _rest = split_title(interaction.summary)
    return title or _interaction_channel(interaction)["label"]


def _interaction_body(interaction):
    return split_title(interaction.summary)[1]


def _ratings_domain(scope):
    """Ratings of records that the reader may read. Ratings have no such rule themselves:
    all employees may read all of them, with the record's name and the feedback."""
    scope.env["rating.rating"].flush_model()
    rated = scope.env.execute_query(
        SQL(
            """
            SELECT res_model, array_agg(DISTINCT res_id)
              FROM rating_rating
             WHERE partner_id = ANY(%s) AND consumed
          GROUP BY res_model
            """,
            id_array(scope.partners.ids),
        )
    )
    of_readable = []
    for model, ids in rated:
        if model in scope.env and scope.env[model].has_access("read"):
            records = scope.env[model].with_context(active_test=False)
            found = records.search([("id", "in", ids)], order="id")
            of_readable.append(
                Domain("res_model", "=", model) & Domain("res_id", "in", found.ids)
            )
    return Domain("consumed", "=", True) & Domain.OR(of_readable)


def _meetings_domain(scope):
    """Meetings that no other entry shows and whose text the reader may see, by the
    rule of Odoo's calendar."""
    mine = Domain("user_id", "=", scope.env.uid) | Domain(
        "partner_ids", "in", scope.env.user.partner_id.ids
    )
    # sudo: which calendars are private is never shown.
    private = scope.env["res.users"].sudo().with_context(active_test=False)
    private_ids = private._search(
        [("res_users_settings_id.calendar_default_privacy", "=", "private")]
    ).get_result_ids()
    by_default = Domain("privacy", "=", False) & Domain("user_id", "in", private_ids)
    seen = mine | ~(Domain("privacy", "=", "private") | by_default)
    interactions = scope.env["crm.interaction"]
    if not interactions.has_access("read") or not _has_logged_meetings(scope):
        return seen
    # A logged contact that was put into the calendar is the entry for its meeting.
    logged = interactions._search([("calendar_event_id", "!=", False)])
    return seen & Domain("id", "not in", logged.subselect("calendar_event_id"))


def _has_logged_meetings(scope) -> bool:
    """Whether any meeting of these contacts or of this record was logged as a contact,
    regardless of access: most are not, and a search as the reader takes longer."""
    lead_ids = scope.record.ids if scope.record._name == "crm.lead" else []
    scope.env["crm.interaction"].flush_model(["calendar_event_id"])
    scope.env["calendar.event"].flush_model(["partner_ids", "opportunity_id"])
    [[found]] = scope.env.execute_query(
        SQL(
            """
            SELECT EXISTS (
                   SELECT
                     FROM crm_interaction AS interaction
                     JOIN calendar_event_res_partner_rel AS attendee
                       ON attendee.calendar_event_id = interaction.calendar_event_id
                    WHERE attendee.res_partner_id = ANY(%s))
                OR EXISTS (
                   SELECT
                     FROM crm_interaction AS interaction
                     JOIN calendar_event AS event
                       ON event.id = interaction.calendar_event_id
                    WHERE event.opportunity_id = ANY(%s))
            """,
            id_array(scope.partners.ids),
            id_array(lead_ids),
        )
    )
    return found
