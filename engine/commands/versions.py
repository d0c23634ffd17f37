"""Versions of a workflow: which is meant, and how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence

from engine.commands.drafting import difference
from engine.commands.house import House
from engine.errors import NotFound, Rejected
from engine.workflow.catalogue import listed
from engine.workflow.definition import Workflow

MOST_NAMED = 12
SHOWN = 20


def number(said: str) -> int:
    """“3”, “v3” or “version 3”; 0 where none is said. Raises Rejected."""
    word = said.strip().casefold().removeprefix("version").strip().removeprefix("v")
    if not word:
        return 0
    if not word.isdecimal() or not 0 < int(word[:9]) < 10**8:
        raise Rejected(f"“{said[:40]}” is no version. Write its number, for example 3; /flow versions lists them.")
    return int(word[:9])


async def versions_of(house: House, workflow: Workflow) -> list[Workflow]:
    """One for each version, newest first: changes of the record alone (a pause) make none."""
    stored = sorted(await house.store.workflows.versions(workflow.id), key=lambda one: one.revision, reverse=True)
    found = {one.version: one for one in stored}  # of each its first record, which stands last
    return [found[version] for version in sorted(found, reverse=True)]


async def at(house: House, workflow: Workflow, version: int) -> Workflow:
    """Raises NotFound, naming those there are."""
    found = await house.store.workflows.at_version(workflow.id, version)
    if found is None:
        there = [str(one.version) for one in await versions_of(house, workflow)][:MOST_NAMED]
        raise NotFound(f"“{workflow.name}” has no version {version}. It has {listed(reversed(there))}.")
    return found


def in_a_line(older: Workflow | None, newer: Workflow) -> str:
    """What a version changed, in a few words."""
    if older is None:
        return "the first"
    old, new = older.definition, newer.definition
    parts = [
        ("name", old.name == new.name),
        ("trigger", old.trigger == new.trigger),
        ("condition", old.when == new.when),
        ("steps", old.steps == new.steps),
        ("options", old.options == new.options),
        ("description", old.description == new.description),
        ("env", old.env == new.env),
    ]
    changed = [word for word, same in parts if not same]
    lines = [line for line in difference(old, new).splitlines() if line[:1] in "+-"]
    size = f" (+{sum(line[0] == '+' for line in lines)} −{sum(line[0] == '-' for line in lines)} lines)" if lines else ""
    return f"{listed(changed) or 'nothing that shows'}{size}"


def rows(versions: Sequence[Workflow]) -> tuple[tuple[Workflow, str], ...]:
    """``versions`` newest first."""
    before = [*versions[1:], None]
    return tuple((one, in_a_line(older, one)) for one, older in zip(versions[:SHOWN], before, strict=False))
