"""What is too large, too deep or meant to hurt is refused at once, in a sentence; the largest that is allowed works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import Invalid
from engine.workflow.order import effective_steps
from engine.workflow.outline import outline_of
from engine.workflow.parse import parse_definition, parse_yaml, to_raw, to_yaml
from engine.workflow.schema_limits import MAX_EXPRESSIONS, MAX_NESTED, MAX_STEPS, MAX_TEXT
from engine.workflow.yaml_text import MAX_BYTES
from tests.engine.workflow.house import CATALOGUE

POST: dict[str, Any] = {"action": "chat.post_message", "with": {"text": "x"}}
HEAD = "trigger: {type: manual}\nsteps:\n"


def of(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"trigger": {"type": "manual"}, "steps": steps, **more}


def refused(raw: Any) -> str:
    with pytest.raises(Invalid) as caught:
        parse_yaml(raw, CATALOGUE) if isinstance(raw, str) else parse_definition(raw, CATALOGUE)
    assert len(str(caught.value)) < 20_000
    return str(caught.value)


def within(inner: dict[str, Any], kind: str, depth: int) -> dict[str, Any]:
    for level in range(depth):
        inner = {
            "foreach": {"foreach": {"items": "event.rows", "as": f"row{level}", "steps": [inner]}},
            "parallel": {"parallel": {"one": [inner]}},
            "switch": {"switch": {"cases": [{"when": "event.a == 1", "steps": []}], "else": [inner]}},
        }[kind]
    return inner


def test_the_longest_allowed_definition_is_read_written_and_outlined() -> None:
    steps = [
        {"id": f"s{n}", "action": "chat.post_message", "with": {"text": f"{{{{event.a{n}}}}}"}, "when": f"steps.s{n - 1}.id != ''"}
        if n
        else {"id": "s0", **POST}
        for n in range(MAX_STEPS)
    ]
    definition = parse_definition(of(steps), CATALOGUE)
    assert len(effective_steps(definition)) == MAX_STEPS
    assert len(outline_of(definition, CATALOGUE).places) == MAX_STEPS
    assert parse_definition(to_raw(definition)) == definition
    assert len(to_yaml(definition)) < MAX_BYTES


@pytest.mark.parametrize(
    "raw",
    [
        of([POST] * 10_000),
        of([{"parallel": {f"b{branch}": [POST] * 40 for branch in range(25)}}] * 10),
        of([{"foreach": {"items": "event.rows", "steps": [POST] * 600}}], options={"finally": [POST] * 600}),
        HEAD + "- {action: a.b}\n" * 10_000,
    ],
    ids=["a-list", "branches", "parts-of-a-run", "yaml"],
)
def test_ten_thousand_steps_are_refused_with_how_many_may_be(raw: Any) -> None:
    assert "1,000" in refused(raw)


@pytest.mark.parametrize("kind", ["foreach", "parallel", "switch"])
def test_blocks_are_nested_as_deep_as_is_allowed_and_no_deeper(kind: str) -> None:
    deep = of([within(POST, kind, MAX_NESTED)])
    definition = parse_yaml(json.dumps(deep), CATALOGUE)
    assert parse_yaml(to_yaml(definition), CATALOGUE) == definition
    for depth in (MAX_NESTED + 1, 300):
        assert f"nested more than {MAX_NESTED} deep" in refused(of([within(POST, kind, depth)]))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (of([{"action": "chat.post_message", "with": {"text": "x" * 2**20}}]), f"has 1,048,576 characters; {MAX_TEXT:,} are allowed"),
        (HEAD + "  - {action: chat.post_message, with: {text: '" + "x" * 2**20 + "'}}", "larger than 256 KiB"),
        (of([POST], description="x" * 2**20), "2,000 are allowed"),
        (of([POST], env={f"a{n}": 1 for n in range(1_000)}), "up to 200 constants"),
        (of([{**POST, "needs": [f"s{n}" for n in range(2_000)]}]), "500 are allowed"),
        (of([{f"f{n}": 1 for n in range(10_000)}]), "A step has no field “f0”"),
        (of([{"parallel": {f"b{n}": [POST] for n in range(1_000)}}]), "50 are allowed"),
        (of([{"action": "http.request", "with": {"url": "x", "body": {f"k{n}": 1 for n in range(1_000)}}}]), "cannot be kept"),
        (of([{"action": "http.request", "with": {"url": "x", "body": 10**30}}]), "too large a number"),
        (HEAD + "  - {action: chat.post_message, retries: " + "9" * 250 + ", with: {text: x}}", "whole number from 0 to 20"),
        (HEAD + "  - {action: chat.post_message, timeout: 1e+400, with: {text: x}}", "no duration"),
        (HEAD + "  - {action: chat.post_message, timeout: " + "9" * 250 + ", with: {text: x}}", "no duration"),
        (HEAD + "  " + "- " * 2_000 + "x", "nested more than 80 deep"),
        (HEAD + "  - " + "[" * 5_000, "nested more than 80 deep"),
    ],
    ids=range(14),
)
def test_what_is_too_much_is_refused_in_a_sentence(raw: Any, said: str) -> None:
    assert said in refused(raw)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("event.a" + " && event.a" * 300, "2,000 are allowed"),
        ("(" * 100 + "1" + ")" * 100 + " == 1", "24 deep"),
        ("!" * 100 + "event.a", "24 deep"),
        ("event.a" + " ? true : event.a" * 60, "24 deep"),
        ("[" * 100 + "]" * 100 + " == []", "24 deep"),
        ("event.l.all(a, event.l.all(b, event.l.all(c, event.l.all(d, event.l.all(e, true)))))", "4 are allowed"),
        ("9" * 1_000 + " > 1", "not a valid expression"),
        ("event.a" + ".b" * 900 + " == 1", ""),
        ("1" + "+1" * 900 + " > 1", ""),
        ("event.a" + "[0]" * 600 + " == 1", ""),
        ("event.a.matches('" + "(a+)+" * 100 + "$')", ""),
        ("event.a.matches('(((a{900}){900}){900})')", "is no regular expression"),
    ],
    ids=range(12),
)
def test_expressions_that_are_meant_to_hurt_are_bounded(text: str, said: str) -> None:
    """Those with nothing ``said`` are long but harmless: they are taken."""
    raw = of([POST], when=text)
    if said:
        assert said in refused(raw)
    else:
        assert parse_definition(raw, CATALOGUE).when == text


def test_a_definition_holds_so_many_expressions_and_no_more() -> None:
    steps = [
        {"action": "chat.post_message", "with": {"text": "".join(f"{{{{event.a{n}_{m}}}}}" for m in range(1_000))}}
        for n in range(MAX_EXPRESSIONS // 1_000 + 1)
    ]
    assert f"more than {MAX_EXPRESSIONS:,} conditions and templates" in refused(of(steps))


def test_a_circle_of_a_thousand_steps_is_named_in_a_sentence_one_can_read() -> None:
    ring = [{"id": f"s{n}", **POST, "needs": [f"s{(n + 1) % MAX_STEPS}"]} for n in range(MAX_STEPS)]
    assert len(refused(of(ring))) < 500
