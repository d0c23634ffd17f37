"""Which steps a step's expressions speak of, so that they are shown those and not all there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.workflow.definition import Approve, AskModel, ForEach, SetValues, Step, SubRun, Switch, Wait

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.S)
_STEPS = re.compile(r"(?<![\w.])steps\b(?:\s*\.\s*([A-Za-z_]\w*)|\s*\[\s*['\"](\w+)['\"]\s*\])?")


def reads_of(step: Step) -> frozenset[str] | None:
    """Ids, perhaps more than are really read; None where it can be any step."""
    found: set[str] = set()
    for text in expressions_of(step):
        for match in _STEPS.finditer(text):
            id = match[1] or match[2]
            if not id:
                return None
            found.add(id)
    return frozenset(found)


def expressions_of(step: Step) -> Iterator[str]:
    """Every condition, key and template of a step; not of the steps within it, nor of what undoes it."""
    yield step.when
    yield from _does(step)
    for holder in (step.arguments, step.fallback and step.fallback.arguments, step.idempotency_key):
        yield from _holes(holder)
    if step.cache is not None:
        yield step.cache.key


def _does(step: Step) -> Iterator[str]:
    match step.does:
        case ForEach(items=items):
            yield items
        case Switch(cases=cases):
            yield from (case.when for case in cases)
        case Wait(until=until, where=where):
            yield where
            yield from _holes(until)
        case Approve(by=by, text=text, channel=channel):
            yield from _holes([*by, text, channel])
        case SubRun(workflow=workflow, inputs=inputs):
            yield from _holes([workflow, dict(inputs)])
        case SetValues(values=values):
            yield from _holes(values)
        case AskModel(prompt=prompt):
            yield from _holes(prompt)


def _holes(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (match[1] for match in _HOLE.finditer(value))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _holes(key)
            yield from _holes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _holes(part)
