"""Limits that a person set for one service; where there is one, it decides instead of what was learnt."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from engine.monitoring.alert import Severity

ANSWERS = 5  # good answers whose mean is held against a limit of the response time
WINDOW = 600.0  # seconds of checks whose share is held against a limit of failures
ENOUGH = 10  # checks in that window before a share is said; it holds twice as many, however far apart they are
CALM = 0.8  # share of the lower limit under which it counts as well again


@dataclass(frozen=True, slots=True)
class Limit:
    """``warning`` makes a medium, ``critical`` a critical alert; None: not set. Both in the metric's unit."""

    warning: float | None = None
    critical: float | None = None

    @property
    def least(self) -> float | None:
        """The lower of the two that are set."""
        if self.warning is None or self.critical is None:
            return self.critical if self.warning is None else self.warning
        return min(self.warning, self.critical)

    def passed_by(self, value: float) -> tuple[Severity, float] | None:
        """How bad it is and which limit was passed; None under both."""
        if self.critical is not None and value > self.critical:
            return Severity.CRITICAL, self.critical
        if self.warning is not None and value > self.warning:
            return Severity.MEDIUM, self.warning
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``response_time`` in seconds; ``error_rate`` 0..1. A limit of the success rate is one of the error rate: use ``of``."""

    response_time: Limit = Limit()
    error_rate: Limit = Limit()

    @classmethod
    def of(cls, *, response_time: Limit = Limit(), error_rate: Limit = Limit(), success_rate: Limit = Limit()) -> Limits:
        """Of two limits that say the same about failures the stricter counts."""
        turned = Limit(*(None if one is None else 1 - one for one in (success_rate.warning, success_rate.critical)))
        return cls(
            response_time=response_time,
            error_rate=Limit(_stricter(error_rate.warning, turned.warning), _stricter(error_rate.critical, turned.critical)),
        )


def _stricter(one: float | None, other: float | None) -> float | None:
    return min((value for value in (one, other) if value is not None), default=None)


@dataclass(slots=True)
class Recent:
    """The last answers and checks, for limits that people set: the learnt baselines keep no samples."""

    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=ANSWERS))
    checks: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=100))

    def take(self, at: float, failed: bool, latency: float) -> None:
        self.checks.append((at, failed))
        if not failed and latency:  # one whose length is not known is a good check all the same
            self.latencies.append(latency)

    def mean(self) -> float | None:
        """Of the last good answers, in seconds; None before there are enough."""
        return sum(self.latencies) / ANSWERS if len(self.latencies) == ANSWERS else None

    def failing(self, now: float, interval: float) -> float | None:
        """Share of failed checks in the window, which is longer for what is seldom checked; None before there are enough."""
        window = max(WINDOW, 2 * ENOUGH * interval)
        counted = [failed for at, failed in self.checks if now - window <= at <= now]
        return sum(counted) / len(counted) if len(counted) >= ENOUGH else None

    def snapshot(self) -> dict[str, Any]:
        return {"latencies": list(self.latencies), "checks": [[at, int(failed)] for at, failed in self.checks]}

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Recent:
        recent = cls()
        recent.latencies.extend(kept["latencies"])
        recent.checks.extend((at, bool(failed)) for at, failed in kept["checks"])
        return recent
