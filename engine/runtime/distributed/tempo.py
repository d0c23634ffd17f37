"""How fast the processes of one house notice that one of them is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Seconds."""

    beat: float = 1.0  # between renewals of a lease
    patience: float = 10.0  # after which whoever lives has renewed his lease, when the database was away
    round: float = 2.0  # between two rounds of the caretaker
    overdue: float = 2.0  # whoever drove a run last wakes it; only when he is so late, the caretaker does
    again: float = 60.0  # after which a run that was put and did not move is put again
    kept: float = 600.0  # for which the books of a stretch are kept
    tidy: float = 60.0  # between two tidyings of the books

    @property
    def lateness(self) -> timedelta:
        return timedelta(seconds=self.overdue)


USUAL = Tempo()
