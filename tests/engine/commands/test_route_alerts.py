"""Where alerts are told, in words."""

from __future__ import annotations

import pytest

from engine.commands.command import Done
from engine.errors import Forbidden, NotFound, Rejected
from engine.monitoring.route import KIND, route_of
from tests.engine.commands.hall import BOB, Hall


async def said(hall: Hall, **arguments: object) -> str:
    result = (await hall.ask("route_alerts", **arguments)).result
    assert isinstance(result, Done)
    return result.text


async def test_it_is_set_shown_changed_and_ended(hall: Hall) -> None:
    assert "No routes are set" in await said(hall)
    assert (
        await said(hall, about="GitHub high", to="#fire, discord:#ops") == "From now on: github, high and worse → slack:#fire, discord:#ops"
    )
    await said(hall, about="github high", to="#blaze")
    await said(hall, about="all", to="#rest")
    assert await said(hall) == (
        "Where alerts are told\neverything → slack:#rest\ngithub, high and worse → slack:#blaze\nEverything else goes to the usual place."
    )
    await said(hall, about="all", off=True)
    (policy,) = await hall.store.policies.of(KIND)
    assert (policy.id, policy.revision, route_of(policy.id, policy.body).severity) == ("github.high", 2, "high")
    assert await hall.audited("route_github.high") == [("Ada", "route_alerts", "done")] * 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"about": "github"}, "Say where to"),
        ({"about": "github", "to": "@bob"}, "Alerts are told in channels"),
        ({"about": "githbu", "to": "#x"}, "no service “githbu”. Did you mean"),
        ({"about": "github", "off": True}, "no route for github"),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_is_changed(hall: Hall, arguments: dict, words: str) -> None:
    await hall.admin(BOB)
    with pytest.raises((Rejected, NotFound)) as caught:
        await hall.ask("route_alerts", actor=BOB, **arguments)
    assert words in str(caught.value)
    assert await hall.store.policies.of(KIND) == []


async def test_only_an_admin_changes_where_alerts_go(hall: Hall) -> None:
    await hall.admin(BOB)
    with pytest.raises(Forbidden):
        await said(hall, about="all", to="#mine")
