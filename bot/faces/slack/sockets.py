"""Socket Mode: several connections at once, so that Slack refreshing one loses nothing, and a watchdog that rebuilds a dead one.

    connecting → alive ⇄ silent → rebuilt

The library reconnects by itself; what it was seen to miss (a socket that is open but silent, a reconnect that never ends) shows as a
pong that does not come. Its age is measured by the process's own monotonic clock, not by the house's: it is about the wire.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.faces.slack.api import SOCKET_URL, SlackApi
from bot.faces.slack.log import logger
from engine.errors import SignalboxError

FIRST_CONNECTION = 10.0
CLOSING = 3.0
SILENT_AFTER = 6  # ping intervals; the library itself gives up after four
LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Slot:
    """One connection: bolt's handler, the task that connects it, and when its last pong was seen."""

    handler: AsyncSocketModeHandler
    connecting: asyncio.Task[None]
    pong: float | None = None
    seen_at: float = 0.0
    goodbye: list[str] = field(default_factory=list)


class Sockets:
    """``why`` is the reason in words while there is no connection."""

    def __init__(self, app: AsyncApp, api: SlackApi, app_token: str, *, count: int, ping: float) -> None:
        self._app, self._api, self._token = app, api, app_token
        self._log, self._wire_log = logger("sockets"), logger("wire")
        self._count, self._ping = count, ping
        self._slots: list[_Slot] = []
        self._watching: asyncio.Task[None] | None = None
        self.why = ""

    async def start(self) -> None:
        """Return when one connection stands or the reason why not is known. Raises Rejected when Slack refuses the app's token."""
        await self._open_one()
        self._watching = asyncio.create_task(self._watch(), name="slack-sockets")
        await asyncio.wait({self._slots[0].connecting}, timeout=FIRST_CONNECTION)

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await asyncio.gather(*(self._close(slot) for slot in self._slots))
        self._slots.clear()

    @property
    def alive(self) -> int:
        return sum(1 for slot in self._slots if _is_open(slot))

    def state(self) -> str:
        if not self.alive:
            return self.why or "connecting to Slack"
        ages = [asyncio.get_running_loop().time() - slot.seen_at for slot in self._slots if slot.pong is not None]
        pong = f", last pong {min(ages):.0f} s ago" if ages else ""
        return f"Socket Mode, {self.alive} of {self._count} connections{pong}"

    # --- one connection ---------------------------------------------------------------------------------------------------

    async def _open_one(self) -> None:
        answer = await self._api.call(SOCKET_URL, app_token=self._token)
        handler = AsyncSocketModeHandler(self._app, self._token, web_client=self._api.client, ping_interval=self._ping, logger=self._wire_log)
        handler.client.wss_uri = str(answer["url"])
        connecting = asyncio.create_task(handler.connect_async(), name="slack-connect")  # type: ignore[no-untyped-call] # bolt leaves it untyped
        slot = _Slot(handler, connecting, seen_at=asyncio.get_running_loop().time())
        handler.client.on_message_listeners.append(lambda message: _note_goodbye(slot, message))
        self._slots.append(slot)
        self.why = ""

    async def _close(self, slot: _Slot) -> None:
        slot.connecting.cancel()
        try:
            async with asyncio.timeout(CLOSING):
                await slot.handler.close_async()  # type: ignore[no-untyped-call] # bolt leaves it untyped
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._log.info("A connection to Slack did not close in order: %s", error)
        await asyncio.gather(slot.connecting, return_exceptions=True)

    # --- the watchdog -----------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        pause = self._ping
        while True:
            missing = await self._look_after()
            pause = self._ping if not missing else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause if self._slots else min(pause, LONGEST_PAUSE))

    async def _look_after(self) -> bool:
        """Close what is dead, open what is missing; True while something cannot be opened."""
        for slot in [slot for slot in self._slots if self._is_dead(slot)]:
            self._log.warning("A connection to Slack is silent; it is built anew. %s", " ".join(slot.goodbye))
            self._slots.remove(slot)
            await self._close(slot)
        while len(self._slots) < self._count:
            try:
                await self._open_one()
            except SignalboxError as error:
                self.why = str(error)
                return True
            await asyncio.wait({self._slots[-1].connecting}, timeout=self._ping)
        return False

    def _is_dead(self, slot: _Slot) -> bool:
        now = asyncio.get_running_loop().time()
        pong = slot.handler.client.last_ping_pong_time
        if pong != slot.pong and _is_open(slot):
            slot.pong, slot.seen_at = pong, now
        return now - slot.seen_at > SILENT_AFTER * self._ping


def _is_open(slot: _Slot) -> bool:
    session = slot.handler.client.current_session
    return session is not None and not session.closed


async def _note_goodbye(slot: _Slot, message: aiohttp.WSMessage) -> None:
    """Why Slack said it would disconnect, for the log."""
    if message.type is aiohttp.WSMsgType.TEXT and '"disconnect"' in message.data:
        said = json.loads(message.data)
        slot.goodbye = [str(said.get("reason", ""))] if isinstance(said, dict) else []
