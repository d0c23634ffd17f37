"""All recommendations for one workflow, what brings most first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from engine.errors import SignalboxError
from engine.prediction.advice.change import changed
from engine.prediction.advice.gain import FEWEST
from engine.prediction.advice.moving import another_hour, split
from engine.prediction.advice.recommendation import Recommendation
from engine.prediction.advice.reliability import Around, fewer_retries, more_retries, patience, stand_ins
from engine.prediction.advice.seen import RunSeen
from engine.prediction.advice.speed import caches, dead_steps, side_by_side
from engine.workflow.definition import Definition


def recommendations(definition: Definition, runs: Iterable[RunSeen], around: Around) -> tuple[Recommendation, ...]:
    """``runs``: finished ones, oldest first; below FEWEST nothing is said. One whose change makes no valid workflow is not said either."""
    seen: Sequence[RunSeen] = tuple(runs)
    if len(seen) < FEWEST:
        return ()
    found = chain(
        more_retries(definition, seen),
        fewer_retries(definition, seen),
        stand_ins(definition, seen, around),
        patience(definition, seen, around),
        caches(definition, seen, around),
        side_by_side(definition, seen),
        dead_steps(definition, seen, around),
        another_hour(definition, seen, around),
        split(definition, seen),
    )
    fitting = [one for one in found if _fits(definition, one, around)]
    return tuple(sorted(fitting, key=lambda one: -(one.gain.weight if one.gain else 0.0)))


def _fits(definition: Definition, one: Recommendation, around: Around) -> bool:
    if one.change is None:
        return True
    try:
        return changed(definition, one.change, around.catalogue) != definition
    except SignalboxError:
        return False
