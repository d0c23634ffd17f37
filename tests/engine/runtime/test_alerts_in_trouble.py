"""Alerts when everything happens at once: a signal that breaks, words that cross a read, clocks that go back, and people who insist."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState, Severity, changed, reopened, resolved
from engine.monitoring.life import insisted
from engine.parties import SYSTEM
from engine.runtime.alert_book import AlertBook
from engine.runtime.house_news import of_alert, of_anomaly
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock
from tests.engine.commands.hall import an_alert
from tests.engine.runtime.test_alerts import House


@pytest.fixture
def house() -> House:
    return House()


async def test_what_breaks_while_it_is_judged_takes_no_other_alert_along(house: House) -> None:
    """What was judged beside it is not in the book as if it were stored: the same signal would be “known” and never told."""
    broken = replace(house.signal("search"), value="many")  # type: ignore[arg-type]
    good, bad = await asyncio.gather(house.alerting.take([house.signal("payments")]), house.alerting.take([broken]), return_exceptions=True)
    assert isinstance(bad, TypeError)
    assert not isinstance(good, BaseException)
    assert [alert.service for alert in good] == ["payments"]
    assert (await house.one("payments")).state is AlertState.FIRING


class CrossedStore(MemoryStore):
    """Another process, or a person, is at work while an alert is read."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[object] = []
        get, listed = self.alerts.get, self.alerts.list

        async def crossed(alert_id: str) -> Alert | None:
            found = await get(alert_id)
            await self._cross()
            return found

        async def crossed_list(**asked: object) -> list[Alert]:
            found = await listed(**asked)  # type: ignore[arg-type]
            await self._cross()
            return found

        self.alerts.get, self.alerts.list = crossed, crossed_list  # type: ignore[method-assign]

    async def _cross(self) -> None:
        while self.meanwhile:
            await self.meanwhile.pop()()  # type: ignore[operator]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("here", [True, False])
async def test_a_word_that_comes_while_the_book_is_read_is_not_lost(whole: bool, here: bool) -> None:
    store, clock = CrossedStore(), StandingClock()
    book, alert = AlertBook(store.alerts), an_alert("alr_1", "github", clock.now())
    await store.ledger.record(AlertSaved(alert))
    if not whole:
        await book.refresh(clock.now())
        book.doubt(alert.id)
    later = resolved(alert, by="Ada", at=clock.now())

    async def pressed() -> None:
        await store.ledger.record(AlertSaved(later))
        book.put(later) if here else book.doubt(later.id)

    store.meanwhile.append(pressed)
    await book.refresh(clock.now())
    await book.refresh(clock.now())
    assert book.get(alert.id) == later
    assert not book.any_open(alert.id)


async def test_everything_in_doubt_while_everything_is_read_is_read_again() -> None:
    store, clock = CrossedStore(), StandingClock()
    book, alert = AlertBook(store.alerts), an_alert("alr_1", "github", clock.now())
    await store.ledger.record(AlertSaved(alert))
    later = resolved(alert, by="Ada", at=clock.now())

    async def elsewhere() -> None:
        await store.ledger.record(AlertSaved(later))
        book.doubt()

    store.meanwhile.append(elsewhere)
    assert await book.refresh(clock.now())
    await book.refresh(clock.now())
    assert book.get(alert.id) == later


async def test_a_person_who_raises_again_what_was_just_resolved_is_believed(house: House) -> None:
    said = {"rule": "manual", "source": "person"}
    await house.take("payments", **said)
    await house.by_hand("payments", "resolve")
    await house.pass_(60)
    (alert,) = await house.take("payments", **said)
    assert (alert.state, alert.reopened) == (AlertState.FIRING, 1)
    await house.by_hand("payments", "resolve")
    await house.pass_(3600)
    (alert,) = await house.take("payments", **said)
    assert (alert.state, alert.reopened, len(await house.store.alerts.list())) == (AlertState.FIRING, 0, 2)


async def _insisted(house: House) -> Alert:
    await house.take("payments")
    await house.take("payments", firing=False)
    again = reopened(await house.one("payments"), at=house.clock.now(), because="Ada says so.")
    await house.store.ledger.record(AlertSaved(insisted(again, "Ada says so.", house.clock.now())))
    return again


async def test_a_persons_not_over_holds_15_minutes_from_when_it_was_said_whatever_is_changed_since(house: House) -> None:
    await _insisted(house)
    await house.pass_(14 * 60)
    noted = changed(await house.one("payments"), note="still broken", updated_at=house.clock.now())
    await house.store.ledger.record(AlertSaved(noted))
    await house.pass_(61)
    await house.take("payments", firing=False)
    assert (await house.one("payments")).resolved_by == SYSTEM.name


async def test_an_end_that_comes_once_while_a_person_insists_counts_when_the_15_minutes_are_over(house: House) -> None:
    await _insisted(house)
    await house.pass_(60)
    await house.take("payments", firing=False)
    assert await house.take("payments", firing=False) == []
    await house.pass_(13 * 60)
    await house.alerting.reconsider()
    assert (await house.one("payments")).open
    await house.pass_(61)
    await house.alerting.reconsider()
    alert = await house.one("payments")
    assert (alert.resolved_by, alert.because) == (SYSTEM.name, "It was over before; a person's word that it is not held for 15 minutes.")


