"""Windows as time goes by: announced, begun and over, each once, also where the house was down meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.events import PolicySaved
from engine.monitoring.silence import KIND, Matcher, Silence, SilenceKind, body_of, checked, silence_of
from engine.parties import Address
from engine.runtime.maintenance import Maintenance, following
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.monitoring.test_alert import firing

HOUR = timedelta(hours=1)
OPS = Address("web", "#ops")


def window(**changes: object) -> Silence:
    values: dict[str, object] = {
        "id": "sil_1", "kind": SilenceKind.MAINTENANCE, "match": Matcher(service="github"), "starts": NOON + HOUR, "ends": NOON + 2 * HOUR,
        "by": "web:ana", "by_name": "Ana", "made_at": NOON, "because": "upgrade", "notice": 1800.0,
    }  # fmt: skip
    return Silence(**{**values, **changes})  # type: ignore[arg-type]


async def house(silence: Silence) -> tuple[MemoryStore, StandingClock, Maintenance, list[int]]:
    clock = StandingClock()
    store = MemoryStore(clock)
    await store.ledger.record(PolicySaved(KIND, silence.id, body_of(silence), NOON, 1))
    woken: list[int] = []

    async def changed() -> None:
        woken.append(1)

    return store, clock, Maintenance(store, clock, lambda: [OPS], changed), woken


async def stored(store: MemoryStore) -> Silence:
    policy = await store.policies.get(KIND, "sil_1")
    assert policy is not None
    return silence_of(policy.id, policy.body, policy.revision)


async def test_a_window_is_announced_begun_and_over_each_once_on_one_card() -> None:
    store, clock, maintenance, woken = await house(window())
    told = []
    for minutes in range(0, 130, 5):
        await clock.pass_(300 if minutes else 0)
        await maintenance.look()
        told.append((await stored(store)).told)
    assert (told.count(""), told.count("noticed"), told.count("begun"), told.count("over")) == (6, 6, 12, 2)
    assert [(posting.to, posting.wanted) for posting in await store.postings.of("sil_1.1")] == [(OPS, 3)]
    assert [row.verb for row in await store.audit.list()] == ["end_maintenance", "begin_maintenance", "announce_maintenance"]
    assert len(woken) == 2


async def test_a_window_that_passed_while_the_house_was_down_is_over_without_a_word() -> None:
    store, clock, maintenance, _ = await house(window())
    await clock.pass_(5 * 3600)
    await maintenance.look()
    assert (await stored(store)).told == "over"
    assert await store.postings.of("sil_1.1") == []


async def test_after_a_month_a_window_that_is_over_is_forgotten() -> None:
    store, clock, maintenance, _ = await house(window(told="over"))
    await clock.pass_(31 * 86_400)
    await maintenance.look()
    assert await store.policies.of(KIND) == []


async def test_a_recurring_window_is_followed_by_the_next_at_the_same_hour_of_its_zone_across_a_clock_change() -> None:
    # NOON is in 2026; Berlin leaves summer time on 25 October 2037, so the hour in UTC moves and the hour there does not.
    first = window(
        starts=NOON.replace(year=2037, month=10, day=24, hour=1), ends=NOON.replace(year=2037, month=10, day=24, hour=2),
        every="FREQ=DAILY;BYHOUR=3;BYMINUTE=0", timezone="Europe/Berlin",
    )  # fmt: skip
    then = following(first, first.ends)
    assert then is not None
    assert (then.starts, then.window, then.told) == (first.starts + timedelta(hours=25), 2, "")


async def test_a_house_that_was_down_when_a_recurring_window_began_still_keeps_it() -> None:
    silence = window(every="FREQ=DAILY;BYHOUR=13;BYMINUTE=0", told="over")
    then = following(silence, silence.starts + timedelta(days=3, minutes=30))
    assert then is not None
    assert then.active(silence.starts + timedelta(days=3, minutes=30))


async def test_a_silence_covers_what_it_names_while_its_window_runs_and_says_why() -> None:
    silence = window()
    assert silence.covers(firing(), NOON) == ""
    assert silence.covers(firing(service="jira"), NOON + HOUR) == ""
    assert "until" in silence.covers(firing(), NOON + HOUR)
    assert silence.covers(firing(), silence.ends) == ""
    assert replace(silence, match=Matcher(severity="medium")).covers(firing(), NOON + HOUR) == ""  # it is critical
    assert replace(silence, match=Matcher(labels={"queue": "mail"})).covers(firing(), NOON + HOUR) == ""


def test_what_is_kept_is_read_again() -> None:
    silence = window(match=Matcher(service="github", labels={"queue": "mail"}), every="FREQ=DAILY", where="slack:C1", told="begun")
    assert silence_of("sil_1", body_of(silence), 1) == silence
    with pytest.raises(Invalid):
        silence_of("sil_1", {"kind": "silence"}, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": NOON}, "ends before it starts"),
        ({"ends": NOON + timedelta(days=200)}, "longer than 90 days"),
        ({"starts": NOON - 3 * HOUR, "ends": NOON - HOUR}, "over already"),
        ({"match": Matcher()}, "of a service"),
        ({"match": Matcher(service="github", severity="awful")}, "no severity"),
        ({"notice": -1.0}, "notice"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_with_what_to_say(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(window(**changes), NOON)
    assert said in "; ".join(problem.message for problem in refused.value.problems)
