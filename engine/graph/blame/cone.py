"""Whom a cause can take along: the nodes that need it, each with the chance that trouble gets there, as a tree that likelihoods are summed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FURTHEST: Final = 6  # hops
WIDEST: Final = 1_000  # nodes of one cone; those nearest to the cause
FAINT: Final = 0.02  # chance below which nobody is followed


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a cone. ``parent``: the place in the cone of the node by which trouble most likely comes. ``fails``: the chance that it fails if
    that parent does, ``else_fails`` if it does not (by another way), ``reached`` over all. ``hops`` from the cause."""

    node: str
    parent: int
    fails: float
    else_fails: float
    reached: float
    hops: int


@dataclass(frozen=True, slots=True)
class Needs:
    """Who needs whom, both ways, without circles of one."""

    needs: Mapping[str, frozenset[str]]
    needed_by: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, lines: Iterable[tuple[str, str]]) -> Needs:
        """``lines``: (who needs, what it needs)."""
        needs: dict[str, set[str]] = {}
        needed_by: dict[str, set[str]] = {}
        for caller, callee in lines:
            if caller != callee:
                needs.setdefault(caller, set()).add(callee)
                needed_by.setdefault(callee, set()).add(caller)
        return cls(
            {node: frozenset(others) for node, others in needs.items()}, {node: frozenset(others) for node, others in needed_by.items()}
        )

    def below(self, node: str) -> dict[str, int]:
        """Everything that could be the cause of its trouble, itself included, with the hops to it."""
        return _walk(node, self.needs)

    def cone(self, cause: str, passes: float) -> tuple[Member, ...]:
        """Nearest first, the cause in front. ``passes``: chance that trouble passes one line.

        Chances are taken as if the ways to a node were independent, and each node hangs on the parent that fails most surely: exact where the
        dependants make a tree, close where they do not.
        """
        hops = _walk(cause, self.needed_by)
        places = {cause: 0}
        members = [Member(cause, -1, 1.0, 0.0, 1.0, 0)]
        for node, distance in hops.items():
            if not distance:
                continue
            # Only what is nearer to the cause passes trouble on: that leaves circles out.
            ways = [places[other] for other in self.needs[node] if other in places and members[places[other]].hops < distance]
            if not ways:
                continue
            parent = max(ways, key=lambda place: (members[place].reached, -place))
            spared = 1.0
            for place in ways:
                if place != parent:
                    spared *= 1 - passes * members[place].reached
            reached = 1 - spared * (1 - passes * members[parent].reached)
            if reached < FAINT:
                continue
            places[node] = len(members)
            members.append(Member(node, parent, 1 - (1 - passes) * spared, 1 - spared, reached, distance))
        return tuple(members)


def _walk(start: str, lines: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """Breadth first, in a fixed order."""
    found = {start: 0}
    layer = [start]
    for distance in range(1, FURTHEST + 1):
        following: list[str] = []
        for node in layer:
            for other in sorted(lines.get(node, ())):
                if other not in found:
                    found[other] = distance
                    following.append(other)
                    if len(found) >= WIDEST:
                        return found
        layer = following
    return found
