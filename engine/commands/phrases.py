"""The team's own words, what they mean, and what confirmed requests have taught: kept as settings of the house and as learnt state."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.commands.house import House
from engine.events import DetectorSaved
from engine.ports import Example, Policy
from engine.workflow.definition import Definition, Json

KIND = "phrase"
MOST = 200
STREAM = "heard:requests"
KEPT = 300  # newest confirmed requests
LONGEST = 400  # characters of one of them


def normal(phrase: str) -> str:
    """As phrases are compared: case, punctuation around words and doubled blanks do not count."""
    return re.sub(r"[^\w]+", " ", phrase.casefold()).strip()


def phrase_id(phrase: str) -> str:
    return hashlib.blake2b(normal(phrase).encode("utf-8", "replace"), digest_size=12).hexdigest()


async def phrases(house: House) -> list[Policy]:
    return await house.store.policies.of(KIND)


async def taught(house: House) -> dict[str, str]:
    """Normal form of a phrase → what it means."""
    return {normal(str(one.body.get("phrase", ""))): str(one.body.get("means", "")) for one in await phrases(house)}


async def examples(house: House) -> tuple[Example, ...]:
    """Requests that people of this house confirmed, oldest first."""
    known = await house.store.detectors.get(STREAM)
    rows = known.state.get("rows") if known else None
    found = [_example(row) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return tuple(one for one in found if one.text)


async def heard(house: House, text: str, command: str, definition: Definition | None, at: datetime) -> list[DetectorSaved]:
    """What a confirmed request adds; nothing for one that came without words. The same words again replace what they taught before."""
    text = re.sub(r"\s+", " ", text).strip()[:LONGEST]
    if not text or text.startswith("/"):
        return []
    trigger, actions = _shape(definition)
    kept = [one for one in await examples(house) if normal(one.text) != normal(text)]
    rows: list[Json] = [_row(one) for one in [*kept, Example(text, command, trigger, actions)][-KEPT:]]
    return [DetectorSaved(STREAM, {"rows": rows}, at)]


def _shape(definition: Definition | None) -> tuple[str, tuple[str, ...]]:
    """(“github.pull_request_merged” or the kind of trigger, the actions in order)."""
    if definition is None:
        return "", ()
    trigger = definition.trigger
    started = f"{trigger.service}.{trigger.event}" if trigger.service and trigger.event else trigger.type.value
    return started, tuple(step.action for step in definition.every_step if step.action)


def _row(one: Example) -> dict[str, Json]:
    actions: list[Json] = list(one.actions)
    return {"text": one.text, "command": one.command, "trigger": one.trigger, "actions": actions}


def _example(row: Mapping[str, Json]) -> Example:
    listed = row.get("actions")
    actions: Sequence[Json] = listed if isinstance(listed, list) else ()
    return Example(str(row.get("text", "")), str(row.get("command", "")), str(row.get("trigger", "")), tuple(map(str, actions)))
