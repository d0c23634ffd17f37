"""What vendors, strangers and people at forms may send without harm: odd headers, broken mail, other hosts, replays under another name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors._kit.authorizing import is_expired
from connectors._kit.batching.gathering import Gathering
from connectors._kit.custom import MOST, Memory
from connectors._kit.described_wire import Quota
from connectors._kit.description import Limits, SoftError, Timeouts
from connectors._kit.egress import is_public
from connectors._kit.failures import Misconfigured
from connectors._kit.looking_up import LONGEST
from connectors._kit.quota import read_quota
from connectors._kit.signature import sign
from connectors._kit.wire import Wire, WireAnswer, WireRequest
from connectors.email import inbox
from engine.errors import NotFound, Rejected, Unanswered
from engine.runtime.deliveries import key_of
from tests.connectors.made import Asked, Vendor, made
from tests.connectors.made_connectors import forge
from tests.connectors.rig import SetClock, call
from tests.connectors.test_batching import all_of, graphql_shelf, write
from tests.connectors.test_oauth import Rig
from tests.connectors.test_webhooks import SECRET, scheme_of, shelf_with

# --- several at once ----------------------------------------------------------------------------------------------------------


async def test_a_batch_with_another_number_of_answers_leaves_nobody_waiting() -> None:
    async def one_answer(items: Sequence[int]) -> list[Any]:
        return ["an answer"]

    gathering: Gathering[int, str] = Gathering(one_answer, SetClock(), 0.01)
    found = await asyncio.gather(gathering.ask("kind", 1, 2), gathering.ask("kind", 2, 2), return_exceptions=True)
    assert [type(one) for one in found] == [Unanswered, Unanswered]


@pytest.mark.parametrize(("word", "failure"), [("unsure", Unanswered), ("throttled", Rejected)])
async def test_a_batch_of_writes_that_may_have_been_done_is_not_done_again_one_by_one(word: str, failure: type) -> None:
    def broken(body: Any) -> Any:
        return (
            (200, {}, {"errors": [{"message": "broken"}]}) if "a1_" in body["query"] else (200, {}, {"data": {"create_item": {"id": "1"}}})
        )

    shelf, vendor = graphql_shelf(broken)
    object.__setattr__(shelf.places["maker"].connector.description.soft_error, word, ("broken",))
    found = await all_of(write(shelf, "a"), write(shelf, "b"))
    assert len(vendor.asked) == 1
    if word == "unsure":
        assert [type(one) for one in found] == [failure, failure]
    await shelf.close()


# --- answers ------------------------------------------------------------------------------------------------------------------


class Answers(httpx2.AsyncBaseTransport):
    def __init__(self, status: int, **headers: str) -> None:
        self.status, self.headers, self.hosts = status, headers, list[str]()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.hosts.append(request.url.host)
        return httpx2.Response(self.status, headers=self.headers, json={})


async def test_a_write_that_is_answered_with_another_place_to_look_at_may_have_been_done() -> None:
    wire = Wire("Acme", "https://acme.example", Timeouts(), Limits(), Answers(303, location="/things/1"))
    with pytest.raises(Unanswered, match="303"):
        await wire.send(WireRequest(method="POST", path="/things", body={}), may_repeat=False)
    await wire.close()


async def test_what_is_no_path_never_becomes_a_part_of_the_host() -> None:
    answers = Answers(200)
    wire = Wire("Acme", "https://acme.example", Timeouts(), Limits(), answers)
    for path in ("@evil.example/x", ".evil.example/x", ":8443/x"):
        with pytest.raises(Rejected, match="is no path"):
            await wire.send(WireRequest(method="GET", path=path), may_repeat=True)
    assert answers.hosts == []
    await wire.close()


@pytest.mark.parametrize("said", ["NaN", "Infinity", "1e400", "unlimited", "²", "9" * 5000])
def test_a_quota_in_odd_words_is_no_quota_and_loses_no_answer(said: str) -> None:
    quota = Quota(limit="limit", remaining="remaining", reset="reset", reset_in="seconds")
    whole = {"limit": "10", "remaining": "5", "reset": "3"}
    for name in whole:
        reading = read_quota(quota, WireAnswer(200, {**whole, name: said}, b""), 0.0)
        assert reading is None or reading.limit in (0, 10)
    far = read_quota(quota, WireAnswer(200, {**whole, "reset": "1000000000000"}, b""), 0.0)
    assert far is not None
    assert far.resets_at == 32 * 86_400.0


@pytest.mark.parametrize("address", ["::127.0.0.1", "::10.0.0.1", "64:ff9b:1::7f00:1", "fec0::1"])
def test_old_ways_of_writing_an_inner_address_are_inner_addresses(address: str) -> None:
    assert not is_public(address)


# --- what is remembered, and how long it takes ----------------------------------------------------------------------------------


async def test_names_that_people_say_are_forgotten_in_their_order_and_nobody_asks_twice_at_once() -> None:
    memory, asked = Memory(SetClock()), list[str]()

    async def load(name: str) -> str:
        asked.append(name)
        await asyncio.sleep(0)
        return name

    for number in range(MOST + 10):
        name = f"name {number}"
        assert await asyncio.gather(*(memory.recall(name, lambda name=name: load(name), seconds=60) for _ in range(2))) == [name, name]
    assert len(asked) == MOST + 10
    assert (len(memory._known), memory._locks) == (MOST, {})
    await memory.recall("name 0", lambda: load("name 0"), seconds=60)
    await memory.recall(f"name {MOST + 9}", lambda: load("again"), seconds=60)
    assert asked[-1] == "name 0"


async def test_what_is_too_long_for_a_name_is_not_searched_for_links() -> None:
    lookup = {
        "thing": {
            "what": "thing",
            "request": {"method": "GET", "path": "/things"},
            "among": "",
            "names": ["name"],
            "link": "things/(?P<id>\\d+)",
        }
    }
    read = {
        "title": "Read", "writes": False, "inputs": {"thing": {"lookup": "thing", "longest": 100_000}}, "outputs": {"n": {}},
        "request": {"method": "GET", "path": "/things/{thing_id}"},
    }  # fmt: skip
    shelf = made(
        Vendor(SetClock(), lambda asked: (200, {}, {"n": 1} if asked.path.endswith("7") else [])), operations={"read": read}, lookups=lookup
    )
    assert (await shelf.perform(call("maker.read", {"thing": "things/7"}))).output == {"n": 1}
    with pytest.raises(NotFound):
        await shelf.perform(call("maker.read", {"thing": "things/7" + " " * LONGEST + "x"}))
    await shelf.close()


def letter(head: bytes, body: bytes = b"") -> bytes:
    return b"From: Ada <ada@acme.example>\r\nSubject: Hello\r\n" + head + b"\r\n\r\n" + body


def test_a_mail_of_brackets_and_scripts_is_read_in_one_pass() -> None:
    html = b"Content-Type: text/html"
    for body in (b"<" * 200_000, b"<script" * 30_000, b"<script></script>" * 12_000, b"<p>" * 60_000):
        assert inbox.read_message(letter(html, body), "1:1", "INBOX", "") is not None
    read = inbox.read_message(letter(html, b"a<SCRIPT x>no</sCript >b<style>no</style>c<b>d</b><script>never closed"), "1:1", "INBOX", "")
    assert read is not None
    assert read["text"].split() == ["a", "b", "c", "d"]


def test_a_mail_that_breaks_its_reader_is_told_as_such_and_does_not_keep_the_next_one_waiting() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1100))

    class Server:
        def uid(self, command: str, number: str, *what: str) -> tuple[str, list[Any]]:
            return "OK", [(b"", b"From: a@b.example\r\n" + deep if number == "1" else letter(b"", b"fine"))]

    box = inbox.Box("mail.example", 993, True, "ada", "test", "INBOX")
    broken, fine = (inbox._item(Server(), box, 9, number, "") for number in (1, 2))  # type: ignore[arg-type]
    assert broken is not None
    assert fine is not None
    assert (broken["id"], broken["subject"], set(broken)) == ("9:1", inbox.UNREADABLE, set(fine))
    assert (fine["subject"], fine["text"]) == ("Hello", "fine")
    nested = inbox.read_message(b"From: " + b"(" * 20_000 + b"\r\n\r\nx", "1:1", "INBOX", "")
    assert nested is not None
    assert nested["from"] == ""


# --- deliveries -----------------------------------------------------------------------------------------------------------------


async def test_a_signed_delivery_sent_again_under_another_id_is_the_same_delivery() -> None:
    clock = SetClock()
    shelf = shelf_with(clock=clock)
    seen = []
    for account, second, name in (("", 0, "mine"), ("", 0, "forged"), ("", 1, "next"), ("other", 1, "theirs")):
        body, stamp = b'{"n": 1}', str(int(clock.now().timestamp()) + second)
        headers = {"X-Signalbox-Signature": sign(scheme_of(shelf, "http"), SECRET, body, timestamp=stamp), "X-Signalbox-Timestamp": stamp}
        reply = await shelf.receive("http", account, "POST", {**headers, "X-Signalbox-Delivery": name}, body)
        seen.append(reply.happenings[0].id)
    assert seen == ["mine", "mine", "next", "theirs"]


async def test_a_delivery_sent_again_under_a_made_up_account_is_the_same_delivery() -> None:
    environ = {"GITHUB_WEBHOOK_SECRET": SECRET, "GITHUB_WEBHOOK_SECRET_LAB": "the lab's own"}
    shelf = shelf_with(environ)
    body = json.dumps({"ref": "refs/heads/main", "commits": [], "repository": {"full_name": "acme/web"}}).encode()
    keys = []
    for account, secret in (("default", SECRET), ("", SECRET), ("made-up", SECRET), ("lab", "the lab's own")):
        headers = {
            "X-Hub-Signature-256": sign(scheme_of(shelf, "github"), secret, body),
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": "1",
        }
        keys += [key_of(happening) for happening in (await shelf.receive("github", account, "POST", headers, body)).happenings]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert keys[3] not in keys[:3]


# --- what is asked whether it changed --------------------------------------------------------------------------------------------


async def test_what_has_not_changed_and_was_forgotten_meanwhile_is_asked_for_in_full() -> None:
    def answer(asked: Any) -> Any:
        if "if-none-match" in asked.headers:
            shelf.places["maker"].live._lane._kept._drop(next(iter(shelf.places["maker"].live._lane._kept._answers)))
            return 304, {"etag": "e"}, None
        return 200, {"etag": "e"}, {"n": 3}

    vendor = Vendor(SetClock(), answer)
    shelf = made(vendor)
    for _ in range(2):
        assert (await shelf.perform(call("maker.read", {"name": "a"}))).output == {"n": 3}
    assert len(vendor.asked) == 3
    await shelf.close()


# --- what looks like an expired token ---------------------------------------------------------------------------------------------


async def test_of_several_writes_one_that_is_forbidden_has_the_others_done_once(tmp_path: Path) -> None:
    soft = SoftError(where={"errors": {"exists": True}}, says="errors.0.message", credentials=("forbidden",))
    said = replace(forge(tmp_path, "oauth").description, soft_error=soft)
    for data, expired in (({"a0_make": {"id": 1}, "a1_make": None}, False), ({"a0_make": None}, True), (None, True)):
        body = {"data": data, "errors": [{"message": "forbidden", "path": ["a1_make"]}]}
        assert is_expired(WireAnswer(200, {}, json.dumps(body).encode()), said) is expired


async def test_a_token_that_never_runs_out_is_not_fetched_anew_for_a_permission_that_it_lacks(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    await rig.connect()
    kept = json.loads((await rig.store.vault.get("token:forge:default") or {})["token"])
    await rig.store.vault.put(
        "token:forge:default", {"token": json.dumps({**kept, "refresh": "", "since": kept["since"], "until": "2036-01-01T00:00:00+00:00"})}
    )
    rig.server.denies = True
    for _ in range(2):
        with pytest.raises(Misconfigured, match=r"bad credentials \(401\).*lack a permission; connect it again: /connect forge"):
            await rig.read()
    rig.server.denies = False
    assert await rig.read() == {"id": 7, "seen": ""}
    assert rig.server.fetched == {"authorization_code": 1}
    await rig.shelf.close()


async def test_a_user_and_password_are_hidden_in_the_form_in_which_they_are_sent_too() -> None:
    settings = {
        "token": {"name": "MAKER_TOKEN", "meaning": "its token", "secret": True, "needed": True},
        "user": {"name": "MAKER_USER", "meaning": "who asks"},
    }
    for status in (200, 422):
        vendor = Vendor(SetClock(), lambda asked, status=status: (status, {}, {"n": asked.headers["authorization"]}))
        way = {"kind": "basic", "user": "{user}", "password": "{token}"}
        shelf = made(vendor, auth=[way], settings=settings, environ={"MAKER_USER": "ada"}, complaint={"says": ["n"]})
        if status == 200:
            assert (await shelf.perform(call("maker.read", {"name": "a"}))).output == {"n": "Basic •••"}
        else:
            with pytest.raises(Rejected, match="Basic •••"):
                await shelf.perform(call("maker.read", {"name": "a"}))
        await shelf.close()


# --- looking again -----------------------------------------------------------------------------------------------------------------


async def test_an_ask_whose_answer_was_lost_is_never_settled_by_what_an_equal_one_made() -> None:
    clock, made_at = SetClock(), []

    def answer(asked: Asked) -> Any:
        if asked.method == "PUT":
            return 200, {}, {"data": {"gid": 7}}
        if asked.method == "GET":
            return 200, {}, {"items": [{"gid": 7, "name": "Same", "made": moment} for moment in made_at]}
        if made_at:
            return 503, {}, None  # and it was not done
        made_at.append(clock.now().isoformat())
        return 200, {}, {"data": {"gid": 7}}

    write = {
        "title": "Write", "inputs": {"name": {}}, "outputs": {"id": {"take": "data.gid"}}, "request": {"method": "POST", "path": "/things", "body": {"name": "{name}"}},
        "read_back": {"request": {"method": "GET", "path": "/things"}, "among": "items", "where": {"name": "{name}"}, "made_at": "made", "thing": "gid", "outputs": {"id": {"take": "gid"}}, "most": 50},
    }  # fmt: skip
    change = {
        "title": "Change", "no_look": "Nobody knows.", "outputs": {"id": {"take": "data.gid"}}, "request": {"method": "PUT", "path": "/things/7"},
    }  # fmt: skip
    shelf = made(Vendor(clock, answer), operations={"write": write, "change": change})
    first = await shelf.perform(call("maker.write", {"name": "Same"}, key="first"))
    assert first.output == {"id": 7}
    lost = call("maker.write", {"name": "Same"}, key="second", asked_at=clock.now())
    with pytest.raises(Unanswered):
        await shelf.perform(lost)
    await clock.sleep(600)
    assert await shelf.look(lost) is None
    assert (await shelf.perform(call("maker.change", key="third"))).output == {"id": 7}  # whoever changes a thing has not made it
    assert await shelf.look(call("maker.write", {"name": "Same"}, key="first", asked_at=clock.now() - timedelta(seconds=600))) == first
    await shelf.close()
