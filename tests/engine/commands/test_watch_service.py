"""Ordering deliveries from a chat: what is said goes to the service, and /service shows what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.commands.command import Done
from engine.commands.watch_service import targets
from engine.errors import Forbidden, Rejected
from engine.events import ServiceStateSaved
from engine.monitoring.alert import ServiceState
from engine.ports import FeedState, Poll, Standing
from tests.engine.clock import NOON
from tests.engine.commands.hall import BOB, Hall
from tests.engine.commands.orders import Orders


@pytest.fixture
def orders(hall: Hall) -> Orders:
    orders = Orders()
    hall.house = replace(hall.house, watching=orders)
    return orders


async def said(hall: Hall, name: str, **arguments: Any) -> str:
    outcome = await hall.ask(name, **arguments)
    assert isinstance(outcome.result, Done)
    return outcome.result.text


async def test_what_is_ordered_is_said_with_its_end_and_stands_in_the_audit(hall: Hall, orders: Orders) -> None:
    text = await said(hall, "watch_service", service="github", target="acme/web")
    assert text == "GitHub delivers acme/web from now on. It is renewed before it ends on 2026-03-11 12:00 UTC."
    assert orders.kept[0].said == {"repository": "acme/web"}
    assert [row.verb for row in await hall.store.audit.list(subject="account:github:default")] == ["watch_service"]


async def test_an_order_is_ended_by_the_same_words(hall: Hall, orders: Orders) -> None:
    await hall.ask("watch_service", service="github", target="acme/web")
    assert await said(hall, "watch_service", service="github", target="acme/web", off=True) == "GitHub no longer delivers acme/web."
    assert orders.kept == []


async def test_a_service_set_up_by_hand_is_listened_to_and_what_to_do_next_is_said(hall: Hall, orders: Orders) -> None:
    assert await said(hall, "watch_service", service="notion") == "Enter the address at Notion now."
    rows = await hall.store.audit.list(subject="account:notion:default")
    assert [(row.verb, row.detail) for row in rows] == [("watch_service", "its greeting is awaited")]
    assert orders.kept == []


async def test_only_admins_order_and_end(hall: Hall, orders: Orders) -> None:
    await hall.admin()
    with pytest.raises(Forbidden):
        await hall.ask("watch_service", service="github", target="acme/web", actor=BOB)
    assert orders.kept == []


async def test_a_house_that_orders_nothing_says_so(hall: Hall) -> None:
    with pytest.raises(Rejected, match="Nothing can be ordered"):
        await hall.ask("watch_service", service="github", target="acme/web")


async def test_a_service_shows_its_vendor_its_credential_its_feeds_and_its_orders_apart(hall: Hall, orders: Orders) -> None:
    await hall.ask("watch_service", service="github", target="acme/web")
    poll = Poll(service="github", account="default", name="events", every=60.0, events=frozenset())
    hall.house = replace(hall.house, feeds=lambda: [FeedState(poll, NOON, NOON, "GitHub is down.")])

    async def standing(service: str) -> Standing:
        return Standing(service, "trouble", "API Requests has trouble.", NOON)

    hall.world.standing = standing  # type: ignore[method-assign]
    state = ServiceState(
        service="github", account="default", ever_ok=True, last_ok_at=NOON, last_at=NOON, last_latency=0.21, status="healthy"
    )
    await hall.store.ledger.record(ServiceStateSaved(state))
    lines = (await said(hall, "show_service", service="github")).splitlines()
    assert "Vendor: trouble. API Requests has trouble." in lines
    assert "Credential: live, it answered in 210 ms." in lines
    assert "Polled: events every 1 minute, last at 12:00:00 UTC. GitHub is down." in lines
    assert "Delivers acme/web until 2026-03-11 12:00 UTC, renewed before." in lines


@pytest.mark.parametrize(
    ("state", "said_of_it"),
    [
        (
            ServiceState(service="github", account="default", misconfigured=True, last_at=NOON, detail="Check GITHUB_TOKEN."),
            "refused. Check GITHUB_TOKEN.",
        ),
        (
            ServiceState(service="github", account="default", failures=2, last_ok_at=NOON, last_at=NOON),
            "not known, it has not answered since 12:00 UTC.",
        ),
        (ServiceState(service="github", account="default", sandbox=True, last_at=NOON), "none needed, the sandbox answers."),
    ],
)
async def test_a_credential_is_not_judged_by_whether_the_vendor_is_up(hall: Hall, state: ServiceState, said_of_it: str) -> None:
    await hall.store.ledger.record(ServiceStateSaved(state))
    assert f"Credential: {said_of_it}" in await said(hall, "show_service", service="github")


def test_several_things_are_said_in_a_row() -> None:
    assert targets(("team", "channel"), "Ops / General / Urgent") == {"team": "Ops", "channel": "General / Urgent"}
    assert targets(("repository",), " acme/web ") == {"repository": "acme/web"}
    assert targets((), "") == targets(("board",), " ") == {}
    assert targets((), "x") == {"target": "x"}
