"""Simulated days of alerts with the truth beside them: which fault each belongs to. What the world is like stands in benchmarks/grouping.py."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

DAY = 86_400.0
DAYS = 7
APPLICATIONS = 5
RULES = ("availability", "response_time", "success_rate")
QUIET = 1_800.0  # seconds after the end of a fault before its root can fail anew


@dataclass(frozen=True, slots=True)
class Alert:
    """``at`` in seconds; ``fault`` is the truth, a noise alert's own."""

    at: float
    service: str
    rule: str
    fault: int
    account: str = "default"


@dataclass(frozen=True, slots=True)
class World:
    """``edges``: (dependant, what it needs). ``roots``: fault → where it began; noise has none."""

    seed: int
    services: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    application: dict[str, int]
    alerts: tuple[Alert, ...]
    roots: dict[int, str]

    @classmethod
    def drawn(cls, seed: int, faults: float, noise: float, slower: float = 1.0) -> World:
        """``faults`` and ``noise`` a day; ``slower``: how much longer spreading and noticing take."""
        dice = random.Random(seed)
        layers = [[f"{layer}{number}" for number in range(count)] for layer, count in (("base", 10), ("middle", 20), ("top", 30))]
        application = {service: number % APPLICATIONS for layer in layers for number, service in enumerate(layer)}
        edges = _drawn_edges(dice, layers, application)
        services = tuple(service for layer in layers for service in layer)
        alerts: list[Alert] = []
        roots: dict[int, str] = {}
        over: dict[str, float] = {}
        begins = sorted(dice.uniform(0, DAYS * DAY) for _ in range(_poisson(dice, faults * DAYS)))
        for begun in begins:
            root = dice.choice(layers[0 if (which := dice.random()) < 0.35 else 1 if which < 0.75 else 2])
            lasts = 60 * math.exp(dice.gauss(math.log(15), 0.7))
            if begun < over.get(root, 0.0):
                continue
            over[root] = begun + lasts + QUIET
            fault = len(roots)
            roots[fault] = root
            alerts += _alerts_of(dice, fault, root, begun, begun + lasts, edges, slower)
        for number in range(_poisson(dice, noise * DAYS)):
            alerts.append(Alert(dice.uniform(0, DAYS * DAY), dice.choice(services), dice.choice(RULES), -1 - number))
        return cls(seed, services, tuple(edges), application, tuple(sorted(alerts, key=lambda alert: alert.at)), roots)


def _drawn_edges(dice: random.Random, layers: Sequence[Sequence[str]], application: dict[str, int]) -> list[tuple[str, str]]:
    def near(service: str, pool: Sequence[str], count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            found[dice.choice([other for other in pool if application[other] == application[service] or dice.random() < 0.015])] = None
        return list(found)

    base, middle, top = layers
    edges = [(service, other) for service in middle for other in near(service, base, dice.choice((1, 1, 2)))]
    for service in top:
        edges += [(service, other) for other in near(service, middle, dice.choice((1, 2, 2, 3)))]
        if dice.random() < 0.2:
            edges.append((service, near(service, base, 1)[0]))
    return edges


def _alerts_of(
    dice: random.Random, fault: int, root: str, begun: float, over: float, edges: Sequence[tuple[str, str]], slower: float
) -> list[Alert]:
    needed_by: dict[str, list[str]] = defaultdict(list)
    for dependant, cause in edges:
        needed_by[cause].append(dependant)
    struck, waiting = {root: 0.0}, [root]
    while waiting:
        service = waiting.pop(0)
        for dependant in needed_by[service]:
            if dependant not in struck and dice.random() < 0.7:
                struck[dependant] = struck[service] + dice.expovariate(1 / 8)
                waiting.append(dependant)
    if dice.random() < 0.15:
        del struck[root]  # nobody watches it
    alerts = []
    for service, lag in struck.items():
        noticed = dice.uniform(5, 35) + dice.expovariate(1 / 12) + (dice.expovariate(1 / 90) if dice.random() < 0.12 else 0.0)
        at = begun + slower * (lag + noticed)
        alerts.append(Alert(at, service, dice.choice(RULES), fault))
        if dice.random() < 0.55:
            for _ in range(dice.randint(1, 8)):
                at += 45 + dice.expovariate(1 / 100)
                if at > over:
                    break
                alerts.append(Alert(at, service, dice.choice(RULES), fault))
    return alerts


def _poisson(dice: random.Random, mean: float) -> int:
    count, at = 0, dice.expovariate(1)
    while at < mean:
        count, at = count + 1, at + dice.expovariate(1)
    return count
