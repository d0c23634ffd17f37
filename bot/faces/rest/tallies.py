"""What has happened since the start, counted: for whoever collects metrics from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from engine.events import AlertSaved, Event, PostingPutOff, PostingSettled, RunMoved, RunStarted, SamplesTaken
from engine.workflow.run import RunState

MOST_ACCOUNTS = 500  # counted apart; the samples of further ones are counted together
FINISHED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Tallies:
    """Of this process alone; they begin at nought with it, as counters may. ``heard`` listens to the ledger."""

    samples: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # (service, account, source, outcome)
    runs: Counter[str] = field(default_factory=Counter)  # started, and how they ended
    posts: Counter[str] = field(default_factory=Counter)  # settled, put_off, failed
    alerts: Counter[str] = field(default_factory=Counter)  # opened, by severity
    _accounts: set[tuple[str, str]] = field(default_factory=set)

    def heard(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case SamplesTaken():
                    self._sampled(event)
                case RunStarted():
                    self.runs["started"] += 1
                case RunMoved(run=run) if run is not None and run.state in FINISHED:
                    self.runs[run.state.value] += 1
                case PostingSettled():
                    self.posts["settled"] += 1
                case PostingPutOff(until=until):
                    self.posts["failed" if until is None else "put_off"] += 1
                case AlertSaved(alert=alert) if alert.revision == 1:
                    self.alerts[alert.severity.value] += 1
                case _:
                    pass

    def _sampled(self, event: SamplesTaken) -> None:
        for sample in event.samples:
            account = (sample.service, sample.account)
            if account not in self._accounts:
                if len(self._accounts) >= MOST_ACCOUNTS:
                    account = ("other", "")
                else:
                    self._accounts.add(account)
            self.samples[*account, sample.source.value, sample.outcome.value] += 1
