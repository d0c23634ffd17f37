"""What goes on in the channels the house lives in is told as the chat's event, and as the service's own where that is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.faces.face import ChannelNews
from bot.overhearing import HouseOverhearing
from engine.events import Happening
from tests.connectors.rig import NOW, SetClock


@dataclass
class WaitedFor:
    """Takes what is waited for."""

    events: tuple[str, ...]
    told: list[Happening] = field(default_factory=list)

    async def wanted(self, event: str) -> bool:
        return event in self.events

    async def tell(self, happenings: Sequence[Happening], *, by_run: str = "") -> int:
        self.told += [one for one in happenings if f"{one.service}.{one.event}" in self.events]
        return len(self.told)


def news(face: str = "slack", **more: Any) -> ChannelNews:
    said: dict[str, Any] = {
        "event": "message_posted",
        "id": "Ev1",
        "face": face,
        "at": NOW,
        "user": "Anna",
        "user_id": "U1",
        "channel": "#ops",
    }
    return ChannelNews(**{**said, "text": "red", "thread": "1.0", "message": "1.5", "url": "https://x", **more})


async def test_a_message_is_the_chat_s_event_and_the_service_s_own_with_the_name_that_its_steps_use() -> None:
    waited = WaitedFor(("chat.message_posted", "slack.message_posted"))
    await HouseOverhearing(waited, SetClock()).tell(news())
    chat, slack = waited.told
    assert (chat.service, chat.data["face"], chat.data["text"]) == ("chat", "slack", "red")
    assert (slack.service, slack.id, slack.data["message"], slack.data["channel"]) == ("slack", "Ev1", "1.5", "#ops")
    assert "face" not in slack.data


@pytest.mark.parametrize(("face", "event"), [("web", "message_posted"), ("discord", "reaction_added")])
async def test_what_no_service_has_is_the_chat_s_alone(face: str, event: str) -> None:
    waited = WaitedFor((f"chat.{event}", f"{face}.{event}"))
    await HouseOverhearing(waited, SetClock()).tell(news(face, event=event))
    assert [one.service for one in waited.told] == ["chat"]


async def test_it_is_read_when_either_is_waited_for_and_otherwise_not() -> None:
    for waited in ("chat.member_joined", "discord.member_joined", "slack.member_joined"):
        assert await HouseOverhearing(WaitedFor((waited,)), SetClock()).wanted("member_joined")
    assert not await HouseOverhearing(WaitedFor(("discord.reaction_added", "slack.message_posted")), SetClock()).wanted("reaction_added")
