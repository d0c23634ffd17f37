"""What comes with words: files that were attached are kept, and remembered for a while for who says “this” a moment later."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.faces.face import Attached
from engine.errors import SignalboxError
from engine.events import DialogueSaved
from engine.files import readable
from engine.parties import Actor, Address
from engine.ports import Files, Store, StoredFile, Understood

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=30)  # “this file” is one that was shown so recently
MOST = 10  # of one message
ABOUT_A_WORKFLOW = re.compile(r"\b(?:work\s?flows?|flows?|automations?|whenever|every\s+time|template)\b", re.IGNORECASE)


async def keep(files: Files, attached: Sequence[Attached], actor: Actor) -> tuple[list[StoredFile], list[str]]:
    """Those that could be had, and a sentence for each that could not."""
    kept, refused = [], [f"Of {len(attached)} files I keep the first {MOST}."] if len(attached) > MOST else []
    for one in attached[:MOST]:
        try:
            kept.append(await files.keep(one.name, await one.read(), media_type=one.media_type, by=actor.id))
        except SignalboxError as error:
            log.info("an attached file was not kept: %s", error)
            refused.append(str(error))
    return kept, refused


def said_of(kept: Sequence[StoredFile], refused: Sequence[str]) -> str:
    """An answer to files without words."""
    names = ", ".join(f"{file.name} ({readable(file.size)})" for file in kept)
    what = "it" if len(kept) == 1 else "them"
    said = [f"I have {names}. Say what to do with {what}, such as: upload this to dropbox /reports"] if kept else []
    return "\n".join([*said, *refused])


async def remember(store: Store, actor: Actor, where: Address, kept: Sequence[StoredFile], now: datetime) -> None:
    state: Mapping[str, Any] = {"files": [[file.id, file.name] for file in kept]}
    await store.ledger.record(DialogueSaved(_place(actor, where), state, now + LIFE))


async def recent(store: Store, actor: Actor, where: Address, now: datetime) -> list[tuple[str, str]]:
    """(id, name) of what this person attached here last."""
    state: Mapping[str, Any] = await store.dialogues.get(_place(actor, where), now) or {}
    return [(str(id), str(name)) for id, name in state.get("files") or ()]


def _place(actor: Actor, where: Address) -> str:
    return f"files {actor.id}@{where}"


def at_once(understood: Understood, text: str) -> bool:
    """Whether an order is to be carried out when it is confirmed: it names no time and no event, and asks for no workflow."""
    workflow = understood.arguments.get("workflow")
    if understood.command != "create_workflow" or not isinstance(workflow, Mapping) or text.lstrip().startswith("/"):
        return False
    trigger = workflow.get("trigger") or {}
    by_hand = isinstance(trigger, Mapping) and trigger.get("type") == "manual" and not trigger.get("inputs")
    return by_hand and not workflow.get("name") and len(ABOUT_A_WORKFLOW.findall(text)) <= _done_with_workflows(workflow)


def _done_with_workflows(workflow: Mapping[str, Any]) -> int:
    """“Start the deploy workflow in acme/web”: the word belongs to what is done, and asks for no workflow of ours."""
    steps = workflow.get("steps")
    return sum("workflow" in str(step.get("action", "")) for step in steps if isinstance(step, Mapping)) if isinstance(steps, list) else 0
