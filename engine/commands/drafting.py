"""Previews: a request that changes something waits as a draft until a human confirms it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from engine.commands.command import Asking, Done, Outcome, PreviewShown
from engine.commands.house import House
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.events import DraftSaved, Event, PostingState, PostingsTouched, PostingWanted, Priority
from engine.parties import Role
from engine.workflow.calendar import counted, next_fires
from engine.workflow.definition import Definition, Draft, DraftState, Json, TriggerType, Workflow, WorkflowState
from engine.workflow.difference import changes
from engine.workflow.parse import parse_definition, to_yaml, unsupported

LIFE = timedelta(hours=24)


def draft_id(key: str) -> str:
    """The same request always drafts under the same id, so that hearing it twice drafts once."""
    return "prv_" + hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=13).hexdigest()


def prepared(house: House, asking: Asking, definition: Definition) -> Definition:
    """The definition as it would be stored: its home filled in. Raises Rejected when this version cannot run it."""
    definition = replace(definition, home=definition.home or asking.where.face)
    if reason := unsupported(definition):
        raise Rejected(reason)
    house.check_accounts(definition)
    return definition


def is_order(draft: Draft) -> bool:
    """Whether Confirm also carries it out, at once: it was said as an order, and still is one that needs nothing but to be begun."""
    trigger = draft.definition.trigger if draft.definition else None
    return bool(draft.arguments.get("once")) and trigger is not None and trigger.type is TriggerType.MANUAL and not trigger.inputs


def rewritten(old: Definition | None, new: Definition) -> Definition:
    """A rewritten definition still knows what its spoken channels meant, and where it is at home."""
    return new if old is None else replace(new, places={**old.places, **new.places}, home=new.home or old.home)


# --- opening ------------------------------------------------------------------------------------------------------------


async def earlier(house: House, asking: Asking) -> Outcome | None:
    """What this very request has led to before, if it is heard a second time (after a crash)."""
    draft = await house.store.drafts.get(draft_id(asking.key))
    return await _previewed(house, draft) if draft else None


async def open_draft(
    house: House,
    asking: Asking,
    *,
    command: str,
    definition: Definition | None = None,
    workflow: Workflow | None = None,
    text: str = "",
    more: Mapping[str, Json] | None = None,
) -> Outcome:
    """Store the request and want its preview card where it was asked. Nothing else changes until Confirm.

    ``workflow``: the one it changes; Confirm does so only while it is still the version that was looked at. ``text`` says what Confirm
    will do where there is no definition to show. ``more``: further arguments of the draft.
    """
    arguments: dict[str, Json] = {**({"text": text} if text else {}), **_elsewhere(house, asking, definition), **(more or {})}
    if workflow is not None:
        arguments |= {"workflow": workflow.id, "version": workflow.version, "name": workflow.name}
    draft = Draft(
        id=draft_id(asking.key),
        revision=1,
        state=DraftState.OPEN,
        command=command,
        arguments=arguments,
        definition=definition,
        asked_by=asking.actor.id,
        asked_by_name=asking.actor.name,
        asked_at=asking.at,
        expires_at=asking.at + LIFE,
        where=str(asking.where),
        workflow=workflow.id if workflow else "",
    )
    wanted = PostingWanted(subject=draft.id, kind="draft", to=asking.where, priority=Priority.REPLY)
    try:
        await house.store.ledger.record(DraftSaved(draft), wanted)
    except Conflict:
        return await earlier(house, asking) or await _previewed(house, draft)
    return await _previewed(house, draft)


def _elsewhere(house: House, asking: Asking, definition: Definition | None) -> dict[str, Json]:
    """The asker's zone, where a schedule goes by another: its card then tells the times by both."""
    if definition is None or definition.trigger.type is not TriggerType.SCHEDULED:
        return {}
    zone = definition.trigger.timezone or house.timezone
    return {"asker_timezone": asking.timezone} if asking.timezone and asking.timezone != zone else {}


async def _previewed(house: House, draft: Draft) -> Outcome:
    return Outcome(result=await preview(house, draft), tracked=True, public=True)


async def settled(house: House, asking: Asking, draft: Draft) -> Outcome:
    """The draft's card says what became of it; who does not see that card where they pressed is shown it."""
    return Outcome(result=await preview(house, draft), tracked=await seen(house, asking, draft.id))


async def noted(house: House, asking: Asking, card: str, text: str) -> Outcome:
    """What a press has done, told only to who does not see the pressed card change."""
    return Outcome(result=Done(text=text), tracked=await seen(house, asking, card))


async def seen(house: House, asking: Asking, subject: str) -> bool:
    """Whether a card about it stands, or will, where it was asked."""
    here = (asking.where.face, asking.where.channel)
    postings = [one for one in await house.store.postings.of(subject) if one.state is not PostingState.FAILED]
    return any(((one.ref or one.to).face, (one.ref or one.to).channel) == here for one in postings)


# --- showing ------------------------------------------------------------------------------------------------------------


