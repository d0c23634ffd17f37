"""kill -9 of the whole product, ``python main.py serve``, while it works through runs against a GitHub that remembers everything."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

ROOT = Path(__file__).parents[2]
TOKEN = "chaos-token-of-the-house"
DEFINITION = {
    "trigger": {"type": "manual"},
    "steps": [
        {"id": "open", "action": "github.create_issue", "with": {"repo": "acme/app", "title": "{{run.id}}"}},
        {"id": "label", "action": "github.add_labels", "with": {"repo": "acme/app", "issue": "{{steps.open.output.number}}", "label": "{{run.id}}"}},
        {"id": "note", "action": "github.add_comment", "with": {"repo": "acme/app", "issue": "{{steps.open.output.number}}", "text": "{{run.id}}"}},
    ],
}  # fmt: skip


class GitHub:
    """Takes its time, does the thing, takes its time to answer; ``done`` counts what was done, by (what, run)."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.done: Counter[tuple[str, str]] = Counter()
        self._issues: list[dict[str, Any]] = []
        self.app = web.Application()
        self.app.router.add_get("/rate_limit", self._fine)
        self.app.router.add_get("/repos/acme/app/issues", self._listed)
        self.app.router.add_post("/repos/acme/app/issues", self._opened)
        self.app.router.add_post("/repos/acme/app/issues/{number}/labels", self._labelled)
        self.app.router.add_post("/repos/acme/app/issues/{number}/comments", self._noted)

    async def _pause(self) -> None:
        await asyncio.sleep(self._dice.random() * 0.05)

    async def _fine(self, request: web.Request) -> web.Response:
        return web.json_response({"rate": {}})

    async def _listed(self, request: web.Request) -> web.Response:
        return web.json_response(self._issues[::-1][:50])

    async def _opened(self, request: web.Request) -> web.Response:
        said = await request.json()
        await self._pause()
        number = len(self._issues) + 1
        issue = {"number": number, "title": said["title"], "body": said.get("body"), "html_url": f"https://github.test/{number}", "state": "open", "user": {"login": "bot"}}  # fmt: skip
        self._issues.append(issue)
        self.done["open", said["title"]] += 1
        await self._pause()
        return web.json_response(issue, status=201)

    async def _labelled(self, request: web.Request) -> web.Response:
        labels = (await request.json())["labels"]
        await self._pause()
        self.done["label", labels[0]] += 1
        await self._pause()
        return web.json_response([{"name": name} for name in labels])

    async def _noted(self, request: web.Request) -> web.Response:
        body = (await request.json())["body"]
        await self._pause()
        self.done["note", re.findall(r"run_\w+", body)[0]] += 1
        await self._pause()
        return web.json_response({"id": 1, "html_url": "https://github.test/c/1", "user": {"login": "bot"}}, status=201)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Serve:
    """The product as a process, and its REST API."""

    def __init__(self, folder: Path, github: str) -> None:
        self.port = free_port()
        self._log = folder / "log"
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNALBOX_", "SLACK_", "DISCORD_"))} | {
            "SIGNALBOX_DATA": str(folder / "data"), "SIGNALBOX_PORT": str(self.port), "SIGNALBOX_API_TOKEN": TOKEN,
            "GITHUB_TOKEN": "t", "GITHUB_URL": github, "SIGNALBOX_PROBE_INTERVAL": "3600",
        }  # fmt: skip
        self.process: asyncio.subprocess.Process | None = None

    async def up(self) -> None:
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "main.py", "serve", cwd=ROOT, env=self._environ, stdout=log, stderr=log
            )
        for _ in range(300):
            with contextlib.suppress(aiohttp.ClientError):
                if (await self.ask("GET", "/readyz", status=True)) == 200:
                    return
            assert self.process.returncode is None, f"serve ended by itself:\n{self._log.read_text()[-2000:]}"
            await asyncio.sleep(0.05)
        raise AssertionError(f"serve did not become ready:\n{self._log.read_text()[-2000:]}")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def ask(self, method: str, path: str, body: object = None, *, status: bool = False) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"http://127.0.0.1:{self.port}{path}", json=body, headers=headers) as answer,
        ):
            return answer.status if status else await answer.json()


@contextlib.asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


EACH = 2  # runs between two kills; about as many more are begun whose answer nobody hears


async def work(serve: Serve, flow: str, acknowledged: set[str], most: int) -> None:
    """Ask for runs until the house is gone or there are enough; those it confirmed must never be lost."""
    with contextlib.suppress(aiohttp.ClientError, asyncio.IncompleteReadError):
        while len(acknowledged) < most:
            answer = await serve.ask("POST", f"/api/v2/ai-workflows/{flow}/execute", {})
            acknowledged.add(answer["run"])


