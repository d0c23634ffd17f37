"""The heartbeat out: told while all is well, silent when not, and never the secret in a word."""

from __future__ import annotations

import httpx2
import pytest

from connectors._kit.heartbeat import Beacon
from engine.errors import Rejected, Transient
from engine.runtime.heartbeat import Heartbeat

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
