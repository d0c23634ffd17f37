"""What Google Calendar's description cannot say: days and moments, events by title, and changes that a push only hints at."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from dateutil.parser import isoparse

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.nearest import did_you_mean
from connectors.google_calendar.times import boundaries, iso, lasting, moment, whole_day
from engine.errors import Invalid, NotFound, Problem, Transient
from engine.workflow.definition import Json

EVENT = re.compile(r"[a-v0-9]{18,}(?:_[0-9TZ]{8,16})?")
RECENT = timedelta(minutes=10)  # how far a push looks back: it says that something changed, not what
EVENTS = "/calendars/{calendar}/events"
MOST_PAGES = 200  # of one list

# --- which event -------------------------------------------------------------------------------------------------------------


async def _event(ask: Ask, tools: Tools) -> str:
    """Its id, from that, a link, or the title of one that is still to come."""
    said = ask.arguments["event"].strip()
    if EVENT.fullmatch(said):
        return str(said)
    if "eid=" in said:
        return _of_link(said)
    query = {
        "q": said,
        "timeMin": iso(tools.clock.now() - timedelta(days=1)),
        "singleEvents": True,
        "orderBy": "startTime",
        "maxResults": 50,
    }
    request = Request(method="GET", path=EVENTS, query=query)
    found = (await tools.send(request, {"calendar": ask.arguments["calendar_id"]}, doing="the look-up of an event")).get("items", [])
    for one in found:
        if " ".join(str(one.get("summary", "")).split()).casefold() == " ".join(said.split()).casefold():
            return str(one["id"])
    raise NotFound(f"Google Calendar has no event “{said}” to come.{did_you_mean(said, [str(one.get('summary', '')) for one in found])}")


def _of_link(said: str) -> str:
    eid = parse_qs(urlsplit(said).query).get("eid", [""])[0]
    try:
        return urlsafe_b64decode(eid + "=" * (-len(eid) % 4)).decode().split(" ")[0]
    except (ValueError, binascii.Error) as err:
        raise NotFound(f"“{said[:80]}” is not the link of an event.") from err


async def _on_event(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"event_id": await _event(ask, tools)}


# --- times -------------------------------------------------------------------------------------------------------------------


def _guests(said: Mapping[str, Any]) -> list[dict[str, str]] | None:
    return [{"email": one} for one in said["attendees"]] if "attendees" in said else None


async def _new_event(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said, zone = ask.arguments, tools.credentials.get("zone")
    begins = moment(said["start"])
    if "end" in said:
        ends = moment(said["end"])
        ends = begins + timedelta(days=1) if whole_day(said["start"]) and ends == begins else ends
    else:
        ends = lasting(begins, said.get("duration", ""), whole_day(said["start"]))
    _in_order(begins, ends)
    alone = whole_day(said["start"])
    return {"begins": _as_field(begins, alone, zone), "ends": _as_field(ends, alone, zone), "guests": _guests(said)}


async def _changed_event(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said, zone, event = ask.arguments, tools.credentials.get("zone"), await _event(ask, tools)
    if not {"start", "end", "duration"} & set(said):
        return {"event_id": event, "guests": _guests(said)}
    path = f"{EVENTS}/{{event}}"
    now = await tools.send(Request(method="GET", path=path), {"calendar": said["calendar_id"], "event": event}, doing="a look at the event")
    was = [str((now.get(side) or {}).get("dateTime") or (now.get(side) or {}).get("date") or "") for side in ("start", "end")]
    start = said.get("start") or was[0] or iso(tools.clock.now())
    begins, alone = moment(start), whole_day(start)
    if "end" in said:
        ends = moment(said["end"])
    elif "duration" in said or not all(was) or whole_day(was[0]) != alone:
        ends = lasting(begins, said.get("duration", ""), alone)
    else:
        ends = begins + (moment(was[1]) - moment(was[0]))
    _in_order(begins, ends)
    fields = [_as_field(when, alone, zone, was_alone=whole_day(was[0]) if was[0] else None) for when in (begins, ends)]
    return {"event_id": event, "begins": fields[0], "ends": fields[1], "guests": _guests(said)}


def _in_order(begins: datetime, ends: datetime) -> None:
    if (begins.tzinfo is None) == (ends.tzinfo is None) and ends < begins:
        raise Invalid("The event cannot be made like this:", [Problem("it would end before it begins.", ("end",))])


def _as_field(when: datetime, alone: bool, zone: str, *, was_alone: bool | None = None) -> dict[str, Any]:
    """A day, or a moment; the other form is taken away where an event changes from one to the other."""
    other = {"dateTime" if alone else "date": None} if was_alone not in (None, alone) else {}
    if alone:
        return {"date": when.date().isoformat(), **other}
    return {"dateTime": when.isoformat(), **other, **({} if when.tzinfo else {"timeZone": zone})}


async def _listed(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said, now = ask.arguments, tools.clock.now()
    first, last = boundaries(said.get("window", ""), now)
    first = moment(said["start"]) if "start" in said else first
    last = moment(said["end"]) if "end" in said else last
    return {"from_moment": iso(first), "until_moment": iso(last) if last else None}


# --- what happened -----------------------------------------------------------------------------------------------------------


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """What changed of late in the calendar that the push is about; what was told before is known by its id."""
    if delivered.headers.get("x-goog-resource-state") != "exists":
        return []
    named = re.search(r"/calendars/([^/]+)/events", delivered.headers.get("x-goog-resource-uri", ""))
    calendar = unquote(named[1]) if named else tools.credentials.get("calendar")
    since = tools.clock.now() - RECENT
    query = {"updatedMin": iso(since), "showDeleted": True, "maxResults": 250}
    found = [event async for event in _pages(tools, calendar, query)]
    return [item for event in found if isinstance(event, dict) for item in _happened(event, calendar, since)]


def _happened(event: Mapping[str, Any], calendar: str, since: datetime) -> Sequence[dict[str, Any]]:
    if event.get("status") == "cancelled":
        return [{**event, "calendar": calendar, "happened": "cancelled", "told": f"{calendar}/{event.get('id')}:cancelled"}]
    if event.get("created") and isoparse(event["created"]) >= since:
        return [{**event, "calendar": calendar, "happened": "created", "told": f"{calendar}/{event.get('id')}:created"}]
    return []


async def _pages(tools: Tools, calendar: str, query: Mapping[str, Any], last: dict[str, Any] | None = None) -> AsyncIterator[Any]:
    """Every event of an answer, page by page; ``last`` is filled with the last page."""
    page = None
    for _ in range(MOST_PAGES):
        request = Request(method="GET", path=EVENTS, query={**query, **({"pageToken": page} if page else {})})
        body = await tools.send(request, {"calendar": calendar}, doing="a look for changes")
        for event in body.get("items", []):
            yield event
        page = body.get("nextPageToken")
        if not page:
            if last is not None:
                last.update(body)
            return
    raise Transient(f"The calendar's list goes on after {MOST_PAGES} pages.")


async def _changes(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """By the sync token. Without one, and when Google no longer knows it (410), it begins anew and tells nothing."""
    calendar, now = tools.credentials.get("calendar"), tools.clock.now()
    last: dict[str, Any] = {}
    if cursor and cursor.get("sync"):
        since = isoparse(str(cursor["at"])) - RECENT
        try:
            found = [event async for event in _pages(tools, calendar, {"syncToken": cursor["sync"], "maxResults": 250}, last)]
            items = [item for event in found for item in _happened(event, calendar, since)]
            return _told_once(items, cursor, {"sync": last.get("nextSyncToken"), "at": now.isoformat()})
        except NotFound:
            last = {}
    async for _ in _pages(tools, calendar, {"maxResults": 2500, "fields": "nextPageToken,nextSyncToken"}, last):
        pass
    return Told([], {"sync": last.get("nextSyncToken"), "at": now.isoformat(), "told": []})


def _told_once(items: Sequence[dict[str, Any]], cursor: Mapping[str, Json], after: dict[str, Json]) -> Told:
    """An event that is made and then changed is listed twice; it was made once."""
    told = cursor.get("told")
    known = [str(one) for one in told] if isinstance(told, list) else []
    fresh = [item for item in items if item["told"] not in known]
    return Told(fresh, {**after, "told": [*known, *(item["told"] for item in fresh)][-500:]})


async def _starting(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """Events that begin within the lead time, each once; one that is put off is told again before its new time."""
    calendar, now = tools.credentials.get("calendar"), tools.clock.now()
    lead = timedelta(minutes=float(tools.credentials.get("lead") or 10))
    query = {"timeMin": iso(now), "timeMax": iso(now + lead), "singleEvents": True, "orderBy": "startTime", "maxResults": 250}
    items = []
    async for event in _pages(tools, calendar, query):
        begins = (event.get("start") or {}).get("dateTime")
        if begins and now < isoparse(begins) <= now + lead and event.get("status") != "cancelled":
            minutes = round((isoparse(begins) - now).total_seconds() / 60, 1)
            items.append({**event, "calendar": calendar, "minutes": minutes, "told": f"{event['id']}@{begins}"})
    return _told_once(items, cursor or {}, {})


CUSTOM = Custom(
    prepare={"create_event": _new_event, "update_event": _changed_event, "delete_event": _on_event, "list_events": _listed},
    unfold=_unfold,
    poll={"changes": _changes, "starting": _starting},
)
