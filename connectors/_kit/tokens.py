"""A token that was fetched for an account, and where it is kept until it runs out: the vault, or the process alone where there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors._kit.picking import at
from engine.ports import Vault

PREFIX = "token:"  # of the names in the vault
EARLY = timedelta(seconds=60)  # a token is renewed so long before it runs out, at most
LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Token:
    """``until`` None: it lives until it is refused. ``bound``: a fingerprint of what it was fetched with; with other settings it is not used."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    since: datetime | None = None
    until: datetime | None = None
    bound: str = ""

    def lives(self, now: datetime) -> bool:
        """Whether it can be used for a request that begins now."""
        if self.until is None:
            return True
        early = min(EARLY, (self.until - self.since) / 10) if self.since else EARLY
        return now < self.until - early


def read_answer(
    body: Mapping[str, Any], now: datetime, *, seconds: float = 0.0, held: Token | None = None, bound: str = ""
) -> Token | None:
    """The token in a token endpoint's answer; None when there is none. ``held``: its refresh token goes on where no new one is said."""
    access = body.get("access_token") or body.get("token")  # GitHub's installations say “token”
    if not isinstance(access, str) or not access:
        nested = at(body, "authed_user.access_token")  # Slack, where only a person was asked
        access = nested if isinstance(nested, str) else ""
    if not access:
        return None
    said = body.get("refresh_token")
    refresh = said if isinstance(said, str) and said else (held.refresh if held else "")
    return Token(access, refresh, now, _until(body, now, seconds), bound)


def _until(body: Mapping[str, Any], now: datetime, seconds: float) -> datetime | None:
    try:
        lasts = float(body["expires_in"])
    except (KeyError, TypeError, ValueError):
        lasts = seconds
    if lasts > 0:
        return now + min(timedelta(seconds=min(lasts, LONGEST.total_seconds())), LONGEST)
    try:
        moment = datetime.fromisoformat(str(body["expires_at"]))
    except (KeyError, ValueError):
        return None
    return moment if moment.tzinfo else None


def bound_to(*parts: str) -> str:
    """The fingerprint of settings; nobody can tell them from it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def token_name(service: str, account: str) -> str:
    """How an account's token is called in the vault."""
    return f"{PREFIX}{service}:{account}"


class Kept:
    """The place of one account's token."""

    def __init__(self, vault: Callable[[], Vault], service: str, account: str) -> None:
        self._vault = vault
        self.name = token_name(service, account)

    async def read(self) -> Token | None:
        """Raises Rejected when it was kept with another secret key."""
        kept = await self._vault().get(self.name)
        return _read(kept["token"]) if kept and "token" in kept else None

    async def write(self, token: Token) -> None:
        """Durable when it returns. Raises Transient."""
        await self._vault().put(self.name, {"token": _written(token)})

    async def forget(self) -> None:
        await self._vault().forget(self.name)


class Passing:
    """Fulfils ``ports.Vault`` for a process that keeps nothing."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, str]] = {}

    async def put(self, name: str, secret: Mapping[str, str]) -> None:
        self._rows[name] = dict(secret)

    async def get(self, name: str) -> Mapping[str, str] | None:
        return self._rows.get(name)

    async def names(self) -> list[str]:
        return sorted(self._rows)

    async def forget(self, name: str) -> None:
        self._rows.pop(name, None)


def _written(token: Token) -> str:
    moments = {name: moment.isoformat() for name, moment in (("since", token.since), ("until", token.until)) if moment}
    return json.dumps({"access": token.access, "refresh": token.refresh, "bound": token.bound, **moments})


def _read(text: str) -> Token:
    raw: dict[str, str] = json.loads(text)
    since, until = (datetime.fromisoformat(raw[name]) if name in raw else None for name in ("since", "until"))
    return Token(raw["access"], raw["refresh"], since, until, raw["bound"])
