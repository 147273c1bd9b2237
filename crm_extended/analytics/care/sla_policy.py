"""Which service targets a case has."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What targets are chosen by; 0 where there is none."""

    company_id: int
    team_id: int
    type: str
    priority: int
    category_id: int
    tier_id: int
    segment_id: int
    # Targets of the team for cases that no other target is meant for.
    default_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Policy:
    """A target and the cases it is meant for. An empty filter lets everything pass."""

    id: int
    metric: str
    company_id: int = 0
    team_ids: frozenset[int] = frozenset()
    type: str = ""
    priority: int = 0
    category_ids: frozenset[int] = frozenset()
    tier_ids: frozenset[int] = frozenset()
    segment_ids: frozenset[int] = frozenset()
    # Used only where a team names it.
    by_default_only: bool = False

    def applies(self, facts: Facts) -> bool:
        return (
            not self.by_default_only
            and self.company_id in (0, facts.company_id)
            and self.type in ("", facts.type)
            and self.priority <= facts.priority
            and _among(facts.team_id, self.team_ids)
            and _among(facts.category_id, self.category_ids)
            and _among(facts.tier_id, self.tier_ids)
            and _among(facts.segment_id, self.segment_ids)
        )


def _among(value: int, chosen: Collection[int]) -> bool:
    return not chosen or value in chosen


def choose(policies: Iterable[Policy], facts: Facts) -> list[Policy]:
    """The targets of a case: all that are meant for it, and of a metric for which there
    is none, those the team has by default."""
    by_metric = defaultdict(lambda: ([], []))
    for policy in policies:
        meant, default = by_metric[policy.metric]
        if policy.applies(facts):
            meant.append(policy)
        elif policy.id in facts.default_ids:
            default.append(policy)
    return [
        policy for meant, default in by_metric.values() for policy in meant or default
    ]
