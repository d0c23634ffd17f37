"""The monitor: one trouble is one alert and one card, whatever happens around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState, resolved
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import Address
from engine.ports import Account, Finding, Standing
from engine.runtime.alerts import Alerting
from engine.runtime.monitor import Monitor
from engine.workflow.catalogue import Service
from engine.workflow.definition import Json
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock, settled

OPS = Address("slack", "C1")
GITHUB = Account(service="github", name="default", url="http://127.0.0.1:1", mode="live")


class World:
    """A service that is what ``outcome`` says."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock, self.outcome, self.latency, self.probes = clock, Outcome.OK, 0.1, 0
        self.there: tuple[Account, ...] = (GITHUB,)
        self.says = ""

    def services(self) -> Sequence[Service]:
        return ()

    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        return {}

    def accounts(self) -> Sequence[Account]:
        return self.there

    async def probe(self, account: Account) -> Sample:
        self.probes += 1
        detail = "" if self.outcome is Outcome.OK else "connection refused"
        return Sample(account.service, account.name, self.clock.now(), Source.PROBE, self.outcome, self.latency, detail)

    async def standing(self, service: str) -> Standing | None:
        return Standing(service, self.says, "All is on fire.", self.clock.now()) if self.says else None

    async def examine(self) -> list[Finding]:
        return []


class House:
    def __init__(self) -> None:
        self.clock = StandingClock()
        self.store = MemoryStore()
        self.world = World(self.clock)
        self.monitor = self.another()

    def another(self) -> Monitor:
        return Monitor(self.store, self.world, self.clock, interval=30, alerting=Alerting(self.store, self.clock, addresses=lambda: [OPS]))

    async def alerts(self) -> list[Alert]:
        return await self.store.alerts.list()

    async def pass_(self, seconds: float) -> None:
        await self.clock.pass_(seconds)


@pytest.fixture
async def house():
    house = House()
    await house.monitor.start()
    await settled()
    yield house
    await house.monitor.stop()


async def test_an_outage_is_one_alert_with_one_card_however_long_it_lasts(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(600)
    (alert,) = await house.alerts()
    assert (alert.state, alert.service, alert.revision) == (AlertState.FIRING, "github", 1)
    (posting,) = await house.store.postings.of(alert.id)
    assert (posting.kind, posting.to, posting.wanted) == ("alert", OPS, 1)
    assert [row.verb for row in await house.store.audit.list(subject=alert.id)] == ["open"]


async def test_accounts_come_and_go_while_it_watches_and_a_disconnected_ones_alert_is_over(house: House) -> None:
    ops = replace(GITHUB, name="ops")
    house.world.there = (GITHUB, ops)
    await house.pass_(60)
    assert {state.account for state in await house.store.samples.states()} == {"default", "ops"}
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    assert {(alert.account, alert.state) for alert in await house.alerts()} == {("default", AlertState.FIRING), ("ops", AlertState.FIRING)}
    house.world.there = (GITHUB,)
    await house.pass_(5)
    assert {(alert.account, alert.state) for alert in await house.alerts()} == {
        ("default", AlertState.FIRING),
        ("ops", AlertState.RESOLVED),
    }
    probes = house.world.probes
    house.world.there = ()
    await house.pass_(300)
    assert house.world.probes <= probes + 1
    house.world.there, house.world.outcome = (ops,), Outcome.OK
    await house.pass_(2)
    assert house.world.probes >= probes + 1


async def test_suspicion_is_followed_up_closely_so_that_an_outage_is_known_35_seconds_after_its_first_failed_check(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(30 + 7 * 5)
    assert [alert.rule for alert in await house.alerts()] == ["availability"]


async def test_recovery_resolves_the_alert_in_the_name_of_the_house_and_touches_its_card(house: House) -> None:
    house.world.outcome = Outcome.OK
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    house.world.outcome = Outcome.OK
    await house.pass_(300)
    (alert,) = await house.alerts()
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "Signalbox")
    assert (await house.store.postings.of(alert.id))[0].wanted == 2


async def test_a_service_that_never_answered_makes_no_alert(house: House) -> None:
    fresh = House()
    fresh.world.outcome = Outcome.MISCONFIGURED
    await fresh.monitor.start()
    await fresh.pass_(600)
    assert await fresh.alerts() == []
    await fresh.monitor.stop()


async def resolve_by_hand(house: House, alert: Alert) -> None:
    await house.store.ledger.record(AlertSaved(resolved(alert, by="Ana", at=house.clock.now())))


async def test_resolved_by_hand_while_it_goes_on_it_rests_15_minutes_and_reopens_in_place_with_the_reason(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    (alert,) = await house.alerts()
    await resolve_by_hand(house, alert)
    await house.pass_(14 * 60)
    assert [one.state for one in await house.alerts()] == [AlertState.RESOLVED]
    await house.pass_(2 * 60)
    (again,) = await house.alerts()
    assert (again.id, again.state, again.reopened) == (alert.id, AlertState.FIRING, 1)
    assert "resolved by hand, but the fault goes on" in again.because
    assert len(await house.store.postings.of(alert.id)) == 1


async def test_a_fault_that_comes_back_within_15_minutes_reopens_the_same_alert_and_later_it_is_a_new_one(house: House) -> None:
    async def outage() -> None:
        house.world.outcome = Outcome.ERROR
        await house.pass_(120)
        house.world.outcome = Outcome.OK
        await house.pass_(600)

    await house.pass_(60)
    await outage()
    await outage()
    assert len(await house.alerts()) == 1
    await house.pass_(3600)
    await outage()
    assert len(await house.alerts()) == 2


async def test_after_a_restart_an_open_alert_is_not_opened_again(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    await house.monitor.stop()
    restarted = house.another()
    await restarted.start()
    await house.pass_(300)
    assert len(await house.alerts()) == 1
    house.world.outcome = Outcome.OK
    await house.pass_(300)
    assert (await house.alerts())[0].state is AlertState.RESOLVED
    await restarted.stop()


async def test_failing_calls_count_as_well_as_failing_probes(house: House) -> None:
    await house.pass_(5)
    for second in range(3):
        house.monitor.taken(Sample("github", "", house.clock.now() + timedelta(seconds=5 * second), Source.CALL, Outcome.ERROR, 0.1, "502"))
    await house.pass_(2)
    assert [alert.service for alert in await house.alerts()] == ["github"]


async def test_samples_and_states_are_stored(house: House) -> None:
    await house.pass_(61)
    samples = await house.store.samples.recent("github", since=house.clock.now() - timedelta(hours=1))
    assert len(samples) == 3
    (state,) = await house.store.samples.states()
    assert (state.status, state.ever_ok, state.successes) == ("healthy", True, 3)
