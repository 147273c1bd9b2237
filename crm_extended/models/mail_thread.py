from odoo import api, models

# What says that nobody wrote a mail by hand (RFC 3834 and what came before it).
AUTOMATIC = {
    "precedence": ("bulk", "auto_reply", "junk", "list"),
    "x-autoreply": ("yes",),
}


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        return [
            self._care_route(message_dict, route)
            if route and route[0] == "crm.care.case"
            else route
            for route in routes
        ]

    @api.model
    def _care_route(self, message_dict, route):
        """Lead a mail to the case whose number it names, and to a new one where the
        case has been closed for too long.

        Thread headers, which Odoo has looked at before, go first.
        """
        model, case_id, values, user_id, alias = route
        # sudo: the mail comes from outside; whose case it is, is asked there.
        cases = self.env["crm.care.case"].sudo()
        values = dict(values or {})
        if case_id:
            case = cases.browse(case_id).exists()
        else:
            team = self.env["crm.care.team"].sudo().browse(values.get("team_id") or [])
            case = cases._find_by_number(message_dict, team.company_id)
        if not case:
            return model, case_id, values, user_id, alias
        if case._answers_too_late():
            values |= case._follow_up_values()
            return model, False, values, user_id, alias
        return model, case.id, values, user_id, alias

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        if any(route[0] == "crm.care.case" for route in routes or ()) and (
            _is_automatic(message)
        ):
            self = self.with_context(care_automatic_mail=True)  # noqa: PLW0642
        return super()._message_route_process(message, message_dict, routes)


def _is_automatic(message) -> bool:
    """Whether a mail was sent by a machine: an out-of-office note, a mailing list."""
    if str(message.get("Auto-Submitted") or "no").strip().lower() != "no":
        return True
    return any(
        str(message.get(header) or "").strip().lower() in values
        for header, values in AUTOMATIC.items()
    )
