"""Actions of the web client that buttons give back."""

CLOSE = {"type": "ir.actions.act_window_close"}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


def notification(message: str, kind: str = "success", **params) -> dict:
    """The action that shows a notification.

    :param kind: ``success``, ``info``, ``warning`` or ``danger``
    :param params: further ones of ``display_notification``: ``title``, ``sticky``, and
        ``next``, the action that follows (:data:`CLOSE`, :data:`RELOAD`)
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, **params},
    }
