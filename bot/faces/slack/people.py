"""Who somebody is: name, time zone and language from users.info, remembered for an hour."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.faces.slack.api import SlackApi
from engine.errors import SignalboxError
from engine.parties import Actor
from engine.ports import Clock

REMEMBER = timedelta(hours=1)
AFTER_FAILURE = timedelta(minutes=2)
MANY = 5000


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    timezone: str
    locale: str
    until: datetime


class People:
    """Looks people up once and fills in what a message leaves out. Never raises: somebody unknown stays who they said they are."""

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def completed(self, actor: Actor) -> Actor:
        known = self._known.get(actor.user)
        if known is None or known.until <= self._clock.now():
            known = await self._look_up(actor.user)
            self._remember(actor.user, known)
        return _with(actor, known)

    def remembered(self, actor: Actor) -> Actor:
        """What can be said without asking."""
        known = self._known.get(actor.user)
        return _with(actor, known) if known is not None else actor

    async def _look_up(self, user: str) -> _Known:
        now = self._clock.now()
        try:
            answer = await self._api.call("users.info", user=user, include_locale=True)
        except SignalboxError:
            return _Known("", "", "", now + AFTER_FAILURE)
        return _read(answer.get("user"), now + REMEMBER)

    def _remember(self, user: str, known: _Known) -> None:
        self._known[user] = known
        self._known.move_to_end(user)
        while len(self._known) > MANY:
            self._known.popitem(last=False)


def _with(actor: Actor, known: _Known) -> Actor:
    return replace(actor, name=known.name or actor.name, timezone=known.timezone, locale=known.locale)


def _read(user: Any, until: datetime) -> _Known:
    said = user if isinstance(user, Mapping) else {}
    profile = said.get("profile")
    names = [profile.get("display_name"), profile.get("real_name")] if isinstance(profile, Mapping) else []
    name = next((name for name in (*names, said.get("real_name"), said.get("name")) if isinstance(name, str) and name.strip()), "")
    return _Known(name, str(said.get("tz") or ""), str(said.get("locale") or ""), until)
