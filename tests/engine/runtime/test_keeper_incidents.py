"""The keeper and incidents of several alerts: a leader that says nothing, or is somebody's already, keeps nobody from being called for the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from engine.events import AlertSaved
from engine.monitoring.alert import AlertState, Severity, acknowledged, changed, reopened, resolved, snoozed
from engine.monitoring.escalation import EVERYTHING, EscalationPolicy, Kind, Level, Target
from engine.parties import SYSTEM
from tests.engine.runtime.test_keeper import LADDER, House

EVE = Target(Kind.PERSON, "slack:U5", "Eve")
LATE = EscalationPolicy(id=EVERYTHING, levels=(Level(1800, (EVE,)), Level(3600, (EVE,))))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.rota()
    await house.ladder()
    await house.ladder(LATE)
    yield house
    await house.keeper.stop()


async def called(house: House) -> list[list[str]]:
    return [who for deed, who, _ in await house.said() if deed == "call"]


async def test_a_leader_that_is_quiet_keeps_nobody_from_being_called_for_what_is_told(house: House) -> None:
    await house.alerted(quiet="Maintenance for github")
    await house.pass_(seconds=1)
    assert await called(house) == []
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(seconds=1)
    assert await called(house) == [["Ada"]]
    await house.record(AlertSaved(changed(await house.now(), quiet="")))  # the window is over
    await house.pass_(seconds=1)
    assert await called(house) == [["Ada"]], "who was called is not called again from the beginning"


async def test_what_is_worse_than_what_somebody_took_on_is_called_about(house: House) -> None:
    await house.alerted(severity=Severity.MEDIUM)
    await house.taken()
    await house.alerted("alr_2", incident="alr_1", severity=Severity.MEDIUM)
    await house.pass_(seconds=1)
    assert await called(house) == []
    await house.alerted("alr_3", incident="alr_1", severity=Severity.CRITICAL)
    for _ in range(3):
        await house.pass_(seconds=1)
    assert await called(house) == [["Ada"]]


async def test_a_snooze_is_of_the_whole_incident_however_bad_its_members_are(house: House) -> None:
    await house.alerted(severity=Severity.LOW)
    await house.alerted("alr_2", incident="alr_1", severity=Severity.CRITICAL)
    until = house.clock.now().replace(hour=18)
    await house.record(AlertSaved(snoozed(await house.now(), until=until, by="slack:U1", at=house.clock.now())))
    await house.pass_(hours=1)
    assert await called(house) == []


@pytest.mark.parametrize("minutes", [1, 31, 120])
async def test_what_gets_worse_is_called_about_as_what_it_has_become(house: House, minutes: int) -> None:
    """Whether the patient ladder of all had not begun, was on its way or was through."""
    await house.alerted(severity=Severity.MEDIUM)
    for _ in range(3):
        await house.pass_(minutes=minutes / 3)
    before = await called(house)
    await house.record(AlertSaved(changed(await house.now(), severity=Severity.CRITICAL)))
    for _ in range(3):
        await house.pass_(seconds=1)
    assert await called(house) == [*before, ["Ada"]]
    assert ((await house.now()).policy, (await house.now()).level) == ("critical", 1)
    await house.pass_(minutes=10)
    assert (await called(house))[len(before) + 1 :] == [["Bob", "leads"]]


async def test_a_ladder_that_runs_goes_on_when_the_worst_of_the_incident_is_over(house: House) -> None:
    await house.alerted(severity=Severity.MEDIUM)
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(seconds=1)
    await house.record(AlertSaved(resolved(await house.now("alr_2"), by=SYSTEM.name, at=house.clock.now())))
    await house.pass_(minutes=10)
    assert await called(house) == [["Ada"], ["Bob", "leads"]]


async def test_a_lease_that_runs_out_takes_nobody_elses_along(house: House) -> None:
    await house.alerted(severity=Severity.CRITICAL)
    await house.taken()
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(minutes=25)
    bobs = acknowledged(await house.now("alr_2"), by="Bob", actor="slack:U2", at=house.clock.now())
    await house.record(AlertSaved(bobs))
    await house.pass_(minutes=5)
    assert [who for deed, who, _ in await house.said() if deed == "remind"] == [["Ada"]]
    await house.pass_(minutes=25)
    assert [who for deed, who, _ in await house.said() if deed == "remind"] == [["Ada"], ["Bob"]]
    await house.pass_(minutes=5)
    assert ((await house.now()).state, (await house.now("alr_2")).state) == (AlertState.FIRING, AlertState.ACKNOWLEDGED)


async def test_a_leader_that_comes_back_calls_nobody_a_second_time_while_another_of_it_is_called_about(house: House) -> None:
    await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(seconds=1)
    over = resolved(await house.now(), by=SYSTEM.name, at=house.clock.now())
    heir = await house.now("alr_2")
    calls = {"policy": over.policy, "level": over.level, "escalate_at": over.escalate_at}
    await house.record(AlertSaved(over), AlertSaved(changed(heir, **calls)))
    await house.record(AlertSaved(reopened(over, at=house.clock.now(), because="It came back.")))
    await house.pass_(seconds=1)
    assert await called(house) == [["Ada"]]
    await house.pass_(minutes=10)
    assert await called(house) == [["Ada"], ["Bob", "leads"]]


def test_a_ladder_is_outgrown_by_that_of_a_worse_severity_only() -> None:
    assert LADDER.outgrows(EVERYTHING)
    assert LADDER.outgrows("medium")
    assert not LATE.outgrows("medium")
    assert not LADDER.outgrows("critical")
    assert not LADDER.outgrows("github")
    assert not LADDER.outgrows("")
    assert not replace(LADDER, id="github").outgrows("low")
