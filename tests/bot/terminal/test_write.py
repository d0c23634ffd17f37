"""Cards as terminal output: any card, no card can drive the terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from rich.console import Console

from bot.cards.card import Button, Card, Code, CodeBlock, Fields, Mark, Moment, Picture, Steps, Table, Text, Tone, User
from bot.faces.terminal.write import clean, render
from tests.bot.cards.any_card import cards, png


def shown(card: Card, numbered: dict[int, tuple[str, str]] | None = None, *, colour: bool = False, zone: ZoneInfo | None = None) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=colour, color_system="truecolor" if colour else None, legacy_windows=False)
    console.print(render(card, numbered, zone))
    return out.getvalue()


@settings(max_examples=100)
@given(cards)
def test_any_card_can_be_shown_and_none_drives_the_terminal(card: Card) -> None:
    text = shown(card, {1: ("say", "\x1b[2J")})
    assert not any(ord(char) < 32 and char != "\n" for char in text)
    assert "\x9b" not in text


def test_everything_a_card_says_is_there() -> None:
    card = Card(
        "Release · done",
        (
            Text(("It ", Code("works"), User("U1", "Ada"))),
            Fields((("Since", ("noon",)),)),
            Table(("Name", "State"), (("a", "b"),)),
            Steps(((Mark.DONE, ("first",)), (Mark.FAILED, ("second",)))),
            CodeBlock("a: 1\nb: 2", "yaml"),
            Picture(png(), "two boxes"),
        ),
        tone=Tone.BAD,
        footer=("the end",),
        actions=(Button("x", "X"),),
    )
    text = shown(card, {7: ("retry", "Retry")})
    for words in ("[DANGER] Release · done", "works", "Ada", "Since", "noon", "Name", "✓ first", "✕ second", "a: 1", "[picture] two boxes", "the end", " 7 ", "Retry"):
        assert words in text


def test_a_title_too_long_for_its_frame_is_told_whole() -> None:
    title = "There is no workflow called “nosuchflow”, and " * 4 + "that is all"
    text = shown(Card(title, tone=Tone.WARNING))
    assert " ".join(text.replace("│", " ").split()).count("that is all") == 1
    assert "[WARNING]" in text
    assert "…" not in text


def test_times_are_the_readers_own() -> None:
    card = Card("t", (Text((Moment(datetime(2026, 3, 4, 12, tzinfo=UTC)), " ", Moment(datetime(2026, 3, 4, 12, tzinfo=UTC), "time"))),))
    assert "2026-03-04 13:00 CET 13:00 CET" in shown(card, zone=ZoneInfo("Europe/Berlin"))
    assert "2026-03-04 12:00 UTC 12:00 UTC" in shown(card)


@pytest.mark.parametrize(
    ("text", "safe"),
    [("\x1b[31mred", "\ufffd[31mred"), ("a\tb\nc", "a\tb\nc"), ("\u202egnp", "\ufffdgnp"), ("\x07\x9b", "\ufffd\ufffd"), ("👩\u200d💻 é", "👩\u200d💻 é")],
)
def test_control_characters_are_shown_as_what_they_are_not(text: str, safe: str) -> None:
    assert clean(text) == safe


def test_markup_of_the_terminals_library_is_text() -> None:
    assert "[bold]not bold[/bold] [link=http://x]" in shown(Card("[bold]not bold[/bold] [link=http://x]"), colour=False)
