"""How long made-up runs take, and who foretold it best: quantile loss of the median and of the 90th percentile, in shares of a workflow's usual time.

40 workflows of one to six steps, some of them side by side; each action has its own log-normal time, one call in thirty hangs for a while, and each service is
two to four times as slow for some hours now and then. Nobody may look ahead: what ended before a run began is known, nothing else.
"""

from __future__ import annotations

import math
import random
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist, fmean, pstdev
from typing import Any

WORKFLOWS, RUNS = 40, 120
SHARES = {"median": 0.5, "90th": 0.9}
STAGES = (("first run", 0, 0), ("1 to 4 before it", 1, 4), ("5 to 20", 5, 20), ("21 and more", 21, RUNS))


@dataclass(slots=True)
class Past:
    """What the simple peers know of a workflow."""

    seconds: list[float] = field(default_factory=list)
    sorted: list[float] = field(default_factory=list)

    def learn(self, seconds: float) -> None:
        self.seconds.append(seconds)
        insort(self.sorted, seconds)


def empirical(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def normal(past: Past, share: float) -> float:
    return fmean(past.seconds) + NormalDist().inv_cdf(share) * pstdev(past.seconds)


def lognormal(past: Past, share: float) -> float:
    logs = [math.log(value) for value in past.seconds[-60:]]
    return math.exp(fmean(logs) + NormalDist().inv_cdf(share) * pstdev(logs))


PEERS: dict[str, Callable[[Past, float], float]] = {
    "all runs, as they were": lambda past, share: empirical(past.sorted, share),
    "last 20, as they were": lambda past, share: empirical(sorted(past.seconds[-20:]), share),
    "mean and deviation": normal,
    "log-normal, last 60": lognormal,
}
OURS, ALONE = "Signalbox", "Signalbox without its steps"


def losses(seed: int) -> dict[str, Any]:
    """Mean quantile loss by stage, by who foretold, by share; and how many runs kept within what was said to hold for half and for nine in ten."""
    from engine.prediction.duration.course import Leg
    from engine.prediction.duration.expected import PastDurations, expected
    from engine.prediction.duration.timings import Timings
    from engine.prediction.success.circumstances import Part

    dice = random.Random(seed)
    speed = {f"service{n}": (dice.gauss(-0.7, 0.8), dice.uniform(0.2, 0.7)) for n in range(10)}
    parts = [Part(service, f"action{n}") for service in speed for n in range(3)]
    offset = {part: dice.gauss(0, 0.5) for part in parts}
    flows = []
    for _ in range(WORKFLOWS):
        legs: list[Leg] = []
        for place in range(dice.randint(1, 6)):
            beside = place >= 2 and dice.random() < 0.35  # follows what the one before it follows
            legs.append(Leg(dice.choice(parts), legs[-1].after if beside else (place - 1,) if place else ()))
        flows.append(tuple(legs))
    slow = {service: sorted(dice.uniform(0, RUNS) for _ in range(3)) for service in speed}
    timings, ours, alone, peers = Timings(), [PastDurations() for _ in flows], [PastDurations() for _ in flows], [Past() for _ in flows]
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    held: dict[str, list[bool]] = {share: [] for share in SHARES}
    first = {number: int(dice.random() * RUNS * 0.5) for number in range(WORKFLOWS)}  # some are made later than others
    for turn in range(RUNS):
        for number, course in enumerate(flows):
            if turn < first[number]:
                continue
            said = {OURS: expected(ours[number], timings, course), ALONE: expected(alone[number], timings, None)}
            taken = _seconds(course, turn, dice, speed, offset, slow)
            whole = max(taken[1])
            stage = next(name for name, low, high in STAGES if low <= len(peers[number].seconds) <= high)
            usual = _seconds_usual(course, speed, offset)
            for share, level in SHARES.items():
                of = found.setdefault(stage, {}).setdefault(share, {})
                for name, told in said.items():
                    if told is not None:
                        value = told.median if share == "median" else told.long
                        of.setdefault(name, []).append(_loss(value, whole, level) / usual)
                        if name == OURS and told.samples:
                            held[share].append(whole <= value)
                for name, peer in PEERS.items():
                    if peers[number].seconds:
                        of.setdefault(name, []).append(_loss(peer(peers[number], level), whole, level) / usual)
            for leg, seconds in zip(course, taken[0], strict=True):
                timings.heard(leg.part, seconds) if leg.part else None
            ours[number].learn(whole)
            alone[number].learn(whole)
            peers[number].learn(whole)
    mean = {
        stage: {share: {name: fmean(of) for name, of in names.items()} for share, names in shares.items()}
        for stage, shares in found.items()
    }
    return {"loss": mean, "held": {share: fmean(of) for share, of in held.items()}, "runs": len(held["median"])}


def _seconds(course: Any, turn: int, dice: random.Random, speed: Any, offset: Any, slow: Any) -> tuple[list[float], list[float]]:
    """Of each leg, and when each was over."""
    taken, over = [], []
    for leg in course:
        middle, spread = speed[leg.part.service]
        seconds = math.exp(middle + offset[leg.part] + dice.gauss(0, spread))
        if any(begun <= turn < begun + 4 for begun in slow[leg.part.service]):
            seconds *= dice.uniform(2, 4)
        if dice.random() < 1 / 30:
            seconds += dice.expovariate(1 / 10)
        taken.append(seconds)
        over.append(max((over[place] for place in leg.after), default=0.0) + seconds)
    return taken, over


def _seconds_usual(course: Any, speed: Any, offset: Any) -> float:
    over: list[float] = []
    for leg in course:
        over.append(max((over[place] for place in leg.after), default=0.0) + math.exp(speed[leg.part.service][0] + offset[leg.part]))
    return max(over)


def _loss(said: float, was: float, level: float) -> float:
    return (was - said) * level if was >= said else (said - was) * (1 - level)
