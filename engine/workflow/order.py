"""The order of a workflow's steps: what each waits for, the approval before the first, and conditions that read earlier steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from engine.errors import Invalid
from engine.workflow.definition import Definition, Step
from engine.workflow.expression import Expression

APPROVAL = "approval"  # id of the step that ``options.approval`` puts first


def effective_steps(definition: Definition) -> tuple[Step, ...]:
    """The steps as they are run: the approval first if one is asked for, every ``needs`` said, and the workflow's own ``when`` put to the
    steps behind those it reads (``steps.find.count < 10`` can only be decided once ``find`` is done; see ``start_condition``).
    """
    steps = _resolved(definition.steps)
    if definition.options.approval:
        gate = Step(
            id=APPROVAL,
            action="chat.ask_approval",
            arguments={"approver": definition.options.approval, "text": f"May “{definition.name}” go ahead?"},
            needs=(),
        )
        steps = (gate, *(replace(step, needs=step.needs or (APPROVAL,)) for step in steps))
    read = _steps_read(definition.when)
    if not read:
        return steps
    before = ancestors(steps)
    return tuple(replace(step, when=_both(definition.when, step.when)) if read <= before[step.id] else step for step in steps)


def start_condition(definition: Definition) -> str:
    """The condition that is decided before a run begins; empty when the workflow's ``when`` reads steps and so is decided on the way."""
    return "" if _steps_read(definition.when) else definition.when


def ancestors(steps: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Every step that is surely over when a step begins. ``needs`` must be resolved; raises Invalid, naming it, for a circle."""
    needs = {step.id: tuple(step.needs or ()) for step in steps}
    found: dict[str, frozenset[str]] = {}
    for id in sorted_or_invalid(needs):
        found[id] = frozenset(needs.get(id, ())).union(*(found[other] for other in needs.get(id, ())))
    return found


def sorted_or_invalid(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Ids in an order that keeps every need before its step. Raises Invalid naming the circle."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = list(reversed(error.args[1]))
        raise Invalid(f"The steps wait for each other in a circle: {' → '.join(circle)}.") from error


def resolved_needs(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    """``needs`` of each step; one that says nothing needs the step before it."""
    before: list[tuple[str, ...]] = [(), *((step.id,) for step in steps)]
    return [before[index] if step.needs is None else step.needs for index, step in enumerate(steps)]


def _resolved(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(replace(step, needs=needs) for step, needs in zip(steps, resolved_needs(steps), strict=True))


def _steps_read(when: str) -> frozenset[str]:
    if "steps" not in when:
        return frozenset()
    return frozenset(path[1] for path in Expression.compile(when).references() if path[0] == "steps" and len(path) > 1)


def _both(first: str, second: str) -> str:
    return f"({first}) && ({second})" if second else first
