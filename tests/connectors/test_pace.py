"""What a vendor allows is kept ahead of time, shared fairly by all who ask; what would take long comes back later."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from connectors._kit.described_wire import Bucket, Limits, Quota, Request
from connectors._kit.errand import Asker, Errand, asker, asker_of, asking, by_hooks
from connectors._kit.failures import Later, Throttled
from connectors._kit.pacing import Pacing, Passage
from connectors._kit.quota import Allowance, Reading, read_quota
from connectors._kit.windows import Window
from connectors._kit.wire import WireAnswer
from engine.monitoring.sample import Outcome
from engine.runtime.pace import Held
from tests.connectors.made import Asked, SteppingClock, Vendor, made, rest
from tests.connectors.rig import SetClock, call

START = 1_800_000_000.0


def used_up(window: Window, now: float, units: int = 1) -> None:
    window.take(units)
    window.land(units, now)


# --- one window -------------------------------------------------------------------------------------------------------------------


@given(
    limit=st.integers(1, 12),
    per=st.sampled_from([1.0, 10.0, 60.0]),
    asks=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 3), st.floats(0, 3), st.floats(0, 1)), max_size=60),
)
def test_no_window_ever_holds_more_than_its_limit_wherever_on_the_way_the_vendor_counts(
    limit: int, per: float, asks: list[tuple[float, int, float, float]]
) -> None:
    window, now, taken = Window(limit, per), START, list[tuple[float, int]]()
    for pause, units, takes, counted in asks:
        now += pause
        units = min(units, limit)
        wait = window.wait(units, now)
        if wait:
            now += wait
            assert window.wait(units, now) <= 1e-6  # what it said was enough
            now += window.wait(units, now)
        window.take(units)
        now += takes
        window.land(units, now)
        taken.append((now - takes * counted, units))
    for begin, _ in taken:
        assert sum(units for at, units in taken if begin <= at < begin + per) <= limit


@given(limit=st.integers(1, 20), used=st.integers(0, 20), ahead=st.integers(0, 60))
def test_the_wait_after_others_is_what_waiting_one_after_another_takes(limit: int, used: int, ahead: int) -> None:
    window, there = Window(limit, 10.0), Window(limit, 10.0)
    for each in (window, there):
        for number in range(min(used, limit)):
            used_up(each, START + number * 0.1)
    now = START + 3.0
    said = window.wait(1, now, ahead)
    at = now
    for _ in range(ahead):
        at += there.wait(1, at)
        used_up(there, at)
    assert said == pytest.approx(at + there.wait(1, at) - now, abs=1e-4)


def test_a_large_limit_is_counted_in_boxes_and_still_never_exceeded() -> None:
    window = Window(5_000, 3_600.0)
    for number in range(5_000):
        assert window.wait(1, START + number * 0.1) == 0.0
        used_up(window, START + number * 0.1)
    assert window.wait(1, START + 500.0) > 3_000.0
    assert len(window._uses) <= 257


def test_what_is_larger_than_the_limit_goes_when_nothing_else_is_there() -> None:
    window = Window(5, 10.0)
    assert window.wait(9, START) == 0.0
    used_up(window, START, 9)
    assert window.wait(1, START) == pytest.approx(10.1)


# --- the pace of an account -------------------------------------------------------------------------------------------------------


def pacing(clock: Any, *buckets: Bucket, concurrent: int = 8, quota: Quota | None = None) -> Pacing:
    return Pacing("Maker", "maker/default", Limits(concurrent=concurrent, buckets=buckets, quota=quota), clock)


class Going(RuleBasedStateMachine):
    """Runs and people ask whenever they like; who is told to come later comes back then."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = SteppingClock()
        self.pace = pacing(self.clock, Bucket(limit=3, per=1.0), Bucket(limit=5, per=4.0, writes=True), concurrent=4)
        self.went: list[tuple[float, str, bool]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.number = 0

    async def one(self, who: Asker, writes: bool, takes: float) -> None:
        while True:
            try:
                passage = await self.pace.enter(Errand(operation="do", writes=writes), who)
            except Later as later:
                await self.clock.sleep(later.retry_after or 0.0)
                continue
            self.went.append((self.clock.now().timestamp(), who.key, writes))
            try:
                await self.clock.sleep(takes)
            finally:
                self.pace.leave(passage)
            return

    @rule(
        flow=st.sampled_from("abc"),
        person=st.booleans(),
        writes=st.booleans(),
        takes=st.sampled_from([0.0, 0.1, 3.0]),
        many=st.integers(1, 5),
    )
    def ask(self, flow: str, person: bool, writes: bool, takes: float, many: int) -> None:
        for _ in range(many):
            self.number += 1
            who = Asker(person=person, flow=flow, key=f"ask{self.number}")
            self.tasks.append(self.loop.create_task(self.one(who, writes, takes)))

    @rule(number=st.integers(0, 30))
    def give_up(self, number: int) -> None:
        if number < len(self.tasks):
            self.tasks[number].cancel()

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.4, 1.0, 5.0]))
    def go_on(self, seconds: float) -> None:
        self.loop.run_until_complete(self.clock.step(seconds))

    @invariant()
    def the_limits_hold(self) -> None:
        moments = [at for at, _, _ in self.went]
        writes = [at for at, _, wrote in self.went if wrote]
        assert all(sum(begin <= at < begin + 1.0 for at in moments) <= 3 for begin in moments)
        assert all(sum(begin <= at < begin + 4.0 for at in writes) <= 5 for begin in writes)

    def teardown(self) -> None:
        """Nobody starves: within the time that all of them need at that pace, everybody went."""
        self.loop.run_until_complete(self.clock.step(20.0 + 3.0 * self.number))
        left = [task for task in self.tasks if not task.done()]
        for task in left:
            task.cancel()
        self.pace.close()
        if self.tasks:
            self.loop.run_until_complete(asyncio.wait(self.tasks))
        self.loop.close()
        assert left == []
        assert max(Counter(key for _, key, _ in self.went).values(), default=1) == 1


