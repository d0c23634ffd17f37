"""The shapes of values in a definition: each as JSON Schema with the words that people call it by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.workflow.schema_limits import DOTTED, IDENT, MAX_STEPS, MAX_TEXT, SERVICE

Schema: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class Shape:
    """``words`` name it in tables; ``bounds`` say what else it must keep."""

    schema: Schema
    words: str
    bounds: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a part of the language. ``default`` in words, for tables."""

    name: str
    shape: Shape
    help: str
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A group of fields. ``one_of``: exactly one of each of these sets must be said; ``with_``: a field → others it may only stand with."""

    name: str
    title: str
    help: str
    entries: tuple[Entry, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.entries)

    def schema(self) -> Schema:
        """Closed; a field that is left empty counts as not said."""
        made: Schema = {"type": "object", "title": self.title, "description": self.help, "additionalProperties": False}
        made["properties"] = {entry.name: _property(entry) for entry in self.entries}
        needed = [entry.name for entry in self.entries if entry.required]
        if needed:
            made["required"] = needed
        if self.one_of:
            made["allOf"] = [{"oneOf": [said(name) for name in names]} for names in self.one_of]
        return made


def said(*names: str) -> Schema:
    """These fields are there and not empty."""
    return {"required": list(names), "properties": {name: {"not": {"type": "null"}} for name in names}}


def _property(entry: Entry) -> Schema:
    about = {"description": entry.help} | ({"default": entry.shape.schema["default"]} if "default" in entry.shape.schema else {})
    inner = {key: value for key, value in entry.shape.schema.items() if key != "default"}
    return {**about, **(inner if entry.required else or_empty(inner))}


def or_empty(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    if isinstance(schema.get("type"), list):
        return {**schema, "type": [*schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


# --- values ------------------------------------------------------------------------------------------------------------------

NUMBERED = 2**63


def line(longest: int = 120, words: str = "text") -> Shape:
    return Shape({"type": "string", "maxLength": longest, "pattern": r"^[^\n\r\t\u2028\u2029]*$"}, words, f"one line, {longest} characters")


def named(longest: int = 120, pattern: str = r"^(?=.*\S)[^\n\r\t\u2028\u2029]*$", words: str = "text") -> Shape:
    """A line that is not empty."""
    return Shape({"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern}, words)


def text(longest: int, words: str = "text", bounds: str = "") -> Shape:
    return Shape({"type": "string", "maxLength": longest}, words, bounds or f"{longest:,} characters")


def filled(longest: int, words: str = "text") -> Shape:
    """Text that is not empty."""
    return Shape({"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}, words, f"{longest:,} characters")


def cel(longest: int, words: str = "CEL", *, needed: bool = False) -> Shape:
    return Shape({"type": "string", "maxLength": longest} | ({"pattern": r"\S"} if needed else {}), words)


def whole(low: int, high: int, default: int | None = None) -> Shape:
    made: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return Shape(made | ({} if default is None else {"default": default}), "whole number", f"{low:,} to {high:,}")


def yes_or_no(default: bool | None = None) -> Shape:
    return Shape({"type": "boolean"} | ({} if default is None else {"default": default}), "true or false")


def choice(names: Iterable[str], default: str = "") -> Shape:
    found = [str(name) for name in names]
    return Shape({"enum": found} | ({"default": str(default)} if default else {}), ", ".join(f"`{name}`" for name in found))


# Seconds, ISO 8601, or a number with a unit; what it comes to is judged by the parser.
DURATION = r"^\s*([0-9]+(\.[0-9]+)?|([0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*)+|[Pp][0-9A-Za-z.]+)\s*$"


def duration(bounds: str) -> Shape:
    return Shape({"type": ["string", "number"], "pattern": DURATION, "maxLength": 60, "minimum": 0}, "duration", bounds)


def moment(*, days: bool = False) -> Shape:
    """ISO 8601; ``days``: a date alone will do."""
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}" if days else r"^[0-9]{4}"
    return Shape({"type": "string", "maxLength": 60, "pattern": pattern}, "date or moment" if days else "moment")


def anything(words: str = "any value") -> Shape:
    return Shape({}, words)


def group_of(inner: Schema, words: str, most: int, least: int = 0, names: str = "") -> Shape:
    made: Schema = {"type": "object", "additionalProperties": inner, "maxProperties": most}
    if least:
        made["minProperties"] = least
    if names:
        made["propertyNames"] = {"pattern": names}
    return Shape(made, words)


def list_of(inner: Shape, words: str, most: int, least: int = 0) -> Shape:
    made: Schema = {"type": "array", "items": inner.schema, "maxItems": most}
    return Shape(made | ({"minItems": least} if least else {}), words)


def one_or_more(inner: Shape, words: str, most: int, least: int = 0) -> Shape:
    """A list, or for one entry the entry itself."""
    several = list_of(inner, words, most, least).schema | {"uniqueItems": True}
    return Shape({"anyOf": [several, inner.schema] if least < 2 else [several]}, words)


def part(name: str, words: str) -> Shape:
    return Shape({"$ref": f"#/$defs/{name}"}, words)


def steps(least: int = 0) -> Shape:
    made: Schema = {"type": "array", "items": {"$ref": "#/$defs/step"}, "maxItems": MAX_STEPS}
    return Shape(made | ({"minItems": least} if least else {}), "steps")


def any_of(words: str, *shapes: Shape) -> Shape:
    return Shape({"anyOf": [shape.schema for shape in shapes]}, words)


# --- those that many fields share ----------------------------------------------------------------------------------------------

CEL = cel(MAX_TEXT)
TEMPLATE = text(MAX_TEXT, "template")
NAME = named(64, IDENT, "name")
SERVICE_ID = named(64, SERVICE, "service")
EVENT_ID = named(130, DOTTED, "`service.event`")
ACTION_ID = named(130, DOTTED, "`service.action`")
WAITING = duration("1 s to a year")
