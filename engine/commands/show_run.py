"""Show one run: every step with its state and answer, what it belongs to, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, RunShown
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.commands.run_steps import amendable, in_definition, passable, round_of
from engine.commands.running import meant
from engine.commands.speaking import starter
from engine.events import PostingWanted
from engine.workflow.definition import Definition, Json
from engine.workflow.kernel import steps_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState, StepView

MOST_CHILDREN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRun(Command):
    NAME: ClassVar[str] = "show_run"
    HELP: ClassVar[str] = "Show one run, step by step."
    EXAMPLE: ClassVar[str] = "/flow show run_01J9ZQ4M3W5T8Y1X2C3V4B5N6M"
    BUTTON: ClassVar[str] = "run.show"
    run: str = ""
    workflow: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ShowRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, tuple(RunState))
        return run if isinstance(run, Outcome) else Outcome(result=await shown(house, run))


async def shown(house: House, run: RunRecord) -> RunShown:
    workflow = await house.store.workflows.at_version(run.workflow, run.version)
    facts = await house.store.runs.facts(run.id)
    if workflow is None:
        return RunShown(run=run, steps=(), starter=await starter(house, run))
    definition = workflow.definition
    steps = tuple(_with_look(house, step) for step in steps_of(definition, facts, run))
    failed = run.state is RunState.FAILED
    return RunShown(
        run=run,
        steps=steps,
        starter=await starter(house, run),
        amendable=amendable(definition, steps, facts) if failed else (),
        skippable=passable(definition, steps, failed=failed) if failed or not run.state.over else (),
        inputs=inputs_of(facts),
        round=round_of(facts),
        undoable=not run.state.over and _undoable(definition, steps),
        ahead=await _ahead(house, run),
        paused_by=_paused_by(facts) if run.state is RunState.PAUSED else "",
        alert=await house.store.alerts.get(run.alert) if run.alert else None,
        parent=await house.store.runs.get(run.parent.partition(" ")[0]) if run.parent else None,
        foretold=await house.store.foretold.get(run.id),
        children=tuple((await house.store.runs.children(run.id))[-MOST_CHILDREN:]) if _starts_others(steps) else (),
    )


def inputs_of(facts: Sequence[Fact]) -> Mapping[str, Json]:
    """What the run was given, as its last retry left it."""
    said = [fact.data.get("inputs") for fact in facts if fact.kind in (FactKind.STARTED, FactKind.RETRIED)]
    return next((values for values in reversed(said) if isinstance(values, dict)), {})


def _with_look(house: House, step: StepView) -> StepView:
    service, _, operation = step.action.partition(".")
    return replace(step, looks=True) if step.state is StepState.IN_DOUBT and house.looks(service, operation) else step


def _undoable(definition: Definition, steps: Sequence[StepView]) -> bool:
    done = (in_definition(definition, step.id) for step in steps if step.state is StepState.SUCCEEDED)
    return any(step is not None and step.compensate is not None for step in done)


async def _ahead(house: House, run: RunRecord) -> int:
    if run.state is not RunState.QUEUED or not run.queue:
        return 0
    line = await house.store.runs.in_line(run.queue)
    at = next((at for at, one in enumerate(line) if one.id == run.id), 0)
    return sum(before < at or one.state is not RunState.QUEUED for before, one in enumerate(line) if one.id != run.id)


def _paused_by(facts: Sequence[Fact]) -> str:
    return next((str(fact.data.get("by") or fact.data.get("actor") or "") for fact in reversed(facts) if fact.kind is FactKind.PAUSED), "")


def _starts_others(steps: Sequence[StepView]) -> bool:
    return any(step.kind == "run_workflow" or step.action == "signalbox.run_workflow" for step in steps)


async def followed(house: House, asking: Asking, run: RunRecord) -> Outcome:
    """The run's card is to stand where it was asked for, and to go on changing there; if it stood there before, the asker is told."""
    stood = await seen(house, asking, run.id)
    if not stood:
        await house.store.ledger.record(PostingWanted(subject=run.id, kind="run", to=asking.where))
    note = f"“{run.name}” is {run.state.value} now; its card above shows how it goes." if stood and not asking.version else ""
    return Outcome(result=await shown(house, run), tracked=True, public=True, run=run.id, note=note)
