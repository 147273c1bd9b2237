"""Changes that follow from another definition of what counts, not from what customers
did: they are recorded, and start nothing else."""

# The reason of such changes.
DEFINITION_CHANGED = "definition_changed"

# What the context has where such changes are dealt with: an object, because a string
# could come from outside.
QUIETLY = object()


def quietly(records):
    """Records whose changes start no notes, and no rules of automation."""
    return records.with_context(tracking_disable=True, crm_extended_quietly=QUIETLY)


def is_quiet(env) -> bool:
    return env.context.get("crm_extended_quietly") is QUIETLY
