"""What processes that share a server have beside their memory: leases, rate limits, and news of each other."""

from __future__ import annotations

import asyncio

from sqlalchemy import URL

from storage.dialect import errand_engine, writing_engine
from storage.errands import Errands
from storage.notices import Notices
from storage.shared_leases import SharedLeases
from storage.shared_tokens import SharedTokens
from storage.writer import Writer


class Together:
    def __init__(self, url: URL, place: str, holder: str, writer: Writer) -> None:
        self._errands = Errands(errand_engine(url), place)
        self.leases = SharedLeases(self._errands, holder)
        self.tokens = SharedTokens(self._errands)
        self._notices = Notices(writing_engine(url), asyncio.get_running_loop(), writer.hear)
        writer.listen(self._notices.tell)

    async def start(self) -> None:
        await asyncio.to_thread(self._notices.start)

    async def close(self) -> None:
        """After the writer has told its last; leases are free at once for whoever goes on."""
        await asyncio.to_thread(self._notices.close)
        await self.tokens.close()
        await self.leases.release_all()
        await asyncio.to_thread(self._errands.close)
