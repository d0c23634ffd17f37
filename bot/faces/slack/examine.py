"""What is set up in Slack, what is missing and what to do about it: findings for the doctor, in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from bot.faces.slack.api import DEFAULT_URL, SOCKET_URL, SlackApi
from bot.faces.slack.channels import Channels
from bot.faces.slack.scopes import APP_TOKEN_SCOPE, BOT_SCOPES, VITAL_SCOPES
from engine.errors import Rejected, SignalboxError
from engine.ports import Finding

AREA = "slack"
SETUP = "docs/how-to/slack.md leads through it: import manifest.yml at api.slack.com/apps, install the app, put the tokens into .env."


@dataclass(frozen=True, slots=True)
class Tokens:
    bot: str = ""
    app: str = ""
    signing_secret: str = ""

    def problem(self) -> str:
        """What is wrong with the settings as they stand, before Slack is asked; "" when nothing."""
        if self.bot.startswith("xapp-"):
            return "SLACK_BOT_TOKEN holds an app token (xapp-…); it needs the bot token (xoxb-…) from “OAuth & Permissions”."
        if self.bot.startswith("xoxp-"):
            return "SLACK_BOT_TOKEN holds a user token (xoxp-…); it needs the bot token (xoxb-…) from “OAuth & Permissions”."
        if self.app.startswith(("xoxb-", "xoxp-")):
            return "SLACK_APP_TOKEN holds the wrong kind of token; it needs one that begins with xapp- from “Basic Information”."
        if not self.app and not self.signing_secret:
            return (
                "SLACK_BOT_TOKEN is set, but Slack has no way to reach Signalbox: set SLACK_APP_TOKEN (Socket Mode, no public address needed)"
                " or SLACK_SIGNING_SECRET (HTTP)."
            )
        return ""


async def examine(api: SlackApi, channels: Channels, tokens: Tokens) -> list[Finding]:
    if not tokens.bot:
        missing = "Slack is not set up (SLACK_BOT_TOKEN is empty)."
        if tokens.app or tokens.signing_secret:
            return [Finding(AREA, "problem", missing, SETUP)]
        return [Finding(AREA, "info", missing, SETUP)]
    if problem := tokens.problem():
        return [Finding(AREA, "problem", problem, SETUP)]
    return [finding async for finding in _asked(api, channels, tokens)]


async def _asked(api: SlackApi, channels: Channels, tokens: Tokens) -> AsyncIterator[Finding]:
    try:
        answer, headers = await api.response("auth.test")
    except SignalboxError as error:
        elsewhere = "" if api.url == DEFAULT_URL else f" SLACK_API_URL is {api.url}."
        yield Finding(AREA, "problem", f"{error}{elsewhere}", SETUP)
        return
    yield Finding(AREA, "ok", f"Slack knows the bot as @{answer.get('user', '?')} in the workspace {answer.get('team', '?')}.")
    for finding in _scopes(headers):
        yield finding
    yield await _transport(api, tokens)
    yield await _membership(channels)


def _scopes(headers: Mapping[str, str]) -> list[Finding]:
    """Slack names the token's permissions with every answer; a proxy that swallows the header leaves nothing to compare."""
    header = headers.get("x-oauth-scopes")
    if header is None:
        return []
    given = {scope.strip() for scope in header.split(",")}
    return [_missing(scope, why) for scope, why in BOT_SCOPES.items() if scope not in given]


def _missing(scope: str, why: str) -> Finding:
    level = "problem" if scope in VITAL_SCOPES else "warning"
    return Finding(AREA, level, f"The Slack app lacks the permission {scope}: {why}.", "Import manifest.yml again and reinstall the app.")


async def _transport(api: SlackApi, tokens: Tokens) -> Finding:
    if not tokens.app:
        return Finding(AREA, "ok", "Slack reaches Signalbox by HTTP at /slack/events, signed.")
    try:
        await api.call(SOCKET_URL, app_token=tokens.app)
    except Rejected as error:
        return Finding(AREA, "problem", str(error), f"docs/how-to/slack.md shows where the token with {APP_TOKEN_SCOPE} is made.")
    except SignalboxError as error:
        return Finding(AREA, "warning", str(error))
    return Finding(AREA, "ok", "Socket Mode works.")


async def _membership(channels: Channels) -> Finding:
    try:
        own = await channels.own(fresh=True)
    except SignalboxError as error:
        return Finding(AREA, "warning", f"I cannot see which channels I am a member of: {error}")
    if not own:
        return Finding(AREA, "warning", "The bot is a member of no channel, so alerts have no place.", "Write /invite @Signalbox in a channel.")
    names = ", ".join(f"#{name}" for name, _ in own[:5])
    return Finding(AREA, "ok", f"The bot is a member of {names}{' and more' if len(own) > 5 else ''}.")
