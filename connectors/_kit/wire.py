"""The one door to httpx2: an account's HTTP connection, where every failure becomes one of the hall's three words.

What may have left the house decides: a refused connection is Transient for everyone; a request that went out and got no answer is Transient only
if it may be repeated, else Unanswered. Neither texts nor causes carry the request: it holds credentials.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol

import httpx2

from connectors._kit.description import Limits, Timeouts
from connectors._kit.encoding import as_form, as_json, as_parts, only_value
from connectors._kit.failures import Misconfigured
from connectors._kit.foreign import foreign_json
from engine.errors import Rejected, SignalboxError, Transient, Unanswered

AGENT = "Signalbox/0.1 (self-hosted chat-ops)"
REDIRECTS = 3
SLOWEST = 64 * 1024  # bytes a second; a large file gets so much more time
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
IMPOSSIBLE = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL)
LOST = (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError, TimeoutError)

# Their INFO lines hold whole URLs, and some vendors want keys in the URL.
for _chatty in ("httpx2", "httpcore2", "hpack"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """``path`` is percent-encoded already; ``body`` None = none. ``headers`` and ``query`` hold credentials and stay out of reprs.

    ``base``: another address than the account's own, without a slash at its end. ``encoding`` and ``answer`` as in ``described_wire.Request``.
    ``goes_on``: the address the vendor named for the rest of a list; of another host only its query is believed.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    encoding: str = "json"
    base: str = ""
    answer: str = "json"
    goes_on: str = ""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """An answer read to its end; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The parsed body, None when it is none."""
        try:
            return foreign_json(self.content)
        except ValueError:
            return None

    def lines(self) -> list[Any]:
        """The JSON of each line; what is none is left out."""
        found = []
        for line in self.content.splitlines():
            try:
                found.append(foreign_json(line))
            except ValueError:
                continue
        return found


def encoded(request: WireRequest) -> tuple[bytes | None, str]:
    """The body's bytes and their media type. Raises Rejected for what this encoding cannot hold."""
    if request.body is None:
        return None, ""
    if request.encoding == "form":
        return as_form(request.body), "application/x-www-form-urlencoded"
    if request.encoding == "multipart":
        built = httpx2.Request("POST", "http://parts", files=as_parts(request.body))
        return built.read(), built.headers["content-type"]
    if request.encoding == "bytes":
        file = only_value(request.body)
        return file.content, file.media_type
    return as_json(request.body), "application/json"


class Sends(Protocol):
    """What judges and hooks need of a connection."""

    async def send(self, request: WireRequest, *, may_repeat: bool, total: float | None = None) -> WireAnswer: ...


