"""Inputs, templates, picks and verdicts: the pure parts, under whatever they may meet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.credentials import Credentials
from connectors._kit.description import Complaint, Description, Input, Operation, Pick, Setting, SoftError, Throttle
from connectors._kit.failures import Misconfigured, Refused, Throttled
from connectors._kit.filling import ABSENT, fill, fill_path, fill_query
from connectors._kit.inputs import check_arguments
from connectors._kit.judging import judge
from connectors._kit.picking import at, fits, picks
from connectors._kit.wire import WireAnswer
from engine.errors import Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Account

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(max_size=5), c, max_size=4),
    max_leaves=12,
)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def shape(type_: Any, value: Any, **more: Any) -> Any:
    operation = Operation(title="t", inputs={"x": Input(type=type_, help="something", **more)})
    return check_arguments("a.b", operation, {"x": value}, {}).get("x")


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("string", 17, "17"), ("integer", "#17", 17), ("integer", 17.0, 17), ("integer", " 8 ", 8), ("number", "1.5", 1.5), ("number", 3, 3),
        ("boolean", "yes", True), ("boolean", "off", False), ("boolean", True, True), ("array", "a, b,,c ", ["a", "b", "c"]), ("array", ["a", 2], ["a", "2"]),
        ("datetime", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"), ("datetime", "2026-11-23", "2026-11-23"), ("object", {"a": 1}, {"a": 1}), ("any", [None], [None]),
        ("string", None, None),
    ],
)  # fmt: skip
def test_what_is_said_is_read_as_what_it_should_be(type_: str, value: Any, wanted: Any) -> None:
    assert shape(type_, value) == wanted


@pytest.mark.parametrize(
    ("type_", "value", "sentence"),
    [
        ("string", {"a": 1}, "must be text"), ("string", True, "must be text"), ("string", "\ud800", "lone surrogate"), ("integer", "many", "whole number"),
        ("integer", True, "whole number"), ("integer", 1.5, "whole number"), ("number", "x", "is not a number"), ("number", [], "must be a number"),
        ("boolean", "maybe", "true or false"), ("array", 7, "a list"), ("array", [{}], "must be text"), ("datetime", "tomorrow", "a date or time"), ("object", "x", "named values"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_it_should_be(type_: str, value: Any, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        shape(type_, value)


def test_all_problems_of_an_ask_are_told_at_once() -> None:
    inputs = {
        "title": Input(required=True, help="its name"),
        "kind": Input(enum=("a", "b")),
        "text": Input(longest=3),
        "sha": Input(pattern="[0-9]+", help="a number"),
    }
    with pytest.raises(Invalid) as caught:
        check_arguments("x.y", Operation(title="t", inputs=inputs), {"tilte": 1, "kind": "c", "text": "long", "sha": "z"}, {})
    told = str(caught.value)
    for part in (
        "x.y",
        "“tilte” here. Did you mean “title”",
        "“title” is missing: its name",
        "“c” is not one of a, b",
        "too long: 4, at most 3",
        "“z” does not look right",
    ):
        assert part in told


@given(value=JSON, type_=st.sampled_from(["string", "number", "integer", "boolean", "datetime", "array", "object", "any"]))
def test_no_value_makes_the_door_fail_otherwise(value: Any, type_: str) -> None:
    problems: tuple[Any, ...] = ("none",)
    try:
        shape(type_, value, longest=50)
    except Invalid as err:
        problems = err.problems
    assert problems


# --- filling ------------------------------------------------------------------------------------------------------------


def test_a_placeholder_alone_keeps_its_type_and_a_missing_value_leaves_its_place_out() -> None:
    scope = {"n": 7, "list": ["a", "b"], "yes": True}
    template = {
        "n": "{n}",
        "list": "{list}",
        "gone": "{gone}",
        "text": "no {n}: {list}",
        "part": "{n} {gone}",
        "deep": {"x": ["{gone}", "{n}"]},
        "fixed": 1,
        "empty": "{gone|optional}!",
    }
    assert fill(template, scope) == {"n": 7, "list": ["a", "b"], "text": "no 7: a,b", "deep": {"x": [7]}, "fixed": 1, "empty": "!"}
    assert fill("{gone}", scope) is ABSENT
    assert fill_query({"a": "{yes}", "b": "{list|csv}", "c": "{gone}", "d": True}, scope) == {"a": "true", "b": "a,b", "d": "true"}


@given(st.text(min_size=1, max_size=30).filter(lambda t: t not in (".", "..")))
def test_any_name_stays_one_segment_of_its_path(name: str) -> None:
    path = fill_path("/things/{name}/parts", {"name": name})
    assert path.count("/") == 3
    assert not set(path) & set("?# ")
    assert unquote(path.split("/")[2]) == name


@pytest.mark.parametrize("value", ["", ".", "..", "a/../b", "a//b", "/a"])
def test_a_path_of_several_parts_cannot_climb(value: str) -> None:
    with pytest.raises(Rejected):
        fill_path("/repos/{repo|path}", {"repo": value})


def test_a_value_that_looks_like_a_placeholder_is_only_text() -> None:
    assert fill({"a": "{x}", "b": "<{x}>"}, {"x": "{secret}", "secret": "s"}) == {"a": "{secret}", "b": "<{secret}>"}


# --- picking ------------------------------------------------------------------------------------------------------------


def test_fields_are_picked_by_path_prefix_count_and_echo() -> None:
    payload = {
        "a": {"b": [{"n": 1}, {"n": 2}]},
        "ref": "refs/heads/main",
        "old": {"x": 1, "y": 2},
        "link": "https://h/api/repos/o/r/",
        "text": "one\ntwo",
    }
    fields = {
        "ns": Pick(take="a.b[].n"), "first": Pick(take="a.b.0.n"), "count": Pick(take="a.b", count=True), "branch": Pick(take="ref", after="refs/heads/"),
        "tag": Pick(take="ref", after="refs/tags/"), "url": Pick(take="ref", before="at:"), "changed": Pick(take="old", keys=True), "repo": Pick(take="link", last=2),
        "said": Pick(ask="text"), "items": Pick(take="a.b", each={"m": Pick(take="n")}), "none": Pick(take="a.x.y[].z"), "one": Pick(take="old", keys=True, first=True), "top": Pick(take="text", line=True), "no_items": Pick(take="x", each={"m": Pick()}),
    }  # fmt: skip
    assert picks(payload, fields, {"text": "hi"}) == {
        "ns": [1, 2], "first": 1, "count": 2, "branch": "main", "tag": None, "url": "at:refs/heads/main", "changed": ["x", "y"], "repo": "o/r",
        "said": "hi", "items": [{"m": 1}, {"m": 2}], "none": None, "one": "x", "top": "one", "no_items": [],
    }  # fmt: skip


@given(payload=JSON, path=st.from_regex(r"([a-z0-9]{0,3}(\[\])?)(\.[a-z0-9]{0,3}(\[\])?){0,3}", fullmatch=True))
def test_no_shape_makes_picking_fail(payload: Any, path: str) -> None:
    at(payload, path)
    picks(payload, {"x": Pick(take=path, after="a"), "y": Pick(take=path, each={"z": Pick()}), "n": Pick(take=path, count=True)}, {})
    fits(payload, {path: {"exists": True, "contains": "a", "one_of": [1], "not": 2}})


# --- judging ------------------------------------------------------------------------------------------------------------


def description(**more: Any) -> Description:
    settings = {"token": Setting(name="TINY_TOKEN", meaning="token", secret=True, needed=True)}
    return Description(id="tiny", name="Tiny", category="development", settings=settings, operations={}, **more)


def verdict(status: int, body: Any = None, *, may_repeat: bool = False, headers: dict[str, str] | None = None, **more: Any) -> Any:
    said = description(**more)
    credentials = Credentials(account=Account(service="tiny", name="default", url="", mode="live"), values={}, secrets=("sesame",))
    content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    return judge(WireAnswer(status, headers or {}, content), said, credentials, doing="say", may_repeat=may_repeat, now=NOW)


def test_a_success_gives_its_body_and_an_empty_one_nothing() -> None:
    assert verdict(201, {"id": 1}) == {"id": 1}
    assert verdict(204) is None


@pytest.mark.parametrize(
    ("status", "may_repeat", "word"),
    [
        (400, False, Refused), (401, False, Misconfigured), (403, True, Misconfigured), (404, False, NotFound), (410, False, NotFound), (409, False, Refused),
        (422, True, Refused), (429, False, Throttled), (408, False, Unanswered), (500, False, Unanswered), (502, True, Transient), (503, False, Unanswered), (304, False, Refused),
    ],
)  # fmt: skip
def test_each_status_is_one_of_three_words(status: int, may_repeat: bool, word: type[SignalboxError]) -> None:
    with pytest.raises(word):
        verdict(status, {"message": "no"}, may_repeat=may_repeat)


def test_the_vendors_own_sentence_is_told_with_its_details_and_without_secrets() -> None:
    body = {
        "message": "Validation Failed.",
        "errors": [{"message": "title is too long"}, {"message": "title is too long"}, {"code": "sesame"}],
    }
    with pytest.raises(Refused, match=r"Tiny refused say: Validation Failed\.: title is too long; ••• \(422\)"):
        verdict(422, body, complaint=Complaint(says=("message",), details=("errors[].message", "errors[].code")))
    with pytest.raises(Refused, match=r"invalid value for idList \(400\)"):
        verdict(400, "invalid value for idList")
    with pytest.raises(Refused, match=r"no reason given \(400\)"):
        verdict(400, "<html><body>Bad gateway sesame</body></html>")
    with pytest.raises(Misconfigured, match="Check TINY_TOKEN"):
        verdict(401, {"message": "Bad credentials"})


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0), ({"retry-after": "Mon, 23 Nov 2026 09:00:30 GMT"}, 30.0), ({"retry-after": "Mon, 23 Nov 2026 08:00:00 GMT"}, 0.0),
        ({"x-reset": str(int(NOW.timestamp()) + 90)}, 90.0), ({"retry-after": "5", "x-reset": "9"}, 5.0), ({}, None), ({"retry-after": "soon"}, None), ({"retry-after": "999999999"}, 3600.0),
    ],
)  # fmt: skip
def test_how_long_to_wait_is_read_in_every_form_it_comes(headers: dict[str, str], wait: float | None) -> None:
    with pytest.raises(Throttled) as caught:
        verdict(429, headers=headers, throttle=Throttle(reset="X-Reset"))
    assert caught.value.retry_after == wait


def test_a_forbidden_that_means_too_fast_is_no_matter_of_credentials() -> None:
    signs = Throttle(statuses=(403,), headers={"retry-after": "*", "x-left": "0"}, text="rate limit")
    for headers, body in (
        ({"retry-after": "3"}, {}),
        ({"x-left": "0"}, {}),
        ({}, {"message": "You have exceeded a secondary rate limit."}),
    ):
        with pytest.raises(Throttled):
            verdict(403, body, headers=headers, throttle=signs)
    with pytest.raises(Misconfigured):
        verdict(403, {"message": "Resource not accessible"}, headers={"x-left": "10"}, throttle=signs)


def test_a_failure_inside_a_success_is_a_failure() -> None:
    soft = SoftError(where={"ok": False}, says="error", throttled=("ratelimited",), credentials=("invalid_auth",))
    assert verdict(200, {"ok": True}, soft_error=soft) == {"ok": True}
    for word, kind in (("ratelimited", Throttled), ("invalid_auth", Misconfigured), ("no_such_channel", Rejected)):
        with pytest.raises(kind, match=word if kind is not Throttled else "pause"):
            verdict(200, {"ok": False, "error": word}, soft_error=soft)


def test_a_success_that_is_not_json_is_not_taken_for_one() -> None:
    with pytest.raises(Transient, match="not JSON"):
        verdict(200, "<html>Welcome to the hotel</html>", may_repeat=True)
    with pytest.raises(Unanswered, match="not JSON"):
        verdict(200, "<html>Welcome to the hotel</html>")
