"""Houses of services that fail, with lines that are known to whoever made them: outages spread to dependants, some are missed, some mean nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.graph.discovery.together import Outage

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class House:
    needs: dict[str, set[str]]
    outages: tuple[Outage, ...]
    until: datetime

    @property
    def lines(self) -> set[tuple[str, str]]:
        return {(one, other) for one, others in self.needs.items() for other in others}


def house(
    seed: int,
    services: int = 40,
    days: int = 180,
    *,
    missed: float = 0.2,
    stray: float = 1 / 40,
    common: float = 1 / 25,
    lines: bool = True,
) -> House:
    """``stray``: alerts a day and service that mean nothing. ``common``: days of something that hits many at once, a share of all days."""
    dice = random.Random(seed)
    names = [f"s{number}" for number in range(services)]
    needs = _needs(dice, names) if lines else {name: set() for name in names}
    needed_by = {name: [one for one in names if name in needs[one]] for name in names}
    passes = {(one, other): dice.uniform(0.5, 0.95) for one in names for other in sorted(needs[one])}
    outages: list[Outage] = []
    for name in names:
        for at in _moments(dice, dice.lognormvariate(0, 0.6) / 20, days):
            outages += _struck(dice, name, at, needed_by, passes, missed)
        outages += [_outage(name, at, 120) for at in _moments(dice, stray, days)]
    for at in _moments(dice, common, days):
        hit = dice.sample(names, max(2, int(services * dice.uniform(0.05, 0.3))))
        outages += [_outage(name, at + dice.uniform(0, 120), 1_200) for name in hit]
    return House(needs, tuple(outages), BEGIN + timedelta(days=days))


def _needs(dice: random.Random, names: list[str]) -> dict[str, set[str]]:
    needs: dict[str, set[str]] = {name: set() for name in names}
    weights = [1] * len(names)
    for number in range(3, len(names)):
        for _ in range(dice.choice([1, 1, 2, 2, 3])):
            other = dice.choices(range(number), weights=weights[:number])[0]
            needs[names[number]].add(names[other])
            weights[other] += 1
    return needs


def _moments(dice: random.Random, a_day: float, days: int) -> Iterator[float]:
    """Seconds from the beginning, at random."""
    at = dice.expovariate(a_day / 86_400)
    while at < days * 86_400:
        yield at
        at += dice.expovariate(a_day / 86_400)


def _struck(
    dice: random.Random, root: str, at: float, needed_by: dict[str, list[str]], passes: dict[tuple[str, str], float], missed: float
) -> Iterator[Outage]:
    began, waiting = {root: at}, [root]
    while waiting:
        one = waiting.pop(0)
        for other in needed_by[one]:
            if other not in began and dice.random() < passes[other, one]:
                began[other] = began[one] + dice.uniform(2, 90)
                waiting.append(other)
    lasts = dice.lognormvariate(6.5, 1)
    for name, when in began.items():
        if dice.random() >= missed:
            yield _outage(name, when + dice.uniform(0, 60), lasts)


def _outage(name: str, at: float, lasts: float) -> Outage:
    begins = BEGIN + timedelta(seconds=at)
    return Outage(name, begins, begins + timedelta(seconds=lasts))
