"""What GitHub's description cannot say: how people name repositories, issues and pull requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.nearest import did_you_mean
from connectors._kit.picking import at
from engine.errors import NotFound, Rejected

REPOSITORY = re.compile(r"(?!\.+/)[\w.-]+/(?!\.+$)[\w.-]+", re.ASCII)
NUMBER = re.compile(r"(?:(?P<repo>[\w.-]+/[\w.-]+)#|#?)(?P<number>\d{1,12})", re.ASCII)
LINK = re.compile(r"https?://[^/]+/(?P<repo>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<number>\d{1,12})(?:[/?#].*)?", re.ASCII)
KIND = re.compile(r"\b(?:is|type):(?:issue|pr|pull-request)\b")
WORKFLOW = re.compile(r"\d{1,12}|[^/]+\.ya?ml", re.ASCII)
MOST = 100  # results of one page
REMEMBERED = 300.0  # seconds that names are


def repository(said: str, default: str) -> str:
    """``owner/name`` from that, a bare name (completed by the default's owner) or a link. Raises Rejected."""
    text = re.sub(r"^https?://[^/]+/|\.git$|/$", "", said.strip())
    if text and "/" not in text and default:
        text = f"{default.partition('/')[0]}/{text}"
    if not REPOSITORY.fullmatch(text):
        raise Rejected(f"“{said}” is no repository. Write it as owner/name, or set GITHUB_DEFAULT_REPOSITORY.")
    return text


def reference(said: str, repo: str, default: str) -> tuple[str, str]:
    """Repository and number from ``17``, ``#17``, ``owner/name#17`` or a link; ``repo`` where it names none. Raises Rejected."""
    match = LINK.fullmatch(said.strip()) or NUMBER.fullmatch(said.strip())
    if not match:
        raise Rejected(f"“{said}” is neither a number nor a link of an issue or pull request.")
    return repository(match["repo"] or repo, default), match["number"]


async def _in_repository(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"repo_path": repository(ask.arguments["repo"], tools.credentials.get("repository"))}


async def _dispatch(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    where = await _in_repository(ask, tools)
    return {
        **where,
        "at_ref": said.get("ref") or said.get("branch") or "main",
        "workflow_file": await _workflow(said["workflow"].strip(), where["repo_path"], tools),
    }


async def _workflow(said: str, repo: str, tools: Tools) -> str:
    """A file or number as it stands, else the number of the workflow of that name. Raises NotFound."""
    if WORKFLOW.fullmatch(said) or not _is_live(tools):
        return said
    found = await _listed(f"/repos/{repo}/actions/workflows", "workflows", "a look at the workflows", tools)
    return str(_called(said, found, "name", "id", f"workflow in {repo}"))


async def _milestone(said: str, repo: str, tools: Tools) -> int | None:
    """The number of a milestone, of which the title may be said. Raises NotFound."""
    if said.isdigit():
        return int(said)
    if not said or not _is_live(tools):
        return None
    found = await _listed(f"/repos/{repo}/milestones", "", "a look at the milestones", tools, {"state": "all"})
    return int(_called(said, found, "title", "number", f"milestone in {repo}"))


def _is_live(tools: Tools) -> bool:
    """The sandbox has nobody to ask for names."""
    return tools.credentials.account.mode == "live"


async def _listed(path: str, among: str, doing: str, tools: Tools, query: Mapping[str, str] | None = None) -> Sequence[Mapping[str, Any]]:
    async def load() -> Any:
        return at(await tools.get(path, {"per_page": str(MOST), **(query or {})}, doing=doing), among)

    found = await tools.memory.recall(path, load, seconds=REMEMBERED)
    return found if isinstance(found, list) else []


def _called(said: str, found: Sequence[Mapping[str, Any]], name: str, id: str, what: str) -> Any:
    """The id of the one of that name. Raises NotFound with the nearest, or Rejected when several are called so."""
    fitting = [one for one in found if str(one.get(name, "")).casefold() == said.casefold()]
    if len(fitting) > 1:
        raise Rejected(f"There is more than one {what} called “{said}”. Say its number: {', '.join(str(one[id]) for one in fitting)}.")
    if not fitting:
        raise NotFound(f"There is no {what} called “{said}”.{did_you_mean(said, [str(one.get(name, '')) for one in found])}")
    return fitting[0][id]


async def _new_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    where = await _in_repository(ask, tools)
    return {
        **where,
        "milestone_number": await _milestone(said.get("milestone", "").strip().lstrip("#"), where["repo_path"], tools),
        "label_names": _together(said, "labels", "label"),
        "assignee_names": [name.removeprefix("@") for name in _together(said, "assignees", "assignee") or []] or None,
    }


async def _on_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    repo, number = reference(said.get("issue") or said["pull_request"], said.get("repo", ""), tools.credentials.get("repository"))
    return {"repo_path": repo, "number": int(number), "label_names": _together(said, "labels", "label")}


async def _search(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    query, repo, state = said.get("query", ""), said.get("repo", ""), said.get("state", "")
    kind = (
        "" if KIND.search(query) else "is:pr" if state == "merged" else "is:issue"
    )  # GitHub refuses a search that does not say which of the two
    people = (f"{word}:{said[word].removeprefix('@')}" for word in ("assignee", "author") if said.get(word))
    parts = [query, kind, f"is:{state}" if state else "", *(_labelled(label) for label in said.get("labels", [])), *people]
    if repo and "repo:" not in query:
        parts.append(f"repo:{repository(repo, tools.credentials.get('repository'))}")
    return {"q": " ".join(part for part in parts if part), "per_page": min(max(ask.arguments["limit"], 1), MOST)}


def _labelled(label: str) -> str:
    quoted = label.replace('"', "")
    return f'label:"{quoted}"'


def _together(said: Mapping[str, Any], many: str, one: str) -> list[str] | None:
    return [*said.get(many, []), *([said[one]] if said.get(one) else [])] or None


CUSTOM = Custom(
    offline=True,
    prepare={
        "create_issue": _new_issue,
        "close_issue": _on_issue,
        "add_comment": _on_issue,
        "add_labels": _on_issue,
        "create_release": _in_repository,
        "dispatch_workflow": _dispatch,
        "merge_pull_request": _on_issue,
        "search_issues": _search,
    },
)
