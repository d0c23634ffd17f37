"""The gatherer: drives what triggers gather, case by case, through crashes and beside other processes that do the same.

    event ─▶ lane of its case ─▶ state read, everything that waits in the lane taken in, state saved by revision (Conflict: read again)
                                    │ enough, and the condition holds
                                    └▶ the start is written into the state first, then made, then taken out again

So an event is lost by no crash (its delivery is handled only when the state is saved) and a start is made once: two processes that see the
last two events at the same moment write one after the other, and the run's id was fixed in the state.
What is due (quiet that is over, starts that a crash left, windows that have passed) is acted on by whoever looks: every one of these is
the same run however often it is begun.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from engine.errors import Conflict, Invalid
from engine.events import Event, GatheringSaved
from engine.ports import Clock, Gathering, Gatherings, Ledger
from engine.runtime.clockwork import Clockwork
from engine.runtime.patience import patiently
from engine.runtime.starter import Decision, Starter, asleep, condition, run_id_from
from engine.workflow.definition import Json, Trigger, Workflow
from engine.workflow.gathering import LATE, Gathered, Seen, case_of, event_of, gather, last_of, value_of

log = logging.getLogger(__name__)

MOST_CASES = 10_000  # of one workflow; then the one nearest its end gives way
TOGETHER = 200  # events of a case taken in at once; fewer than the ids it remembers
LEFT_BEHIND = timedelta(seconds=10)  # a start that was written down and not made within so long is made by whoever looks
MOST_DUE = 500  # acted on in one go
ALARM = "gathered"


@dataclass(slots=True)
class _Waiting:
    workflow: Workflow
    seen: Seen
    told: asyncio.Future[Decision]


@dataclass(slots=True)
class _Lane:
    """The events of one case, in the order they arrived."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    busy: bool = False


# Run id → {"by", "event"}: a start that is written down and to be made.
_Starts: TypeAlias = "dict[str, dict[str, Any]]"


@dataclass(slots=True)
class _Taken:
    """A batch taken in: what was decided of each event, and the starts that follow."""

    state: Mapping[str, Any]
    due_at: datetime
    decisions: list[Decision] = field(default_factory=list)
    starts: _Starts = field(default_factory=dict)
    changed: bool = False