def test_the_limits_hold_and_nobody_starves_whoever_comes_and_goes() -> None:
    run_state_machine_as_test(Going, settings=settings(max_examples=6, stateful_step_count=10, deadline=None))


@pytest.mark.slow
def test_the_limits_hold_and_nobody_starves_in_many_more_ways() -> None:
    run_state_machine_as_test(Going, settings=settings(max_examples=150, stateful_step_count=20, deadline=None))


async def go(pace: Pacing, went: list[str], name: str, *, person: bool = False, flow: str = "") -> None:
    passage = await pace.enter(Errand(), Asker(person=person, flow=flow or name, key=name))
    went.append(name)
    pace.leave(passage)


async def test_people_go_first_and_runs_in_turn() -> None:
    clock, went = SteppingClock(), list[str]()
    pace = pacing(clock, Bucket(limit=1, per=0.2))
    await go(pace, went, "first")
    asks = [*(go(pace, went, f"a{n}", flow="a") for n in range(3)), go(pace, went, "b", flow="b"), go(pace, went, "Ada", person=True)]
    tasks = [asyncio.create_task(ask) for ask in asks]
    await clock.step(2.0)
    await asyncio.gather(*tasks)
    assert went == ["first", "Ada", "a0", "b", "a1", "a2"]


async def test_people_without_end_do_not_keep_a_run_waiting_for_ever() -> None:
    clock, went = SteppingClock(), list[str]()
    pace = pacing(clock, Bucket(limit=1, per=0.1))
    await go(pace, went, "first")
    tasks = [asyncio.create_task(go(pace, went, "run"))]
    tasks += [asyncio.create_task(go(pace, went, f"p{n}", person=True)) for n in range(10)]
    await clock.step(2.0)
    await asyncio.gather(*tasks)
    assert went.index("run") == 5


