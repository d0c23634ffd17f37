"""What the Discord face needs around it: a conversation that answers as told, a clock, and the face itself on a fake Discord."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.cards.card import Card, Form, Text
from bot.faces.discord.face import DiscordFace
from bot.faces.face import Press, Reply, Turn, Utterance
from engine.errors import Transient
from tests.peers.discord import FakeDiscord


class StageClock:
    """Real time that tests may push forward; sleeping is short."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._count = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time_ns() / 1e9, UTC) + self.ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))

    def new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:026d}"

    def random(self) -> float:
        return 0.0


def _said(text: str) -> Card:
    return Card("Answer", (Text((text,)),))


@dataclass
class StageConversation:
    """Remembers what it was told, durably for as long as the object lives (as the ledger would over restarts)."""

    hearing: Callable[[Utterance], Turn] = lambda utterance: Turn((Reply(_said(utterance.text)),))
    pressing: Callable[[Press], Turn] = lambda press: Turn()
    forms: Callable[[Press], Form | None] = lambda press: None
    completions: Sequence[tuple[str, str]] = ()
    accept_takes: float = 0.0
    hear_takes: float = 0.0
    storage_down: bool = False
    heard: list[Utterance] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    asked_to_complete: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def accept(self, utterance: Utterance) -> bool:
        await asyncio.sleep(self.accept_takes)
        if self.storage_down:
            raise Transient("the disk is full; free some space and ask again")
        fresh = utterance.id not in self.seen
        self.seen.add(utterance.id)
        return fresh

    async def hear(self, utterance: Utterance) -> Turn:
        self.heard.append(utterance)
        await asyncio.sleep(self.hear_takes)
        return self.hearing(utterance)

    async def press(self, press: Press) -> Turn:
        if press.id in self.seen:
            return Turn()
        self.seen.add(press.id)
        self.presses.append(press)
        return self.pressing(press)

    async def form(self, press: Press) -> Form | None:
        return self.forms(press)

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        self.asked_to_complete.append(typed)
        return self.completions


@dataclass
class Stage:
    fake: FakeDiscord
    face: DiscordFace
    conversation: StageConversation
    clock: StageClock


def make_face(fake: FakeDiscord, conversation: StageConversation, clock: StageClock, token: str = "") -> DiscordFace:
    return DiscordFace(
        conversation,
        clock,
        token=token or fake.token,
        api_url=fake.api_url,
        gateway_url=fake.gateway_url,
        guild_ready_timeout=0.1,
        patience=5.0,
    )


@asynccontextmanager
async def on_stage(
    fake: FakeDiscord, conversation: StageConversation | None = None, clock: StageClock | None = None
) -> AsyncIterator[Stage]:
    """A face that is connected to ``fake``."""
    stage = Stage(fake, None, conversation or StageConversation(), clock or StageClock())  # type: ignore[arg-type]
    stage.face = make_face(fake, stage.conversation, stage.clock)
    await stage.face.start()
    assert stage.face.state().ready, stage.face.state().detail
    swallowed = _Swallowed()
    logging.getLogger("discord.client").addHandler(swallowed)
    try:
        yield stage
    finally:
        await stage.face.stop()
        logging.getLogger("discord.client").removeHandler(swallowed)
    assert swallowed.found == [], "discord.py swallowed an exception of ours"


class _Swallowed(logging.Handler):
    """discord.py logs what its listeners raise, and goes on; here that is a failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("Ignoring exception"):
            self.found.append(logging.Formatter().format(record))
