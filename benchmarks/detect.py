"""How well anomalies are found in real series, by one configuration, beside what others do: quality, processor and memory in one run.

    python -m benchmarks.detect [--json]

NAB      the Numenta Anomaly Benchmark: did it tell of each labelled trouble in time, and of how much else; 100 is perfect. A detector that fires by the
         clock reaches 26 (low FN: 40). Peers get the better of their scores as they are and deduplicated (only what beats the 200 rows before).
cloud    Microsoft's cloud-monitoring series: mean average precision, every row ranked by its score
cost     processor a value, and bytes of one stream after its last value: the mean over values, the largest stream
restart  one file with the detector put down and taken up again every 997 rows: the scores must not differ by a bit

Each detector runs over every file with the same, its shipped or default, configuration. Half-space trees draw theirs by lot, seed 7.
"""

from __future__ import annotations

import json as jsonlib
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.nab import Labelled, Series, average_precision, deduplicated, labelled, nab, nab_scores
from benchmarks.series_runs import OURS, PEERS, Ran, ran, restarted

BESIDE = Path(__file__).resolve().parents[2] / "shared"
GOALS = {"standard": 70.0, "cloud": 0.50, "us": 100.0, "kb": 400.0}
RESTARTED, EVERY = "realKnownCause/nyc_taxi.csv", 997


def run(json: bool = False) -> bool:
    """Measure and print; true when every goal is met. Takes about a minute."""
    data = Path(os.environ.get("SIGNALBOX_SHARED", str(BESIDE))) / "data"
    if not (data / "nab/labels").is_dir() or not (data / "mscloud").is_dir():
        print(
            f"The measuring data is not in {data}: it is not part of this repository. Set SIGNALBOX_SHARED to the folder that holds data/nab and data/mscloud."
        )
        return False
    result = measured(nab(data / "nab"), labelled(data / "mscloud"))
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return met(result)


def measured(corpus: Sequence[Series], cloud: Sequence[Labelled]) -> dict[str, Any]:
    everything: list[Series | Labelled] = [*corpus, *cloud]
    with ProcessPoolExecutor(2) as pool:
        waited = {name: {series.name: pool.submit(ran, name, series.at, series.values) for series in everything} for name in (OURS, *PEERS)}
        again = next(series for series in corpus if series.name == RESTARTED)
        scores = pool.submit(restarted, again.at, again.values, EVERY)
        done = {name: {series: future.result() for series, future in runs.items()} for name, runs in waited.items()}
        same = scores.result() == done[OURS][RESTARTED].scores
    detectors = {name: judged(name, runs, corpus, cloud) for name, runs in done.items()}
    return {
        "detectors": detectors, "restart_same": same, "files": len(corpus), "series": len(cloud), "rows": sum(len(s.at) for s in everything),
        "load": os.getloadavg()[0],
    }  # fmt: skip


def judged(name: str, runs: Mapping[str, Ran], corpus: Sequence[Series], cloud: Sequence[Labelled]) -> dict[str, float]:
    plain = {series.name: runs[series.name].scores for series in corpus}
    found = nab_scores(corpus, plain)
    if name != OURS:
        fewer = nab_scores(corpus, {series: deduplicated(scores) for series, scores in plain.items()})
        found = {profile: max(found[profile], fewer[profile]) for profile in found}
    precision = [average_precision(series.labels, runs[series.name].scores) for series in cloud]
    rows = sum(len(one.scores) for one in runs.values())
    return {
        **found, "cloud": sum(precision) / len(precision), "us": 1e6 * sum(one.seconds for one in runs.values()) / rows,
        "kb": max(one.size for one in runs.values()) / 1024,
    }  # fmt: skip


def met(result: Mapping[str, Any]) -> bool:
    ours = result["detectors"][OURS]
    good = ours["standard"] >= GOALS["standard"] and ours["cloud"] >= GOALS["cloud"]
    return bool(good and ours["us"] <= GOALS["us"] and ours["kb"] <= GOALS["kb"] and result["restart_same"])


def in_words(result: Mapping[str, Any]) -> str:
    lines = [
        f"{result['files']} files of NAB, {result['series']} cloud series, {result['rows']:,} values; one configuration each",
        f"{'':28}{'NAB standard':>13}{'low FP':>8}{'low FN':>8}{'cloud AP':>10}{'µs a value':>12}{'KB a stream':>13}",
    ]
    for name, found in result["detectors"].items():
        quality = f"{found['standard']:13.1f}{found['low FP']:8.1f}{found['low FN']:8.1f}{found['cloud']:10.3f}"
        lines.append(f"{name:28}{quality}{found['us']:12.1f}{found['kb']:13.1f}")
    goals = f"{'≥ ' + format(GOALS['standard'], 'g'):>13}{'':16}{'≥ ' + format(GOALS['cloud'], 'g'):>10}"
    lines.append(f"{'goal':28}{goals}{'≤ ' + format(GOALS['us'], 'g'):>12}{'≤ ' + format(GOALS['kb'], 'g'):>13}")
    lines.append(f"restarted every {EVERY} values: scores {'the same to the bit' if result['restart_same'] else 'DIFFER'}")
    lines.append(f"half-space trees: seed 7; {os.cpu_count()} cores, load {result['load']:.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(0 if run("--json" in sys.argv) else 1)
