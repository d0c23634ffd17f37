"""A made-up service that is probed whenever one likes: usual latency with a day, a week, drift and congestion; harmless blips; incidents.

From the description of the measured simulator, with what it leaves open settled here: lengths of blips are log-uniform and a probe within one
fails with a chance of 50 to 100 % (so that one retry after 20 s, at 60 s, gives about .09 false alerts a week, as measured there); background
failures are log-uniform; congestion is an Ornstein-Uhlenbeck process of 20 minutes with a deviation of 3 to 10 %; incidents keep three hours apart.
"""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import dataclass, field

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86_400.0, 604_800.0
START = 1_767_571_200.0  # Monday, 5 January 2026, 00:00 UTC
KINDS = ("outage", "partial", "burst", "brown-out", "ramp", "flapping", "subtle")
APART = 3 * HOUR
A_WEEK = 1.12  # incidents of a service
LENGTHS = {"outage": (5, 60), "partial": (15, 90), "burst": (60, 180), "brown-out": (15, 90), "ramp": (45, 90), "flapping": (20, 60), "subtle": (60, 180)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incident:
    """``size``: share that fails, or how many times as slow."""

    kind: str
    start: float
    end: float
    size: float


@dataclass(slots=True)
class Service:
    """``outcome(at)``: whether a probe at that moment fails, and its latency in seconds. Times are seconds since ``START``."""

    stray: float
    usual: array[float]  # log of the latency of each minute
    background: float
    blips: list[tuple[float, float, float]]  # start, end, share that fails
    incidents: list[Incident]
    _blip_at: dict[int, int] = field(default_factory=dict)
    _incident_at: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, spans in ((self._blip_at, self.blips), (self._incident_at, [(one.start, one.end) for one in self.incidents])):
            for number, (start, end, *_) in enumerate(spans):
                for minute in range(int(start // 60), int(end // 60) + 1):
                    place.setdefault(minute, number)

    def outcome(self, at: float, dice: random.Random) -> tuple[bool, float]:
        minute = int(at // 60)
        value = self.usual[minute] + self.stray * dice.gauss(0, 1)
        failing = self.background
        number = self._blip_at.get(minute)
        if number is not None:
            start, end, share = self.blips[number]
            if start <= at < end:
                failing = share
        number = self._incident_at.get(minute)
        if number is not None:
            one = self.incidents[number]
            if one.start <= at < one.end:
                failing, slower = suffering(one, at, failing)
                value += slower
        if dice.random() < 0.004:
            value += math.log(dice.uniform(3, 10))
        return dice.random() < failing, math.exp(value)


def suffering(one: Incident, at: float, failing: float) -> tuple[float, float]:
    """The share that fails, and the log of how much slower the rest is."""
    if one.kind == "outage":
        return 1.0, 0.0
    if one.kind in ("partial", "burst"):
        return one.size, 0.0
    if one.kind == "flapping":
        return (1.0, 0.0) if (at - one.start) % 300 < 120 else (failing, 0.0)
    if one.kind == "ramp":
        return failing, math.log(1 + (one.size - 1) * min(1.0, (at - one.start) / 1800))
    return failing, math.log(one.size)


def service(seed: int, number: int, *, weeks: int, learning: int = 1, quiet: bool = False) -> Service:
    """``weeks`` in all, of which the first ``learning`` are without incidents; ``quiet``: all are."""
    dice = random.Random(f"{seed}/{number}")
    minutes = int(weeks * WEEK / 60) + 1
    incidents = [] if quiet else sorted(_incidents(dice, learning * WEEK, weeks * WEEK), key=lambda one: one.start)
    blips = []
    at = dice.expovariate(2.5 / WEEK)
    while at < weeks * WEEK:
        blips.append((at, at + math.exp(dice.uniform(math.log(2), math.log(45))), dice.uniform(0.5, 1)))
        at += MINUTE + dice.expovariate(2.5 / WEEK)
    return Service(
        stray=dice.uniform(0.12, 0.35), usual=_usual(dice, minutes, learning * WEEK, weeks * WEEK),
        background=math.exp(dice.uniform(math.log(0.0003), math.log(0.004))), blips=blips, incidents=incidents,
    )  # fmt: skip


def _usual(dice: random.Random, minutes: int, learnt: float, end: float) -> array[float]:
    base = math.log(dice.uniform(0.06, 0.8))
    height, peak, weekend = dice.uniform(0.05, 0.35), dice.uniform(0, DAY), -dice.uniform(0.0, 0.2)
    batch = (
        (dice.uniform(0, 6 * HOUR), dice.uniform(20, 60) * MINUTE, math.log(dice.uniform(1.3, 2)))
        if dice.random() < 0.4
        else (0.0, 0.0, 0.0)
    )
    shift = (
        (dice.uniform(learnt, end), math.log(1 + dice.choice((-1, 1)) * dice.uniform(0.12, 0.25))) if dice.random() < 0.3 else (end, 0.0)
    )
    crowd, keep = dice.uniform(0.03, 0.10), math.exp(-1 / 20)
    jam, drift, usual = 0.0, 0.0, array("d")
    for minute in range(minutes):
        at = minute * 60.0
        of_day = at % DAY
        jam = jam * keep + dice.gauss(0, 1) * crowd * math.sqrt(1 - keep * keep)
        drift += dice.gauss(0, 0.12 / math.sqrt(7 * 1440))
        value = base + height * math.cos((of_day - peak) * 2 * math.pi / DAY) + jam + drift
        if at % WEEK >= 5 * DAY:
            value += weekend
        if batch[0] <= of_day < batch[0] + batch[1]:
            value += batch[2]
        if at >= shift[0]:
            value += shift[1]
        usual.append(value)
    return usual


def _incidents(dice: random.Random, start: float, end: float) -> list[Incident]:
    found: list[Incident] = []
    wanted = sum(dice.random() < A_WEEK / 7 for _ in range(int((end - start) / DAY)))
    while len(found) < wanted:
        kind = dice.choice(KINDS)
        begins, lasts = dice.uniform(start, end - 4 * HOUR), dice.uniform(*LENGTHS[kind]) * MINUTE
        if any(one.start - APART - lasts < begins < one.end + APART for one in found):
            continue
        low, high = {"partial": (0.2, 0.6), "burst": (0.05, 0.15), "brown-out": (2, 5), "ramp": (2.5, 4), "subtle": (1.35, 1.6)}.get(
            kind, (1, 1)
        )
        found.append(Incident(kind, begins, begins + lasts, dice.uniform(low, high)))
    return found
