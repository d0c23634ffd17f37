"""Why the last request of this person here was read as it was: its parts, from the reading itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound
from engine.events import DialogueSaved
from engine.ports import Understood
from engine.workflow.definition import Json

KEPT = timedelta(minutes=30)
SOURCES = {"grammar": "my grammar", "model": "my second reader, by sentences like it", "llm": "the language model; I checked its answer"}


def remembered(person_here: str, text: str, understood: Understood, now: datetime) -> DialogueSaved:
    """A reading kept for half an hour, to be told when the same person asks why in the same place."""
    parts: list[Json] = [[words, meant] for words, meant in understood.parts]
    state: dict[str, Json] = {
        "text": text[:600], "command": understood.command or "", "sure": understood.confidence, "source": understood.source, "parts": parts
    }  # fmt: skip
    return DialogueSaved(key_of(person_here), state, now + KEPT)


def key_of(person_here: str) -> str:
    return f"why:{person_here}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainReading(Command):
    NAME: ClassVar[str] = "explain_reading"
    SLASH: ClassVar[str] = "/signalbox why"
    HELP: ClassVar[str] = "How I read your last request here, part by part."
    EXAMPLE: ClassVar[str] = "/signalbox why"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        known = await house.store.dialogues.get(key_of(f"{asking.actor.id}@{asking.where}"), house.clock.now())
        if not known:
            raise NotFound("I have read nothing of yours here in the last half hour. Ask right after a request.")
        return done("\n".join(_told(known)))


def _told(known: Mapping[str, Json]) -> list[str]:
    sure, source = known.get("sure"), SOURCES.get(str(known.get("source")), "my grammar")
    command = str(known.get("command")).replace("_", " ")
    share = f", {sure:.0%} sure" if isinstance(sure, (int, float)) else ""
    lines = [f"You said: {known.get('text', '')}", f"I read it as “{command}”{share}, by {source}."]
    parts = known.get("parts")
    return [*lines, *(_part(one) for one in parts if isinstance(one, list) and len(one) == 2)] if isinstance(parts, list) else lines


def _part(part: Sequence[Json]) -> str:
    words, meant = part
    return f"• “{words}”: {meant}" if words else f"• {meant}"
