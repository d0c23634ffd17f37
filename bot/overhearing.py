"""What is said and done in channels, as happenings of ``chat`` for the workflows that wait for it; what nobody waits for is forgotten.

Slack and Discord are services too, and their only way to tell what happens is the connection of the face: a workflow may wait for either.
"""

from __future__ import annotations

from datetime import datetime

from bot.faces.face import ChannelNews
from engine.events import Happening
from engine.ports import Clock, News
from engine.workflow.definition import Json

LONGEST = 8_000  # characters of a message that a workflow is told
CHAT = "chat"
SERVICES = {"slack": ("message_posted", "reaction_added", "member_joined"), "discord": ("message_posted", "member_joined")}


class HouseOverhearing:
    """Fulfils ``bot.faces.face.Overhearing``."""

    def __init__(self, news: News, clock: Clock) -> None:
        self._news = news
        self._clock = clock

    async def wanted(self, event: str) -> bool:
        names = (CHAT, *(service for service, events in SERVICES.items() if event in events))
        return any([await self._news.wanted(f"{name}.{event}") for name in names])

    async def tell(self, news: ChannelNews) -> None:
        told = [_happening(news, self._clock.now())]
        if news.event in SERVICES.get(news.face, ()):
            told.append(_of_service(news, told[0]))
        await self._news.tell(told)


def _happening(news: ChannelNews, heard_at: datetime) -> Happening:
    """``heard_at`` by our own clock, which also says when a workflow was made."""
    data: dict[str, Json] = {
        "user": news.user,
        "user_id": news.user_id,
        "channel": news.channel,
        "time": news.at.isoformat(timespec="seconds"),
        "face": news.face,
    }
    if news.event == "message_posted":
        data |= {"text": news.text[:LONGEST], "thread": news.thread, "url": news.url}
    elif news.event == "reaction_added":
        data |= {"emoji": news.emoji, "text": news.text[:LONGEST], "message": news.message, "url": news.url}
    return Happening(f"{news.face}:{news.id}", "chat", news.event, heard_at, data)


def _of_service(news: ChannelNews, told: Happening) -> Happening:
    """The same as the service's own event, with the message by the name its steps use. Delivered twice, it is the same one."""
    data = {name: value for name, value in told.data.items() if name != "face"}
    if news.message:
        data["message"] = news.message
    return Happening(news.id, news.face, news.event, told.at, data)
