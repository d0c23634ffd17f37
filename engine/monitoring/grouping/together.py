"""What began to fail together before: lines between services that nobody declared, learned from past groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.monitoring.grouping.group import Group

WITHIN: Final = timedelta(seconds=120)
MOST: Final = 20_000  # pairs that are remembered, those seen most often
CHANCE: Final = 0.5  # of the times they met, what is put down to chance
DOUBT: Final = 8.0  # outages without each other that are assumed before any was seen
TRUST: Final = 0.4  # of what is left after that
USUAL: Final = 1.5e-5  # outages and stray alerts a second that begin with one given service: one in eighteen hours, before any was counted
COUNTED: Final = 30  # groups after which what was counted weighs as much as what is usual


@dataclass(frozen=True, slots=True)
class Together:
    """``began``: how often each service began to fail; ``both``: how often two (in the order of their names) did within WITHIN."""

    began: Mapping[str, int] = field(default_factory=dict)
    both: Mapping[tuple[str, str], int] = field(default_factory=dict)
    opens: float = USUAL  # groups a second that one service opens

    @classmethod
    def of(cls, groups: Collection[Group], services: int = 0) -> Together:
        """From past groups; those apart count too where they began together, for that is how a missing line shows.

        ``services``: how many are watched, if that is more than those that ever alerted.
        """
        groups = [group for group in groups if group.members]
        starts = sorted((member.first_at, member.service) for group in groups for member in group if member.service)
        began = Counter(service for _, service in starts)
        both: Counter[tuple[str, str]] = Counter()
        lately: list[tuple[datetime, str]] = []
        for at, service in starts:
            lately = [(before, other) for before, other in lately if at - before <= WITHIN]
            both.update({_pair(service, other) for _, other in lately if other != service})
            lately.append((at, service))
        return cls(dict(began), dict(both.most_common(MOST)), _opens(groups, max(services, len(began))))

    def met(self, one: str, other: str) -> int:
        """How often they began to fail together."""
        return self.both.get(_pair(one, other), 0)

    def follows(self, member: str, service: str) -> float:
        """Chance that ``service`` begins to fail when ``member`` does, as far as the past tells; cautious, never over TRUST."""
        met = self.met(member, service)
        return TRUST * max(0.0, met - CHANCE) / (self.began.get(member, 0) + DOUBT) if met else 0.0


def _opens(groups: Sequence[Group], services: int) -> float:
    opened = [group.opened_at for group in groups]
    watched = (max(opened) - min(opened)).total_seconds() * services if opened else 0.0
    return (COUNTED + len(groups)) / (COUNTED / USUAL + watched)


NOTHING_SEEN: Final = Together()


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
