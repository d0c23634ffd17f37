"""Cards as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from bot.cards.card import Bold, Button, Card, CodeBlock, Form, FormField, Link, Picture, Style, Text, Tone
from bot.cards.wire import from_json, safe_url, to_json
from tests.bot.cards.any_card import cards, png


@settings(max_examples=75)
@given(cards)
def test_any_card_becomes_json_that_everyone_can_read(card: Card):
    text = json.dumps(to_json(card), ensure_ascii=False)
    assert json.loads(text.encode("utf-8")) == to_json(card)
    assert "\x00" not in text
    assert "\\u0000" not in text


@settings(max_examples=75)
@given(cards)
def test_a_card_that_was_written_reads_back_as_it_was_written(card: Card):
    written = to_json(card)
    assert to_json(from_json(written)) == written


def test_a_card_reads_back_as_itself():
    form = Form("Edit", (FormField("yaml", "Definition", "text", "a: 1", options=(("a", "A"),)),))
    card = Card(
        "Release flow",
        (Text(("When ", Bold("x"), Link("there", "https://example.org")), small=True), CodeBlock("a: 1", "yaml"), Picture(png(), "two dots")),
        "prv_1",
        3,
        Tone.PROGRESS,
        (Button("edit", "Edit", "a", Style.PRIMARY, "Sure?", form), Button("open", "Open", url="https://example.org")),
        ("footer",),
    )
    assert from_json(to_json(card)) == card


def test_a_button_is_the_body_that_presses_it():
    button = to_json(Card("t", id="prv_1", version=4, actions=(Button("confirm", "Confirm", "x"),)))["actions"][0]
    assert (button["card"], button["verb"], button["arg"], button["version"]) == ("prv_1", "confirm", "x", 4)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//host/x", "file:///etc/passwd", " https://x", "https://a b", ""])
def test_an_address_that_is_not_for_browsing_is_no_link(url: str):
    assert safe_url(url) == ""
    assert to_json(Card("t", (Text((Link("see", url),)),)))["body"][0]["spans"] == ["see"]


@pytest.mark.parametrize("data", [{"kind": "video"}, {"kind": "picture", "src": "https://elsewhere/x.png", "alt": "", "name": ""}])
def test_a_part_that_was_never_written_is_refused(data: dict):
    with pytest.raises(ValueError):
        from_json({**to_json(Card("t")), "body": [data]})
