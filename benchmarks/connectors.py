"""What a connector adds to a call, and what it saves: beside bare httpx2 on the same loopback vendor, in turn, in the same run.

    python -m benchmarks.connectors [--json]

overhead  the whole way of ``Shelf.perform`` (inputs checked, hooks, template, credentials, limits, judged, outputs picked) beside ``client.post`` and
          ``json()``; one call after another on one kept connection
limits    1,000 mixed calls of twenty runs and some people against a vendor that counts and answers 429 to what is too fast; beside it the same calls
          without a pace
shipped   the limits of every connector that ships, 1,000 calls each on a clock of their own: none may go over
batching  200 writes, twenty at a time, of a vendor that takes 20 ms, with batches and without
cache     500 reads of ten things: kept for a while, asked about (ETag), and neither
reading   all connectors read in a fresh process, the least of five, beside their files through the plain safe loader of YAML in the same process
memory    of all connectors as read, and of one account that is idle
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
ROUNDS = 7
CALLS = 300  # of a round
GOALS = {"overhead": 2.0, "provoked": 0, "over": 0, "read_ms": 300.0}
WINDOWS = [[200, 1.0, ""], [60, 1.0, "write"], [8, 1.0, "channel"]]


def run(json: bool = False) -> bool:
    """Measure and print; true when every goal is met. Takes about a minute."""
    result: dict[str, Any] = {name: _in_a_process(name) for name in ("overhead", "limits", "shipped", "batching", "cache", "memory")}
    result["reading"] = min((_in_a_process("reading") for _ in range(5)), key=lambda one: one["cpu_ms"])
    result["load"] = os.getloadavg()[0]
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return met(result)


def met(result: Mapping[str, Any]) -> bool:
    return bool(
        result["overhead"]["ratio"] <= GOALS["overhead"]
        and result["limits"]["paced"]["throttled"] == GOALS["provoked"]
        and result["shipped"]["over"] == GOALS["over"]
        and result["reading"]["cpu_ms"] < GOALS["read_ms"]
    )


def in_words(result: Mapping[str, Any]) -> str:
    over, limits, shipped, batches, cache, reading, memory = (
        result[name] for name in ("overhead", "limits", "shipped", "batching", "cache", "reading", "memory")
    )
    paced, bare = limits["paced"], limits["bare"]
    return "\n".join(
        [
            f"overhead   {over['ours_ms']:.2f} ms a call, bare httpx2 {over['bare_ms']:.2f}: {over['ratio']:.2f}× (rounds {over['rounds']}); processor {over['cpu_ratio']:.2f}×    goal ≤ {GOALS['overhead']:g}×",
            f"limits     {paced['calls']:,} calls in {paced['seconds']:.1f} s (the limits alone take {limits['least']:.1f} s), 429 provoked: {paced['throttled']}    goal {GOALS['provoked']}",
            f"           without a pace: {bare['seconds']:.1f} s, 429 provoked: {bare['throttled']}",
            f"           waits of people: median {paced['people_ms']:.0f} ms, of runs {paced['runs_ms']:.0f} ms",
            f"shipped    {shipped['connectors']} connectors with limits of their own, {shipped['calls']:,} calls: {shipped['over']} over a limit    goal {GOALS['over']}",
            f"batching   {batches['on']['requests']} requests instead of {batches['off']['requests']}, {batches['on']['seconds']:.2f} s instead of {batches['off']['seconds']:.2f}",
            f"cache      {cache['kept']['requests']} requests kept for a while, {cache['off']['requests']} without; {cache['tagged']['unchanged']} of {cache['tagged']['requests']} answered “unchanged”; {cache['kept']['ms']:.2f} / {cache['tagged']['ms']:.2f} / {cache['off']['ms']:.2f} ms a read",
            f"reading    {reading['connectors']} connectors in {reading['cpu_ms']:.0f} ms of processor, {reading['wall_ms']:.0f} ms in all; their files through YAML's safe loader alone {reading['yaml_ms']:.0f} ms    goal < {GOALS['read_ms']:g}",
            f"memory     {memory['idle_kb']:.0f} KB an idle connector, {memory['used_kb']:.0f} KB one that was used (its connection open); all connectors as read {memory['read_mb']:.1f} MB",
            f"{os.cpu_count()} cores, load {result['load']:.1f}",
        ]
    )


def _in_a_process(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.connectors", "--child", name], cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr[-3000:]}")
    result: dict[str, Any] = jsonlib.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def vendor(**said: Any) -> Iterator[str]:
    """Its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.vendor", jsonlib.dumps(said)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


