"""What happens at a service comes by polls until deliveries are ordered there, and by deliveries from then on; either way it is acted on once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import main
from tests.journeys.doors import containing, house_with, see

FLOW = '/flow create triage on github.issue_opened do chat.post_message channel=#ops text="New issue: {{event.title}}"'
PUBLIC = "https://bot.acme.example"


@dataclass
class FakeGitHub:
    """A repository with issues and webhooks, on loopback."""

    issues: list[str] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/repos/acme/web/events":
            return web.json_response([self.event(number) for number in range(len(self.issues), 0, -1)])
        if request.path.startswith("/repos/acme/web/issues/"):
            return web.json_response(self.issue(int(request.path.rpartition("/")[2])))
        if request.path == "/repos/acme/web/hooks":
            self.hooks.append(await request.json())
            return web.json_response({"id": len(self.hooks)}, status=201)
        if request.method == "DELETE":
            self.hooks.clear()
            return web.Response(status=204)
        return web.json_response({})

    def issue(self, number: int) -> dict[str, Any]:
        return {
            "number": number,
            "title": self.issues[number - 1],
            "state": "open",
            "html_url": f"https://github.com/acme/web/issues/{number}",
        }

    def event(self, number: int) -> dict[str, Any]:
        payload = {"action": "opened", "issue": {"number": number}}
        when = f"2026-11-23T09:00:{number:02d}Z"
        return {"id": str(number), "type": "IssuesEvent", "repo": {"name": "acme/web"}, "created_at": when, "payload": payload}

    async def deliver(self, app: main.App, number: int) -> int:
        """As its hook says: signed with the secret that came with the order, at the address it named."""
        config = self.hooks[-1]["config"]
        body = json.dumps({"action": "opened", "issue": self.issue(number), "repository": {"full_name": "acme/web"}}).encode()
        headers = {
            "X-GitHub-Event": "issues",
            "X-GitHub-Delivery": f"d{number}",
            "X-Hub-Signature-256": "sha256=" + hmac.new(config["secret"].encode(), body, hashlib.sha256).hexdigest(),
        }
        assert config["url"].startswith(PUBLIC)
        address = app.server.url + config["url"].removeprefix(PUBLIC)
        async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def github() -> AsyncIterator[FakeGitHub]:
    fake, app = FakeGitHub(), web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()


async def until(app: main.App, done: Any) -> None:
    """Polls are due at once instead of in a minute."""
    async with asyncio.timeout(15):
        while not done():
            for feed in app.poller._feeds.values():
                feed.next_at = min(feed.next_at, app.clock.now())
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_polls_tell_until_deliveries_are_ordered_and_nothing_is_acted_on_twice(tmp_path: Path) -> None:
    async with github() as fake:
        fake.issues = ["An old one"]
        settings = {
            "GITHUB_TOKEN": "test-token",
            "GITHUB_URL": fake.url,
            "GITHUB_DEFAULT_REPOSITORY": "acme/web",
            "SIGNALBOX_PUBLIC_URL": PUBLIC,
        }
        async with house_with("rest", tmp_path, **settings) as (app, hall):
            assert not any("/events" in asked for asked in fake.asked), "nobody waits, so nothing is asked"
            await hall.say(FLOW)
            await hall.press(await see(hall, containing("issue", button="Confirm")), "Confirm", user="ben")
            await until(app, lambda: any("/events" in asked for asked in fake.asked))
            fake.issues.append("The disk is full")
            await until(app, lambda: any("/issues/2" in asked for asked in fake.asked))
            await see(hall, containing("New issue: The disk is full"))

            await hall.say("/service github watch acme/web")
            await see(hall, containing("GitHub delivers acme/web from now on"), private="ana")
            await until(app, lambda: not app.poller.states())
            fake.issues.append("The queue is stuck")
            assert await fake.deliver(app, 3) == 202
            assert await fake.deliver(app, 3) == 202, "a repetition is acknowledged"
            await see(hall, containing("New issue: The queue is stuck"))
            await app.dispatcher.idle()
            events = [(await app.store.runs.facts(run.id))[0].data["event"] for run in await app.store.runs.list()]
            titles = [str(event["title"]) for event in events if isinstance(event, dict)]
            assert sorted(titles) == ["The disk is full", "The queue is stuck"]

            await hall.say("/service github unwatch acme/web")
            await see(hall, containing("GitHub no longer delivers acme/web"), private="ana")
            assert fake.hooks == []
            assert await app.store.cursors.under("hook:") == []
