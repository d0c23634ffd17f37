"""The heartbeat out: told while all is well, silent when not, and never the secret in a word."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from connectors._kit.heartbeat import Beacon
from engine.errors import Rejected, Transient
from engine.monitoring.sample import Sample
from engine.ports import Account
from engine.runtime.heartbeat import Heartbeat
from tests.engine.runtime.test_monitor import GITHUB, House, World

GITLAB = replace(GITHUB, service="gitlab")
SECRET = "https://watch.example/ping/very-secret"


async def test_it_beats_while_the_house_can_work_and_falls_silent_when_it_cannot() -> None:
    beats: list[int] = []
    troubles = [""]

    async def beat() -> None:
        beats.append(1)

    heart = Heartbeat(beat, lambda: troubles)
    await heart.look()
    troubles[0] = "The disk is full."
    await heart.look()
    assert (len(beats), heart.said) == (1, "No heartbeat: The disk is full.")
    troubles[0] = ""
    await heart.look()
    assert (len(beats), heart.said) == (2, "")


@pytest.mark.parametrize(("status", "word"), [(404, Rejected), (503, Transient), (429, Transient)])
async def test_a_watcher_that_refuses_is_told_of_without_its_address(status: int, word: type[Exception]) -> None:
    beacon = Beacon(SECRET, httpx2.MockTransport(lambda request: httpx2.Response(status)))
    with pytest.raises(word) as refused:
        await beacon.beat()
    assert "secret" not in str(refused.value)
    await beacon.close()


async def test_a_watcher_that_cannot_be_reached_is_told_of_and_tried_again() -> None:
    def gone(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError(f"no way to {request.url}")

    heart = Heartbeat(Beacon(SECRET, httpx2.MockTransport(gone)).beat, lambda: ())
    await heart.look()
    assert "cannot be reached (ConnectError)" in heart.said
    assert "secret" not in heart.said


class Stuck(World):
    """One of two services: a probe of it never comes back from some moment on."""

    stuck = False

    async def probe(self, account: Account) -> Sample:
        if self.stuck and account == GITLAB:
            await asyncio.get_running_loop().create_future()
        return await super().probe(account)


async def test_it_falls_silent_when_probes_are_stuck_and_beats_again_when_the_watch_is_restarted() -> None:
    house = House()
    house.world = world = Stuck(house.clock)
    world.there = (GITHUB, GITLAB)
    house.monitor = house.another()
    assert house.monitor.trouble() == "The monitor is not running."
    await house.monitor.start()
    await house.pass_(600)
    assert house.monitor.trouble() == ""
    world.stuck = True
    await house.pass_(240)
    assert house.monitor.trouble() == "", "it may just be late"
    await house.pass_(120)
    assert house.monitor.trouble() == "1 of 2 accounts were not checked in time, gitlab among them."
    await house.monitor.stop()
    assert house.monitor.trouble() == "The monitor is not running."
    world.stuck = False
    await house.monitor.start()
    await house.pass_(60)
    assert house.monitor.trouble() == ""
    await house.monitor.stop()


async def test_a_watch_that_cannot_write_down_what_it_finds_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await house.monitor.start()
    await house.pass_(60)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.monitor._network, "observe", broken)
    await house.pass_(600)
    assert "github" in house.monitor.trouble()
    await house.monitor.stop()


async def test_a_clock_that_is_set_back_hides_no_stuck_watch_for_longer_than_one_that_is_not() -> None:
    house = House()
    house.world = world = Stuck(house.clock)
    world.there = (GITLAB,)
    house.monitor = house.another()
    await house.monitor.start()
    await house.pass_(60)
    house.monitor._judged["gitlab", "default"] += timedelta(days=1)
    world.stuck = True
    assert house.monitor.trouble() == ""
    await house.pass_(400)
    assert "gitlab" in house.monitor.trouble()
    await house.monitor.stop()
