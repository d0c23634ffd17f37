"""The monitor: probes every account, takes in the samples of real calls, and keeps one alert per trouble up to date.

Of several processes on one database one runs it; what the others' calls met it reads from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import SignalboxError
from engine.events import Event, SamplesTaken, ServiceStateSaved
from engine.monitoring.alert import (
    ServiceState,
)  # fmt: skip
from engine.monitoring.detector import Verdict, observe, suspicious, verdicts, with_status
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.signal import Signal
from engine.ports import Account, Clock, Connections, Store
from engine.runtime.alerts import Alerting
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
    """``interval``: seconds between probes of one account.

    ``others``: other processes write samples, too. It may be started again after it was stopped.
    """

    def __init__(
        self,
        store: Store,
        connections: Connections,
        clock: Clock,
        *,
        interval: float,
        alerting: Alerting,
        calls: Calls | None = None,
        others: bool = False,
    ) -> None:
        self._store, self._connections, self._clock = store, connections, clock
        self._interval, self._alerting = interval, alerting
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
                await self._alerting.farewell(key.service, key.account, "The account was disconnected.")
        for key, account in wanted.items():
            if key not in self._probing:
                self._probing[key] = account, asyncio.create_task(self._probe_for_ever(account), name=f"probe {account.service}")

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
        async with self._judging:
            events: list[Event] = [] if stored else [SamplesTaken(tuple(samples))]
            signals: list[Signal] = []
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
                signals += [
                    _signal(changed[key], verdict, self._clock.now())
                    for verdict in verdicts(changed[key], tuple(self._recent[key]))
                    if verdict.firing is not None
                ]
            await self._alerting.take(signals, *events)
            self._states.update(changed)


def _signal(state: ServiceState, verdict: Verdict, at: datetime) -> Signal:
    return Signal(
        rule=verdict.rule, service=state.service, account=state.account, at=at, firing=bool(verdict.firing), because=verdict.because,
        severity=verdict.severity, message=verdict.message, metric=verdict.metric, value=verdict.value, threshold=verdict.threshold,
        sandbox=state.sandbox,
    )  # fmt: skip
