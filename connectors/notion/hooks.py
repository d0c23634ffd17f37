"""What Notion's description cannot say: databases by name, properties by their types, texts as blocks, and changes found by asking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dateutil.parser import isoparse

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from connectors.notion.blocks import blocks
from connectors.notion.values import ID, condition, first_of, kinds_of, status_of, written
from engine.errors import NotFound, Rejected
from engine.workflow.definition import Json

LINK = re.compile(r"notion\.(?:so|site|com)/(?:[^?#]*[-/])?([0-9a-f]{32})(?:[?#]|$)")
REMEMBER = 300.0  # seconds
OWN_FORM = frozenset({"and", "or", "property", "timestamp"})  # what a filter of Notion's own begins with
MOST_PAGES = 10  # of one poll

Source = Mapping[str, Any]

# --- databases ---------------------------------------------------------------------------------------------------------------


async def _source(tools: Tools, said: str) -> Source:
    """The data source of that name, link or id, with its properties. Raises NotFound or Rejected."""
    link = LINK.search(said.strip())
    known = link[1] if link else said.strip() if ID.fullmatch(said.strip()) else ""
    load = (lambda: _by_id(tools, known)) if known else (lambda: _by_name(tools, said.strip()))
    found: Source = await tools.memory.recall(f"source {known or said.strip().casefold()}", load, seconds=REMEMBER)
    return found


async def _by_id(tools: Tools, known: str) -> Source:
    """An id may be the data source's, or, as in every link, the database's."""
    try:
        return {**(await tools.get(f"/v1/data_sources/{known}", doing="a look at the database")), "id": known}
    except NotFound:
        database = await tools.get(f"/v1/databases/{known}", doing="a look at the database")
    sources = database.get("data_sources") or []
    if len(sources) != 1:
        names = ", ".join(f"{one.get('name')} ({one.get('id')})" for one in sources)
        raise Rejected(
            f"The database holds {len(sources)} data sources. Say which: {names}." if sources else "The database holds no data source."
        )
    found: Source = await tools.get(f"/v1/data_sources/{sources[0]['id']}", doing="a look at the database")
    return found


async def _by_name(tools: Tools, said: str) -> Source:
    body: Json = {"query": said, "filter": {"property": "object", "value": "data_source"}, "page_size": 50}
    found = await tools.send(Request(method="POST", path="/v1/search", body=body), {}, doing="the look-up of a database")
    known = [(name_of(one), one) for one in found.get("results", [])]
    same = [one for name, one in known if name.casefold() == " ".join(said.split()).casefold()]
    if not same:
        near = did_you_mean(said, [name for name, _ in known])
        raise NotFound(f"Notion has no database “{said}”, or it is not shared with the integration.{near}")
    if len(same) > 1:
        raise Rejected(f"Notion has {len(same)} databases called “{said}”. Say which by its link.")
    only: Source = same[0]
    return only


def name_of(source: Mapping[str, Any]) -> str:
    return " ".join("".join(str(part) for part in at(source, "title[].plain_text") or []).split())


# --- pages -------------------------------------------------------------------------------------------------------------------


def _values(said: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The properties of all that was said."""
    values = dict(written(name, value, kinds) for name, value in said.get("properties", {}).items())
    if "title" in said:  # its id is “title”, whatever it is called
        named = kinds if "title" in kinds.values() else {"title": "title"}
        values |= dict([written(first_of(named, "title"), said["title"], named)])
    if "status" in said:
        values |= dict([written(status_of(kinds)[0], said["status"], kinds)])
    if said.get("labels"):
        values |= dict([written(first_of(kinds, "multi_select", "labels", "tags"), said["labels"], kinds)])
    return values


