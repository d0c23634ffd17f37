"""Where a structure is weak: what takes a node down by itself, what does so in pairs, and fallbacks that fall with what they replace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from engine.errors import Invalid
from engine.graph.structure.cone import Cone, more_than
from engine.graph.structure.index import Structure

T = TypeVar("T")

BLOCK: Final = 4_096  # scenarios at a time, so that a hundred thousand rows stay within some tens of megabytes
MOST_TRIED: Final = 20_000_000  # needs walked over all blocks: half a minute
MOST_PAIRED: Final = 1_000  # nodes of which all pairs are tried


@dataclass(frozen=True, slots=True)
class Stand:
    """What a node needs. ``alone``: its failure alone takes the node down; otherwise an alternative carries it. ``depth``: needs in between, 1 = directly."""

    node: str
    depth: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that together take a node down, neither doing it alone. ``complete`` is False when there were too many nodes to try them all."""

    pairs: tuple[tuple[str, str], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Trap:
    """``node`` has alternatives for ``title``, but ``shared`` takes so many of them at once that the need fails: those nearest to the node first."""

    node: str
    title: str
    ways: tuple[tuple[str, ...], ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a node would take down if it failed alone: how many nodes of the kind that was counted, and their runs an hour."""

    node: str
    count: int
    per_hour: float


def stands_on(structure: Structure, id: str) -> tuple[Stand, ...]:
    """All that a node needs, at any depth; the nearest first. Raises NotFound."""
    cone, top = Cone.under(structure, id)
    depth = _depths(cone, top)
    alone = set(alone_among(cone, top, range(len(cone.nodes))))
    ids = [structure.nodes[node].id for node in cone.nodes]
    return tuple(
        Stand(ids[place], depth[place], place in alone) for place in sorted(depth, key=lambda p: (depth[p], ids[p])) if depth[place]
    )


def single_points(structure: Structure, id: str) -> tuple[str, ...]:
    """The nodes whose failure alone takes this one down (cut sets of order 1), itself aside; the nearest first. Raises NotFound."""
    return tuple(stand.node for stand in stands_on(structure, id) if stand.alone)


def pairs(structure: Structure, id: str, *, most: int = MOST_PAIRED) -> Pairs:
    """Cut sets of order 2 among what the node needs. All pairs are tried at once, a bit each. Raises NotFound."""
    cone, top = Cone.under(structure, id)
    alone = {top, *alone_among(cone, top, range(len(cone.nodes)))}
    tried = [place for place in range(len(cone.nodes)) if place not in alone]
    complete = len(tried) <= most
    # With too many, those nearest to the node: they come last in the cone's order.
    tried = tried if complete else tried[-most:]
    found: list[tuple[str, str]] = []
    for couples in _blocks(
        [(one, other) for at, one in enumerate(tried) for other in tried[at + 1 :]], BLOCK * 64 if len(cone.nodes) < BLOCK else BLOCK
    ):
        own = _own(len(cone.nodes), couples)
        found += [_named(structure, cone, couples[bit]) for bit in bits(cone.fails(own)[top])]
    return Pairs(tuple(sorted(found)), complete)


def traps(structure: Structure, ids: Iterable[str] = ()) -> tuple[Trap, ...]:
    """Alternatives that are none, in these nodes and all they need; without ids, everywhere. Raises NotFound, Invalid.

    Only what is itself up to fail is named: a node that a way takes and whose failure closes more ways of the need than it can spare.
    """
    cone = Cone.of(structure, structure.numbered(ids) or range(len(structure)))
    found: dict[int, list[int]] = {}
    needed = sorted({part for groups in cone.groups for _, ways in groups for way in ways for part in way})
    suspects = _under(cone, needed)
    _check_work(structure, len(suspects))
    for block in _blocks(suspects, BLOCK):
        rows = cone.fails(_own(len(cone.nodes), [(place,) for place in block]))
        for place, node in enumerate(cone.nodes):
            for group, (spare, ways) in zip(structure.choices[node], cone.groups[place], strict=True):
                if spare:
                    hit = more_than(spare, [_closed(rows, way) for way in ways])
                    if hit:
                        # The node itself is no trap: in a circle its own failure comes back to it.
                        found.setdefault(group, []).extend(block[bit] for bit in bits(hit) if block[bit] != place)
    return tuple(_trap(structure, cone, group, shared) for group, shared in sorted(found.items()) if shared)


def ranking(structure: Structure, kinds: Iterable[str], *, count: str) -> tuple[Ranked, ...]:
    """What each node of ``kinds`` would take down by itself, of the kind ``count``; the worst first. All failures at once, a bit each. Raises Invalid."""
    wanted = frozenset(kinds)
    cone = Cone.of(structure, [number for number, kind in enumerate(structure.kinds) if kind == count])
    places = [place for place, node in enumerate(cone.nodes) if structure.kinds[node] in wanted]
    _check_work(structure, len(places))
    counted = [place for place, node in enumerate(cone.nodes) if structure.kinds[node] == count]
    found: list[Ranked] = []
    for block in _blocks(places, BLOCK):
        rows = cone.fails(_own(len(cone.nodes), [(place,) for place in block]))
        counts, rates = [0] * len(block), [0.0] * len(block)
        for place in counted:
            rate = structure.rates[cone.nodes[place]]
            for bit in bits(rows[place]):
                counts[bit] += 1
                rates[bit] += rate
        found += [
            Ranked(structure.nodes[cone.nodes[place]].id, many, rate)
            for place, many, rate in zip(block, counts, rates, strict=True)
            if many
        ]
    return tuple(sorted(found, key=lambda one: (-one.per_hour, -one.count, one.node)))


def bits(row: int) -> Iterator[int]:
    """The places of the ones; quick for rows with few of them."""
    while row:
        low = row & -row
        yield low.bit_length() - 1
        row ^= low


# --- inside --------------------------------------------------------------------------------------------------------------------


def alone_among(cone: Cone, top: int, places: Sequence[int]) -> list[int]:
    """Those of ``places`` whose failure alone takes ``top`` down, itself aside."""
    tried = [place for place in places if place != top]
    return [
        block[bit] for block in _blocks(tried, BLOCK) for bit in bits(cone.fails(_own(len(cone.nodes), [(place,) for place in block]))[top])
    ]


def _check_work(structure: Structure, tried: int) -> None:
    if structure.edges * (tried // BLOCK + 1) > MOST_TRIED:
        raise Invalid(f"{tried:,} failures over {structure.edges:,} needs are too many to try at once. Ask about fewer nodes or kinds.")


def _own(size: int, scenarios: Sequence[tuple[int, ...]]) -> list[int]:
    """A bit a scenario, set in the rows of those who fail in it. Put together from bytes, for setting single bits of long numbers copies them."""
    sets: dict[int, list[int]] = {}
    for bit, failed in enumerate(scenarios):
        for place in failed:
            sets.setdefault(place, []).append(bit)
    own = [0] * size
    for place, at in sets.items():
        if len(at) == 1:
            own[place] = 1 << at[0]
        else:
            row = bytearray(len(scenarios) // 8 + 1)
            for bit in at:
                row[bit >> 3] |= 1 << (bit & 7)
            own[place] = int.from_bytes(row, "little")
    return own


def _closed(rows: Sequence[int], way: Iterable[int]) -> int:
    found = 0
    for part in way:
        found |= rows[part]
    return found


def _depths(cone: Cone, top: int) -> dict[int, int]:
    depth = {top: 0}
    waiting = [top]
    for place in waiting:
        for part in cone.below(place):
            if part not in depth:
                depth[part] = depth[place] + 1
                waiting.append(part)
    return depth


def _under(cone: Cone, places: Iterable[int]) -> list[int]:
    found = dict.fromkeys(places)
    waiting = list(found)
    for place in waiting:
        for part in cone.below(place):
            if part not in found:
                found[part] = None
                waiting.append(part)
    return sorted(found)


def _blocks(what: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(what), size):
        yield what[start : start + size]


def _named(structure: Structure, cone: Cone, couple: tuple[int, ...]) -> tuple[str, str]:
    one, other = sorted(structure.nodes[cone.nodes[place]].id for place in couple)
    return one, other


def _trap(structure: Structure, cone: Cone, group: int, shared: Iterable[int]) -> Trap:
    ways = tuple(tuple(structure.nodes[part].id for part in structure.members[way]) for way in structure.options[group])
    nearest = sorted(shared, reverse=True)  # what stands higher comes later in the cone
    return Trap(
        structure.nodes[structure.owner[group]].id,
        structure.titles[group].title,
        ways,
        tuple(structure.nodes[cone.nodes[place]].id for place in nearest),
    )
