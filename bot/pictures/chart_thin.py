"""Many points as few: per column of the picture the first, the lowest, the highest and the last stay.

That is M4 (Jugel et al., VLDB 2014): drawn as a line, the few cover the same pixels as the many, so no peak is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

COLUMNS = 600
Point = tuple[float, float]


def thinned(points: Sequence[Point], start: float, end: float, columns: int = COLUMNS) -> list[Point]:
    """In the order of time; at most four a column."""
    if len(points) <= columns:
        return list(points)
    width = max(end - start, 1e-9) / columns
    kept: list[Point] = []
    gathered: list[Point] = []
    column = -1
    for point in points:
        at = int((point[0] - start) / width)
        if at != column:
            kept += _four(gathered)
            gathered, column = [], at
        gathered.append(point)
    return kept + _four(gathered)


def _four(points: Sequence[Point]) -> list[Point]:
    if len(points) <= 4:
        return list(points)
    values = [value for _, value in points]
    places = sorted({0, values.index(min(values)), values.index(max(values)), len(points) - 1})
    return [points[place] for place in places]


def enveloped(
    lows: Sequence[Point], highs: Sequence[Point], start: float, end: float, columns: int = COLUMNS
) -> tuple[list[Point], list[Point]]:
    """A band: per column the lowest low and the highest high."""
    if len(lows) <= columns:
        return list(lows), list(highs)
    width = max(end - start, 1e-9) / columns
    under: dict[int, Point] = {}
    over: dict[int, Point] = {}
    for low, high in zip(lows, highs, strict=True):
        at = int((low[0] - start) / width)
        under[at] = min(under.get(at, low), low, key=_value)
        over[at] = max(over.get(at, high), high, key=_value)
    middles = {at: start + (at + 0.5) * width for at in under}
    return [(middles[at], under[at][1]) for at in sorted(under)], [(middles[at], over[at][1]) for at in sorted(over)]


def _value(point: Point) -> float:
    return point[1]
