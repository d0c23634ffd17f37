"""A second call beside a first one that is slow: whoever answers first counts, the other is given up.

first ───────────────────────────────▶ an answer, or a failure while it is alone: that is it
   └─ slow ─▶ second ────────────────▶ an answer: the first is given up; a failure: the first is waited for
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from engine.errors import Rejected, SignalboxError
from engine.ports import Answer

Outcome: TypeAlias = "Answer | SignalboxError"


class Race:
    """Between the two. ``lost``: the first was slower, and is given up for that."""

    __slots__ = ("lost",)

    def __init__(self) -> None:
        self.lost = False


async def raced(
    first: Callable[[Race], Coroutine[Any, Any, Outcome]], second: Callable[[Race], Coroutine[Any, Any, Outcome | None]], after: float
) -> Outcome:
    """``second`` is put after ``after`` seconds, and gives None where it is not put after all. Where both fail, the first one's failure counts."""
    race, loop = Race(), asyncio.get_running_loop()
    one = loop.create_task(first(race))
    other: asyncio.Task[Outcome | None] | None = None
    try:
        await asyncio.wait((one,), timeout=after)
        if one.done():
            return one.result()
        other = loop.create_task(second(race))
        await asyncio.wait((one, other), return_when=asyncio.FIRST_COMPLETED)
        if one.done() and _counts(one.result()):
            return one.result()
        if not one.done() and isinstance(other.result(), Answer):
            race.lost = True
            return _sure(other.result())
        # One of them has failed, or the second was not put: the other is what is left.
        await asyncio.wait((one, other))
        found = other.result()
        return found if isinstance(found, Answer) and not _counts(one.result()) else one.result()
    finally:
        left = [task for task in (one, other) if task is not None and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.gather(*left, return_exceptions=True)


def _counts(outcome: Outcome) -> bool:
    """An answer, or a refusal of the request itself: another service would not know better what was meant."""
    return isinstance(outcome, (Answer, Rejected))


def _sure(outcome: Outcome | None) -> Outcome:
    assert outcome is not None
    return outcome
