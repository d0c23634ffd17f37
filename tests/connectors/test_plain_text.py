"""What steps hand on becomes a file's text; people are invited by e-mail or not at all."""

from __future__ import annotations

import pytest

from connectors._kit.plain_text import addresses, as_file_text
from engine.errors import Rejected


def test_texts_stay_as_they_are_and_anything_else_is_readable_json() -> None:
    assert as_file_text("a,b\n") == "a,b\n"
    assert as_file_text(None) == ""
    assert as_file_text([{"Land": "Österreich", "n": 1}]) == '[\n  {\n    "Land": "Österreich",\n    "n": 1\n  }\n]\n'


@pytest.mark.parametrize("said", ["@joan", "joan", "joan@", "@acme.example", "joan@acme", "jo an@acme.example"])
def test_who_is_named_without_an_address_is_refused_with_the_name(said: str) -> None:
    with pytest.raises(Rejected, match="is no e-mail address"):
        addresses(["anna@acme.example", said])


def test_addresses_are_taken_as_chats_write_them() -> None:
    assert addresses([" anna@acme.example", "mailto:bo@acme.example"]) == ["anna@acme.example", "bo@acme.example"]
