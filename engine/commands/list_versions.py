"""Every version of a workflow, and what each changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, VersionsShown
from engine.commands.house import House
from engine.commands.versions import rows, versions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVersions(Command):
    NAME: ClassVar[str] = "list_versions"
    SLASH: ClassVar[str] = "/flow versions"
    HELP: ClassVar[str] = "The versions of a workflow and what each changed."
    EXAMPLE: ClassVar[str] = "/flow versions release"
    BUTTON: ClassVar[str] = "wf.versions"
    workflow: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ListVersions:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        shown = rows(await versions_of(house, workflow))
        return Outcome(result=VersionsShown(workflow=workflow, rows=shown, timezone=asking.timezone))
