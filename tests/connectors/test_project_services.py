"""What descriptions cannot say of the services of projects: texts, times and values in their forms, and changes that are found by asking."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.failures import Refused
from connectors._kit.polling import poll
from connectors.google_calendar.times import boundaries, length
from connectors.jira.hooks import document, plain, quoted
from connectors.monday.columns import label, titled, value
from connectors.notion.blocks import LONGEST_RUN, blocks
from connectors.notion.values import condition, kinds_of, status_of, written
from engine.errors import Invalid, Unanswered
from engine.ports import Answer as Told
from engine.ports import Polled
from tests.connectors.contract_map import ENVIRON
from tests.connectors.rig import NOW, SetClock, call, open_shelf

Answer = Callable[[httpx2.Request], Any]


class Vendor:
    """Answers with what its function makes of a request; keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: list[tuple[str, dict[str, str], Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content) if request.content else None
        self.seen.append((f"{request.method} {request.url.path}", dict(request.url.params), body))
        answer = self.answer(request)
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json=answer)


class Feed:
    """A poll of a service that is asked again and again with the cursor it gave before."""

    def __init__(self, service: str, name: str, answer: Answer, **environ: str) -> None:
        self.clock, self.vendor, self.name = SetClock(), Vendor(answer), name
        shelf = open_shelf({**ENVIRON, **environ}, self.clock, transport=httpx2.MockTransport(self.vendor))
        place = shelf.places.named(service, "default")
        assert place is not None
        self.place = place
        self.cursor: Mapping[str, Any] | None = None

    async def ask(self) -> list[tuple[str, Any]]:
        found: Polled = await poll(self.place.connector, self.place.live.tools, self.name, self.cursor, (), account="")
        self.cursor = found.cursor
        return [(happening.event, happening.data) for happening in found.happenings]


def stamp(clock: SetClock) -> str:
    return clock.time.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


# --- Jira -------------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(max_examples=40, deadline=None)
def test_every_text_is_a_document_without_an_empty_run(text: str) -> None:
    found = document(text)
    runs = [run for paragraph in found["content"] for run in paragraph["content"]]
    assert all(run["type"] == "hardBreak" or run["text"] for run in runs)
    assert "".join((plain(found) or "").split()) == "".join(text.split())


def test_a_text_in_a_query_cannot_end_its_quotes() -> None:
    assert quoted('say "hi" \\') == '"say \\"hi\\" \\\\"'


async def test_jira_tells_creations_changes_and_comments_once_and_the_first_look_tells_nothing() -> None:
    issue: dict[str, Any] = {
        "id": "1",
        "key": "OPS-1",
        "fields": {"summary": "Disk full", "status": {"name": "Doing"}},
        "changelog": {"histories": []},
    }
    feed = Feed("jira", "issues", lambda request: {"issues": [issue], "isLast": True})
    assert await feed.ask() == []
    await feed.clock.sleep(60)
    issue["fields"]["created"] = stamp(feed.clock)
    [(event, told)] = await feed.ask()
    assert (event, told["key"], told["url"]) == ("issue_created", "OPS-1", "https://acme.atlassian.net/browse/OPS-1")
    await feed.clock.sleep(60)
    moved = {"id": "7", "created": stamp(feed.clock), "items": [{"field": "status", "fromString": "To do", "toString": "Doing"}]}
    issue["changelog"]["histories"].append(moved)
    body = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "On it."}]}]}
    issue["fields"]["comment"] = {"comments": [{"id": "9", "created": stamp(feed.clock), "body": body, "author": {"displayName": "Mia"}}]}
    told_now = dict(await feed.ask())
    assert told_now["issue_transitioned"]["from_status"] == "To do"
    assert told_now["comment_added"]["text"].strip() == "On it."
    assert await feed.ask() == []


