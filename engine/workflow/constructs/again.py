"""Going on after a failure: in every list of steps, what is left to do is queued again, and what stands is passed through as it is.

a ✓ ─▶ b ✗ ─▶ c        again: b, then c
a ↶ ─▶ b ✓ ─▶ c ✗      a was undone: again a, through b, which keeps its answer, then c
ok? ─▶ b ✗             with other inputs: what was approved is not what would be done, so ok? is asked anew, then b
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.workflow.approval import shown_hash
from engine.workflow.progress import OPEN, UNTOUCHED, More, Progress
from engine.workflow.run import FactKind, RunState, StepState
from engine.workflow.transitions import move_step

if TYPE_CHECKING:
    from engine.workflow.outline import Block, Place
    from engine.workflow.sheet import Sheet

NEW_KEY = frozenset({"run_workflow", "approve"})  # what is asked again is another sub-run, another card


def resume(sheet: Sheet, block: Block, suffix: str) -> None:
    """Queue what is left to do in a list of steps; when nothing is, the approvals in it whose plan has changed."""
    left = {id for id in block.order if left_over(sheet, sheet.outline.places[id], suffix)}
    changed = [id for id in block.order if id not in left and _outdated(sheet, sheet.outline.places[id], suffix)]
    if changed:
        before = _before(sheet, block, left)
        left.update(id for id in changed if not left or id in before)
    kept = _kept(sheet, block, left)
    for id in block.order:
        if id in left or id in kept:
            sheet.unmet[id + suffix] = sum(need in left or need in kept for need in sheet.outline.places[id].needs)
    for id in block.places:
        if id in kept:
            sheet.kept[id + suffix] = None
        elif id in left:
            _take_up(sheet, sheet.outline.places[id], suffix)


def unfinished(sheet: Sheet, block: Block, suffix: str) -> bool:
    return any(left_over(sheet, sheet.outline.places[id], suffix) for id in block.places)


def left_over(sheet: Sheet, place: Place, suffix: str) -> bool:
    """Whether it has not come to a good end, or was undone since."""
    progress = sheet.steps.get(place.id + suffix, UNTOUCHED)
    if progress.state is StepState.SKIPPED:
        return False
    if progress.state is StepState.FAILED:
        return not place.continues
    if progress.state is not StepState.SUCCEEDED:
        return True
    return _is_undone(sheet, place, suffix) or any(_undone(sheet, block, inner) for block, inner in begun_in(sheet, place, suffix))


def _is_undone(sheet: Sheet, place: Place, suffix: str) -> bool:
    return bool(place.undo) and sheet.steps.get(place.undo + suffix, UNTOUCHED).state is StepState.SUCCEEDED


def _wipe(sheet: Sheet, place: Place, suffix: str) -> None:
    """A construct that was undone as a whole: everything within it is done again, under new keys."""
    for block, inner in list(begun_in(sheet, place, suffix)):
        for id in block.places:
            nested = sheet.outline.places[id]
            _wipe(sheet, nested, inner)
            before = sheet.steps.get(id + inner, UNTOUCHED)
            sheet.put_back(nested, id + inner, Progress(attempt=before.attempt, first=before.first, more=More(round=sheet.fate.round)))
            sheet.unmet[id + inner] = len(nested.needs)
            if nested.undo:
                sheet.steps[nested.undo + inner] = UNTOUCHED


def _undone(sheet: Sheet, block: Block, suffix: str) -> bool:
    """Whether something within a list that came to a good end was undone since."""
    for id in block.places:
        place = sheet.outline.places[id]
        if sheet.steps.get(id + suffix, UNTOUCHED).state is StepState.SUCCEEDED and left_over(sheet, place, suffix):
            return True
    return False


def _outdated(sheet: Sheet, place: Place, suffix: str) -> bool:
    """Whether it is, or holds, a yes to something that would not be done that way any more."""
    progress = sheet.steps.get(place.id + suffix, UNTOUCHED)
    if progress.state is not StepState.SUCCEEDED:
        return False
    if progress.shown:
        return progress.shown != shown_hash(sheet, place, suffix)
    return any(
        _outdated(sheet, sheet.outline.places[id], inner) for block, inner in begun_in(sheet, place, suffix) for id in block.places
    )  # fmt: skip


def begun_in(sheet: Sheet, place: Place, suffix: str) -> Iterator[tuple[Block, str]]:
    """The lists of steps within a construct that have begun, each with its entries."""
    if place.kind == "foreach":
        loop = sheet.loops.get(place.id + suffix)
        block = sheet.outline.blocks[place.id]
        yield from ((block, f"{suffix}[{entry}]") for entry in range(loop.next if loop else 0))
        return
    for id in place.blocks:
        block = sheet.outline.blocks[id]
        if place.kind == "parallel" or any(
            sheet.steps.get(other + suffix, UNTOUCHED).state is not StepState.PENDING for other in block.places
        ):
            yield block, suffix


def _before(sheet: Sheet, block: Block, left: set[str]) -> set[str]:
    """Steps that have something left to do behind them."""
    before: set[str] = set()
    for id in reversed(block.order):
        if any(other in left or other in before for other in sheet.outline.places[id].dependents):
            before.add(id)
    return before


def _kept(sheet: Sheet, block: Block, left: set[str]) -> set[str]:
    """What stands, behind something that is done again: it keeps its answer, but its turn comes after."""
    kept: set[str] = set()
    for id in block.order:
        if id not in left and any(need in left or need in kept for need in sheet.outline.places[id].needs):
            kept.add(id)
    return kept


def _take_up(sheet: Sheet, place: Place, suffix: str) -> None:
    id = place.id + suffix
    before = sheet.steps.get(id, UNTOUCHED)
    if before.state in OPEN:  # still in flight, or in doubt: its answer is taken as ever
        if place.nested:
            sheet.enter(place, suffix)
        return
    if place.blocks and before.state is not StepState.PENDING:
        if _is_undone(sheet, place, suffix):
            _wipe(sheet, place, suffix)
        elif any(True for _ in begun_in(sheet, place, suffix)):
            sheet.reopened[id] = None
    if before.state is not StepState.PENDING:
        sheet.put_back(place, id, _fresh(sheet, place, id, before))
        if place.undo:
            sheet.steps[place.undo + suffix] = UNTOUCHED
    if not sheet.unmet[id]:
        sheet.queue(place, suffix)


def _child_can_go_on(before: Progress) -> bool:
    """A sub-run that failed is itself retried, under the key that started it: what its steps did is not done again."""
    return isinstance(before.output, dict) and before.output.get("state") == RunState.FAILED.value


def _fresh(sheet: Sheet, place: Place, id: str, before: Progress) -> Progress:
    """As if it had not been asked, but for its attempts and, where it failed, its key."""
    if before.state is StepState.FAILED:
        state = move_step(id, before.state, FactKind.RETRIED, StepState.PENDING)
        more = before.more._replace(fresh=True)
        if place.kind in NEW_KEY and not _child_can_go_on(before):
            more = More(round=sheet.fate.round, fresh=True)
        return before._replace(state=state, tries=0, action="", error="", output=None, finished_at=None, retry_at=None, more=more)
    return Progress(attempt=before.attempt, first=before.first, more=More(round=sheet.fate.round))
