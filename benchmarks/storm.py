"""A storm: 10,000 signals about 300 services within a minute, through the pipeline, the store and the outbox to a channel that takes one message a second.

    python -m benchmarks.storm [--json]

The house is a process of its own on an SQLite file; half way it is killed (SIGKILL) and started again, and its sender sends on from what was
durable (a cursor in the same transaction as the alerts). The channel is a file: who posts faster than it allows is answered 429. Beside it, in the
same run, what the same signals would post one by one, and one card an alert (dedup by fingerprint, as Alertmanager without grouping does).

lost       signals whose trouble is neither an open alert nor was ended in the end        goal 0
posts      messages posted to the channel (edits are not posts)                             goal ≤ 10
first      from the first signal to the first post                                          goal < 2 s
refused    answers 429                                                                      goal 0
twice      subjects that stand twice in the channel                                         goal 0
"""

from __future__ import annotations

import asyncio
import json as jsonlib
import os
import random
import signal as signals
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
EVENTS, SERVICES, SPAN = 10_000, 300, 60.0
BATCH = 0.1  # seconds of signals that arrive together
KILLED_AT = 0.5  # of the span
ALLOWED, BURST = 1.0, 5  # the channel: messages a second, and at once
GOALS = {"lost": 0, "posts": 10, "first": 2.0, "refused": 0, "twice": 0}


class Event(NamedTuple):
    at: float
    service: int
    firing: bool


def made_up(seed: int) -> list[Event]:
    """Every service fails and recovers again and again at random; each signal says how it stands."""
    dice, firing = random.Random(seed), [False] * SERVICES
    found = []
    for number in range(EVENTS):
        service = dice.randrange(SERVICES)
        firing[service] = dice.random() < 0.7
        found.append(Event(number / EVENTS * SPAN, service, firing[service]))
    return found


def _now() -> float:
    from engine.runtime.clock import SystemClock

    return SystemClock().now().timestamp()


def _began(folder: Path) -> float:
    """When the first signal was due: the moment at which the house first stood ready."""
    path = folder / "began"
    if not path.exists():
        path.with_suffix(".new").write_text(str(_now()))
        path.with_suffix(".new").rename(path)
    return float(path.read_text())


