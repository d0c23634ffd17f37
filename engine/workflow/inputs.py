"""The inputs of a run: what was given, held against what the trigger declares."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from engine.errors import Invalid, Problem
from engine.workflow.definition import Input, Json, Trigger

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})


def read_inputs(trigger: Trigger, given: Mapping[str, Json]) -> dict[str, Json]:
    """Defaults filled in, words of a chat read as the declared type. Raises Invalid with every problem.

    A trigger that declares no inputs takes whatever it is given.
    """
    if not trigger.inputs:
        return dict(given)
    problems: list[Problem] = []
    declared = {spec.name: spec for spec in trigger.inputs}
    for name in given.keys() - declared.keys():
        problems.append(Problem(f"there is no such input; this workflow takes {', '.join(declared)}", (name,)))
    values = {spec.name: _value(spec, given.get(spec.name), problems) for spec in trigger.inputs}
    if problems:
        raise Invalid("The run cannot start with these inputs.", problems)
    return values


def _value(spec: Input, given: Json, problems: list[Problem]) -> Json:
    if given is None:
        given = spec.default
    if given is None:
        if spec.required:
            problems.append(Problem(f"is needed ({spec.type})" + (f": {spec.help}" if spec.help else ""), (spec.name,)))
        return None
    try:
        value = _typed(spec.type, given)
    except ValueError:
        problems.append(Problem(f"“{str(given)[:80]}” is no {spec.type}", (spec.name,)))
        return None
    if spec.choices and value not in spec.choices:
        offered = ", ".join(str(one) for one in spec.choices)
        problems.append(Problem(f"“{str(value)[:80]}” is not among {offered}", (spec.name,)))
        return None
    return value


def _typed(kind: str, given: Json) -> Json:
    """Raises ValueError when ``given`` cannot be read as ``kind``."""
    if kind == "boolean":
        return _boolean(given)
    if kind in ("integer", "number"):
        if isinstance(given, bool) or not isinstance(given, (int, float, str)):
            raise ValueError(kind)
        number = float(given)
        if not isfinite(number):
            raise ValueError(kind)
        if kind == "number":
            return number
        if number != int(number):
            raise ValueError(kind)
        return int(number)
    if isinstance(given, (dict, list)):
        raise ValueError(kind)
    return given if isinstance(given, str) else str(given)


def _boolean(given: Json) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise ValueError("boolean")
