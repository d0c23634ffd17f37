"""What a detector says of one rule of one account."""

from __future__ import annotations

from dataclasses import dataclass

from engine.monitoring.alert import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``firing`` None: not enough to say either way, whatever stands stays. ``value`` and ``threshold`` are in the metric's unit."""

    rule: str
    firing: bool | None
    because: str
    severity: Severity = Severity.MEDIUM
    message: str = ""
    metric: str = ""
    value: float = 0.0
    threshold: float = 0.0
