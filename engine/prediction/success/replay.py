"""A history of runs foretold one after the other, each from those alone whose end was known when it began."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final

from engine.prediction.success.model import Chance, SuccessModel

DELAY: Final = 1200.0  # seconds after which an outcome is known


@dataclass(frozen=True, slots=True)
class PastRun:
    """``at``: seconds since 1970 when it began. ``succeeded``: None while nobody knows; then it is foretold, and nothing is learnt from it."""

    workflow: str
    at: float
    succeeded: bool | None


def foretold(runs: Sequence[PastRun], delay: float = DELAY) -> list[Chance]:
    """In the order of ``runs``, whatever that is: each is foretold in the order of time.

    An outcome is known ``delay`` seconds (0 or more) after its run began: to what begins at that very moment, too, unless both began at once.
    """
    model = SuccessModel()
    found: dict[int, Chance] = {}
    waiting: deque[int] = deque()
    for at, together in groupby(sorted(range(len(runs)), key=lambda place: runs[place].at), key=lambda place: runs[place].at):
        while waiting and runs[waiting[0]].at + delay <= at:
            place = waiting.popleft()
            run = runs[place]
            if run.succeeded is None:
                model.forgotten(str(place), run.workflow)
            else:
                model.ended(str(place), run.workflow, run.succeeded)
        for place in together:
            found[place] = model.began(str(place), runs[place].workflow, at)
            waiting.append(place)
    return [found[place] for place in range(len(runs))]


def out_of_order(runs: Sequence[PastRun]) -> int:
    """How many begin before the one that stands above them."""
    times = list(map(attrgetter("at"), runs))
    return sum(later < earlier for earlier, later in pairwise(times))
