"""The parts of a run, one after the other: main, undo, on failure, finally; and how one is broken off.

A part that has nothing to do is passed over. What is in flight when a part is broken off drifts on: its outcome is still written down,
and what it did is undone if the definition says how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.workflow.outline import Part, entry_of, split
from engine.workflow.progress import UNTOUCHED, Done, place_of
from engine.workflow.run import FactKind, RunState, StepState
from engine.workflow.transitions import move_step

if TYPE_CHECKING:
    from engine.workflow.outline import Block
    from engine.workflow.sheet import Sheet

DRIFTING = frozenset({StepState.ASKED, StepState.IN_DOUBT})


def move_on(sheet: Sheet) -> None:
    """While everything of the part is over, go to the next one; OVER when none is left."""
    while sheet.fate.part is not Part.OVER and not _busy(sheet) and not sheet.fate.denied:
        if sheet.fate.part is Part.UNDO and _undo_next(sheet):
            continue
        if sheet.fate.part is Part.UNDO and _drifting(sheet, DRIFTING):
            return
        _next_part(sheet)


def _busy(sheet: Sheet) -> bool:
    return bool(sheet.ready or sheet.broken or sheet.active or len(sheet.open) > len(sheet.adrift))


def _next_part(sheet: Sheet) -> None:
    """To the next part that has something to do; what the main part came to is decided when it is over."""
    fate = sheet.fate
    ending, error, undoing = fate.ending, fate.error, None
    if fate.part is Part.MAIN:
        if ending is None:
            ending, error = _outcome(sheet)
        if ending is not RunState.SUCCEEDED and fate.compensate:
            undoing = to_undo(sheet)
            if undoing is not None or sheet.adrift:
                sheet.undoing = undoing
                sheet.change(part=Part.UNDO, ending=ending, error=error)
                return
    failed = ending is RunState.FAILED and fate.part < Part.FAILURE
    if failed and sheet.outline.failure.places:
        sheet.change(part=Part.FAILURE, ending=ending, error=error)
        _begin(sheet, sheet.outline.failure)
    elif fate.part < Part.FINALLY and sheet.outline.finally_.places:
        sheet.change(part=Part.FINALLY, ending=ending, error=error)
        _begin(sheet, sheet.outline.finally_)
    else:
        sheet.change(part=Part.OVER, ending=ending, error=error)


def to_undo(sheet: Sheet) -> Done:
    """What has succeeded and was not undone yet, each once, the newest first."""
    newest, seen = list[str](), set[str]()
    done = sheet.done
    while done is not None:
        step, done = done
        base, suffix = split(step)
        undo = sheet.steps.get(sheet.outline.places[base].undo + suffix, UNTOUCHED)
        if step not in seen and undo.state is not StepState.SUCCEEDED and sheet.steps[step].state is StepState.SUCCEEDED:
            newest.append(step)
        seen.add(step)
    chain: Done = None
    for step in reversed(newest):
        chain = (step, chain)
    return chain


def _outcome(sheet: Sheet) -> tuple[RunState, str]:
    if not sheet.fate.failed:
        return RunState.SUCCEEDED, ""
    first = sheet.fate.failed[0]
    return RunState.FAILED, f"{first}: {sheet.steps[first].error}"


def _begin(sheet: Sheet, block: Block) -> None:
    sheet.begin(block)
    sheet.drain()


def _undo_next(sheet: Sheet) -> bool:
    """Make the newest thing that is not undone yet ready to be undone, once nothing that may have to be undone is in flight."""
    if sheet.undoing is None or _drifting(sheet, frozenset({StepState.ASKED})):
        return False
    step, sheet.undoing = sheet.undoing
    base, suffix = split(step)
    sheet.ready[sheet.outline.places[base].undo + suffix] = None
    return True


def _drifting(sheet: Sheet, states: frozenset[StepState]) -> bool:
    """Whether something that would have to be undone is still in one of these states."""
    if not sheet.fate.compensate:
        return False
    return any(sheet.open.get(step) in states and place_of(sheet.outline, step).undo for step in sheet.adrift)


def break_off(sheet: Sheet, kind: FactKind, error: str) -> None:
    """Nothing more comes of the part that is under way. ``kind``: CANCELLED passes over what waits, EXPIRED fails it."""
    becomes = StepState.SKIPPED if kind is FactKind.CANCELLED else StepState.FAILED
    sheet.ready, sheet.broken, sheet.kept, sheet.reopened = {}, {}, {}, {}
    for step, state in list(sheet.open.items()):
        if state in DRIFTING:
            continue
        del sheet.open[step]
        before = sheet.steps[step]
        ended = before._replace(state=move_step(step, state, kind, becomes), error=error, retry_at=None, finished_at=sheet.at)
        sheet.write_down(place_of(sheet.outline, step), step, ended)
    sheet.timers = {}
    sheet.adrift = frozenset(sheet.open)
    for construct in _underway(sheet):
        before = sheet.steps.get(construct, UNTOUCHED)
        if before.state is StepState.RUNNING:
            ended = before._replace(state=becomes, error=error, finished_at=sheet.at)
            sheet.write_down(place_of(sheet.outline, construct), construct, ended)
    sheet.active = {}


def _underway(sheet: Sheet) -> dict[str, None]:
    """The constructs that hold something active, from the inside out."""
    found: dict[str, None] = {}
    for key in sheet.active:
        base, suffix = split(key)
        block = sheet.outline.blocks[base]
        while block.parent:
            parent = sheet.outline.places[block.parent]
            if parent.kind == "foreach":
                suffix = entry_of(suffix)[0]
            found[parent.id + suffix] = None
            block = sheet.outline.blocks[parent.block]
    return found
