"""Ids, needs and the order of steps, in every block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.errors import Invalid, Problem
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Definition, ForEach, Parallel, Step, Switch
from engine.workflow.order import APPROVAL, resolved_needs, sorted_or_invalid
from engine.workflow.types_infer import cut

Path = tuple[str | int, ...]


def blocks(definition: Definition) -> Iterator[tuple[Sequence[Step], Path]]:
    """Every block of steps with the path to it, outer ones first."""
    options = definition.options
    tops = ((definition.steps, ("steps",)), (options.on_failure, ("options", "on_failure")), (options.finally_, ("options", "finally")))
    for steps, path in tops:
        yield from _within(steps, path)


def _within(steps: Sequence[Step], path: Path) -> Iterator[tuple[Sequence[Step], Path]]:
    yield steps, path
    for index, step in enumerate(steps):
        for inner, place in _inner(step, (*path, index)):
            yield from _within(inner, place)


def _inner(step: Step, path: Path) -> Iterator[tuple[Sequence[Step], Path]]:
    match step.does:
        case ForEach(steps=steps):
            yield steps, (*path, "foreach", "steps")
        case Parallel(branches=branches):
            for name, branch in branches.items():
                yield branch, (*path, "parallel", name)
        case Switch(cases=cases, otherwise=otherwise):
            for index, case in enumerate(cases):
                yield case.steps, (*path, "switch", "cases", index, "steps")
            yield otherwise, (*path, "switch", "else")


def placed(definition: Definition) -> Iterator[tuple[Step, Path]]:
    """Every step with the path to it."""
    for steps, path in blocks(definition):
        for index, step in enumerate(steps):
            yield step, (*path, index)


def beside(definition: Definition) -> Mapping[str, Path]:
    """Each step's block."""
    return {step.id: path for steps, path in blocks(definition) for step in steps}


def ordered(steps: Sequence[Step]) -> tuple[list[int], list[tuple[str, ...]]]:
    """Places in an order that keeps needs before their steps, and the needs of each; as written where they go in a circle."""
    needs = resolved_needs(steps)
    places = {step.id: index for index, step in enumerate(steps)}
    try:
        found = sorted_or_invalid({step.id: needs[index] for index, step in enumerate(steps)})
    except Invalid:
        return list(range(len(steps))), needs
    return [places[id] for id in found if id in places], needs


def order_faults(definition: Definition) -> Iterator[Problem]:
    yield from _unique(definition)
    elsewhere = beside(definition)
    for steps, path in blocks(definition):
        yield from _needs(steps, path, elsewhere)


def _unique(definition: Definition) -> Iterator[Problem]:
    seen: set[str] = {APPROVAL} if definition.options.approval else set()
    for step, path in placed(definition):
        if step.id in seen:
            taken = "the approval before the first step" if step.id == APPROVAL and definition.options.approval else "another step"
            yield Problem(f"The id “{step.id}” belongs to {taken} already.", (*path, "id"))
        seen.add(step.id)


def _needs(steps: Sequence[Step], path: Path, elsewhere: Mapping[str, Path]) -> Iterator[Problem]:
    ids = {step.id for step in steps}
    graph: dict[str, list[str]] = {}
    for index, (step, needs) in enumerate(zip(steps, resolved_needs(steps), strict=True)):
        for name in needs:
            if name not in ids:
                hint = " It stands in another block." if name in elsewhere else did_you_mean(name, ids)
                yield Problem(f"Step “{step.id}” needs “{name[:60]}”, which is no step beside it.{hint}", (*path, index, "needs"))
        graph.setdefault(step.id, []).extend(name for name in needs if name in ids)
    if len(ids) < len(steps):
        return  # an id said twice was named above; which of the two is meant decides nothing here
    try:
        sorted_or_invalid(graph)
    except Invalid as error:
        yield Problem(cut(str(error), 300), path)
