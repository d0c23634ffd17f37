"""Who needs whom, as the grouping of alerts asks about it: how far apart, in which direction, through which common cause.

    dependant ──needs──▶ cause          checkout ──▶ payments ──▶ database
    service   ──needs──▶ platform:Name  jira ──▶ platform:Atlassian ◀── trello

Built from plain edges, so that whoever knows them (workflows, declarations, observed calls) can hand them in. A service that no edge names
is as good as any other: it is related to nothing but itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.monitoring.grouping.together import Together

PLATFORM: Final = "platform:"  # what a virtual node's id begins with
FURTHEST: Final = 3  # hops; beyond them an outage explains too much to explain anything
LONGEST: Final = 80  # characters of a name
WIDEST: Final = 5_000  # nodes that one walk visits, so that a hostile or broken graph costs a bounded time


class Kin(StrEnum):
    """What ``b`` is to ``a``."""

    SAME = "same"
    CAUSE = "cause"  # a needs b
    DEPENDANT = "dependant"  # b needs a
    SIBLING = "sibling"  # both need ``through``


@dataclass(frozen=True, slots=True)
class Relation:
    """``hops`` from one to the other, by way of ``through`` for siblings."""

    kin: Kin
    hops: int
    through: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """``needs``: node → what it cannot do without, directly. ``names``: id → what people call it; an id stands for itself."""

    needs: Mapping[str, frozenset[str]]
    needed_by: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    size: int = 0  # services in all, with those that no edge names
    past: Together | None = None  # what was learned of lines that nobody named
    lined: frozenset[str] = frozenset()  # services with a line between them and another service
    _causes: dict[str, Mapping[str, int]] = field(default_factory=dict, repr=False)
    _dependants: dict[str, Mapping[str, int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        edges: Iterable[tuple[str, str]] = (),
        *,
        platforms: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        services: Iterable[str] = (),
    ) -> Topology:
        """``edges``: (dependant, what it needs). ``platforms``: service → name of what it shares with others of that name.

        ``services``: those that are watched, so that the house is known to be as large as it is; without them every node counts as one.

        Edges from a node to itself and such with an empty end say nothing and are left out; circles are allowed.
        """
        needs: dict[str, set[str]] = {}
        needed_by: dict[str, set[str]] = {}
        shared = ((service, PLATFORM + platform) for service, platform in (platforms or {}).items() if platform)
        for dependant, cause in (*edges, *shared):
            if dependant and cause and dependant != cause:
                needs.setdefault(dependant, set()).add(cause)
                needed_by.setdefault(cause, set()).add(dependant)
        nodes = {node for node in (*needs, *needed_by) if not node.startswith(PLATFORM)}
        watched = frozenset(services) or nodes
        lined = {end for one, others in needs.items() for other in others if {one, other} <= watched for end in (one, other)}
        return cls(_frozen(needs), _frozen(needed_by), dict(names or {}), len(nodes | watched), lined=frozenset(lined))

    def name(self, node: str) -> str:
        """What people call it, cut to a length that fits a sentence: services of alerts from outside may be called anything."""
        return (self.names.get(node) or node.removeprefix(PLATFORM))[:LONGEST]

    def causes(self, node: str) -> Mapping[str, int]:
        """Everything it needs, with the hops to it, within FURTHEST."""
        if node not in self._causes:
            self._causes[node] = _walk(node, self.needs)
        return self._causes[node]

    def dependants(self, node: str) -> Mapping[str, int]:
        """Everything that needs it, likewise."""
        if node not in self._dependants:
            self._dependants[node] = _walk(node, self.needed_by)
        return self._dependants[node]

    def hops(self, dependant: str, cause: str) -> int | None:
        """0 for the same, else the steps from one to what it needs; None when it does not need it, as far as is known and looked."""
        return 0 if dependant == cause else self.causes(dependant).get(cause)

    def fan_out(self, cause: str) -> int:
        """How many services need it within FURTHEST."""
        return len(self.dependants(cause))

    def relation(self, a: str, b: str) -> Relation | None:
        """What ``b`` is to ``a``; the direct line before a common cause, and of several causes the one nearest to both. None: nothing."""
        if a == b:
            return Relation(Kin.SAME, 0)
        if (hops := self.hops(a, b)) is not None:
            return Relation(Kin.CAUSE, hops)
        if (hops := self.hops(b, a)) is not None:
            return Relation(Kin.DEPENDANT, hops)
        shared = self.common_causes(a, b)
        if not shared:
            return None
        through, hops = min(shared.items(), key=lambda item: (item[1], self.fan_out(item[0]), item[0]))
        return Relation(Kin.SIBLING, hops, through)

    def kin(self, one: str, other: str) -> bool:
        """Whether a single cause could make both fail."""
        return not {one, *self.causes(one)}.isdisjoint({other, *self.causes(other)})

    def common_causes(self, a: str, b: str) -> dict[str, int]:
        """What both need, with the hops from one to the other by way of it."""
        mine, theirs = self.causes(a), self.causes(b)
        if len(mine) > len(theirs):
            mine, theirs = theirs, mine
        return {node: hops + theirs[node] for node, hops in mine.items() if node in theirs}

    def vendor(self, service: str) -> str:
        """The platform it runs on, or the service itself: two of different vendors do not fail together by one vendor's fault."""
        shared = sorted(node for node in self.causes(service) if node.startswith(PLATFORM))
        return shared[0] if shared else service


def _frozen(edges: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {node: frozenset(others) for node, others in edges.items()}


def _walk(start: str, edges: Mapping[str, frozenset[str]]) -> Mapping[str, int]:
    """Breadth first, so that the first way found is the shortest."""
    found = {start: 0}
    waiting = deque([start])
    while waiting and len(found) < WIDEST:
        node = waiting.popleft()
        if found[node] == FURTHEST:
            break
        for other in sorted(edges.get(node, ())):
            if other not in found:
                found[other] = found[node] + 1
                waiting.append(other)
    del found[start]
    return found


NOTHING_KNOWN: Final = Topology.of()