async def test_a_long_wait_comes_back_later_each_at_a_moment_of_its_own_and_is_no_attempt() -> None:
    clock = SetClock()
    pace = pacing(clock, Bucket(limit=1, per=10.0))
    pace.leave(await pace.enter(Errand(), Asker(key="a")))
    told = []
    for name in "bcd":
        with pytest.raises(Later, match="limits that are used up") as later:
            await pace.enter(Errand(), Asker(key=name))
        told.append(later.value.retry_after)
        assert isinstance(later.value, Held)
    assert told == pytest.approx([10.1, 20.2, 30.3])


async def test_nobody_takes_the_place_that_another_was_promised_unless_a_person() -> None:
    clock = SetClock()
    pace = pacing(clock, Bucket(limit=1, per=10.0))
    pace.leave(await pace.enter(Errand(), Asker(key="a")))
    with pytest.raises(Later):
        await pace.enter(Errand(), Asker(key="b"))
    await clock.sleep(10.1)
    with pytest.raises(Later):
        await pace.enter(Errand(), Asker(key="newcomer"))
    pace.leave(await pace.enter(Errand(), Asker(key="b")))


async def test_a_limit_of_one_channel_keeps_no_other_waiting() -> None:
    clock = SetClock()
    pace = pacing(clock, Bucket(limit=1, per=60.0, of="{channel_id}"))
    for channel in ("C1", "C2"):
        pace.leave(await pace.enter(Errand(scope={"channel_id": channel}), Asker(key=channel)))
    with pytest.raises(Later):
        await pace.enter(Errand(scope={"channel_id": "C1"}), Asker(key="again"))
    assert [row.name for row in pace.budget("maker", "default")] == ["requests to C1 in 60 s", "requests to C2 in 60 s"]


async def test_a_share_is_told_by_what_is_there_of_its_template() -> None:
    clock = SetClock()
    pace = pacing(clock, Bucket(limit=1, per=60.0, of="{operation} {channel_id}{server_id}"))
    for scope in ({"channel_id": "C1"}, {"server_id": "S1"}, {"channel_id": None, "server_id": "S2"}, {}, {}):
        pace.leave(await pace.enter(Errand(operation="post", scope=scope), Asker()))
    with pytest.raises(Later, match="in 1 minute 1 second it can be asked again"):
        await pace.enter(Errand(operation="post", scope={"server_id": "S1"}), Asker())


async def test_limits_of_writes_and_of_single_operations_are_theirs_alone() -> None:
    clock = SetClock()
    pace = pacing(clock, Bucket(limit=1, per=60.0, writes=True), Bucket(limit=1, per=60.0, only=("search",), cost=1))
    pace.leave(await pace.enter(Errand(operation="write", writes=True), Asker()))
    pace.leave(await pace.enter(Errand(operation="search"), Asker()))
    for _ in range(5):
        pace.leave(await pace.enter(Errand(operation="read"), Asker()))
    for spent in (Errand(operation="other", writes=True), Errand(operation="search")):
        with pytest.raises(Later):
            await pace.enter(spent, Asker())


# --- the vendor's own words -------------------------------------------------------------------------------------------------------


def answer(headers: Mapping[str, str], body: bytes = b"{}") -> WireAnswer:
    return WireAnswer(200, headers, body)


@pytest.mark.parametrize(
    ("said", "shown", "reading"),
    [
        (Quota(limit="X-Limit", remaining="X-Left", reset="X-Reset", reset_in="unix"), answer({"x-limit": "60", "x-left": "3", "x-reset": "1800000042"}), Reading(60, 3, START + 42)),
        (Quota(remaining="X-Left", reset="X-After"), answer({"x-left": "0", "x-after": "1.5"}), Reading(0, 0, START + 1.5)),
        (Quota(remaining="X-Left", reset="X-Ms", reset_in="ms"), answer({"x-left": "7", "x-ms": "2500"}), Reading(0, 7, START + 2.5)),
        (Quota(remaining="X-Left", reset="X-At", reset_in="date"), answer({"x-left": "7", "x-at": "2027-01-15T08:00:30Z"}), Reading(0, 7, START + 30)),
        (Quota(used_of="Sforce-Limit-Info"), answer({"sforce-limit-info": "api-usage=18/5000"}), Reading(5000, 4982, None)),
        (Quota(limit="data.complexity.before", remaining="data.complexity.after", reset="data.complexity.reset_in_x_seconds", body=True), answer({}, b'{"data": {"complexity": {"before": 1000, "after": 940, "reset_in_x_seconds": 12}}}'), Reading(1000, 940, START + 12)),
        (Quota(remaining="X-Left"), answer({"x-left": "many"}), None),
        (Quota(remaining="X-Left"), answer({}), None),
    ],
)  # fmt: skip
def test_what_is_left_is_read_in_every_form(said: Quota, shown: WireAnswer, reading: Reading | None) -> None:
    assert read_quota(said, shown, START) == reading


