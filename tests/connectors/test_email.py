"""Mail against a real SMTP server on loopback."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as MailServer
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from connectors._kit.failures import Misconfigured, Refused
from connectors._kit.shelf import Shelf
from engine.errors import Invalid, Transient, Unanswered
from engine.monitoring.sample import Outcome
from engine.ports import Answer
from tests.connectors.loopback import unused_port
from tests.connectors.rig import call, open_shelf

PASSWORD = "canary-password"


class Post:
    """Takes mail, and refuses what it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], email.message.EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self.reply = "250 OK"
        self.drop = False

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.drop:
            server.transport.abort()
        else:
            message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
            self.taken.append((list(envelope.rcpt_tos), message))  # type: ignore[arg-type]
        return self.reply


@pytest.fixture
async def post() -> AsyncIterator[tuple[Post, int]]:
    handler = Post()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    listener = await asyncio.get_running_loop().create_server(
        lambda: MailServer(handler, authenticator=check, auth_require_tls=False, hostname="post.example"), "127.0.0.1", 0
    )
    yield handler, listener.sockets[0].getsockname()[1]
    listener.close()


def shelf_to(port: int, user: str = "") -> Shelf:
    return open_shelf({"EMAIL_URL": f"smtp://{user}127.0.0.1:{port}", "EMAIL_FROM": "Signalbox <bot@acme.example>"})


async def send(shelf: Shelf, key: str = "example", **arguments: Any) -> Answer:
    return await shelf.perform(call("email.send_email", {"to": "ben@acme.example", "text": "Hello", **arguments}, key=key))


async def test_a_mail_arrives_as_it_was_asked(post: tuple[Post, int]) -> None:
    handler, port = post
    answer = await send(
        shelf_to(port),
        to=["Leads <leads@northwind.example>", "ben@acme.example"],
        cc="ann@acme.example",
        title="Grüße\r\nBcc: x@evil.example",
        text="Zeile 1\n.\nZeile 3 ✓",
    )
    receivers, message = handler.taken[0]
    assert receivers == ["leads@northwind.example", "ben@acme.example", "ann@acme.example"]
    assert (message["From"], message["Subject"], message["Bcc"]) == ("Signalbox <bot@acme.example>", "Grüße Bcc: x@evil.example", None)
    assert message.get_content().replace("\r\n", "\n") == "Zeile 1\n.\nZeile 3 ✓\n"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 23 Nov 2026 09:00:00 +0000"
    assert isinstance(answer.output, dict)
    assert answer.output["id"] == message["Message-ID"]


async def test_the_message_id_comes_of_the_key_and_the_example_is_true(post: tuple[Post, int]) -> None:
    handler, port = post
    shelf = shelf_to(port)
    example = shelf._places["email"].connector.examples.operations["send_email"]
    assert (await shelf.perform(call("email.send_email", example.ask))).output == example.output
    await send(shelf, key="a")
    await send(shelf, key="a")
    await send(shelf, key="b")
    _, first, again, other = (message["Message-ID"] for _, message in handler.taken)
    assert first == again != other


async def test_a_subject_is_made_of_the_first_line_when_none_is_said(post: tuple[Post, int]) -> None:
    handler, port = post
    await send(shelf_to(port), text="All is well.\nReally.")
    assert handler.taken[0][1]["Subject"] == "All is well."


async def test_a_login_works_and_a_wrong_password_is_a_matter_of_settings_and_never_shown(post: tuple[Post, int]) -> None:
    handler, port = post
    await send(shelf_to(port, f"bot:{PASSWORD}@"))
    assert len(handler.taken) == 1
    with pytest.raises(Misconfigured, match="EMAIL_URL") as caught:
        await send(shelf_to(port, "bot:canary-wrong@"))
    assert "canary" not in str(caught.value)


async def test_refused_receivers_are_told_and_when_all_are_refused_nothing_was_sent(post: tuple[Post, int]) -> None:
    handler, port = post
    handler.refuse = {"gone@acme.example": "550 no such user", "full@acme.example": "452 mailbox full"}
    answer = await send(shelf_to(port), to="gone@acme.example, ben@acme.example")
    assert isinstance(answer.output, dict)
    assert answer.output["refused"] == ["gone@acme.example"]
    with pytest.raises(Refused, match="no such user"):
        await send(shelf_to(port), to="gone@acme.example")
    with pytest.raises(Transient, match="mailbox full"):
        await send(shelf_to(port), to="full@acme.example")
    assert len(handler.taken) == 1


@pytest.mark.parametrize(("reply", "word"), [("554 spam", Refused), ("451 later", Transient)])
async def test_the_servers_verdict_on_the_message_decides(post: tuple[Post, int], reply: str, word: type[Exception]) -> None:
    handler, port = post
    handler.reply = reply
    with pytest.raises(word):
        await send(shelf_to(port))


async def test_a_server_that_breaks_off_after_the_message_leaves_it_in_doubt(post: tuple[Post, int]) -> None:
    handler, port = post
    handler.drop = True
    with pytest.raises(Unanswered, match="did not say"):
        await send(shelf_to(port))


async def test_a_server_that_is_not_there_is_transient_and_its_probe_an_error(post: tuple[Post, int]) -> None:
    _, port = post
    gone = shelf_to(unused_port())
    with pytest.raises(Transient, match="refused"):
        await send(gone)
    account = next(a for a in gone.accounts() if a.service == "email")
    assert (await gone.probe(account)).outcome is Outcome.ERROR
    assert (await shelf_to(port).probe(account)).outcome is Outcome.OK


@pytest.mark.parametrize("to", ["nobody", "a@", "a@b@c.example", "a b@c.example", "x@ä.example", "a@b.example\r\nRCPT TO:<c@d.example>"])
async def test_what_is_no_address_is_refused_before_anything_is_sent(to: str, post: tuple[Post, int]) -> None:
    with pytest.raises(Invalid, match="not an email address"):
        await send(shelf_to(post[1]), to=[to])
    assert post[0].taken == []


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://host:port"])
async def test_an_address_of_the_server_that_cannot_be_read_names_the_setting(url: str) -> None:
    with pytest.raises(Misconfigured, match="EMAIL_URL"):
        await send(open_shelf({"EMAIL_URL": url, "EMAIL_FROM": "a@b.example"}))
