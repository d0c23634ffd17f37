"""What changed between two versions of a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, DifferenceShown, Outcome
from engine.commands.drafting import difference, done
from engine.commands.house import House
from engine.commands.versions import at, number


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffVersions(Command):
    """``older`` and ``newer``: numbers; the version before the newest, and the newest, where none is said."""

    NAME: ClassVar[str] = "diff_versions"
    SLASH: ClassVar[str] = "/flow diff"
    HELP: ClassVar[str] = "What changed in a workflow: since its last version, since a version, or between two."
    EXAMPLE: ClassVar[str] = "/flow diff release 1 3"
    BUTTON: ClassVar[str] = "wf.diff"
    workflow: str
    older: str = ""
    newer: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> DiffVersions:
        return cls(workflow=card, older=arg)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        newer = number(self.newer) or workflow.version
        older = number(self.older) or newer - 1
        if older < 1:
            return done(f"“{workflow.name}” has only one version, so there is nothing to compare.")
        if older > newer:
            older, newer = newer, older
        text = difference((await at(house, workflow, older)).definition, (await at(house, workflow, newer)).definition)
        return Outcome(result=DifferenceShown(workflow=workflow, older=older, newer=newer, diff=text))
