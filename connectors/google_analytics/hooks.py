"""Google Analytics: metrics, dimensions, days and filters in plain words, rows by name, reports asked for together, and numbers that are watched."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from connectors._kit.crossing import crossings
from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.days import days_said
from connectors._kit.described_wire import Request
from connectors._kit.failures import Refused
from engine.errors import NotFound, Rejected, SignalboxError
from engine.ports import Answer
from engine.workflow.definition import Json
from engine.workflow.wished import Wished

NOW = ("now", "realtime", "last 30 minutes")  # windows of a realtime report
METRICS = {
    "users": "activeUsers",
    "user": "activeUsers",
    "visitors": "totalUsers",
    "visits": "sessions",
    "views": "screenPageViews",
    "page views": "screenPageViews",
    "pageviews": "screenPageViews",
    "events": "eventCount",
    "revenue": "totalRevenue",
    "conversions": "keyEvents",
    "purchases": "ecommercePurchases",
    "session duration": "averageSessionDuration",
    "engagement": "engagementRate",
}
DIMENSIONS = {
    "day": "date",
    "page": "pagePath",
    "page title": "pageTitle",
    "source": "sessionSource",
    "medium": "sessionMedium",
    "channel": "sessionDefaultChannelGroup",
    "campaign": "sessionCampaignName",
    "referrer": "pageReferrer",
    "device": "deviceCategory",
    "event": "eventName",
    "os": "operatingSystem",
}
LIVE_DIMENSIONS = {**DIMENSIONS, "page": "unifiedScreenName", "page title": "unifiedScreenName", "minute": "minutesAgo"}
FILTER = re.compile(
    r"\s*(?P<name>[\w :]+?)\s*(?P<sign>==?|!=|is not|is|contains|begins with|starts with|ends with|matches)\s*[\"']?(?P<value>.+?)[\"']?\s*"
)
MATCHES = {
    "contains": "CONTAINS",
    "begins with": "BEGINS_WITH",
    "starts with": "BEGINS_WITH",
    "ends with": "ENDS_WITH",
    "matches": "PARTIAL_REGEXP",
}

REPORT = Request(method="POST", path="/v1beta/properties/{property}:runReport", body="{report}")
REALTIME = Request(method="POST", path="/v1beta/properties/{property}:runRealtimeReport", body="{report}")
TOGETHER = Request(method="POST", path="/v1beta/properties/{property}:batchRunReports", body={"requests": "{reports}"})
SUMMARIES = Request(method="GET", host="admin", path="/v1beta/accountSummaries", query={"pageSize": "{most}"})


def name_of(said: str, known: Mapping[str, str]) -> str:
    """“page views” → screenPageViews, “new users” → newUsers; a name of Google's stays as it is."""
    text = " ".join(said.strip().split())
    if text.casefold() in known:
        return known[text.casefold()]
    first, *more = text.split(" ")
    return (
        first + "".join(word[:1].upper() + word[1:] for word in more)
        if not more
        else first.lower() + "".join(word.capitalize() for word in more)
    )


def names_of(said: Mapping[str, Any], one: str, several: str, known: Mapping[str, str]) -> dict[str, str]:
    """Google's name → what was said, in the order they were said."""
    words = [*([said[one]] if said.get(one) else []), *(said.get(several) or [])]
    return {name_of(str(word), known): str(word).strip() for word in words if str(word).strip()}


def filter_of(said: str, known: Mapping[str, str]) -> dict[str, Json]:
    """“country = Sweden” as Google's filter. Raises Rejected for what cannot be read."""
    found = FILTER.fullmatch(said)
    if found is None:
        raise Rejected(f"“{said[:80]}” is no filter. Say for example country = Sweden, page contains /blog or device != mobile.")
    match = {"matchType": MATCHES.get(found["sign"], "EXACT"), "value": found["value"], "caseSensitive": False}
    plain: dict[str, Json] = {"filter": {"fieldName": name_of(found["name"], known), "stringFilter": match}}
    return {"notExpression": plain} if found["sign"] in ("!=", "is not") else plain


