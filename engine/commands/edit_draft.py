"""Edit a preview: its definition is rewritten as YAML, checked, and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import decide, prepared, rewritten, settle, settled
from engine.commands.house import House
from engine.commands.naming import refuse_taken_name
from engine.errors import Rejected
from engine.parties import Role
from engine.workflow.definition import DraftState
from engine.workflow.parse import parse_yaml


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
        if draft.definition is None:
            raise Rejected("There is nothing to edit in this preview. Press Confirm or Cancel.")
        definition = rewritten(draft.definition, parse_yaml(self.text, house.catalogue))
        definition = prepared(house, asking, definition)
        refuse_taken_name(definition, await house.store.workflows.list(), own=draft.workflow)
        stored = await house.store.workflows.get(draft.workflow) if draft.workflow else None
        # Whoever edits has the newest version before them from now on: the difference is drawn against it.
        arguments = {**draft.arguments, "version": stored.version} if stored else draft.arguments
        draft = replace(draft, definition=definition, arguments=arguments, decided_by="", decided_at=None)
        await settle(house, draft, house.audit(asking, self.NAME, draft.id))
        return await settled(house, asking, draft)
