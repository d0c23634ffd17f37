"""What Asana's description cannot say: fields for days and for moments, sections beside projects, comments found again, a feed that begins with a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.description import ReadBack
from connectors._kit.failures import Refused
from connectors._kit.looking import Given, found, surely_not
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected
from engine.ports import Answer
from engine.workflow.definition import Json

MOST_READS = 20  # of one poll; the rest comes with the next
TASK = "name,notes,completed,due_on,permalink_url,assignee.name,projects.name,memberships.section.name,tags.name"
EVENTS = Request(method="GET", path="/events", query={"resource": "{setting_watched}", "sync": "{sync}"})
FETCH = Request(method="GET", path="/tasks/{task}", query={"opt_fields": TASK})
STORIES = Request(
    method="GET",
    path="/tasks/{task}/stories",
    query={"limit": 100, "offset": "{offset}", "opt_fields": "text,type,created_at,created_by.name"},
)
COMMENT = ReadBack(
    request=STORIES, where={"text": {"words": "{text}"}, "type": "comment", "created_by.gid": "{me}"}, made_at="created_at", thing="gid"
)
MOST_STORIES = 50  # pages


async def _timed(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """A moment where a time was said, else a day; whether it is complete."""
    said, status = ask.arguments.get("due"), ask.arguments.get("status")
    completed = {"completed": status == "done"} if status else {}
    if not said:
        return completed
    if len(said) <= len("2026-11-30"):
        return {**completed, "due_on": said}
    moment = datetime.fromisoformat(said)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return {**completed, "due_at": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")}


async def _new_task(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    place = {"project": said["project_id"], "section": said.get("section_id")}
    where = {"memberships": [place]} if said.get("section_id") else {"projects": [said["project_id"]]}
    return {**where, **await _timed(ask, tools)}


async def _look_comment(ask: Ask, tools: Tools) -> Answer | None:
    """Asana lists what was said on a task from the oldest on, so all of it is read. Raises Rejected where that settles nothing."""
    said, asked_at = ask.arguments, ask.call.asked_at
    if asked_at is None:
        raise Rejected("It is not known when this was asked. Open the task, and say whether the comment is there.")
    me = await tools.get("/users/me", {"opt_fields": "name"}, doing="a look at whose token it is")
    listed, offset = list[Any](), None
    for _ in range(MOST_STORIES):
        page = await tools.send(STORIES, {"task": said["task_id"], "offset": offset}, doing="a look whether it was done")
        listed += page.get("data", [])
        offset = (page.get("next_page") or {}).get("offset")
        if not offset:
            break
    else:
        raise Rejected("The task has too many comments to read them all. Open it, and say whether the comment is there.")
    scope = {"text": said["text"], "me": me["data"]["gid"]}
    one = found(listed, COMMENT, scope, asked_at=asked_at, strangers=Given(), key=ask.call.key)
    if one is None:
        surely_not(listed, COMMENT, asked_at=asked_at, now=tools.clock.now())
        return None
    return Answer({"id": one["gid"], "task": said["task_id"], "text": said["text"], "author": at(one, "created_by.name")})


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """Asana answers a first look, and one with a token that is too old, by refusing it with a new token: nothing is told then."""
    sync, items = (cursor or {}).get("sync"), list[dict[str, Any]]()
    for _ in range(MOST_READS):
        try:
            body = await tools.send(EVENTS, {"sync": sync}, doing="a look for events")
        except Refused as refusal:
            begun = refusal.body.get("sync") if refusal.status == 412 and isinstance(refusal.body, dict) else None
            if not begun:
                raise
            return Told(items, {"sync": str(begun)})
        items += [await _completed(event, tools) for event in body.get("data", [])]
        sync = body.get("sync", sync)
        if not body.get("has_more"):
            break
    return Told(items, {"sync": sync})


async def _completed(event: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """With the task it is about; events have no id, so what they say tells them apart."""
    resource, change = event.get("resource") or {}, event.get("change") or {}
    parts = (resource.get("gid"), event.get("action"), (event.get("parent") or {}).get("gid"), change.get("field"), event.get("created_at"))
    event = {**event, "told": ":".join(str(part or "") for part in parts)}
    if resource.get("resource_type") != "task" or event.get("action") not in ("added", "changed"):
        return dict(event)
    try:
        task = await tools.send(FETCH, {"task": resource["gid"]}, doing="a look at the task")
    except NotFound:
        return {**event, "task": None}
    return {**event, "task": task, "by": await _user(tools, (event.get("user") or {}).get("gid"))}


async def _user(tools: Tools, gid: str | None) -> Any:
    async def load() -> Any:
        try:
            return await tools.get(f"/users/{gid}", {"opt_fields": "name"}, doing="a look at who did it")
        except NotFound:
            return None

    return await tools.memory.recall(f"user {gid}", load, seconds=3600) if gid and gid.isdigit() else None


CUSTOM = Custom(
    offline=True,
    prepare={"create_task": _new_task, "update_task": _timed, "search_tasks": _timed},
    look={"add_comment": _look_comment},
    poll={"events": _poll},
)