def report_of(said: Mapping[str, Any], days: tuple[date, date] | None) -> tuple[dict[str, Json], dict[str, str], dict[str, str]]:
    """The report to ask for, and its metrics and dimensions: Google's name → what was said. Without ``days`` a realtime report."""
    known = DIMENSIONS if days else LIVE_DIMENSIONS
    metrics, dimensions = names_of(said, "metric", "metrics", METRICS), names_of(said, "dimension", "dimensions", known)
    if not metrics:
        raise Rejected("Say what is to be measured, such as sessions or users.")
    report: dict[str, Json] = {
        "metrics": [{"name": name} for name in metrics],
        "metricAggregations": ["TOTAL"],
        "limit": str(min(max(int(said.get("limit") or 10), 1), 10_000)),
    }
    if dimensions:
        report["dimensions"] = [{"name": name} for name in dimensions]
        by_day = next((name for name in dimensions if name in ("date", "dateHour", "minutesAgo")), "")
        first = next(iter(metrics))
        report["orderBys"] = [{"dimension": {"dimensionName": by_day}}] if by_day else [{"metric": {"metricName": first}, "desc": True}]
    if days:
        report["dateRanges"] = [{"startDate": days[0].isoformat(), "endDate": days[1].isoformat()}]
    if said.get("filter"):
        report["dimensionFilter"] = filter_of(str(said["filter"]), known)
    return report, metrics, dimensions


def read(told: Mapping[str, Any], metrics: Mapping[str, str], dimensions: Mapping[str, str]) -> dict[str, Json]:
    """``count``, ``value``, ``rows`` and ``totals`` of an answer."""
    columns = [*dimensions.values()], [*metrics.values()]
    rows = [_row(row, *columns) for row in told.get("rows") or []]
    total = next(iter(told.get("totals") or []), None)
    totals = _row(total, [], columns[1]) if total else {}
    alone = rows[0] if len(rows) == 1 else {}
    shown = totals or {name: alone.get(name) for name in columns[1] if name in alone}
    value = shown.get(columns[1][0], 0) if shown or not rows else None
    return {"count": told.get("rowCount") or len(rows), "value": value, "rows": list(rows), "totals": shown}


def _row(row: Mapping[str, Any], dimensions: Sequence[str], metrics: Sequence[str]) -> dict[str, Json]:
    said = [str(one.get("value", "")) for one in row.get("dimensionValues") or []]
    counted = [number(one.get("value")) for one in row.get("metricValues") or []]
    return {**dict(zip(dimensions, said, strict=False)), **dict(zip(metrics, counted, strict=False))}


