"""What is measured: its name in words, its unit, which way is worse, and how little of a change is worth a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    SECONDS = "seconds"
    RATIO = "ratio"
    PER_MINUTE = "per minute"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """``worse``: +1 when more is worse, −1 when less is, 0 when neither. ``floor``: a change below it is none, in the measure's unit."""

    name: str
    words: str
    unit: Unit
    worse: int
    floor: float = 0.0

    def say(self, value: float) -> str:
        """``0.34`` → “340 ms”, “2.1 s”, “3.4 %”, “12.5 per minute”, “4,900”."""
        if self.unit is Unit.SECONDS:
            return f"{value * 1000:,.0f} ms" if abs(value) < 2 else f"{value:,.1f} s"
        if self.unit is Unit.RATIO:
            return f"{100 * value:.3g} %" if abs(value) < 0.995 else f"{100 * value:.5g} %"
        if self.unit is Unit.PER_MINUTE:
            return f"{value:,.3g} per minute"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


RESPONSE_TIME = Measure(name="response_time", words="response time", unit=Unit.SECONDS, worse=1, floor=0.02)
SUCCESS_RATE = Measure(name="success_rate", words="success rate", unit=Unit.RATIO, worse=-1, floor=0.01)
ERROR_RATE = Measure(name="error_rate", words="error rate", unit=Unit.RATIO, worse=1, floor=0.01)
THROUGHPUT = Measure(name="throughput", words="throughput", unit=Unit.PER_MINUTE, worse=0)
AVAILABILITY = Measure(name="availability", words="availability", unit=Unit.RATIO, worse=-1, floor=0.01)
QUOTA = Measure(name="quota", words="quota used", unit=Unit.COUNT, worse=1)
ERROR_BUDGET = Measure(name="error_budget", words="error budget spent", unit=Unit.RATIO, worse=1)
MEASURES = {one.name: one for one in (RESPONSE_TIME, SUCCESS_RATE, ERROR_RATE, THROUGHPUT, AVAILABILITY)}
