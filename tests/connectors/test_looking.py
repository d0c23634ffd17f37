"""A look at what became of an ask whose answer was lost: it happened and here is its output, it surely did not, or it cannot be told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from connectors._kit.looking import Given
from connectors._kit.shelf import find_connectors
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.parties import Address, MessageRef
from engine.ports import Call, Fault
from engine.workflow.definition import Json
from tests.connectors.contract import Judge, judge
from tests.connectors.rig import NOW, HeardSpeaker, SetClock, asgi, call, open_shelf

__all__ = ["judge"]

LATER = NOW + timedelta(minutes=5)
CARD = {"board": "Release", "list": "Doing", "title": "Speed up the login"}
BOARD, LIST, ME = "5abbe4b7ddc1b351ef961410", "5abbe4b7ddc1b351ef961421", "5abbe4b7ddc1b351ef961401"
ASKS: dict[str, dict[str, Any]] = {
    "github.create_issue": {"repo": "acme/web", "title": "Login is slow", "text": "9 s"},
    "github.add_comment": {"issue": "acme/web#17", "text": "Fixed."},
    "github.create_release": {"repo": "acme/web", "tag": "v1.4.0", "text": "Faster."},
    "trello.create_card": CARD,
    "trello.add_comment": {"card": "5abbe4b7ddc1b351ef961430", "text": " Deployed.\n"},
}


def stamp(clock: SetClock) -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Vendor:
    """GitHub and Trello with a memory, as far as these asks go. ``lose``: of the next write, the ask or the answer."""

    clock: SetClock
    lose: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)
    reads: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        event = await receive()
        body = json.loads(event.get("body") or b"null")
        query = dict(parse_qsl(scope["query_string"].decode()))
        status, answer = self._answer(scope["method"], unquote(scope["path"]), query, body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if method == "GET":
            self.reads.append((path, query))
            return 200, self._read(path)
        lost, self.lose = self.lose, ""
        if lost == "ask":
            return 503, {}
        made = self._make(path, query, body or {})
        return (503, {}) if lost == "answer" else (201, made["answer"])

    def _make(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        number = 40 + len(self.made)
        if path.startswith("/repos"):
            kind = path.rpartition("/")[2]
            thing = {
                "id": number,
                "number": number,
                "html_url": f"https://github.com/x/{number}",
                "user": {"login": "bot"},
                "created_at": stamp(self.clock),
                **body,
            }
            if kind == "releases":
                thing["published_at"] = None if body.get("draft") else stamp(self.clock)
            answer: Any = thing
        elif path == "/1/cards":
            kind = "cards"
            card = {"id": f"{number:024x}", "name": query["name"], "shortLink": f"short{number:03d}"}
            answer = {**card, "shortUrl": f"https://trello.com/c/{card['shortLink']}", "due": query.get("due")}
            thing = {
                "id": f"a{number}",
                "type": "createCard",
                "date": stamp(self.clock),
                "idMemberCreator": ME,
                "data": {"card": card, "list": {"id": query["idList"]}},
            }
        else:
            kind = "comments"
            thing = {
                "id": f"{number:024x}",
                "type": "commentCard",
                "date": stamp(self.clock),
                "idMemberCreator": ME,
                "data": {"text": query["text"].strip()},
            }
            answer = thing
        self.made.append({"kind": kind, "thing": thing, "answer": answer})
        return self.made[-1]

    def _read(self, path: str) -> Any:
        if path.startswith("/repos"):
            return [made["thing"] for made in reversed(self.made) if path.endswith(made["kind"])]
        if path == f"/1/boards/{BOARD}/actions":
            return [made["thing"] for made in reversed(self.made) if made["kind"] == "cards"]
        if path.startswith("/1/cards/"):
            return {"id": path.rpartition("/")[2], "actions": [made["thing"] for made in reversed(self.made) if made["kind"] == "comments"]}
        return {
            "/1/members/me": {"id": ME},
            f"/1/members/{ME}/boards": [{"id": BOARD, "name": "Release"}],
            f"/1/boards/{BOARD}/lists": [{"id": LIST, "name": "Doing"}],
        }[path]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def vendor(clock: SetClock) -> Vendor:
    return Vendor(clock)


def shelf_of(vendor: Vendor, clock: SetClock) -> Any:
    return open_shelf(clock=clock, transport=asgi(vendor))


def asked(action: str, key: str = "example", **more: Any) -> Call:
    return call(action, ASKS[action], key=key, asked_at=NOW, **more)


async def lose(shelf: Any, vendor: Vendor, action: str, what: str) -> None:
    """The ask, of which nothing comes back; the connector's own look right afterwards is lost as well."""
    vendor.lose = what
    if what == "answer":
        read, vendor._read = vendor._read, lambda path: read(path) if "members" in path or path.endswith("lists") else []  # type: ignore[method-assign]
        with pytest.raises(Unanswered):
            await shelf.perform(asked(action))
        vendor._read = read  # type: ignore[method-assign]
        return
    with pytest.raises(Unanswered):
        await shelf.perform(asked(action))


