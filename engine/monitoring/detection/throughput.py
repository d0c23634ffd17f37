"""Calls per minute: sudden silence or a flood, against what is usual at this time, and nothing where there is too little to say.

Calls are counted in slots of five minutes; every sample, probes too, tells that time goes on, and a slot in which nobody looked is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import expm1, log, log1p
from typing import Any

from engine.monitoring.detection.excess import Excess
from engine.monitoring.detection.season import Level, Season

SLOT = 300.0
UNWATCHED = 150.0  # seconds without any sample: nobody looked, so a count would be too small
ENOUGH = 20.0  # calls that are usual in a slot; with fewer, silence is nothing strange
LEARNT = 3 * 86_400.0  # seconds before the first verdict
SILENCE, FLOOD = log(4.0), log(3.0)  # a quarter of the usual; three times as much
LEAST_STRAY = 0.25
CALM_SLOTS = 3
ACCEPTED_AFTER = 6 * 3600.0
HALF = 0.5


@dataclass(slots=True)
class Throughput:
    """``sign`` of what stands: -1 silence, 1 flood, 0 nothing."""

    season: Season = field(default_factory=Season)
    level: Level = field(default_factory=Level)
    more: Excess = field(default_factory=lambda: Excess(FLOOD))
    less: Excess = field(default_factory=lambda: Excess(SILENCE))
    slot: int = 0
    count: int = 0
    looked: float = 0.0
    whole: bool = False
    alarmed_at: float = 0.0
    sign: int = 0
    calm: int = 0
    rate: float = 0.0  # calls a minute in the last slot
    usual: float = 0.0

    def well(self) -> bool:
        """Nothing is wrong, and enough is known to say so."""
        return not self.alarmed_at and self.season.learnt >= LEARNT

    def take(self, is_call: bool, at: float, *, frozen: bool = False) -> str:
        """Time goes on, and perhaps a call was made. Answers ``alarm``, ``over``, ``accepted`` when a slot's end brought that."""
        slot = int(at // SLOT)
        found = ""
        if slot != self.slot:
            if slot == self.slot + 1 and self.whole and at - self.looked <= UNWATCHED:
                found = self._close_slot(frozen)
            self.whole = slot == self.slot + 1 and at - self.looked <= UNWATCHED
            self.slot, self.count = slot, 0
        elif at - self.looked > UNWATCHED:
            self.whole = False
        self.looked = max(self.looked, at) if at > self.looked - 3600 else at
        self.count += is_call
        return found

    def _open(self, at: float) -> None:
        self.alarmed_at, self.calm = at, 0

    def _close(self) -> None:
        self.alarmed_at, self.sign, self.calm = 0.0, 0, 0
        self.more.clear()
        self.less.clear()

    def _close_slot(self, frozen: bool) -> str:
        at = (self.slot + HALF) * SLOT
        value = log1p(self.count)
        near, low, high = self.season.usual(at)
        off = value - self.level.middle - near
        self.rate, self.usual = self.count * 60 / SLOT, max(0.0, expm1(self.level.middle + near)) * 60 / SLOT
        ready = self.season.learnt >= LEARNT and self.level.middle + low >= log1p(ENOUGH)
        if self.alarmed_at:
            return self._toward_the_end(off, at)
        stray = max(LEAST_STRAY, self.level.stray)
        above, below = value - self.level.middle - high, self.level.middle + low - value
        flood = self.more.take(above, stray, 4.0, SLOT, at, FLOOD, False)
        silence = self.less.take(below, stray, 4.0, SLOT, at, SILENCE, False)
        if not frozen:
            far = 3 * stray
            self.level.learn(max(-far, min(far, off)), SLOT)
            self.season.learn(at, max(-far, min(far, off)), SLOT)
        sign = (1 if flood is not None and above >= FLOOD else -1 if silence is not None and below >= SILENCE else 0) if ready else 0
        if not sign:
            return ""
        self.sign = sign
        (self.more if sign > 0 else self.less).told(at)
        self._open(at)
        return "alarm"

    def _toward_the_end(self, off: float, at: float) -> str:
        gone = abs(off) < HALF * SILENCE if not self.sign else self.sign * off < HALF * (FLOOD if self.sign > 0 else SILENCE)
        self.calm = self.calm + 1 if gone else 0
        if self.calm >= CALM_SLOTS:
            self._close()
            return "over"
        if at - self.alarmed_at >= ACCEPTED_AFTER:
            self.level.middle += off
            self._close()
            return "accepted"
        return ""

    def snapshot(self) -> dict[str, Any]:
        return {
            "season": self.season.snapshot(), "level": self.level.snapshot(), "more": self.more.snapshot(), "less": self.less.snapshot(),
            "slot": self.slot, "count": self.count, "looked": self.looked, "whole": self.whole, "alarmed_at": self.alarmed_at,
            "sign": self.sign, "calm": self.calm, "rate": self.rate, "usual": self.usual,
        }  # fmt: skip

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Throughput:
        return cls(
            **{
                **kept, "season": Season(**kept["season"]), "level": Level(**kept["level"]),
                "more": Excess.restore(kept["more"]), "less": Excess.restore(kept["less"]),
            }
        )  # fmt: skip
