"""A made-up world of services that can do the same: five capabilities, each with some providers that fail, hang, slow down, throttle and lose answers.

    ┌ up ──── 1.65 % strays, drifting latency ────┐
    │                                             │ an outage, 12 minutes on average
    └◀──────────────── over ──────────────────────┤
                                                  ├─ 45 % refuses at once      nothing is done
                                                  ├─ 25 % hangs                of writes, three in ten are done all the same
                                                  └─ 30 % is 4 to 12 × as slow, and half of the calls fail, half of those without a word

It fulfils ``ports.Actions``, so that the shipped guard can be put before it, and it counts what was really done: a write that two providers have done, or
one twice, is a duplicate. What is settled here that the description leaves open: outages last at least a minute; a lost answer of a stray or of a slow
provider was done in half of the cases; a look goes to the same provider and fares like any other read there; a provider takes ``ALLOWED`` calls a minute.
"""

from __future__ import annotations

import asyncio
import math
import random
from array import array
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.errors import Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Answer, Call

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, MINUTE = 3600.0, 60.0
KINDS = (("refuses", 0.45), ("hangs", 0.70), ("slow", 1.0))  # up to which share

STRAY = 0.0165
LASTS = (60.0, 660.0)  # seconds: at least, and beyond that on average
DOWN = 0.0355  # share of the time in an outage
WRITES = 0.40  # share of the steps
TOGETHER = 0.45  # share of the steps that do not need the one before
ALLOWED = 40  # calls a minute
SPREAD = 0.45  # deviation of the log of a latency
USUAL = (
    0.19,
    0.255,
    0.29,
    0.34,
    0.425,
)  # seconds, by capability; they and ``DOWN`` make “before” what people said of it: 85 %, 1,200 ms, 95 %
TIMEOUT = 10.0
PROBE_TIMEOUT = 8.0  # as the connectors have it


@dataclass(frozen=True, slots=True)
class Outage:
    kind: str
    begins: float
    ends: float
    slower: float


