"""An objective: what share of answers is to be good, over which span, and how it is read from what people say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from engine.errors import Invalid, Problem
from engine.monitoring.period import Period
from engine.monitoring.spans import about

WINDOW = timedelta(days=28)  # whole weeks, so that every weekday counts as often
SHORTEST, LONGEST = timedelta(days=1), timedelta(days=90)
LOOSEST, STRICTEST = 0.5, 0.99999
SLOWEST = 600.0  # seconds


class Kind(StrEnum):
    AVAILABILITY = "availability"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """``goal`` 0..1 of the answers within ``window`` are good: no error of the service; of ``latency`` also not slower than ``limit`` seconds.

    ``account`` "" = every account of the service together.
    """

    service: str
    kind: Kind = Kind.AVAILABILITY
    goal: float = 0.999
    window: timedelta = WINDOW
    limit: float = 0.0
    account: str = ""

    @property
    def id(self) -> str:
        """One of a kind for each service, or account."""
        return f"{self.service}{f'/{self.account}' if self.account else ''}:{self.kind}"

    @property
    def budget(self) -> float:
        """The share of answers that may be bad."""
        return 1.0 - self.goal

    def bad(self, period: Period) -> int:
        """Of one period; for ``latency`` its ``over`` must have been counted with this limit."""
        return period.errors + (period.over if self.kind is Kind.LATENCY else 0)

    def __str__(self) -> str:
        """“99.9 % good within 28 days”, “99 % within 800 ms over 28 days”."""
        goal = f"{100 * self.goal:.5g} %"
        if self.kind is Kind.LATENCY:
            return f"{goal} of answers good and within {self.limit * 1000:,.0f} ms, over {about(self.window.total_seconds())}"
        return f"{goal} of answers good, over {about(self.window.total_seconds())}"


def checked(objective: Objective) -> Objective:
    """The same. Raises Invalid, with what is wrong at each part and what can be said instead."""
    problems = []
    if not LOOSEST <= objective.goal <= STRICTEST:
        problems.append(
            Problem(f"A goal lies between {100 * LOOSEST:g} % and {100 * STRICTEST:g} %; 100 % leaves nothing to spend.", ("goal",))
        )
    if not SHORTEST <= objective.window <= LONGEST:
        problems.append(Problem(f"An objective runs over {SHORTEST.days} to {LONGEST.days} days.", ("window",)))
    if objective.kind is Kind.LATENCY and not 0 < objective.limit <= SLOWEST:
        problems.append(Problem("A latency objective needs a limit, such as 800 ms, of at most 10 minutes.", ("limit",)))
    if objective.kind is Kind.AVAILABILITY and objective.limit:
        problems.append(Problem("An availability objective has no time limit; say latency for one.", ("limit",)))
    if problems:
        raise Invalid("This objective cannot be kept.", problems)
    return objective


def to_body(objective: Objective) -> dict[str, Any]:
    """As it is stored."""
    return {
        "service": objective.service,
        "account": objective.account,
        "kind": objective.kind.value,
        "goal": objective.goal,
        "window": objective.window.total_seconds(),
        "limit": objective.limit,
    }


def of_body(body: Mapping[str, Any]) -> Objective:
    """Raises Invalid for what no version of ours has stored."""
    try:
        read = Objective(
            service=str(body["service"]),
            account=str(body.get("account", "")),
            kind=Kind(body["kind"]),
            goal=float(body["goal"]),
            window=timedelta(seconds=float(body["window"])),
            limit=float(body.get("limit", 0.0)),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Invalid(f"A stored objective cannot be read: {error}") from error
    return checked(read)
