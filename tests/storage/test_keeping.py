"""What grows is bounded: old facts are packed away, what is older still goes, and the file gives its space back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zlib import compress

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from engine.events import (
    Audited,
    DetectorSaved,
    DraftSaved,
    Event,
    Handled,
    KeyClaimed,
    PostingSent,
    PostingSettled,
    PostingsTouched,
    Received,
    RunMoved,
    RunStarted,
    SamplesTaken,
    WaitOpened,
    WebMessageSaved,
)
from engine.parties import MessageRef
from engine.ports import Store
from engine.runtime.housekeeping import Housekeeping
from engine.workflow.run import Fact, FactKind, RunState
from storage.archive import pack, unpack
from storage.dialect import PAGES_SPARED
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.storage.values import HOSTILE, KEY, NOON, StoppedClock, after, draft, fact, run, sample, wanted

DAY = timedelta(days=1)


def over(run_id: str, days: float, **changes: object) -> RunStarted:
    """A run that was over so many days ago."""
    record = run(run_id, state=RunState.SUCCEEDED, started_at=NOON - (days + 1) * DAY, finished_at=NOON - days * DAY, **changes)
    facts = (fact(1, FactKind.STARTED, data={"event": {"text": HOSTILE.replace("\ud800", "")}}), fact(2), fact(3, FactKind.FINISHED))
    return RunStarted(record, facts)


async def test_facts_that_were_packed_away_are_read_as_ever(store: Store) -> None:
    old, young = over("old", 91), over("young", 89)
    await store.ledger.record(old, young, RunStarted(run("alive", started_at=NOON - 400 * DAY), (fact(1),)))
    assert await store.runs.archive(NOON - 90 * DAY) == 1
    assert await store.runs.archive(NOON - 90 * DAY) == 0
    for kept in (old, young):
        assert await store.runs.facts(kept.run.id) == list(kept.facts)
        assert await store.runs.get(kept.run.id) == kept.run
    assert (await store.runs.stats(since=NOON - 1000 * DAY))["wf_00000001"].total == 3


async def test_a_run_that_is_taken_up_again_after_it_was_packed_away_keeps_all_of_its_facts(store: Store) -> None:
    old = over("old", 91)
    await store.ledger.record(old)
    await store.runs.archive(NOON)
    again = replace(old.run, state=RunState.RUNNING, finished_at=None)
    await store.ledger.record(RunMoved("old", (fact(4, FactKind.RETRIED), fact(5)), again))
    assert [found.seq for found in await store.runs.facts("old")] == [1, 2, 3, 4, 5]
    assert await store.runs.archive(NOON) == 0
    await store.ledger.record(RunMoved("old", (fact(6, FactKind.FINISHED),), old.run))
    assert await store.runs.archive(NOON) == 1
    assert await store.runs.facts("old") == [*old.facts, fact(4, FactKind.RETRIED), fact(5), fact(6, FactKind.FINISHED)]


async def test_a_forgotten_run_takes_everything_of_its_own_along_and_nothing_else(store: Store) -> None:
    await store.ledger.record(over("packed", 400), over("loose", 400), over("young", 300))
    await store.ledger.record(*(KeyClaimed(f"k {name}", name, "pay", NOON) for name in ("packed", "loose", "young")))
    await store.ledger.record(WaitOpened("loose", "w", "github.push"), Audited(NOON, "slack:U1", "Zoë", "run", "packed"))
    await store.runs.archive(NOON - 350 * DAY)
    assert await store.runs.forget(NOON - 360 * DAY) == 2
    assert [found.id for found in await store.runs.list()] == ["young"]
    assert [await store.runs.facts(name) for name in ("packed", "loose")] == [[], []]
    assert [await store.keys.holder(f"k {name}") is not None for name in ("packed", "loose", "young")] == [False, False, True]
    assert await store.waits.events() == frozenset()
    assert len(await store.audit.list()) == 1
    assert await store.runs.forget(NOON - 360 * DAY) == 0


async def test_more_runs_than_fit_into_one_go_are_all_packed_and_all_forgotten(store: Store) -> None:
    await store.ledger.record(*(over(f"run_{n}", 100) for n in range(1_200)))
    assert await store.runs.archive(NOON) == 1_200
    assert len(await store.runs.facts("run_1199")) == 3
    assert await store.runs.forget(NOON) == 1_200
    assert await store.runs.list() == []


async def test_cards_that_nobody_wants_any_more_go_but_not_those_of_a_run_that_is_alive(sql: SqlStore) -> None:
    alive = run("run_alive", state=RunState.WAITING, started_at=NOON - 2 * DAY)
    await sql.ledger.record(RunStarted(alive, ()), *(wanted(subject) for subject in ("run:run_alive", "run:run_over", "note:1", "open")))
    for subject in ("run:run_alive", "run:run_over", "note:1"):
        (card,) = await sql.postings.of(subject)
        await sql.ledger.record(PostingSent(card.id), PostingSettled(card.id, MessageRef("slack", "C1", subject), 1))
    assert await sql.postings.prune(NOON) == 0
    assert await sql.postings.prune(NOON + DAY) == 2
    assert [bool(await sql.postings.of(subject)) for subject in ("run:run_alive", "run:run_over", "note:1", "open")] == [
        True, False, False, True,
    ]  # fmt: skip
    await sql.ledger.record(PostingsTouched("run:run_alive"), wanted("note:1"))
    assert len(await sql.postings.due(NOON)) == 3


async def test_cards_in_dictionaries_go_by_their_clock_too() -> None:
    store = MemoryStore(StoppedClock())
    await store.ledger.record(wanted("a"), wanted("b"))
    (card,) = await store.postings.of("a")
    await store.ledger.record(PostingSettled(card.id, MessageRef("slack", "C1", "1"), 1))
    assert [await store.postings.prune(when) for when in (NOON, NOON + DAY)] == [0, 1]
    await store.ledger.record(wanted("c"), wanted("a"))
    assert {(await store.postings.of(subject))[0].id for subject in "abc"} == {2, 3, 4}


async def test_old_requests_and_messages_go(store: Store) -> None:
    await store.ledger.record(DraftSaved(draft("old")), DraftSaved(draft("open", expires_at=after(1_000_000))))
    await store.ledger.record(*(WebMessageSaved(f"m{n}", "#ops", after(n), "Zoë", "web:1", "hello") for n in range(4)))
    assert await store.drafts.prune(after(4_000)) == 1
    assert await store.drafts.get("old") is None
    assert await store.drafts.get("open") is not None
    assert await store.web_messages.prune(after(3)) == 3
    assert [found.id for found in await store.web_messages.list("#ops", reader="")] == ["m3"]


def week(number: int) -> list[Event]:
    """What a week of work leaves behind, seen from the end of it."""
    runs = [replace(over(f"run_{number}_{n}", 0).run, finished_at=NOON + (7 * number + 1) * DAY) for n in range(40)]
    large: list[Event] = [
        RunStarted(record, tuple(fact(k, data={"output": f"{number} {k} " * 60}) for k in range(1, 12))) for record in runs
    ]
    samples = SamplesTaken(tuple(replace(sample(n), at=NOON + 7 * number * DAY, detail=f"{number} " * 60) for n in range(200)))
    came = [Received(f"hook:{number}_{n}", NOON + 7 * number * DAY, {"body": f"{n} " * 400}) for n in range(40)]
    messages = [WebMessageSaved(f"m{number}_{n}", "#ops", NOON + 7 * number * DAY, "Zoë", "web:1", "hello " * 40) for n in range(40)]
    return [*large, samples, *came, *(Handled(event.key) for event in came), *messages, *(wanted(f"run:{record.id}") for record in runs)]


class MovingClock(StoppedClock):
    """A clock that stands where it was put."""

    weeks = 0

    def now(self):  # type: ignore[no-untyped-def]
        return NOON + 7 * self.weeks * DAY


async def test_the_file_stays_under_a_bound_however_long_the_house_runs(database: Path) -> None:
    clock = MovingClock()
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=clock)
    keeping = Housekeeping(store, clock, keep=timedelta(days=14))
    sizes = []
    for number in range(18):
        clock.weeks = number
        await store.ledger.record(*week(number))
        for card in await store.postings.due(clock.now(), limit=1000):
            await store.ledger.record(PostingSettled(card.id, MessageRef("slack", "C1", str(card.id)), card.wanted))
        await keeping.tidy()
        await store._writer.perform(lambda connection: None)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(database.stat().st_size)
    assert len(await store.runs.list(limit=10_000)) < 40 * 12
    assert max(sizes[12:]) < 1.15 * max(sizes[8:12])
    clock.weeks = 500
    await keeping.tidy()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert database.stat().st_size < min(sizes[8], (PAGES_SPARED + 120) * 4096)
    await store.close()


async def test_a_file_made_before_space_was_given_back_learns_it_once(database: Path) -> None:
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript((Path(__file__).parent / "data" / "first_tables.sql").read_text(encoding="utf-8"))
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    for _ in range(2):
        await (await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())).close()
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.lists(st.builds(lambda n, kind, at, key, data: Fact(n, after(at), kind, "s", 1, key, {"d": data}),
    st.integers(1, 99), st.sampled_from(FactKind), st.integers(-(10**9), 10**9), st.text(max_size=5), json), max_size=8))  # fmt: skip
def test_what_was_packed_is_unpacked_as_it_was(found: list[Fact]) -> None:
    assert unpack(pack(found)) == found


async def test_what_detectors_learnt_and_is_damaged_on_disk_is_empty_and_stops_nobody(sql: SqlStore) -> None:
    await sql.ledger.record(DetectorSaved("account:a/b", {"version": 1}, NOON), DetectorSaved("account:a/c", {"version": 1}, NOON))
    for damage in (b"", b"\x00", compress(b"{"), compress(b"\xff\xfe")):

        def harm(connection: Connection, damage: bytes = damage) -> None:
            connection.execute(text("UPDATE detectors SET state = :damage WHERE stream = 'account:a/b'"), {"damage": damage})

        await sql._writer.perform(harm)
        assert [dict(one.state) for one in await sql.detectors.under("account:")] == [{}, {"version": 1}]
