"""A heat strip as SVG: a bar a day and service. The worse the day, the taller and darker its bar, so that no colour needs to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.pictures.font import metrics
from bot.pictures.paper import INK, MARGIN, PLAIN, SMALL, SOFT, Paper, heading
from engine.monitoring.charting import MOST_DAYS, MOST_ROWS, Day, HeatRow, HeatStrip
from engine.monitoring.figures import STATES, day, drawable_day, share, status, uptime

ROOMY = 6  # services up to which each has two lines, as status pages show them


@dataclass(frozen=True, slots=True)
class Look:
    """``tall``: share of the row's height."""

    word: str
    fill: str
    tall: float


LOOKS = {
    "healthy": Look("healthy", "#2f9e68", 0.5),
    "degraded": Look("degraded", "#c27c00", 0.67),
    "unhealthy": Look("unhealthy", "#c2410c", 0.84),
    "offline": Look("offline", "#7f1d1d", 1.0),
    "unknown": Look("no data", "#80868b", 0.12),
}


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the bars of a row stand, and its words."""

    left: float
    right: float
    pitch: float  # from row to row
    height: float  # of the tallest bar
    days: int

    @property
    def step(self) -> float:
        return (self.right - self.left) / self.days


def heat_strip(chart: HeatStrip) -> tuple[Paper, float]:
    rows = chart.rows[:MOST_ROWS]
    days = max([1, *(min(len(row.days), MOST_DAYS) for row in rows)])
    last = drawable_day(chart.last)
    paper = Paper()
    y = heading(paper, chart.title, f"{days} {'day' if days == 1 else 'days'} to {day(last)} {last.year}, a bar a day: taller is worse")
    roomy = len(rows) <= ROOMY
    grid = _grid(paper, rows, days, roomy=roomy)
    for index, row in enumerate(rows):
        _row(paper, row, grid, y, f"no. {index + 1}", roomy=roomy)
        y += grid.pitch
    _axis(paper, grid, last, y + 18)
    y += 64
    rest = max(0, chart.more) + len(chart.rows) - len(rows)
    if rest:
        paper.text(MARGIN, y, f"and {rest:,} more", SMALL, INK, bold=True)
        y += 34
    return paper, _legend(paper, rows, y)


def _grid(paper: Paper, rows: Sequence[HeatRow], days: int, *, roomy: bool) -> Grid:
    if roomy:
        return Grid(MARGIN, paper.width - MARGIN, 76, 36, days)
    names = max((metrics().width(row.name[:40], SMALL) for row in rows), default=0.0)
    figures = max((metrics().width(_share(row), SMALL) for row in rows), default=0.0)
    return Grid(MARGIN + min(max(60.0, names), 170.0) + 14, paper.width - MARGIN - figures - 14, 31, 25, days)


def _share(row: HeatRow) -> str:
    return share(uptime(row.days[-MOST_DAYS:], row.uptime))


def _row(paper: Paper, row: HeatRow, grid: Grid, y: float, instead: str, *, roomy: bool) -> None:
    right, said = paper.width - MARGIN, _share(row)
    if roomy:
        taken = paper.text(right, y + 22, said, PLAIN, bold=True, anchor="end")
        paper.text(MARGIN, y + 22, row.name, PLAIN, bold=True, room=right - MARGIN - taken - 20, instead=instead)
        _bars(paper, row.days[-MOST_DAYS:], grid, y + 30 + grid.height)
    else:
        paper.text(MARGIN, y + 22, row.name, SMALL, room=grid.left - MARGIN - 12, instead=instead)
        paper.text(right, y + 22, said, SMALL, anchor="end")
        _bars(paper, row.days[-MOST_DAYS:], grid, y + 27)


def _bars(paper: Paper, days: Sequence[Day], grid: Grid, floor: float) -> None:
    """Days without a value at the beginning are not measured ones either."""
    missing = grid.days - len(days)
    gap = min(1.6, grid.step * 0.22)
    for index, one in enumerate([*[Day()] * missing, *days]):
        look = LOOKS[status(one)]
        tall = max(3.0, grid.height * look.tall)
        paper.rect(grid.left + index * grid.step + gap / 2, floor - tall, grid.step - gap, tall, look.fill)


def _axis(paper: Paper, grid: Grid, last: date, y: float) -> None:
    """Today at the right, the first day at the left, the first of each month between as far as there is room."""
    first = last - timedelta(days=grid.days - 1)
    right = paper.text(grid.right, y + 8, day(last), SMALL, SOFT, anchor="end")
    if grid.days < 2:
        return
    taken = grid.left + paper.text(grid.left, y + 8, day(first), SMALL, SOFT) + 16
    for index in range(1, grid.days):
        at = first + timedelta(days=index)
        x, wide = grid.left + (index + 0.5) * grid.step, metrics().width(day(at), SMALL)
        if at.day == 1 and x - wide / 2 > taken and x + wide / 2 < grid.right - right - 16:
            paper.text(x, y + 8, day(at), SMALL, SOFT, anchor="middle")
            taken = x + wide / 2 + 16


def _legend(paper: Paper, rows: Sequence[HeatRow], y: float) -> float:
    there = {status(one) for row in rows for one in row.days[-MOST_DAYS:]}
    x = MARGIN
    for state in (state for state in STATES if state in there):
        look = LOOKS[state]
        tall = max(3.0, 24 * look.tall)
        for bar in range(3):
            paper.rect(x + bar * 6, y + 3 - tall, 4.6, tall, look.fill)
        x += 26 + paper.text(x + 25, y, look.word, SMALL, SOFT) + 16
    return y + 22
