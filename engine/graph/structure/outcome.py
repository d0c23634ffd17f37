"""What follows when certain nodes fail: who goes down, who carries on and by what, who is at risk, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import Conflict
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Impairment, Requirement, distinct


@dataclass(frozen=True, slots=True)
class Link:
    """``node`` is down because its need ``title`` found too few ways: of each closed way, the node that closed it (``lost``)."""

    node: str
    title: str
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """``node`` stands, although its need ``title`` lost the ways that ``lost`` are part of: by the ways of ``by`` (each the nodes it takes together)."""

    node: str
    title: str
    lost: tuple[str, ...]
    by: tuple[tuple[str, ...], ...]
    spare: int  # how many more ways may close before it goes down


@dataclass(slots=True, eq=False)
class Outcome:
    """Made by ``Answers.what_if``. Lists are in the order of falling: the failed first, each node after what took it down.

    ``down``, ``names`` and ``lost_per_hour`` stay as they were answered. ``why`` and the like look at the structure again, and raise Conflict when it has
    grown since.
    """

    structure: Structure
    revision: int
    failed: tuple[int, ...]
    fallen: list[int]
    flags: bytearray  # one a node: 1 = down
    left: dict[int, int]  # group → ways it can still spare, where some are closed
    closed: set[int]
    risk: Mapping[int, frozenset[Impairment]] = field(default_factory=dict)  # nodes that stand but may fail, the impaired ones among them
    impaired: tuple[int, ...] = ()
    _down: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _lost: float | None = None
    _order: dict[int, int] = field(default_factory=dict)
    _spared: frozenset[int] | None = None

    def further(
        self, failed: tuple[int, ...], revision: int, further: Sequence[int], found: tuple[bytearray, dict[int, int], set[int]]
    ) -> Outcome:
        """This one, and ``further`` fallen after it; what was counted of this one is not counted again."""
        after = Outcome(self.structure, revision, failed, [*self.fallen, *further], *found)
        kinds, rates = self.structure.kinds, self.structure.rates
        for kind, numbers in self._down.items():
            after._down[kind] = (*numbers, *(number for number in further if not kind or kinds[number] == kind))
        if self._lost is not None:
            after._lost = self._lost + sum(rates[number] for number in further)
        return after

    def __len__(self) -> int:
        return len(self.fallen)

    def __contains__(self, id: object) -> bool:
        """Whether it is down."""
        number = self.structure.numbers.get(id) if isinstance(id, str) else None
        return number is not None and self._is_down(number)

    # --- who goes down ---------------------------------------------------------------------------------------------------------

    def down(self, kind: str = "") -> tuple[str, ...]:
        """Ids, of one kind or of all."""
        nodes = self.structure.nodes
        return tuple([nodes[number].id for number in self._of(kind)])

    def names(self, kind: str = "") -> tuple[str, ...]:
        names = self.structure.names
        return tuple([names[number] for number in self._of(kind)])

    @property
    def lost_per_hour(self) -> float:
        """Runs expected of what is down."""
        if self._lost is None:
            self._lost = sum(map(self.structure.rates.__getitem__, self.fallen))
        return self._lost

    @property
    def at_risk_per_hour(self) -> float:
        return sum(self.structure.rates[number] for number in self.risk)

    def at_risk(self, kind: str = "") -> tuple[str, ...]:
        """Ids of what stands but may fail, because of something degraded or over its quota that it has no other way around."""
        kinds, nodes = self.structure.kinds, self.structure.nodes
        return tuple([nodes[number].id for number in self.risk if not kind or kinds[number] == kind])

    # --- who carries on --------------------------------------------------------------------------------------------------------

    def carried(self, kind: str = "") -> tuple[Carried, ...]:
        """Nodes that lost a way of their own and stand. What needs them only notices nothing: that is ``spared``."""
        self._fresh()
        s = self.structure
        return tuple(
            self._carried(group)
            for group in self.left
            if not self._is_down(s.owner[group]) and (not kind or s.kinds[s.owner[group]] == kind)
        )

    def spared(self, kind: str = "") -> tuple[str, ...]:
        """Ids of what stands thanks to an alternative, its own or one further down: what plain reachability would have counted among the losses."""
        self._fresh()
        s = self.structure
        return tuple(sorted(s.nodes[number].id for number in self._touched() if not kind or s.kinds[number] == kind))

    def thanks_to(self, id: str) -> tuple[Carried, ...]:
        """The alternatives by which a spared node stands, at any depth. Empty when nothing of it failed. Raises NotFound."""
        self._fresh()
        s, touched = self.structure, self._touched()
        waiting, found = [s.number(id)], []
        seen = set(waiting)
        while waiting:
            node = waiting.pop()
            found += [self._carried(group) for group in s.choices[node] if group in self.left and not self._is_down(node)]
            below = [*s.hard(node), *(part for group in s.choices[node] for way in s.options[group] for part in s.members[way])]
            for part in below:
                if part in touched and part not in seen:
                    seen.add(part)
                    waiting.append(part)
        return tuple(found)

    # --- why -------------------------------------------------------------------------------------------------------------------

    def why(self, id: str) -> tuple[Link, ...]:
        """From a node that is down, need by need, to one that failed by itself. Empty for that one, and for what is not down. Raises NotFound."""
        self._fresh()
        number = self.structure.number(id)
        if not self._order:
            self._order.update((node, place) for place, node in enumerate(self.fallen))
        links: list[Link] = []
        while number in self._order and number not in self.failed:
            link = self._broken(number)
            links.append(link)
            number = self.structure.numbers[link.lost[0]]
        return tuple(links)

    def _broken(self, number: int) -> Link:
        """The need that fell first. It is there: every node falls by one, and after what it fell by."""
        before = self._order[number]
        worst: tuple[int, Requirement, tuple[str, ...]] | None = None
        for need in self.structure.needs(number):
            ways = distinct(need)
            spare = len(ways) - need.at_least
            found = sorted((place, part) for place, part in (self._first(way, before) for way in ways) if part)
            if len(found) > spare and (worst is None or found[spare][0] < worst[0]):
                worst = (found[spare][0], need, tuple(part for _, part in found))
        if worst is None:
            raise AssertionError(f"{self.structure.nodes[number].id} is down without a reason")
        return Link(self.structure.nodes[number].id, worst[1].title, worst[2])

    def _first(self, way: tuple[str, ...], before: int) -> tuple[int, str]:
        """(when, what) of the way's parts that fell first, if before; else (0, "")."""
        fell = [(self._order.get(self.structure.numbers[part], before), part) for part in way]
        return min(((place, part) for place, part in fell if place < before), default=(0, ""))

    # --- inside ----------------------------------------------------------------------------------------------------------------

    def _fresh(self) -> None:
        if self.revision != self.structure.revision:
            raise Conflict("The map has grown since that was answered. Ask again.")

    def _is_down(self, number: int) -> bool:
        return number < len(self.flags) and bool(self.flags[number])

    def _of(self, kind: str) -> tuple[int, ...]:
        found = self._down.get(kind)
        if found is None:
            kinds = self.structure.kinds
            found = tuple([number for number in self.fallen if kinds[number] == kind]) if kind else tuple(self.fallen)
            self._down[kind] = found
        return found

    def _carried(self, group: int) -> Carried:
        s = self.structure
        ids = [[s.nodes[part].id for part in s.members[way]] for way in s.options[group]]
        gone = [[s.nodes[part].id for part in s.members[way] if self.flags[part]] for way in s.options[group]]
        lost = tuple(dict.fromkeys(part for parts in gone for part in parts))
        by = tuple(tuple(parts) for parts, missing in zip(ids, gone, strict=True) if not missing)
        return Carried(s.nodes[s.owner[group]].id, s.titles[group].title, lost, by, self.left[group])

    def _touched(self) -> frozenset[int]:
        """Up, and above something that lost a way or the like."""
        if self._spared is None:
            s, seen = self.structure, self.flags[:]
            waiting = list(dict.fromkeys(s.owner[group] for group in self.left if not seen[s.owner[group]]))
            for node in waiting:
                seen[node] = 1
            reach = waiting.append
            hard_up, parts, owner, group_of = s.hard_up, s.parts, s.owner, s.group_of
            for node in waiting:  # it grows while it is walked
                for above in hard_up[node]:
                    if not seen[above]:
                        seen[above] = 1
                        reach(above)
                for way in parts[node]:
                    above = owner[group_of[way]]
                    if not seen[above]:
                        seen[above] = 1
                        reach(above)
            self._spared = frozenset(waiting)
        return self._spared
