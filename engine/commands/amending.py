"""Changes to a failed run before it is retried: what was typed into a form or behind a command, read as the types it had."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.commands.command import Amendable, RunShown
from engine.errors import Invalid, Problem
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Json
from engine.workflow.inputs import FALSE, TRUE

INPUTS = "inputs"
Values = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Amended:
    """Only what differs from before. ``inputs`` are those of the whole run, changed ones put in, {} when none was changed."""

    inputs: Mapping[str, Json]
    arguments: Mapping[str, Mapping[str, Json]]


def text_of(value: Json) -> str:
    """A value as a form shows it; ``typed`` reads it back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(value)


def typed(text: str, before: Json) -> Json:
    """What was typed, as the type of what stood there. Raises ValueError with what is expected."""
    if isinstance(before, bool):
        return _boolean(text)
    if isinstance(before, int):
        return _number(text, int)
    if isinstance(before, float):
        return _number(text, float)
    if isinstance(before, (dict, list)):
        return _structured(text, before)
    return None if before is None and not text.strip() else text


def _boolean(text: str) -> bool:
    word = text.strip().casefold()
    if word not in TRUE | FALSE:
        raise ValueError("say true or false")
    return word in TRUE


def _number(text: str, kind: type[int] | type[float]) -> Json:
    try:
        return kind(text.strip())
    except ValueError:
        raise ValueError("a whole number is needed" if kind is int else "a number is needed") from None


def _structured(text: str, before: Json) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON; keep its brackets and quotes") from None
    if type(value) is not type(before):
        raise ValueError("a JSON list is needed" if isinstance(before, list) else "a JSON object is needed")
    return value


def amended(shown: RunShown, changes: Mapping[str, Any], inputs: Mapping[str, Any], arguments: Mapping[str, Any]) -> Amended:
    """Raises Invalid with every fault, each at the name it was typed under."""
    problems: list[Problem] = []
    given_inputs: Values = dict(inputs)
    given: dict[str, Values] = _by_step(shown, arguments, problems)
    for name, value in changes.items():
        try:
            _take(shown, name, value, given_inputs, given)
        except ValueError as error:
            problems.append(Problem(str(error), (name,)))
    if problems:
        raise Invalid("The run was not retried.", problems)
    changed = {step: _changed(shown, step, values) for step, values in given.items()}
    new = {name: value for name, value in given_inputs.items() if name not in shown.inputs or shown.inputs[name] != value}
    return Amended({**shown.inputs, **new} if new else {}, {step: values for step, values in changed.items() if values})


def _by_step(shown: RunShown, arguments: Mapping[str, Any], problems: list[Problem]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for step, values in arguments.items():
        if all(step != one.step for one in shown.amendable):
            problems.append(Problem(_no_such(step, [one.step for one in shown.amendable]), ("arguments", step)))
        elif not isinstance(values, Mapping):
            problems.append(Problem("arguments by name are needed here", ("arguments", step)))
        else:
            found[step] = dict(values)
    return found


def _take(shown: RunShown, name: str, value: Any, inputs: Values, given: dict[str, Values]) -> None:
    """Raises ValueError with the reason."""
    head, _, last = name.rpartition(".")
    if head == INPUTS:
        if last not in shown.inputs:
            raise ValueError(f"this run has no input “{last[:60]}”." + did_you_mean(last, list(shown.inputs)))
        inputs[last] = _read(value, shown.inputs[last])
        return
    one = _which(shown, head, last)
    if last in one.fixed:
        if value == text_of(one.arguments.get(last)):
            return
        raise ValueError("it holds a secret and can only be changed in the workflow itself")
    given.setdefault(one.step, {})[last] = _read(value, one.arguments.get(last))


def _read(value: Any, before: Json) -> Json:
    return typed(value, before) if isinstance(value, str) else value


def _which(shown: RunShown, step: str, argument: str) -> Amendable:
    """The failed step that a change is about; the one that has such an argument where none is said."""
    if step:
        named = [one for one in shown.amendable if one.step == step]
        if not named:
            raise ValueError(_no_such(step, [one.step for one in shown.amendable]))
        return named[0]
    having = [one for one in shown.amendable if argument in one.arguments] or list(shown.amendable)
    if len(having) == 1:
        return having[0]
    if not having:
        raise ValueError("no failed step of this run can be asked with something else")
    raise ValueError(f"say of which step: {listed((f'{one.step}.{argument}=…' for one in having[:4]), 'or')}")


def _no_such(step: str, failed: list[str]) -> str:
    there = f"; failed: {listed(failed[:8])}" if failed else "; no failed ask can be changed"
    return f"“{step[:60]}” is no failed step of this run{there}.{did_you_mean(step, failed)}"


def _changed(shown: RunShown, step: str, values: Values) -> Values:
    before = next(one.arguments for one in shown.amendable if one.step == step)
    return {
        name: value
        for name, value in values.items()
        if name not in before or before[name] != value or type(before[name]) is not type(value)
    }
