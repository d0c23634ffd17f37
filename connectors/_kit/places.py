"""The places: every account of every connector, which of them a call means, and how they come and go while the house runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

import httpx2

from connectors._kit.accounts import DEFAULT, further, kept_name, said_by
from connectors._kit.connector import Connector
from connectors._kit.credentials import Credentials, read_credentials
from connectors._kit.desk import Desk
from connectors._kit.nearest import did_you_mean
from connectors._kit.performing import Live
from connectors._kit.tokens import Kept, Passing, Token, token_name
from connectors._kit.wire import Wire
from engine.errors import NotFound, Rejected
from engine.ports import Account, Clock, Vault

NOTHING: Mapping[str, str] = MappingProxyType({})
LINGER = timedelta(minutes=2)  # a connection of an account that was changed is closed after that: calls may be on their way

log = logging.getLogger(__name__)


class Closes(Protocol):
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A connector with one of its accounts. ``shows``: what shows who asks, where it may have something under way."""

    connector: Connector
    credentials: Credentials
    live: Live
    desk: Desk
    wire: Wire
    shows: Closes | None = None

    @property
    def account(self) -> Account:
        return self.credentials.account

    async def close(self) -> None:
        await self.live.close()
        if self.shows is not None:
            await self.shows.close()
        await self.wire.close()


class Build(Protocol):
    """Makes a place. ``passing``: it is tried only, and what it fetches is kept there instead of in the vault."""

    def __call__(self, connector: Connector, credentials: Credentials, *, passing: Vault | None = None) -> Place: ...