class Channel:
    """A channel in a file that outlives the house: one line a message, in the order in which they were posted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens, self._at = float(BURST), time.monotonic()

    async def deliver(self, posting: Any) -> Any:
        from engine.errors import Transient
        from engine.parties import MessageRef

        now = time.monotonic()
        self._tokens, self._at = min(float(BURST), self._tokens + (now - self._at) / ALLOWED), now
        if self._tokens < 1:
            self._write(kind="refused", subject=posting.subject)
            raise Transient("429", 1.0)
        self._tokens -= 1
        await asyncio.sleep(0.05)  # the way there and back
        self._write(kind="edit" if posting.ref else "post", subject=posting.subject)
        return posting.ref or MessageRef("slack", "C1", f"m-{posting.subject}")

    async def look(self, posting: Any) -> Any:
        from engine.parties import MessageRef

        there = any(line["kind"] == "post" and line["subject"] == posting.subject for line in self.lines())
        return MessageRef("slack", "C1", f"m-{posting.subject}") if there else None

    def _write(self, **line: Any) -> None:
        with self._path.open("a") as file:
            file.write(jsonlib.dumps({"at": _now(), **line}) + "\n")

    def lines(self) -> list[dict[str, Any]]:
        return [jsonlib.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []


async def child(folder: Path, seed: int) -> None:
    """The house: takes what is due by now, from the cursor on; ends when all is taken and told."""
    from engine.events import CursorMoved
    from engine.monitoring.alert import Severity
    from engine.monitoring.signal import Signal
    from engine.parties import Address
    from engine.runtime.alerts import Alerting
    from engine.runtime.announcer import Announcer
    from engine.runtime.clock import SystemClock
    from storage.sql import SqlStore

    clock = SystemClock()
    store = await SqlStore.open(f"sqlite:///{folder / 'storm.db'}", secret_key="0123456789abcdef", clock=clock)
    announcer = Announcer(store, Channel(folder / "channel"), clock)
    alerting = Alerting(store, clock, addresses=lambda: [Address("slack", "C1")])
    await announcer.start()
    events, began = made_up(seed), _began(folder)
    cursor = await store.cursors.get("storm")
    done = int(cursor.state["done"]) if cursor else 0  # type: ignore[call-overload]
    while done < len(events):
        now = _now() - began
        due = [event for event in events[done : done + 2_000] if event.at <= now]
        if due:
            at = datetime.fromtimestamp(began, UTC) + timedelta(seconds=due[-1].at)
            said = [
                Signal(
                    rule="availability", service=f"service-{event.service:03}", account="default", at=at, firing=event.firing,
                    because="3 checks in a row failed." if event.firing else "It answers again.", severity=Severity.HIGH,
                    message="It does not answer.", source="generic",
                )
                for event in due
            ]  # fmt: skip
            await alerting.take(said, CursorMoved("storm", {"done": done + len(due)}, clock.now()))
            done += len(due)
        await asyncio.sleep(BATCH)
    async with asyncio.timeout(120):
        await announcer.settle()
    await announcer.stop()
    await store.close()


async def standing(folder: Path) -> dict[str, Any]:
    from engine.runtime.clock import SystemClock
    from storage.sql import SqlStore

    store = await SqlStore.open(f"sqlite:///{folder / 'storm.db'}", secret_key="0123456789abcdef", clock=SystemClock())
    alerts = await store.alerts.list(limit=100_000)
    waiting = await store.postings.due(SystemClock().now() + timedelta(days=1), limit=1_000)
    await store.close()
    newest: dict[str, Any] = {}
    for alert in sorted(alerts, key=lambda one: (one.opened_at, one.id)):
        newest[alert.service] = alert
    return {"newest": {name: alert.open for name, alert in newest.items()}, "alerts": len(alerts), "waiting": len(waiting)}


def measured(seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "benchmarks.storm", "--child", name, str(seed)]
        first = subprocess.Popen(command, cwd=ROOT)
        while not (folder / "began").exists() and first.poll() is None:
            time.sleep(0.05)
        began = _began(folder)
        time.sleep(SPAN * KILLED_AT)
        os.kill(first.pid, signals.SIGKILL)
        first.wait()
        again = subprocess.run(command, cwd=ROOT, timeout=240, check=False)
        events, there = made_up(seed), asyncio.run(standing(folder))
        lines = Channel(folder / "channel").lines()
        last = {f"service-{event.service:03}": event.firing for event in events}
        posts = Counter(line["subject"] for line in lines if line["kind"] == "post")
        return {
            "ended": again.returncode == 0,
            "lost": sum(there["newest"].get(service, False) != firing for service, firing in last.items()) + there["waiting"],
            "posts": sum(posts.values()),
            "first": min((line["at"] for line in lines if line["kind"] == "post"), default=began + 1e9) - began,
            "refused": sum(line["kind"] == "refused" for line in lines),
            "twice": sum(count > 1 for count in posts.values()),
            "edits": sum(line["kind"] == "edit" for line in lines),
            "alerts": there["alerts"],
            "took": max(line["at"] for line in lines) - began if lines else 0.0,
            "one_by_one": sum(_begins(events)),
            "by_fingerprint": len({event.service for event in events if event.firing}),
        }


def _begins(events: list[Event]) -> list[bool]:
    firing: dict[int, bool] = {}
    found = []
    for event in events:
        found.append(event.firing and not firing.get(event.service, False))
        firing[event.service] = event.firing
    return found


def met(result: Mapping[str, Any]) -> bool:
    return bool(
        result["ended"] and result["lost"] == 0 and result["posts"] <= GOALS["posts"] and result["first"] < GOALS["first"]
        and result["refused"] == 0 and result["twice"] == 0
    )  # fmt: skip


def in_words(result: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            f"storm      {EVENTS:,} signals about {SERVICES} services in {SPAN:.0f} s (seed {result['seed']}), killed and started again half way",
            f"lost       {result['lost']}    goal 0",
            f"posts      {result['posts']} to the channel and {result['edits']} edits; one message for each beginning would be {result['one_by_one']:,},"
            f" one for each fingerprint {result['by_fingerprint']}    goal ≤ {GOALS['posts']}",
            f"first      {result['first']:.2f} s after the first signal    goal < {GOALS['first']:g} s",
            f"refused    {result['refused']} answers 429    goal 0",
            f"twice      {result['twice']} cards stand twice    goal 0",
            f"settled    {result['took']:.0f} s after the first signal everything stood; {result['alerts']:,} alerts on record",
            f"{os.cpu_count()} cores, load {result['load']:.1f}",
        ]
    )


def run(json: bool = False) -> bool:
    """Measure and print; true when every goal is met. Takes about a minute and a half."""
    seed = int(_now())
    result = {"seed": seed, **measured(seed), "load": os.getloadavg()[0]}
    print(jsonlib.dumps(result, indent=2) if json else in_words(result))
    return met(result)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        asyncio.run(child(Path(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(0 if run("--json" in sys.argv[1:]) else 1)
