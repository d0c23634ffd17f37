"""How soon Slack reads our acknowledgement of a click, beside a bare bolt handler that only acknowledges, in the same run.

    python -m benchmarks.ack [--json]

Counted from the moment a click was due (an open loop: a blocked process cannot slow the clicks down and so hide its own delay) until the
acknowledgement is back on the fake Slack's side of the socket. Rounds alternate between the two; the ratio is that of the medians.
``load`` is an async function that keeps the process busy meanwhile, for example with 200 runs; it is cancelled at the end of each round.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import main
from bot.cards.card import Button, Card, Form
from bot.faces.face import Conversation, Press, Turn, Utterance
from bot.faces.slack.face import SlackFace
from engine.events import Event, RunMoved
from engine.parties import Actor, Address
from engine.settings import read_settings
from tests.peers.slack.fake import FakeSlack

GOAL = 0.300  # seconds at the 99th percentile, under load
CLICKS = 400
EVERY = 0.01
ROUNDS = 3
RUNS = 200
WORKFLOW = {
    "name": "busy",
    "trigger": {"type": "manual"},
    "steps": [
        {"action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": "{{run.id}}"}},
        {"action": "github.create_issue", "with": {"repo": "acme/web", "title": "{{run.id}}"}},
        {"action": "github.add_labels", "with": {"repo": "acme/web", "issue": 1, "labels": ["busy"]}},
        {"action": "trello.add_comment", "with": {"card": "busy", "text": "{{run.id}}"}},
    ],
}

Load = Callable[[], Awaitable[None]]
Contender = Callable[[FakeSlack], AbstractAsyncContextManager[None]]


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the benchmark is its own composition root

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_0"

    def random(self) -> float:
        return 0.5


class _Nobody:
    """A conversation that takes everything and says nothing: what remains is the face."""

    async def accept(self, utterance: Utterance) -> bool:
        return True

    async def hear(self, utterance: Utterance) -> Turn:
        return Turn()

    async def press(self, press: Press) -> Turn:
        return Turn()

    async def form(self, press: Press) -> Form | None:
        return None

    async def complete(self, typed: str, limit: int = 8) -> Sequence[tuple[str, str]]:
        return ()


def signalbox(conversation: Conversation | None = None) -> Contender:
    """The product's face, over the conversation given or one that says nothing."""

    @asynccontextmanager
    async def running(slack: FakeSlack) -> AsyncIterator[None]:
        face = SlackFace(conversation or _Nobody(), _Clock(), bot_token=slack.bot_token, app_token=slack.app_token, api_url=slack.api_url)
        await face.start()
        await slack.until(lambda: len(slack.socket.connections) == 2)
        await face.post(Address("slack", "C1"), Card("Alert", id="alr_1", version=1, actions=(Button("acknowledge", "Acknowledge"),)), "k")
        yield
        await face.stop()

    return running