@dataclass(slots=True)
class Provider:
    """``drift``: the log of how much slower than usual it is, minute by minute."""

    name: str
    usual: float
    drift: array[float]
    outages: list[Outage]
    starts: list[float] = field(default_factory=list)
    recent: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.starts = [one.begins for one in self.outages]

    def outage(self, at: float) -> Outage | None:
        number = bisect_right(self.starts, at) - 1
        return self.outages[number] if number >= 0 and at < self.outages[number].ends else None

    def latency(self, at: float, dice: random.Random) -> float:
        value = self.usual * math.exp(self.drift[min(int(at // MINUTE), len(self.drift) - 1)] + SPREAD * dice.gauss(0, 1))
        return value * dice.uniform(3, 10) if dice.random() < 0.004 else value

    def throttled(self, at: float) -> float:
        """Seconds until it takes another call; 0: it takes this one."""
        while self.recent and self.recent[0] <= at - MINUTE:
            self.recent.popleft()
        if len(self.recent) >= ALLOWED:
            return self.recent[0] + MINUTE - at
        self.recent.append(at)
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``ways``: how many providers each capability has; ``factors``: how slow each of them is, the first being the one people name;
    ``common``: the share of the outages in which all providers of a capability are down together; ``rate``: runs a second.
    """

    name: str
    ways: tuple[int, ...] = (3, 3, 3, 3, 3)
    factors: tuple[float, ...] = (1.0, 1.0, 1.0)
    common: float = 0.0
    rate: float = 0.2
    may_wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    capability: int
    writes: bool


def plan_of(dice: random.Random, *, together: bool) -> list[list[Step]]:
    """Two to five steps of different capabilities; those of a group go at the same time."""
    groups: list[list[Step]] = []
    for number, capability in enumerate(dice.sample(range(len(USUAL)), dice.choice((2, 3, 4, 5)))):
        step, joins = Step(capability, dice.random() < WRITES), dice.random() < TOGETHER
        if number and joins and together:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


class World:
    """``done``: what was really done, by key of the step. Everything is drawn from ``seed``."""

    def __init__(self, scene: Scene, seed: int, seconds: float) -> None:
        self.scene = scene
        self.dice = random.Random(f"{seed}/calls")
        self.done: Counter[str] = Counter()
        self.calls = Counter[str]()
        self.providers: dict[str, Provider] = {}
        deal, together = _Dealt(random.Random(f"{seed}/deal")), _Dealt(random.Random(f"{seed}/deal together"))
        shared = [
            together.outages(random.Random(f"{seed}/{capability}/all"), seconds, scene.common) for capability in range(len(scene.ways))
        ]
        for number in range(max(scene.ways)):  # the named ones first, so that theirs are the mix, too
            for capability, ways in enumerate(scene.ways):
                if number >= ways:
                    continue
                dice, name = random.Random(f"{seed}/{capability}/{number}"), f"c{capability}p{number}"
                own = deal.outages(dice, seconds, 1 - scene.common)
                outages = _apart(sorted((*own, *shared[capability]), key=lambda one: one.begins))
                self.providers[name] = Provider(name, USUAL[capability] * scene.factors[number], _drift(dice, seconds), outages)

    # --- ports.Actions

    async def perform(self, call: Call) -> Answer:
        self.calls["calls"] += 1
        writes = call.operation == "write"
        await self._meet(call.service, call.key if writes else "")
        if writes:
            self.done[call.key] += 1
        return Answer({"by": call.service})

    async def look(self, call: Call) -> Answer | None:
        self.calls["looks"] += 1
        await self._meet(call.service, "")
        return Answer({"by": call.service}) if self.done[call.key] else None

    def looks(self, service: str, operation: str) -> bool:
        return True

    async def _meet(self, name: str, write: str) -> None:
        """Takes its time; raises what happens. A write of which the answer is lost may be done all the same."""
        provider, dice, at = self.providers[name], self.dice, self.now()
        if wait := provider.throttled(at):
            await asyncio.sleep(0.05)
            raise Transient("Too fast.", wait)
        outage, latency = provider.outage(at), provider.latency(at, dice)
        if outage is not None and outage.kind == "refuses":
            await asyncio.sleep(dice.uniform(0.03, 0.15))
            raise Transient("Unavailable.")
        if outage is not None and outage.kind == "hangs":
            self._lost(write, 0.3)
            await asyncio.sleep(HOUR)
            raise Unanswered("Hung up.")
        failing = STRAY if outage is None else 0.5
        lost = 1 / 3 if outage is None else 0.5
        await asyncio.sleep(latency * (1.0 if outage is None else outage.slower))
        if dice.random() < failing:
            if dice.random() < lost:
                self._lost(write, 0.5)
                raise Unanswered("The connection was lost.")
            raise Transient("An error of its own.")

    def _lost(self, write: str, chance: float) -> None:
        if write and self.dice.random() < chance:
            self.done[write] += 1

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()

    async def probe(self, name: str) -> Sample:
        """A cheap read, at most eight seconds; it counts in the provider's own limit, and not as a call of a step. When it was is for the asker to say."""
        begun = self.now()
        outcome = Outcome.OK
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                await self._meet(name, "")
        except Transient as error:
            outcome = Outcome.ERROR if error.retry_after is None else Outcome.THROTTLED
        except (Unanswered, TimeoutError):
            outcome = Outcome.ERROR
        return Sample(name, "", BEGIN, Source.PROBE, outcome, self.now() - begun)

    @property
    def duplicates(self) -> int:
        return sum(count > 1 for count in self.done.values())


class _Dealt:
    """Outages dealt evenly instead of drawn: their number, kinds and lengths are those of the mix in any few of them, by a sequence of low discrepancy
    (Roberts' R2) from a random beginning. So a share of hours in which one provider happens to hang for an hour does not decide about a policy.
    """

    def __init__(self, dice: random.Random) -> None:
        self._kind, self._length, self._owed = dice.random(), dice.random(), dice.random()

    def outages(self, dice: random.Random, seconds: float, share: float) -> list[Outage]:
        """``share`` of ``DOWN`` within ``seconds``, at random moments that do not meet."""
        self._owed += seconds * DOWN * share / sum(LASTS)
        count = int(self._owed)
        self._owed -= count
        dealt = [self._one() for _ in range(count)]
        gaps = [dice.expovariate(1) for _ in range(count + 1)]
        up = max(seconds - sum(length for _, length in dealt), 0.0) / sum(gaps)
        found, at = [], 0.0
        for (kind, length), gap in zip(dealt, gaps, strict=False):
            at += gap * up
            found.append(Outage(kind, at, at + length, dice.uniform(4, 12)))
            at += length
        return found

    def _one(self) -> tuple[str, float]:
        self._kind, self._length = (self._kind + 0.7548776662466927) % 1, (self._length + 0.5698402909980532) % 1
        kind = next(kind for kind, most in KINDS if self._kind < most)
        return kind, LASTS[0] - LASTS[1] * math.log(1 - self._length)


def _apart(outages: Sequence[Outage]) -> list[Outage]:
    """Of two that meet the later one is left out."""
    found: list[Outage] = []
    for one in outages:
        if not found or one.begins >= found[-1].ends:
            found.append(one)
    return found


def _drift(dice: random.Random, seconds: float) -> array[float]:
    """An Ornstein-Uhlenbeck process: 20 %, coming back within two hours."""
    keep, drift, value = math.exp(-MINUTE / (2 * HOUR)), array("d"), dice.gauss(0, 0.2)
    for _ in range(int(seconds / MINUTE) + 2):
        drift.append(value)
        value = value * keep + dice.gauss(0, 0.2) * math.sqrt(1 - keep * keep)
    return drift
