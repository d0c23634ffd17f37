"""Templates: workflows to start from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, TemplatesShown
from engine.commands.house import House
from engine.workflow.templates import TEMPLATES


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTemplates(Command):
    NAME: ClassVar[str] = "list_templates"
    SLASH: ClassVar[str] = "/flow templates"
    HELP: ClassVar[str] = "Workflows to start from; say the sentence and change what you like."
    EXAMPLE: ClassVar[str] = "/flow templates"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        rows = tuple((template.name, template.description, template.sentence) for template in TEMPLATES)
        return Outcome(result=TemplatesShown(rows=rows))
