"""What is due: on time, missed, made up or dropped; every fire at most once however often and however late it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.calendar import fires, next_fire
from engine.workflow.definition import Misfire, Trigger, TriggerType
from engine.workflow.due import GRACE, MOST_MADE_UP, begins, due_now, latest_fires

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOURLY = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *")
MINUTELY = Trigger(type=TriggerType.SCHEDULED, cron="* * * * *")
WF = "wf_00000001"


def hourly(misfire: Misfire, **more: object) -> Trigger:
    return replace(HOURLY, misfire=misfire, **more)  # type: ignore[arg-type]


def test_before_its_time_nothing_is_due_and_the_next_fire_is_worked_out_anew() -> None:
    due = due_now(HOURLY, WF, NOON + 400 * HOUR, NOON + MINUTE)
    assert (due.fires, due.next) == ((), NOON + HOUR)


def test_a_fire_on_time_is_begun_under_every_policy() -> None:
    for misfire in Misfire:
        due = due_now(hourly(misfire), WF, NOON, NOON + GRACE)
        assert (due.fires, due.next, due.missed) == ((NOON,), NOON + HOUR, 0)


@pytest.mark.parametrize(
    ("misfire", "begun", "missed", "dropped"),
    [(Misfire.SKIP, (), 0, 4), (Misfire.ONCE, (3,), 1, 3), (Misfire.ALL, (0, 1, 2, 3), 4, 0)],
)
def test_missed_fires_are_dropped_or_the_latest_or_all_of_them_made_up(
    misfire: Misfire, begun: tuple[int, ...], missed: int, dropped: int
) -> None:
    for up, now in ((True, NOON + 3 * HOUR + 2 * MINUTE), (False, NOON + 3 * HOUR)):
        due = due_now(hourly(misfire), WF, NOON, now, up=up)
        assert due.fires == tuple(NOON + number * HOUR for number in begun)
        assert (due.missed, due.dropped, due.next, due.left_out) == (missed, dropped, NOON + 4 * HOUR, False)


def test_missed_fires_before_one_on_time_are_made_up_only_where_all_are() -> None:
    now = NOON + 2 * HOUR + timedelta(seconds=5)
    assert due_now(hourly(Misfire.ONCE), WF, NOON, now).fires == (NOON + 2 * HOUR,)
    assert due_now(hourly(Misfire.SKIP), WF, NOON, now).fires == (NOON + 2 * HOUR,)
    assert due_now(hourly(Misfire.ALL), WF, NOON, now).fires == (NOON, NOON + HOUR, NOON + 2 * HOUR)


def test_of_very_many_missed_fires_the_latest_are_made_up_and_it_is_told() -> None:
    due = due_now(replace(MINUTELY, misfire=Misfire.ALL), WF, NOON, NOON + timedelta(days=400))
    assert len(due.fires) == MOST_MADE_UP
    assert due.fires[-1] == NOON + timedelta(days=400)
    assert due.left_out


def test_the_last_fire_of_a_schedule_that_ended_is_still_made_up() -> None:
    trigger = hourly(Misfire.ALL, end=NOON + HOUR)
    due = due_now(trigger, WF, NOON, NOON + 9 * HOUR)
    assert (due.fires, due.next) == ((NOON, NOON + HOUR), None)


# --- jitter ----------------------------------------------------------------------------------------------------------------


def test_jitter_is_the_same_for_everybody_and_different_for_each_workflow_and_fire() -> None:
    trigger = replace(HOURLY, jitter=300.0)
    offsets = {begins(trigger, f"wf_{n}", NOON + m * HOUR) - (NOON + m * HOUR) for n in range(20) for m in range(20)}
    assert len(offsets) == 400
    assert all(timedelta(0) <= offset < timedelta(seconds=300) for offset in offsets)
    assert max(offsets) > timedelta(seconds=280)
    assert min(offsets) < timedelta(seconds=20)
    berlin = NOON.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+01:00").tzinfo)
    assert begins(trigger, WF, berlin) == begins(trigger, WF, NOON)
    assert begins(HOURLY, WF, NOON) == NOON


def test_a_fire_is_begun_when_its_jitter_is_over_and_not_before() -> None:
    trigger = replace(HOURLY, jitter=600.0)
    begin = begins(trigger, WF, NOON)
    before = due_now(trigger, WF, NOON, begin - timedelta(microseconds=1))
    assert (before.fires, before.next) == ((), NOON)
    due = due_now(trigger, WF, NOON, begin)
    assert (due.fires, due.missed, due.next) == ((NOON,), 0, NOON + HOUR)
    assert due_now(replace(trigger, misfire=Misfire.SKIP), WF, NOON, begin + GRACE).fires == (NOON,)
    assert due_now(replace(trigger, misfire=Misfire.SKIP), WF, NOON, begin + GRACE + MINUTE).fires == ()


schedules = st.sampled_from(["* * * * *", "*/7 * * * *", "0 * * * *", "15,16 */3 * * *", "30 2 * * *"])
jitters = st.sampled_from([0.0, 1.0, 45.0, 300.0, 7_200.0])


@given(schedules, jitters, st.sampled_from(Misfire), st.lists(st.integers(1, 9_000), min_size=1, max_size=25), st.booleans())
def test_however_it_is_asked_every_fire_is_begun_once_in_order_and_never_before_its_time(
    cron: str, jitter: float, misfire: Misfire, pauses: list[int], up: bool
) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, cron=cron, jitter=jitter, misfire=misfire)
    now, begun, dropped, left_out = NOON, list[datetime](), 0, False
    first = next_fire(trigger, now)
    for pause in pauses:
        now += timedelta(seconds=pause)
        assert first is not None
        due = due_now(trigger, WF, first, now, up=up)
        assert all(begins(trigger, WF, fire) <= now for fire in due.fires)
        begun += due.fires
        dropped += due.dropped
        left_out = left_out or due.left_out or len(due.fires) + due.dropped >= MOST_MADE_UP
        first = due.next
    assert begun == sorted(set(begun))
    dealt_with = [fire for fire in until(trigger, now) if first is None or fire < first]
    assert set(begun) <= set(dealt_with)
    assert left_out or len(begun) + dropped == len(dealt_with)
    assert dropped == 0 or misfire is not Misfire.ALL


@given(schedules, jitters, st.integers(1, 50), st.sampled_from(Misfire))
def test_a_house_that_is_up_begins_every_fire_within_its_jitter_under_every_policy(
    cron: str, jitter: float, pause: int, misfire: Misfire
) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, cron=cron, jitter=jitter, misfire=misfire)
    now, begun = NOON, dict[datetime, datetime]()
    first = next_fire(trigger, now)
    for _ in range(60):
        now += timedelta(seconds=pause)
        assert first is not None
        due = due_now(trigger, WF, first, now)
        begun |= dict.fromkeys(due.fires, now)
        first = due.next
    surely = [fire for fire in until(trigger, now) if fire + timedelta(seconds=jitter) <= now]
    assert set(surely) <= set(begun)
    assert all(at < fire + timedelta(seconds=jitter + pause + 1) for fire, at in begun.items())


def until(trigger: Trigger, now: datetime) -> list[datetime]:
    found = []
    for fire in fires(trigger, NOON):
        if fire > now:
            break
        found.append(fire)
    return found


# --- looking back ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0.01, 0.5, 3, 40, 500])
@pytest.mark.parametrize("count", [1, 5, 100])
def test_the_latest_fires_are_found_however_long_the_absence(days: float, count: int) -> None:
    now = NOON + timedelta(days=days)
    found, more = latest_fires(HOURLY, NOON, now, count)
    every = until(HOURLY, now)
    every = [NOON, *every]
    assert list(found) == every[-count:]
    assert more is (len(every) > count)


def test_the_latest_fire_of_a_rare_schedule_may_be_the_first_one() -> None:
    yearly = Trigger(type=TriggerType.SCHEDULED, cron="0 0 1 1 *")
    first = datetime(2026, 1, 1, tzinfo=UTC)
    assert latest_fires(yearly, first, NOON, 1) == ((first,), False)
    assert latest_fires(yearly, first, first - MINUTE, 1) == ((), False)


def test_made_up_fires_are_those_of_the_wall_clock_on_both_sides_of_a_change() -> None:
    """02:30 in Berlin: skipped by the spring (fires at 03:00), there twice in autumn (the first)."""
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="30 2 * * *", timezone="Europe/Berlin", misfire=Misfire.ALL)
    spring = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
    due = due_now(trigger, WF, spring, datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert [fire.hour * 60 + fire.minute for fire in due.fires] == [90, 60, 30]
    autumn = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)
    due = due_now(trigger, WF, autumn, datetime(2026, 10, 26, 12, tzinfo=UTC))
    assert [(fire.day, fire.hour, fire.minute) for fire in due.fires] == [(24, 0, 30), (25, 0, 30), (26, 1, 30)]
    assert all(later - sooner >= timedelta(hours=23) for sooner, later in pairwise(due.fires))
