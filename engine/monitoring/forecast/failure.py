"""Whether an account is about to fail: how often accounts that looked like it now did, within an hour, four hours or a day.

No model is fitted. Hours of the past are sorted by how they looked (``precursor``), and of each look it is counted how many of them a failure
followed: a beta-binomial share. The accounts of a house seldom fail, so what the other accounts teach is the prior of one account's own
share, worth ``PRIOR`` windows, as in an empirical Bayes estimate (G. Casella, “An introduction to empirical Bayes data analysis”, The American
Statistician 39 (1985) 83–87). Overlapping windows count by the part that does not overlap, so one bad day is not a hundred lessons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.errors import Invalid
from engine.monitoring.forecast.credible import interval
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.precursor import Lesson, Look, Seen, failed, lessons, seen
from engine.monitoring.period import Period
from engine.monitoring.spans import about

HORIZONS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
ENOUGH = 20.0  # windows of a horizon, own and others', before anything is claimed
PRIOR = 4.0  # windows that the experience of the other accounts is worth beside an account's own


@dataclass(frozen=True, slots=True)
class Tally:
    """Windows by look, and how many of them a failure followed; in whole windows of the horizon."""

    windows: tuple[float, ...] = (0.0,) * len(Look)
    failures: tuple[float, ...] = (0.0,) * len(Look)

    @property
    def total(self) -> float:
        return sum(self.windows)

    def plus(self, other: Tally) -> Tally:
        return Tally(_added(self.windows, other.windows), _added(self.failures, other.failures))

    def less(self, other: Tally) -> Tally:
        return Tally(
            tuple(max(0.0, one - two) for one, two in zip(self.windows, other.windows, strict=True)),
            tuple(max(0.0, one - two) for one, two in zip(self.failures, other.failures, strict=True)),
        )


Tallies = Mapping[timedelta, Tally]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """``probability`` that it fails within ``horizon``; ``low`` to ``high``: nine of ten. ``windows``: own and others' that it rests on."""

    horizon: timedelta
    probability: float
    low: float
    high: float
    look: Look
    windows: float
    because: str


def tallies(history: Sequence[Period], horizons: Sequence[timedelta] = HORIZONS) -> dict[timedelta, Tally]:
    """What the past of one account teaches; oldest first."""
    return {horizon: _tally(found) for horizon, found in lessons(history, horizons).items()}


def together(each: Iterable[Tallies], horizons: Sequence[timedelta] = HORIZONS) -> dict[timedelta, Tally]:
    """What several accounts teach."""
    found = {horizon: Tally() for horizon in horizons}
    for one in each:
        for horizon in horizons:
            found[horizon] = found[horizon].plus(one.get(horizon, Tally()))
    return found


def to_body(found: Tallies) -> dict[str, Any]:
    """As it is stored."""
    return {
        f"{horizon.total_seconds():.0f}": {"windows": list(tally.windows), "failures": list(tally.failures)}
        for horizon, tally in found.items()
    }


def of_body(body: Mapping[str, Any]) -> dict[timedelta, Tally]:
    """Raises Invalid for what another version wrote."""
    try:
        rows = {horizon: body[f"{horizon.total_seconds():.0f}"] for horizon in HORIZONS}
        found = {
            horizon: Tally(tuple(float(one) for one in row["windows"]), tuple(float(one) for one in row["failures"]))
            for horizon, row in rows.items()
        }
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"What the past taught cannot be read: {error}") from error
    if any(len(part) != len(Look) for tally in found.values() for part in (tally.windows, tally.failures)):
        raise Invalid("What the past taught cannot be read: it knows other looks.")
    return found


def failure_ahead(history: Sequence[Period], own: Tallies, others: Tallies) -> tuple[Risk | NotEnough, ...]:
    """One answer for each horizon of ``own``. ``others``: what all other accounts of the house teach. Oldest first."""
    now = seen(history)
    if now is None:
        return tuple(NotEnough("Not enough data: it was not checked in the last hour.") for _ in own)
    if failed(history[-1]):
        return tuple(NotEnough("It fails right now, so there is nothing to foresee.") for _ in own)
    return tuple(_risk(horizon, now, own[horizon], others.get(horizon, Tally())) for horizon in own)


def _risk(horizon: timedelta, now: Seen, own: Tally, others: Tally) -> Risk | NotEnough:
    known = own.total + others.total
    if known < ENOUGH:
        has, needs = known * horizon, ENOUGH * horizon
        return NotEnough(
            f"Not enough data: what comes within {about(horizon.total_seconds())} needs {about(needs.total_seconds())} of history, of all "
            f"accounts together, and there are {about(has.total_seconds()) if has else 'none'}."
        )
    base = (sum(own.failures) + sum(others.failures) + 0.5) / (known + 1)
    look = now.look
    expected = (others.failures[look] + base) / (others.windows[look] + 1)
    came = own.failures[look] + PRIOR * expected
    stayed = own.windows[look] - own.failures[look] + PRIOR * (1 - expected)
    low, high = interval(max(came, 1e-3), max(stayed, 1e-3))
    like = own.windows[look] + others.windows[look]
    followed = own.failures[look] + others.failures[look]
    return Risk(
        horizon=horizon,
        probability=came / (came + stayed),
        low=low,
        high=high,
        look=look,
        windows=like,
        because=f"{now.because}. Of {_count(like)} windows like that ({look.words}), {_count(followed)} led to a failure within "
        f"{about(horizon.total_seconds())}; of all {_count(known)} windows, {_count(sum(own.failures) + sum(others.failures))} did.",
    )


def _tally(found: Sequence[Lesson]) -> Tally:
    windows, failures = [0.0] * len(Look), [0.0] * len(Look)
    for lesson in found:
        windows[lesson.look] += lesson.weight
        failures[lesson.look] += lesson.weight * lesson.failed
    return Tally(tuple(windows), tuple(failures))


def _added(one: tuple[float, ...], two: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(one, two, strict=True))


def _count(windows: float) -> str:
    return f"{windows:.0f}" if windows >= 10 or windows == int(windows) else f"{windows:.1f}"
