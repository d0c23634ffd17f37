"""Take in a catalogue as what its file says of the map: shown first, done by Confirm; the same file again replaces what it said before."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, open_draft
from engine.commands.house import House
from engine.commands.map_names import current
from engine.commands.map_shown import ImportPlanned, MapEdited
from engine.commands.map_sources import MOST_SOURCES, card_id, declare, source_of, sources
from engine.errors import NotFound, Rejected
from engine.events import DraftSaved, Event, PostingsTouched
from engine.graph.declared.detect import read_declared
from engine.graph.declared.known import Known
from engine.graph.declared.names import clean, quoted
from engine.graph.declared.reading import counted
from engine.graph.discovery.history import diff
from engine.graph.map_change import MapChange
from engine.graph.stored import BY_HAND
from engine.parties import Role
from engine.workflow.definition import Draft

CHANGES, PROBLEMS = 12, 8  # that a preview lists
LONGEST_SOURCE = 120
FENCED = re.compile(r"^```[\w-]*[ \t]*\n?(.*?)\n?```\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMap(Command):
    """``text``, or ``file``: a kept one by its id. ``called``: under which name it is kept. ``hours``: what counters in it are counted over.

    ``how``: draft (Confirm does it), preview (nothing is stored) or now.
    """

    NAME: ClassVar[str] = "import_map"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/deps import"
    HELP: ClassVar[str] = (
        "Take in a catalogue: Backstage, docker compose, OpenTelemetry, CSV or our own form, attached or on the lines below."
    )
    EXAMPLE: ClassVar[str] = "/deps import (with the file attached, or pasted on the next lines)"
    text: str = ""
    file: str = ""
    called: str = ""
    hours: float | None = None
    how: str = "draft"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if self.how == "draft" and (before := await earlier(house, asking)):
            return before
        content, name = await self._content(house)
        planned = await plan(house, asking, content, name, self.hours)
        if self.how == "preview":
            return Outcome(result=planned)
        if self.how == "now":
            return Outcome(result=await take_in(house, asking, planned))
        kept = self.file
        if not kept:
            kept = (await house.store.files.keep(f"{planned.source}.txt", content, by=asking.actor.id)).id
        more: dict[str, Any] = {"file": kept, "name": planned.source, "hours": self.hours}
        return await open_draft(house, asking, command=self.NAME, text=told(planned), more=more)

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        """The file is read again: what it changes is held against the map as it is by now."""
        said = draft.arguments
        hours = said.get("hours")
        content = await house.store.files.read(str(said["file"]))
        planned = await plan(house, asking, content, str(said["name"]), float(hours) if isinstance(hours, (int, float)) else None)
        return Outcome(result=await take_in(house, asking, planned, DraftSaved(draft), PostingsTouched(draft.id)), public=True)

    async def _content(self, house: House) -> tuple[bytes, str]:
        """Raises Rejected where nothing was handed over, naming what was taken in so far."""
        if self.text.strip():
            fenced = FENCED.match(self.text.strip())
            return (fenced[1] if fenced else self.text).encode("utf-8", "replace"), self.called
        if not self.file:
            so_far = await sources(house)
            names = "\n".join(f"• {said_of(one.id, one.told)}" for one in so_far)
            raise Rejected(
                "There is nothing to take in. Attach the file to your message, or paste it on the lines below /deps import."
                + (f"\nSo far the map is told by:\n{names}" if names else "")
            )
        kept = await house.store.files.get(self.file)
        if kept is None:
            raise NotFound("That file is not kept here any more. Attach it again.")
        return await house.store.files.read(kept.id), self.called or kept.name


async def plan(house: House, asking: Asking, content: bytes, name: str, hours: float | None) -> ImportPlanned:
    """Raises Invalid for a file of which nothing can be read or that is beyond the bounds, Rejected for one source too many."""
    map = await current(house)
    known = Known(ids=map.components, services=house.catalogue.services)
    source = clean(name, LONGEST_SOURCE)
    origin = source or f"pasted by {clean(asking.actor.name, 60)}"
    # Beside the loop: up to some seconds for the largest that is taken.
    reading = await asyncio.to_thread(read_declared, content, origin=origin, at=asking.at, known=known, hours=hours)
    source = source or f"pasted {reading.form.value}"
    if source.casefold() == BY_HAND:
        source = f"{source} (file)"
    there = await house.store.policies.get("map", source)
    if there is None and len(await house.store.policies.of("map")) >= MOST_SOURCES:
        raise Rejected(f"{MOST_SOURCES} files tell of the map already. Put several into one, or take one away: /deps import undo NAME")
    after = await house.foremap(source, reading)
    changes = await asyncio.to_thread(diff, map, after, at=asking.at, by=asking.actor.id)
    return ImportPlanned(source=source, reading=reading, changes=changes, replaces=there is not None)


async def take_in(house: House, asking: Asking, planned: ImportPlanned, *more: Event) -> MapEdited:
    before = await source_of(house, planned.source)
    detail = f"{planned.source}: {planned.reading.sentence}"
    revision = await declare(house, asking, before, planned.reading, verb=ImportMap.NAME, subject="map", detail=detail, more=more)
    changed = counted(len(planned.changes), "change")
    text = f"{quoted(planned.source)} is taken in: {changed} on the map.\n{planned.reading.sentence}"
    return MapEdited(id=card_id(planned.source), revision=revision, text=text)


def told(planned: ImportPlanned) -> str:
    """The preview in words: what was read, what would change, what a person should look at."""
    reading = planned.reading
    lines = [f"Take in {quoted(planned.source)}", reading.sentence]
    lines.append("It replaces what this file said before." if planned.replaces else "It is new; nothing else is replaced.")
    lines += ["", *_changes(planned.changes)]
    if reading.problems:
        lines += ["", "Worth a look:"]
        lines += [f"• {f'line {one.line}: ' if one.line else ''}{one.message}" for one in reading.problems[:PROBLEMS]]
        rest = len(reading.problems) - PROBLEMS + reading.more
        lines += [f"… and {rest:,} more."] if rest > 0 else []
    return "\n".join(lines)


def _changes(changes: tuple[MapChange, ...]) -> list[str]:
    if not changes:
        return ["Nothing on the map would change."]
    rest = len(changes) - CHANGES
    shown = [f"• {one.text}" for one in changes[:CHANGES]]
    return [f"{counted(len(changes), 'change')}{_sorts(changes)}:", *shown, *([f"… and {rest:,} more."] if rest > 0 else [])]


def _sorts(changes: tuple[MapChange, ...]) -> str:
    """`` (4 components added, 6 lines added)``"""
    sorts: dict[str, int] = {}
    for one in changes:
        noun, what = str(one.body.get("noun", "")), str(one.body.get("what", ""))
        sorts[f"{noun}|{what}"] = sorts.get(f"{noun}|{what}", 0) + 1
    parts = [f"{counted(count, key.partition('|')[0])} {key.partition('|')[2]}" for key, count in sorts.items()]
    return f" ({', '.join(parts)})" if parts else ""


def said_of(source: str, told_: Any) -> str:
    parts = [counted(len(told_.components), "component"), counted(len(told_.lines), "line")]
    parts += [counted(len(told_.alternatives), "alternative")] if told_.alternatives else []
    return f"{quoted(source)}: {', '.join(parts)}"


def plan_json(planned: ImportPlanned) -> Mapping[str, Any]:
    """As REST tells it."""
    reading = planned.reading

    def problems(found: Any) -> list[dict[str, Any]]:
        return [{"message": one.message, "line": one.line or None} for one in found]

    return {
        "source": planned.source,
        "form": reading.form.value,
        "summary": reading.sentence,
        "replaces": planned.replaces,
        "components": len(reading.components),
        "lines": len(reading.lines),
        "alternatives": len(reading.alternatives),
        "changes": [{"subject": one.subject, "text": one.text} for one in planned.changes[:1_000]],
        "change_count": len(planned.changes),
        "lost": problems(reading.lost),
        "doubts": problems(reading.doubts),
        "more_problems": reading.more,
    }
