"""A sample: one measurement of one account of a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    OK = "ok"
    ERROR = "error"  # it answered, and the answer is its own failure (5xx, refused, timeout)
    MISCONFIGURED = "misconfigured"  # it answered, and the credential or the URL is at fault (401, 403, 404 on the probe)
    THROTTLED = "throttled"


class Source(StrEnum):
    PROBE = "probe"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Sample:
    """``latency`` in seconds; ``detail`` a short sentence when not ok; ``sandbox`` when the sandbox answered."""

    service: str
    account: str
    at: datetime
    source: Source
    outcome: Outcome
    latency: float
    detail: str = ""
    operation: str = ""
    sandbox: bool = False
