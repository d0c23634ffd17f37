"""Which fields of its event a workflow reads: what somebody who runs it by hand must say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import Invalid
from engine.workflow.definition import Definition, ForEach, Step
from engine.workflow.expression import Expression
from engine.workflow.reads import expressions_of

INDEX = "index"


def event_fields(definition: Definition) -> tuple[str, ...]:
    """The names behind ``event.`` in the main steps and those within them, in order of appearance; a top-level ``when`` decides on events only."""
    return tuple(dict.fromkeys(_of_steps(definition.steps, ())))


def _of_steps(steps: Iterable[Step], names: tuple[str, ...]) -> Iterator[str]:
    """``names``: what the foreach blocks around call their entries."""
    for step in steps:
        yield from (name for text in expressions_of(step) for name in _of_expression(text, names))
        inner = (*names, step.does.name, INDEX) if isinstance(step.does, ForEach) else names
        yield from _of_steps(step.inner, inner)


def _of_expression(text: str, names: tuple[str, ...]) -> Iterator[str]:
    if "event" not in text:
        return
    try:
        paths = Expression.compile(text.strip(), names).references()
    except Invalid:
        return  # refused at the door; what was stored long ago is none of this question's business
    yield from (path[1] for path in paths if path[0] == "event" and len(path) > 1)
