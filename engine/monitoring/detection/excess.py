"""Evidence that something is more than usual: two cumulative sums, a quick one for much and a patient one for little.

A sum takes ``weight × (z − k)`` of each value, where ``z`` counts how far it lies above what is usual in strays (clipped, so that one value
decides nothing) and ``k`` is half of the shift that is looked for; it never falls below zero (Page's CUSUM). It alarms when it is over its
own learnt ceiling *and* what it saw of late is large enough to matter (the gate): a service that answers 10 % slower is no trouble, however sure one is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log
from typing import Any

from engine.monitoring.detection.ceiling import Ceiling

QUICK, PATIENT = 0, 1
DOUBLE = log(2.0)  # the shift that the quick sum is made for
CLIP = (3.5, 2.5)  # strays: no value counts as further away
LEAST, MOST = (1.2, 0.5), 2.0  # k, in strays; a stream that strays little would else need forty values
FLOORS = (10.0, 14.0)
SPANS = (120.0, 1200.0)  # seconds over which each sum's effect is measured; counted from where it left zero it would flatter itself
SUDDEN = log(1.22)  # what the quick sum asks for beyond the gate
CAP = 1.25  # times the ceiling: a sum that the gate holds back is not to take hours to come down


@dataclass(slots=True)
class Excess:
    """``gate``: the least effect that matters, a logarithm. ``effect`` and ``mass``: decaying sums behind the estimates."""

    gate: float
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    effect: list[float] = field(default_factory=lambda: [0.0, 0.0])
    mass: list[float] = field(default_factory=lambda: [0.0, 0.0])
    ceilings: list[Ceiling] = field(default_factory=lambda: [Ceiling(floor) for floor in FLOORS])

    def take(self, above: float, stray: float, weight: float, since: float, at: float, gate: float, alarmed: bool) -> int | None:
        """``above``: how far the value lies over what is usual. Answers which sum alarms, or None."""
        z, found = max(-CLIP[QUICK], above / stray), None
        for i in (QUICK, PATIENT):
            k = min(MOST, max(LEAST[i], 0.5 * (DOUBLE if i == QUICK else gate) / stray))
            total = max(0.0, self.sums[i] + weight * (min(z, CLIP[i]) - k))
            fade = exp(-since / SPANS[i])
            self.effect[i] = self.effect[i] * fade + weight * above
            self.mass[i] = self.mass[i] * fade + weight
            ceiling = self.ceilings[i].at(at)
            self.sums[i] = min(total, CAP * ceiling)
            self.ceilings[i].see(self.sums[i], at, alarmed)
            if not alarmed and found is None and total >= ceiling and self.estimate(i) >= (gate + SUDDEN if i == QUICK else gate):
                found = i
        return found

    def estimate(self, i: int) -> float:
        """How far above the usual the values of late lay, on average (a logarithm)."""
        return self.effect[i] / self.mass[i] if self.mass[i] else 0.0

    def suspicious(self, at: float) -> bool:
        """The quick sum is past half of its ceiling, and for something large enough."""
        return self.sums[QUICK] >= 0.5 * self.ceilings[QUICK].at(at) and self.estimate(QUICK) >= self.gate

    def told(self, at: float) -> None:
        for ceiling in self.ceilings:
            ceiling.tell(at)

    def clear(self) -> None:
        self.sums[:] = self.effect[:] = self.mass[:] = [0.0, 0.0]

    def snapshot(self) -> dict[str, Any]:
        return {
            "gate": self.gate, "sums": [*self.sums], "effect": [*self.effect], "mass": [*self.mass],
            "ceilings": [ceiling.snapshot() for ceiling in self.ceilings],
        }  # fmt: skip

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Excess:
        return cls(**{**kept, "ceilings": [Ceiling(**one) for one in kept["ceilings"]]})
