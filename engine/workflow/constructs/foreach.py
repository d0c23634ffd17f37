"""``foreach``: its steps once for every entry of a list, so many at a time; what failed entries mean is its policy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import Rejected
from engine.workflow.constructs.again import resume, unfinished
from engine.workflow.definition import ForEach, ItemFailure
from engine.workflow.expression import Missing
from engine.workflow.outline import entry_of
from engine.workflow.progress import Loop

if TYPE_CHECKING:
    from engine.workflow.definition import Json
    from engine.workflow.outline import Block, Place
    from engine.workflow.sheet import Sheet

MAX_ITEMS = 10_000  # entries of one list
MAX_ENTRIES = 100_000  # of all lists of a run, nested ones included


def open_up(sheet: Sheet, place: Place, suffix: str) -> None:
    try:
        items = _items(sheet, place, suffix)
    except Rejected as error:
        sheet.fail_with(place, suffix, str(error))
        return
    before = sheet.loops.get(place.id + suffix)
    sheet.entries += len(items) - (len(before.items) if before else 0)
    sheet.run_on(place, suffix)
    loop = Loop(items)
    block = sheet.outline.blocks[place.id]
    if not block.places:
        loop = loop._replace(next=len(items), done=len(items))
    sheet.loops[place.id + suffix] = loop
    _go_on(sheet, place, suffix)


def _items(sheet: Sheet, place: Place, suffix: str) -> Sequence[Json]:
    value = place.program.evaluate(sheet.scope(place, suffix))
    if isinstance(value, Missing):
        raise Rejected(f"Its list cannot be worked out: {value.reason}.")
    if not isinstance(value, (list, tuple)):
        raise Rejected(f"“{place.program.text[:80]}” gives no list, so there is nothing to go through.")
    if len(value) > MAX_ITEMS:
        raise Rejected(f"The list has {len(value):,} entries; a foreach takes {MAX_ITEMS:,}. Ask for fewer, or go through it in parts.")
    if sheet.entries + len(value) > MAX_ENTRIES:
        raise Rejected(f"With this list the run would go through more than {MAX_ENTRIES:,} entries. Start a run of its own for each part.")
    return _plain(value)


def _plain(value: Sequence[Json]) -> Sequence[Json]:
    """As JSON: an expression may give moments and durations, which become text."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        plain: Sequence[Json] = json.loads(json.dumps(value, default=str))
        return plain
    return value


def close(sheet: Sheet, block: Block, suffix: str) -> None:
    """Everything of one entry is over."""
    place = sheet.outline.places[block.parent]
    outer, entry = entry_of(suffix)
    loop = sheet.loops[place.id + outer]
    why = sheet.failure_in(block, suffix)
    failed = (*loop.failed, (entry, why)) if why else loop.failed
    sheet.loops[place.id + outer] = loop._replace(running=loop.running - 1, done=loop.done + 1, failed=failed)
    _go_on(sheet, place, outer)


def reopen(sheet: Sheet, place: Place, suffix: str) -> None:
    """Take up the entries that have something left to do, then those that never began."""
    loop, block = sheet.loops[place.id + suffix], sheet.outline.blocks[place.id]
    again = tuple(entry for entry in range(loop.next) if unfinished(sheet, block, f"{suffix}[{entry}]"))
    left = set(again)
    failed = tuple(one for one in loop.failed if one[0] not in left)
    sheet.run_on(place, suffix)
    sheet.loops[place.id + suffix] = loop._replace(running=0, done=loop.next - len(again), failed=failed, again=again)
    _go_on(sheet, place, suffix)


def _go_on(sheet: Sheet, place: Place, suffix: str) -> None:
    """Let as many entries begin as may run side by side; when none is left, the whole is over."""
    does = place.step.does
    assert isinstance(does, ForEach)
    loop, block = sheet.loops[place.id + suffix], sheet.outline.blocks[place.id]
    stopped = does.on_failure is ItemFailure.STOP and loop.failed
    running, following, again = loop.running, loop.next, loop.again
    while running < max(1, does.concurrency) and not stopped and (again or following < len(loop.items)):
        if again:
            entry, again = again[0], again[1:]
            resume(sheet, block, f"{suffix}[{entry}]")
        else:
            entry, following = following, following + 1
            sheet.begin(block, f"{suffix}[{entry}]")
        running += 1
    if running != loop.running:
        sheet.loops[place.id + suffix] = loop = loop._replace(running=running, next=following, again=again)
    if not running:
        _end(sheet, place, suffix, loop)


def _end(sheet: Sheet, place: Place, suffix: str, loop: Loop) -> None:
    does, block = place.step.does, sheet.outline.blocks[place.id]
    assert isinstance(does, ForEach)
    bad = {entry for entry, _ in loop.failed}
    items: Json = [None if entry in bad else sheet.output_of(block, f"{suffix}[{entry}]") for entry in range(len(loop.items))]
    failed: Json = [{"index": entry, "item": loop.items[entry], "error": why} for entry, why in sorted(loop.failed)]
    count = len(loop.items)
    output: Json = {"items": items, "failed": failed, "count": count, "succeeded": loop.done - len(bad)}
    if bad and does.on_failure is not ItemFailure.TOLERATE:
        error = f"{len(bad)} of {count} entries failed: {loop.failed[0][1]}" if count > 1 else loop.failed[0][1]
        sheet.fail_with(place, suffix, error, output)
    else:
        sheet.succeed_with(place, suffix, output)
