"""Fetching a file that somebody attached: from the platform's own hosts only, never further than they say, and no more than fits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import aiohttp

from engine.errors import Rejected, Transient
from engine.files import LARGEST

TIMEOUT = 60.0  # seconds
CHUNK = 64 * 1024


async def fetched(
    name: str, url: str, *, hosts: Collection[str], bases: Collection[str] = (), headers: Mapping[str, str] | None = None
) -> bytes:
    """``hosts``: names, or endings that begin with a dot, that are fetched from over https; ``bases``: addresses set by whoever runs the house (an API
    proxy), whose host is as good. A redirect is not followed: it leads to a login page or elsewhere. Raises Rejected or Transient.
    """
    if not _is_ours(url, hosts, bases):
        raise Rejected(
            f"“{name}” does not lie where the platform keeps its files, so I did not fetch it. Upload it here instead of linking it."
        )
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT), trust_env=True) as session,
            session.get(url, headers=dict(headers or {}), allow_redirects=False) as answer,
        ):
            if answer.status in (429, 500, 502, 503, 504):
                raise Transient(f"“{name}” could not be fetched right now (status {answer.status}). Say it again in a moment.")
            if answer.status != 200:
                raise Rejected(f"“{name}” could not be fetched (status {answer.status}): it is gone, or I may not read files there.")
            return await _capped(name, answer)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Transient(f"“{name}” could not be fetched ({type(error).__name__}). Say it again in a moment.") from error


async def _capped(name: str, answer: aiohttp.ClientResponse) -> bytes:
    if (answer.content_length or 0) > LARGEST:
        raise too_large(name)
    content = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise too_large(name)
    return bytes(content)


def too_large(name: str) -> Rejected:
    return Rejected(f"“{name}” is too large: at most {LARGEST // 1024 // 1024} MB are kept.")


def _is_ours(url: str, hosts: Collection[str], bases: Collection[str]) -> bool:
    try:
        parts = urlsplit(url)
        host, origin = (parts.hostname or "").lower(), (parts.scheme, parts.hostname, parts.port)
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    if origin in [(base.scheme, base.hostname, base.port) for base in map(urlsplit, bases)]:
        return True
    return (
        parts.scheme == "https"
        and parts.port in (None, 443)
        and any(host == one.lstrip(".") or (one[0] == "." and host.endswith(one)) for one in hosts)
    )
