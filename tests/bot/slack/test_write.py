"""Any card becomes a message that Slack takes, and what a card says is what a reader reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards.card import (
    Bold,
    Button,
    Card,
    Channel,
    Code,
    CodeBlock,
    Fields,
    Form,
    FormField,
    Link,
    Mark,
    Moment,
    Picture,
    Steps,
    Style,
    Table,
    Text,
    Tone,
    User,
)
from bot.faces.slack import buttons, modal, write
from bot.faces.slack.buttons import Pressed
from bot.faces.slack.text import cut, escape_within, safe_url, size
from tests.bot.slack.cards import NASTY, cards, forms, texts
from tests.peers.slack.judge import faults_of_message, faults_of_view, schema
from tests.peers.slack.workspace import Message
from tests.shared_data import shared

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


def read(card: Card) -> Message:
    message = write.message(card)
    for number, block in enumerate(message.blocks):
        block["block_id"] = f"b{number}"
    return Message("1", "C1", "U0BOT", message.text, list(message.blocks), list(message.attachments))


@THOROUGH
@given(cards)
def test_any_card_becomes_a_message_slack_takes_in_each_of_its_forms(card: Card) -> None:
    pictures = dict.fromkeys(write.pictures(card), "F1")
    for message in (write.message(card, pictures), write.message(card), write.simple(card), write.bare(card)):
        assert faults_of_message(message.payload()) == []


@THOROUGH
@given(forms, texts)
def test_any_form_becomes_a_modal_slack_takes(form: Form, text: str) -> None:
    place = modal.Place(Pressed(text, 3, text, text, True), "C1", "1.2", "")
    assert faults_of_view(modal.view(form, place)) == []


def test_the_judges_have_the_schemas_made_from_slacks_own_types() -> None:
    shared("data/chat/slack_message.schema.json")
    assert schema("message") is not None
    assert schema("modal") is not None


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x", "blocks": [{"type": "divider"}] * 51},
        {"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a & b"}}]},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}}] * 2}]},
        {"text": "", "blocks": [{"type": "divider"}]},
        {"text": "<!channel>", "blocks": []},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x" * 2900}}] * 5},
    ],
)
def test_the_judges_see_what_slack_refuses(payload: dict[str, object]) -> None:
    assert faults_of_message(payload)


@pytest.mark.parametrize("hostile", NASTY)
def test_words_from_outside_never_become_a_mention_or_a_link(hostile: str) -> None:
    card = Card(hostile, (Text((hostile,)), Fields(((hostile, (hostile,)),)), Steps(((Mark.DONE, (hostile,)),)), Table((hostile,), ((hostile,),))), footer=(hostile,))
    payload = write.message(card).payload()
    kinds = {element["type"] for block in payload["blocks"] if block["type"] == "rich_text" for part in block["elements"] for element in part["elements"]}
    assert kinds <= {"text"}
    for kind, text in _marked_up(payload):
        assert kind == "plain_text" or "<" not in text


def _marked_up(part: object) -> list[tuple[str, str]]:
    if isinstance(part, dict):
        own = [(part["type"], part["text"])] if part.get("type") in ("mrkdwn", "plain_text") else []
        return own + [found for value in part.values() for found in _marked_up(value)]
    return [found for one in part for found in _marked_up(one)] if isinstance(part, list) else []


def test_every_kind_of_span_is_written_in_slacks_own_way() -> None:
    line = (Bold("now"), " ", Code("x=1"), " ", Link("docs", "https://x.example/?a=1&b=2"), " ", User("U1", "ana", ping=True), " ", User("U2", "ben"), " ", Channel("C1", "#ops"))
    tame = write.message(Card("T", (Text((*line, " ", Moment(AT))),))).blocks[1]
    assert tame["text"]["text"] == (
        "*now* `x=1` <https://x.example/?a=1&amp;b=2|docs> <@U1> ben <#C1> <!date^1795424400^{date_short_pretty} {time}|2026-11-23 09:00 UTC>"
    )
    wild = write.message(Card("T", (Text((*line, " ", Moment(AT), " *wild*")),))).blocks[1]
    elements = wild["elements"][0]["elements"]
    assert [element["type"] for element in elements] == ["text", "text", "text", "text", "link", "text", "user", "text", "channel", "text", "date", "text"]
    assert elements[-1] == {"type": "text", "text": " *wild*"}


def test_a_name_with_an_underscore_inside_stays_in_slacks_own_mark_up() -> None:
    assert write.message(Card("T", (Text(("google_calendar is up",)),))).blocks[1]["type"] == "section"
    assert write.message(Card("T", (Text(("_google_ is up",)),))).blocks[1]["type"] == "rich_text"


def test_an_emoji_put_together_from_two_spans_stays_text() -> None:
    assert write.message(Card("T", (Text((":fi", "re:")),))).blocks[1]["type"] == "rich_text"


def test_code_that_is_not_shown_whole_is_always_handed_out() -> None:
    quotes = CodeBlock('"' * 6000, "json")
    assert [leaf.text for leaf in write.overflow(Card("T", (quotes,)))] == [quotes.text]
    twice = CodeBlock("a" * 5000)
    assert len(write.overflow(Card("T", (twice, twice)))) == 2
    assert write.overflow(Card("T", (twice,))) == ()


def test_the_state_is_told_by_symbol_word_and_colour() -> None:
    message = write.message(Card("Trello is down", tone=Tone.BAD, footer=("since 09:00",), summary="Trello stopped answering"))
    assert message.text == "🔴 Trello stopped answering"
    assert message.blocks[0]["text"]["text"] == "🔴 Trello is down"
    assert message.attachments[0]["color"] == "#e01e5a"
    steps = write.message(Card("Run", (Steps(((Mark.DONE, ("Create card",)), (Mark.ASK, ("Post",)))),)))
    assert steps.blocks[1]["text"]["text"] == "✅ Create card · done\n🙋 Post · needs you"


def test_buttons_keep_their_order_and_begin_with_their_word() -> None:
    card = Card("Preview", id="prv_1", version=4, actions=(Button("confirm", "Confirm", style=Style.PRIMARY), Button("edit", "Edit"), Button("cancel", "Cancel", confirm="Sure?")))
    assert list(read(card).buttons()) == ["Confirm", "Edit", "Cancel"]
    element = read(card).buttons()["Cancel"]
    assert element["accessibility_label"] == "Cancel: Preview"
    assert element["confirm"]["text"]["text"] == "Sure?"


@given(texts, st.integers(0, 10**9))
def test_a_button_says_back_what_it_was_given(arg: str, version: int) -> None:
    button = Button("acknowledge", "Acknowledge", "snooze-1h.x_", form=Form("F", ()))
    element = buttons.element(button, Card("T", id="alr_1", version=version), 7)
    assert element is not None
    assert buttons.read(element["action_id"], element["value"]) == Pressed("alr_1", version, "acknowledge", "snooze-1h.x_", True)
    buttons.read(arg, arg)  # whatever comes back, it is read without fail


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("", ""),
        ("v2|ack|0", '{"c":"x","v":1}'),
        ("v1|ack", '{"c":"x","v":1}'),
        ("v1|ack|0", "not json"),
        ("v1|ack|0", "[1]"),
        ("v1|ack|0", '{"c":1,"v":1}'),
        ("v1|ack|0", '{"c":"x","v":"1"}'),
        ("v1|open|0", '{"c":"x","v":1}'),
    ],
)
def test_a_button_that_is_not_ours_is_not_read(action_id: str, value: str) -> None:
    assert buttons.read(action_id, value) is None


def test_what_does_not_fit_is_shortened_and_says_so() -> None:
    words = read(Card("T", tuple(Text(("word " * 500,)) for _ in range(9)))).words()
    assert "the web chat has it all" in words
    table = read(Card("T", (Table(("n",), tuple((str(n),) for n in range(500))),))).words()
    assert "441 more rows" in table
    many = read(Card("T", actions=tuple(Button("go", "Go " * 20, str(n)) for n in range(60))))
    assert "more buttons" in many.words()


def test_a_picture_without_a_file_is_told_in_its_words() -> None:
    picture = Picture(b"png", "Trello down hits Release.")
    assert "Trello down hits Release." in read(Card("T", (picture,))).words()
    assert write.message(Card("T", (picture,)), {picture: "F1"}).blocks[1] == {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "Trello down hits Release."}


def test_code_is_shown_exactly_as_it_is() -> None:
    yaml = "name: *x*\nsteps:\n  - <tell> & `run`\n"
    block = write.message(Card("T", (CodeBlock(yaml, "yaml"),))).blocks[1]
    assert block["elements"][0] == {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": yaml.rstrip("\n")}]}


# --- forms ----------------------------------------------------------------------------------------------------------------


def _state(view: dict[str, object]) -> dict[str, object]:
    """What Slack sends when somebody presses Save without changing anything."""
    state = {}
    for block in view["blocks"]:  # type: ignore[attr-defined]
        element = block["element"]
        said = {"selected_option": element.get("initial_option")} if element["type"] == "static_select" else {"value": element.get("initial_value")}
        state[block["block_id"]] = {element["action_id"]: said}
    return dict(reversed(state.items()))


PLACE = modal.Place(Pressed("prv_1", 2, "edit", "", True), "C1", "1.2", "")


@given(st.text(alphabet="ab \n🔥", max_size=9000))
@settings(deadline=None)
def test_a_long_text_survives_a_form_unchanged(text: str) -> None:
    view = modal.view(Form("Edit", (FormField("yaml", "Definition", "text", text), FormField("note", "Why"))), PLACE)
    assert modal.values(_state(view)) == {"yaml": text, "note": ""}  # type: ignore[arg-type]


def test_a_text_too_long_for_slack_cannot_be_sent_shortened() -> None:
    view = modal.view(Form("Edit", (FormField("yaml", "Definition", "text", "x" * 100_000),)), PLACE)
    assert "submit" not in view
    assert faults_of_view(view) == []


def test_a_choice_comes_back_as_its_value() -> None:
    field = FormField("for", "Snooze for", "choice", "4h", options=(("1h", "An hour"), ("4h", "Four hours")))
    view = modal.view(Form("Snooze", (field,), "Snooze"), PLACE)
    assert modal.values(_state(view)) == {"for": "4h"}  # type: ignore[arg-type]
    assert modal.place_of(view["private_metadata"]) == PLACE


@pytest.mark.parametrize("metadata", ["", "[]", "{}", "[1,2]", '["a","b","c","d","e","f","g"]', "null"])
def test_a_modal_that_is_not_ours_is_not_read(metadata: str) -> None:
    assert modal.place_of(metadata) is None


# --- text -----------------------------------------------------------------------------------------------------------------


@given(texts, st.integers(0, 300))
def test_cutting_and_escaping_never_exceed_the_limit_and_tear_no_entity(text: str, limit: int) -> None:
    assert size(cut(text, limit)) <= limit
    escaped = escape_within(text, limit)
    assert size(escaped) <= limit
    assert "<" not in escaped
    assert escaped.count("&") == escaped.count("&amp;") + escaped.count("&lt;") + escaped.count("&gt;")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", "http://[", "https://a b", "https://x/|y", "data:x", "//x", "mailto:", "https://x/" + "a" * 3000])
def test_only_addresses_of_the_web_and_mail_become_links(url: str) -> None:
    assert safe_url(url) == ""
    assert safe_url("https://x.example/a?b=1&c=2#d") != ""
    assert safe_url("mailto:ana@example.com") != ""
