"""A conversation in memory, as small as one can be that keeps its promises, for the face's tests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bot.cards.card import Button, Card, Form, FormField, Style, Text, Tone
from bot.faces.face import Press, Reply, Turn, Utterance
from engine.errors import Conflict, Transient


class WallClock:
    """The machine's time; naps are cut short, so that a test of patience does not take any."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.02))

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{random.getrandbits(64):016x}"

    def random(self) -> float:
        return random.random()  # noqa: TID251 - these are the dice


class Memory:
    """What outlives a restart: the ids that were accepted or pressed, and the version each card has."""

    def __init__(self) -> None:
        self.accepted: list[Utterance] = []
        self.pressed: set[str] = set()
        self.versions: dict[str, int] = {}


Answering = Callable[[Utterance], Awaitable[Turn]]


class SmallHouse:
    """Hears by echo unless told otherwise; its one card has Confirm, Edit (a form) and Cancel, and a version that counts."""

    def __init__(self, memory: Memory | None = None, answering: Answering | None = None) -> None:
        self.memory = memory or Memory()
        self.heard: list[Utterance] = []
        self.presses: list[Press] = []
        self.refuse_to_accept = 0
        self._answering = answering

    async def accept(self, utterance: Utterance) -> bool:
        if self.refuse_to_accept:
            self.refuse_to_accept -= 1
            raise Transient("The storage is busy.")
        if any(known.id == utterance.id for known in self.memory.accepted):
            return False
        self.memory.accepted.append(utterance)
        return True

    async def hear(self, utterance: Utterance) -> Turn:
        self.heard.append(utterance)
        if self._answering is not None:
            return await self._answering(utterance)
        return said(f"heard {utterance.text}")

    async def press(self, press: Press) -> Turn:
        if press.id in self.memory.pressed:
            return Turn()
        self.memory.pressed.add(press.id)
        self.presses.append(press)
        current = self.memory.versions.get(press.card, 1)
        if press.version != current:
            return said("Too late: somebody changed this card meanwhile.", ok=False)
        if press.form.get("yaml") == "broken":
            return said("line 1: that is no YAML I know", ok=False)
        self.memory.versions[press.card] = current + 1
        return Turn((Reply(preview(press.card, current + 1, f"{press.verb} by {press.actor.name}"), private=False),))

    async def form(self, press: Press) -> Form | None:
        if press.version != self.memory.versions.get(press.card, 1):
            raise Conflict("Too late: somebody changed this card meanwhile.")
        return Form("Edit the workflow", (FormField("yaml", "Definition", "text", "name: release\n"), FormField("note", "Why", required=False)))

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        return ()


def said(text: str, *, private: bool = True, ok: bool = True) -> Turn:
    return Turn((Reply(Card(text, tone=Tone.NEUTRAL if ok else Tone.WARNING), private=private),), ok=ok)


def preview(id: str = "prv_1", version: int = 1, title: str = "Release") -> Card:
    form = Form("Edit the workflow", (FormField("yaml", "Definition", "text"),))
    return Card(
        title,
        (Text(("When a pull request is merged, create a card.",)),),
        id=id,
        version=version,
        actions=(
            Button("confirm", "Confirm", style=Style.PRIMARY),
            Button("edit", "Edit", form=form),
            Button("cancel", "Cancel", style=Style.DANGER),
        ),
    )