def test_nothing_left_waits_for_the_reset_and_little_is_spread_over_the_time_but_people_are_not_slowed_down() -> None:
    one = Allowance()
    one.told(Reading(100, 0, START + 30), START)
    assert one.wait(START, person=True) == pytest.approx(30.2)
    one = Allowance()
    one.told(Reading(100, 5, START + 30), START)
    one.sent(1, START)
    assert one.wait(START, person=True) == 0.0
    assert one.wait(START, person=False) == pytest.approx(30.2 / 5)
    one.told(Reading(100, 99, START + 90), START + 31)
    assert one.wait(START + 31, person=False) == 0.0


def test_an_answer_that_was_overtaken_only_counts_when_it_says_less() -> None:
    one = Allowance()
    one.sent(1, START)
    one.sent(1, START + 1)
    one.ended(2)
    one.told(Reading(10, 3, START + 60), START + 1)
    one.told(Reading(10, 4, START + 60), START)
    assert one.remaining == 3


async def test_the_last_one_that_is_left_may_go() -> None:
    clock = SetClock()
    vendor = Vendor(clock, lambda asked: (200, {"x-left": str(4 - len(vendor.asked)), "x-reset": "1800000000"}, {"n": 1}))
    clock.time = clock.time.replace(year=2027, month=1, day=15, hour=7)
    shelf = made(vendor, limits={"quota": {"remaining": "X-Left", "reset": "X-Reset", "reset_in": "unix"}})
    for name in "abcd":
        await shelf.perform(call("maker.read", {"name": name}))
    with pytest.raises(Later):
        await shelf.perform(call("maker.read", {"name": "e"}))
    await shelf.close()


async def test_a_budget_of_points_is_kept_by_what_the_same_operation_cost_before() -> None:
    clock = SetClock()
    budget = [1000]

    def told(asked: Asked) -> Any:
        cost = 300 if asked.path.endswith("dear") else 10
        budget[0] -= cost
        return 200, {}, {"n": 1, "points": {"cost": cost, "after": budget[0], "resets": 60}}

    vendor = Vendor(clock, told)
    dear = {"title": "Dear", "writes": False, "request": {"method": "GET", "path": "/dear"}, "outputs": {"n": {}}}
    cheap = {"title": "Cheap", "writes": False, "request": {"method": "GET", "path": "/cheap"}, "outputs": {"n": {}}}
    quota = {"body": True, "remaining": "points.after", "reset": "points.resets", "cost": "points.cost"}
    shelf = made(vendor, limits={"quota": quota}, operations={"dear": dear, "cheap": cheap})
    for _ in range(3):
        await shelf.perform(call("maker.dear"))
    with pytest.raises(Later):
        await shelf.perform(call("maker.dear"))
    await shelf.perform(call("maker.cheap"))
    assert budget == [90]
    await shelf.close()


async def test_with_nothing_left_nothing_is_sent_until_the_vendor_starts_anew() -> None:
    clock = SetClock()
    vendor = Vendor(clock, lambda asked: (200, {"x-left": "0", "x-reset": "40"}, {"n": 1}))
    shelf = made(vendor, limits={"quota": {"remaining": "X-Left", "reset": "X-Reset"}})
    await shelf.perform(call("maker.read", {"name": "a"}))
    with pytest.raises(Later) as later:
        await shelf.perform(call("maker.read", {"name": "b"}))
    assert later.value.retry_after == pytest.approx(40.2)
    await clock.sleep(41)
    await shelf.perform(call("maker.read", {"name": "b"}))
    assert len(vendor.asked) == 2
    await shelf.close()


