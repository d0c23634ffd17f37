"""Alerts by words and by press: one is meant, several are asked back, and nobody's change is lost or done twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands.acknowledge_alert import AcknowledgeAlert
from engine.commands.alerting import change
from engine.commands.command import AlertShown, AlertsShown, Asked, Done, Outcome
from engine.commands.registry import from_arguments
from engine.errors import Conflict, NotFound, Rejected
from engine.events import AlertSaved, PostingState
from engine.monitoring.alert import Alert, AlertState, Ruling, Severity, acknowledged, resolved
from storage.sql import SqlStore
from tests.engine.commands.hall import ADA, BOB, OPS, Hall, an_alert


def alert(outcome: Outcome) -> Alert:
    assert isinstance(outcome.result, AlertShown)
    return outcome.result.alert


async def test_a_press_acknowledges_in_ones_name_and_touches_every_card(hall: Hall) -> None:
    one = await hall.alerted()
    outcome = await hall.press(one.id, "acknowledge", 1)
    assert (alert(outcome).state, alert(outcome).acknowledged_by, outcome.tracked, outcome.note) == (
        AlertState.ACKNOWLEDGED,
        "Ada",
        True,
        "",
    )
    (posting,) = await hall.store.postings.of(one.id)
    assert (posting.wanted, posting.state) == (2, PostingState.WANTED)
    assert await hall.audited(one.id) == [("Ada", "acknowledge_alert", "done")]


async def test_said_in_words_it_is_confirmed_in_words_since_the_card_may_be_far_up(hall: Hall) -> None:
    await hall.alerted()
    outcome = await hall.ask("acknowledge_alert", service="GitHub")
    assert outcome.tracked
    assert outcome.note == "GitHub: acknowledged, in your name. Its card says so everywhere."


async def test_said_where_no_card_stands_the_card_is_the_private_answer(hall: Hall) -> None:
    one = await hall.alerted()
    outcome = await hall.ask("resolve_alert", service="github", where=replace(OPS, channel="D7"))
    assert (outcome.tracked, outcome.public) == (False, False)
    assert len(await hall.store.postings.of(one.id)) == 1


async def test_a_second_or_stale_press_is_refused_and_names_who_was_faster(hall: Hall) -> None:
    one = await hall.alerted()
    await hall.press(one.id, "acknowledge", 1, actor=BOB)
    with pytest.raises(Conflict, match="already acknowledged by Bob"):
        await hall.press(one.id, "acknowledge", 1)
    with pytest.raises(Conflict, match="moved on since your screen showed it; it is already acknowledged by Bob"):
        await hall.press(one.id, "resolve", 1)
    await hall.press(one.id, "resolve", 2)
    with pytest.raises(Conflict, match="already resolved by Ada"):
        await hall.press(one.id, "acknowledge", 3)


async def test_two_who_acknowledge_at_the_same_moment_are_told_apart(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=Hall().clock)
    try:
        async with Hall(store) as hall:
            one = await hall.alerted()
            both = (hall.press(one.id, "acknowledge", 1, actor=actor) for actor in (ADA, BOB))
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            (refused,) = [error for error in outcomes if isinstance(error, Conflict)]
            assert "already acknowledged by" in str(refused)
            assert len(await hall.audited(one.id)) == 1
    finally:
        await store.close()


async def test_words_still_count_when_the_monitor_was_faster(hall: Hall) -> None:
    one = await hall.alerted(severity=Severity.MEDIUM)
    worse = replace(one, revision=2, severity=Severity.CRITICAL)
    await hall.store.ledger.record(AlertSaved(worse))
    asking = hall.asking()

    def move(alert: Alert) -> Alert:
        return acknowledged(alert, by="Ada", at=asking.at)

    outcome = await change(hall.house, asking, AcknowledgeAlert(service="github"), one, move, "")
    assert (alert(outcome).revision, alert(outcome).severity) == (3, Severity.CRITICAL)


async def test_several_that_fit_are_asked_back_with_what_each_answer_does(hall: Hall) -> None:
    first, second = await hall.alerted("github"), await hall.alerted("trello")
    outcome = await hall.ask("acknowledge_alert", note="on it")
    assert isinstance(outcome.result, Asked)
    assert outcome.result.question == "2 alerts are open. Which one?"
    assert {label for label, _ in outcome.result.options} == {"GitHub: github does not answer", "Trello: trello does not answer"}
    (name, arguments), (_, other) = outcome.result.deeds
    assert {arguments["alert"], other["alert"]} == {first.id, second.id}
    command = from_arguments(name, arguments)
    await command.handle(hall.house, hall.asking())
    changed = await hall.store.alerts.get(str(arguments["alert"]))
    assert changed is not None
    assert (changed.state, changed.note) == (AlertState.ACKNOWLEDGED, "on it")


async def test_what_is_named_narrows_it_down(hall: Hall) -> None:
    await hall.alerted("github")
    await hall.alerted("trello", severity=Severity.LOW)
    assert alert(await hall.ask("acknowledge_alert", severity="low")).service == "trello"
    assert alert(await hall.ask("resolve_alert", service="github", note="cable")).note == "cable"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"service": "github"}, "no open alert for GitHub; nothing was changed"),
        ({}, "no open alert; nothing was changed"),
        ({"alert": "alr_x"}, "no alert “alr_x”. /alerts lists"),
        ({"service": "githbu"}, "no service “githbu”. Did you mean “GitHub”"),
    ],
)
async def test_what_is_not_there_is_said_and_nothing_is_changed(hall: Hall, arguments: dict, words: str) -> None:
    with pytest.raises(NotFound) as caught:
        await hall.ask("acknowledge_alert", **arguments)
    assert words in str(caught.value)


async def test_the_list_shows_the_open_ones_unless_asked_otherwise(hall: Hall) -> None:
    one = await hall.alerted("github")
    await hall.alerted("trello", severity=Severity.LOW)
    await hall.press(one.id, "resolve", 1)

    async def services(**asked: str) -> list[str]:
        result = (await hall.ask("list_alerts", **asked)).result
        assert isinstance(result, AlertsShown)
        return [alert.service for alert in result.alerts]

    assert await services() == ["trello"]
    assert await services(state="open") == ["trello"]
    assert await services(state="resolved") == ["github"]
    assert await services(state="all", service="GitHub") == ["github"]
    assert await services(severity="low") == ["trello"]
    assert await services(state="mine") == []
    await hall.ask("acknowledge_alert", service="trello")
    assert await services(state="mine") == ["trello"]


@pytest.mark.parametrize("asked", [{"state": "burning"}, {"severity": "urgent"}, {"service": "nonsense"}])
async def test_a_filter_that_means_nothing_is_refused_instead_of_showing_a_wrong_calm(hall: Hall, asked: dict) -> None:
    with pytest.raises(Rejected, match=r"is no state of an alert|is no severity|no service"):
        await hall.ask("list_alerts", **asked)


async def test_why_tells_the_evidence_and_what_people_did(hall: Hall) -> None:
    one = await hall.alerted()
    await hall.press(one.id, "acknowledge", 1)
    outcome = await hall.press(one.id, "why", 1)
    assert isinstance(outcome.result, Done)
    lines = outcome.result.text.splitlines()
    assert lines[:3] == ["Why GitHub alerted", "3 checks in a row failed.", "Rule “availability”: consecutive failures 3, the limit is 3."]
    assert lines[3] == "2026-03-04 13:00 CET · Ada: acknowledge alert"


# --- an incident is acted on as one


async def an_incident(hall: Hall, *others: str) -> tuple[Alert, ...]:
    """GitHub leads, the others joined its card."""
    lead = await hall.alerted("github")
    joined = [an_alert(hall.clock.new_id("alr"), name, hall.clock.now(), incident=lead.id, fingerprint=f"a/{name}") for name in others]
    await hall.store.ledger.record(*(AlertSaved(one) for one in joined))
    return lead, *joined


async def test_a_press_acts_on_every_open_alert_of_the_incident_in_one_go_and_one_of_them_holds_the_lease(hall: Hall) -> None:
    lead, trello, jira = await an_incident(hall, "trello", "jira")
    await hall.store.ledger.record(AlertSaved(resolved(jira, by="Signalbox", at=hall.clock.now())))
    await hall.press(lead.id, "acknowledge", 1)
    stored = {alert.service: alert for alert in await hall.store.alerts.list()}
    assert {name: one.state.value for name, one in stored.items()} == {
        "github": "acknowledged",
        "trello": "acknowledged",
        "jira": "resolved",
    }
    assert (stored["github"].due_at is not None, stored["trello"].due_at) == (True, None)
    assert stored["trello"].acknowledged_actor == ADA.id
    assert await hall.audited(lead.id) == [("Ada", "acknowledge_alert", "done")]
    assert len(await hall.store.postings.of(trello.id)) == 0


async def test_the_card_goes_on_when_its_leader_is_over_and_a_press_acts_on_the_others(hall: Hall) -> None:
    lead, _ = await an_incident(hall, "trello")
    await hall.store.ledger.record(AlertSaved(resolved(lead, by="Signalbox", at=hall.clock.now())))
    outcome = await hall.press(lead.id, "acknowledge", 2)
    assert isinstance(outcome.result, AlertShown)
    assert outcome.result.incident is not None
    assert (outcome.result.incident.state, outcome.result.incident.lead.revision) == (AlertState.ACKNOWLEDGED, 3)


async def test_a_member_that_joined_since_the_screen_showed_it_makes_the_press_stale(hall: Hall) -> None:
    lead, _ = await an_incident(hall, "trello")
    await hall.store.ledger.record(AlertSaved(replace(lead, revision=2)))
    with pytest.raises(Conflict, match="moved on since your screen showed it"):
        await hall.press(lead.id, "acknowledge", 1)
    assert all(alert.state is AlertState.FIRING for alert in await hall.store.alerts.list())


async def test_in_words_an_incident_is_one_answer_and_one_line_of_the_list(hall: Hall) -> None:
    lead, *_ = await an_incident(hall, "trello", "jira")
    listed = (await hall.ask("list_alerts")).result
    assert isinstance(listed, AlertsShown)
    assert ([one.id for one in listed.alerts], listed.folded) == ([lead.id], {lead.id: 2})
    outcome = await hall.ask("resolve_alert")
    assert outcome.note == "GitHub and 2 more: resolved, in your name. Its card says so everywhere."
    assert {alert.state for alert in await hall.store.alerts.list()} == {AlertState.RESOLVED}


async def test_the_quiet_ones_are_listed_and_say_stage_by_stage_why(hall: Hall) -> None:
    trace = (Ruling("group", "passed", "It is told by itself."), Ruling("silence", "held", "Maintenance until 14:00."))
    await hall.alerted("github", quiet="Maintenance until 14:00.", trace=trace)
    await hall.alerted("trello")
    listed = (await hall.ask("list_alerts", state="quiet")).result
    assert isinstance(listed, AlertsShown)
    assert [one.service for one in listed.alerts] == ["github"]
    why = (await hall.ask("explain_alert", service="github")).result
    assert isinstance(why, Done)
    assert why.text.splitlines()[:2] == ["Why GitHub was quiet", "Maintenance until 14:00."]
    assert "silence: held. Maintenance until 14:00." in why.text.splitlines()


async def test_why_tells_what_else_is_on_the_card_and_how_often_it_was_there(hall: Hall) -> None:
    before = await hall.alerted("github")
    await hall.press(before.id, "resolve", 1)
    await hall.clock.pass_(3600)
    lead, trello = await an_incident(hall, "trello")
    joined = Ruling("group", "joined", "Trello needs GitHub.")
    await hall.store.ledger.record(AlertSaved(replace(trello, revision=2, trace=(joined,))))
    text = (await hall.press(lead.id, "why", 1)).result
    assert isinstance(text, Done)
    assert "Trello: firing. Trello needs GitHub." in text.text.splitlines()
    assert "In the last 7 days: the same once before, other alerts of it never; the last on 2026-03-04 13:00 CET." in text.text


async def test_a_service_that_only_alerts_from_elsewhere_know_is_named_like_any_other(hall: Hall) -> None:
    await hall.alerted("checkout-api")
    await hall.alerted("github")
    assert alert(await hall.ask("acknowledge_alert", service="Checkout-API")).service == "checkout-api"
