"""Other people's ways of choosing, from their descriptions, with the same repeats, looks and parallel steps as ours; and doing nothing at all.

They hear of calls and nothing else: none of them probes, hedges or has a timeout of its own.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.routing_walk import Pick
from engine.monitoring.sample import Outcome, Sample
from engine.resilience.routing import Candidate

Now = Callable[[], float]


class First:
    """Before: the one that was named, once."""

    similar, repeats = False, False

    def __init__(self, now: Now, dice: random.Random) -> None:
        self._now, self._dice = now, dice

    def choose(self, ways: Sequence[Candidate], *, reads: bool, tried: Sequence[str]) -> Pick:
        return Pick(ways[0])

    def fit(self, ways: Sequence[Candidate]) -> int:
        return len(ways)

    def useless_for(self, way: Candidate) -> float:
        return 0.0

    def spare(self, way: Candidate) -> bool:
        return True

    def heard(self, sample: Sample) -> None: ...

    def suspects(self, name: str) -> bool:
        return False


@dataclass(slots=True)
class _Fuse:
    bad: int = 0
    until: float = 0.0


class Ordered(First):
    """A fixed order, each behind a breaker: five failures in a row open it for thirty seconds (Envoy's outlier detection as it ships)."""

    repeats = True

    def __init__(self, now: Now, dice: random.Random) -> None:
        super().__init__(now, dice)
        self._fuses: dict[str, _Fuse] = defaultdict(_Fuse)

    def choose(self, ways: Sequence[Candidate], *, reads: bool, tried: Sequence[str]) -> Pick:
        left = [one for one in ways if one.service not in tried] or list(ways)
        return Pick(next((one for one in left if not self.suspects(one.service)), left[0]))

    def fit(self, ways: Sequence[Candidate]) -> int:
        return sum(not self.suspects(one.service) for one in ways)

    def useless_for(self, way: Candidate) -> float:
        return max(0.0, self._fuses[way.service].until - self._now())

    def heard(self, sample: Sample) -> None:
        fuse = self._fuses[sample.service]
        if sample.outcome is Outcome.THROTTLED:
            return
        fuse.bad = fuse.bad + 1 if sample.outcome is Outcome.ERROR else 0
        if fuse.bad >= 5:
            fuse.until = self._now() + 30.0

    def suspects(self, name: str) -> bool:
        return self._fuses[name].until > self._now()


@dataclass(slots=True)
class _Load:
    rtt: float = 0.3
    at: float = 0.0
    penalty: float = 0.0
    penalised: float = -1e9


class Drawn(First):
    """The better of two that are drawn, by peak-EWMA and a penalty for failures (linkerd2-proxy: ``max(rtt, penalty)``; both fade within ten seconds)."""

    similar, repeats = True, True

    def __init__(self, now: Now, dice: random.Random) -> None:
        super().__init__(now, dice)
        self._loads: dict[str, _Load] = defaultdict(_Load)

    def choose(self, ways: Sequence[Candidate], *, reads: bool, tried: Sequence[str]) -> Pick:
        left = [one for one in ways if one.service not in tried] or list(ways)
        two = left if len(left) < 2 else self._dice.sample(left, 2)
        return Pick(min(two, key=lambda one: self._load(one.service)))

    def _load(self, name: str) -> float:
        load = self._loads[name]
        return max(load.rtt, load.penalty * math.exp(-(self._now() - load.penalised) / 10.0))

    def heard(self, sample: Sample) -> None:
        load, now = self._loads[sample.service], self._now()
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


class Sampled(First):
    """Discounted Thompson sampling (Raj and Kalyani 2017): a chance of success drawn from each one's beta, older outcomes counting 0.95 of the next;
    the least expected time wins."""

    similar, repeats = True, True

    def __init__(self, now: Now, dice: random.Random) -> None:
        super().__init__(now, dice)
        self._beliefs: dict[str, _Belief] = defaultdict(_Belief)

    def choose(self, ways: Sequence[Candidate], *, reads: bool, tried: Sequence[str]) -> Pick:
        left = [one for one in ways if one.service not in tried] or list(ways)
        return Pick(min(left, key=lambda one: self._drawn(one.service)))

    def _drawn(self, name: str) -> float:
        belief = self._beliefs[name]
        chance = max(self._dice.betavariate(belief.good, belief.bad), 1e-3)
        return belief.latency + (1 - chance) / chance * 3.0

    def heard(self, sample: Sample) -> None:
        belief, good = self._beliefs[sample.service], sample.outcome is Outcome.OK
        belief.good = max(belief.good * 0.95 + good, 0.05)
        belief.bad = max(belief.bad * 0.95 + (not good), 0.05)
        if good:
            belief.latency += 0.2 * (sample.latency - belief.latency)


PEERS: dict[str, type[First]] = {"before": First, "static": Ordered, "p2c": Drawn, "thompson": Sampled}
