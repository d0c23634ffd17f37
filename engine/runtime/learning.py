"""What the detectors of accounts have learnt, from one start of the house to the next.

now and then, and at the end ─▶ DetectorSaved ("account:<service>/<account>", as of its last sample)
start ─▶ restored ─▶ the samples since are played again, so that nothing is lost between two savings

What was learnt belongs to one address, and to the service or the sandbox in its place: where either changed meanwhile, it is learnt anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from engine.errors import Invalid
from engine.events import DetectorSaved
from engine.monitoring.alert import ServiceState
from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.detection.limits import Limits
from engine.ports import Account, Store

log = logging.getLogger(__name__)

PREFIX = "account:"
MARK = "of"  # in what is saved: what it was learnt of
PLAYED = timedelta(hours=1)  # samples played to a detector that has no saved state, and the most to one that has
MOST_PLAYED = 5_000  # of one service

Key = tuple[str, str]  # service, account


def stream_of(key: Key) -> str:
    return f"{PREFIX}{key[0]}/{key[1]}"


class Learning:
    """The detectors, by (service, account). ``limits``: those a person set for a service. ``accounts``: those there are now."""

    def __init__(
        self, store: Store, *, interval: float, limits: Callable[[str], Limits], accounts: Callable[[], Sequence[Account]]
    ) -> None:
        self._store, self._interval, self._limits, self._accounts = store, interval, limits, accounts
        self._detectors: dict[Key, AccountDetector] = {}
        self._saved: dict[Key, datetime | None] = {}
        self._marks: dict[Key, str] = {}  # what each detector has learnt of: see ``_mark``

    async def restore(self, open_rules: Callable[[str, str], Collection[str]], now: datetime) -> None:
        """Everything that is known of the accounts there are, as if the house had never stopped."""
        self._detectors.clear()
        self._saved.clear()
        self._marks.clear()
        states = {(state.service, state.account): state for state in await self._store.samples.states()}
        learnt = {one.stream: (one.state, one.at) for one in await self._store.detectors.under(PREFIX)}
        since: dict[Key, datetime] = {}
        there = self._there()
        for key in states.keys() & there.keys():
            state, account = states[key], there[key]
            kept, at = learnt.get(stream_of(key), (None, None))
            if _is_other(account, state, kept):
                self._begin(key)
                continue
            self._detectors[key], self._marks[key] = self._one(key, state, kept), _mark(account)
            self._saved[key] = at
            since[key] = max(at, now - PLAYED) if at is not None else now - PLAYED
        await self._play(since, open_rules)

    def _there(self) -> dict[Key, Account]:
        return {(one.service, one.name): one for one in self._accounts() if one.probed and one.mode != "off"}

    def _begin(self, key: Key) -> AccountDetector:
        account = self._there().get(key)
        self._marks[key] = _mark(account) if account is not None else ""
        self._detectors[key] = AccountDetector(*key, interval=self._interval, limits=self._limits(key[0]))
        return self._detectors[key]

    def _one(self, key: Key, state: ServiceState, kept: Mapping[str, object] | None) -> AccountDetector:
        limits = self._limits(key[0])
        if kept is not None:
            try:
                return AccountDetector.restore(kept, interval=self._interval, limits=limits)
            except Invalid as error:
                log.warning("%s/%s: %s", *key, error)
        return AccountDetector(*key, interval=self._interval, limits=limits, state=state)

    async def _play(self, since: dict[Key, datetime], open_rules: Callable[[str, str], Collection[str]]) -> None:
        for service in sorted({service for service, _ in since}):
            first = min(at for key, at in since.items() if key[0] == service)
            for sample in await self._store.samples.recent(service, since=first, limit=MOST_PLAYED):
                key = (service, sample.account)
                if key not in since or sample.at <= since[key] or sample.sandbox != self._detectors[key].state.sandbox:
                    continue
                try:
                    self._detectors[key].observe(sample, open=open_rules(*key))
                except Exception:  # ours; the house starts all the same
                    log.exception("What was learnt of %s/%s could not be brought up to date; it is learnt anew", *key)
                    self._begin(key)
                    del since[key]
            await asyncio.sleep(0)  # others have their turn between two services

    def get(self, service: str, account: str) -> AccountDetector | None:
        return self._detectors.get((service, account))

    def of(self, service: str, account: str) -> AccountDetector:
        detector = self._detectors.get((service, account)) or self._begin((service, account))
        detector.limits = self._limits(service)  # people may have changed them meanwhile
        return detector

    def states(self) -> list[ServiceState]:
        return [detector.state for detector in self._detectors.values()]

    def forget(self, service: str, account: str, now: datetime) -> list[DetectorSaved]:
        """Another address, or gone: what was learnt before says nothing about it. The events that make it so for good."""
        key = (service, account)
        detector, saved = self._detectors.pop(key, None), self._saved.pop(key, None)
        self._marks.pop(key, None)
        if detector is None:
            return []
        if key in self._there():  # begun as of now, so that a start after a crash does not play what was measured before
            self._begin(key)
            return [self._event(key, now)]
        return [] if saved is None else [DetectorSaved(stream_of(key), None, saved)]

    def keys(self) -> list[Key]:
        return list(self._detectors)

    def unsaved(self, among: Collection[Key]) -> list[DetectorSaved]:
        """Of those of these accounts that were measured since they were saved last; about half a millisecond each."""
        events = []
        for key in among:
            at = self._detectors[key].state.last_at if key in self._detectors else None
            if at is not None and at != self._saved.get(key):
                events.append(self._event(key, at))
        return events

    def _event(self, key: Key, at: datetime) -> DetectorSaved:
        return DetectorSaved(stream_of(key), {**self._detectors[key].snapshot(), MARK: self._marks.get(key, "")}, at)

    def saved(self, events: Collection[DetectorSaved]) -> None:
        streams = {event.stream: event.at for event in events}
        for key in self._detectors:
            if stream_of(key) in streams:
                self._saved[key] = streams[stream_of(key)]


def _mark(account: Account) -> str:
    """What the measurements are about: another one is another service to whoever learns. An address may hold a secret, so it is not kept."""
    return f"{'sandbox' if account.mode == 'sandbox' else 'live'} {sha256(account.url.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _is_other(account: Account, state: ServiceState, kept: Mapping[str, object] | None) -> bool:
    """Whether what is known was measured at something else than this account is now."""
    mark = kept.get(MARK) if kept is not None else None
    return mark != _mark(account) if mark else state.sandbox != (account.mode == "sandbox")
