"""Expressions are held against what is declared: what can never work is refused, and what passes never fails by kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workflow.catalogue import Action, Catalogue, EventSpec, Field, Service
from engine.workflow.expression import Expression, Missing
from engine.workflow.parse import parse_definition
from engine.workflow.types import BOOLEAN, DOUBLE, INTEGER, SPAN, TEXT, TIME, Type, chosen, group, list_of, of_schema
from engine.workflow.types_infer import Inference
from engine.workflow.types_tree import Unread, tree_of

ROW = group({"name": TEXT, "size": INTEGER})
EVENT = group(
    {"n": INTEGER, "f": DOUBLE, "s": TEXT, "b": BOOLEAN, "names": list_of(TEXT), "numbers": list_of(INTEGER), "rows": list_of(ROW),
     "level": chosen(["low", "high"]), "who": group({"name": TEXT, "age": INTEGER})},
    owner="the event",
)  # fmt: skip
VALUE: dict[str, Any] = {
    "n": 5, "f": 2.5, "s": "abc", "b": True, "names": ["x", "y"], "numbers": [1, 2, 3], "rows": [{"name": "r", "size": 7}],
    "level": "low", "who": {"name": "Ada", "age": 36},
}  # fmt: skip


def inferred(text: str) -> tuple[Type, list[str]]:
    inference = Inference({"event": EVENT})
    return inference.of(text), inference.faults


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("event.n + 1", INTEGER),
        ("event.f * 2.0", DOUBLE),
        ("event.s + 'x'", TEXT),
        ("event.n > 3 && !event.b", BOOLEAN),
        ("event.names[0]", TEXT),
        ("event['who']['age']", INTEGER),
        ("event.rows.map(r, r.size)", list_of(INTEGER)),
        ("event.rows.filter(r, r.size > 3)", list_of(ROW)),
        ("event.rows.exists(r, r.name == 'x')", BOOLEAN),
        ("event.numbers + [4]", list_of(INTEGER)),
        ("event.b ? 'yes' : event.s", TEXT),
        ("size(event.names) - 1", INTEGER),
        ("timestamp(event.s)", TIME),
        ("timestamp(event.s) - timestamp(event.s)", SPAN),
        ("timestamp(event.s) + duration('1h')", TIME),
        ("int(event.s) == event.n", BOOLEAN),
        ("{'a': event.n}.a", INTEGER),
        ("event.who.name.startsWith('A')", BOOLEAN),
    ],
)
def test_an_expression_has_the_type_of_what_it_gives(text: str, found: Type) -> None:
    assert inferred(text) == (found, [])


@pytest.mark.parametrize(
    "text",
    [
        "has(event.s) && event.who != null",
        "event.n == 5.0 || event.f > 2",
        "dyn(event.s) == 5",
        "event.level in ['low', 'high']",
        "'name' in event.who",
        "'x' in event.names",
        "event.s.matches('^a.*z$')",
        "event.n == null",
        "-event.n < 0",
        "timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026",
        "event.rows.all(r, event.rows.exists(q, q.size == r.size))",
    ],
)
def test_what_fits_is_left_alone(text: str) -> None:
    assert inferred(text)[1] == []


# --- soundness: what passes never fails by kind --------------------------------------------------------------------------------

_ATOMS = ["event.n", "event.f", "event.s", "event.b", "event.names", "event.numbers", "event.rows", "event.level", "event.who", "event.who.age", "1", "2.5", "'low'", "'x'", "true", "[1, 2]", "['a']"]  # fmt: skip
expressions = st.recursive(
    st.sampled_from(_ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">=", "&&", "||", "+", "-", "in"]), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map("!({})".format),
        inner.map("size({})".format),
        inner.map("string({})".format),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}).exists(i, i == {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}).map(i, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]}).contains({parts[1]})"),
        inner.map("({}).filter(i, size(i) > 0)".format),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150)
@given(expressions)
def test_what_passes_the_check_never_fails_by_kind_over_values_of_those_kinds(text: str) -> None:
    try:
        expression = Expression.compile(text)
    except Invalid:
        return  # too deep, or too many loops
    found, faults = inferred(text)
    if faults:
        return
    try:
        value = expression.evaluate({"event": VALUE})
    except Invalid as error:
        value = error
    if isinstance(value, Invalid):
        assert _mixed(text) or "too long" in str(value), (text, str(value))
        return
    assert not isinstance(value, Missing)
    names = {bool: "BOOLEAN", int: "INTEGER", float: "DOUBLE", str: "TEXT", list: "LIST", dict: "GROUP", timedelta: "SPAN"}
    assert found.kind.name in ("ANY", "NUMBER", names[type(value)]), (text, value, found)


def _mixed(text: str) -> bool:
    """Branches or entries of several kinds: what comes out is not known, and so not held against anything."""
    return "?" in text or " + " in text or ".map(" in text


@given(st.text(max_size=60) | expressions)
def test_any_text_is_read_into_a_tree_or_left_alone(text: str) -> None:
    try:
        assert tree_of(text).text
    except Unread:
        return


@given(expressions)
def test_whatever_compiles_of_these_is_also_read_into_a_tree(text: str) -> None:
    try:
        Expression.compile(text)
    except Invalid:
        return
    tree_of(text)


# --- where a step may be read ----------------------------------------------------------------------------------------------------

OUT = (Field(name="url"), Field(name="count", type="integer"), Field(name="items", type="array", each=(Field(name="title"),)))
SERVICES = Catalogue(
    [
        Service(
            id="a", name="A", category="test", connected=True,
            actions=(Action(service="a", operation="do", outputs=OUT), Action(service="a", operation="free")),
            events=(EventSpec(service="a", event="told", fields=(Field(name="ref"), Field(name="number", type="integer"))), EventSpec(service="a", event="open", fields=(Field(name="x"),), open=True)),
        ),
    ]
)  # fmt: skip
TOLD = {"type": "event_based", "service": "a", "event": "told"}


def do(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "action": "a.do", **more}


def faults(*steps: dict[str, Any], trigger: dict[str, Any] | None = None, **more: Any) -> list[str]:
    try:
        parse_definition({"trigger": trigger or {"type": "manual"}, "steps": list(steps), **more}, SERVICES)
    except Invalid as error:
        return [problem.message for problem in error.problems]
    return []


def test_what_is_over_can_be_read_through_needs_and_blocks() -> None:
    reads = do("last", when="steps.l.count > 0 && steps.r.url != '' && steps.c.state == 'succeeded' && steps.both.left.url != ''")
    both = {"id": "both", "parallel": {"left": [do("l")], "right": [do("r", when="steps.first.count > 1")]}}
    which = {"id": "which", "switch": {"cases": [{"when": "steps.both.right.count == 1", "steps": [do("c")]}]}}
    assert faults(do("first"), both, which, reads) == []


def test_within_a_foreach_the_same_entry_can_be_read_and_from_outside_only_the_whole() -> None:
    each = {"foreach": {"items": "steps.find.items", "as": "row", "steps": [do("card"), do("note", when="steps.card.url != row.title")]}}
    assert (
        faults(do("find"), {"id": "each", **each}, do("end", when="steps.each.items[0].count > 1 && steps.each.failed[0].index > 0")) == []
    )
    (fault,) = faults(do("find"), {"id": "each", **each}, do("end", when="steps.card.url != ''"))
    assert fault == "“card” is done once for each entry of “each”; what came of all of them is steps.each.items."


def test_entries_of_an_outer_foreach_are_seen_from_an_inner_one() -> None:
    inner = {
        "id": "inner",
        "foreach": {"items": "row.cells", "as": "cell", "steps": [do("deep", when="steps.out.count > 1 && cell != row.name")]},
    }
    assert faults({"id": "each", "foreach": {"items": "event.rows", "as": "row", "steps": [do("out"), inner]}}) == []


def test_what_may_not_be_over_cannot_be_read() -> None:
    both = {"parallel": {"left": [do("l")], "right": [do("r", when="steps.l.count > 0")]}}
    assert faults(both) == ["Step “r” reads the step “l”, which may not be over by then."]
    assert faults(do("x"), do("y", needs=[], when="steps.x.count > 0")) == ["Step “y” reads the step “x”, which may not be over by then. Add it to its needs."]  # fmt: skip


def test_what_follows_may_read_every_step_and_what_undoes_its_own() -> None:
    undo = {"compensate": {"action": "a.do", "with": {"x": "{{steps.pay.url}}"}}}
    after = {"on_failure": [do("sorry", when="steps.pay.state == 'failed'")], "finally": [do("bye", when="steps.sorry.count > 0")]}
    assert faults(do("pay", **undo), options=after) == []


def test_what_nobody_declared_is_free() -> None:
    free = {"id": "free", "action": "a.free"}
    assert faults(free, do("b", when="steps.free.whatever.else > 3"), trigger={**TOLD, "event": "open"}, when="event.more == 1") == []
    assert faults(do("b", when="event.anything == 5 && inputs.also == 'x'")) == []


def test_what_a_wait_brings_can_be_read_behind_it() -> None:
    wait = {"id": "w", "wait": {"event": "a.told", "where": "incoming.ref == event.ref", "timeout": "1h", "on_timeout": "continue"}}
    assert faults(wait, do("b", when="!steps.w.timed_out && steps.w.event.number > 3"), trigger=TOLD) == []
    assert "“rf”" in faults(wait, do("b", when="steps.w.event.rf == ''"), trigger=TOLD)[0]


def test_fields_of_any_of_several_events_can_be_read() -> None:
    several = {"type": "cross_service", "any": ["a.told", "a.open"]}
    assert faults(do("b"), trigger=several, when="event.ref == '' || event.x == ''") == []


@pytest.mark.parametrize(
    ("schema", "when", "fits"),
    [
        ({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}, "steps.m.n > 3", True),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, "steps.m.other > 3", True),
        ({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}, "steps.m.m > 3", False),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, "steps.m.n == 'x'", False),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}, "'c' in steps.m.output", False),
        ({"type": ["string", "null"]}, "steps.m.output == 3", True),
    ],
)
def test_a_models_answer_has_the_type_of_its_schema(schema: dict[str, Any], when: str, fits: bool) -> None:
    found = faults({"id": "m", "ask_model": {"prompt": "?", "schema": schema}}, do("b", when=when))
    assert (found == []) is fits, found


def test_a_schema_that_says_nothing_is_anything() -> None:
    assert of_schema({}).kind.name == of_schema({"type": "banana"}).kind.name == "ANY"
