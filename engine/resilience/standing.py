"""The standing of one account of a service: what calls and probes met lately, how long answers take, and whether its breaker is open.

            2 bad in a row, or half of the last                 its pause is over, or a good probe
    closed ─────────────────────────────────────▶ open ────────────────────────────────────────▶ half-open
       ▲                                            ▲                                                │ bad: twice the pause
       └──────────── 2 good in a row ───────────────┼────────────────────────────────────────────────┤
                                                    └────────────────────────────────────────────────┘

Breakers of busy clients wait for a hundred calls (resilience4j: half of 100, a minute open); a bot calls a service every few seconds or minutes, so
here probes count like calls, two failures in a row are enough, and the pause begins with seconds. Opened wrongly (two strays in a row: 0.03 % of
calls at 1.65 % strays) it costs a few seconds of another way. Times are seconds since 1970, UTC; durations are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from engine.errors import Invalid, Rejected
from engine.monitoring.sample import Outcome
from engine.resilience.pulse import UNKNOWN, Pulse
from engine.workflow.definition import Json

KEPT = 16  # outcomes
SHOWN = 8  # outcomes of which a sentence tells
PULSES = 32  # operations of which it is known how long they take
SET_BACK = 5.0  # seconds; a moment so much before the last one means that the clock was set back
LONGEST_SHUT = 86_400.0  # a service that asks for a pause of years is asked again tomorrow
PROBE = ""  # the operation under which probes are known


class Breaker(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a breaker opens and closes.

    ``in_a_row``: the badness of outcomes in a row without a good one that opens it; ``half_of``: or half of so many at least; ``within``: older ones
    say nothing; ``slow``: an answer that takes so many times the usual is half a failure (Envoy and resilience4j count it as a whole one, at fixed
    seconds); ``first``, ``longest``: the pause, doubled with every trip; ``calm``: closed for so long, and the pause begins small again;
    ``good``: good ones in a row that close it; ``sure``: failures in a row after which a call through an open breaker is useless.
    """

    in_a_row: float = 2.0
    half_of: int = 4
    within: float = 180.0
    slow: float = 3.0
    first: float = 5.0
    longest: float = 60.0
    calm: float = 600.0
    good: int = 2
    sure: int = 3


RULES = Rules()


