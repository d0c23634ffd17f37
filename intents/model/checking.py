"""No answer of a model is believed before it was checked here: its JSON, its size, its command, its values, and its workflow by the kernel's own parser."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from engine.errors import SignalboxError
from engine.workflow.catalogue import Catalogue
from engine.workflow.complete import complete
from engine.workflow.parse import parse_definition
from intents.merging import Reading
from intents.model.prompting import COMMANDS

LARGEST = 24_000  # characters of the object
DEEPEST = 12  # objects and lists inside each other
MOST_STEPS = 30
LONGEST_TEXT = 4_000  # characters of one string


def check(text: str, catalogue: Catalogue) -> Reading | str:
    """The model's answer as a Reading, or a sentence saying what does not fit."""
    found = extract(text)
    if found is None:
        return "there is no JSON object in it."
    command, arguments = found.get("command"), found.get("arguments")
    if command is None:
        return Reading(None, {}, 0.5)
    if not isinstance(command, str) or command not in COMMANDS:
        return f"there is no command “{str(command)[:60]}”."
    if not isinstance(arguments, dict):
        return "“arguments” must be an object."
    if problem := _too_much(arguments):
        return problem
    stray = sorted(key for key in arguments if key not in COMMANDS[command])
    if stray:
        return f"{command} takes no “{stray[0][:60]}”; it takes {', '.join(COMMANDS[command]) or 'nothing'}."
    given = {key: value for key, value in arguments.items() if value not in (None, "", [], {})}
    problem = _workflow_problem(given, catalogue) if command == "create_workflow" else _values_problem(given, catalogue)
    return problem or Reading(command, given, _sure(found.get("confidence")))


def shaped(text: str, validator: Draft202012Validator) -> bool:
    """Whether an answer is one JSON object of the schema, so that the way of asking is known to bring such."""
    found = extract(text)
    return found is not None and not _too_much(found) and validator.is_valid(found)


def extract(text: str) -> dict[str, Any] | None:
    """The first JSON object with a command in ``text``, fenced or amid prose; None when there is none or it is cut off."""
    for start in [match.start() for match in re.finditer(r"\{", text)][:20]:
        try:
            found, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "command" in found:
            return found
    return None


def _sure(said: Any) -> float:
    known = isinstance(said, (int, float)) and not isinstance(said, bool) and math.isfinite(said)
    return max(0.0, min(1.0, float(said))) if known else 0.5


def _too_much(value: Any) -> str:
    """Looked at without recursion, as far as the limits go."""
    level, size = [value], 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str) and len(one) > LONGEST_TEXT:
                return f"a text is longer than {LONGEST_TEXT:,} characters."
            size += len(one) if isinstance(one, str) else 8
            if isinstance(one, dict):
                size += sum(map(len, one))
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, float) and not math.isfinite(one):
                return "a number is not finite."
        if size > LARGEST:
            return f"it is larger than {LARGEST:,} characters."
        level = below
        if not level:
            return ""
    return f"it is nested deeper than {DEEPEST} levels."


def _workflow_problem(arguments: Mapping[str, Any], catalogue: Catalogue) -> str:
    workflow = arguments.get("workflow")
    if not isinstance(workflow, dict):
        return "“workflow” must be an object with trigger and steps."
    if isinstance(workflow.get("steps"), list) and len(workflow["steps"]) > MOST_STEPS:
        return f"a workflow may have at most {MOST_STEPS} steps here."
    try:
        parse_definition(complete({"name": "draft", **workflow}, catalogue), catalogue)
    except (SignalboxError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        return str(error)[:600] or "the workflow cannot be read."
    return ""


def _values_problem(arguments: Mapping[str, Any], catalogue: Catalogue) -> str:
    for key in ("service", "fallback"):
        if key in arguments and (not isinstance(arguments[key], str) or arguments[key] not in catalogue.services):
            return f"“{str(arguments[key])[:60]}” is no service id; use one of {', '.join(catalogue.services)}."
    for key in ("until", "start", "at"):
        if key in arguments and not _is_time(arguments[key]):
            return f"“{key}” must be an ISO 8601 time with offset."
    scalar = [key for key, value in arguments.items() if not isinstance(value, (str, int, float, bool)) and key not in ("inputs", "change")]
    return f"“{scalar[0]}” must be a single value." if scalar else ""


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False
