"""Replay a change before anybody confirms it: what it would have made of the last days, beside the version it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.rehearsing import drafted
from engine.commands.replay_workflow import DEFAULT, replayed
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDraft(Command):
    NAME: ClassVar[str] = "replay_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "See what a change would have made of the last seven days."
    BUTTON: ClassVar[str] = "prv.replay"
    draft: str
    window: timedelta = DEFAULT

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ReplayDraft:
        return cls(draft=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        _, new, old = await drafted(house, self.draft)
        return Outcome(result=await replayed(house, asking, new, old, self.window))
