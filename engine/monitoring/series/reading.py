"""What the detector says of one value, and why."""

from __future__ import annotations

from dataclasses import dataclass

from engine.monitoring.alert import Severity

TOLD = 0.5  # score from which somebody should be told
SEVERITIES = ((12.0, Severity.HIGH), (8.0, Severity.MEDIUM), (0.0, Severity.LOW))  # by decades; critical is for what nobody can use
RARE = 1.0  # decades from which a view is evidence
EVIDENCE = ("unlike any value of late", "unlike this time of day", "beyond everything so far", "far along a drift of the level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``score``: 0 … 0.5 how unusual, from 0.5 worth telling somebody: rarer than anything of the last twelve hours. ``alert``: an alert should open
    now; that takes more, since it must be large as well as rare, and is patient for an hour only, since a second fault may follow the first.
    ``rare``: decades of surprise at the value, at the value at this time of day, at its lying outside all before, at where the level has drifted.
    ``low`` … ``high``: where it was expected, None before anything is known. ``seen``: values so far.
    """

    value: float | None
    score: float = 0.0
    alert: bool = False
    rare: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    low: float | None = None
    high: float | None = None
    seen: int = 0

    @property
    def decades(self) -> float:
        return sum(self.rare)

    @property
    def severity(self) -> Severity | None:
        """None for what is neither an alert nor worth telling."""
        if not self.alert and self.score < TOLD:
            return None
        return next(severity for least, severity in SEVERITIES if self.decades >= least)

    @property
    def expected(self) -> bool:
        """It lies where it was expected."""
        return self.value is not None and self.low is not None and self.high is not None and self.low <= self.value <= self.high

    @property
    def because(self) -> str:
        """The evidence in one sentence."""
        if self.value is None:
            return "No number was given."
        if self.low is None or self.high is None:
            return f"{_number(self.value)} is the first value; nothing is known yet."
        band = f"expected was {_number(self.low)} to {_number(self.high)}"
        evidence = [f"{words} (1 in {_number(10**decades)})" for decades, words in zip(self.rare, EVIDENCE, strict=True) if decades >= RARE]
        if not evidence:
            return f"{_number(self.value)}: nothing rare about it; {band}."
        return f"{_number(self.value)} is {', '.join(evidence)}; {band}."


def _number(value: float) -> str:
    """Three significant digits, grouped by thousands where that is shorter to read."""
    if abs(value) >= 1e9 or 0 < abs(value) < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
