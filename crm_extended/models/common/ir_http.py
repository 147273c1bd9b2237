import re

from werkzeug.exceptions import BadRequest
from werkzeug.routing import ValidationError

from odoo import models

from odoo.addons.base.models.ir_http import SignedIntConverter

# No number of a record or page has more digits; Python refuses to read 5,000.
MOST_DIGITS = 18
TOO_MANY_DIGITS = re.compile(rf"\d{{{MOST_DIGITS + 1}}}$")
# The page of a rating has its own message for invalid links.
SAYS_ITSELF = "/rate/"


class BoundedIntConverter(SignedIntConverter):
    """Numbers in addresses; a longer number cannot be in an address of ours."""

    def to_python(self, value):
        if len(value) > MOST_DIGITS:
            raise ValidationError
        return super().to_python(value)


class IrHttp(models.AbstractModel):
    """Addresses that no person enters by accident are refused without a lookup."""

    _inherit = "ir.http"

    @classmethod
    def _get_converters(cls):
        return {**super()._get_converters(), "int": BoundedIntConverter}

    @classmethod
    def _unslug(cls, value):
        # The menu of a website looks for a record in every address, also in one that
        # leads nowhere.
        if TOO_MANY_DIGITS.search(value):
            return None, None
        return super()._unslug(value)

    @classmethod
    def _match(cls, path_info):
        # PostgreSQL has no text with NUL in it, so nothing can be looked for.
        if "\0" in path_info and not path_info.startswith(SAYS_ITSELF):
            raise BadRequest
        return super()._match(path_info)
