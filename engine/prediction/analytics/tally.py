"""Tallies: runs and asks of a time, counted by storage, so that no run and no fact has to be loaded to reckon with a million of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_SLICES: Final = 400
DIGITS: Final[tuple[int, ...]] = tuple(10**power for power in range(3, 15))  # microseconds; 10^14 are three years
STEPS: Final = 50
MICRO: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTally:
    """Runs of one workflow that began in one slice of a time, sandbox runs among them. ``slice``: its number, from 0.

    ``live``, ``live_failed``: of ``succeeded`` and ``failed``, those of which no step was answered by the sandbox.
    ``live_failed_micros``: how long those of ``live_failed`` took together, in microseconds.
    What is neither succeeded, failed nor cancelled goes on.
    """

    workflow: str
    slice: int
    total: int
    succeeded: int
    failed: int
    cancelled: int
    live: int
    live_failed: int
    live_failed_micros: int


@dataclass(frozen=True, slots=True)
class Took:
    """``count`` runs of a workflow that succeeded and took about ``micros`` microseconds, from their beginning to their end, see ``rounded``."""

    workflow: str
    micros: int
    count: int


@dataclass(frozen=True, slots=True)
class RunTallies:
    """By workflow and slice, by workflow and duration. There are at most as many rows as workflows times slices, and workflows times 6,000."""

    tallies: tuple[RunTally, ...] = ()
    took: tuple[Took, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTally:
    """Asks of one workflow (``source``) to one service (``target``) in one slice of a time; every attempt is one. ``micros`` of all together."""

    source: str
    target: str
    slice: int
    count: int
    failed: int
    micros: int


def slice_of(at: datetime, since: datetime, until: datetime, slices: int) -> int:
    """Which of so many equal slices of the time ``at`` lies in; all three in whole microseconds, so that every storage says the same."""
    return ((at - since) // MICRO) * slices // ((until - since) // MICRO)


def rounded(micros: int) -> int:
    """Down by at most two percent: 12,345 → 12,200. What is below nought (a clock was set back) is nought."""
    if micros < DIGITS[0]:
        return max(micros, 0)
    unit = next(limit for limit in reversed(DIGITS) if micros >= limit) // STEPS
    return micros // unit * unit
