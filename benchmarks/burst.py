"""A burst of 1,000 triggers: how long until each is durable, until each has a run, and until every run is over; beside DBOS.

    python -m benchmarks.burst [--json] [--rounds N]

1,000 deliveries arrive in the same moment, as from a service that empties its backlog, and each starts a run of one step. Ours go through the
dispatcher: recorded in the inbox (only then is a sender answered), matched, started, driven by the runner, on SQLite in WAL mode with
synchronous=FULL. DBOS starts 1,000 workflows of one step on the same file system with the same durability, where being started is being
durable. Each in a process of its own, in turn. The wire and the proof of a webhook are not in it.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engine import PRAGMAS

COUNT = 1_000
MOMENTS = ("durable", "started", "finished")
GOALS = {"durable": 1.0, "started": 2.0}  # seconds until the last of them, in every round
ENGINES = ("signalbox", "dbos")


def run(json: bool = False, rounds: int = 3) -> bool:
    """Measure and print; true when every goal is met in every round. Takes about a minute, most of it DBOS."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        result = measure(Path(folder), rounds)
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return all(one[moment]["all"] < goal for one in result["signalbox"] for moment, goal in GOALS.items())


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {"count": COUNT, "cores": os.cpu_count(), "load": os.getloadavg()[0], **{engine: [] for engine in ENGINES}}
    for number in range(rounds):
        for engine in ENGINES:
            place = folder / f"{engine}-{number}"
            place.mkdir()
            result[engine].append(_in_a_process(engine, place))
    return result


def in_words(result: dict[str, Any]) -> str:
    lines = [
        f"{result['count']:,} triggers at once, seconds until the last of them (p99), median of {len(result['signalbox'])} rounds",
        f"{result['cores']} cores, load {result['load']:.1f} at the start",
        "",
        f"{'':14}" + "".join(f"{moment:>22}" for moment in MOMENTS) + f"{'CPU ms a trigger':>20}",
    ]
    for engine in ENGINES:
        cells = [(_median(result[engine], moment, "all"), _median(result[engine], moment, "p99")) for moment in MOMENTS]
        lines.append(
            f"{engine:14}"
            + "".join(f"{f'{all:.3f} ({p99:.3f})':>22}" for all, p99 in cells)
            + f"{median(one['cpu_ms'] for one in result[engine]):>20.2f}"
        )
        rounds = [" ".join(f"{one[moment]['all']:.2f}" for one in result[engine]) for moment in MOMENTS]
        lines.append(f"{'  each round':14}" + "".join(f"{each:>22}" for each in rounds))
    lines.append(f"{'goal':14}" + "".join(f"{f'< {GOALS[moment]:g}' if moment in GOALS else '':>22}" for moment in MOMENTS))
    return "\n".join(lines)


def _median(rounds: list[dict[str, Any]], moment: str, what: str) -> float:
    return median(one[moment][what] for one in rounds)


# --- one engine, in its own process ---------------------------------------------------------------------------------------


