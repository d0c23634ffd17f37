"""One request to a watcher outside, such as a dead man's switch: it only has to know that this house is alive."""

from __future__ import annotations

import httpx2

from connectors._kit.wire import AGENT
from engine.errors import Rejected, Transient

PATIENCE = 10.0  # seconds


class Beacon:
    """``url`` was set by whoever runs this house and may lie inside its network; its path is often the secret, so no message names it."""

    def __init__(self, url: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._client = httpx2.AsyncClient(timeout=PATIENCE, headers={"user-agent": AGENT}, transport=transport, follow_redirects=False)

    async def beat(self) -> None:
        """Raises Rejected for an answer that is none of a watcher's, Transient where nobody answers."""
        try:
            answer = await self._client.get(self._url)
        except (httpx2.HTTPError, OSError) as error:
            raise Transient(f"the watcher cannot be reached ({type(error).__name__}).") from None
        if answer.status_code >= 400:
            word = Transient if answer.status_code >= 500 or answer.status_code == 429 else Rejected
            raise word(f"the watcher answered {answer.status_code}; look at SIGNALBOX_HEARTBEAT_URL.")

    async def close(self) -> None:
        await self._client.aclose()
