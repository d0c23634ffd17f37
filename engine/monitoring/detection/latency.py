"""Slowness: answers against what is usual for their operation at this time, and no alarm below an effect that matters.

Each operation has a level of its own; the day and the week are shared, so that a slow operation is not a slow service and a change in what is
called is no change in speed. Learning stops while an alarm stands; after six hours the new level is taken for the usual one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Any

from engine.monitoring.detection.excess import QUICK, Excess
from engine.monitoring.detection.season import STEP, Level, Season

GATE = log(1.32)  # slower by a quarter is a deploy; what matters begins above
NEW_HERE = log(1.45)  # the same in a part of the week that was not seen twice
YOUNG = log(1.6)  # in the first week
UNSEEN = log(2.5)  # at a time of day that was never seen
FIRST = 6 * 86_400.0  # seconds learnt: the first week
ENOUGH = 100  # answers before the first verdict
KNOWN = 30  # answers of one operation before it counts
OPERATIONS = 48  # remembered of one account; the one unheard for longest goes
LEAST_STRAY = 0.06  # a constant or quantised stream would make every change infinitely strange
FASTEST = 1e-4  # seconds: below it a clock measures itself
BROAD = 600.0  # seconds within which an operation counts as in use
CALM_FOR, CALM_SHARE = 300.0, 0.5  # over after so many seconds under that share of the effect
RECENT = 180.0
ACCEPTED_AFTER = 6 * 3600.0
FAR = 1.2  # learning never sees a value further off than that (×3.3)


@dataclass(slots=True)
class Latency:
    """``alarmed_at`` 0 while nothing is wrong; ``effect``: how much slower than usual, a logarithm, when it alarmed or since, the most."""

    season: Season = field(default_factory=Season)
    levels: dict[str, Level] = field(default_factory=dict)
    excess: Excess = field(default_factory=lambda: Excess(GATE))
    seen: int = 0
    alarmed_at: float = 0.0
    effect: float = 0.0
    recent: float = 0.0
    latency: float = 0.0  # of late, in seconds
    usual: float = 0.0  # the same for what is usual
    calm_since: float = 0.0
    quick: bool = False

    def take(self, operation: str, latency: float, weight: float, since: float, at: float, *, frozen: bool = False) -> str:
        """One more good answer, of which nothing is learnt when ``frozen``. Answers ``alarm``, ``over``, ``accepted`` when it brought that, else ``""``."""
        value = log(max(latency, FASTEST))
        level = self._level(operation, value, at)
        own = min(STEP, max(0.0, at - level.last)) if level.last else 30.0
        level.last = at
        near, low, high = self.season.usual(at)
        off = value - level.middle - near
        self.seen += 1
        if level.seen < KNOWN:
            level.learn(max(-FAR, min(FAR, off)), own)
            return ""
        stray = max(LEAST_STRAY, level.stray)
        above = max(value - level.middle - high, min(0.0, value - level.middle - low))
        self._follow(level, above, weight, since, value, off, own)
        gate = self._gate(at)
        found = self.excess.take(max(-FAR, min(2 * FAR, above)), stray, weight, since, at, gate, bool(self.alarmed_at))
        if self.alarmed_at:
            return self._toward_the_end(at)
        if not frozen or self.seen < ENOUGH:
            self._learn(level, off, own, at, stray)
        if found is None or self.seen < ENOUGH or not self._broad(at, gate):
            return ""
        self.quick = found == QUICK
        self.effect = max(self.excess.estimate(found), gate)
        self._open(at)
        return "alarm"

    def _open(self, at: float) -> None:
        self.alarmed_at, self.calm_since = at, 0.0
        self.recent = max(self.recent, self.effect)
        self.excess.told(at)

    def well(self) -> bool:
        """Nothing is wrong, and enough is known to say so."""
        return not self.alarmed_at and self.seen >= ENOUGH and self.recent < 0.6 * GATE

    def _close(self) -> None:
        self.alarmed_at = self.effect = self.calm_since = 0.0
        self.excess.clear()

    def break_off(self) -> None:
        """Nothing was seen for long: what was suspected before says nothing about now."""
        self.excess.clear()
        self.calm_since = 0.0

    def suspicious(self, at: float) -> bool:
        return not self.alarmed_at and self.seen >= ENOUGH and self.excess.suspicious(at)

    def _level(self, operation: str, value: float, at: float) -> Level:
        level = self.levels.get(operation)
        if level is None:
            if len(self.levels) >= OPERATIONS:
                del self.levels[min(self.levels, key=lambda name: self.levels[name].last)]
            level = self.levels[operation] = Level(middle=value - self.season.usual(at)[0])
        return level

    def _gate(self, at: float) -> float:
        days, weeks = self.season.visited(at)
        if days < 0.5:
            return UNSEEN
        if self.season.learnt < FIRST:
            return YOUNG
        return NEW_HERE if weeks < 1.5 else GATE

    def _follow(self, level: Level, above: float, weight: float, since: float, value: float, off: float, own: float) -> None:
        rate, above = 1 - exp(-since / RECENT), min(above, 2 * FAR)
        self.recent += rate * (above - self.recent)
        self.latency += rate * (exp(value) - self.latency) if self.latency else exp(value)
        usual = exp(value - off)
        self.usual += rate * (usual - self.usual) if self.usual else usual
        level.recent += (1 - exp(-own / (2 * RECENT))) * (above - level.recent)

    def _learn(self, level: Level, off: float, since: float, at: float, stray: float) -> None:
        near = max(-FAR, min(FAR, off))
        far = 3 * stray
        level.learn(max(-far, min(far, near)), since)
        self.season.learn(at, max(-far, min(far, near)), since / max(1, len(self.levels)))

    def _broad(self, at: float, gate: float) -> bool:
        """At least half of the operations in use are slower, not one alone."""
        used = [level for level in self.levels.values() if at - level.last <= BROAD and level.seen >= KNOWN]
        return 2 * sum(level.recent >= 0.5 * gate for level in used) >= len(used)

    def _toward_the_end(self, at: float) -> str:
        self.effect, self.alarmed_at = max(self.effect, self.recent), min(at, self.alarmed_at)
        if self.recent < max(0.6 * GATE, min(CALM_SHARE * self.effect, GATE)):
            self.calm_since = min(at, self.calm_since or at)  # a clock set back
            if at - self.calm_since >= CALM_FOR:
                self._close()
                return "over"
        else:
            self.calm_since = 0.0
        if at - self.alarmed_at >= ACCEPTED_AFTER:
            for level in self.levels.values():
                level.middle += level.recent
                level.recent = 0.0
            self.recent = 0.0
            self._close()
            return "accepted"
        return ""

    def snapshot(self) -> dict[str, Any]:
        return {
            "season": self.season.snapshot(), "levels": {name: level.snapshot() for name, level in self.levels.items()},
            "excess": self.excess.snapshot(), "seen": self.seen, "alarmed_at": self.alarmed_at, "effect": self.effect, "recent": self.recent,
            "latency": self.latency, "usual": self.usual, "calm_since": self.calm_since, "quick": self.quick,
        }  # fmt: skip

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Latency:
        return cls(
            **{
                **kept, "season": Season(**kept["season"]), "levels": {name: Level(**one) for name, one in kept["levels"].items()},
                "excess": Excess.restore(kept["excess"]),
            }
        )  # fmt: skip