def number(text: Any) -> int | float | None:
    """Google writes numbers as text."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return int(value) if value.is_integer() else value


def _property(said: Mapping[str, Any]) -> str:
    return str(said.get("property_id") or "").rpartition("/")[2]


def _address(property: str) -> str:
    return f"https://analytics.google.com/analytics/web/#/p{property}/reports"


# --- reports --------------------------------------------------------------------------------------------------------------


async def _report(ask: Ask, tools: Tools) -> Answer:
    days = days_said(str(ask.arguments["window"]), tools.clock.now().date())
    report, metrics, dimensions = report_of(ask.arguments, days)
    property = _property(ask.arguments)
    told = await tools.send(REPORT, {"property": property, "report": report}, doing="run_report")
    return _answered(told, metrics, dimensions, days, property)


def _answered(told: Any, metrics: Mapping[str, str], dimensions: Mapping[str, str], days: tuple[date, date], property: str) -> Answer:
    placed = {"property": property, "from": days[0].isoformat(), "to": days[1].isoformat(), "url": _address(property)}
    return Answer({**read(told or {}, metrics, dimensions), **placed})


async def _realtime(ask: Ask, tools: Tools) -> Answer:
    report, metrics, dimensions = report_of(ask.arguments, None)
    property = _property(ask.arguments)
    told = await tools.send(REALTIME, {"property": property, "report": report}, doing="run_realtime_report")
    return Answer({**read(told or {}, metrics, dimensions), "property": property, "url": _address(property)})


async def _together(asks: Sequence[Ask], tools: Tools) -> Sequence[Answer | SignalboxError]:
    """Reports of one property in one request; where it is refused whole, each is asked for by itself."""
    answers: dict[int, Answer | SignalboxError] = {}
    groups: dict[str, list[int]] = {}
    for place, ask in enumerate(asks):
        groups.setdefault(_property(ask.arguments), []).append(place)
    for property, places in groups.items():
        told = await _of_one(property, [asks[place] for place in places], tools)
        answers |= dict(zip(places, told, strict=True))
    return [answers[place] for place in range(len(asks))]


async def _of_one(property: str, asks: Sequence[Ask], tools: Tools) -> Sequence[Answer | SignalboxError]:
    today = tools.clock.now().date()
    try:
        days = [days_said(str(ask.arguments["window"]), today) for ask in asks]
        made = [report_of(ask.arguments, span) for ask, span in zip(asks, days, strict=True)]
        told = await tools.send(TOGETHER, {"property": property, "reports": [report for report, _, _ in made]}, doing="run_report")
    except (Refused, Rejected):
        return await asyncio.gather(*(_alone(ask, tools) for ask in asks))
    reports = told.get("reports") or []
    if len(reports) != len(asks):
        return await asyncio.gather(*(_alone(ask, tools) for ask in asks))
    return [
        _answered(report, metrics, dimensions, span, property)
        for report, (_, metrics, dimensions), span in zip(reports, made, days, strict=True)
    ]


async def _alone(ask: Ask, tools: Tools) -> Answer | SignalboxError:
    try:
        return await _report(ask, tools)
    except SignalboxError as error:
        return error


# --- numbers that are watched -------------------------------------------------------------------------------------------------


async def _numbers(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    return await crossings(cursor, tools, partial(_measure, tools), named_by="metric")


async def _measure(tools: Tools, wish: Wished) -> Mapping[str, Any]:
    said = wish.equal
    window = str(said.get("window") or "today")
    property = await _found(tools, str(said.get("property") or tools.credentials.get("property")))
    days = None if window.casefold() in NOW else days_said(window, tools.clock.now().date())
    report, metrics, dimensions = report_of({"metric": said["metric"], "filter": said.get("filter")}, days)
    told = await tools.send(REPORT if days else REALTIME, {"property": property, "report": report}, doing="a look at what is watched")
    value = read(told or {}, metrics, dimensions)["value"]
    shown = said.get("property") or property
    return {"value": value, "property": shown, "window": window, "filter": said.get("filter"), "url": _address(property)}


async def _found(tools: Tools, said: str) -> str:
    """The number of a property. Raises NotFound or Rejected."""
    if re.fullmatch(r"(?:properties/)?\d+", said):
        return said.rpartition("/")[2]

    async def load() -> Any:
        told = await tools.send(SUMMARIES, {"most": 200}, doing="the look-up of a property")
        return [one for account in told.get("accountSummaries") or [] for one in account.get("propertySummaries") or []]

    known: Sequence[Mapping[str, Any]] = await tools.memory.recall("properties watched", load, seconds=3600.0)
    fitting = [one for one in known if not said or str(one.get("displayName", "")).casefold() == said.casefold()]
    if not fitting:
        raise NotFound(f"Google Analytics shows no property “{said}” to this account.")
    if len(fitting) > 1:
        raise Rejected(f"Google Analytics shows {len(fitting)} properties; name one in the condition: event.property == '…'.")
    return str(fitting[0]["property"]).rpartition("/")[2]


async def _probe(tools: Tools) -> None:
    await tools.send(SUMMARIES, {"most": 1}, doing="the probe")


CUSTOM = Custom(
    perform={"run_report": _report, "run_realtime_report": _realtime},
    together={"run_report": _together},
    probe=_probe,
    poll={"numbers": _numbers},
)
