"""The axis of time as charts draw it."""

from __future__ import annotations

from bot.pictures.chart_scale import Times
from bot.pictures.paper import SMALL, SOFT, Paper


def time_axis(paper: Paper, times: Times, y: float, labels: float) -> None:
    """A line at ``y`` with its ticks; what they say begins at ``labels``."""
    paper.line([(times.left, y), (times.right, y)], SOFT, 1.5)
    for tick in times.ticks():
        x = times.x(tick.at)
        paper.line([(x, y), (x, y + 6)], SOFT, 1.5)
        paper.text(x, labels + 27, tick.label, SMALL, SOFT, anchor="middle")
