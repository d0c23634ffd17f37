"""What follows a call that failed: the same way again, another way, a look whether it happened, a while on disk, or the end.

    surely not done (Transient) ───────────────▶ another way ─▶ the same again, later ─▶ parked ─▶ given up
    maybe done (Unanswered) ─ a read ──────────▶ as above
                            ─ a write ─▶ look ─▶ done: over │ not done: as above │ cannot tell: look later ─▶ a human
                            ─ repeatable, no look ─▶ the same way again under its key, never another

A write goes another way only when it surely did not happen: its key means nothing to another service, so this is where a thing would be done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.resilience.retry import Retry

# Full jitter (Brooker, Exponential Backoff and Jitter, AWS 2015): anywhere between nothing and the whole pause, so that those who failed together do not
# come back together. The first pause is short: most failures of a healthy service are strays.
SAME_WAY = Retry(base=0.4, factor=3.0, cap=30.0, jitter=1.0)
LOOKS = Retry(base=2.0, factor=2.0, cap=120.0, jitter=0.5)  # for about half an hour in all


class Then(StrEnum):
    AGAIN = "again"  # the same way, after ``pause``
    ELSEWHERE = "elsewhere"  # choose anew, now
    LOOK = "look"  # whether it was done, after ``pause``
    PARK = "park"  # on disk for ``pause`` seconds, then choose anew
    ASK = "ask"  # a human: nobody else can say
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A failed call, and what is left. ``doubtful``: whether it may have happened (Unanswered), ``asked_for``: seconds the service asked to be left alone;
    ``reads`` and ``repeatable`` (under its key): of the action; ``looks``: whether the service can be looked at, ``looked``: how often it was in vain.

    ``others``: ways that are fit and were not tried; ``tries``: calls so far, ``most`` of them; ``useless_for``: seconds until a call this way is not as
    good as lost (``Standing.useless_for``); ``spare``: whether the budget has an extra call; ``parked``: seconds since the step's first
    trouble, of the ``may_wait`` it may wait.
    """

    doubtful: bool = False
    asked_for: float | None = None
    reads: bool = False
    repeatable: bool = False
    looks: bool = False
    looked: int = 0
    most_looks: int = 20
    others: int = 0
    tries: int = 1
    most: int = 4
    useless_for: float = 0.0
    spare: bool = True
    parked: float = 0.0
    may_wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    then: Then
    pause: float = 0.0
    because: str = ""


def after(trouble: Trouble, dice: Callable[[], float]) -> Move:
    """``dice`` gives 0 ≤ x < 1."""
    if trouble.doubtful and not trouble.reads:
        return _in_doubt(trouble, dice)
    if trouble.others and trouble.tries < trouble.most + trouble.others:
        return Move(Then.ELSEWHERE, because="It surely was not done, and there is another way.")
    pause = max(SAME_WAY.delay(trouble.tries, dice, trouble.asked_for), trouble.useless_for)
    most = trouble.most * 2 if trouble.asked_for is not None else trouble.most  # “too fast” says when it will not be
    if trouble.tries < most and trouble.spare and not (trouble.useless_for and trouble.may_wait > trouble.parked):
        return Move(Then.AGAIN, pause, "There is no other way, so it is tried again a little later.")
    return _parked(trouble, pause)


def _in_doubt(trouble: Trouble, dice: Callable[[], float]) -> Move:
    if trouble.looks:
        # The first look comes at once: most lost answers are of a service that works.
        pause = max(LOOKS.delay(trouble.looked, dice) if trouble.looked else 0.0, trouble.useless_for)
        if trouble.looked >= trouble.most_looks and trouble.parked + pause > trouble.may_wait:
            return Move(Then.ASK, because="Nobody knows whether it was done, and the service could not be looked at.")
        return Move(Then.LOOK, pause, "It may have been done, so that is looked at first.")
    if not trouble.repeatable:
        return Move(Then.ASK, because="It may have been done, and the service cannot be looked at.")
    pause = max(SAME_WAY.delay(trouble.tries, dice, trouble.asked_for), trouble.useless_for)
    if trouble.tries < trouble.most:
        return Move(Then.AGAIN, pause, "It may have been done, so it is repeated where it was, under the same key.")
    return _parked(trouble, pause)


def _parked(trouble: Trouble, pause: float) -> Move:
    left = trouble.may_wait - trouble.parked
    if left > 0:
        return Move(Then.PARK, min(max(pause, 1.0), left), "The run may wait, so it goes on when the service is back.")
    return Move(Then.END, because="Every way was tried as often as it may be.")
