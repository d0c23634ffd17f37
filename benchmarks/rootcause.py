"""Who is to blame: ours beside what others do, on the same cases, in the same run.

    python -m benchmarks.rootcause [--json] [--seed N]

petshop    the 16 development cases of PetShop (Hardt et al. 2023; one cause), ties counted as a random order would: recall among the first, and the
           first three. Worse: names changed; a quarter of the lines rewired at one end, many seeds; no lines at all; no history; the rows only until the
           first bad one; requests not counted. Beside it PageRank, PetShop's traversal and the largest robust z
moved      the real excess of the real cause, taken from it and put on another node and those on the way: what the target shows stays real
injected   calm stretches of the real series with troubles of ours at any node: delays, errors, new dependencies; the target any node above
alerts     only alerts, 1,000 nodes: a quarter without alerts, a fifth of what is taken along missed, 1 to 3 incidents within five minutes, noise within ten;
           recall among the first k, k the number of incidents. Causes are nodes that four others need at least, and alert if they are watched; trouble passes a
           line with .7. Beside it the earliest alert, the upstream-most and two PageRanks. *deaf*: nobody says who is watched; *others*: passes with .5 and .9,
           which ours is not told
speed      one incident: 45 nodes with 592 rows of history; 10,000 nodes in five rows; alerts of 1,000 and 10,000 nodes

Seeds are fresh in every run and printed. The cases named held-out by the data's authors are not read here.
"""

from __future__ import annotations

import argparse
import json as jsonlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any

from benchmarks.alert_world import AlertWorld
from benchmarks.peers import blamers, suspects
from benchmarks.petshop import SHARED, Case, cases, first_row, injected, moved, renamed, rewired, uncounted
from engine.graph.blame.alerts import cover
from engine.graph.blame.flows import from_tables
from engine.graph.blame.series import EMPTY, Metric, NodeSeries, Table

REWIRED = 12  # seeds
INJECTED = 60  # cases of a kind
WORLDS = (200, 200, 60, 60)  # of each scenario: single incidents stray most
SCENARIOS = {"1 incident, 3 noise": (1, 3), "1, 15 noise": (1, 15), "2, 5 noise": (2, 5), "3, 8 noise": (3, 8)}
GOALS = {"alerts": (0.84, 0.80, 0.62, 0.52), "rewired": 0.90, "ms_45": 50.0, "ms_10k": 500.0}
PEERS = {"PageRank": blamers.page_rank, "traversal": blamers.traversal, "max robust z": blamers.robust_z}
ALERT_PEERS = {
    "upstream-most": suspects.upstream_most,
    "PageRank": suspects.page_rank,
    "PageRank, alerting only": suspects.page_rank_alerting,
    "earliest alert": suspects.earliest,
}
Ranker = Callable[[Case], Mapping[str, float]]


def run(json: bool = False, seed: int | None = None) -> bool:
    """Measure and print; true when every goal is met. Takes about two minutes."""
    seed = random.SystemRandom().randrange(1_000, 1_000_000) if seed is None else seed
    result: dict[str, Any] = {"seed": seed, "load": os.getloadavg()[0]}
    if SHARED.exists():
        result["petshop"] = petshop(seed)
    result["alerts"] = alerts(seed)
    result["speed"] = speed(seed)
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return met(result)


def met(result: Mapping[str, Any]) -> bool:
    shop = result.get("petshop")
    if shop is None:
        return False  # without the measuring data nothing is shown
    ours = shop["Signalbox"]
    recalls = result["alerts"]["Signalbox"]
    return bool(
        ours["as they are"] == [1.0, 1.0]
        and ours["a quarter rewired"][1] >= GOALS["rewired"]
        and all(recall >= goal for recall, goal in zip(recalls, GOALS["alerts"], strict=True))
        and result["speed"]["flows, 45 nodes"] < GOALS["ms_45"]
        and result["speed"]["flows, 10,000 nodes"] < GOALS["ms_10k"]
        and result["speed"]["alerts, 10,000 nodes"] < GOALS["ms_10k"]
    )


