"""The fake's REST API: exactly the routes a bot like ours needs; anything else is an error that fails the test."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.peers.discord import judge
from tests.peers.discord.gateway import Gateway
from tests.peers.discord.interactions import Exchange, Refused, ephemeral
from tests.peers.discord.limits import Buckets, Limited
from tests.peers.discord.world import (
    ATTACH,
    DIRECT,
    EPHEMERAL,
    HISTORY,
    LOADING,
    OPEN_THREADS,
    SEND,
    TEXT_CHANNEL,
    THREAD,
    V2,
    VIEW,
    Channel,
    World,
    walk,
    with_ids,
)

_NONCE_LIVES = 180.0
_NOTHING = object()


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    template: str
    ids: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    files: dict[int, tuple[str, bytes]] = field(default_factory=dict)


@dataclass
class Fault:
    """``commit``: the request is carried out and only its answer goes wrong. ``status`` 0 drops the connection."""

    method: str
    path: str
    status: int
    times: int
    commit: bool
    retry_after: float = 0.0
    code: int = 0
    via: bool = True


class Rest:
    def __init__(self, world: World, gateway: Gateway, token: str, buckets: Buckets) -> None:
        self.world = world
        self.gateway = gateway
        self.token = token
        self.buckets = buckets
        self.exchanges: dict[str, Exchange] = {}
        self.faults: list[Fault] = []
        self.complaints: list[str] = []
        self.log: list[tuple[str, str]] = []
        self.changed = asyncio.Event()
        self._routes = _routes(self)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked, act = await self._read(request)
        if asked is None or act is None:
            self.complaints.append(f"{request.method} {request.path} is not known here")
            return _answer(501, {"message": "The fake knows no such route", "code": 0})
        self.log.append((asked.method, asked.path))
        fault = self._fault(asked)
        if fault and fault.status == 429:
            return _answer(429, {"message": "You are being rate limited.", "retry_after": fault.retry_after, "global": False}, _via(fault))
        if fault and not fault.commit:
            return self._broken(request, fault)
        answer = await self._carry_out(request, asked, act)
        self.changed.set()
        return self._broken(request, fault) if fault else answer

    async def _carry_out(self, request: web.Request, asked: Asked, act: Callable[[Asked], Awaitable[Any]]) -> web.StreamResponse:
        try:
            headers = self._admit(request, asked)
            if asked.method in ("POST", "PUT", "PATCH"):
                self._judge(asked)
            result = await act(asked)
        except Limited as limited:
            told = {"message": "You are being rate limited.", "retry_after": limited.after, "global": False}
            return _answer(429, told, {"Via": "1.1 fake", "Retry-After": f"{limited.after:.3f}"})
        except Refused as refused:
            return _answer(refused.status, {"message": refused.message, "code": refused.code})
        if isinstance(result, bytes):
            return web.Response(body=result, content_type="application/octet-stream")
        return _answer(204, None, headers) if result is _NOTHING else _answer(200, result, headers)

    def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.status:
            return _answer(fault.status, {"message": "as told by the test", "code": fault.code})
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _fault(self, asked: Asked) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method == asked.method and re.search(fault.path, asked.path):
                fault.times -= 1
                return fault
        return None

    async def _read(self, request: web.Request) -> tuple[Asked | None, Callable[[Asked], Awaitable[Any]] | None]:
        path = request.path.removeprefix("/api/v10")
        for method, template, pattern, act in self._routes:
            found = pattern.fullmatch(path)
            if found and method == request.method:
                asked = Asked(method, path, template, found.groupdict(), dict(request.query))
                asked.body, asked.files = await _body(request)
                return asked, act
        return None, None

    def _admit(self, request: web.Request, asked: Asked) -> dict[str, str]:
        public = asked.path.startswith(("/interactions/", "/webhooks/", "/attachments/"))
        if not public and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")
        if asked.path.startswith(("/interactions/", "/attachments/")):
            return {}
        major = asked.ids.get("channel_id") or asked.ids.get("webhook_token", "")
        return self.buckets.take(f"{asked.method} {asked.template}:{major}")

    def _judge(self, asked: Asked) -> None:
        found = judge.faults(asked.template, asked.method.lower(), asked.body)
        if found:
            self.complaints.append(f"{asked.method} {asked.template}: {'; '.join(found)[:600]}")
            raise Refused(400, 50035, "Invalid Form Body: " + "; ".join(found)[:300])

    # --- who and what ------------------------------------------------------------------------------------------------------

    async def me(self, asked: Asked) -> Any:
        return self.world.author(self.world.bot.id) | {"verified": True, "flags": 0, "mfa_enabled": True}

    async def application(self, asked: Asked) -> Any:
        owner = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None, "global_name": None}
        return {
            "id": self.world.application,
            "name": "Signalbox",
            "icon": None,
            "description": "",
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": owner,
            "team": None,
            "flags": 0,
            "interactions_endpoint_url": None,
        }

    async def member(self, asked: Asked) -> Any:
        person = next((person for person in self.world.people.values() if person.id == asked.ids["user_id"]), None)
        if person is None or asked.ids["guild_id"] != self.world.guild:
            raise Refused(404, 10007, "Unknown Member")
        return self.world.member(person)

    async def guilds(self, asked: Asked) -> Any:
        return [
            {
                "id": self.world.guild,
                "name": "Acme",
                "icon": None,
                "owner": False,
                "permissions": str(self.world.permissions),
                "features": [],
            }
        ]

    async def commands(self, asked: Asked) -> Any:
        return self.world.commands

    async def put_commands(self, asked: Asked) -> Any:
        defaults = {"default_permission": True, "nsfw": False, "version": self.world.snowflake()}
        body: Any = asked.body
        self.world.commands = [
            defaults | {"id": self.world.snowflake(), "application_id": self.world.application} | command for command in body
        ]
        return self.world.commands

    async def open_direct(self, asked: Asked) -> Any:
        return self.world.channel_shape(self.world.direct(str(asked.body["recipient_id"])))

    async def channel(self, asked: Asked) -> Any:
        return self.world.channel_shape(self._channel(asked, VIEW))

    async def typing(self, asked: Asked) -> Any:
        self._channel(asked, VIEW | SEND)
        return _NOTHING

    # --- messages ----------------------------------------------------------------------------------------------------------

    async def post(self, asked: Asked) -> Any:
        channel = self._channel(asked, VIEW | SEND | (ATTACH if asked.files else 0))
        nonce, enforced = str(asked.body.get("nonce") or ""), asked.body.get("enforce_nonce")
        known = channel.nonces.get(nonce)
        if nonce and enforced and known and self.world.clock.now() - known[0] < _NONCE_LIVES:
            return channel.messages[known[1]] | {"nonce": nonce}
        message = self.world.message(channel, self.world.bot.id, asked.body)
        self._fill(message, asked)
        channel.messages[message["id"]] = message
        if nonce:
            channel.nonces[nonce] = (self.world.clock.now(), message["id"])
        await self.announce("MESSAGE_CREATE", channel, message | ({"nonce": nonce} if nonce else {}))
        return message | ({"nonce": nonce} if nonce else {})

    async def history(self, asked: Asked) -> Any:
        channel = self._channel(asked, VIEW)
        if channel.type != DIRECT and not channel.allow & HISTORY:
            return []
        before = int(asked.query.get("before", 2**63))
        standing = [message for message in channel.messages.values() if int(message["id"]) < before and not message["flags"] & EPHEMERAL]
        return standing[::-1][: int(asked.query.get("limit", 50))]

    async def message(self, asked: Asked) -> Any:
        return self._message(asked)

    async def edit(self, asked: Asked) -> Any:
        message = self._message(asked)
        if message["author"]["id"] != self.world.bot.id:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        return await self._edit(message, asked)

    async def delete(self, asked: Asked) -> Any:
        channel, message = self._channel(asked, VIEW), self._message(asked)
        channel.messages.pop(message["id"])
        message["deleted"] = True
        return _NOTHING

    async def open_thread(self, asked: Asked) -> Any:
        """A thread has the number of the message it starts at, so there can be only one."""
        parent = self._channel(asked, VIEW | OPEN_THREADS)
        if parent.type != TEXT_CHANNEL:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        message = self._message(asked)
        if message["id"] in self.world.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        thread = Channel(message["id"], str(asked.body["name"]), THREAD, len(self.world.channels), parent.allow, parent.id)
        self.world.channels[thread.id] = thread
        return self.world.channel_shape(thread)

    async def attachment(self, asked: Asked) -> Any:
        if asked.ids["name"] not in self.world.files:
            raise Refused(404, 0, "404: Not Found")
        return self.world.files[asked.ids["name"]]

    # --- interactions ------------------------------------------------------------------------------------------------------

    async def callback(self, asked: Asked) -> Any:
        exchange = self.exchanges.get(asked.ids["interaction_token"])
        if exchange is None or exchange.id != asked.ids["interaction_id"]:
            raise Refused(404, 10062, "Unknown interaction")
        kind, data = asked.body["type"], asked.body.get("data") or {}
        exchange.acknowledge(kind, self.world.clock.now())
        asked.body = data
        match kind:
            case 4:
                exchange.original = self._shown(exchange, asked)
            case 5:
                exchange.original = self.world.message(exchange.channel, self.world.bot.id, {}, LOADING | ephemeral(data))
                self._stand(exchange, exchange.original)
            case 7:
                await self._edit(exchange.at_original(), asked)
            case 8:
                exchange.choices = [(choice["name"], choice["value"]) for choice in data["choices"]]
            case 9:
                exchange.modal = data
        shown = exchange.original if kind in (4, 5) else exchange.source if kind in (6, 7) else None
        told = {
            "id": exchange.id,
            "type": exchange.kind,
            "response_message_loading": kind == 5,
            "response_message_ephemeral": bool(ephemeral(data)),
        }
        if shown is None:
            return {"interaction": told}
        return {"interaction": told | {"response_message_id": shown["id"]}, "resource": {"type": kind, "message": shown}}

    async def followup(self, asked: Asked) -> Any:
        exchange = self._exchange(asked)
        if exchange.waiting and exchange.original is not None:
            # Discord puts the first further message where “thinking…” stands, and keeps it as private as that was.
            asked.body["flags"] = int(asked.body.get("flags") or 0) & ~EPHEMERAL
            return await self._edit(exchange.original, asked)
        message = self._shown(exchange, asked)
        exchange.further.append(message)
        return message

    async def original(self, asked: Asked) -> Any:
        return self._exchange(asked).at_original()

    async def edit_original(self, asked: Asked) -> Any:
        return await self._edit(self._exchange(asked).at_original(), asked)

    async def delete_original(self, asked: Asked) -> Any:
        exchange = self._exchange(asked)
        message = exchange.at_original()
        message["deleted"] = True
        exchange.cleared = True
        exchange.channel.messages.pop(message["id"], None)
        return _NOTHING

    # --- underneath --------------------------------------------------------------------------------------------------------

    async def announce(self, event: str, channel: Channel, message: dict[str, Any]) -> None:
        if not message["flags"] & EPHEMERAL:
            place = {} if channel.type == DIRECT else {"guild_id": self.world.guild}
            await self.gateway.tell(event, message | place | {"channel_type": channel.type})
        self.changed.set()

    def _channel(self, asked: Asked, needed: int) -> Channel:
        channel = self.world.channels.get(asked.ids["channel_id"])
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.type == DIRECT and needed & SEND and not self._accepts(channel):
            raise Refused(403, 50007, "Cannot send messages to this user")
        if channel.type != DIRECT and not channel.allow & VIEW:
            raise Refused(403, 50001, "Missing Access")
        if channel.type != DIRECT and needed & ~channel.allow:
            raise Refused(403, 50013, "Missing Permissions")
        return channel

    def _accepts(self, channel: Channel) -> bool:
        return all(person.accepts_direct for person in self.world.people.values() if person.id == channel.recipient)

    def _message(self, asked: Asked) -> dict[str, Any]:
        message = self._channel(asked, VIEW).messages.get(asked.ids["message_id"])
        if message is None or message["flags"] & EPHEMERAL:
            raise Refused(404, 10008, "Unknown Message")
        return message

    def _exchange(self, asked: Asked) -> Exchange:
        exchange = self.exchanges.get(asked.ids["webhook_token"])
        if exchange is None or asked.ids["webhook_id"] != self.world.application:
            raise Refused(404, 10015, "Unknown Webhook")
        exchange.check_token(self.world.clock.now())
        return exchange

    def _shown(self, exchange: Exchange, asked: Asked) -> dict[str, Any]:
        message = self.world.message(exchange.channel, self.world.bot.id, asked.body)
        self._fill(message, asked)
        self._stand(exchange, message)
        return message

    def _stand(self, exchange: Exchange, message: dict[str, Any]) -> None:
        if message["flags"] & EPHEMERAL:
            message["only_for"] = exchange.person.id
        exchange.channel.messages[message["id"]] = message

    async def _edit(self, message: dict[str, Any], asked: Asked) -> Any:
        flags = asked.body.get("flags")
        if message["flags"] & V2 and flags is not None and not flags & V2:
            raise Refused(400, 50035, "Invalid Form Body: the components flag cannot be removed")
        if flags is not None and flags & V2:
            message["flags"] |= V2
        if message["flags"] & V2 and asked.body.get("content"):
            raise Refused(400, 50035, "Invalid Form Body: content beside components")
        message["flags"] &= ~LOADING
        if "content" in asked.body:
            message["content"] = asked.body["content"] or ""
        self._fill(message, asked)
        message["edited_timestamp"] = self.world.clock.iso()
        await self.announce("MESSAGE_UPDATE", self.world.channels[message["channel_id"]], message)
        return message

    def _fill(self, message: dict[str, Any], asked: Asked) -> None:
        """Components, attachments and mentions of a posted or edited message."""
        if "attachments" in asked.body or asked.files:
            message["attachments"] = [self._attach(message, asked, attachment) for attachment in asked.body.get("attachments") or []]
        if "components" in asked.body:
            message["components"] = with_ids(json.loads(json.dumps(asked.body["components"] or [])))
            self._resolve(message)
        allowed = {str(user) for user in (asked.body.get("allowed_mentions") or {}).get("users") or []}
        named = set(re.findall(r"<@!?(\d+)>", json.dumps(message["components"]) + message["content"]))
        message["mentions"] = [self.world.author(user) for user in sorted(allowed & named) if self._known(user)]

    def _known(self, user: str) -> bool:
        return user == self.world.bot.id or any(person.id == user for person in self.world.people.values())

    def _attach(self, message: dict[str, Any], asked: Asked, attachment: dict[str, Any]) -> dict[str, Any]:
        standing = next((known for known in message["attachments"] if known["id"] == str(attachment["id"])), None)
        if standing:
            return standing
        name, data = asked.files[int(attachment["id"])]
        identity = self.world.snowflake()
        self.world.files[f"{identity}-{name}"] = data
        url = f"https://cdn.invalid/attachments/{identity}-{name}"
        return {
            "id": identity,
            "filename": name,
            "size": len(data),
            "url": url,
            "proxy_url": url,
            "description": attachment.get("description"),
        }

    def _resolve(self, message: dict[str, Any]) -> None:
        by_name = {attachment["filename"]: attachment for attachment in message["attachments"]}
        for component in walk(message["components"]):
            media = [item["media"] for item in component.get("items", [])] + ([component["file"]] if "file" in component else [])
            for medium in media:
                attachment = by_name[medium["url"].removeprefix("attachment://")]
                medium |= {
                    "url": attachment["url"],
                    "proxy_url": attachment["url"],
                    "attachment_id": attachment["id"],
                    "width": 1,
                    "height": 1,
                }


def _routes(rest: Rest) -> list[tuple[str, str, re.Pattern[str], Callable[[Asked], Awaitable[Any]]]]:
    hook = "/webhooks/{webhook_id}/{webhook_token}"
    table: list[tuple[str, str, Callable[[Asked], Awaitable[Any]]]] = [
        ("GET", "/users/@me", rest.me),
        ("GET", "/oauth2/applications/@me", rest.application),
        ("GET", "/users/@me/guilds", rest.guilds),
        ("GET", "/guilds/{guild_id}/members/{user_id}", rest.member),
        ("GET", "/applications/{application_id}/commands", rest.commands),
        ("PUT", "/applications/{application_id}/commands", rest.put_commands),
        ("POST", "/users/@me/channels", rest.open_direct),
        ("GET", "/channels/{channel_id}", rest.channel),
        ("POST", "/channels/{channel_id}/typing", rest.typing),
        ("POST", "/channels/{channel_id}/messages", rest.post),
        ("GET", "/channels/{channel_id}/messages", rest.history),
        ("GET", "/channels/{channel_id}/messages/{message_id}", rest.message),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}", rest.edit),
        ("DELETE", "/channels/{channel_id}/messages/{message_id}", rest.delete),
        ("POST", "/channels/{channel_id}/messages/{message_id}/threads", rest.open_thread),
        ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", rest.callback),
        ("POST", hook, rest.followup),
        ("GET", f"{hook}/messages/@original", rest.original),
        ("PATCH", f"{hook}/messages/@original", rest.edit_original),
        ("DELETE", f"{hook}/messages/@original", rest.delete_original),
        ("GET", "/attachments/{name}", rest.attachment),
    ]
    return [(method, template, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)), act) for method, template, act in table]


async def _body(request: web.Request) -> tuple[dict[str, Any], dict[int, tuple[str, bytes]]]:
    if request.content_type == "multipart/form-data":
        form = await request.post()
        files = {}
        for name, part in form.items():
            if isinstance(part, web.FileField):
                files[int(name.removeprefix("files[").removesuffix("]"))] = (part.filename, part.file.read())
        return json.loads(str(form["payload_json"])), files
    raw = await request.text()
    return (json.loads(raw) if raw else {}), {}


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    """discord.py compares the content type literally, so it carries no charset."""
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def _via(fault: Fault) -> dict[str, str]:
    return {"Retry-After": str(fault.retry_after), **({"Via": "1.1 fake"} if fault.via else {})}
