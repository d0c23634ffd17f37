"""Cancel: a preview is put away and nothing happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import decide, settle, settled
from engine.commands.house import House
from engine.parties import Role
from engine.workflow.definition import DraftState


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDraft(Command):
    NAME: ClassVar[str] = "cancel_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Put a preview away; nothing is stored."
    BUTTON: ClassVar[str] = "prv.cancel"
    draft: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> CancelDraft:
        return cls(draft=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        draft = await decide(house, asking, self.draft, DraftState.CANCELLED)
        await settle(house, draft, house.audit(asking, self.NAME, draft.id))
        return await settled(house, asking, draft)
