"""Which fields of its event a workflow reads: what somebody who runs it by hand must say."""

from __future__ import annotations

from collections.abc import Iterator

from engine.workflow.definition import Definition, Json, Step
from engine.workflow.expression import Expression, templates


def event_fields(definition: Definition) -> tuple[str, ...]:
    """The names behind ``event.`` in steps and their conditions, in order of appearance; a top-level ``when`` decides on events only."""
    return tuple(dict.fromkeys(name for step in definition.steps for name in _of_step(step)))


def _of_step(step: Step) -> Iterator[str]:
    for text in (*([step.when] if step.when else ()), *_expressions(list(step.arguments.values()))):
        for path in Expression.compile(text).references():
            if path[0] == "event" and len(path) > 1:
                yield path[1]


def _expressions(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from templates(value)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
