"""What is looked after every so often, and that what people set is known before anything is judged by it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from engine.errors import Transient
from engine.runtime.regularly import Regularly
from main import App
from tests.engine.clock import StandingClock, settled


async def test_whoever_starts_it_may_rely_on_the_first_time() -> None:
    clock, done = StandingClock(), list[int]()

    async def work() -> None:
        done.append(1)
        if len(done) < 3:
            raise Transient("Storage is busy.")

    for first, times in ((False, 0), (True, 1)):
        done.clear()
        regularly = Regularly("thresholds", 1.0, clock, work, first=first)
        await regularly.start()
        assert len(done) == times
        await clock.pass_(5)
        assert len(done) >= 5, "what fails once is tried again"
        await regularly.stop()


PARTS = (
    "monitor",
    "limits",
    "looks",
    "heart",
    "announcer",
    "keeper",
    "poller",
    "renewing",
    "windows",
    "reports",
    "forecaster",
    "dispatcher",
    "scheduler",
    "rest",
)


def app(begun: list[str]) -> Any:
    """As much of a house as its start needs: each part says its name when it begins."""

    class Part:
        def __init__(self, name: str) -> None:
            self.name = name

        async def recover(self) -> None:
            pass

    async def begin(part: Any) -> None:
        begun.append(getattr(part, "name", ""))

    async def drive(machines: Any) -> None:
        pass

    parts = {name: Part(name) for name in (*PARTS, "runner")}
    return SimpleNamespace(
        **parts, measures=(), mind=(), faces={"web": Part("web")}, started=[], store=SimpleNamespace(ledger=None), clock=None, calls=None,
        settings=SimpleNamespace(keep_runs=None), _begin=begin, _drive_among=drive,
    )  # fmt: skip


async def test_limits_are_read_before_the_monitor_judges() -> None:
    begun: list[str] = []
    await App._start_alone(app(begun), True)
    assert begun.index("limits") < begun.index("monitor") < begun.index("looks") < begun.index("heart")


async def test_of_several_processes_whoever_watches_reads_the_limits_and_beats() -> None:
    held: dict[str, list[str]] = {}
    begun: list[str] = []

    def hold(name: str, *make: Callable[[], Any]) -> Any:
        held[name] = [getattr(one(), "name", "") for one in make]
        return SimpleNamespace(name=name, here=True)

    await App._start_among(app(begun), SimpleNamespace(held=hold), False, True)  # type: ignore[arg-type]
    await settled()
    assert held["monitor"] == ["limits", "monitor", "looks", "heart"]
    assert "heart" not in begun, "one that does not watch says nothing"
