"""Searching a mailbox: what is asked reaches the server in its own words, and only the newest are read."""

from __future__ import annotations

import pytest

from connectors._kit.failures import Misconfigured
from connectors.email.inbox import read_url
from connectors.email.seeking import _criteria, _found
from engine.errors import Invalid
from tests.connectors.imap_server import Mailbox, serving
from tests.connectors.test_email_inbox import mail


async def test_the_newest_of_what_was_found_come_first_and_all_are_counted() -> None:
    import asyncio

    box = Mailbox({1: mail("offer one"), 2: mail("weather"), 3: mail("offer two"), 4: mail("offer three")})
    async with serving(box) as port:
        found = await asyncio.to_thread(_found, read_url(f"imap://ben:secret@127.0.0.1:{port}"), _criteria({"query": "offer"}), 2)
    assert found["count"] == 3
    assert [item["subject"] for item in found["items"]] == ["offer three", "offer two"]
    assert 'UID SEARCH TEXT "offer"' in box.heard
    assert any(line.startswith("EXAMINE") for line in box.heard)


def test_what_is_asked_is_written_in_the_words_of_the_protocol() -> None:
    assert _criteria({}) == ["ALL"]
    assert _criteria({"from": "ben@x.example", "subject": 'a "b"', "unread": True}) == [
        "FROM",
        '"ben@x.example"',
        "SUBJECT",
        '"a \\"b\\""',
        "UNSEEN",
    ]


@pytest.mark.parametrize("text", ["a\r\nb LOGOUT", "grüße"])
def test_nothing_that_could_be_another_command_or_alphabet_is_sent(text: str) -> None:
    with pytest.raises(Invalid):
        _criteria({"query": text})


def test_an_address_that_is_no_mailbox_is_refused() -> None:
    with pytest.raises(Misconfigured):
        read_url("http://x.example")
