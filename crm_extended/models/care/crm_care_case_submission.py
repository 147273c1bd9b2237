import hashlib
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.exceptions import ConcurrencyError

# Within so long the same words by the same person are the same case, where it is not
# known whether the form was opened again in between.
SAME_WORDS = timedelta(minutes=10)


class CrmCareCase(models.Model):
    """A form that is sent twice opens one case.

    People click twice, browsers and proxies send a request again that has not been
    answered. What was sent is kept as a digest with the case it has opened; the index is
    what decides between two requests at the same moment.
    """

    _inherit = "crm.care.case"

    # Nobody's to read or write: who sets it swallows the form of somebody else.
    submission_key = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _submission_index = models.UniqueIndex(
        "(submission_key) WHERE submission_key IS NOT NULL"
    )

    def _submission_key(self, token, *content) -> str:
        """What a form with this content is known by.

        :param str token: of the form as it was opened, so that the same words in a form
            that was opened anew are another case
        :param content: texts, numbers, bytes of files: all that was sent
        """
        digest = hashlib.sha256()
        # Whoever learns of a token cannot use it.
        for part in (self.env.uid, token or "", *content):
            data = part if isinstance(part, bytes) else str(part).encode()
            digest.update(b"%d:%b" % (len(data), data))
        return digest.hexdigest()

    def _submitted_case(self, key, only_recent):
        """The case that the same form has opened already; none if it has not."""
        # sudo: whoever sends the form again is not shown more of it than the first time.
        cases = self.sudo().with_context(active_test=False)
        case = cases.search([("submission_key", "=", key)])
        since = fields.Datetime.now() - SAME_WORDS
        if case and only_recent and case.create_date < since:
            case.submission_key = False
            # Before there is another one with it.
            case.flush_recordset(["submission_key"])
            return case.browse()
        return case

    def _create_submitted(self, values):
        """Open a case by a form, as the user that self has.

        :raise ConcurrencyError: if another request with the same form was quicker: Odoo
            calls the controller once more, which finds its case then
        """
        try:
            return self.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError(
                self.env._("The same form is being sent by another request.")
            ) from error
