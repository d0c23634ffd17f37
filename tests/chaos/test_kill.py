"""kill -9 at random moments: no run is lost, nothing answered is asked again, nothing unrepeatable is done twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from engine.workflow.run import Fact, FactKind, RunRecord
from tests.chaos.flows import AT_A_TIME, ENDS, EVERYTHING, effects_of
from tests.chaos.house import RUNS_PER_LIFE, be_born, open_store, read_book

# Each life is a process of its own, born of one that has loaded everything and opened nothing: loading it anew took longer than the life.
BIRTHS = get_context("forkserver")
BIRTHS.set_forkserver_preload(["tests.chaos.house"])
GOES_ON_WITHIN = 300.0  # seconds


def spawn(folder: Path, life: int, **ways: bool) -> tuple[ForkServerProcess, Connection]:
    """With ``last`` or ``forget_asks``; at the other end of the pipe it says when it is ready."""
    heard, saying = BIRTHS.Pipe(duplex=False)
    process = BIRTHS.Process(target=be_born, args=(folder, life, saying), kwargs=ways)
    process.start()
    saying.close()
    return process, heard


def kill_one_life(folder: Path, life: int, after: float, **ways: bool) -> None:
    process, heard = spawn(folder, life, **ways)
    with heard:
        assert heard.poll(GOES_ON_WITHIN), "the house does not come up"
        assert heard.recv() == "ready", "the house did not come up again"
        time.sleep(after)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL


def torment(folder: Path, lives: int, dice: random.Random, **ways: bool) -> None:
    """So many lives cut short, then one that ends by itself."""
    for life in range(lives):
        kill_one_life(folder, life, 0.02 + dice.random() * 0.3, **ways)
    process, heard = spawn(folder, lives, last=True, **ways)
    with heard:
        process.join(GOES_ON_WITHIN)
        assert process.exitcode == 0, "the last life did not finish its runs"


async def verdict(folder: Path) -> list[str]:
    """Everything that is not as promised, in words."""
    store = await open_store(folder)
    try:
        runs = {run.id: run for run in await store.runs.list(limit=100_000)}
        facts = {run_id: await store.runs.facts(run_id) for run_id in runs}
        cards = {run_id: len(await store.postings.of(run_id)) for run_id in runs}
    finally:
        await store.close()
    book = read_book(folder)
    calls = Counter(key for kind, key in book if kind == "call")
    effects = Counter(key for kind, key in book if kind == "effect")
    wrong = [f"{run_id} ({run.name}) ended {run.state}: {run.error}" for run_id, run in runs.items() if run.state != ENDS[run.name]]
    wrong += [f"{run_id} has {count} cards" for run_id, count in cards.items() if count != (not runs[run_id].parent)]
    wrong += [f"{key} was done but belongs to no run" for key in effects if key.partition(":")[0] not in runs]
    for run_id in runs:
        wrong += _wrong_in(run_id, facts[run_id], calls, effects)
        wrong += _wrong_effects(runs[run_id], facts[run_id], effects)
    return [*wrong, *_wrong_children(runs), *_wrong_claims(runs, facts, effects), *_wrong_crowds(runs, facts)]


def _wrong_in(run_id: str, facts: list[Fact], calls: Mapping[str, int], effects: Mapping[str, int]) -> list[str]:
    wrong = [] if [fact.seq for fact in facts] == list(range(1, len(facts) + 1)) else [f"{run_id} has gaps"]
    asked = Counter(fact.key for fact in facts if fact.kind is FactKind.ASKED)
    wrong += [f"{key} was done {effects[key]} times" for key in asked if effects.get(key, 0) > 1]
    wrong += [f"{key} was called {calls[key]} times, written down {times} times" for key, times in asked.items() if calls.get(key, 0) > times]
    answered: set[str] = set()
    for fact in facts:
        if fact.kind is FactKind.ASKED and fact.step in answered:
            wrong.append(f"{fact.key} was asked again after its answer")
        if fact.kind is FactKind.ANSWERED:
            answered.add(fact.step)
    votes = Counter(fact.data["actor"] for fact in facts if fact.kind is FactKind.VOTED)
    return wrong + [f"{actor} voted {times} times in {run_id}" for actor, times in votes.items() if times > 1]


def _wrong_effects(run: RunRecord, facts: Sequence[Fact], effects: Mapping[str, int]) -> list[str]:
    """What a run must have done, and undone in the reverse order."""
    n = facts[0].data["inputs"]["n"]  # type: ignore[index,call-overload]
    done = {key.split(":")[1] for key in effects if key.partition(":")[0] == run.id} - {"once"}
    wrong = [] if done == effects_of(run.name, n) else [f"{run.id} ({run.name}) differs in {sorted(done ^ effects_of(run.name, n))}"]
    kept = [fact.step for fact in facts if fact.kind in (FactKind.ANSWERED, FactKind.DECIDED) and fact.data.get("happened", True)]
    kept = [step for step in kept if step == "a" or step.startswith("x[")]
    undone = list(dict.fromkeys(fact.step.replace(".undo", "") for fact in facts if fact.kind is FactKind.ASKED and ".undo" in fact.step))
    return wrong + ([] if not undone or undone == kept[::-1] else [f"{run.id} did {kept} and undid {undone}"])


def _wrong_children(runs: Mapping[str, RunRecord]) -> list[str]:
    parents = Counter(run.parent for run in runs.values() if run.parent)
    wrong = [f"{run_id} started {parents[f'{run_id} sub']} runs" for run_id, run in runs.items() if run.name == EVERYTHING and parents[f"{run_id} sub"] != 1]
    return wrong + [f"“{parent}” is no step that starts runs" for parent in parents if not parent.endswith(" sub")]


def _wrong_claims(runs: Mapping[str, RunRecord], facts: Mapping[str, Sequence[Fact]], effects: Mapping[str, int]) -> list[str]:
    """Two runs of one idempotency key: one of them did it."""
    pairs: dict[int, list[str]] = defaultdict(list)
    for run_id, run in runs.items():
        if run.name == EVERYTHING:
            pairs[facts[run_id][0].data["inputs"]["n"] // 2].append(run_id)  # type: ignore[index,call-overload,operator]
    done = {value: sum(effects.get(f"{run_id}:once", 0) for run_id in of) for value, of in pairs.items()}
    return [f"idempotency key {value} of {pairs[value]} was done {times} times" for value, times in done.items() if times != 1]


def _wrong_crowds(runs: Mapping[str, RunRecord], facts: Mapping[str, Sequence[Fact]]) -> list[str]:
    """Never more runs at a time than the concurrency of the workflow allows."""
    moves = []
    for run_id, run in runs.items():
        if run.name == EVERYTHING:
            begun = [fact.at for fact in facts[run_id] if fact.kind is FactKind.RELEASED or not facts[run_id][0].data.get("queued")]
            moves += [(begun[0], 1), (facts[run_id][-1].at, -1)] if begun else []
    crowd = most = 0
    for _, step in sorted(moves):
        crowd += step
        most = max(most, crowd)
    return [f"{most} runs of {EVERYTHING} were under way at a time"] if most > AT_A_TIME else []


async def figures(folder: Path) -> str:
    store = await open_store(folder)
    try:
        runs = await store.runs.list(limit=100_000)
        facts = [fact for run in runs for fact in await store.runs.facts(run.id)]
    finally:
        await store.close()
    effects = sum(kind == "effect" for kind, _ in read_book(folder))
    repeated = sum(fact.data.get("lost") is True for fact in facts)
    doubts = sum(fact.kind is FactKind.IN_DOUBT for fact in facts)
    return f"{len(runs)} runs, {effects} effects, {repeated} repeated under their key, {doubts} put to a human"


async def _check(folder: Path, lives: int) -> None:
    seed = int.from_bytes(os.urandom(4))
    torment(folder, lives, random.Random(seed))
    said = await figures(folder)
    print(f"{lives} kills, seed {seed}: {said}")
    assert await verdict(folder) == [], f"seed {seed}: {said}"


async def test_ten_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    await _check(tmp_path, 10)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_two_hundred_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    await _check(tmp_path, 200)


@pytest.mark.slow
async def test_without_the_write_ahead_the_same_check_fails(tmp_path: Path) -> None:
    """A check that cannot fail proves nothing: asks that are written after their call are done twice."""
    dice = random.Random(1)
    for life in range(20):
        kill_one_life(tmp_path, life, 0.2 + dice.random() * 0.2, forget_asks=True)
        doubled = [key for key, times in Counter(key for kind, key in read_book(tmp_path) if kind == "effect").items() if times > 1]
        if doubled and life:
            break
    wrong = await verdict(tmp_path)
    assert any(line.endswith("was done 2 times") for line in wrong)
    assert RUNS_PER_LIFE > 1
