"""Reports that are posted by themselves: what, where, when next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from engine.errors import Invalid, Problem

KIND: Final = "report"  # of the policy


class What(StrEnum):
    HEALTH = "health"
    DIGEST = "digest"
    QUALITY = "quality"
    ONCALL = "oncall"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlan:
    """``every``: RRULE or cron in ``timezone``; ``to``: an address as text. ``last``: until when the one before it spoke; ``number`` counts them."""

    id: str  # rpt_ + ULID
    what: What
    every: str
    timezone: str
    to: str
    by_name: str
    next_at: datetime
    last: datetime
    number: int = 0
    revision: int = 1


def body_of(plan: ReportPlan) -> dict[str, Any]:
    said = asdict(plan)
    for name in ("next_at", "last"):
        said[name] = said[name].isoformat()
    for name in ("id", "revision"):
        del said[name]
    return said


def plan_of(id: str, body: Mapping[str, Any], revision: int) -> ReportPlan:
    """What ``body_of`` kept. Raises Invalid for anything else."""
    try:
        times = {name: datetime.fromisoformat(body[name]) for name in ("next_at", "last")}
        return ReportPlan(id=id, revision=revision, **{**body, **times, "what": What(body["what"])})
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"The report {id} cannot be read.", [Problem(str(error)[:200], (id,))]) from error
