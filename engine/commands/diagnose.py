"""The doctor: what is configured, what is missing, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, FindingsShown, Outcome
from engine.commands.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnose(Command):
    NAME: ClassVar[str] = "doctor"
    SLASH: ClassVar[str] = "/doctor"
    HELP: ClassVar[str] = "What is configured, what is missing and what to do about it."
    EXAMPLE: ClassVar[str] = "/doctor"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=FindingsShown(findings=tuple(await house.examine())))
