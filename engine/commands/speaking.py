"""How commands speak of moments, people and causes in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from engine.commands.command import Starter
from engine.commands.house import House
from engine.errors import Invalid
from engine.workflow.calendar import zone_named
from engine.workflow.run import RunRecord

FACES = {"slack": "Slack", "discord": "Discord", "web": "the web chat", "rest": "the API", "terminal": "the terminal"}
_MENTION = re.compile(r"<@!?(?P<id>[A-Za-z0-9]{1,40})(?:\|(?P<name>[^>]*))?>")


def local(at: datetime, zone: str) -> datetime:
    """The moment in a person's zone; in UTC where that is not known."""
    try:
        return at.astimezone(zone_named(zone or "UTC"))
    except Invalid:
        return at.astimezone(zone_named("UTC"))


def spoken(at: datetime, zone: str) -> str:
    """``Monday 2026-11-30 09:00 CET``."""
    return f"{local(at, zone):%A %Y-%m-%d %H:%M %Z}"


async def starter(house: House, run: RunRecord) -> Starter:
    """Who or what started a run. The record keeps it for machines (``slack:U1``, ``event:github.push``, ``run:…``, ``schedule``)."""
    kind, _, rest = run.by.partition(":")
    if kind == "event":
        service, _, event = rest.partition(".")
        known = house.catalogue.services.get(service)
        return Starter(f"{known.name if known else service}: {event.replace('_', ' ')}")
    if kind == "run":
        parent = await house.store.runs.get(rest)
        return Starter(f"the workflow “{parent.name}”" if parent else "another workflow")
    if not rest:
        return Starter(f"the {run.by}" if run.by == "schedule" else run.by)
    rows = await house.store.audit.list(subject=run.workflow, limit=100)
    name = next((row.actor_name for row in rows if row.actor == run.by and row.actor_name), "")
    return Starter(name or (await house.names([run.by])).get(run.by, ""), run.by)


def somebody(actor: str) -> str:
    """For a person whose name nobody has told us."""
    face = actor.partition(":")[0]
    return f"somebody on {FACES[face]}" if face in ("slack", "discord") else FACES.get(face, "somebody")


async def people(house: House, actors: Iterable[str]) -> tuple[str, ...]:
    """Their names, each once; “somebody on Slack” for those not known by name."""
    ids = list(dict.fromkeys(actors))
    known = await house.names(ids)
    return tuple(dict.fromkeys(known.get(id) or somebody(id) for id in ids))


def mentioned(text: str) -> tuple[str, str] | None:
    """(the face's own user id, name or "") of a mention such as ``<@U1|ada>``; None for anything else."""
    found = _MENTION.fullmatch(text.strip())
    return (found["id"], found["name"] or "") if found else None
