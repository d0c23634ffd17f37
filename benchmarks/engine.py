"""Durable steps per second of the engine, beside DBOS on the same file system, beside a bare group-commit loop, and beside what the disk can do.

    python -m benchmarks.engine [--json] [--rounds N]

The whole product path is measured: runner, guard, actions port, write-ahead, SQL store with WAL and synchronous=FULL. Each round runs
each engine once, in a process of its own, one after the other; ratios are taken within a round, so that a disk or a neighbour that
changes its mood moves both.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

CONCURRENT = 32
FAN = 20
SEQUENCE = 10
STEPS = {"1 step": 1, "10 in sequence": SEQUENCE, "20 fanned out": FAN}
GOALS = {"10 in sequence": 10.0, "20 fanned out": 25.0}
GOAL_OF_RAW = 0.4  # share of the bare loop
# How many workflows a round takes, so that each cell lasts two to five seconds.
COUNTS = {
    "signalbox": {"1 step": 4000, "10 in sequence": 1000, "20 fanned out": 1000},
    "signalbox, with card": {"1 step": 4000, "10 in sequence": 1000, "20 fanned out": 1000},
    "raw loop": {"1 step": 6000, "10 in sequence": 2000, "20 fanned out": 2000},
    "dbos": {"1 step": 320, "10 in sequence": 96, "20 fanned out": 48},
    "dbos, as shipped": {"1 step": 64, "10 in sequence": 32, "20 fanned out": 16},
}
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "wal_autocheckpoint=4000")


def run(json: bool = False, rounds: int = 3) -> bool:
    """Measure and print; true when every goal is met. Takes two to three minutes."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        result = measure(Path(folder), rounds)
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return all(result["ratios"][load]["median"] >= goal for load, goal in GOALS.items()) and all(
        result["of_raw"][load]["median"] >= GOAL_OF_RAW for load in GOALS
    )


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    disk = physical(folder)
    cells: dict[str, list[dict[str, Any]]] = {engine: [] for engine in COUNTS}
    for number in range(rounds):
        for engine in COUNTS:
            place = folder / f"{engine.replace(', ', '-').replace(' ', '-')}-{number}"
            place.mkdir()
            cells[engine].append(_in_a_process(engine, place))
    return {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "load": os.getloadavg(),
        },
        "concurrent": CONCURRENT,
        "rounds": rounds,
        "disk": disk,
        "steps_per_second": {
            engine: {load: [round(cell[load]["steps_per_second"]) for cell in results] for load in STEPS}
            for engine, results in cells.items()
        },
        "cpu_ms_per_step": {
            engine: {load: round(median(cell[load]["cpu_ms_per_step"] for cell in results), 3) for load in STEPS}
            for engine, results in cells.items()
        },
        "ratios": {load: _ratios(cells["signalbox"], cells["dbos"], load) for load in STEPS},
        "ratios_as_shipped": {load: _ratios(cells["signalbox"], cells["dbos, as shipped"], load) for load in STEPS},
        "of_raw": {load: _ratios(cells["signalbox"], cells["raw loop"], load) for load in STEPS},
        "goals": GOALS,
        "goal_of_raw": GOAL_OF_RAW,
    }


def _ratios(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], load: str) -> dict[str, Any]:
    each = [one[load]["steps_per_second"] / other[load]["steps_per_second"] for one, other in zip(ours, theirs, strict=True)]
    return {"each": [round(ratio, 2) for ratio in each], "median": round(median(each), 2)}


def in_words(result: dict[str, Any]) -> str:
    disk, machine = result["disk"], result["machine"]
    lines = [
        f"Durable steps per second, {result['concurrent']} concurrent runs, WAL + synchronous=FULL, {result['rounds']} rounds (median)",
        f"{machine['cores']} cores, Python {machine['python']}, SQLite {machine['sqlite']}, load {machine['load'][0]:.1f}",
        "",
        f"the disk: {disk['fdatasync']:.0f} fdatasync/s; SQLite commits/s {disk['rows_1']:.0f}; "
        f"rows/s with 100 in a commit {disk['rows_100']:,.0f}, with 1000 {disk['rows_1000']:,.0f}",
        "",
        f"{'':32}" + "".join(f"{load:>22}" for load in STEPS),
    ]
    for engine, loads in result["steps_per_second"].items():
        lines.append(f"{engine:32}" + "".join(f"{median(loads[load]):>22,.0f}" for load in STEPS))
    for engine, loads in result["cpu_ms_per_step"].items():
        lines.append(f"{engine + ', CPU ms':32}" + "".join(f"{loads[load]:>22.3f}" for load in STEPS))
    lines += _ratio_lines("DBOS 3.4, same durability", result["ratios"], {load: f"≥ {goal:g}" for load, goal in GOALS.items()})
    lines += _ratio_lines("DBOS 3.4 as shipped", result["ratios_as_shipped"], {})
    lines += _ratio_lines("the bare loop", result["of_raw"], dict.fromkeys(GOALS, f"≥ {GOAL_OF_RAW:g}"))
    return "\n".join(lines)


