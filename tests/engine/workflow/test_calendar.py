"""When schedules fire, across clock changes and years, and how they are said."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workflow.calendar import check_cron, check_zone, counted, in_words, next_fire, next_fires
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Debounce, Misfire, Trigger, TriggerType
from engine.workflow.recurrence import ANCHOR, recurrence

NOW = datetime(2026, 11, 23, 10, 7, 33, 123456, tzinfo=UTC)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
)


def scheduled(**more: object) -> Trigger:
    return Trigger(type=TriggerType.SCHEDULED, **more)  # type: ignore[arg-type]


def local(fires: list[datetime], zone: str) -> list[str]:
    return [fire.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M%z") for fire in fires]


def test_cron_is_read_in_the_zone_of_the_trigger_then_of_the_house() -> None:
    berlin = scheduled(cron="0 9 * * 1-5", timezone="Europe/Berlin")
    assert local(next_fires(berlin, NOW, 2, "UTC"), "Europe/Berlin") == ["11-24 09:00+0100", "11-25 09:00+0100"]
    assert next_fire(scheduled(cron="0 9 * * 1-5"), NOW, "America/New_York") == datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (scheduled(cron="30 2 * * *"), ["03-29 03:00+0200", "03-30 02:30+0200"]),
        (scheduled(rrule="FREQ=DAILY;BYHOUR=2;BYMINUTE=30"), ["03-29 03:30+0200", "03-30 02:30+0200"]),
        (scheduled(rrule="FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0"), ["03-29 03:00+0200", "03-30 02:00+0200"]),
        (scheduled(rrule="FREQ=HOURLY"), ["03-28 20:00+0100", "03-28 21:00+0100"]),
    ],
)
def test_a_time_that_the_spring_skips_fires_once_and_shifted(trigger: Trigger, expected: list[str]) -> None:
    after = datetime(2026, 3, 28, 18, 30, tzinfo=UTC)
    assert local(next_fires(trigger, after, 2, "Europe/Berlin"), "Europe/Berlin") == expected


@pytest.mark.parametrize("trigger", [scheduled(cron="30 2 * * *"), scheduled(rrule="FREQ=DAILY;BYHOUR=2;BYMINUTE=30")])
def test_a_time_that_the_autumn_repeats_fires_once(trigger: Trigger) -> None:
    after = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert local(next_fires(trigger, after, 2, "Europe/Berlin"), "Europe/Berlin") == ["10-25 02:30+0200", "10-26 02:30+0100"]


def test_every_45_minutes_keeps_its_beat_through_a_clock_change() -> None:
    fires = next_fires(scheduled(rrule="FREQ=MINUTELY;INTERVAL=45"), datetime(2026, 10, 24, 20, tzinfo=UTC), 20, "Europe/Berlin")
    assert {later - earlier for earlier, later in itertools.pairwise(fires)} == {timedelta(minutes=45)}


def test_rules_are_anchored_so_that_every_machine_means_the_same_weeks() -> None:
    rule = scheduled(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0")
    fire = next_fire(rule, NOW)
    assert fire is not None
    assert (fire.replace(tzinfo=None) - ANCHOR).days % 14 == 0
    late = next_fire(rule, NOW + timedelta(days=365 * 20))
    assert late is not None
    assert (late.replace(tzinfo=None) - ANCHOR).days % 14 == 0


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=16;BYMINUTE=30", ["11-27 16:30", "12-25 16:30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=18;BYMINUTE=0", ["11-30 18:00", "12-31 18:00"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=0", ["11-30 17:00", "12-31 17:00"]),
        ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10;BYDAY=MO,TU", ["11-23 10:20", "11-23 10:40", "11-24 09:00"]),
        ("FREQ=HOURLY;INTERVAL=6;BYDAY=SA;BYMINUTE=15", ["11-28 00:15", "11-28 06:15", "11-28 12:15"]),
        ("FREQ=DAILY;INTERVAL=3;BYHOUR=7;UNTIL=20261128", ["11-25 07:00", "11-28 07:00"]),
        ("FREQ=DAILY;BYHOUR=7;UNTIL=20261124T060000Z", []),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", ["02-29 00:00"]),
    ],
)
def test_recurrences_fire_when_they_say(rule: str, expected: list[str]) -> None:
    fires = next_fires(scheduled(rrule=rule), NOW, max(len(expected), 1))
    assert [fire.strftime("%m-%d %H:%M") for fire in fires] == expected


def test_a_count_is_counted_from_when_the_workflow_is_made() -> None:
    asked = scheduled(rrule="FREQ=DAILY;COUNT=10;BYHOUR=18;BYMINUTE=0", timezone="Europe/Berlin")
    kept = counted(asked, NOW, "UTC")
    assert kept.rrule == "FREQ=DAILY;BYHOUR=18;BYMINUTE=0;UNTIL=20261202T170000Z"
    assert len(next_fires(kept, NOW, 50)) == 10
    assert in_words(asked) == "every day at 18:00, 10 times (Europe/Berlin)"
    assert counted(kept, NOW) == kept


def test_what_is_counted_is_counted_before_exceptions_and_the_end() -> None:
    asked = scheduled(rrule="FREQ=DAILY;COUNT=5;BYHOUR=18", exceptions=("2026-11-24",), end=datetime(2026, 11, 26, tzinfo=UTC))
    kept = counted(asked, NOW)
    assert kept.rrule.endswith("UNTIL=20261127T180000Z")
    assert [fire.day for fire in next_fires(kept, NOW, 9)] == [23, 25]


def test_after_its_end_a_schedule_never_fires_again() -> None:
    end = datetime(2026, 11, 25, 9, tzinfo=UTC)
    daily = scheduled(cron="0 9 * * *", end=end)
    assert next_fires(daily, NOW, 9)[-1] == end
    assert next_fire(daily, end) is None
    assert next_fire(scheduled(rrule="FREQ=DAILY;BYHOUR=9", end=NOW), NOW) is None


@pytest.mark.parametrize("schedule", [{"cron": "0 9,23 * * *"}, {"rrule": "FREQ=DAILY;BYHOUR=9,23;BYMINUTE=0"}])
def test_an_excepted_day_is_a_day_of_the_zone_and_an_excepted_moment_that_moment_only(schedule: dict[str, str]) -> None:
    trigger = scheduled(timezone="America/New_York", exceptions=("2026-11-24", "2026-11-25T09:00:00", "2026-11-27T04:00:00Z"), **schedule)
    after = datetime(2026, 11, 24, 1, tzinfo=UTC)
    expected = ["11-23 23:00-0500", "11-25 23:00-0500", "11-26 09:00-0500", "11-27 09:00-0500"]
    assert local(next_fires(trigger, after, 4), "America/New_York") == expected


@given(st.sets(st.integers(0, 30), max_size=20), st.sampled_from(ZONES))
def test_exceptions_take_out_their_days_and_no_others(days: set[int], zone: str) -> None:
    start = datetime(2026, 10, 20, tzinfo=UTC)
    dates = {(start + timedelta(days=day)).date() for day in days}
    plain = scheduled(cron="0 */5 * * *", timezone=zone)
    without = replace(plain, exceptions=tuple(sorted(day.isoformat() for day in dates)))
    kept = [fire for fire in next_fires(plain, start, 200) if fire.astimezone(ZoneInfo(zone)).date() not in dates]
    assert next_fires(without, start, len(kept)) == kept


def test_one_moment_fires_once() -> None:
    at = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert next_fires(scheduled(at=at), NOW, 5) == [at]
    assert next_fire(scheduled(at=at), at) is None


def test_only_schedules_fire() -> None:
    assert next_fire(Trigger(type=TriggerType.MANUAL), NOW) is None


def test_the_end_of_time_is_no_fire() -> None:
    assert next_fire(scheduled(rrule="FREQ=MINUTELY;INTERVAL=45"), datetime(9999, 12, 31, 23, 40, tzinfo=UTC)) is None


SCHEDULES = [
    scheduled(cron="*/15 * * * *"),
    scheduled(cron="30 2 * * *"),
    scheduled(cron="0 0 29 2 *"),
    scheduled(rrule="FREQ=DAILY;BYHOUR=2;BYMINUTE=0,30"),
    scheduled(rrule="FREQ=MINUTELY;INTERVAL=35;BYHOUR=1,2,3"),
    scheduled(rrule="FREQ=WEEKLY;INTERVAL=3;BYDAY=SU;BYHOUR=2;BYMINUTE=30"),
    scheduled(rrule="FREQ=HOURLY;INTERVAL=7"),
    scheduled(rrule="FREQ=MONTHLY;INTERVAL=5;BYDAY=2TU;BYHOUR=23;BYMINUTE=59"),
]


@given(
    st.sampled_from(SCHEDULES),
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2011, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.floats(0, 1),
)
def test_fires_come_strictly_after_in_order_and_none_is_left_out(trigger: Trigger, zone: str, after: datetime, part: float) -> None:
    first, second = next_fires(trigger, after, 2, zone)
    assert after < first < second
    # Whenever one asks between two fires, the answer is the second: nothing lies between, nothing is skipped.
    assert next_fire(trigger, first + (second - first) * part * 0.999999, zone) == second


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 59),
    st.datetimes(min_value=datetime(2011, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC)),
)
def test_a_daily_rule_fires_once_a_local_day(zone: str, hour: int, minute: int, after: datetime) -> None:
    fires = next_fires(scheduled(rrule=f"FREQ=DAILY;BYHOUR={hour};BYMINUTE={minute}"), after, 4, zone)
    gaps = [later - earlier for earlier, later in itertools.pairwise(fires)]
    # A clock change moves a fire by an hour or so; Samoa's missing day moved it by one.
    assert all(timedelta(hours=22) <= gap <= timedelta(hours=50) for gap in gaps)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never comes true"),
        ("FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1", "never comes true"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "never comes true"),
        ("FREQ=SECONDLY", "at most once a minute"),
        ("FREQ=DAILY;COUNT=0", "from 1 to"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "not by both"),
        ("FREQ=DAILY;INTERVAL=0", "from 1 to"),
        ("FREQ=DAILY;BYDAY=2MO", "MONTHLY or YEARLY"),
        ("FREQ=DAILY;BYHOR=3", "Did you mean “BYHOUR”?"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;UNTIL=2026-12-01", "UNTIL"),
        ("FREQ=DAILY;BYHOUR=24", "from 0 to 23"),
        ("FREQ=WEEKLY;BYSETPOS=1", "MONTHLY or YEARLY"),
        ("FREQ=DAILY;BYSECOND=5", "minute"),
        ("DTSTART:20200101T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("", "no part"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(text: str, part: str) -> None:
    with pytest.raises(Invalid) as caught:
        recurrence(text)
    assert part in str(caught.value)


@given(st.text(alphabet="FREQ=DAILYWKMOHUBNT;,0123456789-:", max_size=40))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = recurrence(text)
    except Invalid:
        return
    assert in_words(scheduled(rrule=rule.text))


@pytest.mark.parametrize("text", ["* * * *", "61 * * * *", "@daily", "0 9 * * 1-5 2026", "a b c d e", "0 0 31 4,6 *", ""])
def test_a_cron_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_cron(text)


def test_cron_is_tidied() -> None:
    assert check_cron("  0  9 * *  MON-FRI ") == "0 9 * * MON-FRI"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Berlin", "“Europe/Berlin”"),
        ("Europe/Berln", "“Europe/Berlin”"),
        ("../../etc/passwd", "Write it like"),
        ("localtime", "no time zone"),
    ],
)
def test_an_unknown_zone_offers_the_nearest(name: str, part: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_zone(name)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (scheduled(cron="0 9 * * 1-5", timezone="Europe/Berlin"), "every weekday at 09:00 (Europe/Berlin)"),
        (scheduled(cron="*/15 * * * *"), "every 15 minutes"),
        (scheduled(cron="*/45 * * * *"), "every hour at :00 and :45"),
        (scheduled(cron="0 */2 * * *"), "every 2 hours"),
        (scheduled(cron="0 9-17 * * 1-5"), "every hour from 09:00 to 17:00, every weekday"),
        (scheduled(cron="30 9,17 * * MON,THU"), "every Monday and Thursday at 09:30 and 17:30"),
        (scheduled(cron="0 9 * * 5L"), "on the last Friday of the month at 09:00"),
        (scheduled(cron="0 8 1 * *"), "on day 1 of the month at 08:00"),
        (scheduled(cron="0 9 * * 0"), "every Sunday at 09:00"),
        (scheduled(cron="5-59/7 3 */2 * *"), "by the cron schedule “5-59/7 3 */2 * *”"),
        (scheduled(rrule="FREQ=MINUTELY;INTERVAL=45"), "every 45 minutes"),
        (scheduled(rrule="FREQ=MINUTELY;INTERVAL=90"), "every 1 hour 30 minutes"),
        (scheduled(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0"), "every 2 weeks on Monday at 09:00"),
        (scheduled(rrule="FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=16;BYMINUTE=30"), "on the last Friday of the month at 16:30"),
        (scheduled(rrule="FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17"), "on the last weekday of the month at 17:00"),
        (
            scheduled(rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"),
            "by the recurrence “FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO”",
        ),
        (scheduled(rrule="FREQ=DAILY;BYHOUR=7;UNTIL=20261201"), "every day at 07:00 until 2026-12-01"),
        (scheduled(at=datetime(2026, 12, 24, 12, tzinfo=UTC)), "once on Thursday 24 December 2026 at 12:00 (UTC)"),
        (scheduled(cron="0 9 * * *", timezone="Asia/Tokyo", jitter=300.0), "every day at 09:00 (Asia/Tokyo), up to 5 minutes later"),
        (
            scheduled(
                cron="0 9 * * *", end=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), exceptions=("2026-12-25", "2026-12-26T09:00:00")
            ),
            "every day at 09:00, until 31 December 2026, except on 25 December 2026 and 26 December 2026 at 09:00",
        ),
        (
            scheduled(cron="0 9 * * *", exceptions=("2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31"), misfire=Misfire.ALL),
            "every day at 09:00, except 4 times, everything that was missed is made up",
        ),
        (scheduled(cron="0 9 * * *", misfire=Misfire.SKIP), "every day at 09:00, what was missed is dropped"),
        (Trigger(type=TriggerType.MANUAL), "when somebody asks for it"),
        (Trigger(type=TriggerType.EVENT_BASED, service="github", event="pull_request_merged"), "when GitHub: pull request merged"),
        (
            Trigger(
                type=TriggerType.CROSS_SERVICE, sequence=("hubspot.deal_created", "stripe.payment_succeeded"), within=timedelta(days=7)
            ),
            "when these happen in order within 7 days: HubSpot: deal created, then Stripe: payment succeeded",
        ),
        (Trigger(type=TriggerType.CROSS_SERVICE, any=("github.push", "gitlab.push")), "when GitHub: push or GitLab: push"),
        (
            Trigger(
                type=TriggerType.EVENT_BASED, service="github", event="push", debounce=Debounce(90, "event.repository"), dedup="event.id"
            ),
            "when GitHub: push, once it has been quiet for 1 minute 30 seconds for each repository, once for each id",
        ),
        (
            Trigger(type=TriggerType.CROSS_SERVICE, all=("github.push", "gitlab.push"), correlate={"": "event.customer"}),
            "when all of these happen within 7 days: GitHub: push and GitLab: push, for the same customer",
        ),
        (
            Trigger(
                type=TriggerType.CROSS_SERVICE,
                all=("github.push", "gitlab.push"),
                within=timedelta(hours=1),
                correlate={"github.push": "event.branch", "gitlab.push": "event.ref.name"},
            ),
            "when all of these happen within 1 hour: GitHub: push and GitLab: push, where branch and “event.ref.name” are the same",
        ),
        (
            Trigger(type=TriggerType.AI_PREDICTED, service="stripe", metric="response_time"),
            "when something unusual is noticed in Stripe’s response time",
        ),
        (
            Trigger(type=TriggerType.AI_PREDICTED, service="stripe", metric="error_rate", horizon=timedelta(hours=2)),
            "when trouble with Stripe’s error rate is predicted within 2 hours",
        ),
    ],
)
def test_a_trigger_is_said_as_people_say_it(trigger: Trigger, words: str) -> None:
    assert in_words(trigger, Catalogue(KNOWN)) == words
