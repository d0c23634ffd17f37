"""Thresholds that people set, per service or for all: where there is one it decides, else what was learnt does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Final

from engine.errors import Invalid, Problem
from engine.monitoring.detection.limits import Limit, Limits

KIND: Final = "threshold"  # of the policy; its id is the service, or ALL
ALL: Final = "*"
METRICS: Final = ("response_time", "success_rate", "error_rate")
LEVELS: Final = ("warning", "critical")
# What people say for a level, and for a metric.
LEVEL: Final[Mapping[str, str]] = {
    "warning": "warning",
    "warn": "warning",
    "medium": "warning",
    "low": "warning",
    "critical": "critical",
    "high": "critical",
}
METRIC: Final[Mapping[str, str]] = {**{name: name for name in METRICS}, "availability": "success_rate", "latency": "response_time"}
UNSET: Final = Limit()
LONGEST: Final = 3_600.0  # seconds of a response time


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """``response_time`` in seconds, the rates 0..1. ``before``: what stood until the last change, so that it can be undone; None = nothing."""

    service: str
    response_time: Limit = UNSET
    success_rate: Limit = UNSET
    error_rate: Limit = UNSET
    by: str = ""  # name
    before: Mapping[str, Mapping[str, float]] | None = None
    revision: int = 0

    def of(self, metric: str) -> Limit:
        found: Limit = getattr(self, metric)
        return found

    def with_(self, metric: str, level: str, value: float | None) -> Thresholds:
        """``value`` None: learnt again."""
        changes: dict[str, Any] = {metric: replace(self.of(metric), **{level: value})}
        return replace(self, **changes)

    @property
    def limits(self) -> Limits:
        return Limits.of(response_time=self.response_time, error_rate=self.error_rate, success_rate=self.success_rate)

    def values(self) -> dict[str, dict[str, float]]:
        """Only what is set."""
        said = {metric: {level: value for level in LEVELS if (value := getattr(self.of(metric), level)) is not None} for metric in METRICS}
        return {metric: levels for metric, levels in said.items() if levels}


@dataclass(slots=True)
class AllThresholds:
    """Those of every service, with what holds for all where a service has none of its own."""

    by_service: dict[str, Thresholds] = field(default_factory=dict)

    def of(self, service: str) -> Thresholds:
        own, common = (self.by_service.get(name, Thresholds(service=name)) for name in (service, ALL))
        merged: dict[str, Any] = {
            metric: Limit(*(own_value if (own_value := getattr(own.of(metric), level)) is not None else getattr(common.of(metric), level) for level in LEVELS))
            for metric in METRICS
        }  # fmt: skip
        return replace(own, service=service, **merged)


def body_of(thresholds: Thresholds) -> dict[str, Any]:
    return {"values": thresholds.values(), "by": thresholds.by, "before": thresholds.before}


def thresholds_of(id: str, body: Mapping[str, Any], revision: int) -> Thresholds:
    """What ``body_of`` kept. Raises Invalid for anything else."""
    try:
        limits = {metric: Limit(**{level: float(value) for level, value in levels.items()}) for metric, levels in body["values"].items()}
        return Thresholds(service=id, by=str(body["by"]), before=body["before"], revision=revision, **limits)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"The thresholds of {id} cannot be read.", [Problem(str(error)[:200], (id,))]) from error


def metric_of(said: str) -> str:
    """Raises Invalid for what nobody can set a limit on."""
    word = said.strip().casefold().replace(" ", "_")
    if word == "throughput":
        raise Invalid("How many calls are usual is learnt, and no limit can be set on it.")
    if word not in METRIC:
        raise Invalid(f"“{said[:40]}” is no metric with a limit; use {', '.join(METRICS)}.")
    return METRIC[word]


def level_of(said: str) -> str:
    """Raises Invalid for another word than warning or critical, or what means one of them."""
    word = said.strip().casefold()
    if word not in LEVEL:
        raise Invalid(f"“{said[:40]}” is no level; use warning or critical.")
    return LEVEL[word]


def checked(thresholds: Thresholds) -> Thresholds:
    """The one door. Raises Invalid, naming everything that does not fit."""
    problems = []
    for metric, levels in thresholds.values().items():
        most, unit = (LONGEST, "seconds") if metric == "response_time" else (1.0, "a ratio")
        for level, value in levels.items():
            if not isfinite(value) or not 0 < value <= most:
                problems.append(Problem(f"{value:g} is out of range; {unit}, above 0 and up to {most:g}", (metric, level)))
        warning, critical = levels.get("warning"), levels.get("critical")
        if warning is not None and critical is not None and (critical > warning if metric == "success_rate" else critical < warning):
            side = "above" if metric == "success_rate" else "below"
            problems.append(Problem(f"critical ({critical:g}) lies {side} warning ({warning:g}), so there would be no warning", (metric,)))
    if problems:
        raise Invalid("These thresholds cannot be set:", problems)
    return thresholds
