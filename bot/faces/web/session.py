"""Who is at the browser: one-time codes that sign in, and signed cookies that remember it.

invited → code (once, 15 min) → cookie (30 days, HttpOnly, SameSite=Strict) → Visitor
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.parties import Actor
from engine.ports import Clock

CODE_LIFE = timedelta(minutes=15)
COOKIE_LIFE = timedelta(days=30)
CODES = 200  # open invitations at most; the oldest are withdrawn first
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. ``user`` stays for ever, ``name`` can be changed."""

    user: str
    name: str

    def actor(self, timezone: str = "", locale: str = "") -> Actor:
        return Actor(face="web", user=self.user, name=self.name, timezone=timezone, locale=locale)


@dataclass(frozen=True, slots=True)
class _Code:
    visitor: Visitor
    expires_at: datetime


class Sessions:
    """``secret`` signs the cookies: whoever has it can be anyone. Codes live in memory and die with the process."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = _derived(secret, "web session")
        # Cookies know no ports: two houses on one machine must not overwrite each other's.
        self.cookie = "signalbox_" + _derived(secret, "web cookie name").hex()[:8]
        self._clock = clock
        self._codes: dict[bytes, _Code] = {}

    def invite(self, visitor: Visitor, life: timedelta = CODE_LIFE) -> str:
        """A code that signs ``visitor`` in once."""
        code = secrets.token_urlsafe(24)
        self._codes = {key: held for key, held in self._codes.items() if held.expires_at > self._clock.now()}
        while len(self._codes) >= CODES:
            self._codes.pop(next(iter(self._codes)))
        self._codes[_fingerprint(code)] = _Code(visitor, self._clock.now() + life)
        return code

    def redeem(self, code: str) -> Visitor | None:
        """Whom the code signs in; None when it is unknown, used or expired. It is used up either way."""
        held = self._codes.pop(_fingerprint(code), None)
        return held.visitor if held and held.expires_at > self._clock.now() else None

    def sign(self, visitor: Visitor) -> str:
        """The cookie's value."""
        issued = int(self._clock.now().timestamp())
        payload = _encode(json.dumps({"u": visitor.user, "n": visitor.name, "t": issued}).encode())
        return f"{payload}.{_encode(self._mac(payload))}"

    def read(self, value: str) -> Visitor | None:
        """Who the cookie says it is, None when it is not ours or too old."""
        payload, _, signature = value.partition(".")
        try:
            if not hmac.compare_digest(_decode(signature), self._mac(payload)):
                return None
            said = json.loads(_decode(payload))
        except (ValueError, binascii.Error):
            return None
        age = self._clock.now().timestamp() - said["t"]
        return Visitor(said["u"], said["n"]) if age < COOKIE_LIFE.total_seconds() else None

    def _mac(self, payload: str) -> bytes:
        return hmac.new(self._key, payload.encode("utf-8", "replace"), hashlib.sha256).digest()


def clean_name(name: str) -> str:
    """A name as others will see it: one line, printable, short; "" when nothing is left of it."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:NAME_LENGTH].strip()


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def _fingerprint(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
