"""The one door for writing: all of a batch or nothing, and everyone who listens is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engine.errors import Conflict
from engine.events import (
    AlertSaved,
    Audited,
    DialogueSaved,
    DraftSaved,
    Event,
    GatheringSaved,
    Handled,
    KeyClaimed,
    MemberSaved,
    NextFireSet,
    PostingSent,
    PostingsTouched,
    Received,
    RunMoved,
    RunStarted,
    SamplesTaken,
    ServiceStateSaved,
    WaitClosed,
    WaitOpened,
    WebMessageSaved,
    WorkflowSaved,
)
from engine.parties import Role
from engine.ports import Store
from storage.sql import SqlStore
from tests.storage.values import NOON, after, alert, definition, draft, fact, run, sample, service_state, wanted, workflow

EVERYTHING: tuple[Event, ...] = (
    WorkflowSaved(workflow()),
    DraftSaved(draft()),
    RunStarted(run(), (fact(1),)),
    RunMoved("run_1", (fact(2),), run(error="late")),
    WaitOpened("run_1", "w", "github.push", after(60)),
    KeyClaimed("k", "run_1", "card", NOON),
    GatheringSaved("wf_00000001", "case", {"seen": 1}, NOON),
    AlertSaved(alert()),
    SamplesTaken((sample(),)),
    ServiceStateSaved(service_state()),
    NextFireSet("wf_00000001", NOON),
    wanted(),
    PostingsTouched("run:run_1"),
    Audited(NOON, "slack:U1", "Zoë", "confirm", "prv_1"),
    MemberSaved("slack:U1", "Zoë", Role.ADMIN),
    Received("delivery", NOON, {"a": 1}),
    DialogueSaved("slack:U1@slack:C1", {"asked": "which"}, after(60)),
    WebMessageSaved("m1", "#ops", NOON, "Zoë", "web:1", "hello"),
)

CONFLICTS: dict[str, Event] = {
    "a workflow's revision": WorkflowSaved(workflow(revision=5)),
    "a workflow's version": WorkflowSaved(workflow(revision=2, version=3)),
    "a version with another definition": WorkflowSaved(workflow(revision=2, definition=definition("Other"))),
    "a draft's revision": DraftSaved(draft(revision=3)),
    "an alert's revision": AlertSaved(alert(revision=1)),
    "a run that exists": RunStarted(run(), ()),
    "a fact that exists": RunMoved("run_1", (fact(1),)),
    "two facts with one number": RunMoved("run_1", (fact(7), fact(7))),
    "a fact of an unknown run": RunMoved("run_2", (fact(1),)),
    "an unknown run": RunMoved("run_2", (), run("run_2")),
    "a delivery that is known": Received("delivery", after(1), {}),
    "an unknown posting": PostingSent(77),
    "a key of another run": KeyClaimed("k", "run_2", "card", NOON),
}


async def everything_in(store: Store) -> list[object]:
    return [
        await store.workflows.list(deleted=True),
        await store.workflows.versions("wf_00000001"),
        await store.workflows.versions("wf_00000002"),
        await store.drafts.get("prv_1"),
        await store.drafts.get("prv_2"),
        await store.runs.list(),
        await store.runs.facts("run_1"),
        await store.runs.facts("run_9"),
        await store.waits.for_event("github.push"),
        await store.keys.holder("k"),
        await store.keys.holder("k2"),
        await store.gatherings.due(after(1)),
        await store.alerts.list(),
        await store.samples.recent("trello", since=NOON),
        await store.samples.states(),
        await store.schedules.all(),
        await store.postings.of("run:run_1"),
        await store.postings.due(after(1_000_000)),
        await store.audit.list(),
        await store.members.admins(),
        await store.inbox.unhandled(),
        await store.dialogues.get("slack:U1@slack:C1", NOON),
        await store.web_messages.list("#ops", reader=""),
    ]


async def test_one_batch_carries_every_kind_of_event(store: Store) -> None:
    await store.ledger.record(*EVERYTHING)
    assert all(found or found is None or found == [] for found in await everything_in(store))
    assert len(await store.runs.facts("run_1")) == 2
    assert (await store.postings.of("run:run_1"))[0].wanted == 2


@pytest.mark.parametrize("conflict", CONFLICTS.values(), ids=CONFLICTS.keys())
async def test_one_event_that_does_not_fit_leaves_nothing_of_its_batch(store: Store, conflict: Event) -> None:
    await store.ledger.record(*EVERYTHING)
    before = await everything_in(store)
    further: tuple[Event, ...] = (
        WorkflowSaved(workflow("wf_00000002")),
        DraftSaved(draft("prv_2")),
        RunStarted(run("run_9"), (fact(1),)),
        RunMoved("run_1", (fact(3),), run(error="changed")),
        WaitClosed("run_1", "w"),
        WaitOpened("run_9", "w", "github.push"),
        KeyClaimed("k2", "run_9", "card", NOON),
        GatheringSaved("wf_00000001", "case", None, NOON),
        AlertSaved(alert("alr_2")),
        SamplesTaken((sample(1), sample(2))),
        ServiceStateSaved(service_state(failures=9)),
        NextFireSet("wf_00000001", None),
        wanted(payload={"changed": True}),
        wanted("run:run_9"),
        PostingsTouched("run:run_1"),
        Audited(NOON, "slack:U1", "Zoë", "delete", "prv_1"),
        MemberSaved("slack:U1", "Zoë", Role.VIEWER),
        Received("another", NOON, {}),
        Handled("delivery"),
        DialogueSaved("slack:U1@slack:C1", {}, None),
        WebMessageSaved("m2", "#ops", NOON, "Zoë", "web:1", "again"),
        conflict,
    )
    with pytest.raises(Conflict, match=r"\.$"):
        await store.ledger.record(*further)
    assert await everything_in(store) == before


async def test_whoever_listens_hears_each_recorded_batch_in_order_and_no_refused_one(store: Store) -> None:
    heard: list[Sequence[Event]] = []
    store.ledger.listen(heard.append)
    first, second = (RunStarted(run("run_1"), (fact(1),)), wanted()), (RunMoved("run_1", (fact(2),)),)
    await store.ledger.record(*first)
    with pytest.raises(Conflict):
        await store.ledger.record(RunStarted(run("run_1"), ()))
    await store.ledger.record(*second)
    await store.ledger.record()
    assert [tuple(batch) for batch in heard] == [first, second]


async def test_a_listener_that_fails_keeps_nobody_waiting_and_no_other_from_hearing(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Sequence[Event]] = []

    def deaf(events: Sequence[Event]) -> None:
        raise ZeroDivisionError

    store.ledger.listen(deaf)
    store.ledger.listen(heard.append)
    async with asyncio.timeout(20):
        await asyncio.gather(*(store.ledger.record(RunStarted(run(f"run_{n}"), ())) for n in range(3)))
    assert len(heard) == 3
    assert caplog.text.count("deaf could not take in") == 3


async def test_of_many_who_record_the_same_id_at_once_one_gets_it(store: Store) -> None:
    results = await asyncio.gather(*(store.ledger.record(RunStarted(run(name=str(n)), ())) for n in range(20)), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results].count(False) == 1
    assert len(await store.runs.list()) == 1


async def test_a_conflict_costs_its_neighbours_nothing(sql: SqlStore) -> None:
    await sql.ledger.record(RunStarted(run("run_0"), ()))
    results = await asyncio.gather(*(sql.ledger.record(RunStarted(run(f"run_{n // 2}"), ())) for n in range(200)), return_exceptions=True)
    refused = [n for n, result in enumerate(results) if result is not None]
    assert refused == [0, *range(1, 200, 2)]
    assert all(isinstance(results[n], Conflict) for n in refused)
    assert len(await sql.runs.list(limit=1000)) == 100


async def test_what_was_recorded_is_seen_by_the_next_question(store: Store) -> None:
    for n in range(1, 30):
        await store.ledger.record(RunStarted(run(f"run_{n}"), (fact(1),)))
        assert len(await store.runs.facts(f"run_{n}")) == 1
