"""The real clock and the real dice; the only place that asks the machine for either."""

from __future__ import annotations

import asyncio
import random
import secrets
from datetime import UTC, datetime

from ulid import ULID


class SystemClock:
    """Fulfils ``ports.Clock``."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        if prefix == "wf":
            return f"wf_{secrets.token_hex(4)}"
        return f"{prefix}_{ULID()}"

    def random(self) -> float:
        return random.random()  # noqa: S311, TID251 - jitter, not secrets; the one place
