"""Who is called, in exact forms and in sentences: alerts put off, given back and escalated, rotas, stand-ins, ladders."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.registry import commands
from tests.intents.words import read

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/alerts snooze github 1h", "snooze_alert", {"service": "github", "until": "2026-11-23T11:00:00+00:00"}),
    ("/alerts snooze google drive until tomorrow 9:00", "snooze_alert", {"service": "google_drive", "until": "2026-11-24T09:00:00+00:00"}),
    ("/alerts snooze 4711 18:30", "snooze_alert", {"alert": "4711", "until": "2026-11-23T18:30:00+00:00"}),
    ("/snooze alr_01ABC for 2 hours", "snooze_alert", {"alert": "alr_01ABC", "until": "2026-11-23T12:00:00+00:00"}),
    ("/alerts wake github", "wake_alert", {"service": "github"}),
    ("/alerts escalate", "escalate_alert", {}),
    ("/alerts escalate github", "escalate_alert", {"service": "github"}),
    ("/alerts escalate github to <@U1|ada>", "escalate_alert", {"service": "github", "to": "@ada"}),
    ("/alerts escalate 4711 to rota ops it burns", "escalate_alert", {"alert": "4711", "to": "rota ops", "note": "it burns"}),
    ("/alerts escalate github #ops-leads", "escalate_alert", {"service": "github", "to": "#ops-leads"}),
    ("/alerts unack github", "unacknowledge_alert", {"service": "github"}),
    ("/alerts keep alr_01ABC", "keep_alert", {"alert": "alr_01ABC"}),
    ("/alerts reopen github it is not over", "reopen_alert", {"service": "github", "note": "it is not over"}),
    ("/alerts note github the vendor knows", "note_alert", {"service": "github", "note": "the vendor knows"}),
    ("/alerts list mine", "list_alerts", {"state": "mine"}),
    ("/oncall", "on_call", {}),
    ("/oncall now ops", "on_call", {"rota": "ops"}),
    (
        "/oncall set ops <@U1|ada> <@U2|bob lee> weekly monday 9:00 Europe/Berlin",
        "set_rota",
        {"rota": "ops", "members": "@ada @bob-lee", "every": "7", "day": "monday", "at": "9:00", "zone": "Europe/Berlin"},
    ),
    ("/oncall set ops team: me, @bob daily 17:30", "set_rota", {"rota": "ops team", "members": "me @bob", "every": "1", "at": "17:30"}),
    (
        "/oncall set nights @ada every 2 weeks on friday at 5pm Berlin time",
        "set_rota",
        {"rota": "nights", "members": "@ada", "every": "14", "day": "friday", "at": "5pm", "zone": "Europe/Berlin"},
    ),
    ("/oncall set ops slack:U1 discord:77 every 3 days", "set_rota", {"rota": "ops", "members": "slack:U1 discord:77", "every": "3"}),
    (
        "/oncall override ops <@U3|cem> from friday 18:00 until monday 9:00",
        "override_rota",
        {"rota": "ops", "user": "@cem", "start": "2026-11-27T18:00:00+00:00", "until": "2026-11-30T09:00:00+00:00"},
    ),
    ("/oncall override @cem until tomorrow 9:00 rota ops", "override_rota", {"rota": "ops", "user": "@cem", "until": "2026-11-24T09:00:00+00:00"}),
    ("/oncall take ops until 18:00", "take_on_call", {"rota": "ops", "until": "2026-11-23T18:00:00+00:00"}),
    ("/oncall take for 2h rota ops", "take_on_call", {"rota": "ops", "until": "2026-11-23T12:00:00+00:00"}),
    ("/oncall take 2h", "take_on_call", {"until": "2026-11-23T12:00:00+00:00"}),
    ("/oncall remove ops", "remove_rota", {"rota": "ops"}),
    ("/escalation", "list_escalations", {}),
    ("/escalation list", "list_escalations", {}),
    ("/escalation set critical: rota ops, 10m <@U1|ada>, 20m #leads", "set_escalation", {"about": "critical", "levels": "rota ops, 10m @ada, 20m #leads"}),
    ("/escalation critical: rota ops", "set_escalation", {"about": "critical", "levels": "rota ops"}),
    ("/escalation set github discord:#war", "set_escalation", {"about": "github", "levels": "discord:#war"}),
    ("/escalation remove critical", "remove_escalation", {"about": "critical"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "arguments"), FORMS, ids=[text for text, _, _ in FORMS])
def test_what_is_typed_is_what_is_meant(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)
    assert command in commands()


@pytest.mark.parametrize(
    ("text", "command", "asked"),
    [
        ("/alerts snooze github", "snooze_alert", "Until when"),
        ("/alerts snooze github for ages", "snooze_alert", "Until when"),
        ("/alerts wake nonsense", "wake_alert", "I know no alert “nonsense”"),
        ("/alerts escalate nonsense", "escalate_alert", "I know no alert “nonsense”"),
        ("/alerts note github", "note_alert", "What should be written down"),
        ("/oncall set ops", "set_rota", "Who is in it"),
        ("/oncall set @ada", "set_rota", "What is the rota called"),
        ("/oncall set ops @ada whenever it rains", "set_rota", "I could not read “whenever it rains”"),
        ("/oncall take ops", "take_on_call", "Until when"),
        ("/oncall override ops until monday", "override_rota", "Who stands in"),
        ("/oncall override @cem", "override_rota", "Until when"),
        ("/escalation set critical", "set_escalation", "Who is to be called"),
    ],
)
def test_what_is_missing_is_asked_for(text: str, command: str, asked: str) -> None:
    understood = read(text)
    assert understood.command == command
    assert (understood.question or "").startswith(asked)


@pytest.mark.parametrize(
    ("text", "answer", "arguments"),
    [
        ("/alerts snooze github", "2 hours", {"service": "github", "until": "2026-11-23T12:00:00+00:00"}),
        ("/alerts note github", "the vendor knows", {"service": "github", "note": "the vendor knows"}),
        ("/oncall take ops", "until 18:00", {"rota": "ops", "until": "2026-11-23T18:00:00+00:00"}),
        ("/oncall set ops", "@ada @bob", {"rota": "ops", "members": "@ada @bob"}),
        ("/escalation set critical", "rota ops, 10m @ada", {"about": "critical", "levels": "rota ops, 10m @ada"}),
    ],
)
def test_the_answer_to_a_question_completes_the_request(text: str, answer: str, arguments: dict[str, Any]) -> None:
    asked = read(text)
    assert asked.remember is not None
    understood = read(answer, pending=asked.remember)
    assert (understood.command, dict(understood.arguments), understood.question) == (asked.command, arguments, None)


SENTENCES: list[tuple[str, str, dict[str, Any]]] = [
    ("unack the github alert", "unacknowledge_alert", {"service": "github"}),
    ("I'm not working on the github alert any more", "unacknowledge_alert", {"service": "github"}),
    ("take back the ack of the jira alert", "unacknowledge_alert", {"service": "jira"}),
    ("reopen the github alert", "reopen_alert", {"service": "github"}),
    ("the github alert is not over", "reopen_alert", {"service": "github"}),
    ("I'm still on the github alert", "keep_alert", {"service": "github"}),
    ("still looking into alert 4711", "keep_alert", {"alert": "4711"}),
    ("unsnooze github", "wake_alert", {"service": "github"}),
    ("end the snooze of the github alert", "wake_alert", {"service": "github"}),
    ("add a note to the github alert: the vendor knows", "note_alert", {"service": "github", "note": "the vendor knows"}),
    ("leave a comment on the jira alert saying 'fix in an hour'", "note_alert", {"service": "jira", "note": "fix in an hour"}),
    ("escalate the github alert to @ada", "escalate_alert", {"service": "github", "to": "@ada"}),
    ("escalate 4711 to rota backup", "escalate_alert", {"alert": "4711", "to": "rota backup"}),
    ("I take over on call until 18:00", "take_on_call", {"until": "2026-11-23T18:00:00+00:00"}),
    ("I'm on call for the next 2 hours", "take_on_call", {"until": "2026-11-23T12:00:00+00:00"}),
    ("take over the pager for ops until 6pm", "take_on_call", {"rota": "ops", "until": "2026-11-23T18:00:00+00:00"}),
    ("put @bob on call until tomorrow 9:00", "override_rota", {"user": "@bob", "until": "2026-11-24T09:00:00+00:00"}),
    ("who is on call until monday?", "on_call", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "arguments"), SENTENCES, ids=[text for text, _, _ in SENTENCES])
def test_the_same_in_a_sentence(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)


@pytest.mark.parametrize(
    "text",
    ["wake me up at 9", "note to self: buy milk", "I am still on holiday", "reopen the github issue 12", "is @bob on call for the weekend?", "I'm on call", "add a note to the card: done"],
)  # fmt: skip
def test_what_only_sounds_like_it_is_left_alone(text: str) -> None:
    assert read(text).command not in {"wake_alert", "note_alert", "keep_alert", "reopen_alert", "override_rota", "take_on_call"}


def test_a_group_that_is_mentioned_is_told_from_a_person() -> None:
    assert read("/escalation set all <@&77>", where="discord:5").places == {"@77": "discord:&77"}
    assert read("/escalation set all <@77>", where="discord:5").places == {"@77": "discord:77"}
    assert read("/escalation set all <!subteam^S012|@leads>").places == {"@leads": "slack:S012"}
