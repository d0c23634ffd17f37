"""Lines that are only guessed, from what failed together: they wait for a person's yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.map_names import current
from engine.commands.map_suggestions import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSuggestions(Command):
    NAME: ClassVar[str] = "list_suggestions"
    SLASH: ClassVar[str] = "/deps suggestions"
    HELP: ClassVar[str] = "Who may need whom by what failed together; nothing counts before you say yes."
    EXAMPLE: ClassVar[str] = "/deps suggestions"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await shown(house, f"sug_{asking.at:%Y%m%dT%H%M%S}", await current(house)))
