"""What several answers of a person to the same question come to."""

#: From the strictest to the most generous.
STRICTNESS = ("refused", "withdrawn", "pending", "given")
REFUSALS = ("refused", "withdrawn")


def stricter(first: str, second: str) -> str:
    """The stricter of two answers, for two persons who turn out to be one."""
    return min(first, second, key=STRICTNESS.index)


def effective(latest: str, settled: str | None) -> str:
    """What an answer counts as: one that is to be confirmed does not undo a refusal."""
    return settled if latest == "pending" and settled in REFUSALS else latest


def verdict(
    basis: str, latest: str | None, settled: str | None, expired: bool
) -> str | None:
    """Whether answers stand against a purpose.

    :param basis: ``needed``, ``unless_refused`` or ``always``; ``other`` where the purpose
        is not about the channel, so that no answer allows it
    :param latest: the latest answer
    :param settled: the latest answer that is not pending
    :param expired: whether the latest answer has been valid only until an earlier day
    :return: ``refused``, ``no_consent``, or None where nothing stands against it
    """
    if basis == "always":
        return None
    # Asking again does not undo a refusal.
    if settled in REFUSALS:
        return "refused"
    if basis == "other" or basis == "needed" and (latest != "given" or expired):
        return "no_consent"
    return None
