from contextlib import contextmanager
from datetime import datetime

import pytz
from freezegun import freeze_time

from odoo import Command, fields

from ..common import CustomerValueCommon


class CareCommon(CustomerValueCommon):
    """A team in company A that works Mon-Fri 8-12 and 13-17 in Brussels, an agent and a
    manager of it, and stages of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_agents()
        # Those of a demo database would apply here, too.
        cls.env["crm.care.sla"].search([]).active = False
        cls.env["crm.care.escalation"].search([]).active = False
        cls.calendar = cls.make_calendar("Office")
        cls.team = cls.env["crm.care.team"].create(
            {
                "name": "Support",
                "company_id": cls.company_a.id,
                "user_id": cls.care_manager.id,
                "member_ids": [
                    Command.set((cls.agent + cls.agent_2 + cls.agent_team).ids)
                ],
                "resource_calendar_id": cls.calendar.id,
                "acknowledge_template_id": False,
            }
        )
        cls.stages = cls.env["crm.care.stage"].create(
            [
                {
                    "name": outcome,
                    "outcome": outcome,
                    "sequence": sequence,
                    "team_ids": [Command.set(cls.team.ids)],
                }
                for sequence, outcome in enumerate(
                    ("open", "waiting", "solved", "cancelled"), -10
                )
            ]
        )
        cls.open, cls.waiting, cls.solved, cls.cancelled = cls.stages
        cls.asker = cls.customer("Asker", email="asker@example.com")

    @classmethod
    def make_agents(cls):
        """``scripts/world.py`` calls this, too."""
        cls.agent = cls.shared_user("agent", "crm_extended.group_care_agent")
        cls.agent_2 = cls.shared_user("agent_2", "crm_extended.group_care_agent")
        cls.agent_team = cls.shared_user(
            "agent_t", "crm_extended.group_care_agent_team"
        )
        cls.care_manager = cls.shared_user("care_m", "crm_extended.group_care_manager")

    @classmethod
    def make_calendar(cls, name, hours=((8, 12), (13, 17)), days=range(5), **values):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": cls.company_a.id,
                "tz": "Europe/Brussels",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning" if start < 12 else "afternoon",
                        }
                    )
                    for day in days
                    for start, end in hours
                ],
                **values,
            }
        )

    @classmethod
    def sla(cls, hours, metric="resolution", **values):
        return cls.env["crm.care.sla"].create(
            {
                "name": f"{metric} {hours}",
                "company_id": cls.company_a.id,
                "metric": metric,
                "hours": hours,
                **values,
            }
        )

    @classmethod
    def case(cls, name="Help", **values):
        return cls.env["crm.care.case"].create(
            {
                "name": name,
                "team_id": cls.team.id,
                "partner_id": cls.asker.id,
                **values,
            }
        )

    def local(self, text, tz="Europe/Brussels"):
        """The UTC moment of a local time."""
        moment = pytz.timezone(tz).localize(datetime.fromisoformat(text))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def due_local(self, record, tz="Europe/Brussels"):
        """The deadline of a case or target, as the clock on the wall shows it."""
        deadline = record["sla_deadline" if "sla_deadline" in record else "deadline"]
        return deadline and pytz.utc.localize(deadline).astimezone(
            pytz.timezone(tz)
        ).strftime("%a %Y-%m-%d %H:%M")

    @contextmanager
    def at(self, text):
        """Let it be a local time in Brussels."""
        with freeze_time(self.local(text)):
            yield
            self.env.flush_all()

    def state_in_database(self, record, name="sla_state"):
        """The state as lists, filters and groups see it."""
        record.env.flush_all()
        [[state, _count]] = record._read_group(
            [("id", "=", record.id)], [name], ["__count"]
        )
        self.assertEqual(
            record.search([("id", "=", record.id), (name, "=", state)]), record
        )
        return state

    def assertState(self, record, state, name="sla_state"):
        record.invalidate_recordset([name])
        self.assertEqual(record[name], state)
        self.assertEqual(self.state_in_database(record, name), state)

    def now(self):
        return fields.Datetime.now()
