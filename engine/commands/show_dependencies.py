"""Who needs whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.show_impact import dependencies
from engine.errors import NotFound
from engine.graph.services import Around
from engine.workflow.catalogue import listed


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
        if self.service:
            service = house.service(self.service)
            return done(_needed(service.name, graph.dependencies(service.id).needed_by))
        flows = [await house.workflow(self.workflow)] if self.workflow else await house.store.workflows.list()
        if not flows:
            raise NotFound("There is no workflow yet, so nothing depends on anything.")
        lines = [_needs(flow.name, graph.dependencies(flow.id)) for flow in flows]
        return done(lines[0] if len(lines) == 1 else "\n".join(["Who needs whom", *lines]))


def _needed(name: str, by: Sequence[str]) -> str:
    return f"{name} is needed by {listed(f'“{flow}”' for flow in by)}." if by else f"No workflow needs {name}."


def _needs(name: str, around: Around) -> str:
    needs = f"“{name}” needs {listed(around.needs)}." if around.needs else f"“{name}” needs no other service."
    return needs + (f" It is run by {listed(f'“{flow}”' for flow in around.needed_by)}." if around.needed_by else "")
