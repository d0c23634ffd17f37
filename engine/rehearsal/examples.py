"""Examples of what a rehearsal does not have: a value of a JSON Schema, an input of a form, an event bent to what is waited for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import Invalid
from engine.workflow.definition import Input, Json
from engine.workflow.expression import Condition, Expression, Missing

DEEPEST = 12  # schemas within schemas; beyond that null
MOST_ITEMS = 10
_FORMATS = {
    "date-time": "2026-11-23T09:00:00+00:00", "date": "2026-11-23", "time": "09:00:00Z", "duration": "PT1H", "email": "ada@example.org",
    "uri": "https://example.org", "uuid": "00000000-0000-4000-8000-000000000000", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "example.org",
}  # fmt: skip
_BY_TYPE: Mapping[str, Json] = {"string": "example", "number": 1.0, "integer": 1, "boolean": True}
_AND = re.compile(r"\s*&&\s*")
_EQUALS = re.compile(r"^(?P<left>.+?)\s*==\s*(?P<right>.+)$", re.S)
_PATH = re.compile(r"(?P<root>\w+)(?P<path>(?:\.\w+)+)")


def example_of(schema: Mapping[str, Any]) -> Json:
    """A value that fits ``schema`` as far as can be told without solving it: its own example or default, else one made of its parts."""
    return _value(schema, schema, 0)


def _value(schema: Any, root: Mapping[str, Any], depth: int) -> Json:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if "const" in schema:
        return schema["const"]  # type: ignore[no-any-return]
    for name in ("examples", "enum"):
        if isinstance(schema.get(name), list) and schema[name]:
            return schema[name][0]  # type: ignore[no-any-return]
    if "default" in schema:
        return schema["default"]  # type: ignore[no-any-return]
    if isinstance(schema.get("$ref"), str):
        return _value(_referred(schema["$ref"], root), root, depth + 1)
    for name in ("anyOf", "oneOf"):
        if isinstance(schema.get(name), list) and schema[name]:
            return _value({**schema[name][0], **{k: v for k, v in schema.items() if k != name}}, root, depth + 1)
    if isinstance(schema.get("allOf"), list):
        return _value(_together(schema), root, depth + 1)
    return _typed(_type(schema), schema, root, depth)


def _together(schema: Mapping[str, Any]) -> dict[str, Any]:
    whole = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema["allOf"]:
        if isinstance(part, Mapping):
            merged = {**part.get("properties", {}), **whole.get("properties", {})}
            required = [*part.get("required", []), *whole.get("required", [])]
            whole = {**part, **whole, **({"properties": merged} if merged else {}), **({"required": required} if required else {})}
    return whole


def _referred(ref: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in ref.removeprefix("#").strip("/").split("/") if ref.startswith("#") else ["…"]:
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) and part else found
    return found


def _type(schema: Mapping[str, Any]) -> str:
    said = schema.get("type")
    if isinstance(said, list):
        said = next((one for one in said if one != "null"), "null")
    if isinstance(said, str):
        return said
    hints = {"properties": "object", "required": "object", "items": "array", "minimum": "number", "maximum": "number", "pattern": "string"}
    return next((kind for name, kind in hints.items() if name in schema), "string")


def _typed(kind: str, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Json:
    if kind == "object":
        parts = schema.get("properties") if isinstance(schema.get("properties"), Mapping) else {}
        named = {name: _value(part, root, depth + 1) for name, part in parts.items()}  # type: ignore[union-attr]
        return named | {name: "example" for name in schema.get("required", []) if name not in named}
    if kind == "array":
        count = min(max(int(schema.get("minItems", 1)), 1), MOST_ITEMS, int(schema.get("maxItems", MOST_ITEMS)))
        return [_value(schema.get("items", {}), root, depth + 1) for _ in range(count)]
    if kind in ("number", "integer"):
        return _number(kind, schema)
    if kind == "string":
        text = _FORMATS.get(str(schema.get("format")), "example")
        return text.ljust(int(schema.get("minLength", 0)), "x")[: int(schema.get("maxLength", 10_000))]
    return _BY_TYPE.get(kind)


def _number(kind: str, schema: Mapping[str, Any]) -> Json:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + 1
    value = low if low is not None else min(1, high) if high is not None else 1
    step = schema.get("multipleOf")
    if step:
        value = -(-value // step) * step
    return int(value) if kind == "integer" else float(value)


def example_input(wanted: Input) -> Json:
    """Its default, else a word that says what it is."""
    if wanted.default is not None:
        return wanted.default
    if wanted.choices:
        return wanted.choices[0]
    return wanted.name if wanted.type == "string" else _BY_TYPE.get(wanted.type)


# --- events --------------------------------------------------------------------------------------------------------------


def bent(where: str, example: Mapping[str, Json], scope: Mapping[str, Any], root: str = "incoming") -> dict[str, Json]:
    """The example with the values that ``where`` asks of it (``incoming.card == steps.card.id``), so that what was made in the rehearsal is
    what the event is about. Conditions of another shape leave it as it is."""
    event = dict(example)
    for path, value in _asked(where, scope, root):
        _put(event, path, value)
    return event


def holds(where: str, event: Mapping[str, Json], scope: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the event is the one that is waited for, and why not."""
    return Condition.compile(where).explain({**scope, "incoming": dict(event)}) if where else (True, "")


def _asked(where: str, scope: Mapping[str, Any], root: str) -> Iterator[tuple[list[str], Json]]:
    for part in _AND.split(where):
        found = _EQUALS.match(part.strip())
        if found is None:
            continue
        for one, other in ((found["left"], found["right"]), (found["right"], found["left"])):
            path = _PATH.fullmatch(one.strip())
            if path is not None and path["root"] == root:
                yield from _worked_out(path["path"], other, scope)
                break


def _worked_out(path: str, text: str, scope: Mapping[str, Any]) -> Iterator[tuple[list[str], Json]]:
    try:
        value = Expression.compile(text).evaluate(scope)
    except Invalid:
        return
    if not isinstance(value, Missing):
        yield path.strip(".").split("."), value


def _put(event: dict[str, Json], path: list[str], value: Json) -> None:
    for name in path[:-1]:
        inner = event.get(name)
        event[name] = dict(inner) if isinstance(inner, dict) else {}
        event = event[name]  # type: ignore[assignment]
    event[path[-1]] = value
