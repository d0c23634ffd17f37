"""What the second reader thinks, and whether it agrees with the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from engine.ports import Understood

FLOOR = 0.5  # a view less sure than this is no view


@dataclass(frozen=True, slots=True)
class Guess:
    """A name and how likely it is, 0..1."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Example:
    """What was said here and confirmed. ``trigger``: "service.event", a kind of trigger, or ""; ``actions``: ids of the catalogue."""

    text: str
    command: str | None
    trigger: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An example and how alike it is (cosine, 0..1)."""

    example: Example
    likeness: float


@dataclass(frozen=True, slots=True)
class View:
    """``command`` None: not for us; ``probability`` is of the command. ``trigger`` and ``actions`` are there for ``create_workflow`` alone.

    A trigger's name is "service.event", "scheduled", "cross_service", "ai_predicted" or "manual".
    """

    command: str | None
    probability: float
    trigger: Guess | None = None
    actions: tuple[Guess, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


class Agreement(Enum):
    """SAME: both read the same. DIFFERS: this reader is sure of something else. UNSURE: it cannot say."""

    SAME = "same"
    DIFFERS = "differs"
    UNSURE = "unsure"


def agrees(view: View, understood: Understood) -> Agreement:
    """The command first; for a workflow its trigger and the set of its actions, too. One sure difference is DIFFERS; SAME needs all of them alike.

    What this reader holds less likely than FLOOR neither agrees nor differs. A trigger or actions that the first reader left open (it asks) are
    not compared. A workflow that starts another by name is one request with the running of it.
    """
    if view.probability < FLOOR:
        return Agreement.UNSURE
    if view.command != understood.command:
        return Agreement.DIFFERS
    if understood.command != "create_workflow":
        return Agreement.SAME
    trigger, actions = read_by_first(understood)
    found: list[tuple[bool, float]] = []
    if trigger and view.trigger is not None:
        found.append((view.trigger.name == trigger, view.trigger.probability))
    if actions:
        least = min((guess.probability for guess in view.actions), default=0.0)
        found.append(({guess.name for guess in view.actions} == actions, least))
    if any(not same and sure >= FLOOR for same, sure in found):
        return Agreement.DIFFERS
    return Agreement.SAME if all(same for same, _ in found) else Agreement.UNSURE


def read_by_first(understood: Understood) -> tuple[str, frozenset[str]]:
    """The trigger and the actions of an understood workflow, in the words of a View; "" and nothing where it has none."""
    workflow = understood.arguments.get("workflow")
    return parts_of_workflow(workflow) if isinstance(workflow, Mapping) else ("", frozenset())


def parts_of_workflow(workflow: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    trigger = workflow.get("trigger") or {}
    kind = str(trigger.get("type", ""))
    if kind == "event_based":
        kind = f"{trigger.get('service', '')}.{trigger.get('event', '')}"
    return kind, frozenset(str(step.get("action", "")) for step in workflow.get("steps") or ())
