"""Names that disguise themselves, in every place of a card, as the web page, REST, mail and the terminal are given it: seen for what they are."""

from __future__ import annotations

import json

import pytest

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
    KeptFile,
    Link,
    Mark,
    Picture,
    Steps,
    Table,
    Text,
    User,
)
from bot.cards.wire import plain, safe_url, to_json
from bot.faces.mail import write as mail
from bot.faces.terminal.write import clean
from tests.bot.cards.any_card import png
from tests.bot.terminal.test_write import shown

TURNED, HIDDEN, DRIVEN = "Pay\u202egnp.exe\u2066", "rele\u200base\u2060-train\ufeff", "\x1b]0;owned\x07\x9b31m"
UNSEEN = set("\u202e\u2066\u200b\u2060\ufeff\x1b\x07\x9b")
MARKED_UP = "<script>alert(1)</script> [x](javascript:alert(1)) <!channel> [bold]b[/bold]"
NAMES = (TURNED, HIDDEN, DRIVEN, MARKED_UP)


def everywhere(name: str) -> Card:
    return Card(
        title=name, summary=name, id="alr_1", footer=(name,), link="https://example.org/",
        mentions=(User(name, name),),
        body=(
            Text((name, Bold(name), Code(name), Link(name, "https://example.org/x"), Channel(name, name))), Fields(((name, (name,)),)),
            Table((name,), ((name,),)), Steps(((Mark.ASK, (name,)),)), CodeBlock(name, name), Picture(png(), name, name), KeptFile(name, name, 5),
        ),
        actions=(Button("confirm", name, confirm=name, form=Form(title=name, submit=name, fields=(FormField(name="a", label=name, help=name),))),),
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_turns_hides_or_drives_anything_in_a_page_a_mail_or_a_terminal(name: str) -> None:
    card = everywhere(name)
    page = json.dumps(to_json(card), ensure_ascii=False)
    letter = f"{mail.subject(card)}\n{mail.text(card)}"
    for told in (page, letter, shown(card, colour=False)):
        assert not UNSEEN & set(told)
        assert ("\ufffd" in told) is (name is not MARKED_UP)
    assert "\n" not in mail.subject(card)


def test_mark_up_is_handed_on_as_words() -> None:
    card = everywhere(MARKED_UP)
    assert to_json(card)["title"] == MARKED_UP, "the page sets it as text"
    assert MARKED_UP in mail.text(card)
    assert "[bold]b[/bold]" in shown(card, colour=False)


def test_what_writing_needs_stays() -> None:
    for words in ("👩\u200d💻", "می\u200cخواهم", "שלום\u200f!", "a\tb\r\nc"):
        assert plain(words) == words
    assert clean("👩\u200d💻") == "👩\u200d💻"


def test_an_address_that_disguises_itself_is_no_link() -> None:
    assert safe_url("https://example.org/\u202egnp.exe") == ""
    assert safe_url("https://example.org/ok") == "https://example.org/ok"


def test_what_a_form_gives_back_has_not_changed() -> None:
    form = Form(title="t", submit="s", fields=(FormField(name="a", label="l", value=HIDDEN),))
    button: dict[str, object] = to_json(Card("t", id="x", actions=(Button("edit", "Edit", form=form),)))["actions"][0]  # type: ignore[index,assignment,call-overload]
    assert button["form"]["fields"][0]["value"] == HIDDEN  # type: ignore[index]
