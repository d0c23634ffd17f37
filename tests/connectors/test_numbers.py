"""Services of numbers: plain words become their names, reports go together, an event is the same however often it is put, and a crossing is told once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors._kit.custom import Told
from connectors._kit.shelf import Shelf, find_connectors
from connectors.google_analytics.hooks import DIMENSIONS, METRICS, filter_of, name_of
from connectors.mixpanel.hooks import expression_of, property_of
from engine.errors import Rejected
from engine.workflow.definition import Json
from engine.workflow.wished import Bound, Wished
from tests.connectors.contract_map import judged_by
from tests.connectors.made import Asked, Vendor
from tests.connectors.rig import NOW, SetClock, asgi, call

CONNECTORS = {connector.id: connector for connector in find_connectors()}
Reply = tuple[int, Mapping[str, str], Any]


def serving(service: str, answer: Callable[[Asked], Reply], clock: SetClock | None = None) -> tuple[Shelf, Vendor]:
    clock = clock or SetClock(NOW)
    vendor = Vendor(clock, answer)
    return Shelf.open(judged_by(service).environ, clock=clock, transport=asgi(vendor), connectors=[CONNECTORS[service]]), vendor


async def look(shelf: Shelf, service: str, cursor: Mapping[str, Json] | None, *wanted: Wished) -> Told:
    tools = replace(shelf.places.choose(service).live.tools, wanted=wanted)
    return await CONNECTORS[service].custom.poll["numbers"](cursor, tools)


# --- Google Analytics --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "known", "name"),
    [
        ("Page Views", METRICS, "screenPageViews"),
        ("users", METRICS, "activeUsers"),
        ("new users", METRICS, "newUsers"),
        ("sessions", METRICS, "sessions"),
        ("averageSessionDuration", METRICS, "averageSessionDuration"),
        ("customEvent:plan", DIMENSIONS, "customEvent:plan"),
        ("device", DIMENSIONS, "deviceCategory"),
        ("landing page", DIMENSIONS, "landingPage"),
    ],
)
def test_plain_words_become_the_names_of_a_report(said: str, known: Mapping[str, str], name: str) -> None:
    assert name_of(said, known) == name


def test_a_filter_is_said_in_words_and_what_is_none_is_refused() -> None:
    plain: Any = filter_of("page contains /blog", DIMENSIONS)
    assert plain["filter"] == {"fieldName": "pagePath", "stringFilter": {"matchType": "CONTAINS", "value": "/blog", "caseSensitive": False}}
    turned: Any = filter_of("country is not 'Sweden'", DIMENSIONS)
    assert turned["notExpression"]["filter"]["stringFilter"]["value"] == "Sweden"
    with pytest.raises(Rejected, match="no filter"):
        filter_of("whatever", DIMENSIONS)


def counted(*values: str) -> dict[str, Any]:
    return {"rows": [{"metricValues": [{"value": value} for value in values]}], "rowCount": 1}


async def test_reports_of_one_property_go_together_and_each_gets_its_own() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path.endswith(":batchRunReports"):
            return 200, {}, {"reports": [counted(str(place + 10)) for place in range(len(asked.body["requests"]))]}
        return 200, {}, counted("1")

    shelf, vendor = serving("google_analytics", answer)
    asks = [{"metric": metric, "property": "213025502"} for metric in ("sessions", "users", "events")]
    done = await asyncio.gather(*(shelf.perform(call("google_analytics.run_report", ask, key=f"k{n}")) for n, ask in enumerate(asks)))
    assert [one.output["value"] for one in done] == [10, 11, 12]  # type: ignore[index,call-overload]
    assert [asked.path.rpartition(":")[2] for asked in vendor.asked] == ["batchRunReports"]


async def test_one_report_that_is_wrong_does_not_spoil_those_beside_it() -> None:
    def answer(asked: Asked) -> Reply:
        reports = asked.body.get("requests") or [asked.body]
        if any(report["metrics"][0]["name"] == "nonsense" for report in reports):
            return 400, {}, {"error": {"message": "Field nonsense is not a valid metric.", "status": "INVALID_ARGUMENT"}}
        return 200, {}, counted("7")

    shelf, _ = serving("google_analytics", answer)
    asks = [{"metric": metric, "property": "213025502"} for metric in ("sessions", "nonsense")]
    good, bad = await asyncio.gather(
        *(shelf.perform(call("google_analytics.run_report", ask, key=f"k{n}")) for n, ask in enumerate(asks)), return_exceptions=True
    )
    assert not isinstance(good, BaseException)
    assert good.output["value"] == 7  # type: ignore[index,call-overload]
    assert isinstance(bad, Rejected)
    assert "not a valid metric" in str(bad)


async def test_a_metric_that_crosses_its_threshold_is_told_once_for_each_crossing() -> None:
    values = ["120", "90", "80", "130", "70"]
    clock = SetClock(NOW)

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return 200, {}, {"accountSummaries": [{"propertySummaries": [{"property": "properties/7", "displayName": "Acme web"}]}]}
        return 200, {}, counted(values.pop(0))

    shelf, vendor = serving("google_analytics", answer, clock)
    wish = Wished({"metric": "sessions", "property": "acme web"}, (Bound("value", "<", 100.0),))
    cursor: Mapping[str, Json] | None = None
    told = []
    for _ in range(5):
        clock.time += timedelta(minutes=10)
        found = await look(shelf, "google_analytics", cursor, wish)
        cursor = found.cursor
        told.append([(item["value"], item["direction"], item["property"]) for item in found.items])
    assert told == [[], [(90, "below", "acme web")], [], [], [(70, "below", "acme web")]]
    assert vendor.asked[-1].path == "/v1beta/properties/7:runReport"
    assert vendor.asked[-1].body["dateRanges"] == [{"startDate": "2026-11-23", "endDate": "2026-11-23"}]


# --- Mixpanel ------------------------------------------------------------------------------------------------------------------


async def test_an_event_that_is_put_again_has_the_same_time_and_id() -> None:
    clock = SetClock(NOW)
    shelf, vendor = serving("mixpanel", lambda asked: (200, {}, {"code": 200, "num_records_imported": 1}), clock)
    ask = call("mixpanel.track_event", {"event": "Deployed", "properties": {"time": 1, "version": "1.4"}}, asked_at=NOW)
    await shelf.perform(ask)
    clock.time += timedelta(minutes=5)
    await shelf.perform(ask)
    first, second = (asked.body[0] for asked in vendor.asked)
    assert first == second
    assert first["properties"]["time"] == int(NOW.timestamp())
    assert vendor.asked[0].query["strict"] == "1"


async def test_why_mixpanel_took_no_event_is_said() -> None:
    refusal = {"code": 400, "error": "some data points failed", "failed_records": [{"index": 0, "message": "'properties.time' is invalid"}]}
    shelf, _ = serving("mixpanel", lambda asked: (400, {}, refusal))
    with pytest.raises(Rejected, match=r"'properties\.time' is invalid"):
        await shelf.perform(call("mixpanel.track_event", {"event": "Deployed"}))


async def test_without_an_event_everything_that_happened_is_counted_by_its_name() -> None:
    lines = b'{"event": "Login", "properties": {}}\n{"event": "Login", "properties": {}}\n{"event": "Logout", "properties": {}}\n'
    shelf, vendor = serving("mixpanel", lambda asked: (200, {"content-type": "text/plain"}, lines))
    found: Any = (await shelf.perform(call("mixpanel.query_events", {"window": "PT24H"}))).output
    assert found["count"] == 3
    assert [(item["segment"], item["count"]) for item in found["items"]] == [("Login", 2), ("Logout", 1)]
    assert (vendor.asked[0].path, vendor.asked[0].query["from_date"]) == ("/api/2.0/export", "2026-11-22")


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("country = Sweden", 'properties["country"] == "Sweden"'),
        ('plan is not "free"', 'properties["plan"] != "free"'),
        ("age = 40", 'properties["age"] == 40'),
        ('properties["a"] > 3', 'properties["a"] > 3'),
        ('defined (properties["a"])', 'defined (properties["a"])'),
    ],
)
def test_a_filter_of_mixpanel_may_be_said_plainly(said: str, expression: str) -> None:
    assert expression_of(said) == expression


def test_a_property_is_named_plainly_or_as_an_expression() -> None:
    assert property_of("$browser") == 'properties["$browser"]'
    assert property_of('user["plan"]') == 'user["plan"]'


async def test_mixpanels_numbers_are_watched_as_the_condition_names_them() -> None:
    counts = [5, 20]
    shelf, vendor = serving("mixpanel", lambda asked: (200, {}, {"data": {"values": {"Signed up": {"2026-11-23": counts.pop(0)}}}}))
    wish = Wished({"metric": "Signed up", "window": "yesterday", "filter": "plan = team"}, (Bound("value", ">=", 10.0),))
    first = await look(shelf, "mixpanel", None, wish)
    second = await look(shelf, "mixpanel", first.cursor, wish)
    assert (list(first.items), [(item["value"], item["direction"], item["event"]) for item in second.items]) == (
        [],
        [(20, "above", "Signed up")],
    )
    assert vendor.asked[0].query["from_date"] == vendor.asked[0].query["to_date"] == "2026-11-22"
    assert vendor.asked[0].query["where"] == 'properties["plan"] == "team"'
