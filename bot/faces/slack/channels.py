"""Which channel a name means, which ones we are a member of, and where to write to one person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.faces.slack.api import DEAD_TOKEN, Refused, SlackApi
from engine.errors import NotFound
from engine.ports import Clock

_ID = re.compile(r"[CGD][A-Z0-9]{1,20}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
_TOKEN = re.compile(r"<[#@]([A-Z0-9]+)(?:\|[^>]*)?>")
KINDS = "public_channel,private_channel"
PAGE = 200
PAGES = 50
REMEMBER = timedelta(minutes=5)
LOOK_AGAIN = timedelta(seconds=30)


class Channels:
    """Names are looked up lazily, our own channels first, then page by page; what was seen is remembered."""

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._missing: dict[str, datetime] = {}
        self._own: tuple[tuple[str, str], ...] = ()
        self._own_until: datetime | None = None
        self._direct: dict[str, str] = {}

    async def id(self, channel: str) -> str:
        """``C…`` as it is, ``<#C…|name>`` unwrapped, ``#name`` looked up, a person's direct messages for ``U…``.

        Raises NotFound, Transient, Rejected.
        """
        token = _TOKEN.fullmatch(channel)
        named = token[1] if token else channel
        if _ID.fullmatch(named):
            return named
        if _PERSON.fullmatch(named):
            return await self.direct(named)
        return await self._named(named.removeprefix("#").strip().lower())

    def forget(self, channel: str) -> None:
        """What was remembered turned out wrong."""
        self._ids = {name: id for name, id in self._ids.items() if id != channel}
        self._own_until = None

    async def _named(self, name: str) -> str:
        if name in self._ids:
            return self._ids[name]
        missed = self._missing.get(name)
        if missed is None or missed <= self._clock.now():
            for own, id in await self.own(fresh=True):
                self._ids[own] = id
            if name not in self._ids:
                await self._search(name)
        if name in self._ids:
            return self._ids[name]
        self._missing[name] = self._clock.now() + LOOK_AGAIN
        raise NotFound(f"Slack has no channel #{name} that I can see. Check the name; if it is private, /invite @Signalbox there first.")

    async def _search(self, name: str) -> None:
        async for channel in self._pages("conversations.list"):
            self._ids[_name(channel)] = channel["id"]
            if _name(channel) == name:
                return

    async def own(self, *, fresh: bool = False) -> tuple[tuple[str, str], ...]:
        """(name, id) of the channels we are a member of, in Slack's order."""
        now = self._clock.now()
        if fresh or self._own_until is None or self._own_until <= now:
            self._own = await self._membership()
            self._own_until = now + REMEMBER
        return self._own

    async def _membership(self) -> tuple[tuple[str, str], ...]:
        """Asked directly, or picked from all channels where an API proxy does not offer the direct question."""
        try:
            return tuple([(_name(channel), channel["id"]) async for channel in self._pages("users.conversations")])
        except Refused as error:
            if error.code in DEAD_TOKEN:
                raise
            everything = [channel async for channel in self._pages("conversations.list")]
            return tuple((_name(channel), channel["id"]) for channel in everything if channel.get("is_member"))

    async def home(self) -> str:
        """The first channel we are a member of, "" when there is none; nothing is remembered while there is none."""
        own = await self.own() or await self.own(fresh=True)
        return own[0][1] if own else ""

    async def direct(self, user: str) -> str:
        """The direct message channel with one person."""
        if user not in self._direct:
            answer = await self._api.call("conversations.open", users=[user])
            self._direct[user] = str(answer["channel"]["id"])
        return self._direct[user]

    async def _pages(self, method: str) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(PAGES):
            answer = await self._api.call(method, types=KINDS, exclude_archived=True, limit=PAGE, cursor=cursor or None)
            for channel in answer.get("channels") or ():
                if isinstance(channel, Mapping) and isinstance(channel.get("id"), str):
                    yield channel
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return


def _name(channel: Mapping[str, Any]) -> str:
    return str(channel.get("name_normalized") or channel.get("name") or "").lower()
