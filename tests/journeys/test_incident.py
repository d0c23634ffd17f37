"""Journey: one incident, lived on every face, from the first failed check to the post-mortem."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

import main
from engine.runtime import announcer
from engine.runtime.clock import SystemClock
from tests.journeys.doors import DOORS, DiscordDoor, Door, Seen, SlackDoor, as_it_was, containing, house_with, see

PNG = b"\x89PNG\r\n\x1a\n"
CHANNELS = {"slack": "slack:#ops", "discord": "discord:#ops", "rest": "web:#ops"}


class AheadClock(SystemClock):
    """The real one, put forward by the test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Atlassian:
    """Enough of Trello and of Jira to be checked; either can be taken down. ``checks``: how often each was asked."""

    url: str = ""
    down: set[str] = field(default_factory=set)
    checks: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        service = request.path.split("/")[1]
        self.checks[service] += 1
        return web.Response(status=503) if service in self.down else web.json_response({"id": "1", "name": "bot", "displayName": "bot"})

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TRELLO_KEY": "k", "TRELLO_TOKEN": "t", "TRELLO_URL": f"{self.url}/trello", "JIRA_PAT": "t", "JIRA_API": "2", "JIRA_URL": f"{self.url}/jira",
            "SIGNALBOX_SANDBOX": "off", "SIGNALBOX_PROBE_INTERVAL": "0.1",
        }  # fmt: skip


