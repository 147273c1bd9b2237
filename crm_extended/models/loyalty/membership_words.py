"""How far members are from the next tier and how safe theirs is, in a sentence each."""

from ..common.formats import format_day


def next_sentence(membership) -> str:
    """The way to the next tier, "$4,047.50 to Platinum"; empty if nothing that can be
    bought is missing."""
    missing = membership._missing_to_next()
    if not missing:
        return ""
    return membership.env._(
        "%(missing)s to %(tier)s", missing=missing, tier=membership.next_tier_id.name
    )


def keep_sentence(membership) -> str:
    """Until when the tier is secured, or what keeping it takes and by when."""
    env = membership.env
    if membership.state == "locked":
        if not membership.lock_until:
            return env._("Manual override")
        day = format_day(env, membership.lock_until)
        return env._("Manual override until %s", day)
    in_grace = membership.state == "grace"
    day = membership.falls_after if in_grace else membership.valid_until
    until = format_day(env, day)
    missing = membership._missing_to_keep()
    if missing:
        return env._(
            "%(missing)s by %(date)s to keep %(tier)s",
            missing=missing,
            date=until,
            tier=membership.tier_id.name,
        )
    return env._("Tier secured until %s", until)
