"""Messages of Teams in the one form that its trigger is read from, whether Graph or a bot tells them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

_BREAK = re.compile(r"(?i)<br\s*/?>|</(?:p|div|li|tr|h[1-6])>")
_TAG = re.compile(r"<[^<>]*>")


def plain(content: str) -> str:
    """What a formatted text says."""
    text = unescape(_TAG.sub("", _BREAK.sub("\n", content))).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()


def of_graph(
    message: Mapping[str, Any], *, team: str, channel: str, team_name: str | None, channel_name: str | None
) -> Mapping[str, Any] | None:
    """A chatMessage of a channel; None for what the system says."""
    if message.get("messageType", "message") != "message":
        return None
    body, user = message.get("body") or {}, (message.get("from") or {}).get("user") or {}
    content = str(body.get("content") or "")
    return {
        "kind": "message",
        "id": f"{channel}/{message['id']}",
        "text": content if body.get("contentType") == "text" else plain(content),
        "title": message.get("subject"),
        "channel": channel_name or channel,
        "channel_id": channel,
        "team": team_name or team,
        "team_id": team,
        "user": user.get("displayName"),
        "user_id": user.get("id"),
        "message": message["id"],
        "thread": message.get("replyToId") or message["id"],
        "url": message.get("webUrl"),
        "time": message.get("createdDateTime"),
    }


def of_bot(activity: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An activity of the Bot Framework: one message in a channel, or none for what is something else, or between a few people only."""
    data, writer, conversation = (activity.get(name) or {} for name in ("channelData", "from", "conversation"))
    if activity.get("type") != "message" or activity.get("channelId") != "msteams":
        return []
    if conversation.get("conversationType", "channel") != "channel":
        return []
    team, channel = data.get("team") or {}, data.get("channel") or {}
    talk, _, above = str(conversation.get("id") or "").partition(";messageid=")
    channel_id = channel.get("id") or talk
    return [
        {
            "kind": "message",
            "id": f"{talk}/{activity.get('id')}",
            "text": plain(str(activity.get("text") or "")),
            "title": None,
            "channel": channel.get("name") or channel_id,
            "channel_id": channel_id,
            "team": team.get("name") or team.get("aadGroupId") or team.get("id"),
            "team_id": team.get("aadGroupId") or team.get("id"),
            "user": writer.get("name"),
            "user_id": writer.get("aadObjectId") or writer.get("id"),
            "message": activity.get("id"),
            "thread": above or activity.get("id"),
            "url": None,
            "time": activity.get("timestamp"),
        }
    ]
