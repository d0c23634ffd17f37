"""Who needs whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.show_impact import dependencies
from engine.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDependencies(Command):
    NAME: ClassVar[str] = "show_dependencies"
    SLASH: ClassVar[str] = "/deps"
    HELP: ClassVar[str] = "What a service or a workflow needs, and what needs it."
    EXAMPLE: ClassVar[str] = "/deps github"
    service: str = ""
    workflow: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        graph = await dependencies(house)
        if self.workflow or not self.service:
            names = [self.workflow] if self.workflow else [workflow.name for workflow in await house.store.workflows.list()]
            if not names:
                raise NotFound("There is no workflow yet, so nothing depends on anything.")
            return done("\n".join([await self._line(house, name) for name in names]))
        service = house.catalogue.service(self.service)
        needed_by = graph.needed_by(service.id)
        if not needed_by:
            return done(f"No workflow needs {service.name}.")
        return done(f"{service.name} is needed by {', '.join(f'“{name}”' for name in needed_by)}.")

    async def _line(self, house: House, name: str) -> str:
        workflow = await house.workflow(name)
        services = [house.catalogue.service(s).name for s in workflow.definition.services]
        trigger = workflow.definition.trigger.service
        source = f", started by {house.catalogue.service(trigger).name}" if trigger else ""
        return f"“{workflow.name}” needs {', '.join(services)}{source}."
