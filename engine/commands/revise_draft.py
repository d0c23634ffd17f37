"""Change a preview by a sentence: the changed definition is shown as a new preview, and the one before is put away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.create_workflow import read
from engine.commands.drafting import LIFE, decide, done, draft_id, earlier, preview, rewritten
from engine.commands.house import House
from engine.commands.naming import refuse_taken_name
from engine.errors import Rejected
from engine.events import DraftSaved, PostingsTouched, PostingWanted, Priority
from engine.parties import Role
from engine.workflow.definition import DraftState
from engine.workflow.parse import to_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDraft(Command):
    """``definition``: the whole of it as it is to be. Nothing is stored as a workflow before Confirm."""

    NAME: ClassVar[str] = "revise_draft"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Change a preview in your own words, for example “also tell #sales”."
    EXAMPLE: ClassVar[str] = "also tell #sales"
    draft: str
    definition: Mapping[str, Any]

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        old = await decide(house, asking, self.draft, DraftState.CANCELLED)
        if old.definition is None:
            raise Rejected("There is nothing to change in this preview. Press Confirm or Cancel.")
        definition = rewritten(old.definition, read(house, asking, self.definition, {}))
        if definition == old.definition:
            return done("The preview is exactly like that already; there is nothing to change.")
        refuse_taken_name(definition, await house.store.workflows.list(), own=old.workflow)
        fresh = replace(
            old,
            id=draft_id(asking.key),
            revision=1,
            state=DraftState.OPEN,
            arguments={**old.arguments, "before": to_raw(old.definition)},
            definition=definition,
            asked_by=asking.actor.id,
            asked_by_name=asking.actor.name,
            asked_at=asking.at,
            expires_at=asking.at + LIFE,
            where=str(asking.where),
            decided_by="",
            decided_at=None,
        )
        replaced = replace(old, arguments={**old.arguments, "replaced": fresh.id})
        wanted = PostingWanted(subject=fresh.id, kind="draft", to=asking.where, priority=Priority.REPLY)
        audit = house.audit(asking, self.NAME, old.id, f"replaced by {fresh.id}")
        await house.store.ledger.record(DraftSaved(replaced), PostingsTouched(old.id), DraftSaved(fresh), wanted, audit)
        return Outcome(result=await preview(house, fresh), tracked=True, public=True)
