"""Other people's ways of choosing, from their descriptions, put in the place of ours: the runner, its repeats, read-backs and parallel steps stay.

They hear of calls and nothing else: none of them probes, hedges or has a timeout of its own.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from engine.monitoring.sample import Outcome, Sample
from engine.ports import Clock
from engine.resilience.routing import Candidate, Choice
from engine.runtime.routes import Routes, Shut


class Peer(Routes, ABC):
    """What is not theirs is switched off. ``pick`` is: one of several ways."""

    def __init__(self, clock: Clock, now: Callable[[], float], dice: random.Random) -> None:
        super().__init__(clock)
        self._time, self._dice = now, dice

    @abstractmethod
    def pick(self, ways: Sequence[Candidate]) -> Candidate: ...

    @abstractmethod
    def told(self, sample: Sample) -> None: ...

    def suspects(self, name: str) -> bool:
        return False

    def choose(
        self,
        candidates: Sequence[Candidate],
        stick_to: str = "",
        *,
        reads: bool = False,
        timeout: float = 30.0,
        tried: Collection[str] = (),
    ) -> Choice:
        best = self.pick([one for one in candidates if one.service not in tried] or candidates)
        return Choice(candidate=best, because="" if best == candidates[0] else "It was chosen.", score=0.0)

    def useless_for(self, service: str, account: str = "") -> float:
        return 0.0

    def pause(self, service: str, account: str, seconds: float) -> float:
        return seconds

    def refusal(self, service: str, account: str, patience: float) -> Shut | None:
        return None

    def reading(self, service: str, account: str, operation: str, seconds: float) -> tuple[float, float | None]:
        return seconds, None

    def met(self, number: int, sample: Sample, retry_after: float | None = None) -> None:
        self.gone(number)
        self.told(sample)


@dataclass(slots=True)
class _Fuse:
    bad: int = 0
    until: float = 0.0


class Ordered(Peer):
    """A fixed order, each behind a breaker: five failures in a row open it for thirty seconds (Envoy's outlier detection as it ships)."""

    def __init__(self, *more: Any) -> None:
        super().__init__(*more)
        self._fuses: dict[str, _Fuse] = defaultdict(_Fuse)

    def pick(self, ways: Sequence[Candidate]) -> Candidate:
        return next((one for one in ways if not self.suspects(one.service)), ways[0])

    def useless_for(self, service: str, account: str = "") -> float:
        return max(0.0, self._fuses[service].until - self._time())

    def told(self, sample: Sample) -> None:
        fuse = self._fuses[sample.service]
        if sample.outcome is Outcome.THROTTLED:
            return
        fuse.bad = fuse.bad + 1 if sample.outcome is Outcome.ERROR else 0
        if fuse.bad >= 5:
            fuse.until = self._time() + 30.0

    def suspects(self, name: str) -> bool:
        return self._fuses[name].until > self._time()


@dataclass(slots=True)
class _Load:
    rtt: float = 0.3
    at: float = 0.0
    penalty: float = 0.0
    penalised: float = -1e9


class Drawn(Peer):
    """The better of two that are drawn, by peak-EWMA and a penalty for failures (linkerd2-proxy: ``max(rtt, penalty)``; both fade within ten seconds)."""

    def __init__(self, *more: Any) -> None:
        super().__init__(*more)
        self._loads: dict[str, _Load] = defaultdict(_Load)

    def pick(self, ways: Sequence[Candidate]) -> Candidate:
        two = ways if len(ways) < 2 else self._dice.sample(list(ways), 2)
        return min(two, key=lambda one: self._load(one.service))

    def _load(self, name: str) -> float:
        load = self._loads[name]
        return max(load.rtt, load.penalty * math.exp(-(self._time() - load.penalised) / 10.0))

    def told(self, sample: Sample) -> None:
        load, now = self._loads[sample.service], self._time()
        if sample.outcome in (Outcome.ERROR, Outcome.THROTTLED):
            load.penalty, load.penalised = 5.0, now
            return
        keep = math.exp(-(now - load.at) / 10.0)
        load.rtt = sample.latency if sample.latency > load.rtt else load.rtt * keep + sample.latency * (1 - keep)
        load.at = now


@dataclass(slots=True)
class _Belief:
    good: float = 2.0
    bad: float = 0.1
    latency: float = 0.3


class Sampled(Peer):
    """Discounted Thompson sampling (Raj and Kalyani 2017): a chance of success drawn from each one's beta, older outcomes counting 0.95 of the next;
    the least expected time wins."""

    def __init__(self, *more: Any) -> None:
        super().__init__(*more)
        self._beliefs: dict[str, _Belief] = defaultdict(_Belief)

    def pick(self, ways: Sequence[Candidate]) -> Candidate:
        return min(ways, key=lambda one: self._drawn(one.service))

    def _drawn(self, name: str) -> float:
        belief = self._beliefs[name]
        chance = max(self._dice.betavariate(belief.good, belief.bad), 1e-3)
        return belief.latency + (1 - chance) / chance * 3.0

    def told(self, sample: Sample) -> None:
        belief, good = self._beliefs[sample.service], sample.outcome is Outcome.OK
        belief.good = max(belief.good * 0.95 + good, 0.05)
        belief.bad = max(belief.bad * 0.95 + (not good), 0.05)
        if good:
            belief.latency += 0.2 * (sample.latency - belief.latency)


PEERS: dict[str, type[Peer]] = {"static": Ordered, "p2c": Drawn, "thompson": Sampled}
