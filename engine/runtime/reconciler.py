"""The reconciler: when a service is well again, one card a place asks about what was done elsewhere meanwhile; and what was decided is seen through.

kept reroutes ─▶ its service well for two minutes? ─▶ Batch (PolicySaved) + its card, in one transaction
                 decided ─▶ the order's run: begun if a crash came between, looked at until each thing is done
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.commands.rerouted import batches, kept, place_of, settled
from engine.errors import Conflict, SignalboxError
from engine.events import DetectorSaved, Event, PolicySaved, PostingsTouched, PostingWanted, Priority, WorkflowSaved
from engine.monitoring.alert import AlertState
from engine.parties import Address
from engine.ports import Clock, Runner, Store
from engine.workflow.definition import WorkflowState
from engine.workflow.putting_right import KIND, MOST, Batch, Fate, Reroute, event_of, new_batch

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between looks
WELL_FOR = timedelta(minutes=2)  # a service that answers once is not back yet
REMEMBERED = timedelta(days=90)  # what is decided stays listed


class Reconciler:
    """``look`` is called every so often by one process of all. ``trouble(service)``: whether its breaker is open or it is shut, in this process's eyes;
    ``addresses``: where it is asked about runs that had no card.
    """

    def __init__(
        self, store: Store, runner: Runner, clock: Clock, *, trouble: Callable[[str], bool], addresses: Callable[[], Sequence[Address]], well_for: timedelta = WELL_FOR
    ) -> None:  # fmt: skip
        self._store, self._runner, self._clock, self._trouble, self._addresses = store, runner, clock, trouble, addresses
        self._well_for = well_for
        self._well_since: dict[str, datetime] = {}

    async def look(self) -> None:
        things = await kept(self._store)
        known = await batches(self._store)
        for work in (self._see_through(things, known), self._ask(things, known), self._forget(things, known)):
            try:
                await work
            except Conflict:
                log.info("what was done elsewhere was decided about at this moment; it is looked at again")
            except SignalboxError as error:
                log.warning("what was done elsewhere: %s", error)

    # --- asking

    async def _ask(self, things: Sequence[Reroute], known: Sequence[Batch]) -> None:
        asked = {stream for batch in known for stream in batch.items}
        new = [one for one in things if one.fate is Fate.OPEN and one.stream not in asked]
        now = self._clock.now()
        for service in dict.fromkeys(one.service for one in things if one.fate is Fate.OPEN):
            if not await self._well(service):
                self._well_since.pop(service, None)
            elif now - self._well_since.setdefault(service, now) >= self._well_for:
                fresh = [one for one in new if one.service == service]
                for where in dict.fromkeys(map(place_of, fresh)):
                    await self._told(service, where, [one.stream for one in fresh if place_of(one) == where], things, known)

    async def _well(self, service: str) -> bool:
        """No open alert, its checks answered, its breaker closed."""
        if self._trouble(service) or await self._store.alerts.list(
            service=service, states=(AlertState.FIRING, AlertState.ACKNOWLEDGED), limit=1
        ):
            return False
        states = [one for one in await self._store.samples.states() if one.service == service]
        return not any(one.failures or one.misconfigured for one in states)

    async def _told(self, service: str, where: str, streams: list[str], things: Sequence[Reroute], known: Sequence[Batch]) -> None:
        """What comes after the card was told is added to it while it still asks."""
        waiting = {one.stream for one in things if one.fate is Fate.OPEN}
        old = next(
            (
                one
                for one in known
                if (one.service, one.where) == (service, where)
                and waiting.intersection(one.items)
                and len(one.items) + len(streams) <= MOST
            ),
            None,
        )
        batch = old.with_(streams) if old else new_batch(service, where, streams)
        saved = PolicySaved(KIND, batch.id, batch.body, self._clock.now(), batch.revision)
        places = [Address.parse(where)] if where else list(self._addresses())
        cards: list[Event] = (
            [PostingsTouched(batch.id)] if old else [PostingWanted(batch.id, "reroutes", to, Priority.REPORT) for to in places]
        )
        await self._store.ledger.record(saved, *cards)

    # --- seeing through

    async def _see_through(self, things: Sequence[Reroute], known: Sequence[Batch]) -> None:
        orders: dict[str, list[Reroute]] = {}
        for one in things:
            if one.fate in (Fate.DOING, Fate.FAILED):
                orders.setdefault(one.order[0], []).append(one)
        for run, of_it in orders.items():
            if await self._store.runs.get(run) is None:
                await self._begin(run, of_it)
            elif changed := await settled(self._store, of_it, run):
                streams = {one.stream for one in changed}
                touched = [PostingsTouched(batch.id) for batch in known if streams.intersection(batch.items)]
                await self._store.ledger.record(*(DetectorSaved(one.stream, dict(one.body), one.at) for one in changed), *touched)
                if all(one.fate is Fate.DONE for one in changed) and len(changed) == len(of_it):
                    await self._put_away(str(changed[0].body.get("order_workflow", "")))

    async def _begin(self, run: str, things: Sequence[Reroute]) -> None:
        """Decided, and the house fell before its run began. Its id is fixed, so it begins once."""
        body: Mapping[str, object] = things[0].body
        workflow = await self._store.workflows.get(str(body.get("order_workflow", "")))
        if workflow is None or workflow.state is WorkflowState.DELETED:
            failed = [one.turned(Fate.FAILED, error="Its workflow was deleted before it began.") for one in things]
            if any(one.fate is not Fate.FAILED for one in things):
                await self._store.ledger.record(*(DetectorSaved(one.stream, dict(one.body), one.at) for one in failed))
            return
        ordered = sorted(things, key=lambda one: int(one.body.get("order_number", 0)))
        where = Address.parse(workflow.where) if workflow.where else None
        await self._runner.start(workflow, by=str(body.get("by", "")), event=event_of(ordered), run_id=run, where=where)

    async def _put_away(self, id: str) -> None:
        """The order's workflow has done its one run; it would only stand in lists."""
        workflow = await self._store.workflows.get(id)
        if workflow is not None and workflow.state is not WorkflowState.DELETED:
            gone = replace(workflow, state=WorkflowState.DELETED, revision=workflow.revision + 1, updated_at=self._clock.now())
            await self._store.ledger.record(WorkflowSaved(gone))

    async def _forget(self, things: Sequence[Reroute], known: Sequence[Batch]) -> None:
        before = self._clock.now() - REMEMBERED
        old = {one.stream for one in things if one.fate in (Fate.DONE, Fate.LEFT) and one.at < before}
        if not old:
            return
        kept_on = {one.stream for one in things} - old
        empty = [batch for batch in known if not kept_on.intersection(batch.items)]
        events: list[Event] = [DetectorSaved(stream, None, self._clock.now()) for stream in sorted(old)]
        events += [PolicySaved(KIND, batch.id, None, self._clock.now(), batch.revision + 1) for batch in empty]
        await self._store.ledger.record(*events)
