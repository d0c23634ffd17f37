"""The keeper: who took an alert is asked, who is on call is called, each once, whatever dies in between."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.commands.alerting import untimed
from engine.errors import Conflict, Transient
from engine.events import AlertSaved, Elsewhere, Event, PolicySaved, Posting, PostingSettled, PostingWanted
from engine.monitoring import escalation, oncall
from engine.monitoring.alert import Alert, AlertState, acknowledged, kept, reopened, resolved, snoozed, unacknowledged
from engine.monitoring.escalation import EscalationPolicy, Kind, Level, Target
from engine.monitoring.keeping import woken
from engine.monitoring.oncall import Member, Override, Rota
from engine.parties import Address, MessageRef
from engine.runtime.keeper import Keeper
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.engine.clock import NOON, StandingClock, settled
from tests.engine.commands.hall import an_alert

OPS = Address("slack", "C1")
THREAD = Address("slack", "C1", "1.5")
ADA, BOB = Member("slack:U1", "Ada"), Member("slack:U2", "Bob")
ROTA = Rota(id="ops", name="ops", members=(ADA, BOB), start=date(2026, 3, 2), at=time(9), zone="UTC")
LADDER = EscalationPolicy(
    id="critical",
    levels=(
        Level(0, (Target(Kind.ROTA, "ops", "ops"),)),
        Level(600, (Target(Kind.PERSON, "slack:U2", "Bob"), Target(Kind.GROUP, "slack:S9", "leads"))),
        Level(1200, (Target(Kind.CHANNEL, "discord:#war", "#war"),)),
    ),
)


class House:
    """A store with one alert whose card stands, and a keeper that may die."""

    def __init__(self) -> None:
        self.clock, self.store = StandingClock(), MemoryStore()
        self.keeper = self.another()

    def another(self) -> Keeper:
        return Keeper(self.store, self.clock, addresses=lambda: [OPS])

    async def record(self, *events: Event) -> None:
        await self.store.ledger.record(*events)

    async def rota(self, rota: Rota = ROTA) -> None:
        await self.record(PolicySaved(oncall.KIND, rota.id, oncall.body_of(rota), self.clock.now(), rota.revision))

    async def ladder(self, policy: EscalationPolicy = LADDER) -> None:
        await self.record(PolicySaved(escalation.KIND, policy.id, escalation.body_of(policy), self.clock.now(), policy.revision))

    async def alerted(self, id: str = "alr_1", *, stands: bool = True, **changes: object) -> Alert:
        alert = an_alert(id, "github", self.clock.now(), **changes)
        await self.record(AlertSaved(alert), *([] if alert.incident else [PostingWanted(alert.id, "alert", OPS)]))
        if stands and not alert.incident:
            (posting,) = await self.store.postings.of(id)
            await self.record(PostingSettled(posting.id, MessageRef("slack", "C1", "1.5"), posting.wanted))
        return alert

    async def now(self, id: str = "alr_1") -> Alert:
        alert = await self.store.alerts.get(id)
        assert alert is not None
        return alert

    async def taken(self, id: str = "alr_1", **more: object) -> Alert:
        alert = acknowledged(await self.now(id), by="Ada", actor="slack:U1", at=self.clock.now())
        await self.record(AlertSaved(alert))
        return alert

    async def calls(self) -> list[Posting]:
        return sorted(
            [one for one in await self.store.postings.due(self.clock.now() + timedelta(days=400), limit=500) if one.kind == "call"],
            key=lambda one: one.id,
        )

    async def said(self) -> list[tuple[str, list[str], str]]:
        """(deed, who is pinged, where) of every call so far."""
        return [(str(one.payload["deed"]), [str(who["name"]) for who in one.payload["ping"]], str(one.to)) for one in await self.calls()]  # type: ignore[index, union-attr, call-overload]

    async def pass_(self, **time_: float) -> None:
        await self.clock.pass_(timedelta(**time_).total_seconds())
        await self.keeper.tick()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.keeper.stop()


async def test_a_fresh_house_calls_nobody(house: House) -> None:
    alert = await house.alerted()
    await house.pass_(hours=5)
    assert await house.now() == alert
    assert await house.said() == []


async def test_whoever_took_it_is_asked_in_the_cards_thread_and_at_the_double_time_it_fires_again(house: House) -> None:
    await house.alerted()
    await house.taken()
    await house.pass_(minutes=29)
    assert await house.said() == []
    await house.pass_(minutes=1)
    assert await house.said() == [("remind", ["Ada"], str(THREAD))]
    await house.pass_(minutes=29)
    assert len(await house.said()) == 1
    await house.pass_(minutes=1)
    alert = await house.now()
    assert (alert.state, alert.acknowledged_by, alert.level) == (AlertState.FIRING, "", 0)
    assert alert.because == "Firing again: Ada acknowledged it at 12:00 UTC and did not say that they are still on it."
    assert (await house.said())[1:] == [("relapse", ["Ada"], str(THREAD))]
    assert [row.verb for row in await house.store.audit.list(subject="alr_1")] == ["relapse_alert", "remind_alert"]


async def test_who_says_that_they_are_still_on_it_is_asked_again_after_the_same_time(house: House) -> None:
    await house.alerted()
    await house.taken()
    await house.pass_(minutes=30)
    await house.record(AlertSaved(kept(await house.now(), at=house.clock.now())))
    await house.pass_(minutes=29)
    assert len(await house.said()) == 1
    await house.pass_(minutes=1)
    assert [deed for deed, _, _ in await house.said()] == ["remind", "remind"]


async def test_of_an_incident_the_holder_is_asked_once_and_everything_fires_again_together(house: House) -> None:
    await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    await house.taken()
    await house.taken("alr_2")
    await house.pass_(minutes=30)
    assert len(await house.said()) == 1
    await house.pass_(minutes=30)
    assert {(await house.now(id)).state for id in ("alr_1", "alr_2")} == {AlertState.FIRING}
    assert [deed for deed, _, _ in await house.said()] == ["remind", "relapse"]


async def test_the_levels_are_called_one_after_the_other_each_once(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.pass_(seconds=1)
    assert await house.said() == [("call", ["Ada"], str(THREAD))]
    for _ in range(5):
        await house.keeper.tick()
    await house.pass_(minutes=9, seconds=58)
    assert len(await house.said()) == 1
    await house.pass_(seconds=2)
    assert (await house.said())[1] == ("call", ["Bob", "leads"], str(THREAD))
    await house.pass_(minutes=10)
    assert (await house.said())[2] == ("call", [], "discord:#war")
    await house.pass_(hours=10)
    assert len(await house.said()) == 3
    alert = await house.now()
    assert (alert.level, alert.escalate_at, alert.policy) == (3, None, "critical")
    assert [ruling.because for ruling in alert.trace] == [
        "Level 1 at 2026-03-04 12:00 UTC: Ada (rota ops).",
        "Level 2 at 2026-03-04 12:10 UTC: @Bob and @leads.",
        "Level 3 at 2026-03-04 12:20 UTC: #war.",
    ]


async def test_a_call_to_a_channel_goes_there(house: House) -> None:
    await house.ladder(EscalationPolicy(id="all", levels=(Level(60, (Target(Kind.CHANNEL, "discord:#war", "#war"),)),)))
    await house.alerted()
    await house.pass_(seconds=1)
    assert await house.said() == []
    assert (await house.now()).escalate_at == NOON + timedelta(seconds=61)
    await house.pass_(seconds=60)
    assert await house.said() == [("call", [], "discord:#war")]


@pytest.mark.parametrize("end", ["acknowledge", "resolve", "snooze"])
async def test_who_takes_it_ends_it_or_puts_it_off_stops_the_calls(house: House, end: str) -> None:
    await house.ladder(replace(LADDER, levels=LADDER.levels[1:]))
    await house.alerted()
    await house.pass_(seconds=1)
    moves = {
        "acknowledge": partial(acknowledged, by="Ada", at=house.clock.now()),
        "resolve": partial(resolved, by="Ada", at=house.clock.now()),
        "snooze": partial(snoozed, until=NOON + timedelta(days=3), by="slack:U1", at=house.clock.now()),
    }
    await house.record(AlertSaved(moves[end](await house.now())))
    await house.pass_(minutes=20)
    assert not [deed for deed, _, _ in await house.said() if deed == "call"]


async def test_when_a_snooze_ends_whoever_snoozed_is_told_and_the_calls_begin_anew(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.pass_(seconds=1)
    await house.record(AlertSaved(snoozed(await house.now(), until=NOON + timedelta(hours=1), by="slack:U2", at=house.clock.now())))
    await house.pass_(minutes=59)
    assert len(await house.said()) == 1
    await house.pass_(minutes=1)
    assert (await house.said())[1:] == [("wake", ["U2"], str(THREAD)), ("call", ["Ada"], str(THREAD))]
    assert ((await house.now()).snoozed_until, (await house.now()).level) == (None, 1)


async def test_a_snooze_of_what_somebody_has_gives_the_lease_back(house: House) -> None:
    await house.alerted()
    await house.record(AlertSaved(snoozed(await house.taken(), until=NOON + timedelta(hours=3), by="slack:U1", at=NOON)))
    await house.pass_(hours=3)
    alert = await house.now()
    assert (alert.state, alert.remind_at) == (AlertState.ACKNOWLEDGED, NOON + timedelta(hours=3, minutes=30))


async def test_somebody_of_another_platform_is_written_to_directly(house: House) -> None:
    await house.ladder(EscalationPolicy(id="all", levels=(Level(0, (Target(Kind.PERSON, "discord:7", "Eve"),)),)))
    await house.alerted()
    await house.pass_(seconds=1)
    assert await house.said() == [("call", ["Eve"], "discord:@7")]


async def test_where_nobody_can_be_reached_it_is_said_beside_the_card(house: House) -> None:
    await house.ladder(EscalationPolicy(id="all", levels=(Level(0, (Target(Kind.ROTA, "gone", "gone"),)),)))
    await house.alerted()
    await house.pass_(seconds=1)
    (call,) = await house.calls()
    assert (str(call.to), call.payload["called"]) == (str(THREAD), "rota gone, which is not there any more")


async def test_what_nobody_was_told_of_calls_nobody_until_it_is_told(house: House) -> None:
    await house.rota()
    await house.ladder()
    alert = await house.alerted(quiet="maintenance")
    await house.pass_(minutes=30)
    assert await house.said() == []
    await house.record(AlertSaved(replace(await house.now(), revision=alert.revision + 1, quiet="")))
    await house.pass_(seconds=1)
    assert len(await house.said()) == 1


async def test_where_the_leader_is_over_the_calls_go_on_for_what_remains(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(seconds=1)
    await house.record(AlertSaved(resolved(await house.now(), by="Signalbox", at=house.clock.now())))
    await house.pass_(minutes=10)
    assert [(deed, names) for deed, names, _ in await house.said()] == [("call", ["Ada"]), ("call", ["Bob", "leads"])]


async def test_where_the_leader_is_over_whoever_has_the_rest_keeps_their_lease(house: House) -> None:
    await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    await house.taken()
    await house.record(AlertSaved(untimed(acknowledged(await house.now("alr_2"), by="Ada", actor="slack:U1", at=NOON))))
    await house.pass_(minutes=10)
    await house.record(AlertSaved(resolved(await house.now(), by="Signalbox", at=house.clock.now())))
    house.keeper = house.another()
    await house.keeper.start()
    await house.pass_(minutes=20)
    assert await house.said() == [("remind", ["Ada"], str(THREAD))]
    await house.pass_(minutes=30)
    assert (await house.now("alr_2")).state is AlertState.FIRING


async def test_where_the_leader_is_over_the_rest_stays_snoozed(house: House) -> None:
    await house.rota()
    await house.ladder()
    lead = await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    sleeping = snoozed(lead, until=NOON + timedelta(hours=1), by="slack:U1", at=NOON)
    await house.record(AlertSaved(sleeping), AlertSaved(resolved(replace(sleeping, revision=2), by="Signalbox", at=NOON)))
    await house.pass_(minutes=1)
    assert await house.said() == []
    await house.pass_(minutes=60)
    assert [deed for deed, _, _ in await house.said()] == ["wake", "call"]


async def test_trouble_with_the_storage_leaves_nobody_out(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    of_incident = house.store.alerts.of_incident

    async def busy(leader: str) -> list[Alert]:
        raise Transient("busy")

    house.store.alerts.of_incident = busy  # type: ignore[method-assign]
    await house.pass_(seconds=1)
    assert await house.said() == []
    house.store.alerts.of_incident = of_incident  # type: ignore[method-assign]
    await house.pass_(seconds=1)
    assert len(await house.said()) == 1


async def test_two_keepers_on_one_database_call_once(tmp_path: Path) -> None:
    clock = StandingClock()
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'k.db'}", secret_key="k" * 43, clock=clock)
    try:
        house = House()
        house.clock, house.store = clock, store  # type: ignore[assignment]
        await house.rota()
        await house.ladder()
        await house.alerted()
        both = (house.another(), house.another())
        for _ in range(30):
            await clock.pass_(60)
            await asyncio.gather(*(keeper.tick() for keeper in both))
        assert [(deed, names) for deed, names, _ in await house.said()] == [("call", ["Ada"]), ("call", ["Bob", "leads"]), ("call", [])]
        alert = await house.now()
        assert (alert.level, len(alert.trace)) == (3, 3)
    finally:
        await store.close()


@pytest.mark.parametrize("dies", range(1, 9))
async def test_a_death_at_any_point_neither_repeats_nor_leaves_out(house: House, dies: int) -> None:
    """The ledger refuses the ``dies``-th batch as if the process had died before it was committed; another keeper takes over each hour."""
    await house.rota()
    await house.ladder()
    await house.alerted()
    count, record = 0, house.store.ledger.record

    async def recorded(*events: Event) -> None:
        nonlocal count
        count += 1
        if count == dies:
            raise Transient("cut off")
        await record(*events)

    house.store.ledger.record = recorded  # type: ignore[method-assign]
    for minute in range(40):
        if minute % 3 == 0:
            house.keeper = house.another()
        if minute == 15:
            await record(AlertSaved(acknowledged(await house.now(), by="Ada", actor="slack:U1", at=house.clock.now())))
        await house.pass_(minutes=1)
        await house.keeper.tick()
    assert [(deed, names) for deed, names, _ in await house.said()] == [("call", ["Ada"]), ("call", ["Bob", "leads"])]
    await house.pass_(minutes=30)
    await house.keeper.tick()
    assert [deed for deed, _, _ in await house.said()][2:3] == ["remind"]
    assert len({one.subject for one in await house.calls()}) == len(await house.calls())


DEEDS = st.lists(
    st.tuples(st.sampled_from(["ack", "keep", "unack", "snooze", "wake", "resolve", "reopen", "restart", "wait"]), st.integers(1, 90)),
    max_size=12,
)


@settings(max_examples=40)
@given(DEEDS)
@example([("snooze", 1), ("ack", 30)])  # the lease of what was taken while it was put off ends within the snooze
async def test_whatever_people_do_nobody_is_called_for_what_somebody_has_and_nothing_is_said_twice(deeds: list[tuple[str, int]]) -> None:
    house = House()
    await house.rota()
    await house.ladder()
    await house.alerted()
    for deed, minutes in deeds:
        before, at, alert = await house.said(), house.clock.now(), await house.now()
        moves: dict[str, Callable[[], Alert]] = {
            "ack": lambda: acknowledged(alert, by="Ada", actor="slack:U1", at=at),  # noqa: B023
            "keep": lambda: kept(alert, at=at),  # noqa: B023
            "unack": lambda: unacknowledged(alert, at=at, because="no"),  # noqa: B023
            "snooze": lambda: snoozed(alert, until=at + timedelta(minutes=45), by="slack:U2", at=at),  # noqa: B023
            "wake": lambda: woken(alert, at),  # noqa: B023
            "resolve": lambda: resolved(alert, by="Ada", at=at),  # noqa: B023
            "reopen": lambda: reopened(alert, at=at, because="no"),  # noqa: B023
        }
        if deed == "restart":
            house.keeper = house.another()
        elif deed in moves and (deed != "wake" or alert.snoozed_until):
            with contextlib.suppress(Conflict):
                await house.record(AlertSaved(moves[deed]()))
        quiet = await house.now()
        await house.pass_(minutes=minutes)
        new = [deed for deed, _, _ in (await house.said())[len(before) :]]
        times = [one for one in (quiet.remind_at, quiet.relapse_at, quiet.snoozed_until, quiet.escalate_at) if one is not None]
        if not quiet.open:
            assert new == []
        elif quiet.state is AlertState.ACKNOWLEDGED or quiet.snoozed_until is not None:
            assert "call" not in new or any(one <= house.clock.now() for one in times)
        for _ in range(2):
            await house.keeper.tick()
        after = await house.now()
        assert after.level <= len(LADDER.levels)
        assert after.due_at is None or after.due_at > house.clock.now()
    subjects = [one.subject for one in await house.calls()]
    assert len(subjects) == len(set(subjects))


async def test_messages_that_called_somebody_say_what_came_of_it(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.pass_(seconds=1)
    (call,) = await house.calls()
    await house.record(PostingSettled(call.id, MessageRef("slack", "C1", "1.6", "1.5"), call.wanted))
    await house.taken()
    await house.keeper.tick()
    (again,) = await house.calls()
    assert (again.id, again.wanted) == (call.id, call.wanted + 1)
    await house.keeper.tick()
    assert (await house.calls())[0].wanted == call.wanted + 1


async def test_word_from_another_process_about_a_member_is_about_its_incident(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.alerted("alr_2", incident="alr_1")
    await house.pass_(seconds=1)
    (call,) = await house.calls()
    await house.record(PostingSettled(call.id, MessageRef("slack", "C1", "1.6", "1.5"), call.wanted))
    other = house.another()  # hears nothing of what follows but the word of it
    await house.taken()
    other._stale.clear()
    other._heard([Elsewhere("alert", "alr_2")])
    await other.tick()
    (again,) = await house.calls()
    assert again.wanted == call.wanted + 1


# --- who is on call


async def handed(house: House) -> list[tuple[str, str, str]]:
    found = [one for one in await house.store.postings.due(house.clock.now(), limit=500) if one.kind == "handover"]
    return [(str(one.payload["leaves"]["name"]), str(one.payload["starts"]["name"]), str(one.to)) for one in found]  # type: ignore[index, call-overload]


async def test_each_change_of_shift_is_posted_once_over_every_restart(house: House) -> None:
    await house.rota()
    await house.alerted()
    await house.pass_(seconds=1)
    assert await handed(house) == []  # nobody takes over from nobody
    await house.pass_(days=4, hours=20, minutes=59)
    assert await handed(house) == []
    for _ in range(3):
        house.keeper = house.another()
        await house.pass_(minutes=1)
    assert await handed(house) == [("Ada", "Bob", str(OPS))]
    posting = next(one for one in await house.store.postings.due(house.clock.now(), limit=500) if one.kind == "handover")
    assert posting.payload["open"] == 1
    await house.pass_(days=7)
    assert [(leaves, starts) for leaves, starts, _ in await handed(house)] == [("Ada", "Bob"), ("Bob", "Ada")]
    assert [row.detail for row in await house.store.audit.list(subject="rota_ops")] == ["Bob to Ada", "Ada to Bob"]


async def test_somebody_who_takes_over_is_told_at_once_and_so_is_their_end(house: House) -> None:
    await house.rota()
    await house.pass_(seconds=1)
    await house.rota(oncall.overridden(ROTA, Override(house.clock.now(), house.clock.now() + timedelta(hours=2), BOB), house.clock.now()))
    await house.pass_(seconds=1)
    await house.pass_(hours=2)
    assert [(leaves, starts) for leaves, starts, _ in await handed(house)] == [("Ada", "Bob"), ("Bob", "Ada")]


async def test_a_rota_that_cannot_be_read_keeps_none_of_the_others_from_counting(house: House) -> None:
    await house.record(PolicySaved(oncall.KIND, "bad", {"name": 1}, house.clock.now(), 1))
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.pass_(seconds=1)
    assert len(await house.said()) == 1


async def test_who_is_to_be_called_at_once_is_called_before_the_next_beat(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.keeper.start()
    await settled()
    await house.alerted(stands=False)
    await settled(100)
    assert len(await house.said()) == 1
    (card,) = await house.store.postings.of("alr_1")
    assert card.ref is None  # so it is drawn with the call on it
    for _ in range(3):
        await house.clock.pass_(1)
    assert len(await house.said()) == 1


async def test_started_it_looks_by_itself_and_stopped_it_does_not(house: House) -> None:
    await house.rota()
    await house.ladder()
    await house.alerted()
    await house.keeper.start()
    await settled()
    assert len(await house.said()) == 1
    await house.keeper.stop()
    await house.clock.pass_(3600)
    assert len(await house.said()) == 1