class Wire:
    """One account's pool of connections: TLS always verified, HTTP/2 where offered, proxies from the process's environment.

    Opened at the first request. ``transport`` replaces the network, for tests and other ways out.
    """

    def __init__(
        self, name: str, base_url: str, timeouts: Timeouts, limits: Limits, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._name = name
        self._base = base_url
        self._timeouts = timeouts
        self._limits = limits
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None
        self._gate = asyncio.Semaphore(limits.concurrent)

    async def send(self, request: WireRequest, *, may_repeat: bool, total: float | None = None) -> WireAnswer:
        """One exchange; redirects within the same host are followed. One with a ``total`` of its own (a probe) does not queue behind the others.

        Raises Transient, Unanswered or Rejected, never anything of httpx2's."""
        async with self._gate if total is None else nullcontext():
            try:
                content, content_type = encoded(request)
                async with asyncio.timeout(total or self._timeouts.total + len(content or b"") / SLOWEST):
                    return await self._follow(request, content, content_type, may_repeat)
            except (*IMPOSSIBLE, *LOST) as err:
                raise in_words(self._name, err, may_repeat=may_repeat) from err

    async def _follow(self, request: WireRequest, content: bytes | None, content_type: str, may_repeat: bool) -> WireAnswer:
        url = self._url(request)
        for _ in range(REDIRECTS):
            answer = await self._exchange(request, url, content, content_type, may_repeat)
            target = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
            if not target:
                return answer
            if answer.status == 303 and request.method not in ("GET", "HEAD") and not may_repeat:
                raise Unanswered(
                    f"{self._name} answered with another place to look at (status 303); whether it was done has to be looked up there."
                )
            url = self._redirected(request, answer.status, url, target)
        raise Rejected(f"{self._name} sends requests in circles ({REDIRECTS} redirects); check its URL setting.")

    def _url(self, request: WireRequest) -> httpx2.URL:
        if request.path and request.path[0] not in "/?":
            raise Rejected(f"{self._name} cannot be asked: “{request.path[:80]}” is no path.")  # it could name another host
        url = httpx2.URL((request.base or self._base) + request.path)
        if request.goes_on:
            there = url.join(request.goes_on)
            same = (there.scheme, there.host, there.port) == (url.scheme, url.host, url.port)
            return there if same else url.copy_with(query=there.query)
        return url.copy_merge_params(dict(request.query)) if request.query else url

    def _redirected(self, request: WireRequest, status: int, url: httpx2.URL, target: str) -> httpx2.URL:
        there = url.join(target)
        if (there.scheme, there.host, there.port) != (url.scheme, url.host, url.port):
            raise Misconfigured(
                f"{self._name} redirects to another address ({there.scheme}://{there.host}). Credentials are never sent along; if it moved there, set its URL setting to that."
            )
        if status not in (307, 308) and request.method != "GET":
            raise Rejected(f"{self._name} moved this resource (status {status}); the request was not repeated there.")
        return there.copy_merge_params(dict(request.query)) if request.query else there

    async def _exchange(
        self, request: WireRequest, url: httpx2.URL, content: bytes | None, content_type: str, may_repeat: bool
    ) -> WireAnswer:
        client = self._open()
        headers = {
            **({"Content-Type": content_type} if content_type else {}),
            **({} if request.answer == "json" else {"Accept": "*/*"}),
            **request.headers,
        }
        async with client.stream(request.method, url, content=content, headers=headers) as response:
            body = await read_capped(response, self._limits.answer_bytes)
            if body is None:
                raise self._too_large(response.status_code, may_repeat)
            return WireAnswer(response.status_code, {key.lower(): value for key, value in response.headers.items()}, body)

    def _too_large(self, status: int, may_repeat: bool) -> SignalboxError:
        what = f"{self._name} answered with more than {self._limits.answer_bytes // 1024} KiB (status {status})"
        if may_repeat or status >= 400:
            return Rejected(f"{what}. Ask for less.")
        return Unanswered(f"{what}; whether it was done has to be looked up there.")

    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                http2=True,
                verify=trust(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")),
                transport=self._transport,
                follow_redirects=False,
                timeout=phases(self._timeouts),
                limits=httpx2.Limits(max_connections=self._limits.concurrent + 1, keepalive_expiry=30.0),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # an API is asked by its credential alone
                headers={"User-Agent": AGENT, "Accept": "application/json"},
            )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


@cache
def trust(file: str, folder: str) -> ssl.SSLContext:
    """Whom TLS believes, as the system and these two settings of it say: read once for all accounts, for it is the most that an idle one would hold."""
    return httpx2.create_ssl_context()


def phases(timeouts: Timeouts) -> httpx2.Timeout:
    return httpx2.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write, pool=timeouts.connect)


async def read_capped(response: httpx2.Response, most: int) -> bytes | None:
    """The body, or None when it is longer than ``most`` bytes (decompressed)."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


def in_words(name: str, error: BaseException, *, may_repeat: bool) -> SignalboxError:
    """The hall's word for a failure of the wire, with a sentence that never quotes the request."""
    if isinstance(error, IMPOSSIBLE):
        return Rejected(f"{name} cannot be asked: the request or its address is not valid HTTP ({type(error).__name__}).")
    if isinstance(error, NOT_SENT):
        return unreachable(name, error)
    what = (
        "did not answer in time"
        if isinstance(error, TimeoutError | httpx2.TimeoutException)
        else "broke the connection off before its answer was complete"
    )
    if may_repeat:
        return Transient(f"{name} {what}.")
    return Unanswered(f"{name} {what}; whether it was done has to be looked up there.")


def unreachable(name: str, error: BaseException) -> SignalboxError:
    """Why no connection came about, for the causes that say what to do; nothing was sent."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Misconfigured(f"{name} shows a certificate that is not trusted here. Check its URL; for an own authority set SSL_CERT_FILE.")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Transient(f"{name} could not be reached: its host name is not known. Check its URL and the network.")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Transient(f"{name} could not be reached: the connection was refused.")
    if isinstance(error, httpx2.TimeoutException):
        return Transient(f"{name} could not be reached: no connection in time.")
    return Transient(f"{name} could not be reached ({type(error).__name__}).")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(8):
        if error is None:
            return
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__
