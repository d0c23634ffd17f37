"""Foreign JSON becomes values that everything behind the door can hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.foreign import foreign_json
from engine.workflow.expression import render

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_can_be_stored_and_filled_into_templates(value: Any) -> None:
    held = foreign_json(json.dumps({"value": value}))
    json.dumps(held, ensure_ascii=False, allow_nan=False).encode()
    render({"text": "{{event.value}}", "told": "so: {{event}}"}, {"event": held})


def test_half_characters_and_numbers_beyond_bounds_are_replaced() -> None:
    held = foreign_json(rb'{"a": "x\ud83d", "\udc00": 18446744073709551616, "b": 1e999, "c": [-9223372036854775808, NaN]}')
    assert held == {"a": "x\ufffd", "\ufffd": "18446744073709551616", "b": None, "c": [-(2**63), None]}


@pytest.mark.parametrize("text", [b"", b"nope", b"\xff", b'{"a":' * 5000, b"[" * 102 + b"]" * 102, b"9" * 5000])
def test_what_is_no_json_or_bottomless_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        foreign_json(text)
