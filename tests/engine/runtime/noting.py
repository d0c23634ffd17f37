"""A runner that only notes what is started, durably and once each: for tests of what starts runs, without what runs do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine.errors import Conflict
from engine.events import Happening, RunStarted
from engine.ports import Clock, Ledger
from engine.workflow.definition import Definition, Step, Trigger, Workflow, WorkflowState
from engine.workflow.run import Fact, FactKind, RunRecord, RunState
from tests.engine.clock import StandingClock

MONDAY = datetime(2037, 11, 23, 12, 0, tzinfo=UTC)  # far ahead: an alarm set by it does not ring by itself


class JumpingClock(StandingClock):
    """A clock that can be set; who sleeps sleeps on for as many seconds as before."""

    def __init__(self, now: datetime = MONDAY) -> None:
        super().__init__(now)

    def set(self, now: datetime) -> None:
        self._sleepers = [(at + (now - self._now), number, future) for at, number, future in self._sleepers]
        self._now = now


class NotingRunner:
    """``start`` of ``ports.Runner``; ``started`` keeps run id → event in order, ``tried`` every call."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self.started: dict[str, Mapping[str, Any]] = {}
        self.by: dict[str, str] = {}
        self.tried: list[str] = []
        self.refuse: Exception | None = None
        self.refusals: dict[str, Exception] = {}
        self.fall_at = 0  # the call with this number meets a fault of ours

    def refuse_only(self, workflow: str, error: Exception) -> None:
        self.refusals[workflow] = error

    async def start(
        self, workflow: Workflow, *, by: str, run_id: str, event: Mapping[str, Any] | None = None, **_: Any
    ) -> RunRecord | None:
        self.tried.append(run_id)
        if len(self.tried) == self.fall_at:
            raise ZeroDivisionError
        if refused := self.refusals.get(workflow.id, self.refuse):
            raise refused
        now = self._clock.now()
        record = RunRecord(
            id=run_id, workflow=workflow.id, version=workflow.version, name=workflow.name, state=RunState.RUNNING, started_at=now, by=by
        )
        try:
            await self._ledger.record(RunStarted(record, (Fact(1, now, FactKind.STARTED, data={"event": dict(event or {})}),)))
        except Conflict:
            return None
        self.started[run_id] = event or {}
        self.by[run_id] = by
        return record

    async def happened(self, run_id: str, step: str, happening: Happening) -> bool:
        raise AssertionError("nobody waits here")


def waiting_for(trigger: Trigger, *, id: str = "wf_00000001", at: datetime = MONDAY, when: str = "", **more: Any) -> Workflow:
    definition = Definition(name="Test", trigger=trigger, steps=(Step(id="a", action="a.do"),), when=when)
    values: dict[str, Any] = {
        "version": 1, "revision": 1, "state": WorkflowState.ACTIVE, "created_at": at, "created_by": "web:ada", "updated_at": at,
    }  # fmt: skip
    return Workflow(id=id, definition=definition, **(values | more))


def changed(before: Workflow, **more: Any) -> Workflow:
    return replace(before, revision=before.revision + 1, **more)
