"""Show one run: every step with its state and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, RunShown
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.commands.speaking import starter
from engine.errors import NotFound
from engine.events import PostingWanted
from engine.workflow.kernel import steps_of
from engine.workflow.run import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRun(Command):
    NAME: ClassVar[str] = "show_run"
    HELP: ClassVar[str] = "Show one run, step by step."
    BUTTON: ClassVar[str] = "run.show"
    run: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ShowRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await shown(house, await found(house, self.run)))


async def found(house: House, run_id: str) -> RunRecord:
    """Raises NotFound."""
    run = await house.store.runs.get(run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}. /flow history lists the last ones.")
    return run


async def shown(house: House, run: RunRecord) -> RunShown:
    workflow = await house.store.workflows.at_version(run.workflow, run.version)
    facts = await house.store.runs.facts(run.id)
    steps = steps_of(workflow.definition, facts, run) if workflow else ()
    return RunShown(run=run, steps=steps, starter=await starter(house, run))


async def followed(house: House, asking: Asking, run: RunRecord) -> Outcome:
    """The run's card is to stand where it was asked for, and to go on changing there; if it stood there before, the asker is told."""
    stood = await seen(house, asking, run.id)
    if not stood:
        await house.store.ledger.record(PostingWanted(subject=run.id, kind="run", to=asking.where))
    note = f"“{run.name}” is {run.state.value} now; its card above shows how it goes." if stood and not asking.version else ""
    return Outcome(result=await shown(house, run), tracked=True, public=True, run=run.id, note=note)
