"""What expressions see at one place of a run: the run's own things, its finished steps, and within a foreach the entry with its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.workflow.definition import Json
from engine.workflow.outline import Outline, Place, entry_of
from engine.workflow.progress import Begun, Fate, Loop, Progress
from engine.workflow.run import RunRecord, StepState

FINISHED = frozenset({StepState.SUCCEEDED, StepState.FAILED, StepState.SKIPPED})


class Scoped(Protocol):
    """A run, or one that is being written."""

    @property
    def outline(self) -> Outline: ...
    @property
    def origin(self) -> RunRecord: ...
    @property
    def begun(self) -> Begun: ...
    @property
    def fate(self) -> Fate: ...
    @property
    def known(self) -> Mapping[str, Json]: ...
    @property
    def steps(self) -> Mapping[str, Progress]: ...
    @property
    def loops(self) -> Mapping[str, Loop]: ...


def scope_at(run: Scoped, place: Place, suffix: str = "") -> dict[str, Any]:
    """For the expressions of ``place``; ``suffix`` says which entries of the foreach around it, as ``outline.split`` gives them."""
    origin, begun = run.origin, run.begun
    scope: dict[str, Any] = {
        "event": begun.event,
        "inputs": begun.inputs,
        "steps": _steps(run, place, suffix),
        "workflow": {"id": origin.workflow, "name": origin.name, "version": origin.version},
        "run": {
            "id": origin.id,
            "by": origin.by,
            "started_at": origin.started_at.isoformat(),
            "error": run.fate.error,
            "actor": begun.actor,
            "where": origin.where,
            "alert": begun.alert or origin.alert,
        },
        "env": run.outline.definition.env,
    }
    if suffix:
        scope.update(entries(run, place, suffix))
    return scope


def entries(run: Scoped, place: Place, suffix: str) -> dict[str, Any]:
    """By name, the entries around ``place`` from the outside in, and the innermost one's ``index``."""
    around = _around(run.outline, place.loop, suffix)
    found: dict[str, Any] = {}
    for loop, outer, index in reversed(around):
        found[run.outline.places[loop].step.does.name] = run.loops[loop + outer].items[index]  # type: ignore[union-attr]
        found["index"] = index
    return found


def known_as(progress: Progress) -> Json:
    """A finished step as expressions see it."""
    if progress.state is StepState.FAILED:
        return {"state": progress.state.value, "output": progress.output, "error": progress.error}
    return {"state": progress.state.value, "output": progress.output}


def _steps(run: Scoped, place: Place, suffix: str) -> dict[str, Json]:
    reads, known = place.reads, run.known
    steps = dict(known) if reads is None else {id: known[id] for id in reads if id in known}
    if suffix:
        for loop, outer, index in reversed(_around(run.outline, place.loop, suffix)):
            inner = f"{outer}[{index}]"
            for id in run.outline.within[loop]:
                if (reads is None or id in reads) and (progress := run.steps.get(id + inner)) is not None and progress.state in FINISHED:
                    steps[id] = known_as(progress)
    return steps


def _around(outline: Outline, loop: str, suffix: str) -> list[tuple[str, str, int]]:
    """Every foreach around, from the inside out: (its id, the entries further out, the entry)."""
    found = []
    while suffix:
        outer, index = entry_of(suffix)
        found.append((loop, outer, index))
        loop, suffix = outline.places[loop].loop, outer
    return found
