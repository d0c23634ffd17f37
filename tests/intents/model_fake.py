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
    raw: Callable[[Body], web.Response | None] = lambda body: None  # a whole answer of another kind; None: the usual one
    requests: list[Body] = field(default_factory=list)
    url: str = ""

    @property
    def modes(self) -> list[str]:
        return [asked_by(body) for body in self.requests]

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        await asyncio.sleep(self.delay)
        if (other := self.raw(body)) is not None:
            return other
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


def message(body: Body, fields: Body, end: str = "stop", usage: Body | None = None) -> web.Response:
    """A completion whose message holds exactly ``fields``."""
    whole = _completion(body, "")
    whole["choices"][0] = {"index": 0, "finish_reason": end, "message": {"role": "assistant", "content": None, **fields}}
    return web.json_response({**whole, **({"usage": usage} if usage else {})})


def streamed(body: Body, text: str) -> web.Response:
    """The text in pieces, as server-sent events; to a question that wants no stream, a refusal."""
    if not body.get("stream"):
        return web.json_response({"error": {"message": "This server answers with stream=true only."}}, status=400)
    return events(body, text)


def events(body: Body, text: str) -> web.Response:
    lines = []
    for piece in [text[start : start + 7] for start in range(0, len(text), 7)]:
        delta: Body = {"content": piece}
        if body.get("tools"):
            delta = {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
        lines.append({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta}]})
    told = "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
    return web.Response(text=told, content_type="text/event-stream")
