"""What Jira's description cannot say: texts as documents, people by name, its query language, and changes found by asking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dateutil.parser import isoparse

from connectors._kit.custom import Ask, Custom, Delivered, Told, Tools
from connectors._kit.described_wire import Request
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected
from engine.workflow.definition import Json

ACCOUNT = re.compile(r"[0-9a-z]{24}|\d+:[0-9a-f-]{36}")
MOST = 1000
MOST_PAGES = 50  # of one look for changes; the rest comes with the next
OVERLAP = 2  # minutes that two polls share, for clocks and indexes that lag
WATCHED_FIELDS = ["summary", "description", "project", "issuetype", "priority", "status", "assignee", "creator", "labels", "duedate"]
WATCHED_FIELDS += ["created", "updated", "comment"]


def document(text: str) -> dict[str, Any]:
    """A text in Atlassian's document format: empty lines part paragraphs, other line ends stay."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip("\n")) if part.strip()]
    return {"type": "doc", "version": 1, "content": [_paragraph(part) for part in paragraphs] or [{"type": "paragraph", "content": []}]}


def _paragraph(text: str) -> dict[str, Any]:
    inside: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n")):
        inside += [{"type": "hardBreak"}] if number else []
        inside += [{"type": "text", "text": line}] if line else []
    return {"type": "paragraph", "content": inside}


def _server(tools: Tools) -> bool:
    """Whether it is Data Center, whose texts are plain and whose people have user names."""
    return tools.credentials.get("api") == "2"


def _text(said: str, tools: Tools) -> Any:
    return said if _server(tools) else document(said)


# --- people ------------------------------------------------------------------------------------------------------------------


async def _person(tools: Tools, said: str) -> dict[str, str]:
    """The field's value for who is called that. Raises NotFound or Rejected."""
    wanted, kind = said.strip().removeprefix("@"), "name" if _server(tools) else "accountId"
    if not _server(tools) and ACCOUNT.fullmatch(wanted):
        return {"id": wanted}
    if wanted.casefold() == "me":
        return _as_field(await tools.memory.recall("me", lambda: _me(tools), seconds=3600), kind)

    async def load() -> Any:
        parameter = "username" if _server(tools) else "query"
        path = f"/rest/api/{tools.credentials.get('api')}/user/search"
        return await tools.get(path, {parameter: wanted, "maxResults": "50"}, doing=f"the look-up of “{wanted}”")

    found = await tools.memory.recall(f"people called {wanted.casefold()}", load, seconds=300)
    people = [one for one in found if isinstance(one, dict) and one.get(kind) and one.get("accountType", "atlassian") == "atlassian"]
    return _as_field(_named(wanted, people), kind)


async def _me(tools: Tools) -> Any:
    return await tools.get(f"/rest/api/{tools.credentials.get('api')}/myself", doing="a look at whose credential it is")


