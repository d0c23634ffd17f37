"""Edit a preview: its definition is rewritten as YAML, checked, and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.create_workflow import refuse_taken_name
from engine.commands.drafting import decide, preview
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import DraftSaved, PostingsTouched
from engine.parties import Role
from engine.workflow.definition import DraftState
from engine.workflow.parse import parse_yaml, unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDraft(Command):
    NAME: ClassVar[str] = "edit_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Change a preview before it is confirmed."
    BUTTON: ClassVar[str] = "prv.edit"
    draft: str
    text: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> EditDraft:
        if not form.get("definition", "").strip():
            raise Rejected("The definition came back empty. Press Edit again and keep its text, or press Cancel.")
        return cls(draft=card, text=form["definition"])

    async def handle(self, house: House, asking: Asking) -> Outcome:
        draft = await decide(house, asking, self.draft, DraftState.OPEN)
        definition = parse_yaml(self.text, house.catalogue)
        if reason := unsupported(definition):
            raise Rejected(reason)
        if draft.definition is not None:
            places = {**draft.definition.places, **definition.places}
            definition = replace(definition, places=places, home=definition.home or draft.definition.home)
        await refuse_taken_name(house, definition, own=draft.workflow)
        draft = replace(draft, definition=definition, decided_by="", decided_at=None)
        await house.store.ledger.record(
            DraftSaved(draft), PostingsTouched(draft.id), house.audit(asking, "edit_draft", draft.id)
        )
        return Outcome(result=await preview(house, draft), tracked=True, public=True)
