"""What a language model may be used for: where it was turned on, and how many tokens of the day are used.

A workspace is a face (slack, discord, web …), or ``WORKFLOWS``: the steps whose author asked for a model. Days are those of UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.workflow.definition import Json

KIND = "language_model"  # of the policies, one per workspace: {"on": bool, "tokens": int, "by": name}
WORKFLOWS = "workflows"  # on unless turned off: whoever wrote such a step asked for it, and a person confirmed the workflow
PER_DAY = 500_000  # tokens; a request takes about 7,000 with the catalogue
MOST_PER_DAY = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """``limit``, ``used``: tokens of today. ``asked``: requests of today."""

    on: bool
    limit: int
    used: int = 0
    asked: int = 0

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The model as it is set up, for people: no key, and of the address only the host. ``mode``: how answers are asked for, "" = not known yet."""

    host: str
    model: str
    per_day: int
    mode: str = ""
    hits: int = 0
    misses: int = 0
    trouble: str = ""


def leave_of(workspace: str, policy: Mapping[str, Json] | None, used: Mapping[str, Json] | None, *, per_day: int, today: date) -> Leave:
    """Total: what was kept by another version counts as not said."""
    said, counted = policy or {}, used or {}
    on = said.get("on", workspace == WORKFLOWS)
    limit, current = said.get("tokens"), counted.get("day") == today.isoformat()
    return Leave(
        on=on is True,
        limit=limit if isinstance(limit, int) and limit >= 0 else per_day,
        used=_count(counted.get("tokens")) if current else 0,
        asked=_count(counted.get("asked")) if current else 0,
    )


def added(used: Mapping[str, Json] | None, tokens: int, asked: int, today: date) -> dict[str, Json]:
    """What is kept after ``tokens`` more (or fewer, when an estimate is put right); a new day begins at nothing."""
    before = used if used is not None and used.get("day") == today.isoformat() else {}
    return {
        "day": today.isoformat(),
        "tokens": max(0, _count(before.get("tokens")) + tokens),
        "asked": max(0, _count(before.get("asked")) + asked),
    }


def used_by(workspace: str) -> str:
    """The name under which a workspace's tokens are counted."""
    return f"model:used:{workspace}"


def spent(limit: int) -> str:
    """The sentence beyond the limit."""
    return (
        f"The language model is not asked any more today: the {limit:,} tokens of the day are used up. "
        "At midnight UTC it goes on; an admin may raise the limit: /signalbox model limit 1000000."
    )


def _count(value: Json) -> int:
    return value if isinstance(value, int) and value > 0 else 0
