"""A desk for any description of deliveries: no folder, no network; what hooks.py would ask for is answered from a dictionary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import TypeAdapter

from connectors._kit.connector import Connector
from connectors._kit.custom import Custom, Tools
from connectors._kit.description import Description, Examples
from connectors._kit.desk import Desk
from engine.errors import NotFound, SignalboxError
from engine.ports import Account, HookReply
from storage.memory import MemoryStore
from tests.connectors.rig import NOW, SetClock
from tests.connectors.signing import shown

URL = "https://bot.acme.example/api/v2/hooks/acme/default"
ADAPTER = TypeAdapter(Description)
ANY = {"happened": {"title": "Something happened", "match": [{}], "fields": {"n": {"type": "any"}}}}


@dataclass
class HeldCredentials:
    values: Mapping[str, str] = field(default_factory=dict)
    account: Account = field(default_factory=lambda: Account(service="acme", name="default", url="", mode="live"))

    def get(self, name: str) -> str:
        return self.values.get(name, "")


@dataclass
class AskedTools:
    """Answers by path; remembers what was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    credentials: HeldCredentials = field(default_factory=HeldCredentials)

    async def send(self, request: Any, scope: Mapping[str, Any], *, doing: str = "", may_repeat: bool = True) -> Any:
        path = request.path.format(**scope)
        self.asked.append(path)
        answer = self.answers.get(path, NotFound("It is gone."))
        if isinstance(answer, SignalboxError):
            raise answer
        return answer


def description(webhooks: Mapping[str, Any] | None, triggers: Mapping[str, Any] | None = None, **more: Any) -> Description:
    raw = {"id": "acme", "name": "Acme", "category": "development", "operations": {}, "triggers": triggers or ANY, **more}
    if webhooks is not None:
        raw["webhooks"] = {"secret_meaning": "made by Acme", **webhooks}
    return ADAPTER.validate_python(raw)


class DeskRig:
    """``secret`` is in the environment unless it is empty; the vault is that of the memory store."""

    def __init__(
        self,
        webhooks: Mapping[str, Any],
        triggers: Mapping[str, Any] | None = None,
        *,
        secret: str = "test-secret",
        custom: Custom | None = None,
        answers: dict[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.said = description(webhooks, triggers)
        assert self.said.webhooks is not None
        self.scheme = self.said.webhooks
        self.secret = secret
        self.clock = SetClock(NOW)
        self.tools = AskedTools(answers or {})
        self.store = MemoryStore(self.clock)
        environ = {"ACME_WEBHOOK_SECRET": secret} if environ is None and secret else environ or {}
        self.desk = Desk(
            Connector(self.said, Examples(), custom or Custom()),
            cast(Any, self.tools.credentials),
            environ,
            self.clock,
            lambda account: cast(Tools, self.tools),
            lambda: self.store.vault,
        )

    async def deliver(
        self,
        payload: Any,
        *,
        account: str = "default",
        secret: str = "",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HookReply:
        """A genuine delivery. ``body`` is what arrives instead of what was signed."""
        sent = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        proof, query = shown(self.scheme, sent, self.clock.now(), secret=secret or self.secret, url=URL, headers=dict(headers or {}))
        return await self.desk.receive(account, "POST", proof, sent if body is None else body, query=query, url=URL)