@asynccontextmanager
async def atlassian() -> AsyncIterator[Atlassian]:
    one, app = Atlassian(), web.Application()
    app.router.add_route("*", "/{path:.*}", one.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()


@dataclass
class Incident:
    """The house, the way into it, the vendor and the clock of one journey."""

    app: main.App
    door: Door
    vendor: Atlassian
    clock: AheadClock
    card: str = ""  # the message it is all about

    async def stands(self, *words: str, button: str = "", no_button: str = "") -> Seen:
        """The alert's card as it is now: always the same message."""
        wanted = containing(*words, button=button, no_button=no_button)
        await see(self.door, wanted, what=f"a card with {words}")
        await self._shows_all()
        seen = await see(self.door, wanted, what=f"a card with {words}, still")
        assert seen.id == self.card, "one incident, one message"
        return seen

    async def begins(self, *words: str, button: str) -> Seen:
        await see(self.door, containing(*words, button=button), what="the card")
        while not any(alert.escalate_at for alert in await self.app.store.alerts.list()):
            await asyncio.sleep(0.01)  # the keeper knows when it calls
        await self._shows_all()
        seen = await see(self.door, containing(*words, button=button), what="the card")
        self.card = seen.id
        return seen

    async def _shows_all(self) -> None:
        """Nobody presses faster than an edit takes to arrive; what happens when they do is tested by ``press_old``."""
        async with asyncio.timeout(15):
            while True:
                leaders = {alert.leader for alert in await self.app.store.alerts.list()}
                postings = [one for leader in leaders for one in await self.app.store.postings.of(leader)]
                if all(one.shown == one.wanted for one in postings):
                    return
                await asyncio.sleep(0.02)

    async def call(self, *words: str, button: str = "") -> Seen:
        return await see(self.door, containing(*words, button=button), what=f"a call with {words}")

    async def told(self, *words: str, user: str) -> Seen:
        return await see(self.door, containing(*words), private=user, what=f"{words} for {user} alone")

    async def say(self, text: str, user: str, **typed: str) -> None:
        """``typed``: what is typed where Discord wants names before the words."""
        await self.door.say(typed.get(self.door.name, text), user)

    async def checks(self, count: int) -> None:
        """Wait until Trello was checked so many times more."""
        wanted = self.vendor.checks["trello"] + count
        async with asyncio.timeout(10):
            while self.vendor.checks["trello"] < wanted:
                await asyncio.sleep(0.02)

    async def holds(self, alerts: int) -> None:
        async with asyncio.timeout(10):
            while len(await self.app.store.alerts.list()) < alerts:
                await asyncio.sleep(0.02)

    async def known_well(self) -> None:
        async with asyncio.timeout(10):
            while sum(state.ever_ok for state in await self.app.store.samples.states()) < 2:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def incident(door: str, data: Path) -> AsyncIterator[Incident]:
    clock = AheadClock()
    async with (
        atlassian() as vendor,
        house_with(door, data, clock=clock, SIGNALBOX_ALERT_CHANNEL=CHANNELS[door], **vendor.settings) as (app, hall),
    ):
        yield Incident(app, hall, vendor, clock)


# The chat platforms pace what is posted, and the real clients take their time.
@pytest.mark.parametrize("door", [pytest.param(one, marks=() if one == "rest" else pytest.mark.slow) for one in DOORS])
async def test_an_incident_from_the_first_failed_check_to_the_post_mortem_is_one_message(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcer, "EDITS_APART", 0.3)  # a minute of waiting for edits would show nothing more
    async with incident(door, tmp_path) as it:
        await it.known_well()
        await it.say("/oncall set ops me weekly monday 9:00", "ben", discord="/oncall set rota:ops members:me handover:weekly monday 9:00")
        await _somewhere(it, "The rota is set up", "ben")

        await it.say("/escalation set all: 30m rota ops", "ben", discord="/escalation set about:all levels:30m rota ops")
        await _somewhere(it, "after 30 minutes", "ben")

        # it fails: one card, with everything that can be done
        it.vendor.down = {"trello"}
        card = await it.begins("trello", "firing", button="Acknowledge")
        assert [label.split("…")[0] for label in card.buttons] == ["Acknowledge", "Resolve", "Snooze", "Escalate", "Note", "Why?"]

        old = as_it_was(card)
        await it.door.press(card, "Acknowledge", user="ben")
        acked = as_it_was(await it.stands("acknowledged by", "ben", button="Un-acknowledge", no_button="Acknowledge"))

        # what needs the same platform joins, on the same message; whoever has the one has the other
        it.vendor.down = {"trello", "jira"}
        await it.holds(2)
        await it.door.press_old(acked, "Un-acknowledge", user="ana")
        await it.told("Nothing was changed", "moved on", user="ana")
        both = await it.stands("Affected", "Trello", "Jira", "2 services", "acknowledged by", "ben")
        await it.door.press_old(old, "Acknowledge", user="ana")
        await it.told("Nothing was changed", "acknowledged by ben", user="ana")

        # what people do meanwhile
        await it.door.fill(both, "Note", {"note": "the vendor knows"}, user="ana")
        noted = await it.stands("Note:", "the vendor knows")
        await it.door.fill(noted, "Snooze", {}, user="ben")
        snoozed = await it.stands("Snoozed until", button="Wake")
        await it.door.press(snoozed, "Wake", user="ben")
        awake = await it.stands("acknowledged", button="Snooze", no_button="Wake")
        await it.door.press(awake, "Un-acknowledge", user="ben")
        firing = await it.stands("firing", button="Acknowledge")
        await it.door.press(firing, "Escalate", user="ana")
        call = await it.call("somebody is needed", "rota ops", "escalated it", button="Acknowledge")
        assert _thread(it.door, call) in (it.card, None)
        assert _pinged(it.door, call), "whoever is on call is mentioned"
        await it.door.press(call, "Acknowledge", user="ben")
        taken = await it.stands("acknowledged by", "ben", "Called", button="Un-acknowledge")
        await it.door.press(taken, "Why?", user="ana")
        await it.told("Why Trello alerted", "group: ", "Jira: acknowledged", "note alert", "escalate alert", user="ana")

        # it recovers, comes back by hand, and is ended by hand too early
        it.vendor.down = set()
        over = await it.stands("resolved", "by itself", button="Reopen", no_button="Resolve")
        await it.door.press(over, "Reopen", user="ana")
        await it.stands("firing", "Reopened", button="Resolve")
        it.vendor.down = {"trello", "jira"}
        await it.checks(6)
        again = await it.stands("firing", "Reopened", button="Resolve")
        await it.door.press(again, "Resolve", user="ana")
        await it.stands("resolved by", "ana", no_button="Resolve")
        await it.checks(12)
        await it.stands("resolved by", "ana", no_button="Resolve")
        it.clock.ahead += timedelta(minutes=15)
        await it.stands("firing", "Reopened", button="Acknowledge")

        # over, and told
        it.vendor.down = set()
        ended = await it.stands("resolved", "by itself", button="Post-mortem", no_button="Resolve")
        await it.door.press(ended, "Post-mortem", user="ana")
        draft = await see(
            it.door, containing("Post-mortem: Trello", "A draft made from the record"), private="ana" if door == "rest" else ""
        )
        picture, text = await _attached(it, draft)
        assert picture.startswith(PNG), "the timeline arrived as a picture"
        assert "the vendor knows" in text, "the note is in the timeline"
        assert "acknowledged by ben" in text.casefold()
        assert len(await it.app.store.alerts.list()) == 2
        told = [seen for seen in it.door.public("#ops") if "alr_" in str(seen.raw) and "Severity" in seen.words]
        assert [seen.id for seen in told] == [it.card], "one incident, one message"


async def _somewhere(it: Incident, words: str, user: str) -> Seen:
    return await see(it.door, containing(words), private=user if it.door.name == "rest" else "", what=words)


def _thread(door: Door, seen: Seen) -> str | None:
    """The message it stands beside; on the page there are no threads, and it stands in the channel."""
    if isinstance(door, SlackDoor):
        return str(seen.raw.thread)
    return str(seen.raw.raw["channel_id"]) if isinstance(door, DiscordDoor) else None


def _pinged(door: Door, seen: Seen) -> bool:
    if isinstance(door, SlackDoor):
        return f"<@{door.fake.workspace.person('ben').id}>" in f"{seen.raw.text} {seen.raw.blocks} {seen.raw.attachments}"
    if isinstance(door, DiscordDoor):
        return [door.fake.user("ben").id] == seen.raw.pinged
    return "ben (rota ops)" in seen.words  # REST has nobody to ring; who is meant is said


async def _attached(it: Incident, draft: Seen) -> tuple[bytes, str]:
    """The picture and the text of a post-mortem, as they arrived."""
    if isinstance(it.door, SlackDoor):
        files = it.door.fake.workspace.files
        await it.door.fake.until(lambda: sum(one.complete for one in files.values()) >= 2, what="both files")
        found = {one.name.rpartition(".")[2]: one.data for one in files.values()}
        return found["png"], found["md"].decode()
    if isinstance(it.door, DiscordDoor):
        found = {
            one["filename"].rpartition(".")[2]: it.door.fake.world.files[f"{one['id']}-{one['filename']}"]
            for one in draft.raw.raw["attachments"]
        }
        return found["png"], found["md"].decode()
    (shown,) = (part for part in draft.raw["body"] if part["kind"] == "picture")
    (text,) = (part for part in draft.raw["body"] if part["kind"] == "code")
    return b64decode(shown["src"].partition(",")[2]), str(text["text"])
