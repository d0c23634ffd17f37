"""Ids for steps that were given none: the name of what they do, numbered where that is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.workflow.definition import Case, ForEach, Parallel, Step, Switch, flat
from engine.workflow.order import APPROVAL


def default_ids(steps: Sequence[Step], said: Sequence[str]) -> list[str]:
    """An id for each step: the one that was said, else the name of its operation or construct, numbered where that is taken."""
    taken = {id for id in said if id} | {APPROVAL}
    last: dict[str, int] = {}
    ids = []
    for step, id in zip(steps, said, strict=True):
        ids.append(id or _free(_stem(step), taken, last))
        taken.add(ids[-1])
    return ids


def _stem(step: Step) -> str:
    return step.kind if step.does is not None else re.sub(r"\W", "_", step.operation or "step")


def _free(stem: str, taken: set[str], last: dict[str, int]) -> str:
    number, id = last.get(stem, 1), stem
    if number > 1:
        id = f"{stem[:58]}_{number}"
    while id in taken:
        number += 1
        id = f"{stem[:58]}_{number}"
    last[stem] = number
    return id


def named(*blocks: Sequence[Step]) -> tuple[tuple[Step, ...], ...]:
    """The blocks with an id for every step, nested ones included, each unique in all of them."""
    every = [step for block in blocks for step in flat(block)]
    ids = iter(default_ids(every, [step.id for step in every]))
    return tuple(_with_ids(block, ids) for block in blocks)


def _with_ids(steps: Sequence[Step], ids: Iterator[str]) -> tuple[Step, ...]:
    """In the order of ``flat``."""
    return tuple(_inside(replace(step, id=next(ids)), ids) for step in steps)


def _inside(step: Step, ids: Iterator[str]) -> Step:
    match step.does:
        case ForEach() as each:
            return replace(step, does=replace(each, steps=_with_ids(each.steps, ids)))
        case Parallel(branches=branches):
            made: Mapping[str, tuple[Step, ...]] = {name: _with_ids(steps, ids) for name, steps in branches.items()}
            return replace(step, does=Parallel(branches=made))
        case Switch(cases=cases, otherwise=otherwise):
            named_cases = tuple(Case(when=case.when, steps=_with_ids(case.steps, ids)) for case in cases)
            return replace(step, does=Switch(cases=named_cases, otherwise=_with_ids(otherwise, ids)))
    return step
