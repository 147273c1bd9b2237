"""Buttons in the help of empty pages, for the users who may press them."""

from typing import NamedTuple

from markupsafe import Markup


class HelpButton(NamedTuple):
    label: str
    #: external id of the action it opens or runs
    action: str
    #: what the action gets in its context, as Python in a string
    context: str = ""


def user_may(model, operation: str) -> bool:
    """Whether the user may do something to the records of a model. The web client loads
    actions, and with them their help, as superuser."""
    return model.sudo(False).has_access(operation)


def extend_help(help_message: str, buttons=(), sentence: str = "") -> str:
    """Add buttons to the help that an empty page shows; the first one stands out.

    :param buttons: each :class:`HelpButton`
    :param sentence: for users who may press none: who can
    """
    links = Markup(" ").join(
        Markup(
            '<a type="action" role="button" class="btn %s" name="%s" data-context="%s">'
            "%s</a>"
        )
        % (
            "btn-secondary" if number else "btn-primary",
            button.action,
            button.context or "{}",
            button.label,
        )
        for number, button in enumerate(buttons)
    )
    added = Markup("<p>%s</p>") % (links or sentence) if links or sentence else ""
    return Markup(help_message or "") + added
