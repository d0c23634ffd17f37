"""One trial: a run from its beginning until nothing is left to happen, in a loop of virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.errors import SignalboxError
from engine.parties import Actor
from engine.rehearsal.script import Example, Script
from engine.rehearsal.story import FAILURES, End, Line, Trial, What
from engine.rehearsal.telling import Teller
from engine.rehearsal.wish import MOST_DAYS
from engine.runtime.rehearsal.people import People
from engine.runtime.rehearsal.stage import RUN, KnownAnswer, Means, Stage
from engine.runtime.rehearsal.virtual import Bounds, VirtualClock, VirtualLoop
from engine.workflow.definition import TriggerType, Workflow
from engine.workflow.kernel import steps_of
from engine.workflow.run import RunRecord, RunState, StepState, StepView

ENDS = {RunState.SUCCEEDED: End.SUCCEEDED, RunState.FAILED: End.FAILED, RunState.CANCELLED: End.CANCELLED}
SHOWN = 200  # lines that are kept of one trial; of more, the first and the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Everything a trial needs, as values: it is played in a thread of its own."""

    means: Means
    script: Script
    example: Example
    secrets: tuple[str, ...]
    until: float  # of perf_counter
    known: tuple[KnownAnswer, ...] = ()

    def trial(self, number: int) -> Trial:
        """Blocks until it is over. Never later than ``until``, by much."""
        bounds = Bounds(MOST_DAYS * 86_400.0, self.until)
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(bounds)) as runner:
            return runner.run(self._play(number))

    async def _play(self, number: int) -> Trial:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        bounds = loop.bounds
        wish = self.script.wish
        clock = VirtualClock(self.script.begin, f"{wish.seed}/{number}")
        cast = (wish.workflow, *wish.others)
        stage = Stage(self.means, cast, clock, clock.dice, self.secrets, loop, self.known)
        notes: list[tuple[str, str, str, float]] = []

        def note(run: str, step: str, text: str) -> None:
            notes.append((run, step, text, (clock.now() - self.script.begin).total_seconds()))

        workflows = {(flow.id, flow.version): flow for flow in cast}
        people = People(stage, workflows, wish.reply, self.example, note)
        try:
            stage.furnish(wish.faults)
            refused = await self._start(stage)
            if not refused:
                await loop.rest
            bounds.lift()
            return self._told(number, stage, people, workflows, notes, bounds.reached, refused)
        finally:
            bounds.lift()
            await stage.close()

    async def _start(self, stage: Stage) -> str:
        """Why it does not start; empty when it does."""
        script, wish = self.script, self.script.wish
        by_hand = wish.workflow.definition.trigger.type is TriggerType.MANUAL
        face, _, user = wish.by.partition(":")
        actor = Actor(face, user, user) if by_hand and user else None
        try:
            run = await stage.runner.start(wish.workflow, by=script.by, event=script.event, inputs=script.inputs, run_id=RUN, actor=actor)
        except SignalboxError as error:
            return str(error)
        return "" if run is not None else "It was started already."

    def _told(
        self,
        number: int,
        stage: Stage,
        people: People,
        workflows: Mapping[tuple[str, int], Workflow],
        notes: list[tuple[str, str, str, float]],
        reached: str,
        refused: str,
    ) -> Trial:
        record = stage.records.get(RUN)
        if refused or record is None:
            return Trial(number=number, end=End.REFUSED, why=refused)
        facts = [fact for of, fact in stage.heard if of.id == RUN]
        steps = steps_of(self.script.wish.workflow.definition, facts, record)
        lines = [
            *self._lines(stage, workflows),
            *(Line(at=round(at, 3), what=What.NOTE, step=step, text=text) for _, step, text, at in notes),
        ]
        end = ENDS.get(record.state) or (End.CUT_OFF if reached else End.WAITS)
        ended = record.finished_at or self.script.begin + timedelta(seconds=max((line.at for line in lines), default=0.0))
        return Trial(
            number=number,
            end=end,
            why=_why(end, record, steps, reached),
            seconds=round((ended - self.script.begin).total_seconds(), 3),
            asks=sum(line.what is What.ASKED for line in lines),
            failures=sum(line.what in FAILURES for line in lines),
            lines=_kept(sorted(lines, key=lambda line: line.at)),
            questions=tuple(people.questions),
            steps=steps,
        )

    def _lines(self, stage: Stage, workflows: Mapping[tuple[str, int], Workflow]) -> list[Line]:
        tellers: dict[str, Teller] = {}
        lines = []
        for record, fact in stage.heard:
            workflow = workflows.get((record.workflow, record.version))
            if workflow is None:
                continue
            teller = tellers.setdefault(record.id, Teller(workflow.definition, self.script.begin, "" if record.id == RUN else record.name))
            if (line := teller.line(fact)) is not None:
                lines.append(line)
        return lines


def _why(end: End, record: RunRecord, steps: tuple[StepView, ...], reached: str) -> str:
    if end is End.CUT_OFF:
        return reached
    if end is not End.WAITS:
        return record.error
    waiting = [step for step in steps if step.state in (StepState.WAITING, StepState.IN_DOUBT, StepState.ASKED, StepState.RETRYING)]
    return "; ".join(f"“{step.id}” {_waits(step)}" for step in waiting[:3]) or "nothing more happens by itself"


def _waits(step: StepView) -> str:
    if step.state is StepState.IN_DOUBT:
        return "is in doubt, and nobody says whether it happened"
    return f"waits for {step.waits_for}" if step.waits_for else "waits for an answer that does not come"


def _kept(lines: list[Line]) -> tuple[Line, ...]:
    if len(lines) <= SHOWN:
        return tuple(lines)
    head, tail = lines[: SHOWN - 40], lines[-39:]
    gap = Line(at=head[-1].at, what=What.NOTE, text=f"… {len(lines) - len(head) - len(tail)} lines are left out …")
    return (*head, gap, *tail)
