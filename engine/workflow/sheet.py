"""A run opened for writing: the only mutable thing of the kernel, and it never leaves ``fold``.

    queue ─▶ decide ─┬─ does not hold ─▶ finish ─▶ queue of its dependents
                     ├─ asks somebody ─▶ ready        … facts … ─▶ finish or fail
                     └─ a construct   ─▶ open ─▶ queue of what is within … close ─▶ finish or fail

What is due lies in one queue, so a definition of ten thousand steps, or a list of ten thousand entries, takes no deeper stack than one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.errors import Rejected
from engine.workflow.constructs import CLOSE, OPEN_UP, REOPEN
from engine.workflow.definition import Json
from engine.workflow.layers import opened
from engine.workflow.outline import Block, Part, Place
from engine.workflow.progress import EMPTY_NEST, SKIPPED, UNTOUCHED, Done, Loop, Nest, Progress, Run
from engine.workflow.run import StepState
from engine.workflow.scope import known_as, scope_at


class Sheet:
    """``at`` is the time of the fact that is being written."""

    __slots__ = (
        "active", "adrift", "at", "begun", "broken", "claims", "done", "entries", "fate", "kept", "known", "loops", "open", "origin",
        "outline", "ready", "reopened", "seq", "state", "steps", "timers", "todo", "undoing", "unmet",
    )  # fmt: skip

    active: dict[str, int]
    kept: dict[str, None]
    reopened: dict[str, None]
    steps: dict[str, Progress]
    known: dict[str, Json]
    unmet: dict[str, int]
    loops: dict[str, Loop]
    claims: dict[str, str]
    at: datetime

    def __init__(self, run: Run) -> None:
        self.outline, self.origin = run.outline, run.origin
        self.seq, self.state = run.seq, run.state
        self.steps, self.known, self.unmet = opened(run.steps), opened(run.known), opened(run.unmet)
        self.ready, self.broken, self.open, self.timers = dict(run.ready), dict(run.broken), dict(run.open), dict(run.timers)
        self.begun, self.fate = run.begun, run.fate
        self.todo: deque[tuple[Place, str]] = deque()
        nest = run.nest
        self.done: Done = nest.done
        self.undoing: Done = nest.undoing
        self.adrift, self.entries = nest.adrift, nest.entries
        if nest is EMPTY_NEST:
            self.active, self.loops, self.claims, self.kept, self.reopened = {}, {}, {}, {}, {}
        else:
            self.active, self.loops, self.claims = dict(nest.active), opened(nest.loops), opened(nest.claims)
            self.kept, self.reopened = dict(nest.kept), dict(nest.reopened)

    def read(self) -> Run:
        return Run(
            outline=self.outline,
            origin=self.origin,
            seq=self.seq,
            state=self.state,
            steps=self.steps,
            unmet=self.unmet,
            ready=self.ready,
            broken=self.broken,
            open=self.open,
            timers=self.timers,
            known=self.known,
            begun=self.begun,
            fate=self.fate,
            nest=self._nest(),
        )

    def _nest(self) -> Nest:
        if not (self.active or self.loops or self.claims or self.done or self.adrift or self.kept or self.reopened or self.entries):
            return EMPTY_NEST
        return Nest(
            active=self.active,
            loops=self.loops,
            kept=self.kept,
            reopened=self.reopened,
            claims=self.claims,
            done=self.done,
            undoing=self.undoing,
            adrift=self.adrift,
            entries=self.entries,
        )

    # --- the queue

    def begin(self, block: Block, suffix: str = "") -> None:
        """Queue the steps of a list that need nothing."""
        for id in block.first:
            self.queue(self.outline.places[id], suffix)

    def queue(self, place: Place, suffix: str) -> None:
        """It waits for nothing more: to be decided next."""
        if place.nested:
            self.enter(place, suffix)
        self.todo.append((place, suffix))

    def enter(self, place: Place, suffix: str) -> None:
        key = place.block + suffix
        self.active[key] = self.active.get(key, 0) + 1

    def drain(self) -> None:
        while self.todo:
            self._decide(*self.todo.popleft())

    def _decide(self, place: Place, suffix: str) -> None:
        id = place.id + suffix
        if self.kept and id in self.kept:
            del self.kept[id]
            self.finish(place, suffix)
            return
        if self.reopened and id in self.reopened:
            del self.reopened[id]
            REOPEN[place.kind](self, place, suffix)
            return
        if place.condition is not None and not self._holds(place, suffix, id):
            return
        opener = OPEN_UP.get(place.kind)
        if opener is None:
            self.ready[id] = None
        else:
            opener(self, place, suffix)

    def _holds(self, place: Place, suffix: str, id: str) -> bool:
        """Whether to go on with it; where its condition does not hold it is skipped, where it cannot be read it is broken."""
        assert place.condition is not None
        try:
            if place.condition.holds(self.scope(place, suffix)):
                return True
        except Rejected as error:
            self.broken[id] = str(error)
            return False
        self.write_down(place, id, SKIPPED)
        self.finish(place, suffix)
        return False

    # --- how a step ends

    def finish(self, place: Place, suffix: str) -> None:
        """The run goes on behind it: one need less for its dependents."""
        for dependent in place.dependents:
            id = dependent + suffix
            left = self.unmet.get(id)
            if left is None:
                left = len(self.outline.places[dependent].needs)
            self.unmet[id] = left = left - 1
            if not left:
                self.queue(self.outline.places[dependent], suffix)
        if place.nested:
            self._leave(place, suffix)

    def fail(self, place: Place, suffix: str) -> None:
        """It has failed (and is written down so); what that means is the business of whatever it stands in."""
        id = place.id + suffix
        if place.part is not Part.MAIN and not place.nested:
            named = f"undoing {place.undoes + suffix}" if place.undoes else id
            self.change(troubles=(*self.fate.troubles, f"{named}: {self.steps[id].error}"))
        if place.continues:
            self.finish(place, suffix)
            return
        if place.nested:
            self._leave(place, suffix)
        else:
            self.change(failed=(*self.fate.failed, id))

    def _leave(self, place: Place, suffix: str) -> None:
        key = place.block + suffix
        left = self.active[key] - 1
        if left:
            self.active[key] = left
            return
        del self.active[key]
        block = self.outline.blocks[place.block]
        CLOSE[self.outline.places[block.parent].kind](self, block, suffix)

    # --- for constructs

    def run_on(self, place: Place, suffix: str) -> None:
        """A construct is under way."""
        id = place.id + suffix
        before = self.steps.get(id, UNTOUCHED)
        self.steps[id] = before._replace(
            state=StepState.RUNNING, error="", output=None, started_at=before.started_at or self.at, finished_at=None
        )

    def succeed_with(self, place: Place, suffix: str, output: Json) -> None:
        id = place.id + suffix
        before = self.steps.get(id, UNTOUCHED)
        started = before.started_at or self.at
        self.write_down(place, id, Progress(state=StepState.SUCCEEDED, output=output, started_at=started, finished_at=self.at))
        if place.undo:
            self.done = (id, self.done)
        self.finish(place, suffix)

    def fail_with(self, place: Place, suffix: str, error: str, output: Json = None) -> None:
        id = place.id + suffix
        started = self.steps.get(id, UNTOUCHED).started_at or self.at
        failed = Progress(state=StepState.FAILED, output=output, error=error, started_at=started, finished_at=self.at)
        self.write_down(place, id, failed)
        self.fail(place, suffix)

    def failure_in(self, block: Block, suffix: str) -> str:
        """Why a list of steps has failed (``post[1]: no such board``): the first one in time; "" when it has not."""
        first: tuple[datetime, str] | None = None
        for id in block.places:
            progress = self.steps.get(id + suffix)
            if progress is None or progress.state is not StepState.FAILED or self.outline.places[id].continues:
                continue
            at = progress.finished_at or self.at
            if first is None or at < first[0]:
                first = (at, f"{id}{suffix}: {progress.error}")
        return first[1] if first else ""

    def output_of(self, block: Block, suffix: str) -> Json:
        """Of its last step; null where that has not succeeded."""
        progress = self.steps.get(block.last + suffix, UNTOUCHED)
        return progress.output if progress.state is StepState.SUCCEEDED else None

    # --- small things

    def write_down(self, place: Place, id: str, progress: Progress) -> None:
        """A step that has come to its end, as it is shown to expressions too."""
        self.steps[id] = progress
        if not place.depth and not place.undoes:
            self.known[id] = known_as(progress)

    def put_back(self, place: Place, id: str, progress: Progress) -> None:
        """A step that is on its way again."""
        self.steps[id] = progress
        if id in self.known:
            self.known = {other: value for other, value in self.known.items() if other != id}

    def change(self, **fields: Any) -> None:
        self.fate = self.fate._replace(**fields)

    def scope(self, place: Place, suffix: str) -> Mapping[str, Any]:
        return scope_at(self, place, suffix)
