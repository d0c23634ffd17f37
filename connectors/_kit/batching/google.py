"""Google's multipart/mixed: whole HTTP requests as parts, answered as whole HTTP answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from connectors._kit.batching.single import Framed, Item, Single
from connectors._kit.content import FileContent
from connectors._kit.described_wire import Batch
from connectors._kit.wire import WireAnswer

ID = re.compile(r"ask(\d+)")
STATUS = re.compile(rb"HTTP/[\d.]+ (\d{3})")


def joins(single: Single) -> bool:
    return True


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    parts = [_inside(number, single, root) for number, single in enumerate(singles, 1)]
    boundary = "signalbox-" + hashlib.sha256(b"".join(parts)).hexdigest()[:32]
    content = b"".join(f"--{boundary}\r\n".encode() + inside + b"\r\n" for inside in parts) + f"--{boundary}--\r\n".encode()
    return Framed(batch.path, FileContent("", f"multipart/mixed; boundary={boundary}", content), encoding="bytes")


def _inside(number: int, single: Single, root: str) -> bytes:
    body = b"" if single.request.body is None else json.dumps(single.request.body).encode()
    lines = ["Content-Type: application/http", f"Content-ID: <ask{number}>", "", f"{single.request.method} {root}{single.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in single.headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    head = f"Content-Type: {answer.headers.get('content-type', '')}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + answer.content)
    parts = [one for one in whole.get_payload() if isinstance(one, Message)] if whole.is_multipart() else []
    found = {number: _answer(one) for place, one in enumerate(parts, 1) for number in [_number(one, place)]}
    return [found.get(number) for number in range(1, len(singles) + 1)]


def _number(one: Message, place: int) -> int:
    """Whose answer it is: by its id, else by its place."""
    match = ID.search(str(one.get("Content-ID", "")))
    return int(match[1]) if match else place


def _answer(one: Message) -> WireAnswer | None:
    inside = one.get_payload(decode=True)
    match = STATUS.match(inside.lstrip()) if isinstance(inside, bytes) else None
    if match is None:
        return None
    assert isinstance(inside, bytes)
    _, _, rest = inside.lstrip().partition(b"\n")
    message = BytesParser(policy=HTTP).parsebytes(rest, headersonly=True)
    _, _, body = rest.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
    return WireAnswer(int(match[1]), {name.lower(): str(value) for name, value in message.items()}, body)
