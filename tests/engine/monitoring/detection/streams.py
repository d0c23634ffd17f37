"""One account under a detector: samples are put at times, alerts stand as a monitor would let them stand."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.detection.limits import Limits
from engine.monitoring.detection.verdict import Verdict
from engine.monitoring.sample import Outcome, Sample, Source
from tests.engine.clock import NOON

OK, ERROR, WRONG, BUSY = Outcome.OK, Outcome.ERROR, Outcome.MISCONFIGURED, Outcome.THROTTLED


class Stream:
    """``at``: now. ``open``: the rules whose alert stands. ``opened``: (seconds since noon, rule) of each alert."""

    def __init__(self, *, interval: float = 30.0, limits: Limits | None = None, seed: int = 1) -> None:
        self.detector = AccountDetector("github", "default", interval=interval, limits=limits)
        self.interval, self.at = interval, NOON
        self.open: set[str] = set()
        self.opened: list[tuple[float, str]] = []
        self.said: dict[str, Verdict] = {}
        self.dice = random.Random(seed)
        self.probes = 0

    def put(
        self,
        outcome: Outcome = OK,
        latency: float = 0.1,
        *,
        at: datetime | None = None,
        source: Source = Source.PROBE,
        operation: str = "probe",
    ) -> dict[str, Verdict]:
        """One sample; the alerts follow."""
        detail = "" if outcome is OK else "connection refused"
        sample = Sample("github", "default", at or self.at, source, outcome, latency, detail, operation)
        self.said = {verdict.rule: verdict for verdict in self.detector.observe(sample, open=frozenset(self.open))}
        for rule, verdict in self.said.items():
            if verdict.firing and rule not in self.open:
                self.open.add(rule)
                self.opened.append(((self.at - NOON).total_seconds(), rule))
            elif verdict.firing is False:
                self.open.discard(rule)
        return self.said

    def probe(self, outcomes: Iterable[Outcome] | None = None, *, seconds: float, outcome: Outcome = OK, times: float = 1.0) -> None:
        """Probe for so long, as often as the detector asks for; answers take about 100 ms, times ``times``."""
        end = self.at + timedelta(seconds=seconds)
        told = iter(outcomes) if outcomes is not None else None
        while self.at < end:
            self.put(next(told) if told else outcome, 0.1 * times * self.dice.lognormvariate(0, 0.2))
            self.probes += 1
            self.at += timedelta(seconds=self.detector.next_probe_in(self.interval))
