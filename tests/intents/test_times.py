"""Times and recurrences in words: right, or asked back; never silently wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cronsim import CronSim
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workflow.calendar import in_words, next_fires
from engine.workflow.definition import Trigger, TriggerType
from intents.when import read_range, read_schedule, until, window
from tests.intents.words import NOW
from tests.shared_data import shared

MOMENTS = [
    ("until Monday", "2026-11-30T00:00:00+00:00"),
    ("for 2h", "2026-11-23T12:00:00+00:00"),
    ("til 6am", "2026-11-24T06:00:00+00:00"),
    ("until Friday noon", "2026-11-27T12:00:00+00:00"),
    ("until end of day", "2026-11-23T17:00:00+00:00"),
    ("until tomorrow morning", "2026-11-24T09:00:00+00:00"),
    ("until tomorrow 8", "2026-11-24T08:00:00+00:00"),
    ("until 11 december", "2026-12-11T00:00:00+00:00"),
    ("until the 31st", "2026-12-31T00:00:00+00:00"),
    ("in 3 business days", "2026-11-26T10:00:00+00:00"),
    ("for half an hour", "2026-11-23T10:30:00+00:00"),
    ("until christmas eve", "2026-12-24T00:00:00+00:00"),
    ("until 2027-01-05 14:00", "2027-01-05T14:00:00+00:00"),
]


@pytest.mark.parametrize(("text", "at"), MOMENTS)
def test_an_end_in_words(text: str, at: str) -> None:
    moment = until(text, NOW, "UTC")
    assert moment is not None
    assert moment.at.isoformat() == at


def test_a_time_is_the_speakers_own_unless_a_zone_is_said() -> None:
    assert until("until 18:00", NOW, "Europe/Berlin").at.isoformat() == "2026-11-23T18:00:00+01:00"  # type: ignore[union-attr]
    spoken = read_schedule("tomorrow at 9 Tokyo time", NOW, "Europe/Berlin")
    assert spoken is not None
    assert (spoken.at, spoken.timezone) == ("2026-11-24T09:00:00+09:00", "Asia/Tokyo")


def test_a_day_is_a_day_long_over_a_clock_change() -> None:
    eve = datetime(2027, 3, 27, 11, tzinfo=UTC)
    assert until("in 1 day", eve, "Europe/Berlin").at.isoformat() == "2027-03-28T12:00:00+02:00"  # type: ignore[union-attr]
    assert until("in 24 hours", eve, "Europe/Berlin").at.isoformat() == "2027-03-28T13:00:00+02:00"  # type: ignore[union-attr]


def test_a_range_may_cross_midnight() -> None:
    start, end = read_range("friday 23:00 to 1:00", NOW, "UTC")
    assert (start.at.isoformat(), end.at.isoformat()) == ("2026-11-27T23:00:00+00:00", "2026-11-28T01:00:00+00:00")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("second and fourth Tuesday of the month at 14:00", "FREQ=MONTHLY;BYDAY=2TU,4TU;BYHOUR=14;BYMINUTE=0"),
        ("the 15th and last day of each month at noon", "FREQ=MONTHLY;BYMONTHDAY=15,-1;BYHOUR=12;BYMINUTE=0"),
        ("every 90 minutes", "FREQ=MINUTELY;INTERVAL=90"),
        ("every day at 9:15 and 17:30", "FREQ=DAILY;BYHOUR=9,17;BYMINUTE=15,30;BYSETPOS=1,4"),
    ],
)
def test_what_cron_cannot_say_is_a_rule(text: str, rule: str) -> None:
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is not None
    assert schedule.rrule == rule


def test_two_times_with_different_minutes_fire_exactly_twice_a_day() -> None:
    schedule = read_schedule("every day at 9:15 and 17:30", NOW, "UTC")
    assert schedule is not None
    fires = [fire for fire, _ in zip(rrulestr(schedule.rrule, dtstart=datetime(2026, 11, 24)), range(4), strict=False)]
    assert [(fire.hour, fire.minute) for fire in fires] == [(9, 15), (17, 30), (9, 15), (17, 30)]


@pytest.mark.parametrize(
    "text",
    [
        "every third wednesday at 9",
        "bimonthly on the 5th at 9",
        "every month",
        "every week",
        "04/05/2027 at 9",
        "on 30 february at 9",
        "every 0 minutes",
        "at 27:99 every day",
        "every second",
        "yesterday at 5 on 1 january 2020",
    ],
)
def test_what_may_mean_two_things_or_nothing_is_asked(text: str) -> None:
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is not None
    assert schedule.question
    assert not (schedule.cron)
    assert not (schedule.rrule)
    assert not (schedule.at)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("over the last 30 days", "P30D"),
        ("past 24h", "PT24H"),
        ("in the last hour", "PT1H"),
        ("last two weeks", "P14D"),
        ("15m", "PT15M"),
        ("last month", "P1M"),
        ("today", "P1D"),
    ],
)
def test_a_window_of_time(text: str, iso: str) -> None:
    assert window(text) == iso


@given(
    st.lists(
        st.sampled_from(
            [
                "every",
                "each",
                "other",
                "2",
                "15",
                "9:30",
                "at",
                "noon",
                "monday",
                "mon",
                "fridays",
                "weekday",
                "days",
                "week",
                "month",
                "last",
                "first",
                "1st",
                "of",
                "the",
                "and",
                "until",
                "for",
                "in",
                "hours",
                "minutes",
                "tomorrow",
                "31",
                "feb",
                "between",
                "17",
                "to",
                "daily",
                "except",
                "weekends",
                "UTC",
                "Berlin",
                "time",
            ]
        ),
        max_size=12,
    )
)
def test_any_words_about_time_give_a_valid_schedule_a_question_or_nothing(words: list[str]) -> None:
    schedule = read_schedule(" ".join(words), NOW, "Europe/Berlin")
    if schedule is None:
        return
    assert sum(map(bool, (schedule.cron, schedule.rrule, schedule.at, schedule.question))) == 1
    if schedule.cron:
        CronSim(schedule.cron, NOW)
    if schedule.rrule:
        rrulestr(schedule.rrule, dtstart=datetime(2026, 11, 23))


@pytest.mark.shared
def test_the_development_list_of_times_is_read_right() -> None:
    now = datetime(2026, 3, 4, 10, 17, tzinfo=UTC)
    wrong = []
    for line in shared("data/nl/time_expressions.jsonl").read_text().splitlines():
        item = json.loads(line)
        if item["gold"]["type"] == "once" and "'" not in item["text"]:
            moment = until(item["text"], now, "UTC")
            expected = item["gold"].get("at") or item["gold"]["date"]
            if moment is None or not moment.at.isoformat().startswith(expected):
                wrong.append(item["text"])
        elif item["gold"]["type"] == "rrule":
            schedule = read_schedule(item["text"], now, "UTC")
            if (
                schedule is None
                or schedule.question
                or _fires(schedule.cron, schedule.rrule, now) != _fires("", item["gold"]["rrule"], now)
            ):
                wrong.append(item["text"])
    assert wrong == []


def _fires(cron: str, rule: str, now: datetime) -> list[datetime]:
    start = now.replace(tzinfo=None)
    if cron:
        walk = CronSim(cron, start)
        return [next(walk) for _ in range(6)]
    return [fire.replace(second=0) for fire in rrulestr(rule, dtstart=start).xafter(start, count=6)]


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("every wendesday at 9", "0 9 * * 3"),
        ("every day at 9 other than sunday", "0 9 * * 1,2,3,4,5,6"),
        ("mon wed fri at 9", "0 9 * * 1,3,5"),
        ("every evening at 7", "0 19 * * *"),
        ("every hour at :15 and :45", "15,45 * * * *"),
        ("every hour from 9 to 5", "0 9-17 * * *"),
        ("every 2 hours between 8 and 18 on weekdays", "0 8-18/2 * * 1-5"),
        ("every march 1st at 9", "0 9 1 3 *"),
    ],
)
def test_one_meaning_has_many_wordings(text: str, cron: str) -> None:
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is not None
    assert (schedule.cron, schedule.question) == (cron, "")


@pytest.mark.parametrize(
    "text",
    [
        "every day at 9 except holidays",
        "every day at 9 but mondays at 10",
        "mondays at 9 and fridays at 16:00",
        "twice a day at 9",
        "every 15 minutes at 9",
        "every hour until it is resolved",
        "every monday or tuesday at 9",
        "every blursday at 9",
        "every monday of the first week of the month at 9",
        "every month on the 31st at 9",
        "the day before a holiday at 9",
        "every day at 9 starting in six weeks",
        "every monday at 9 Gondor time",
        "every day at 5",
        "every weekday at 9pm in the morning",
        "tomorrow before 9",
        "tomorrow at 9 or 10",
        "friday midnight",
        "monday 25 november at 9",
        "61 * * * *",
    ],
)
def test_words_of_time_that_were_not_read_are_never_dropped(text: str) -> None:
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is None or schedule.question


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a week from friday at 9", "2026-12-04T09:00:00+00:00"),
        ("tuesday next week at 14:00", "2026-12-01T14:00:00+00:00"),
        ("the 5th of next month at 9", "2026-12-05T09:00:00+00:00"),
        ("in 2h30", "2026-11-23T12:30:00+00:00"),
        ("in a month", "2026-12-23T10:00:00+00:00"),
        ("25/12 at 9", "2026-12-25T09:00:00+00:00"),
        ("friday eod", "2026-11-27T17:00:00+00:00"),
        ("tomorrow at 14:00 UTC+2", "2026-11-24T14:00:00+02:00"),
        ("20 past 3pm", "2026-11-23T15:20:00+00:00"),
    ],
)
def test_a_moment_in_words(text: str, at: str) -> None:
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is not None
    assert (schedule.at, schedule.question) == (at, "")


def test_an_end_goes_into_the_rule() -> None:
    schedule = read_schedule("every day at 9 until 1 december", NOW, "UTC")
    assert schedule is not None
    assert schedule.rrule == "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20261201T235959"


def test_what_was_read_is_told_in_the_typed_text_though_slips_were_mended() -> None:
    text = "evry munday at half past nine post in #ops"
    schedule = read_schedule(text, NOW, "UTC")
    assert schedule is not None
    assert "post in #ops" not in "".join(text[start:stop] for start, stop in schedule.spans)
    assert "munday" in " ".join(text[start:stop] for start, stop in schedule.spans)


_TIME = st.builds(lambda hour, minute: f"BYHOUR={hour};BYMINUTE={minute}", st.integers(0, 23), st.integers(0, 59))
_DAYS_OF_WEEK = st.lists(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1, max_size=6, unique=True).map(",".join)
_RULES = st.one_of(
    st.builds(lambda time: f"FREQ=DAILY;{time}", _TIME),
    st.builds(lambda days, time: f"FREQ=WEEKLY;BYDAY={days};{time}", _DAYS_OF_WEEK, _TIME),
    st.builds(
        lambda n, day, time: f"FREQ=WEEKLY;INTERVAL={n};BYDAY={day};{time}", st.integers(2, 8), st.sampled_from(("MO", "WE", "SU")), _TIME
    ),
    st.builds(lambda day, time: f"FREQ=MONTHLY;BYMONTHDAY={day};{time}", st.integers(1, 28), _TIME),
    st.builds(
        lambda n, day, time: f"FREQ=MONTHLY;BYDAY={n}{day};{time}", st.sampled_from((1, 2, 3, 4, -1)), st.sampled_from(("MO", "FR")), _TIME
    ),
    st.builds(lambda n, time: f"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={n};{time}", st.sampled_from((1, 2, -1)), _TIME),
    st.builds(lambda n: f"FREQ=MINUTELY;INTERVAL={n}", st.integers(2, 59)),
)


@settings(max_examples=60)
@given(_RULES)
def test_the_words_that_a_card_shows_for_a_schedule_are_read_back_as_it(rule: str) -> None:
    shown = Trigger(type=TriggerType.SCHEDULED, rrule=rule)
    heard = read_schedule(in_words(shown), NOW, "UTC")
    assert heard is not None
    assert heard.question == "", in_words(shown)
    read = Trigger(type=TriggerType.SCHEDULED, cron=heard.cron, rrule=heard.rrule)
    if "MINUTELY" not in rule:  # cron's beats within the hour begin anew each hour only where sixty can be divided
        assert next_fires(read, NOW, 6) == next_fires(shown, NOW, 6), in_words(shown)
