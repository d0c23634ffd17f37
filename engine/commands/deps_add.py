"""Say that one thing needs another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asked, Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.map_names import SIMILAR, current, fresh, known, shown, spellings
from engine.commands.map_shown import MapEdited
from engine.commands.map_sources import card_id, declare, said_by, source_of, with_component, with_line
from engine.errors import Rejected
from engine.graph.declared.component import Component
from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import clean, quoted
from engine.graph.discovery.map import Map
from engine.graph.discovery.requirements import requirements
from engine.parties import Role
from engine.workflow.catalogue import listed, nearest

EXAMPLE = "/deps add checkout needs payments because it takes the money"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDependency(Command):
    """``source`` needs ``target``. ``soft``: it does without if it must. ``new``: names that the map does not know are meant as they stand."""

    NAME: ClassVar[str] = "add_dependency"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps add"
    HELP: ClassVar[str] = "Say that one thing needs another; a new name in quotation marks is taken as it stands."
    EXAMPLE: ClassVar[str] = EXAMPLE
    source: str
    target: str
    because: str = ""
    soft: bool = False
    new: bool = False

    async def handle(self, house: House, asking: Asking) -> Outcome:
        map = await current(house)
        ends = [known(map, house, said) for said in (self.source, self.target)]
        if not self.new and (asked := self._unsure(map, ends)):
            return Outcome(result=asked)
        source, target = (found or fresh(said) for found, said in zip(ends, (self.source, self.target), strict=True))
        if source == target:
            raise Rejected(f"{quoted(map.label(source))} cannot need itself. Say what else it needs.")
        if already := _already(map, source, target, self.soft):
            return done(already)
        return Outcome(result=await self._declared(house, asking, map, source, target), public=True)

    async def _declared(self, house: House, asking: Asking, map: Map, source: str, target: str) -> MapEdited:
        by_hand = await source_of(house)
        told = with_line(by_hand.told, Line(source=source, target=target, soft=self.soft, evidence=said_by(asking, self.because)))
        added = []
        for id, said in ((source, self.source), (target, self.target)):
            if id not in map.components:
                told = with_component(told, Component(id=id, name=clean(said) if clean(said) != id else "", evidence=said_by(asking)))
                added.append(quoted(said))
        detail = f"{source} needs {target}" + (f" because {clean(self.because, 120)}" if self.because else "")
        revision = await declare(house, asking, by_hand, told, verb=self.NAME, subject="map", detail=detail)
        text = f"{quoted(_label(map, source, self.source))} needs {quoted(_label(map, target, self.target))} from now on"
        text += ", but does without if it must." if self.soft else "."
        text += f"\n{listed(added)} {'is' if len(added) == 1 else 'are'} new on the map." if added else ""
        text += _circle(map, source, target) if not self.soft else ""
        return MapEdited(id=card_id(by_hand.id), revision=revision, text=text)

    def _unsure(self, map: Map, ends: list[str]) -> Asked | None:
        """Where a name is new, but spelt much like a known one: which is meant?"""
        for name, said, found in (("source", self.source, ends[0]), ("target", self.target, ends[1])):
            near = nearest(said, spellings(map)) if not found and len(map.components) <= SIMILAR else []
            if near:
                words = {"source": self.source, "target": self.target, "because": self.because, "soft": self.soft, "new": False}
                deeds = [(self.NAME, {**words, name: label}) for label in near]
                typed = f'/deps add "{shown(self.source)}" needs "{shown(self.target)}"'
                return Asked(
                    question=f"Nothing on the map is called {quoted(said)}. Which do you mean?",
                    options=(*((label, label) for label in near), (f"{shown(said)} is new", typed)),
                    deeds=(*deeds, (self.NAME, {**words, "new": True})),
                )
        return None


def _already(map: Map, source: str, target: str, soft: bool) -> str:
    """The sentence that says so where this very line is known, by more than having been seen."""
    for line in map.needs_of(source):
        said = [one for one in line.evidence if one.kind in (EvidenceKind.WORKFLOW, EvidenceKind.DECLARED)]
        if (
            line.target == target
            and line.kind is LineKind.NEEDS
            and not line.group
            and said
            and (line.soft == soft or said[0].kind is EvidenceKind.WORKFLOW)
        ):
            by = "its steps say so" if said[0].kind is EvidenceKind.WORKFLOW else f"declared by {said[0].origin or 'a file'}"
            return f"{quoted(map.label(source))} needs {quoted(map.label(target))} already: {by}. Nothing was changed."
    return ""


def _circle(map: Map, source: str, target: str) -> str:
    """A warning where the target needs the source already, by whatever way."""
    needs: dict[str, list[str]] = {}
    for one in requirements(map):
        if len(one.ways) == 1:
            needs.setdefault(one.node, []).extend(one.ways[0])
    came, edge = {target: ""}, [target]
    while edge and source not in came:
        reached = [(other, id) for id in edge for other in needs.get(id, ()) if other not in came]
        came |= dict(reversed(reached))
        edge = list(dict.fromkeys(other for other, _ in reached))
    if source not in came:
        return ""
    way, id = [], source
    while id:
        way.append(map.label(id))
        id = came[id]
    names = [quoted(name) for name in way[::-1]]
    middle = f" (by {listed(names[1:-1][:5])})" if names[1:-1] else ""
    return f"\nThis closes a circle: {names[0]} needs {names[-1]} too{middle}. If one of them is down, none comes up by itself."


def _label(map: Map, id: str, said: str) -> str:
    return map.label(id) if id in map.components else said