async def test_jira_data_center_gets_plain_texts_user_names_and_its_own_paths() -> None:
    vendor = Vendor(lambda request: [{"name": "mia", "displayName": "Mia"}] if "user" in request.url.path else {"id": "1", "key": "OPS-1"})
    environ = {"JIRA_URL": "https://jira.acme.example", "JIRA_PAT": "test-token", "JIRA_API": "2"}
    shelf = open_shelf(environ, transport=httpx2.MockTransport(vendor))
    await shelf.perform(call("jira.create_issue", {"project": "OPS", "title": "t", "text": "a\n\nb", "assignee": "Mia"}))
    assert [asked for asked, _, _ in vendor.seen] == ["GET /rest/api/2/user/search", "POST /rest/api/2/issue"]
    assert vendor.seen[0][1]["username"] == "Mia"
    fields = vendor.seen[1][2]["fields"]
    assert (fields["description"], fields["assignee"]) == ("a\n\nb", {"name": "mia"})


async def test_what_jira_says_of_its_fields_is_told_by_name() -> None:
    said = {"errorMessages": [], "errors": {"priority": "Priority is required", "duedate": "Not a date"}}
    shelf = open_shelf(ENVIRON, transport=httpx2.MockTransport(lambda request: httpx2.Response(400, json=said)))
    with pytest.raises(Refused, match="priority: Priority is required; duedate: Not a date"):
        await shelf.perform(call("jira.create_issue", {"project": "OPS", "title": "t"}))


# --- Asana and Trello -------------------------------------------------------------------------------------------------------


async def test_asana_begins_by_a_refusal_and_tells_what_comes_after_it_with_its_task() -> None:
    def answer(request: httpx2.Request) -> Any:
        if request.url.path.endswith("/events"):
            if "sync" not in request.url.params:
                return httpx2.Response(412, json={"errors": [{"message": "Sync token invalid"}], "sync": "s1"})
            task = {"gid": "5", "resource_type": "task"}
            event = {
                "action": "added",
                "resource": task,
                "parent": {"gid": "1", "resource_type": "project"},
                "created_at": "2026-11-23T09:00:00Z",
            }
            return {"data": [event], "sync": "s2", "has_more": False}
        return {"data": {"gid": "5", "name": "Fix login", "completed": False}}

    feed = Feed("asana", "events", answer, ASANA_WATCHED_PROJECT="1")
    assert await feed.ask() == []
    [(event, told)] = await feed.ask()
    assert (event, told["title"], told["status"], feed.cursor) == ("task_created", "Fix login", "open", {"sync": "s2"})


@pytest.mark.parametrize("there", [True, False])
async def test_a_comment_of_asanas_whose_answer_was_lost_is_found_on_the_last_page_or_surely_not_there(there: bool) -> None:
    clock, by = SetClock(), {"gid": "7", "name": "Bot"}
    comment = {"gid": "91", "type": "comment", "text": "Deployed.", "created_at": "2026-11-23T09:00:01Z", "created_by": by}
    old = {**comment, "gid": "90", "created_at": "2026-11-20T09:00:00Z"}

    def answer(request: httpx2.Request) -> Any:
        if request.url.path.endswith("/users/me"):
            return {"data": by}
        if request.method == "POST":
            return httpx2.Response(503)
        first = {"data": [old], "next_page": {"offset": "o2"}}
        return first if "offset" not in request.url.params else {"data": [comment] if there else [], "next_page": None}

    shelf = open_shelf(ENVIRON, clock, transport=httpx2.MockTransport(Vendor(answer)))
    ask = call("asana.add_comment", {"task": "1206000001", "text": "Deployed."}, asked_at=NOW)
    with pytest.raises(Unanswered):
        await shelf.perform(ask)
    await clock.sleep(30)
    looked = await shelf.look(ask)
    told: Any = looked.output if looked else {}
    assert told.get("id") == ("91" if there else None)