class Seen(NamedTuple):
    """``bad``: 0 good, 0.5 half a failure (slow, or overtaken by a hedge), 1 a failure."""

    at: float
    bad: float
    probe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``opened``: since when the breaker is not closed, None while it is; ``pause``: of the breaker, until ``trial_at``; ``good``: good outcomes in
    a row since it opened. ``shut_until``: the way is closed until then whatever its health, because of ``shut_why`` ("it asked for a pause").
    """

    recent: tuple[Seen, ...] = ()
    pulses: Mapping[str, Pulse] = field(default_factory=dict)
    opened: float | None = None
    pause: float = 0.0
    trial_at: float = 0.0
    good: int = 0
    trips: int = 0
    closed_at: float = 0.0
    shut_until: float = 0.0
    shut_for: float = 0.0
    shut_why: str = ""

    # --- reading

    def breaker(self, at: float) -> Breaker:
        if self.opened is None:
            return Breaker.CLOSED
        # A moment that is further away than the pause is long: the clock was set back meanwhile.
        return Breaker.OPEN if 0.0 < self.trial_at - at <= self.pause else Breaker.HALF_OPEN

    def useless_for(self, at: float, rules: Rules = RULES) -> float:
        """Seconds until a call is not as good as lost: the pause that was asked for, or that of a breaker behind which everything fails; 0: now.

        Where half of the calls come through it is open too, and who has no other way had better try.
        """
        last = self.recent[-rules.sure :]
        lost = self.breaker(at) is Breaker.OPEN and len(last) == rules.sure and all(one.bad >= 1 for one in last)
        return max(self.trial_at - at if lost else 0.0, self.shut_left(at))

    def shut_left(self, at: float) -> float:
        left = self.shut_until - at
        return left if 0.0 < left <= self.shut_for else 0.0

    def failing(self, at: float, *, memory: float = 60.0, prior: float = 4.0, usual: float = 0.02) -> float:
        """The chance that the next call fails, 0 < p < 1: outcomes weighted by age (e-fold ``memory``), beside ``prior`` ones of which ``usual`` fail."""
        weights = [(math.exp(-max(0.0, at - one.at) / memory), one.bad) for one in self.recent]
        return (sum(weight * bad for weight, bad in weights) + prior * usual) / (sum(weight for weight, _ in weights) + prior)

    def probed_within(self, at: float, seconds: float) -> bool:
        return any(one.probe and at - one.at <= seconds for one in self.recent)

    def latency(self, operation: str, at: float) -> float | None:
        """Seconds an answer is expected to take, by what it took before and by how probes fare since; None while nothing is known."""
        probe, own = self.pulses.get(PROBE, UNKNOWN), self.pulses.get(operation, UNKNOWN)
        if own.beats:
            return own.expected(at, probe)
        every = [pulse.expected(at, probe) for name, pulse in self.pulses.items() if name and pulse.beats]
        return sum(every) / len(every) if every else None

    def pulse(self, operation: str) -> Pulse:
        return self.pulses.get(operation, UNKNOWN)

    def tally(self, at: float, rules: Rules = RULES) -> str:
        """“6 of its last 8 calls failed”; empty when none did."""
        last = [one for one in self.recent[-SHOWN:] if at - one.at <= rules.within]
        failed, slow = sum(one.bad >= 1 for one in last), sum(0 < one.bad < 1 for one in last)
        probes = sum(one.probe for one in last)
        what = "calls" if not probes else "checks" if probes == len(last) else "calls and checks"
        if failed:
            return f"{failed} of its last {len(last)} {what} failed" + (f" and {slow} were slow" if slow else "")
        return f"{slow} of its last {len(last)} {what} were slow" if slow else ""

    # --- taking in

    def observe(
        self,
        outcome: Outcome,
        latency: float,
        at: float,
        *,
        operation: str = PROBE,
        probe: bool = False,
        late: bool = False,
        retry_after: float | None = None,
        rules: Rules = RULES,
    ) -> Standing:
        """The standing after one more outcome. ``late``: no outcome, but a hedge overtook it after ``latency`` seconds.

        “Too fast” (``retry_after`` seconds) closes the way until then and is no failure: the service works. Raises Rejected for a latency or a moment
        that is none.
        """
        if not (math.isfinite(latency) and latency >= 0 and math.isfinite(at)):
            raise Rejected(f"A latency is a number of seconds from 0 on and a moment a number; these were {latency} and {at}.")
        self = self._set_back(at)
        if outcome is Outcome.THROTTLED:
            return self.shut(at, retry_after or 1.0, "it asked for a pause")
        slow = outcome is Outcome.OK and self.pulse(operation).slow(latency, rules.slow)
        bad = 0.5 if late or slow else _badness(outcome, probe)
        pulses = self._beaten(operation, latency, at) if outcome is Outcome.OK else self.pulses
        seen = replace(self, recent=(*self.recent[-(KEPT - 1) :], Seen(at, bad, probe)), pulses=pulses)
        return seen._closed(at, bad, rules) if seen.opened is None else seen._opened(at, bad, probe, rules)

    def shut(self, at: float, seconds: float, why: str) -> Standing:
        """Closed for so long whatever its health: a rate limit, an announced maintenance. The longest that was said counts."""
        seconds = min(seconds, LONGEST_SHUT)
        if not seconds > self.shut_left(at):
            return self
        return replace(self, shut_until=at + seconds, shut_for=seconds, shut_why=why)

    def trying(self, at: float) -> Standing:
        """A call is let through the half-open breaker; until its outcome is known no other is, or for one more pause."""
        return replace(self, trial_at=at + self.pause) if self.breaker(at) is Breaker.HALF_OPEN else self

    def _closed(self, at: float, bad: float, rules: Rules) -> Standing:
        if not bad:
            return self
        fresh = [one.bad for one in self.recent if at - one.at <= rules.within]
        row = 0.0
        for one in reversed(fresh):
            if not one:
                break
            row += one
        last = fresh[-SHOWN:]
        if row < rules.in_a_row and not (len(last) >= rules.half_of and sum(last) * 2 >= len(last)):
            return self
        trips = (self.trips if at - self.closed_at < rules.calm else 0) + 1
        pause = min(rules.first * 2.0 ** min(trips - 1, 16), rules.longest)
        return replace(self, opened=at, trips=trips, pause=pause, trial_at=at + pause, good=0)

    def _opened(self, at: float, bad: float, probe: bool, rules: Rules) -> Standing:
        if bad >= 1:
            pause = min(self.pause * 2, rules.longest) if not probe and self.breaker(at) is Breaker.HALF_OPEN else self.pause
            return replace(self, good=0, pause=pause, trial_at=at + pause)
        if bad:
            return replace(self, good=0)
        if self.good + 1 >= rules.good:
            # What was met before says nothing of the service that is back.
            return replace(self, opened=None, good=0, closed_at=at, recent=self.recent[-rules.good :])
        return replace(self, good=self.good + 1, trial_at=at)

    def _beaten(self, operation: str, latency: float, at: float) -> Mapping[str, Pulse]:
        pulses = {name: pulse for name, pulse in self.pulses.items() if name != operation}  # the newest last
        if len(pulses) >= PULSES:
            del pulses[next(name for name in pulses if name != PROBE)]
        pulses[operation] = self.pulse(operation).beat(latency, at, self.pulse(PROBE))
        return pulses

    def _set_back(self, at: float) -> Standing:
        """Moved with the clock, where it was set back, so that nothing lies in the future."""
        ahead = self.recent[-1].at - at if self.recent else 0.0
        if ahead <= SET_BACK:
            return self
        return replace(
            self,
            recent=tuple(one._replace(at=one.at - ahead) for one in self.recent),
            pulses={name: pulse._replace(at=pulse.at - ahead) for name, pulse in self.pulses.items()},
            opened=None if self.opened is None else self.opened - ahead,
            trial_at=self.trial_at - ahead,
            closed_at=self.closed_at - ahead,
            shut_until=self.shut_until - ahead,
        )

    # --- from one life to the next

    def as_json(self) -> dict[str, Json]:
        return {
            "recent": [[one.at, one.bad, one.probe] for one in self.recent],
            "pulses": {name: list(pulse) for name, pulse in self.pulses.items()},
            "opened": self.opened, "pause": self.pause, "trial_at": self.trial_at, "good": self.good, "trips": self.trips,
            "closed_at": self.closed_at, "shut_until": self.shut_until, "shut_for": self.shut_for, "shut_why": self.shut_why,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Standing:
        """Raises Invalid for what no version of us wrote."""
        try:
            return cls(
                recent=tuple(Seen(_number(at), _number(bad), bool(probe)) for at, bad, probe in said["recent"])[-KEPT:],
                pulses={str(name): Pulse(*map(_number, pulse)) for name, pulse in list(said["pulses"].items())[-PULSES:]},
                opened=None if said["opened"] is None else _number(said["opened"]),
                pause=_number(said["pause"]), trial_at=_number(said["trial_at"]), good=int(said["good"]), trips=int(said["trips"]),
                closed_at=_number(said["closed_at"]), shut_until=_number(said["shut_until"]), shut_for=_number(said["shut_for"]),
                shut_why=str(said["shut_why"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Invalid(f"How a service stood cannot be read: {error}.") from error


NEW = Standing()


def _badness(outcome: Outcome, probe: bool) -> float:
    """A credential that one call is refused for may be that call's; a probe that is refused speaks for all."""
    if outcome is Outcome.OK:
        return 0.0
    return 0.5 if outcome is Outcome.MISCONFIGURED and not probe else 1.0


def _number(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not math.isfinite(said):
        raise ValueError(f"{said!r} is no number")
    return said