def _as_field(person: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {"id" if kind == "accountId" else "name": str(person[kind])}


def _named(wanted: str, people: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """An e-mail address that found one person is that person's, though Jira may hide it."""
    same = [one for one in people if wanted.casefold() in {str(one.get(field, "")).casefold() for field in _CALLED}]
    same = same or (list(people) if "@" in wanted and len(people) == 1 else [])
    if not same:
        raise NotFound(f"Jira has no person “{wanted}”.{did_you_mean(wanted, [str(one.get('displayName', '')) for one in people])}")
    if len(same) > 1:
        raise Rejected(f"Jira has {len(same)} people called “{wanted}”. Say which by e-mail address.")
    return same[0]


_CALLED = ("displayName", "emailAddress", "name", "accountId")

# --- issues ------------------------------------------------------------------------------------------------------------------


async def _fields(ask: Ask, tools: Tools) -> dict[str, Any]:
    """What an issue's fields are set to, of all that was said."""
    said = ask.arguments
    fields: dict[str, Any] = {**said.get("fields", {})}
    if "title" in said:
        fields["summary"] = said["title"]
    if "text" in said:
        fields["description"] = _text(said["text"], tools)
    if "priority" in said:
        fields["priority"] = {"name": said["priority"]}
    if "labels" in said:
        fields["labels"] = ["-".join(label.split()) for label in said["labels"]]
    if "due" in said:
        fields["duedate"] = datetime.fromisoformat(said["due"]).date().isoformat()
    if "assignee" in said:
        fields["assignee"] = await _person(tools, said["assignee"])
    return fields


async def _new_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    place: dict[str, Any] = {"project": {"key": said["project_id"]}, "issuetype": {"name": said["type"]}}
    if said.get("parent_id"):
        place["parent"] = {"key": said["parent_id"]}
    return {"all_fields": {**place, **await _fields(ask, tools)}}


async def _changed_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"all_fields": await _fields(ask, tools)}


async def _transition(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    comment = [{"add": {"body": _text(said["text"], tools)}}] if said.get("text") else None
    return {
        "more_fields": {"resolution": {"name": said["resolution"]}} if said.get("resolution") else None,
        "more_updates": {"comment": comment} if comment else None,
    }


async def _comment(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"body": _text(ask.arguments["text"], tools)}


async def _look_new_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    if _server(tools):
        raise Rejected("Jira Data Center does not list what issues are marked with. Look there, and say whether the issue was made.")
    return {}


async def _look_comment(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    """By whom, and how it begins: Jira may add marks of its own to the rest of a document."""
    me = await tools.memory.recall("me", lambda: _me(tools), seconds=3600)
    if _server(tools):
        return {"whole": ask.arguments["text"], "by_name": me["name"]}
    opening = document(ask.arguments["text"])["content"][0]["content"]
    return {"opening": opening[0].get("text") if opening else None, "by_account": me["accountId"]}


# --- searching ---------------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """As JQL wants texts: ``"say \\"hi\\""``."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    parts = [f"text ~ {quoted(said['query'])}"] if said.get("query") else []
    parts += [f"project = {quoted(said['project_id'])}"] if said.get("project_id") else []
    parts += [f"{field} = {quoted(said[name])}" for name, field in _SOUGHT.items() if said.get(name)]
    parts += [f"labels = {quoted('-'.join(label.split()))}" for label in said.get("labels", [])]
    if said.get("assignee"):
        parts.append(f"assignee = {quoted(next(iter((await _person(tools, said['assignee'])).values())))}")
    own, order = _ordered(said.get("jql", ""))
    parts = [f"({own})", *parts] if own and parts else [own] if own else parts
    return {
        "whole_jql": f"{' AND '.join(parts)} {order}".strip(),
        "search": "search" if _server(tools) else "search/jql",
        "most": min(max(said["limit"], 1), MOST),
    }


_SOUGHT = {"type": "issuetype", "status": "status", "priority": "priority"}


def _ordered(jql: str) -> tuple[str, str]:
    """The condition and the order of a query; the newest change first where it names none."""
    found = re.search(r"\border\s+by\b.*$", jql, re.IGNORECASE | re.DOTALL)
    return (jql[: found.start()].strip(), found[0].strip()) if found else (jql.strip(), "ORDER BY updated DESC")


# --- what happened -----------------------------------------------------------------------------------------------------------


async def _unfold(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    return [_complete(payload, tools)] if isinstance(payload, dict) else [payload]


def _complete(payload: dict[str, Any], tools: Tools) -> dict[str, Any]:
    """With the issue's address, and the change of its status by itself."""
    issue, changes = payload.get("issue") or {}, (payload.get("changelog") or {}).get("items") or []
    moved = next((change for change in changes if isinstance(change, dict) and change.get("field") == "status"), None)
    url = f"{tools.credentials.get('url')}/browse/{issue['key']}" if issue.get("key") else None
    return {**payload, "url": url, "moved": moved}


async def _poll(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """Creations, changes and comments since the last time, oldest first, in the shape of deliveries. The first time tells nothing."""
    now = tools.clock.now()
    last = isoparse(str(cursor["at"])) if cursor else None
    if last is None:
        return Told([], {"at": now.isoformat(), "told": []})
    told = cursor.get("told") if cursor else None
    known = {str(one) for one in told} if isinstance(told, list) else set()
    minutes = int((now - last).total_seconds() // 60) + OVERLAP + 1
    items = [item async for item in _changes(tools, minutes)]
    fresh = sorted(
        (item for item in items if isoparse(item["at"]) >= last and item["id"] not in known), key=lambda item: isoparse(item["at"])
    )
    newest = max([last, *(isoparse(item["at"]) for item in fresh)])
    return Told(fresh, {"at": newest.isoformat(), "told": [item["id"] for item in items if isoparse(item["at"]) >= newest]})


async def _changes(tools: Tools, minutes: int) -> Any:
    """Everything that happened to the watched issues that changed in these minutes."""
    watched, page = _ordered(tools.credentials.get("watched"))[0], None
    jql = f"({watched}) AND updated >= -{minutes}m ORDER BY updated ASC"
    expand: Any = ["changelog"] if _server(tools) else "changelog"
    for _ in range(MOST_PAGES):
        body = {"jql": jql, "maxResults": 100, "fields": WATCHED_FIELDS, "expand": expand, **({"nextPageToken": page} if page else {})}
        path = f"/rest/api/{tools.credentials.get('api')}/{'search' if _server(tools) else 'search/jql'}"
        found = await tools.send(Request(method="POST", path=path, body=body), {}, doing="a look for changes")
        for issue in found.get("issues", []):
            for item in _happened(issue):
                yield _complete(item, tools)
        page = found.get("nextPageToken")
        if not page:
            return


def _happened(issue: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    fields, key = issue.get("fields") or {}, str(issue.get("id"))
    if fields.get("created"):
        yield {"webhookEvent": "jira:issue_created", "id": key, "at": fields["created"], "user": fields.get("creator"), "issue": issue}
    for entry in at(issue, "changelog.histories") or []:
        told = {"webhookEvent": "jira:issue_updated", "id": f"{key}/{entry['id']}", "at": entry["created"], "user": entry.get("author")}
        yield {**told, "issue": issue, "changelog": {"items": entry.get("items", [])}}
    for comment in at(issue, "fields.comment.comments") or []:
        told = {"webhookEvent": "comment_created", "id": f"{key}#{comment['id']}", "at": comment["created"]}
        yield {**told, "issue": issue, "comment": {**comment, "body": plain(comment.get("body"))}}


def plain(document: Any) -> str | None:
    """The words of a text in Atlassian's document format."""
    if isinstance(document, list):
        return "".join(plain(part) or "" for part in document)
    if not isinstance(document, dict):
        return document if isinstance(document, str) else None
    inside = plain(document.get("content")) or str(document.get("text") or "")
    return inside + ("\n" if document.get("type") in ("paragraph", "heading", "hardBreak", "listItem") else "")


CUSTOM = Custom(
    prepare={
        "create_issue": _new_issue,
        "update_issue": _changed_issue,
        "transition_issue": _transition,
        "assign_issue": _changed_issue,
        "add_comment": _comment,
        "search_issues": _search,
    },
    prepare_look={"create_issue": _look_new_issue, "add_comment": _look_comment},
    unfold=_unfold,
    poll={"issues": _poll},
)
