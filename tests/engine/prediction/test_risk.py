"""What speaks against a run: sentences with their figures, and silence where the figures do not carry one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from engine.prediction.risk import PastRun, at_this_time, by_chance, calls, idle, lately, risks, weather
from engine.prediction.success.circumstances import Circumstances, Part, ServiceNow
from engine.prediction.success.model import SuccessModel

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
CREATE = Part("jira", "create_issue")


def runs(outcomes: str, *, every: timedelta = timedelta(hours=5), start: datetime = MONDAY - timedelta(days=60)) -> list[PastRun]:
    """``+`` succeeded, ``-`` failed."""
    return [PastRun(start + every * place, one == "+") for place, one in enumerate(outcomes)]


def test_runs_that_fail_lately_are_told_with_those_before() -> None:
    told = lately(runs("+" * 40 + "-+--"))
    assert told is not None
    assert (told.words, told.failed, told.of) == ("3 of the last 4 runs failed; of the 40 before, none did.", 3, 4)
    assert lately(runs("+" * 20 + "-" + "+" * 20 + "---")).words == "The last 3 runs failed; of the 41 before, 1 did."  # type: ignore[union-attr]


def test_one_failure_or_the_usual_share_of_them_is_no_news() -> None:
    assert lately(runs("+" * 40 + "-")) is None
    assert lately(runs("+-" * 30)) is None
    assert lately(runs("")) is lately(runs("--")) is lately(runs("+" * 50)) is None


def test_what_has_always_failed_is_said_to() -> None:
    assert lately(runs("----")).words == "All 4 runs that are known failed."  # type: ignore[union-attr]


def test_by_chance_alone_something_is_said_of_few_workflows() -> None:
    dice, said = random.Random(6), 0
    for _ in range(300):
        past = [PastRun(MONDAY - timedelta(hours=7 * place), dice.random() < 0.8) for place in reversed(range(1, 80))]
        said += bool(lately(past)) + len(at_this_time(past, MONDAY, UTC))
    assert said / 300 < 0.06


def test_a_service_whose_calls_fail_is_told_with_its_last_forty() -> None:
    model = SuccessModel()
    now = Circumstances(parts=(CREATE, CREATE, Part("chat", "post_message")))
    for number in range(80):
        model.heard(CREATE, number >= 40 and number % 6 != 0, float(number))
        model.heard(Part("chat", "post_message"), number != 70, float(number))
    assert [risk.words for risk in calls(model, now)] == ["jira.create_issue failed 7 of its last 40 calls."]
    for number in range(40):
        model.heard(CREATE, True, 80.0 + number)
    assert calls(model, now) == []


def test_trouble_now_is_told_with_what_became_of_runs_in_such_times() -> None:
    model = SuccessModel()
    now = Circumstances(services=(ServiceNow(service="jira", status="offline"), ServiceNow(service="chat", status="healthy")))
    assert weather(model, now).words == "jira is offline."  # type: ignore[union-attr]
    for number in range(6):
        model.began(str(number), "a", 0.0, now)
        model.ended(str(number), "a", number == 0)
    assert weather(model, now).words == "jira is offline; of 6 runs that began while a service of theirs was, 5 failed."  # type: ignore[union-attr]
    assert weather(model, Circumstances()) is None


def test_a_bad_day_of_the_week_is_told_only_on_that_day() -> None:
    past = [
        PastRun(MONDAY - timedelta(days=days, hours=hour), (MONDAY - timedelta(days=days)).weekday() != 0 or hour == 0)
        for days in reversed(range(1, 50)) for hour in (0, 2)
    ]  # fmt: skip
    assert [risk.words for risk in at_this_time(past, MONDAY, UTC) if risk.kind == "day"] == [
        "It fails on Mondays: 7 of 14 runs did, on other days 0 of 84."
    ]
    assert at_this_time(past, MONDAY + timedelta(days=1), UTC) == []


def test_days_are_those_of_the_zone() -> None:
    past = runs("+-" * 40, every=timedelta(hours=12), start=datetime(2026, 10, 1, 10, tzinfo=UTC))
    night = MONDAY.replace(hour=22)
    assert [risk.kind for risk in at_this_time(past, night, UTC)] == ["time"]
    tokyo = ZoneInfo("Asia/Tokyo")
    (told,) = at_this_time(past, night.astimezone(tokyo), tokyo)
    assert told.words.startswith("It fails in the morning (6 to 12): 40 of 40")


def test_a_long_pause_is_told_when_it_is_longer_than_ever() -> None:
    daily = runs("+" * 10, every=timedelta(days=1), start=MONDAY - timedelta(days=52))
    assert idle(daily, MONDAY).words == "It has not run for 43 days; it never paused so long before."  # type: ignore[union-attr]
    assert idle(runs("+" * 4, every=timedelta(days=20)), MONDAY + timedelta(days=40)) is None
    assert idle(daily[:2], MONDAY) is None


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60), st.integers(0, 60))
def test_a_chance_is_a_chance_and_falls_as_more_failed(failed: int, fine: int, failed_else: int, fine_else: int) -> None:
    chance = by_chance(failed, failed + fine, failed_else, failed_else + fine_else)
    assert 0 <= chance <= 1 + 1e-12
    if fine and failed_else:
        assert by_chance(failed + 1, failed + fine, failed_else - 1, failed_else + fine_else) <= chance + 1e-12


def test_the_tea_lady_is_tested_as_fisher_did() -> None:
    assert abs(by_chance(3, 4, 1, 4) - 17 / 70) < 1e-12


def test_all_of_it_together() -> None:
    model = SuccessModel()
    told = risks(model, runs("+" * 30 + "---"), Circumstances(services=(ServiceNow(service="jira", status="degraded"),)), MONDAY, UTC)
    assert [risk.kind for risk in told] == ["lately", "weather", "idle"]
    assert risks(model, [], Circumstances(), MONDAY, UTC) == ()
