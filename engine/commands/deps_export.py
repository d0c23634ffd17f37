"""The map as text to take away: our own form, Mermaid or Graphviz."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, FileShown, Outcome
from engine.commands.house import House
from engine.commands.map_names import current
from engine.errors import Invalid, NotFound
from engine.graph.declared.diagrams import to_dot, to_mermaid
from engine.graph.declared.reading import counted
from engine.graph.discovery.map import Map
from engine.workflow.catalogue import did_you_mean, listed

FORMS = ("yaml", "mermaid", "dot")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMap(Command):
    NAME: ClassVar[str] = "export_map"
    SLASH: ClassVar[str] = "/deps export"
    HELP: ClassVar[str] = "The map as YAML that can be taken in again, or as a drawing in Mermaid or DOT."
    EXAMPLE: ClassVar[str] = "/deps export mermaid"
    form: str = "yaml"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        form = self.form.strip().casefold() or "yaml"
        if form not in FORMS:
            raise Invalid(f"The map is written as {listed(FORMS, 'or')}.{did_you_mean(form, FORMS)}")
        map = await current(house)
        if not map.components:
            raise NotFound("The map is empty yet, so there is nothing to take away. /deps add and /deps import fill it.")
        text = await asyncio.to_thread(written, map, form)
        title = f"The map: {counted(len(map.components), 'component')}, {counted(len(map.lines), 'line')}"
        return Outcome(result=FileShown(title=title, text=text, language=form))


def written(map: Map, form: str) -> str:
    match form:
        case "mermaid":
            return to_mermaid(map.components.values(), map.lines)
        case "dot":
            return to_dot(map.components.values(), map.lines)
    return map.to_yaml()
