"""Channels that are watched where nothing is delivered: the first look tells nothing, later ones what others said since, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from connectors._kit.custom import Custom, Memory, Tools
from connectors._kit.filling import fill_path, fill_query
from connectors.discord.hooks import CUSTOM as DISCORD
from connectors.google_chat.hooks import CUSTOM as GOOGLE_CHAT
from connectors.teams.hooks import CUSTOM as TEAMS
from engine.errors import NotFound, Rejected
from tests.connectors.desk_rig import HeldCredentials
from tests.connectors.rig import SetClock

Answers = Callable[[str, Mapping[str, str]], Any]


@dataclass
class Watched:
    """A vendor that answers by path and query; the poll goes on from where it was."""

    custom: Custom
    answer: Answers
    watched: str
    cursor: Any = None
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.memory = Memory(self.clock)
        self.credentials = HeldCredentials({"watched": self.watched})

    async def send(self, request: Any, scope: Mapping[str, Any], *, doing: str = "", may_repeat: bool = True) -> Any:
        return self.answer(fill_path(request.path, scope), fill_query(request.query, scope))

    async def look(self) -> list[Mapping[str, Any]]:
        told = await self.custom.poll["messages"](self.cursor, cast(Tools, self))
        self.cursor = told.cursor
        return list(told.items)


def discord(messages: list[dict[str, Any]]) -> Answers:
    def answer(path: str, query: Mapping[str, str]) -> Any:
        if path == "/users/@me":
            return {"id": "9"}
        if path.endswith("/messages"):
            newer = [one for one in messages if int(one["id"]) > int(query.get("after", 0))]
            return sorted(newer, key=lambda one: -int(one["id"]))[: int(query["limit"])]
        return {"id": path.rpartition("/")[2], "name": "ops", "guild_id": "7"}

    return answer


def said(id: int, by: str = "1") -> dict[str, Any]:
    return {"id": str(id), "content": f"m{id}", "author": {"id": by}}


async def test_discord_tells_what_others_said_since_in_its_order_with_the_channel_s_name() -> None:
    messages = [said(1)]
    rig = Watched(DISCORD, discord(messages), "123456789012345678, nonsense")
    assert await rig.look() == []
    messages += [said(3, by="9"), said(4), said(2)]
    told = await rig.look()
    assert [(one["id"], one["channel_name"], one["guild_id"]) for one in told] == [("2", "#ops", "7"), ("4", "#ops", "7")]
    assert told[0]["url"] == "https://discord.com/channels/7/123456789012345678/2"
    assert await rig.look() == []


async def test_an_empty_channel_of_discord_tells_its_first_message() -> None:
    messages: list[dict[str, Any]] = []
    rig = Watched(DISCORD, discord(messages), "123456789012345678")
    assert await rig.look() == []
    messages.append(said(5))
    assert [one["id"] for one in await rig.look()] == ["5"]


LINK = "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/General?groupId=fbe2bf47-16c8-47cf-b4a5-4b9b187c508b&tenantId=t"


def teams(messages: list[dict[str, Any]]) -> Answers:
    def answer(path: str, query: Mapping[str, str]) -> Any:
        if path == "/me":
            return {"id": "me"}
        if path.endswith("/messages"):
            assert path == "/teams/fbe2bf47-16c8-47cf-b4a5-4b9b187c508b/channels/19%3Aabc%40thread.tacv2/messages"
            return {"value": list(reversed(messages))[:50]}
        if path.endswith("/channels/19%3Aabc%40thread.tacv2"):
            return {"displayName": "General"}
        raise NotFound("The credential may not see it.")

    return answer


def posted(id: str, by: str = "anna", **more: Any) -> dict[str, Any]:
    user = {"user": {"id": by, "displayName": by.title()}}
    return {"id": id, "createdDateTime": id, "from": user, "body": {"contentType": "html", "content": f"<p>m&amp;{id}</p>"}, **more}


async def test_teams_tells_new_messages_in_plain_words_even_where_a_name_may_not_be_seen() -> None:
    messages = [posted("1")]
    rig = Watched(TEAMS, teams(messages), LINK)
    assert await rig.look() == []
    messages += [posted("2"), posted("3", by="me"), posted("4", messageType="systemEventMessage"), {**posted("5"), "from": None}]
    told = await rig.look()
    assert [(one["message"], one["text"], one["channel"], one["team"], one["user"]) for one in told] == [
        ("2", "m&2", "General", "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "Anna"),
        ("5", "m&5", "General", "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", None),
    ]
    assert await rig.look() == []


async def test_what_is_no_link_to_a_channel_of_teams_is_refused_with_where_to_find_one() -> None:
    with pytest.raises(Rejected, match="Get link to channel"):
        await Watched(TEAMS, teams([]), "General").look()


async def test_google_chat_tells_single_events_and_those_put_together_but_not_what_was_posted_from_here() -> None:
    events: list[dict[str, Any]] = []

    def answer(path: str, query: Mapping[str, str]) -> Any:
        if path == "/v1/spaces/AAA":
            return {"name": "spaces/AAA", "displayName": "Operations"}
        since = query["filter"].partition('start_time="')[2].partition('"')[0]
        assert query["filter"] == f'start_time="{since}" AND event_types:"google.workspace.chat.message.v1.created"'
        newer = [event for event in events if event["eventTime"] > since]
        if "pageToken" not in query and len(newer) > 1:
            return {"spaceEvents": newer[1:], "nextPageToken": "p2"}
        return {"spaceEvents": newer[:1]}

    def message(name: str, **more: Any) -> dict[str, Any]:
        return {"message": {"name": f"spaces/AAA/messages/{name}", **more}}

    rig = Watched(GOOGLE_CHAT, answer, "spaces/AAA")
    assert await rig.look() == []
    events += [
        {"eventTime": "2026-11-23T09:00:05Z", "messageCreatedEventData": message("a")},
        {"eventTime": "2026-11-23T09:00:07Z", "messageCreatedEventData": message("b", clientAssignedMessageId="client-signalbox-1")},
        {"eventTime": "2026-11-23T09:00:09Z", "messageBatchCreatedEventData": {"messages": [message("c"), message("d")]}},
    ]
    told = await rig.look()
    assert [one["message"]["name"].rpartition("/")[2] for one in told] == ["a", "c", "d"]
    assert {one["space"]["displayName"] for one in told} == {"Operations"}
    assert await rig.look() == []
