"""A signal: what somebody or something says about one trouble, that it is there or that it is over. The pipeline makes alerts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.monitoring.alert import Severity, fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """``firing`` False: it is over. ``because``: the evidence in one sentence. ``source``: monitor, forecast, person, or an inbound sender's name.

    ``key``: where the sender has a fingerprint of its own, that is used instead of ours. ``ends_at``: with no further word it counts as over then.
    """

    rule: str
    service: str
    account: str
    at: datetime
    firing: bool
    because: str
    severity: Severity = Severity.MEDIUM
    message: str = ""
    metric: str = ""
    value: float = 0.0
    threshold: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = "monitor"
    runbook: str = ""
    sandbox: bool = False
    key: str = ""
    ends_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Never a time in it."""
        return f"{self.source}/{self.key}" if self.key else fingerprint(self.rule, self.service, self.account, self.labels)
