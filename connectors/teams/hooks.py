"""What the description of Teams cannot say: messages named by links, lengths of meetings, and deliveries of Graph and of a bot made into one form."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.foreign import foreign_json
from connectors._kit.vendor_tokens import Issuer, shown_by
from connectors.teams.messages import of_bot, of_graph
from engine.errors import Forbidden, NotFound, Rejected, SignalboxError
from engine.workflow.definition import Json
from engine.workflow.durations import duration

NAME = "Microsoft Teams"
MESSAGE_ID = re.compile(r"\d{10,20}")
LINK = re.compile(r"/l/(?:message|channel)/(?P<channel>19:[^/]+)(?:/(?P<message>\d{10,20}))?(?:/[^/]*)?/?")
RESOURCE = re.compile(
    r"teams\('(?P<team>[^']+)'\)/channels\('(?P<channel>[^']+)'\)/messages\('(?P<message>[^']+)'\)(?:/replies\('(?P<reply>[^']+)'\))?"
)
WORDS = re.compile(r"\s*(?:and\s+)?(\d+(?:\.\d+)?)\s*(h|m|d)(?:ours?|rs?|in(?:ute)?s?|ays?)?\b,?", re.IGNORECASE)
BOT_ISSUER = "https://api.botframework.com"
KNOWN_FOR = 3600.0  # seconds that names are remembered
NEWEST = 50  # messages that Graph lists at once

ME = Request(method="GET", path="/me")
TEAM = Request(method="GET", path="/teams/{team}")
CHANNEL = Request(method="GET", path="/teams/{team}/channels/{channel}")
MESSAGES = Request(method="GET", path="/teams/{team}/channels/{channel}/messages", query={"$top": NEWEST})
MESSAGE = Request(method="GET", path="/teams/{team}/channels/{channel}/messages/{message}")
REPLY = Request(method="GET", path="/teams/{team}/channels/{channel}/messages/{message}/replies/{reply}")
REAUTHORIZE = Request(method="POST", path="/subscriptions/{id}/reauthorize", answer="none")


# --- what goes out ----------------------------------------------------------------------------------------------------


def place_of(link: str) -> Mapping[str, str]:
    """``team``, ``channel`` and ``message`` of a link to a channel or a message, as far as it says them. Of an answer, the message above it."""
    parts = urlsplit(link.strip())
    found = LINK.fullmatch(unquote(parts.path))
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if not parts.scheme or not found:
        return {}
    message = said.get("parentMessageId") or found["message"] or ""
    return {"team": said.get("groupId", ""), "channel": found["channel"], "message": message}


async def _reply(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    place = place_of(said["message"])
    message = place.get("message") or said["message"].strip()
    channel, team = place.get("channel") or said.get("channel_id"), place.get("team") or said.get("team_id")
    if not MESSAGE_ID.fullmatch(message):
        raise Rejected(f"“{said['message'][:80]}” is no message of Teams. Give its link, or its id.")
    if not channel or not team:
        raise Rejected("Say which channel and team the message is in, or give its link.")
    return {"message_id": message, "in_channel": channel, "in_team": team}


async def _who(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """By whom a message would be. Graph writes HTML in its own way, so what was sent as such is not recognised."""
    if ask.arguments["format"] == "html":
        raise Rejected(
            "Teams rewrites HTML, so whether it was posted cannot be recognised. Look in the channel, and say whether it is there."
        )
    return {"me": (await _me(tools))["id"]}


async def _me(tools: Tools) -> Mapping[str, Any]:
    async def load() -> Any:
        return await tools.send(ME, {}, doing="a look at who is connected")

    known: Mapping[str, Any] = await tools.memory.recall("me", load, seconds=KNOWN_FOR)
    return known


async def _meeting(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    start = datetime.fromisoformat(said["start"])
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    invited = [{"emailAddress": {"address": _address(one)}, "type": "required"} for one in said.get("attendees", [])]
    return {"end": (start + length(said["duration"])).isoformat(), "invited": invited or None}


def length(said: str) -> timedelta:
    """Of ``45 minutes``, ``1h 30m``, ``PT2H`` or ``90`` (minutes). Raises Rejected."""
    text = said.strip()
    if text.isdigit():
        text = f"{text}m"
    elif not WORDS.sub("", text).strip():
        text = "".join(f"{number}{unit.lower()}" for number, unit in WORDS.findall(text))
    lasts = timedelta(seconds=duration(text))
    if not timedelta() < lasts <= timedelta(days=30):
        raise Rejected(f"A meeting cannot last “{said[:40]}”: say something such as 45 minutes, at most 30 days.")
    return lasts


def _address(said: str) -> str:
    text = said.strip().removeprefix("mailto:")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise Rejected(f"“{said[:80]}” cannot be invited: give an e-mail address.")
    return text


# --- what comes in ----------------------------------------------------------------------------------------------------


async def _prove(delivered: Delivered, tools: Tools) -> None:
    """Graph shows the secret of the subscription in every notification; the Bot Framework a token of its own."""
    if "authorization" in delivered.headers:
        await _prove_bot(delivered, tools)
        return
    try:
        body = foreign_json(delivered.body)
    except ValueError as err:
        raise Forbidden("The delivery is not JSON.") from err
    listed = body.get("value") if isinstance(body, dict) else None
    shown = [str(one.get("clientState") or "") if isinstance(one, dict) else "" for one in listed] if isinstance(listed, list) else []
    if not shown or not all(_is_known(state, delivered.secrets) for state in shown):
        raise Forbidden("The delivery does not hold the secret of a subscription that was made here. Register it with /connect teams.")


def _is_known(state: str, secrets: Sequence[str]) -> bool:
    fitting = [hmac.compare_digest(secret.encode(), state.encode("utf-8", "replace")) for secret in secrets]
    return True in fitting


async def _prove_bot(delivered: Delivered, tools: Tools) -> None:
    """The token must be the Bot Framework's, for our bot, for Teams, and for the address that the activity says it came of."""
    app = tools.credentials.get("bot_app")
    if not app:
        raise Forbidden("No delivery of a bot is taken until TEAMS_BOT_APP_ID is set.")
    issuer = Issuer(keys_at=tools.credentials.get("bot_keys"), names=(BOT_ISSUER,), audience=app)
    shown = await shown_by(delivered.headers["authorization"], issuer, tools, name=NAME)
    try:
        activity = foreign_json(delivered.body)
    except ValueError as err:
        raise Forbidden("The delivery is not JSON.") from err
    meant = shown.claims.get("serviceurl", shown.claims.get("serviceUrl"))
    if not isinstance(activity, dict) or not meant or meant != activity.get("serviceUrl"):
        raise Forbidden("The token of the delivery was made for another address than the one the message says.")
    if activity.get("channelId") not in (shown.key.get("endorsements") or ()):
        raise Forbidden("The key that signed the delivery is not one for Microsoft Teams.")


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """Messages in one form, whichever way they came; what only says that a subscription needs care is seen to."""
    if not isinstance(payload, dict):
        return []
    if "value" not in payload:
        return of_bot(payload)
    found: list[Any] = []
    for one in payload["value"] if isinstance(payload["value"], list) else []:
        if one.get("lifecycleEvent") == "reauthorizationRequired":
            await tools.send(REAUTHORIZE, {"id": one["subscriptionId"]}, doing="renewing a subscription")
        elif one.get("changeType") == "created":
            found += await _fetched(str(one.get("resource") or ""), tools)
    return found


