"""What rules of monitoring systems do with a series, restated in a few lines each: a value in, a score of 0 to 1 out, default parameters."""

from __future__ import annotations

from collections import deque
from math import sqrt

WEEK = 7 * 86400.0


def share(deviations: float) -> float:
    """Deviations as a score of 0 to 1; 3 of them are a half."""
    return deviations / (deviations + 3)


class ZScore:
    """The z-score rule that GitLab wrote for Prometheus: (value − avg_over_time[1w]) / stddev_over_time[1w]."""

    def __init__(self) -> None:
        self.past: deque[tuple[float, float]] = deque()
        self.sum = self.squares = 0.0

    def observe(self, at: float, value: float) -> float:
        while self.past and self.past[0][0] <= at - WEEK:
            _, old = self.past.popleft()
            self.sum -= old
            self.squares -= old * old
        self.past.append((at, value))
        self.sum += value
        self.squares += value * value
        mean = self.sum / len(self.past)
        variance = self.squares / len(self.past) - mean * mean
        return share(abs(value - mean) / sqrt(variance)) if variance > 1e-12 * (mean * mean + 1e-12) else 0.0


class Ewma:
    """An exponentially weighted mean and deviation; three of these are the usual limit."""

    ALPHA = 0.02

    def __init__(self) -> None:
        self.mean: float | None = None
        self.variance = 0.0

    def observe(self, at: float, value: float) -> float:
        if self.mean is None:
            self.mean = value
            return 0.0
        away = value - self.mean
        deviation = sqrt(self.variance)
        self.mean += self.ALPHA * away
        self.variance = (1 - self.ALPHA) * (self.variance + self.ALPHA * away * away)
        return share(abs(away) / deviation) if deviation > 1e-6 * (abs(self.mean) + 1e-6) else 0.0


class HoltWinters:
    """Level, trend and a daily season, additive (Brutlag's deviation bands for RRDtool)."""

    ALPHA, BETA, GAMMA = 0.1, 0.0035, 0.1
    SLOTS = 96

    def __init__(self) -> None:
        self.level: float | None = None
        self.trend = 0.0
        self.season: list[float | None] = [None] * self.SLOTS
        self.deviation: list[float | None] = [None] * self.SLOTS

    def observe(self, at: float, value: float) -> float:
        slot = int(at % 86400 // (86400 / self.SLOTS))
        if self.level is None:
            self.level = value
        season = self.season[slot]
        if season is None:
            self.season[slot] = value - self.level
            self.level += self.ALPHA * (value - self.level)
            return 0.0
        miss = value - (self.level + self.trend + season)
        before = self.level
        self.level = self.ALPHA * (value - season) + (1 - self.ALPHA) * (self.level + self.trend)
        self.trend = self.BETA * (self.level - before) + (1 - self.BETA) * self.trend
        self.season[slot] = self.GAMMA * (value - self.level) + (1 - self.GAMMA) * season
        usual = self.deviation[slot]
        self.deviation[slot] = abs(miss) if usual is None else self.GAMMA * abs(miss) + (1 - self.GAMMA) * usual
        return share(abs(miss) / usual) if usual and usual > 1e-6 * abs(self.level) else 0.0
