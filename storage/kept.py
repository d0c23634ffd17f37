"""What is the same whichever store keeps it: how time is counted, what is kept of what came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DELIVERIES = "hook:"  # keys of what services sent; it is kept until pruned, so that a changed workflow can be tried on it