async def finish(serve: Serve, github: GitHub, flow: str) -> list[dict[str, Any]]:
    """Look at every doubt as a human would, press its button, and wait until all runs are over."""
    for _ in range(4_000):  # GitHub's own limit of writes a minute is kept, so many runs take their time
        listed = (await serve.ask("GET", f"/api/v2/ai-workflows/{flow}/runs?limit=500"))["runs"]
        open_runs = [row["id"] for row in listed if row["state"] in ("running", "waiting")]
        if not open_runs:
            return [await serve.ask("GET", f"/api/v2/runs/{row['id']}") for row in listed]
        for run in open_runs:
            about = await serve.ask("GET", f"/api/v2/runs/{run}")
            for step in about["steps"]:
                if step["state"] == "in_doubt":
                    first = next(fact["seq"] for fact in about["facts"] if fact["kind"] == "asked" and fact["step"] == step["id"])
                    await press(serve, github, run, first, step["id"])
        await asyncio.sleep(0.1)
    left = [await serve.ask("GET", f"/api/v2/runs/{run}") for run in open_runs[:3]]
    raise AssertionError(f"{len(open_runs)} runs did not end, such as {left}")


async def press(serve: Serve, github: GitHub, run: str, first: int, step: str) -> None:
    """``first``: number of the fact by which the step was asked first; the card of its doubt is called by it."""
    happened = github.done[step, run] > 0
    card = f"dbt_{run.removeprefix('run_')}_{first}"
    if happened and step == "open":
        # “It happened” carries no issue number, so the later steps cannot be filled in: that run is cancelled by its human.
        await serve.ask("POST", f"/api/v2/runs/{run}/cancel")
        return
    await serve.ask("POST", "/api/v2/actions", {"card": card, "verb": "happened" if happened else "repeat", "version": 0})


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_twenty_kills_of_the_product_lose_and_repeat_nothing(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    dice = random.Random(seed)
    github = GitHub(dice)
    acknowledged: set[str] = set()
    async with served(github.app) as url:
        serve = Serve(tmp_path, url)
        await serve.up()
        created = await serve.ask("POST", "/api/v2/ai-workflows", {"name": "Chaos", "definition": DEFINITION})
        flow = created["workflow_id"]
        try:
            for kill in range(20):
                most = EACH * (kill + 1)  # GitHub takes 500 writes an hour and 80 a minute, and three belong to a run
                workers = [asyncio.create_task(work(serve, flow, acknowledged, most)) for _ in range(3)]
                await asyncio.sleep(0.1 + dice.random() * 0.6)
                await serve.kill()
                await asyncio.gather(*workers)
                await serve.up()
            runs = await finish(serve, github, flow)
        finally:
            await serve.kill()
    print(f"20 kills, seed {seed}: {verdict_figures(runs)}")
    assert acknowledged <= {run["id"] for run in runs}, f"seed {seed}: runs were lost"
    assert [line for run in runs for line in wrong_in(run, github)] == [], f"seed {seed}"


def wrong_in(run: dict[str, Any], github: GitHub) -> list[str]:
    wrong = [] if run["state"] in ("succeeded", "cancelled") else [f"{run['id']} ended {run['state']}"]
    facts = run["facts"]
    if [fact["seq"] for fact in facts] != list(range(1, len(facts) + 1)):
        wrong.append(f"{run['id']} has gaps")
    for step in run["steps"]:
        done, asked = github.done[step["id"], run["id"]], sum(f["kind"] == "asked" and f["step"] == step["id"] for f in facts)
        if step["state"] == "succeeded" and not done:
            wrong.append(f"{run['id']} says {step['id']} was done, but it was not")
        if step["id"] != "label" and done > 1:
            wrong.append(f"{run['id']} did {step['id']} {done} times")
        if done > asked:
            wrong.append(f"{run['id']} did {step['id']} {done} times, written down {asked} times")
        kinds = [fact["kind"] for fact in facts if fact["step"] == step["id"]]
        if "answered" in kinds and "asked" in kinds[kinds.index("answered") :]:
            wrong.append(f"{run['id']} asked {step['id']} again after its answer")
    return wrong


def verdict_figures(runs: list[dict[str, Any]]) -> str:
    states = Counter(run["state"] for run in runs)
    doubts = sum(fact["kind"] == "in_doubt" for run in runs for fact in run["facts"])
    repeats = sum(step["attempts"] > 1 for run in runs for step in run["steps"])
    return f"{len(runs)} runs {dict(states)}, {doubts} doubts, {repeats} steps asked again"
