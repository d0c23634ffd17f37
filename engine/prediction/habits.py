"""Habits: what a place or a person always says of an action, so that it need not be said again.

“The board this channel always uses” is the value of an input that was confirmed there again and again. A habit only fills what was left
open, it is said in the preview where it comes from, and whoever says another value is asked nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from engine.workflow.definition import Definition, Json, Step
from engine.workflow.expression import templates
from engine.workflow.secrets import secret_places

REMEMBERED: Final = 8  # choices of one input; older ones are forgotten
ENOUGH: Final = 3  # equal choices before anything is called a habit
SHARE: Final = 0.75  # of the remembered choices that must be equal
AGE: Final = timedelta(days=180)  # choices that are older count no more
MOST: Final = 300  # inputs that one place remembers; the one not used for longest goes first
LONGEST: Final = 120  # characters of a value; what is longer is prose, not a choice

State: TypeAlias = Mapping[str, Json]  # "trello.create_card.board" → [[value, ISO time], …], oldest first


@dataclass(frozen=True, slots=True)
class Usual:
    """``count`` of the last ``of`` choices said this value."""

    value: Json
    count: int
    of: int


def usual(state: State, action: str, name: str, now: datetime) -> Usual | None:
    """The value an input always has; None where there is no habit, or it is too old."""
    chosen = [value for value, at in _choices(state, f"{action}.{name}") if now - at <= AGE]
    for value in reversed(chosen):
        count = chosen.count(value)
        if count >= ENOUGH and count / len(chosen) >= SHARE:
            return Usual(value, count, len(chosen))
    return None


def learnt(state: State, definition: Definition, at: datetime) -> dict[str, Json]:
    """The state after these choices were confirmed. Prose, templates and secrets are never remembered."""
    book = {key: list(_choices(state, key)) for key in state}
    for key, value in choices(definition.every_step):
        book[key] = [*book.get(key, ()), (value, at)][-REMEMBERED:]
    kept = sorted(book, key=lambda key: (book[key][-1][1] if book[key] else at, key))[-MOST:]
    return {key: [[value, moment.isoformat()] for value, moment in book[key]] for key in kept if book[key]}


def choices(steps: Iterable[Step]) -> Iterable[tuple[str, Json]]:
    """What the steps chose: ("trello.create_card.board", "Ops")."""
    for step in steps:
        if step.action:
            hidden = {part.at[0] for part in secret_places(step.arguments)}
            yield from (
                (f"{step.action}.{name}", value) for name, value in step.arguments.items() if name not in hidden and _is_choice(value)
            )


def _is_choice(value: Json) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST and "\n" not in value and not templates(value)
    return isinstance(value, (bool, int, float))


def _choices(state: State, key: str) -> Sequence[tuple[Json, datetime]]:
    """What is damaged is forgotten: it is learnt anew."""
    kept = state.get(key)
    found: list[tuple[Json, datetime]] = []
    for one in kept if isinstance(kept, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[1], str) and _is_choice(one[0]):
            try:
                at = datetime.fromisoformat(one[1])
            except ValueError:
                continue
            if at.tzinfo is not None:
                found.append((one[0], at))
    return found
