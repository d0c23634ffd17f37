"""Equal asks within a moment go out as one request, and each hears what it would have heard alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from graphql import parse as parse_graphql
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.batching.aliases import read_document
from connectors._kit.batching.gathering import Gathering
from connectors._kit.checking_limits import check_limits
from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.failures import Later, Refused, Throttled
from engine.errors import NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Answer
from tests.connectors import contract
from tests.connectors.batch_peers import WAYS, Splitting, splitting
from tests.connectors.made import Asked, SteppingClock, Vendor, made, rest
from tests.connectors.rig import SetClock, asgi, call

KINDS = sorted(WAYS)
URL = "http://maker.example/v1"
WRITE = {
    "title": "Write", "inputs": {"name": {}, "note": {}}, "no_look": "Nobody knows.", "outputs": {"n": {}, "name": {}},
    "request": {"method": "POST", "path": "/things", "query": {"note": "{note}"}, "body": {"data": {"name": "{name}"}}},
}  # fmt: skip
READ = {
    "title": "Read",
    "writes": False,
    "inputs": {"name": {}},
    "outputs": {"n": {}, "path": {}},
    "request": {"method": "GET", "path": "/things/{name}"},
}
OPERATIONS = {"write": WRITE, "read": READ, "once": {**WRITE, "alone": True}, "again": {**WRITE, "repeatable": True}}


def echo(asked: Asked) -> Any:
    name = asked.body["data"]["name"] if asked.body else asked.path.rpartition("/")[2]
    if name == "bad":
        return 422, {}, {"message": "That name will not do"}
    if name == "gone":
        return 404, {}, {"message": "Nothing there"}
    if name == "fast":
        return 429, {"retry-after": "7"}, {"message": "Slower"}
    if name == "broken":
        return 503, {}, {}
    if name == "soft":
        return 200, {}, {"ok": False, "error": "name_taken"}
    return 200, {}, {"n": len(name), "name": name, "path": asked.path}


def batched(
    kind: str, clock: Any, *, most: int = 10, environ: Mapping[str, str] | None = None, **said: Any
) -> tuple[Any, Splitting, Vendor]:
    vendor = Vendor(clock, echo)
    peer = splitting(kind, vendor, URL, "/batch")
    whole = {
        "operations": OPERATIONS,
        "batch": {"kind": kind, "path": "/batch", "most": most},
        "soft_error": {"where": {"ok": False}, "says": "error"},
        **said,
    }
    shelf = made(vendor, environ=environ, transport=asgi(peer), **whole)
    return shelf, peer, vendor


async def write(shelf: Any, name: str, action: str = "maker.write", **more: Any) -> Any:
    return await shelf.perform(call(action, {"name": name}, key=f"key-{name}", **more))


async def all_of(*asks: Any) -> list[Any]:
    return await asyncio.gather(*asks, return_exceptions=True)


@pytest.mark.parametrize("kind", KINDS)
async def test_asks_within_a_moment_are_one_request_and_each_gets_its_own_answer(kind: str) -> None:
    shelf, peer, vendor = batched(kind, SetClock())
    names = ["a", "bb", "ünï", "dddd"]
    found = await asyncio.gather(*(write(shelf, name) for name in names))
    assert [(one.output["n"], one.output["name"]) for one in found] == [(len(name), name) for name in names]
    assert (peer.batches, peer.alone) == ([4], [])
    assert {asked.headers["authorization"] for asked in vendor.asked} == {"Bearer test-token"}
    await shelf.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_reads_are_put_together_too_with_their_own_paths(kind: str) -> None:
    shelf, peer, _ = batched(kind, SetClock())
    found = await asyncio.gather(*(shelf.perform(call("maker.read", {"name": name}, key=name)) for name in ("a", "b c")))
    assert [one.output["path"] for one in found] == ["/v1/things/a", "/v1/things/b c"]
    assert peer.batches == [2]
    await shelf.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_each_failure_is_judged_as_if_it_had_been_alone(kind: str) -> None:
    shelf, peer, _ = batched(kind, SetClock())
    names = ["fine", "bad", "gone", "broken", "soft"]
    found = await all_of(*(write(shelf, name) for name in names))
    assert peer.batches == [5]
    fine, bad, gone, broken, soft = found
    assert fine.output["name"] == "fine"
    assert isinstance(bad, Refused)
    assert "That name will not do" in str(bad)
    assert isinstance(gone, NotFound)
    assert isinstance(broken, Unanswered)
    assert isinstance(soft, Rejected)
    assert "name_taken" in str(soft)
    await shelf.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_too_fast_inside_a_batch_pauses_the_account_for_as_long_as_it_says(kind: str) -> None:
    shelf, peer, _ = batched(kind, SetClock())
    fine, fast = await all_of(write(shelf, "fine"), write(shelf, "fast"))
    assert fine.output["name"] == "fine"
    assert isinstance(fast, Throttled)
    assert fast.retry_after == 7
    with pytest.raises(Throttled, match="asked for a pause"):
        await write(shelf, "later")
    assert peer.batches == [2]
    await shelf.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_whole_that_is_lost_leaves_each_write_unanswered_unless_it_may_be_repeated(kind: str) -> None:
    shelf, peer, _ = batched(kind, SetClock())
    peer.whole = [(200, {}, {"unexpected": True}), (200, {}, {"unexpected": True})]
    lost = await all_of(write(shelf, "a"), write(shelf, "b"))
    assert [type(one) for one in lost] == [Unanswered, Unanswered]
    again = await all_of(write(shelf, "a", "maker.again"), write(shelf, "b", "maker.again"))
    assert [type(one) for one in again] == [Transient, Transient]
    await shelf.close()


async def test_a_connection_that_breaks_off_is_told_to_each_as_it_would_be_alone() -> None:
    clock = SetClock()

    class Broken:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100"), (b"content-encoding", b"gzip")]}
            )
            await send({"type": "http.response.body", "body": b"no gzip"})

    shelf = made(Vendor(clock), transport=asgi(Broken()), operations=OPERATIONS, batch={"kind": "graph", "path": "/batch", "most": 5})
    lost = await all_of(*(write(shelf, name) for name in "ab"), *(write(shelf, name, "maker.again") for name in "cd"))
    assert [type(one) for one in lost] == [Unanswered, Unanswered, Transient, Transient]
    await shelf.close()


async def test_a_service_that_fails_or_asks_for_a_pause_says_it_to_everybody_and_a_mistake_of_one_is_not_the_others() -> None:
    shelf, peer, vendor = batched("graph", SetClock())
    peer.whole = [(503, {}, {})]
    assert [type(one) for one in await all_of(write(shelf, "a"), write(shelf, "b"))] == [Unanswered, Unanswered]
    peer.whole = [(400, {}, {"message": "one of them will not do"})]
    fine, bad = await all_of(write(shelf, "fine"), write(shelf, "bad"))
    assert fine.output["name"] == "fine"
    assert "That name will not do" in str(bad)
    assert len(peer.alone) == 2
    peer.whole = [(429, {"retry-after": "9"}, {})]
    paused = await all_of(write(shelf, "a"), write(shelf, "b"))
    assert [(type(one), one.retry_after) for one in paused] == [(Throttled, 9.0), (Throttled, 9.0)]
    assert len(vendor.asked) == 2
    await shelf.close()


async def test_one_alone_goes_as_it_always_went_and_so_does_what_is_never_part_of_a_batch() -> None:
    shelf, peer, _ = batched("graph", SetClock())
    await write(shelf, "a")
    await all_of(write(shelf, "a", "maker.once"), write(shelf, "b", "maker.once"))
    assert (peer.batches, len(peer.alone)) == ([], 3)
    await shelf.close()


async def test_a_batch_is_never_larger_than_the_vendor_takes_nor_than_its_limit_allows() -> None:
    shelf, peer, _ = batched("graph", SetClock(), most=4)
    await asyncio.gather(*(write(shelf, f"n{n}") for n in range(10)))
    assert sorted(peer.batches) == [2, 4, 4]
    await shelf.close()
    shelf, peer, vendor = batched("graph", SteppingClock(), most=20, limits={"buckets": [{"limit": 3, "per": 0.5}]})
    tasks = [asyncio.create_task(write(shelf, f"n{n}")) for n in range(6)]
    await vendor.clock.step(1.5)
    await asyncio.gather(*tasks)
    assert peer.batches == [3, 3]
    await shelf.close()


async def test_a_batch_that_comes_too_early_comes_back_as_one_whoever_of_it_is_first_then() -> None:
    shelf, peer, vendor = batched("graph", SetClock(), limits={"buckets": [{"limit": 3, "per": 60}]})
    await all_of(*(write(shelf, name) for name in "abc"))
    early = await all_of(*(write(shelf, name) for name in "def"))
    assert {type(one) for one in early} == {Later}
    await vendor.clock.sleep(61)
    assert [type(one) for one in await all_of(*(write(shelf, name) for name in "fed"))] == [Answer] * 3
    assert peer.batches == [3, 3]
    await shelf.close()


async def test_the_switch_turns_batches_off() -> None:
    shelf, peer, _ = batched("graph", SetClock(), environ={"SIGNALBOX_BATCHING": "off"})
    await asyncio.gather(*(write(shelf, name) for name in "abc"))
    assert (peer.batches, len(peer.alone)) == ([], 3)
    await shelf.close()


async def test_accounts_are_never_mixed() -> None:
    shelf, peer, vendor = batched("graph", SetClock(), environ={"MAKER_TOKEN__OTHER": "test-token-2"})
    names = [account.name for account in shelf.accounts()]
    await asyncio.gather(*(write(shelf, f"{name}{n}", account=name) for name in names for n in range(2)))
    assert peer.batches == [2, 2]
    shown = {asked.body["data"]["name"]: asked.headers["authorization"] for asked in vendor.asked}
    assert len(set(shown.values())) == 2
    await shelf.close()


async def test_who_gives_up_before_is_left_out_and_who_gives_up_after_hurts_no_other() -> None:
    clock = SteppingClock()
    shelf, peer, vendor = batched("graph", clock)
    tasks = [asyncio.create_task(write(shelf, name)) for name in "abc"]
    await rest()
    tasks[0].cancel()
    await rest()
    vendor.held = asyncio.Event()
    await clock.step(0.02)
    assert peer.batches == [2]
    tasks[1].cancel()
    await rest()
    vendor.held.set()
    assert (await tasks[2]).output["name"] == "c"
    alone = asyncio.create_task(write(shelf, "d"))
    await rest()
    alone.cancel()
    await clock.step(1.0)
    assert peer.alone == []
    await shelf.close()


async def test_user_text_that_looks_like_a_reference_never_gets_into_a_composite() -> None:
    shelf, peer, _ = batched("composite", SetClock())
    found = await asyncio.gather(*(write(shelf, name) for name in ("a", "@{ask1.id}", "c")))
    assert [one.output["name"] for one in found] == ["a", "@{ask1.id}", "c"]
    assert (peer.batches, len(peer.alone)) == ([2], 1)
    await shelf.close()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=12), st.integers(1, 5))
def test_everybody_who_stays_gets_his_own_answer_whoever_leaves(leave: list[int], most: int) -> None:
    async def scene() -> None:
        clock, sent = SteppingClock(), []

        async def send_all(items: Sequence[int]) -> Sequence[int | SignalboxError]:
            sent.append(list(items))
            await clock.sleep(1.0)
            return [Rejected("odd") if item % 2 else item * 10 for item in items]

        gathering: Gathering[int, int] = Gathering(send_all, clock, 0.01)
        tasks = [asyncio.create_task(gathering.ask("kind", number, most)) for number in range(len(leave))]
        await rest()
        early = [number for number, how in enumerate(leave) if how == 1]
        for number in early:
            tasks[number].cancel()
        await clock.step(0.5)
        for number, how in enumerate(leave):
            if how == 2:
                tasks[number].cancel()
        await clock.step(2.0)
        for number, (how, task) in enumerate(zip(leave, tasks, strict=True)):
            assert task.cancelled() == bool(how)
            if not how:
                assert (task.exception() is not None) == bool(number % 2)
                assert number % 2 or task.result() == number * 10
        put = [item for items in sent for item in items]
        assert len(put) == len(set(put))
        assert all(len(items) <= most for items in sent)
        await gathering.close()

    asyncio.run(scene())


# --- bulk forms -------------------------------------------------------------------------------------------------------------------

BULK = {"request": {"method": "POST", "path": "/things/many", "body": {"inputs": []}}, "into": "inputs", "answers": "results"}


def bulk_shelf(answer: Any, bulk: Mapping[str, Any], **said: Any) -> tuple[Any, Vendor]:
    def told(asked: Asked) -> Any:
        return answer(asked.body["inputs"]) if asked.path.endswith("/many") else echo(asked)

    vendor = Vendor(SetClock(), told)
    operations = {"write": {**WRITE, "bulk": {**BULK, **bulk}}}
    return made(vendor, operations=operations, batch={"kind": "list", "most": 10, "counts": "one"}, **said), vendor


async def test_a_bulk_form_takes_the_bodies_as_a_list_and_gives_outcomes_in_their_order() -> None:
    shelf, vendor = bulk_shelf(lambda inputs: (201, {}, {"results": [{"n": 1, "name": one["data"]["name"]} for one in inputs]}), {})
    found = await asyncio.gather(write(shelf, "a"), write(shelf, "b"))
    assert [one.output["name"] for one in found] == ["a", "b"]
    assert vendor.asked[0].body == {"inputs": [{"data": {"name": "a"}}, {"data": {"name": "b"}}]}
    await shelf.close()


async def test_outcomes_that_are_joined_by_a_key_may_come_in_any_order_and_failures_apart() -> None:
    def answer(inputs: list[Any]) -> Any:
        good = [{"trace": one["trace"], "made": {"n": 3, "name": one["name"]}} for one in inputs if one["name"] != "bad"]
        bad = [{"message": "That name will not do", "context": {"trace": [one["trace"]]}} for one in inputs if one["name"] == "bad"]
        return 207, {}, {"results": good[::-1], "errors": bad}

    bulk = {
        "item": {"name": "{name}", "trace": "{key}"},
        "key": ["trace", "trace"],
        "answer": "made",
        "failures": "errors",
        "which": "context.trace",
    }
    shelf, _ = bulk_shelf(answer, bulk)
    a, bad, c = await all_of(write(shelf, "a"), write(shelf, "bad"), write(shelf, "c"))
    assert (a.output["name"], c.output["name"]) == ("a", "c")
    assert isinstance(bad, Refused)
    assert "That name will not do" in str(bad)
    await shelf.close()


async def test_failures_that_are_counted_by_their_place_leave_the_others_in_order() -> None:
    def answer(inputs: list[Any]) -> Any:
        names = [one["data"]["name"] for one in inputs]
        errors = [{"status": 400, "place": n, "said": {"message": "No such thing"}} for n, name in enumerate(names) if name == "bad"]
        return 201, {}, {"results": [{"n": 1, "name": name} for name in names if name != "bad"], "errors": errors}

    shelf, _ = bulk_shelf(answer, {"failures": "errors", "which": "place", "refusal": "said"})
    bad, b, c = await all_of(write(shelf, "bad"), write(shelf, "b"), write(shelf, "c"))
    assert (b.output["name"], c.output["name"]) == ("b", "c")
    assert isinstance(bad, Refused)
    assert "No such thing" in str(bad)
    await shelf.close()


async def test_a_bulk_answer_with_another_number_of_outcomes_leaves_all_unanswered() -> None:
    shelf, _ = bulk_shelf(lambda inputs: (200, {}, {"results": [{"n": 1}]}), {})
    assert [type(one) for one in await all_of(write(shelf, "a"), write(shelf, "b"))] == [Unanswered, Unanswered]
    await shelf.close()


async def test_outcomes_that_failed_by_their_own_words_are_refusals() -> None:
    shelf, _ = bulk_shelf(
        lambda inputs: (200, {}, {"results": [{"n": 1, "name": "a", "ok": True}, {"ok": False, "why": "taken"}]}),
        {"failed": {"ok": False}, "says": "why"},
    )
    a, b = await all_of(write(shelf, "a"), write(shelf, "b"))
    assert a.output["n"] == 1
    assert "taken" in str(b)
    await shelf.close()


# --- GraphQL ----------------------------------------------------------------------------------------------------------------------

ITEM = 'mutation ($board: ID!, $name: String!) { create_item(board_id: $board, item_name: $name, column_values: "{\\"a\\": \\"{ $x } b: { c\\"}") { id name board { id } } }'


def graphql_shelf(answer: Any, document: str = ITEM) -> tuple[Any, Vendor]:
    operation = {
        "title": "Write", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {"take": "data.create_item.id"}},
        "request": {"method": "POST", "path": "/graphql", "body": {"query": document, "variables": {"board": "7", "name": "{name}"}}},
    }  # fmt: skip
    vendor = Vendor(SetClock(), lambda asked: answer(asked.body))
    soft = {"where": {"errors": {"exists": True}}, "says": "errors.0.message"}
    return made(vendor, operations={"write": operation}, batch={"kind": "aliases", "most": 25}, soft_error=soft), vendor


async def test_graphql_fields_stand_in_one_document_under_names_of_their_own() -> None:
    def answer(body: Any) -> Any:
        if "a1_create_item" not in body["query"]:
            return 200, {}, {"data": {"create_item": {"id": "1"}}}
        data = {f"a{n}_create_item": {"id": body["variables"][f"name_{n}"]} for n in range(3)} | {"a1_create_item": None}
        return 200, {}, {"data": data, "errors": [{"message": "No such board", "path": ["a1_create_item"]}], "account_id": 5}

    shelf, vendor = graphql_shelf(answer)
    a, b, c = await all_of(*(write(shelf, name) for name in "abc"))
    assert (a.output["id"], c.output["id"]) == ("a", "c")
    assert isinstance(b, Rejected)
    assert "No such board" in str(b)
    (asked,) = vendor.asked
    parse_graphql(asked.body["query"])
    assert asked.body["variables"] == {"board_0": "7", "name_0": "a", "board_1": "7", "name_1": "b", "board_2": "7", "name_2": "c"}
    await shelf.close()


async def test_a_document_that_is_refused_as_a_whole_is_put_one_by_one_and_one_that_was_begun_is_not() -> None:
    def refused(body: Any) -> Any:
        return (
            (200, {}, {"errors": [{"message": "syntax"}]})
            if "a1_" in body["query"]
            else (200, {}, {"data": {"create_item": {"id": body["variables"]["name"]}}})
        )

    shelf, vendor = graphql_shelf(refused)
    assert [one.output["id"] for one in await all_of(write(shelf, "a"), write(shelf, "b"))] == ["a", "b"]
    assert len(vendor.asked) == 3
    await shelf.close()
    shelf, vendor = graphql_shelf(lambda body: (200, {}, {"data": None, "errors": [{"message": "broke"}]}))
    assert [type(one) for one in await all_of(write(shelf, "a"), write(shelf, "b"))] == [Unanswered, Unanswered]
    assert len(vendor.asked) == 1
    await shelf.close()


@pytest.mark.parametrize(
    "text",
    [
        "query { ...f } fragment f on Q { a }",
        "subscription { a }",
        "query a { b } query c { d }",
        "mutation @live { a }",
        "not graphql",
        "{ a }}",
        "",
    ],
)
def test_documents_that_cannot_stand_beside_others_go_alone(text: str) -> None:
    assert read_document(text) is None


# --- by hooks.py ------------------------------------------------------------------------------------------------------------------


async def test_hooks_may_put_a_batch_themselves_and_one_ask_alone_goes_its_usual_way() -> None:
    async def together(asks: Sequence[Ask], tools: Tools) -> Sequence[Answer | SignalboxError]:
        return [Rejected("odd") if ask.arguments["name"] == "bad" else Answer({"n": 0, "name": ask.arguments["name"]}) for ask in asks]

    vendor = Vendor(SetClock(), echo)
    shelf = made(vendor, custom=Custom(together={"write": together}), operations=OPERATIONS, batch={"kind": "own", "most": 5})
    a, bad = await all_of(write(shelf, "a"), write(shelf, "bad"))
    assert a.output == {"n": 0, "name": "a"}
    assert isinstance(bad, Rejected)
    assert vendor.asked == []
    assert (await write(shelf, "alone")).output["n"] == 5
    await shelf.close()


# --- judged by the vendors' own descriptions --------------------------------------------------------------------------------------

TASK = {
    "title": "Task", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"gid": {"take": "data.gid"}},
    "request": {"method": "POST", "path": "/tasks", "query": {"opt_fields": "name,permalink_url"}, "body": {"data": {"name": "{name}", "workspace": "12345"}}},
}  # fmt: skip
FOLDER = {
    "title": "Folder", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {}},
    "request": {"method": "POST", "path": "/drives/d1/items/root/children", "body": {"name": "{name}", "folder": {}}},
}  # fmt: skip
MESSAGE = {
    "title": "Message", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {}},
    "request": {"method": "POST", "path": "/teams/t1/channels/c1/messages", "body": {"body": {"content": "{name}"}}},
}  # fmt: skip
LEAD = {
    "title": "Lead", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {}},
    "request": {"method": "POST", "path": "/services/data/v59.0/sobjects/Lead", "body": {"LastName": "{name}"}},
}  # fmt: skip
EVENT = {
    "title": "Event", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {}},
    "request": {"method": "POST", "path": "/calendars/primary/events", "query": {"sendUpdates": "none"}, "body": {"summary": "{name}", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}},
}  # fmt: skip
JUDGED = [
    ("asana", "asana", "http://v.example/api/1.0", "/batch", TASK, True),
    ("onedrive", "graph", "http://v.example/v1.0", "/$batch", FOLDER, True),
    ("teams_graph", "graph", "http://v.example/v1.0", "/$batch", MESSAGE, True),
    ("salesforce", "composite", "http://v.example", "/services/data/v59.0/composite", LEAD, True),
    ("google_calendar", "google", "http://v.example/calendar/v3", "/batch/calendar/v3", EVENT, False),
]


def judged_app(spec: str) -> Any:
    service = contract._service(spec)
    service.tokens = {"test-token": None}
    return contract._module().App({spec: service})


@pytest.mark.parametrize(("spec", "kind", "url", "path", "operation", "whole"), JUDGED, ids=[case[0] for case in JUDGED])
async def test_the_whole_and_every_part_of_it_are_as_the_vendor_describes_them(
    spec: str, kind: str, url: str, path: str, operation: Mapping[str, Any], whole: bool
) -> None:
    app = judged_app(spec)
    away = {"root": ""} if kind == "google" else {}
    peer = splitting(kind, app, url, path, prefix=f"/{spec}", judged=whole, **away)
    batch = {"kind": kind, "path": path, "most": 10, **({"host": "away"} if kind == "google" else {})}
    hosts = {"away": {"url": "http://v.example", "setting": "away"}} if kind == "google" else {}
    shelf = made(Vendor(SetClock()), transport=asgi(peer), base_url=url, operations={"write": operation}, batch=batch, hosts=hosts)
    found = await asyncio.gather(*(write(shelf, name) for name in ("disk full", "ünï “quoted”", "third")))
    assert len(found) == 3
    assert peer.batches == [3]
    assert [(seen["method"], seen["path"], seen["violations"]) for seen in app.ledger if seen["violations"]] == []
    assert len(app.ledger) == (4 if whole else 3)
    await shelf.close()


CONTACT = {
    "title": "Contact", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {}},
    "request": {"method": "POST", "path": "/crm/v3/objects/contacts", "body": {"properties": {"lastname": "{name}"}}},
    "bulk": {
        "request": {"method": "POST", "path": "/crm/v3/objects/contacts/batch/create"}, "into": "inputs", "answers": "results",
        "item": {"properties": {"lastname": "{name}"}, "objectWriteTraceId": "{key}"}, "key": ["objectWriteTraceId", "objectWriteTraceId"],
        "failures": "errors", "which": "context.objectWriteTraceId",
    },
}  # fmt: skip
ISSUE = {
    "title": "Issue", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"key": {}},
    "request": {"method": "POST", "path": "/rest/api/3/issue", "body": {"fields": {"summary": "{name}", "project": {"id": "10000"}, "issuetype": {"id": "10000"}}}},
    "bulk": {
        "request": {"method": "POST", "path": "/rest/api/3/issue/bulk"}, "into": "issueUpdates", "answers": "issues",
        "failures": "errors", "which": "failedElementNumber", "refusal": "elementErrors",
    },
}  # fmt: skip
MONDAY = {
    "title": "Item", "inputs": {"name": {}}, "no_look": "Nobody knows.", "outputs": {"id": {"take": "data.create_item.id"}},
    "request": {"method": "POST", "path": "/v2", "body": {
        "query": "mutation ($board: ID!, $name: String!) { create_item(board_id: $board, item_name: $name) { id name url } }",
        "variables": {"board": "7", "name": "{name}"},
    }},
}  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "kind", "operation", "path"),
    [
        ("hubspot", "list", CONTACT, "/crm/v3/objects/contacts/batch/create"),
        ("jira", "list", ISSUE, "/rest/api/3/issue/bulk"),
        ("monday", "aliases", MONDAY, "/v2"),
    ],
)
async def test_a_bulk_form_is_as_the_vendor_describes_it(spec: str, kind: str, operation: Mapping[str, Any], path: str) -> None:
    app = judged_app(spec)
    url = f"http://v.example/{spec}"
    auth = [{"kind": "basic", "user": "mia", "password": "{token}"}] if spec == "jira" else [{"kind": "bearer"}]
    shelf = made(
        Vendor(SetClock()), transport=asgi(app), base_url=url, auth=auth, operations={"write": operation}, batch={"kind": kind, "most": 10}
    )
    await all_of(*(write(shelf, name) for name in ("disk full", "ünï “quoted”", "third")))
    assert [(seen["path"], seen["violations"]) for seen in app.ledger] == [(path, [])]
    await shelf.close()


# --- what a description says of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"batch": {"kind": "own", "most": 5}}, "hooks.py does not put asks together"),
        ({"batch": {"kind": "list", "most": 5}}, "no operation has a bulk form"),
        ({"batch": {"kind": "graph", "most": 5}}, "needs the path"),
        ({"batch": {"kind": "google", "path": "/batch", "host": "away", "most": 5}}, "none of the hosts"),
        ({"batch": {"kind": "graph", "path": "/batch", "most": 1}}, "must take at least two"),
        ({"limits": {"buckets": [{"limit": 1, "per": 1, "only": ["wrte"]}]}}, "neither an operation nor a poll"),
        ({"limits": {"buckets": [{"limit": 0, "per": 1}]}}, "must allow at least one"),
        ({"limits": {"quota": {"limit": "X-Limit"}}}, "how much is left"),
        ({"operations": {"write": {**WRITE, "cache": 5}}}, "cannot be kept"),
        ({"operations": {"write": {**WRITE, "bulk": BULK}}}, "the connector's batch is no list"),
    ],
)
def test_what_cannot_be_meant_is_named_when_the_connector_is_read(said: Mapping[str, Any], sentence: str) -> None:
    shelf = made(Vendor(SetClock()), **said)
    found = [str(problem) for problem in check_limits(shelf.places["maker"].connector)]
    assert len(found) == 1
    assert sentence in found[0]
