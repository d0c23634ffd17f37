"""Made-up incidents of which only alerts are known, with the truth beside them. What the world is like stands in benchmarks/rootcause.py."""

from __future__ import annotations

import random
from dataclasses import dataclass

WINDOW = 600.0  # seconds that are looked at; incidents begin in its first half
LAYERS = (0.08, 0.17, 0.3, 0.45)  # of all nodes: bases, then those that need them, to those at the top


FEWEST = 4  # nodes that need a cause, directly or not: what takes nobody along is no incident of several alerts


@dataclass(frozen=True, slots=True)
class AlertWorld:
    """``lines``: (who needs, what it needs). ``alerts``: (node, second). ``watched``: nodes that can alert. ``causes``: the truth."""

    lines: tuple[tuple[str, str], ...]
    alerts: tuple[tuple[str, float], ...]
    watched: frozenset[str]
    causes: tuple[str, ...]
    nodes: tuple[str, ...]

    @classmethod
    def drawn(
        cls, seed: str, incidents: int, noise: int, *, nodes: int = 1_000, silent: float = 0.25, missed: float = 0.2, passes: float = 0.7
    ) -> AlertWorld:
        """``silent``: share of nodes that never alert. ``missed``: of the alerts of those that are taken along; a cause that is watched alerts. ``passes``: chance that trouble passes a line."""
        dice = random.Random(seed)
        names, lines = _graph(dice, nodes)
        needed_by: dict[str, list[str]] = {}
        for caller, callee in lines:
            needed_by.setdefault(callee, []).append(caller)
        watched = frozenset(name for name in names if dice.random() >= silent)
        causes = tuple(dice.sample([name for name in names if len(_above(name, needed_by)) >= FEWEST], incidents))
        first: dict[str, float] = {}
        for cause in causes:
            for node, at in _spread(dice, cause, dice.uniform(0, 0.5) * WINDOW, needed_by, passes).items():
                noticed = at + dice.uniform(5, 60) + (dice.expovariate(1 / 180) if dice.random() < 0.1 else 0.0)
                if node in watched and (node in causes or dice.random() >= missed):
                    first[node] = min(noticed, first.get(node, noticed))
        for name in dice.sample(sorted(watched), noise):
            at = dice.uniform(0, WINDOW)
            first[name] = min(at, first.get(name, at))
        return cls(lines, tuple(sorted(first.items(), key=lambda alert: alert[1])), watched, causes, names)


def _graph(dice: random.Random, count: int) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Each node needs one to three of the layers below, mostly of the next one, and of those rather the ones that others need."""
    layers: list[list[str]] = []
    made = 0
    for share in LAYERS:
        size = round(share * count)
        layers.append([f"n{made + number}" for number in range(size)])
        made += size
    lines: dict[tuple[str, str], None] = {}
    for depth, layer in enumerate(layers[1:], 1):
        urns = [list(below) for below in layers[:depth]]
        for node in layer:
            for _ in range(dice.choice((1, 2, 2, 3))):
                urn = urns[depth - 1] if dice.random() < 0.8 else dice.choice(urns)
                needed = dice.choice(urn)
                lines[node, needed] = None
                if dice.random() < 0.5:
                    urn.append(needed)
    return tuple(name for layer in layers for name in layer), tuple(lines)


def _above(node: str, needed_by: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    queue = [node]
    while queue and len(found) < FEWEST:
        for other in needed_by.get(queue.pop(), ()):
            if other not in found:
                found.add(other)
                queue.append(other)
    return found


def _spread(dice: random.Random, cause: str, at: float, needed_by: dict[str, list[str]], passes: float) -> dict[str, float]:
    """Who fails, and when."""
    failed = {cause: at}
    queue = [cause]
    while queue:
        node = queue.pop(0)
        for dependant in needed_by.get(node, ()):
            if dependant not in failed and dice.random() < passes:
                failed[dependant] = failed[node] + dice.expovariate(1 / 15)
                queue.append(dependant)
    return failed