def _in_a_process(engine: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.burst", "--child", engine, str(folder)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{engine} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = jsonlib.loads(done.stdout.splitlines()[-1])
    return result


class Watch:
    """When which moment came, counted from ``begin``."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
        self.over = asyncio.Event()
        self._begun = self._cpu = 0.0

    def begin(self) -> None:
        self._begun, self._cpu = time.perf_counter(), time.process_time()

    def came(self, moment: str) -> None:
        self.times[moment].append(time.perf_counter() - self._begun)
        if moment == "finished" and len(self.times[moment]) == COUNT:
            self.over.set()

    def result(self) -> dict[str, Any]:
        assert all(len(times) == COUNT for times in self.times.values()), {moment: len(times) for moment, times in self.times.items()}
        found: dict[str, Any] = {
            moment: {"all": max(times), "p99": sorted(times)[int(COUNT * 0.99)]} for moment, times in self.times.items()
        }
        return found | {"cpu_ms": (time.process_time() - self._cpu) * 1000 / COUNT}


async def signalbox(folder: Path) -> dict[str, Any]:
    from engine.events import Event, Happening, RunMoved, RunStarted, WorkflowSaved
    from engine.ports import Answer, Call
    from engine.runtime.clock import SystemClock
    from engine.runtime.dispatcher import Dispatcher
    from engine.runtime.guard import Guard
    from engine.runtime.runner import JournalRunner
    from engine.workflow.catalogue import Catalogue
    from engine.workflow.definition import Definition, Step, Trigger, TriggerType, Workflow, WorkflowState
    from storage.sql import SqlStore

    class Trivial:
        async def perform(self, call: Call) -> Answer:
            return Answer({"step": call.step})

    clock = SystemClock()
    store = await SqlStore.open(f"sqlite:///{folder}/signalbox.db", secret_key="benchmark" * 4, clock=clock)
    guard = Guard(Trivial(), clock, limit=1024, per_service=1024)  # type: ignore[arg-type]
    runner = JournalRunner(store=store, guard=guard, clock=clock, catalogue=Catalogue([]))
    dispatcher = Dispatcher(
        ledger=store.ledger, inbox=store.inbox, workflows=store.workflows, runs=store.runs, alerts=store.alerts, samples=store.samples,
        waits=store.waits, gatherings=store.gatherings, runner=runner, clock=clock,
    )  # fmt: skip
    await dispatcher.start()
    trigger = Trigger(type=TriggerType.EVENT_BASED, service="github", event="push")
    steps = (Step(id="s1", action="http.request", arguments={"n": "{{event.n}}"}),)
    flow = Workflow(
        id="wf_00000001", version=1, revision=1, state=WorkflowState.ACTIVE, created_at=clock.now(), created_by="bench", updated_at=clock.now(),
        definition=Definition(name="Burst", trigger=trigger, steps=steps, when="event.n >= 0"),
    )  # fmt: skip
    await store.ledger.record(WorkflowSaved(flow))
    watch = Watch()

    def heard(events: Any) -> None:
        event: Event
        for event in events:
            if isinstance(event, RunStarted):
                watch.came("started")
            if isinstance(event, (RunMoved, RunStarted)) and event.run is not None and event.run.state.over:
                watch.came("finished")

    async def deliver(number: int) -> None:
        at = clock.now()
        await dispatcher.accept([Happening(f"d{number}", "github", "push", at, {"n": number, "branch": "main", "author": "ada"})])
        watch.came("durable")

    await dispatcher.accept([Happening("warm", "github", "push", clock.now(), {"n": -1})])
    await dispatcher.idle()
    store.ledger.listen(heard)
    watch.begin()
    await asyncio.gather(*(deliver(number) for number in range(COUNT)))
    async with asyncio.timeout(120):
        await watch.over.wait()
    await dispatcher.idle()
    await dispatcher.stop()
    await runner.stop()
    assert await store.inbox.unhandled() == []
    await store.close()
    return watch.result()


async def dbos(folder: Path) -> dict[str, Any]:
    import sqlalchemy
    from dbos import DBOS, DBOSConfig

    engine = sqlalchemy.create_engine(f"sqlite:///{folder}/dbos.db")

    @sqlalchemy.event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in (*PRAGMAS, "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    config: DBOSConfig = {
        "name": "bench",
        "system_database_engine": engine,
        "max_executor_threads": 32,
        "application_version": "1",
        "console_log_level": "ERROR",
        "log_level": "ERROR",
    }
    DBOS(config=config)
    watch = Watch()

    @DBOS.step()
    async def act(number: int) -> dict[str, int]:
        return {"n": number}

    @DBOS.workflow()
    async def burst(number: int) -> int:
        await act(number)
        return number

    async def deliver(number: int) -> None:
        handle = await DBOS.start_workflow_async(burst, number)
        watch.came("durable")
        watch.came("started")
        await handle.get_result()
        watch.came("finished")

    DBOS.launch()
    try:
        watch.begin()
        await asyncio.gather(*(deliver(number) for number in range(COUNT)))
        return watch.result()
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--child" in arguments:
        child = dbos if arguments[1] == "dbos" else signalbox
        print(jsonlib.dumps(asyncio.run(child(Path(arguments[2])))))
    else:
        chosen = int(arguments[arguments.index("--rounds") + 1]) if "--rounds" in arguments else 3
        sys.exit(0 if run(json="--json" in arguments, rounds=chosen) else 1)
