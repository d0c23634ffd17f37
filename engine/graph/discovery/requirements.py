"""What each component of the map needs, as groups of ways: what a structure of AND over needs and OR over ways is built from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.lines import group_members
from engine.graph.discovery.map import Map


@dataclass(frozen=True, slots=True)
class Needed:
    """``node`` is up only while at least ``at_least`` of ``ways`` are; a way is open while all of its components are. The usual way first."""

    node: str
    ways: tuple[tuple[str, ...], ...]
    at_least: int
    label: str


def requirements(map: Map) -> tuple[Needed, ...]:
    """Of every line that counts and can break its source. Soft lines are no requirement, and a group of soft lines is none either."""
    needed = [Needed(line.source, ((line.target,),), 1, "") for line in map.lines if _alone(line)]
    for (source, group), members in group_members(line for line in map.lines if line.kind.can_break).items():
        if not all(line.soft for line in members):
            targets = tuple(dict.fromkeys(line.target for line in members))
            needed.append(Needed(source, tuple((target,) for target in targets), min(members[0].at_least, len(targets)), group))
    return tuple(sorted(needed, key=lambda one: (one.node, one.label, one.ways)))


def _alone(line: Line) -> bool:
    """A need by itself. What stands in for nothing that is named says only that it could."""
    return not line.group and not line.soft and line.kind in (LineKind.NEEDS, LineKind.CALLS)