async def _fetched(resource: str, tools: Tools) -> list[Mapping[str, Any]]:
    """The message a notification is about; none for one that is gone, or that the connected person wrote."""
    place = RESOURCE.search(resource)
    if not place:
        return []
    try:
        message = await tools.send(REPLY if place["reply"] else MESSAGE, place.groupdict(), doing="a look at a message")
    except NotFound:
        return []
    return await _told([message], place["team"], place["channel"], tools)


async def _told(messages: Sequence[Any], team: str, channel: str, tools: Tools) -> list[Mapping[str, Any]]:
    me = (await _me(tools))["id"]
    others = [one for one in messages if ((one.get("from") or {}).get("user") or {}).get("id") != me]
    if not others:
        return []
    names = await _name(tools, TEAM, {"team": team}), await _name(tools, CHANNEL, {"team": team, "channel": channel})
    return [told for one in others if (told := of_graph(one, team=team, channel=channel, team_name=names[0], channel_name=names[1]))]


async def _name(tools: Tools, request: Request, scope: Mapping[str, str]) -> str | None:
    """A message is worth more than a name in it: where it cannot be asked for, the id stands alone."""

    async def load() -> Any:
        return await tools.send(request, scope)

    try:
        found = await tools.memory.recall(f"{request.path} {sorted(scope.items())}", load, seconds=KNOWN_FOR)
        return str(found["displayName"])
    except (SignalboxError, KeyError, TypeError):
        return None


async def _new_messages(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """``cursor``: the ids of the newest that were listed. The first time nothing is told."""
    place = place_of(tools.credentials.get("watched"))
    if not place.get("team") or not place.get("channel"):
        raise Rejected("TEAMS_POLLED_CHANNEL is no link to a channel. Copy it from the channel's menu, “Get link to channel”.")
    listed = (await tools.send(MESSAGES, {"team": place["team"], "channel": place["channel"]}, doing="a look at new messages"))["value"]
    known = (cursor or {}).get("known")
    new = [one for one in listed if one["id"] not in known] if isinstance(known, list) else []
    new.sort(key=lambda one: str(one.get("createdDateTime")))
    items = await _told(new, place["team"], place["channel"], tools) if new else []
    return Told(items=items, cursor={"known": [str(one["id"]) for one in listed]})


CUSTOM = Custom(
    prepare={"reply_to_message": _reply, "create_meeting": _meeting},
    prepare_look={"post_message": _who, "reply_to_message": _who},
    prove=_prove,
    unfold=_unfold,
    poll={"messages": _new_messages},
    offline=True,
)
