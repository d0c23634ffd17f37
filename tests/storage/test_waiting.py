"""What runs wait for, what they have claimed and what triggers gather, over every store."""

from __future__ import annotations

import pytest

from engine.errors import Conflict
from engine.events import CursorMoved, GatheringSaved, KeyClaimed, Received, RunMoved, RunStarted, WaitClosed, WaitOpened
from engine.ports import Cursor, Gathering, Store
from tests.storage.values import NOON, after, fact, run


async def test_who_waits_for_an_event_is_found_oldest_first_until_it_is_closed(store: Store) -> None:
    await store.ledger.record(WaitOpened("run_2", "w", "github.push", after(9)), WaitOpened("run_1", "w[1]", "github.push"))
    await store.ledger.record(WaitOpened("run_1", "x", "trello.card_moved"), WaitOpened("run_2", "w", "github.push", after(1)))
    assert await store.waits.events() == {"github.push", "trello.card_moved"}
    assert await store.waits.for_event("github.push") == [("run_2", "w"), ("run_1", "w[1]")]
    await store.ledger.record(WaitClosed("run_2", "w"), WaitClosed("run_9", "never"))
    assert await store.waits.for_event("github.push") == [("run_1", "w[1]")]
    await store.ledger.record(WaitOpened("run_2", "w", "jira.issue_created"), WaitClosed("run_1", "w[1]"))
    assert await store.waits.events() == {"jira.issue_created", "trello.card_moved"}


async def test_a_wait_is_opened_with_the_facts_beside_it_or_not_at_all(store: Store) -> None:
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    with pytest.raises(Conflict):
        await store.ledger.record(WaitOpened("run_1", "w", "github.push"), RunMoved("run_1", (fact(1),)))
    assert await store.waits.events() == frozenset()


async def test_a_key_belongs_to_whoever_claimed_it_first(store: Store) -> None:
    assert await store.keys.holder("k") is None
    await store.ledger.record(KeyClaimed("k", "run_1", "pay", NOON))
    await store.ledger.record(KeyClaimed("k", "run_1", "pay", after(1)))
    for run_id, step in (("run_2", "pay"), ("run_1", "other")):
        with pytest.raises(Conflict, match="done already, by step pay of run run_1"):
            await store.ledger.record(KeyClaimed("k", run_id, step, NOON))
    assert await store.keys.holder("k") == ("run_1", "pay")


