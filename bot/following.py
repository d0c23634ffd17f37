"""What a person spoke of last in one place, kept durably for a while, so that “also tell #sales” and “undo” know what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot import dialogue, spoken_of
from engine.commands.command import Asking, Outcome, PreviewShown, WorkflowShown
from engine.commands.house import House
from engine.events import DialogueSaved
from engine.parties import Actor, Address
from engine.ports import Said, Store, Understanding, Understood
from engine.workflow.definition import Draft, DraftState, Json, Workflow, WorkflowState
from engine.workflow.parse import to_raw

LIFE = timedelta(minutes=30)  # how long follow-ups are taken up
RECENT = timedelta(minutes=10)  # how long “it” means it
TIMELY = timedelta(minutes=5)  # how long after a preview a bare “yes” is about it
KEPT = 4
_POINTING = frozenset(
    {"show_workflow", "run_workflow", "pause_workflow", "resume_workflow", "run_history", "workflow_analytics", "predict_run"}
)
_ELSE = "something else"  # was spoken of since: a bare “why?” is not about the subject any more
_STEERING = frozenset({"confirm_draft", "cancel_draft", "help"})


def _key(actor: Actor, where: Address) -> str:
    return f"about:{dialogue.place_of(actor, where)}"


async def remember(
    store: Store, actor: Actor, where: Address, outcome: Outcome, command: str, arguments: Mapping[str, Any], now: datetime
) -> None:
    """Keep what this answer was about, the newest first; an answer about nothing that could be followed up changes nothing."""
    subject = spoken_of.entry_of(outcome) or _subject(outcome, command, arguments)
    state = await store.dialogues.get(_key(actor, where), now)
    if subject is None:
        if state is not None and command != "explain_reading" and state.get("since") != _ELSE:
            await store.ledger.record(DialogueSaved(_key(actor, where), {**state, "since": _ELSE}, now + LIFE))
        return
    before = [one for one in _entries(state) if (one.get("kind"), one.get("id")) != (subject["kind"], subject["id"])]
    entries: list[Json] = [{**subject, "at": now.isoformat()}, *before[: KEPT - 1]]
    await store.ledger.record(DialogueSaved(_key(actor, where), {"subjects": entries}, now + LIFE))


def _subject(outcome: Outcome, command: str, arguments: Mapping[str, Any]) -> dict[str, Json] | None:
    result = outcome.result
    if isinstance(result, PreviewShown):
        return {"kind": "draft", "id": result.draft.id}
    if isinstance(result, WorkflowShown):
        return {"kind": "workflow", "id": result.workflow.id}
    if command in _POINTING and isinstance(arguments.get("workflow"), str):
        return {"kind": "workflow", "id": str(arguments["workflow"])}
    plain = {key: value for key, value in arguments.items() if isinstance(value, (str, int, float, bool)) and value != ""}
    if command and command not in _STEERING and isinstance(plain.get("service"), str):
        return {"kind": "answer", "id": command, "command": command, "arguments": dict(plain)}
    return None


def _entries(state: Mapping[str, Json] | None) -> list[dict[str, Json]]:
    found = (state or {}).get("subjects")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def in_words(understood: Understood) -> bool:
    """A change of a stored workflow that is neither a definition nor pasted YAML."""
    change = understood.arguments.get("change")
    plain = isinstance(change, str) and bool(change.strip()) and "\n" not in change and "steps:" not in change
    named = isinstance(understood.arguments.get("workflow"), str)
    return understood.command == "edit_workflow" and not understood.question and plain and named


async def amended(house: House, understanding: Understanding, said: Said, understood: Understood, asking: Asking) -> Understood:
    """A change of a named workflow in plain words, read against what it is. Raises NotFound and Rejected."""
    workflow = await house.seen_workflow(str(understood.arguments["workflow"]), asking)
    about: Mapping[str, Json] = {**of_workflow(workflow), "named": True}
    read = await understanding.understand(replace(said, text=str(understood.arguments["change"]), subject=about, pending=None))
    if read.command == "edit_workflow" or (read.command is None and read.reply):
        return replace(read, places={**understood.places, **read.places})
    return understood


async def subject_of(
    house: House, actor: Actor, where: Address, now: datetime, about: Mapping[str, Json] | None = None, *, thread_only: bool = False
) -> Mapping[str, Json] | None:
    """What was spoken of last, as it stands now; of a thread without talk of its own, what was spoken of beside it. ``about`` names it.

    ``thread_only``: nothing but what the card is about in whose thread it was said; None where there is none.
    """
    carded = await spoken_of.of_thread(house, where)
    if thread_only and carded is None:
        return None
    state = None if thread_only else await house.store.dialogues.get(_key(actor, where), now)
    if state is None and carded is None and where.thread:
        state = await house.store.dialogues.get(_key(actor, Address(where.face, where.channel)), now)
    entries = _entries(state)
    if about is not None:
        entries = [{**about, "at": now.isoformat()}]
    elif carded is not None:
        entries = [*entries, {**carded, "at": now.isoformat()}]  # what was said in the thread goes before its card
        entries.sort(key=lambda one: one.get("kind") == carded["kind"] == "alert" and one.get("id") == carded["id"], reverse=True)
    pointed = await spoken_of.pointed(house, [(_when(one, now), one) for one in entries], where, now, RECENT)
    if carded is not None and carded["kind"] == "alert":
        pointed |= {"alerts": await spoken_of.told(house, str(carded["id"])), "last": "alert"}
    elif (state or {}).get("since") == _ELSE:
        pointed["last"] = ""
    spoken = [one for one in entries if one.get("kind") not in ("alert", "list")]
    found = await _as_it_stands(house, spoken[0]) if spoken else None
    if found is None:
        return pointed
    recent = [await _as_it_stands(house, one) for one in spoken if now - _when(one, now) <= RECENT]
    workflows = {str(one["workflow"]) for one in recent if one and one.get("workflow")}
    only = len(workflows) == 1 and str(found.get("workflow")) in workflows
    return {**found, "only": only, "timely": now - _when(spoken[0], now) <= TIMELY, **pointed}


def _when(entry: Mapping[str, Json], now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(entry.get("at")))
    except ValueError:
        return now - LIFE


async def _as_it_stands(house: House, entry: Mapping[str, Json]) -> dict[str, Json] | None:
    kind, id = entry.get("kind"), str(entry.get("id", ""))
    if kind == "draft":
        draft = await house.store.drafts.get(id)
        return await _of_draft(house, draft) if draft else None
    if kind == "workflow":
        workflow = await house.store.workflows.get(id) or next(
            (one for one in await house.store.workflows.list() if one.name.casefold() == id.casefold()), None
        )
        return of_workflow(workflow) if workflow and workflow.state is not WorkflowState.DELETED else None
    return dict(entry) if kind == "answer" else None


async def _of_draft(house: House, draft: Draft) -> dict[str, Json] | None:
    if draft.state is DraftState.OPEN:
        before = draft.arguments.get("before")
        shown: dict[str, Json] = {"kind": "draft", "id": draft.id, "open": True, "revision": draft.revision}
        if draft.definition is not None:
            shown |= {"definition": to_raw(draft.definition), "before": before if isinstance(before, dict) else None}
        return shown
    workflow = await house.store.workflows.get(draft.workflow) if draft.workflow else None
    if draft.state is not DraftState.CONFIRMED or workflow is None or workflow.state is WorkflowState.DELETED:
        return None
    return {**of_workflow(workflow), "made": draft.command == "create_workflow" and workflow.version == 1}


def of_workflow(workflow: Workflow) -> dict[str, Json]:
    """A stored workflow as something that can be spoken of."""
    return {"kind": "workflow", "id": workflow.id, "workflow": workflow.id, "definition": to_raw(workflow.definition)}
