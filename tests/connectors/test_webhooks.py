"""The desk: deliveries are proven before they are read, read once, and told as what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.description import Webhooks
from connectors._kit.desk import LARGEST, secret_setting
from connectors._kit.shelf import Shelf
from connectors._kit.signature import is_genuine, sign
from engine.errors import Forbidden, Invalid, NotFound
from engine.ports import HookReply
from tests.connectors.rig import NOW, SetClock, open_shelf
from tests.shared_data import shared

SECRET = "a webhook secret"
CALLBACK = "https://bot.acme.example/hooks/trello"
ENVIRON = {
    "GITHUB_WEBHOOK_SECRET": SECRET,
    "TRELLO_WEBHOOK_SECRET": SECRET,
    "TRELLO_WEBHOOK_URL": CALLBACK,
    "HTTP_WEBHOOK_SECRET": SECRET,
    "HTTP_WEBHOOK_SECRET_DEPLOYS": "the deploys' own",
}


def shelf_with(environ: Mapping[str, str] = ENVIRON, clock: SetClock | None = None) -> Shelf:
    return open_shelf(environ, clock)


def scheme_of(shelf: Shelf, service: str) -> Webhooks:
    scheme = shelf._places[service].connector.description.webhooks
    assert scheme is not None
    return scheme


async def deliver(shelf: Shelf, event: str, payload: Any, *, secret: str = SECRET, delivery: str = "d-1", **headers: str) -> HookReply:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = sign(scheme_of(shelf, "github"), secret, body)
    shown = {"X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": signature, **headers}
    return await shelf.receive("github", "", "POST", shown, body)


def real(event: str, number: int = 0) -> dict[str, Any]:
    payloads: dict[str, list[dict[str, Any]]] = json.loads(shared("data/webhooks/github.json").read_text())
    return payloads[event][number]


# --- real payloads ------------------------------------------------------------------------------------------------------


async def test_a_real_opened_pull_request_is_told_in_natural_fields() -> None:
    payload = real("pull_request")
    happening = (await deliver(shelf_with(), "pull_request", payload)).happenings[0]
    assert (happening.event, happening.at) == ("pull_request_opened", NOW)
    theirs = payload["pull_request"]
    assert happening.data["repo"] == payload["repository"]["full_name"]
    assert happening.data["title"] == theirs["title"]
    assert happening.data["author"] == theirs["user"]["login"]
    assert happening.data["base"] == theirs["base"]["ref"]
    assert happening.data["number"] == payload["number"]


async def test_a_real_pull_request_that_is_closed_and_merged_is_merged_and_one_closed_unmerged_is_nothing() -> None:
    payload = real("pull_request")
    payload["action"] = "closed"
    payload["pull_request"]["merged"] = True
    payload["pull_request"]["merged_by"] = {"login": "octocat"}
    merged = await deliver(shelf_with(), "pull_request", payload)
    assert [(h.event, h.data["merged_by"]) for h in merged.happenings] == [("pull_request_merged", "octocat")]
    payload["pull_request"]["merged"] = False
    closed = await deliver(shelf_with(), "pull_request", payload)
    assert (closed.status, closed.happenings) == (202, ())
    assert b"no event of the catalogue" in closed.body


async def test_a_real_published_release_a_pushed_tag_and_a_failed_run_are_told() -> None:
    shelf = shelf_with()
    release = (await deliver(shelf, "release", real("release"), delivery="r")).happenings[0]
    assert (release.event, release.data["tag"]) == ("release_published", real("release")["release"]["tag_name"])
    push = real("push") | {"deleted": False}
    pushed = (await deliver(shelf, "push", push, delivery="p")).happenings[0]
    assert (pushed.event, pushed.data["tag"], pushed.data["branch"]) == ("push", "simple-tag", None)
    run = real("workflow_run", 1)
    run["workflow_run"]["conclusion"] = "failure"
    failed = (await deliver(shelf, "workflow_run", run, delivery="w")).happenings[0]
    assert (failed.event, failed.data["workflow"]) == ("workflow_run_failed", run["workflow_run"]["name"])


async def test_every_real_payload_is_taken_and_those_we_have_no_event_for_are_ignored_with_the_reason() -> None:
    payloads = json.loads(shared("data/webhooks/github.json").read_text())
    shelf = shelf_with()
    for event, examples in payloads.items():
        for number, payload in enumerate(examples):
            reply = await deliver(shelf, event, payload, delivery=f"{event}-{number}")
            assert reply.status == (200 if event == "ping" else 202)
            assert reply.happenings or b"message" in reply.body


# --- proof --------------------------------------------------------------------------------------------------------------


async def test_an_unsigned_a_wrongly_signed_and_an_altered_delivery_are_refused_before_they_are_read() -> None:
    shelf = shelf_with()
    with pytest.raises(Forbidden, match="not signed"):
        await shelf.receive("github", "", "POST", {"X-GitHub-Event": "push"}, b"{not even json")
    with pytest.raises(Forbidden, match="is wrong"):
        await deliver(shelf, "push", {"ref": "refs/heads/main"}, secret="another")
    signature = sign(scheme_of(shelf, "github"), SECRET, b'{"amount": 1}')
    with pytest.raises(Forbidden, match="is wrong"):
        await shelf.receive("github", "", "POST", {"X-Hub-Signature-256": signature, "X-GitHub-Event": "push"}, b'{"amount": 9}')


@pytest.mark.parametrize("mode", ["missing", "all", "off"])
async def test_without_a_secret_nothing_is_taken_in_any_mode_and_the_setting_is_named(mode: str) -> None:
    shelf = open_shelf({}, sandbox_mode=mode)
    with pytest.raises(Forbidden, match="GITHUB_WEBHOOK_SECRET"):
        await shelf.receive("github", "", "POST", {"X-GitHub-Event": "push"}, b"{}")


async def test_the_signature_agrees_with_the_vendors_published_example() -> None:
    # docs.github.com, “Validating webhook deliveries”: its own test values.
    wanted = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    scheme = scheme_of(shelf_with(), "github")
    assert sign(scheme, "It's a Secret to Everybody", b"Hello, World!") == wanted


@settings(max_examples=50)
@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=20), where=st.integers(0, 199))
def test_one_changed_byte_breaks_every_signature(body: bytes, secret: str, where: int) -> None:
    scheme = Webhooks(header="X-Sig", secret_meaning="")
    headers = {"x-sig": sign(scheme, secret, body)}
    assert is_genuine(scheme, secret, headers, body)
    changed = bytearray(body + b"\0")
    changed[where % len(changed)] ^= 1
    assert not is_genuine(scheme, secret, headers, bytes(changed))


async def test_a_signature_of_odd_characters_is_just_wrong() -> None:
    with pytest.raises(Forbidden):
        await shelf_with().receive("github", "", "POST", {"x-hub-signature-256": "sha256=é\udcff"}, b"{}")


# --- reading ------------------------------------------------------------------------------------------------------------


async def test_a_ping_is_answered_and_starts_nothing() -> None:
    reply = await deliver(shelf_with(), "ping", {"zen": "Keep it logically awesome."})
    assert (reply.status, reply.happenings) == (200, ())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_json_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(Invalid, match="not JSON"):
        await deliver(shelf_with(), "push", body)


@pytest.mark.parametrize("payload", [None, 7, [], "text", {"action": None}, {"pull_request": 3, "action": "opened"}])
async def test_a_proven_payload_of_any_shape_is_never_an_error(payload: Any) -> None:
    assert (await deliver(shelf_with(), "pull_request", payload)).status == 202


async def test_a_delivery_that_is_too_large_is_refused_unread() -> None:
    reply = await shelf_with().receive("github", "", "POST", {}, b"x" * (LARGEST + 1))
    assert (reply.status, b"5 MiB" in reply.body) == (413, True)


async def test_a_form_encoded_delivery_is_read_and_its_signature_is_over_the_form() -> None:
    form = urlencode({"payload": json.dumps({"ref": "refs/heads/main", "deleted": False, "commits": []})}).encode()
    reply = await deliver(shelf_with(), "push", form, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert [(h.event, h.data["branch"]) for h in reply.happenings] == [("push", "main")]


async def test_a_replay_under_another_delivery_id_is_the_same_delivery_even_after_a_restart() -> None:
    push = {"ref": "refs/heads/main", "deleted": False}
    first = await deliver(shelf_with(), "push", push, delivery="one")
    replay = await deliver(shelf_with(), "push", push, delivery="two")
    assert first.happenings[0].id == replay.happenings[0].id
    other = await deliver(shelf_with(), "push", push | {"ref": "refs/heads/dev"}, delivery="one")
    assert other.happenings[0].id != first.happenings[0].id
    assert b'"id": "one"' in first.body


async def test_only_post_delivers_and_unknown_or_silent_services_are_named() -> None:
    shelf = shelf_with()
    assert (await shelf.receive("github", "", "GET", {}, b"")).status == 405
    with pytest.raises(NotFound, match="Did you mean “github”"):
        await shelf.receive("githib", "", "POST", {}, b"")
    with pytest.raises(NotFound, match="no webhooks"):
        await shelf.receive("email", "", "POST", {}, b"")


# --- Trello -------------------------------------------------------------------------------------------------------------


async def test_trellos_handshake_is_answered_and_its_signature_covers_the_callback_address() -> None:
    shelf = shelf_with()
    assert (await shelf.receive("trello", "", "HEAD", {}, b"")).status == 200
    body = json.dumps({"action": {"id": "a1", "type": "createCard", "data": {"card": {"name": "Hi"}}}}).encode()
    good = sign(scheme_of(shelf, "trello"), SECRET, body, url=CALLBACK)
    reply = await shelf.receive("trello", "", "POST", {"x-trello-webhook": good}, body)
    assert [(h.id, h.event, h.data["title"]) for h in reply.happenings] == [("a1", "card_created", "Hi")]
    elsewhere = sign(scheme_of(shelf, "trello"), SECRET, body, url=CALLBACK + "/")
    with pytest.raises(Forbidden):
        await shelf.receive("trello", "", "POST", {"x-trello-webhook": elsewhere}, body)


async def test_trellos_deliveries_are_refused_until_the_callback_address_is_known() -> None:
    with pytest.raises(Forbidden, match="TRELLO_WEBHOOK_URL"):
        await open_shelf({"TRELLO_WEBHOOK_SECRET": SECRET}).receive("trello", "", "POST", {}, b"{}")


# --- any sender ---------------------------------------------------------------------------------------------------------


async def hook(shelf: Shelf, account: str, payload: Any, secret: str, **headers: str) -> HookReply:
    body = json.dumps(payload).encode()
    stamp = headers.get("X-Signalbox-Timestamp", "")
    signature = sign(scheme_of(shelf, "http"), secret, body, timestamp=stamp)
    return await shelf.receive("http", account, "POST", {"X-Signalbox-Signature": signature, **headers}, body)


async def test_any_sender_is_proven_by_the_secret_of_its_own_address_and_its_fields_are_the_events() -> None:
    shelf = shelf_with()
    reply = await hook(shelf, "deploys", {"country": "SE", "path": "spoofed"}, "the deploys' own")
    assert reply.happenings[0].data == {"country": "SE", "path": "deploys", "headers": {}, "body": {"country": "SE", "path": "spoofed"}}
    with pytest.raises(Forbidden):
        await hook(shelf, "deploys", {}, SECRET)
    assert (await hook(shelf, "other", [1], SECRET)).happenings[0].data == {"path": "other", "headers": {}, "body": [1]}
    assert secret_setting("http", "my deploys/1") == "HTTP_WEBHOOK_SECRET_MY_DEPLOYS_1"


async def test_a_signed_time_is_part_of_the_proof_and_must_be_recent() -> None:
    clock = SetClock()
    shelf = shelf_with(clock=clock)
    now = str(int(clock.now().timestamp()))
    assert (await hook(shelf, "", {"n": 1}, SECRET, **{"X-Signalbox-Timestamp": now})).status == 202
    await clock.sleep(301)
    with pytest.raises(Forbidden, match="old delivery"):
        await hook(shelf, "", {"n": 1}, SECRET, **{"X-Signalbox-Timestamp": now})
    with pytest.raises(Forbidden, match="off"):
        await hook(shelf, "", {"n": 1}, SECRET, **{"X-Signalbox-Timestamp": "soon"})


async def test_the_same_body_without_an_id_is_one_delivery_within_minutes_and_another_one_tomorrow() -> None:
    clock = SetClock()
    shelf = shelf_with(clock=clock)
    first, again = [(await hook(shelf, "", {"tick": 1}, SECRET)).happenings[0].id for _ in range(2)]
    await clock.sleep(86_400)
    tomorrow = (await hook(shelf, "", {"tick": 1}, SECRET)).happenings[0].id
    assert first == again != tomorrow
    named = (await hook(shelf, "", {"tick": 1}, SECRET, **{"X-Signalbox-Delivery": "mine"})).happenings[0].id
    assert named == "mine"
