"""The course of an incident as SVG: its states on one axis, what happened as numbered badges above it, told in a list below."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pictures.axis import time_axis
from bot.pictures.badges import badge, grouped
from bot.pictures.chart_scale import Times
from bot.pictures.font import metrics
from bot.pictures.legend import legend
from bot.pictures.paper import INK, INSET, MARGIN, SMALL, SOFT, Paper, heading
from bot.pictures.phases import LOOKS, QUIET
from bot.pictures.signs import sign
from engine.monitoring.charting import Mark, Phase, Sign, Timeline
from engine.monitoring.figures import abbreviation, between, clock, day, lasted, moment, seconds, span, zone_of

LISTED = 20
MOST = 200  # events
BAR = 34.0


def timeline(chart: Timeline) -> tuple[Paper, float]:
    start, end = span(chart.start, chart.end)
    zone = zone_of(chart.zone)
    paper = Paper()
    top = heading(
        paper,
        chart.title,
        f"{between(start, end, zone, dated=True)} {abbreviation(end, zone)}",
        figure=lasted(end - start),
        under="in all",
    )
    events = sorted(chart.events[:MOST], key=lambda event: seconds(event.at))
    times = Times(start, end, MARGIN, paper.width - MARGIN, zone)
    bar = top + (48 if events else 10)
    untold = _phases(paper, chart.phases, times, bar)
    _badges(paper, events, times, bar)
    time_axis(paper, times, bar + BAR, bar + BAR)
    y = legend(paper, bar + BAR + 66, [(f"{state} time", state) for state in untold]) + 8
    return paper, _told(paper, events, len(chart.events), times, y) - 8


def _phases(paper: Paper, phases: Sequence[Phase], times: Times, y: float) -> list[str]:
    """One after the other, each from where the one before it ended. Those that are too short to hold their word, for the legend."""
    before = times.left
    untold: dict[str, bool] = {}
    paper.rect(times.left, y, times.right - times.left, BAR, QUIET.fill)
    for phase in sorted(phases[:MOST], key=lambda phase: seconds(phase.start)):
        left = max(before, times.x(seconds(phase.start)))
        before = right = max(left, times.x(seconds(phase.end)))
        look = LOOKS.get(phase.state, QUIET)
        paper.rect(left, y, max(2.0, right - left), BAR, look.fill)
        paper.rect(left, y, max(2.0, right - left), 4, look.ink)
        room = metrics(bold=True).width(phase.state, SMALL) + 12 < right - left
        untold[phase.state] = untold.get(phase.state, True) and not room
        if room:
            paper.text((left + right) / 2, y + 25, phase.state, SMALL, look.ink, bold=True, anchor="middle", halo=phase.state == "firing")
    return [state for state, missing in untold.items() if missing and state in LOOKS]


def _badges(paper: Paper, events: Sequence[Mark], times: Times, bar: float) -> None:
    places = [times.x(seconds(event.at)) for event in events]
    for x in dict.fromkeys(round(place, 1) for place in places):
        paper.line([(x, bar - 10), (x, bar + 4)], INK, 2.2)
    for x, text in grouped(places, paper.width - INSET):
        badge(paper, x, bar - 22, text, INK)


def _told(paper: Paper, events: Sequence[Mark], count: int, times: Times, y: float) -> float:
    days = len({moment(at, times.zone).date() for at in (times.start, times.end)}) > 1
    for index, event in enumerate(events[:LISTED]):
        at = seconds(event.at)
        said = f"{day(moment(at, times.zone))} {clock(at, times.zone, exact=True)}" if days else clock(at, times.zone, exact=True)
        badge(paper, MARGIN + 15, y - 6.5, str(index + 1), INK)
        sign(paper, event.sign, MARGIN + 50, y - 6.5)
        wide = paper.text(MARGIN + 70, y, said, SMALL, SOFT)
        left = MARGIN + 84 + wide
        if event.sign is not Sign.NOTED:  # what is noted says itself what it is
            left += paper.text(left, y, event.sign.value, SMALL, bold=True) + 10
        y = paper.paragraph(left, y, event.label, MARGIN + 84 + wide, lines=2) + 34
    if count > LISTED:
        paper.text(MARGIN + 70, y, f"and {count - LISTED:,} more", SMALL, SOFT)
        y += 34
    if not events:
        paper.text(MARGIN, y, "Nothing happened.", SMALL, SOFT)
        y += 34
    return y
