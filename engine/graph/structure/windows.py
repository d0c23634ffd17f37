"""What a maintenance window, or several at once, would take down, before it is agreed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from engine.errors import Invalid
from engine.graph.structure.answers import Answers
from engine.graph.structure.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Window:
    """``nodes`` are down from ``start`` until ``end``. Both with a zone."""

    start: datetime
    end: datetime
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A while in which the same windows are open. ``together``: ids that go down only because several are, and would stand in each of them alone."""

    start: datetime
    end: datetime
    windows: tuple[int, ...]  # places in what was asked
    outcome: Outcome
    together: tuple[str, ...]

    @property
    def hours(self) -> float:
        return (self.end - self.start).total_seconds() / 3600

    @property
    def runs_lost(self) -> float:
        """Expected over the whole while."""
        return self.outcome.lost_per_hour * self.hours


def rehearsed(answers: Answers, windows: Iterable[Window]) -> tuple[Span, ...]:
    """In the order of time, without the whiles in which nothing is open. Raises NotFound, and Invalid for a window that ends before it begins."""
    windows = tuple(windows)
    for window in windows:
        if window.start.tzinfo is None or window.end.tzinfo is None:
            raise Invalid("A window begins and ends at times with a zone.")
        if window.end <= window.start:
            raise Invalid("A window ends after it begins.")
    alone = [answers.what_if(window.nodes) for window in windows]
    moments = sorted({moment for window in windows for moment in (window.start, window.end)})
    spans = []
    for start, end in pairwise(moments):
        places = tuple(place for place, window in enumerate(windows) if window.start <= start < window.end)
        if places:
            spans.append(_span(answers, windows, alone, places, start, end))
    return tuple(spans)


def _span(
    answers: Answers, windows: Sequence[Window], alone: Sequence[Outcome], places: tuple[int, ...], start: datetime, end: datetime
) -> Span:
    if len(places) == 1:
        return Span(start, end, places, alone[places[0]], ())
    outcome = answers.what_if(node for place in places for node in windows[place].nodes)
    together = tuple(id for id in outcome.down() if not any(id in alone[place] for place in places))
    return Span(start, end, places, outcome, together)
