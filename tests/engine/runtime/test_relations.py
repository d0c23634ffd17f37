"""What the grouping of alerts knows is kept fresh."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.events import AlertSaved, Elsewhere, WorkflowSaved
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.grouping.topology import Kin, Relation
from engine.runtime.relations import LEARNED, REMEMBERED, Relations, past
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.graph.houses import CATALOGUE, manual, workflow

FLOW = "wf_00000001"


def alert(
    number: int,
    service: str,
    at: datetime,
    *,
    rule: str = "availability",
    incident: str = "",
    sandbox: bool = False,
    until: datetime | None = None,
) -> Alert:
    return Alert(
        id=f"alr_{number:04}", fingerprint=f"{rule}/{service}/{number}", revision=1, state=AlertState.RESOLVED, severity=Severity.HIGH,
        service=service, account="default", rule=rule, message="", metric="", threshold=0.0, value=0.0, opened_at=at, updated_at=at,
        because="", incident=incident, sandbox=sandbox, resolved_at=until or at + timedelta(minutes=5),
    )  # fmt: skip


def met(relations: Relations) -> int:
    """How often the two are known to have failed together."""
    past = relations.topology().past
    return past.met("github", "notion") if past else 0


async def test_platforms_are_known_before_anything_was_read() -> None:
    relations = Relations(MemoryStore(), StandingClock(), CATALOGUE)
    assert relations.topology().relation("jira", "trello") == Relation(Kin.SIBLING, 2, "platform:Atlassian")


async def test_a_workflow_that_is_saved_is_known_after_the_next_look() -> None:
    store = MemoryStore()
    relations = Relations(store, StandingClock(), CATALOGUE)
    await relations.look()
    assert relations.topology().relation(FLOW, "github") is None
    await store.ledger.record(WorkflowSaved(workflow(1, manual("github.create_issue"))))
    await relations.look()
    assert relations.topology().relation(FLOW, "github") == Relation(Kin.CAUSE, 1)


async def test_nothing_is_read_again_while_nothing_changed() -> None:
    relations = Relations(MemoryStore(), StandingClock(), CATALOGUE)
    await relations.look()
    before = relations.topology()
    await relations.look()
    assert relations.topology() is before
    relations._heard([Elsewhere("workflow", FLOW)])
    await relations.look()
    assert relations.topology() is not before
    assert relations.topology().past is before.past


async def test_what_failed_together_is_learned_a_quarter_back_and_anew_every_six_hours() -> None:
    store, clock = MemoryStore(), StandingClock()
    days = [timedelta(days=day) for day in range(1, 6)]
    for number, ago in enumerate([*days, REMEMBERED + timedelta(days=1)]):
        for place, service in enumerate(("github", "notion")):
            await store.ledger.record(AlertSaved(alert(2 * number + place, service, NOON - ago + timedelta(seconds=9 * place))))
    relations = Relations(store, clock, CATALOGUE)
    await relations.look()
    assert met(relations) == 5
    for number, service in enumerate(("github", "notion")):
        await store.ledger.record(AlertSaved(alert(100 + number, service, NOON)))
    await relations.look()
    assert met(relations) == 5
    await clock.pass_(LEARNED.total_seconds())
    await relations.look()
    assert met(relations) == 6


def test_incidents_are_learned_from_as_they_were_told() -> None:
    groups = past([alert(1, "github", NOON), alert(2, "notion", NOON, incident="alr_0001"), alert(3, "slack", NOON)])
    assert [group.services for group in groups] == [("github", "notion"), ("slack",)]


def test_sandboxes_credentials_forecasts_and_our_own_network_teach_nothing() -> None:
    told = [
        alert(1, "github", NOON, sandbox=True),
        alert(2, "github", NOON, rule="credential"),
        alert(3, "github", NOON, rule="forecast"),
        alert(4, "signalbox", NOON + timedelta(hours=1), rule="network", until=NOON + timedelta(hours=2)),
        alert(5, "github", NOON + timedelta(minutes=59)),
        alert(6, "notion", NOON + timedelta(minutes=90)),
        alert(7, "slack", NOON + timedelta(hours=3)),
    ]
    assert [group.services for group in past(told)] == [("slack",)]
