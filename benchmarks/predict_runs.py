"""Real histories of runs, foretold one after the other by us and by simple peers, and how good that was.

Every outcome is known twenty minutes after its run began, to nobody sooner. A project's first 60 % of runs give its train rate; its last 25 % are judged, all projects
together; both by the order of time.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DELAY = 1200.0
TRAIN, JUDGED = 0.60, 0.75
COLD = 20
SLASHED = re.compile(r"(\d+)/(\d+)/(\d+) (\d+):(\d+)")
Run = tuple[str, float, bool]


def history(file: Path) -> list[Run]:
    with gzip.open(file, "rt", encoding="utf-8") as text:
        return [(row["workflow"], _moment(row["started_at"]), row["succeeded"] == "1") for row in csv.DictReader(text)]


def _moment(text: str) -> float:
    if slashed := SLASHED.fullmatch(text):
        month, day, year, hour, minute = map(int, slashed.groups())
        return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# --- those who foretell ------------------------------------------------------------------------------------------------------------


def ours(runs: Sequence[Run]) -> list[float]:
    from engine.prediction.success.replay import PastRun, foretold

    return [chance.probability for chance in foretold([PastRun(*run) for run in runs], DELAY)]


class Last:
    chance = 0.5

    def learn(self, value: float) -> None:
        self.chance = value


class Beta:
    """One prior success and one failure."""

    good, all = 1.0, 2.0

    @property
    def chance(self) -> float:
        return self.good / self.all

    def learn(self, value: float) -> None:
        self.good += value
        self.all += 1


class Ewma:
    chance = 0.5

    def learn(self, value: float) -> None:
        self.chance += 0.1 * (value - self.chance)


class Markov:
    """By the last two outcomes: counts discounted by 2 %, with two pseudo-counts at the moving average."""

    def __init__(self) -> None:
        self.counts: dict[str, tuple[float, float]] = {}
        self.last, self.average = "", 0.5

    @property
    def chance(self) -> float:
        good, bad = self.counts.get(self.last, (0.0, 0.0))
        return (good + 2 * self.average) / (good + bad + 2)

    def learn(self, value: float) -> None:
        good, bad = self.counts.get(self.last, (0.0, 0.0))
        self.counts[self.last] = (good * 0.98 + value, bad * 0.98 + 1 - value)
        self.last = (self.last + str(int(value)))[-2:]
        self.average += 0.1 * (value - self.average)


PEERS: dict[str, Callable[[], Any]] = {"last outcome": Last, "beta-binomial": Beta, "EWMA .1": Ewma, "Markov, order 2": Markov}


def by_peer(runs: Sequence[Run], make: Callable[[], Any]) -> list[float]:
    known: dict[str, Any] = defaultdict(make)
    found, waiting = [0.0] * len(runs), deque[int]()
    for place in sorted(range(len(runs)), key=lambda place: runs[place][1]):
        while waiting and runs[waiting[0]][1] + DELAY <= runs[place][1]:
            done = runs[waiting.popleft()]
            known[done[0]].learn(float(done[2]))
        found[place] = known[runs[place][0]].chance
        waiting.append(place)
    return found


def rates(runs: Sequence[Run]) -> tuple[dict[str, float], float, list[int], list[int]]:
    """Each project's train rate, that of all, the places that are judged, and those of the first twenty runs of each project."""
    by: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(runs)), key=lambda place: runs[place][1]):
        by[runs[place][0]].append(place)
    train = {name: [runs[place][2] for place in of[: int(TRAIN * len(of))]] for name, of in by.items()}
    whole = [one for of in train.values() for one in of]
    judged = [place for of in by.values() for place in of[int(JUDGED * len(of)) :]]
    cold = [place for of in by.values() for place in of[:COLD]]
    return {name: sum(of) / max(1, len(of)) for name, of in train.items()}, sum(whole) / max(1, len(whole)), judged, cold


# --- how good it was ---------------------------------------------------------------------------------------------------------------


def scores(runs: Sequence[Run], said: Sequence[float]) -> dict[str, float]:
    train, _, judged, cold = rates(runs)
    pairs = [(said[place], runs[place][2]) for place in judged]
    reference = sum((train[runs[place][0]] - runs[place][2]) ** 2 for place in judged)
    by: dict[str, list[int]] = defaultdict(list)
    for place in judged:
        by[runs[place][0]].append(place)
    skills = sorted(1 - _squares(runs, said, of) / sum((train[name] - runs[place][2]) ** 2 for place in of) for name, of in by.items())
    within = [(auc([(said[place], runs[place][2]) for place in of]), len(of)) for of in by.values()]
    within = [(area, count) for area, count in within if not math.isnan(area)]
    return {
        "brier": _squares(runs, said, judged) / len(judged), "bss": 1 - _squares(runs, said, judged) / reference,
        "median_bss": skills[len(skills) // 2], "worst_bss": skills[0],
        "log_loss": -sum(math.log(max(1e-6, p if good else 1 - p)) for p, good in pairs) / len(pairs),
        "ece": ece(pairs), "auc": auc(pairs), "auc_within": sum(area * count for area, count in within) / sum(count for _, count in within),
        "cold": _squares(runs, said, cold) / len(cold),
    }  # fmt: skip


def _squares(runs: Sequence[Run], said: Sequence[float], places: Sequence[int]) -> float:
    return sum((said[place] - runs[place][2]) ** 2 for place in places)


def ece(pairs: Sequence[tuple[float, bool]]) -> float:
    """Ten equal bins."""
    sums = [0.0] * 10
    for chance, good in pairs:
        sums[min(9, int(chance * 10))] += chance - good
    return sum(map(abs, sums)) / len(pairs)


def auc(pairs: Sequence[tuple[float, bool]]) -> float:
    """How often what succeeded was given the higher chance of two, ties half; NaN where all ended alike."""
    ranked, place, summed = sorted(pairs), 0, 0.0
    good = sum(one for _, one in ranked)
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        summed += sum(one for _, one in ranked[place:end]) * (place + end + 1) / 2
        place = end
    bad = len(ranked) - good
    return (summed - good * (good + 1) / 2) / (good * bad) if good and bad else math.nan


# --- other settings than the shipped ones ------------------------------------------------------------------------------------------


@contextmanager
def changed(settings: Mapping[str, Any]) -> Iterator[None]:
    """Constants of the mixing, only for this measurement."""
    from engine.prediction.success import mixing, model

    places = {"RATE": mixing, "SLOW": mixing, "CALM": mixing, "OWN": model}
    before = {name: getattr(places[name], name) for name in settings}
    for name, value in settings.items():
        setattr(places[name], name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(places[name], name, value)


def with_settings(runs: Sequence[Run], settings: Mapping[str, Any]) -> list[float]:
    with changed(settings):
        return ours(runs)


def each(runs: Sequence[Run], groups: Sequence[set[str]], changes: Mapping[str, Any]) -> list[float]:
    """Each group of projects in a house of its own, which knows nothing of the others."""
    found = [0.0] * len(runs)
    for group in groups:
        places = [place for place, run in enumerate(runs) if run[0] in group]
        for place, chance in zip(places, with_settings([runs[place] for place in places], changes), strict=True):
            found[place] = chance
    return found


def timed(runs: Sequence[Run]) -> tuple[list[float], float]:
    """Chances, and seconds of processor."""
    begun = time.process_time()
    return ours(runs), time.process_time() - begun
