"""Which authorizer an account gets: what its settings give, what hooks.py gives, or a token that is fetched by its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx2

from connectors._kit.accounts import DEFAULT
from connectors._kit.authorizing import Authorizer, Proof, Unchanging, filled, named, subject_of
from connectors._kit.connector import Connector
from connectors._kit.credentials import Credentials
from connectors._kit.custom import Authorize, Tools
from connectors._kit.described_auth import Auth
from connectors._kit.failures import Misconfigured
from connectors._kit.renewing import Renewing, needs_refresh
from connectors._kit.token_endpoint import TokenEndpoint
from connectors._kit.tokens import Kept, Token, bound_to, read_answer
from engine.ports import Clock, Leases, Vault

FETCHED = frozenset({"oauth", "client_credentials", "service_account", "github_app"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What fetching needs of the house. ``vault`` and ``leases`` are asked when needed: they may be joined later."""

    vault: Callable[[], Vault]
    clock: Clock
    leases: Callable[[], Leases | None]
    transport: httpx2.AsyncBaseTransport | None = None


class Own:
    """Fulfils ``authorizing.Authorizer`` by ``Custom.authorize``; what it remembers is its own business."""

    def __init__(self, authorize: Authorize, tools: Callable[[], Tools]) -> None:
        self._authorize = authorize
        self._tools = tools

    async def proof(self) -> Proof:
        return Proof(await self._authorize(self._tools()))

    async def renew(self, refused: Proof) -> bool:
        return False

    async def close(self) -> None:
        return None


def authorizer_of(connector: Connector, credentials: Credentials, around: Around, tools: Callable[[], Tools]) -> Authorizer:
    way, authorize = credentials.way, connector.custom.authorize
    if way is not None and way.kind in FETCHED and credentials.account.mode == "live":
        return _fetching(connector, credentials, way, around)
    if way is not None and way.kind == "own" and authorize is not None:
        return Own(authorize, tools)
    return Unchanging(way, credentials.values)


def endpoint_of(connector: Connector, credentials: Credentials, transport: httpx2.AsyncBaseTransport | None) -> TokenEndpoint:
    said = connector.description
    base = credentials.get("base_url")
    return TokenEndpoint(
        said.name, said.timeouts, transport, again=again(credentials), scrub=credentials.scrub, base=base, headers=said.headers
    )


def again(credentials: Credentials) -> str:
    """How to connect an account anew, in words."""
    account = credentials.account
    if credentials.way is None or credentials.way.kind != "oauth":
        return "Check what it is connected with."
    return f"Connect it again: /connect {account.service}{'' if account.name == DEFAULT else f' as {account.name}'}"


def fingerprint(way: Auth, credentials: Credentials) -> str:
    """Of what a token is fetched with. One that a person gave stays when the app's secret is changed: it is refreshed with the new one."""
    if way.kind == "oauth":
        return bound_to("oauth", filled(way.client_id, credentials.values))
    subject = credentials.get(subject_of(way))
    server = (filled(way.oauth.token_url, credentials.values), *way.oauth.scopes) if way.oauth else (credentials.get("base_url"),)
    return bound_to(way.kind, subject, *server, *(f"{name}={credentials.get(name)}" for name in sorted(named(way))))


def _fetching(connector: Connector, credentials: Credentials, way: Auth, around: Around) -> Renewing:
    account = credentials.account
    bound = fingerprint(way, credentials)
    endpoint = endpoint_of(connector, credentials, around.transport)

    async def fetch(held: Token | None) -> Token:
        # Loaded when the first token is fetched: an idle house has no use for it.
        from connectors._kit import oauth

        now = around.clock.now()
        values: Mapping[str, str] = credentials.values
        if way.kind == "oauth":
            held = needs_refresh(held, again(credentials), now)
        match way.kind:
            case "oauth":
                ask = oauth.refresh_ask(way, values, held.refresh if held else "")
            case "client_credentials":
                ask = oauth.client_ask(way, values)
            case "service_account":
                ask = oauth.service_account_ask(way, values, now)
            case _:
                ask = oauth.app_ask(way, values, now)
        return token_in(await endpoint.ask(ask), way, around.clock.now(), connector.description.name, held=held, bound=bound)

    kept = Kept(around.vault, account.service, account.name)
    return Renewing(way, kept, fetch, around.clock, credentials.fetched, bound=bound, leases=around.leases)


def token_in(body: Mapping[str, object], way: Auth, now: datetime, name: str, *, held: Token | None, bound: str) -> Token:
    """Raises Misconfigured for an answer without one."""
    token = read_answer(body, now, seconds=way.oauth.seconds if way.oauth else 0.0, held=held if way.kind == "oauth" else None, bound=bound)
    if token is None:
        raise Misconfigured(f"{name}’s token server gave no token.")
    return token
