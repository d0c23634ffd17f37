"""What was foretold of a run when it began, and how it ended: what calibration is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """``probability`` of success with its interval; ``samples``: finished runs it rests on. ``median`` and ``long``: seconds, the 50th and 90th percentile.

    ``succeeded`` is None, and so is ``ended_at``, until the run is over; a run that was cancelled by a person is never settled.
    """

    run: str
    workflow: str
    at: datetime
    probability: float
    low: float
    high: float
    samples: int
    median: float | None = None
    long: float | None = None
    succeeded: bool | None = None
    ended_at: datetime | None = None
