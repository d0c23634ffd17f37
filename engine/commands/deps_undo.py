"""Take the last change of the map back, of what was said by hand or of what a file said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.map_shown import MapEdited
from engine.commands.map_sources import BEFORE, card_id, declare, former_of, source_of
from engine.errors import Conflict, NotFound
from engine.graph.declared.names import clean, quoted
from engine.graph.stored import BY_HAND, KIND
from engine.parties import Role
from engine.workflow.catalogue import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMap(Command):
    """``source``: a file's name, “by hand”, or the id of a card; "" = the file that was taken in last. Said twice, it is done again."""

    NAME: ClassVar[str] = "undo_map"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps import undo"
    HELP: ClassVar[str] = "Take the last import back, of one file or the latest."
    EXAMPLE: ClassVar[str] = "/deps import undo compose.yaml"
    BUTTON: ClassVar[str] = "map.undo"
    source: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> UndoMap:
        return cls(source=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        id = await self._meant(house)
        former = await former_of(house, id)
        assert former is not None
        policy = await house.store.policies.get(KIND, id)
        if asking.version and policy is not None and policy.revision != asking.version:
            raise Conflict(
                f"What {_called(id)} says was changed again since this card was drawn, so nothing was undone. /deps history tells what."
            )
        revision = await declare(house, asking, await source_of(house, id), former, verb=self.NAME, subject="map", detail=clean(id))
        text = f"Undone: the map is told by {_called(id)} what it was told before."
        return Outcome(result=MapEdited(id=card_id(id), revision=revision, text=text, undo="Do it again"), public=True)

    async def _meant(self, house: House) -> str:
        """Raises NotFound where there is nothing to undo."""
        kept = await house.store.policies.of(BEFORE)
        said = self.source.strip()
        if not said:
            files = sorted((one for one in kept if one.id != BY_HAND), key=lambda one: one.at)
            if not files:
                raise NotFound("No file was taken in yet, so there is nothing to undo.")
            return files[-1].id
        for one in kept:
            if said == card_id(one.id) or said.casefold() == one.id.casefold():
                return one.id
        hint = did_you_mean(said, [one.id for one in kept]) if not said.startswith("map_") else ""
        raise NotFound(f"Nothing is known to undo of {quoted(said)}.{hint}")


def _called(id: str) -> str:
    return "people by hand" if id == BY_HAND else quoted(id)
