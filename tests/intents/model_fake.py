"""An OpenAI-compatible endpoint on loopback that behaves like the servers people run: enforcing, refusing, ignoring, breaking off, sleeping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Body = dict[str, Any]


def asked_by(body: Body) -> str:
    """Which way of asking a request uses, in the names of ``intents.llm.MODES``."""
    kind = body.get("response_format", {}).get("type")
    if kind in ("json_schema", "json_object"):
        return str(kind)
    return "tool" if body.get("tools") else "plain"


@dataclass
class ModelFake:
    """``reply`` gives (status, text) for a request; ``requests`` keeps every body, oldest first."""

    reply: Callable[[Body], tuple[int, str]]
    delay: float = 0.0
    requests: list[Body] = field(default_factory=list)
    url: str = ""

    @property
    def modes(self) -> list[str]:
        return [asked_by(body) for body in self.requests]

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        await asyncio.sleep(self.delay)
        status, text = self.reply(body)
        if status != 200:
            return web.json_response({"error": {"message": text, "type": "server_error"}}, status=status)
        return web.json_response(_completion(body, text))


def _completion(body: Body, text: str) -> Body:
    message: Body = {"role": "assistant", "content": text}
    if body.get("tools") and text.startswith("{"):
        call = {"id": "call_1", "type": "function", "function": {"name": body["tool_choice"]["function"]["name"], "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {
        "id": "cmpl_1", "object": "chat.completion", "created": 1, "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }  # fmt: skip


@asynccontextmanager
async def serving(fake: ModelFake) -> AsyncIterator[ModelFake]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield fake
    finally:
        await runner.cleanup()


def always(answer: object, *, only: str = "", status: int = 400) -> Callable[[Body], tuple[int, str]]:
    """The same answer to everything; asked in another way than ``only``, refused with ``status``."""
    text = answer if isinstance(answer, str) else json.dumps(answer)

    def reply(body: Body) -> tuple[int, str]:
        if only and asked_by(body) != only:
            return status, "unsupported"
        return 200, text

    return reply
