"""Replay a workflow: what it makes of what happened in the last days, and what another version would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome, ReplayedShown
from engine.commands.drafting import prepared
from engine.commands.house import House
from engine.commands.rehearsing import awake, dressed, on_stage, players
from engine.commands.versions import at
from engine.errors import Rejected
from engine.parties import Role
from engine.rehearsal.differing import ReplayWish
from engine.workflow.definition import TriggerType, Workflow
from engine.workflow.parse import parse_definition

DEFAULT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWorkflow(Command):
    """The newest version is held against ``version`` (the one before it). ``definition``: to be tried instead, against the newest."""

    NAME: ClassVar[str] = "replay_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow replay"
    HELP: ClassVar[str] = "See what a workflow makes of what happened in the last days, beside its version before; nothing is touched."
    EXAMPLE: ClassVar[str] = "/flow replay release 7d"
    BUTTON: ClassVar[str] = "wf.replay"
    workflow: str
    window: timedelta = DEFAULT
    version: int | None = None
    definition: Mapping[str, Any] | None = None

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ReplayWorkflow:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        if self.definition is not None:
            definition = prepared(house, asking, parse_definition(self.definition, house.catalogue))
            tried = dressed(definition, workflow, asking.at, asking.actor.id, str(asking.where))
            return Outcome(result=await replayed(house, asking, tried, workflow, self.window))
        return Outcome(result=await replayed(house, asking, workflow, await self._before(house, workflow), self.window))

    async def _before(self, house: House, workflow: Workflow) -> Workflow | None:
        """The version to hold it against; None for a first version, which is only shown."""
        if self.version is None and workflow.version == 1:
            return None
        return await at(house, workflow, self.version or workflow.version - 1)


async def replayed(house: House, asking: Asking, new: Workflow, old: Workflow | None, window: timedelta) -> ReplayedShown:
    if new.definition.trigger.type is TriggerType.MANUAL and (old is None or old.definition.trigger.type is TriggerType.MANUAL):
        raise Rejected(
            f"“{new.name}” is run by hand, so there is nothing that would have started it. Rehearse it: /flow rehearse {new.name}"
        )
    wish = ReplayWish(
        new=awake(new), old=awake(old) if old else None, days=window.total_seconds() / 86_400, others=await on_stage(house, new)
    )
    return ReplayedShown(replayed=await players(house).replay(wish), timezone=asking.timezone)