# --- from flows ---------------------------------------------------------------------------------------------------------------


def petshop(seed: int) -> dict[str, Any]:
    sets = drawn(seed)
    rows = {"Signalbox": ours, **{name: peer_of(peer) for name, peer in PEERS.items()}}
    return {"cases": {name: len(each) for name, each in sets.items()}} | {
        name: {kind: recalls(each, ranker) for kind, each in sets.items()} for name, ranker in rows.items()
    }


def drawn(seed: int) -> dict[str, list[Case]]:
    real = cases()
    sets = {
        "as they are": real,
        "renamed": [renamed(case, f"{seed} {case.name}") for case in real],
        "a quarter rewired": [rewired(case, 0.25, f"{seed} {turn}") for case in real for turn in range(REWIRED)],
        "no lines": [replace(case, lines=[]) for case in real],
        "no history": [replace(case, history=EMPTY) for case in real],
        "first bad row": [first_row(case) for case in real],
        "not counted": [uncounted(case) for case in real],
        "moved": [other for case in real for other in moved(case)],
    }
    for kind in ("delay", "errors", "new"):
        sets[f"injected: {kind}"] = [injected(f"{seed} {kind} {number}", kind) for number in range(INJECTED)]
    return sets


def ours(case: Case) -> dict[str, float]:
    verdict = from_tables(case.table, case.lines, case.target, Metric(case.metric), case.history)
    return {suspect.node: suspect.score for suspect in verdict.suspects}


def peer_of(peer: Callable[..., dict[str, float]]) -> Ranker:
    return lambda case: peer(case.lines, case.table, case.history, case.target, case.metric)


def recalls(each: Sequence[Case], ranker: Ranker) -> list[float]:
    """Of the first, and of the first three."""
    ranked = [ranker(case) for case in each]
    return [round(fmean(expected(scores, case.cause, k) for scores, case in zip(ranked, each, strict=True)), 3) for k in (1, 3)]


def expected(scores: Mapping[str, float], cause: str, k: int) -> float:
    """The chance that the cause is among the first k when ties are put in random order; a score of 0 is none."""
    own = scores.get(cause, 0.0)
    if own <= 0:
        return 0.0
    above = sum(1 for score in scores.values() if score > own)
    tied = sum(1 for score in scores.values() if score == own)
    return max(0.0, min(1.0, (k - above) / tied))


# --- from alerts --------------------------------------------------------------------------------------------------------------


def alerts(seed: int) -> dict[str, Any]:
    worlds = [
        [AlertWorld.drawn(f"{seed} {name} {n}", *size) for n in range(count)]
        for (name, size), count in zip(SCENARIOS.items(), WORLDS, strict=True)
    ]
    found: dict[str, Any] = {"worlds": list(WORLDS), "alerts": [median(len(world.alerts) for world in each) for each in worlds]}
    ranked = [_ranked(each) for each in worlds]
    found["Signalbox"] = [hit(ranks, each) for ranks, each in zip(ranked, worlds, strict=True)]
    found["Signalbox, the first k + 2"] = [hit(ranks, each, 2) for ranks, each in zip(ranked, worlds, strict=True)]
    fewer = [each[:40] for each in worlds]
    found["Signalbox, deaf"] = [hit(_ranked(each, deaf=True), each) for each in fewer]
    for passes in (0.5, 0.9):
        others = [
            [AlertWorld.drawn(f"{seed} {passes} {name} {n}", *size, passes=passes) for n in range(25)] for name, size in SCENARIOS.items()
        ]
        found[f"Signalbox, passes with {passes}"] = [hit(_ranked(each), each) for each in others]
    for name, peer in ALERT_PEERS.items():
        found[name] = [hit([peer(world.lines, world.alerts) for world in each], each) for each in worlds]
    return found


def _ranked(worlds: Iterable[AlertWorld], *, deaf: bool = False) -> list[list[str]]:
    return [[one.node for one in cover(w.lines, w.alerts, watched=None if deaf else w.watched).accused] for w in worlds]


