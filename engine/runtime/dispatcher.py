"""The dispatcher: what happened outside (and inside) becomes runs of the workflows that wait for it, each happening once.

    hook ─▶ accept: Received is durable, only then is its sender answered ─▶ dispatch ─▶ Handled
    ledger (alerts, health, failed runs) ─▶ signalbox.* happening ─▶ accept ────┘
                                                                                │ who waits? paused? chain too deep? condition?
                                                                                ├▶ a run: run_<workflow>_<hash of the delivery, or of its dedup value>
                                                                                ├▶ gathered with others, or until it is quiet (``gatherer``)
                                                                                └▶ offered to steps that wait for it (``waiting``)

A run's id comes from the delivery and the workflow, so whatever is taken up again after a crash starts nothing twice. Deliveries are handled side
by side, so that a thousand at once share a few commits; those of one case are taken in in the order they arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from engine.errors import Conflict, Invalid, SignalboxError
from engine.events import AlertSaved, Elsewhere, Event, Handled, Happening, Received, RunMoved, RunStarted, ServiceStateSaved, WorkflowSaved
from engine.ports import Alerts, Clock, Gatherings, Inbox, Ledger, Runner, Runs, Samples, Waits, Workflows
from engine.runtime.clockwork import Clockwork
from engine.runtime.deliveries import PREFIX, key_of, read, write
from engine.runtime.gatherer import Gatherer, dedup_of
from engine.runtime.house_news import ANOMALY, alert_of, depth_of, foreseen, of_alert, of_anomaly, of_failure, of_health
from engine.runtime.patience import patiently
from engine.runtime.retelling import Retold
from engine.runtime.starter import Decision, Starter, asleep, condition, run_id_from
from engine.runtime.waiting import WaitingSteps
from engine.workflow.definition import Definition, Trigger, TriggerType, Wait, Workflow, WorkflowState
from engine.workflow.gathering import Seen, event_of, gathers
from engine.workflow.run import RunRecord, RunState
from engine.workflow.wished import Wished, wished

log = logging.getLogger(__name__)

DEEPEST = 3  # a workflow started by a failed run, whose own run fails, starts another …: so many times, then no more
LOOK_BACK = timedelta(hours=1)  # news of the house itself that a crash may have cut off is offered again
AT_ONCE = 128  # deliveries handled side by side
LEFT_BEHIND = timedelta(seconds=30)  # a delivery that nobody handled for so long was left by a process that is gone
MOST_TRIES = 3  # of one that fails here; it is taken up again at the next start

__all__ = ["DEEPEST", "Decision", "Dispatcher"]


class Dispatcher:
    """``start`` once (it also takes up what a crash left), ``stop`` at the end. ``shared``: other processes run on the same database."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        inbox: Inbox,
        workflows: Workflows,
        runs: Runs,
        alerts: Alerts,
        samples: Samples,
        waits: Waits,
        gatherings: Gatherings,
        runner: Runner,
        clock: Clock,
        clockwork: Clockwork | None = None,
        shared: bool = False,
    ) -> None:
        self._ledger = ledger
        self._inbox = inbox
        self._workflows = workflows
        self._runs = runs
        self._alerts = alerts
        self._samples = samples
        self._clock = clock
        self._started = False
        self._known: dict[str, Workflow] = {}
        self._waiting_for: dict[str, set[str]] = defaultdict(set)
        self._statuses: dict[tuple[str, str], str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._in_hand: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._starter = Starter(ledger=ledger, runner=runner, clock=clock)
        self._gatherer = Gatherer(
            ledger=ledger, gatherings=gatherings, starter=self._starter, clock=clock, known=self._known.get, clockwork=clockwork
        )
        self._steps = WaitingSteps(
            waits=waits, runs=runs, runner=runner, inbox=inbox, clock=clock, spawn=self._spawn, shared=shared
        )  # fmt: skip

    async def start(self) -> None:
        self._started = True
        self._ledger.listen(self._heard)
        for workflow in await self._workflows.list():
            self._index(workflow)
        for key, payload in await self._inbox.unhandled():
            if key.startswith(PREFIX):
                self._take_up(key, read(payload))
        await self._steps.start()
        await self._offer_again()

    async def stop(self) -> None:
        """What is under way is cut off; it is taken up at the next start."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Until everything accepted so far has been acted on."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self, happenings: Sequence[Happening]) -> int:
        """Durable on return, acted on soon after. Gives how many deliveries were new; a known one is taken for a repetition."""
        deliveries: dict[str, list[Happening]] = defaultdict(list)
        for happening in happenings:
            deliveries[key_of(happening)].append(happening)
        taken = await asyncio.gather(*(self._accept(key, together) for key, together in deliveries.items()))
        return sum(taken)

    async def wanted(self, event: str) -> bool:
        """Whether anybody waits for ``service.event``: a workflow to be started, one with a step that will wait for it, or a step that waits now."""
        known = self._known.values() if self._started else await self._workflows.list()
        return any(event in _mentioned(flow.definition) for flow in known) or bool(await self._steps.waiting_for(event))

    async def tell(self, happenings: Sequence[Happening], *, by_run: str = "") -> int:
        """What the house itself brought about or overheard, in its sandbox and its chats: durable on return where anybody wants it, else not
        written down. ``by_run``: the run whose step brought it about; runs that set each other off in a circle are stopped after ``DEEPEST``.

        Gives how many of them were wanted.
        """
        wanted = [one for one in happenings if await self.wanted(f"{one.service}.{one.event}")]
        depth = await self._depth_behind(by_run) + 1 if wanted and by_run else 0
        for one in wanted:
            deep = replace(one, data={**one.data, "depth": depth}) if depth else one
            await (self.accept([deep]) if self._started else self._leave(deep))
        return len(wanted)

    async def _leave(self, happening: Happening) -> None:
        """For a process that does not dispatch: one that does finds it (``LEFT_BEHIND``)."""
        with contextlib.suppress(Conflict):  # it is there already
            await self._ledger.record(Received(key_of(happening), self._clock.now(), write([happening])))

    async def _depth_behind(self, run_id: str) -> int:
        """How many runs set each other off before this one; what a step starts counts as its run's."""
        for _ in range(DEEPEST + 1):
            record, facts = await self._runs.get(run_id), await self._runs.facts(run_id)
            depth = depth_of(facts[0].data.get("event") if facts else None)
            if depth or record is None or not record.parent:
                return depth
            run_id = record.parent.partition(" ")[0]
        return 0

    async def take(self, happenings: Sequence[Happening], *beside: Event) -> None:
        """Like ``accept``, in one commit with what ``beside`` says. Raises Conflict when any of it is known or outdated: then nothing was taken."""
        deliveries: dict[str, list[Happening]] = defaultdict(list)
        for happening in happenings:
            deliveries[key_of(happening)].append(happening)
        now = self._clock.now()
        for key in deliveries:
            self._in_hand[key] += 1
        try:
            await self._ledger.record(*(Received(key, now, write(together)) for key, together in deliveries.items()), *beside)
        except BaseException:
            for key in deliveries:
                self._let_go(key)
            raise
        for key, together in deliveries.items():
            self._spawn(self._handle(key, together, again=False))

    async def wishes(self) -> Mapping[str, tuple[Wished, ...]]:
        """By "service.event", of everything that an active workflow or a waiting step waits for: what they ask of it."""
        found: dict[str, list[Wished]] = defaultdict(list)
        now = self._clock.now()
        for workflow in self._known.values():
            if not asleep(workflow, now):
                for name, wish in wished(workflow.definition):
                    found[name].append(wish)
        for name in await self._steps.awaited():
            found[name] = found[name] or [Wished()]
        return {name: tuple(dict.fromkeys(wishes)) for name, wishes in found.items()}

    async def dispatch(self, happening: Happening, *, again: bool = False) -> tuple[Decision, ...]:
        """One decision per workflow that waits for such a happening. Waits for storage as long as it takes.

        ``again``: it may have been dispatched before, which starts nothing twice.
        """
        name = f"{happening.service}.{happening.event}"
        places = await self._steps.waiting_for(name)
        waiting = sorted(self._waiting_for.get(name, ()))
        decisions = (self._decide(self._known[workflow], happening) for workflow in waiting)
        offered = (self._steps.offer(happening, places, again=again),) if places else ()
        together: list[Any] = await asyncio.gather(*decisions, *offered)
        return tuple(together[: len(waiting)])

    async def look(self) -> None:
        """What is due of what was gathered, and deliveries that were left behind. For the one process that may look after all of them."""
        await self._gatherer.act()
        await self._steps.look_around()
        long_ago = self._clock.now() - LEFT_BEHIND
        for key, payload in await self._inbox.unhandled():
            if key.startswith(PREFIX) and not self._in_hand[key] and self._failed[key] < MOST_TRIES:
                happenings = read(payload)
                if all(happening.at < long_ago for happening in happenings):
                    self._take_up(key, happenings)

    # --- one delivery

    async def _accept(self, key: str, happenings: list[Happening]) -> bool:
        self._in_hand[key] += 1
        try:
            await self._ledger.record(Received(key, self._clock.now(), write(happenings)))
        except BaseException as error:
            self._let_go(key)
            if isinstance(error, Conflict):
                return False
            raise
        self._spawn(self._handle(key, happenings, again=False))
        return True

    def _take_up(self, key: str, happenings: Sequence[Happening]) -> None:
        self._in_hand[key] += 1
        self._spawn(self._handle(key, happenings, again=True))

    async def _handle(self, key: str, happenings: Sequence[Happening], *, again: bool) -> None:
        try:
            async with self._places:
                await asyncio.gather(*(self.dispatch(happening, again=again) for happening in happenings))
                await patiently(self._clock, partial(self._ledger.record, Handled(key)))
        except Exception:
            self._failed[key] += 1
            raise
        finally:
            self._let_go(key)

    def _let_go(self, key: str) -> None:
        self._in_hand[key] -= 1
        if not self._in_hand[key]:
            del self._in_hand[key]

    async def _decide(self, workflow: Workflow, happening: Happening) -> Decision:
        name, trigger = f"{happening.service}.{happening.event}", workflow.definition.trigger
        seen = Seen(name, identity(happening), happening.at, happening.data)
        event = event_of(trigger, (seen,))
        if reason := self._why_not(workflow, happening):
            log.info("%s does not start for %s: %s", workflow.name, name, reason)
            return Decision(workflow.id, "", reason)
        if (depth := depth_of(happening.data)) > DEEPEST:
            chain = "failed runs that start each other" if happening.service == "signalbox" else "runs that set each other off"
            return await self._starter.refuse(workflow, f"It would be run number {depth} in a chain of {chain}; {DEEPEST} are allowed.")
        if gathers(trigger):
            return await self._gatherer.take(workflow, seen)
        try:
            dedup = dedup_of(trigger, event)
        except Invalid as error:
            return await self._starter.refuse(workflow, str(error))
        run_id = run_id_from(workflow.id, *dedup) if dedup else run_id_of(workflow.id, happening)
        return await self._starter.begin(
            workflow, run_id=run_id, by=f"event:{name}", event=event, reason=f"{name} happened", alert=alert_of(happening)
        )

    def _why_not(self, workflow: Workflow, happening: Happening) -> str:
        """The reason why this workflow does not start, so far as it does not depend on further events; empty when it does."""
        trigger = workflow.definition.trigger
        if asleep(workflow, self._clock.now()):
            return "it is paused"
        if happening.at < workflow.created_at:
            return "it was made after this happened"
        if trigger.type is TriggerType.AI_PREDICTED and (reason := foreseen(trigger, happening.data)):
            return reason
        if trigger.all or trigger.sequence:
            return ""  # its condition is about all of them
        seen = Seen(f"{happening.service}.{happening.event}", "", happening.at, happening.data)
        holds, reason = condition(workflow, event_of(trigger, (seen,)))
        return "" if holds else reason

    # --- which workflow waits for what

    def _index(self, workflow: Workflow) -> None:
        if (before := self._known.pop(workflow.id, None)) is not None:
            for name in _awaited(before.definition.trigger):
                self._waiting_for[name].discard(before.id)
        if workflow.state is WorkflowState.DELETED:
            return
        self._known[workflow.id] = workflow
        for name in _awaited(workflow.definition.trigger):
            self._waiting_for[name].add(workflow.id)

    def _heard(self, events: Sequence[Event]) -> None:
        self._steps.heard(events)
        if isinstance(events, Retold):
            return  # whoever wrote it tells it; what we keep of it we read by ourselves
        for event in events:
            if isinstance(event, WorkflowSaved):
                self._index(event.workflow)
            elif isinstance(event, AlertSaved):
                self._offer(of_alert(event.alert))
                self._offer(of_anomaly(event.alert))
            elif isinstance(event, ServiceStateSaved):
                self._offer(self._of_state(event))
            elif isinstance(event, (RunMoved, RunStarted)) and event.run is not None and event.run.state is RunState.FAILED:
                self._spawn(self._tell_failure(event.run))
            elif isinstance(event, Elsewhere) and event.noun in ("workflow", "service_state"):
                self._spawn(self._read_again(event))

    async def _read_again(self, news: Elsewhere) -> None:
        if news.noun == "service_state":
            await self._read_statuses()
        elif (workflow := await patiently(self._clock, partial(self._workflows.get, news.id))) is not None:
            known = self._known.get(workflow.id)
            if known is None or known.revision < workflow.revision:
                self._index(workflow)

    # --- news of the house itself

    def _offer(self, happening: Happening | None) -> None:
        if happening is not None:
            self._spawn(self._tell(happening))

    async def _tell(self, happening: Happening) -> None:
        if await self._anybody(f"{happening.service}.{happening.event}"):
            await patiently(self._clock, partial(self.accept, [happening]))

    async def _tell_failure(self, record: RunRecord) -> None:
        if await self._anybody("signalbox.run_failed"):
            facts = await patiently(self._clock, partial(self._runs.facts, record.id))
            await patiently(self._clock, partial(self.accept, [of_failure(record, facts, self._clock.now())]))

    async def _anybody(self, name: str) -> bool:
        """News that nobody waits for are not written down."""
        return bool(self._waiting_for.get(name) or await self._steps.waiting_for(name))

    def _of_state(self, event: ServiceStateSaved) -> Happening | None:
        state = event.state
        key = (state.service, state.account)
        before, self._statuses[key] = self._statuses.get(key, "unknown"), state.status
        if before == state.status or state.since is None:
            return None
        return of_health(state, before)

    async def _read_statuses(self) -> None:
        for state in await patiently(self._clock, self._samples.states):
            self._statuses[state.service, state.account] = state.status

    async def _offer_again(self) -> None:
        """News of the last hour that a crash may have cut off between its record and its delivery; what was told is not told twice."""
        since = self._clock.now() - LOOK_BACK
        for record in await self._runs.list(since=since, outcome=RunState.FAILED.value, limit=500):
            self._spawn(self._tell_failure(record))
        for alert in await self._alerts.list(limit=500):
            if alert.updated_at >= since:
                self._offer(of_alert(alert))
                self._offer(of_anomaly(alert))
        await self._read_statuses()

    # --- tasks

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            known = isinstance(error, SignalboxError)
            log.error("A happening could not be acted on; it is taken up again later: %s", error, exc_info=None if known else error)


def run_id_of(workflow: str, happening: Happening) -> str:
    """``run_<workflow>_<16 hex digits>``: the same for every repetition of a delivery."""
    return run_id_from(workflow, *identity_of(happening))


def identity_of(happening: Happening) -> tuple[str, ...]:
    """What makes two deliveries the same happening."""
    return happening.service, happening.account, happening.id, happening.event


def identity(happening: Happening) -> str:
    """The same in 12 hex digits, to be remembered."""
    return sha256("\n".join(identity_of(happening)).encode("utf-8", "replace")).hexdigest()[:12]


def _mentioned(definition: Definition) -> frozenset[str]:
    """The happenings it may start on, and those its steps will wait for."""
    return frozenset(_awaited(definition.trigger)) | {step.does.event for step in definition.every_step if isinstance(step.does, Wait)}


def _awaited(trigger: Trigger) -> tuple[str, ...]:
    """The happenings that may start it, as ``service.event``, each once."""
    if trigger.type is TriggerType.AI_PREDICTED:
        return (ANOMALY,)
    return tuple(dict.fromkeys(trigger.events)) if trigger.type in (TriggerType.EVENT_BASED, TriggerType.CROSS_SERVICE) else ()
