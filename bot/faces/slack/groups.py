"""Who is in a user group of the workspace: from usergroups.list, remembered for a minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.faces.slack.api import SlackApi
from engine.errors import NotFound
from engine.parties import Actor
from engine.ports import Clock

REMEMBER = timedelta(minutes=1)  # somebody who was just added may answer soon


class UserGroups:
    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api, self._clock = api, clock
        self._members: Mapping[str, frozenset[str]] = {}
        self._until: datetime | None = None

    async def belongs(self, actor: Actor, group: str) -> bool:
        """``group``: its id (``S…``) or handle. Raises NotFound for a group that the workspace does not have, else the hall's errors."""
        if self._until is None or self._until <= self._clock.now():
            self._members = _read(await self._api.call("usergroups.list", include_users=True))
            self._until = self._clock.now() + REMEMBER
        members = self._members.get(group) or self._members.get(group.lstrip("@").casefold())
        if members is None:
            raise NotFound(f"Slack has no user group @{group.lstrip('@')[:60]}.")
        return actor.user in members


def _read(answer: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Members by id and by handle."""
    found: dict[str, frozenset[str]] = {}
    for group in answer.get("usergroups") or ():
        members = frozenset(str(user) for user in group.get("users") or ())
        found[str(group.get("id") or "")] = members
        found[str(group.get("handle") or "").casefold()] = members
    return found
