"""Run a workflow now, with inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.show_run import shown
from engine.errors import Conflict, Rejected
from engine.parties import Role
from engine.workflow.definition import WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWorkflow(Command):
    NAME: ClassVar[str] = "run_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow run"
    HELP: ClassVar[str] = "Run a workflow now; inputs are name=value."
    EXAMPLE: ClassVar[str] = "/flow run release version=1.4"
    BUTTON: ClassVar[str] = "wf.run"
    workflow: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RunWorkflow:
        return cls(workflow=card, inputs=form)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        if workflow.state is WorkflowState.PAUSED:
            raise Rejected(f"“{workflow.name}” is paused. /flow resume {workflow.name} first, then run it.")
        run_id = "run_" + hashlib.blake2b(f"{workflow.id}/{asking.key}".encode(), digest_size=13).hexdigest()
        run = await house.runner.start(
            workflow,
            by=asking.actor.id,
            inputs=self.inputs,
            run_id=run_id,
            where=asking.where,
            actor=asking.actor,
        )
        run = run or await house.store.runs.get(run_id)
        if run is None:
            raise Conflict("The run could not be found after it was started; look at /flow history.")
        await house.store.ledger.record(house.audit(asking, self.NAME, workflow.id, run.id))
        return Outcome(result=await shown(house, run), tracked=True, public=True, run=run.id)

