"""Failures: a sequential likelihood ratio that says when they are too many to be the usual bad luck, and when they are over.

Each check moves three sums, one for each alternative to the usual rate: 8, 35 or 95 % fail. A sum is the log of how much better its
alternative explains what was seen (Page's CUSUM, Biometrika 1954), never below zero. Over ``ALARM`` one of them wins, and the share that
failed since it left zero is the estimate. The usual rate is learnt while nothing is wrong. The way back is the same test turned round.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import log
from typing import Any

ALTERNATIVES = (0.08, 0.35, 0.95)
HARD, ALONE = 0.95, 0.002  # usual failures come one at a time, so what fails every time is held against a smaller rate
FLOOR = 0.0015  # the usual rate is never thought smaller: three failures in a row are needed
CEILING = 0.3  # nor larger
ALARM = 17.7  # log-odds; what fails every time is told 28 s after its first failure
SUSPICION = ALARM / 3  # one failure in full passes it, and one good check after it does not
MEMORY = 20_000.0  # checks over which the usual rate is learnt, a week at 30 s
RECENT = 12.0  # checks over which the share is estimated while an alarm goes on
OVER = 5.5  # log-odds that it is over
HARDEST = 0.1  # a smaller share would need more than half an hour of good checks to be over
CLEAN_INTERVALS, CLEAN_SECONDS, CLEAN_FLAPPING = 8.0, 240.0, 900.0
FLAP_MEMORY = 3600.0  # seconds for which a relapse makes the next recovery slower
ACCEPTED_AFTER, ACCEPTED_SHARE = 6 * 3600.0, 0.2


@dataclass(slots=True)
class Failures:
    """``alarmed_at`` 0 while nothing is wrong. Times in seconds since the epoch, counts in weighted checks."""

    evidence: list[float] = field(default_factory=lambda: [0.0] * len(ALTERNATIVES))
    seen: list[float] = field(default_factory=lambda: [0.0] * len(ALTERNATIVES))
    failed: list[float] = field(default_factory=lambda: [0.0] * len(ALTERNATIVES))
    usual_seen: float = 1000.0
    usual_failed: float = 1.0
    alarmed_at: float = 0.0
    share: float = 0.0  # of failing checks, while alarmed
    over: float = 0.0  # log-odds that it is over
    clean: int = 0  # good checks in a row
    clean_since: float = 0.0
    relapses: int = 0
    closed_at: float = 0.0
    checks: int = 0  # since the suspicion began
    wrong: int = 0  # of these failed
    began: float = 0.0

    @property
    def usual(self) -> float:
        return min(CEILING, max(FLOOR, self.usual_failed / self.usual_seen))

    @property
    def most(self) -> float:
        return max(self.evidence)

    @property
    def suspicious(self) -> bool:
        """Worth looking again soon."""
        return not self.alarmed_at and self.most >= SUSPICION

    def decided_in(self, independent: float) -> float:
        """Seconds until one more failure would decide, where samples count in full after ``independent`` seconds."""
        return (ALARM - self.most) / log(HARD / max(ALONE, self.usual / 5)) * independent

    def take(self, failed: bool, weight: float, at: float, interval: float, *, frozen: bool = False) -> str:
        """One more check, of which nothing is learnt when ``frozen``. Answers ``alarm``, ``over``, ``accepted`` when it brought that, else ``""``."""
        self._count(failed, at)
        if self.alarmed_at:
            return self._toward_the_end(failed, weight, at, interval)
        usual = self.usual
        self._weigh(failed, weight, usual)
        if not frozen:
            self._learn(failed, weight)
        if not self.most:
            self.checks = self.wrong = 0
        if self.most < ALARM:
            return ""
        best = self.evidence.index(self.most)
        self.share = min(1.0, self.failed[best] / self.seen[best])
        self._forget_as_usual(best)
        self._open(at)
        return "alarm"

    def well(self, at: float, interval: float) -> bool:
        """Nothing is wrong, for long enough to say so."""
        return not self.alarmed_at and self.clean > 1 and not self.suspicious and at - self.clean_since >= self._patience(interval)

    def _open(self, at: float) -> None:
        self.relapses = self.relapses + 1 if 0 <= at - self.closed_at < FLAP_MEMORY else 0
        self.alarmed_at, self.over = at, 0.0

    def break_off(self) -> None:
        """Nothing was seen for long: what was suspected before says nothing about now."""
        self._clear()
        self.clean = 0

    def close(self, at: float) -> None:
        self.alarmed_at = self.over = self.share = 0.0
        self.closed_at = at
        self._clear()

    def _clear(self) -> None:
        for sums in (self.evidence, self.seen, self.failed):
            sums[:] = [0.0] * len(ALTERNATIVES)
        self.checks = self.wrong = 0

    def _count(self, failed: bool, at: float) -> None:
        if failed:
            if not self.checks:
                self.began = at
            self.clean = 0
        else:
            self.clean_since = at if not self.clean else min(at, self.clean_since)  # a clock set back
            self.clean += 1
        if failed or self.checks:
            self.checks += 1
            self.wrong += failed

    def _weigh(self, failed: bool, weight: float, usual: float) -> None:
        for i, rate in enumerate(ALTERNATIVES):
            if rate == HARD:
                usual = max(ALONE, usual / 5)
            if rate <= 1.5 * usual:
                self.evidence[i] = self.seen[i] = self.failed[i] = 0.0
                continue
            total = self.evidence[i] + weight * (log(rate / usual) if failed else log((1 - rate) / (1 - usual)))
            if total <= 0:
                self.evidence[i] = self.seen[i] = self.failed[i] = 0.0
            else:
                self.evidence[i] = total
                self.seen[i] += weight
                self.failed[i] += weight * failed

    def _learn(self, failed: bool, weight: float) -> None:
        fade = 1 - weight / MEMORY if self.usual_seen >= MEMORY else 1.0
        self.usual_seen = self.usual_seen * fade + weight
        self.usual_failed = self.usual_failed * fade + weight * failed

    def _forget_as_usual(self, best: int) -> None:
        """What led to the alarm was no usual bad luck."""
        self.usual_seen = max(1000.0, self.usual_seen - self.seen[best])
        self.usual_failed = max(0.0, self.usual_failed - self.failed[best])

    def _toward_the_end(self, failed: bool, weight: float, at: float, interval: float) -> str:
        self.alarmed_at = min(at, self.alarmed_at)
        self.share += weight / RECENT * (failed - self.share)
        rate = min(0.95, max(HARDEST, 2 * self.usual, self.share if failed else max(self.share, self._met())))
        if failed:
            if self.over >= OVER / 2:
                self.relapses += 1
            self.over = 0.0
        else:
            self.over += weight * log((1 - self.usual) / (1 - rate))
        if self.clean and self.over >= OVER and at - self.clean_since >= self._patience(interval):
            self.close(at)
            return "over"
        if at - self.alarmed_at >= ACCEPTED_AFTER and self.usual < self.share <= ACCEPTED_SHARE:
            self.usual_seen, self.usual_failed = 1000.0, 1000.0 * self.share
            self.close(at)
            return "accepted"
        return ""

    def _met(self) -> float:
        """The share since the suspicion began: a share of late shrinks with every good check and would never call itself over."""
        return self.wrong / self.checks if self.checks else 0.0

    def _patience(self, interval: float) -> float:
        """Seconds of good checks only; longer for a service that came back and fell again."""
        return min(CLEAN_FLAPPING, min(CLEAN_INTERVALS * interval, CLEAN_SECONDS) * (1 + self.relapses))

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
