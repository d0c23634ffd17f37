"""Help: everything the house can be asked, read off the commands themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, HelpShown, Outcome
from engine.commands.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHelp(Command):
    NAME: ClassVar[str] = "help"
    SLASH: ClassVar[str] = "/signalbox help"
    HELP: ClassVar[str] = "What Signalbox can be asked."
    EXAMPLE: ClassVar[str] = "/signalbox help alerts"
    topic: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        from engine.commands.registry import commands  # the registry imports every command, this one too

        rows = [(c.SLASH, c.HELP, c.EXAMPLE) for c in commands().values() if c.SLASH or c.EXAMPLE]
        word = self.topic.casefold().strip("/ ")
        chosen = [row for row in rows if word in " ".join(row).casefold()] if word else rows
        shown = sorted(chosen or rows, key=lambda row: (not row[0], row))
        return Outcome(result=HelpShown(rows=tuple(shown), topic=self.topic, found=bool(chosen)))