@asynccontextmanager
async def bare_bolt(slack: FakeSlack) -> AsyncIterator[None]:
    """The least a bolt app can do: ``await ack()``."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client)

    @app.action(re.compile(".*"))
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    button = {"type": "button", "action_id": "a", "accessibility_label": "a", "value": "1", "text": {"type": "plain_text", "text": "Acknowledge"}}
    await client.chat_postMessage(channel="C1", text="Alert", blocks=[{"type": "actions", "elements": [button]}])
    yield
    await handler.close_async()


async def measure(contender: Contender, load: Load | None = None, *, clicks: int = CLICKS, every: float = EVERY) -> list[float]:
    """Seconds from due to acknowledged, one per click."""
    async with FakeSlack() as slack, contender(slack), _under(load):
        [message] = slack.messages("C1")
        loop = asyncio.get_running_loop()

        async def click(due: float) -> float:
            await asyncio.sleep(max(due - loop.time(), 0))
            await slack.click(message, "Acknowledge")
            return loop.time() - due

        await slack.click(message, "Acknowledge")  # the first one pays for what is set up lazily
        start = loop.time() + 0.1
        return await asyncio.gather(*(click(start + number * every) for number in range(clicks)))


@asynccontextmanager
async def _under(load: Load | None) -> AsyncIterator[None]:
    task = asyncio.ensure_future(load()) if load is not None else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


async def compare(load: Load | None = None, conversation: Conversation | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
    """{"signalbox": {"p50","p99"}, "bare bolt": {…}, "ratio p99", "goal", "met"}; times in milliseconds, medians over the rounds."""
    found: dict[str, list[tuple[float, float]]] = {"signalbox": [], "bare bolt": []}
    for _ in range(rounds):
        for name, contender in (("signalbox", signalbox(conversation)), ("bare bolt", bare_bolt)):
            taken = await measure(contender, load)
            found[name].append((percentile(taken, 0.50) * 1000, percentile(taken, 0.99) * 1000))
    said: dict[str, Any] = {
        name: {"p50": round(median(p50 for p50, _ in pairs), 2), "p99": round(median(p99 for _, p99 in pairs), 2)} for name, pairs in found.items()
    }
    worst = max(p99 for _, p99 in found["signalbox"])
    ratio = round(said["signalbox"]["p99"] / said["bare bolt"]["p99"], 2)
    return said | {"ratio p99": ratio, "goal": GOAL * 1000, "met": worst < GOAL * 1000}


@asynccontextmanager
async def executing(runs: int = RUNS) -> AsyncIterator[Load]:
    """The whole house in this process, its database on disk; the load keeps ``runs`` runs of four sandboxed steps under way at any time."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        house = await main.build(read_settings({"SIGNALBOX_DATA": folder, "SIGNALBOX_PORT": "0", "SIGNALBOX_SANDBOX": "all"}))
        async with house:
            actor, where = Actor("rest", "api", "Bench"), Address("web", "#bench")
            outcome = await house.conversation.do("create_workflow", {"workflow": WORKFLOW}, actor, where, "make")
            await house.conversation.do("confirm_draft", {"draft": outcome.result.draft.id}, actor, where, "confirm")  # type: ignore[union-attr]
            [workflow] = await house.store.workflows.list()
            main.keep_what_stays()

            over: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

            def heard(events: Sequence[Event]) -> None:
                for event in events:
                    if isinstance(event, RunMoved) and event.run is not None and event.run.state.over:
                        over[event.run.id].set()

            house.store.ledger.listen(heard)

            numbers = count()

            async def one_after_another() -> None:
                for number in numbers:
                    run_id = f"run_{number}"
                    if await house.runner.start(workflow, by="bench", run_id=run_id) is not None:
                        await over[run_id].wait()

            async def load() -> None:
                await asyncio.gather(*(one_after_another() for _ in range(runs)))

            yield load


async def compare_both(conversation: Conversation | None) -> dict[str, Any]:
    idle = await compare(None, conversation)
    async with executing() as load:
        return {"idle": idle, f"while {RUNS} runs execute": await compare(load, conversation)}


def run(json: bool = False, conversation: Conversation | None = None) -> bool:
    """Print the figures; True when the goal is met in every round, under load too."""
    both = asyncio.run(compare_both(conversation))
    if json:
        print(jsonlib.dumps(both))
    else:
        print(f"ack    {CLICKS} clicks at {1 / EVERY:.0f}/s, median of {ROUNDS} rounds, goal p99 < {GOAL * 1000:.0f} ms")
        for state, figures in both.items():
            for name in ("signalbox", "bare bolt"):
                print(f"       {state:24} {name:10} p50 {figures[name]['p50']:7.2f} ms   p99 {figures[name]['p99']:7.2f} ms")
            print(f"       {state:24} p99 is {figures['ratio p99']}x that of bare bolt; {'met' if figures['met'] else 'MISSED'}")
    return all(figures["met"] for figures in both.values())


if __name__ == "__main__":
    sys.exit(0 if run("--json" in sys.argv) else 1)
