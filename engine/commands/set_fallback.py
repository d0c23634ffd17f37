"""Declare one service the stand-in of another: every action that the catalogue knows an equal of, shown first, done by Confirm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, earlier, open_draft, settled
from engine.commands.house import House
from engine.commands.map_sources import declare, said_by, source_of, with_alternative
from engine.errors import NotFound, Rejected
from engine.events import DraftSaved, PostingsTouched
from engine.graph.declared.alternative import Alternative
from engine.graph.discovery.map import Knowledge
from engine.parties import Role
from engine.workflow.catalogue import Service
from engine.workflow.definition import Draft, Json

EXAMPLE = "/deps fallback jira asana"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFallback(Command):
    """``fallback`` stands in for ``service`` from now on, in every workflow. ``off``: no longer."""

    NAME: ClassVar[str] = "set_fallback"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps fallback"
    HELP: ClassVar[str] = "Let one service stand in for another wherever it can do the same; “off” at the end takes it back."
    EXAMPLE: ClassVar[str] = EXAMPLE
    service: str
    fallback: str
    off: bool = False

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        service, spare = house.service(self.service), house.service(self.fallback)
        if service.id == spare.id:
            raise Rejected(f"{service.name} cannot stand in for itself. Name another service, for example: {EXAMPLE}")
        told = (await source_of(house)).told
        pairs = _declared(told, service, spare) if self.off else _equals(house, service, spare)
        if self.off and not pairs:
            raise NotFound(
                f"{spare.name} does not stand in for {service.name}, as far as was said by hand. /deps {service.id} shows what does."
            )
        there = {known.key: known.inputs for known in told.alternatives}
        if not self.off and all(there.get(one.key) == one.inputs for one in pairs):
            return done(f"{spare.name} stands in for {service.name} already. Nothing was changed.")
        more: dict[str, Json] = {"service": service.id, "fallback": spare.id, "off": self.off}
        return await open_draft(house, asking, command=self.NAME, text=_text(service, spare, pairs, off=self.off), more=more)

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        said = draft.arguments
        off = bool(said.get("off"))
        service, spare = house.service(str(said["service"])), house.service(str(said["fallback"]))
        by_hand = await source_of(house)
        told: Knowledge = by_hand.told
        if off:
            gone = {one.key for one in _declared(told, service, spare)}
            told = replace(told, alternatives=tuple(one for one in told.alternatives if one.key not in gone))
        else:
            for one in _equals(house, service, spare):
                told = with_alternative(told, replace(one, evidence=said_by(asking)))
        detail = f"{spare.id} {'no longer ' if off else ''}in place of {service.id}"
        await declare(
            house, asking, by_hand, told, verb=cls.NAME, subject="map", detail=detail, more=(DraftSaved(draft), PostingsTouched(draft.id))
        )
        return await settled(house, asking, draft)


def _equals(house: House, service: Service, spare: Service) -> list[Alternative]:
    """What the catalogue knows of ``spare`` to do the same. Raises Rejected where that is nothing."""
    found = []
    for action in service.actions:
        for theirs, inputs in action.equivalents.items():
            if theirs.partition(".")[0] == spare.id:
                filled = {name: f"{{{{input.{mine}}}}}" for name, mine in inputs.items()}
                one = Alternative.from_json({"instead_of": action.id, "use": theirs, "inputs": filled})
                found += [] if one.faults(house.catalogue) else [one]
    if not found:
        raise Rejected(
            f"I know no action of {spare.name} that does the same as one of {service.name}, so I cannot tell how it would be filled. "
            f"Declare one action at a time: /deps alternative {service.id}.ACTION {spare.id}.ACTION name={{{{input.name}}}}"
        )
    return found


def _declared(told: Knowledge, service: Service, spare: Service) -> list[Alternative]:
    return [one for one in told.alternatives if (one.service, one.other) == (service.id, spare.id)]


def _text(service: Service, spare: Service, pairs: list[Alternative], *, off: bool) -> str:
    lines = "\n".join(f"• {one.use} for {one.instead_of}" for one in pairs)
    if off:
        return f"{spare.name} no longer stands in for {service.name}:\n{lines}"
    rest = len(service.actions) - len({one.instead_of for one in pairs})
    left = (
        f"\n{rest} further action{'s' if rest != 1 else ''} of {service.name} {'have' if rest != 1 else 'has'} no equal there."
        if rest > 0
        else ""
    )
    return f"Where {service.name} does not answer, {spare.name} stands in:\n{lines}{left}"