async def preview(house: House, draft: Draft) -> PreviewShown:
    """What the card of a draft shows, from its newest state."""
    definition = draft.definition
    if definition is None:
        return PreviewShown(draft=draft, definition=None, text=str(draft.arguments.get("text", "")))
    fires: tuple[datetime, ...] = ()
    is_open = draft.state is DraftState.OPEN
    if definition.trigger.type is TriggerType.SCHEDULED and draft.state in (DraftState.OPEN, DraftState.CONFIRMED):
        now = house.clock.now()
        fires = tuple(next_fires(counted(definition.trigger, draft.decided_at or now, house.timezone), now, 3, house.timezone))
    touches = house.touches(definition)
    base = await _base(house, draft)
    before = base.definition if base else _before(draft)
    return PreviewShown(
        draft=draft,
        definition=definition,
        fires=fires,
        touches=touches,
        warnings=tuple(await _warnings(house, draft, definition, fires, touches)) if is_open else (),
        diff=difference(base.definition, definition) if base else "",
        changes=changes(before, definition, house.catalogue) if before else (),
        yaml=to_yaml(definition),
        text=str(draft.arguments.get("text", "")),
        usual=_sentences(draft.arguments.get("usual")) if is_open else (),
        timezone=(definition.trigger.timezone or house.timezone) if fires else "",
        asker_timezone=str(draft.arguments.get("asker_timezone") or ""),
    )


def _before(draft: Draft) -> Definition | None:
    """What the preview showed before a sentence changed it; None where it is the first, or was kept by another version of the house."""
    raw = draft.arguments.get("before")
    try:
        return parse_definition(raw) if isinstance(raw, dict) else None
    except Invalid:
        return None


def _sentences(value: Json) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


async def _base(house: House, draft: Draft) -> Workflow | None:
    """The version of the workflow that a change was made from."""
    version = draft.arguments.get("version")
    if draft.command != "edit_workflow" or not isinstance(version, int):
        return None
    return await house.store.workflows.at_version(draft.workflow, version)


async def _warnings(
    house: House, draft: Draft, definition: Definition, fires: tuple[datetime, ...], touches: tuple[tuple[str, str, str], ...]
) -> list[str]:
    found = []
    if definition.trigger.type is TriggerType.SCHEDULED and not fires:
        found.append("It will never fire: its time is past. Press Edit to name a later one.")
    for service, account, mode in touches:
        if mode not in ("live", "sandbox"):
            name = house.catalogue.services[service].name if service in house.catalogue.services else service
            found.append(
                f"{name}{f' ({account})' if account and account != service else ''} is {mode}: /connect {service} says what to set."
            )
    if draft.workflow and draft.command == "edit_workflow":
        stored = await house.store.workflows.get(draft.workflow)
        if stored is not None and stored.version != draft.arguments.get("version"):
            found.append(f"The workflow has changed meanwhile: it is version {stored.version} now. Press Edit to build on that.")
    return found


def difference(old: Definition, new: Definition) -> str:
    """What changed, in lines of YAML with - and +; empty when nothing did."""
    lines = difflib.unified_diff(to_yaml(old).splitlines(), to_yaml(new).splitlines(), lineterm="", n=1)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


# --- deciding -----------------------------------------------------------------------------------------------------------


async def decide(house: House, asking: Asking, draft_id: str, state: DraftState) -> Draft:
    """The draft, moved to ``state`` in memory only. Raises Conflict when it is no longer open or not the version that was seen."""
    draft = await house.store.drafts.get(draft_id)
    if draft is None:
        raise NotFound("This preview is not known here any more. Ask again to get a fresh one.")
    await house.require(asking.actor, Role.OPERATOR)
    if draft.state is not DraftState.OPEN:
        raise too_late(draft)
    if asking.at >= draft.expires_at:
        expired = replace(draft, state=DraftState.EXPIRED, revision=draft.revision + 1, decided_at=asking.at)
        await settle(house, expired)
        raise too_late(expired)
    if asking.version and asking.version != draft.revision:
        raise Conflict("The preview was changed while you looked at it. Nothing was done; look at the new one and press again.")
    return replace(draft, state=state, revision=draft.revision + 1, decided_by=asking.actor.name, decided_at=asking.at)


async def settle(house: House, draft: Draft, *events: Event) -> None:
    """The draft's new state and what follows from it, all or nothing. Raises Conflict, naming who was faster."""
    try:
        await house.store.ledger.record(DraftSaved(draft), PostingsTouched(draft.id), *events)
    except Conflict as error:
        newer = await house.store.drafts.get(draft.id)
        if newer is None or newer.revision < draft.revision:
            raise
        raise too_late(newer) from error


def too_late(draft: Draft) -> Conflict:
    if draft.state is DraftState.OPEN:
        return Conflict("The preview was changed at the same moment. Nothing was done; look at the new one and press again.")
    if draft.state is DraftState.EXPIRED:
        return Conflict("This preview has expired; nothing was changed. Ask again to get a fresh one.")
    by = f" by {draft.decided_by}" if draft.decided_by else ""
    return Conflict(f"Too late: it was already {draft.state.value}{by}. Your press changed nothing.")


async def changing(house: House, draft: Draft) -> Workflow:
    """The stored workflow that a draft is about. Raises NotFound when it is gone, Conflict when it is another version than was looked at."""
    workflow = await house.store.workflows.get(draft.workflow)
    if workflow is None or workflow.state is WorkflowState.DELETED:
        raise NotFound("That workflow has been deleted meanwhile; nothing was changed. Press Cancel to put this preview away.")
    seen = draft.arguments.get("version", workflow.version)
    if seen != workflow.version:
        then = "Press Edit to build on it" if draft.definition else "Press Cancel and ask again"
        raise Conflict(f"“{workflow.name}” has changed since: you looked at version {seen}, it is version {workflow.version} now. {then}.")
    return workflow


def done(text: str, *, public: bool = False, good: bool = True) -> Outcome:
    return Outcome(result=Done(text=text, good=good), public=public)
