"""What has failed comes to life again: a whole run that is retried, or a list of steps of which the failed one is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import Conflict
from engine.workflow.constructs.again import resume
from engine.workflow.constructs.parts import to_undo
from engine.workflow.outline import Part, entry_of, split
from engine.workflow.progress import Fate, place_of
from engine.workflow.run import StepState
from engine.workflow.transitions import move_step

if TYPE_CHECKING:
    from datetime import datetime

    from engine.workflow.definition import Json
    from engine.workflow.outline import Place
    from engine.workflow.run import Fact
    from engine.workflow.sheet import Sheet


def start_again(sheet: Sheet, fact: Fact, deadline: datetime | None) -> None:
    """A failed run goes on from its failed steps; the parts behind the main one begin from nothing when their turn comes."""
    sheet.fate = Fate(round=sheet.fate.round + 1, sandbox=sheet.fate.sandbox)
    _take_in(sheet, fact.data, deadline)
    _forget_later_parts(sheet)
    for step in _listed(fact.data.get("skip")):
        before = sheet.steps[step]
        state = move_step(step, before.state, fact.kind, StepState.SKIPPED)
        error = f"{fact.data.get('by') or fact.data.get('actor')} skipped it."
        sheet.write_down(place_of(sheet.outline, step), step, before._replace(state=state, output=None, error=error))
    resume(sheet, sheet.outline.main, "")


def _take_in(sheet: Sheet, data: Mapping[str, Json], deadline: datetime | None) -> None:
    begun, inputs, given = sheet.begun, data.get("inputs"), data.get("arguments")
    edits: dict[str, Any] = {step: dict(values) for step, values in begun.edits.items()}
    for step, values in given.items() if isinstance(given, dict) else ():
        edits[step] = {**edits.get(step, {}), **(values if isinstance(values, dict) else {})}
    altered = inputs is not None or given is not None
    actor = str(data.get("actor") or "")
    sheet.begun = begun._replace(
        inputs=begun.inputs if inputs is None else inputs,
        edits=edits,
        requesters=tuple(dict.fromkeys((*begun.requesters, actor))) if actor and altered else begun.requesters,
        deadline=deadline,
        altered=sheet.fate.round if altered else begun.altered,
    )


def _forget_later_parts(sheet: Sheet) -> None:
    """All but what was undone: that is how it is known that it must be done again."""
    places = sheet.outline.places

    def stays(id: str) -> bool:
        place = places[split(id)[0]]
        return place.part is Part.MAIN or (place.part is Part.UNDO and sheet.steps[id].state is StepState.SUCCEEDED)

    def main(id: str) -> bool:
        return places[split(id)[0]].part is Part.MAIN

    sheet.open = {id: state for id, state in sheet.open.items() if main(id)}
    sheet.steps = {id: progress for id, progress in sheet.steps.items() if stays(id)}
    sheet.known = {id: value for id, value in sheet.known.items() if main(id)}
    sheet.unmet = {id: left for id, left in sheet.unmet.items() if main(id)}
    sheet.loops = {id: loop for id, loop in sheet.loops.items() if main(id)}
    sheet.entries = sum(len(loop.items) for loop in sheet.loops.values())
    sheet.adrift, sheet.undoing, sheet.kept, sheet.reopened, sheet.active = frozenset(), None, {}, {}, {}
    sheet.done = to_undo(sheet)


def revive(sheet: Sheet, place: Place, suffix: str) -> None:
    """A failed step is about to be passed over while the run goes on: whatever has failed because of it is under way again.

    Raises Conflict when the run has gone on without it.
    """
    if place.continues:
        raise Conflict(f"The run has gone on behind “{place.id}{suffix}” already, so passing over it would change nothing.")
    _enter_again(sheet, place, suffix)


def _enter_again(sheet: Sheet, place: Place, suffix: str) -> None:
    id = place.id + suffix
    if not place.nested:
        sheet.change(failed=tuple(other for other in sheet.fate.failed if other != id))
        return
    alive = place.block + suffix in sheet.active
    sheet.enter(place, suffix)
    if alive:
        return
    parent = sheet.outline.places[sheet.outline.blocks[place.block].parent]
    outer, entry = entry_of(suffix) if parent.kind == "foreach" else (suffix, -1)
    holder = parent.id + outer
    before = sheet.steps[holder]
    if before.state is StepState.FAILED:
        if parent.continues:
            raise Conflict(f"The run has gone on behind “{holder}” already, so passing over “{id}” would change nothing.")
        _enter_again(sheet, parent, outer)
        sheet.put_back(parent, holder, before._replace(state=StepState.RUNNING, error="", output=None, finished_at=None))
    elif before.state is not StepState.RUNNING:
        raise Conflict(f"“{holder}” has come to its end already, so passing over “{id}” would change nothing.")
    if parent.kind == "foreach":
        loop = sheet.loops[holder]
        failed = tuple(one for one in loop.failed if one[0] != entry)
        sheet.loops[holder] = loop._replace(running=loop.running + 1, done=loop.done - 1, failed=failed)


def _listed(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
