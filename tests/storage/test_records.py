"""What has revisions and versions: workflows, drafts and alerts, over both stores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import Conflict
from engine.events import AlertSaved, DraftSaved, WorkflowSaved
from engine.monitoring.alert import AlertState, Severity
from engine.ports import Store
from engine.workflow.definition import DraftState, WorkflowState
from tests.storage.values import NOON, after, alert, definition, draft, workflow


async def test_a_workflow_comes_back_as_it_was_saved(store: Store) -> None:
    saved = workflow(paused_until=after(60), state=WorkflowState.PAUSED)
    await store.ledger.record(WorkflowSaved(saved))
    assert await store.workflows.get(saved.id) == saved
    assert await store.workflows.at_version(saved.id, 1) == saved
    assert await store.workflows.get("wf_ffffffff") is None
    assert await store.workflows.at_version(saved.id, 2) is None
    assert await store.workflows.versions("wf_ffffffff") == []


async def test_a_version_says_for_ever_what_it_said_when_it_was_saved(store: Store) -> None:
    first = workflow()
    paused = replace(first, revision=2, state=WorkflowState.PAUSED, updated_at=after(1))
    changed = replace(paused, revision=3, version=2, definition=definition("Release 2"), updated_at=after(2))
    for value in (first, paused, changed):
        await store.ledger.record(WorkflowSaved(value))
    assert await store.workflows.get(first.id) == changed
    assert await store.workflows.at_version(first.id, 1) == first
    assert await store.workflows.versions(first.id) == [first, changed]


@pytest.mark.parametrize(
    "wrong",
    [
        {"revision": 1},
        {"revision": 3},
        {"revision": 2, "version": 3},
        {"revision": 2, "version": 0},
        {"revision": 2, "definition": definition("Other")},
    ],
    ids=lambda wrong: " and ".join(wrong),
)
async def test_only_the_next_revision_and_the_next_version_are_stored(store: Store, wrong: dict[str, object]) -> None:
    first = workflow()
    await store.ledger.record(WorkflowSaved(first))
    with pytest.raises(Conflict):
        await store.ledger.record(WorkflowSaved(replace(first, **wrong)))  # type: ignore[arg-type]
    assert await store.workflows.get(first.id) == first
    assert await store.workflows.versions(first.id) == [first]


@pytest.mark.parametrize("wrong", [{"revision": 0}, {"revision": 2}, {"version": 2}], ids=str)
async def test_a_new_workflow_begins_at_one(store: Store, wrong: dict[str, int]) -> None:
    with pytest.raises(Conflict):
        await store.ledger.record(WorkflowSaved(workflow(**wrong)))
    assert await store.workflows.list(deleted=True) == []


async def test_workflows_are_listed_by_name_without_the_deleted(store: Store) -> None:
    for n, name in enumerate(["beta", "Alpha", "gamma", "alpha"]):
        state = WorkflowState.DELETED if name == "gamma" else WorkflowState.ACTIVE
        await store.ledger.record(WorkflowSaved(workflow(f"wf_{n}", definition=definition(name), state=state)))
    assert [found.name for found in await store.workflows.list()] == ["Alpha", "alpha", "beta"]
    assert [found.name for found in await store.workflows.list(deleted=True)] == ["Alpha", "alpha", "beta", "gamma"]


async def test_a_draft_comes_back_at_its_newest_revision(store: Store) -> None:
    first, bare = draft(), draft("prv_2", definition=None, command="delete_workflow", arguments={})
    await store.ledger.record(DraftSaved(first), DraftSaved(bare))
    assert (await store.drafts.get("prv_1"), await store.drafts.get("prv_2")) == (first, bare)
    confirmed = replace(first, revision=2, state=DraftState.CONFIRMED, workflow="wf_1", decided_by="Zoë", decided_at=after(5))
    await store.ledger.record(DraftSaved(confirmed))
    assert await store.drafts.get("prv_1") == confirmed
    with pytest.raises(Conflict, match="revision 2"):
        await store.ledger.record(DraftSaved(confirmed))
    assert await store.drafts.get("prv_3") is None


async def test_an_alert_comes_back_at_its_newest_revision(store: Store) -> None:
    first = alert()
    full = alert(
        revision=2,
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by="Zoë",
        acknowledged_at=after(1),
        resolved_by="Signalbox",
        resolved_at=after(2),
        snoozed_until=after(3),
        note="on it",
        reopened=4,
        sandbox=True,
        value=1e-300,
    )
    await store.ledger.record(AlertSaved(first))
    assert await store.alerts.get("alr_1") == first
    await store.ledger.record(AlertSaved(full))
    assert await store.alerts.get("alr_1") == full
    assert await store.alerts.get("alr_2") is None


async def test_alerts_are_listed_newest_first_and_narrowed(store: Store) -> None:
    rows = [
        alert("alr_1", opened_at=after(1)),
        alert("alr_2", opened_at=after(2), service="github", fingerprint="availability:github", severity=Severity.LOW),
        alert("alr_3", opened_at=after(2), state=AlertState.RESOLVED),
        alert("alr_0", opened_at=after(3), state=AlertState.ACKNOWLEDGED),
    ]
    await store.ledger.record(*(AlertSaved(row) for row in rows))

    async def ids(**narrow: object) -> list[str]:
        return [found.id for found in await store.alerts.list(**narrow)]  # type: ignore[arg-type]

    assert await ids() == ["alr_0", "alr_3", "alr_2", "alr_1"]
    assert await ids(limit=1) == ["alr_0"]
    assert await ids(service="github") == ["alr_2"]
    assert await ids(severity="low") == ["alr_2"]
    assert await ids(states=[AlertState.FIRING, AlertState.RESOLVED]) == ["alr_3", "alr_2", "alr_1"]
    assert await ids(states=(AlertState.RESOLVED,), service="github") == []
    latest = await store.alerts.latest("availability:trello")
    assert latest is not None
    assert latest.id == "alr_0"
    assert await store.alerts.latest("nothing") is None


async def test_moments_keep_their_microseconds_and_their_zone(store: Store) -> None:
    exact = NOON.replace(microsecond=123456)
    await store.ledger.record(AlertSaved(alert(opened_at=exact)))
    found = await store.alerts.get("alr_1")
    assert found is not None
    assert found.opened_at == exact
    assert found.opened_at.utcoffset() == NOON.utcoffset()
