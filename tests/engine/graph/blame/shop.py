"""A small shop of made-up series: front → search → database, front → pay → bank; and traffic of a house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.graph.blame.series import NodeSeries, Table

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINES = [("front", "search"), ("search", "database"), ("front", "pay"), ("pay", "bank")]
CALLS = {"front": 100.0, "search": 200.0, "database": 400.0, "pay": 50.0, "bank": 50.0}
TIMES = {"front": 0.30, "search": 0.10, "database": 0.02, "pay": 0.15, "bank": 0.10}
BAD = (2, 3)
JITTER = (0.0, 0.01, -0.01, 0.005, -0.005)


def shop(slower: dict[str, float] | None = None, failing: dict[str, float] | None = None, *, rows: int = 5) -> Table:
    """``slower``: node → seconds that its requests take longer in bad rows; ``failing``: percent of them that fail then. Nothing is passed on."""
    nodes = {}
    for node, calls in CALLS.items():
        bad = [row in BAD for row in range(rows)]
        latency = [TIMES[node] * (1 + JITTER[row % 5]) + (slower or {}).get(node, 0.0) * bad[row] for row in range(rows)]
        fails = [(failing or {}).get(node, 0.0) * bad[row] for row in range(rows)]
        nodes[node] = NodeSeries([calls] * rows, latency, [100 - share for share in fails])
    return Table(rows, nodes)


def slow_database() -> Table:
    """40 seconds more in 400 asks of the database, which everybody above waits for."""
    return shop({"database": 0.1, "search": 0.2, "front": 0.4})


@dataclass(frozen=True, slots=True)
class Went:
    at: datetime
    source: str
    target: str
    count: int
    failed: int
    seconds: float


def went(source: str, target: str, count: int, failed: int, *, spans: int = 6, hours_ago: int = 0, each: float = 0.2) -> list[Went]:
    """The same in each of some spans of five minutes."""
    begin = NOW - timedelta(hours=hours_ago)
    return [Went(begin + timedelta(minutes=5 * span), source, target, count, failed, each * count) for span in range(spans)]
