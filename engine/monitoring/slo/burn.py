"""How fast an error budget burns, and when that is worth waking somebody: several windows, several rates.

Windows, rates and the reasons for two windows each: B. Beyer et al., “The Site Reliability Workbook” (2018), ch. 5, “Multiwindow,
Multi-Burn-Rate Alerts”. A rate says what share of the whole budget goes within the long window (2, 5, 10 and 10 %): of 30 days that is 14.4, 6,
3 and 1 times as fast as allowed, of other spans in proportion. The short window ends the alert soon after the trouble ends.

Few answers need a guard (same chapter, “Low-Traffic Services and Error Budget Alerting”): with ten answers an hour a single bad one burns
a hundred times too fast. A rate counts only from so many answers and so many bad ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.monitoring.alert import Severity
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.period import Period
from engine.monitoring.slo.budget import within
from engine.monitoring.slo.objective import Objective
from engine.monitoring.spans import about

FEWEST = 20  # answers in the long window
FEWEST_BAD = 3  # of them


@dataclass(frozen=True, slots=True)
class Rule:
    """``share`` of the budget that goes within the ``long`` window when it fires."""

    long: timedelta
    short: timedelta
    share: float
    severity: Severity

    def rate(self, window: timedelta) -> float:
        """How many times as fast as allowed, for an objective over ``window``."""
        return self.share * (window / self.long)


RULES = (
    Rule(timedelta(hours=1), timedelta(minutes=5), 0.02, Severity.HIGH),
    Rule(timedelta(hours=6), timedelta(minutes=30), 0.05, Severity.HIGH),
    Rule(timedelta(days=1), timedelta(hours=2), 0.10, Severity.MEDIUM),
    Rule(timedelta(days=3), timedelta(hours=6), 0.10, Severity.LOW),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """One rule's answer. ``long`` and ``short``: how many times as fast as allowed in each window. ``because`` says why it fires, or why not."""

    rule: Rule
    firing: bool
    long: float
    short: float
    rate: float
    because: str


def burns(objective: Objective, history: Sequence[Period], now: datetime, rules: Sequence[Rule] = RULES) -> tuple[Burn | NotEnough, ...]:
    """One answer for each of ``rules``, fastest first. A rule whose long window would be the whole objective's is left out."""
    return tuple(_burn(objective, rule, history, now) for rule in rules if rule.long < objective.window)


def worst(answers: Sequence[Burn | NotEnough]) -> Burn | None:
    """The most severe that fires."""
    firing = [answer for answer in answers if isinstance(answer, Burn) and answer.firing]
    return max(firing, key=lambda burn: burn.rule.severity.rank, default=None)


def fastest(answers: Sequence[Burn | NotEnough]) -> float | None:
    """The highest rate that both of its windows show; None where nothing can be said."""
    rates = [min(answer.long, answer.short) for answer in answers if isinstance(answer, Burn)]
    return max(rates, default=None)


def _burn(objective: Objective, rule: Rule, history: Sequence[Period], now: datetime) -> Burn | NotEnough:
    count, bad = _counted(objective, history, now, rule.long)
    if count < FEWEST:
        return NotEnough(
            f"Not enough data: {count} answers in {about(rule.long.total_seconds())}, and a burn rate needs {FEWEST}: one bad one among few says nothing."
        )
    late, late_bad = _counted(objective, history, now, rule.short)
    long, short = bad / count / objective.budget, (late_bad / late / objective.budget if late else 0.0)
    rate = rule.rate(objective.window)
    firing = long > rate and short > rate and bad >= FEWEST_BAD
    return Burn(
        rule=rule, firing=firing, long=long, short=short, rate=rate, because=_because(rule, rate, firing, bad, count, long, short, late)
    )


def _counted(objective: Objective, history: Sequence[Period], now: datetime, span: timedelta) -> tuple[int, int]:
    inside = within(history, now - span, now)
    return sum(period.count for period in inside), sum(objective.bad(period) for period in inside)


def _because(rule: Rule, rate: float, firing: bool, bad: int, count: int, long: float, short: float, late: int) -> str:
    said = f"{bad} of {count} answers were bad in {about(rule.long.total_seconds())}, {long:.3g} times as many as allowed"
    if firing:
        return f"{said}, and {short:.3g} times in the last {about(rule.short.total_seconds())}; {rate:.3g} times is enough for an alert."
    if long <= rate:
        return f"{said}; {rate:.3g} times would be enough for an alert."
    if bad < FEWEST_BAD:
        return f"{said}, but that are only {bad}: an alert needs {FEWEST_BAD}."
    if not late:
        return f"{said}, but nothing was answered in the last {about(rule.short.total_seconds())}."
    return f"{said}, but it is over: {short:.3g} times in the last {about(rule.short.total_seconds())}."
