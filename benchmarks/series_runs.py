"""Detectors run over series, each in a process of its own kind: scores, processor time, size, and whether a snapshot goes on to the bit."""

from __future__ import annotations

import json
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.peers.learners import HalfSpaceTrees, NetdataKMeans
from benchmarks.peers.rules import Ewma, HoltWinters, ZScore
from engine.monitoring.series.detector import SeriesDetector

OURS = "Signalbox"
PEERS: dict[str, Callable[[], Any]] = {
    "Prometheus z-score, 1 week": ZScore,
    "EWMA 3σ": Ewma,
    "Holt-Winters, daily": HoltWinters,
    "Netdata-style k-means": NetdataKMeans,
    "half-space trees": HalfSpaceTrees,
}


@dataclass(frozen=True, slots=True)
class Ran:
    """``seconds`` of processor; ``size`` in bytes, of everything the detector holds at the end."""

    scores: list[float]
    seconds: float
    size: int


def ran(detector: str, at: Sequence[datetime], values: Sequence[float | None]) -> Ran:
    return _ours(at, values) if detector == OURS else _peer(PEERS[detector](), at, values)


def _ours(at: Sequence[datetime], values: Sequence[float | None]) -> Ran:
    detector = SeriesDetector()
    begun = time.process_time()
    scores = [detector.observe(moment, value).score for moment, value in zip(at, values, strict=True)]
    return Ran(scores, time.process_time() - begun, size(detector))


def _peer(detector: Any, at: Sequence[datetime], values: Sequence[float | None]) -> Ran:
    """None of them knows what to do without a value: it scores 0, and they do not see it."""
    seconds = [moment.timestamp() for moment in at]
    begun = time.process_time()
    scores = [0.0 if value is None else detector.observe(moment, value) for moment, value in zip(seconds, values, strict=True)]
    return Ran(scores, time.process_time() - begun, size(detector))


def restarted(at: Sequence[datetime], values: Sequence[float | None], every: int) -> list[float]:
    """Our scores when the detector is put down and taken up again, through JSON, after every so many values."""
    detector, scores = SeriesDetector(), []
    for row, (moment, value) in enumerate(zip(at, values, strict=True)):
        if row % every == 0:
            detector = SeriesDetector.restore(json.loads(json.dumps(detector.snapshot(), allow_nan=False)))
        scores.append(detector.observe(moment, value).score)
    return scores


def size(thing: Any, seen: set[int] | None = None) -> int:
    """Bytes of a value and everything it holds, each once."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, type):
        return 0
    seen.add(id(thing))
    return sys.getsizeof(thing) + sum(size(part, seen) for part in _parts(thing))


def _parts(thing: Any) -> Iterable[Any]:
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, array | bytearray | str | bytes):
        return ()
    if isinstance(thing, Iterable):
        return thing
    held = [getattr(thing, name) for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(thing, name)]
    return [*held, *vars(thing).values()] if hasattr(thing, "__dict__") else held