class Places(Mapping[str, Place]):
    """By service: the account that is meant when none is named, else the first one. ``all`` has every one."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        environ: Mapping[str, str],
        sandbox_mode: str,
        build: Build,
        clock: Clock,
        *,
        accounts: Sequence[Account] = (),
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """``accounts``: those that there are besides what ``environ`` says, by their names alone; for a stage. ``transport`` as in ``wire.Wire``."""
        self._connectors = {connector.id: connector for connector in connectors}
        self.environ = environ
        self.mode = sandbox_mode
        self.transport = transport
        self._build = build
        self._clock = clock
        self._all: dict[str, dict[str, Place]] = {}
        self._retired: list[tuple[datetime, Place]] = []
        for id_ in self._connectors:
            self._put(id_, {account.name: {} for account in accounts if account.service == id_}, frozenset())

    # --- finding -------------------------------------------------------------------------------------------------------

    def __getitem__(self, service: str) -> Place:
        places = self._all[service]
        return places.get(DEFAULT) or next(iter(places.values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def all(self) -> Iterator[Place]:
        return (place for places in self._all.values() for place in places.values())

    def of(self, service: str) -> Sequence[Place]:
        """Every account of a service; none for one that does not exist."""
        return tuple(self._all.get(service, {}).values())

    def named(self, service: str, account: str) -> Place | None:
        return self._all.get(service, {}).get(account)

    def connector(self, service: str) -> Connector:
        """Raises NotFound with the nearest names."""
        if service not in self._connectors:
            raise NotFound(f"There is no connector “{service}”.{did_you_mean(service, self._connectors)}")
        return self._connectors[service]

    def choose(self, service: str, account: str = "") -> Place:
        """The account that is meant: the named one; without a name the only one, or ``default``. Raises NotFound, or Rejected that lists them."""
        name = self.connector(service).description.name
        places = self._all[service]
        if account:
            if account in places:
                return places[account]
            raise NotFound(
                f"{name} has no account “{account[:40]}”, only {_listed(places)}. /connect {service} as {account[:40]} makes one."
            )
        if len(places) == 1:
            return next(iter(places.values()))
        if DEFAULT in places:
            return places[DEFAULT]
        raise Rejected(f"{name} has several accounts: {_listed(places)}. Say which: “account: {next(iter(places))}” in the step.")

    def said(self, connector: Connector, account: str) -> Mapping[str, str]:
        """What the environment says of an account."""
        return said_by(connector.description, self.environ, account)

    async def trial(self, connector: Connector, credentials: Credentials, token: Token | None = None) -> Place:
        """A place of its own, to be tried before anything is kept; whoever asks for it closes its wire."""
        passing = Passing()
        if token is not None:
            await self.kept_token(passing, connector.id, credentials.account.name).write(token)
        return self._build(connector, credentials, passing=passing)

    @staticmethod
    def kept_token(vault: Vault, service: str, account: str) -> Kept:
        return Kept(lambda: vault, service, account)

    # --- coming and going ------------------------------------------------------------------------------------------------

    async def take_up(self, vault: Vault, service: str = "") -> None:
        """Read again what the vault has of one service, or of all. What was kept with another secret key is there, off, and says so."""
        names = await vault.names()
        for id_ in [service] if service else list(self._connectors):
            if id_ not in self._connectors:
                continue
            begin = kept_name(id_, "")
            kept = {name[len(begin) :]: await _opened(vault, name) for name in names if name.startswith(begin)}
            granted = frozenset(account for account in kept if token_name(id_, account) in names)
            self._put(id_, kept, granted)
        await self._close_retired(self._clock.now() - LINGER)

    def _put(self, service: str, kept: Mapping[str, Mapping[str, str] | None], granted: frozenset[str]) -> None:
        connector = self._connectors[service]
        before = self._all.get(service, {})
        fresh: dict[str, Place] = {}
        for credentials in self._accounts(connector, kept, granted):
            name = credentials.account.name
            old = before.get(name)
            fresh[name] = old if old is not None and old.credentials == credentials else self._build(connector, credentials)
        now = self._clock.now()
        self._retired += [(now, place) for name, place in before.items() if fresh.get(name) is not place]
        self._all[service] = fresh

    def _accounts(self, connector: Connector, kept: Mapping[str, Mapping[str, str] | None], granted: frozenset[str]) -> list[Credentials]:
        """``default`` is among them unless it is not set up and another one is."""
        said = connector.description
        names = dict.fromkeys([DEFAULT, *([] if said.house else further(said, self.environ)), *kept])
        read = [self._read(connector, name, kept, granted) for name in names]
        first, *others = read
        begun = first.kept or not first.account.missing or first.begun(said)
        return read if begun or not others else others

    def _read(self, connector: Connector, name: str, kept: Mapping[str, Mapping[str, str] | None], granted: frozenset[str]) -> Credentials:
        said, opened = connector.description, kept.get(name)
        if name in kept and opened is None:
            return _locked(read_credentials(said, self.environ, self.mode, name=name, kept=NOTHING))
        return read_credentials(said, self.environ, self.mode, name=name, kept=opened, granted=name in granted)

    async def close(self) -> None:
        await asyncio.gather(*(place.close() for place in self.all()))
        await self._close_retired(None)

    async def _close_retired(self, before: datetime | None) -> None:
        due = [place for at, place in self._retired if before is None or at <= before]
        self._retired = [(at, place) for at, place in self._retired if not any(place is one for one in due)]
        await asyncio.gather(*(place.close() for place in due))


async def _opened(vault: Vault, name: str) -> Mapping[str, str] | None:
    """None for what was kept with another secret key: the house starts all the same, and says what to do."""
    try:
        return dict(await vault.get(name) or {})
    except Rejected as error:
        log.warning("%s", error)
        return None


def _locked(credentials: Credentials) -> Credentials:
    account = credentials.account
    named = "" if account.name == DEFAULT else f" as {account.name}"
    why = f"It was encrypted with another secret key. Set SIGNALBOX_SECRET_KEY to that one, or connect it again: /connect {account.service}{named}."
    return replace(credentials, account=replace(account, mode="off", missing=why, probed=False), kept=True)


def _listed(places: Mapping[str, Place]) -> str:
    return ", ".join(f"“{name}”" for name in places)
