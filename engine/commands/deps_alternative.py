"""Declare that an action of one service may do the work of another's: shown first, done by Confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, earlier, open_draft, settled
from engine.commands.house import House
from engine.commands.map_names import current
from engine.commands.map_sources import declare, said_by, source_of, with_alternative
from engine.errors import Invalid, NotFound, Problem, Rejected
from engine.events import DraftSaved, PostingsTouched
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.names import quoted
from engine.graph.discovery.map import Knowledge
from engine.parties import Role
from engine.workflow.catalogue import listed
from engine.workflow.definition import Draft

EXAMPLE = "/deps alternative jira.create_issue asana.create_task name={{input.title}} notes={{input.text}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareAlternative(Command):
    """``use`` may stand in for ``instead_of``. ``inputs``: empty where the catalogue knows how they are filled. ``off``: no longer."""

    NAME: ClassVar[str] = "declare_alternative"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps alternative"
    HELP: ClassVar[str] = "Say that one action may stand in for another, and how its inputs are filled; “off” at the end takes it back."
    EXAMPLE: ClassVar[str] = EXAMPLE
    instead_of: str
    use: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    off: bool = False

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        one = _read(house, self.instead_of, self.use, self.inputs, self.off)
        there = {known.key: known for known in (await source_of(house)).told.alternatives}
        if self.off and one.key not in there:
            raise NotFound(_nothing(one, await current(house)))
        if not self.off and one.key in there and there[one.key].inputs == one.inputs:
            return done(f"{one.use} may stand in for {one.instead_of} already, filled just so. Nothing was changed.")
        more: dict[str, Any] = {"instead_of": one.instead_of, "use": one.use, "inputs": dict(one.inputs), "off": self.off}
        return await open_draft(house, asking, command=self.NAME, text=_text(one, self.off), more=more)

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        said = draft.arguments
        inputs = said.get("inputs")
        one = _read(house, str(said["instead_of"]), str(said["use"]), inputs if isinstance(inputs, dict) else {}, bool(said.get("off")))
        by_hand = await source_of(house)
        told = (
            _without(by_hand.told, one.key) if said.get("off") else with_alternative(by_hand.told, replace(one, evidence=said_by(asking)))
        )
        detail = f"{one.use} {'no longer ' if said.get('off') else ''}in place of {one.instead_of}"
        await declare(
            house, asking, by_hand, told, verb=cls.NAME, subject="map", detail=detail, more=(DraftSaved(draft), PostingsTouched(draft.id))
        )
        return await settled(house, asking, draft)


def _read(house: House, instead_of: str, use: str, inputs: Mapping[str, Any], off: bool) -> Alternative:
    """Raises Invalid, with everything that the catalogue has against it."""
    ours, theirs = instead_of.strip().casefold(), use.strip().casefold()
    one = Alternative.from_json({"instead_of": ours, "use": theirs, "inputs": dict(inputs) or _usual(house, ours, theirs)})
    if one.service == one.other:
        raise Rejected(f"Both are actions of {one.service}, which would be down together. Name an action of another service.")
    faults = one.faults(house.catalogue) if not off else []
    if faults:
        raise Invalid(f"{one.use} cannot stand in for {one.instead_of} so. For example: {EXAMPLE}", [Problem(fault) for fault in faults])
    return one


def _usual(house: House, ours: str, theirs: str) -> dict[str, Any]:
    """How the catalogue says that the other's inputs are filled; empty where it does not."""
    action = house.catalogue.actions.get(ours)
    return {name: f"{{{{input.{mine}}}}}" for name, mine in (action.equivalents.get(theirs) or {}).items()} if action else {}


def _text(one: Alternative, off: bool) -> str:
    if off:
        return f"{one.use} may no longer stand in for {one.instead_of}."
    filled = "\n".join(f"• {name}: {value}" for name, value in one.inputs.items())
    return f"{one.use} may stand in for {one.instead_of} where that does not answer.\n{filled or 'It needs no inputs.'}"


def _without(told: Knowledge, key: tuple[str, str]) -> Knowledge:
    return replace(told, alternatives=tuple(one for one in told.alternatives if one.key != key))


def _nothing(one: Alternative, map: Any) -> str:
    others = [other for other in map.alternatives if other.key == one.key]
    if others:
        origin = next((piece.origin for piece in others[0].evidence if piece.origin), "a file")
        return f"That {one.use} stands in for {one.instead_of} is said by {quoted(origin)}, not by hand. Change it there and import that again."
    mine = [other.use for other in map.alternatives if other.instead_of == one.instead_of]
    return f"{one.use} does not stand in for {one.instead_of}." + (f" What does is {listed(mine)}." if mine else "")
