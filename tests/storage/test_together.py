"""Several processes on one server: nothing is done twice, nothing is lost, everyone hears of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text

from engine.errors import Conflict
from engine.events import (
    AccountChanged,
    AlertSaved,
    Audited,
    Elsewhere,
    Event,
    GatheringSaved,
    KeyClaimed,
    MemberSaved,
    PostingsTouched,
    RunMoved,
    RunStarted,
    WebMessageSaved,
    WorkflowSaved,
)
from engine.parties import Role
from storage.notices import LONGEST, packed
from storage.sql import SqlStore
from tests.machines.postgres import Postgres
from tests.storage.values import KEY, NOON, StoppedClock, alert, fact, run, wanted, workflow


@pytest.fixture
async def other(shared: SqlStore, migrated: str) -> AsyncIterator[SqlStore]:
    """A second replica."""
    store = await SqlStore.open(migrated, secret_key=KEY, clock=StoppedClock())
    yield store
    await store.close()


async def until(holds: object, seconds: float = 20.0) -> None:
    """Wait until ``holds()`` is true; it always is in a moment, the bound is for a machine that is busy."""
    async with asyncio.timeout(seconds):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0.005)


async def outcomes(stores: Sequence[SqlStore], batches: Sequence[Sequence[Event]]) -> list[bool]:
    results = await asyncio.gather(
        *(stores[n % len(stores)].ledger.record(*batch) for n, batch in enumerate(batches)), return_exceptions=True
    )
    assert all(result is None or isinstance(result, Conflict) for result in results), results
    return [result is None for result in results]


async def test_two_replicas_that_start_at_once_migrate_once(server: Postgres) -> None:
    url = server.database()
    stores = await asyncio.gather(*(SqlStore.open(url, secret_key=KEY, clock=StoppedClock()) for _ in range(3)))
    await stores[0].ledger.record(RunStarted(run(), ()))
    assert [len(await store.runs.list()) for store in stores] == [1, 1, 1]
    await asyncio.gather(*(store.close() for store in stores))


async def test_of_two_replicas_that_record_the_same_at_once_one_gets_it(shared: SqlStore, other: SqlStore) -> None:
    both = (shared, other)
    await shared.ledger.record(RunStarted(run(), (fact(1),)), WorkflowSaved(workflow()), AlertSaved(alert()))
    for number in range(2, 22):
        assert sum(await outcomes(both, [[RunMoved("run_1", (fact(number),))]] * 2)) == 1
        assert sum(await outcomes(both, [[RunStarted(run(f"run_{number}"), ())]] * 2)) == 1
        assert sum(await outcomes(both, [[AlertSaved(alert(revision=number))]] * 2)) == 1
        assert sum(await outcomes(both, [[WorkflowSaved(workflow(revision=number))]] * 2)) == 1
        assert sum(await outcomes(both, [[KeyClaimed(f"k{number}", f"run_{n}", "pay", NOON)] for n in range(2)])) == 1
        assert sum(await outcomes(both, [[GatheringSaved("wf", "case", {"n": n}, NOON, number - 1)] for n in range(2)])) == 1
    assert [found.seq for found in await other.runs.facts("run_1")] == list(range(1, 22))


async def test_what_need_not_be_refused_is_never_refused_however_many_do_it_at_once(shared: SqlStore, other: SqlStore) -> None:
    both = (shared, other)
    for number in range(10):
        batches: list[list[Event]] = [
            [
                wanted(f"run:{number}"),
                Audited(NOON, "slack:U1", "Zoë", "press", f"{number}"),
                PostingsTouched("run:0"),
                MemberSaved("slack:U1", f"{n}", Role.ADMIN),
                WebMessageSaved(f"m{number}", "#ops", NOON, "Zoë", "web:1", f"{n}"),
                GatheringSaved("wf", "case", {"n": n}, NOON),
            ]
            for n in range(6)
        ]
        assert all(await outcomes(both, batches))
    assert [posting.wanted for posting in await shared.postings.of("run:3")] == [6]
    assert (await shared.postings.of("run:0"))[0].wanted == 66
    assert [row.id for row in await shared.audit.list(limit=99)] == list(range(60, 0, -1))
    assert await other.audit.verify() == ""


async def test_batches_that_take_the_same_cards_crosswise_are_tried_again_until_both_stand(shared: SqlStore, other: SqlStore) -> None:
    subjects = [f"run:{n}" for n in range(40)]
    await shared.ledger.record(*(wanted(subject) for subject in subjects))
    there, back = [PostingsTouched(s) for s in subjects], [PostingsTouched(s) for s in reversed(subjects)]
    assert all(await outcomes((shared, other), [there, back] * 10))
    assert {posting.wanted for s in subjects for posting in await shared.postings.of(s)} == {21}


async def test_others_hear_what_one_recorded_and_nobody_hears_their_own_again(shared: SqlStore, other: SqlStore) -> None:
    heard: dict[str, list[Event]] = {"shared": [], "other": []}
    shared.ledger.listen(lambda events: heard["shared"].extend(events))
    other.ledger.listen(lambda events: heard["other"].extend(events))
    recorded = (RunStarted(run(), (fact(1),)), wanted(), AlertSaved(alert()), RunMoved("run_1", (fact(2),)))
    await shared.ledger.record(*recorded)
    await until(lambda: len(heard["other"]) == 3)
    assert set(heard["other"]) == {Elsewhere("run", "run_1"), Elsewhere("posting", "run:run_1"), Elsewhere("alert", "alr_1")}
    await other.ledger.record(WebMessageSaved("m1", "#ops", NOON, "Zoë", "web:1", "hello"), AccountChanged("github", "lab"))
    await until(lambda: len(heard["shared"]) == 6)
    assert heard["shared"] == [*recorded, Elsewhere("web_message", "m1"), Elsewhere("account", "github")]
    assert len(heard["other"]) == 5


async def test_after_a_gap_everything_is_told_to_be_read_again(shared: SqlStore, other: SqlStore) -> None:
    heard: list[Event] = []
    other.ledger.listen(heard.extend)
    await shared.ledger.record(RunStarted(run(), ()))
    await until(lambda: heard)
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()")
    await shared._writer.perform(lambda connection: connection.execute(cut))
    await until(lambda: Elsewhere("run", "") in heard)
    assert {event.noun for event in heard if isinstance(event, Elsewhere) and not event.id} >= {"workflow", "run", "posting", "alert"}
    heard.clear()
    await until(lambda: asyncio.ensure_future(shared.ledger.record(PostingsTouched("run:x"))) and heard)


def test_what_is_told_is_packed_into_few_notices_none_of_them_too_long() -> None:
    told = [("run", f"run_{n}") for n in range(2000)] + [("posting", "ü" * 5000), ("alert", "a")]
    notices = list(packed(told))
    assert all(len(notice.encode()) <= LONGEST for notice in notices)
    assert len(notices) < 10
    assert list(packed([])) == []


async def test_one_replica_holds_a_lease_until_it_lets_go(shared: SqlStore, other: SqlStore) -> None:
    results = await asyncio.gather(*(store.leases.acquire("scheduler") for store in (shared, other)))
    assert sorted(results) == [False, True]
    first, second = (shared, other) if results[0] else (other, shared)
    assert [await first.leases.acquire("scheduler"), await second.leases.acquire("scheduler")] == [True, False]
    assert await second.leases.acquire("probes")
    await second.leases.release("scheduler")
    assert not await second.leases.acquire("scheduler")
    await first.leases.release("scheduler")
    assert await second.leases.acquire("scheduler")
    assert not await first.leases.acquire("scheduler")


async def test_a_lease_that_nobody_renews_goes_to_the_next_who_asks_and_a_closed_replica_holds_none(
    shared: SqlStore, migrated: str
) -> None:
    lost = await SqlStore.open(migrated, secret_key=KEY, clock=StoppedClock())
    assert await lost.leases.acquire("scheduler")
    assert await lost.leases.acquire("probes")
    assert not await shared.leases.acquire("scheduler")
    past = text("UPDATE leases SET until = until - 3600000000 WHERE name = 'scheduler'")
    await shared._writer.perform(lambda connection: connection.execute(past))
    assert await shared.leases.acquire("scheduler")
    terms = text("SELECT term FROM leases WHERE name = 'scheduler'")
    assert await shared._reader.read(lambda connection: connection.scalar(terms)) == 2
    await lost.close()
    assert await shared.leases.acquire("probes")


@pytest.mark.parametrize(("limit", "per"), [(3, 0.3), (30, 0.5)])
async def test_two_replicas_together_never_exceed_a_limit(shared: SqlStore, other: SqlStore, limit: int, per: float) -> None:
    moments: list[float] = []

    async def take(store: SqlStore) -> None:
        while (wait := await store.tokens.take("github", limit, per)) > 0:
            await asyncio.sleep(wait)
        moments.append(time.monotonic())

    await asyncio.gather(*(take((shared, other)[n % 2]) for n in range(3 * limit)))
    moments.sort()
    assert len(moments) == 3 * limit
    assert all(later - earlier >= per for earlier, later in zip(moments, moments[limit:], strict=False))


async def test_limits_of_other_names_and_sizes_are_counted_by_name(shared: SqlStore, other: SqlStore) -> None:
    assert [await store.tokens.take("github", 2, 60.0) for store in (shared, other)] == [0.0, 0.0]
    assert 50 < await shared.tokens.take("github", 2, 60.0) < 62
    assert await other.tokens.take("trello", 2, 60.0) == 0.0
    assert await other.tokens.take("github", 3, 60.0) == 0.0
