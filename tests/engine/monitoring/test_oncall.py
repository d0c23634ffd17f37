"""The rota: at every moment exactly one person, handed over by the clock on the wall, and overrides win."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.monitoring.oncall import Member, Override, Rota, body_of, checked, hand_over, on_call, overridden, rota_of, shifts

ADA, BOB, CEM, DEE = (Member(f"slack:U{n}", name) for n, name in enumerate(("Ada", "Bob", "Cem", "Dee"), 1))
BERLIN = ZoneInfo("Europe/Berlin")
OPS = Rota(id="ops", name="ops", members=(ADA, BOB, CEM), start=date(2026, 3, 2), at=time(9), zone="Europe/Berlin")


def berlin(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def test_each_takes_a_week_and_hands_over_on_monday_at_nine() -> None:
    assert on_call(OPS, berlin(3, 2, 9)).who == ADA
    assert on_call(OPS, berlin(3, 9, 8, 59)).who == ADA
    shift = on_call(OPS, berlin(3, 9, 9))
    assert (shift.who, shift.since, shift.until, shift.instead_of) == (BOB, berlin(3, 9, 9), berlin(3, 16, 9), None)
    assert on_call(OPS, berlin(2, 27)).who == CEM  # before it was set up, too
    assert OPS.weekday == "Monday"


def test_the_clock_on_the_wall_decides_also_when_it_is_put_forward_or_back() -> None:
    spring = on_call(OPS, berlin(3, 28))
    assert (spring.since, spring.until) == (berlin(3, 23, 9), berlin(3, 30, 9))
    assert spring.until.astimezone(UTC) - spring.since.astimezone(UTC) == timedelta(days=7, hours=-1)
    autumn = on_call(OPS, berlin(10, 24))
    assert autumn.until.astimezone(UTC) - autumn.since.astimezone(UTC) == timedelta(days=7, hours=1)


def test_a_hand_over_at_a_time_that_is_skipped_or_comes_twice_happens_once() -> None:
    night = replace(OPS, at=time(2, 30), start=date(2026, 3, 22), every=1)
    assert hand_over(night, 7) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 2:30 there is not; it is 3:30 then
    twice = replace(OPS, at=time(2, 30), start=date(2026, 10, 18), every=1)
    assert hand_over(twice, 7) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of the two


def test_where_a_zone_leaves_out_a_day_that_turn_is_left_out() -> None:
    samoa = replace(OPS, zone="Pacific/Apia", start=date(2011, 12, 28), every=1)
    found = list(shifts(samoa, datetime(2011, 12, 28, 20, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC)))
    assert all(one.until > one.since for one in found)
    assert all(one.until == other.since for one, other in itertools.pairwise(found))


def test_who_stands_in_does_so_over_a_hand_over_and_the_others_keep_their_turns() -> None:
    rota = replace(OPS, overrides=(Override(berlin(3, 7), berlin(3, 10), DEE, "Ada"),))
    before, instead, after = shifts(rota, berlin(3, 3), berlin(3, 12))
    assert (before.who, before.until) == (ADA, berlin(3, 7))
    assert (instead.who, instead.since, instead.until, instead.instead_of) == (DEE, berlin(3, 7), berlin(3, 10), ADA)
    assert (after.who, after.since, after.until) == (BOB, berlin(3, 10), berlin(3, 16, 9))
    assert on_call(rota, berlin(3, 9, 12)) == replace(instead, instead_of=BOB)


def test_of_overrides_that_overlap_the_last_one_wins() -> None:
    rota = replace(OPS, overrides=(Override(berlin(3, 3), berlin(3, 6), DEE), Override(berlin(3, 4), berlin(3, 5), CEM)))
    assert [shift.who for shift in shifts(rota, berlin(3, 3), berlin(3, 7))] == [DEE, CEM, DEE, ADA]


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo"]
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))


@st.composite
def rotas(draw: Any) -> Rota:
    members = tuple(draw(st.lists(st.sampled_from([ADA, BOB, CEM, DEE]), min_size=1, max_size=4, unique=True)))
    start = draw(st.dates(date(1995, 1, 1), date(2035, 1, 1)))
    near = datetime(start.year, start.month, start.day, tzinfo=UTC)
    overrides = tuple(
        Override(near + timedelta(hours=begin), near + timedelta(hours=begin + length), draw(st.sampled_from([ADA, BOB, CEM, DEE])))
        for begin, length in draw(st.lists(st.tuples(st.integers(-300, 300), st.integers(1, 400)), max_size=4))
    )
    return Rota(
        id="r", name="r", members=members, start=start, at=draw(st.times()).replace(tzinfo=None), zone=draw(zones),
        every=draw(st.integers(1, 28)), overrides=overrides,
    )  # fmt: skip


@given(rotas(), st.integers(-500, 500))
def test_at_every_moment_exactly_one_person_is_on_call(rota: Rota, hours: int) -> None:
    at = datetime(rota.start.year, rota.start.month, rota.start.day, tzinfo=UTC) + timedelta(hours=hours)
    shift = on_call(rota, at)
    assert shift.since <= at < shift.until
    winner = next((one for one in reversed(rota.overrides) if one.since <= at < one.until), None)
    assert shift.who == (winner.who if winner else rota.members[_by_counting(rota, at) % len(rota.members)])
    for edge in (shift.since, at, shift.until - timedelta(microseconds=1)):
        same = on_call(rota, edge)
        assert (same.who, same.since, same.until) == (shift.who, shift.since, shift.until)
    row = list(shifts(rota, at, at + timedelta(days=30)))
    assert all(one.until == other.since for one, other in itertools.pairwise(row))
    assert row[0].since <= at
    assert row[-1].until >= at + timedelta(days=30)


def _by_counting(rota: Rota, at: datetime) -> int:
    turn = (at.date() - rota.start).days // rota.every - 3
    while hand_over(rota, turn + 1) <= at or hand_over(rota, turn + 2) <= at:
        turn += 1
    return turn


@given(rotas(), moments)
def test_however_far_away_somebody_is_on_call_and_hand_overs_keep_to_the_wall(rota: Rota, at: datetime) -> None:
    plain = replace(rota, overrides=())
    shift = on_call(plain, at)
    assert shift.since <= at < shift.until
    wall = shift.since.astimezone(ZoneInfo(rota.zone))
    again = wall.replace(hour=rota.at.hour, minute=rota.at.minute, second=rota.at.second, microsecond=rota.at.microsecond)
    assert wall == again or abs(wall.replace(tzinfo=None) - again.replace(tzinfo=None)) in (timedelta(hours=1), timedelta(minutes=30))


@given(rotas())
def test_what_is_kept_is_read_back(rota: Rota) -> None:
    rota = replace(rota, at=rota.at.replace(second=0, microsecond=0))
    assert rota_of("r", body_of(rota), 1) == rota


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"members": ()}, "nobody is in it"),
        ({"every": 0}, "a turn lasts 1 to 366 days"),
        ({"zone": "Mars/Olympus"}, "no time zone “Mars/Olympus”"),
        ({"zone": "localtime"}, "no time zone"),
        ({"overrides": (Override(berlin(3, 4), berlin(3, 4), DEE),)}, "ends before it begins"),
        ({"overrides": (Override(berlin(3, 4), berlin(3, 4) + timedelta(days=400), DEE),)}, "longer than 366 days"),
    ],
)
def test_what_is_no_rota_is_refused_with_every_fault_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked(replace(OPS, **changes))


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x"}, {**body_of(OPS), "at": "noon"}, {**body_of(OPS), "members": [{"id": "ada", "name": "Ada"}]}, {**body_of(OPS), "members": "Ada"}, {**body_of(OPS), "overrides": [{"since": "2026-03-04T00:00", "until": "2026-03-05T00:00", "who": {"id": "a:b", "name": "B"}}]}],
)  # fmt: skip
def test_a_body_that_is_none_is_a_sentence_and_no_crash(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        rota_of("ops", body, 1)


def test_overrides_long_over_are_forgotten() -> None:
    rota = replace(OPS, overrides=(Override(berlin(1, 1), berlin(1, 2), DEE),))
    later = overridden(rota, Override(berlin(3, 4), berlin(3, 5), CEM), berlin(3, 3))
    assert ([one.who for one in later.overrides], later.revision) == ([CEM], 2)
