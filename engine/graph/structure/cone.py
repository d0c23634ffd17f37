"""What a node stands on, at any depth, in an order in which it can be worked out: first what others need, then the others.

Every question about one node (its single points of failure, its availability) is a walk through its cone. The walk does not care what it carries:
scenarios as the bits of a number, samples likewise, or Boolean functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import Invalid
from engine.graph.structure.index import Structure

WIDEST: Final = 50_000  # nodes; some seconds for the widest
Group = tuple[int, list[list[int]]]  # how many ways may be closed, and the ways


@dataclass(frozen=True, slots=True, eq=False)
class Cone:
    """Places 0, 1, … from the ground up. ``nodes``: their numbers in the structure. ``circular``: some needs lead upwards, so one walk is not enough."""

    nodes: list[int]
    place: dict[int, int]
    hard: list[list[int]]
    groups: list[list[Group]]
    circular: bool

    @classmethod
    def of(cls, structure: Structure, roots: Iterable[int]) -> Cone:
        """The roots and all they need."""
        nodes, circular = _from_the_ground(structure, roots)
        place = {node: number for number, node in enumerate(nodes)}
        s = structure
        hard = [[place[part] for part in s.hard(node)] for node in nodes]
        groups: list[list[Group]] = [
            [(s.spare[group], [[place[part] for part in s.members[way]] for way in s.options[group]]) for group in s.choices[node]]
            for node in nodes
        ]
        return cls(nodes, place, hard, groups, circular)

    @classmethod
    def under(cls, structure: Structure, id: str) -> tuple[Cone, int]:
        """With the place of the node itself. Raises NotFound, and Invalid where it is too wide for questions that try every part of it."""
        root = structure.number(id)
        cone = cls.of(structure, [root])
        if len(cone.nodes) > WIDEST:
            raise Invalid(f"“{structure.names[root][:60]}” needs {len(cone.nodes):,} others. That is worked out for up to {WIDEST:,}.")
        return cone, cone.place[root]

    def below(self, place: int) -> Iterator[int]:
        """Places it needs directly, whether or not there are others."""
        yield from self.hard[place]
        for _, ways in self.groups[place]:
            for way in ways:
                yield from way

    def fails(self, own: Sequence[int]) -> list[int]:
        """Bit by bit: in which scenarios each place is down, if ``own`` says in which it fails by itself.

        All scenarios at once, as many as the numbers have bits. In a circle it is walked again until nothing more falls: the greatest fixpoint.
        """
        rows = list(own)
        while True:
            changed = False
            for place, below in enumerate(self.hard):
                row = rows[place]
                for part in below:
                    row |= rows[part]
                for spare, ways in self.groups[place]:
                    row |= more_than(spare, [_any(rows, way) for way in ways])
                if row != rows[place]:
                    rows[place] = row
                    changed = True
            if not (changed and self.circular):
                return rows


def _any(rows: Sequence[int], parts: Iterable[int]) -> int:
    found = 0
    for part in parts:
        found |= rows[part]
    return found


def more_than(spare: int, closed: Sequence[int]) -> int:
    """Bit by bit: where more than ``spare`` of these are set. ``at_least[n]`` counts up as it goes through them."""
    if spare == len(closed) - 1:
        every = -1
        for row in closed:
            every &= row
        return every
    at_least = [0] * (spare + 2)
    at_least[0] = -1
    for row in closed:
        for count in range(spare + 1, 0, -1):
            at_least[count] |= at_least[count - 1] & row
    return at_least[spare + 1]


def _from_the_ground(s: Structure, roots: Iterable[int]) -> tuple[list[int], bool]:
    """Depth first: each node after what it needs, circles aside; and whether there are any."""
    order: list[int] = []
    state = bytearray(len(s))  # 1: on the way down, 2: done
    circular = False
    for root in roots:
        if state[root]:
            continue
        state[root] = 1
        path = [(root, _needed(s, root))]
        while path:
            node, rest = path[-1]
            for part in rest:
                if not state[part]:
                    state[part] = 1
                    path.append((part, _needed(s, part)))
                    break
                circular = circular or state[part] == 1
            else:
                state[node] = 2
                order.append(node)
                path.pop()
    return order, circular


def _needed(s: Structure, node: int) -> Iterator[int]:
    groups = s.choices[node]
    if not groups:
        return iter(s.hard(node))
    return iter([*s.hard(node), *(part for group in groups for way in s.options[group] for part in s.members[way])])
