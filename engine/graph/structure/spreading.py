"""How failures spread: one set of failed nodes, every need followed once, until nothing more falls."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph.structure.index import Structure
from engine.graph.structure.model import Impairment


def spread(
    structure: Structure,
    failed: Iterable[int],
    down: bytearray,
    left: dict[int, int],
    closed: set[int],
    rides: Impairment | None = None,
) -> list[int]:
    """The nodes that go down, the failed first, each after what took it down. O(the needs of what falls).

    ``down`` (a flag a node), ``left`` (group → ways it can still spare, where some are closed; below 0 it has failed) and ``closed`` (ways of several
    nodes that are closed) are what is known already, and are brought up to date.

    ``rides``: it is no outage but this that spreads, and requirements that absorb it do not notice.

    Starting from everything up and taking down only what must fall gives the greatest fixpoint.
    """
    hard_up, parts, members = structure.hard_up, structure.parts, structure.members
    group_of, spare, owner, titles = structure.group_of, structure.spare, structure.owner, structure.titles
    fallen = [node for node in dict.fromkeys(failed) if not down[node]]
    for node in fallen:
        down[node] = 1
    fall = fallen.append
    for node in fallen:  # it grows while it is walked
        for above in hard_up[node]:
            if not down[above]:
                down[above] = 1
                fall(above)
        for way in parts[node]:
            group = group_of[way]
            if rides is not None and rides in titles[group].absorbs:
                continue
            if len(members[way]) > 1:
                if way in closed:
                    continue
                closed.add(way)
            rest = left.get(group, spare[group]) - 1
            left[group] = rest
            if rest == -1:
                above = owner[group]
                if not down[above]:
                    down[above] = 1
                    fall(above)
    return fallen
