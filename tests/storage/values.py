"""Example values of every noun, and what memory is asked in the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.events import PostingWanted, Priority
from engine.monitoring.alert import Alert, AlertState, ServiceState, Severity
from engine.monitoring.rollup import Rollup, Span
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.sketch import Sketch
from engine.parties import Address
from engine.workflow.definition import (
    Definition,
    Draft,
    DraftState,
    Misfire,
    Options,
    Step,
    Trigger,
    TriggerType,
    Workflow,
    WorkflowState,
)
from engine.workflow.run import Fact, FactKind, RunRecord, RunState

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "a key that only the tests know"
OPS = Address("slack", "C1")
HOSTILE = "Zoë \U0001f6a8 <@U1> '; DROP TABLE runs; -- \x00\u2028 \ud800"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class StoppedClock:
    """A clock that stands at noon; its ids are counted."""

    def __init__(self) -> None:
        self.count = 0

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        return

    def new_id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count:04}"

    def random(self) -> float:
        return 0.0


def definition(name: str = "Release", *, title: str = "{{event.title}}") -> Definition:
    return Definition(
        name=name,
        trigger=Trigger(type=TriggerType.SCHEDULED, cron="0 9 * * 1-5", timezone="Europe/Berlin", misfire=Misfire.SKIP),
        steps=(
            Step(id="card", action="trello.create_card", arguments={"board": "Release", "list": "Done", "title": title}),
            Step(
                id="tell",
                action="slack.send_message",
                arguments={"channel": "#ops", "text": "done"},
                needs=("card",),
                retries=0,
                timeout=5.0,
            ),
        ),
        when="1 < 2",
        description="Zoë's release \U0001f6a8",
        options=Options(retries=1, fallback={"trello": "asana"}),
        places={"#ops": "slack:C1"},
        home="slack",
    )


def workflow(workflow_id: str = "wf_00000001", **changes: Any) -> Workflow:
    fields: dict[str, Any] = {
        "id": workflow_id,
        "version": 1,
        "revision": 1,
        "definition": definition(),
        "state": WorkflowState.ACTIVE,
        "created_at": NOON,
        "created_by": "slack:U1",
        "updated_at": NOON,
        "where": "slack:C1",
    }
    return Workflow(**fields | changes)


def draft(draft_id: str = "prv_1", **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "id": draft_id,
        "revision": 1,
        "state": DraftState.OPEN,
        "command": "create_workflow",
        "arguments": {"deep": [1, 2.5, None, True, {"a": "b"}]},
        "definition": definition(),
        "asked_by": "slack:U1",
        "asked_by_name": "Zoë",
        "asked_at": NOON,
        "expires_at": after(3600),
        "where": "slack:C1",
    }
    return Draft(**fields | changes)


def run(run_id: str = "run_1", **changes: Any) -> RunRecord:
    fields: dict[str, Any] = {
        "id": run_id,
        "workflow": "wf_00000001",
        "version": 1,
        "name": "Release",
        "state": RunState.RUNNING,
        "started_at": NOON,
        "by": "schedule",
        "where": "slack:C1",
    }
    return RunRecord(**fields | changes)


def fact(seq: int, kind: FactKind = FactKind.ASKED, **changes: Any) -> Fact:
    fields: dict[str, Any] = {"seq": seq, "at": after(seq), "kind": kind, "step": "card", "attempt": 1, "key": "k", "data": {"n": seq}}
    return Fact(**fields | changes)


def alert(alert_id: str = "alr_1", **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "id": alert_id,
        "fingerprint": "availability:trello",
        "revision": 1,
        "state": AlertState.FIRING,
        "severity": Severity.HIGH,
        "service": "trello",
        "account": "",
        "rule": "availability",
        "message": "Trello does not answer",
        "metric": "availability",
        "threshold": 1.0,
        "value": 0.1,
        "opened_at": NOON,
        "updated_at": NOON,
        "because": "3 probes in a row failed",
    }
    return Alert(**fields | changes)


def sample(seconds: float = 0, **changes: Any) -> Sample:
    fields: dict[str, Any] = {
        "service": "trello",
        "account": "",
        "at": after(seconds),
        "source": Source.PROBE,
        "outcome": Outcome.OK,
        "latency": 0.125,
    }
    return Sample(**fields | changes)


def rollup(minutes: int = 0, **changes: Any) -> Rollup:
    fields: dict[str, Any] = {
        "service": "trello",
        "account": "",
        "source": Source.PROBE,
        "span": Span.MINUTE,
        "at": after(60 * minutes),
        "count": 3,
        "errors": 1,
        "untold": 1,
        "micros": 250_000,
        "sandbox": 0,
        "sketch": Sketch.of([0.05, 0.05, 0.15]),
    }
    return Rollup(**fields | changes)


def service_state(service: str = "trello", **changes: Any) -> ServiceState:
    return ServiceState(service=service, account="", **changes)


def wanted(subject: str = "run:run_1", to: Address = OPS, **changes: Any) -> PostingWanted:
    fields: dict[str, Any] = {"kind": "run", "priority": Priority.REPLY, "payload": {}}
    return PostingWanted(subject=subject, to=to, **fields | changes)