async def test_trello_goes_on_from_the_last_action_it_told() -> None:
    actions = [{"id": "a1", "type": "createCard", "data": {"card": {"id": "c", "name": "Old"}}}]
    feed = Feed("trello", "actions", lambda request: actions, TRELLO_WATCHED_BOARD="b" * 24)
    assert await feed.ask() == []
    actions[:] = [{"id": "a2", "type": "createCard", "data": {"card": {"id": "d", "name": "New"}}}]
    assert [(event, told["title"]) for event, told in await feed.ask()] == [("card_created", "New")]
    assert feed.vendor.seen[-1][1]["since"] == "a1"


async def test_searches_of_trellos_within_a_moment_are_one_request_and_each_gets_its_own_answer() -> None:
    def answer(request: httpx2.Request) -> Any:
        cards = [{"id": "c1", "name": "Fix login"}]
        return [
            {"200": {"cards": cards}},
            {"name": "Error", "message": "invalid value for query", "statusCode": 400},
            {"200": {"cards": []}},
        ]

    vendor = Vendor(answer)
    shelf = open_shelf(ENVIRON, transport=httpx2.MockTransport(vendor))
    asks = [call("trello.search_cards", {"query": words}, key=words) for words in ("login, please", "b", "c")]
    found = await asyncio.gather(*(shelf.perform(ask) for ask in asks), return_exceptions=True)
    assert [asked for asked, _, _ in vendor.seen] == ["GET /1/batch"]
    first, second, third = vendor.seen[0][1]["urls"].split(",")
    assert "query=login%2C+please" in first
    assert (second.count("query=b"), third.count("query=c")) == (1, 1)
    told: list[Any] = [one.output for one in found if isinstance(one, Told)]
    assert [one["count"] for one in told] == [1, 0]
    assert isinstance(found[1], Refused)


# --- Google Calendar --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("45 minutes", 45), ("1h 30m", 90), ("1.5 hours", 90), ("PT2H", 120), ("P1DT1H", 1500), ("90", 90), ("2 days and 1 hour", 2940)],
)
def test_a_length_is_said_in_many_ways(said: str, minutes: int) -> None:
    assert length(said) == timedelta(minutes=minutes)


@given(st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_other_length_is_refused_never_an_error(said: str) -> None:
    try:
        assert length(said) > timedelta()
    except Invalid:
        pass


def test_windows_are_days_or_lengths_ahead() -> None:
    assert boundaries("tomorrow", NOW) == (datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC))
    assert boundaries("next 7 days", NOW) == (NOW, NOW + timedelta(days=7))
    assert boundaries("", NOW) == (NOW, None)


async def test_a_calendar_that_no_longer_knows_the_token_is_read_from_now_on() -> None:
    def answer(request: httpx2.Request) -> Any:
        token = request.url.params.get("syncToken")
        if token == "old":
            return httpx2.Response(410, json={"error": {"message": "Sync token is no longer valid"}})
        made = {"id": "e1", "status": "confirmed", "created": "2026-11-23T09:00:30Z", "summary": "Review", "start": {"date": "2026-11-30"}}
        return {"items": [made] if token else [], "nextSyncToken": "old" if token else "first"}

    feed = Feed("google_calendar", "changes", answer)
    assert await feed.ask() == []
    assert [(event, told["title"], told["start"]) for event, told in await feed.ask()] == [("event_created", "Review", "2026-11-30")]
    assert (await feed.ask(), feed.cursor["sync"] if feed.cursor else "") == ([], "first")


async def test_what_is_about_to_begin_is_told_once_and_again_when_it_was_put_off() -> None:
    event: dict[str, Any] = {"id": "e1", "summary": "Review", "start": {"dateTime": "2026-11-23T09:09:30Z"}}
    feed = Feed("google_calendar", "starting", lambda request: {"items": [event]})
    [(name, told)] = await feed.ask()
    assert (name, told["minutes"]) == ("event_starting", 9.5)
    assert await feed.ask() == []
    event["start"]["dateTime"] = "2026-11-23T09:05:00Z"
    assert [told["minutes"] for _, told in await feed.ask()] == [5.0]


