"""Rehearse a preview before anybody confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.rehearsing import Said, drafted, rehearse
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearseDraft(Command):
    NAME: ClassVar[str] = "rehearse_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Try a preview before it is confirmed."
    BUTTON: ClassVar[str] = "prv.rehearse"
    draft: str
    words: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RehearseDraft:
        return cls(draft=card, words=form.get("words", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        _, workflow, _ = await drafted(house, self.draft)
        return Outcome(result=await rehearse(house, asking, workflow, Said(words=self.words)))
