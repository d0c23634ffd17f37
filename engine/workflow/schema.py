"""The one JSON Schema (2020-12) of definitions, made of the same parts that the parser takes.

Whatever the parser accepts is valid under it. It knows shapes, not meanings: that a step exists, a field is spelt right or an expression
compiles is the parser's to say.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from engine.workflow.definition import SCHEMA
from engine.workflow.schema_parts import ACTION_ONLY, ASKING, ASKING_ONLY, CONSTRUCTS, PARTS
from engine.workflow.schema_shapes import Schema, said
from engine.workflow.schema_triggers import TRIGGERS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = f"urn:signalbox:workflow:{SCHEMA}"


@cache
def json_schema() -> dict[str, Any]:
    """Of one definition. Not to be changed by whoever gets it."""
    parts = {name: part.schema() for name, part in PARTS.items()}
    whole = parts.pop("workflow")
    parts["step"] = _step(parts["step"])
    parts["wait"] = _wait(parts["wait"])
    parts["approve"] = _together(parts["approve"], {"on_expiry": "expires"})
    parts["trigger"] = {
        "title": "Trigger",
        "description": "What starts a run.",
        "oneOf": [{"$ref": f"#/$defs/{part.name}"} for part in TRIGGERS.values()],
    }
    return {"$schema": DIALECT, "$id": ID, **whole, "$defs": dict(sorted(parts.items()))}


def _step(step: Schema) -> Schema:
    """What belongs to an action or to an asking step stands with no other."""
    others = [name for name in CONSTRUCTS if name not in ASKING]
    rules = [_not_both(name, CONSTRUCTS) for name in ACTION_ONLY] + [_not_both(name, others) for name in ASKING_ONLY]
    return {**step, "allOf": [*step["allOf"], *rules]}


def _not_both(name: str, others: tuple[str, ...] | list[str]) -> Schema:
    return {"if": said(name), "then": {"not": {"anyOf": [said(other) for other in others]}}}


def _wait(wait: Schema) -> Schema:
    rules = [{"if": said(name), "then": said("event")} for name in ("where", "timeout", "on_timeout")]
    return _together({**wait, "allOf": [*wait["allOf"], *rules]}, {"on_timeout": "timeout"})


def _together(part: Schema, pairs: dict[str, str]) -> Schema:
    """A field that only makes sense with another."""
    rules = [{"if": said(name), "then": said(other)} for name, other in pairs.items()]
    return {**part, "allOf": [*part.get("allOf", []), *rules]}
