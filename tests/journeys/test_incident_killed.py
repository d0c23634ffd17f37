"""Journey: ``main.py serve`` is killed in the middle of an incident; on Slack there is one card, edited on, and nobody is called twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.doors import Seen, SlackDoor, containing
from tests.journeys.serving import environ
from tests.journeys.test_incident import Atlassian, atlassian
from tests.nursery import Process, born
from tests.peers.slack.fake import FakeSlack

PATIENCE = 30.0  # seconds anything may take on a busy machine


class Serve:
    """The product as a process of its own; ``up`` begins its next life on the same data."""

    def __init__(self, data: Path, more: Mapping[str, str]) -> None:
        self._data, self._more = data, dict(more)
        self._process: Process | None = None

    async def up(self) -> None:
        with self._data.with_name("log").open("ab") as log:
            self._process = await asyncio.to_thread(
                born, ["serve"], folder=self._data.parent, environ=environ(self._data, **self._more), stdout=log, stderr=log
            )

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


@dataclass
class Life:
    serve: Serve
    slack: FakeSlack
    door: SlackDoor
    vendor: Atlassian

    async def until(self, holds: Callable[[], object], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            there = "\n---\n".join(seen.words for seen in self.door.public("#ops"))
            raise AssertionError(f"waited in vain for {what}; there stand:\n{there}") from None

    async def see(self, *words: str, button: str = "", no_button: str = "") -> Seen:
        wanted = containing(*words, button=button, no_button=no_button)
        await self.until(lambda: any(map(wanted, self.door.public("#ops"))), f"{words}")
        return next(filter(wanted, reversed(self.door.public("#ops"))))

    async def again(self, once: Callable[[], object] = lambda: True) -> None:
        """kill -9, and ``once`` that holds the next life, until it has checked the vendor and is connected."""
        await self.serve.kill()
        await self.until(once, "the end of what was on its way")
        await self.serve.up()
        await self._lives()

    async def begin(self) -> None:
        await self.serve.up()
        await self._lives()

    async def _lives(self) -> None:
        links, checks = len(self.slack.called("apps.connections.open")), self.vendor.checks["trello"]
        await self.until(lambda: len(self.slack.called("apps.connections.open")) > links, "the connection to Slack")
        await self.until(lambda: self.vendor.checks["trello"] > checks + 2, "checks")

    def cards(self) -> list[Seen]:
        return [seen for seen in self.door.public("#ops") if "Why you see this" in seen.words or "It was:" in seen.words]

    def calls(self) -> list[Seen]:
        return [
            seen for seen in self.door.public("#ops") if any(said in seen.words for said in ("somebody is needed", "somebody was called"))
        ]


@asynccontextmanager
async def a_life(tmp_path: Path) -> AsyncIterator[Life]:
    async with atlassian() as vendor, FakeSlack() as slack:
        serve = Serve(
            tmp_path / "data", slack.settings | vendor.settings | {"SIGNALBOX_ALERT_CHANNEL": "slack:#ops", "NO_PROXY": "127.0.0.1"}
        )
        life = Life(serve, slack, SlackDoor(slack), vendor)
        try:
            await life.begin()
            await slack.slash("/oncall set ops me weekly monday 9:00", "ben")
            await life.see("The rota is set up")
            await slack.slash("/escalation set all: rota ops", "ben")
            await life.see("rota ops", "at once")
            yield life
        finally:
            await serve.kill()


async def test_killed_after_somebody_took_it_the_card_goes_on_and_nobody_is_called_again(tmp_path: Path) -> None:
    async with a_life(tmp_path) as life:
        life.vendor.down = {"trello"}
        await life.see("trello", "firing", button="Acknowledge")
        call = await life.see("somebody is needed", button="Acknowledge")
        await life.door.press(call, "Acknowledge")
        card = await life.see("trello", "acknowledged by", "ben", button="Un-acknowledge")
        await life.again()
        life.vendor.down = set()
        over = await life.see("trello", "resolved", no_button="Resolve")
        assert [seen.id for seen in life.cards()] == [card.id] == [over.id]
        assert [seen.id for seen in life.calls()] == [call.id]


@pytest.mark.slow
async def test_killed_before_the_card_stood_after_it_was_taken_and_while_it_is_snoozed_nobody_sees_a_difference(tmp_path: Path) -> None:
    async with a_life(tmp_path) as life:
        life.slack.fail("chat.postMessage", "slow", seconds=1.5)
        posted = len(life.slack.called("chat.postMessage"))
        life.vendor.down = {"trello"}
        await life.until(lambda: len(life.slack.called("chat.postMessage")) > posted, "the card on its way")
        await life.again(once=life.cards)  # it was on its way, and Slack posts it though nobody waits for the answer
        call = await life.see("somebody is needed", button="Acknowledge")
        card = await life.see("trello", "firing", "Called", "level 1", button="Resolve")

        await life.door.press(card, "Acknowledge")
        await life.see("trello", "acknowledged by", "ben", button="Snooze")
        await life.again()
        await life.door.fill(card, "Snooze", {})
        await life.see("Snoozed until", button="Wake")
        await life.again()
        assert "Snoozed until" in (await life.see("trello", button="Wake")).words
        await life.door.press(card, "Wake")
        await life.see("trello", "acknowledged", button="Snooze", no_button="Wake")
        life.vendor.down = set()
        await life.see("trello", "resolved", button="Post-mortem", no_button="Resolve")
        assert [seen.id for seen in life.cards()] == [card.id]
        assert [seen.id for seen in life.calls()] == [call.id]
