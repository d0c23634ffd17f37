"""What the detectors of accounts have learnt, from one start of the house to the next.

now and then, and at the end ─▶ DetectorSaved ("account:<service>/<account>", as of its last sample)
start ─▶ restored ─▶ the samples since are played again, so that nothing is lost between two savings
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from engine.errors import Invalid
from engine.events import DetectorSaved
from engine.monitoring.alert import ServiceState
from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.detection.limits import Limits
from engine.ports import Store

log = logging.getLogger(__name__)

PREFIX = "account:"
PLAYED = timedelta(hours=1)  # samples played to a detector that has no saved state, and the most to one that has
MOST_PLAYED = 5_000  # of one service

Key = tuple[str, str]  # service, account


def stream_of(key: Key) -> str:
    return f"{PREFIX}{key[0]}/{key[1]}"


class Learning:
    """The detectors, by (service, account). ``limits``: those a person set for a service."""

    def __init__(self, store: Store, *, interval: float, limits: Callable[[str], Limits]) -> None:
        self._store, self._interval, self._limits = store, interval, limits
        self._detectors: dict[Key, AccountDetector] = {}
        self._saved: dict[Key, datetime | None] = {}

    async def restore(self, open_rules: Callable[[str, str], Collection[str]], now: datetime) -> None:
        """Everything that is known, as if the house had never stopped."""
        self._detectors.clear()
        self._saved.clear()
        states = {(state.service, state.account): state for state in await self._store.samples.states()}
        learnt = {one.stream: (one.state, one.at) for one in await self._store.detectors.under(PREFIX)}
        since: dict[Key, datetime] = {}
        for key, state in states.items():
            kept, at = learnt.get(stream_of(key), (None, None))
            self._detectors[key] = self._one(key, state, kept)
            self._saved[key] = at
            since[key] = max(at, now - PLAYED) if at is not None else now - PLAYED
        await self._play(since, open_rules)

    def _one(self, key: Key, state: ServiceState, kept: Mapping[str, object] | None) -> AccountDetector:
        limits = self._limits(key[0])
        if kept is not None:
            try:
                return AccountDetector.restore(kept, interval=self._interval, limits=limits)
            except Invalid as error:
                log.warning("%s/%s: %s", *key, error)
        return AccountDetector(*key, interval=self._interval, limits=limits, state=state)

    async def _play(self, since: Mapping[Key, datetime], open_rules: Callable[[str, str], Collection[str]]) -> None:
        for service in {service for service, _ in since}:
            first = min(at for key, at in since.items() if key[0] == service)
            for sample in await self._store.samples.recent(service, since=first, limit=MOST_PLAYED):
                key = (service, sample.account)
                if key in since and sample.at > since[key]:
                    self._detectors[key].observe(sample, open=open_rules(*key))

    def get(self, service: str, account: str) -> AccountDetector | None:
        return self._detectors.get((service, account))

    def of(self, service: str, account: str) -> AccountDetector:
        key = (service, account)
        if key not in self._detectors:
            self._detectors[key] = AccountDetector(service, account, interval=self._interval, limits=self._limits(service))
        detector = self._detectors[key]
        detector.limits = self._limits(service)  # people may have changed them meanwhile
        return detector

    def states(self) -> list[ServiceState]:
        return [detector.state for detector in self._detectors.values()]

    def forget(self, service: str, account: str) -> list[DetectorSaved]:
        """Another address or credential: what was learnt before says nothing about it. The events that make it so for good."""
        key = (service, account)
        detector = self._detectors.pop(key, None)
        saved = self._saved.pop(key, None)
        return [] if saved is None or detector is None else [DetectorSaved(stream_of(key), None, saved)]

    def unsaved(self) -> list[DetectorSaved]:
        """Of every account that was measured since it was saved last."""
        events = []
        for key, detector in self._detectors.items():
            at = detector.state.last_at
            if at is not None and at != self._saved.get(key):
                events.append(DetectorSaved(stream_of(key), detector.snapshot(), at))
        return events

    def saved(self, events: Collection[DetectorSaved]) -> None:
        streams = {event.stream: event.at for event in events}
        for key in self._detectors:
            if stream_of(key) in streams:
                self._saved[key] = streams[stream_of(key)]
