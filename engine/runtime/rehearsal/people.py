"""Who is outside of a rehearsed house: people who are asked, and services whose events are waited for. All of them answer after a minute."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.errors import SignalboxError
from engine.events import Event, Happening, RunMoved, RunStarted
from engine.parties import Actor
from engine.rehearsal.examples import bent, holds
from engine.rehearsal.story import Question
from engine.rehearsal.telling import action_of, step_of
from engine.rehearsal.wish import REACTION, Reply
from engine.runtime.rehearsal.stage import Stage
from engine.workflow import kernel
from engine.workflow.definition import Approve, Json, Wait, Workflow
from engine.workflow.outline import outline_of, split
from engine.workflow.run import Fact, FactKind, RunRecord
from engine.workflow.scope import scope_at

log = logging.getLogger(__name__)

Note = Callable[[str, str, str], None]  # run id, step, what the rehearsal has to say about it
MOST_VOTERS = 50
MOST_LOOKS = 5  # times a human looks into the same doubt


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A fact that somebody outside is to react to."""

    record: RunRecord
    workflow: Workflow
    fact: Fact


class People:
    """``questions``: what humans were asked, with what they said. ``example``: the fields of an event as the sandbox tells it."""

    def __init__(
        self,
        stage: Stage,
        workflows: Mapping[tuple[str, int], Workflow],
        reply: Reply,
        example: Callable[[str, str], Mapping[str, Json]],
        note: Note,
    ) -> None:
        self._stage, self._workflows, self._reply, self._example, self._note = stage, workflows, reply, example, note
        self._began = stage.clock.now()
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked: Counter[tuple[str, str]] = Counter()
        self.questions: list[Question] = []
        stage.listen(self._heard)

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, (RunStarted, RunMoved)):
                record = self._stage.records[event.run.id if isinstance(event, RunStarted) else event.run_id]
                workflow = self._workflows.get((record.workflow, record.version))
                if workflow is not None:
                    for fact in event.facts:
                        self._react(_Wanted(record, workflow, fact))

    def _react(self, wanted: _Wanted) -> None:
        if wanted.fact.kind is FactKind.IN_DOUBT:
            self._spawn(self._decide(wanted))
        elif wanted.fact.kind is FactKind.WAITING:
            step = step_of(wanted.workflow.definition, wanted.fact.step)
            if step is not None and isinstance(step.does, Wait):
                if step.does.event:
                    self._spawn(self._tell(wanted, step.does))
            elif action_of(wanted.workflow.definition, wanted.fact.step) == "chat.ask_approval":
                self._spawn(self._approve(wanted, step.does if step is not None and isinstance(step.does, Approve) else Approve()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Whoever comes too late (the run is over, the approval has expired) is refused, as in life."""
        try:
            await work
        except SignalboxError as error:
            log.debug("In a rehearsal somebody was refused: %s", error)

    # --- approvals

    async def _approve(self, wanted: _Wanted, asked: Approve) -> None:
        text = str(self._arguments(wanted).get("text") or "May it go on?")
        number = self._ask(wanted, "approval", "chat.ask_approval", text)
        if self._reply is Reply.NOBODY:
            self._answered(number, "nobody answers")
            return
        await self._stage.clock.sleep(self._reaction(wanted.fact))
        approved = self._reply is Reply.YES
        for voter in range(min(asked.quorum, MOST_VOTERS) if approved else 1):
            name = f"Approver {voter + 1}" if asked.quorum > 1 else "An approver"
            actor = Actor("rehearsal", f"approver{voter + 1}", name)
            await self._stage.runner.vote(wanted.record.id, wanted.fact.step, approved=approved, actor=actor, note="Said in a rehearsal.")
        self._answered(number, f"{asked.quorum} say yes" if approved and asked.quorum > 1 else self._reply.value)

    def _reaction(self, fact: Fact) -> float:
        """A minute, or half of what is left until it expires."""
        until = fact.data.get("until")
        if not until:
            return REACTION
        return min(REACTION, (datetime.fromisoformat(str(until)) - fact.at).total_seconds() / 2)

    # --- doubts

    async def _decide(self, wanted: _Wanted) -> None:
        """A human looks there, and says what is so."""
        call = self._stage.actions.calls.get(wanted.fact.key)
        action = f"{call.service}.{call.operation}" if call else action_of(wanted.workflow.definition, wanted.fact.step)
        self._looked[wanted.record.id, wanted.fact.step] += 1
        number = self._ask(wanted, "doubt", action, f"Did {action} happen?")
        if self._looked[wanted.record.id, wanted.fact.step] > MOST_LOOKS:
            self._answered(number, f"nobody looks a {MOST_LOOKS + 1}th time")
            return
        await self._stage.clock.sleep(REACTION)
        found = await self._stage.scenery.look(replace(call, asked_at=wanted.fact.at)) if call is not None else None
        await self._stage.runner.decide(
            wanted.record.id,
            wanted.fact.step,
            happened=found is not None,
            actor=Actor("rehearsal", "operator", "An operator"),
            output=found.output if found is not None else None,
        )
        self._answered(number, "it did happen" if found is not None else "it did not; it is asked again")

    # --- events

    async def _tell(self, wanted: _Wanted, wait: Wait) -> None:
        service, _, event = wait.event.partition(".")
        await self._stage.clock.sleep(self._reaction(wanted.fact))
        scope = await self._scope(wanted)
        data = bent(wait.where, self._example(service, event), scope)
        holding, why = holds(wait.where, data, scope)
        if not holding:
            self._note(wanted.record.id, wanted.fact.step, f"The example of {wait.event} is not the one that is waited for: {why}")
            return
        happening = Happening(f"rehearsed:{wanted.fact.key}", service, event, self._stage.clock.now(), data)
        await self._stage.runner.happened(wanted.record.id, wanted.fact.step, happening)

    async def _scope(self, wanted: _Wanted) -> dict[str, Any]:
        """What the run knows by now."""
        facts = await self._stage.store.runs.facts(wanted.record.id)
        run = kernel.replay(outline_of(wanted.workflow.definition), wanted.record, facts)
        _, suffix = split(wanted.fact.step)
        return scope_at(run, run.place(wanted.fact.step), suffix)

    # --- questions

    def _ask(self, wanted: _Wanted, kind: str, action: str, text: str) -> int:
        at = (wanted.fact.at - self._began).total_seconds()
        run = wanted.record.name if wanted.record.parent or wanted.record.by.startswith("run:") else ""
        self.questions.append(Question(at=round(at, 3), kind=kind, step=wanted.fact.step, action=action, text=text, run=run))
        return len(self.questions) - 1

    def _answered(self, number: int, answer: str) -> None:
        self.questions[number] = replace(self.questions[number], answer=answer)

    def _arguments(self, wanted: _Wanted) -> Mapping[str, Json]:
        call = self._stage.actions.calls.get(wanted.fact.key)
        return call.arguments if call is not None else {}
