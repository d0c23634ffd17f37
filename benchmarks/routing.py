"""Which way round: the shipped runner, guard and policies in a made-up world on a virtual clock, beside other people's policies in the same one.

    python -m benchmarks.routing [--json] [--seed N] [--probes SECONDS]

What the world is like stands in benchmarks/routing_world.py. Every run goes through the whole runner (kernel, driver, read-backs, guard) over a store in
memory; a peer takes the place of ``Routes``. Ours and the peers see the same outages and the same runs; repeats, looks for lost writes and steps side by
side are the same for all of them. *Before* asks the provider that was named, once, one step after the other.

success    share of runs that come to their end, within half an hour; *at once*: within a minute, without having been put on disk to wait
uptime     share of steps that are done
mean, p99  milliseconds of runs that succeeded at once
detected   seconds from an outage's beginning until its breaker is not closed any more
calls      put by steps, per step, looks and second calls included; probes are not
twice      writes that were done more than once, counted by the world itself

Fresh seeds each run, printed; constants were chosen on seeds below 100. ± is half of a 95 % interval over blocks of three hours.
"""

from __future__ import annotations

import argparse
import asyncio
import json as jsonlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from math import sqrt
from multiprocessing import get_context
from statistics import fmean, stdev
from typing import Any

from benchmarks.routing_peers import PEERS, Peer
from benchmarks.routing_runner import Runs, Story
from benchmarks.routing_world import BEGIN, HOUR, Scene, World, plan_of
from engine.events import SamplesTaken
from engine.monitoring.sample import Sample
from engine.ports import Account
from engine.runtime.guard import Guard
from engine.runtime.rehearsal import virtual
from engine.runtime.rehearsal.virtual import Bounds, VirtualClock, VirtualLoop
from engine.runtime.routes import Routes
from engine.runtime.second_look import SecondLook

PROCESSES = 2
PROBES = 10.0  # seconds between probes (SIGNALBOX_PROBE_INTERVAL)
CLOSER = 5.0  # seconds between probes while something is suspected, as in engine.monitoring.detection.account
WARM = 0.5 * HOUR  # not counted
BLOCK = 3 * HOUR
IN_TIME = 0.5 * HOUR + 60.0
LOOKING = 0.5  # seconds between looks whether an outage was noticed
OURS = "Signalbox"

BASE = Scene(name="three ways each")
SCENES = {
    "base": BASE,
    "quicker": replace(BASE, name="an equivalent is quicker", factors=(1.0, 0.7, 0.85)),
    "common": replace(BASE, name="20 % common mode", common=0.2),
    "real": replace(BASE, name="ways 3, 2, 2, 1, 1; runs may wait 30 min", ways=(3, 2, 2, 1, 1), may_wait=1800.0),
}
# scene, who, hours of each seed
JOBS = (
    ("base", OURS, 8), ("base", "before", 6), ("base", "static", 5), ("base", "p2c", 5), ("base", "thompson", 5),
    ("quicker", OURS, 4), ("common", OURS, 9), ("real", OURS, 16),
)  # fmt: skip
SEEDS = 2
# scene → figure → goal; at least for shares, at most for the rest
GOALS: Mapping[str, Mapping[str, float]] = {
    "base": {"success": 0.999, "mean": 970.0, "p99": 2800.0, "uptime": 0.9995, "found": 15.0, "found_p95": 45.0, "missed": 0.01, "calls": 1.10, "twice": 0},
    "quicker": {"mean": 760.0, "twice": 0},
    "common": {"success": 0.975, "twice": 0},
    "real": {"at_once": 0.96, "success": 0.995, "p99": 4000.0, "twice": 0},
}  # fmt: skip
AT_LEAST = {"success", "at_once", "uptime"}


class Dice(VirtualClock):
    """Its dice are quicker than those of a rehearsal, which must not depend on the order in which they are drawn."""

    def __init__(self, seed: int) -> None:
        super().__init__(BEGIN, str(seed))
        self.random = random.Random(f"{seed}/clock").random  # type: ignore[method-assign]


