"""What runs cost that wait for somebody: memory and processor while nothing happens, the start over them, and how soon a yes is heard.

10,000 runs of one workflow wait for an approval, on disk. One process opens the house over them (runner, guard, alarm, storage), is at rest
for some seconds, and then 200 approvals are answered one after another; the peer is the same process over an empty database.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WAITING = 10_000
REST = 10.0  # seconds
ANSWERED = 200
GOALS = {"cpu_percent": 1.0, "over_empty_mb": 50.0, "peak_over_empty_mb": 50.0, "recover_s": 2.0, "yes_p99_ms": 250.0}


async def house(folder: Path) -> Any:
    from engine.ports import Answer, Call
    from engine.runtime.clock import SystemClock
    from engine.runtime.guard import Guard
    from engine.runtime.runner import JournalRunner
    from engine.workflow.catalogue import Catalogue
    from storage.sql import SqlStore

    class Pending:
        async def perform(self, call: Call) -> Answer:
            return Answer(None, pending=True) if call.operation == "ask_approval" else Answer({"n": 1})

        async def look(self, call: Call) -> Answer | None:
            return None

        def looks(self, service: str, operation: str) -> bool:
            return False

    clock = SystemClock()
    store = await SqlStore.open(f"sqlite:///{folder}/signalbox.db", secret_key="benchmark" * 4, clock=clock)
    guard = Guard(Pending(), clock, limit=1024, per_service=1024, tokens=store.tokens)
    return store, JournalRunner(store=store, guard=guard, clock=clock, catalogue=Catalogue([])), clock


async def fill(folder: Path, count: int) -> None:
    """Runs that wait for a yes, half of them with an expiry a month away."""
    from engine.events import WorkflowSaved
    from engine.workflow.definition import Approve, Definition, Step, Trigger, TriggerType, Workflow, WorkflowState

    store, runner, clock = await house(folder)
    flows = []
    for number, expires in enumerate((None, 2_592_000.0)):
        steps = (
            Step(id="find", action="http.request"),
            Step(id="ok", does=Approve(by=("@ops",), expires=expires)),
            Step(id="do", action="http.request"),
        )
        definition = Definition(name=f"Waiting {number}", trigger=Trigger(type=TriggerType.MANUAL), steps=steps)
        flow = Workflow(
            id=f"wf_{number:08x}", version=1, revision=1, state=WorkflowState.ACTIVE, created_at=clock.now(), created_by="bench",
            updated_at=clock.now(), definition=definition,
        )  # fmt: skip
        await store.ledger.record(WorkflowSaved(flow))
        flows.append(flow)
    for first in range(0, count, 500):
        await asyncio.gather(
            *(runner.start(flows[n % 2], by="bench", run_id=f"run_{n:06d}", event={"text": "x" * 200}) for n in range(first, first + 500))
        )
    await runner.stop()
    await store.close()


async def measure(folder: Path) -> dict[str, float]:
    from engine.parties import Actor

    store, runner, _ = await house(folder)
    await asyncio.sleep(0.5)
    begun, cpu = time.perf_counter(), time.process_time()
    waiting = await runner.recover()
    recover, recover_cpu = time.perf_counter() - begun, time.process_time() - cpu
    await asyncio.sleep(1.0)
    rested, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(REST)
    share = 100 * (time.process_time() - cpu) / (time.perf_counter() - rested)
    result = {"waiting": waiting, "mb": resident_mb(), "cpu_percent": share, "recover_s": recover, "recover_cpu_s": recover_cpu}
    if waiting:
        result |= await answers(runner, store, Actor("web", "bench", "Bench"))
    result["mb_at_the_end"] = resident_mb()
    await runner.stop()
    await store.close()
    return result


async def answers(runner: Any, store: Any, actor: Any) -> dict[str, float]:
    """From a yes to the record of the next step's ask, one after another."""
    took = []
    for number in range(ANSWERED):
        begun = time.perf_counter()
        await runner.vote(f"run_{number * (WAITING // ANSWERED):06d}", "ok", approved=True, actor=actor)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    return {"yes_p50_ms": statistics.median(took), "yes_p99_ms": took[int(len(took) * 0.99) - 1]}


def resident_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def in_a_process(what: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.waiting", what, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{what} failed:\n{done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def run(as_json: bool = False) -> bool:
    """Print the figures; True when every goal is met."""
    with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as empty:
        filled = in_a_process("fill", Path(full))
        in_a_process("make", Path(empty))  # making the tables takes memory of its own
        ours, bare = in_a_process("measure", Path(full)), in_a_process("measure", Path(empty))
    result = {**ours, "fill_s": filled["seconds"], "empty_mb": bare["mb"], "empty_cpu_percent": bare["cpu_percent"]}
    result |= {"over_empty_mb": ours["mb"] - bare["mb"], "peak_over_empty_mb": ours["peak_mb"] - bare["peak_mb"]}
    met = {name: result[name] < goal for name, goal in GOALS.items()}
    if as_json:
        print(json.dumps({**result, "met": met}, indent=2))
    else:
        print(f"waiting  {result['waiting']:.0f} runs wait for an approval (started and at rest after {result['fill_s']:.1f} s)")
        print(
            f"         memory {result['mb']:.0f} MB, {result['over_empty_mb']:.1f} MB more than over an empty database, at most {result['peak_mb']:.0f} MB    goal < {GOALS['over_empty_mb']:g}"
        )
        print(
            f"         processor at rest {result['cpu_percent']:.2f} % of a core, empty {result['empty_cpu_percent']:.2f} %    goal < {GOALS['cpu_percent']:g}"
        )
        print(
            f"         start over them {result['recover_s']:.2f} s ({result['recover_cpu_s']:.2f} s of processor)    goal < {GOALS['recover_s']:g}"
        )
        print(
            f"         a yes is recorded, the next step with it, after {result['yes_p50_ms']:.1f} ms (p99 {result['yes_p99_ms']:.1f})    goal p99 < {GOALS['yes_p99_ms']:g}"
        )
    return all(met.values())


def _child(what: str, folder: Path) -> None:
    if what != "measure":
        begun = time.perf_counter()
        asyncio.run(fill(folder, WAITING if what == "fill" else 0))
        print(json.dumps({"seconds": time.perf_counter() - begun}))
    else:
        print(json.dumps(asyncio.run(measure(folder)) | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("fill", "make", "measure"):
        _child(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(0 if run("--json" in sys.argv) else 1)
