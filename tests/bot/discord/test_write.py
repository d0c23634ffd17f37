"""Whatever a card holds, Discord takes it: judged by its API description, by the rules that leaves out, and by simcord's judge."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simcord.components import validate_components, validate_modal

from bot.cards.card import (
    Bold,
    Button,
    Card,
    Channel,
    Code,
    CodeBlock,
    Divider,
    Fields,
    Form,
    FormField,
    Link,
    Mark,
    Moment,
    Part,
    Picture,
    Steps,
    Style,
    Table,
    Text,
    Tone,
    User,
)
from bot.faces.discord import marks, modal, write
from engine.errors import Rejected
from tests.peers.discord import judge
from tests.peers.discord.world import walk

T = TypeVar("T")
PNG = b"\x89PNG\r\n\x1a\n"

nasty = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="*_`~|<>@#[]()\\:/-+.1 \n\r\t\u200b\u202e\ud800😀", max_size=60),
    st.sampled_from(
        [
            "@everyone",
            "<@123456>",
            "<#1>",
            "<t:1:R>",
            "</flow:1>",
            "```",
            "x" * 9000,
            "😀" * 3000,
            "",
            " ",
            "# head",
            "https://evil.example/",
            "\x00",
            "*" * 5000,
        ]
    ),
)
when = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)) | st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)
people = st.builds(User, nasty | st.sampled_from(["1", "123456789012345678"]), nasty, st.booleans())
spans = st.one_of(
    nasty,
    st.builds(Bold, nasty),
    st.builds(Code, nasty),
    st.builds(
        Link, nasty, nasty | st.sampled_from(["https://ok.example/a b)(<>", "javascript:alert(1)", "http://", "https://" + "x" * 3000])
    ),
    people,
    st.builds(Channel, nasty | st.just("42"), nasty),
    st.builds(Moment, when, st.sampled_from(["short", "time", "relative", "??"])),
)
lines = st.lists(spans, max_size=6).map(tuple)
parts = st.one_of(
    st.builds(Text, lines, st.booleans()),
    st.builds(Fields, st.lists(st.tuples(nasty, lines), max_size=12).map(tuple)),
    st.builds(Table, st.lists(nasty, max_size=5).map(tuple), st.lists(st.lists(nasty, max_size=6).map(tuple), max_size=30).map(tuple)),
    st.builds(Steps, st.lists(st.tuples(st.sampled_from(Mark), lines), max_size=20).map(tuple)),
    st.builds(Picture, st.sampled_from([PNG, b""]), nasty, nasty),
    st.builds(CodeBlock, nasty, nasty),
    st.just(Divider()),
)
forms = st.builds(
    Form,
    nasty,
    st.lists(
        st.builds(
            FormField,
            nasty,
            nasty,
            st.sampled_from(["line", "text", "choice"]),
            nasty,
            st.booleans(),
            nasty,
            st.lists(st.tuples(nasty, nasty), max_size=30).map(tuple),
        ),
        max_size=8,
    ).map(tuple),
)
buttons = st.builds(
    Button,
    nasty,
    nasty,
    nasty | st.just("a" * 3000),
    st.sampled_from(Style),
    nasty,
    st.none() | forms,
    st.sampled_from(["", "", "https://ok.example/run", "javascript:1", "https://" + "x" * 600]),
)


def times(many: st.SearchStrategy[list[T]], most: int) -> st.SearchStrategy[tuple[T, ...]]:
    """A few different ones, over and over: as hard as many different ones, and much quicker to make."""
    return st.tuples(many, st.integers(1, most)).map(lambda drawn: tuple(drawn[0] * drawn[1]))


def numbered(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    return tuple(replace(button, arg=f"{button.arg}{at}") for at, button in enumerate(buttons))


def cards_of(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Card]:
    return st.builds(
        Card,
        nasty,
        times(st.lists(parts, max_size=5), 14),
        id=nasty | st.just("prv_01JD"),
        version=st.integers(-1, 10**12),
        tone=st.sampled_from(Tone),
        actions=times(st.lists(buttons, max_size=3), 13).map(numbered) | st.lists(buttons, max_size=2).map(tuple),
        footer=lines,
        summary=nasty,
        link=nasty | st.just("https://signalbox.example/c/1"),
        mentions=times(st.lists(people, max_size=2), 12),
    )


@settings(max_examples=45, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards_of(parts), st.sampled_from(["", "posting:1"]))
def test_every_card_is_a_message_that_discord_takes(card: Card, key: str):
    for written in (write.message(card, key), write.plain(card, key)):
        body = written.body()
        assert judge.message_faults(body) == []
        validate_components(body["components"], flags=body["flags"])
        assert len(written.files) <= 10


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards_of(st.builds(Text, lines, st.booleans())))
def test_nobody_is_notified_but_those_whom_the_card_names(card: Card):
    written = write.message(card)
    text = "\n".join(component["content"] for component in walk(list(written.components)) if component["type"] == 10)
    assert {int(user) for user in re.findall(r"<@!?(\d+)>", text)} <= set(written.pings)
    assert not re.search(r"@(everyone|here)", text)


@settings(max_examples=45, deadline=None, suppress_health_check=list(HealthCheck))
@given(forms)
def test_every_form_is_a_modal_that_discord_takes_or_is_refused_in_words(form: Form):
    try:
        shown = modal.modal(form, "v1|f|prv|1|edit|")
    except Rejected as refused:
        shown = None
        told = str(refused)
    else:
        told = ""
    assert (shown is None) == bool(told)
    if shown is None:
        return
    assert judge.modal_faults(shown) == []
    validate_modal(shown)


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "_x_",
        "`code`",
        "~~no~~",
        "||spoiler||",
        "[a](https://b.example)",
        "# head",
        "> quote",
        "- item",
        "1. item",
        "<@1>",
        "<#1>",
        "<t:1:R>",
        "-# small",
        "https://evil.example",
    ],
)
def test_mark_up_in_a_name_stays_text(text: str):
    shown = write.message(Card("t", (Text((text,)),))).components[0]["components"][1]["content"]
    assert shown != text
    assert shown.replace("\\", "").replace("\u200b", "") == text


def test_mark_up_cannot_be_put_together_out_of_two_names():
    assert "@everyone" not in write.message(Card("t", (Text(("@", "everyone")),))).components[0]["components"][1]["content"]
    assert "https://" not in write.message(Card("t", (Text(("https:", "//evil.example")),))).components[0]["components"][1]["content"]


def test_spans_mean_what_they_say():
    line = (
        Bold("Trello"),
        " is ",
        Code("down"),
        " since ",
        Moment(datetime(2026, 11, 23, 9, tzinfo=UTC), "relative"),
        " in ",
        Channel("42", "#ops"),
    )
    shown = write.message(Card("t", (Text(line),))).components[0]["components"][1]["content"]
    assert shown == "**Trello** is `down` since <t:1795424400:R> in <#42>"


def test_a_person_is_notified_only_when_the_card_says_so():
    card = Card("t", (Text((User("7", "ana"), " told ", User("8", "ben", ping=True))),))
    written = write.message(card)
    assert written.pings == (8,)
    assert written.components[0]["components"][1]["content"] == "ana told <@8>"


def test_the_tone_is_a_colour_a_sign_and_a_word():
    container = write.message(Card("Trello is down", tone=Tone.BAD)).components[0]
    assert container["accent_color"] == 0xA30200
    assert container["components"][0]["content"] == "### 🔴 Trello is down\n-# problem"


def test_what_does_not_fit_is_counted_and_said():
    rows = tuple((f"service-{n}", "down", "x" * 30) for n in range(200))
    card = Card("Health", (Table(("service", "state", "note"), rows), *[Text(("y" * 3000,))] * 3), link="https://signalbox.example/health")
    tail = write.message(card).components[0]["components"][-1]["content"]
    assert re.search(r"Shortened to fit; left out: \d+ parts, \d+ rows", tail)
    assert "https://signalbox.example/health" in tail


def test_buttons_beyond_what_a_message_holds_are_named_as_left_out():
    card = Card("t", id="prv_1", actions=tuple(Button("go", f"Button {n}", arg=str(n)) for n in range(23)))
    container = write.message(card).components[0]
    assert len([component for component in walk([container]) if component["type"] == 2]) == 20
    assert "3 buttons (Button 20, Button 21, Button 22)" in container["components"][1]["content"]


def test_the_longest_ids_of_the_contract_still_make_a_button():
    card = Card("t", id="c" * 60, version=10**9, actions=(Button("acknowledge_everything", "Acknowledge", arg="a" * 40),))
    button = next(component for component in walk(list(write.message(card).components)) if component["type"] == 2)
    assert marks.Mark.decode(button["custom_id"]) == marks.Mark(marks.Kind.ACT, "c" * 60, 10**9, "acknowledge_everything", "a" * 40)


def test_a_short_definition_is_shown_and_a_long_one_goes_as_a_file():
    short = write.message(Card("t", (CodeBlock("name: release", "yaml"),)))
    assert short.files == ()
    assert "```yaml\nname: release\n```" in short.components[0]["components"][1]["content"]
    text = "steps:\n" + "- id: a\n" * 400
    long = write.message(Card("t", (CodeBlock(text, "yaml"),)))
    assert [(file.name, file.data) for file in long.files] == [("0-text.yml", text.encode())]


def test_a_picture_is_attached_and_says_in_words_what_it_shows():
    written = write.message(Card("Impact", (Picture(PNG, "Trello breaks two workflows", "impact.png"),)))
    gallery = written.components[0]["components"][1]
    assert gallery["items"] == [{"media": {"url": "attachment://0-impact.png"}, "description": "Trello breaks two workflows"}]
    assert written.files[0].alt == "Trello breaks two workflows"


def test_a_code_block_cannot_be_left_from_inside():
    shown = write.message(Card("t", (CodeBlock("```\n@everyone", "yaml"),))).components[0]["components"][1]["content"]
    assert shown.count("```") == 2


def test_columns_of_a_table_stand_under_each_other():
    shown = write.message(Card("t", (Table(("service", "state"), (("trello", "down"), ("日本", "up"))),))).components[0]["components"][1][
        "content"
    ]
    assert shown == "```\nservice  state\ntrello   down\n日本     up\n```"


def test_a_table_wider_than_a_screen_becomes_a_line_a_row_and_loses_no_word():
    card = Card("t", (Table(("command", "what it does", "example"), (("/flow run", "x" * 70, "/flow run release"),)),))
    shown = write.message(card).components[0]["components"][1]["content"]
    assert shown == f"**/flow run** what it does: {'x' * 70} · example: /flow run release"


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(marks.Kind), st.text(max_size=40), st.integers(-(10**6), 10**12), st.text(max_size=20), st.text(max_size=20))
def test_a_mark_is_read_as_it_was_written_or_not_written_at_all(kind: marks.Kind, card: str, version: int, verb: str, arg: str):
    mark = marks.Mark(kind, card, version, verb, arg)
    written = mark.encode()
    if written is None:
        return
    assert len(written) <= 100
    clean = [text.encode(errors="replace").decode() for text in (card, verb, arg)]
    assert marks.Mark.decode(written) == marks.Mark(kind, clean[0], version, clean[1], clean[2])


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=100) | st.text(max_size=90).map(lambda text: f"v1|{text}") | st.text(max_size=90).map(lambda text: f"v1*{text}"))
def test_no_custom_id_of_others_can_make_reading_fail(custom_id: str):
    mark = marks.Mark.decode(custom_id)
    assert mark is None or isinstance(mark.version, int)
