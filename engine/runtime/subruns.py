"""Runs that start runs: the ask of ``signalbox.run_workflow``, and the child's end, which answers it.

    parent's step ─ask▶ begin ─▶ child (id made of the ask's key) ─▶ … ─▶ over ─▶ told to the parent's step, once
                                    └ the step waits; that it does stands in the index of waits, beside its fact

Whatever is interrupted is found again: an ask that is repeated meets the child it started; a parent that waits for a child that is over
is told when the house starts; a child whose parent gave it up is cancelled then.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from engine.commands.naming import named
from engine.errors import Conflict, Rejected
from engine.parties import SYSTEM, Actor
from engine.ports import Answer, Call, Store
from engine.runtime.archive import Archive
from engine.runtime.driver import Driver
from engine.runtime.kinship import ENDED, awaited_child, child_id, parent_of, waits_for_end
from engine.runtime.live import Live, Order
from engine.runtime.run_news import BEGINNINGS
from engine.workflow import outcomes
from engine.workflow.definition import Json, SubRun, Workflow, WorkflowState
from engine.workflow.interventions import cancelled_facts
from engine.workflow.progress import OPEN, Run
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState

log = logging.getLogger(__name__)

DEEPEST = 8  # runs that start one another


class Starts(Protocol):
    """What is needed of the runner."""

    async def start(
        self, workflow: Workflow, *, by: str, inputs: Mapping[str, Json], run_id: str, actor: Actor | None, parent: str, alert: str
    ) -> RunRecord | None: ...
    async def retry(self, run_id: str, actor: Actor) -> RunRecord: ...


class SubRuns:
    """``begin`` is what ``signalbox.run_workflow`` does; ``recover`` is called once at start."""

    def __init__(self, store: Store, archive: Archive, driver: Driver, runner: Starts) -> None:
        self._store, self._archive, self._driver, self._runner = store, archive, driver, runner
        driver.watch(self._moved)

    # --- the ask

    async def begin(self, call: Call) -> Answer:
        """Start the child, or meet the one this ask has started before. Raises Rejected, in words, for what cannot be started."""
        run_id = child_id(call.key)
        child = await self._store.runs.get(run_id)
        if child is None:
            child = await self._start(call, run_id)
        if not waits_for_end(call.arguments):
            return Answer({"text": f"Started {child.name}.", "run": child.id, "workflow": child.workflow, "state": child.state.value})
        if child.state is RunState.FAILED and await self._told_before(call, child):
            child = await self._runner.retry(child.id, _actor(call))  # somebody had the parent go on from where it failed
        if not child.state.over:
            return Answer({"run": child.id}, pending=True)
        if child.state is not RunState.SUCCEEDED and not await self._is_construct(call):
            raise _failure(child)
        return Answer(await self._result(child))

    async def look(self, call: Call) -> Answer | None:
        """What ``begin`` gave for this very call; None when it started no run."""
        child = await self._store.runs.get(child_id(call.key))
        return None if child is None else await self.begin(call)

    async def _start(self, call: Call, run_id: str) -> RunRecord:
        workflow = await self._named(str(call.arguments.get("workflow") or ""))
        if workflow.state is not WorkflowState.ACTIVE:
            raise Rejected(f"“{workflow.name}” is {workflow.state.value}, so it was not started.")
        parent = await self._store.runs.get(call.run)
        await self._refuse_circle(workflow, parent)
        given = call.arguments.get("inputs")
        child = await self._runner.start(
            workflow, by=f"run:{call.run}", inputs=given if isinstance(given, dict) else {}, run_id=run_id,
            actor=_actor(call) if call.actor else None, parent=f"{call.run} {call.step}", alert=call.alert,
        )  # fmt: skip
        child = child or await self._store.runs.get(run_id)
        if child is None:
            raise Conflict(f"The run of “{workflow.name}” is being started already.")
        return child

    async def _named(self, said: str) -> Workflow:
        return await self._store.workflows.get(said.strip()) or named(said, await self._store.workflows.list())

    async def _refuse_circle(self, workflow: Workflow, parent: RunRecord | None) -> None:
        chain = [workflow.name]
        while parent is not None:
            chain.append(parent.name)
            if parent.workflow == workflow.id:
                raise Rejected(
                    f"“{workflow.name}” is under way further up already, so it would start itself: {' → '.join(reversed(chain))}."
                )
            if len(chain) > DEEPEST:
                raise Rejected(f"More than {DEEPEST} workflows would start one another: {' → '.join(reversed(chain))}.")
            above, _ = parent_of(parent.parent)
            parent = await self._store.runs.get(above) if above else None

    async def _told_before(self, call: Call, child: RunRecord) -> bool:
        """Whether the parent's step has failed since the child ended; then it is asked again on purpose."""
        facts = await self._store.runs.facts(call.run)
        failed = [fact.at for fact in facts if fact.step == call.step and fact.kind is FactKind.REFUSED and not fact.data.get("retry_at")]
        return bool(failed) and child.finished_at is not None and failed[-1] >= child.finished_at

    # --- the end

    def _moved(self, live: Live, before: Run, facts: Sequence[Fact]) -> None:
        if live.record.parent and live.run.over and not before.over:
            self._soon(self._tell_parent(live.record), live.record.id)
        for fact in facts:
            if fact.kind not in BEGINNINGS:
                self._look_for_orphans(live.run, before, (fact.step,) if fact.step else tuple(before.open), facts)

    def _look_for_orphans(self, run: Run, before: Run, steps: Sequence[str], facts: Sequence[Fact]) -> None:
        for step in steps:
            if (child := awaited_child(run.progress(step))) and _given_up(before, run, step):
                self._soon(self._give_up(child, _compensating(facts)), child)

    async def _tell_parent(self, child: RunRecord) -> None:
        run_id, step = parent_of(child.parent)
        build = partial(self._told, step=step, child=child, result=await self._result(child))
        await self._driver.deliver(run_id, Order(build))

    def _told(self, run: Run, now: datetime, *, step: str, child: RunRecord, result: Json) -> tuple[Fact, ...]:
        """The answer of the parent's step, if it (still) waits for this child."""
        before = run.progress(step)
        if run.over or before.state not in OPEN or awaited_child(before) != child.id:
            return ()
        if child.state is RunState.SUCCEEDED:
            return outcomes.late_answer(run, now, step, result, child.name)
        if before.state not in (StepState.ASKED, StepState.WAITING):
            return ()  # it is put to the child once more, and then hears the same
        if isinstance(run.place(step).step.does, SubRun):
            return outcomes.answered(run, now, step, result)  # which says that the child failed, and what it gave all the same
        return outcomes.failed(run, now, step, _failure(child), lambda rule, tries, wanted: 0.0)

    async def _result(self, child: RunRecord) -> Json:
        """What the parent's step gives, however the child ended."""
        run = (await self._archive.read(child.id)).run
        outputs: dict[str, Json] = {
            id: run.progress(id).output for id in run.outline.main.places if run.progress(id).state is StepState.SUCCEEDED
        }
        result: dict[str, Json] = {"run": child.id, "state": child.state.value, "outputs": outputs}
        return result if child.state is RunState.SUCCEEDED else {**result, "error": child.error}

    async def _is_construct(self, call: Call) -> bool:
        """Whether the definition says run_workflow as a construct: the kernel then reads from the answer how the child ended."""
        return isinstance((await self._archive.read(call.run)).run.place(call.step).step.does, SubRun)

    # --- given up, and after a restart

    async def _give_up(self, child: str, compensate: bool = True) -> None:
        """The parent does not wait any more: it was cancelled, its time was up, or somebody passed over the step."""
        record = await self._store.runs.get(child)
        if record is not None and not record.state.over:
            why = f"Run {parent_of(record.parent)[0]}, which started it, does not wait for it any more."
            await self._driver.command(child, lambda run, now: cancelled_facts(run, now, why, compensate=compensate))

    async def recover(self, unfinished: Sequence[RunRecord]) -> None:
        """Parents whose child ended unheard, and children whose parent has given them up."""
        going = {run.id for run in unfinished}
        awaited = {event.removeprefix(ENDED) for event in await self._store.waits.events() if event.startswith(ENDED)}
        for child in awaited - going:
            record = await self._store.runs.get(child)
            if record is not None and record.state.over:
                self._soon(self._tell_parent(record), child)
        for run in unfinished:
            if run.parent and run.id not in awaited:
                self._soon(self._look_after(run), run.id)

    async def _look_after(self, child: RunRecord) -> None:
        parent, step = parent_of(child.parent)
        run = (await self._archive.read(parent)).run
        before = run.progress(step)
        if awaited_child(before) == child.id and (run.ended(step) or before.state not in OPEN):
            await self._give_up(child.id)

    def _soon(self, work: Coroutine[Any, Any, None], run_id: str) -> None:
        self._driver.spawn(self._quietly(work, run_id))

    async def _quietly(self, work: Awaitable[None], run_id: str) -> None:
        """What comes too late (a parent that is over or gone) changes nothing and is no fault."""
        try:
            await work
        except Rejected as error:
            log.info("Run %s was told nothing: %s", run_id, error)


def _failure(child: RunRecord) -> Rejected:
    why = f": {child.error}" if child.error else "."
    return Rejected(f"Run {child.id} of “{child.name}” {'was cancelled' if child.state is RunState.CANCELLED else 'failed'}{why}")


def _given_up(before: Run, after: Run, step: str) -> bool:
    """Whether the step waited for its child and, without its answer, waits no more; or began to wait in a run that is over."""
    was, now = before.open.get(step), after.open.get(step)
    if after.progress(step).state is StepState.SUCCEEDED:
        return False
    if after.ended(step):
        return was in (StepState.WAITING, StepState.ASKED) or now is StepState.WAITING
    return was is StepState.WAITING and now is None


def _compensating(facts: Sequence[Fact]) -> bool:
    return not any(fact.kind is FactKind.CANCELLED and fact.data.get("compensate") is False for fact in facts)


def _actor(call: Call) -> Actor:
    face, _, user = call.actor.partition(":")
    return Actor(face, user, user) if user else SYSTEM
