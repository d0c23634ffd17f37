"""The error budget of an objective: how many answers may be bad, how many were, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.period import Period
from engine.monitoring.slo.objective import Objective
from engine.monitoring.spans import about

FEWEST = 50  # answers before a budget is spoken of
KNOWN = 0.05  # share of the window that must have been watched: half an hour's luck is no month


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """``spent`` 1.0 = all of it, more is possible. ``burn``: how many times as fast as the objective allows, over all that is known of the window.

    ``known``: share of the window that was watched; ``reached``: the share of good answers.
    """

    objective: Objective
    events: int
    bad: int
    spent: float
    burn: float
    known: float
    because: str

    @property
    def left(self) -> float:
        """Of 1; negative when it is overspent."""
        return 1.0 - self.spent

    @property
    def reached(self) -> float:
        return 1.0 - self.bad / self.events


def budget(objective: Objective, history: Sequence[Period], now: datetime) -> Budget | NotEnough:
    """Of the periods within the window before ``now``, oldest first.

    What is spent counts against the whole window: traffic as in the part that was watched is assumed for the rest of it, so that a young
    house does not lose its month to its first bad minute.
    """
    inside = within(history, now - objective.window, now)
    events = sum(period.count for period in inside)
    known = min(1.0, (now - inside[0].at) / objective.window) if inside else 0.0
    if events < FEWEST or known < KNOWN:
        needs = objective.window.total_seconds() * KNOWN
        return NotEnough(
            f"Not enough data: an error budget over {about(objective.window.total_seconds())} needs {about(needs)} and {FEWEST} answers; "
            f"there are {events} answers of {about(known * objective.window.total_seconds()) if known else 'no time at all'}."
        )
    bad = sum(objective.bad(period) for period in inside)
    burn = bad / events / objective.budget
    spent = burn * known
    because = (
        f"{bad:,} of {events:,} answers were bad in the last {about(known * objective.window.total_seconds())}; {_allowed(objective, events, known)} "
        f"are allowed over {about(objective.window.total_seconds())}, so {100 * spent:.3g} % of the error budget is spent."
    )
    return Budget(objective=objective, events=events, bad=bad, spent=spent, burn=burn, known=known, because=because)


def within(history: Sequence[Period], since: datetime, until: datetime) -> tuple[Period, ...]:
    """Those that ended after ``since`` and began before ``until``."""
    return tuple(period for period in history if period.at < until and period.at + timedelta(seconds=period.seconds) > since)


def _allowed(objective: Objective, events: int, known: float) -> str:
    whole = objective.budget * events / known
    return f"{whole:,.0f}" if whole >= 10 else f"{whole:.2g}"
