"""The monitor: probes every account, takes in the samples of real calls, and keeps one alert per trouble up to date.

Of several processes on one database one runs it; what the others' calls met it reads from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.errors import Conflict, SignalboxError
from engine.events import AlertSaved, Audited, Event, PostingsTouched, PostingWanted, Priority, SamplesTaken, ServiceStateSaved
from engine.monitoring.alert import (
    LEASE_AFTER_RESOLVE,
    Alert,
    AlertState,
    ServiceState,
    fingerprint,
    reopened,
    resolved,
)  # fmt: skip
from engine.monitoring.detector import Verdict, observe, suspicious, verdicts, with_status
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import SYSTEM, Address
from engine.ports import Account, Clock, Connections, Store
from engine.runtime.calls import Calls

log = logging.getLogger(__name__)

MEMORY = 60  # samples of each account held for judging
CLOSER = 5.0  # seconds between probes while something is suspicious
OTHERS = 5.0  # seconds between looks at what other processes met
LATE = timedelta(seconds=5)  # so much later than it was taken may a sample of another process be stored


@dataclass(frozen=True, slots=True)
class _Key:
    service: str
    account: str


class Monitor:
    """``interval``: seconds between probes of one account. ``addresses`` says where a new alert's card is to stand.

    ``others``: other processes write samples, too. It may be started again after it was stopped.
    """

    def __init__(
        self,
        store: Store,
        connections: Connections,
        clock: Clock,
        *,
        interval: float,
        addresses: Callable[[], Sequence[Address]],
        calls: Calls | None = None,
        others: bool = False,
    ) -> None:
        self._store, self._connections, self._clock = store, connections, clock
        self._interval, self._addresses = interval, addresses
        self._calls = calls or Calls(connections)
        self._others = others
        self._seen: dict[tuple[str, str], deque[Sample]] = defaultdict(lambda: deque(maxlen=MEMORY))
        self._states: dict[_Key, ServiceState] = {}
        self._recent: dict[_Key, deque[Sample]] = defaultdict(lambda: deque(maxlen=MEMORY))
        self._judging = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._probing: dict[_Key, tuple[Account, asyncio.Task[None]]] = {}

    async def start(self) -> None:
        now = self._clock.now()
        self._recent.clear()
        self._states = {_Key(state.service, state.account): state for state in await self._store.samples.states()}
        for account in self._connections.accounts():
            samples = await self._store.samples.recent(account.service, since=now - timedelta(hours=1), limit=MEMORY)
            self._recent[_Key(account.service, account.name)].extend(s for s in samples if s.account == account.name)
        await self._come_and_go()
        self._spawn(self._take_in_calls(), "samples of calls")
        if self._others:
            self._spawn(self._take_in_others(), "samples of others")

    async def stop(self) -> None:
        tasks = [*self._tasks, *(task for _, task in self._probing.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._probing.clear()
        with contextlib.suppress(SignalboxError):
            await self._flush()

    def taken(self, sample: Sample) -> None:
        """A sample of a real call; gathered and judged within a second. Never blocks."""
        self._calls.taken(sample)

    def _spawn(self, coroutine: object, name: str) -> None:
        self._tasks.append(asyncio.create_task(coroutine, name=name))  # type: ignore[arg-type]

    async def _come_and_go(self) -> None:
        """Accounts are connected and disconnected while the house runs: each that is there now is probed, and no other."""
        accounts = {_Key(account.service, account.name): account for account in self._connections.accounts()}
        wanted = {key: account for key, account in accounts.items() if account.probed and account.mode != "off"}
        for key, (account, task) in list(self._probing.items()):
            if wanted.get(key) != account:
                task.cancel()
                del self._probing[key]
                # Another address or credential: what was measured before says nothing about it.
                self._states.pop(key, None)
                self._recent.pop(key, None)
            if key not in accounts:
                await self._farewell(key)
        for key, account in wanted.items():
            if key not in self._probing:
                self._probing[key] = account, asyncio.create_task(self._probe_for_ever(account), name=f"probe {account.service}")

    async def _farewell(self, key: _Key) -> None:
        """Nobody measures a disconnected account any more, so its alerts are over."""
        for alert in await self._store.alerts.list(service=key.service, states=(AlertState.FIRING, AlertState.ACKNOWLEDGED)):
            if alert.account == key.account:
                over = replace(resolved(alert, by=SYSTEM.name, at=self._clock.now()), because="The account was disconnected.")
                with contextlib.suppress(Conflict):  # a human was faster
                    await self._store.ledger.record(AlertSaved(over), PostingsTouched(over.id), _audit(over, "recover", over.updated_at))

    async def _probe_for_ever(self, account: Account) -> None:
        key = _Key(account.service, account.name)
        while True:
            try:
                await self.judge([await self._connections.probe(account)])
            except SignalboxError as error:
                log.warning("probe of %s: %s", account.service, error)
            except Exception:
                log.exception("probe of %s failed", account.service)
            state = self._states.get(key)
            closer = state is not None and suspicious(state)
            await self._clock.sleep(min(self._interval, CLOSER) if closer else self._interval)

    async def _take_in_calls(self) -> None:
        while True:
            await self._clock.sleep(1.0)
            try:
                await self._flush()
                await self._come_and_go()
            except SignalboxError as error:
                log.warning("samples of calls: %s", error)

    async def _flush(self) -> None:
        if samples := self._calls.drain():
            await self.judge(samples)

    async def _take_in_others(self) -> None:
        while True:
            await self._clock.sleep(OTHERS)
            try:
                await self.look_around()
            except SignalboxError as error:
                log.warning("samples of other processes: %s", error)

    async def look_around(self) -> None:
        """Judge what other processes' calls met since the last look, or a little before it."""
        since = self._clock.now() - timedelta(seconds=OTHERS) - LATE
        for service in {account.service for account in self._connections.accounts() if account.probed}:
            fresh = [
                s
                for s in await self._store.samples.recent(service, since=since, limit=MEMORY)
                if s.source is Source.CALL and not self._knows(s)
            ]
            if fresh:
                await self.judge(fresh, stored=True)

    def _knows(self, sample: Sample) -> bool:
        return sample in self._recent[_Key(sample.service, sample.account)] or sample in self._seen[sample.service, sample.account]

    async def judge(self, samples: Sequence[Sample], *, stored: bool = False) -> None:
        """Store samples (unless they are), the states they lead to, and what follows for alerts, in one transaction."""
        taken: list[Event] = [] if stored else [SamplesTaken(tuple(samples))]
        async with self._judging:
            events: list[Event] = [*taken]
            changed: dict[_Key, ServiceState] = {}
            for sample in samples:
                key = _Key(sample.service, sample.account)
                state = changed.get(key) or self._states.get(key) or ServiceState(service=sample.service, account=sample.account)
                if sample.source is Source.CALL and sample.outcome is Outcome.MISCONFIGURED:
                    self._seen[sample.service, sample.account].append(sample)
                    continue  # one operation may be forbidden while the credential is fine; the probe tells
                self._recent[key].append(sample)
                changed[key] = observe(state, sample)
            for key, state in changed.items():
                changed[key] = with_status(state, tuple(self._recent[key]))
                events.append(ServiceStateSaved(changed[key]))
                events += await self._consequences(changed[key], tuple(self._recent[key]))
            try:
                await self._store.ledger.record(*events)
            except Conflict:
                # A human was faster on the same alert: the next sample judges anew, from what they did.
                await self._store.ledger.record(*taken)
            self._states.update(changed)

    async def _consequences(self, state: ServiceState, recent: Sequence[Sample]) -> list[Event]:
        events: list[Event] = []
        for verdict in verdicts(state, recent):
            if verdict.firing is None:
                continue
            latest = await self._store.alerts.latest(fingerprint(verdict.rule, state.service, state.account))
            events += self._fire(state, verdict, latest) if verdict.firing else self._calm(verdict, latest)
        return events

    def _fire(self, state: ServiceState, verdict: Verdict, latest: Alert | None) -> list[Event]:
        now = self._clock.now()
        if latest is not None and latest.state is not AlertState.RESOLVED:
            if verdict.severity.rank <= latest.severity.rank:
                return []
            worse = replace(
                latest, revision=latest.revision + 1, severity=verdict.severity, message=verdict.message, because=verdict.because,
                value=verdict.value, threshold=verdict.threshold, updated_at=now,
            )  # fmt: skip
            return [AlertSaved(worse), PostingsTouched(worse.id, Priority.ALERT)]
        if latest is not None and latest.resolved_at:
            fresh = now < latest.resolved_at + LEASE_AFTER_RESOLVE
            if self._goes_on(state, latest):
                if fresh:
                    return []  # resolved by hand while it goes on: a human's word holds for a while
                return self._reopen(latest, now, f"It was resolved by hand, but the fault goes on. {verdict.because}")
            if fresh:
                return self._reopen(latest, now, f"It came back within 15 minutes. {verdict.because}")
        return self._open(state, verdict, now)

    @staticmethod
    def _reopen(latest: Alert, now: datetime, because: str) -> list[Event]:
        again = reopened(latest, at=now, because=because)
        return [AlertSaved(again), PostingsTouched(again.id, Priority.ALERT), _audit(again, "reopen", now)]

    @staticmethod
    def _goes_on(state: ServiceState, latest: Alert) -> bool:
        """Nothing good was seen since a human resolved it."""
        since = latest.resolved_at
        return latest.resolved_by != SYSTEM.name and since is not None and (state.last_ok_at is None or state.last_ok_at < since)

    def _open(self, state: ServiceState, verdict: Verdict, now: datetime) -> list[Event]:
        alert = Alert(
            id=self._clock.new_id("alr"), fingerprint=fingerprint(verdict.rule, state.service, state.account), revision=1,
            state=AlertState.FIRING, severity=verdict.severity, service=state.service, account=state.account, rule=verdict.rule,
            message=verdict.message, metric=verdict.metric, threshold=verdict.threshold, value=verdict.value, opened_at=now,
            updated_at=now, because=verdict.because, sandbox=state.sandbox,
        )  # fmt: skip
        cards = [PostingWanted(subject=alert.id, kind="alert", to=to, priority=Priority.ALERT) for to in self._addresses()]
        return [AlertSaved(alert), *cards, _audit(alert, "open", now)]

    def _calm(self, verdict: Verdict, latest: Alert | None) -> list[Event]:
        if latest is None or latest.state is AlertState.RESOLVED:
            return []
        now = self._clock.now()
        over = replace(resolved(latest, by=SYSTEM.name, at=now), because=verdict.because)
        return [AlertSaved(over), PostingsTouched(over.id), _audit(over, "recover", now)]


def _audit(alert: Alert, verb: str, at: datetime) -> Audited:
    return Audited(at=at, actor=SYSTEM.id, actor_name=SYSTEM.name, verb=verb, subject=alert.id, detail=alert.because[:300])
