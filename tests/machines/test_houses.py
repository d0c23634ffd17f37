"""Two whole houses on one PostgreSQL, as on two hosts: whoever is asked answers, and nothing is done twice."""

from __future__ import annotations

import http.client
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.runtime.clock import SystemClock
from tests.journeys.serving import PATIENCE, TOKEN, Serving, command, serving

KEY = "the-same-on-all-hosts-in-32-characters"
pytestmark = pytest.mark.slow


def host(folder: Path, database: str, name: str, *arguments: str) -> AbstractContextManager[Serving]:
    settings = {"SIGNALBOX_DATABASE_URL": database, "SIGNALBOX_SECRET_KEY": KEY, "SIGNALBOX_SANDBOX": "all"}
    return serving(folder / name, *arguments, **settings)


@pytest.fixture
def houses(database: str, tmp_path: Path) -> Iterator[tuple[Serving, Serving]]:
    with host(tmp_path, database, "one") as one, host(tmp_path, database, "two") as two:
        yield one, two
        for house in (one, two):
            if house.process.poll() is None:
                assert house.stop(signal.SIGTERM) == 0, house.log.read_text()
            assert "Traceback" not in house.log.read_text(), house.log.read_text()


def eventually(see: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := see():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def stored(house: Serving, name: str, trigger: dict[str, Any], **more: Any) -> str:
    steps = [{"action": "trello.create_card", "with": {"title": "a", "list": "Backlog", "board": "Release"}}]
    answer = house.ask(
        "POST",
        "/api/v2/ai-workflows",
        {"name": name, "definition": {"schema": 1, "name": name, "trigger": trigger, "steps": steps, **more}},
    )
    assert answer.status == 201, answer.text
    return str(answer.json["workflow"]["workflow_id"])


def runs(house: Serving, workflow: str) -> list[dict[str, Any]]:
    answer = house.ask("GET", f"/api/v2/ai-workflows/{workflow}/runs")
    assert answer.status == 200, answer.text
    return list(answer.json["runs"])


def soon(seconds: float) -> str:
    return (SystemClock().now() + timedelta(seconds=seconds)).isoformat()


@contextmanager
def events(house: Serving) -> Iterator[Callable[[str], dict[str, Any]]]:
    """The event stream of one house; gives the data of the next event of that name that fits."""
    connection = http.client.HTTPConnection(house.address.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", "/api/v2/events", headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    assert answer.status == 200

    def following(name: str) -> dict[str, Any]:
        heard = ""
        while line := answer.readline().decode().rstrip("\n"):
            heard = line.removeprefix("event: ").strip() if line.startswith("event:") else heard
            if line.startswith("data:") and heard == name:
                return dict(json.loads(line.removeprefix("data:")))
        return following(name)

    try:
        yield following
    finally:
        connection.close()


def test_what_one_did_the_other_knows_and_tells(houses: tuple[Serving, Serving]) -> None:
    one, two = houses
    with events(two) as following:
        workflow = stored(one, "Both", {"type": "manual"})
        assert following("workflow")["id"] == workflow
        started = two.ask("POST", f"/api/v2/ai-workflows/{workflow}/execute", {})
        assert started.status == 200, started.text
        one.say("hello", channel="#ops")
        assert following("message")["channel"] == "#ops"
    (run,) = runs(one, workflow)
    assert run["state"] == "succeeded"


def test_a_schedule_fires_once_though_both_know_it_and_the_one_that_fires_dies(houses: tuple[Serving, Serving]) -> None:
    one, two = houses
    workflow = stored(two, "Tick", {"type": "scheduled", "at": soon(2)})
    eventually(lambda: [run for run in runs(one, workflow) if run["state"] == "succeeded"], "the fire")
    late = stored(two, "Tock", {"type": "scheduled", "at": soon(2), "misfire": "once"})
    one.process.kill()
    eventually(lambda: [run for run in runs(two, late) if run["state"] == "succeeded"], "the fire of who took over")
    time.sleep(2.0)
    assert (len(runs(two, workflow)), len(runs(two, late))) == (1, 1)


def test_another_key_is_refused_in_a_sentence(database: str, tmp_path: Path) -> None:
    with host(tmp_path, database, "one"):
        other = command(
            tmp_path / "two", "doctor", "--json",
            more={"SIGNALBOX_DATABASE_URL": database, "SIGNALBOX_SECRET_KEY": "another-key-than-theirs-is-this"},
        )  # fmt: skip
    assert "another SIGNALBOX_SECRET_KEY" in other.out + other.err


def test_workers_drive_and_are_started_again_and_go_when_the_house_goes(database: str, tmp_path: Path) -> None:
    with host(tmp_path, database, "one", "--workers", "2") as house:
        hands = eventually(lambda: psutil.Process(house.process.pid).children(), "a worker")
        hands[0].kill()
        fresh = eventually(lambda: [p for p in psutil.Process(house.process.pid).children() if p.pid != hands[0].pid], "a new worker")
        assert house.stop(signal.SIGTERM) == 0, house.log.read_text()
        psutil.wait_procs(fresh, timeout=PATIENCE)
        assert not any(process.is_running() for process in fresh)
