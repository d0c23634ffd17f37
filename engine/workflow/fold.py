"""From facts to the run: each fact held against the tables, and what follows from it (who is ready, skipped, failing)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.errors import Conflict, Rejected
from engine.workflow.definition import Json
from engine.workflow.outline import Place
from engine.workflow.progress import SKIPPED, UNTOUCHED, Progress, Run, scope_of
from engine.workflow.run import Fact, FactKind, RunState, StepState
from engine.workflow.transitions import LATE_NEWS, move_run, move_step


def fold(run: Run, facts: Iterable[Fact]) -> Run:
    """``reduce(apply, facts, run)`` with one copy for all of them. Raises Conflict when a fact cannot follow, NotFound for a strange step."""
    sheet = _Sheet(run)
    for fact in facts:
        sheet.write(fact)
    return sheet.read()


class _Sheet:
    """A run opened for writing: the only mutable thing here, and it never leaves ``fold``."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.outline = run.outline
        self.seq = run.seq
        self.state = run.state
        self.steps = dict(run.steps)
        self.unmet = dict(run.unmet)
        self.ready = dict(run.ready)
        self.broken = dict(run.broken)
        self.open = dict(run.open)
        self.known = dict(run.known)
        self.failed = run.failed
        self.event, self.inputs, self.actor = run.event, run.inputs, run.actor
        self.failing, self.round, self.denied = run.failing, run.round, run.denied
        self.sandbox, self.error, self.finished_at = run.sandbox, run.error, run.finished_at

    def read(self) -> Run:
        return Run(
            outline=self.outline,
            origin=self.run.origin,
            seq=self.seq,
            state=self.state,
            steps=self.steps,
            unmet=self.unmet,
            ready=self.ready,
            broken=self.broken,
            open=self.open,
            failed=self.failed,
            known=self.known,
            event=self.event,
            inputs=self.inputs,
            actor=self.actor,
            failing=self.failing,
            round=self.round,
            denied=self.denied,
            sandbox=self.sandbox,
            error=self.error,
            finished_at=self.finished_at,
        )

    def write(self, fact: Fact) -> None:
        if fact.seq != self.seq + 1:
            raise Conflict(f"The run has {self.seq} facts, so its next one cannot be number {fact.seq}.")
        if fact.step:
            self._write_step(fact)
        else:
            RUN_FACTS[fact.kind](self, fact)
        self.seq = fact.seq
        self._turn_to_failure()

    def _write_step(self, fact: Fact) -> None:
        place = self.run.place(fact.step)
        if self.state is not RunState.RUNNING and not (fact.kind in LATE_NEWS and fact.step in self.open):
            raise Conflict(f"The run is {self.state} already, so “{fact.kind}” of step “{fact.step}” cannot follow.")
        before = self.steps.get(fact.step, UNTOUCHED)
        STEP_FACTS[fact.kind](self, place, before, fact)

    # facts of the run

    def started(self, fact: Fact) -> None:
        if self.seq:
            raise Conflict("The run has started already.")
        move_run(self.state, fact.kind, RunState.RUNNING)
        self.event = fact.data.get("event") or {}
        self.inputs = fact.data.get("inputs") or {}
        self.actor = str(fact.data.get("actor") or "")
        self._begin(self.outline.first)

    def cancelled(self, fact: Fact) -> None:
        self.state = move_run(self.state, fact.kind, RunState.CANCELLED)
        self.finished_at = fact.at
        self.error = str(fact.data.get("error") or "")
        self.ready, self.broken = {}, {}

    def finished(self, fact: Fact) -> None:
        self.state = move_run(self.state, fact.kind, RunState(str(fact.data["state"])))
        self.error = str(fact.data.get("error") or "")
        self.finished_at = fact.at

    def retried(self, fact: Fact) -> None:
        self.state = move_run(self.state, fact.kind, RunState.RUNNING)
        self.round += 1
        self.failing, self.error, self.finished_at = False, "", None
        for step in self.outline.rescue:
            self.steps.pop(step, None)
            self.known.pop(step, None)
            self.unmet[step] = self.outline.unmet[step]
        again = [step for step in self.failed if not self.outline.places[step].rescue]
        self.failed = ()
        for step in again:
            before = self.steps[step]
            state = move_step(step, before.state, fact.kind, StepState.PENDING)
            self._forget(step, replace(before, state=state, tries=0, action="", error="", finished_at=None))

    # facts of a step

    def asked(self, place: Place, before: Progress, fact: Fact) -> None:
        state = move_step(fact.step, before.state, fact.kind, StepState.ASKED)
        self.ready.pop(fact.step, None)
        self._stand(
            fact.step,
            Progress(
                state=state,
                attempt=fact.attempt,
                tries=before.tries,
                key=fact.key,
                action=str(fact.data.get("action") or place.step.action),
                arguments=_mapping(fact.data.get("arguments")),
                error=before.error,
                started_at=before.started_at or fact.at,
            ),
        )

    def waiting(self, place: Place, before: Progress, fact: Fact) -> None:
        state = move_step(fact.step, before.state, fact.kind, StepState.WAITING)
        self._stand(fact.step, replace(before, state=state, sandbox=bool(fact.data.get("sandbox"))))

    def in_doubt(self, place: Place, before: Progress, fact: Fact) -> None:
        state = move_step(fact.step, before.state, fact.kind, StepState.IN_DOUBT)
        self._stand(fact.step, replace(before, state=state, error=str(fact.data.get("error") or "")))

    def answered(self, place: Place, before: Progress, fact: Fact) -> None:
        state = move_step(fact.step, before.state, fact.kind, StepState.SUCCEEDED)
        self._succeed(place, before, fact, state)

    def decided(self, place: Place, before: Progress, fact: Fact) -> None:
        happened = bool(fact.data.get("happened"))
        state = move_step(fact.step, before.state, fact.kind, StepState.SUCCEEDED if happened else StepState.PENDING)
        if happened:
            self._succeed(place, before, fact, state)
        else:
            self._forget(fact.step, replace(before, state=state, tries=0, error=""))

    def refused(self, place: Place, before: Progress, fact: Fact) -> None:
        error, retry_at = str(fact.data.get("error") or ""), fact.data.get("retry_at")
        if retry_at is not None and self.state is RunState.RUNNING:
            self._put_off(fact, before, error, datetime.fromisoformat(str(retry_at)))
            return
        state = move_step(fact.step, before.state, fact.kind, StepState.FAILED)
        self.ready.pop(fact.step, None)
        self.open.pop(fact.step, None)
        self.steps[fact.step] = replace(before, state=state, tries=before.tries + 1, error=error, retry_at=None, finished_at=fact.at)
        self.known[fact.step] = {"state": state.value, "output": None, "error": error}
        self.failed = (*self.failed, fact.step)

    def _put_off(self, fact: Fact, before: Progress, error: str, retry_at: datetime) -> None:
        instead = str(fact.data.get("instead") or "")
        tries = 0 if instead else before.tries + (0 if fact.data.get("lost") else 1)
        state = move_step(fact.step, before.state, fact.kind, StepState.RETRYING)
        action = instead or before.action
        self._stand(fact.step, replace(before, state=state, tries=tries, action=action, error=error, retry_at=retry_at))

    def skipped(self, place: Place, before: Progress, fact: Fact) -> None:
        state = move_step(fact.step, before.state, fact.kind, StepState.SKIPPED)
        self.ready.pop(fact.step, None)
        self.broken.pop(fact.step, None)
        self.open.pop(fact.step, None)
        self.steps[fact.step] = replace(before, state=state, error=str(fact.data.get("error") or ""), finished_at=fact.at)
        self.known[fact.step] = {"state": state.value, "output": None}
        self._settle(fact.step)

    # what follows from them

    def _stand(self, step: str, progress: Progress) -> None:
        self.steps[step] = progress
        self.open[step] = progress.state

    def _forget(self, step: str, progress: Progress) -> None:
        """Back to where it was never asked; only its attempts are remembered."""
        self.open.pop(step, None)
        self.known.pop(step, None)
        self.steps[step] = progress
        self.ready[step] = None

    def _succeed(self, place: Place, before: Progress, fact: Fact, state: StepState) -> None:
        output, sandbox = fact.data.get("output"), bool(fact.data.get("sandbox"))
        self.open.pop(fact.step, None)
        self.steps[fact.step] = Progress(
            state=state,
            attempt=before.attempt,
            tries=before.tries,
            key=before.key,
            action=before.action,
            arguments=before.arguments,
            output=output,
            sandbox=sandbox,
            started_at=before.started_at,
            finished_at=fact.at,
        )
        self.known[fact.step] = {"state": state.value, "output": output}
        self.sandbox = self.sandbox or sandbox
        if place.gate and isinstance(output, dict) and output.get("approved") is False:
            self.denied = f"{fact.data.get('by') or 'Somebody'} did not approve it."
            return
        if self.state is RunState.RUNNING:
            self._settle(fact.step)

    def _begin(self, steps: Iterable[str]) -> None:
        for skipped in self._release(steps):
            self._settle(skipped)

    def _settle(self, step: str) -> None:
        """One need less for its dependents; those that wait for nothing more are released, and skipped ones settle in turn."""
        settled = [step]
        while settled:
            due = []
            for dependent in self.outline.places[settled.pop()].dependents:
                self.unmet[dependent] -= 1
                if not self.unmet[dependent]:
                    due.append(dependent)
            settled.extend(self._release(due))

    def _release(self, steps: Iterable[str]) -> list[str]:
        """Decide the conditions of steps that wait for nothing more; gives those that are skipped."""
        skipped = []
        for step in steps:
            place = self.outline.places[step]
            if place.rescue and not self.failing:
                continue
            try:
                holds = place.condition is None or place.condition.holds(self.scope())
            except Rejected as error:
                self.broken[step] = str(error)
                continue
            if holds:
                self.ready[step] = None
                continue
            self.steps[step] = SKIPPED
            self.known[step] = {"state": StepState.SKIPPED.value, "output": None}
            skipped.append(step)
        return skipped

    def _turn_to_failure(self) -> None:
        """When nothing more can go on and something failed, the on-failure steps begin."""
        if not self.failed or self.failing or self.open or self.ready or self.broken or self.state is not RunState.RUNNING:
            return
        self.failing = True
        self.error = _first_error(self.failed[0], self.steps)
        self._begin([step for step in self.outline.rescue if not self.unmet[step]])

    def scope(self) -> dict[str, Any]:
        return scope_of(self.run.origin, self.event, self.inputs, self.known, self.error)


RUN_FACTS: Mapping[FactKind, Callable[[_Sheet, Fact], None]] = {
    FactKind.STARTED: _Sheet.started,
    FactKind.CANCELLED: _Sheet.cancelled,
    FactKind.RETRIED: _Sheet.retried,
    FactKind.FINISHED: _Sheet.finished,
}

STEP_FACTS: Mapping[FactKind, Callable[[_Sheet, Place, Progress, Fact], None]] = {
    FactKind.ASKED: _Sheet.asked,
    FactKind.ANSWERED: _Sheet.answered,
    FactKind.REFUSED: _Sheet.refused,
    FactKind.WAITING: _Sheet.waiting,
    FactKind.IN_DOUBT: _Sheet.in_doubt,
    FactKind.DECIDED: _Sheet.decided,
    FactKind.SKIPPED: _Sheet.skipped,
}


def _first_error(step: str, steps: Mapping[str, Progress]) -> str:
    return f"{step}: {steps[step].error}"


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
