"""The dance of OAuth as it is remembered between its steps: a link for one person, then a state for one browser, each for ten minutes.

begin ─▶ ticket (personal link) ── opened ─▶ state + verifier (one browser) ── comes back, once ─▶ code is exchanged
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from engine.errors import Forbidden, Rejected
from engine.parties import Actor
from engine.ports import Clock, Vault

LIFE = timedelta(minutes=10)
PREFIX = "dance:"  # of the names in the vault
OVER = "This link is over: it was used already, or is older than ten minutes. Say /connect again to get a fresh one."
ELSEWHERE = "This was begun in another browser. Nothing was connected; open the link and say yes in the same browser."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Of one dance. ``verifier`` (PKCE) and ``browser`` (a hash) are there once the link was opened; ``ticket`` is the name of the link's record."""

    service: str
    account: str
    face: str
    user: str
    person: str
    until: str
    values: Mapping[str, str] = field(default_factory=dict)
    redirect: str = ""
    verifier: str = field(default="", repr=False)
    browser: str = ""
    ticket: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(self.face, self.user, self.person)


class Dances:
    """Kept in the vault: another process may be the one that the browser comes back to, and PKCE's verifier is a secret."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._taking = asyncio.Lock()

    async def begin(self, service: str, account: str, actor: Actor, values: Mapping[str, str]) -> str:
        """The ticket of a link for this person. ``values``: settings that the account has besides what the service gives."""
        await self._sweep()
        ticket = secrets.token_urlsafe(24)
        until = (self._clock.now() + LIFE).isoformat()
        who = {"face": actor.face, "user": actor.user, "person": actor.name}
        await self._keep(_name(ticket), Step(service=service, account=account, until=until, values=dict(values), **who))
        return ticket

    async def of(self, key: str) -> Step:
        """The step behind a ticket or a state. Raises Rejected when it is over."""
        return await self._read(_name(key))

    async def open(self, ticket: str, state: str, verifier: str, redirect: str) -> tuple[Step, str]:
        """The browser opened the link: what it is known by from now on. The link may be opened anew until the dance is done."""
        step = await self.of(ticket)
        browser = secrets.token_urlsafe(24)
        opened = replace(step, verifier=verifier, redirect=redirect, browser=_hash(browser), ticket=_name(ticket))
        await self._keep(_name(state), opened)
        return opened, browser

    async def take(self, state: str, browser: str) -> Step:
        """Once: whoever comes second is refused. Raises Rejected, or Forbidden for another browser."""
        async with self._taking:
            step = await self.of(state)
            if not step.browser:
                raise Rejected(OVER)
            await self._vault.forget(_name(state))
        if not compare_digest(step.browser, _hash(browser)):
            raise Forbidden(ELSEWHERE)
        return step

    async def done(self, step: Step) -> None:
        """The link is used up."""
        await self._vault.forget(step.ticket)

    async def _read(self, name: str) -> Step:
        kept = await self._vault.get(name)
        step = _step(kept) if kept else None
        if step is None or datetime.fromisoformat(step.until) <= self._clock.now():
            raise Rejected(OVER)
        return step

    async def _keep(self, name: str, step: Step) -> None:
        await self._vault.put(name, {"step": json.dumps(asdict(step))})

    async def _sweep(self) -> None:
        for name in await self._vault.names():
            if name.startswith(PREFIX) and not await self._lasts(name):
                await self._vault.forget(name)

    async def _lasts(self, name: str) -> bool:
        try:
            await self._read(name)
        except Rejected:  # over, or kept with another secret key
            return False
        return True


def _step(kept: Mapping[str, str]) -> Step:
    return Step(**json.loads(kept["step"]))


def _name(key: str) -> str:
    return PREFIX + _hash(key)


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
