"""Gathering through storage: no event lost, no start made twice, whatever falls over in between and whoever else is at it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Conflict, Rejected, Transient
from engine.events import Event, GatheringSaved
from engine.ports import Gathering
from engine.runtime.gatherer import Gatherer
from engine.runtime.starter import Decision, Starter
from engine.workflow.definition import Debounce, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.gathering import LATE, Seen
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock
from tests.engine.runtime.noting import MONDAY, NotingRunner, waiting_for
from tests.engine.workflow.test_gathering import Naive

A, B = "crm.deal_created", "pay.payment_succeeded"
BOTH = Trigger(type=TriggerType.CROSS_SERVICE, all=(A, B), within=timedelta(days=7))
THEN = replace(BOTH, all=(), sequence=(A, B))
QUIET = Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal_created", debounce=Debounce(30))


class Yielding:
    """A ledger or a reader that takes its time, so that others get in between. ``falls``: the record with this number is not written, or is
    written and not told, and its process falls over."""

    def __init__(self, store: MemoryStore, falls: int = 0, *, written: bool = False) -> None:
        self._store, self._falls, self._written, self.records = store, falls, written, 0

    async def record(self, *events: Event) -> None:
        self.records += 1
        await asyncio.sleep(0)
        if self.records == self._falls:
            if self._written:
                await self._store.ledger.record(*events)
            raise asyncio.CancelledError
        await self._store.ledger.record(*events)
        await asyncio.sleep(0)

    async def get(self, workflow: str, key: str) -> Gathering | None:
        await asyncio.sleep(0)
        found = await self._store.gatherings.get(workflow, key)
        await asyncio.sleep(0)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.gatherings, name)


class House:
    """One process; several over the same store are several processes."""

    def __init__(
        self, flow: Workflow | None = None, store: MemoryStore | None = None, clock: StandingClock | None = None, **more: Any
    ) -> None:
        self.store = store or MemoryStore()
        self.clock = clock or StandingClock(MONDAY)
        self.flow = flow
        self.storage = Yielding(self.store, more.pop("falls", 0), written=more.pop("written", False))
        self.runner = NotingRunner(self.storage, self.clock)  # type: ignore[arg-type]
        starter = Starter(ledger=self.storage, runner=self.runner, clock=self.clock)  # type: ignore[arg-type]
        self.gatherer = Gatherer(
            ledger=self.storage, gatherings=self.storage, starter=starter, clock=self.clock, known=lambda id: self.flow, **more  # type: ignore[arg-type]
        )  # fmt: skip

    async def take(self, *events: Seen) -> list[Decision]:
        assert self.flow is not None
        return [await self.gatherer.take(self.flow, event) for event in events]

    async def pass_(self, seconds: float) -> None:
        await self.clock.pass_(seconds)
        await self.gatherer.act()

    async def runs(self) -> list[str]:
        return sorted(run.id for run in await self.store.runs.list())


def seen(name: str, number: int = 0, seconds: float = 0, **data: Any) -> Seen:
    return Seen(name, f"{name}{number}", MONDAY + timedelta(seconds=seconds), {"n": number, **data})


# --- together ------------------------------------------------------------------------------------------------------------


async def test_the_last_event_starts_a_run_that_sees_all_of_them() -> None:
    house = House(waiting_for(BOTH))
    first, second = await house.take(seen(A, 1), seen(B, 2))
    assert (first.run, first.reason) == ("", f"it still waits for {B}")
    assert second.reason == "everything it waited for has happened"
    assert house.runner.started == {second.run: {"n": 2, "events": {A: {"n": 1}, B: {"n": 2}}}}
    assert house.runner.by == {second.run: f"event:{B}"}


async def test_each_value_of_the_key_is_a_case_of_its_own() -> None:
    house = House(waiting_for(replace(BOTH, correlate={"": "event.customer"})))
    decisions = await house.take(seen(A, 1, customer="c1"), seen(B, 2, customer="c2"), seen(B, 3), seen(A, 4, customer="c2"))
    assert [bool(decision.run) for decision in decisions] == [False, False, False, True]
    assert decisions[2].reason == "it belongs to no case: what it is correlated by is missing or empty"


async def test_an_event_offered_again_starts_nothing_again() -> None:
    house = House(waiting_for(BOTH))
    await house.take(seen(A), seen(B))
    again = await house.take(seen(A), seen(B), seen(A), seen(B))
    assert {decision.reason for decision in again} == {"it was taken in before"}
    assert len(await house.runs()) == 1


async def test_a_condition_is_about_all_of_them_and_what_it_refuses_waits_on() -> None:
    house = House(waiting_for(BOTH, when=f"event.events['{B}'].n > event.events['{A}'].n"))
    decisions = await house.take(seen(A, 5), seen(B, 4), seen(B, 6))
    assert [bool(decision.run) for decision in decisions] == [False, False, True]
    assert "is not fulfilled" in decisions[1].reason


async def test_a_dedup_value_starts_one_run_for_ever() -> None:
    house = House(waiting_for(replace(BOTH, dedup="event.events['crm.deal_created'].deal")))
    await house.take(seen(A, 1, deal="d"), seen(B, 2), seen(A, 3, deal="d"))
    (again,) = await house.take(seen(B, 4))
    assert again.reason == "it was started by this already"
    await house.take(seen(A, 5, deal="e"), seen(B, 6))
    assert len(await house.runs()) == 2


async def test_a_refused_start_is_audited_and_not_tried_for_ever() -> None:
    house = House(waiting_for(BOTH))
    house.runner.refuse = Rejected("its service is gone")
    *_, decision = await house.take(seen(A), seen(B))
    assert (decision.run, decision.reason) == ("", "its service is gone")
    await house.pass_(60)
    assert len(house.runner.tried) == 1
    assert [row.detail for row in await house.store.audit.list(subject="wf_00000001")] == ["its service is gone"]


async def test_an_expression_that_does_not_fit_its_values_is_audited_in_words() -> None:
    house = House(waiting_for(replace(BOTH, correlate={"": "event.n.missing + 1"})))
    (decision,) = await house.take(seen(A, 1))
    assert decision.run == ""
    assert [row.outcome for row in await house.store.audit.list(subject="wf_00000001")] == ["refused"]


async def test_a_window_that_has_passed_is_forgotten() -> None:
    house = House(waiting_for(BOTH))
    await house.take(seen(A))
    await house.pass_(7 * 86_400 + LATE.total_seconds() - 1)
    assert await house.store.gatherings.count("wf_00000001") == 1
    await house.pass_(2)
    assert await house.store.gatherings.count("wf_00000001") == 0


async def test_of_too_many_cases_the_one_nearest_its_end_gives_way() -> None:
    house = House(waiting_for(replace(BOTH, correlate={"": "event.customer"})), most_cases=3)
    for number in range(5):
        await house.take(seen(A, number, customer=f"c{number}"))
        await house.clock.pass_(1)
    assert await house.store.gatherings.count("wf_00000001") == 3
    assert [case.key for case in await house.store.gatherings.of("wf_00000001")] == ["c2", "c3", "c4"]


async def test_a_thousand_events_of_one_case_share_a_few_records() -> None:
    house = House(waiting_for(BOTH))
    assert house.flow is not None
    await asyncio.gather(*(house.gatherer.take(house.flow, seen(A, number)) for number in range(1_000)))
    assert house.storage.records <= 10
    stored = await house.store.gatherings.get("wf_00000001", "")
    assert stored is not None
    assert stored.state["held"][0]["data"] == {"n": 999}  # type: ignore[index, call-overload]


# --- falling over ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("falls", range(1, 5))
async def test_whatever_record_is_the_last_one_of_a_process_the_run_is_started_once(falls: int, written: bool) -> None:
    """The deliveries that were not handled are offered again to the next process, which also looks for what is due."""
    first = House(waiting_for(BOTH), falls=falls, written=written)
    task = asyncio.gather(first.take(seen(A, 1), seen(B, 2)), return_exceptions=True)
    await asyncio.wait([task], timeout=5)
    again = House(first.flow, first.store, first.clock)
    await again.take(seen(A, 1), seen(B, 2))
    await again.pass_(60)
    (run,) = await again.runs()
    (fact,) = await again.store.runs.facts(run)
    assert fact.data["event"] == {"n": 2, "events": {A: {"n": 1}, B: {"n": 2}}}
    await again.take(seen(A, 3), seen(B, 4))
    assert len(await again.runs()) == 2


async def test_storage_that_is_busy_is_waited_for() -> None:
    house = House(waiting_for(BOTH))
    record, busy = house.storage.record, 3

    async def grudging(*events: Event) -> None:
        nonlocal busy
        busy -= 1
        if busy >= 0:
            raise Transient("busy")
        await record(*events)

    house.storage.record = grudging  # type: ignore[method-assign]
    task = asyncio.ensure_future(house.take(seen(A), seen(B)))
    await house.clock.pass_(5)
    assert (await task)[1].run


async def test_a_fault_of_ours_fails_those_who_asked_and_nobody_else() -> None:
    house = House(waiting_for(BOTH))
    get = house.storage.get

    async def broken(workflow: str, key: str) -> Gathering | None:
        raise ZeroDivisionError

    house.storage.get = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        await house.take(seen(A))
    house.storage.get = get  # type: ignore[method-assign]
    assert (await house.take(seen(A), seen(B)))[1].run


# --- beside another process --------------------------------------------------------------------------------------------------


async def test_two_processes_that_see_the_last_two_events_at_once_start_one_run() -> None:
    one = House(waiting_for(BOTH))
    other = House(one.flow, one.store, one.clock)
    await asyncio.gather(one.take(seen(A, 1)), other.take(seen(B, 2)))
    assert len(await one.runs()) == 1


names = st.sampled_from([A, B])


@given(st.sampled_from([BOTH, THEN]), st.lists(st.tuples(names, st.booleans()), max_size=12))
def test_events_that_arrive_at_either_of_two_processes_are_one_stream(trigger: Trigger, arrivals: Sequence[tuple[str, bool]]) -> None:
    async def play() -> list[list[int]]:
        one = House(waiting_for(trigger))
        other = House(one.flow, one.store, one.clock)
        started: list[list[int]] = []
        for number, (name, here) in enumerate(arrivals):
            (decision,) = await (one if here else other).take(seen(name, number, number))
            if decision.run:
                (fact,) = await one.store.runs.facts(decision.run)
                events: Any = fact.data["event"]
                started.append(sorted(event["n"] for event in events["events"].values()))
        return started

    naive = Naive(trigger, frozenset())
    expected = [found for number, (name, _) in enumerate(arrivals) if (found := naive.arrive(seen(name, number, number)))]
    assert asyncio.run(play()) == [sorted(int(id[len(A if id.startswith(A) else B) :]) for id in found) for found in expected]


@given(st.lists(st.tuples(names, st.integers(0, 2), st.integers(0, 5)), min_size=2, max_size=16))
def test_at_the_same_moment_in_three_processes_no_event_is_used_twice_and_none_that_fits_is_left(
    arrivals: Sequence[tuple[str, int, int]],
) -> None:
    async def play() -> tuple[list[list[int]], Gathering | None]:
        first = House(waiting_for(BOTH))
        houses = [first, House(first.flow, first.store, first.clock), House(first.flow, first.store, first.clock)]

        async def arrive(number: int, name: str, where: int, turns: int) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await houses[where].take(seen(name, number))

        await asyncio.gather(*(arrive(number, *arrival) for number, arrival in enumerate(arrivals)))
        starts = []
        for run in await first.runs():
            (fact,) = await first.store.runs.facts(run)
            events: Any = fact.data["event"]
            starts.append([event["n"] for event in events["events"].values()])
        return starts, await first.store.gatherings.get("wf_00000001", "")

    starts, left = asyncio.run(play())
    used = [number for start in starts for number in start]
    assert len(used) == len(set(used))
    held: Any = left.state.get("held", []) if left else []
    assert len({one["name"] for one in held}) < 2
    assert bool(starts) is (len({name for name, _, _ in arrivals}) == 2)


# --- quiet -----------------------------------------------------------------------------------------------------------------


async def test_a_run_starts_with_the_newest_event_once_it_has_been_quiet() -> None:
    house = House(waiting_for(QUIET))
    for number in range(5):
        await house.take(seen(A, number, number * 20))
        await house.pass_(20)
    assert await house.runs() == []
    await house.pass_(10)
    assert list(house.runner.started.values()) == [{"n": 4}]
    await house.pass_(3_600)
    assert len(await house.runs()) == 1


async def test_each_key_has_its_own_quiet() -> None:
    house = House(waiting_for(replace(QUIET, debounce=Debounce(30, "event.repo"))))
    await house.take(seen(A, 1, repo="x"), seen(A, 2, repo="y"))
    await house.pass_(20)
    await house.take(seen(A, 3, 20, repo="y"))
    await house.pass_(10)
    assert [event["n"] for event in house.runner.started.values()] == [1]
    await house.pass_(20)
    assert [event["n"] for event in house.runner.started.values()] == [1, 3]


async def test_quiet_survives_a_crash_and_one_that_was_over_meanwhile_is_made_up_at_once() -> None:
    house = House(waiting_for(QUIET))
    await house.take(seen(A, 1))
    await house.clock.pass_(10_000)
    again = House(house.flow, house.store, house.clock)
    await again.gatherer.act()
    assert list(again.runner.started.values()) == [{"n": 1}]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("falls", range(1, 4))
async def test_a_crash_while_quiet_ends_starts_one_run(falls: int, written: bool) -> None:
    house = House(waiting_for(QUIET), falls=falls, written=written)
    await asyncio.wait([asyncio.gather(house.take(seen(A, 1)), return_exceptions=True)], timeout=5)
    await house.clock.pass_(30)
    await asyncio.wait([asyncio.gather(house.gatherer.act(), return_exceptions=True)], timeout=5)
    again = House(house.flow, house.store, house.clock)
    await again.take(seen(A, 1))
    await again.pass_(60)
    assert len(await again.runs()) == 1


async def test_an_event_that_comes_while_quiet_ends_begins_anew_and_is_not_lost() -> None:
    house = House(waiting_for(QUIET))
    await house.take(seen(A, 1))
    await house.clock.pass_(30)
    other = House(house.flow, house.store, house.clock)
    await asyncio.gather(house.gatherer.act(), other.take(seen(A, 2, 30)), other.gatherer.act())
    await house.pass_(30)
    started = {**house.runner.started, **other.runner.started}
    assert sorted(event["n"] for event in started.values()) == [1, 2]


async def test_while_it_is_paused_or_once_it_is_gone_nothing_starts() -> None:
    house = House(waiting_for(QUIET))
    assert house.flow is not None
    await house.take(seen(A, 1))
    house.flow = replace(house.flow, state=WorkflowState.PAUSED)
    await house.pass_(30)
    assert await house.store.gatherings.count("wf_00000001") == 0
    house.flow = waiting_for(QUIET)
    await house.take(seen(A, 2, 30))
    house.flow = None
    await house.pass_(30)
    assert await house.runs() == []


async def test_of_too_many_keys_one_starts_before_its_quiet_is_over_rather_than_never() -> None:
    house = House(waiting_for(replace(QUIET, debounce=Debounce(30, "event.repo"))), most_cases=2)
    for number in range(3):
        await house.take(seen(A, number, number, repo=f"r{number}"))
        await house.clock.pass_(1)
    assert [event["n"] for event in house.runner.started.values()] == [0]
    await house.pass_(60)
    assert sorted(event["n"] for event in house.runner.started.values()) == [0, 1, 2]


async def test_a_save_that_another_process_outran_is_refused_by_storage() -> None:
    store = MemoryStore()
    await store.ledger.record(GatheringSaved("wf", "k", {"n": 1}, MONDAY, 1))
    with pytest.raises(Conflict):
        await store.ledger.record(GatheringSaved("wf", "k", {"n": 2}, MONDAY, 1))
