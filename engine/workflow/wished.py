"""What somebody who waits for an event asks of it, as far as its condition says so plainly: for feeds that must know what to look at.

``event.metric == 'signups' && event.value < 100`` asks for the metric “signups” and a value below 100. Alternatives (``||``) are several wishes.
What a condition says otherwise is judged when the event is there, as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.workflow.definition import Definition, Json, Step, TriggerType, Wait
from engine.workflow.types_tree import Call, Index, Literal, Name, Select, Tree, Unread, tree_of

MOST = 16  # alternatives of one condition
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Bound:
    """``field`` must be ``sign`` (<, <=, > or >=) ``limit``."""

    field: str
    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return {"<": value < self.limit, "<=": value <= self.limit, ">": value > self.limit, ">=": value >= self.limit}[self.sign]


@dataclass(frozen=True, slots=True)
class Wished:
    """``equal``: fields of the event and the value each must have; ``bounds``: those that must lie on one side of a number."""

    equal: Mapping[str, Json] = field(default_factory=dict, hash=False)
    bounds: tuple[Bound, ...] = ()

    def bound(self, name: str) -> Bound | None:
        """The first bound of a field."""
        return next((bound for bound in self.bounds if bound.field == name), None)


def wished(definition: Definition) -> list[tuple[str, Wished]]:
    """("service.event", wish) of everything that the trigger and the waiting steps of a workflow wait for, each alternative by itself."""
    trigger, found = definition.trigger, []
    if trigger.type in (TriggerType.EVENT_BASED, TriggerType.CROSS_SERVICE):
        several = bool(trigger.all or trigger.sequence)  # then its condition is about all of them together
        found += [(name, wish) for name in trigger.events for wish in wishes_of("" if several else definition.when or "", "event")]
    for waits in _waits(definition.steps):
        found += [(waits.event, wish) for wish in wishes_of(waits.where, "incoming")]
    return found


def _waits(steps: tuple[Step, ...]) -> Iterator[Wait]:
    for step in steps:
        if isinstance(step.does, Wait) and step.does.event:
            yield step.does
        yield from _waits(tuple(step.inner))


@lru_cache(maxsize=1024)
def wishes_of(condition: str, root: str) -> tuple[Wished, ...]:
    """``root`` is what the condition calls the event. At least one: an empty wish takes whatever comes."""
    try:
        tree = tree_of(condition) if condition.strip() else None
    except Unread:
        tree = None
    alternatives = list(_alternatives(tree)) if tree is not None else [[]]
    return tuple(_wish(terms, root) for terms in alternatives[:MOST])


def _alternatives(tree: Tree) -> Iterator[list[Tree]]:
    """Each a list of terms that must all hold."""
    if isinstance(tree, Call) and tree.function == "||":
        for part in tree.arguments:
            yield from _alternatives(part)
    elif isinstance(tree, Call) and tree.function == "&&":
        combined: list[list[Tree]] = [[]]
        for part in tree.arguments:
            combined = [[*before, *more] for before in combined for more in _alternatives(part)][:MOST]
        yield from combined
    else:
        yield [tree]


def _wish(terms: list[Tree], root: str) -> Wished:
    equal: dict[str, Json] = {}
    bounds = []
    for term in terms:
        compared = _compared(term, root)
        if compared is None:
            continue
        name, sign, value = compared
        if sign == "==":
            equal.setdefault(name, value)
        elif sign in _TURNED and isinstance(value, int | float) and not isinstance(value, bool):
            bounds.append(Bound(name, sign, float(value)))
    return Wished(equal, tuple(bounds))


def _compared(term: Tree, root: str) -> tuple[str, str, Json] | None:
    """(field, sign, value) of a comparison of a field of the event with something written down."""
    if not isinstance(term, Call) or len(term.arguments) != 2 or term.of is not None:
        return None
    left, right = term.arguments
    if (name := _field(left, root)) and (value := _written(right)) is not None:
        return name, term.function, value.value
    if (name := _field(right, root)) and (value := _written(left)) is not None:
        return name, _TURNED.get(term.function, term.function), value.value
    return None


@dataclass(frozen=True, slots=True)
class _Value:
    value: Json


def _written(tree: Tree) -> _Value | None:
    if isinstance(tree, Literal) and not isinstance(tree.value, bytes):
        return _Value(tree.value)
    if isinstance(tree, Call) and len(tree.arguments) == 1 and tree.of is None:
        inner = _written(tree.arguments[0])
        if inner is None:
            return None
        if tree.function in ("-", "-1") and isinstance(inner.value, int | float):
            return _Value(-inner.value)
        if tree.function in ("double", "int") and isinstance(inner.value, int | float):
            return inner
    return None


def _field(tree: Tree, root: str) -> str:
    """``event.metric`` → metric; ``double(event.value)`` → value; empty for what is none."""
    if isinstance(tree, Call) and tree.function in ("double", "int") and len(tree.arguments) == 1 and tree.of is None:
        return _field(tree.arguments[0], root)
    if isinstance(tree, Select) and isinstance(tree.of, Name) and tree.of.name == root:
        return tree.name
    if isinstance(tree, Index) and isinstance(tree.of, Name) and tree.of.name == root and isinstance(tree.key, Literal):
        return str(tree.key.value)
    return ""
