"""What Signalbox asks of a Slack workspace, each with its reason; manifest.yml must list exactly these."""

from __future__ import annotations

from collections.abc import Mapping

# The least that the features need; examine() compares them with what the token was really given.
BOT_SCOPES: Mapping[str, str] = {
    "app_mentions:read": "hear you when you mention the bot",
    "channels:history": "look whether a message whose answer was lost stands after all, and hear replies to the bot's own messages",
    "channels:manage": "create channels, invite people and set topics, for workflows that do so",
    "channels:read": "turn #names into channels, and know which ones the bot is a member of",
    "chat:write": "post cards, keep them up to date and answer you privately",
    "commands": "the slash commands",
    "files:read": "know when an uploaded picture can be shown, and read the files you attach",
    "files:write": "upload pictures and long texts",
    "groups:history": "the same as channels:history, for private channels the bot was invited to",
    "groups:read": "the same as channels:read, for private channels the bot was invited to",
    "groups:write": "the same as channels:manage, for private channels",
    "im:history": "hear direct messages to the bot",
    "im:write": "answer you by a direct message where a private answer in the channel is not possible",
    "reactions:read": "tell workflows that wait for it when somebody reacts to a message",
    "reactions:write": "react to messages, for workflows that do so",
    "usergroups:read": "know who is in a user group that is asked for an approval",
    "users:read": "your name, time zone and language, so that “at 9” means your nine o'clock",
    "users:read.email": "find people by their e-mail address, for workflows that invite or write to them",
}

# Without these nothing works at all; the others each cost one feature.
VITAL_SCOPES = frozenset({"chat:write", "commands", "app_mentions:read"})

BOT_EVENTS: tuple[str, ...] = ("app_mention", "member_joined_channel", "message.channels", "message.groups", "message.im", "reaction_added")

APP_TOKEN_SCOPE = "connections:write"  # noqa: S105 - the name of a scope, not a secret
