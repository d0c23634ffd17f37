"""What is foreseen of one account: trouble that is more likely than not to come within a horizon, with its chance and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.monitoring.alert import Severity
from engine.monitoring.detection.limits import Limits
from engine.monitoring.forecast.failure import Risk
from engine.monitoring.forecast.limit import Reach, time_to_limit
from engine.monitoring.forecast.measure import ERROR_BUDGET, ERROR_RATE, QUOTA, RESPONSE_TIME, Measure
from engine.monitoring.forecast.points import NotEnough, Point
from engine.monitoring.health import LIMITS
from engine.monitoring.period import Period
from engine.monitoring.slo.budget import Budget, budget
from engine.monitoring.slo.objective import Objective

NO_LIMITS = Limits()
LIKELY = 0.6  # from this chance on something is foreseen
SURE, SOON = 0.8, timedelta(hours=4)  # then it is a medium alert, else a low one
RUNGS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
LATELY = timedelta(hours=6)  # of history that a drift is read from
STALE = timedelta(hours=1)  # what was measured last before that says nothing about now
COARSE = 3  # periods that are put together for shares, which are too grainy in five minutes
FORESEEN_METRICS = frozenset({RESPONSE_TIME.name, ERROR_RATE.name, QUOTA.name, ERROR_BUDGET.name, "availability"})
SHORTEST_QUOTA = 600.0  # seconds; a quota that is fresh again sooner is no trouble that anyone could act on


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """``horizon`` is the shortest rung within which it is likely. ``name`` tells several of a metric apart (quotas). ``expected``: when, if that can be said."""

    service: str
    account: str
    metric: str
    horizon: timedelta
    probability: float
    value: float
    limit: float
    text: str
    because: str
    name: str = ""
    expected: timedelta | None = None

    @property
    def key(self) -> str:
        return f"{self.service}/{self.account}/{self.metric}" + (f"/{self.name}" if self.name else "")

    @property
    def severity(self) -> Severity:
        return Severity.MEDIUM if self.probability >= SURE and self.horizon <= SOON else Severity.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One thing that may come: ``answer`` says how likely, or why nothing can be said."""

    service: str
    account: str
    measure: Measure
    answer: Reach | NotEnough
    limit: float
    text: str
    name: str = ""
    longest: timedelta | None = None  # beyond it the prospect is over by itself, such as at the reset of a quota

    def prediction(self, rungs: Iterable[timedelta]) -> Prediction | None:
        """None while it is unlikely, unknown, or has come already; what only hovers below its limit is not foreseen to pass it."""
        reach = self.answer
        if isinstance(reach, NotEnough) or reach.seconds == 0.0 or not reach.moving:
            return None
        rung, chance = _first(sorted(rungs), self._within)
        if rung is None:
            return None
        return Prediction(
            service=self.service, account=self.account, metric=self.measure.name, horizon=rung, probability=round(chance, 4), value=reach.level,
            limit=self.limit, text=self.text, because=reach.because, name=self.name,
            expected=None if reach.seconds is None else timedelta(seconds=reach.seconds),
        )  # fmt: skip

    def _within(self, rung: timedelta) -> float:
        """0 where a day like those before gets there, too: that is no news."""
        assert isinstance(self.answer, Reach)
        span = (rung if self.longest is None else min(rung, self.longest)).total_seconds()
        return 0.0 if self.answer.usual(span) else self.answer.within(span)


def prospects(service: str, account: str, history: Sequence[Period], now: datetime, limits: Limits = NO_LIMITS) -> tuple[Prospect, ...]:
    """Of the answers of one account, oldest first: will they be too slow, or fail too often? ``limits``: those that people set; else the seed's."""
    slow, failing = bounds(limits)
    history = history if history and history[-1].at >= now - STALE else ()
    times = [Point(period.at, period.latency) for period in history if period.latency is not None]
    return (
        Prospect(
            service=service, account=account, measure=RESPONSE_TIME, answer=time_to_limit(times, slow, RESPONSE_TIME, window=LATELY), limit=slow,
            text=f"Its answers get slower and will take over {RESPONSE_TIME.say(slow)}.",
        ),
        Prospect(
            service=service, account=account, measure=ERROR_RATE, answer=time_to_limit(shares(history), failing, ERROR_RATE, window=LATELY), limit=failing,
            text=f"More and more of its answers are errors, and it will be over {ERROR_RATE.say(failing)}.",
        ),
    )  # fmt: skip


