from odoo import api, models
from odoo.exceptions import AccessError
from odoo.models import LOG_ACCESS_COLUMNS

from .res_partner import MANAGER

# What a manager may bring along with cases of a former system.
IMPORTED = ("first_response_date", "closed_date")
# What Odoo keeps itself, and leaves out of what is written.
MAGIC = ("id", *LOG_ACCESS_COLUMNS)


class CrmCareCase(models.Model):
    """What the system records about a case, and reports count, is entered by no user:
    neither in a form nor by an import or a remote call.

    It is written as superuser, by the code that knows what has happened. Nobody gets
    there from outside, as they would with a key of the context.
    """

    _inherit = "crm.care.case"

    def _has_field_access(self, field, operation):
        if (
            operation == "write"
            and not self.env.su
            and field.readonly
            and field.store
            and field.name not in MAGIC
        ):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _take_imported(self, vals_list) -> list[dict]:
        """Take out of the values of new cases what only managers may give them.

        :return: what was taken out, in the same order
        """
        if self.env.su or not self.env.user.has_group(MANAGER):
            return [{} for _vals in vals_list]
        return [
            {name: vals.pop(name) for name in IMPORTED if name in vals}
            for vals in vals_list
        ]

    def write(self, vals):
        if "opened_date" in vals and not (
            self.env.su or self.env.user.has_group(MANAGER)
        ):
            raise AccessError(
                self.env._(
                    "Only administrators of Service Care can change when a case was "
                    "opened."
                )
            )
        return super().write(vals)
