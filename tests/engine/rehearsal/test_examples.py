"""Examples: a value fits the schema it is made for, an event is bent to what is waited for."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from engine.rehearsal.examples import bent, example_input, example_of, holds
from engine.workflow.definition import Input

SCHEMAS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "minLength": 12, "maxLength": 14},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 5, "multipleOf": 4},
    {"type": "number", "exclusiveMinimum": 2},
    {"type": "integer", "maximum": -3},
    {"type": "boolean"},
    {"type": ["null", "string"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3},
    {"type": "array", "items": {"type": "string"}, "maxItems": 0},
    {"enum": ["bug", "feature"]},
    {"const": 4},
    {"type": "string", "default": "x"},
    {"type": "string", "examples": ["y"]},
    {"type": "object", "properties": {"kind": {"enum": ["a"]}, "score": {"type": "number"}}, "required": ["kind", "score"]},
    {"type": "object", "required": ["free"]},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"type": "null"}]},
    {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}]},
    {"$ref": "#/$defs/thing", "$defs": {"thing": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}},
    {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
        "$defs": {"item": {"type": "string"}},
    },
    {"properties": {"a": {"type": "string"}}},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_an_example_fits_its_schema(schema: dict[str, Any]) -> None:
    jsonschema.validate(example_of(schema), schema)


def test_a_schema_that_holds_itself_ends() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert isinstance(example_of(schema), dict)


def test_an_input_is_its_default_or_says_what_it_is() -> None:
    assert example_input(Input("version")) == "version"
    assert example_input(Input("count", type="integer", default=3)) == 3
    assert example_input(Input("count", type="integer")) == 1
    assert example_input(Input("dry", type="boolean")) is True


@pytest.mark.parametrize(
    ("where", "event"),
    [
        ("incoming.card == steps.card.output.id", {"card": "c9", "title": "t"}),
        ("steps.card.output.id == incoming.card && incoming.list == 'Done'", {"card": "c9", "title": "t", "list": "Done"}),
        ("incoming.pull.number == 7", {"card": "c1", "title": "t", "pull": {"number": 7}}),
        ("incoming.title != ''", {"card": "c1", "title": "t"}),
        ("incoming.card == steps.nowhere.id", {"card": "c1", "title": "t"}),
        ("", {"card": "c1", "title": "t"}),
    ],
)
def test_an_event_is_bent_to_what_its_condition_asks_and_otherwise_left_alone(where: str, event: dict[str, Any]) -> None:
    scope = {"steps": {"card": {"output": {"id": "c9"}, "state": "succeeded"}}}
    assert bent(where, {"card": "c1", "title": "t"}, scope) == event


def test_whether_an_event_is_the_one_is_said_with_the_reason() -> None:
    assert holds("", {}, {}) == (True, "")
    assert holds("incoming.a == 1", {"a": 1}, {})[0]
    holding, why = holds("incoming.a == 1", {"a": 2}, {})
    assert not holding
    assert "incoming.a == 1" in why
