"""What each component of the map needs, as the structure of AND over needs and OR over ways is told it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.lines import group_members
from engine.graph.discovery.map import Map
from engine.graph.structure.model import Node, Requirement


def requirements(map: Map) -> tuple[Requirement, ...]:
    """Of every line that counts and can break its source. Soft lines are no requirement, and a group of soft lines is none either.

    In a group what is needed stands before what stands in for it, so the first way is the usual one. The label is the group's name.
    """
    needed = [Requirement.of(line.source, line.target) for line in map.lines if _alone(line)]
    for (source, group), members in group_members(line for line in map.lines if line.kind.can_break).items():
        if not all(line.soft for line in members):
            targets = list(dict.fromkeys(line.target for line in members))
            needed.append(Requirement.of(source, *targets, at_least=min(members[0].at_least, len(targets)), label=group))
    return tuple(sorted(needed, key=lambda one: (one.node, one.label, one.ways)))


def nodes(map: Map, per_hour: Mapping[str, float] | None = None) -> tuple[Node, ...]:
    """Every component. ``per_hour``: expected runs by workflow."""
    rates = per_hour or {}
    return tuple(Node(id, kind=one.kind.value, name=one.label, per_hour=rates.get(id, 0.0)) for id, one in map.components.items())


def _alone(line: Line) -> bool:
    """A need by itself. What stands in for nothing that is named says only that it could."""
    return not line.group and not line.soft and line.kind in (LineKind.NEEDS, LineKind.CALLS)
