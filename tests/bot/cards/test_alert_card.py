"""The one card of an outage, through its life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.cards.alert import alert, alerts
from bot.cards.card import Card, Fields, Tone
from engine.commands.command import AlertShown, AlertsShown
from engine.commands.registry import buttons
from engine.monitoring.alert import Alert, AlertState, Ruling, Severity
from engine.monitoring.grouping.suspect import Suspect
from engine.monitoring.incident import Incident
from engine.ports import Standing
from tests.bot.cards.test_drawings import words_of
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

POSTMORTEM = ["Post-mortem"] if "alr.postmortem" in buttons() else []
LATER = NOON + timedelta(minutes=4)


def card(**changes: Any) -> Card:
    return alert(AlertShown(alert=an_alert("alr_1", "github", NOON, **changes)))


def labels(card: Card) -> list[str]:
    return [button.label.split()[0] for button in card.actions]


def test_a_fresh_one_says_what_why_and_that_nobody_is_on_it() -> None:
    fresh = card()
    assert (fresh.title, fresh.tone, labels(fresh)) == (
        "GitHub · firing",
        Tone.BAD,
        ["Acknowledge", "Resolve", "Snooze…", "Escalate", "Note…", "Why?"],
    )
    assert "Nobody is on it yet" in words_of(fresh)
    assert "3 checks in a row failed." in words_of(fresh)
    assert fresh.summary == "[critical] GitHub firing: github does not answer"


def test_acknowledged_it_names_who_and_lets_them_resolve_put_it_off_or_give_it_back() -> None:
    known = card(state=AlertState.ACKNOWLEDGED, acknowledged_by="Ada", acknowledged_at=LATER, note="cable")
    assert (known.tone, labels(known)) == (Tone.WARNING, ["Resolve", "Snooze…", "Un-acknowledge", "Note…", "Why?"])
    assert "Ada" in words_of(known)
    assert "cable" in words_of(known)
    assert "Nobody is on it" not in words_of(known)


@pytest.mark.parametrize(("by", "said"), [("Ada", "Ada"), ("Signalbox", "it recovered by itself")])
def test_resolved_it_says_so_by_whom_and_how_long_it_lasted(by: str, said: str) -> None:
    over = card(state=AlertState.RESOLVED, resolved_by=by, resolved_at=LATER)
    assert (over.title, over.tone, labels(over)) == ("GitHub · resolved", Tone.GOOD, ["Reopen", *POSTMORTEM, "Why?"])
    assert said in words_of(over)
    assert "4 min" in words_of(over)


def test_reopened_it_says_why() -> None:
    again = card(reopened=1, because="It came back within 15 minutes.")
    assert "Reopened: " in words_of(again)
    assert labels(again)[0] == "Acknowledge"


def test_what_is_not_urgent_is_not_red_and_what_is_practice_says_so() -> None:
    mild = card(severity=Severity.MEDIUM, sandbox=True)
    assert mild.tone is Tone.WARNING
    assert "Sandbox" in words_of(mild)


def read(card: Card) -> str:
    """What a person reads, the labels of fields among it."""
    labels = [label for part in card.body if isinstance(part, Fields) for label, _ in part.items]
    return " ".join(f"{words_of(card)} {' '.join(labels)}".split())


def incident_card(*members: Alert, **shown: Any) -> Card:
    return alert(AlertShown(alert=members[0], incident=Incident(members[0], members), **shown))


def members(count: int, **changes: Any) -> tuple[Alert, ...]:
    """GitHub leads; the others joined it."""
    lead = an_alert("alr_0", "github", NOON, revision=4, **changes)
    return lead, *(an_alert(f"alr_{n}", f"shop-{n}", NOON, incident="alr_0", severity=Severity.MEDIUM) for n in range(1, count))


def test_one_card_speaks_for_the_whole_incident_and_names_the_first_five_services() -> None:
    because = "7 of the 7 other services here need GitHub."
    shown = incident_card(*members(8), suspect=Suspect("github", because), suspect_name="GitHub")
    assert (shown.id, shown.version, shown.title) == ("alr_0", 4, "GitHub and 7 more · firing")
    words = read(shown)
    assert "GitHub firing" in words
    assert "3 more" in words
    assert because in words


def test_a_cause_that_sends_no_alerts_of_its_own_is_named_with_how_many_need_it() -> None:
    two = (an_alert("alr_0", "jira", NOON), an_alert("alr_1", "trello", NOON, incident="alr_0"))
    shown = incident_card(*two, suspect=Suspect("platform:Atlassian", "2 of 2 need it.", alerts=False), suspect_name="Atlassian")
    assert shown.title == "Atlassian (2 services) · firing"


def test_while_a_member_goes_on_the_incident_is_not_over_and_its_words_are_told() -> None:
    lead, other = members(2, state=AlertState.RESOLVED, resolved_by="Signalbox", resolved_at=LATER)
    shown = incident_card(lead, other)
    assert shown.title == "GitHub and 1 more · firing"
    assert "shop-1 does not answer" in read(shown)
    assert "Acknowledge" in labels(shown)


def test_who_holds_it_and_until_when_who_was_called_and_what_the_vendor_says_stand_on_it() -> None:
    (lead,) = members(
        1, state=AlertState.ACKNOWLEDGED, acknowledged_by="Ada", acknowledged_at=NOON, relapse_at=LATER, level=2, escalate_at=LATER,
        trace=(Ruling("escalation", "sent", "Level 2 at 2026-03-04 12:00 UTC: Bob."),),
    )  # fmt: skip
    fire = Standing("github", "trouble", "Actions are slow.", NOON)
    words = read(incident_card(lead, vendor=fire))
    assert all(
        part in words for part in ("Held until", "Bob, level 2", "GitHub's status page says: Actions are slow.")
    )


def test_snoozed_it_says_until_when_and_can_be_woken() -> None:
    quiet = card(snoozed_until=LATER)
    assert "Snoozed until" in read(quiet)
    assert "Wake" in labels(quiet)
    assert "Nobody is on it" not in read(quiet)


def test_what_nobody_was_told_of_says_why() -> None:
    assert "Nobody was told: Maintenance until 14:00." in read(card(quiet="Maintenance until 14:00."))


def test_long_over_it_cannot_be_reopened_any_more() -> None:
    (over,) = members(1, state=AlertState.RESOLVED, resolved_by="Ada", resolved_at=LATER)
    assert "Reopen" in labels(incident_card(over, at=LATER + timedelta(minutes=14)))
    assert "Reopen" not in labels(incident_card(over, at=LATER + timedelta(minutes=15)))


def test_a_line_of_the_list_says_how_many_more_it_stands_for() -> None:
    folded = AlertsShown(alerts=(an_alert("alr_1", "github", NOON),), folded={"alr_1": 3})
    assert "GitHub and 3 more alerts" in read(alerts(folded))


def test_the_list_has_ids_only_where_a_service_does_not_say_which_alert_is_meant() -> None:
    one, other = an_alert("alr_1", "github", NOON), an_alert("alr_2", "github", NOON)
    assert "alr_" not in read(alerts(AlertsShown(alerts=(one,))))
    assert "alr_2" in read(alerts(AlertsShown(alerts=(one, other))))


def test_the_list_is_calm_only_when_nothing_is_open() -> None:
    assert alerts(AlertsShown(alerts=())).title == "No open alerts"
    assert alerts(AlertsShown(alerts=(), filter="resolved github")).title == "No alerts: resolved github"
    over = an_alert("alr_1", "github", NOON, state=AlertState.RESOLVED, resolved_by="Signalbox", resolved_at=LATER)
    listed = alerts(AlertsShown(alerts=(over,), filter="resolved", timezone="Europe/Berlin"))
    assert (listed.title, listed.tone) == ("1 alert: resolved", Tone.NEUTRAL)
    assert "by itself" in read(listed)
    assert "Wed 2026-03-04 13:00 CET" in read(listed)
    assert alerts(AlertsShown(alerts=(an_alert("alr_2", "trello", NOON),))).tone is Tone.BAD
