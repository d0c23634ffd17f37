"""Export definitions as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, FileShown, Outcome
from engine.commands.house import House
from engine.errors import NotFound
from engine.workflow.parse import to_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWorkflows(Command):
    NAME: ClassVar[str] = "export_workflows"
    SLASH: ClassVar[str] = "/flow export"
    HELP: ClassVar[str] = "Definitions as YAML, one or all, to keep, review or import elsewhere."
    EXAMPLE: ClassVar[str] = "/flow export release"
    BUTTON: ClassVar[str] = "wf.export"
    workflow: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ExportWorkflows:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        chosen = [await house.workflow(self.workflow)] if self.workflow else await house.store.workflows.list()
        if not chosen:
            raise NotFound("There is no workflow to export yet.")
        text = "---\n".join(to_yaml(workflow.definition) for workflow in chosen)
        title = f"“{chosen[0].name}” as YAML" if len(chosen) == 1 else f"{len(chosen)} workflows as YAML"
        return Outcome(result=FileShown(title=title, text=text))
