"""The detector of one numeric series: a value in, a reading out; one configuration for every series.

                 ┌ value  ┐
    value ───────┤ season ├ how far? ─▶ decades ─▶ sum ─▶ news? ─▶ 0.5 … 1    worth telling somebody
          │      │ record │                                 │ no
          │      └ drift  ┘                                 ▼
          └────── four forecasts ─▶ strangeness ────────────┴────▶ 0 … 0.5    how unusual

News needs ranks (how rare is this among the stream's own past), ordering everything else needs sizes; neither does the other's work, so
the score has two bands. An alert must be both: rare, and large. Nothing looks ahead, nothing is drawn by lot: the same values give the same readings to the bit, also when
a snapshot was taken and restored in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite, log1p
from typing import Any

from engine.errors import Rejected
from engine.monitoring.series.novelty import Novelty
from engine.monitoring.series.reading import Reading
from engine.monitoring.series.residuals import Residuals
from engine.monitoring.series.tails import Tail
from engine.monitoring.series.views import REMEMBERED, WITNESSES, RecordView, SeasonView, ValueView, lonely
from engine.monitoring.series.window import SortedWindow

VERSION = 1  # of the snapshot
NEWS = 5.0  # decades, of the views together, from which news is worth telling,
UNEXPECTED = log1p(1)  # where it also misses the forecasts by as much as usual: what was expected is no news, however rare
ALERT = 6.0  # decades of an alert,
LARGE = log1p(5)  # where it also misses them by five times as much
HALF_WAY = 6.0  # further decades that take a piece of news half the way to 1
STRANGE = 2.0  # strangeness that stands in the middle of the lower band
ALERT_QUIET = 3600.0  # seconds in which an alert must beat every other surprise
SMALLEST = 0.001  # of the series' size: what is nearer to the usual than that is nothing new, however rare
BAND = 3.0  # usual misses on either side of what is expected
BEHIND = timedelta(days=1)  # a sample that is older than the last by more than that says the clock was set back
LARGEST = 1e100  # sizes beyond are taken as this, so that no square overflows


class SeriesDetector:
    """At most 400 KB, growing with the series; about 40 µs a value. Not for several threads at once.

    Counters should be fed as rates: a reset is news once, like any fall.
    """

    __slots__ = ("alerts", "elapsed", "last", "news", "residuals", "season", "seen", "tails", "views")

    def __init__(self) -> None:
        self.views = (ValueView(), RecordView())
        self.season = SeasonView()
        self.tails = (Tail(), Tail(), Tail(), Tail())
        self.residuals = Residuals()
        self.news, self.alerts = Novelty(), Novelty(ALERT_QUIET)
        self.last: datetime | None = None
        self.elapsed = 0.0  # seconds the stream has lasted, by a clock that never runs backwards
        self.seen = 0

    def observe(self, at: datetime, value: float | None) -> Reading:
        """The reading of ``value``, which is learnt. ``at`` without a zone is taken as UTC; it may come late, twice, or jump.

        None, NaN and the infinities are no values: their reading has a score of 0 and nothing is learnt.
        """
        value = _number(value)
        if value is None:
            return Reading(value=None)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        self._pass(at)
        neighbours = self.season.neighbours(at)
        low, high = self._band(neighbours)
        distance = lonely(value, neighbours)
        strangeness, drift = self.residuals.observe(value, distance if len(neighbours) >= WITNESSES else None)
        rare = self._rarity(value, distance, drift)
        self.season.add(at, value)
        self.seen += 1
        decades = sum(rare)
        missed = self.residuals.latest[-1]
        news, loud = self.news.observe(self.elapsed, decades), self.alerts.observe(self.elapsed, decades)
        score = _score(news if missed >= UNEXPECTED else 0.0, strangeness)
        alert = loud >= ALERT and missed >= LARGE
        return Reading(value=value, score=score, alert=alert, rare=rare, low=low, high=high, seen=self.seen)

    def _rarity(self, value: float, distance: float, drift: float) -> tuple[float, float, float, float]:
        """The decades of the views."""
        least = SMALLEST * self.residuals.magnitude
        alone, outside = self.views[0].observe(value), self.views[1].observe(value)
        by_value, by_season, by_record, by_drift = self.tails
        return (
            by_value.observe(max(0.0, alone - least)),
            by_season.observe(max(0.0, distance - least)),
            by_record.observe(outside if alone > least else 0.0),
            by_drift.observe(drift if self.residuals.drifted > least else 0.0),
        )

    def _pass(self, at: datetime) -> None:
        """Time goes on as the samples say, but never back; after a clock was set back it goes on from there."""
        if self.last is None or self.last < at:
            self.elapsed += (at - self.last).total_seconds() if self.last else 0.0
            self.last = at
        elif self.last - at > BEHIND:
            self.last = at

    def _band(self, neighbours: list[float]) -> tuple[float | None, float | None]:
        """Where the next value is expected: around the level, widened to the middle four fifths of this time of day."""
        if not self.residuals.level.count:
            return None, None
        mean, reach = self.residuals.level.mean, BAND * self.residuals.usual_miss
        cut = len(neighbours) // 10
        usual = neighbours[cut : len(neighbours) - cut] or [mean]
        return min(mean - reach, usual[0]), max(mean + reach, usual[-1])

    def snapshot(self) -> dict[str, Any]:
        """Everything it knows, as JSON: at most 330 KB of text."""
        values, record = self.views
        return {
            "version": VERSION, "seen": self.seen, "elapsed": self.elapsed, "last": self.last.isoformat() if self.last else None,
            "value": values.past.state(), "record": [record.low, record.high] if self.seen else None, "season": self.season.state(),
            "tails": [tail.past.state() for tail in self.tails], "residuals": self.residuals.state(),
            "news": self.news.state(), "alerts": self.alerts.state(),
        }  # fmt: skip

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> SeriesDetector:
        """Raises Rejected for what no snapshot of this version is; the series is then learnt anew."""
        if state.get("version") != VERSION:
            raise Rejected("The snapshot of a series is of another version of Signalbox. Let the series be learnt anew.")
        try:
            return cls._of(state)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise Rejected("The snapshot of a series is damaged. Let the series be learnt anew.") from error

    @classmethod
    def _of(cls, state: Mapping[str, Any]) -> SeriesDetector:
        made = cls()
        made.seen, made.elapsed = state["seen"], state["elapsed"]
        made.last = datetime.fromisoformat(state["last"]) if state["last"] else None
        made.views = (ValueView(SortedWindow.of(REMEMBERED, state["value"])), RecordView(*state["record"] or ()))
        made.season = SeasonView.of(state["season"])
        first, second, third, fourth = map(Tail.of, state["tails"])
        made.tails = (first, second, third, fourth)
        made.residuals = Residuals.of(state["residuals"])
        made.news, made.alerts = Novelty.of(state["news"]), Novelty.of(state["alerts"])
        return made


def _number(value: float | None) -> float | None:
    try:
        return min(max(float(value), -LARGEST), LARGEST) if value is not None and isfinite(value) else None
    except OverflowError:  # an integer of more than 300 digits
        return None


def _score(news: float, strangeness: float) -> float:
    if news >= NEWS:
        return 0.5 + 0.5 * (news - NEWS) / (news - NEWS + HALF_WAY)
    return 0.5 * strangeness / (strangeness + STRANGE)
