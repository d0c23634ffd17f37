"""Mail out by SMTP: connected for each message, encrypted before any password is said, and honest about what became of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE_FORM
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.failures import Misconfigured, Refused
from connectors._kit.wire import unreachable
from connectors.email.inbox import look
from connectors.email.seeking import search
from engine.errors import Invalid, SignalboxError, Transient, Unanswered
from engine.ports import Answer

NAME = "The mail server"
TIMEOUT = 20.0  # seconds for each step of the conversation
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
LOST = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, ConnectionError, TimeoutError)


async def _send_email(ask: Ask, tools: Tools) -> Answer:
    message = _compose(ask, tools)
    receivers = [_address(said) for said in (*ask.arguments["to"], *ask.arguments.get("cc", []), *ask.arguments.get("bcc", []))]
    sender = _address(tools.credentials.get("sender"))
    async with _connected(tools) as server:
        refused = await _envelope(server, sender, receivers)
        await _hand_over(server, message)
    return Answer({"to": ask.arguments["to"], "subject": message["Subject"], "id": message["Message-ID"], "refused": [*refused]})


async def _probe(tools: Tools) -> None:
    async with _connected(tools) as server:
        try:
            await server.noop()
        except (aiosmtplib.SMTPException, OSError) as err:
            raise Transient(f"{NAME} broke off.") from err


# --- the message --------------------------------------------------------------------------------------------------------


def _compose(ask: Ask, tools: Tools) -> EmailMessage:
    said, sender = ask.arguments, tools.credentials.get("sender")
    message = EmailMessage(policy=WIRE_FORM)
    message["From"] = sender
    message["To"] = ", ".join(_address(one) for one in said["to"])
    if said.get("cc"):
        message["Cc"] = ", ".join(_address(one) for one in said["cc"])
    if said.get("reply_to"):
        message["Reply-To"] = _address(said["reply_to"])
    message["Subject"] = " ".join((said.get("subject") or said.get("title") or _first_line(said["text"])).split())
    message["Date"] = format_datetime(tools.clock.now())
    message["Message-ID"] = f"<{hashlib.sha256(ask.call.key.encode()).hexdigest()[:32]}@{_address(sender).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # keeps out-of-office answers away
    message.set_content(said["text"])
    if said.get("html"):
        message.add_alternative(said["html"], subtype="html")
    return message


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["Message from Signalbox"])[0][:78]


def _address(said: str) -> str:
    """The bare address of ``Name <user@host>``. Raises Invalid."""
    bare = parseaddr(said)[1] if said.isprintable() else ""
    try:
        parsed = Address(addr_spec=bare)
    except (ValueError, IndexError) as err:
        raise Invalid(f"“{said[:100]}” is not an email address.") from err
    if not parsed.username or not parsed.domain or not bare.isascii() or not bare.isprintable():
        raise Invalid(f"“{said[:100]}” is not an email address that can be written to.")
    return bare


# --- the conversation ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _connected(tools: Tools) -> AsyncIterator[aiosmtplib.SMTP]:
    url = _server(tools)
    server = aiosmtplib.SMTP(hostname=url.hostname, port=url.port or _port(url), use_tls=url.scheme == "smtps", timeout=TIMEOUT)
    try:
        await server.connect()
    except (aiosmtplib.SMTPException, OSError) as err:
        raise unreachable(NAME, err) from err
    try:
        await _log_in(server, url, tools)
        yield server
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):  # what was taken stays taken, whether or not the goodbye arrives
            async with asyncio.timeout(2.0):
                await server.quit()
        server.close()


def _server(tools: Tools) -> SplitResult:
    try:
        url = urlsplit(tools.credentials.get("url"))
        _ = url.port
    except ValueError as err:
        raise Misconfigured("EMAIL_URL is not an address; write smtp://user:password@host:587 or smtps://…:465.") from err
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise Misconfigured("EMAIL_URL must begin with smtp:// or smtps:// and name a host.")
    return url


def _port(url: SplitResult) -> int:
    return 465 if url.scheme == "smtps" else 587


async def _log_in(server: aiosmtplib.SMTP, url: SplitResult, tools: Tools) -> None:
    if not url.username:
        return
    if server.get_transport_info("ssl_object") is None and url.hostname not in LOCAL:
        raise Misconfigured(
            f"{NAME} offers no encryption, so the password of EMAIL_URL was not sent. Use smtps://, or a server with STARTTLS."
        )
    try:
        await server.login(unquote(url.username), unquote(url.password or ""))
    except aiosmtplib.SMTPAuthenticationError as err:
        raise Misconfigured(tools.credentials.scrub(f"{NAME} does not accept the user or password of EMAIL_URL: {_says(err)}.")) from err
    except aiosmtplib.SMTPNotSupported as err:
        raise Misconfigured(f"{NAME} takes no password; leave user and password out of EMAIL_URL.") from err
    except (aiosmtplib.SMTPException, OSError) as err:
        raise Transient(f"{NAME} broke off while logging in.") from err


async def _envelope(server: aiosmtplib.SMTP, sender: str, receivers: Sequence[str]) -> list[str]:
    """Name sender and receivers; those it would not take. Raises when it takes none. Nothing is sent yet, so all of it may be repeated."""
    refused: dict[str, aiosmtplib.SMTPResponseException] = {}
    try:
        await server.mail(sender)
        for receiver in receivers:
            try:
                await server.rcpt(receiver)
            except aiosmtplib.SMTPRecipientRefused as err:
                refused[receiver] = err
    except aiosmtplib.SMTPResponseException as err:
        raise _judged(err) from err
    except (aiosmtplib.SMTPException, OSError) as err:
        raise Transient(f"{NAME} broke off before it took the message.") from err
    if len(refused) == len(receivers):
        last = refused[receivers[-1]]
        raise _judged(last) from last
    return list(refused)


async def _hand_over(server: aiosmtplib.SMTP, message: EmailMessage) -> None:
    try:
        await server.data(message.as_bytes())
    except aiosmtplib.SMTPResponseException as err:
        raise _judged(err) from err
    except LOST as err:
        raise Unanswered(f"{NAME} did not say whether it took the message “{message['Subject']}”.") from err


def _judged(err: aiosmtplib.SMTPResponseException) -> SignalboxError:
    """4xx: later; 5xx: never (RFC 5321 §4.2.1)."""
    if 400 <= err.code < 500:
        return Transient(f"{NAME} asks to try later: {_says(err)}.")
    return Refused(f"{NAME} refused the message: {_says(err)}.", err.code)


def _says(err: aiosmtplib.SMTPResponseException) -> str:
    return f"{' '.join(str(err.message).split())[:200].rstrip('.')} ({err.code})"


CUSTOM = Custom(perform={"send_email": _send_email, "search_messages": search}, probe=_probe, poll={"inbox": look})
