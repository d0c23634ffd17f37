"""How long a reading call is waited for before a second one is put beside it, and when it is given up.

Reads only. A write that is given up early or put twice leaves a doubt: measured in the simulation of benchmarks/routing.py, an adaptive timeout on
writes lowered the share of runs that succeed. Hedging after the 95th percentile is Dean and Barroso's (The Tail at Scale, 2013: 2 % more requests
for a 99.9th percentile of 74 instead of 1,800 ms); the timeout is TCP's (RFC 6298: mean and four deviations), with room.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.resilience.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """``hedge``: mean deviations above the mean after which a second call is put (2.5 of a log-normal's are about its 95th percentile);
    ``soonest``: never before; ``strays`` and ``room``: it is given up after ``room × (mean + strays × deviation)``, never before ``shortest``.
    """

    hedge: float = 2.5
    soonest: float = 0.05
    strays: float = 4.0
    room: float = 2.0
    shortest: float = 1.0

    def hedge_after(self, standing: Standing, operation: str) -> float | None:
        """Seconds; None while it is not known how long the operation takes."""
        at_most = standing.pulse(operation).at_most(self.hedge)
        return None if at_most is None else max(at_most, self.soonest)

    def timeout(self, standing: Standing, operation: str, most: float) -> float:
        """Seconds, at most ``most``."""
        at_most = standing.pulse(operation).at_most(self.strays)
        return most if at_most is None else min(most, max(self.room * at_most, self.shortest))


PATIENCE = Patience()
