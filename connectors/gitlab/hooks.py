"""What GitLab's description cannot say: how people name projects, issues and merge requests, and what its deliveries leave to be worked out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.description import Request
from connectors._kit.picking import at
from engine.errors import Rejected
from engine.workflow.definition import Json

LINK = re.compile(
    r"https?://[^/]+/(?P<project>[\w.-]+(?:/[\w.-]+)+?)/-/(?P<kind>issues|merge_requests|work_items)/(?P<number>\d{1,12})(?:[/?#].*)?",
    re.ASCII,
)
NUMBER = re.compile(r"(?P<project>[\w.-]+(?:/[\w.-]+)+)?(?P<sign>[#!])?(?P<number>\d{1,12})", re.ASCII)
FENCE = re.compile(r"(```|~~~)")
COMMAND = re.compile(r"^(\s*)/(?=[a-z_]+)", re.IGNORECASE)
STATES = {"open": "opened"}
OVERLAP = timedelta(minutes=3)  # what is new now may be listed a little later
REMEMBERED = 2_000
PAGE = 100
MOST_PAGES = 10
SIGNS = {"#": "issues", "!": "merge_requests"}


def reference(said: str, project: str, kind: str) -> tuple[str, str, int]:
    """Project, kind and number from ``17``, ``#17``, ``!17``, ``group/name#17`` or a link; ``project`` and ``kind`` where it says none. Raises Rejected."""
    match = LINK.fullmatch(said.strip())
    if match:
        return match["project"], "merge_requests" if match["kind"] == "merge_requests" else "issues", int(match["number"])
    match = NUMBER.fullmatch(said.strip())
    if not match or (match["project"] and not match["sign"]):
        raise Rejected(f"“{said}” is neither a number nor a link of an issue or merge request.")
    if not (match["project"] or project):
        raise Rejected(f"“{said}” is of no project: say the project too, as group/name#number, or set GITLAB_DEFAULT_PROJECT.")
    return match["project"] or project, SIGNS.get(match["sign"] or "", kind), int(match["number"])


def harmless(text: str | None) -> str | None:
    """The text with no line that GitLab would take as a quick action (``/close``): what was said elsewhere is quoted, never obeyed."""
    if not text:
        return text
    lines, fenced = [], False
    for line in text.split("\n"):
        fenced ^= bool(FENCE.match(line.lstrip()))
        lines.append(line if fenced else COMMAND.sub(r"\1\\/", line))
    return "\n".join(lines)


async def _written(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"plain_text": harmless(ask.arguments.get("text"))}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments.get("state", "")
    return {"state_word": STATES.get(said, said) or None}


