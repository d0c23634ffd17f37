"""What a structure is told: nodes, and what each of them needs, as values.

    node  up  ⇔  it is up itself, and every requirement of it holds
    requirement holds  ⇔  at least ``at_least`` of its ways are open
    way   open  ⇔  all of its nodes are up

A node is whatever can fail or be struck: a workflow, a service, a platform, a person, a channel. An id is any text; the mathematics reads nothing
out of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.errors import Invalid

MOST_NODES: Final = 1_000_000
MOST_EDGES: Final = 1_000_000  # mentions of a node in a way; a structure of that size is built in some seconds and takes half a gigabyte


class Impairment(StrEnum):
    """How something fails without being down: it passes only to who has nothing else, and there it is a risk, not a loss."""

    DEGRADED = "degraded"  # now and then an ask fails or is slow
    OVER_QUOTA = "over_quota"  # nothing is taken until the quota begins anew


@dataclass(frozen=True, slots=True)
class Node:
    """``per_hour``: runs expected of it. ``availability``: the share of time it is up *itself*, while all it needs is up; 1 = never counted."""

    id: str
    kind: str = ""
    name: str = ""
    per_hour: float = 0.0
    availability: float = 1.0

    @property
    def called(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Requirement:
    """What ``node`` needs: ``at_least`` of the ways, the first being the usual one. ``label`` is what people call it: “step create card”.

    ``absorbs``: impairments that it rides out, because it tries again (degraded) or may wait (over quota). The same way told twice is one way.
    """

    node: str
    ways: tuple[tuple[str, ...], ...]
    at_least: int = 1
    label: str = ""
    absorbs: frozenset[Impairment] = frozenset()

    @classmethod
    def of(
        cls, node: str, *ways: str | Iterable[str], at_least: int = 1, label: str = "", absorbs: Iterable[Impairment] = ()
    ) -> Requirement:
        """``Requirement.of("wf", "trello", ("chat", "slack"))``: trello, or else chat and slack together."""
        read = tuple((way,) if isinstance(way, str) else tuple(way) for way in ways)
        return cls(node, read, at_least, label, frozenset(absorbs))

    @property
    def title(self) -> str:
        """The label, or what the usual way names."""
        return self.label or (" and ".join(self.ways[0]) if self.ways else "")


def check_node(node: Node) -> None:
    """Raises Invalid."""
    if not node.id or not isinstance(node.id, str):
        raise Invalid("A node needs an id.")
    if not (math.isfinite(node.per_hour) and node.per_hour >= 0):
        raise Invalid(f"“{node.called[:80]}” cannot run {node.per_hour} times an hour: give a number from 0 on.")
    if not 0.0 <= node.availability <= 1.0:
        raise Invalid(f"The availability of “{node.called[:80]}” is a share from 0 to 1, not {node.availability}.")


def distinct(requirement: Requirement) -> tuple[tuple[str, ...], ...]:
    """Its ways, each once and each node of it once. A node is no part of its own ways: that it is up itself is asked anyway. Raises Invalid."""
    node = requirement.node
    if (
        node
        and len(requirement.ways) == 1
        and len(requirement.ways[0]) == 1
        and requirement.at_least == 1
        and requirement.ways[0][0] not in (node, "")
    ):
        return requirement.ways  # nearly all are like that
    ways = {tuple(sorted({part for part in way if part != node})): None for way in requirement.ways}
    if not 1 <= requirement.at_least <= len(ways):
        counted = f"{len(ways)} way{'' if len(ways) == 1 else 's'}"
        raise Invalid(f"“{node[:80]}” needs {requirement.at_least} of {counted} ({requirement.title[:80]}): name from 1 to all of them.")
    if not node or any(not part for way in ways for part in way):
        raise Invalid(f"“{node[:80]}” needs something without an id." if node else "Who needs something needs an id.")
    return tuple(ways)