async def test_what_fires_again_while_a_person_insists_goes_on(house: House) -> None:
    await _insisted(house)
    await house.take("payments", firing=False)
    await house.take("payments")
    await house.pass_(16 * 60)
    await house.alerting.reconsider()
    assert (await house.one("payments")).open


async def test_a_clock_that_was_set_back_keeps_no_alert_open(house: House) -> None:
    await house.take("payments")
    await house.clock.pass_(-7200)
    await house.take("payments", firing=False)
    assert (await house.one("payments")).state is AlertState.RESOLVED


async def test_who_is_on_an_incident_is_on_what_comes_back_to_it(house: House) -> None:
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout")
    await house.by_hand("payments", "acknowledge")
    await house.take("checkout", firing=False)
    await house.pass_(60)
    await house.take("checkout")
    back = await house.one("checkout")
    assert (back.reopened, back.state, back.acknowledged_by) == (1, AlertState.ACKNOWLEDGED, "Ana")


async def test_what_could_be_told_nowhere_is_told_as_soon_as_there_is_a_place(house: House) -> None:
    places, house.to = house.to, []
    await house.take("payments")
    await house.alerting.reconsider()
    assert ((await house.one("payments")).revision, await house.cards()) == (1, [])
    house.to = places
    house.alerting = house.another()
    for _ in range(2):
        await house.alerting.reconsider()
    ((service, card),) = await house.cards()
    assert (service, card.to, (await house.one("payments")).revision) == ("payments", places[0], 2)
    assert "There was no place to tell it, and now there is." in [row.detail for row in await house.store.audit.list()]


async def test_of_an_incident_whose_ladder_is_through_nobody_is_called_again_when_its_members_end_one_by_one(house: House) -> None:
    await house.take("payments")
    await house.pass_(10)
    await house.take("checkout", "cart")
    through = changed(await house.one("payments"), policy="all", level=3)
    await house.store.ledger.record(AlertSaved(through))
    await house.take("payments", firing=False)
    await house.take((await _open(house))[0].service, firing=False)
    (last,) = await _open(house)
    assert (last.policy, last.level, last.escalate_at) == ("all", 3, None)


async def _open(house: House) -> list[Alert]:
    return [alert for alert in await house.store.alerts.of_incident((await house.one("payments")).id) if alert.open]


async def test_what_joins_an_incident_that_somebody_is_on_is_news_to_workflows_and_their_taking_it_is_none(house: House) -> None:
    await house.take("payments")
    await house.pass_(5)
    await house.by_hand("payments", "acknowledge")
    assert of_alert(await house.one("payments")) is None
    await house.pass_(5)
    await house.take("checkout")
    joined = await house.one("checkout")
    assert joined.state is AlertState.ACKNOWLEDGED
    news, anomaly = of_alert(joined), of_anomaly(joined)
    assert news is not None
    assert anomaly is not None
    assert (news.id, news.event) == (f"{joined.id}:0", "alert_opened")


async def test_a_person_who_reopens_what_its_sender_let_run_out_is_believed_for_15_minutes(house: House) -> None:
    await house.take("payments", ends_at=house.clock.now() + timedelta(minutes=5))
    await house.pass_(301)
    await house.alerting.reconsider()
    again = reopened(await house.one("payments"), at=house.clock.now(), because="Ada says so.")
    await house.store.ledger.record(AlertSaved(insisted(again, "Ada says so.", house.clock.now())))
    await house.pass_(14 * 60)
    await house.alerting.reconsider()
    assert (await house.one("payments")).open
    await house.pass_(61)
    await house.alerting.reconsider()
    assert not (await house.one("payments")).open


async def test_what_becomes_critical_in_somebodys_hands_is_asked_about_as_soon_as_what_is_critical(house: House) -> None:
    await house.take("payments", severity=Severity.MEDIUM)
    await house.pass_(5)
    await house.take("checkout", severity=Severity.MEDIUM)
    await house.by_hand("payments", "acknowledge")
    await house.take("checkout", severity=Severity.CRITICAL)
    lead = await house.one("payments")
    assert (lead.state, lead.remind_at, lead.relapse_at, lead.due_at) == (
        AlertState.ACKNOWLEDGED,
        house.clock.now() + timedelta(minutes=30),
        house.clock.now() + timedelta(hours=1),
        house.clock.now() + timedelta(minutes=30),
    )


async def test_names_that_somebody_thinks_of_for_ever_do_not_fill_the_book() -> None:
    store, clock = MemoryStore(), StandingClock()
    book = AlertBook(store.alerts)
    for number in range(50):
        book.put(an_alert(f"alr_{number}", "github", clock.now(), account=f"a{number}", rule=f"r{number}"))
        book.put(
            resolved(an_alert(f"alr_{number}", "github", clock.now(), account=f"a{number}", rule=f"r{number}"), by="Ada", at=clock.now())
        )
    book.prune(clock.now() + timedelta(days=2))
    assert not any(getattr(book, name) for name in ("_kinds", "_accounts", "_known", "_latest", "_incidents", "_open_in", "_firing"))


async def test_a_silence_that_cannot_be_read_holds_nothing_and_breaks_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await house.silence("payments", 60, severity="loud")
    (alert,) = await house.take("payments")
    assert (alert.quiet, "cannot be read" in caplog.text or "left out" in caplog.text) == ("", True)
