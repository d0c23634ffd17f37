"""The fake's gateway: hello, identify, ready, heartbeats, resuming with replay, and being told to reconnect."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.peers.discord.world import DIRECT, World

_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11
_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
_CONTENT = 1 << 15
_BAD_TOKEN, _FORBIDDEN_INTENTS = 4004, 4014


@dataclass
class Session:
    """What one client was told, so that it can be told again."""

    id: str
    intents: int
    sent: list[dict[str, Any]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None


class Gateway:
    """``overlap``: on resuming, so many events that the client already has come once more, as happens in practice.

    ``refuse``: so many next connections are refused.
    """

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.overlap = 0
        self.refuse = 0
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.complaints: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            self.complaints.append(f"the gateway was asked with {dict(request.query)}")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._send(socket, _HELLO, {"heartbeat_interval": 41250})
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            session = await self._on(socket, json.loads(frame.data), session) or session
        if session and session.socket is socket:
            session.socket = None
        return socket

    async def tell(self, event: str, data: dict[str, Any]) -> None:
        """Dispatch to every session; one whose socket is down hears it when it resumes."""
        for session in self.sessions.values():
            await self._dispatch(session, event, _seen_by(session, event, data, self.world))

    @property
    def connected(self) -> bool:
        return any(session.socket is not None and not session.socket.closed for session in self.sessions.values())

    async def reconnect(self) -> None:
        """Tell every client to come again (op 7)."""
        for session in self.sessions.values():
            if session.socket:
                await self._send(session.socket, _RECONNECT, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """Op 9."""
        for identity, session in list(self.sessions.items()):
            if session.socket:
                await self._send(session.socket, _INVALID, resumable)
            if not resumable:
                self.sessions.pop(identity)

    async def cut(self) -> None:
        """Drop the sockets as a failing network does, without goodbye."""
        for session in self.sessions.values():
            socket, session.socket = session.socket, None
            if socket is not None and socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def close(self) -> None:
        for session in self.sessions.values():
            if session.socket:
                await session.socket.close(code=WSCloseCode.GOING_AWAY)

    async def _on(self, socket: web.WebSocketResponse, frame: dict[str, Any], session: Session | None) -> Session | None:
        match frame["op"]:
            case 1:
                await self._send(socket, _ACK, None)
            case 2:
                return await self._identify(socket, frame["d"])
            case 6:
                return await self._resume(socket, frame["d"])
            case 3 | 4 | 8:
                pass
            case other:
                self.complaints.append(f"the gateway got the unknown op {other}")
        return session

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        if data["token"] != self.token:
            await socket.close(code=_BAD_TOKEN, message=b"Authentication failed.")
            return None
        if data["intents"] & _PRIVILEGED:
            await socket.close(code=_FORBIDDEN_INTENTS, message=b"Disallowed intent(s).")
            return None
        self.identified += 1
        session = Session(f"session-{self.identified}", data["intents"], socket=socket)
        self.sessions = {session.id: session}
        host = socket._req.host if socket._req else ""
        await self._dispatch(
            session,
            "READY",
            {
                "v": 10,
                "user": self.world.author(self.world.bot.id) | {"verified": True, "flags": 0},
                "guilds": [{"id": self.world.guild, "unavailable": True}],
                "session_id": session.id,
                "resume_gateway_url": f"ws://{host}/gateway",
                "application": {"id": self.world.application, "flags": 0},
                "private_channels": [],
            },
        )
        await self._dispatch(session, "GUILD_CREATE", self.world.guild_shape())
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await self._send(socket, _INVALID, False)
            return None
        session.socket = socket
        self.resumed += 1
        missed_from = max(int(data["seq"]) - self.overlap, 2)
        for frame in session.sent[missed_from:]:
            await socket.send_str(json.dumps(frame))
        await self._dispatch(session, "RESUMED", {})
        return session

    async def _dispatch(self, session: Session, event: str, data: dict[str, Any]) -> None:
        frame = {"op": _DISPATCH, "s": len(session.sent) + 1, "t": event, "d": data}
        session.sent.append(frame)
        if session.socket is not None and not session.socket.closed:
            await session.socket.send_str(json.dumps(frame))

    async def _send(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        await socket.send_str(json.dumps({"op": op, "d": data}))
        await asyncio.sleep(0)


def _seen_by(session: Session, event: str, data: dict[str, Any], world: World) -> dict[str, Any]:
    """Without the message-content intent a bot reads only direct messages, its own, and those that mention it."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & _CONTENT:
        return data
    mine = data["author"]["id"] == world.bot.id
    mentioned = any(user["id"] == world.bot.id for user in data["mentions"])
    direct = world.channels[data["channel_id"]].type == DIRECT
    return data if mine or mentioned or direct else data | {"content": "", "components": [], "attachments": [], "embeds": []}