def hit(ranked: Sequence[Sequence[str]], worlds: Sequence[AlertWorld], more: int = 0) -> float:
    """Of the causes, how many are among the first k (+ more)."""
    shares = (
        len({*rank[: len(world.causes) + more]} & {*world.causes}) / len(world.causes) for rank, world in zip(ranked, worlds, strict=True)
    )
    return round(fmean(shares), 3)


# --- how long -----------------------------------------------------------------------------------------------------------------


def speed(seed: int) -> dict[str, float]:
    """Milliseconds of processor, the median of some."""
    found: dict[str, float] = {}
    if SHARED.exists():
        each = cases()
        found["flows, 45 nodes"] = _ms([lambda case=case: ours(case) for case in each])  # type: ignore[misc]
    case = large(seed)
    found["flows, 10,000 nodes"] = _ms([lambda: ours(case)] * 3)
    small = [AlertWorld.drawn(f"{seed} speed {n}", 2, 5) for n in range(5)]
    big = [AlertWorld.drawn(f"{seed} speed {n}", 2, 5, nodes=10_000) for n in range(3)]
    for name, worlds in (("alerts, 1,000 nodes", small), ("alerts, 10,000 nodes", big)):
        found[name] = _ms([lambda w=w: cover(w.lines, w.alerts, watched=w.watched) for w in worlds])  # type: ignore[misc]
    return found


def large(seed: int, nodes: int = 10_000) -> Case:
    """A made-up house of that size, one node slow."""
    dice = random.Random(seed)
    names = [f"n{number}" for number in range(nodes)]
    lines = [(names[dice.randrange(number)], names[number]) for number in range(1, nodes) for _ in range(3)]
    series = {name: NodeSeries([100.0] * 5, [dice.uniform(0.01, 0.02) for _ in range(5)], [100.0] * 5) for name in names}
    cause = names[nodes // 2]
    for name in (names[0], cause):
        series[name] = NodeSeries([100.0] * 5, [0.02, 0.02, 0.5, 0.6, 0.02], [100.0] * 5)
    return Case("large", lines, Table(5, series), EMPTY, names[0], "latency", cause)


def _ms(calls: Sequence[Callable[[], Any]]) -> float:
    spent = []
    for call in calls:
        began = time.process_time()
        call()
        spent.append((time.process_time() - began) * 1e3)
    return round(median(spent), 1)


def in_words(result: Mapping[str, Any]) -> str:
    lines = [f"seed {result['seed']}"]
    shop = result.get("petshop")
    if shop is None:
        lines.append(f"PetShop's cases are not at {SHARED}: set SIGNALBOX_SHARED.")
    else:
        names = [name for name in shop if name != "cases"]
        lines.append(f"\n{'from flows: first / first three':34}{'cases':>7}" + "".join(f"{name:>16}" for name in names))
        for kind, count in shop["cases"].items():
            cells = "".join(f"{shop[name][kind][0]:>9.3f} /{shop[name][kind][1]:5.2f}" for name in names)
            lines.append(f"{kind:34}{count:7}{cells}")
        lines.append(f"goals: as they are 1.0 / 1.0; a quarter rewired - / {GOALS['rewired']:.2f}")
    told = result["alerts"]
    lines.append(f"\n{'from alerts: recall at k':34}" + "".join(f"{name:>22}" for name in SCENARIOS))
    for name, values in told.items():
        lines.append(f"{name:34}" + "".join(f"{value:22g}" for value in values))
    lines.append(f"{'goals':34}" + "".join(f"{goal:22g}" for goal in GOALS["alerts"]))  # type: ignore[attr-defined]
    lines.append("\nmilliseconds of processor: " + "; ".join(f"{name} {value:g}" for name, value in result["speed"].items()))
    lines.append(
        f"goals: flows of 45 nodes < {GOALS['ms_45']:g}, 10,000 nodes < {GOALS['ms_10k']:g}: {'all met' if met(result) else 'MISSED'}"
    )
    lines.append(f"{os.cpu_count()} cores, load {result['load']:.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--seed", type=int)
    given = arguments.parse_args()
    sys.exit(0 if run(given.json, given.seed) else 1)
