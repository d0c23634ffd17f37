"""Say that one thing does not need another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.map_names import component, current
from engine.commands.map_shown import MapEdited
from engine.commands.map_sources import card_id, declare, denied_by, source_of, with_line, without_lines
from engine.errors import Rejected
from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.line import Line
from engine.graph.declared.names import clean, quoted
from engine.graph.discovery.map import Map
from engine.parties import Role
from engine.workflow.catalogue import listed

SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDependency(Command):
    """What was said by hand is taken back; what files or calls say is denied, and counts again when a newer word says it."""

    NAME: ClassVar[str] = "remove_dependency"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps remove"
    HELP: ClassVar[str] = "Say that one thing does not need another."
    EXAMPLE: ClassVar[str] = "/deps remove checkout needs payments"
    source: str
    target: str
    because: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        map = await current(house)
        source, target = component(map, house, self.source), component(map, house, self.target)
        names = quoted(map.label(source)), quoted(map.label(target))
        between = [line for line in map.needs_of(source) if line.target == target]
        if not between:
            return done(_nothing(map, source, target))
        if any(piece.kind is EvidenceKind.WORKFLOW for line in between for piece in line.evidence):
            raise Rejected(f"{names[0]} needs {names[1]} because its own steps say so. Change the workflow: /flow edit {map.label(source)}")
        by_hand = await source_of(house)
        told = without_lines(by_hand.told, source, target)
        others = await _others(house, source, target, between)
        if others:
            kind = between[0].kind
            told = with_line(told, Line(source=source, target=target, kind=kind, evidence=denied_by(asking, self.because)))
        revision = await declare(
            house,
            asking,
            by_hand,
            told,
            verb=self.NAME,
            subject="map",
            detail=f"{source} does not need {target} {clean(self.because, 120)}".strip(),
        )
        text = f"{names[0]} does not need {names[1]} any more."
        text += f"\n{_upper(listed(others))} said so; your no counts until that is said anew." if others else ""
        return Outcome(result=MapEdited(id=card_id(by_hand.id), revision=revision, text=text), public=True)


async def _others(house: House, source: str, target: str, between: list[Line]) -> list[str]:
    """Who else says that the line is there: files, and calls that were seen."""
    by_hand = (await source_of(house)).told.lines
    own = {piece.origin for line in by_hand if (line.source, line.target) == (source, target) for piece in line.evidence}
    pieces = [piece for line in between for piece in line.evidence]
    said = [piece.origin or "a file" for piece in pieces if piece.kind is EvidenceKind.DECLARED and piece.origin not in own]
    seen = ["calls that were seen"] if any(piece.kind in (EvidenceKind.OBSERVED, EvidenceKind.EVENT) for piece in pieces) else []
    return list(dict.fromkeys((*said, *seen)))


def _nothing(map: Map, source: str, target: str) -> str:
    """That there is no such line, and which there are."""
    needs = list(dict.fromkeys(map.label(line.target) for line in map.needs_of(source)))
    more = f" and {len(needs) - SHOWN} more" if len(needs) > SHOWN else ""
    has = f"It needs {listed(quoted(name) for name in needs[:SHOWN])}{more}." if needs else "It needs nothing at all."
    return f"{quoted(map.label(source))} does not need {quoted(map.label(target))}, so nothing was changed. {has}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