class Gatherer:
    """``known`` gives the workflow of an id as it is now, None when it is gone."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        gatherings: Gatherings,
        starter: Starter,
        clock: Clock,
        known: Callable[[str], Workflow | None],
        clockwork: Clockwork | None = None,
        most_cases: int = MOST_CASES,
    ) -> None:
        self._ledger = ledger
        self._gatherings = gatherings
        self._starter = starter
        self._clock = clock
        self._known = known
        self._clockwork = clockwork
        self._most = most_cases
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._counts: dict[str, int] = {}
        self._alarm_at: datetime | None = None

    async def take(self, workflow: Workflow, seen: Seen) -> Decision:
        """Durable on return: the event is part of its case, and what it completed is started."""
        try:
            key = case_of(workflow.definition.trigger, seen)
        except Invalid as error:
            return await self._starter.refuse(workflow, str(error))
        if key is None:
            return Decision(workflow.id, "", "it belongs to no case: what it is correlated by is missing or empty")
        lane = self._lanes.setdefault((workflow.id, key), _Lane())
        told: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        lane.waiting.append(_Waiting(workflow, seen, told))
        if not lane.busy:
            lane.busy = True
            await self._empty((workflow.id, key), lane)
        return await told

    async def act(self) -> None:
        """Everything that is due. Called by the alarm and by the beat; calling it more often changes nothing."""
        while due := await self._gatherings.due(self._clock.now(), limit=MOST_DUE):
            await asyncio.gather(*(self._due(case) for case in due))
            if len(due) < MOST_DUE:
                break
        self._alarm_at = None
        if (following := await self._gatherings.next_due()) is not None:
            self._wake(following)

    # --- taking in

    async def _empty(self, place: tuple[str, str], lane: _Lane) -> None:
        try:
            while lane.waiting:
                batch = [lane.waiting.popleft() for _ in range(min(TOGETHER, len(lane.waiting)))]
                try:
                    decisions = await self._together(place[1], batch)
                except BaseException as error:
                    _fail(batch, error)
                    if not isinstance(error, Exception):
                        raise
                    continue
                for waiting, decision in zip(batch, decisions, strict=True):
                    if not waiting.told.done():
                        waiting.told.set_result(decision)
        finally:
            _fail(lane.waiting, asyncio.CancelledError())
            self._lanes.pop(place, None)

    async def _together(self, key: str, batch: Sequence[_Waiting]) -> list[Decision]:
        workflow = batch[-1].workflow
        while True:
            stored = await patiently(self._clock, partial(self._gatherings.get, workflow.id, key))
            taken = await self._taken(stored, batch)
            if not taken.changed:
                return taken.decisions
            room = await self._room(workflow) if stored is None else ()
            try:
                await self._save(workflow.id, key, taken.state, taken.due_at, stored.revision if stored else 0, *room)
            except Conflict:
                continue  # another process took in events of this case in the same moment
            self._counts[workflow.id] = self._counts.get(workflow.id, 0) + (stored is None) - len(room)
            self._wake(taken.due_at)
            made = await self._make(workflow, key, taken.starts)
            return [made.get(decision.run, decision) for decision in taken.decisions]

    async def _taken(self, stored: Gathering | None, batch: Sequence[_Waiting]) -> _Taken:
        now = self._clock.now()
        starts = _starts(stored.state) if stored else {}
        taken = _Taken(_plain(stored.state) if stored else {}, stored.due_at if stored else now)
        for waiting in batch:
            await self._one(taken, waiting, now)
        if taken.starts:
            taken.due_at = now + LEFT_BEHIND
        if starts or taken.starts:
            taken.state = {**taken.state, "starts": {**starts, **taken.starts}}
        return taken

    async def _one(self, taken: _Taken, waiting: _Waiting, now: datetime) -> None:
        workflow, trigger = waiting.workflow, waiting.workflow.definition.trigger
        try:
            done = gather(trigger, taken.state, waiting.seen, now)
            decision = _decided(workflow, trigger, done)
        except Invalid as error:
            taken.decisions.append(await self._starter.refuse(workflow, str(error)))
            return
        taken.decisions.append(decision)
        after = done.spent if decision.run else done.state
        taken.changed = taken.changed or after is not taken.state
        if after is not taken.state:
            taken.state, taken.due_at = after, done.due_at
        if decision.run:
            taken.starts[decision.run] = {"by": f"event:{done.events[-1].name}", "event": event_of(trigger, done.events)}

    async def _make(self, workflow: Workflow, key: str, starts: _Starts) -> dict[str, Decision]:
        """The starts that are written down, then taken out of the state again; run id → what became of it."""
        if not starts:
            return {}
        begin = partial(self._starter.begin, workflow, reason="everything it waited for has happened")
        decisions = await asyncio.gather(*(begin(run_id=run, **start) for run, start in starts.items()))
        while True:
            stored = await patiently(self._clock, partial(self._gatherings.get, workflow.id, key))
            left = _starts(stored.state) if stored else {}
            if stored is None or not left.keys() & starts.keys():
                break
            rest = {run: start for run, start in left.items() if run not in starts}
            state: dict[str, Any] = {**_plain(stored.state), **({"starts": rest} if rest else {})}
            due_at = stored.due_at if rest else self._kept_until(workflow)
            try:
                await self._save(workflow.id, key, state, due_at, stored.revision)
            except Conflict:
                continue
            break
        return dict(zip(starts, decisions, strict=True))

    # --- what is due

    async def _due(self, case: Gathering) -> None:
        """Acted on from the state that was read: what changed meanwhile is a Conflict, and due again at its own time."""
        workflow = self._known(case.workflow)
        starts, last = _starts(case.state), last_of(case.state)
        if starts and workflow is not None:
            await self._make(workflow, case.key, starts)
            return
        if last is None or workflow is None or workflow.definition.trigger.debounce is None or asleep(workflow, self._clock.now()):
            await self._forget(case)
            return
        await self._start(workflow, last)
        kept = {key: value for key, value in case.state.items() if key != "last"}
        try:
            await self._save(case.workflow, case.key, kept, self._clock.now() + LATE, case.revision)
        except Conflict:
            return

    async def _start(self, workflow: Workflow, last: Seen) -> Decision:
        """Of a debounced trigger, whose condition held when the event arrived."""
        trigger = workflow.definition.trigger
        try:
            run_id = _run_of(workflow, trigger, (last,))
        except Invalid as error:
            return await self._starter.refuse(workflow, str(error))
        reason = f"{last.name} happened, and it was quiet since"
        by = f"event:{last.name}"
        return await self._starter.begin(workflow, run_id=run_id, by=by, event=event_of(trigger, (last,)), reason=reason)

    async def _forget(self, case: Gathering) -> None:
        try:
            await self._save(case.workflow, case.key, None, case.due_at, case.revision)
        except Conflict:
            return
        self._counts[case.workflow] = self._counts.get(case.workflow, 1) - 1

    # --- storage

    async def _save(
        self, workflow: str, key: str, state: Mapping[str, Json] | None, due_at: datetime, revision: int, *beside: Event
    ) -> None:
        saved = GatheringSaved(workflow, key, state, due_at, revision + 1)
        await patiently(self._clock, partial(self._ledger.record, saved, *beside))

    def _kept_until(self, workflow: Workflow) -> datetime:
        """How long the ids of what was used are remembered."""
        return self._clock.now() + (workflow.definition.trigger.within or LATE) + LATE

    async def _room(self, workflow: Workflow) -> tuple[Event, ...]:
        """For one case more: of too many, the one whose window or quiet ends first is given up."""
        if self._counts.get(workflow.id, self._most) >= self._most:
            self._counts[workflow.id] = await patiently(self._clock, partial(self._gatherings.count, workflow.id))
        if self._counts[workflow.id] < self._most:
            return ()
        first, *_ = await patiently(self._clock, partial(self._gatherings.of, workflow.id, limit=1))
        log.warning("%s keeps %d cases already; the one nearest its end (%.60s) gives way", workflow.name, self._most, first.key)
        if (last := last_of(first.state)) is not None:
            await self._start(workflow, last)  # too early rather than never
        return (GatheringSaved(workflow.id, first.key, None, first.due_at, first.revision + 1),)

    def _wake(self, at: datetime) -> None:
        if self._clockwork is not None and (self._alarm_at is None or at < self._alarm_at):
            self._alarm_at = at
            self._clockwork.set(ALARM, at, self.act)


def _decided(workflow: Workflow, trigger: Trigger, done: Gathered) -> Decision:
    """Raises Invalid for a dedup expression that its values do not fit."""
    if not done.events:
        return Decision(workflow.id, "", done.reason)
    holds, reason = condition(workflow, event_of(trigger, done.events))
    return Decision(workflow.id, _run_of(workflow, trigger, done.events) if holds else "", reason)


def _run_of(workflow: Workflow, trigger: Trigger, events: Sequence[Seen]) -> str:
    return run_id_from(workflow.id, *(dedup_of(trigger, event_of(trigger, events)) or ("gathered", *(seen.id for seen in events))))


def dedup_of(trigger: Trigger, event: Mapping[str, Json]) -> tuple[str, ...]:
    """What a run's id is made of where the trigger has a dedup expression that finds something; else nothing. Raises Invalid as ``value_of``."""
    value = value_of(trigger.dedup, event) if trigger.dedup else None
    return () if value is None else ("dedup", trigger.dedup, value)


def _starts(state: Mapping[str, Any]) -> _Starts:
    return dict(state.get("starts", {}))


def _plain(state: Mapping[str, Json]) -> Mapping[str, Json]:
    return {key: value for key, value in state.items() if key != "starts"}


def _fail(waiting: Iterable[_Waiting], error: BaseException) -> None:
    for one in waiting:
        if one.told.done():
            continue
        if isinstance(error, Exception):
            one.told.set_exception(error)
        else:
            one.told.cancel()
