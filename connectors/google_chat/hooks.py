"""What Google Chat's description cannot say: threads named by links or words, people as members, tokens of Google's, and spaces that are watched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.vendor_tokens import Issuer, shown_by
from engine.errors import Forbidden, Rejected, SignalboxError
from engine.workflow.definition import Json

NAME = "Google Chat"
SENDER = "chat@system.gserviceaccount.com"  # Google's own account, which Chat acts as
THREAD = re.compile(r"spaces/[\w-]+/threads/[\w-]+")
THREAD_LINK = re.compile(r"https?://[^/]+/(?:room|[^?#]*chat/space|app/chat)/(?P<space>[\w-]+)/(?P<thread>[\w-]+)(?:[/?#].*)?")
SPACE = re.compile(r"(?:spaces/)?([\w-]+)")
PERSON = re.compile(r"[^@\s/]+@[^@\s/]+")
REPLY = "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
OURS = "client-signalbox-"  # how the ids begin of what was posted from here
CREATED = "google.workspace.chat.message.v1.created"
KNOWN_FOR = 3600.0  # seconds that names of spaces are remembered
MOST_PAGES = 20  # of one look at a space

GET_SPACE = Request(method="GET", path="/v1/spaces/{space}")
EVENTS = Request(method="GET", path="/v1/spaces/{space}/spaceEvents", query={"filter": "{filter}", "pageSize": 100, "pageToken": "{page}"})


# --- what goes out ----------------------------------------------------------------------------------------------------


async def _message(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    space = str(said["channel_id"]).removeprefix("spaces/")
    thread = said.get("thread", "").strip()
    return {"space_part": space, "in_thread": thread_of(thread, space) if thread else None, "reply_option": REPLY if thread else None}


def thread_of(said: str, space: str) -> Mapping[str, str]:
    """By its name or link; anything else is a key of our own, under which Chat makes a thread the first time. Raises Rejected."""
    link = THREAD_LINK.fullmatch(said)
    name = said if THREAD.fullmatch(said) else f"spaces/{link['space']}/threads/{link['thread']}" if link else ""
    if name and not name.startswith(f"spaces/{space}/"):
        raise Rejected("That thread is in another space than the one that was named.")
    return {"name": name} if name else {"threadKey": said}


async def _space(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    members = [_person(one) for one in ask.arguments.get("members", [])]
    return {"memberships": [{"member": {"name": f"users/{one}", "type": "HUMAN"}} for one in members] or None}


def _person(said: str) -> str:
    text = said.strip().removeprefix("mailto:").removeprefix("users/")
    if not (PERSON.fullmatch(text) or text.isdigit()):
        raise Rejected(f"“{said[:80]}” cannot be a member: give an e-mail address.")
    return text


# --- what comes in ----------------------------------------------------------------------------------------------------


async def _prove(delivered: Delivered, tools: Tools) -> None:
    """Signed by Chat itself for a project number, or by Google for the address of an endpoint, in the name of Chat."""
    audience = tools.credentials.get("audience")
    if not audience:
        raise Forbidden("No delivery of Google Chat is taken until GOOGLE_CHAT_AUDIENCE is set.")
    shown = delivered.headers.get("authorization", "")
    if audience.isdigit():
        await shown_by(shown, Issuer(keys_at=tools.credentials.get("app_keys"), names=(SENDER,), audience=audience), tools, name=NAME)
        return
    google = Issuer(
        keys_at=tools.credentials.get("id_keys"), names=("https://accounts.google.com", "accounts.google.com"), audience=audience
    )
    claims = (await shown_by(shown, google, tools, name=NAME)).claims
    if claims.get("email") != SENDER or claims.get("email_verified") is not True:
        raise Forbidden("The token of the delivery is Google's, but not that of Google Chat.")


async def _new_messages(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """``cursor``: up to which moment each space was read. A space that was not watched before is read from now on."""
    known, items = dict(cursor or {}), []
    now = tools.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    for said in filter(None, (part.strip() for part in tools.credentials.get("watched").split(","))):
        match = SPACE.fullmatch(said)
        if not match:
            raise Rejected(f"GOOGLE_CHAT_POLLED_SPACES names “{said[:40]}”, which is no id of a space such as spaces/AAAA.")
        space = match[1]
        if space not in known:
            known[space] = now
            continue
        events = await _events(space, str(known[space]), tools)
        if events:
            known[space] = max(str(event.get("eventTime") or "") for event in events)
            items += await _told(events, space, tools)
    return Told(items=items, cursor=known)


async def _events(space: str, since: str, tools: Tools) -> list[Mapping[str, Any]]:
    """Oldest first. The moment itself is not included."""
    scope = {"space": space, "filter": f'start_time="{since}" AND event_types:"{CREATED}"', "page": None}
    found: list[Mapping[str, Any]] = []
    for _ in range(MOST_PAGES):
        body = await tools.send(EVENTS, scope, doing="a look at new messages")
        found += body.get("spaceEvents") or []
        scope["page"] = body.get("nextPageToken") or None
        if scope["page"] is None:
            break
    return sorted(found, key=lambda event: str(event.get("eventTime")))


async def _told(events: list[Mapping[str, Any]], space: str, tools: Tools) -> list[Mapping[str, Any]]:
    """Messages in the form in which Chat delivers them; without those that were posted from here."""
    about = await _about(space, tools)
    messages = [(event.get("eventTime"), message) for event in events for message in _messages(event)]
    return [
        {"type": "MESSAGE", "eventTime": moment, "message": message, "space": {**(message.get("space") or {}), **about}}
        for moment, message in messages
        if not str(message.get("clientAssignedMessageId") or "").startswith(OURS)
    ]


def _messages(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of an event, or of several that Google put together."""
    many = (event.get("messageBatchCreatedEventData") or {}).get("messages") or []
    each = [event.get("messageCreatedEventData") or {}, *many]
    return [one["message"] for one in each if isinstance(one.get("message"), dict) and one["message"].get("name")]


async def _about(space: str, tools: Tools) -> Mapping[str, Any]:
    """A message is worth more than the name of its space: where it cannot be asked for, the id stands alone."""

    async def load() -> Any:
        return await tools.send(GET_SPACE, {"space": space})

    try:
        found: Mapping[str, Any] = await tools.memory.recall(f"space {space}", load, seconds=KNOWN_FOR)
    except SignalboxError:
        return {"name": f"spaces/{space}"}
    return {"name": f"spaces/{space}", "displayName": found.get("displayName"), "spaceUri": found.get("spaceUri")}


CUSTOM = Custom(
    prepare={"post_message": _message, "create_space": _space},
    prove=_prove,
    poll={"messages": _new_messages},
    offline=True,
)
