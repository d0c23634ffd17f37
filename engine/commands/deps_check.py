"""What is odd on the map: declared and never seen, seen and never declared, circles, two names for one thing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.map_names import component, current
from engine.commands.map_shown import MapCheckedShown
from engine.graph.discovery.findings import Finding, findings
from engine.graph.discovery.map import Map


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMap(Command):
    NAME: ClassVar[str] = "check_map"
    SLASH: ClassVar[str] = "/deps check"
    HELP: ClassVar[str] = "What is odd on the map: declared and never seen, seen and not declared, circles, contradictions."
    EXAMPLE: ClassVar[str] = "/deps check"
    about: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        map = await current(house)
        found = await asyncio.to_thread(findings, map, asking.at)
        if self.about.strip():
            found = about(found, component(map, house, self.about), map)
        return Outcome(result=MapCheckedShown(findings=found, components=len(map.components), lines=len(map.lines)))


def about(found: tuple[Finding, ...], id: str, map: Map) -> tuple[Finding, ...]:
    """Those that speak of this component, as either end of a line too; circles tell their members by name."""
    label = f"“{map.label(id)}”"
    return tuple(one for one in found if id in one.subject.split(">") or id in one.subject.split() or label in one.text)
