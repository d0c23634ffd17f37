"""Where tokens are fetched: sends what ``oauth`` built, and turns every failure into one of the hall's three words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from connectors._kit.description import Timeouts
from connectors._kit.failures import Misconfigured, Throttled
from connectors._kit.foreign import foreign_json
from connectors._kit.wire import AGENT, IMPOSSIBLE, LOST, in_words, phases, read_capped
from engine.errors import Rejected, Transient

if TYPE_CHECKING:
    from connectors._kit.oauth import TokenAsk

LARGEST = 256 * 1024  # bytes of an answer; a token has a few kB
LONGEST_WAIT = 3600.0  # seconds
LONGEST_WORD = 200  # characters of what the server says
REVOKED = frozenset(
    {"invalid_grant", "bad_refresh_token", "bad_verification_code", "token_revoked", "invalid_refresh_token", "invalid_code"}
)
WRONG_APP = frozenset({"invalid_client", "unauthorized_client", "incorrect_client_credentials", "invalid_client_id", "bad_client_secret"})


class Revoked(Misconfigured):
    """What the token was to be fetched with is not taken any more: somebody has to connect the account again."""


class TokenEndpoint:
    """For one account. ``again`` says how to connect it anew, ``scrub`` takes secrets out of what a server says.

    ``headers`` are sent along to addresses under ``base``: where the service itself gives the tokens, it wants what it wants elsewhere.
    """

    def __init__(
        self,
        name: str,
        timeouts: Timeouts,
        transport: httpx2.AsyncBaseTransport | None,
        *,
        again: str,
        scrub: Callable[[str], str] = str,
        base: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._base = base
        self._headers = headers
        self._name = name
        self._timeouts = timeouts
        self._transport = transport
        self._again = again
        self._scrub = scrub

    async def ask(self, ask: TokenAsk) -> Mapping[str, Any]:
        """The parsed answer of a success. Raises Revoked, Misconfigured or Transient; nothing of a request stands in their texts."""
        who = f"{self._name}’s token server"
        status, headers, content = await self._send(who, ask)
        if status == 429:
            raise Throttled(f"{who} asks for a pause.", _wait(headers))
        if status >= 500 or status in (408, 425):
            raise Transient(f"{who} failed (status {status}).", _wait(headers))
        if 300 <= status < 400:
            raise Misconfigured(f"{who} redirects elsewhere, and credentials are not sent along. Check the account's address.")
        body = _parsed(content)
        if body is None:
            if 200 <= status < 300:
                raise Transient(f"{who} gave an answer that cannot be read.")
            raise Misconfigured(f"{who} refused (status {status}). {self._again}")
        error = _error(body)
        if error or status >= 400:
            raise self._refusal(who, error, body, status)
        return body

    async def _send(self, who: str, ask: TokenAsk) -> tuple[int, Mapping[str, str], bytes]:
        if urlsplit(ask.url).scheme not in ("http", "https"):
            raise Misconfigured(f"{who} has no valid address. Check the account's address.")
        try:
            async with (
                asyncio.timeout(self._timeouts.total),
                self._client() as client,
                client.stream("POST", ask.url, content=ask.body.encode(), headers=self._sent(ask)) as response,
            ):
                body = await read_capped(response, LARGEST)
                if body is None:
                    raise Rejected(f"{who} answered with more than a token.")
                return response.status_code, {key.lower(): value for key, value in response.headers.items()}, body
        except (*IMPOSSIBLE, *LOST) as err:
            raise in_words(who, err, may_repeat=True) from err

    def _sent(self, ask: TokenAsk) -> dict[str, str]:
        return {**(self._headers if self._base and ask.url.startswith(f"{self._base}/") else {}), **ask.headers}

    def _client(self) -> httpx2.AsyncClient:
        """A fresh one: tokens are fetched once an hour, and a connection held meanwhile would only cost."""
        transport = self._transport
        keep = None if transport is None else _Borrowed(transport)
        return httpx2.AsyncClient(
            http2=True, transport=keep, follow_redirects=False, timeout=phases(self._timeouts), headers={"User-Agent": AGENT}
        )

    def _refusal(self, who: str, error: str, body: Mapping[str, Any], status: int) -> Misconfigured:
        word = self._scrub(error or f"status {status}")[:LONGEST_WORD]
        told = body.get("error_description") or body.get("message") or body.get("detail") or ""
        said = f"{word}: {self._scrub(' '.join(str(told).split()))[:LONGEST_WORD]}" if told and str(told) != error else word
        if error in WRONG_APP:
            return Misconfigured(f"{who} does not know the app ({said}). Check its client id and client secret.")
        if error in REVOKED:
            return Revoked(f"{who} does not take what this account was connected with any more ({said}). {self._again}")
        return Misconfigured(f"{who} refused ({said}). {self._again}")


class _Borrowed(httpx2.AsyncBaseTransport):
    """A transport that outlives the client it is lent to."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._transport.handle_async_request(request)


def _parsed(content: bytes) -> Mapping[str, Any] | None:
    """JSON, or the form that some old servers answer with."""
    try:
        body = foreign_json(content)
    except ValueError:
        text = content.decode("utf-8", "replace")
        form = dict(parse_qsl(text)) if "=" in text and "<" not in text else {}
        return form if "access_token" in form or "error" in form else None
    return body if isinstance(body, dict) else None


def _error(body: Mapping[str, Any]) -> str:
    """The server's word for a failure; also inside a 200."""
    error = body.get("error")
    if isinstance(error, dict):
        error = error.get("code") or error.get("type") or error.get("message")
    if not error and body.get("ok") is False:
        error = "refused"
    return str(error) if error else ""


def _wait(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.replace(".", "", 1).isdigit() else None
