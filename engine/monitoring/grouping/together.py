"""What began to fail together before: lines between services that nobody declared, learned from past groups."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.topology import Topology

WITHIN: Final = timedelta(seconds=120)
CROWD: Final = 200  # starts before one that it is paired with
MOST: Final = 20_000  # pairs that are remembered, those seen most often
CHANCE: Final = 0.5  # of the times they met, what is put down to chance
DOUBT: Final = 8.0  # outages without each other that are assumed before any was seen
TRUST: Final = 0.4  # of what is left after that
USUAL: Final = 1.5e-5  # outages and stray alerts a second that begin with one given service: one in eighteen hours, before any was counted
QUIET: Final = 5e-6  # however quiet the house: in the quietest, too, two things may happen at once
COUNTED: Final = 30  # groups after which what was counted weighs as much as what is usual
APART: Final = timedelta(minutes=30)  # what begins that far apart does so by chance; it is taken off what begins together
BEFORE: Final = 0.2  # share of lines that is assumed to be missing before anything was counted
PAIRS: Final = 100  # pairs after which what was counted weighs as much


@dataclass(frozen=True, slots=True)
class Together:
    """``began``: how often each service began to fail; ``both``: how often two (in the order of their names) did within WITHIN."""

    began: Mapping[str, int] = field(default_factory=dict)
    both: Mapping[tuple[str, str], int] = field(default_factory=dict)
    opens: float = USUAL  # groups a second that one service opens
    missing: float = BEFORE  # share of what began together that no known line explains, 0..1

    @classmethod
    def of(cls, groups: Collection[Group], topology: Topology) -> Together:
        """From past groups, say of the last quarter; those apart count too where they began together, for that is how a missing line shows.

        Takes about a second for ten thousand members.
        """
        groups = [group for group in groups if group.members]
        starts = _once(sorted((member.first_at, member.service) for group in groups for member in group if member.service))
        began = Counter(service for _, service in starts)
        both = Counter(_pairs(starts, timedelta(0)))
        chance = Counter(_pairs(starts, APART))
        return cls(
            dict(began), dict(both.most_common(MOST)), _opens(groups, max(topology.size, len(began))), _missing(both, chance, topology)
        )

    def met(self, one: str, other: str) -> int:
        """How often they began to fail together."""
        return self.both.get(_pair(one, other), 0)

    def follows(self, member: str, service: str) -> float:
        """Chance that ``service`` begins to fail when ``member`` does, as far as the past tells; cautious, never over TRUST."""
        met = self.met(member, service)
        return TRUST * min(1.0, max(0.0, met - CHANCE) / (self.began.get(member, 0) + DOUBT)) if met else 0.0


def _opens(groups: Sequence[Group], services: int) -> float:
    opened = [group.opened_at for group in groups]
    watched = (max(opened) - min(opened)).total_seconds() * services if opened else 0.0
    return max(QUIET, (COUNTED + len(groups)) / (COUNTED / USUAL + watched))


def _once(starts: Iterable[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """Without those that come within WITHIN of one of the same service: several accounts, or a group left and begun again."""
    kept: list[tuple[datetime, str]] = []
    last: dict[str, datetime] = {}
    for at, service in starts:
        if service not in last or at - last[service] > WITHIN:
            kept.append((at, service))
            last[service] = at
    return kept


def _pairs(starts: Sequence[tuple[datetime, str]], apart: timedelta) -> Iterator[tuple[str, str]]:
    """Two that began ``apart`` and at most WITHIN more. ``starts`` in order; a moment with thousands is cut at CROWD before it."""
    lately: deque[tuple[datetime, str]] = deque(maxlen=CROWD)
    waiting: deque[tuple[datetime, str]] = deque()
    for at, service in starts:
        while waiting and at - waiting[0][0] >= apart:
            lately.append(waiting.popleft())
        while lately and at - lately[0][0] > apart + WITHIN:
            lately.popleft()
        yield from (_pair(service, other) for _, other in lately if other != service)
        waiting.append((at, service))


def _missing(both: Mapping[tuple[str, str], int], chance: Mapping[tuple[str, str], int], topology: Topology) -> float:
    explained = sum(count for pair, count in both.items() if topology.kin(*pair))
    unexplained = sum(both.values()) - explained - sum(count for pair, count in chance.items() if not topology.kin(*pair))
    return (max(0, unexplained) + BEFORE * PAIRS) / (explained + max(0, unexplained) + PAIRS)


NOTHING_SEEN: Final = Together()


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
