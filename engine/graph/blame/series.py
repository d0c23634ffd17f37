"""What was measured of each node of a graph, a value a time row: the plain values that blame is found from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

Column: TypeAlias = Sequence[float | None]

LARGEST: Final = 1e15  # what is larger was not measured, and would overflow
SMALLEST: Final = 1e-12  # what is smaller is nothing
LEAST: Final = 1e-6  # requests; fewer are none


class Metric(StrEnum):
    """What of the target hurts, and so which flow is compared: request-seconds, or failed requests."""

    LATENCY = "latency"
    AVAILABILITY = "availability"


@dataclass(frozen=True, slots=True)
class NodeSeries:
    """One node. ``requests`` in a row's time, ``latency`` in seconds, ``availability`` in percent; None or NaN where nothing was measured.

    A column that was not measured at all is empty.
    """

    requests: Column = ()
    latency: Column = ()
    availability: Column = ()

    def hurt(self, metric: Metric, row: int) -> float | None:
        """Seconds an average request took, or the share of requests that failed; None where nothing was measured."""
        if metric is Metric.LATENCY:
            seconds = number(self.latency, row)
            return None if seconds is None else max(0.0, seconds)
        percent = number(self.availability, row)
        return None if percent is None else min(1.0, max(0.0, 1 - percent / 100))

    def asked(self, row: int) -> float | None:
        """Requests in that row; None where they were not counted."""
        count = number(self.requests, row)
        return None if count is None else count if count > LEAST else 0.0

    @property
    def counted(self) -> bool:
        """Whether its requests were counted in any row."""
        return any(number(self.requests, row) is not None for row in range(len(self.requests)))


@dataclass(frozen=True, slots=True)
class Table:
    """Equally long series of many nodes; ``rows`` in time order."""

    rows: int
    nodes: Mapping[str, NodeSeries] = field(default_factory=dict)

    def column(self, node: str, metric: Metric) -> list[float | None]:
        """``hurt`` of every row; all None for a node that is not there."""
        series = self.nodes.get(node, NodeSeries())
        return [series.hurt(metric, row) for row in range(self.rows)]


EMPTY = Table(0)


def number(column: Column, row: int) -> float | None:
    """A value that can be one, or None."""
    value = column[row] if row < len(column) else None
    if value is None or not math.isfinite(value) or abs(value) > LARGEST:
        return None
    return value if abs(value) > SMALLEST else 0.0
