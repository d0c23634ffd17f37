"""What Asana's description cannot say: days and moments have fields of their own, a section stands beside its project, and a new feed begins with a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.failures import Refused
from engine.errors import NotFound
from engine.workflow.definition import Json

MOST_READS = 20  # of one poll; the rest comes with the next
TASK = "name,notes,completed,due_on,permalink_url,assignee.name,projects.name,memberships.section.name,tags.name"
EVENTS = Request(method="GET", path="/events", query={"resource": "{setting_watched}", "sync": "{sync}"})
FETCH = Request(method="GET", path="/tasks/{task}", query={"opt_fields": TASK})


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
    poll={"events": _poll},
)
