"""Mail in: the first look tells nothing, each message is told once by the mailbox's own numbers, and nothing in the mailbox is touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.failures import Misconfigured
from connectors._kit.feeds import Feeds
from connectors.email.inbox import _as_folder, read_message, read_url
from engine.errors import SignalboxError, Transient
from engine.ports import Polled
from engine.workflow.definition import Json
from tests.connectors.imap_server import Mailbox, serving
from tests.connectors.rig import open_shelf


def mail(subject: str = "Hello", text: str = "Good day.", **headers: str) -> bytes:
    said = {
        "From": "Ben Ode <ben@northwind.example>",
        "To": "leads@acme.example",
        "Subject": subject,
        "Message-ID": f"<{subject}@x.example>",
        **headers,
    }
    said = {name.replace("_", "-"): value for name, value in said.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in said.items()) + f"\r\n{text}\r\n").encode()


class Reader:
    """Looks into a mailbox again and again."""

    def __init__(self, port: int, tail: str = "", user: str = "ben:pass%20word") -> None:
        environ = {
            "EMAIL_URL": "smtp://127.0.0.1:2525",
            "EMAIL_FROM": "Signalbox <bot@acme.example>",
            "EMAIL_IMAP_URL": f"imap://{user}@127.0.0.1:{port}{tail}",
        }
        self.feeds = Feeds(open_shelf(environ).places)
        self.cursor: Mapping[str, Json] | None = None

    async def look(self) -> Polled:
        (poll,) = [one for one in await self.feeds.polls() if one.service == "email"]
        polled = await self.feeds.poll(poll, self.cursor, ())
        self.cursor = polled.cursor
        return polled

    async def told(self) -> list[dict[str, Any]]:
        return [dict(one.data) for one in (await self.look()).happenings]


async def test_what_was_there_is_not_told_and_each_new_message_is_told_once() -> None:
    box = Mailbox({1: mail("old"), 4: mail("older")})
    async with serving(box) as port:
        reader = Reader(port)
        assert await reader.told() == []
        assert await reader.told() == []
        box.messages |= {5: mail("first"), 9: mail("second")}
        polled = await reader.look()
        assert [(one.event, one.data["subject"]) for one in polled.happenings] == [
            ("message_received", "first"),
            ("message_received", "second"),
        ]
        assert [one.id for one in polled.happenings] == ["default:inbox:7:5", "default:inbox:7:9"]
        assert await reader.told() == []
    assert not any(word in line for line in box.heard for word in ("STORE", "SELECT", "EXPUNGE", "BODY["))


async def test_a_message_is_told_in_natural_fields() -> None:
    text = "Dear all,\r\n\r\n\r\n\r\nwe would like an offer."
    box = Mailbox()
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.messages[1] = mail(
            "An =?utf-8?q?=C3=B6ffer?=", text, Cc="a@x.example, B <b@x.example>", Date="Mon, 23 Nov 2026 09:30:00 +0100", Message_ID="<1@x>"
        )
        (told,) = await reader.told()
    assert told == {
        "from": "ben@northwind.example",
        "from_name": "Ben Ode",
        "to": "leads@acme.example",
        "cc": "a@x.example, b@x.example",
        "subject": "An öffer",
        "text": "Dear all,\n\nwe would like an offer.",
        "attachments": [],
        "folder": "INBOX",
        "id": "<1@x>",
        "time": "2026-11-23T08:30:00+00:00",
        "automatic": False,
    }


async def test_html_is_told_as_text_and_attachments_by_their_names() -> None:
    parts = (
        "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<style>p {}</style><p>5 &lt; 6</p>\r\n--b\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="offer.pdf"\r\n\r\nx\r\n--b--'
    )
    box = Mailbox()
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.messages[1] = mail("x", parts, MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b")
        (told,) = await reader.told()
    assert (told["text"], told["attachments"]) == ("5 < 6", ["offer.pdf"])


async def test_what_this_house_wrote_itself_sets_nothing_off() -> None:
    box = Mailbox()
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.messages[1] = mail("report", From="Signalbox <bot@acme.example>", Auto_Submitted="auto-generated")
        box.messages[2] = mail("away", Auto_Submitted="auto-replied")
        assert [(told["subject"], told["automatic"]) for told in await reader.told()] == [("away", True)]


async def test_a_mailbox_numbered_anew_is_read_from_now_on_and_says_so() -> None:
    box = Mailbox({3: mail("old")}, says_next=False)
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.validity, box.messages = 8, {1: mail("moved"), 2: mail("moved too")}
        polled = await reader.look()
        assert polled.happenings == ()
        assert "read from now on" in polled.note
        box.messages[3] = mail("new")
        assert [told["subject"] for told in await reader.told()] == ["new"]


async def test_many_messages_are_read_in_several_looks() -> None:
    box = Mailbox()
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.messages = {uid: mail(f"n{uid}") for uid in range(1, 61)}
        first, second = await reader.look(), await reader.look()
    assert ([len(first.happenings), first.more], [len(second.happenings), second.more]) == ([50, True], [10, False])


async def test_a_folder_is_named_in_the_address_whatever_its_name() -> None:
    async with serving(Mailbox(folder="B&APw-ro &- Co/Neu")) as port:
        assert (await Reader(port, "/B%C3%BCro%20&%20Co/Neu").look()).cursor == {"validity": 7, "uid": 0}
        with pytest.raises(Misconfigured, match="no folder"):
            await Reader(port, "/Elsewhere").look()


async def test_a_wrong_password_names_the_setting_and_never_itself() -> None:
    async with serving(Mailbox()) as port:
        with pytest.raises(Misconfigured, match="EMAIL_IMAP_URL") as raised:
            await Reader(port, user="ben:wrong-test-token").look()
    assert "wrong-test-token" not in str(raised.value)


@pytest.mark.parametrize(
    ("verb", "trouble"), [("EXAMINE", "hang up"), ("UID SEARCH", "hang up"), ("LOGIN", "hang up"), ("UID SEARCH", "no")]
)
async def test_a_server_that_breaks_off_is_asked_again_later_and_nothing_is_lost(verb: str, trouble: str) -> None:
    box = Mailbox({1: mail("old")})
    async with serving(box) as port:
        reader = Reader(port)
        await reader.look()
        box.messages[2] = mail("new")
        box.trouble = {verb: trouble}
        with pytest.raises(SignalboxError):
            await reader.look()
        box.trouble = {}
        assert [told["subject"] for told in await reader.told()] == ["new"]


async def test_nobody_listening_is_told_in_a_sentence() -> None:
    async with serving(Mailbox()) as port:
        pass
    with pytest.raises(Transient, match="could not be reached"):
        await Reader(port).look()


async def test_a_password_is_not_sent_to_another_host_without_encryption() -> None:
    assert read_url("imaps://a:b@mail.example").port == 993
    for url in ("smtp://a:b@c", "imap://mail.example", "imaps://a:b@c:port", ""):
        with pytest.raises(Misconfigured, match="EMAIL_IMAP_URL"):
            read_url(url)
    assert "geheim" not in repr(read_url("imaps://a:geheim@mail.example"))


async def test_without_a_mailbox_nothing_is_polled() -> None:
    shelf = open_shelf({"EMAIL_URL": "smtp://127.0.0.1:2525", "EMAIL_FROM": "bot@acme.example"})
    assert [poll for poll in await Feeds(shelf.places).polls() if poll.service == "email"] == []


@settings(max_examples=60, deadline=None)
@given(
    raw=st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: f"Subject: {text}\r\nDate: {text}\r\nFrom: {text}\r\n\r\n{text}".encode())
)
def test_no_message_however_broken_stops_the_others(raw: bytes) -> None:
    read = read_message(raw, "7:1", "INBOX", "bot@acme.example")
    assert read is not None
    assert json.dumps(read).encode()
    assert read["id"] == "7:1"


def test_folders_are_written_as_the_protocol_wants() -> None:
    assert [_as_folder(name) for name in ("INBOX", "Büro", "A & B", 'a"b\\c', "日本")] == [
        "INBOX",
        "B&APw-ro",
        "A &- B",
        'a\\"b\\\\c',
        "&ZeVnLA-",
    ]