@pytest.mark.parametrize("action", ASKS)
async def test_what_happened_although_its_answer_was_lost_is_found_with_its_output(action: str, vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    assert shelf.looks(*action.split("."))
    await lose(shelf, vendor, action, "answer")
    clock.time = LATER
    answer = await shelf.look(asked(action))
    assert answer is not None
    assert len(vendor.made) == 1
    vendor.made.clear()
    straight = await shelf.perform(asked(action, key="another"))
    assert set(answer.output) == set(straight.output)
    assert [name for name, value in straight.output.items() if value is not None and answer.output[name] is None] == []
    await shelf.close()


@pytest.mark.parametrize("action", ASKS)
async def test_what_never_arrived_surely_did_not_happen(action: str, vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    await lose(shelf, vendor, action, "ask")
    clock.time = LATER
    assert await shelf.look(asked(action)) is None
    await shelf.close()


@pytest.mark.parametrize("action", ASKS)
async def test_a_lost_answer_is_made_good_at_once_where_the_service_can_be_asked(action: str, vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    vendor.lose = "answer"
    answer = await shelf.perform(asked(action))
    assert answer.output is not None
    assert len(vendor.made) == 1
    await shelf.close()


@pytest.mark.parametrize("action", ASKS)
async def test_right_after_the_ask_not_found_means_nothing_yet(action: str, vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    clock.time = NOW + timedelta(seconds=2)
    with pytest.raises(Transient, match="only just now") as caught:
        await shelf.look(asked(action))
    assert caught.value.retry_after == pytest.approx(8)
    await shelf.close()


async def test_what_somebody_else_made_before_is_not_taken_for_it(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    clock.time = NOW - timedelta(hours=1)
    await shelf.perform(asked("trello.create_card", key="theirs"))
    await shelf_of(vendor, clock).perform(asked("trello.create_card", key="theirs too"))
    clock.time = NOW
    await lose(shelf, vendor, "trello.create_card", "ask")
    clock.time = LATER
    assert await shelf.look(asked("trello.create_card")) is None
    await shelf.close()


async def test_a_thing_that_was_answered_to_another_ask_is_not_taken_for_it(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    await lose(shelf, vendor, "trello.create_card", "ask")
    await shelf.perform(asked("trello.create_card", key="the same card of another entry"))
    clock.time = LATER
    assert await shelf.look(asked("trello.create_card")) is None
    await shelf.close()


async def test_a_thing_that_a_look_gave_to_one_ask_is_not_given_to_the_next(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    await lose(shelf, vendor, "trello.create_card", "answer")
    clock.time = LATER
    first = await shelf.look(asked("trello.create_card"))
    assert first is not None
    assert await shelf.look(asked("trello.create_card", key="the same card of another entry")) is None
    assert await shelf.look(asked("trello.create_card")) == first
    await shelf.close()


async def test_a_thing_that_was_found_right_after_its_lost_answer_is_not_given_to_the_next(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    vendor.lose = "answer"
    await shelf.perform(asked("trello.create_card"))
    clock.time = LATER
    assert await shelf.look(asked("trello.create_card", key="the same card of another entry")) is None
    await shelf.close()


async def test_two_that_look_the_same_settle_nothing(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    for _ in range(2):  # another house, so that nobody here knows whose they are
        await shelf_of(vendor, clock).perform(asked("trello.create_card", key="theirs"))
    clock.time = LATER
    with pytest.raises(Rejected, match="2 that look like it"):
        await shelf.look(asked("trello.create_card"))
    await shelf.close()


async def test_a_mark_is_found_among_many_that_look_the_same(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    for key in ("a", "example", "b"):
        await shelf_of(vendor, clock).perform(asked("github.add_comment", key=key))
    clock.time = LATER
    answer = await shelf.look(asked("github.add_comment"))
    assert answer.output["id"] == 41
    await shelf.close()


async def test_a_list_that_is_full_of_newer_things_settles_nothing(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    for number in range(100):
        vendor._make("/repos/acme/web/issues", {}, {"title": f"Newer {number}", "body": ""})
    clock.time = LATER
    with pytest.raises(Rejected, match="not among the newest 100"):
        await shelf.look(asked("github.create_issue"))
    vendor.made[0]["thing"]["created_at"] = "2026-11-22T00:00:00Z"
    assert await shelf.look(asked("github.create_issue")) is None
    await shelf.close()


async def test_a_draft_that_does_not_say_when_it_was_made_settles_nothing(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    ask = {**ASKS["github.create_release"], "draft": True}
    await shelf.perform(call("github.create_release", ask, key="theirs"))
    clock.time = LATER
    with pytest.raises(Rejected, match="does not say when"):
        await shelf.look(call("github.create_release", ask, asked_at=NOW))
    await shelf.close()


async def test_without_the_time_of_the_ask_what_is_made_alike_cannot_be_told_apart_but_a_mark_can(vendor: Vendor, clock: SetClock) -> None:
    shelf = shelf_of(vendor, clock)
    with pytest.raises(Rejected, match="not known when"):
        await shelf.look(call("trello.create_card", CARD))
    assert await shelf.look(call("github.create_issue", ASKS["github.create_issue"])) is None
    await shelf.close()


@pytest.mark.parametrize(
    ("action", "ask", "words"),
    [
        ("github.dispatch_workflow", {"repo": "acme/web", "workflow": "deploy.yml"}, "which run came of which start"),
        ("email.send_email", {"to": "a@b.example", "text": "Hi"}, "Look into the sent mails"),
        ("http.request", {"url": "https://api.example/x"}, "is not known here"),
    ],
)
async def test_what_cannot_be_looked_at_says_so_and_what_to_do(action: str, ask: dict[str, Any], words: str) -> None:
    shelf = open_shelf()
    assert not shelf.looks(*action.split("."))
    with pytest.raises(Rejected, match=words):
        await shelf.look(call(action, ask, asked_at=NOW))


def test_every_write_that_may_not_be_repeated_can_be_looked_at_or_says_why_not() -> None:
    silent = [
        f"{c.id}.{name}"
        for c in find_connectors()
        for name, operation in c.description.operations.items()
        if not operation.may_repeat
        and not c.description.idempotency_header
        and not operation.read_back
        and name not in c.custom.look
        and not operation.no_look
    ]
    assert silent == []


def test_nothing_that_is_not_there_can_be_looked_at() -> None:
    shelf = open_shelf({"GITHUB_TOKEN": "t"}, sandbox_mode="off")
    assert not shelf.looks("github", "create_isue")
    assert not shelf.looks("gitbub", "create_issue")
    assert not shelf.looks("trello", "create_card")  # off
    assert shelf.looks("github", "create_issue")


@pytest.mark.parametrize("action", ["github.create_issue", "trello.create_card"])
async def test_a_look_is_valid_by_the_vendors_description(action: str) -> None:
    judge = Judge(action.partition(".")[0])
    ask = {**ASKS[action], **({"board": "Trello Platform Changes", "list": "Things to buy today"} if action.startswith("trello") else {})}
    before = len(judge.app.ledger)
    outcome = await judge.shelf.look(call(action, ask, asked_at=NOW - timedelta(hours=1)))
    assert outcome is None
    assert [seen["method"] for seen in judge.app.ledger[before:]] == ["GET"] * (len(judge.app.ledger) - before)
    assert len(judge.app.ledger) > before
    assert judge.violations == []


async def test_a_vendor_that_cannot_be_reached_is_transient_and_nothing_is_settled(judge: Judge) -> None:
    await judge.fault(kind="status", status=502, service="github")
    with pytest.raises(Transient):
        await judge.shelf.look(call("github.create_issue", ASKS["github.create_issue"], asked_at=NOW))


def test_what_is_given_is_forgotten_in_the_end() -> None:
    given = Given()
    for number in range(10_001):
        given.note(str(number), "k")
    assert not given.to_another("0", "other")
    assert given.to_another("10000", "other")
    assert not given.to_another("10000", "k")


def test_what_has_no_id_is_nobodys() -> None:
    given = Given()
    given.note(None, "k")
    assert not given.to_another(None, "other")


# --- the sandbox ----------------------------------------------------------------------------------------------------------


async def test_a_lost_answer_in_the_sandbox_did_happen_and_a_lost_ask_did_not(clock: SetClock) -> None:
    shelf = open_shelf({}, clock)
    for kind, key in (("lost_answer", "k1"), ("lost_ask", "k2"), ("5xx", "k3"), ("down", "k4")):
        shelf.sandbox.inject(Fault("trello", kind))
        with pytest.raises(SignalboxError):
            await shelf.perform(call("trello.create_card", CARD, key=key, asked_at=NOW))
        shelf.sandbox.mend()
    seen = {key: await shelf.look(call("trello.create_card", CARD, key=key, asked_at=NOW)) for key in ("k1", "k2", "k3", "k4")}
    assert {key for key, answer in seen.items() if answer} == {"k1"}
    assert seen["k1"] == await shelf.perform(call("trello.create_card", CARD, key="k1"))


async def test_a_sandbox_that_was_started_since_cannot_tell(clock: SetClock) -> None:
    clock.time = LATER
    shelf = open_shelf({}, clock)
    with pytest.raises(Rejected, match="was started since"):
        await shelf.look(call("trello.create_card", CARD, asked_at=NOW))
    with pytest.raises(Rejected, match="was started since"):
        await shelf.look(call("trello.create_card", CARD))


# --- the house itself -----------------------------------------------------------------------------------------------------

HERE: dict[str, Any] = {"where": "slack:C0", "home": "slack", "places": {"#ops": "slack:C1"}, "asked_at": NOW}
SAID = {
    "chat.post_message": {"channel": "#ops", "text": "Hi"},
    "chat.upload_file": {"channel": "#ops", "name": "r.csv", "content": "a,b"},
    "chat.ask_approval": {"channel": "#ops", "text": "Refund?"},
}


@pytest.mark.parametrize("action", SAID)
async def test_what_was_said_stands_or_it_does_not(action: str) -> None:
    shelf = open_shelf({}, speaker=HeardSpeaker())
    ask = call(action, SAID[action], **HERE)
    assert shelf.looks(*action.split("."))
    assert await shelf.look(ask) is None
    said = await shelf.perform(ask)
    assert await shelf.look(ask) == said
    assert await shelf.look(call(action, SAID[action], key="another", **HERE)) is None


async def test_a_message_under_way_is_looked_at_again_later() -> None:
    class Slow(HeardSpeaker):
        async def standing(self, to: Address, *, key: str) -> MessageRef | None:
            raise Transient("It is on its way.")

    with pytest.raises(Transient):
        await open_shelf({}, speaker=Slow()).look(call("chat.post_message", SAID["chat.post_message"], **HERE))


async def test_a_run_was_started_or_it_was_not() -> None:
    started: Mapping[str, Json] = {"run": "run_1", "workflow": "wf_1", "text": "Started x."}

    async def looked(ask: Call) -> Json:
        return dict(started) if ask.key == "k1" else None

    providers: dict[str, Callable[[Call], Awaitable[Json]]] = {"look_run_workflow": looked}
    shelf = open_shelf({}, providers=providers)
    answer = await shelf.look(call("signalbox.run_workflow", {"workflow": "x"}, key="k1"))
    assert answer is not None
    assert answer.output == started
    assert await shelf.look(call("signalbox.run_workflow", {"workflow": "x"}, key="k2")) is None
    with pytest.raises(Rejected, match="no engine running"):
        await open_shelf({}).look(call("signalbox.run_workflow", {"workflow": "x"}))
