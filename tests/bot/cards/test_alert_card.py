"""The one card of an outage, through its life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.cards.alert import alert, alerts
from bot.cards.card import Card, Tone
from engine.commands.command import AlertShown, AlertsShown
from engine.monitoring.alert import AlertState, Severity
from tests.bot.cards.test_drawings import words_of
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

LATER = NOON + timedelta(minutes=4)


def card(**changes: Any) -> Card:
    return alert(AlertShown(alert=an_alert("alr_1", "github", NOON, **changes)))


def labels(card: Card) -> list[str]:
    return [button.label.split()[0] for button in card.actions]


def test_a_fresh_one_says_what_why_and_that_nobody_is_on_it() -> None:
    fresh = card()
    assert (fresh.title, fresh.tone, labels(fresh)) == ("GitHub · firing", Tone.BAD, ["Acknowledge", "Resolve", "Why?"])
    assert "Nobody is on it yet" in words_of(fresh)
    assert "3 checks in a row failed." in words_of(fresh)
    assert fresh.summary == "[critical] GitHub firing: github does not answer"


def test_acknowledged_it_names_who_and_offers_only_resolve() -> None:
    known = card(state=AlertState.ACKNOWLEDGED, acknowledged_by="Ada", acknowledged_at=LATER, note="cable")
    assert (known.tone, labels(known)) == (Tone.WARNING, ["Resolve", "Why?"])
    assert "Ada" in words_of(known)
    assert "cable" in words_of(known)
    assert "Nobody is on it" not in words_of(known)


@pytest.mark.parametrize(("by", "said"), [("Ada", "Ada"), ("Signalbox", "it recovered by itself")])
def test_resolved_it_says_so_by_whom_and_how_long_it_lasted(by: str, said: str) -> None:
    over = card(state=AlertState.RESOLVED, resolved_by=by, resolved_at=LATER)
    assert (over.title, over.tone, labels(over)) == ("GitHub · resolved", Tone.GOOD, ["Why?"])
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


def test_the_list_is_calm_only_when_nothing_is_open() -> None:
    assert alerts(AlertsShown(alerts=())).title == "No open alerts"
    assert alerts(AlertsShown(alerts=(), filter="resolved github")).title == "No alerts: resolved github"
    over = an_alert("alr_1", "github", NOON, state=AlertState.RESOLVED, resolved_by="Signalbox", resolved_at=LATER)
    listed = alerts(AlertsShown(alerts=(over,), filter="resolved", timezone="Europe/Berlin"))
    assert (listed.title, listed.tone) == ("1 alert: resolved", Tone.NEUTRAL)
    assert "by itself" in words_of(listed)
    assert "Wed 2026-03-04 13:00 CET" in words_of(listed)
    assert alerts(AlertsShown(alerts=(an_alert("alr_2", "trello", NOON),))).tone is Tone.BAD
