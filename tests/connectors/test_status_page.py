"""What vendors say of themselves: each kind of page is read, and one that fails says unknown, never down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.described_wire import StatusPage
from connectors._kit.status_page import _READERS, StatusPages, _judged
from engine.ports import Standing
from tests.connectors.desk_rig import HeldCredentials, description
from tests.connectors.rig import SetClock, asgi


@dataclass
class Page:
    """An ASGI server that answers every look with ``body``; a status other than 200 where ``status`` says so."""

    body: Any = None
    status: int = 200
    hold: asyncio.Event | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append((scope["path"], {key.decode(): value.decode() for key, value in scope["headers"]}))
        if self.hold:
            await self.hold.wait()
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": content})


class House:
    def __init__(self, page: Page, *, values: Mapping[str, str] | None = None, **how: Any) -> None:
        self.clock = SetClock()
        self.page = page
        self.said = description(None, {}, status_page={"url": "https://status.acme.example", **how} if how.get("kind") != "" else None)
        self.credentials = cast(Any, HeldCredentials(values or {}))
        self.pages = StatusPages(self.clock, asgi(page))

    async def ask(self) -> Standing:
        return await self.pages.standing(self.said, self.credentials)


def components(**states: str) -> dict[str, Any]:
    parts = [{"name": name.replace("_", " "), "status": state} for name, state in states.items()]
    return {"status": {"indicator": "major", "description": "Partial System Outage"}, "components": parts}


INCIDENT = {"service_name": "Google Calendar", "affected_products": [{"title": "Google Calendar"}], "begin": "2026-11-23T08:00:00Z"}
SHOWN: list[tuple[str, list[str], Any, str, str]] = [
    (
        "statuspage",
        [],
        {"status": {"indicator": "none", "description": "All Systems Operational"}, "components": []},
        "up",
        "All Systems Operational.",
    ),
    ("statuspage", [], components(API="major_outage"), "trouble", "Partial System Outage."),
    ("statuspage", ["API"], components(API="operational", Careers="major_outage"), "up", "Its own page shows no trouble."),
    (
        "statuspage",
        ["API", "Webhooks"],
        components(API="degraded_performance", Webhooks="partial_outage"),
        "trouble",
        "API, Webhooks have trouble.",
    ),
    ("statuspage", ["api"], components(API="major_outage"), "down", "API is down."),
    ("statuspage", ["API"], components(API="under_maintenance"), "trouble", "API has trouble."),
    ("slack", [], {"status": "ok", "active_incidents": []}, "up", "Its own page shows no trouble."),
    ("slack", [], {"status": "active", "active_incidents": [{"title": "Slow", "type": "incident"}]}, "trouble", "Slow has trouble."),
    ("slack", [], {"status": "active", "active_incidents": [{"title": "All of it", "type": "outage"}]}, "down", "All of it is down."),
    (
        "slack",
        ["Messaging"],
        {"status": "active", "active_incidents": [{"title": "Calls", "type": "outage", "services": ["Huddles"]}]},
        "up",
        "No trouble that concerns us.",
    ),
    ("google", ["Google Calendar"], [INCIDENT | {"end": "2026-11-23T09:00:00Z"}], "up", "Its own page shows no trouble."),
    ("google", ["Google Calendar"], [INCIDENT | {"status_impact": "SERVICE_DISRUPTION"}], "trouble", "Google Calendar has trouble."),
    ("google", ["Google Calendar"], [INCIDENT | {"status_impact": "SERVICE_OUTAGE"}], "down", "Google Calendar is down."),
    ("google", ["Gmail"], [INCIDENT | {"status_impact": "SERVICE_OUTAGE"}], "up", "Its own page shows no trouble."),
    ("google", [], [], "up", "Its own page shows no trouble."),
    (
        "stripe",
        [],
        {"largestatus": "up", "message": "All services are online.", "statuses": {"api": "up"}},
        "up",
        "All services are online.",
    ),
    ("stripe", ["api"], {"largestatus": "down", "statuses": {"api": "up", "dashboard": "down"}, "message": "Hm."}, "up", "Hm."),
    ("stripe", ["api"], {"largestatus": "degraded", "statuses": {"api": "degraded"}}, "trouble", "api has trouble."),
    ("statusio", [], {"result": {"status_overall": {"status_code": 100}, "status": []}}, "up", "Its own page shows no trouble."),
    ("statusio", [], {"result": {"status": [{"name": "Git", "status_code": 300}]}}, "trouble", "Git has trouble."),
    (
        "statusio",
        ["API"],
        {"result": {"status": [{"name": "API", "status_code": 500}, {"name": "Git", "status_code": 100}]}},
        "down",
        "API is down.",
    ),
    ("salesforce", [], {"key": "NA139", "status": "OK"}, "up", "NA139 shows no trouble."),
    ("salesforce", [], {"key": "NA139", "status": "MAJOR_INCIDENT_CORE"}, "down", "NA139: major incident core."),
    ("salesforce", [], {"key": "NA139", "status": "MINOR_INCIDENT_NONCORE"}, "trouble", "NA139: minor incident noncore."),
]


@pytest.mark.parametrize(("kind", "wanted", "body", "state", "says"), SHOWN)
async def test_each_kind_of_page_is_read_for_what_concerns_us(kind: str, wanted: list[str], body: Any, state: str, says: str) -> None:
    house = House(Page(body), kind=kind, components=wanted, values={"instance": "na139"})
    standing = await house.ask()
    assert (standing.state, standing.says) == (state, says)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("statuspage", "/api/v2/summary.json"),
        ("slack", "/api/v2.0.0/current"),
        ("google", "/incidents.json"),
        ("salesforce", "/instances/NA139/status"),
    ],
)
async def test_each_page_is_asked_at_its_address_and_without_credentials(kind: str, path: str) -> None:
    house = House(Page({}), kind=kind, values={"base_url": "https://na139.salesforce.example", "token": "test-token"})
    await house.ask()
    ((asked, headers),) = house.page.asked
    assert asked == path
    assert "authorization" not in headers
    assert "test-token" not in str(headers)


@pytest.mark.parametrize("kind", _READERS)
@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>", 200), ({}, 200), ([1], 200), (None, 200), ({"status": "ok"}, 503), ({"status": 7}, 200)]
)
async def test_a_page_that_fails_or_says_nonsense_is_unknown_and_never_down(kind: str, body: Any, status: int) -> None:
    standing = await House(Page(body, status), kind=kind, values={"instance": "na1"}).ask()
    assert standing.state == "unknown"
    assert standing.says


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(_READERS)),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["status", "components", "result", "statuses", "end", "active_incidents", "name"]), inner, max_size=3
            )
        ),
        max_leaves=6,
    ),
)
def test_no_page_however_odd_is_an_error(kind: str, body: Any) -> None:
    state, says = _judged(StatusPage(url="", kind=cast(Any, kind), components=("API",)), body)
    assert state in ("up", "trouble", "down", "unknown")
    assert isinstance(says, str)


async def test_a_vendor_that_publishes_nothing_is_unknown_and_says_where_people_can_look() -> None:
    house = House(Page({}), kind="none")
    standing = await house.ask()
    assert (standing.state, house.page.asked) == ("unknown", [])
    assert "https://status.acme.example" in standing.says
    assert (await House(Page({}), kind="").ask()).state == "unknown"


async def test_an_account_whose_instance_is_not_known_is_not_guessed() -> None:
    house = House(Page({}), kind="salesforce", values={"base_url": "https://acme.my.salesforce.example"})
    assert "instances" in (await house.ask()).says
    assert house.page.asked == []


async def test_a_page_is_looked_at_every_few_minutes_whoever_asks_and_old_news_are_said_meanwhile() -> None:
    house = House(Page({"status": "ok", "active_incidents": []}), kind="slack")
    first = await asyncio.gather(*(house.ask() for _ in range(5)))
    assert len(house.page.asked) == 1
    await house.clock.sleep(299)
    assert await house.ask() == first[0]
    assert len(house.page.asked) == 1
    await house.clock.sleep(2)
    house.page.hold, house.page.status = asyncio.Event(), 503
    assert await house.ask() == first[0]
    house.page.hold.set()
    while (await house.ask()) == first[0]:
        await asyncio.sleep(0)
    assert (await house.ask()).state == "unknown"
    await house.pages.close()
