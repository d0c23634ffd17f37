"""Is what was foretold true? Counted from pairs of a probability and an outcome, in a value that can be added to others and saved.

Ten equal bins hold how often, how high and with what result something was foretold (DeGroot and Fienberg 1983). The Brier score is the mean squared error
(Brier 1950), skill what of it is better than saying the usual rate each time, the expected calibration error the mean distance between what was said
and what came, by bin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from engine.errors import Rejected
from engine.prediction.foretold import Foretold

BINS: Final = 10
ENOUGH: Final = 30  # pairs below which nothing is claimed
SHOWN: Final = 5  # pairs of a bin below which it is not worth a line
CERTAIN: Final = 1e-6  # no probability is taken as surer than that, so that one miss costs no infinite loss


@dataclass(frozen=True, slots=True)
class Bin:
    """``said`` and ``came``: mean probability, and share that succeeded, 0..1."""

    low: float
    high: float
    count: int
    said: float
    came: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Sums of everything that was settled; add two with ``+``. ``squares`` and ``logs``: summed squared errors and logarithmic losses.

    ``inside``: how many took no longer than was foretold for nine in ten, of ``timed``.
    """

    counts: tuple[int, ...] = (0,) * BINS
    said: tuple[float, ...] = (0.0,) * BINS
    came: tuple[int, ...] = (0,) * BINS
    squares: float = 0.0
    logs: float = 0.0
    timed: int = 0
    inside: int = 0

    @classmethod
    def of(cls, settled: Iterable[Foretold]) -> Calibration:
        """Of what was foretold and is settled; what is still open is left out."""
        found = cls()
        for one in settled:
            if one.succeeded is not None:
                seconds = (one.ended_at - one.at).total_seconds() if one.ended_at is not None and one.succeeded else None
                found = found.with_pair(one.probability, one.succeeded, seconds=seconds, long=one.long)
        return found

    def with_pair(self, probability: float, succeeded: bool, *, seconds: float | None = None, long: float | None = None) -> Calibration:
        """``probability`` 0..1. ``seconds`` it took, ``long`` what was foretold for nine in ten. Raises ValueError for what is no probability."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"{probability} is no probability")
        place = min(BINS - 1, int(probability * BINS))
        sure = min(1.0 - CERTAIN, max(CERTAIN, probability))
        timed = seconds is not None and long is not None
        return replace(
            self,
            counts=_added(self.counts, place, 1), said=_added(self.said, place, probability), came=_added(self.came, place, int(succeeded)),
            squares=self.squares + (probability - succeeded) ** 2,
            logs=self.logs - math.log(sure if succeeded else 1.0 - sure),
            timed=self.timed + timed,
            inside=self.inside + int(seconds is not None and long is not None and seconds <= long),
        )  # fmt: skip

    def __add__(self, other: Calibration) -> Calibration:
        summed: dict[str, Any] = {}
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            summed[part.name] = tuple(a + b for a, b in zip(mine, theirs, strict=True)) if isinstance(mine, tuple) else mine + theirs
        return Calibration(**summed)

    @property
    def count(self) -> int:
        return sum(self.counts)

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH

    @property
    def succeeded(self) -> int:
        return sum(self.came)

    @property
    def brier(self) -> float | None:
        """0 is perfect, 0.25 what always saying one half gets; None without any pair."""
        return self.squares / self.count if self.count else None

    @property
    def log_loss(self) -> float | None:
        return self.logs / self.count if self.count else None

    @property
    def error(self) -> float | None:
        """Expected calibration error, 0..1."""
        if not self.count:
            return None
        return sum(abs(said - came) for said, came in zip(self.said, self.came, strict=True)) / self.count

    @property
    def skill(self) -> float | None:
        """What is better than always saying the rate of all these runs (known only afterwards): 1 perfect, 0 no better; None when all ended alike."""
        rate = self.succeeded / self.count if self.count else 0.0
        spread = rate * (1.0 - rate)
        return 1.0 - self.squares / self.count / spread if spread else None

    @property
    def bins(self) -> tuple[Bin, ...]:
        """Those that hold anything, lowest first."""
        return tuple(
            Bin(place / BINS, (place + 1) / BINS, count, self.said[place] / count, self.came[place] / count)
            for place, count in enumerate(self.counts)
            if count
        )

    @property
    def words(self) -> tuple[str, ...]:
        """For people: one verdict, the figures, a line for each bin, and how durations held."""
        if not self.enough:
            return (f"Not enough data: {self.count} of {ENOUGH} foretold runs are over.",)
        assert self.error is not None
        assert self.brier is not None
        skill = (
            "All of them ended alike, so skill says nothing."
            if self.skill is None
            else f"Skill over the usual rate: {self.skill:+.2f} (1 is perfect, 0 no better)."
        )
        lines = [
            f"{self._verdict()} Over {self.count} runs, what was said and what came differ by {self.error * 100:.1f} percentage points on average.",
            f"Brier score {self.brier:.3f} (0 is perfect). {skill}",
            *(
                f"Foretold {one.low:.0%} to {one.high:.0%}: {one.said:.0%} said, {one.came:.0%} came ({one.count} runs)"
                for one in self.bins
                if one.count >= SHOWN
            ),
        ]
        if self.timed >= ENOUGH:
            lines.append(f"{self.inside / self.timed:.0%} of {self.timed} runs took no longer than was foretold for nine in ten.")
        return tuple(lines)

    def _verdict(self) -> str:
        """By how far bins are off beyond what chance does."""
        misses = [
            (abs(one.said - one.came) - 2.0 * math.sqrt(max(one.said * (1.0 - one.said), 0.01) / one.count), one)
            for one in self.bins
            if one.count >= SHOWN
        ]
        beyond, worst = max(misses, key=lambda miss: miss[0], default=(0.0, None))
        if worst is None or beyond <= 0.0:
            return "The probabilities hold."
        if beyond <= 0.05:
            return "The probabilities nearly hold."
        low = "too low" if worst.came > worst.said else "too high"
        return f"The probabilities are off: where {worst.said:.0%} is said it is {low}."

    def to_json(self) -> dict[str, Any]:
        return {part.name: list(value) if isinstance(value := getattr(self, part.name), tuple) else value for part in fields(self)}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Calibration:
        """Raises Rejected for what is no calibration."""
        try:
            whole = {name: tuple(map(int, state[name])) for name in ("counts", "came")}
            sums = {name: float(state[name]) for name in ("squares", "logs")}
            said, timed, inside = tuple(map(float, state["said"])), int(state["timed"]), int(state["inside"])
            lengths = {len(said), *map(len, whole.values())}
            fits = all(0 <= came <= count for came, count in zip(whole["came"], whole["counts"], strict=True)) and 0 <= inside <= timed
            if lengths != {BINS} or not fits or not all(0.0 <= value < math.inf for value in (*sums.values(), *said)):
                raise ValueError("not sums")
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected("A saved calibration is damaged. Let it be counted anew from what was foretold.") from error
        return cls(counts=whole["counts"], came=whole["came"], said=said, timed=timed, inside=inside, **sums)


def _added(values: tuple[Any, ...], place: int, more: float) -> tuple[Any, ...]:
    return (*values[:place], values[place] + more, *values[place + 1 :])