async def test_each_of_several_quotas_of_a_vendor_is_kept_by_its_name() -> None:
    clock = SetClock()

    def told(asked: Asked) -> Any:
        left = {"x-left": "0", "x-kind": "search"} if "search" in asked.path else {"x-left": "90", "x-kind": "core"}
        return 200, {**left, "x-reset": "40", "x-limit": "100"}, {"n": 1}

    vendor = Vendor(clock, told)
    search = {"title": "Search", "writes": False, "request": {"method": "GET", "path": "/search"}, "outputs": {"n": {}}}
    read = {
        "title": "Read",
        "writes": False,
        "inputs": {"name": {}},
        "request": {"method": "GET", "path": "/things/{name}"},
        "outputs": {"n": {}},
    }
    quota = {"limit": "X-Limit", "remaining": "X-Left", "reset": "X-Reset", "name": "X-Kind"}
    shelf = made(vendor, limits={"quota": quota}, operations={"search": search, "read": read})
    await shelf.perform(call("maker.search"))
    await shelf.perform(call("maker.read", {"name": "a"}))
    await shelf.perform(call("maker.read", {"name": "a"}))
    with pytest.raises(Later):
        await shelf.perform(call("maker.search"))
    assert {row.name for row in shelf.budget("maker")} == {"told by the service (search)", "told by the service (core)"}
    await shelf.close()


# --- too fast all the same --------------------------------------------------------------------------------------------------------


async def test_after_too_fast_all_stop_and_come_back_one_after_another_slowly_at_first() -> None:
    clock = SteppingClock()
    tooearly = [True]

    def told(asked: Asked) -> Any:
        return (429, {"retry-after": "20"}, {}) if tooearly else (200, {}, {"n": 1})

    vendor = Vendor(clock, told)
    shelf = made(vendor, limits={"concurrent": 4})
    with pytest.raises(Throttled) as first:
        await shelf.perform(call("maker.read", {"name": "a"}, key="a"))
    assert not isinstance(first.value, Later)
    tooearly.clear()
    told_later = []
    for key in "bcde":
        with pytest.raises(Later, match="asked for a pause") as later:
            await shelf.perform(call("maker.read", {"name": key}, key=key))
        told_later.append(later.value.retry_after or 0.0)
    assert told_later == sorted(told_later)
    assert len(set(told_later)) == 4
    assert min(told_later) == pytest.approx(20.0)
    assert len(vendor.asked) == 1
    vendor.held = asyncio.Event()
    await clock.step(25.0)
    tasks = [asyncio.create_task(shelf.perform(call("maker.read", {"name": key}, key=key))) for key in "bcde"]
    await rest()
    assert len(vendor.asked) == 2  # one to see whether it is well again
    vendor.held.set()
    await clock.step(1.0)
    await asyncio.gather(*tasks)
    assert len(vendor.asked) == 5
    await shelf.close()


async def test_a_vendor_that_does_not_say_how_long_is_left_alone_longer_each_time() -> None:
    clock = SetClock()
    vendor = Vendor(clock, lambda asked: (429, {}, {}))
    shelf = made(vendor)
    waits = []
    for _ in range(3):
        with pytest.raises(Throttled) as told:
            await shelf.perform(call("maker.read", {"name": "a"}))
        waits.append(told.value.retry_after)
        await clock.sleep(told.value.retry_after or 0.0)
    assert waits == [1.0, 2.0, 4.0]
    await shelf.close()


