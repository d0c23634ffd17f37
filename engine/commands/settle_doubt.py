"""A step in doubt: a human says whether it happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.show_run import found, shown
from engine.errors import Conflict, NotFound
from engine.parties import Role
from engine.workflow.doubt import read_doubt_id
from engine.workflow.parse import effective_steps
from engine.workflow.run import RunRecord, StepState, StepView


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDoubt(Command):
    """``happened`` on the card: the run goes on; the other button asks the service again."""

    NAME: ClassVar[str] = "settle_doubt"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say that a step in doubt did happen: the run goes on behind it."
    BUTTON: ClassVar[str] = "dbt.happened"
    doubt: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> SettleDoubt:
        return cls(doubt=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await settle(house, asking, self.doubt, happened=True)


async def settle(house: House, asking: Asking, card: str, *, happened: bool) -> Outcome:
    """Raises Conflict when the step is not in doubt any more, or in doubt anew since the card that was pressed."""
    run, step = await doubted(house, card)
    if step.state is not StepState.IN_DOUBT:
        raise Conflict(f"This is settled already: “{step.id}” is {step.state.value.replace('_', ' ')} now. Your press changed nothing.")
    if asking.version and asking.version != step.attempts:
        raise Conflict(f"“{step.id}” was asked again since and is in doubt once more. Look there anew, then press on the new card.")
    await house.runner.decide(run.id, step.id, happened=happened, actor=asking.actor)
    verb = "doubt_happened" if happened else "doubt_did_not_happen"
    await house.store.ledger.record(house.audit(asking, verb, run.id, step.id))
    return await noted(house, asking, card, f"Noted: “{step.id}” {'happened; the run goes on' if happened else 'did not happen; it is asked again'}.")


async def doubted(house: House, card: str) -> tuple[RunRecord, StepView]:
    """The run and the step that a doubt's card is about. Raises NotFound."""
    run_id, index = read_doubt_id(card)
    run = await found(house, run_id)
    workflow = await house.store.workflows.at_version(run.workflow, run.version)
    if workflow is None:
        raise NotFound("The workflow of this run is not known here any more.")
    ids = [step.id for step in (*effective_steps(workflow.definition), *workflow.definition.options.on_failure)]
    return run, _by_id((await shown(house, run)).steps, ids[index] if index < len(ids) else "")


def _by_id(steps: Sequence[StepView], step_id: str) -> StepView:
    for step in steps:
        if step.id == step_id:
            return step
    raise NotFound("This step is not part of the run any more.")