def made(url: str, environ: Mapping[str, str] | None = None, **said: Any) -> Any:
    """A shelf with one connector of a few lines at that address."""
    from pydantic import TypeAdapter

    from connectors._kit.connector import Connector
    from connectors._kit.custom import Custom
    from connectors._kit.description import Description, Examples
    from connectors._kit.shelf import Shelf
    from engine.runtime.clock import SystemClock

    whole = {
        "id": "bench", "name": "Bench", "category": "development", "base_url": url, "auth": [{"kind": "bearer"}],
        "settings": {"token": {"name": "BENCH_TOKEN", "meaning": "its token", "secret": True, "needed": True}}, **said,
    }  # fmt: skip
    connector = Connector(TypeAdapter(Description).validate_python(whole), Examples(), Custom())
    return Shelf.open({"BENCH_TOKEN": "test-token", **(environ or {})}, clock=SystemClock(), connectors=[connector])


def call(action: str, arguments: Mapping[str, Any], key: str, **more: Any) -> Any:
    from engine.ports import Call

    service, _, operation = action.partition(".")
    return Call(service=service, operation=operation, arguments=arguments, key=key, **more)


# --- overhead ---------------------------------------------------------------------------------------------------------------------


async def overhead() -> dict[str, Any]:
    import httpx2

    from connectors._kit.described_wire import Bucket
    from connectors._kit.shelf import Shelf, find_connectors
    from engine.runtime.clock import SystemClock

    github = next(connector for connector in find_connectors() if connector.id == "github")
    wide = replace(github.description.limits, buckets=(Bucket(limit=1_000_000, per=60.0), Bucket(limit=1_000_000, per=60.0, writes=True)))
    github = replace(github, description=replace(github.description, limits=wide))
    with vendor() as url:
        shelf = Shelf.open({"GITHUB_TOKEN": "test-token", "GITHUB_URL": url}, clock=SystemClock(), connectors=[github])
        ask = {"repo": "acme/web", "title": "Found a bug", "text": "It is there", "labels": ["bug"]}
        headers = {"Authorization": "Bearer test-token", "Accept": "application/vnd.github+json"}
        body = {"title": "Found a bug", "body": "It is there", "labels": ["bug"]}
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:

            async def bare(number: int) -> None:
                answer = await client.post("/repos/acme/web/issues", json=body)
                assert answer.json()["number"] == 1347

            async def ours(number: int) -> None:
                answer = await shelf.perform(call("github.create_issue", ask, f"key{number}"))
                assert answer.output["number"] == 1347

            rounds: list[dict[str, float]] = []
            for _ in range(ROUNDS + 1):
                one = {}
                for name, act in (("bare", bare), ("ours", ours)):
                    begun, cpu = time.perf_counter(), time.process_time()
                    for number in range(CALLS):
                        await act(number)
                    one[name], one[f"{name}_cpu"] = time.perf_counter() - begun, time.process_time() - cpu
                rounds.append(one)
        await shelf.close()
    rounds = rounds[1:]  # the first one opens connections
    ratios = [one["ours"] / one["bare"] for one in rounds]
    return {
        "ratio": median(ratios),
        "cpu_ratio": median(one["ours_cpu"] / one["bare_cpu"] for one in rounds),
        "rounds": ", ".join(f"{ratio:.2f}" for ratio in ratios),
        "ours_ms": median(one["ours"] for one in rounds) / CALLS * 1000,
        "bare_ms": median(one["bare"] for one in rounds) / CALLS * 1000,
    }


# --- limits -----------------------------------------------------------------------------------------------------------------------

READ = {
    "title": "Read",
    "writes": False,
    "inputs": {"name": {}},
    "request": {"method": "GET", "path": "/things/{name}"},
    "outputs": {"n": {}},
}
POST = {
    "title": "Post", "inputs": {"channel": {}}, "no_look": "It is counted.", "outputs": {"n": {}},
    "request": {"method": "POST", "path": "/channels/{channel}/messages", "body": {"text": "x"}},
}  # fmt: skip


