"""Lines that nobody named, guessed from what failed together. A suggestion is no line: it waits for a person's yes.

A pair is looked at when it began to fail together at least LEAST times and, corrected for how many pairs there are, more often than chance
lets two services meet. Four things then say how likely it is that one needs the other directly: *unexplained*, how much of it no third
service that began before explains; *few*, how few others took part; *follows*, how often the dependant failed when its cause did; *first*, how
often the cause was first. Their weights were fitted to simulated houses (nine kinds, five seeds each) and checked on fresh seeds. Real houses
are harder than simulated ones, so no confidence goes over SUREST.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.chance import at_least, believed, interval, mostly
from engine.graph.discovery.together import WITHIN, Episodes, Outage, Pair, episodes
from engine.monitoring.grouping.topology import Topology

LEAST: Final = 3  # times together
FALSE: Final = 0.01  # share of pairs beyond chance that may be there by chance
SHOWN: Final = 0.5  # confidence from which somebody is asked
SUREST: Final = 0.95
MOST: Final = 50  # suggestions at a time
CLEAR: Final = 0.75  # share of times the cause was first, below which the direction is said to be unsure
AGAIN: Final = 2  # times the evidence at which a rejected suggestion may come back
CONSTANT: Final = -14.386
UNEXPLAINED, FEW, FOLLOWS, FIRST = 8.517, 2.707, 8.827, 9.032


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """``confidence`` 0..1 that ``source`` needs ``target``. ``together``: how often they began to fail together; ``lift``: (times chance, from, to).

    The id is the same as long as the line is. ``pair`` is the same either way round: what is rejected is rejected both ways.
    """

    source: str
    target: str
    confidence: float
    together: int
    lift: tuple[float, float, float]
    because: str

    @property
    def id(self) -> str:
        return "sg_" + hashlib.sha256(f"{self.source}>{self.target}".encode()).hexdigest()[:10]

    @property
    def pair(self) -> str:
        return pair_of(self.source, self.target)

    @property
    def line(self) -> Line:
        """As the map keeps it: quiet, until somebody says yes."""
        evidence = Evidence(kind=EvidenceKind.SUGGESTED, origin="past incidents", confidence=self.confidence)
        return Line(source=self.source, target=self.target, kind=LineKind.NEEDS, evidence=(evidence,))

    def accepted(self, *, by: str, at: datetime) -> Line:
        """The line that a person's yes makes of it."""
        evidence = Evidence(kind=EvidenceKind.DECLARED, origin=by, since=at, seen=at)
        return Line(source=self.source, target=self.target, kind=LineKind.NEEDS, evidence=(evidence,))

    def rejected(self, *, by: str, at: datetime) -> Rejection:
        return Rejection(pair=self.pair, together=self.together, by=by, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A person's no. It holds until the two failed together AGAIN times as often as then."""

    pair: str
    together: int
    by: str = ""
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {"pair": self.pair, "together": self.together, "by": self.by, "at": self.at.isoformat() if self.at else None}

    @classmethod
    def from_json(cls, raw: Any) -> Rejection:
        """Raises Invalid."""
        found = read.mapping(raw, "A rejection")
        pair = read.words(found.get("pair"), "“pair”", 250)
        if "|" not in pair:
            raise Invalid("“pair” names two services, parted by |.")
        together = read.whole(found.get("together"), "“together”", 0, 10**9)
        return cls(pair=pair, together=together, by=read.words(found.get("by"), "“by”", 200), at=read.moment(found.get("at"), "“at”"))


def pair_of(one: str, other: str) -> str:
    return "|".join(sorted((one, other)))


def suggest(
    outages: Iterable[Outage],
    *,
    known: Iterable[tuple[str, str]] = (),
    rejected: Iterable[Rejection] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    shown: float = SHOWN,
) -> tuple[Suggestion, ...]:
    """The surest first. ``known``: lines of the map, (source, target): what they explain is not suggested. ``since``, ``until``: what was watched.

    Ten thousand outages of a hundred services take some hundred milliseconds, 50,000 some seconds; of more the latest count.
    """
    found = episodes(outages, since=since, until=until)
    pairs = {pair: numbers for pair, numbers in found.pairs().items() if len(numbers) >= LEAST}
    expected = {pair: _expected(pair, found) for pair in pairs}
    chances = {pair: at_least(len(numbers), expected[pair]) for pair, numbers in pairs.items()}
    services = len(found.starts)
    limit = believed(list(chances.values()), services * (services - 1) // 2, FALSE)
    topology = Topology.of(known)
    noes = _noes(rejected)
    parts = found.taking_part()
    made = []
    for pair, numbers in pairs.items():
        if chances[pair] > limit or topology.relation(*pair) is not None or len(numbers) < noes.get(pair_of(*pair), 0):
            continue
        one = _suggestion(pair, numbers, found, parts, expected[pair])
        if one.confidence >= shown:
            made.append(one)
    return tuple(sorted(made, key=lambda one: (-one.confidence, one.source, one.target))[:MOST])


def _noes(rejected: Iterable[Rejection]) -> dict[str, int]:
    """pair → how often they must have failed together to be suggested again."""
    noes: dict[str, int] = {}
    for one in rejected:
        noes[one.pair] = max(noes.get(one.pair, 0), AGAIN * one.together)
    return noes


def _expected(pair: Pair, found: Episodes) -> float:
    """How often two that have nothing to do with each other would begin within WITHIN of each other."""
    one, other = pair
    return found.starts[one] * found.starts[other] * (2 * WITHIN / found.span)


def _suggestion(pair: Pair, numbers: Sequence[int], found: Episodes, parts: Mapping[str, int], expected: float) -> Suggestion:
    shared = [found.of[number] for number in numbers]
    count = len(shared)
    ahead = sum(_before(began, *pair) for began in shared)
    cause, dependant = pair if ahead * 2 > count else pair[::-1]
    ahead = max(ahead, count - ahead)
    third, explained = _third(shared, cause, dependant)
    features = (
        UNEXPLAINED * (count - explained + 0.5) / (count + 1),
        FEW * sum(1 / (len(began) - 1) for began in shared) / count,
        FOLLOWS * count / (parts[cause] + 2),
        FIRST * (ahead + 1) / (count + 2),
    )
    related = 1 / (1 + math.exp(-(CONSTANT + math.fsum(features))))
    confidence = min(SUREST, related * mostly(ahead, count))
    lift = _lift(count, expected)
    because = _because(dependant, cause, count, expected, lift, ahead, (third, explained), found.span)
    return Suggestion(source=dependant, target=cause, confidence=round(confidence, 3), together=count, lift=lift, because=because)


def _before(began: Mapping[str, datetime], one: str, other: str) -> float:
    """1 where ``one`` was first, a half where nobody was."""
    return 0.5 if began[one] == began[other] else float(began[one] < began[other])


def _third(shared: Sequence[Mapping[str, datetime]], cause: str, dependant: str) -> tuple[str, int]:
    """The other service that had most often begun before the dependant did, and how often."""
    before = Counter(
        service
        for began in shared
        for service, at in began.items()
        if service not in (cause, dependant) and at < began[dependant]
    )  # fmt: skip
    return min(before.items(), key=lambda item: (-item[1], item[0])) if before else ("", 0)


def _lift(count: int, expected: float) -> tuple[float, float, float]:
    low, high = interval(count)
    base = max(expected, 1e-9)
    return round(count / base, 2), round(low / base, 2), round(high / base, 2)


def _because(
    dependant: str,
    cause: str,
    count: int,
    expected: float,
    lift: tuple[float, float, float],
    ahead: float,
    third: tuple[str, int],
    span: timedelta,
) -> str:
    days = max(1, round(span / timedelta(days=1)))
    said = f"“{dependant}” began to fail together with “{cause}” {count} times in {days} {'day' if days == 1 else 'days'}; chance would give {expected:.2g}"
    said += f" ({lift[0]:.3g} times as often, surely {lift[1]:.3g}). “{cause}” was first {ahead:g} times."
    if ahead / count < CLEAR:
        said += " Which of them needs the other is not sure."
    name, times = third
    return said + (f" “{name}” had begun before in {times} of them." if times * 4 >= count else "")
