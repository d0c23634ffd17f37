"""The small texts and numbers that Discord keeps for us on a message: what a button means, and which message is which.

A custom id says which card, which version of it and which verb: nothing else, and never a state or a secret, so a button
works after any restart. It reads ``v1|kind|card|version|verb|arg``. Discord allows 100 characters; a longer one is packed
two characters into one ideograph, which carries any card id of 60 and argument of 40 characters.
"""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote, unquote

CUSTOM_ID_LIMIT = 100
_FIRST = 0x4E00  # 128 × 128 ideographs from here on lie in one block of Unicode
_SAYING = "say1|"


class Kind(StrEnum):
    """What pressing leads to: acting at once, a form, the question “sure?”, its yes, or its no."""

    ACT = "a"
    FORM = "f"
    SURE = "s"
    YES = "y"
    NO = "n"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a component of ours means."""

    kind: Kind
    card: str
    version: int
    verb: str
    arg: str = ""

    def encode(self) -> str | None:
        """The custom id; None when no custom id can carry it."""
        plain = "|".join((self.kind, _quoted(self.card), str(self.version), _quoted(self.verb), _quoted(self.arg)))
        if len(plain) + 3 <= CUSTOM_ID_LIMIT:
            return f"v1|{plain}"
        packed = f"v1*{_pack(plain)}"
        return packed if len(packed) <= CUSTOM_ID_LIMIT else None

    @classmethod
    def decode(cls, custom_id: str) -> Mark | None:
        """None for a custom id that is not (or no longer) ours."""
        plain = custom_id[3:] if custom_id.startswith("v1|") else _unpack(custom_id[3:]) if custom_id.startswith("v1*") else ""
        parts = plain.split("|")
        if len(parts) != 5 or parts[0] not in list(Kind) or not re.fullmatch(r"-?[0-9]{1,18}", parts[2], re.ASCII):
            return None
        kind, card, version, verb, arg = parts
        return cls(Kind(kind), unquote(card), int(version), unquote(verb), unquote(arg))


def saying(prefix: str) -> str:
    """The custom id of a form whose text is said after ``prefix``: ``saying("/flow import")``."""
    return f"{_SAYING}{prefix}"[:CUSTOM_ID_LIMIT]


def said_after(custom_id: str) -> str | None:
    """The prefix of such a form, or None when it is another."""
    return custom_id.removeprefix(_SAYING) if custom_id.startswith(_SAYING) else None


def nonce(key: str) -> str:
    """24 characters: Discord answers a second post with the same nonce, within minutes, by the first message."""
    return b32encode(sha256(key.encode()).digest()[:15]).decode().lower()


def component_ids(key: str) -> tuple[int, int]:
    """Two component numbers by which the message posted with ``key`` is recognised in a channel's history.

    Discord does not give a nonce back when history is read, but a component keeps the number we give it, and nobody sees it.
    """
    digest = sha256(b"component:" + key.encode()).digest()
    first, second = (1000 + int.from_bytes(digest[at : at + 4]) % (2**31 - 1001) for at in (0, 4))
    return first, second if second != first else first - 1


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _pack(ascii_text: str) -> str:
    even = ascii_text + "\x00" * (len(ascii_text) % 2)
    return "".join(chr(_FIRST + ord(even[at]) * 128 + ord(even[at + 1])) for at in range(0, len(even), 2))


def _unpack(packed: str) -> str:
    numbers = [ord(character) - _FIRST for character in packed]
    if any(not 0 <= number < 128 * 128 for number in numbers):
        return ""
    return "".join(chr(number // 128) + chr(number % 128) for number in numbers).rstrip("\x00")