async def test_of_two_claims_in_one_batch_the_second_undoes_the_batch(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.ledger.record(KeyClaimed("k", "run_1", "pay", NOON), KeyClaimed("k", "run_2", "pay", NOON))
    assert await store.keys.holder("k") is None


async def test_a_gathering_is_what_was_saved_last_and_is_due_by_its_time(store: Store) -> None:
    await store.ledger.record(GatheringSaved("wf_1", "a", {"seen": [1, None]}, after(5)), GatheringSaved("wf_1", "b", {}, after(3)))
    await store.ledger.record(GatheringSaved("wf_2", "a", {"x": 1}, after(3)), GatheringSaved("wf_1", "a", {"seen": [2]}, after(4)))
    assert await store.gatherings.get("wf_1", "a") == Gathering("wf_1", "a", {"seen": [2]}, after(4))
    assert await store.gatherings.get("wf_2", "b") is None
    assert await store.gatherings.next_due() == after(3)
    assert [(found.workflow, found.key) for found in await store.gatherings.due(after(3))] == [("wf_1", "b"), ("wf_2", "a")]
    assert len(await store.gatherings.due(after(4))) == 3
    await store.ledger.record(
        GatheringSaved("wf_1", "b", None, NOON), GatheringSaved("wf_2", "a", None, NOON), GatheringSaved("no", "one", None, NOON)
    )
    assert await store.gatherings.next_due() == after(4)
    await store.ledger.record(GatheringSaved("wf_1", "a", {}, NOON), GatheringSaved("wf_1", "a", None, NOON))
    assert await store.gatherings.next_due() is None
    assert await store.gatherings.due(after(99)) == []


async def test_a_case_that_was_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    await store.ledger.record(GatheringSaved("wf_1", "a", {"n": 1}, NOON, 1), GatheringSaved("wf_1", "a", {"n": 2}, NOON, 2))
    for state, revision in (({"n": 9}, 2), ({"n": 9}, 1), (None, 2), ({"n": 9}, 5), (None, 1)):
        with pytest.raises(Conflict, match="stands at revision 2"):
            await store.ledger.record(GatheringSaved("wf_1", "a", state, NOON, revision))
    assert await store.gatherings.get("wf_1", "a") == Gathering("wf_1", "a", {"n": 2}, NOON, 2)
    await store.ledger.record(GatheringSaved("wf_1", "a", None, NOON, 3), GatheringSaved("wf_1", "b", None, NOON, 1))
    await store.ledger.record(GatheringSaved("wf_1", "a", {"n": 1}, NOON, 1), GatheringSaved("wf_1", "a", {"n": 7}, NOON))
    await store.ledger.record(GatheringSaved("wf_1", "a", {"n": 8}, NOON, 1))
    assert await store.gatherings.get("wf_1", "a") == Gathering("wf_1", "a", {"n": 8}, NOON, 1)


async def test_the_cases_of_a_workflow_are_listed_and_counted(store: Store) -> None:
    await store.ledger.record(*(GatheringSaved("wf_1", f"{n}", {}, after(9 - n)) for n in range(5)), GatheringSaved("wf_2", "x", {}, NOON))
    assert [found.key for found in await store.gatherings.of("wf_1", limit=2)] == ["4", "3"]
    assert [await store.gatherings.count(workflow) for workflow in ("wf_1", "wf_2", "wf_3")] == [5, 1, 0]
    assert [found.key for found in await store.gatherings.due(after(99), limit=2)] == ["x", "4"]


async def test_a_house_of_one_holds_every_lease(store: Store) -> None:
    assert await store.leases.acquire("scheduler")
    assert await store.leases.acquire("scheduler")
    await store.leases.release("scheduler")


async def test_a_cursor_is_where_it_was_moved_last_and_is_found_by_the_beginning_of_its_name(store: Store) -> None:
    await store.ledger.record(CursorMoved("poll:github:a", {"at": "x", "ids": [1]}, NOON, 1), CursorMoved("poll:github:b", {}, NOON, 1))
    await store.ledger.record(CursorMoved("poll:github:a", {"at": "y"}, after(1), 2), CursorMoved("hook:github:a", {"id": 7}, NOON))
    assert await store.cursors.get("poll:github:a") == Cursor("poll:github:a", {"at": "y"}, after(1), 2)
    assert [cursor.name for cursor in await store.cursors.under("poll:")] == ["poll:github:a", "poll:github:b"]
    await store.ledger.record(CursorMoved("poll:github:b", None, NOON, 2), CursorMoved("hook:github:a", None, NOON))
    assert [cursor.name for cursor in await store.cursors.under("")] == ["poll:github:a"]
    assert await store.cursors.get("poll:github:b") is None


async def test_of_two_that_move_a_cursor_one_is_refused_with_all_it_read(store: Store) -> None:
    await store.ledger.record(CursorMoved("poll:a", {"n": 1}, NOON, 1))
    for state, revision in (({"n": 9}, 1), ({"n": 9}, 3), (None, 1)):
        with pytest.raises(Conflict, match="stands at revision 1"):
            await store.ledger.record(Received(f"hook:{revision}", NOON, {}), CursorMoved("poll:a", state, NOON, revision))
    assert await store.inbox.unhandled() == []
    await store.ledger.record(Received("hook:2", NOON, {}), CursorMoved("poll:a", {"n": 2}, NOON, 2))
    with pytest.raises(Conflict, match="recorded already"):
        await store.ledger.record(Received("hook:2", NOON, {}), CursorMoved("poll:a", {"n": 3}, NOON, 3))
    assert await store.cursors.get("poll:a") == Cursor("poll:a", {"n": 2}, NOON, 2)