async def _new_page(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    children = {"blocks": blocks(said["text"]) if said.get("text") else None}
    if said.get("parent_id"):
        return {"place": {"page_id": said["parent_id"]}, "values": _values(said, {"title": "title"}), **children}
    source = await _source(tools, said["database"])
    place = {"type": "data_source_id", "data_source_id": source["id"]}
    return {"place": place, "values": _values(said, kinds_of(source.get("properties") or {})), **children}


async def _look_new_page(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if ask.arguments.get("parent"):
        raise Rejected("Notion's search is not told of new pages at once. Open the parent page, and say whether the page is there.")
    return {"source_id": (await _source(tools, ask.arguments["database"]))["id"]}


async def _changed_page(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    page = await tools.send(Request(method="GET", path="/v1/pages/{page}"), {"page": ask.arguments["page_id"]}, doing="a look at the page")
    return {"values": _values(ask.arguments, kinds_of(page.get("properties") or {}))}


async def _appended(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    text = "\n\n".join([*([said["text"]] if said.get("text") else []), *said.get("blocks", [])])
    return {"children": blocks(text), "code": said["page_id"].replace("-", "")}


async def _query(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said, source = ask.arguments, await _source(tools, ask.arguments["database"])
    kinds = kinds_of(source.get("properties") or {})
    given = said.get("filter") or {}
    parts: list[Any] = [given] if OWN_FORM & set(given) else [condition(name, value, kinds) for name, value in given.items()]
    if said.get("query"):
        parts.append({"property": first_of(kinds, "title"), "title": {"contains": said["query"]}})
    if said.get("status"):
        name, kind = status_of(kinds)
        parts.append({"property": name, kind: {"equals": said["status"]}})
    return {"source_id": source["id"], "conditions": {"and": parts} if len(parts) > 1 else parts[0] if parts else None}


# --- what happened -----------------------------------------------------------------------------------------------------------


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """The newest changes first, until those that are known. Notion tells times by the minute, so a page counts as changed once a minute."""
    now = tools.clock.now()
    since = isoparse(str(cursor["at"])) if cursor else now
    told = cursor.get("told") if cursor else None
    known = {str(one) for one in told} if isinstance(told, list) else set[str]()
    items, newest, seen = list[dict[str, Any]](), since, list[Json]()
    async for page in _newest(tools, since.replace(second=0, microsecond=0)):
        edited, mark = isoparse(page["last_edited_time"]), f"{page['id']}@{page['last_edited_time']}"
        seen.append(mark)
        newest = max(newest, edited)
        if cursor and mark not in known:
            created = isoparse(page["created_time"]) >= since - timedelta(minutes=1) and f"{page['id']} made" not in known
            seen += [f"{page['id']} made"] if created else []
            items.append({**await _told(page, "page.created" if created else "page.properties_updated", tools), "told": mark})
    kept = [mark for mark in known if mark.endswith(" made")][-200:]
    return Told(items[::-1], {"at": newest.isoformat(), "told": [*kept, *seen]})


async def _newest(tools: Tools, since: Any) -> Any:
    page = None
    for _ in range(MOST_PAGES):
        sort: Json = {"timestamp": "last_edited_time", "direction": "descending"}
        more: dict[str, Json] = {"start_cursor": page} if page else {}
        body: Json = {"filter": {"property": "object", "value": "page"}, "sort": sort, "page_size": 100, **more}
        found = await tools.send(Request(method="POST", path="/v1/search", body=body), {}, doing="a look for changes")
        for one in found.get("results", []):
            if isoparse(one["last_edited_time"]) < since:
                return
            yield one
        page = found.get("next_cursor")
        if not page:
            return


async def _told(page: Mapping[str, Any], kind: str, tools: Tools) -> dict[str, Any]:
    source = at(page, "parent.data_source_id")
    held = await _source(tools, source) if source else None
    return {"type": kind, "entity": {"id": page["id"], "type": "page"}, "page": page, "source": held}


CUSTOM = Custom(
    prepare={"create_page": _new_page, "update_page": _changed_page, "append_blocks": _appended, "query_database": _query},
    prepare_look={"create_page": _look_new_page},
    poll={"pages": _poll},
)
