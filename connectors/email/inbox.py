"""Mail in by IMAP: what is new since the last look, by the mailbox's own numbers; nothing is marked, moved or deleted.

The standard library's client, in a thread: the asynchronous ones have no keeper, and a look a minute needs none.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors._kit.custom import Told, Tools
from connectors._kit.failures import Misconfigured
from engine.errors import Transient
from engine.workflow.definition import Json

NAME = "The mailbox"
TIMEOUT = 20.0  # seconds for each step of the conversation
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
AT_ONCE = 50  # messages of one look
LARGEST = 256 * 1024  # bytes of a message that are read; its head and text come first
LONGEST_TEXT = 20_000  # characters
CODE = re.compile(r"<(/?)(script|style)\b[^<>]*>?", re.IGNORECASE)
TAG = re.compile(r"<[^<>]+>")
FIELDS = ("from", "from_name", "to", "cc", "text")
UNREADABLE = "(a message that could not be read)"
ANEW = "The mailbox was made anew or its messages were numbered anew, so it is read from now on; what came in between was not told."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Box:
    """Where the mailbox is; the password is in no repr."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str = field(repr=False)
    folder: str


async def look(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """``cursor``: ``{validity, uid}``. The first look only remembers the newest message. Raises Misconfigured or Transient."""
    box = read_url(tools.credentials.get("imap_url"))
    return await asyncio.to_thread(_look, box, cursor, _own(tools))


def read_url(text: str) -> Box:
    """Raises Misconfigured for what is no address of a mailbox."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as err:
        raise Misconfigured("EMAIL_IMAP_URL is not an address; write imaps://user:password@host/INBOX.") from err
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise Misconfigured("EMAIL_IMAP_URL must begin with imap:// or imaps:// and name a user and a host.")
    return Box(
        host=url.hostname,
        port=port or (993 if url.scheme == "imaps" else 143),
        encrypted=url.scheme == "imaps",
        user=unquote(url.username),
        password=unquote(url.password or ""),
        folder=unquote(url.path.strip("/")) or "INBOX",
    )


def _own(tools: Tools) -> str:
    return parseaddr(tools.credentials.get("sender"))[1].casefold()


# --- the conversation ------------------------------------------------------------------------------------------------------


def _look(box: Box, cursor: Mapping[str, Json] | None, own: str) -> Told:
    try:
        with _opened(box) as server:
            validity, newest = _examined(server, box)
            if cursor is None or cursor.get("validity") != validity:
                return Told([], {"validity": validity, "uid": newest}, note="" if cursor is None else ANEW)
            return _new(server, box, validity, _number(cursor.get("uid")), own)
    except (imaplib.IMAP4.abort, OSError) as err:
        raise Transient(f"{NAME} broke off or could not be reached ({type(err).__name__}).") from err
    except imaplib.IMAP4.error as err:
        raise Transient(f"{NAME} answered with something that is not understood: {_says(err)}.") from err


@contextmanager
def _opened(box: Box) -> Iterator[imaplib.IMAP4]:
    trust = ssl.create_default_context()
    server: imaplib.IMAP4 = (
        imaplib.IMAP4_SSL(box.host, box.port, ssl_context=trust, timeout=TIMEOUT)
        if box.encrypted
        else imaplib.IMAP4(box.host, box.port, timeout=TIMEOUT)
    )
    try:
        if not box.encrypted and "STARTTLS" in server.capabilities:
            server.starttls(trust)
        elif not box.encrypted and box.host not in LOCAL:
            raise Misconfigured(f"{NAME} offers no encryption, so the password of EMAIL_IMAP_URL was not sent. Use imaps://.")
        try:
            server.login(box.user, box.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as err:
            raise Misconfigured(f"{NAME} does not accept the user or password of EMAIL_IMAP_URL: {_says(err)}.") from err
        yield server
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
        with suppress(OSError):
            server.shutdown()


def _examined(server: imaplib.IMAP4, box: Box) -> tuple[int, int]:
    """(UIDVALIDITY, the newest UID). Raises Misconfigured for a folder that is not there."""
    answer, _ = server.select(f'"{_as_folder(box.folder)}"', readonly=True)
    if answer != "OK":
        raise Misconfigured(f"{NAME} has no folder “{box.folder}”; it is named at the end of EMAIL_IMAP_URL.")
    validity, following = _number(server.response("UIDVALIDITY")[1]), _number(server.response("UIDNEXT")[1])
    if not following:  # not every server says it
        following = max([0, *_uids(server, "1:*")]) + 1
    return validity, following - 1


def _new(server: imaplib.IMAP4, box: Box, validity: int, last: int, own: str) -> Told:
    # “n:*” names the newest message even where it is older than n.
    fresh = sorted(uid for uid in _uids(server, f"{last + 1}:*") if uid > last)
    items = [item for uid in fresh[:AT_ONCE] if (item := _item(server, box, validity, uid, own)) is not None]
    read = fresh[:AT_ONCE][-1] if fresh else last
    return Told(items, {"validity": validity, "uid": read}, more=len(fresh) > AT_ONCE)


def _uids(server: imaplib.IMAP4, numbers: str) -> list[int]:
    said = _asked(server, "SEARCH", "UID", numbers)
    return [int(word) for line in said if line for word in line.split() if word.isdigit()]


def _asked(server: imaplib.IMAP4, command: str, *words: str) -> list[Any]:
    """Raises Transient for a refusal: what is new must not be taken for nothing."""
    answer, said = server.uid(command, *words)
    if answer != "OK":
        raise Transient(f"{NAME} refused to be read just now.")
    return said


def _item(server: imaplib.IMAP4, box: Box, validity: int, uid: int, own: str) -> dict[str, Any] | None:
    """None for one that was deleted meanwhile."""
    said = _asked(server, "FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")
    raw = next((part[1] for part in said if isinstance(part, tuple)), None)
    name = f"{validity}:{uid}"
    try:
        return None if raw is None else read_message(raw, name, box.folder, own)
    except Exception as error:  # noqa: BLE001  what strangers send must not keep all that comes after it from being read
        log.warning("a message (%s) could not be read: %s", name, type(error).__name__)
        return {
            **dict.fromkeys(FIELDS, ""),
            "id": name,
            "message_id": name,
            "subject": UNREADABLE,
            "attachments": [],
            "folder": box.folder,
            "time": None,
            "automatic": False,
        }


# --- reading a message -----------------------------------------------------------------------------------------------------


def read_message(raw: bytes, name: str, folder: str, own: str) -> dict[str, Any] | None:
    """None for what this house sent itself (``own``: its address): workflows must not write to each other for ever."""
    message = message_from_bytes(raw, policy=default)
    automatic = _header(message, "auto-submitted").partition(";")[0].strip().lower() not in ("", "no")
    sender_name, sender = parseaddr(_header(message, "from"))
    if automatic and own and sender.casefold() == own:
        return None
    return {
        "id": name,
        "message_id": _header(message, "message-id") or name,
        "from": sender,
        "from_name": sender_name,
        "to": _addresses(message, "to"),
        "cc": _addresses(message, "cc"),
        "subject": " ".join(_header(message, "subject").split())[:1000],
        "text": _text(message),
        "attachments": _attachments(message),
        "folder": folder,
        "time": _time(message),
        "automatic": automatic,
    }


def _header(message: EmailMessage, name: str) -> str:
    """Foreign headers can be so broken that they cannot be read at all."""
    try:
        return str(message.get(name, "")).replace("\0", "").encode("utf-8", "replace").decode()
    except (ValueError, LookupError, AttributeError, IndexError, TypeError, RecursionError):
        return ""


def _addresses(message: EmailMessage, name: str) -> str:
    return ", ".join(address for _, address in getaddresses([_header(message, name)]) if address)[:5000]


def _attachments(message: EmailMessage) -> list[str]:
    try:
        return [found.replace("\0", "")[:200] for part in message.iter_attachments() if (found := part.get_filename())]
    except (KeyError, ValueError, AttributeError, LookupError, TypeError):
        return []


def _time(message: EmailMessage) -> str | None:
    try:
        moment = parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _text(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        if part is None:
            return ""
        content = str(part.get_content())
    except (LookupError, ValueError, KeyError, AttributeError):
        return ""
    if part.get_content_type() == "text/html":
        content = re.sub(r"[ \t]+", " ", unescape(TAG.sub(" ", _without_code(content))))
    return (
        re.sub(r"\n{3,}", "\n\n", content.replace("\r\n", "\n").replace("\0", ""))
        .strip()[:LONGEST_TEXT]
        .encode("utf-8", "replace")
        .decode()
    )


def _without_code(content: str) -> str:
    """Without scripts and styles, in one pass: whoever writes a mail must not choose how long it takes to read."""
    kept, inside, place = [], "", 0
    for tag in CODE.finditer(content):
        closes, name = bool(tag[1]), tag[2].lower()
        if not inside and not closes:
            kept.append(content[place : tag.start()])
            inside = name
        elif closes and name == inside:
            inside, place = "", tag.end()
    return " ".join(kept if inside else [*kept, content[place:]])


def _number(said: Any) -> int:
    """Of an answer such as ``[b"17"]``; 0 for none."""
    value = said[0] if isinstance(said, list) and said else said
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return int(text) if text.isascii() and text.isdigit() else 0


def _as_folder(name: str) -> str:
    """Modified UTF-7 (RFC 3501 §5.1.3), quoted."""

    def coded(found: re.Match[str]) -> str:
        return "&" + b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^ -~]+", coded, name.replace("&", "&-")).replace("\\", "\\\\").replace('"', '\\"')


def _says(err: Exception) -> str:
    text = err.args[0] if err.args else ""
    return " ".join((text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)).split())[:200].rstrip(".")
