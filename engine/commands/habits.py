"""What a channel and a person usually say of an action: filled in where it was left open, and learnt at Confirm."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from engine.commands.command import Asking
from engine.commands.house import House
from engine.events import DetectorSaved
from engine.parties import Address
from engine.prediction import habits
from engine.workflow.catalogue import Action, Field
from engine.workflow.definition import Definition, Draft, Json

STREAM = "habits:"


@dataclass(slots=True)
class Customs:
    """What is usual where somebody asks: of the channel first, then of the person. ``noted``: what was filled in, in sentences."""

    now: datetime
    scopes: tuple[tuple[str, habits.State], ...]
    noted: list[str] = field(default_factory=list)

    def fill(self, action: Action, name: Field) -> Json:
        """The usual value; None where there is none."""
        for who, state in self.scopes:
            found = habits.usual(state, action.id, name.name, self.now)
            if found is not None and (not name.enum or found.value in name.enum):
                self.noted.append(f"{name.name.capitalize()} “{found.value}”, as {who} said {found.count} of the last {found.of} times.")
                return found.value
        return None


async def customs(house: House, asking: Asking) -> Customs:
    scopes = []
    for who, stream in (("this channel", _of_place(asking.where)), ("you", _of_person(asking.actor.id))):
        known = await house.store.detectors.get(stream)
        if known is not None:
            scopes.append((who, known.state))
    return Customs(asking.at, tuple(scopes))


async def learnt(house: House, draft: Draft, definition: Definition, at: datetime) -> list[DetectorSaved]:
    """What a confirmed draft teaches of where and by whom it was asked."""
    taught = []
    for stream in (_of_place(Address.parse(draft.where)), _of_person(draft.asked_by)):
        known = await house.store.detectors.get(stream)
        taught.append(DetectorSaved(stream, habits.learnt(known.state if known else {}, definition, at), at))
    return taught


def _of_place(where: Address) -> str:
    return f"{STREAM}{where.face}:{where.channel}"


def _of_person(actor: str) -> str:
    return f"{STREAM}by:{actor}"