async def _on_number(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    kind = "merge_requests" if said.get("merge_request") else "issues"
    spoken = said.get("merge_request") or said["issue"]
    project, kind, number = reference(spoken, said.get("project_id", ""), kind)
    page = f"{tools.credentials.get('site').rstrip('/')}/{project}/-/{kind}/{number}"
    return {"project_id": project, "kind": kind, "number": number, "plain_text": harmless(said.get("text")), "note_url": page}


async def _on_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    found = await _on_number(ask, tools)
    if found["kind"] != "issues":
        raise Rejected(f"“{ask.arguments['issue']}” is a merge request, not an issue.")
    return found


async def _pipeline(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    variables = ask.arguments.get("variables") or {}
    listed = [{"key": name, "value": _variable(value)} for name, value in variables.items()]
    return {"ref": ask.arguments.get("branch") or "main", "variable_list": listed or None}


def _variable(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """The newest commit of a push, the job a pipeline failed in, and addresses that GitLab leaves to its reader."""
    if not isinstance(payload, dict):
        return [payload]
    page = str(at(payload, "project.web_url") or "").rstrip("/")
    if payload.get("object_kind") == "push":
        before, after = str(payload.get("before")), str(payload.get("after"))
        compare = f"{page}/-/compare/{before[:12]}...{after[:12]}" if before.strip("0") else f"{page}/-/commit/{after}"
        return [{**payload, "newest": _newest(payload), "compare_url": compare, "created": not before.strip("0")}]
    if payload.get("object_kind") == "pipeline":
        url = at(payload, "object_attributes.url") or f"{page}/-/pipelines/{at(payload, 'object_attributes.id')}"
        return [{**payload, "failed_build": _failed(payload), "pipeline_url": url}]
    return [payload]


def _newest(payload: Mapping[str, Any]) -> Any:
    commits = [one for one in payload.get("commits") or [] if isinstance(one, dict)]
    return next((one for one in commits if one.get("id") == payload.get("after")), commits[-1] if commits else None)


def _failed(payload: Mapping[str, Any]) -> Any:
    """The first job that failed and was not allowed to."""
    builds = [
        one
        for one in payload.get("builds") or []
        if isinstance(one, dict) and one.get("status") == "failed" and not one.get("allow_failure")
    ]
    return min(builds, key=lambda one: str(one.get("finished_at") or "~"), default=None)


# --- polls -------------------------------------------------------------------------------------------------------------


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """What is new in the default project, shaped like its deliveries; from a little before the last look on, and nothing at the first."""
    now = tools.clock.now().astimezone(UTC)
    begun = cursor.get("at") if cursor else None
    since = (datetime.fromtimestamp(float(begun), UTC) if isinstance(begun, int | float) else now) - OVERLAP
    known = cursor.get("seen") if cursor else None
    seen = [str(one) for one in known] if isinstance(known, list) else []
    name = tools.credentials.get("project")
    page = f"{tools.credentials.get('site').rstrip('/')}/{name}"
    project = {"path_with_namespace": name, "web_url": page}
    items = []
    for kind, request, shaped in FEEDS:
        scope = {"project": name, "since": since.isoformat().replace("+00:00", "Z"), "day": (since - timedelta(days=1)).date().isoformat()}
        for thing in await _newest_of(tools, request, scope, MOMENTS[kind], since):
            sign, made = f"{kind}-{thing['id']}", thing.get(MOMENTS[kind])
            if sign in seen or not made or datetime.fromisoformat(str(made)) < since:
                continue
            seen.append(sign)
            if cursor is not None:
                items.append({"id": sign, "project": project, **shaped(thing, page)})
    return Told(items, {"at": now.timestamp(), "seen": [*seen[-REMEMBERED:]]})


async def _newest_of(tools: Tools, request: Request, scope: Mapping[str, Any], made: str, since: datetime) -> list[Mapping[str, Any]]:
    """The pages of a list, newest first, as far back as ``since``."""
    found: list[Mapping[str, Any]] = []
    for page in range(1, MOST_PAGES + 1):
        things = await tools.send(request, {**scope, "page": page if page > 1 else None}, doing="a look at what is new")
        found += things
        if len(things) < PAGE or datetime.fromisoformat(str(things[-1].get(made) or things[-1].get("updated_at"))) < since:
            break
    return found


def _labels(thing: Mapping[str, Any]) -> list[Any]:
    return [{"title": label} for label in thing.get("labels") or []]


def _issue(thing: Mapping[str, Any], page: str) -> dict[str, Any]:
    said = {name: thing.get(name) for name in ("iid", "title", "description", "state", "due_date", "confidential")}
    return {
        "object_kind": "issue",
        "object_attributes": {**said, "action": "open", "url": thing.get("web_url")},
        "user": thing.get("author"),
        "labels": _labels(thing),
        "assignees": thing.get("assignees") or [],
    }


def _opened(thing: Mapping[str, Any], page: str) -> dict[str, Any]:
    return _merge_request(thing, "open", thing.get("author"))


def _merged(thing: Mapping[str, Any], page: str) -> dict[str, Any]:
    return _merge_request(thing, "merge", thing.get("merge_user") or thing.get("merged_by"))


def _merge_request(thing: Mapping[str, Any], action: str, user: Any) -> dict[str, Any]:
    names = (
        "iid",
        "title",
        "description",
        "state",
        "draft",
        "source_branch",
        "target_branch",
        "created_at",
        "merge_commit_sha",
        "squash_commit_sha",
    )
    return {
        "object_kind": "merge_request",
        "object_attributes": {
            **{name: thing.get(name) for name in names},
            "action": action,
            "url": thing.get("web_url"),
            "last_commit": {"id": thing.get("sha"), "author": {"name": at(thing, "author.name")}},
        },
        "user": user,
        "labels": _labels(thing),
        "assignees": thing.get("assignees") or [],
        "reviewers": thing.get("reviewers") or [],
    }


def _pipeline_failed(thing: Mapping[str, Any], page: str) -> dict[str, Any]:
    said = {name: thing.get(name) for name in ("id", "iid", "name", "ref", "sha", "status", "source")}
    return {"object_kind": "pipeline", "object_attributes": said, "user": thing.get("user"), "pipeline_url": thing.get("web_url")}


def _pushed(thing: Mapping[str, Any], page: str) -> dict[str, Any]:
    push = thing.get("push_data") or {}
    before, after = str(push.get("commit_from") or ""), str(push.get("commit_to") or "0" * 40)
    is_branch = push.get("ref_type") == "branch"
    return {
        "object_kind": "push" if is_branch else "tag_push",
        "ref": f"refs/heads/{push.get('ref')}",
        "after": after,
        "newest": {"title": push.get("commit_title"), "message": push.get("commit_title")},
        "user_username": at(thing, "author.username"),
        "user_name": at(thing, "author.name"),
        "total_commits_count": push.get("commit_count"),
        "compare_url": f"{page}/-/compare/{before[:12]}...{after[:12]}" if before else f"{page}/-/commit/{after}",
        "created": push.get("action") == "created",
    }


def _listed(what: str, **query: Json) -> Request:
    return Request(method="GET", path=f"/projects/{{project}}/{what}", query={"per_page": PAGE, "page": "{page}", **query})


FEEDS: Sequence[tuple[str, Request, Callable[[Mapping[str, Any], str], dict[str, Any]]]] = (
    ("issue", _listed("issues", created_after="{since}", order_by="created_at", sort="desc"), _issue),
    ("opened", _listed("merge_requests", created_after="{since}", order_by="created_at", sort="desc"), _opened),
    ("merged", _listed("merge_requests", state="merged", updated_after="{since}", order_by="updated_at", sort="desc"), _merged),
    ("failed", _listed("pipelines", status="failed", order_by="updated_at", sort="desc"), _pipeline_failed),
    ("push", _listed("events", action="pushed", after="{day}", sort="desc"), _pushed),
)
MOMENTS = {"issue": "created_at", "opened": "created_at", "merged": "merged_at", "failed": "updated_at", "push": "created_at"}


CUSTOM = Custom(
    offline=True,
    poll={"project": _poll},
    unfold=_unfold,
    prepare={
        "create_issue": _written,
        "close_issue": _on_issue,
        "add_comment": _on_number,
        "create_merge_request": _written,
        "trigger_pipeline": _pipeline,
        "search_issues": _search,
    },
)
