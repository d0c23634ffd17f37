"""The one door for raw definitions: mappings, YAML or JSON in, a checked Definition out, with every problem named in its place.

raw ─▶ shape (parse_*) ─▶ order, expressions, policies, catalogue (checks_*) ─▶ Definition ─▶ to_raw, to_yaml (writing)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import Invalid, Problem
from engine.workflow.catalogue import Catalogue
from engine.workflow.checks import faults
from engine.workflow.definition import SCHEMA, Definition, Json, Step, Trigger
from engine.workflow.durations import duration
from engine.workflow.order import effective_steps, start_condition
from engine.workflow.parse_ids import named
from engine.workflow.parse_policy import read_options
from engine.workflow.parse_step import Block, read_steps
from engine.workflow.parse_support import unsupported
from engine.workflow.parse_trigger import read_trigger
from engine.workflow.reading import MAX_PROBLEMS, Cursor, is_ident
from engine.workflow.schema_limits import MAX_DESCRIPTION, MAX_ENV, MAX_STEPS
from engine.workflow.schema_parts import WORKFLOW
from engine.workflow.title import title
from engine.workflow.writing import to_raw, to_yaml
from engine.workflow.yaml_text import read_yaml

__all__ = ["duration", "effective_steps", "parse_definition", "parse_yaml", "start_condition", "to_raw", "to_yaml", "unsupported"]


def parse_definition(raw: Mapping[str, Any], catalogue: Catalogue | None = None) -> Definition:
    """The definition of a mapping in the form of the parse contract.

    With a catalogue, services, events, actions and their inputs must exist and be connected. Raises Invalid with all problems (fifty at most).
    """
    cursor, block = Cursor(raw), Block()
    definition = _definition(cursor, block) if cursor.mapping("A workflow", WORKFLOW.fields) else None
    if definition is not None and len(cursor.problems) < MAX_PROBLEMS and not block.full:
        known = tuple(problem.path for problem in cursor.problems)
        for problem in faults(definition, catalogue):
            if not any(_follows(problem.path, path) for path in known):
                Cursor(None, problem.path, cursor.problems).problem(problem.message)
    if definition is None or cursor.problems:
        raise Invalid("This workflow cannot be used as it stands:", cursor.problems)
    return definition


def _follows(path: tuple[str | int, ...], known: tuple[str | int, ...]) -> bool:
    """Whether a fault may only be the echo of one of shape, at the same place, around it or within it."""
    shared = min(len(path), len(known))
    return path[:shared] == known[:shared]


def parse_yaml(text: str, catalogue: Catalogue | None = None) -> Definition:
    """As ``parse_definition``, of YAML or JSON text; every problem carries line and column."""
    document = read_yaml(text)
    try:
        return parse_definition(document.value, catalogue)  # type: ignore[arg-type]  # what is no mapping is one of the problems
    except Invalid as error:
        placed = [Problem(problem.message, problem.path, *document.place(problem.path)) for problem in error.problems]
        placed.sort(key=lambda problem: (problem.line, problem.column))
        raise Invalid(str(error).split("\n", 1)[0], placed) from error


# --- the parts ---------------------------------------------------------------------------------------------------------------


def _definition(cursor: Cursor, block: Block) -> Definition:
    trigger = read_trigger(cursor)
    inner = cursor.at("options")
    options = read_options(inner)
    steps = read_steps(cursor.at("steps"), "steps", block, required="A workflow needs at least one step: say what should be done.")
    rescue, last = (_extra(inner, name, block) for name in ("on_failure", "finally"))
    if block.full:
        cursor.problem(
            f"A workflow may have {MAX_STEPS:,} steps, nested ones included; this has more. Make workflows of its parts.", "steps"
        )
    steps, rescue, last = named(steps, rescue, last)
    _read_schema(cursor)
    return Definition(
        name=_title(cursor, trigger, steps),
        trigger=trigger,
        steps=steps,
        when=cursor.expression("when"),
        description=cursor.at("description").text("The description", MAX_DESCRIPTION) if cursor.has("description") else "",
        owner=cursor.at("owner").line("“owner”") if cursor.has("owner") else "",
        env=_env(cursor),
        options=replace(options, on_failure=rescue, finally_=last),
        places=cursor.pairs("places", "“places”"),
        home=cursor.at("home").line("“home”") if cursor.has("home") else "",
    )


def _extra(options: Cursor, name: str, block: Block) -> tuple[Step, ...]:
    return read_steps(options.at(name), name, block) if options.has(name) else ()


def _read_schema(cursor: Cursor) -> None:
    schema = cursor.at("schema").value if cursor.has("schema") else SCHEMA
    if schema != SCHEMA or isinstance(schema, (bool, float)):
        cursor.problem(
            f"This version reads schema {SCHEMA}; this is {str(schema)[:20]}. Update Signalbox, or write the workflow anew.", "schema"
        )


def _title(cursor: Cursor, trigger: Trigger, steps: tuple[Step, ...]) -> str:
    if not cursor.has("name"):
        return title(trigger, steps) if not cursor.problems else "Workflow"
    return cursor.at("name").named("The name") or "workflow"


def _env(cursor: Cursor) -> dict[str, Json]:
    inner = cursor.at("env")
    if not cursor.has("env"):
        return {}
    if not isinstance(inner.value, Mapping) or len(inner.value) > MAX_ENV:
        inner.problem(f"“env” must hold up to {MAX_ENV} constants, name: value.")
        return {}
    for name in inner.value:
        if not isinstance(name, str) or not is_ident(name):
            inner.problem(
                f"“{str(name)[:60]}” cannot name a constant: letters, digits and _ only, not beginning with a digit.", str(name)[:60]
            )
    value = inner.json("“env”")
    return value if isinstance(value, dict) else {}
