"""A token that is fetched where it is needed: by one asker for all, and written down before it is used.

asked ── held and alive ──▶ used
   └──▶ one flight: kept by another process? ──▶ used
                     └──▶ fetched ──▶ written down ──▶ used
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from connectors._kit.authorizing import Proof, bearer
from connectors._kit.credentials import Fetched
from connectors._kit.description import Auth
from connectors._kit.failures import Misconfigured
from connectors._kit.token_endpoint import Revoked
from connectors._kit.tokens import Kept, Token
from engine.errors import Transient
from engine.ports import Clock, Leases

PATIENCE = 20.0  # seconds that another process is given to fetch it
LAST = 10.0  # seconds that whoever closes waits for a fetch under way
LOOK = 0.2  # seconds between looks whether it has


class Renewing:
    """Fulfils ``authorizing.Authorizer`` for one account. ``fetch`` gets what is held, None the first time; it raises the three words."""

    def __init__(
        self,
        way: Auth,
        kept: Kept,
        fetch: Callable[[Token | None], Awaitable[Token]],
        clock: Clock,
        fetched: Fetched,
        *,
        bound: str,
        leases: Callable[[], Leases | None] = lambda: None,
    ) -> None:
        self._way = way
        self._kept = kept
        self._fetch = fetch
        self._clock = clock
        self._fetched = fetched
        self._bound = bound
        self._leases = leases
        self._held: Token | None = None
        self._unwritten: Token | None = None  # fetched, and the vault could not take it yet
        self._over: Revoked | None = None
        self._flight: asyncio.Task[Token] | None = None

    async def proof(self) -> Proof:
        held = self._held
        if held is None or not held.lives(self._clock.now()):
            held = await self._renewed(held)
        return bearer(self._way, held.access)

    async def renew(self, refused: Proof) -> bool:
        """See ``authorizing.Authorizer``. Five callers with the same refused token cost one fetch."""
        if self._held is not None and self._way.kind == "oauth" and not self._held.refresh:
            # It does not run out by itself: it lacks a permission, or was taken back. Only another connection would help.
            newer = await self._newer(self._held)
            self._held = newer or self._held
            return newer is not None
        for _ in range(2):  # the first flight may have begun before this token was refused, and bring it once more
            held = self._held
            if held is None or bearer(self._way, held.access).headers == refused.headers:
                await self._renewed(held)
        return True

    async def close(self) -> None:
        """A token that is being fetched is written down first: one that works once would be gone for good."""
        if self._flight is not None and not self._flight.done():
            await asyncio.wait([self._flight], timeout=LAST)
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    async def _renewed(self, stale: Token | None) -> Token:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fly(stale), name=f"fetching {self._kept.name}")
            self._flight.add_done_callback(_landed)
        # A caller that gives up does not take the others' token with it, nor one that was fetched and is to be written down.
        return await asyncio.shield(self._flight)

    async def _fly(self, stale: Token | None) -> Token:
        lease = f"fetch {self._kept.name}"
        leases = self._leases()
        await self._alone(leases, lease)
        try:
            token = await self._newer(stale) or await self._fetched_anew(stale)
        finally:
            if leases is not None:
                await leases.release(lease)
        self._held = token
        return token

    async def _alone(self, leases: Leases | None, lease: str) -> None:
        """Of several processes one fetches: a refresh token that works once would be spent twice."""
        waited = 0.0
        while leases is not None and not await leases.acquire(lease):
            if waited >= PATIENCE:
                raise Transient("Another process has been fetching this account's token for a while.", LOOK)
            await self._clock.sleep(LOOK)
            waited += LOOK

    async def _newer(self, stale: Token | None) -> Token | None:
        """What was written down since, by another process or before the last start."""
        await self._write_late()
        token = await self._kept.read()
        if token is None or token.bound != self._bound:
            return None
        self._fetched.note(token.access, token.refresh)
        if stale is not None and token.access == stale.access:
            return None
        self._over = None
        return token if token.lives(self._clock.now()) else None

    async def _fetched_anew(self, stale: Token | None) -> Token:
        if self._over is not None:
            raise self._over
        kept = await self._kept.read()
        held = kept if kept is not None and kept.bound == self._bound else stale
        try:
            token = await self._fetch(held)
        except Revoked as over:
            self._over = over
            raise
        self._fetched.note(token.access, token.refresh)
        self._unwritten = token
        await self._write_late()
        return token

    async def _write_late(self) -> None:
        """Before it is used: were it lost with the process, a refresh token that works once would be gone for good."""
        if self._unwritten is not None:
            await self._kept.write(self._unwritten)
            self._unwritten = None


def _landed(flight: asyncio.Task[Token]) -> None:
    """Every caller may have gone; then nobody else is left to take its exception."""
    if not flight.cancelled():
        flight.exception()


def needs_refresh(token: Token | None, again: str, now: datetime) -> Token:
    """What can be refreshed. Raises Misconfigured where nobody has connected the account, or no refresh token was given."""
    if token is None:
        raise Misconfigured(f"Nobody has connected this account yet. {again}")
    if not token.refresh:
        raise Revoked(f"The token of this account has run out, and the service gave nothing to renew it with. {again}")
    return token
