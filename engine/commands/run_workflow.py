"""Run a workflow now, with inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.by_hand import event_by_hand, wanting
from engine.commands.command import Asking, Command, InputsWanted, Outcome
from engine.commands.house import House
from engine.commands.show_run import shown
from engine.errors import Conflict, Invalid, Rejected
from engine.events import Event, PostingsTouched
from engine.monitoring.alert import Alert
from engine.parties import Role
from engine.workflow.definition import Workflow, WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWorkflow(Command):
    """``inputs`` None: nothing was said of them, so a workflow that takes some asks for them in a form."""

    NAME: ClassVar[str] = "run_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow run"
    HELP: ClassVar[str] = "Run a workflow now; inputs are name=value, or a form asks for them."
    EXAMPLE: ClassVar[str] = "/flow run release version=1.4"
    BUTTON: ClassVar[str] = "wf.run"
    workflow: str
    inputs: Mapping[str, Any] | None = None

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RunWorkflow:
        # A line of a form that was left empty is an input that was not given.
        return cls(workflow=card, inputs={name: value for name, value in form.items() if value.strip()})

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.seen_workflow(self.workflow, asking)
        refuse_paused(workflow)
        asked = wanting(house, workflow) if not self.inputs and not asking.version else ()
        if asked:
            return Outcome(result=InputsWanted(workflow=workflow, inputs=asked), opens="run")
        return await start(house, asking, workflow, self.inputs or {})


def refuse_paused(workflow: Workflow) -> None:
    if workflow.state is WorkflowState.PAUSED:
        raise Rejected(f"“{workflow.name}” is paused. Let it go on first: /flow resume {workflow.name}")


async def start(house: House, asking: Asking, workflow: Workflow, inputs: Mapping[str, Any], alert: Alert | None = None) -> Outcome:
    """The run's card, where it was asked for. Raises Invalid for inputs that do not fit, each at its name."""
    run_id = run_id_of(workflow.id, asking.key)
    try:
        run = await house.runner.start(
            workflow,
            by=asking.actor.id,
            event=event_by_hand(house, workflow, inputs),
            inputs=inputs,
            run_id=run_id,
            where=asking.where,
            actor=asking.actor,
            alert=alert.id if alert else "",
        )
    except Invalid as error:
        raise Invalid(f"“{workflow.name}” was not started. {_how(workflow)}", error.problems) from error
    if run is not None:
        rows: list[Event] = [house.audit(asking, RunWorkflow.NAME, workflow.id, run.id)]
        if alert is not None:
            rows += [house.audit(asking, "start_runbook", alert.id, f"{workflow.name} {run.id}"), PostingsTouched(alert.id)]
        await house.store.ledger.record(*rows)
    run = run or await house.store.runs.get(run_id)
    if run is None:
        raise Conflict("This run is being started already. Look at /flow history in a moment.")
    return Outcome(result=await shown(house, run), tracked=True, public=True, run=run.id)


def run_id_of(workflow: str, key: str) -> str:
    """The same request always starts the same run."""
    return "run_" + hashlib.blake2b(f"{workflow}/{key}".encode("utf-8", "replace"), digest_size=13).hexdigest()


def _how(workflow: Workflow) -> str:
    needed = [f"{item.name}=…" for item in workflow.definition.trigger.inputs if item.required] or ["name=value"]
    return f"Say it like: /flow run {workflow.name} {' '.join(needed)}"
