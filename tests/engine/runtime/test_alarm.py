"""One heap of wake-ups, right in order and across clock jumps."""

from __future__ import annotations

from datetime import timedelta

from engine.runtime.alarm import LONGEST_SLEEP, Alarm
from tests.engine.runtime.world import NOON, ManualClock, settle


async def test_keys_ring_in_order_of_their_times() -> None:
    clock, rung = ManualClock(), list[str]()
    alarm = Alarm(clock, rung.append)
    for key, seconds in (("late", 50), ("soon", 10), ("middle", 20)):
        alarm.set(key, NOON + timedelta(seconds=seconds))
    await clock.pass_time(20)
    assert rung == ["soon", "middle"]
    await clock.pass_time(40)
    assert rung == ["soon", "middle", "late"]
    assert len(alarm) == 0
    await alarm.stop()


async def test_an_earlier_one_set_later_is_not_overslept() -> None:
    clock, rung = ManualClock(), list[str]()
    alarm = Alarm(clock, rung.append)
    alarm.set("late", NOON + timedelta(hours=1))
    await settle()
    alarm.set("soon", NOON + timedelta(seconds=1))
    await clock.pass_time(1)
    assert rung == ["soon"]
    await alarm.stop()


async def test_what_is_due_already_rings_at_once() -> None:
    clock, rung = ManualClock(), list[str]()
    alarm = Alarm(clock, rung.append)
    alarm.set("past", NOON - timedelta(days=1))
    await settle()
    assert rung == ["past"]
    await alarm.stop()


async def test_a_clock_that_jumps_forward_is_noticed_within_half_a_minute() -> None:
    clock, rung = ManualClock(), list[str]()
    alarm = Alarm(clock, rung.append)
    alarm.set("tomorrow", NOON + timedelta(days=1))
    await settle()
    clock.set(NOON + timedelta(days=2))
    await clock.pass_time(LONGEST_SLEEP)
    assert rung == ["tomorrow"]
    await alarm.stop()
