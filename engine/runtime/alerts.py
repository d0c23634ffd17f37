"""The one door by which the house makes and changes alerts: signals in, alerts, postings and audit out, in one transaction.

    take(signals) ─▶ heard (``life``: opens, reopens, worsens, ends …) ─▶ the pipeline for what begins ─▶ record ─▶ the book
                                                    ▲                                                    │ Conflict: a person was faster,
                                                    └──────────────── read again ◀───────────────────────┘ judged anew from what they did
    reconsider() ─▶ what is quiet is looked at again; what has an end and was not renewed is over

Takes that come in while one is recorded share the next transaction. The leader of an incident is changed with each of its members, so that
its revision says what its card shows.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from engine.errors import Conflict, Invalid
from engine.events import AlertSaved, Elsewhere, Event, PolicySaved
from engine.monitoring import route as routing
from engine.monitoring import silence as silencing
from engine.monitoring.alert import Alert
from engine.monitoring.grouping.flapping import WINDOW, Flapping
from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from engine.monitoring.route import Route
from engine.monitoring.runbook import KIND as RUNBOOK
from engine.monitoring.signal import Signal
from engine.monitoring.silence import Silence
from engine.parties import Address
from engine.ports import Clock, Policies, Policy, Store
from engine.runtime.alert_batch import Around, Batch
from engine.runtime.alert_book import AlertBook

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_FLAPPING = 10_000  # fingerprints whose comings and goings are remembered
MOST_TOGETHER = 200  # takes in one transaction
MOST_RECALLED = 200  # alerts whose audit is read at a start
TRIES = 5  # times that people may be faster before a batch is given up
PRUNED = timedelta(minutes=10)  # between two looks at what is past


class Alerting:
    """Fulfils ``ports.Signals``. ``addresses``: where alerts go that no route names; ``topology``: who needs whom, as it is known now.
    ``shared``: other processes make alerts in the same database.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        addresses: Callable[[], Sequence[Address]],
        topology: Callable[[], Topology] = lambda: NOTHING_KNOWN,
        shared: bool = False,
    ) -> None:
        self._store, self._clock, self._addresses = store, clock, addresses
        self._topology, self._shared = topology, shared
        self._book = AlertBook(store.alerts)
        self._policies = _Policies(store.policies)
        self._flapping: OrderedDict[str, Flapping] = OrderedDict()
        self._cut_off: Mapping[tuple[str, str], str] | None = None  # None: another process watches our network, or none does
        self._turn = asyncio.Lock()
        self._looked = 0  # quiet alerts looked at again so far, in this round
        self._waiting: list[_Entry] = []
        self._draining: asyncio.Task[None] | None = None
        self._pruned: datetime | None = None
        store.ledger.listen(self._heard)

    async def take(self, signals: Sequence[Signal], *also: Event) -> tuple[Alert, ...]:
        """What the signals change, recorded in one transaction with ``also``; the alerts that were changed, as they are now.

        The same signal twice changes nothing. Raises Conflict when ``also`` is outdated and Transient when storage is busy: then nothing was
        recorded.
        """
        entry = _Entry(tuple(signals), also, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain(), name="alerts")
        return await entry.told

    async def reconsider(self) -> None:
        """Look again at the alerts nobody was told of, as the reason may be gone, and end those whose sender said until when."""
        async with self._turn:
            await self._do(self._look_again, ())
            now = self._clock.now()
            if self._pruned is None or now - self._pruned >= PRUNED:
                self._book.prune(now)
                self._pruned = now

    async def farewell(self, service: str, account: str, because: str) -> tuple[Alert, ...]:
        """Nobody measures this account any more, so its alerts are over."""
        async with self._turn:
            batch = await self._do(_at_once(lambda batch: batch.farewell(service, account, because)), ())
            return tuple(batch.changed.values())

    async def refresh(self) -> None:
        """Know the alerts as they are stored."""
        async with self._turn:
            await self._batch()

    async def incident(self, leader: str) -> Sequence[Alert]:
        """See ``ports.Signals``. A storm is thousands of rows, too many to be read with every edit of its card."""
        async with self._turn:
            await self._batch()
            return self._book.members(leader) if self._book.get(leader) is not None else []

    def rules_of(self, service: str, account: str) -> frozenset[str]:
        """By which rules the monitor has open alerts of this account, as far as is known by now; what others sent is their word alone."""
        return frozenset(alert.rule for alert in self._book.of(service, account) if alert.source == "monitor")

    def accounts(self) -> Sequence[tuple[str, str]]:
        """(service, account) that the monitor has open alerts of."""
        return self._book.accounts()

    def services_of(self, rule: str) -> frozenset[str]:
        """Services as a whole, not one account, of which the monitor has an open alert by this rule."""
        return self._book.services_of(rule)

    def leaders_of(self, service: str) -> frozenset[str]:
        """The incidents in which this service has open alerts."""
        return frozenset(alert.leader for alert in self._book.of_service(service))

    def cut_off(self, held: Mapping[tuple[str, str], str] | None) -> None:
        """(service, account) → why what begins there is not told: our own network. Ends are never held; ``reconsider`` tells what is held no more.

        None: this process does not watch the network (any more), so what was held for it stays held here.
        """
        self._cut_off = None if held is None else dict(held)

    # --- one batch

    async def _drain(self) -> None:
        """What came in while the last batch was recorded shares the next: a storm is some batches, not ten thousand commits."""
        while self._waiting:
            async with self._turn:
                entries, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
                await self._settle([entry for entry in entries if not entry.told.done()])

    async def _settle(self, entries: Sequence[_Entry]) -> None:
        """All at once; where that fails, one by one, so that what one brings along spoils nothing for the others."""
        if len(entries) > 1:
            try:
                await self._together(entries)
            except Exception:  # noqa: BLE001 - whose fault it is shows one by one
                for entry in entries:
                    await self._settle([entry])
            return
        for entry in entries:
            try:
                await self._together([entry])
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                if not entry.told.done():
                    entry.told.set_exception(error)

    async def _together(self, entries: Sequence[_Entry]) -> None:
        parts: list[Sequence[str]] = []

        async def judge(batch: Batch) -> None:
            parts.clear()
            for entry in entries:
                parts.append(await batch.take(entry.signals))

        batch = await self._do(judge, [event for entry in entries for event in entry.also])
        for entry, ids in zip(entries, parts, strict=True):
            if not entry.told.done():
                entry.told.set_result(tuple(batch.changed[id] for id in ids))

    async def _do(self, judge: Callable[[Batch], Awaitable[None]], also: Sequence[Event]) -> Batch:
        for last in (*[False] * (TRIES - 1), True):
            batch = await self._batch()
            try:
                await judge(batch)
                events = (*also, *batch.events())
                if events:
                    await self._store.ledger.record(*events)
            except BaseException as error:
                for id in batch.changed:  # it was not recorded, or nobody knows
                    self._book.doubt(id)
                if last or not isinstance(error, Conflict) or not await self._moved(batch):
                    raise
            else:
                self._begun(batch.begun)
                return batch
        raise AssertionError("unreachable: the last try returns or raises")

    async def _batch(self) -> Batch:
        now = self._clock.now()
        await self._policies.refresh()
        if await self._book.refresh(now):
            await self._recall(now)
        around = Around(
            now=now, new_id=self._new_id, topology=self._topology(), usual=tuple(self._addresses()),
            remembered=lambda fingerprint: self._flapping.get(fingerprint, Flapping()), silences=self._policies.silences,
            routes=self._policies.routes, runbooks=self._policies.runbooks, cut_off=self._cut_off,
        )  # fmt: skip
        return Batch(self._book, around)

    async def _look_again(self, batch: Batch) -> None:
        self._looked = await batch.look_again(self._looked)

    def _new_id(self, fingerprint: str, before: Alert | None) -> str:
        """Of two processes that hear of the same trouble at the same moment one is refused by the ledger, as both make the same id of it."""
        if not self._shared:
            return self._clock.new_id("alr")
        said = f"{fingerprint}\n{before.id if before is not None else ''}\n{self._clock.now():%Y-%m-%d}"
        return f"alr_{sha256(said.encode('utf-8', 'replace')).hexdigest()[:26].upper()}"

    async def _recall(self, now: datetime) -> None:
        """What came and went within the last hour, after a start: by when alerts opened and, where some were reopened, by the audit."""
        since, asked = now - WINDOW, 0
        for alert in self._book.begun_since(since):
            openings = [alert.opened_at]
            if alert.reopened and asked < MOST_RECALLED:
                asked += 1
                openings = [row.at for row in await self._store.audit.list(subject=alert.id) if row.verb in ("open", "reopen")]
            flapping = self._flapping.get(alert.fingerprint, Flapping())
            for at in openings:
                flapping = flapping.opened(at) if at >= since and at not in flapping.openings else flapping
            self._flapping[alert.fingerprint] = flapping

    async def _moved(self, batch: Batch) -> bool:
        """Whether any alert of the batch was changed by somebody else; otherwise what was recorded with it is outdated."""
        for id, revision in batch.stored.items():
            alert = await self._store.alerts.get(id)
            if (alert.revision if alert else 0) != revision:
                return True
        return False

    def _begun(self, begun: Mapping[str, datetime]) -> None:
        for fingerprint, at in begun.items():
            self._flapping[fingerprint] = self._flapping.get(fingerprint, Flapping()).opened(at)
            self._flapping.move_to_end(fingerprint)
        while len(self._flapping) > MOST_FLAPPING:
            self._flapping.popitem(last=False)

    # --- what others do

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, AlertSaved):
                known, alert = self._book.get(event.alert.id), event.alert
                if alert.open and alert.reopened > (known.reopened if known is not None else -1):
                    self._begun({alert.fingerprint: alert.updated_at})  # by a person, or by another process
                self._book.put(alert)
            elif isinstance(event, PolicySaved):
                self._policies.doubt()
            elif isinstance(event, Elsewhere) and event.noun == "alert":
                self._book.doubt(event.id)
            elif isinstance(event, Elsewhere) and event.noun == "policy":
                self._policies.doubt()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One ``take`` that waits for its turn."""

    signals: tuple[Signal, ...]
    also: tuple[Event, ...]
    told: asyncio.Future[tuple[Alert, ...]]


def _at_once(judge: Callable[[Batch], None]) -> Callable[[Batch], Awaitable[None]]:
    async def judged(batch: Batch) -> None:
        judge(batch)

    return judged


class _Policies:
    """Silences and routes, read again when somebody changed them."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._doubtful = True
        self.silences: tuple[Silence, ...] = ()
        self.routes: tuple[Route, ...] = ()
        self.runbooks: Mapping[str, str] = {}

    def doubt(self) -> None:
        self._doubtful = True

    async def refresh(self) -> None:
        if not self._doubtful:
            return
        self._doubtful = False
        try:
            silences, routes = await self._policies.of(silencing.KIND), await self._policies.of(routing.KIND)
            runbooks = await self._policies.of(RUNBOOK)
        except BaseException:
            self._doubtful = True
            raise
        self.silences = tuple(_readable(silences, lambda one: silencing.silence_of(one.id, one.body, one.revision)))
        self.routes = tuple(_readable(routes, lambda one: routing.route_of(one.id, one.body)))
        self.runbooks = {one.id: str(one.body.get("page", "")) for one in runbooks}


def _readable(policies: Sequence[Policy], read: Callable[[Policy], T]) -> Iterator[T]:
    """One that cannot be read holds nothing and keeps none of the others from counting."""
    for policy in policies:
        try:
            yield read(policy)
        except Invalid as error:
            log.warning("A policy is left out: %s", error)
