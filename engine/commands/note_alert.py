"""Add a note to an alert: the last one stands on its card, every one in its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert
from engine.commands.command import Asking, Outcome
from engine.commands.house import House
from engine.errors import Conflict, Rejected
from engine.monitoring.alert import Alert, changed
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAlert(AboutOneAlert):
    NAME: ClassVar[str] = "note_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts note"
    HELP: ClassVar[str] = "Write something down about an alert; it stands on its card and in its history."
    EXAMPLE: ClassVar[str] = "/alerts note github the vendor knows"
    BUTTON: ClassVar[str] = "alr.note"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> NoteAlert:
        return cls(alert=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        note = self.note.strip()
        if not note:
            raise Rejected("What should be written down? For example: /alerts note github the vendor knows")

        def move(alert: Alert) -> Alert:
            if alert.incident:
                raise Conflict("Its leader carries the note.")
            return changed(alert, note=f"{note} – {asking.actor.name}", updated_at=asking.at)

        return await self.moved(house, asking, move, lambda name: f"{name}: noted.", note)
