"""What GitHub's description cannot say: how people name repositories, issues and pull requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors._kit.custom import Ask, Custom, Tools
from engine.errors import Rejected

REPOSITORY = re.compile(r"(?!\.+/)[\w.-]+/(?!\.+$)[\w.-]+", re.ASCII)
NUMBER = re.compile(r"(?:(?P<repo>[\w.-]+/[\w.-]+)#|#?)(?P<number>\d{1,12})", re.ASCII)
LINK = re.compile(r"https?://[^/]+/(?P<repo>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<number>\d{1,12})(?:[/?#].*)?", re.ASCII)
KIND = re.compile(r"\b(?:is|type):(?:issue|pr|pull-request)\b")
MOST = 100  # results of one search page


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
    return {**await _in_repository(ask, tools), "at_ref": said.get("ref") or said.get("branch") or "main"}


async def _new_issue(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    return {
        **await _in_repository(ask, tools),
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
