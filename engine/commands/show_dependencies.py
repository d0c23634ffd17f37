"""Who needs whom: of everything, or of one thing with who it belongs to, how that is known, and what is odd about it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.deps_check import about as odd_about
from engine.commands.house import House
from engine.commands.map_names import component, current, known
from engine.commands.map_shown import DependenciesShown
from engine.errors import NotFound
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.findings import Finding, findings
from engine.graph.discovery.map import Map
from engine.graph.map_drawing import map_drawing
from engine.workflow.catalogue import listed

HOPS = 2
SENTENCES = 40
NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDependencies(Command):
    """``service``, ``workflow`` or ``about`` (anything on the map); none: everything."""

    NAME: ClassVar[str] = "show_dependencies"
    SLASH: ClassVar[str] = "/deps"
    HELP: ClassVar[str] = "Who needs whom: of everything, or what one thing needs, who needs it, whose it is and how that is known."
    EXAMPLE: ClassVar[str] = "/deps github"
    service: str = ""
    workflow: str = ""
    about: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        map = await current(house)
        id = await self._meant(house, map)
        one = map.components.get(id) or (
            Component(id=id, name=house.catalogue.services[id].name, kind=ComponentKind.SERVICE) if id else None
        )
        if one is None and not map.lines:
            raise NotFound(
                "Nothing needs anything yet: there is no workflow, and nobody declared a line. "
                "Say one (/deps add checkout needs payments), or take in a catalogue (/deps import)."
            )
        found = await asyncio.to_thread(findings, map, asking.at)
        return Outcome(result=await self._shown(house, map, one, odd_about(found, one.id, map) if one else found))

    async def _meant(self, house: House, map: Map) -> str:
        """The id, "" for everything. Raises NotFound with the nearest names; a service that nothing needs is known all the same."""
        if self.workflow:
            return (await house.workflow(self.workflow)).id
        if self.service:
            return known(map, house, self.service) or house.service(self.service).id
        return component(map, house, self.about) if self.about.strip() else ""

    async def _shown(self, house: House, map: Map, one: Component | None, odd: tuple[Finding, ...]) -> DependenciesShown:
        health: dict[str, str] = {}
        for state in await house.store.samples.states():
            health.setdefault(state.service, "misconfigured" if state.misconfigured else state.status)
        drawing = await asyncio.to_thread(map_drawing, map, focus=one.id if one else "", hops=HOPS if one else 0, health=health)
        if one is None:
            return DependenciesShown(map=map, about=None, sentences=_everything(map), findings=odd, drawing=drawing)
        return DependenciesShown(
            map=map,
            about=one,
            sentences=(_needs(map, one), _needed(map, one)),
            needs=map.needs_of(one.id),
            needed_by=map.needed_by(one.id),
            quiet=tuple(quiet for quiet in map.quiet if one.id in (quiet.line.source, quiet.line.target)),
            alternatives=tuple(other for other in map.alternatives if one.id in (other.service, other.other)),
            findings=odd,
            drawing=drawing,
        )


def _everything(map: Map) -> tuple[str, ...]:
    """A sentence for each that needs something, workflows first."""
    sources = dict.fromkeys(line.source for line in map.lines)
    flows = [id for id in sources if map.components[id].kind is ComponentKind.WORKFLOW]
    others = [id for id in sources if map.components[id].kind is not ComponentKind.WORKFLOW]
    said = [_needs(map, map.components[id]) for id in (*flows, *others)[:SENTENCES]]
    rest = len(sources) - SENTENCES
    return (*said, *([f"And {rest:,} more; ask of one: /deps NAME"] if rest > 0 else []))


def _needs(map: Map, one: Component) -> str:
    lines = map.needs_of(one.id)
    parts = [(verb, _names(map, [line for line in lines if line.kind in kinds], "target")) for verb, kinds in _VERBS]
    said = [f"{verb} {names}" for verb, names in parts if names]
    return f"“{one.label}” {listed(said)}." if said else f"“{one.label}” needs nothing else."


def _needed(map: Map, one: Component) -> str:
    names = _names(map, list(map.needed_by(one.id)), "source")
    return f"“{one.label}” is needed by {names}." if names else f"Nothing needs “{one.label}”."


_VERBS = (
    ("needs", (LineKind.NEEDS, LineKind.CALLS)),
    ("falls back on", (LineKind.ALTERNATIVE,)),
    ("listens to", (LineKind.LISTENS,)),
    ("starts", (LineKind.STARTS,)),
)


def _names(map: Map, lines: list[Line], end: str) -> str:
    names = sorted(dict.fromkeys(map.label(getattr(line, end)) for line in lines), key=str.casefold)
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return listed([*(f"“{name}”" for name in names[:NAMED]), *more]) if names else ""
