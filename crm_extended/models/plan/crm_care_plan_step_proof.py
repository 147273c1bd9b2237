from collections import defaultdict
from contextlib import closing
from functools import partial
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .placeholders import WATCH, is_empty, watched

# What else of a mail is rendered for each contact.
ADDRESSING = ("email_from", "email_to", "email_cc", "partner_to", "reply_to")


class Problem(NamedTuple):
    """What is wrong with a text, for how many contacts and whom."""

    #: ``empty`` (a placeholder gave nothing), ``error`` or ``untranslated``
    kind: str
    #: the placeholder, the sentence of the error, or the code of the language
    detail: str
    contact_ids: list[int]


class CrmCarePlanStep(models.Model):
    """A part of steps: how their text comes out for contacts. It is rendered as Odoo does
    when it sends, with the rights of the user, and all that is done meanwhile is undone:
    nothing is created."""

    _inherit = "crm.care.plan.step"

    def _proof_texts(self):
        """The template of the step and its texts, by the engine that renders them; kinds of
        other addons have their own.

        :return: a record with placeholders, empty for none, and names of fields with
            their engines
        """
        if self.kind == "mail" and self.template_id.model == "res.partner":
            return self.template_id, {"subject": "inline_template", "body_html": "qweb"}
        return self.template_id.browse(), {}

    def _proof(self, contacts) -> list[Problem]:
        """What is wrong with the text of the step for contacts.

        :param contacts: ``res.partner``, as many as fit into memory
        """
        self.ensure_one()
        template, texts = self._proof_texts()
        if not template or not contacts:
            return []
        template = template.with_company(self.plan_id.company_id)
        found = defaultdict(list)
        with closing(self.env.cr.savepoint()):
            self._proof_some(template, texts, contacts, found)
            by_lang = contacts.grouped("lang")
            by_lang = {lang: people.ids for lang, people in by_lang.items()}
        for lang in self._langs_without(template, texts, by_lang):
            found["untranslated", lang] = by_lang[lang]
        return [Problem(kind, detail, ids) for (kind, detail), ids in found.items()]

    @staticmethod
    def _langs_without(template, names, langs) -> list[str]:
        """Of these languages those that no text of a template was written in; another
        English will do for English."""
        written = set()
        for name in names:
            field = template._fields[name]
            if field.translate:
                written.update(field._get_stored_translations(template) or {})
        written = {lang.split("_")[0] for lang in written}
        return [lang for lang in langs if lang and lang.split("_")[0] not in written]

    def _proof_some(self, template, texts, contacts, found):
        """Render texts for contacts. Where that fails for all together, it is done for each
        half alone, down to those for whom it fails."""
        empty = defaultdict(dict)
        try:
            with self.env.cr.savepoint():
                for texts_in_lang, ids in template._classify_per_lang(
                    contacts.ids
                ).values():
                    self._render_watched(texts_in_lang, texts, ids, empty)
        except OperationalError:
            raise
        except Exception as error:
            if len(contacts) == 1:
                found["error", self._short_sentence(error)].append(contacts.id)
                return
        else:
            for expression, ids in empty.items():
                found["empty", expression] += ids
            return
        half = len(contacts) // 2
        self._proof_some(template, texts, contacts[:half], found)
        self._proof_some(template, texts, contacts[half:], found)

    def _render_watched(self, template, texts, ids, empty):
        """
        :param dict empty: gets the contacts for whom a placeholder gives nothing, by its
            expression
        """
        for name, engine in texts.items():
            source, expressions = watched(template[name] or "", engine)
            watch = partial(self._watch, empty, expressions)
            template._render_template(
                source,
                "res.partner",
                ids,
                engine=engine,
                add_context={WATCH: watch},
            )
        for name in ADDRESSING:
            if name in template._fields and template[name]:
                template._render_field(name, ids)

    @staticmethod
    def _watch(empty, expressions, record, number, value):
        """Note the record for whom a placeholder gives nothing; each once, in the order in
        which they are rendered."""
        if is_empty(value):
            empty[expressions[number]][record.id] = True
        return value

    def _render_undone(self, template, contact) -> dict:
        """Subject and body of a mail, as Odoo's preview renders them."""
        with closing(self.env.cr.savepoint()):
            return template._generate_template([contact.id], ("subject", "body_html"))[
                contact.id
            ]

    def _queue_test(self, contact, customer):
        """Queue the mail of the step as it would be for a contact, to the user alone. It
        is on no record, so the customer's page does not show it, counts as no touch, and
        the link at its end is that of the user.

        :param contact: who would be addressed
        :param customer: whose salesperson would send it
        """
        template = self.template_id.with_company(self.plan_id.company_id)
        template = template.with_context(lang=contact.lang or self.env.lang)
        me = self.env.user.partner_id
        mail = template.send_mail_batch(
            contact.ids,
            email_values={
                "model": False,
                "res_id": False,
                "email_to": False,
                "email_cc": False,
                "partner_ids": [],
                "recipient_ids": [Command.set(me.ids)],
                "scheduled_date": False,
            },
        )
        user = customer.sudo().user_id  # sudo: the sender's name and address only.
        user = user if user.active and user.email else user.browse()
        mail.write(
            {
                "subject": self.env._("[Test] %s", mail.subject or ""),
                **self._sender_values(user),
            }
        )
        policy = self.env["crm.contact.policy"].with_company(self.plan_id.company_id)
        policy._sign_mails(mail, self.plan_id.purpose_id)
        # Odoo's queue is sent by the hour, and the user waits for it.
        job = self.env.ref("mail.ir_cron_mail_scheduler_action", False)
        if job:
            # sudo: users do not trigger jobs.
            job.sudo()._trigger()
        return mail

    def _short_sentence(self, error) -> str:
        """What went wrong at the bottom, without the template around it."""
        while error.__cause__:
            error = error.__cause__
        if isinstance(error, UserError):
            return str(error)
        return f"{type(error).__name__}: {error}"
