"""The monitor: one trouble is one alert and one card, whatever happens around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState, resolved
from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import Address
from engine.ports import Account, Budget, Finding, Standing
from engine.runtime.alerts import Alerting
from engine.runtime.monitor import Monitor
from engine.runtime.network_watch import NetworkWatch
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
        self.says, self.broken = "", set[str]()

    def services(self) -> Sequence[Service]:
        return ()

    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        return {}

    def accounts(self) -> Sequence[Account]:
        return self.there

    async def probe(self, account: Account) -> Sample:
        self.probes += 1
        outcome = Outcome.ERROR if account.service in self.broken else self.outcome
        detail = "" if outcome is Outcome.OK else "connection refused"
        return Sample(account.service, account.name, self.clock.now(), Source.PROBE, outcome, self.latency, detail)

    async def standing(self, service: str) -> Standing | None:
        return Standing(service, self.says, "All is on fire.", self.clock.now()) if self.says else None

    def budget(self, service: str) -> Sequence[Budget]:
        return ()

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
async def house() -> AsyncIterator[House]:
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
    for second in range(9):
        house.monitor.taken(Sample("github", "", house.clock.now() + timedelta(seconds=5 * second), Source.CALL, Outcome.ERROR, 0.1, "502"))
    await house.pass_(2)
    assert [alert.service for alert in await house.alerts()] == ["github"]


async def test_samples_and_states_are_stored(house: House) -> None:
    await house.pass_(61)
    samples = await house.store.samples.recent("github", since=house.clock.now() - timedelta(hours=1))
    assert len(samples) == 3
    (state,) = await house.store.samples.states()
    assert (state.status, state.ever_ok, state.successes) == ("healthy", True, 3)


# --- over a restart


async def test_what_was_learnt_is_saved_and_known_after_a_restart(house: House) -> None:
    await house.pass_(3600)
    await house.monitor.stop()
    (learnt,) = await house.store.detectors.under("account:")
    assert (learnt.stream, learnt.at) == ("account:github/default", house.clock.now())
    again = house.another()
    await again.start()
    detector = again._learning.get("github", "default")
    assert detector is not None
    assert detector.snapshot() == {name: value for name, value in learnt.state.items() if name != "of"}
    await again.stop()


async def test_killed_between_two_savings_the_samples_since_are_played_again(house: House) -> None:
    await house.pass_(1200)
    house.world.outcome = Outcome.ERROR
    await house.pass_(45)  # suspected, not decided
    detector = house.monitor._learning.get("github", "default")
    assert detector is not None
    after_crash = house.another()
    await after_crash._learning.restore(after_crash._alerting.rules_of, house.clock.now())
    restored = after_crash._learning.get("github", "default")
    assert restored is not None
    assert restored.snapshot() == detector.snapshot()


async def test_killed_in_the_middle_of_an_incident_nothing_changes_that_a_person_can_see(house: House) -> None:
    await house.pass_(600)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    before = await house.alerts(), [await house.store.postings.of(alert.id) for alert in await house.alerts()]
    for task in [*house.monitor._tasks, *(task for _, task in house.monitor._probing.values())]:
        task.cancel()  # no farewell, nothing saved
    killed = house.another()
    await killed.start()
    await house.pass_(120)
    assert (await house.alerts(), [await house.store.postings.of(alert.id) for alert in await house.alerts()]) == before
    house.world.outcome = Outcome.OK
    await house.pass_(400)
    assert [alert.state for alert in await house.alerts()] == [AlertState.RESOLVED]
    await killed.stop()


async def test_another_address_of_an_account_begins_anew(house: House) -> None:
    await house.pass_(700)
    house.world.there = (replace(GITHUB, url="http://127.0.0.1:2"),)
    await house.pass_(5)
    (learnt,) = await house.store.detectors.under("account:")
    begun = AccountDetector.restore(learnt.state)
    assert learnt.at > house.clock.now() - timedelta(seconds=5)
    assert begun.snapshot() == AccountDetector("github", "default").snapshot()


async def test_what_was_disconnected_while_the_house_was_down_has_no_open_alert_afterwards(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)
    await house.monitor.stop()
    house.world.there = (replace(GITHUB, name="ops"),)
    again = house.another()
    await again.start()
    (alert,) = await house.alerts()
    assert (alert.state, alert.because) == (AlertState.RESOLVED, "The account was disconnected.")
    await again.stop()


# --- our own network


VENDORS = tuple(Account(service=name, name="default", url="", mode="live") for name in ("github", "stripe", "zendesk", "notion", "slack"))


async def cut_off(house: House) -> None:
    house.world.there = VENDORS
    await house.pass_(300)
    house.world.outcome = Outcome.ERROR
    await house.pass_(120)


async def test_when_all_that_is_unrelated_fails_at_once_it_is_our_network_and_one_card(house: House) -> None:
    await cut_off(house)
    alerts = await house.alerts()
    told = [alert for alert in alerts if not alert.quiet]
    assert [(alert.rule, alert.service) for alert in told] == [("network", "signalbox")]
    assert {alert.service for alert in alerts if alert.quiet} == {account.service for account in VENDORS}
    assert "Our own network" in told[0].message
    posted = [posting for alert in alerts for posting in await house.store.postings.of(alert.id)]
    assert len(posted) == 1


async def test_when_our_network_is_back_what_was_held_ends_without_a_word(house: House) -> None:
    await cut_off(house)
    house.world.outcome = Outcome.OK
    await house.pass_(600)
    assert {alert.state for alert in await house.alerts()} == {AlertState.RESOLVED}
    assert len([p for alert in await house.alerts() for p in await house.store.postings.of(alert.id)]) == 1


async def test_what_still_fails_when_our_network_is_back_is_told_then(house: House) -> None:
    await cut_off(house)
    house.world.outcome = Outcome.OK
    house.world.broken = {"stripe"}
    await house.pass_(300)
    (stripe,) = [alert for alert in await house.alerts() if alert.service == "stripe"]
    assert (stripe.state, stripe.quiet) == (AlertState.FIRING, "")
    assert len(await house.store.postings.of(stripe.id)) == 1


async def test_a_restart_while_we_are_cut_off_tells_nothing_of_what_is_held(house: House) -> None:
    await cut_off(house)
    await house.monitor.stop()
    again = house.another()
    await again.start()
    await house.pass_(60)
    assert len([alert for alert in await house.alerts() if not alert.quiet]) == 1
    await again.stop()


async def test_what_the_guard_remembers_is_the_same_after_it_was_written_and_read(house: House) -> None:
    await cut_off(house)
    learnt = await house.store.detectors.get("network")
    assert learnt is not None
    again = NetworkWatch()
    again.restore(learnt, house.monitor._learning.states(), house.clock.now())
    before = replace(house.monitor._network._guard, topology=again._guard.topology)
    assert (again._guard.since, again._guard.held, again._back) == (before.since, before.held, {})
    assert set(again._guard.failing or {}) == set(before.failing or {})


# --- what vendors say


async def test_a_vendor_that_says_down_while_our_checks_fail_is_an_alert_and_its_word_alone_is_none(house: House) -> None:
    await house.pass_(60)
    house.world.says = "down"
    await house.pass_(600)
    assert await house.alerts() == []
    house.world.outcome = Outcome.ERROR
    await house.pass_(300)
    by_rule = {alert.rule: alert for alert in await house.alerts()}
    assert set(by_rule) == {"availability", "status_page"}
    assert by_rule["status_page"].leader == by_rule["availability"].leader, "one outage, one card"
    house.world.outcome, house.world.says = Outcome.OK, "up"
    await house.pass_(900)
    assert {alert.state for alert in await house.alerts()} == {AlertState.RESOLVED}


async def test_when_the_vendors_word_changes_the_card_is_drawn_anew(house: House) -> None:
    await house.pass_(60)
    house.world.outcome = Outcome.ERROR
    await house.pass_(150)
    (alert,) = await house.alerts()
    (before,) = await house.store.postings.of(alert.id)
    house.world.says = "trouble"
    await house.pass_(250)
    (after,) = await house.store.postings.of(alert.id)
    assert after.wanted == before.wanted + 1
