"""Simulated courses whose truth is known: ramps, wandering levels, and accounts that fail with and without an omen."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from engine.monitoring.forecast.points import Point
from engine.monitoring.period import Period
from tests.engine.clock import NOON

STEP = timedelta(minutes=5)


def points(values: Iterable[float], step: timedelta = STEP) -> list[Point]:
    return [Point(NOON + number * step, value) for number, value in enumerate(values)]


def course(
    dice: random.Random, count: int, *, drift: float, wander: float, jitter: float, level: float = 100.0
) -> tuple[list[float], list[float]]:
    """(true levels, values seen) every five minutes; ``drift`` per hour, ``wander`` variance per hour, ``jitter`` deviation."""
    levels, seen = [], []
    for _ in range(count):
        level += drift / 12 + dice.gauss(0, math.sqrt(wander / 12))
        levels.append(level)
        seen.append(level + dice.gauss(0, jitter))
    return levels, seen


def correlated(dice: random.Random, count: int, share: float) -> list[float]:
    """Deviations of one, each resembling the one before."""
    value, found = dice.gauss(0, 1), []
    for _ in range(count):
        value = share * value + dice.gauss(0, math.sqrt(1 - share * share))
        found.append(value)
    return found


def period(number: int, *, count: int = 10, errors: int = 0, latency: float | None = 0.2, seconds: float = 300.0, over: int = 0) -> Period:
    return Period(at=NOON + number * timedelta(seconds=seconds), seconds=seconds, count=count, errors=errors, latency=latency, over=over)


def failing_world(dice: random.Random, days: int, a_day: float) -> list[Period]:
    """Troubles come ``a_day`` times: half of them are outages that are announced for one to four hours, a fifth are not, the rest are omens of nothing."""
    count = days * 288
    errors, slow, down = [0.001] * count, [1.0] * count, [False] * count
    at = 0
    while (at := at + int(dice.expovariate(a_day / 288)) + 1) < count:
        kind, length = dice.random(), dice.randint(12, 48)
        begins = at if 0.5 <= kind < 0.7 else at + length
        if kind < 0.5:
            for now in range(at, min(count, begins)):
                ripe = (now - at) / length
                errors[now], slow[now] = max(errors[now], 0.12 * ripe), max(slow[now], 1 + 1.2 * ripe)
        if kind >= 0.7:
            for now in range(at, min(count, begins)):
                errors[now], slow[now] = max(errors[now], 0.05), max(slow[now], 1.4)
            continue
        at = begins + dice.randint(3, 12)
        down[begins:at] = [True] * len(down[begins:at])
    return [_measured(dice, number, 0.97 if down[number] else errors[number], slow[number]) for number in range(count)]


def _measured(dice: random.Random, number: int, failing: float, slow: float) -> Period:
    errors = sum(dice.random() < failing for _ in range(10))
    usual = 0.2 * (1 + 0.25 * math.sin(2 * math.pi * number / 288))
    return period(number, errors=errors, latency=usual * slow * math.exp(dice.gauss(0, 0.06)) if errors < 10 else None)


def reliability(pairs: Sequence[tuple[float, bool]], bounds: Sequence[float]) -> list[tuple[int, float, float]]:
    """(how many, mean of what was said, share of what came) between each two bounds."""
    found = []
    for low, high in pairwise(bounds):
        inside = [(chance, came) for chance, came in pairs if low <= chance < high]
        if inside:
            found.append((len(inside), sum(chance for chance, _ in inside) / len(inside), sum(came for _, came in inside) / len(inside)))
    return found
