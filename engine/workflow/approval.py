"""Approvals: the card that waits for a human's yes, whose id says which ask it belongs to, and what exactly was shown on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.workflow.definition import Json
from engine.workflow.outline import Outline, Place, entry_of
from engine.workflow.run import StepState
from engine.workflow.scope import Scoped, entries

if TYPE_CHECKING:
    from engine.workflow.progress import Progress


def approval_id(key: str) -> str:
    """The subject and card id of an approval: the same for the same ask (``key`` is its idempotency key), fit for a button."""
    return f"apr_{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def shown_hash(run: Scoped, place: Place, suffix: str = "") -> str:
    """What a yes is a yes to: the definition, event, inputs and arguments given by hand, the entry it stands in, and the outputs before it."""
    origin, begun = run.origin, run.begun
    shown: dict[str, object] = {
        "workflow": [origin.workflow, origin.version],
        "event": begun.event,
        "inputs": begun.inputs,
        "edits": {step: dict(given) for step, given in begun.edits.items()},
        "entry": entries(run, place, suffix) if suffix else {},
        "before": {id: progress.output for id, progress in _finished(run, place, suffix) if progress.state is StepState.SUCCEEDED},
    }
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _finished(run: Scoped, place: Place, suffix: str) -> Iterator[tuple[str, Progress]]:
    for id in _before(run.outline, place, suffix):
        progress = run.steps.get(id)
        if progress is not None:
            yield id, progress


def _before(outline: Outline, place: Place, suffix: str) -> Iterator[str]:
    """Every step that is surely over when ``place`` begins: before it in its own list, and before whatever it stands in."""
    while True:
        seen, waiting = set[str](), list(place.needs)
        while waiting:
            id = waiting.pop()
            if id not in seen:
                seen.add(id)
                waiting.extend(outline.places[id].needs)
        yield from (id + suffix for id in sorted(seen))
        parent = outline.blocks[place.block].parent if place.block else ""
        if not parent:
            return
        if outline.places[parent].kind == "foreach":
            suffix = entry_of(suffix)[0]
        place = outline.places[parent]


def decision(output: Json) -> bool | None:
    """Yes or no, as an answer says it; None when it says neither."""
    approved = output.get("approved") if isinstance(output, dict) else None
    return approved if isinstance(approved, bool) else None