# --- Notion -----------------------------------------------------------------------------------------------------------------


def test_a_little_markdown_becomes_blocks() -> None:
    text = "# Plan\nfirst\nsecond\n\n1. one\n- [x] done\n> said\n---\n```python\nx = 1\n```\nend"
    found = blocks(text)
    kinds = ["heading_1", "paragraph", "numbered_list_item", "to_do", "quote", "divider", "code", "paragraph"]
    assert [block["type"] for block in found] == kinds
    assert found[1]["paragraph"]["rich_text"][0]["text"]["content"] == "first\nsecond"
    assert (found[3]["to_do"]["checked"], found[6]["code"]["language"]) == (True, "python")


@given(st.text(max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_text_is_lost_or_too_long_for_a_run(text: str) -> None:
    try:
        found = blocks(text)
    except Invalid:
        return
    runs = [run["text"]["content"] for block in found for run in block[block["type"]].get("rich_text", [])]
    assert all(0 < len(run) <= LONGEST_RUN for run in runs)


def test_plain_values_take_the_form_of_their_property_and_a_wrong_name_is_refused_with_the_nearest() -> None:
    kinds = kinds_of({"Name": {"type": "title"}, "Due": {"type": "date"}, "Tags": {"type": "multi_select"}, "Sum": {"type": "formula"}})
    assert written("due", "2026-11-30", kinds) == ("Due", {"date": {"start": "2026-11-30"}})
    assert written("Tags", "a, b", kinds) == ("Tags", {"multi_select": [{"name": "a"}, {"name": "b"}]})
    assert condition("Tags", "a", kinds) == {"property": "Tags", "multi_select": {"contains": "a"}}
    for name, sentence in (("Deu", "Did you mean “Due”"), ("Sum", "cannot be written")):
        with pytest.raises(Invalid, match=sentence):
            written(name, "x", kinds)
    assert status_of({"Stage": "select", "Name": "title"}) == ("Stage", "select")


async def test_notion_tells_a_new_page_and_then_its_change() -> None:
    title = {"Name": {"type": "title", "title": [{"plain_text": "Retro"}]}}
    page: dict[str, Any] = {
        "id": "p1",
        "parent": {"type": "page_id", "page_id": "p0"},
        "properties": title,
        "url": "https://www.notion.so/p1",
    }
    pages: list[Any] = []
    feed = Feed("notion", "pages", lambda request: {"results": pages, "next_cursor": None})
    assert await feed.ask() == []
    await feed.clock.sleep(120)
    pages.append({**page, "created_time": "2026-11-23T09:01:00.000Z", "last_edited_time": "2026-11-23T09:01:00.000Z"})
    assert [(event, told["title"]) for event, told in await feed.ask()] == [("page_created", "Retro")]
    assert await feed.ask() == []
    pages[0] = {**pages[0], "last_edited_time": "2026-11-23T09:05:00.000Z"}
    assert [event for event, _ in await feed.ask()] == ["page_updated"]


# --- monday.com -------------------------------------------------------------------------------------------------------------


def test_columns_are_meant_by_title_and_labels_whatever_their_case() -> None:
    status = {"id": "s", "title": "Status", "type": "status", "settings_str": '{"labels":{"0":"Working on it","5":"Done"}}'}
    assert titled([status], "status ")["id"] == "s"
    assert (label(status, "done"), value(status, "working on it")) == (("5", "Done"), {"label": "Working on it"})
    assert value({"title": "Due", "type": "date"}, "2026-11-30T15:00:00+01:00") == {"date": "2026-11-30", "time": "14:00:00"}
    with pytest.raises(Invalid, match="Did you mean “Done”"):
        value(status, "Doen")
    with pytest.raises(Invalid, match="takes no plain value"):
        value({"title": "Sum", "type": "formula"}, 1)
