from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_care_plan import OPEN
from .groups import MANAGE_PLANS

STATES = [
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("held", "Paused"),
    ("failed", "Failed"),
    ("done", "Completed"),
    ("exited", "Left"),
]

EXIT_REASONS = [
    ("archived", "Contact archived"),
    ("merged", "Merged into another contact"),
    ("moved", "Belongs to another customer or company now"),
    ("opted_out", "Opted out"),
    ("goal", "Goal reached"),
    ("condition", "Exit condition met"),
    ("left", "Left the segment or tier"),
    ("ended", "Plan ended"),
    ("manual", "Removed by a user"),
]


class CrmCareEnrollment(models.Model):
    """A customer in a plan: where they are in it, and what comes next.

    Customers are enrolled in SQL (``crm.care.plan._enroll``). The parts:
    ``crm_care_enrollment_engine.py`` (doing what is due), ``crm_care_enrollment_user.py``
    (who does it), ``crm_care_enrollment_exit.py`` (who leaves) and
    ``crm_care_enrollment_words.py`` (where they are, in a sentence).
    """

    _name = "crm.care.enrollment"
    _inherit = "crm.customer.record.mixin"
    _description = "Customer in a Care Plan"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(index=True, ondelete="cascade", readonly=True)
    # Each index takes time at each step; these two are looked for with the plan.
    company_id = fields.Many2one(ondelete="cascade", readonly=True)
    plan_id = fields.Many2one(
        "crm.care.plan", required=True, readonly=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "crm.care.plan.version",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    # Kept with the enrollment: the database holds that a customer is in one plan of it.
    exclusion_group_id = fields.Many2one(
        "crm.care.plan.group",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Addressed To",
        compute="_compute_contact_id",
        help="The person whom the next step would address.",
    )
    arm = fields.Selection(
        [("plan", "Plan"), ("control", "Control group")],
        required=True,
        readonly=True,
        default="plan",
        groups=MANAGE_PLANS,
    )
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="waiting"
    )
    start_date = fields.Datetime(string="Enrolled On", readonly=True)
    event_date = fields.Date(
        string="Last Event",
        readonly=True,
        help="The last event that enrolls customers.",
    )
    event_count = fields.Integer(
        string="Events", readonly=True, default=1, aggregator=None
    )
    revenue = fields.Float(
        readonly=True,
        aggregator=None,
        help="Who waits is enrolled by it, highest first.",
    )
    depth = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How many plans have started one another before this one.",
    )
    step_id = fields.Many2one(
        "crm.care.plan.step",
        string="Next Step",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    planned_date = fields.Datetime(
        string="Planned For",
        readonly=True,
        help="When the next step is due; the steps after it are counted from here.",
    )
    next_date = fields.Datetime(
        string="Next Attempt",
        readonly=True,
        help="Later than planned where the contact policy does not allow it yet, or "
        "where it failed.",
    )
    wait_reason = fields.Selection(
        [
            ("limit", "Touch limit"),
            ("quiet", "Quiet hours"),
            ("best_time", "Best time"),
        ],
        string="Waits Because Of",
        readonly=True,
    )
    attempts = fields.Integer(string="Failed Attempts", readonly=True, aggregator=None)
    error = fields.Char(readonly=True)
    exit_reason = fields.Selection(EXIT_REASONS, readonly=True)
    end_date = fields.Datetime(string="Left On", readonly=True)
    step_ids = fields.One2many(
        "crm.care.enrollment.step", "enrollment_id", string="Steps"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    _one_open = models.UniqueIndex(
        "(plan_id, partner_id) WHERE state IN ('waiting', 'running', 'held', 'failed')",
        "The customer is in this plan already.",
    )
    _one_of_group = models.UniqueIndex(
        "(exclusion_group_id, partner_id) WHERE exclusion_group_id IS NOT NULL"
        " AND state IN ('waiting', 'running', 'held', 'failed')",
        "The customer is in another plan of this group.",
    )
    # One look tells that nothing is due.
    _due_index = models.Index("(company_id, next_date, id) WHERE state = 'running'")
    _due_step_index = models.Index("(step_id, next_date, id) WHERE state = 'running'")
    _waiting_index = models.Index("(plan_id, revenue DESC, id) WHERE state = 'waiting'")
    _started_index = models.Index("(plan_id, start_date)")
    # Whether a customer was in the plan before, for each of very many.
    _inside_index = models.Index("(plan_id, partner_id)")

    @api.depends("partner_id", "plan_id", "step_id")
    def _compute_contact_id(self):
        for channel, theirs in self.grouped(
            lambda each: each.step_id._get_channel()
        ).items():
            contacts = theirs._find_contacts(channel)
            for each in theirs:
                each.contact_id = contacts[each.id]

    # -- What managers do

    def action_exit(self):
        """Take customers out of their plans."""
        self._check_managed()
        self._open()._exit("manual")

    def action_retry(self):
        """Try again what has failed."""
        self._check_managed()
        # sudo: the engine's own fields.
        failed = self.sudo().filtered(
            lambda each: each.state == "failed" and each.arm == "plan"
        )
        for plan, theirs in failed.grouped("plan_id").items():
            theirs.write(
                {
                    "state": "held" if plan.state == "paused" else "running",
                    "attempts": 0,
                    "error": False,
                    "next_date": fields.Datetime.now(),
                }
            )
        self.env["crm.care.plan"]._wake()

    def _check_managed(self):
        if not self.env.user.has_group(MANAGE_PLANS):
            raise AccessError(
                self.env._("Only sales managers change who is in a care plan.")
            )
        self.check_access("read")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_system(self):
        if not self.env.su:
            raise UserError(self.env._("Take the customer out of the plan instead."))

    # -- Who they are

    def _open(self):
        return self.filtered(lambda each: each.state in OPEN)

    @api.model
    def _open_of(self, domain):
        return self.search(Domain("state", "in", OPEN) & domain)

    def _find_contacts(self, channel="email") -> dict:
        """The person whom each plan addresses now, by id; empty where there is none. Found
        each time: people change their company, and their address.

        :param str channel: ``email`` or ``sms``
        """
        plans, found = self.env["crm.care.plan"], {}
        for rule, theirs in self.grouped(
            lambda each: each.plan_id.contact_rule
        ).items():
            people = plans._addressees(
                rule, theirs.partner_id, theirs.company_id, channel
            )
            found |= {
                each.id: people.get(
                    (each.partner_id.id, each.company_id.id), each.partner_id.browse()
                )
                for each in theirs
            }
        return found

    def _with_open_activity(self):
        """Of these enrollments those whose customer has an open activity of the plan."""
        lines = self.env["crm.care.enrollment.step"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("plan_id", "in", self.plan_id.ids),
                ("activity_id.active", "=", True),
            ]
        )
        busy = {(line.plan_id, line.partner_id) for line in lines}
        return self.filtered(lambda each: (each.plan_id, each.partner_id) in busy)

    def _depths(self) -> dict:
        """How many plans have started one another before, by id of the customer."""
        return {each.partner_id.id: each.depth for each in self}

    # -- What happened since

    def _dates_of(self, step) -> dict:
        """When a step was done, by id; when the customer was enrolled, where it was not,
        and for no step."""
        dates = {each.id: each.start_date for each in self}
        if step:
            lines = self.env["crm.care.enrollment.step"].search_fetch(
                [
                    ("enrollment_id", "in", self.ids),
                    ("step_id", "in", step._in_all_versions().ids),
                    ("outcome", "=", "done"),
                ],
                ["enrollment_id", "date"],
            )
            dates |= {line.enrollment_id.id: line.date for line in lines}
        return dates

    def _having_bought(
        self, since, amount=0.0, days=None, products=None, categories=None
    ):
        """Of these enrollments those whose customers have bought since then.

        A purchase has a day. One of the day itself counts where its document knows the
        time, as orders do: the others may have been before.

        :param dict since: moment by id
        :param amount: of one document
        :param int days: so many days after it at most
        :param products: only with one of these ``product.template``, or
        :param categories: of these ``product.category`` or below
        """
        found = self.browse()
        for company, theirs in self.grouped("company_id").items():
            rows = self.env.execute_query(
                theirs._buying(company, since, amount, days, products, categories)
            )
            found += theirs.browse([id_ for [id_] in rows])
        return found

    def _buying(self, company, since, amount, days, products, categories) -> SQL:
        zone = self.env["crm.contact.policy"].with_company(company)._company_zone()
        begun = {
            each.id: fields.Datetime.context_timestamp(
                each.with_context(tz=zone), since[each.id]
            ).date()
            for each in self
        }
        last = max(begun.values()) + timedelta(days=days) if days else date.max
        transactions = self.env["crm.customer.transaction"]
        products = products or self.env["product.template"]
        categories = categories or self.env["product.category"]
        return SQL(
            """
            SELECT DISTINCT asked.id
              FROM unnest(%(ids)s::int[], %(partners)s::int[], %(days)s::date[],
                          %(since)s::timestamp[]) AS asked(id, partner_id, day, since)
              JOIN %(transactions)s AS bought
                ON bought.partner_id = asked.partner_id AND bought.date >= asked.day
             WHERE bought.company_id = %(company)s
               AND bought.partner_id = ANY(%(partners)s)
               AND bought.date BETWEEN %(first)s AND %(last)s
               AND bought.date <= asked.day + %(most)s
               AND bought.amount > 0 AND bought.amount >= %(amount)s
               AND (bought.date > asked.day OR %(moment)s > asked.since)
               AND %(products)s AND %(stands)s
            """,
            ids=self.ids,
            partners=[each.partner_id.id for each in self],
            days=[begun[id_] for id_ in self.ids],
            since=[since[id_] for id_ in self.ids],
            transactions=transactions._of_company(company),
            company=company.id,
            first=min(begun.values()),
            last=last,
            most=days or 100_000,
            amount=amount,
            moment=transactions._moment_sql("bought"),
            products=transactions._with_products("bought", products, categories),
            stands=transactions._stands("bought", company),
        )
