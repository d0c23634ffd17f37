"""A part that one process of several has running."""

from __future__ import annotations

from math import inf

import pytest

from engine.errors import Transient
from engine.runtime.held import Held
from engine.runtime.regularly import Regularly
from tests.engine.runtime.world import ManualClock


class Leases:
    """Several holders of one table; ``away``: the database does not answer; ``out``: its time has passed, whoever stands in the table."""

    def __init__(self, table: dict[str, str], me: str) -> None:
        self.table, self.me, self.away, self.out = table, me, False, False

    async def acquire(self, name: str) -> bool:
        if self.away:
            raise Transient("away")
        self.out = False
        return self.table.setdefault(name, self.me) == self.me

    def left(self, name: str) -> float:
        return inf if self.table.get(name) == self.me and not self.out else 0.0

    async def release(self, name: str) -> None:
        if self.table.get(name) == self.me:
            del self.table[name]


class Lamp:
    def __init__(self, log: list[str], name: str, fails: bool = False) -> None:
        self.log, self.name, self.fails = log, name, fails

    async def start(self) -> None:
        if self.fails:
            raise Transient("no power")
        self.log.append(f"{self.name} on")

    async def stop(self) -> None:
        self.log.append(f"{self.name} off")


def held(table: dict[str, str], me: str, log: list[str]) -> tuple[Held, Leases]:
    leases = Leases(table, me)
    return Held("lamp", leases, ManualClock(), lambda: Lamp(log, f"{me}1"), lambda: Lamp(log, f"{me}2")), leases


async def test_one_of_two_has_it_running_and_the_other_when_the_first_stops() -> None:
    table: dict[str, str] = {}
    log: list[str] = []
    (a, _), (b, _) = held(table, "a", log), held(table, "b", log)
    await a.start()
    await b.start()
    assert log == ["a1 on", "a2 on"]
    assert (a.here, b.here) == (True, False)
    await a.stop()
    await b._look()
    assert log == ["a1 on", "a2 on", "a2 off", "a1 off", "b1 on", "b2 on"]
    await b.stop()
    assert table == {}


async def test_who_loses_the_lease_stops() -> None:
    table: dict[str, str] = {}
    log: list[str] = []
    a, _ = held(table, "a", log)
    await a.start()
    table["lamp"] = "b"
    await a._look()
    assert log[-2:] == ["a2 off", "a1 off"]
    assert not a.here
    await a.stop()
    assert table == {"lamp": "b"}


async def test_a_short_absence_of_the_database_stops_nothing_a_long_one_does() -> None:
    table: dict[str, str] = {}
    log: list[str] = []
    a, leases = held(table, "a", log)
    await a.start()
    leases.away = True
    await a._look()
    assert a.here
    leases.out = True
    await a._look()
    assert not a.here
    leases.away = False
    await a._look()
    assert a.here
    await a.stop()


async def test_a_part_that_cannot_be_started_leaves_the_lease_to_others() -> None:
    table: dict[str, str] = {}
    log: list[str] = []
    a = Held("lamp", Leases(table, "a"), ManualClock(), lambda: Lamp(log, "1"), lambda: Lamp(log, "2", fails=True))
    with pytest.raises(Transient):
        await a.start()
    assert log == ["1 on", "2 off", "1 off"]
    assert table == {}


async def test_what_is_looked_after_regularly_goes_on_after_a_time_that_failed() -> None:
    clock, done = ManualClock(), list[int]()

    async def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise Transient("just now")

    part = Regularly("work", 20.0, clock, work)
    await part.start()
    await clock.pass_time(41)
    assert done == [0, 1, 2]
    await part.stop()
    await clock.pass_time(60)
    assert done == [0, 1, 2]