@dataclass(slots=True)
class Simulation:
    """One policy in one world for some hours; ``found``: seconds until each outage was noticed, None = never."""

    scene: Scene
    who: str
    seed: int
    hours: float
    probes: float
    stories: list[Story] = field(default_factory=list)
    found: list[float | None] = field(default_factory=list)
    aside: list[asyncio.Task[None]] = field(default_factory=list)

    def drive(self) -> dict[str, Any]:
        virtual.PAUSE = 0.0  # alone in its process, it need not let a house have its turn
        begun, loop = time.process_time(), VirtualLoop(Bounds(float("inf"), float("inf")))
        asyncio.set_event_loop(loop)
        try:
            return {**loop.run_until_complete(self._whole()), "cpu": time.process_time() - begun}
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    async def _whole(self) -> dict[str, Any]:
        seconds, clock = self.hours * HOUR, Dice(self.seed)
        world = World(self.scene, self.seed, seconds + 2 * HOUR)
        if self.who == OURS:
            routes: Routes | None = Routes(clock)
        else:
            routes = PEERS[self.who](clock, world.now, random.Random(f"{self.seed}/peer")) if self.who in PEERS else None
        runs = Runs(world, Guard(world, clock, routes=routes), clock, routed=routes is not None)
        looks = SecondLook(routes, _Looked(world, clock), clock, _telling(routes)) if routes and self.who == OURS else None
        if looks is not None:
            await looks.start()
        for name in world.providers:
            if routes is not None and looks is not None:
                self._aside(self._probe(world, name, routes, clock))
            if routes is not None:
                self._aside(self._watch(world, name, routes, seconds))
        await self._arrivals(world, runs, seconds)
        await runs.stop()
        if looks is not None:
            await looks.stop()
        for task in self.aside:
            task.cancel()
        await asyncio.gather(*self.aside, return_exceptions=True)
        return self._counted(world)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        self.aside.append(asyncio.get_running_loop().create_task(work))

    async def _arrivals(self, world: World, runs: Runs, seconds: float) -> None:
        dice, running, number = random.Random(f"{self.seed}/runs"), set[asyncio.Task[Story]](), 0
        together = self.who != "before"

        def over(task: asyncio.Task[Story]) -> None:
            running.discard(task)
            if task.result().begun >= WARM:
                self.stories.append(task.result())

        while (now := world.now()) < seconds:
            await asyncio.sleep(dice.expovariate(self.scene.rate))
            if now < WARM <= world.now():
                world.calls.clear()
            number += 1
            task = asyncio.get_running_loop().create_task(runs.run(f"r{number}", plan_of(dice, together=together)))
            running.add(task)
            task.add_done_callback(over)
        while running:
            await asyncio.wait(set(running))

    async def _probe(self, world: World, name: str, routes: Routes, clock: VirtualClock) -> None:
        """As the monitor does, and told as it is: by the ledger."""
        await asyncio.sleep(random.Random(f"{self.seed}/{name}/probe").random() * self.probes)
        while True:
            await _telling(routes)([replace(await world.probe(name), at=clock.now())])
            standing = routes.standing(name)
            suspected = standing.opened is not None or (bool(standing.recent) and standing.recent[-1].bad > 0)
            await asyncio.sleep(min(self.probes, CLOSER) if suspected else self.probes)

    async def _watch(self, world: World, name: str, routes: Routes, seconds: float) -> None:
        for outage in world.providers[name].outages:
            if not WARM < outage.begins < seconds:
                continue
            await asyncio.sleep(max(0.0, outage.begins - world.now()))
            while not _suspects(routes, name) and world.now() < outage.ends:  # noqa: ASYNC110 - a breaker tells nobody
                await asyncio.sleep(LOOKING)
            self.found.append(world.now() - outage.begins if world.now() < outage.ends else None)

    def _counted(self, world: World) -> dict[str, Any]:
        blocks: dict[int, list[float]] = {}
        for story in self.stories:
            block = blocks.setdefault(int(story.begun // BLOCK), [0.0] * 6)
            at_once = story.at_once
            figures = (1, story.done and story.seconds < IN_TIME, at_once, story.seconds if at_once else 0.0, story.steps, story.good)
            for place, figure in enumerate(figures):
                block[place] += figure
        return {
            "blocks": list(blocks.values()), "seconds": [story.seconds for story in self.stories if story.at_once],
            "found": self.found, "calls": sum(world.calls.values()), "steps": sum(story.steps for story in self.stories),
            "twice": world.duplicates, "doubts": sum(story.doubts for story in self.stories),
            "troubles": Counter(words for story in self.stories for words in story.troubles).most_common(3),
        }  # fmt: skip


class _Looked:
    """The part of ``ports.Connections`` that a second look needs."""

    def __init__(self, world: World, clock: VirtualClock) -> None:
        self._world, self._clock = world, clock
        self._accounts = [Account(service=name, name="", url="", mode="live") for name in world.providers]

    def accounts(self) -> Sequence[Account]:
        return self._accounts

    async def probe(self, account: Account) -> Sample:
        return replace(await self._world.probe(account.service), at=self._clock.now())


def _suspects(routes: Routes, name: str) -> bool:
    return routes.suspects(name) if isinstance(routes, Peer) else routes.standing(name).opened is not None


def _telling(routes: Routes) -> Callable[[Sequence[Sample]], Awaitable[None]]:
    """As the ledger tells of stored samples."""

    async def tell(samples: Sequence[Sample]) -> None:
        routes.heard([SamplesTaken(tuple(samples))])

    return tell


def simulated(job: tuple[str, str, float, int, float]) -> tuple[str, str, dict[str, Any]]:
    scene, who, hours, seed, probes = job
    return scene, who, Simulation(SCENES[scene], who, seed, hours, probes).drive()


# --- figures ------------------------------------------------------------------------------------------------------------


def figures(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of all seeds of one policy in one scene; ``…±``: half of the 95 % interval."""
    blocks = [block for one in found for block in one["blocks"]]
    seconds = sorted(value for one in found for value in one["seconds"])
    waits = sorted(float("inf") if value is None else value for one in found for value in one["found"])
    steps = sum(one["steps"] for one in found)
    told: dict[str, Any] = {
        "runs": sum(block[0] for block in blocks), "p99": seconds[int(len(seconds) * 0.99)] * 1000, "calls": sum(one["calls"] for one in found) / steps,
        "twice": sum(one["twice"] for one in found), "doubts": sum(one["doubts"] for one in found), "outages": len(waits),
        "found": waits[len(waits) // 2] if waits else None, "found_p95": waits[int(len(waits) * 0.95)] if waits else None,
        "missed": fmean(wait == float("inf") for wait in waits) if waits else 1.0,
        "cpu": sum(one["cpu"] for one in found),
    }  # fmt: skip
    for name, part, whole, scale in (("success", 1, 0, 1), ("at_once", 2, 0, 1), ("mean", 3, 2, 1000), ("uptime", 5, 4, 1)):
        told[name] = sum(block[part] for block in blocks) / sum(block[whole] for block in blocks) * scale
        told[f"{name}±"] = _half([block[part] / block[whole] * scale for block in blocks if block[whole]])
    return told


def _half(values: Sequence[float]) -> float:
    return 1.96 * stdev(values) / sqrt(len(values)) if len(values) > 1 else float("nan")


def missed_goals(results: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    wrong = []
    for scene, goals in GOALS.items():
        for name, goal in goals.items():
            value = results[scene][OURS][name]
            if not (value >= goal if name in AT_LEAST else value <= goal):
                wrong.append(f"{SCENES[scene].name}: {name} {value:.5g} (goal {'≥' if name in AT_LEAST else '≤'} {goal:g})")
    return wrong


def run(json: bool = False, seed: int | None = None, probes: float = PROBES) -> bool:
    """Simulate and print; true when every goal is met. Takes less than three minutes on two cores that have nothing else to do."""
    begun = time.perf_counter()
    seed = random.SystemRandom().randrange(1_000, 1_000_000) if seed is None else seed
    jobs = [(scene, who, hours, seed + number, probes) for scene, who, hours in JOBS for number in range(SEEDS)]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for scene, who, one in pool.map(simulated, jobs):
            found.setdefault((scene, who), []).append(one)
    results: dict[str, dict[str, dict[str, Any]]] = {}
    for (scene, who), several in found.items():
        results.setdefault(scene, {})[who] = figures(several)
    wrong = missed_goals(results)
    result = {
        "seeds": [seed + number for number in range(SEEDS)],
        "probes": probes,
        "results": results,
        "missed": wrong,
        "wall": time.perf_counter() - begun,
    }
    print(jsonlib.dumps(result, indent=2, default=str) if json else in_words(result))
    return not wrong


def in_words(result: Mapping[str, Any]) -> str:
    lines = [f"seeds {', '.join(map(str, result['seeds']))}; probes every {result['probes']:g} s; goals are Signalbox's"]
    head = f"{'':12}{'runs':>8}{'success %':>16}{'at once %':>16}{'uptime %':>10}{'mean ms':>13}{'p99 ms':>8}{'calls':>7}{'twice':>6}{'doubts':>7}  detected s (median, p95, missed)"
    for scene, several in result["results"].items():
        lines += ["", SCENES[scene].name, head]
        lines += [_line(who, one) for who, one in several.items()]
        goals = GOALS[scene]
        lines.append("goal        " + ", ".join(f"{name} {'≥' if name in AT_LEAST else '≤'} {goal:g}" for name, goal in goals.items()))
    lines += ["", "every goal met" if not result["missed"] else "missed: " + "; ".join(result["missed"])]
    lines.append(f"{result['wall']:.0f} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return "\n".join(lines)


def _line(who: str, one: Mapping[str, Any]) -> str:
    success, at_once = (f"{one[name] * 100:.2f} ± {one[f'{name}±'] * 100:.2f}" for name in ("success", "at_once"))
    seen = "never" if one["missed"] == 1 else f"{one['found']:.1f}, {one['found_p95']:.1f}, {one['missed'] * 100:.0f} % of {one['outages']}"
    return (
        f"{who:12}{one['runs']:>8,.0f}{success:>16}{at_once:>16}{one['uptime'] * 100:>10.3f}{one['mean']:>7.0f} ± {one['mean±']:<3.0f}{one['p99']:>8.0f}"
        f"{one['calls']:>7.3f}{one['twice']:>6}{one['doubts']:>7}  {seen}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--probes", type=float, default=PROBES)
    given = parser.parse_args()
    sys.exit(0 if run(given.json, given.seed, given.probes) else 1)
