"""A storm: so many incidents begin at once that one message tells all of them, until it is calm again.

The storm is an incident like any other: its leader is an alert of its own rule, and what begins while it lasts joins it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from engine.monitoring.alert import Severity, fingerprint
from engine.monitoring.signal import Signal

RULE: Final = "storm"
SERVICE: Final = "signalbox"
MOST: Final = 6  # incidents told one by one within WITHIN; what comes on top begins a storm
WITHIN: Final = timedelta(seconds=60)
CALM: Final = timedelta(minutes=5)  # so long after the last that joined it, what begins leads an incident of its own again


KEY: Final = fingerprint(RULE, SERVICE, "")


def begun(now: datetime, count: int) -> Signal:
    """The signal of its leader."""
    return Signal(
        rule=RULE, service=SERVICE, account="", at=now, firing=True, severity=Severity.HIGH, metric="incidents a minute", value=float(count), threshold=float(MOST),
        message="Many things fail at once. This one message tells all that began since; it is brought up to date while the storm lasts.",
        because=f"{count} incidents began within {WITHIN.seconds} seconds; more than {MOST} are told in one message.",
    )  # fmt: skip


def joins(last_at: datetime, now: datetime) -> bool:
    """Whether what begins now is still part of the storm whose last member began at ``last_at``."""
    return now - last_at <= CALM
