"""GitHub's own feed of a repository, asked for where no webhook is set up: the same events with the same fields, completed where the feed says little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from connectors._kit.custom import Memory, Tools
from connectors._kit.filling import fill_path
from connectors._kit.polling import poll
from connectors._kit.shelf import find_connectors
from engine.errors import NotFound
from engine.events import Happening
from engine.ports import Account
from tests.connectors.desk_rig import HeldCredentials
from tests.connectors.rig import SetClock

GITHUB = next(connector for connector in find_connectors() if connector.id == "github")
LIVE = HeldCredentials({"repository": "acme/web"}, Account(service="github", name="default", url="", mode="live"))


@dataclass
class Feed:
    """As much of ``Tools`` as a poll needs; answers by path."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    wanted: Any = ()
    credentials: HeldCredentials = field(default_factory=lambda: LIVE)
    clock: SetClock = field(default_factory=SetClock)
    memory: Memory = field(default_factory=lambda: Memory(SetClock()))

    async def send(self, request: Any, scope: Mapping[str, Any], *, doing: str = "", may_repeat: bool = True) -> Any:
        path = fill_path(request.path, {"setting_repository": "acme/web", **scope})
        self.asked.append(path)
        if path not in self.answers:
            raise NotFound("It is gone.")
        return self.answers[path]


async def told(feed: Feed, name: str, cursor: Any) -> tuple[list[Happening], Any]:
    polled = await poll(GITHUB, cast(Tools, feed), name, cursor, (), account="default")
    return list(polled.happenings), polled.cursor


def event(id: int, type: str, **payload: Any) -> dict[str, Any]:
    return {
        "id": str(id),
        "type": type,
        "actor": {"login": "anna"},
        "repo": {"name": "acme/web"},
        "payload": payload,
        "created_at": f"2026-11-23T09:00:{id:02}Z",
    }


PULL = {
    "number": 21,
    "title": "Speed up",
    "merged": True,
    "merge_commit_sha": "f95f",
    "user": {"login": "ben"},
    "head": {"sha": "6dcb", "ref": "fast"},
}
ISSUE = {
    "number": 17,
    "title": "Slow",
    "state": "closed",
    "state_reason": "completed",
    "labels": [{"name": "bug"}],
    "user": {"login": "ben"},
}


async def test_pulls_issues_pushes_and_releases_are_completed_and_told_like_deliveries_once() -> None:
    old = event(1, "PushEvent", ref="refs/heads/main", head="a1", before="a0")
    feed = Feed({"/repos/acme/web/events": [old]})
    happenings, cursor = await told(feed, "events", None)
    assert happenings == []
    feed.answers |= {
        "/repos/acme/web/events": [
            event(7, "WatchEvent", action="started"),
            event(6, "ReleaseEvent", action="published", release={"id": 88}),
            event(5, "PushEvent", ref="refs/tags/v1", head="c1", before="0" * 40),
            event(4, "PushEvent", ref="refs/heads/main", head="b1", before="a1"),
            event(3, "IssuesEvent", action="closed", issue={"number": 17}),
            event(2, "PullRequestEvent", action="merged", number=21, pull_request={"number": 21}),
            old,
        ],
        "/repos/acme/web/pulls/21": PULL,
        "/repos/acme/web/issues/17": ISSUE,
        "/repos/acme/web/compare/a1...b1": {"total_commits": 3, "html_url": "https://github.com/acme/web/compare/a1...b1"},
        "/repos/acme/web/commits/b1": {"commit": {"message": "Add an index\n\nIt was slow."}, "author": {"login": "ben"}},
        "/repos/acme/web/commits/c1": {
            "commit": {"message": "Release"},
            "author": None,
            "html_url": "https://github.com/acme/web/commit/c1",
        },
        "/repos/acme/web/releases/88": {"tag_name": "v1", "name": "One", "author": {"login": "ben"}, "prerelease": False},
    }
    happenings, cursor = await told(feed, "events", cursor)
    assert [one.event for one in happenings] == ["pull_request_merged", "issue_closed", "push", "push", "release_published"]
    merged, closed, pushed, tagged, released = (one.data for one in happenings)
    assert (merged["repo"], merged["number"], merged["author"], merged["sender"], merged["sha"]) == ("acme/web", 21, "ben", "anna", "f95f")
    assert (closed["issue"], closed["labels"], closed["reason"], closed["closed_by"]) == (17, ["bug"], "completed", "anna")
    assert (pushed["branch"], pushed["title"], pushed["commits"], pushed["author"]) == ("main", "Add an index", 3, "ben")
    assert (tagged["tag"], tagged["branch"], tagged["commits"], tagged["url"]) == (
        "v1",
        None,
        None,
        "https://github.com/acme/web/commit/c1",
    )
    assert (released["tag"], released["title"], released["repo"]) == ("v1", "One", "acme/web")
    assert (await told(feed, "events", cursor))[0] == []


async def test_a_run_that_failed_is_told_and_its_next_attempt_too() -> None:
    def run(attempt: int, conclusion: str) -> dict[str, Any]:
        return {
            "id": 9,
            "name": "CI",
            "run_attempt": attempt,
            "run_number": 163,
            "conclusion": conclusion,
            "repository": {"full_name": "acme/web"},
            "actor": {"login": "anna"},
            "updated_at": f"2026-11-23T09:0{attempt}:00Z",
        }

    path = "/repos/acme/web/actions/runs"
    feed = Feed({path: {"workflow_runs": []}})
    _, cursor = await told(feed, "runs", None)
    seen = []
    for answer in ([run(1, "failure")], [run(2, "failure")], [run(3, "success")], [run(3, "success")]):
        feed.answers[path] = {"workflow_runs": answer}
        happenings, cursor = await told(feed, "runs", cursor)
        seen += [(one.data["workflow"], one.data["attempt"], one.data["sender"]) for one in happenings]
    assert seen == [("CI", 1, "anna"), ("CI", 2, "anna")]
