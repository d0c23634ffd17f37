"""The way out to addresses that users name: any public host, and no other, connected to exactly the address that was checked.

The name is resolved once; every address it has must be public; the connection goes to the checked address itself, with the name kept for
TLS and the Host header. So neither a name that points inwards, nor one that changes its mind between check and connection (DNS rebinding),
nor a redirect (none is followed) can reach the machines beside this one.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import httpx2

from connectors._kit.description import Limits, Timeouts
from connectors._kit.wire import AGENT, IMPOSSIBLE, LOST, NOT_SENT, WireAnswer, in_words, phases, read_capped
from engine.errors import Forbidden, Invalid, Rejected, SignalboxError, Transient, Unanswered
from engine.workflow.definition import Json

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

LONGEST_URL = 8000
MOST_ADDRESSES = 3
NAT64 = ipaddress.ip_network("64:ff9b::/96")
INWARDS = tuple(
    ipaddress.ip_network(text) for text in ("::/96", "64:ff9b:1::/48", "fec0::/10")
)  # old or local ways that Python calls global
OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "proxy-authorization", "proxy-connection"}
)


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, in the system's order. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, seen through every way of wrapping an IPv4 address into an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in network for network in INWARDS):
        return False
    return all(part.is_global and not part.is_multicast for part in (ip, *_wrapped(ip)))


def _wrapped(ip: IPAddress) -> Sequence[IPAddress]:
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    inside = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in NAT64:
        inside.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [part for part in inside if part is not None]


def read_url(text: str) -> httpx2.URL:
    """Raises Invalid for anything but an absolute http(s) address without a user."""
    if len(text) > LONGEST_URL:
        raise Invalid(f"The URL is too long: {len(text)} characters, at most {LONGEST_URL}.")
    try:
        url = httpx2.URL(text.strip())
    except (httpx2.InvalidURL, ValueError) as err:
        raise Invalid(f"“{text[:200]}” is not a URL.") from err
    if url.scheme not in ("http", "https") or not url.host:
        raise Invalid(f"“{text[:200]}” must begin with https:// or http:// and name a host.")
    if url.userinfo:
        raise Invalid("Put credentials into the headers, not into the URL.")
    return url


def read_headers(headers: Mapping[str, Json]) -> dict[str, str]:
    """Raises Invalid for a header that is ours to set, or that holds a line break."""
    read = {str(name): str(value) for name, value in headers.items() if value is not None}
    for name, value in read.items():
        if name.lower() in OURS or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise Invalid(f"The header “{name[:60]}” cannot be set here.")
        if not value.isprintable() or not value.isascii():
            raise Invalid(f"The header “{name}” holds characters that headers cannot carry.")
    return read


class OpenWeb:
    """Requests to addresses that users name. ``allow_private`` opens the own network too (``SIGNALBOX_HTTP_ALLOW_PRIVATE``)."""

    def __init__(self, timeouts: Timeouts, limits: Limits, *, allow_private: bool, resolve: Resolve = resolve_by_system) -> None:
        self._timeouts = timeouts
        self._limits = limits
        self._allow_private = allow_private
        self._resolve = resolve
        self._trust: ssl.SSLContext | None = None

    async def send(
        self, method: str, url: httpx2.URL, headers: Mapping[str, str], content: bytes | None, *, may_repeat: bool, total: float
    ) -> WireAnswer:
        """One exchange of at most ``total`` seconds, no redirects.

        Raises Forbidden for a private address, Rejected for an answer that is too large, Transient and Unanswered as ``wire`` does.
        """
        try:
            async with asyncio.timeout(total):
                return await self._reach(method, url, headers, content, may_repeat)
        except (*IMPOSSIBLE, *LOST) as err:
            raise in_words(url.host, err, may_repeat=may_repeat) from err

    async def _reach(self, method: str, url: httpx2.URL, headers: Mapping[str, str], content: bytes | None, may_repeat: bool) -> WireAnswer:
        *others, last = await self._addresses(url)
        for address in others:
            try:
                return await self._exchange(method, url, address, headers, content, may_repeat)
            except NOT_SENT:
                continue  # nothing left the house: the name's next address may answer
        return await self._exchange(method, url, last, headers, content, may_repeat)

    async def _addresses(self, url: httpx2.URL) -> Sequence[str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = list(dict.fromkeys(await self._resolve(url.host, port)))
        except (OSError, UnicodeError) as err:
            raise Transient(f"{url.host} could not be reached: its host name is not known.") from err
        if not self._allow_private and not all(is_public(address) for address in found):
            raise Forbidden(
                f"{url.host} is an address of this machine or its own network, which workflows may not call. "
                "Set SIGNALBOX_HTTP_ALLOW_PRIVATE=true to allow that."
            )
        return sorted(found, key=lambda address: ":" in address)[:MOST_ADDRESSES]  # IPv4 first: many hosts have no way out by IPv6

    async def _exchange(
        self, method: str, url: httpx2.URL, address: str, headers: Mapping[str, str], content: bytes | None, may_repeat: bool
    ) -> WireAnswer:
        there = url.copy_with(host=address)
        named = {"User-Agent": AGENT, **headers, "Host": url.netloc.decode("ascii")}
        async with (
            self._client() as client,
            client.stream(
                method, there, headers=named, content=content, extensions={"sni_hostname": url.raw_host.decode("ascii")}
            ) as response,
        ):
            body = await read_capped(response, self._limits.answer_bytes)
            if body is None:
                raise self._too_large(url.host, response.status_code, may_repeat)
            return WireAnswer(response.status_code, {key.lower(): value for key, value in response.headers.items()}, body)

    def _too_large(self, host: str, status: int, may_repeat: bool) -> SignalboxError:
        what = f"{host} answered with more than {self._limits.answer_bytes // 1024} KiB (status {status})"
        if may_repeat or status >= 400:
            return Rejected(f"{what}, which is more than a workflow carries.")
        return Unanswered(f"{what}; whether it was done has to be looked up there.")

    def _client(self) -> httpx2.AsyncClient:
        """A fresh one for each request: pooled connections are kept by address, and two names may share one."""
        self._trust = self._trust or httpx2.create_ssl_context()
        return httpx2.AsyncClient(verify=self._trust, http2=True, follow_redirects=False, timeout=phases(self._timeouts))
