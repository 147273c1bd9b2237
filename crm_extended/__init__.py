import re

from odoo.tools import SQL

# Models first: reports and wizards extend what they define.
from . import models, report, wizards, controllers

# Tables with what customers have answered, and what they were contacted for.
CONTACT_POLICY = (
    "crm_contact_hold",
    "crm_contact_touch",
    "crm_consent",
    "crm_customer_date",
)
# Tables of care plans, which refer to purposes and to one another.
CARE_PLANS = (
    "crm_care_enrollment_step",
    "crm_care_enrollment",
    "crm_care_plan_run",
    "crm_care_plan",
)
# Up to so many messages, last contacts are found during the installation.
FEW_MESSAGES = 50_000


def post_init_hook(env):
    """Switch on what a new database begins with, and find the contacts of the past: at
    once where that is quick, otherwise by the scheduled action, in the background and in
    portions."""
    env["crm.feature"]._switch(timeline=True, consent=True)
    env.cr.execute(
        "SELECT count(*) FROM (SELECT FROM mail_message LIMIT %s) AS message",
        [FEW_MESSAGES + 1],
    )
    [messages] = env.cr.fetchone()
    if messages <= FEW_MESSAGES:
        env["crm.last.contact"]._check_all()
    else:
        env.ref("crm_extended.ir_cron_last_contact_check")._trigger()


def uninstall_hook(env):
    """Customers get back the prices they had before their tier; then nobody holds a
    tier any more, and what came as data can be deleted."""
    env["crm.loyalty.pricelist"]._take_all_back()
    env["crm.loyalty.tier"]._let_go()
    # Each company has one of its own, which no data file knows of.
    env["ir.sequence"].search([("code", "=", "crm.care.case")]).unlink()
    _forget_rating_mails(env)
    env["crm.last.contact"]._forget_check()
    env["crm.contact.policy"]._forget_links()
    # Cases would hold fast the stages and targets that came as data, and what customers
    # have answered the purposes; so would care plans.
    env.cr.execute("DELETE FROM crm_care_case")
    for table in (*CARE_PLANS, *CONTACT_POLICY):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    _forget_demo_invoices(env)
    _forget_notes_of_others(env)
    _forget_favorites(env)
    # Odoo deletes the column of a field on a table that stays, and leaves the note of its
    # foreign key.
    env["ir.model.constraint"].search(
        [
            ("module.name", "=", "crm_extended"),
            ("type", "=", "f"),
            ("model.model", "not in", _our_models(env)),
        ]
    ).unlink()


def _forget_demo_invoices(env):
    """Odoo deletes what came as demo data, but no posted invoices."""
    names = env["ir.model.data"].search(
        [("module", "=", "crm_extended"), ("model", "=", "account.move")]
    )
    moves = env["account.move"].browse(names.mapped("res_id")).exists()
    moves.filtered(lambda move: move.state == "posted").button_draft()
    moves.with_context(force_delete=True).unlink()


def _forget_rating_mails(env):
    """Mails that ask for a rating of a case belong to no document, so nothing takes them
    along; sent after the cases are gone, their link would lead nowhere."""
    tokens = set(
        env["rating.rating"]
        .search([("res_model", "=", "crm.care.case")])
        .mapped("access_token")
    )
    waiting = env["mail.mail"].search(
        [
            ("state", "in", ("outgoing", "exception")),
            ("model", "=", False),
            ("body_html", "like", "/rate/"),
        ]
    )
    waiting.filtered(
        lambda mail: (
            not tokens.isdisjoint(re.findall(r"/rate/([\w-]+)", mail.body_html))
        )
    ).unlink()


def _our_models(env):
    return [
        name
        for name, model in env.registry.items()
        if model._original_module == "crm_extended"
    ]


def _forget_favorites(env):
    """Odoo takes those of an action along. One that was saved where a page opens another
    one is of no action, only of a model by its name."""
    favorites = env["ir.filters"].with_context(active_test=False)
    favorites.search([("model_id", "in", _our_models(env))]).unlink()


def _forget_notes_of_others(env):
    """Modules that extend a mixin note in their own name, for each model that uses it,
    that it does and what its selections can be. The notes go with the models, Odoo would
    leave the names of them behind."""
    ours = _our_models(env)
    for model, path in (
        ("ir.model.inherit", "model_id.model"),
        ("ir.model.fields.selection", "field_id.model"),
    ):
        notes = env[model].search([(path, "in", ours)])
        env["ir.model.data"].search(
            [
                ("module", "!=", "crm_extended"),
                ("model", "=", model),
                ("res_id", "in", notes.ids),
            ]
        ).unlink()