def bounds(limits: Limits = NO_LIMITS) -> tuple[float, float]:
    """(seconds of a response time, share of errors) that are foreseen to be passed."""
    slow, failing = limits.response_time.least, limits.error_rate.least
    return LIMITS["response_time"][0] / 1000 if slow is None else slow, LIMITS["error_rate"][0] if failing is None else failing


def shares(history: Sequence[Period]) -> list[Point]:
    """The share of errors in a few periods together, oldest first."""
    groups = [history[first : first + COARSE] for first in range(0, len(history), COARSE)]
    return [Point(group[0].at, sum(one.errors for one in group) / max(1, sum(one.count for one in group))) for group in groups]


def quota(service: str, account: str, name: str, used: Sequence[Point], limit: int, resets_in: float | None) -> Prospect | None:
    """A budget of the service's own. ``used``: oldest first. None for one that is fresh again before anybody could act."""
    if resets_in is not None and resets_in < SHORTEST_QUOTA:
        return None
    longest = None if resets_in is None else timedelta(seconds=resets_in)
    horizon = 86_400.0 if resets_in is None else min(86_400.0, resets_in)
    return Prospect(
        service=service, account=account, measure=QUOTA, answer=time_to_limit(since_reset(used), float(limit), QUOTA, horizon=horizon),
        limit=float(limit), text=f"Its quota will be used up: {name}.", name=name, longest=longest,
    )  # fmt: skip


def since_reset(used: Sequence[Point]) -> list[Point]:
    """The points after the last time that it fell: what was used before a reset says nothing of the next."""
    begins = max((index for index in range(1, len(used)) if used[index].value < used[index - 1].value), default=0)
    return list(used[begins:])


def error_budget(objective: Objective, history: Sequence[Period], now: datetime) -> Prospect | None:
    """When the error budget will be spent, by how it went in the last day. None where it is spent, or nothing is known of it."""
    state = budget(objective, history, now)
    if isinstance(state, NotEnough) or state.spent >= 1.0:
        return None
    return Prospect(
        service=objective.service, account=objective.account, measure=ERROR_BUDGET, limit=1.0, name=objective.kind.value,
        answer=time_to_limit(_spending(state, history, now), 1.0, ERROR_BUDGET),
        text=f"The error budget of its objective ({objective}) will be spent.",
    )  # fmt: skip


def _spending(state: Budget, history: Sequence[Period], now: datetime) -> list[Point]:
    """How the spent share came to what it is, hour by hour of the last day; what ran out of the window meanwhile is left aside."""
    objective, allowed = state.objective, state.objective.budget * state.events / state.known
    points, spent = [], state.spent
    late = [period for period in history if now - timedelta(days=1) <= period.at < now]
    for hour in range(25):
        at = now - timedelta(hours=hour)
        points.append(Point(at, spent))
        spent -= sum(objective.bad(period) for period in late if at - timedelta(hours=1) <= period.at < at) / allowed
    first = late[0].at if late else now
    return [point for point in reversed(points) if point.at >= first]


def outage(service: str, account: str, risks: Sequence[Risk | NotEnough], share: float) -> Prediction | None:
    """``share``: of errors now. The shortest horizon within which a failure is likely."""
    likely = [risk for risk in risks if isinstance(risk, Risk) and risk.probability >= LIKELY]
    if not likely:
        return None
    risk = min(likely, key=lambda one: one.horizon)
    return Prediction(
        service=service, account=account, metric="availability", horizon=risk.horizon, probability=round(risk.probability, 4), value=share,
        limit=0.5, text="It looks as it did before it failed.", because=risk.because,
    )  # fmt: skip


def _first(rungs: Sequence[timedelta], within: Callable[[timedelta], float]) -> tuple[timedelta | None, float]:
    for rung in rungs:
        if (chance := within(rung)) >= LIKELY:
            return rung, chance
    return None, 0.0
