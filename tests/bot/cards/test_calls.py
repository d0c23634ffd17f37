"""What people see when they are called, asked whether they are still on it, or when a shift is handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cards.call import call
from bot.cards.card import Card, User
from bot.cards.oncall import escalations, handover, on_call
from bot.subjects import card_of
from engine.commands.callsheet import last_call
from engine.commands.command import EscalationsShown, OnCallShown
from engine.commands.rostering import shown
from engine.monitoring.alert import Alert, Ruling, acknowledged, resolved, snoozed
from engine.monitoring.incident import incident
from tests.engine.clock import NOON
from tests.engine.commands.hall import Hall, an_alert


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with Hall() as hall:
        yield hall


ALERT = an_alert("alr_1", "github", NOON)
PAYLOAD: dict[str, Any] = {
    "alert": "alr_1", "deed": "call", "level": 2, "called": "Bob (rota ops)", "because": "Nobody has taken it yet.",
    "ping": [{"id": "U2", "name": "Bob"}, {"id": "S9", "name": "leads", "group": True}],
}  # fmt: skip


def words(card: Card) -> str:
    return repr(card)


def drawn(deed: str, *alerts: Alert, **more: Any) -> Card:
    return call({**PAYLOAD, "deed": deed, **more}, incident(alerts or (ALERT,)))


def test_whoever_is_called_is_mentioned_and_can_take_it_at_once() -> None:
    card = drawn("call")
    assert card.title == "GitHub: somebody is needed"
    assert card.mentions == (User("U2", "Bob", ping=True), User("&S9", "leads", ping=True))
    assert [button.label for button in card.actions] == ["Acknowledge"]
    assert (card.id, card.version, card.footer) == ("alr_1", 0, ("level 2 of its escalation",))
    assert "Bob (rota ops)" in words(card)


@pytest.mark.parametrize("deed", ["call", "relapse", "wake", "remind"])
def test_when_it_is_over_or_somebody_has_it_no_press_is_offered_that_does_nothing(deed: str) -> None:
    over = drawn(deed, resolved(ALERT, by="Ada", at=NOON))
    assert over.actions == ()
    assert "resolved by " in words(over)
    taken = drawn(deed, acknowledged(ALERT, by="Ada", at=NOON))
    assert [button.verb for button in taken.actions] == (["keep", "unacknowledge"] if deed == "remind" else [])
    assert "snoozed until" in words(drawn(deed, snoozed(ALERT, until=NOON + timedelta(hours=1), by="slack:U1", at=NOON)))


def test_who_is_asked_whether_they_are_still_on_it_sees_until_when_they_can_answer() -> None:
    card = drawn("remind", acknowledged(ALERT, by="Ada", at=NOON), level=0)
    assert card.title == "Still on it? GitHub"
    assert [button.label for button in card.actions] == ["Still on it", "Un-acknowledge"]
    assert repr(NOON + timedelta(hours=1)) in words(card)
    assert card.footer == ()


def test_of_an_incident_the_others_are_counted() -> None:
    assert drawn("wake", ALERT, an_alert("alr_2", "trello", NOON, incident="alr_1")).title == "The snooze of GitHub and 1 more is over"
    gone = drawn("call", resolved(ALERT, by="Ada", at=NOON), an_alert("alr_2", "trello", NOON, incident="alr_1"))
    assert gone.title.startswith("Trello")
    assert [button.verb for button in gone.actions] == ["acknowledge"]


async def test_the_outbox_draws_it_from_the_newest_state(hall: Hall) -> None:
    one = await hall.alerted()
    payload = {**PAYLOAD, "alert": one.id}
    assert [button.verb for button in (await card_of(hall.house, "call", f"{one.id}.call.2", payload)).actions] == ["acknowledge"]
    await hall.press(one.id, "acknowledge", 1)
    assert (await card_of(hall.house, "call", f"{one.id}.call.2", payload)).actions == ()


# --- who is on call


async def test_the_card_says_who_is_on_call_and_lets_one_take_over(hall: Hall) -> None:
    await hall.ask("set_rota", rota="ops", members="<@U1|ada> <@U2|bob>", day="monday", at="9:00", zone="Europe/Berlin")
    card = on_call(await shown(hall.house))
    assert card.title == "On call"
    assert "handed over every week, on Monday at 09:00 (Europe/Berlin)" in words(card)
    (button,) = card.actions
    assert (card.id, button.verb, button.arg, button.label) == ("rota_all", "take", "ops", "I take ops…")
    assert button.form is not None
    form = (await card_of(hall.house, "rota", "rota_all", {})).actions[0].form
    assert form == button.form


def test_without_a_rota_the_card_says_how_to_set_one_up() -> None:
    assert "/oncall set ops" in words(on_call(OnCallShown(rows=())))
    assert "/escalation set critical" in words(escalations(EscalationsShown(policies=())))


async def test_escalations_are_a_table(hall: Hall) -> None:
    outcome = await hall.ask("set_escalation", about="all", levels="@ada, 10m #leads, repeat once")
    assert isinstance(outcome.result, EscalationsShown)
    said = words(escalations(outcome.result))
    assert "('all', 'at once', '@Ada', '')" in said
    assert "('all', 'after 10 minutes', '#leads', 'once more')" in said


HANDED: dict[str, Any] = {
    "rota": "ops", "name": "ops", "leaves": {"id": "slack:U1", "name": "Ada"}, "starts": {"id": "slack:U2", "name": "Bob"}, "instead_of": "",
    "until": (NOON + timedelta(days=7)).isoformat(), "alerts": [{"id": "alr_1", "service": "github", "severity": "high", "message": "it is <b>down</b>", "who": ""}],
    "open": 3, "face": "slack",
}  # fmt: skip


def test_a_hand_over_names_who_leaves_who_starts_and_what_is_open() -> None:
    card = handover(HANDED)
    assert card.title == "On call: ops is Bob now"
    assert card.mentions == (User("U2", "Bob", ping=True),)
    assert "('GitHub', 'high', 'it is <b>down</b>', 'nobody yet')" in words(card)
    assert "2 more: /alerts" in words(card)
    assert card.summary == "ops: Ada hands over to Bob; 3 open alerts"


def test_on_another_platform_nobody_is_pinged_and_a_calm_hand_over_says_so() -> None:
    card = handover({**HANDED, "face": "discord", "alerts": [], "open": 0})
    assert not card.mentions[0].ping
    assert "No alert is open." in words(card)


def test_a_group_that_is_called_is_mentioned_on_slack_and_discord_and_a_name_never_becomes_one() -> None:
    from bot.faces.discord import write as discord
    from bot.faces.slack import write as slack

    card = drawn("call", ping=[{"id": "S0123ABC", "name": "leads", "group": True}])
    assert "<!subteam^S0123ABC>" in repr(slack.message(card))
    card = drawn("call", ping=[{"id": "4711", "name": "leads", "group": True}])
    body = discord.message(card).body()
    assert "<@&4711>" in repr(body)
    assert body["allowed_mentions"] == {"parse": [], "users": [], "roles": ["4711"]}
    quiet = discord.message(drawn("call", ping=[{"id": "x", "name": "<@&99> @everyone", "group": True}])).body()
    assert quiet["allowed_mentions"]["roles"] == []
    assert "<@&99>" not in repr(quiet)


def test_what_a_ruling_says_of_a_call_is_read_back_and_anything_else_is_no_call() -> None:
    def traced(*because: str) -> Alert:
        return replace(ALERT, trace=tuple(Ruling("escalation", "sent", one) for one in because))

    assert last_call(traced("Level 1 at 2026-03-04 12:00 UTC: Ada.", "By hand at 2026-03-04 12:30 UTC: Bob (rota ops) and #a: b..")) == (
        "Bob (rota ops) and #a: b., by hand", NOON + timedelta(minutes=30),
    )  # fmt: skip
    assert last_call(ALERT) is None
    assert last_call(traced("nonsense")) is None
    assert last_call(traced("Level 1 at 2026-13-77 12:00 UTC: Ada.")) is None
