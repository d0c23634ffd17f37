"""The monitor: probes every account, takes in what real calls met, and says as signals what the detectors make of it.

    probes, calls, other processes' calls ─▶ samples ─▶ AccountDetector ─▶ verdicts ─▶ signals ─┐
                                                    └─▶ states ─▶ guard over our own network ───┼─▶ Alerting.take(signals, samples, states)
    status pages, where probes suffer ──────────────────────────────────────────────────────────┘

Of several processes on one database one runs it; what the others' calls met it reads from the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta

from engine.errors import SignalboxError
from engine.events import Event, SamplesTaken, ServiceStateSaved
from engine.monitoring.alert import ServiceState
from engine.monitoring.detection.limits import Limits
from engine.monitoring.detection.verdict import Verdict
from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from engine.monitoring.sample import Sample, Source
from engine.monitoring.signal import Signal
from engine.ports import Account, Clock, Connections, Store
from engine.runtime.alerts import Alerting
from engine.runtime.calls import Calls
from engine.runtime.learning import Key, Learning
from engine.runtime.network_watch import HOUSE, OURS, STREAM, NetworkWatch
from engine.runtime.vendor_watch import VendorWatch

log = logging.getLogger(__name__)

MEMORY = 120  # samples of each account by which those of other processes are known again
CALLS = 1.0  # seconds between looks at what calls met, and at which accounts there are
OTHERS = 5.0  # seconds between looks at what other processes met
LATE = timedelta(seconds=5)  # so much later than it was taken may a sample of another process be stored
TENDING = 5.0  # seconds between looks at alerts that are held
VENDORS = 120.0  # seconds between looks at status pages, where probes suffer
SAVING = 600.0  # seconds between savings of what was learnt
SAVED_AT_ONCE = 40  # accounts, so that neither the loop nor a check waits for long
UNHEARD = 180.0  # seconds beyond four intervals in which an account was not judged once: the watch is stuck


class Monitor:
    """``interval``: seconds between probes of one account. ``others``: other processes write samples, too. ``limits``: those people set for
    a service. It may be started again after it was stopped.
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
        limits: Callable[[str], Limits] = lambda service: Limits(),
        topology: Callable[[], Topology] = lambda: NOTHING_KNOWN,
    ) -> None:
        self._store, self._connections, self._clock = store, connections, clock
        self._interval, self._alerting, self._topology = interval, alerting, topology
        self._calls = calls or Calls(connections)
        self._others = others
        self._learning = Learning(store, interval=interval, limits=limits, accounts=connections.accounts)
        self._network = NetworkWatch()
        self._vendors = VendorWatch(store, connections, alerting, clock)
        self._recent: dict[Key, deque[Sample]] = defaultdict(lambda: deque(maxlen=MEMORY))
        self._judging = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._probing: dict[Key, tuple[Account, asyncio.Task[None]]] = {}
        self._judged: dict[Key, datetime] = {}  # when each account that is probed was judged last, or its probing began

    async def start(self) -> None:
        now = self._clock.now()
        self._recent.clear()
        await self._alerting.refresh()
        await self._learning.restore(self._alerting.rules_of, now)
        self._network.restore(await self._store.detectors.get(STREAM), self._learning.states(), now)
        self._look_at_network()
        there = {(account.service, account.name) for account in self._connections.accounts()}
        for key in set(self._alerting.accounts()) - there:
            await self._alerting.farewell(*key, "The account was disconnected.")
        await self._come_and_go()
        self._every(CALLS, self._take_in_calls, "samples of calls")
        self._every(TENDING, self._alerting.reconsider, "alerts that are held")
        self._every(VENDORS, self._ask_vendors, "status pages")
        self._every(SAVING, self.save, "what was learnt")
        if self._others:
            self._every(OTHERS, self.look_around, "samples of other processes")

    async def stop(self) -> None:
        tasks = [*self._tasks, *(task for _, task in self._probing.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self._probing.clear()
        self._judged.clear()
        self._alerting.cut_off(None)
        with contextlib.suppress(SignalboxError):
            await self._flush()
            await self.save()

    def taken(self, sample: Sample) -> None:
        """A sample of a real call; gathered and judged within a second. Never blocks."""
        self._calls.taken(sample)

    def trouble(self) -> str:
        """Why this watch cannot be relied on, in a sentence; empty while every account is judged in its time. Asked from outside, now and then."""
        if not self._tasks or any(task.done() for task in self._tasks):
            return "The monitor is not running."
        now, patience = self._clock.now(), timedelta(seconds=4 * self._interval + UNHEARD)
        for key, at in self._judged.items():
            if at > now:  # the clock was set back
                self._judged[key] = now
        late = sorted(key for key, at in self._judged.items() if now - at > patience)
        return f"{len(late)} of {len(self._judged)} accounts were not checked in time, {late[0][0]} among them." if late else ""

    async def save(self) -> None:
        """What the detectors have learnt, for the next start."""
        keys = self._learning.keys()
        for first in range(0, len(keys), SAVED_AT_ONCE):
            async with self._judging:
                if events := self._learning.unsaved(keys[first : first + SAVED_AT_ONCE]):
                    await self._store.ledger.record(*events)
                    self._learning.saved(events)

    # --- going on for ever

    def _every(self, seconds: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        async def for_ever() -> None:
            while True:
                await self._clock.sleep(seconds)
                await self._surely(work(), name)

        self._spawn(for_ever(), name)

    def _spawn(self, coroutine: Coroutine[None, None, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(coroutine, name=name))

    @staticmethod
    async def _surely(work: Awaitable[None], name: str) -> None:
        """Nothing that fails ends the watch."""
        try:
            await work
        except SignalboxError as error:
            log.warning("%s: %s", name, error)
        except Exception:
            log.exception("%s failed", name)

    # --- accounts

    async def _come_and_go(self) -> None:
        """Accounts are connected and disconnected while the house runs: each that is there now is probed, and no other."""
        accounts = {(account.service, account.name): account for account in self._connections.accounts()}
        wanted = {key: account for key, account in accounts.items() if account.probed and account.mode != "off"}
        for key, (account, task) in list(self._probing.items()):
            if wanted.get(key) != account:
                task.cancel()
                del self._probing[key]
                self._judged.pop(key, None)
                self._recent.pop(key, None)
                # Another address, or none: what was measured before says nothing about it.
                if forgotten := self._learning.forget(*key, self._clock.now()):
                    await self._store.ledger.record(*forgotten)
            if key not in accounts:
                await self._alerting.farewell(*key, "The account was disconnected.")
        for key, account in wanted.items():
            if key not in self._probing:
                self._judged[key] = self._clock.now()
                self._probing[key] = account, asyncio.create_task(self._probe_for_ever(account), name=f"probe {account.service}")

    async def _probe_for_ever(self, account: Account) -> None:
        while True:
            await self._surely(self._probe(account), f"probe of {account.service}")
            detector = self._learning.get(account.service, account.name)
            await self._clock.sleep(detector.next_probe_in(self._interval) if detector is not None else self._interval)

    async def _probe(self, account: Account) -> None:
        await self.judge([await self._connections.probe(account)])
        if (key := (account.service, account.name)) in self._probing:
            self._judged[key] = self._clock.now()

    async def _take_in_calls(self) -> None:
        await self._flush()
        await self._come_and_go()

    async def _flush(self) -> None:
        if samples := self._calls.drain():
            await self.judge(samples)

    async def look_around(self) -> None:
        """Judge what other processes' calls met since the last look, or a little before it."""
        since = self._clock.now() - timedelta(seconds=OTHERS) - LATE
        for service in {account.service for account in self._connections.accounts() if account.probed}:
            fresh = [
                sample
                for sample in await self._store.samples.recent(service, since=since, limit=MEMORY)
                if sample.source is Source.CALL and sample not in self._recent[sample.service, sample.account]
            ]
            if fresh:
                await self.judge(fresh, stored=True)

    # --- judging

    async def judge(self, samples: Sequence[Sample], *, stored: bool = False) -> None:
        """Store samples (unless they are), the states they lead to, and what follows for alerts, in one transaction."""
        async with self._judging:
            said: dict[Key, tuple[Verdict, ...]] = {}
            for sample in samples:
                key = (sample.service, sample.account)
                self._recent[key].append(sample)
                said[key] = self._learning.of(*key).observe(sample, open=self._alerting.rules_of(*key))
            states = {key: self._learning.of(*key).state for key in said}
            signals = [signal for key, verdicts in said.items() for signal in self._signals(states[key], verdicts)]
            events: list[Event] = [] if stored else [SamplesTaken(tuple(samples))]
            events += [ServiceStateSaved(state) for state in states.values()]
            self._look_at_network()
            if self._network.firing or OURS in self._alerting.rules_of(HOUSE, ""):
                signals.append(self._network.signal(self._clock.now()))
            await self._alerting.take(signals, *events, *self._network.unsaved(self._clock.now()))
            self._network.saved()

    def _signals(self, state: ServiceState, verdicts: Sequence[Verdict]) -> list[Signal]:
        at = self._clock.now()
        return [_signal(state, verdict, at) for verdict in verdicts if verdict.firing is not None]

    def _look_at_network(self) -> None:
        self._network.observe(self._learning.states(), self._topology(), self._clock.now())
        self._alerting.cut_off(self._network.held())

    async def _ask_vendors(self) -> None:
        suffering = {state.service for state in self._learning.states() if state.ever_ok and not state.sandbox and state.failures}
        open_ = {account.service for account in self._connections.accounts() if self._alerting.rules_of(account.service, account.name)}
        live = {account.service for account in self._connections.accounts() if account.mode == "live"}
        await self._vendors.look((suffering | open_) & live, suffering)


def _signal(state: ServiceState, verdict: Verdict, at: datetime) -> Signal:
    return Signal(
        rule=verdict.rule, service=state.service, account=state.account, at=at, firing=bool(verdict.firing), because=verdict.because,
        severity=verdict.severity, message=verdict.message, metric=verdict.metric, value=verdict.value, threshold=verdict.threshold,
        sandbox=state.sandbox,
    )  # fmt: skip
