"""Refusals: a credential that worked before and is refused now, several probes in a row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

REFUSED = 3  # probes in a row; a single 401 happens while a vendor renews its own keys
SPAN = 10.0  # seconds they must span, or two intervals where these are shorter
TAKEN = 2  # good answers in a row until it is over


@dataclass(slots=True)
class Refusals:
    alarmed_at: float = 0.0
    refused: int = 0  # in a row
    began: float = 0.0
    taken: int = 0  # in a row

    @property
    def suspicious(self) -> bool:
        return not self.alarmed_at and self.refused > 0

    def refuse(self, at: float, interval: float) -> str:
        """Answers ``alarm`` when that brought it, else ``""``."""
        self.began = self.began if self.refused and at >= self.began else at
        self.refused, self.taken = self.refused + 1, 0
        if not self.alarmed_at and self.refused >= REFUSED and at - self.began >= min(SPAN, 2 * interval):
            self.alarmed_at = at
            return "alarm"
        return ""

    def accept(self) -> str:
        """It answered with the credential. Answers ``over`` when that brought it, else ``""``."""
        self.refused, self.taken = 0, self.taken + 1
        if self.alarmed_at and self.taken >= TAKEN:
            self.alarmed_at = 0.0
            return "over"
        return ""

    def break_off(self) -> None:
        """Nothing was seen for long, or it does not answer at all."""
        self.refused = self.refused if self.alarmed_at else 0

    def well(self) -> bool:
        return not self.alarmed_at and self.taken >= TAKEN

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
