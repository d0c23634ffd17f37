"""Rights: everyone may everything until the first admin is named; then roles hold, and nobody can lock the house open or shut."""

from __future__ import annotations

import pytest

from engine.commands.command import Done, Outcome
from engine.errors import Forbidden, Rejected
from engine.parties import Actor, Role
from tests.engine.commands.hall import ADA, BOB, OWNER, RELEASE, Hall


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Done)
    return outcome.result.text


async def test_on_a_fresh_install_everyone_may_act(hall: Hall) -> None:
    await hall.stored()
    await hall.ask("pause_workflow", actor=BOB, workflow="Release")
    await hall.ask("resume_workflow", actor=BOB, workflow="Release")


async def test_from_the_first_admin_on_roles_hold(hall: Hall) -> None:
    await hall.stored()
    said = text(await hall.ask("name_admin", user="@you"))
    assert said == "Ada is admin now. From now on roles hold: everyone may look, operators and admins may act."
    with pytest.raises(Forbidden, match=r"needs the role operator; you are viewer. Ask an admin: Ada"):
        await hall.ask("pause_workflow", actor=BOB, workflow="Release")
    await hall.ask("list_workflows", actor=BOB)
    assert text(await hall.ask("name_admin", user="<@U2|bob>", role="operator")) == "bob is operator now."
    await hall.ask("pause_workflow", actor=BOB, workflow="Release")
    with pytest.raises(Forbidden, match="needs the role admin; you are operator"):
        await hall.ask("name_admin", actor=BOB, user="me")


async def test_whoever_holds_the_machine_may_act_whatever_the_roles_say(hall: Hall) -> None:
    await hall.admin(ADA)
    await hall.ask("create_workflow", actor=OWNER, workflow=RELEASE)


async def test_the_only_admin_cannot_step_down_and_open_the_house_to_all(hall: Hall) -> None:
    await hall.admin(ADA)
    with pytest.raises(Rejected, match="Ada is the only admin"):
        await hall.ask("name_admin", user="me", role="viewer")
    await hall.ask("name_admin", user="slack:U2")
    await hall.ask("name_admin", user="me", role="viewer")
    assert await hall.store.members.role(ADA.id) is Role.VIEWER


async def test_naming_an_operator_first_says_that_roles_do_not_hold_yet(hall: Hall) -> None:
    assert "until then everyone may do everything" in text(await hall.ask("name_admin", user="<@U2>", role="operator"))


@pytest.mark.parametrize("whom", ["Bob", "https://example.org", "slack:", "nowhere:U1", "slack:U1 or so", "", "<@U1> <@U2>"])
async def test_somebody_who_cannot_be_told_is_not_made_admin(hall: Hall, whom: str) -> None:
    with pytest.raises(Rejected, match="I do not know whom"):
        await hall.ask("name_admin", user=whom)
    assert await hall.store.members.admins() == {}


async def test_an_unknown_role_is_refused(hall: Hall) -> None:
    with pytest.raises(Rejected, match=r"“king” is no role. Say admin, operator or viewer"):
        await hall.ask("name_admin", user="me", role="king")


async def test_an_admin_named_by_a_bare_id_gets_their_name_when_they_first_act(hall: Hall) -> None:
    await hall.ask("name_admin", user="<@U2>")
    assert await hall.store.members.admins() == {BOB.id: "U2"}
    await hall.ask("create_workflow", actor=BOB, workflow=RELEASE)
    assert await hall.store.members.admins() == {BOB.id: "Bob"}
    with pytest.raises(Forbidden, match="Ask an admin: Bob"):
        await hall.ask("create_workflow", actor=Actor("discord", "9", "Eve"), workflow=RELEASE)


async def test_who_did_what_is_in_the_audit_and_only_operators_read_it(hall: Hall) -> None:
    await hall.ask("name_admin", user="me")
    assert await hall.audited(ADA.id) == [("Ada", "name_admin", "done")]
    with pytest.raises(Forbidden):
        await hall.ask("show_audit", actor=BOB)


async def test_somebody_mentioned_is_who_the_mention_meant_where_it_was_said(hall: Hall) -> None:
    await hall.ask("name_admin", user="@max", places={"@max": "slack:U7"})
    assert await hall.store.members.admins() == {"slack:U7": "max"}
    with pytest.raises(Rejected, match="do not know whom"):
        await hall.ask("name_admin", user="@leads", places={"@leads": "discord:&5"}, actor=Actor("slack", "U7", "max"))