def _ratio_lines(to: str, ratios: dict[str, Any], goals: dict[str, str]) -> list[str]:
    rows = {
        f"times {to}": [f"{ratios[load]['median']:g}×" for load in STEPS],
        "  each round": [" ".join(format(ratio, "g") for ratio in ratios[load]["each"]) for load in STEPS],
    }
    if goals:
        rows["  goal"] = [goals.get(load, "") for load in STEPS]
    return [f"{name:32}" + "".join(f"{cell:>22}" for cell in cells) for name, cells in rows.items()]


# --- the disk -----------------------------------------------------------------------------------------------------------


def physical(folder: Path, seconds: float = 1.5) -> dict[str, float]:
    """What the file system allows: syncs of 4 KB, and rows with 1, 100 and 1000 of them in a commit."""
    result = {"fdatasync": _syncs(folder / "sync", seconds)}
    for batch in (1, 100, 1000):
        result[f"rows_{batch}"] = _rows(folder / f"rows-{batch}.db", batch, seconds)
    return result


def _syncs(path: Path, seconds: float) -> float:
    page, count, begun = b"x" * 4096, 0, time.perf_counter()
    with path.open("wb") as file:
        while (passed := time.perf_counter() - begun) < seconds:
            file.write(page)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count / passed


def _rows(path: Path, batch: int, seconds: float) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE fact (run TEXT, seq INTEGER, data TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID")
    count, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO fact VALUES (?, ?, ?)", [(f"run{count}", n, "{}" * 50) for n in range(batch)])
        connection.execute("COMMIT")
        count += batch
    connection.close()
    return count / passed


# --- one engine, in its own process ---------------------------------------------------------------------------------------


def _in_a_process(engine: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine", "--child", engine, str(folder)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{engine} failed:\n{done.stderr[-2000:]}")
    return jsonlib.loads(done.stdout.splitlines()[-1])


async def _cell(one: Callable[[], Awaitable[None]], count: int, steps: int) -> dict[str, float]:
    """``count`` workflows, 32 at a time, after a warm-up."""
    await _crowd(one, max(CONCURRENT, count // 20))
    begun, cpu = time.perf_counter(), time.process_time()
    await _crowd(one, count)
    passed = time.perf_counter() - begun
    return {
        "steps_per_second": count * steps / passed,
        "workflows_per_second": count / passed,
        "cpu_ms_per_step": (time.process_time() - cpu) * 1000 / (count * steps),
    }


async def _crowd(one: Callable[[], Awaitable[None]], count: int) -> None:
    left = count

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await one()

    await asyncio.gather(*(work() for _ in range(CONCURRENT)))


async def signalbox(folder: Path, counts: dict[str, int], *, card: bool) -> dict[str, Any]:
    from engine.events import RunMoved, RunStarted, WorkflowSaved
    from engine.parties import Address
    from engine.ports import Answer, Call
    from engine.runtime.clock import SystemClock
    from engine.runtime.guard import Guard
    from engine.runtime.runner import JournalRunner
    from engine.workflow.catalogue import Catalogue
    from engine.workflow.definition import Definition, Step, Trigger, TriggerType, Workflow, WorkflowState
    from storage.sql import SqlStore

    class Trivial:
        async def perform(self, call: Call) -> Answer:
            return Answer({"n": 1, "step": call.step})

    clock = SystemClock()
    store = await SqlStore.open(f"sqlite:///{folder}/signalbox.db", secret_key="benchmark" * 4, clock=clock)
    runner = JournalRunner(
        store=store, clock=clock, catalogue=Catalogue([]),
        guard=Guard(Trivial(), clock, limit=1024, per_service=1024),
    )  # fmt: skip
    over: dict[str, asyncio.Future[None]] = {}

    def heard(events: Any) -> None:
        for event in events:
            if isinstance(event, (RunMoved, RunStarted)) and event.run is not None and event.run.state.over:
                over.pop(event.run.id).set_result(None)

    store.ledger.listen(heard)
    shapes = {
        "1 step": (Step(id="s1", action="http.request", arguments={"n": 1}),),
        "10 in sequence": tuple(Step(id=f"s{n}", action="http.request", arguments={"n": n}) for n in range(SEQUENCE)),
        "20 fanned out": tuple(Step(id=f"s{n}", action="http.request", arguments={"n": n}, needs=()) for n in range(FAN)),
    }
    results = {}
    for number, (load, steps) in enumerate(shapes.items()):
        flow = Workflow(
            id=f"wf_{number:08x}", version=1, revision=1, state=WorkflowState.ACTIVE, created_at=clock.now(), created_by="bench",
            updated_at=clock.now(), definition=Definition(name=load, trigger=Trigger(type=TriggerType.MANUAL), steps=steps),
        )  # fmt: skip
        await store.ledger.record(WorkflowSaved(flow))

        async def one(flow: Workflow = flow) -> None:
            run_id = clock.new_id("run")
            done = over[run_id] = asyncio.get_running_loop().create_future()
            await runner.start(flow, by="bench", run_id=run_id, where=Address("web", "ops") if card else None)
            await done

        results[load] = await _cell(one, counts[load], STEPS[load])
    await runner.stop()
    await store.close()
    return results


async def raw_loop(folder: Path, counts: dict[str, int]) -> dict[str, Any]:
    from benchmarks.raw import RawLoop

    async def act(number: int) -> dict[str, int]:
        return {"n": number}

    loop = RawLoop(folder / "raw.db", PRAGMAS)
    try:
        return {
            "1 step": await _cell(lambda: loop.sequence(1, act), counts["1 step"], 1),
            "10 in sequence": await _cell(lambda: loop.sequence(SEQUENCE, act), counts["10 in sequence"], SEQUENCE),
            "20 fanned out": await _cell(lambda: loop.fan(FAN, act), counts["20 fanned out"], FAN),
        }
    finally:
        loop.close()


def tuned_engine(folder: Path) -> Any:
    """What gives DBOS the durability we have: its own default is a rollback journal."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"sqlite:///{folder}/dbos.db")

    @sqlalchemy.event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (*PRAGMAS, "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


async def dbos(folder: Path, counts: dict[str, int], *, as_shipped: bool) -> dict[str, Any]:
    from dbos import DBOS, DBOSConfig

    config: DBOSConfig = {
        "name": "bench",
        "max_executor_threads": 32,
        "application_version": "1",
        "console_log_level": "ERROR",
        "log_level": "ERROR",
    }
    if as_shipped:
        config["system_database_url"] = f"sqlite:///{folder}/dbos.db"
    else:
        config["system_database_engine"] = tuned_engine(folder)
    DBOS(config=config)

    @DBOS.step()
    async def act(number: int) -> dict[str, int]:
        return {"n": number}

    @DBOS.workflow()
    async def sequence(count: int) -> int:
        for number in range(count):
            await act(number)
        return count

    @DBOS.workflow()
    async def fan(count: int) -> int:
        await asyncio.gather(*(act(number) for number in range(count)))
        return count

    DBOS.launch()
    try:
        return {
            "1 step": await _cell(lambda: sequence(1), counts["1 step"], 1),
            "10 in sequence": await _cell(lambda: sequence(SEQUENCE), counts["10 in sequence"], SEQUENCE),
            "20 fanned out": await _cell(lambda: fan(FAN), counts["20 fanned out"], FAN),
        }
    finally:
        DBOS.destroy()


def _child(engine: str, folder: Path) -> None:
    counts = COUNTS[engine]
    if engine.startswith("dbos"):
        print(jsonlib.dumps(asyncio.run(dbos(folder, counts, as_shipped=engine.endswith("as shipped")))))
    elif engine == "raw loop":
        print(jsonlib.dumps(asyncio.run(raw_loop(folder, counts))))
    else:
        print(jsonlib.dumps(asyncio.run(signalbox(folder, counts, card=engine.endswith("card")))))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--child" in arguments:
        _child(arguments[1], Path(arguments[2]))
    else:
        chosen = int(arguments[arguments.index("--rounds") + 1]) if "--rounds" in arguments else 3
        sys.exit(0 if run(json="--json" in arguments, rounds=chosen) else 1)
