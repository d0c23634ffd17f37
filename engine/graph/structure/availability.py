"""How much of the time a node can be expected to be up: exactly where a diagram can be built, else sampled, with the interval it lies in.

What takes the node down by itself is counted first and exactly: P(up) = Π availability of the single points × P(the rest holds). What is left is only
what lies under alternatives, which is little, so that most diagrams are small, and sampling need not meet the rare failures that matter most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import Invalid
from engine.graph.structure.bdd import TRUE, Diagram, TooLarge
from engine.graph.structure.cone import Cone
from engine.graph.structure.index import Structure
from engine.graph.structure.weak_points import alone_among

Dice = Callable[[int], int]  # so many random bits, as random.Random.getrandbits

SMALL: Final = 20_000  # nodes of a diagram that are tried in every order; about 50 ms each
LARGE: Final = (
    400_000  # and in the last order once more, a second at most, where the support is small enough that an exact answer is expected
)
EXPECTED: Final = 40  # fallible nodes
PULLS: Final = 40  # rounds in which an order is pulled together
MOST_VARIABLES: Final = 150
SAMPLES: Final = 131_072
Z: Final = 1.959964  # of a 95 % interval
FINE: Final = 40  # binary places of a chance when it is drawn
MONTH: Final = 30 * 24 * 60.0  # minutes


@dataclass(frozen=True, slots=True, eq=False)
class Availability:
    """``value`` lies in ``low`` … ``high`` (95 %; the same where ``exact``). ``naive``: the product as if nothing were shared, to compare with.

    ``support``: how many fallible nodes it depends on. ``importance``: of each, how much likelier the node is up while that one is up than while it is
    down (Birnbaum). Where it was sampled, those of what lies under alternatives are estimates.
    """

    node: str
    value: float
    low: float
    high: float
    exact: bool
    samples: int
    naive: float
    support: int
    importance: Mapping[str, float]

    @property
    def down_minutes(self) -> float:
        """Expected in a month of 30 days."""
        return (1 - self.value) * MONTH


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """The same of a place in a cone. ``importance`` by place."""

    value: float
    low: float
    high: float
    samples: int  # 0 = exact
    importance: Mapping[int, float]


def availability(structure: Structure, id: str, *, dice: Dice, samples: int = SAMPLES) -> Availability:
    """Failures of different nodes are taken as independent; what several need is one node. Raises NotFound, and Invalid for no samples.

    ``dice`` are only thrown where no diagram can be built; up to a support of 40 one could in all graphs tried, those made to be hard included.
    """
    if samples < 1:
        raise Invalid("At least one sample is needed.")
    cone, top = Cone.under(structure, id)
    chances = [structure.nodes[node].availability for node in cone.nodes]
    found = expected(cone, top, chances, dice=dice, samples=samples)
    return Availability(
        node=id,
        value=found.value,
        low=found.low,
        high=found.high,
        exact=not found.samples,
        samples=found.samples,
        naive=naive(cone, chances)[top],
        support=sum(chance < 1 for chance in chances),
        importance={structure.nodes[cone.nodes[place]].id: value for place, value in found.importance.items()},
    )


def expected(cone: Cone, top: int, chances: Sequence[float], *, dice: Dice, samples: int = SAMPLES) -> Expected:
    """``chances``: availability of each place by itself."""
    fallible = [place for place, chance in enumerate(chances) if chance < 1]
    alone = set(alone_among(cone, top, fallible)) | ({top} if chances[top] < 1 else set())
    rest = [place for place in fallible if place not in alone]
    sure = math.prod(chances[place] for place in alone)
    value, low, high, used, inner = _rest(cone, top, chances, rest, len(fallible), dice, samples)
    importance = {place: sure * much for place, much in inner.items()}
    for place in alone:
        importance[place] = value * math.prod(chances[other] for other in alone if other != place)
    return Expected(sure * value, sure * low, sure * high, used, importance)


def naive(cone: Cone, chances: Sequence[float]) -> list[float]:
    """Of every place, as if everything below it were there for it alone. A label for comparison; it can be far off in both directions."""
    found = [1.0] * len(chances)
    for place, chance in enumerate(chances):
        value = chance * math.prod(found[part] for part in cone.hard[place])
        for spare, ways in cone.groups[place]:
            open_ = [1.0]  # how likely so many ways are open
            for way in ways:
                up = math.prod(found[part] for part in way)
                open_ = [a * (1 - up) + b * up for a, b in zip([*open_, 0.0], [0.0, *open_], strict=True)]
            value *= sum(open_[len(ways) - spare :])
        found[place] = value
    return found


# --- what lies under alternatives ----------------------------------------------------------------------------------------------

Found = tuple[float, float, float, int, dict[int, float]]


def _rest(cone: Cone, top: int, chances: Sequence[float], rest: Sequence[int], support: int, dice: Dice, samples: int) -> Found:
    if not rest:
        return 1.0, 1.0, 1.0, 0, {}
    if len(rest) <= MOST_VARIABLES:
        order: list[int] = []
        for order in _orders(cone, top, set(rest)):
            try:
                return _exact(cone, top, chances, order, SMALL)
            except TooLarge:
                continue
        if support <= EXPECTED:
            try:
                return _exact(cone, top, chances, order, LARGE)
            except TooLarge:
                pass  # then it is sampled, and says so
    return _sampled(cone, top, chances, rest, dice, samples)


def _orders(cone: Cone, top: int, rest: set[int]) -> Iterator[list[int]]:
    """From the top down as the needs were told, the same with what is needed by most first, and pulled together. Mostly the first will do."""
    told = _downwards(cone, top, lambda parts: parts)
    yield [place for place in told if place in rest]
    users = [0] * len(cone.nodes)
    for place in range(len(cone.nodes)):
        for part in cone.below(place):
            users[part] += 1
    shared = _downwards(cone, top, lambda parts: sorted(parts, key=lambda part: -users[part]))
    yield [place for place in shared if place in rest]
    yield [place for place in _pulled(cone, told) if place in rest]


def _pulled(cone: Cone, order: Sequence[int]) -> list[int]:
    """What is needed together close together: each place moves to the middle of the needs it is part of, again and again; the tightest order is kept.

    (Aloul, Markov, Sakallah: FORCE, a fast and easy-to-implement variable-ordering heuristic, Great Lakes Symposium on VLSI 2003.)
    """
    needs = [[place, part] for place in order for part in cone.hard[place]]
    needs += [list(dict.fromkeys(part for way in ways for part in way)) for place in order for _, ways in cone.groups[place]]
    at = {place: float(number) for number, place in enumerate(order)}
    best, tightest = list(order), math.inf
    for _ in range(PULLS):
        span = sum(max(at[part] for part in need) - min(at[part] for part in need) for need in needs)
        if span < tightest:
            best, tightest = sorted(at, key=at.__getitem__), span
        pull = {place: [0.0, 0.0] for place in at}
        for need in needs:
            middle = sum(at[part] for part in need) / len(need)
            for part in need:
                pull[part][0] += middle
                pull[part][1] += 1
        moved = sorted(at, key=lambda place: pull[place][0] / pull[place][1] if pull[place][1] else at[place])
        at = {place: float(number) for number, place in enumerate(moved)}
    return best


def _downwards(cone: Cone, top: int, sort: Callable[[list[int]], list[int]]) -> list[int]:
    found: dict[int, None] = {}
    waiting = [top]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found[place] = None
            waiting += reversed(sort(list(cone.below(place))))
    return list(found)


def _exact(cone: Cone, top: int, chances: Sequence[float], order: Sequence[int], limit: int) -> Found:
    diagram = Diagram(len(order), limit)
    function = _function(cone, top, diagram, {place: diagram.of(variable) for variable, place in enumerate(order)})
    value, importance = diagram.weighed(function, [chances[place] for place in order])
    return value, value, value, 0, dict(zip(order, importance, strict=True))


def _function(cone: Cone, top: int, diagram: Diagram, own: Mapping[int, int]) -> int:
    """When ``top`` is up. In a circle everything is up to begin with, and it is walked until nothing more changes."""
    up = [TRUE] * len(cone.nodes)
    while True:
        changed = False
        for place in range(len(up)):
            needs = [own.get(place, TRUE), *(up[part] for part in cone.hard[place])]
            for spare, ways in cone.groups[place]:
                needs.append(diagram.at_least(len(ways) - spare, [diagram.every(up[part] for part in way) for way in ways]))
            function = diagram.every(needs)
            if function != up[place]:
                up[place] = function
                changed = True
        if not (changed and cone.circular):
            return up[top]


def _sampled(cone: Cone, top: int, chances: Sequence[float], rest: Sequence[int], dice: Dice, samples: int) -> Found:
    own = [0] * len(cone.nodes)
    for place in rest:
        own[place] = drawn(1 - chances[place], samples, dice)
    down = cone.fails(own)[top]
    failed = down.bit_count()
    low, high = wilson(failed, samples)
    importance = {}
    for place in rest:
        times = own[place].bit_count()
        both = (own[place] & down).bit_count()
        importance[place] = max(0.0, both / times - (failed - both) / (samples - times)) if 0 < times < samples else 0.0
    return 1 - failed / samples, 1 - high, 1 - low, samples, importance


def drawn(chance: float, samples: int, dice: Dice) -> int:
    """A number of so many bits, each set with this chance, to 40 binary places of it: from its last place to its first, a coin for all bits at once."""
    found = 0
    whole = round(chance * (1 << FINE))
    if whole >= 1 << FINE:
        return (1 << samples) - 1
    for place in range(FINE):
        if whole >> place & 1:
            found |= dice(samples)
        elif found:
            found &= dice(samples)
    return found


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return (0.0 if hits == 0 else max(0.0, middle - half)), (1.0 if hits == of else min(1.0, middle + half))