def mixed() -> list[tuple[str, str, dict[str, Any], bool]]:
    """(run, action, arguments, whether a person waits) of 1,000 calls: seven reads to three posts in ten channels, one in twenty by a person."""
    asks = []
    for number in range(1000):
        act = ("bench.post", {"channel": f"C{number // 10 % 10}"}) if number % 10 < 3 else ("bench.read", {"name": f"t{number}"})
        asks.append((f"run{number % 20}", *act, number % 20 == 7))
    return asks


async def limits() -> dict[str, Any]:
    from connectors._kit.failures import Throttled

    buckets = [
        {"limit": 200, "per": 1.0},
        {"limit": 60, "per": 1.0, "writes": True},
        {"limit": 8, "per": 1.0, "of": "{channel}", "only": ["post"]},
    ]
    found: dict[str, Any] = {"least": 300 / 60 - 1}
    for name, kept in (("paced", buckets), ("bare", [])):
        with vendor(windows=WINDOWS) as url:
            shelf = made(url, operations={"read": READ, "post": POST}, limits={"buckets": kept, "concurrent": 8 if kept else 64})
            waits: dict[bool, list[float]] = {True: [], False: []}

            async def one(number: int, ask: tuple[str, str, dict[str, Any], bool], shelf: Any, waits: dict[bool, list[float]]) -> None:
                run_, action, arguments, person = ask
                begun = time.perf_counter()
                while True:
                    try:
                        await shelf.perform(call(action, arguments, f"key{number}", run=run_, actor="U1" if person else ""))
                        break
                    except Throttled as later:
                        await asyncio.sleep(later.retry_after or 1.0)
                waits[person].append((time.perf_counter() - begun) * 1000)

            begun = time.perf_counter()
            await asyncio.gather(*(one(number, ask, shelf, waits) for number, ask in enumerate(mixed())))
            seconds = time.perf_counter() - begun
            counted = await count(url)
            await shelf.close()
        found[name] = {"calls": 1000, "seconds": seconds, **counted, "people_ms": median(waits[True]), "runs_ms": median(waits[False])}
    return found


async def count(url: str) -> dict[str, int]:
    import httpx2

    async with httpx2.AsyncClient() as client:
        told: dict[str, int] = (await client.get(f"{url}/__count")).json()
        return told


# --- the limits of what ships -----------------------------------------------------------------------------------------------------


async def shipped() -> dict[str, Any]:
    """On a clock that is set: what is sent is held against the description's own limits, without the slack that is kept beyond them."""
    from connectors._kit.shelf import find_connectors

    connectors = [connector for connector in find_connectors() if connector.description.limits.buckets]
    found = [await _held_to(connector) for connector in connectors]
    return {"connectors": len(connectors), "calls": 1000 * len(connectors), "over": sum(found)}


async def _held_to(connector: Any) -> int:
    from connectors._kit.errand import Asker, Errand
    from connectors._kit.failures import Later
    from connectors._kit.pacing import Pacing, holds
    from tests.connectors.rig import SetClock

    clock, said = SetClock(), connector.description
    pace = Pacing(said.name, said.id, said.limits, clock)
    names = list(said.operations)
    sent: dict[tuple[int, str], list[float]] = {}
    queue = [(0.0, number) for number in range(1000)]
    from heapq import heapify, heappop, heappush

    heapify(queue)
    began = clock.now().timestamp()
    while queue:
        due, number = heappop(queue)
        ahead = began + due - clock.now().timestamp()
        if ahead > 0:
            await clock.sleep(ahead)
        operation = names[number % len(names)]
        scope = {"channel_id": f"C{number % 7}", "channel": f"C{number % 7}"}
        errand = Errand(operation=operation, writes=said.operations[operation].writes, scope=scope)
        try:
            passage = await pace.enter(errand, Asker(person=number % 20 == 0, flow=f"run{number % 10}", key=f"k{number}"))
        except Later as later:
            heappush(queue, (clock.now().timestamp() - began + (later.retry_after or 0.0), number))
            continue
        pace.leave(passage)
        for place, bucket in enumerate(said.limits.buckets):
            if holds(bucket, errand):
                of = scope["channel_id"] if bucket.of else ""
                sent.setdefault((place, of), []).extend([clock.now().timestamp()] * bucket.cost)
    pace.close()
    return sum(_over(moments, said.limits.buckets[place]) for (place, _), moments in sent.items())


