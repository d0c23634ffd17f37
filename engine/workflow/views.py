"""The steps of a run as people see them: in a readable order, nested ones after what holds them, long loops summed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.workflow.definition import Approve, Definition, SubRun, Wait
from engine.workflow.fold import fold
from engine.workflow.outline import ASKS, Block, Part, Place, outline_of, split
from engine.workflow.progress import UNTOUCHED, Loop, Progress, Run
from engine.workflow.run import Fact, RunRecord, RunState, StepState, StepView

ITEMS = 20  # entries of a foreach that are shown one by one
# Which entries are worth a line first.
_TELLING = (StepState.IN_DOUBT, StepState.WAITING, StepState.RETRYING, StepState.ASKED)


def views_of(run: Run, *, items: int = ITEMS, within: str = "") -> tuple[StepView, ...]:
    """The steps in order; those of later parts only once they have begun, of a switch only those of the case that holds.

    Of each foreach at most ``items`` entries are shown: those that need somebody first, then failed ones, then the first; the foreach's own
    view sums up the rest. ``within`` (``each``, ``inner[3]``): only what stands in that construct.
    """
    if within:
        place = run.place(within)
        return tuple(_inside(run, place, within[len(place.id) :], items))
    views = list(_block(run, run.outline.main, "", items))
    views += _undone(run)
    for block, part in ((run.outline.failure, Part.FAILURE), (run.outline.finally_, Part.FINALLY)):
        if _has_begun(run, block, part):
            views += _block(run, block, "", items)
    return tuple(views)


def view_of(run: Run, step: str) -> StepView:
    """Raises NotFound for a step this run does not have."""
    place = run.place(step)
    return _view(run, place, step[len(place.id) :])


def steps_of(
    definition: Definition, facts: Sequence[Fact], record: RunRecord | None = None, *, items: int = ITEMS, within: str = ""
) -> tuple[StepView, ...]:
    """The steps of a stored run as people see them; ``definition`` is the version the run started with. See ``views_of``.

    Without its ``record``, conditions that read ``run`` or ``workflow`` see no ids there.
    """
    if not facts:
        return ()
    record = record or RunRecord(
        id="", workflow="", version=0, name=definition.name, state=RunState.RUNNING, started_at=facts[0].at, by=""
    )  # fmt: skip
    run = fold(Run(outline=outline_of(definition), origin=record), facts)
    return views_of(run, items=items, within=within)


def _has_begun(run: Run, block: Block, part: Part) -> bool:
    if run.fate.part is part:
        return True
    return run.fate.part > part and any(run.progress(id).state is not StepState.PENDING for id in block.places)


def _block(run: Run, block: Block, suffix: str, items: int) -> Iterator[StepView]:
    for id in block.places:
        place = run.outline.places[id]
        yield _view(run, place, suffix)
        if place.blocks:
            yield from _inside(run, place, suffix, items)


def _inside(run: Run, place: Place, suffix: str, items: int) -> Iterator[StepView]:
    if place.kind == "foreach":
        for entry in _telling(run, place, suffix, items):
            yield from _block(run, run.outline.blocks[place.id], f"{suffix}[{entry}]", items)
        return
    blocks = [run.outline.blocks[id] for id in place.blocks]
    if place.kind == "switch" and run.progress(place.id + suffix).state is not StepState.PENDING:
        blocks = [block for block in blocks if any(id + suffix in run.steps or id + suffix in run.ready for id in block.places)]
    for block in blocks:
        yield from _block(run, block, suffix, items)


def _telling(run: Run, place: Place, suffix: str, items: int) -> list[int]:
    """Entries worth showing, in order: what needs somebody, what failed, what is under way, then the first ones."""
    loop = run.nest.loops.get(place.id + suffix)
    if loop is None:
        return []
    chosen: dict[int, None] = {}
    by_state: dict[StepState, list[int]] = {state: [] for state in _TELLING}
    prefix = suffix + "["
    for step, state in run.open.items():
        base, entries = split(step)
        if entries.startswith(prefix) and _stands_in(run, run.outline.places[base], place):
            by_state[state].append(int(entries[len(prefix) :].partition("]")[0]))
    found = (
        *by_state[StepState.IN_DOUBT],
        *by_state[StepState.WAITING],
        *(entry for entry, _ in loop.failed),
        *by_state[StepState.RETRYING],
    )
    for entry in (*found, *by_state[StepState.ASKED], *range(min(loop.next, items))):
        if len(chosen) >= items:
            break
        chosen[entry] = None
    return sorted(chosen)


def _stands_in(run: Run, inner: Place, outer: Place) -> bool:
    loop = inner.loop
    while loop and loop != outer.id:
        loop = run.outline.places[loop].loop
    return loop == outer.id


def _undone(run: Run) -> Iterator[StepView]:
    """What undoes others, in the order it was or is begun."""
    if run.fate.part is Part.MAIN and run.fate.round == 1:
        return
    ids = [id for id in (*run.steps, *run.ready) if (".undo" in id and run.progress(id) is not UNTOUCHED) or id in run.ready]
    undos = [id for id in dict.fromkeys(ids) if run.place(id).undoes]
    for id in sorted(undos, key=lambda one: run.progress(one).first or run.seq + 1):
        yield view_of(run, id)


def _view(run: Run, place: Place, suffix: str) -> StepView:
    id = place.id + suffix
    progress = run.progress(id)
    holder = run.outline.blocks[place.block].parent if place.block else ""
    return StepView(
        id=id,
        action=progress.action or place.step.action or ASKS.get(place.kind, ""),
        state=progress.state,
        attempts=progress.attempt,
        output=progress.output,
        error=progress.error,
        sandbox=progress.sandbox,
        started_at=progress.started_at,
        finished_at=progress.finished_at,
        kind=place.kind,
        within=_holder(run, place, holder, suffix) if holder else "",
        until=progress.until if progress.state is StepState.WAITING else None,
        waits_for=_waits_for(run, place, id, progress),
        undo=bool(place.undoes),
        because=progress.because,
    )


def _holder(run: Run, place: Place, holder: str, suffix: str) -> str:
    outer = suffix.rpartition("[")[0] if run.outline.places[holder].kind == "foreach" else suffix
    return holder + outer


def _waits_for(run: Run, place: Place, id: str, progress: Progress) -> str:
    if progress.state is StepState.RUNNING and place.kind == "foreach":
        return _so_far(run.nest.loops[id])
    if progress.state is not StepState.WAITING:
        return ""
    match place.step.does:
        case Wait(event=event):
            return f"{event} to happen" if event else _at(progress.until)
        case Approve(by=by, quorum=quorum):
            whom = str(progress.arguments.get("approver") or ", ".join(by)) or "somebody"
            count = sum(vote["approved"] is True for vote in progress.votes)
            return f"{whom} to approve" + (f" ({count} of {quorum})" if quorum > 1 else "")
        case SubRun(workflow=workflow):
            return f"“{progress.arguments.get('workflow') or workflow}” to end"
    if place.step.action == ASKS["approve"]:
        return f"{progress.arguments.get('approver') or progress.arguments.get('user') or 'somebody'} to approve"
    return "an answer"


def _so_far(loop: Loop) -> str:
    failed = f", {len(loop.failed)} failed" if loop.failed else ""
    return f"{loop.done} of {len(loop.items)} done{failed}"


def _at(until: datetime | None) -> str:
    return f"{until:%Y-%m-%d %H:%M} UTC" if until else ""
