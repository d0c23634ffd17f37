"""Previews: a request that changes something waits as a draft until a human confirms it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from engine.commands.command import Asking, Done, Outcome, PreviewShown
from engine.commands.house import House, difference
from engine.errors import Conflict, NotFound
from engine.events import DraftSaved, PostingsTouched, PostingWanted, Priority
from engine.parties import Role
from engine.workflow.calendar import next_fires
from engine.workflow.definition import Definition, Draft, DraftState, Json, TriggerType
from engine.workflow.parse import to_yaml

LIFE = timedelta(hours=24)


def draft_id(key: str) -> str:
    """The same request always drafts under the same id, so that hearing it twice drafts once."""
    return "prv_" + hashlib.blake2b(key.encode(), digest_size=13).hexdigest()


async def open_draft(
    house: House,
    asking: Asking,
    *,
    command: str,
    arguments: Mapping[str, Json],
    definition: Definition | None = None,
    workflow: str = "",
) -> Outcome:
    """Store the request and want its preview card where it was asked. Nothing else changes until Confirm."""
    draft = Draft(
        id=draft_id(asking.key),
        revision=1,
        state=DraftState.OPEN,
        command=command,
        arguments=dict(arguments),
        definition=definition,
        asked_by=asking.actor.id,
        asked_by_name=asking.actor.name,
        asked_at=asking.at,
        expires_at=asking.at + LIFE,
        where=str(asking.where),
        workflow=workflow,
    )
    wanted = PostingWanted(subject=draft.id, kind="draft", to=asking.where, priority=Priority.REPLY)
    try:
        await house.store.ledger.record(DraftSaved(draft), wanted)
    except Conflict:
        draft = await house.store.drafts.get(draft.id) or draft
    return Outcome(result=await preview(house, draft), tracked=True, public=True)


async def preview(house: House, draft: Draft) -> PreviewShown:
    """What the card of a draft shows, from its newest state."""
    definition = draft.definition
    if definition is None:
        return PreviewShown(draft=draft, definition=None, text=str(draft.arguments.get("text", "")))
    old = await house.store.workflows.get(draft.workflow) if draft.workflow and draft.command == "edit_workflow" else None
    fires: tuple[datetime, ...] = ()
    if definition.trigger.type is TriggerType.SCHEDULED and draft.state is DraftState.OPEN:
        fires = tuple(next_fires(definition.trigger, house.clock.now(), 3, house.timezone))
    return PreviewShown(
        draft=draft,
        definition=definition,
        fires=fires,
        touches=house.touches(definition),
        diff=difference(old.definition, definition) if old else "",
        yaml=to_yaml(definition),
    )


async def decide(house: House, asking: Asking, draft_id: str, state: DraftState) -> Draft:
    """The draft, moved to ``state`` in memory only. Raises Conflict when it is no longer open or not the version that was seen."""
    draft = await house.store.drafts.get(draft_id)
    if draft is None:
        raise NotFound("This preview is not known here any more. Ask again to get a fresh one.")
    await house.require(asking.actor, Role.OPERATOR)
    if draft.state is not DraftState.OPEN:
        by = f" by {draft.decided_by}" if draft.decided_by else ""
        raise Conflict(f"Too late: this was already {draft.state.value}{by}. Nothing was changed by your press.")
    if asking.at >= draft.expires_at:
        expired = replace(draft, state=DraftState.EXPIRED, revision=draft.revision + 1, decided_at=asking.at)
        await house.store.ledger.record(DraftSaved(expired), PostingsTouched(draft.id))
        raise Conflict("This preview has expired; nothing was changed. Ask again to get a fresh one.")
    if asking.version and asking.version != draft.revision:
        raise Conflict("The preview was changed while you looked at it. Nothing was done; please look at the new one and press again.")
    return replace(
        draft, state=state, revision=draft.revision + 1, decided_by=asking.actor.name, decided_at=asking.at
    )


def done(text: str, **more: object) -> Outcome:
    return Outcome(result=Done(text=text), **more)  # type: ignore[arg-type]
