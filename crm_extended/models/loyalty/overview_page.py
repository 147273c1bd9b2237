"""What the tier overview of a company shows, as its reader may see it: customers hidden
from the reader are left out."""

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Domain

from ..common.month_names import format_month

# Months shown, the present one included.
MONTHS = 12

# The names of tiers that have been deleted since.
DELETED = ("old_tier_name", "new_tier_name")

KINDS = ("came", "risen", "fallen", "left")


def overview(memberships) -> dict:
    """Count the members of each tier of the current company, and how they came there.

    :param memberships: ``crm.loyalty.membership`` in the reader's environment
    :return: see :meth:`~.crm_loyalty_membership.CrmLoyaltyMembership.get_overview`
    """
    env = memberships.env
    company = env.company
    mine = Domain("company_id", "=", company.id)
    totals = {
        tier: (count, amount)
        for tier, count, amount in memberships._read_group(
            mine, ["tier_id"], ["__count", "qualifying_amount:sum"]
        )
    }
    close = _count_by_tier(memberships, mine & memberships._close_to_next())
    falling = _count_by_tier(memberships, mine & memberships._about_to_fall())
    today = fields.Date.context_today(memberships)
    months = [
        today.replace(day=1) - relativedelta(months=ago)
        for ago in reversed(range(MONTHS))
    ]
    changes = env["crm.loyalty.change"]._read_group(
        mine & Domain("date", ">=", months[0]) & Domain("reason", "!=", "kept"),
        ["date:month", "old_tier_id", "new_tier_id", *DELETED],
        ["__count"],
    )
    known = _first_known(env["crm.loyalty.change"], mine, months, changes)
    tiers = env["crm.loyalty.tier"]._of_company(company)
    tiers |= tiers.union(*totals)
    tiers = tiers.sorted(lambda tier: (tier.sequence, tier.id), reverse=True)
    members = sum(count for count, _amount in totals.values())
    total = sum(amount for _count, amount in totals.values())
    return {
        "company": company.display_name,
        "currency_id": company.currency_id.id,
        "members": members,
        "amount": total,
        "may_assess": env["crm.loyalty.tier"].has_access("write"),
        "may_see_revenue": env["crm.customer.transaction"].has_access("read"),
        "tiers": [
            _tier_level(tier, totals.get(tier, (0, 0)), members, total)
            | {
                "close": close.get(tier, 0),
                "falling": falling.get(tier, 0),
                "sizes": _sizes(
                    totals.get(tier, (0, 0))[0], tier, months, changes, known
                ),
            }
            for tier in tiers
        ],
        "months": [format_month(env, month, is_short=True) for month in months],
        "moves": _moves(months, changes),
    }


def _count_by_tier(memberships, domain):
    return dict(memberships._read_group(domain, ["tier_id"], ["__count"]))


def _tier_level(tier, totals, members, total):
    """A tier as the page shows it.

    :param totals: how many members it has, and what they bought
    :param members: the number of members of all tiers
    :param total: what they bought
    """
    count, amount = totals
    return {
        "id": tier.id,
        "name": tier.name,
        "color": tier.color,
        "icon": tier.icon,
        "members": count,
        "share": count / members if members else 0,
        "amount": amount,
        "amount_share": amount / total if total > 0 else 0,
        "benefits": tier.benefit_ids.mapped("name"),
    }


def _first_known(tier_changes, mine, months, changes):
    """The first month at whose end the members are known: that of the first change.

    :param tier_changes: ``crm.loyalty.change`` in the reader's environment
    :param mine: domain of the company
    :param changes: those in the months, grouped by month first
    """
    # Whatever has been kept or set counts: it shows that tiers were in use.
    if tier_changes.search_count(mine & Domain("date", "<", months[0]), limit=1):
        return months[0]
    # Changes of days to come are no reason to hide today's members.
    return min([months[-1], *(date for date, *_change in changes)])


def _sizes(size, tier, months, changes, known):
    """Members at the end of each month, counted backwards from today's; ``None`` where
    members are left whose coming no change recorded: when they came is not known."""
    sizes = []
    for month in reversed(months):
        # Each of several merged customers came, and only one is there.
        sizes.append(max(size, 0) if month >= known or size <= 0 else None)
        for date, old, new, _from, _to, count in changes:
            # Today's members also include changes dated in days to come.
            if min(date, months[-1]) == month:
                size += count * ((old == tier) - (new == tier))
    return sizes[::-1]


def _moves(months, changes):
    """Customers who came, rose, fell and left in each month."""
    moves = {kind: [0] * len(months) for kind in KINDS}
    for month, old, new, deleted_old, deleted_new, count in changes:
        # A later month: it has begun already in another time zone, or an assessment was
        # made for a day to come.
        if old == new or month not in months:
            continue
        if (not old and deleted_old) or (not new and deleted_new):
            # Between two tiers, one of which cannot be placed any more.
            continue
        if not old:
            kind = "came"
        elif not new:
            kind = "left"
        elif (old.sequence, old.id) < (new.sequence, new.id):
            kind = "risen"
        else:
            kind = "fallen"
        moves[kind][months.index(month)] += count
    return moves