def _over(moments: list[float], bucket: Any) -> int:
    """How many were more than the limit in some window."""
    most = max(bucket.limit, bucket.cost)
    return sum(moments[number] - moments[number - most] < bucket.per for number in range(most, len(moments)))


# --- batches and kept answers -----------------------------------------------------------------------------------------------------


async def batching() -> dict[str, Any]:
    write = {
        "title": "Write", "inputs": {"name": {}}, "no_look": "It is counted.", "outputs": {"n": {}},
        "request": {"method": "POST", "path": "/things", "body": {"name": "{name}"}},
    }  # fmt: skip
    found = {}
    with vendor() as url:
        for switch in ("on", "off", "on", "off"):
            shelf = made(
                f"{url}/slow", {"SIGNALBOX_BATCHING": switch}, operations={"write": write},
                batch={"kind": "graph", "path": "/$batch", "most": 20}, limits={"concurrent": 8},
            )  # fmt: skip
            await count(url)
            begun = time.perf_counter()
            for part in range(10):
                asks = (shelf.perform(call("bench.write", {"name": f"n{n}"}, f"{part}-{n}")) for n in range(20))
                answers = await asyncio.gather(*asks)
                assert all(answer.output == {"n": 1} for answer in answers)
            found[switch] = {"seconds": time.perf_counter() - begun, **await count(url)}
            await shelf.close()
    return found


async def cache() -> dict[str, Any]:
    found = {}
    with vendor() as url:
        for name, kept, path in (("kept", 60.0, "/plain"), ("tagged", 0.0, "/tagged"), ("off", 0.0, "/plain")):
            read = {**READ, "cache": kept, "request": {"method": "GET", "path": path + "/{name}"}}
            shelf = made(url, operations={"read": read})
            await count(url)
            begun = time.perf_counter()
            for number in range(500):
                await shelf.perform(call("bench.read", {"name": f"t{number % 10}"}, f"k{number}"))
            found[name] = {"ms": (time.perf_counter() - begun) * 2, **await count(url)}
            await shelf.close()
    return found


# --- reading and memory -----------------------------------------------------------------------------------------------------------


async def reading() -> dict[str, Any]:
    from connectors._kit.shelf import find_connectors

    begun, cpu = time.perf_counter(), time.process_time()
    found = find_connectors()
    ours = {"cpu_ms": (time.process_time() - cpu) * 1000, "wall_ms": (time.perf_counter() - begun) * 1000}
    import yaml

    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "connectors").glob("*/*.yml"))]
    cpu = time.process_time()
    for text in texts:
        yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {"connectors": len(found), **ours, "yaml_ms": (time.process_time() - cpu) * 1000}


async def memory() -> dict[str, Any]:
    """Resident memory: all descriptions as read; a hundred accounts of one connector, idle; and after each was used once."""
    from connectors._kit.shelf import find_connectors

    before = resident()
    find_connectors()
    read_mb = (resident() - before) / 1e6
    accounts = 100
    with vendor() as url:
        warm = made(url, operations={"read": READ})
        await warm.perform(call("bench.read", {"name": "a"}, "k"))
        await warm.close()
        before = resident()
        environ = {f"BENCH_TOKEN__A{number:03}": f"test-token-{number}" for number in range(accounts)}
        shelf = made(url, environ, operations={"read": READ})
        idle = resident()
        names = [account.name for account in shelf.accounts()]
        for name in names:
            await shelf.perform(call("bench.read", {"name": "a"}, "k", account=name))
        used = resident()
        await shelf.close()
    return {"read_mb": read_mb, "idle_kb": (idle - before) / 1e3 / len(names), "used_kb": (used - before) / 1e3 / len(names)}


def resident() -> int:
    import gc

    import psutil

    gc.collect()
    return int(psutil.Process().memory_info().rss)


PARTS: Mapping[str, Callable[[], Awaitable[dict[str, Any]]]] = {
    "overhead": overhead, "limits": limits, "shipped": shipped, "batching": batching, "cache": cache, "reading": reading, "memory": memory,
}  # fmt: skip

if __name__ == "__main__":
    if "--child" in sys.argv:
        part = PARTS[sys.argv[sys.argv.index("--child") + 1]]
        print(jsonlib.dumps(asyncio.run(part())))  # type: ignore[arg-type]
    else:
        sys.exit(0 if run(json="--json" in sys.argv) else 1)