async def test_who_waits_when_the_pause_begins_is_told_when_to_come_and_nothing_waits_for_minutes() -> None:
    clock = SteppingClock()
    vendor = Vendor(clock, lambda asked: (429, {"retry-after": "60"}, {}), held=asyncio.Event())
    shelf = made(vendor, limits={"concurrent": 1})
    tasks = [asyncio.create_task(shelf.perform(call("maker.read", {"name": key}, key=key))) for key in "abc"]
    await rest()
    assert len(vendor.asked) == 1
    assert vendor.held
    vendor.held.set()
    await rest()
    found: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [Throttled, Later, Later]
    await shelf.close()


async def test_slow_calls_in_all_places_send_the_others_away_after_a_while_as_not_sent() -> None:
    clock = SteppingClock()
    vendor = Vendor(clock, held=asyncio.Event())
    shelf = made(vendor, limits={"concurrent": 1})
    slow = asyncio.create_task(shelf.perform(call("maker.read", {"name": "slow"}, key="slow")))
    await rest()
    behind = asyncio.create_task(shelf.perform(call("maker.read", {"name": "b"}, key="b")))
    await clock.step(6.0)
    assert isinstance(behind.exception(), Later)
    assert vendor.held
    vendor.held.set()
    await slow
    await shelf.close()


async def test_a_probe_goes_even_when_every_place_is_taken() -> None:
    clock = SteppingClock()
    vendor = Vendor(clock, held=asyncio.Event())
    shelf = made(vendor, limits={"concurrent": 1}, probe={"path": "/me"})
    busy = asyncio.create_task(shelf.perform(call("maker.read", {"name": "slow"})))
    await rest()
    probe = asyncio.create_task(shelf.probe(shelf.accounts()[0]))
    await rest()
    assert [asked.path for asked in vendor.asked] == ["/v1/things/slow", "/v1/me"]
    assert vendor.held
    vendor.held.set()
    assert (await probe).outcome is Outcome.OK
    await busy
    await shelf.close()


# --- several processes ------------------------------------------------------------------------------------------------------------


class Ledger:
    """Fulfils ``ports.Tokens`` for two processes at once."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self.windows: dict[str, Window] = {}

    async def take(self, name: str, limit: int, per: float) -> float:
        window = self.windows.setdefault(name, Window(limit, per))
        now = self._clock.now().timestamp()
        wait = window.wait(1, now)
        if not wait:
            used_up(window, now)
        return wait


async def test_with_tokens_of_the_house_its_processes_keep_one_limit() -> None:
    clock = SetClock()
    tokens = Ledger(clock)
    limits = Limits(buckets=(Bucket(limit=3, per=60.0),))
    here, there = (Pacing("Maker", "maker/default", limits, clock, lambda: tokens) for _ in range(2))
    went: list[Passage] = []
    for pace in (here, there, here):
        went.append(await pace.enter(Errand(), Asker()))
    with pytest.raises(Later):
        await there.enter(Errand(), Asker())
    assert list(tokens.windows) == ["vendor:maker/default:0:"]


async def test_what_is_used_can_be_seen() -> None:
    clock = SetClock()
    shelf = made(Vendor(clock), limits={"buckets": [{"limit": 10, "per": 60}, {"limit": 5, "per": 1, "writes": True}]})
    assert shelf.budget("maker") == ()
    await shelf.perform(call("maker.read", {"name": "a"}))
    await shelf.perform(call("maker.write", {"name": "a"}))
    rows = shelf.budget("maker")
    assert [(row.name, row.used, row.limit) for row in rows] == [("requests in 60 s", 2, 10), ("writes in 1 s", 1, 5)]
    assert rows[0].resets_in == pytest.approx(60.2)
    await shelf.close()


async def test_what_a_poll_takes_is_counted_under_its_name_and_changes_nothing() -> None:
    with asking(Asker(flow="poll changes", operation="changes", reads=True)):
        polled = by_hooks(Request(method="POST", path="/search"))
    with asking(asker_of(call("maker.write", key="k", run="run_1", actor="U1"), reads=False, operation="write")):
        written = by_hooks(Request(method="POST", path="/things"))
        assert (asker().person, asker().flow) == (True, "run_1")
    assert (polled.operation, polled.writes, written.operation, written.writes) == ("changes", False, "write", True)
    assert not asker().person
