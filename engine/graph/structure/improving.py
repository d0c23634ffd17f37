"""What would help a node most: something that fails less often, or an alternative to something it cannot do without."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import Invalid
from engine.graph.structure.availability import MONTH, SAMPLES, Dice, Expected, expected, naive
from engine.graph.structure.cone import Cone, Group
from engine.graph.structure.index import Structure
from engine.graph.structure.model import distinct

STANDBY: Final = 0.99  # availability of an alternative that is only imagined: careful, for it will have troubles of its own
MOST_TRIED: Final = 20


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Wherever ``node`` needs ``usual``, ``way`` could stand in. All of them are nodes that are known, so that what they share counts."""

    node: str
    usual: tuple[str, ...]
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Improvement:
    """``minutes`` of downtime saved in a month of 30 days, and the availability after it.

    Without titles: ``node`` fails half as much. With titles: those needs of it get one more way, ``way`` or, where that is empty, something that depends
    on nothing known and is up 99 % of the time (or as was asked).
    """

    node: str
    minutes: float
    after: float
    exact: bool
    titles: tuple[str, ...] = ()
    way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """Needs of one place that any of the same ways fulfils."""

    place: int
    ways: tuple[tuple[int, ...], ...]
    titles: tuple[str, ...]


def improvements(
    structure: Structure,
    id: str,
    *,
    dice: Dice,
    equivalents: Iterable[Equivalent] = (),
    standby: float = STANDBY,
    most: int = MOST_TRIED,
    samples: int = SAMPLES,
) -> tuple[Improvement, ...]:
    """What gains most first; what gains nothing is left out. Alternatives are imagined for the ``most`` needs that fail most. Raises NotFound, Invalid."""
    if not 0.0 <= standby <= 1.0:
        raise Invalid(f"The availability of an alternative is a share from 0 to 1, not {standby}.")
    equivalents = tuple(equivalents)
    cone, top = Cone.under(structure, id)
    further = [structure.number(part) for one in equivalents for part in one.way]
    chances = [structure.nodes[node].availability for node in cone.nodes]
    now = expected(cone, top, chances, dice=dice, samples=samples)
    found = [*_repairs(structure, cone, chances, now)]
    wider, more = _imagined(cone, chances, standby)
    up = naive(cone, chances)
    for need in sorted(_needs(structure, cone), key=lambda need: -_fails(need, up))[:most]:
        if _fails(need, up) > 0:
            lifted = _Need(need.place + 1, tuple(tuple(part + 1 for part in way) for way in need.ways), need.titles)
            then = expected(_with_way(wider, lifted, [0]), top + 1, more, dice=dice, samples=samples)
            found.append(_gain(structure.nodes[cone.nodes[need.place]].id, need.titles, (), now, then))
    if equivalents:
        root = cone.nodes[top]
        wide = Cone.of(structure, [root, *further])
        wide_chances = [structure.nodes[node].availability for node in wide.nodes]
        for each in equivalents:
            changed, titles = _with_equivalent(structure, wide, each)
            if titles:
                then = expected(changed, wide.place[root], wide_chances, dice=dice, samples=samples)
                found.append(_gain(each.node, titles, each.way, now, then))
    return tuple(sorted((one for one in found if one.minutes > 0), key=lambda one: (-one.minutes, one.node, one.titles, one.way)))


def _repairs(structure: Structure, cone: Cone, chances: Sequence[float], now: Expected) -> Iterable[Improvement]:
    """P(up) is linear in each availability, so halving q gains importance × q / 2."""
    for place, importance in now.importance.items():
        gained = importance * (1 - chances[place]) / 2
        yield Improvement(structure.nodes[cone.nodes[place]].id, gained * MONTH, min(1.0, now.value + gained), not now.samples)


def _needs(structure: Structure, cone: Cone) -> list[_Need]:
    """Where one way of some is enough."""
    found: dict[tuple[int, tuple[tuple[int, ...], ...]], list[str]] = {}
    for place, node in enumerate(cone.nodes):
        for need in structure.needs(node):
            told = distinct(need)
            if need.at_least == 1 and all(told):  # a way that asks for nothing is always open: nothing to improve
                ways = tuple(tuple(cone.place[structure.numbers[part]] for part in way) for way in told)
                found.setdefault((place, ways), []).append(need.title)
    return [_Need(place, ways, tuple(titles)) for (place, ways), titles in found.items()]


def _fails(need: _Need, up: Sequence[float]) -> float:
    """How likely, about."""
    return math.prod(1 - math.prod(up[part] for part in way) for way in need.ways)


def _imagined(cone: Cone, chances: Sequence[float], standby: float) -> tuple[Cone, list[float]]:
    """The same with one more place under all others, which nothing needs yet."""
    groups = [[(spare, [[part + 1 for part in way] for way in ways]) for spare, ways in mine] for mine in cone.groups]
    hard = [[part + 1 for part in below] for below in cone.hard]
    wider = Cone([-1, *cone.nodes], {node: place + 1 for node, place in cone.place.items()}, [[], *hard], [[], *groups], cone.circular)
    return wider, [standby, *chances]


def _with_way(cone: Cone, need: _Need, more: list[int]) -> Cone:
    """The same where ``more`` fulfils the need as well."""
    hard, groups = list(cone.hard), list(cone.groups)
    ways = [list(way) for way in need.ways]
    old: Group = (len(ways) - 1, ways)
    rest = [group for group in groups[need.place] if group != old]
    if len(rest) == len(groups[need.place]):  # not among the choices: it has one way, all of which is hard to do without
        mine = hard[need.place].copy()
        for part in ways[0] * len(need.titles):
            mine.remove(part)
        hard[need.place] = mine
    groups[need.place] = [*rest, (len(ways), [*ways, more])]
    return Cone(cone.nodes, cone.place, hard, groups, True)  # the new way may lead back up


def _with_equivalent(structure: Structure, wide: Cone, each: Equivalent) -> tuple[Cone, tuple[str, ...]]:
    """With the titles of the needs that it stands in for; none where it would change nothing."""
    owner = wide.place.get(structure.number(each.node))
    usual = {wide.place.get(number) for number in structure.numbered(each.usual)}
    more = [wide.place[structure.numbers[part]] for part in dict.fromkeys(each.way)]
    titles: list[str] = []
    for need in _needs(structure, wide):
        known = [set(way) for way in need.ways]
        if need.place == owner and usual in known and set(more) not in known:
            wide = _with_way(wide, need, more)
            titles += need.titles
    return wide, tuple(titles)


def _gain(node: str, titles: tuple[str, ...], way: tuple[str, ...], now: Expected, then: Expected) -> Improvement:
    return Improvement(node, (then.value - now.value) * MONTH, then.value, not (now.samples or then.samples), titles, way)
