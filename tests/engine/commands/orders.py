"""Deliveries that are ordered of nobody: what was said is kept, and ends after a week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from engine.errors import NotFound, Rejected
from engine.ports import Watch
from tests.engine.clock import NOON


@dataclass
class Orders:
    """Fulfils ``ports.Watching``."""

    kept: list[Watch] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    def address(self, service: str, account: str = "") -> str:
        return f"https://bot.acme.example/api/v2/hooks/{service}/{account}"

    def asks(self, service: str) -> tuple[str, ...]:
        return ("repository",)

    async def watch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        if not said:
            raise Rejected("Say which repository.")
        self.kept.append(
            Watch(
                service=service,
                account=account or "default",
                said=said,
                target=said["repository"],
                made_at=NOON,
                ends_at=NOON + timedelta(days=7),
            )
        )
        return self.kept[-1]

    async def unwatch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        if not self.kept:
            raise NotFound("Nothing was ordered.")
        return self.kept.pop()

    async def watches(self, service: str = "", account: str = "") -> list[Watch]:
        return [watch for watch in self.kept if service in ("", watch.service)]

    async def expect(self, service: str, account: str) -> str:
        return "Enter the address at Notion now." if service == "notion" else ""

    async def greeting(self, service: str, account: str) -> str:
        if service != "notion":
            raise NotFound("No greeting has come yet.")
        return "greeted-with-this"

    async def end(self, service: str, account: str) -> None:
        self.ended.append((service, account))

    async def renew(self) -> None:
        return None
