"""Mixpanel: an event with the time it was asked at, numbers by day and property, and numbers that are watched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from connectors._kit.crossing import crossings
from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.days import days_said
from connectors._kit.described_wire import Request
from engine.ports import Answer
from engine.workflow.definition import Json
from engine.workflow.wished import Wished

MOST_RAW = 5_000  # raw events of a count of everything
PLAIN = re.compile(r"(?P<name>[\w$][\w $.-]*?)\s*(?P<sign>==?|!=|is not|is)\s*[\"']?(?P<value>[^\"']+?)[\"']?")
BARE = re.compile(r"[\w$][\w $.-]*")
SEGMENTS = Request(
    method="GET",
    path="/api/query/segmentation",
    query={
        "project_id": "{project}",
        "event": "{event}",
        "from_date": "{first}",
        "to_date": "{last}",
        "type": "{type}",
        "unit": "{unit}",
        "on": "{on}",
        "where": "{where}",
        "limit": "{limit}",
    },
)
RAW = Request(
    method="GET",
    host="data",
    path="/api/2.0/export",
    query={"project_id": "{project}", "from_date": "{first}", "to_date": "{last}", "where": "{where}", "limit": MOST_RAW},
    answer="lines",
)


async def _event(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """The time is that of the ask, so that the same ask is the same event however often it is put."""
    said = ask.arguments
    moment = datetime.fromisoformat(said["time"]) if said.get("time") else ask.call.asked_at or tools.clock.now()
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    known = {
        "time": int(moment.timestamp()),
        "distinct_id": str(said.get("user") or ""),
        "$insert_id": str(uuid5(NAMESPACE_OID, ask.call.key)),
    }
    return {"record": {"event": said["event"], "properties": {**(said.get("properties") or {}), **known}}}


def property_of(said: str) -> str:
    """“country” → ``properties["country"]``; an expression stays as it is."""
    return f'properties["{said.strip()}"]' if BARE.fullmatch(said.strip()) else said


def expression_of(said: str) -> str:
    """“country = Sweden” → ``properties["country"] == "Sweden"``; an expression stays as it is."""
    plain = PLAIN.fullmatch(said.strip())
    if "properties[" in said or plain is None:
        return said
    sign = "!=" if plain["sign"] in ("!=", "is not") else "=="
    value = plain["value"].strip()
    shown = value if re.fullmatch(r"-?\d+(\.\d+)?|true|false", value) else '"' + value.replace("\\", "\\\\") + '"'
    return f"{property_of(plain['name'])} {sign} {shown}"


def _scope(tools: Tools, window: str, filter: str) -> dict[str, Any]:
    first, last = days_said(window, tools.clock.now().date())
    return {
        "project": tools.credentials.get("project"),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "where": expression_of(filter) if filter else None,
    }


async def _query(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    scope = _scope(tools, str(said["window"]), str(said.get("filter") or ""))
    items: list[dict[str, Json]]
    if said.get("event"):
        items = list(await _counted(ask, tools, scope))
    else:
        raw = await tools.send(RAW, scope, doing="query_events")
        counts = Counter(str(one.get("event")) for one in raw if isinstance(one, dict))
        items = [{"segment": name, "date": None, "count": count} for name, count in counts.most_common()]
    total = sum(item["count"] for item in items if isinstance(item["count"], int | float))
    return Answer({"count": total, "items": [*items], "from": scope["first"], "to": scope["last"], "url": _address(tools)})


async def _counted(ask: Ask, tools: Tools, scope: Mapping[str, Any]) -> Iterator[dict[str, Json]]:
    said = ask.arguments
    by = property_of(str(said["by"])) if said.get("by") else None
    most = min(max(int(said["limit"]), 1), 10_000) if by else None
    asked = {**scope, "event": said["event"], "type": said["count_by"], "unit": said["unit"], "on": by, "limit": most}
    told = await tools.send(SEGMENTS, asked, doing="query_events")
    values: Mapping[str, Mapping[str, Any]] = (told.get("data") or {}).get("values") or {}
    return ({"segment": name, "date": day, "count": days[day]} for name, days in sorted(values.items()) for day in sorted(days))


def _address(tools: Tools) -> str:
    return f"{tools.credentials.get('base_url')}/project/{tools.credentials.get('project')}"


async def _numbers(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    return await crossings(cursor, tools, partial(_measure, tools), named_by="metric")


async def _measure(tools: Tools, wish: Wished) -> Mapping[str, Any]:
    said = wish.equal
    event, window, filter = str(said.get("event") or said["metric"]), str(said.get("window") or "today"), str(said.get("filter") or "")
    asked = {**_scope(tools, window, filter), "event": event, "type": "general", "unit": "day"}
    told = await tools.send(SEGMENTS, asked, doing="a count of what is watched")
    values: Mapping[str, Mapping[str, Any]] = (told.get("data") or {}).get("values") or {}
    value = sum(count for days in values.values() for count in days.values() if isinstance(count, int | float))
    return {"value": value, "event": event, "window": window, "filter": filter or None, "url": _address(tools)}


CUSTOM = Custom(
    offline=True,  # nothing is asked to prepare an event
    prepare={"track_event": _event},
    perform={"query_events": _query},
    poll={"numbers": _numbers},
)
