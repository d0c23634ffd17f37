"""What an applied recommendation really brought: the runs after it against those before, with tests that know what chance does.

Shares by Newcombe's interval, durations by ranks (``engine.prediction.analytics.comparing``); a duration only counts as changed from a tenth on.
Nothing was drawn by lot: what else changed meanwhile is in the figures, too, and the sentences say no more than “after”.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any, Final

from engine.prediction.advice.seen import RunSeen, finished
from engine.prediction.analytics.comparing import ALPHA, ENOUGH_RUNS, LARGE, chance, difference, each_once

PATIENT: Final = timedelta(days=14)  # then fewer runs are enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Of the runs before it was applied; ``durations`` in seconds, of those that succeeded."""

    succeeded: int
    total: int
    durations: tuple[float, ...] = ()

    @classmethod
    def read(cls, raw: Any) -> Before | None:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("total"), int) or not isinstance(raw.get("succeeded"), int):
            return None
        durations = raw.get("durations")
        return cls(
            succeeded=raw["succeeded"],
            total=raw["total"],
            durations=tuple(float(one) for one in (durations if isinstance(durations, list) else ()) if isinstance(one, (int, float))),
        )


def ripe(after: Sequence[RunSeen], age: timedelta, wanted: int, *, over: bool = False) -> bool:
    """Whether there is enough to measure by. ``over``: no further run of this version will come."""
    return len(after) >= wanted or ((over or age >= PATIENT) and len(after) >= ENOUGH_RUNS)


def measured(before: Before, after: Sequence[RunSeen]) -> tuple[str, ...]:
    """A sentence on success and one on durations."""
    succeeded, total = finished(after)
    return (_success(before, succeeded, total), _durations(before.durations, [run.seconds for run in after if run.succeeded]))


def _success(before: Before, succeeded: int, total: int) -> str:
    said = f"Measured: {succeeded} of {total} runs succeeded after, {before.succeeded} of {before.total} before"
    if before.total < ENOUGH_RUNS or total < ENOUGH_RUNS:
        return f"{said}; {ENOUGH_RUNS} runs on either side are needed to compare them."
    low, high = difference((succeeded, total), (before.succeeded, before.total), ALPHA)
    if low > 0:
        return f"{said}: clearly better, by {100 * low:.0f} to {100 * high:.0f} points."
    if high < 0:
        return f"{said}: clearly worse, by {-100 * high:.0f} to {-100 * low:.0f} points. Undo takes it back."
    return f"{said}: no clear change, chance alone could do that."


def _durations(before: Sequence[float], after: Sequence[float]) -> str:
    if len(before) < ENOUGH_RUNS or len(after) < ENOUGH_RUNS:
        return f"Durations are not compared: {len(after)} successful runs after and {len(before)} before, {ENOUGH_RUNS} are needed on either side."
    was, now = median(before), median(after)
    said = f"Half of the runs took up to {now:.1f} s after, {was:.1f} s before"
    if chance(each_once(after), each_once(before)) >= ALPHA or abs(now - was) < LARGE * max(was, 1e-9):
        return f"{said}: no clear change."
    return f"{said}: clearly {'shorter' if now < was else 'longer'}."
