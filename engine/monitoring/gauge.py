"""A gauge: a number that a service can be asked for, read again and again into a series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from engine.errors import Invalid, Problem, Rejected
from engine.monitoring.measurement import NAME, NAME_RULE, OWN, UNIT, UNIT_RULE

KIND = "gauge"
LEAST, MOST = 60.0, 86_400.0  # seconds between readings
DEEPEST = 20  # parts of a path
MOST_GAUGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """``series``: the name its numbers are kept under; ``path`` leads to the number in what ``operation`` answers; ``every`` in seconds.

    Without an operation nothing is asked: a series that the house measures of itself is judged.
    """

    series: str
    service: str
    operation: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    every: float = 300.0
    unit: str = ""
    account: str = ""
    by: str = ""
    revision: int = 1


def gauge_of(series: str, body: Mapping[str, Any], revision: int) -> Gauge:
    """From what is stored. Raises Invalid, naming every fault."""
    arguments = body.get("arguments") or {}
    gauge = Gauge(
        series=series,
        service=str(body.get("service", "")),
        operation=str(body.get("operation", "")),
        arguments=dict(arguments) if isinstance(arguments, Mapping) else {},
        path=str(body.get("path", "")),
        every=_seconds(body.get("every", 300.0)),
        unit=str(body.get("unit", "")),
        account=str(body.get("account", "")),
        by=str(body.get("by", "")),
        revision=revision,
    )
    if problems := faults(gauge):
        raise Invalid(f"The metric “{series[:120]}” cannot be watched:", problems)
    return gauge


def body_of(gauge: Gauge) -> dict[str, Any]:
    return {
        "service": gauge.service, "operation": gauge.operation, "arguments": dict(gauge.arguments), "path": gauge.path,
        "every": gauge.every, "unit": gauge.unit, "account": gauge.account, "by": gauge.by,
    }  # fmt: skip


def faults(gauge: Gauge) -> list[Problem]:
    """Everything that does not fit, each with the field it is in."""
    own = gauge.series.startswith(f"{OWN}.")
    found = [
        (bool(NAME.fullmatch(gauge.series)), NAME_RULE, "name"),
        (bool(UNIT.fullmatch(gauge.unit)), UNIT_RULE, "unit"),
        (LEAST <= gauge.every <= MOST, "It can be read every minute to once a day; say for example every=5m.", "every"),
        (len(gauge.path.split(".")) <= DEEPEST, f"A path has at most {DEEPEST} parts.", "path"),
        (bool(gauge.operation) or own, "Say what is to be asked: service.operation.", "operation"),
        (not (gauge.operation and own), f"Names that begin with “{OWN}.” are the house's own; choose another.", "name"),
    ]
    return [Problem(why, (field,)) for fits, why, field in found if not fits]


def number_at(output: Any, path: str) -> float:
    """The number ``path`` (``rows.0.value``) leads to; a list counts as its length, true as 1. Raises Rejected, saying what is there."""
    here, gone = output, ""
    for part in path.split(".") if path else []:
        here = _step(here, part, gone)
        gone = f"{gone}.{part}" if gone else part
    where = f"At “{gone}”" if gone else "In the answer"
    if isinstance(here, (list, tuple)):
        return float(len(here))
    if isinstance(here, Mapping):
        raise Rejected(f"{where} there is no number but {_fields(here)}. Lead the path to one of them.")
    try:
        value = float(here)
    except OverflowError as error:
        raise Rejected(f"{where} stands a number with more digits than can be reckoned with.") from error
    except (TypeError, ValueError) as error:
        raise Rejected(f"{where} there is no number but “{str(here)[:60]}”.") from error
    if not isfinite(value):
        raise Rejected(f"{where} stands {value}, which is no number to go by.")
    return value


def _step(here: Any, part: str, gone: str) -> Any:
    where = f"“{gone}”" if gone else "the answer"
    if isinstance(here, Mapping) and part in here:
        return here[part]
    if isinstance(here, Mapping):
        raise Rejected(f"There is no “{part[:60]}” in {where}, only {_fields(here)}.")
    if isinstance(here, (list, tuple)) and part.isdecimal():
        if int(part) < len(here):
            return here[int(part)]
        raise Rejected(f"{where[:1].upper()}{where[1:]} holds {len(here)} entries, counted from 0; there is no {part[:9]}.")
    raise Rejected(f"There is nothing below {where}, so no “{part[:60]}”.")


def _fields(here: Mapping[str, Any]) -> str:
    names = [str(name)[:40] for name in here][:8]
    return f"{', '.join(names)}{' …' if len(here) > len(names) else ''}" if names else "an empty object"


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
