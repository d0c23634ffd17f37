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
from engine.workflow.definition import Workflow, WorkflowState


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
            inputs=_typed(workflow, self.inputs),
            run_id=run_id,
            where=asking.where,
            actor=asking.actor,
        )
        run = run or await house.store.runs.get(run_id)
        if run is None:
            raise Conflict("The run could not be found after it was started; look at /flow history.")
        await house.store.ledger.record(house.audit(asking, self.NAME, workflow.id, run.id))
        return Outcome(result=await shown(house, run), tracked=True, public=True, run=run.id)


def _typed(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as their declared types. Raises Rejected for a missing, unknown or unfitting one. Undeclared triggers take any."""
    declared = {item.name: item for item in workflow.definition.trigger.inputs}
    if not declared:
        return dict(given)
    if unknown := set(given) - set(declared):
        raise Rejected(f"“{workflow.name}” has no input {', '.join(sorted(unknown))}; it takes {', '.join(declared)}.")
    values: dict[str, Any] = {}
    for name, item in declared.items():
        value = given.get(name, item.default)
        if value in (None, ""):
            if item.required:
                raise Rejected(f"“{workflow.name}” needs {name}. Say: /flow run {workflow.name} {name}=…")
            continue
        values[name] = _as(item.type, name, value)
    return values


def _as(kind: str, name: str, value: Any) -> Any:
    try:
        match kind:
            case "number":
                return float(value)
            case "integer":
                return int(value)
            case "boolean":
                return value if isinstance(value, bool) else {"true": True, "yes": True, "false": False, "no": False}[str(value).casefold()]
            case _:
                return value if isinstance(value, (dict, list)) else str(value)
    except (ValueError, KeyError, TypeError):
        raise Rejected(f"The input {name} must be a {kind}; “{value}” is none.") from None
