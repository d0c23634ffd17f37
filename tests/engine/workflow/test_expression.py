"""Conditions and templates: what holds, what is refused, and which words say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workflow.expression import Condition, Expression, render, templates

SCOPE: dict[str, Any] = {
    "event": {
        "title": "Fix it",
        "base": "main",
        "number": 5,
        "draft": False,
        "labels": ["hotfix", "db"],
        "assignee": None,
        "amount": 1250.5,
    },
    "inputs": {"env": "prod"},
    "steps": {"find": {"state": "succeeded", "output": {"count": 3, "state": "open"}}},
    "workflow": {"name": "release"},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("event.base == 'main'", True),
        ("event.base != 'main' || event.number > 4", True),
        ("event.amount > 500", True),
        ("!event.draft", True),
        ("'hotfix' in event.labels", True),
        ("event.labels.exists(l, l.startsWith('d'))", True),
        ("inputs.env == 'prod' && workflow.name == 'release'", True),
        ("steps.find.output.count < 10", True),
        ("steps.find.count < 10", True),
        ("steps.find.state == 'succeeded'", True),
        ("has(event.titel)", False),
        ("event.assignee == null", True),
    ],
)
def test_a_condition_is_decided_by_the_scope(text: str, holds: bool) -> None:
    assert Condition.compile(text).holds(SCOPE) is holds
    assert Condition.compile(text).explain(SCOPE)[0] is holds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("event.titel == 'x'", "“event.titel == 'x'” is not fulfilled: event has no field “titel”; did you mean “title”?"),
        ("inputs.evn == 'prod'", "“inputs.evn == 'prod'” is not fulfilled: inputs has no field “evn”; did you mean “env”?"),
        ("event.assignee.name == 'x'", "“event.assignee.name == 'x'” is not fulfilled: event.assignee is empty."),
        ("run.id == 'x'", "“run.id == 'x'” is not fulfilled: there is no “run” here."),
        ("event.base == 'dev'", "“event.base == 'dev'” is not fulfilled (event.base is “main”)."),
    ],
)
def test_what_is_missing_is_not_fulfilled_and_says_so(text: str, reason: str) -> None:
    assert Condition.compile(text).holds(SCOPE) is False
    assert Condition.compile(text).explain(SCOPE) == (False, reason)


@pytest.mark.parametrize(
    "text", ["event.number > '3'", "event.base", "1 / 0 == 1", "event.base.contains(event.number)", "event.title.matches('(')"]
)
def test_values_that_do_not_fit_are_an_error_and_explained(text: str) -> None:
    condition = Condition.compile(text)
    with pytest.raises(Invalid):
        condition.holds(SCOPE)
    fulfilled, reason = condition.explain(SCOPE)
    assert not fulfilled
    assert text in reason


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("evnt.base == 'x'", "Did you mean “event”?"),
        ("event.base == main", "text goes in quotes: 'main'"),
        ("event.base = 'main'", "compare with ==, not ="),
        ("event.base ==", "did not expect the end"),
        ("event.base.startWith('m')", "Did you mean “startsWith”?"),
        ("x" * 3000, "2,000 are allowed"),
        ("(" * 40 + "1" + ")" * 40, "24 deep"),
        ("!" * 1000 + "event.draft", "24 deep"),
        ("event.l.map(a,a).map(b,b).map(c,c).map(d,d).map(e,e)", "4 are allowed"),
        ("__import__('os')", "There is"),
    ],
)
def test_what_is_not_cel_is_refused_in_a_sentence(text: str, part: str) -> None:
    with pytest.raises(Invalid) as caught:
        Condition.compile(text)
    assert part in str(caught.value)
    assert len(str(caught.value)) < 300


def test_brackets_and_braces_within_quotes_do_not_count() -> None:
    assert Condition.compile("event.title == '" + "[({" * 30 + "'").holds(SCOPE) is False


def test_loops_over_long_lists_are_refused_before_they_hold_up_the_house() -> None:
    scope = {"event": {"rows": list(range(5_000))}}
    assert Condition.compile("event.rows.exists(r, r == 4999)").holds(scope)
    with pytest.raises(Invalid, match="too long"):
        Condition.compile("event.rows.exists(a, event.rows.exists(b, a + b == -1))").holds(scope)


def test_the_same_text_is_compiled_once() -> None:
    assert Expression.compile("event.base == 'main'") is Expression.compile("event.base == 'main'")


def test_references_are_the_paths_that_are_read() -> None:
    found = set(Expression.compile("steps.find.count > 1 && event['base'] == inputs.env && event.title.contains('x')").references())
    assert found == {("steps", "find", "count"), ("event", "base"), ("inputs", "env"), ("event", "title")}


def test_a_string_that_is_one_template_keeps_its_type_and_others_become_text() -> None:
    value = {
        "number": "{{event.number}}",
        "labels": "{{ event.labels }}",
        "text": "#{{event.number}} {{event.title}}: {{event.labels}} {{event.assignee}}",
        "due": "{{timestamp('2026-01-01T00:00:00Z') + duration('1h')}}",
        "wait": "{{duration('90s')}}",
        "plain": [1, None, {"deep": "{{inputs.env}}"}],
        "{{inputs.env}}": True,
    }
    assert render(value, SCOPE) == {
        "number": 5,
        "labels": ["hotfix", "db"],
        "text": "#5 Fix it: hotfix, db ",
        "due": "2026-01-01T01:00:00+00:00",
        "wait": 90.0,
        "plain": [1, None, {"deep": "prod"}],
        "prod": True,
    }


@pytest.mark.parametrize("text", ["{{event.titel}}", "{{", "a {{b", "{{}}", "{{event.number + 'x'}}", "{{event.base == }}"])
def test_a_template_that_cannot_be_filled_in_says_why(text: str) -> None:
    with pytest.raises(Invalid):
        render(text, SCOPE)


def test_what_comes_from_outside_is_never_read_as_a_template() -> None:
    assert render("{{event.title}}", {"event": {"title": "{{inputs.secret}}"}}) == "{{inputs.secret}}"


def test_values_do_not_grow_without_bounds() -> None:
    scope = {"event": {"text": "x" * 60_000, "rows": list(range(20_000))}}
    for value in ("{{event.text}}" * 6, "{{event.rows}}", ["{{event.text}}"] * 5):
        with pytest.raises(Invalid, match="too large"):
            render(value, scope)  # type: ignore[arg-type]
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    with pytest.raises(Invalid, match="nested"):
        render(deep, scope)


def test_times_in_the_scope_can_be_compared() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert Condition.compile("event.at < timestamp('2026-11-24T00:00:00Z')").holds({"event": {"at": now}})
    assert render("{{event.for}}", {"event": {"for": timedelta(minutes=1)}}) == 60.0


@given(st.text(max_size=80))
def test_any_text_compiles_or_is_refused_and_never_breaks(text: str) -> None:
    try:
        condition = Condition.compile(text)
    except Invalid:
        return
    assert isinstance(condition.explain(SCOPE)[0], bool)


@given(json_values, st.sampled_from(["event.a == 'x'", "event.a > 3", "size(event.a) == 2", "event.a.b.c", "'k' in event.a", "!event.a"]))
def test_any_event_is_decided_or_refused_and_never_breaks(value: Any, text: str) -> None:
    fulfilled, reason = Condition.compile(text).explain({"event": {"a": value}})
    assert isinstance(fulfilled, bool)
    assert reason


@given(json_values)
def test_values_without_templates_are_left_as_they_are(value: Any) -> None:
    if "{{" not in repr(value):
        assert render(value, {}) == value


@given(st.text(max_size=60))
def test_templates_are_found_or_refused(text: str) -> None:
    try:
        found = templates("a {{event.x}} " + text)
    except Invalid:
        return
    assert found[0] == "event.x"
