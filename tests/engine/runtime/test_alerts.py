"""The one door to alerts: what is told, to whom, once, whatever happens at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.commands.alerting import untimed
from engine.errors import Conflict, Transient
from engine.events import AlertSaved, Event, PolicySaved, Posting, Received
from engine.monitoring import storm
from engine.monitoring.alert import Alert, AlertState, Severity, acknowledged, changed, resolved
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.life import LONGEST_TEXT, MOST_LABELS
from engine.monitoring.signal import Signal
from engine.monitoring.silence import KIND, Matcher, Silence, SilenceKind, body_of
from engine.parties import Address
from engine.ports import Store
from engine.runtime import alert_batch
from engine.runtime.alerts import Alerting
from engine.runtime.house_news import of_alert
from engine.workflow.definition import Json
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.engine.clock import StandingClock

OPS, OTHER = Address("slack", "C1"), Address("discord", "42")
SHOP = Topology.of([("checkout", "payments"), ("cart", "payments"), ("payments", "database"), ("search", "database")])


class House:
    def __init__(self, store: Store | None = None) -> None:
        self.clock = StandingClock()
        self.store: Store = store or MemoryStore()
        self.to: list[Address] = [OPS]
        self.alerting = self.another()

    def another(self) -> Alerting:
        return Alerting(self.store, self.clock, addresses=lambda: self.to, topology=lambda: SHOP)

    def signal(self, service: str = "payments", firing: bool = True, **changes: Any) -> Signal:
        values: dict[str, Any] = {"rule": "availability", "account": "default", "because": "3 checks failed.", "severity": Severity.HIGH}
        return Signal(service=service, at=self.clock.now(), firing=firing, **(values | changes))

    async def take(self, *services: str, **changes: Any) -> list[Alert]:
        return list(await self.alerting.take([self.signal(service, **changes) for service in services]))

    async def one(self, service: str) -> Alert:
        (alert,) = await self.store.alerts.list(service=service)
        return alert

    async def cards(self) -> list[tuple[str, Posting]]:
        found = []
        for alert in await self.store.alerts.list(limit=20_000):
            found += [(alert.service, posting) for posting in await self.store.postings.of(alert.id)]
        return found

    async def pass_(self, seconds: float) -> None:
        await self.clock.pass_(seconds)

    async def silence(self, service: str, minutes: float, kind: SilenceKind = SilenceKind.SILENCE, **match: Any) -> None:
        now = self.clock.now()
        silence = Silence(
            id=self.clock.new_id("sil"), kind=kind, match=Matcher(service=service, **match), starts=now, ends=now + timedelta(minutes=minutes),
            by="slack:U1", by_name="Ada", made_at=now,
        )  # fmt: skip
        await self.store.ledger.record(PolicySaved(KIND, silence.id, body_of(silence), now, 1))

    async def by_hand(self, service: str, move: str) -> None:
        alert = await self.one(service)
        moved = (
            acknowledged(alert, by="Ana", at=self.clock.now()) if move == "acknowledge" else resolved(alert, by="Ana", at=self.clock.now())
        )
        await self.store.ledger.record(AlertSaved(moved))


@pytest.fixture
def house() -> House:
    return House()


# --- one fingerprint's life


async def test_the_same_signal_twice_is_one_alert_with_one_card_and_changes_nothing(house: House) -> None:
    await house.take("payments")
    assert await house.take("payments", "payments") == []
    ((service, card),) = await house.cards()
    assert (service, card.wanted, (await house.one("payments")).revision) == ("payments", 1, 1)


async def test_two_of_a_kind_in_one_breath_are_one(house: House) -> None:
    await house.take("payments", "payments", "payments")
    assert len(await house.store.alerts.list()) == 1


async def test_over_is_never_held_whatever_held_the_beginning(house: House) -> None:
    await house.silence("payments", 60)
    await house.take("payments")
    await house.take("payments", firing=False)
    alert = await house.one("payments")
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "Signalbox")


async def test_a_higher_severity_is_told_a_lower_one_is_not_believed_before_it_is_over(house: House) -> None:
    await house.take("payments")
    await house.take("payments", severity=Severity.CRITICAL, because="All fail.")
    await house.take("payments", severity=Severity.LOW)
    alert = await house.one("payments")
    assert (alert.severity, alert.because, alert.revision) == (Severity.CRITICAL, "All fail.", 2)


async def test_it_comes_back_in_place_within_15_minutes_and_as_a_new_one_later(house: House) -> None:
    for _ in range(2):
        await house.take("payments")
        await house.pass_(60)
        await house.take("payments", firing=False)
        await house.pass_(60)
    assert [(alert.reopened, alert.because) for alert in await house.store.alerts.list()] == [(1, "3 checks failed.")]
    await house.pass_(3600)
    await house.take("payments")
    assert len(await house.store.alerts.list()) == 2


async def test_a_persons_resolve_holds_15_minutes_and_then_the_card_says_why_it_is_back(house: House) -> None:
    await house.take("payments")
    await house.by_hand("payments", "resolve")
    await house.pass_(14 * 60)
    assert await house.take("payments") == []
    await house.pass_(60)
    await house.take("payments")
    alert = await house.one("payments")
    assert (alert.state, alert.because) == (AlertState.FIRING, "It was resolved by hand, but the fault goes on. 3 checks failed.")


async def test_resolved_by_hand_and_then_really_well_it_comes_back_at_once(house: House) -> None:
    await house.take("payments")
    await house.by_hand("payments", "resolve")
    await house.take("payments", firing=False)
    await house.another().take([house.signal("payments")])  # a restart remembers that it was well
    alert = await house.one("payments")
    assert (alert.state, alert.because) == (AlertState.FIRING, "It came back within 15 minutes. 3 checks failed.")


async def test_what_its_sender_said_no_more_of_is_over_at_its_end_even_after_a_restart(house: House) -> None:
    end = house.clock.now() + timedelta(minutes=10)
    await house.take("payments", ends_at=end, source="alertmanager")
    await house.pass_(9 * 60)
    await house.take("payments", ends_at=house.clock.now() + timedelta(minutes=10), source="alertmanager")
    again = house.another()
    await house.pass_(9 * 60)
    await again.reconsider()
    assert (await house.one("payments")).open
    await house.pass_(2 * 60)
    await again.reconsider()
    assert (await house.one("payments")).because == "Its sender said until when, and has said nothing more."


# --- one outage is one message


async def test_what_needs_the_one_that_fails_joins_its_card_and_no_other_message_is_sent(house: House) -> None:
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout", "cart")
    lead = await house.one("payments")
    assert {(await house.one(name)).incident for name in ("checkout", "cart")} == {lead.id}
    ((_, card),) = await house.cards()
    assert (card.subject, card.wanted, lead.revision) == (lead.id, 2, 2)
    joined = (await house.one("cart")).trace
    assert [ruling.stage for ruling in joined] == ["group", "inhibit", "silence", "flap", "dedup", "route"]
    assert (joined[0].outcome, joined[1].outcome, joined[4].outcome) == ("joined", "joined", "joined")


async def test_unrelated_troubles_are_two_cards(house: House) -> None:
    await house.take("payments")
    await house.take("mail")
    assert sorted(service for service, _ in await house.cards()) == ["mail", "payments"]


async def test_what_the_sandbox_pretends_explains_nothing_real(house: House) -> None:
    await house.take("payments", sandbox=True)
    await house.take("checkout")
    assert (await house.one("checkout")).incident == ""


async def test_who_is_on_an_incident_is_on_what_joins_it_unless_that_is_worse(house: House) -> None:
    await house.take("payments")
    await house.by_hand("payments", "acknowledge")
    await house.pass_(10)
    await house.take("checkout")
    await house.take("cart", severity=Severity.CRITICAL)
    taken_on = await house.one("checkout")
    assert (taken_on.state, taken_on.acknowledged_by, taken_on.due_at) == (AlertState.ACKNOWLEDGED, "Ana", None)
    assert (await house.one("cart")).state is AlertState.FIRING


async def test_the_lease_outlives_the_member_that_carried_it(house: House) -> None:
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout")
    now = house.clock.now()
    lead, other = await house.one("payments"), await house.one("checkout")
    await house.store.ledger.record(
        AlertSaved(acknowledged(lead, by="Ana", at=now)), AlertSaved(untimed(acknowledged(other, by="Ana", at=now)))
    )
    due = (await house.one("payments")).due_at
    await house.take("payments", firing=False)
    assert due is not None
    assert (await house.one("checkout")).due_at == due


# --- held, and told when the reason is gone


async def test_what_is_silenced_is_an_alert_without_a_card_and_says_why(house: House) -> None:
    await house.silence("payments", 60)
    await house.take("payments")
    alert = await house.one("payments")
    assert "Silence for payments" in alert.quiet
    assert await house.cards() == []
    assert of_alert(alert) is None


async def test_when_the_window_is_over_and_it_still_fires_it_is_told_once(house: House) -> None:
    await house.silence("payments", 60, SilenceKind.MAINTENANCE)
    await house.take("payments")
    await house.alerting.reconsider()
    assert await house.cards() == []
    await house.pass_(60 * 60)
    await house.alerting.reconsider()
    await house.alerting.reconsider()
    ((_, card),) = await house.cards()
    alert = await house.one("payments")
    assert (alert.quiet, alert.revision, card.wanted) == ("", 2, 1)
    assert of_alert(alert) is not None


async def test_a_silence_up_to_a_severity_does_not_hold_what_gets_worse(house: House) -> None:
    await house.silence("payments", 60, severity="high")
    await house.take("payments")
    await house.take("payments", severity=Severity.CRITICAL)
    assert len(await house.cards()) == 1


async def test_maintenance_of_the_cause_holds_what_it_takes_along_but_a_silence_does_not(house: House) -> None:
    await house.silence("payments", 60, SilenceKind.MAINTENANCE)
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout")
    assert "It needs payments, which is worked on." in (await house.one("checkout")).quiet
    other = House()
    await other.silence("payments", 60)
    await other.take("payments")
    await other.pass_(10)
    await other.take("checkout")
    assert [service for service, _ in await other.cards()] == ["payments"], "the card of the incident is sent for the member"


async def test_behind_our_own_network_it_is_held_and_told_when_that_is_back(house: House) -> None:
    house.alerting.cut_off({("payments", "default"): "Held: 4 of 5 unrelated vendors began to fail."})
    await house.take("payments", "mail")
    await house.take("payments", rule="credential")
    assert [bool(alert.quiet) for alert in await house.store.alerts.list(service="payments")] == [False, True], (
        "a refused key is no matter of the network"
    )
    assert len(await house.cards()) == 2
    await house.another().reconsider()  # a process that does not watch the network cannot know that it is back
    assert len(await house.cards()) == 2
    house.alerting.cut_off({})
    await house.alerting.reconsider()
    assert all(not alert.quiet for alert in await house.store.alerts.list())


async def test_what_comes_and_goes_all_the_time_is_told_no_more_until_it_stays(house: House) -> None:
    for _ in range(5):
        await house.take("payments")
        await house.pass_(60)
        await house.take("payments", firing=False)
        await house.pass_(60)
    await house.another().take([house.signal("payments")])  # a restart does not forget how often it came
    assert "flapping" in (await house.one("payments")).quiet
    await house.pass_(3600)
    await house.alerting.reconsider()
    assert (await house.one("payments")).quiet == ""


async def test_a_route_says_where_and_others_go_the_usual_way(house: House) -> None:
    body: dict[str, Json] = {"service": "payments", "severity": "high", "to": ["discord:42"]}
    await house.store.ledger.record(PolicySaved("route", "rou_1", body, house.clock.now(), 1))
    await house.take("payments", "mail")
    assert sorted((service, card.to) for service, card in await house.cards()) == [("mail", OPS), ("payments", OTHER)]


async def test_a_policy_that_cannot_be_read_keeps_none_of_the_others_from_counting(house: House) -> None:
    await house.store.ledger.record(PolicySaved("route", "rou_1", {"to": 7}, house.clock.now(), 1))
    await house.take("payments")
    assert len(await house.cards()) == 1


# --- several at once


async def test_a_person_who_was_faster_is_read_again_and_judged_anew(house: House) -> None:
    await house.take("payments")
    store = house.store

    class Racing:
        """The ledger of a house in which a person acknowledges just before the monitor resolves."""

        def __init__(self) -> None:
            self.raced = False

        def listen(self, heard: Any) -> None:
            pass  # nothing tells this process what the other did

        async def record(self, *events: Event) -> None:
            if not self.raced:
                self.raced = True
                await house.by_hand("payments", "acknowledge")
            await inner.record(*events)

    inner = store.ledger
    alone = house.another()
    alone._store = _With(store, Racing())
    await alone.take([house.signal("payments", firing=False)])
    alert = await house.one("payments")
    assert (alert.state, alert.acknowledged_by, alert.revision) == (AlertState.RESOLVED, "Ana", 3)


class _With:
    """A store with another ledger."""

    def __init__(self, store: Store, ledger: Any) -> None:
        self._store, self.ledger = store, ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_what_was_received_before_is_refused_and_nothing_of_it_is_recorded(house: House) -> None:
    received = Received("hook:1", house.clock.now(), {})
    await house.alerting.take([house.signal("payments")], received)
    with pytest.raises(Conflict):
        await house.alerting.take([house.signal("mail")], received)
    assert [alert.service for alert in await house.store.alerts.list()] == ["payments"]
    await house.take("mail")
    assert len(await house.store.alerts.list()) == 2


async def test_when_storage_is_busy_nothing_is_remembered_that_was_not_recorded(house: House) -> None:
    class Busy:
        async def record(self, *events: Event) -> None:
            raise Transient("busy")

    alerting, real = house.alerting, house.alerting._store
    alerting._store = _With(house.store, Busy())
    with pytest.raises(Transient):
        await house.take("payments")
    alerting._store = real
    assert len(await house.take("payments")) == 1


@pytest.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[House]:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=StandingClock())
    yield House(store)
    await store.close()


async def test_people_and_the_house_at_the_same_moment_lose_nothing(on_disk: House) -> None:
    house = on_disk
    await house.take("payments", "mail", "search")

    async def person(service: str) -> None:
        for _ in range(20):
            try:
                await house.by_hand(service, "acknowledge")
            except Conflict:
                continue
            return

    await asyncio.gather(
        *(person(name) for name in ("payments", "mail", "search")),
        *(house.take(name, severity=Severity.CRITICAL) for name in ("payments", "mail", "search")),
    )
    alerts = await house.store.alerts.list()
    assert {(alert.state, alert.severity) for alert in alerts} == {(AlertState.ACKNOWLEDGED, Severity.CRITICAL)}


async def test_a_process_that_starts_knows_every_incident_as_it_was(house: House) -> None:
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout")
    before = await house.store.alerts.list()
    after = house.another()
    await after.take([house.signal("payments"), house.signal("checkout")])
    assert await house.store.alerts.list() == before
    await after.take([house.signal("cart")])
    assert (await house.one("cart")).incident == (await house.one("payments")).id


# --- bounds


async def test_a_bomb_of_labels_becomes_one_alert_that_counts_for_the_rest_and_ends_with_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_batch, "MOST_KINDS", 10)
    bomb = [house.signal("payments", labels={"pod": str(n)}, source="prom") for n in range(200)]
    await house.alerting.take(bomb)
    alerts = await house.store.alerts.list(limit=500)
    assert len(alerts) == 11
    assert any("further ones are counted here" in alert.message for alert in alerts)
    await house.alerting.take([replace(signal, firing=False) for signal in bomb])
    assert {alert.state for alert in await house.store.alerts.list(limit=500)} == {AlertState.RESOLVED}


async def test_a_megabyte_of_text_is_cut_and_a_number_that_is_none_is_nought(house: House) -> None:
    labels = {f"l{n:04}": "x" * 10_000 for n in range(5_000)}
    await house.take("payments", message="<!channel> " + "A" * 1_000_000, value=float("nan"), threshold=float("inf"), labels=labels)
    alert = await house.one("payments")
    assert (len(alert.message), len(alert.labels), alert.value, alert.threshold) == (LONGEST_TEXT, MOST_LABELS, 0.0, 0.0)
    assert len(alert.fingerprint) <= 300
    assert await house.take("payments", labels=labels) == []


async def test_an_end_that_is_older_than_the_beginning_is_no_end(house: House) -> None:
    early = house.signal("payments", firing=False)
    await house.pass_(60)
    await house.take("payments")
    await house.alerting.take([early])
    assert (await house.one("payments")).open


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_in_a_storm_every_signal_is_an_alert_and_none_is_lost(house: House, count: int) -> None:
    names = [f"s{n}" for n in range(300)]
    needs = Topology.of([(name, "s0") for name in names[1:]])
    alerting = Alerting(house.store, house.clock, addresses=lambda: [OPS], topology=lambda: needs)
    for at in range(0, count, 250):
        burst = [house.signal(names[(at + n) % 300], labels={"kind": str((at + n) // 300)}, source="prom") for n in range(250)]
        await alerting.take(burst)
    found = await house.store.alerts.list(limit=20_000)
    assert (len(found), sum(alert.open for alert in found)) == (count, count)
    assert len(await house.cards()) == 1, "all of them need what failed first"


async def test_what_a_moment_changed_is_one_revision(house: House) -> None:
    await house.alerting.take([house.signal("payments"), house.signal("payments", severity=Severity.CRITICAL)])
    assert (await house.one("payments")).revision == 1
    assert changed(await house.one("payments")).revision == 2


async def test_a_storm_is_told_by_one_card_and_is_over_when_all_of_it_is(house: House) -> None:
    names = [f"svc{number}" for number in range(40)]
    for name in names:
        await house.take(name)
        await house.pass_(0.5)
    leads = {posting.subject for _, posting in await house.cards()}
    assert len(leads) == storm.MOST + 1
    (storming,) = await house.store.alerts.list(service="signalbox")
    members = await house.store.alerts.of_incident(storming.id)
    assert {one.service for one in members} == {*names[storm.MOST :], "signalbox"}
    assert any(one.trace[0].because.startswith("A storm") for one in members)
    for name in names:
        await house.take(name, firing=False)
    assert (await house.store.alerts.list(service="signalbox"))[0].state is AlertState.RESOLVED
    assert not await house.store.alerts.list(states=[AlertState.FIRING], limit=100)


async def test_after_a_storm_what_begins_has_a_card_of_its_own_again(house: House) -> None:
    for number in range(10):
        await house.take(f"svc{number}")
    await house.pass_(storm.CALM.total_seconds() + 1)
    await house.take("late")
    assert (await house.one("late")).incident == ""


async def test_a_storm_that_lasts_over_a_restart_goes_on_in_its_card(house: House) -> None:
    for number in range(10):
        await house.take(f"svc{number}")
    house.alerting = house.another()
    await house.take("after the restart")
    (storming,) = await house.store.alerts.list(service="signalbox")
    assert (await house.one("after the restart")).incident == storming.id


async def test_what_comes_side_by_side_shares_a_transaction_and_one_bad_part_spoils_nothing_for_the_others(on_disk: House) -> None:
    house = on_disk
    known = Received("hook:known", house.clock.now(), {})
    await house.store.ledger.record(known)
    takes = [house.alerting.take([house.signal(f"s{n}", rule="manual")], *((known,) if n == 7 else ())) for n in range(20)]
    outcomes = await asyncio.gather(*takes, return_exceptions=True)
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Conflict)] == [7]
    assert {alert.service for alert in await house.store.alerts.list()} == {f"s{n}" for n in range(20)} - {"s7"}
    assert [outcome[0].service for outcome in outcomes if isinstance(outcome, tuple)] == [f"s{n}" for n in range(20) if n != 7]


async def test_who_gives_up_waiting_takes_nobody_elses_answer_along(on_disk: House) -> None:
    house = on_disk
    first, second = (asyncio.create_task(house.take(name)) for name in ("payments", "mail"))
    await asyncio.sleep(0)
    first.cancel()
    assert [alert.service for alert in await second] == ["mail"]


async def test_two_processes_that_hear_of_the_same_trouble_at_once_make_one_alert_of_it(on_disk: House) -> None:
    house = on_disk
    one, other = (Alerting(house.store, house.clock, addresses=lambda: [OPS], shared=True) for _ in range(2))
    for _ in range(3):
        signals = [house.signal(name) for name in ("payments", "mail")]
        await asyncio.gather(one.take(signals), other.take(signals))
        assert len(await house.store.alerts.list(states=(AlertState.FIRING,))) == 2
        await one.take([replace(signal, firing=False, at=house.clock.now()) for signal in signals])
        await house.pass_(3600)
    assert len(await house.store.alerts.list()) == 6


async def test_a_process_that_only_heard_of_the_coming_and_going_does_not_tell_what_flaps(house: House) -> None:
    listening = house.another()
    await listening.reconsider()
    for _ in range(5):
        await house.take("payments")
        await house.pass_(60)
        await house.take("payments", firing=False)
        await house.pass_(60)
    await house.take("payments")
    assert "flapping" in (await house.one("payments")).quiet
    await listening.reconsider()
    assert "flapping" in (await house.one("payments")).quiet


async def test_a_second_trouble_of_what_is_still_down_joins_its_incident_however_long_that_lasts(house: House) -> None:
    (first,) = await house.take("payments")
    await house.pass_(3 * 3600)
    later = {alert.rule: alert for alert in await house.take("payments", rule="credential")}
    assert later["credential"].incident == first.id
