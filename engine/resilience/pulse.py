"""The pulse of one operation: how long its answers take, as running means that a few answers move.

``mean`` is an exponentially weighted mean over about ``SPAN`` answers, with the mean deviation beside it (RFC 6298, Jacobson and Karels 1988);
``peak`` is a peak-EWMA as in Finagle and linkerd2-proxy (up with the sample, down with time), softened to half of each rise, because a bot has a
sample every few seconds and a single slow answer says little.
"""

from __future__ import annotations

import math
from typing import NamedTuple

SPAN = 16.0  # answers
FALL = 30.0  # seconds in which a peak falls to a third of what it is above the mean
MOST = 4.0  # times the mean: what takes longer moves mean and deviation no further
SURE = 8  # answers after which the deviation is to be trusted
LEAST = 0.001  # seconds


class Pulse(NamedTuple):
    """Seconds. ``probe``: the mean of probes when the last answer came, so that what probes have met since can be added; 0 = not known."""

    beats: float = 0
    mean: float = 0.0
    stray: float = 0.0
    peak: float = 0.0
    at: float = 0.0
    probe: float = 0.0

    def beat(self, latency: float, at: float, probe: Pulse) -> Pulse:
        latency = max(latency, LEAST)
        if not self.beats:
            return Pulse(1, latency, latency / 2, latency, at, probe.mean)
        share = 1.0 / min(self.beats + 1, SPAN)
        held = min(latency, self.mean * MOST)
        now = self._peak(at)
        return Pulse(
            min(self.beats + 1, SPAN),
            self.mean + share * (held - self.mean),
            self.stray + share * (abs(held - self.mean) - self.stray),
            now + 0.5 * (latency - now) if latency > now else now,
            at,
            probe.mean,
        )

    def _peak(self, at: float) -> float:
        over = max(0.0, self.peak - self.mean)
        return self.mean + over * math.exp(-max(0.0, at - self.at) / FALL)

    def expected(self, at: float, probe: Pulse) -> float:
        """Between mean and peak; and slower or faster by as much as probes have become since the last answer, at most four times."""
        drift = min(max(probe.mean / self.probe, 1 / MOST), MOST) if self.probe and probe.beats else 1.0
        return (0.5 * self.mean + 0.5 * self._peak(at)) * drift

    def slow(self, latency: float, times: float) -> bool:
        return self.beats >= SURE and latency > self.mean * times

    def at_most(self, strays: float) -> float | None:
        """``mean + strays × deviation``; None while that is not to be trusted."""
        return self.mean + strays * self.stray if self.beats >= SURE else None


UNKNOWN = Pulse()
