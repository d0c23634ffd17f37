"""Rotas and escalations from chat: who is in them, who stands in, who may say so, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.commands.command import Done, EscalationsShown, OnCallShown
from engine.commands.whom import rota_id, rotas
from engine.errors import Forbidden, NotFound, Rejected, SignalboxError
from engine.monitoring.escalation import KIND as ESCALATION
from engine.monitoring.escalation import Kind
from engine.monitoring.oncall import on_call
from engine.parties import Role
from tests.engine.clock import NOON
from tests.engine.commands.hall import ADA, BOB, Hall

MENTIONS = "<@U1|ada> <@U2|bob> <@U3|cem>"


async def ops(hall: Hall, **more: Any) -> Any:
    said = {"rota": "ops", "members": MENTIONS, "day": "monday", "at": "9:00", "zone": "Europe/Berlin"} | more
    outcome = await hall.ask("set_rota", **said)
    assert isinstance(outcome.result, Done)
    return outcome.result.text, (await rotas(hall.house))["ops"]


async def test_a_rota_is_set_by_mentions_and_says_who_is_on_call_now_and_next(hall: Hall) -> None:
    text, rota = await ops(hall)
    assert text == "The rota is set up\nops: ada until Monday 2026-03-09 09:00 CET, then bob."
    assert [member.id for member in rota.members] == ["slack:U1", "slack:U2", "slack:U3"]
    assert await hall.audited("rota_ops") == [("Ada", "set_rota", "done")]
    outcome = await hall.ask("on_call")
    assert isinstance(outcome.result, OnCallShown)
    ((_, now, next_),) = outcome.result.rows
    assert (now.who.name, next_.who.name, [shift.who.name for shift in outcome.result.ahead]) == (
        "ada",
        "bob",
        ["ada", "bob", "cem", "ada"],
    )


@pytest.mark.parametrize("every", ["1", "2", "7", "14"])
@pytest.mark.parametrize("day", ["", "monday", "wed", "sunday"])
@pytest.mark.parametrize("at", ["9:00", "23:00"])
async def test_whoever_is_named_first_has_the_turn_that_runs(hall: Hall, every: str, day: str, at: str) -> None:
    _, rota = await ops(hall, every=every, day=day, at=at)
    shift = on_call(rota, NOON)
    assert shift.who.id == "slack:U1"
    assert shift.until - NOON <= timedelta(days=int(every), hours=1)
    if day and int(every) % 7 == 0:
        assert rota.weekday.lower().startswith(day)


async def test_somebody_may_be_in_it_twice(hall: Hall) -> None:
    _, rota = await ops(hall, members="<@U1|ada> <@U2|bob> <@U1|ada>", every="1", at="23:00")
    assert [on_call(rota, NOON + timedelta(days=n)).who.id for n in range(4)] == ["slack:U1", "slack:U2", "slack:U1", "slack:U1"]


async def test_the_owner_of_the_page_can_be_named_before_they_did_anything(hall: Hall) -> None:
    _, rota = await ops(hall, members="@owner <@U2|bob>")
    assert [(member.id, member.name) for member in rota.members] == [("web:owner", "Owner"), ("slack:U2", "bob")]


async def test_changed_it_keeps_who_stands_in(hall: Hall) -> None:
    await ops(hall)
    await hall.ask("override_rota", rota="ops", user="<@U9|dee>", until="2026-03-05T09:00:00+00:00")
    text, rota = await ops(hall, members="<@U2|bob>")
    assert text.startswith("The rota is changed\nops: dee until")
    assert rota.revision == 3


async def test_names_that_the_face_has_resolved_are_taken_from_where_they_were_said(hall: Hall) -> None:
    _, rota = await ops(hall, members="@ada @bob", places={"@bob": "slack:U2"})  # Ada is the asker
    assert [(member.id, member.name) for member in rota.members] == [(ADA.id, "Ada"), ("slack:U2", "bob")]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"members": ""}, "nobody is in it"),
        ({"members": "@nobody"}, "Nobody here is known as “nobody”"),
        ({"members": "<!subteam^S12345678|@leads>"}, "is a group; a rota holds people"),
        ({"day": "someday"}, "no day of the week"),
        ({"at": "25:00"}, "no time of a day"),
        ({"zone": "Mars/Base"}, "no time zone"),
        ({"every": "weekly"}, "no number of days"),
        ({"every": "9999"}, "1 to 366 days"),
        ({"rota": "!!"}, "needs a name"),
    ],
)
async def test_what_is_no_rota_is_refused_with_what_to_say(hall: Hall, said: dict[str, Any], words: str) -> None:
    with pytest.raises(SignalboxError, match=words):
        await ops(hall, **said)
    assert await rotas(hall.house) == {}


async def test_somebody_stands_in_or_takes_over_and_then_it_goes_on(hall: Hall) -> None:
    await ops(hall)
    outcome = await hall.ask("override_rota", user="<@U9|dee>", start="2026-03-06T18:00:00", until="2026-03-07T09:00:00")
    assert isinstance(outcome.result, Done)
    assert outcome.result.text == "ops: dee is on call from Friday 2026-03-06 18:00 CET until Saturday 2026-03-07 09:00 CET."
    await hall.press("rota_all", "take", arg="ops", form={"until": "2h"}, actor=BOB)
    rota = (await rotas(hall.house))["ops"]
    assert [on_call(rota, NOON + timedelta(hours=hours)).who.id for hours in (0, 1.9, 2, 54, 70)] == [
        BOB.id,
        BOB.id,
        "slack:U1",
        "slack:U9",
        "slack:U1",
    ]
    assert next(row.detail for row in await hall.store.audit.list(subject="rota_ops")).startswith(f"{BOB.id} from 2026-03-04T12:00")


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("override_rota", {"user": "me"}, "Until when"),
        ("override_rota", {"user": "me", "until": "2020-01-01T00:00:00+00:00"}, "past already"),
        ("override_rota", {"user": "me", "rota": "nights", "until": "2026-03-05T00:00:00+00:00"}, "There are: ops"),
        ("take_on_call", {}, "Until when do you take over"),
        ("take_on_call", {"within": "soon"}, "could not read the time"),
        ("remove_rota", {"rota": "nights"}, "no rota “nights”. There are: ops"),
    ],
)
async def test_what_cannot_be_taken_over_or_removed_is_said(hall: Hall, name: str, said: dict[str, Any], words: str) -> None:
    await ops(hall)
    with pytest.raises(Rejected, match=words):
        await hall.ask(name, **said)


async def test_without_a_rota_it_is_said_how_to_set_one_up(hall: Hall) -> None:
    outcome = await hall.ask("on_call")
    assert isinstance(outcome.result, OnCallShown)
    assert outcome.result.rows == ()
    with pytest.raises(NotFound, match="/oncall set ops"):
        await hall.ask("take_on_call", within="2h")


# --- escalations


async def test_a_ladder_is_read_with_times_people_rotas_groups_and_channels(hall: Hall) -> None:
    await ops(hall)
    said = "rota ops, 10m @ada and <!subteam^S12345678|@leads>, 20 minutes #ops-leads, repeat 2 times"
    outcome = await hall.ask("set_escalation", about="critical", levels=said, places={"#ops-leads": "slack:C77"})
    assert isinstance(outcome.result, EscalationsShown)
    (policy,) = outcome.result.policies
    assert [level.after for level in policy.levels] == [0, 600, 1200]
    assert [[(one.kind, one.id) for one in level.targets] for level in policy.levels] == [
        [(Kind.ROTA, "ops")],
        [(Kind.PERSON, ADA.id), (Kind.GROUP, "slack:S12345678")],
        [(Kind.CHANNEL, "slack:C77")],
    ]
    assert policy.repeat == 2
    assert await hall.audited("escalation_critical") == [("Ada", "set_escalation", "done")]
    changed = await hall.ask("set_escalation", about="critical alerts", levels="5m @ada")
    assert isinstance(changed.result, EscalationsShown)
    assert (changed.result.policies[0].revision, changed.result.policies[0].levels[0].after) == (2, 300)


@pytest.mark.parametrize(("about", "id"), [("GitHub", "github"), ("all", "all"), ("everything", "all"), ("high", "high")])
async def test_it_is_for_a_severity_a_service_or_all(hall: Hall, about: str, id: str) -> None:
    await hall.ask("set_escalation", about=about, levels="@ada")
    assert await hall.store.policies.get(ESCALATION, id)
    await hall.ask("remove_escalation", about=about)
    assert await hall.store.policies.get(ESCALATION, id) is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"about": "sometimes", "levels": "@ada"}, "neither a severity"),
        ({"about": "all", "levels": " "}, "Who is to be called"),
        ({"about": "all", "levels": "rota nights"}, "no rota “nights”"),
        ({"about": "all", "levels": "@ada, rota ops"}, "When is “rota ops” called"),
        ({"about": "all", "levels": "20m @ada, 10m #leads"}, "must come later than the one before"),
        ({"about": "all", "levels": "@ada, 10d #leads"}, "When is|no duration"),
    ],
)
async def test_what_is_no_ladder_is_refused_with_what_to_say(hall: Hall, said: dict[str, Any], words: str) -> None:
    await ops(hall)
    with pytest.raises(Rejected, match=words):
        await hall.ask("set_escalation", **said)
    assert await hall.store.policies.of(ESCALATION) == []


async def test_a_rota_that_is_called_is_not_removed_from_under_its_escalation(hall: Hall) -> None:
    await ops(hall)
    await hall.ask("set_escalation", about="all", levels="rota ops")
    with pytest.raises(Rejected, match="The escalation for “all” calls this rota"):
        await hall.ask("remove_rota", rota="ops")
    await hall.ask("remove_escalation", about="all")
    await hall.ask("remove_rota", rota="Ops")
    assert await rotas(hall.house) == {}
    with pytest.raises(NotFound, match="no escalation for “all”"):
        await hall.ask("remove_escalation", about="all")


@pytest.mark.parametrize(
    ("name", "said", "needs"),
    [
        ("set_rota", {"rota": "ops", "members": "me"}, "admin"),
        ("remove_rota", {"rota": "ops"}, "admin"),
        ("set_escalation", {"about": "all", "levels": "me"}, "admin"),
        ("remove_escalation", {"about": "all"}, "admin"),
        ("override_rota", {"rota": "ops", "user": "me"}, "operator"),
        ("take_on_call", {"rota": "ops"}, "operator"),
    ],
)
async def test_once_roles_hold_rotas_are_an_admins_and_standing_in_an_operators(
    hall: Hall, name: str, said: dict[str, Any], needs: str
) -> None:
    await hall.admin()
    if needs == "admin":
        await hall.admin(BOB, Role.OPERATOR)
    with pytest.raises(Forbidden, match=f"needs the role {needs}"):
        await hall.ask(name, actor=BOB, **said)


def test_what_a_rota_goes_by_can_be_typed_and_fits_a_button() -> None:
    assert [rota_id(name) for name in ("Ops Team", "ops", "Ärzte & Co", "x" * 90)] == ["ops-team", "ops", "rzte-co", "x" * 40]
