"""What people do with an alert besides taking and resolving it: snooze, wake, take back, reopen, note, keep, escalate."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from engine.commands.command import AlertShown, Asked, Outcome
from engine.commands.moments import clock, moment
from engine.commands.registry import from_arguments
from engine.errors import Conflict, Forbidden, NotFound, Rejected, SignalboxError
from engine.events import AlertSaved, PolicySaved, Posting
from engine.monitoring import escalation, oncall
from engine.monitoring.alert import AlertState, Severity, resolved
from engine.monitoring.escalation import EscalationPolicy, Kind, Level, Target
from engine.monitoring.oncall import Member, Rota
from engine.parties import SYSTEM, Role
from tests.engine.clock import NOON
from tests.engine.commands.hall import ADA, BOB, Hall, an_alert


async def now(hall: Hall, id: str) -> Any:
    alert = await hall.store.alerts.get(id)
    assert alert is not None
    return alert


async def calls(hall: Hall) -> list[Posting]:
    return [one for one in await hall.store.postings.due(NOON + timedelta(days=9)) if one.kind == "call"]


async def incident(hall: Hall) -> str:
    lead = await hall.alerted()
    member = an_alert(hall.clock.new_id("alr"), "trello", hall.clock.now(), incident=lead.id, severity=Severity.LOW)
    await hall.store.ledger.record(AlertSaved(member))
    return lead.id


# --- snooze and wake


async def test_a_snooze_puts_the_whole_incident_off_and_says_until_when(hall: Hall) -> None:
    lead = await incident(hall)
    outcome = await hall.ask("snooze_alert", service="github", until="2026-03-04T14:00:00+00:00")
    assert outcome.note == "GitHub: quiet until Wednesday 2026-03-04 15:00 CET; then you are told."
    alert = await now(hall, lead)
    assert (alert.snoozed_until, alert.snoozed_by, alert.due_at) == (NOON + timedelta(hours=2), ADA.id, NOON + timedelta(hours=2))
    assert await hall.audited(lead) == [("Ada", "snooze_alert", "done")]


@pytest.mark.parametrize(
    ("form", "hours"),
    [({"until": "30m"}, 0.5), ({"until": "4h"}, 4), ({"until": "1h", "other": "tomorrow 9:00"}, 20), ({"other": "18:30"}, 5.5), ({}, 1)],
)
async def test_a_press_takes_a_span_of_the_form_or_what_was_typed_in_the_pressers_zone(
    hall: Hall, form: dict[str, str], hours: float
) -> None:
    one = await hall.alerted()
    await hall.press(one.id, "snooze", 1, form=form)  # Ada is in Berlin
    assert (await now(hall, one.id)).snoozed_until == NOON + timedelta(hours=hours)


async def test_without_a_time_it_is_asked_for_and_each_answer_is_a_deed(hall: Hall) -> None:
    one = await hall.alerted()
    outcome = await hall.ask("snooze_alert", service="github")
    assert isinstance(outcome.result, Asked)
    name, arguments = outcome.result.deeds[2]
    await from_arguments(name, arguments).handle(hall.house, hall.asking())
    assert (await now(hall, one.id)).snoozed_until == NOON + timedelta(hours=4)


@pytest.mark.parametrize(
    ("until", "words"),
    [("2026-03-04T11:00:00+00:00", "is past already"), ("2026-05-04T11:00:00+00:00", "30 days at most. For longer set a silence")],
)
async def test_a_snooze_has_an_end_that_is_to_come(hall: Hall, until: str, words: str) -> None:
    await hall.alerted()
    with pytest.raises(Rejected, match=words):
        await hall.ask("snooze_alert", service="github", until=until)


async def test_woken_it_is_as_before_and_what_sleeps_not_cannot_be_woken(hall: Hall) -> None:
    one = await hall.alerted()
    with pytest.raises(Conflict, match="is not snoozed"):
        await hall.ask("wake_alert", service="github")
    await hall.ask("acknowledge_alert", service="github")
    await hall.ask("snooze_alert", service="github", within="4h")
    await hall.ask("wake_alert", service="github")
    alert = await now(hall, one.id)
    assert (alert.state, alert.snoozed_until, alert.remind_at) == (AlertState.ACKNOWLEDGED, None, NOON + timedelta(minutes=30))


# --- taking back, keeping, reopening, noting


async def test_an_acknowledgement_is_taken_back_for_all_and_the_card_says_who_did(hall: Hall) -> None:
    lead = await incident(hall)
    await hall.press(lead, "acknowledge", 1)
    await hall.press(lead, "unacknowledge", 2, actor=BOB)
    members = await hall.store.alerts.of_incident(lead)
    assert {one.state for one in members} == {AlertState.FIRING}
    assert members[0].because == "Bob took the acknowledgement back."
    with pytest.raises(Conflict, match="firing"):
        await hall.press(lead, "unacknowledge", 3)


async def test_only_its_holder_keeps_an_alert_and_is_asked_again_later(hall: Hall) -> None:
    one = await hall.alerted()
    await hall.press(one.id, "acknowledge", 1)
    await hall.clock.pass_(1800)
    with pytest.raises(Conflict, match="Ada has it"):
        await hall.press(one.id, "keep", actor=BOB)
    outcome = await hall.press(one.id, "keep")
    assert outcome.note == "GitHub: still yours. You are asked again in 30 minutes."
    assert (await now(hall, one.id)).remind_at == NOON + timedelta(hours=1)


async def test_what_was_resolved_by_mistake_reopens_under_the_same_card_for_a_quarter_of_an_hour(hall: Hall) -> None:
    lead = await incident(hall)
    await hall.press(lead, "resolve", 1)
    await hall.clock.pass_(899)
    outcome = await hall.ask("reopen_alert", service="github", note="it is not")
    assert outcome.note == "GitHub: firing again, under the same card."
    assert {one.state for one in await hall.store.alerts.of_incident(lead)} == {AlertState.FIRING}
    assert (await now(hall, lead)).because == "Ada says that it is not over: it is not"
    await hall.ask("resolve_alert", alert=lead)
    await hall.clock.pass_(901)
    with pytest.raises(Conflict, match="more than 15 minutes ago"):
        await hall.press(lead, "reopen")
    with pytest.raises(NotFound, match="in the last 15 minutes"):
        await hall.ask("reopen_alert", service="github")


async def test_a_note_stands_on_the_card_with_its_writer_and_every_one_in_the_audit(hall: Hall) -> None:
    lead = await incident(hall)
    await hall.press(lead, "note", 1, form={"note": "vendor knows"})
    await hall.ask("note_alert", alert=lead, note="fix in an hour", actor=BOB)
    assert (await now(hall, lead)).note == "fix in an hour – Bob"
    assert [row.detail for row in await hall.store.audit.list(subject=lead)] == ["fix in an hour", "vendor knows"]
    for note, words in (("", "What should be written down"), ("x" * 1001, "1,000 characters at most")):
        with pytest.raises(Rejected, match=words):
            await hall.ask("note_alert", alert=lead, note=note)


# --- escalating

ROTA = Rota(id="ops", name="ops", members=(Member(BOB.id, "Bob"),), start=date(2026, 3, 2), at=time(9), zone="UTC")
LADDER = EscalationPolicy(
    id="critical",
    levels=(Level(0, (Target(Kind.ROTA, "ops", "ops"),)), Level(600, (Target(Kind.CHANNEL, "slack:#leads", "#leads"),))),
)


async def laddered(hall: Hall) -> None:
    at = hall.clock.now()
    await hall.store.ledger.record(
        PolicySaved(oncall.KIND, "ops", oncall.body_of(ROTA), at, 1),
        PolicySaved(escalation.KIND, "critical", escalation.body_of(LADDER), at, 1),
    )


async def test_where_nobody_is_named_it_is_said_how_to_name_somebody(hall: Hall) -> None:
    one = await hall.alerted()
    with pytest.raises(NotFound) as caught:
        await hall.press(one.id, "escalate", 1)
    assert "/alerts escalate github to @ada" in str(caught.value)
    assert "/escalation set critical: @ada, 10m #ops-leads" in str(caught.value)
    assert await calls(hall) == []


async def test_escalated_by_hand_the_next_level_is_called_and_the_one_after_it_comes_in_its_time(hall: Hall) -> None:
    await laddered(hall)
    one = await hall.alerted()
    outcome = await hall.press(one.id, "escalate", 1)
    assert isinstance(outcome.result, AlertShown)
    alert = await now(hall, one.id)
    assert (alert.level, alert.escalate_at) == (1, NOON + timedelta(minutes=10))
    (call,) = await calls(hall)
    assert (call.payload["called"], call.payload["because"]) == ("Bob (rota ops)", "Ada escalated it.")
    await hall.press(one.id, "escalate", 2)
    with pytest.raises(NotFound, match="Every level of the escalation “critical” was called already"):
        await hall.press(one.id, "escalate", 3)
    assert [one.payload["called"] for one in await calls(hall)] == ["Bob (rota ops)", "#leads"]
    assert [row.detail for row in await hall.store.audit.list(subject=one.id)] == ["#leads", "Bob (rota ops)"]


@pytest.mark.parametrize(
    ("to", "called", "where"),
    [
        ("@bob", "@Bob", "slack:C1"),
        ("slack:U77", "@U77", "slack:C1"),
        ("rota ops", "Bob (rota ops)", "slack:C1"),
        ("ops", "Bob (rota ops)", "slack:C1"),
        ("#leads", "#leads", "slack:C5"),
        ("discord:#war", "#war", "discord:#war"),
        ("@leads", "@leads", "slack:C1"),
        ("<!subteam^S012345|@leads>", "@leads", "slack:C1"),
        ("<@U9|eve>", "@eve", "slack:C1"),
    ],
)
async def test_whoever_is_named_is_called(hall: Hall, to: str, called: str, where: str) -> None:
    await laddered(hall)
    one = await hall.alerted()
    await hall.ask("acknowledge_alert", service="github", actor=BOB)  # Bob is known from now on
    await hall.ask("escalate_alert", service="github", to=to, places={"#leads": "slack:C5", "@leads": "slack:S0123456"})
    (call,) = await calls(hall)
    assert (call.payload["called"], str(call.to)) == (called, where)
    assert (await now(hall, one.id)).state is AlertState.ACKNOWLEDGED


@pytest.mark.parametrize("to", ["@nobody", "rota nights", "everybody else", "role:admin"])
async def test_a_name_that_nobody_goes_by_is_refused(hall: Hall, to: str) -> None:
    await hall.alerted()
    with pytest.raises(SignalboxError):
        await hall.ask("escalate_alert", service="github", to=to)
    assert await calls(hall) == []


async def test_nobody_is_called_for_what_is_over_or_from_a_card_that_is_outdated(hall: Hall) -> None:
    await laddered(hall)
    one = await hall.alerted()
    with pytest.raises(Conflict, match="moved on"):
        await hall.press(one.id, "escalate", 7)
    await hall.store.ledger.record(AlertSaved(resolved(one, by=SYSTEM.name, at=NOON)))
    with pytest.raises(Conflict, match="is over"):
        await hall.press(one.id, "escalate", 2)


@pytest.mark.parametrize(
    "name", ["snooze_alert", "wake_alert", "unacknowledge_alert", "reopen_alert", "note_alert", "keep_alert", "escalate_alert"]
)
async def test_once_roles_hold_it_takes_an_operator(hall: Hall, name: str) -> None:
    await hall.admin()
    one = await hall.alerted()
    with pytest.raises(Forbidden, match="needs the role operator"):
        await hall.ask(name, alert=one.id, actor=BOB)
    await hall.admin(BOB, Role.OPERATOR)
    outcome: Outcome | SignalboxError
    try:
        outcome = await hall.ask(name, alert=one.id, actor=BOB)
    except SignalboxError as error:
        outcome = error
    assert not isinstance(outcome, Forbidden)


# --- moments


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("30m", 0.5), ("2 hours", 2), ("for 90 min", 1.5), ("1d", 24), ("1h30m", 1.5), ("PT2H", 2), ("14:30", 2.5), ("9:00", 21), ("5pm", 5),
        ("tomorrow", 21), ("tomorrow 9:00", 21), ("tomorrow at 8", 20), ("monday 9:00", 117), ("Mon", 117), ("wednesday 9:00", 165),
        ("2026-03-05 09:00", 21), ("until 2026-03-05T10:00:00+01:00", 21), ("until 18:00", 6), ("today 13:00", 1),
    ],
)  # fmt: skip
def test_a_moment_typed_into_a_form(said: str, hours: float) -> None:
    assert moment(said, NOON, "UTC") == NOON + timedelta(hours=hours)


def test_a_moment_is_meant_in_the_typists_zone_and_over_a_change_of_clocks() -> None:
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert moment("tomorrow 9:00", eve, "Europe/Berlin") == datetime(2026, 3, 29, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "said", ["", "soon", "30", "25:00", "13pm", "today 9:00", "2020-01-01 10:00", "9999999999999d", "x" * 100, "2026-13-01 09:00"]
)
def test_a_moment_that_is_none_or_past_is_refused_with_examples(said: str) -> None:
    with pytest.raises(Rejected, match="Say it like 30m"):
        moment(said, NOON, "UTC")


def test_a_time_of_a_day() -> None:
    assert [clock(said) for said in ("9", "9.30", "12am", "12 pm", "24:00", "noon")] == [
        time(9),
        time(9, 30),
        time(0),
        time(12),
        None,
        None,
    ]
