"""How senders greet a new address, what they are answered, and whose secret is kept by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors._kit.hook_secrets import vault_name
from engine.errors import Forbidden, Invalid
from tests.connectors.desk_rig import DeskRig
from tests.connectors.signing import shown

SLACK = {
    "header": "X-Slack-Signature",
    "prefix": "v0=",
    "over": "v0:{timestamp}:{body}",
    "timestamp_header": "X-Slack-Request-Timestamp",
    "handshakes": [{"where": {"type": "url_verification"}, "body": "{payload.challenge}", "signed": True}],
}
ASANA = {
    "header": "X-Hook-Signature",
    "each": "events",
    "handshakes": [{"header": "X-Hook-Secret", "headers": {"X-Hook-Secret": "{header}"}, "keeps": "X-Hook-Secret"}],
}
NOTION = {
    "header": "X-Notion-Signature",
    "prefix": "sha256=",
    "handshakes": [{"where": {"verification_token": {"exists": True}}, "keeps": "verification_token"}],
}
GRAPH = {
    "scheme": "token",
    "token_path": "value[].clientState",
    "handshakes": [{"query": "validationToken", "body": "{query}"}],
}
DROPBOX = {"header": "X-Dropbox-Signature", "handshakes": [{"method": "GET", "query": "challenge", "body": "{query}"}]}
MONDAY = {
    "scheme": "token",
    "token_query": "token",
    "handshakes": [
        {"where": {"challenge": {"exists": True}}, "body": '{"challenge": "{payload.challenge}"}', "content_type": "application/json"}
    ],
}


async def test_slacks_challenge_is_given_back_only_when_slack_signed_it() -> None:
    house = DeskRig(SLACK)
    reply = await house.deliver({"type": "url_verification", "challenge": "3eZbrw1aB"})
    assert (reply.status, reply.body, reply.happenings) == (200, b"3eZbrw1aB", ())
    with pytest.raises(Forbidden):
        await house.desk.receive("", "POST", {}, b'{"type": "url_verification", "challenge": "x"}')


async def test_graphs_validation_token_is_given_back_as_plain_text() -> None:
    reply = await DeskRig(GRAPH).desk.receive("", "POST", {}, b"", query={"validationToken": "Validation: <b>1</b> & 2"})
    assert (reply.body, reply.headers["Content-Type"]) == (b"Validation: <b>1</b> & 2", "text/plain")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


async def test_dropboxs_challenge_comes_by_get_and_nothing_else_does() -> None:
    house = DeskRig(DROPBOX)
    assert (await house.desk.receive("", "GET", {}, b"", query={"challenge": "abc"})).body == b"abc"
    assert (await house.desk.receive("", "GET", {}, b"")).status == 405


async def test_mondays_challenge_is_given_back_as_json_whatever_it_holds() -> None:
    odd = 'a"b\\c'
    reply = await DeskRig(MONDAY).desk.receive("", "POST", {}, json.dumps({"challenge": odd}).encode())
    assert json.loads(reply.body) == {"challenge": odd}


async def test_a_head_is_answered_where_the_vendor_greets_so() -> None:
    house = DeskRig({"header": "X-Trello-Webhook", "handshakes": [{"method": "HEAD"}]})
    assert (await house.desk.receive("", "HEAD", {}, b"")).status == 200


async def test_asanas_secret_is_given_back_kept_in_the_vault_and_proves_from_then_on() -> None:
    house = DeskRig(ASANA, secret="")
    word = await house.desk.secrets.expect("default", "first")
    reply = await house.desk.receive("default", "POST", {"X-Hook-Secret": "asana-made-it"}, b"", query={"greet": word})
    assert (reply.status, reply.headers["X-Hook-Secret"]) == (200, "asana-made-it")
    assert "asana-made-it" in (await house.store.vault.get(vault_name("acme", "default")) or {}).values()
    assert len((await house.deliver({"events": [{"n": 1}, {"n": 2}]}, secret="asana-made-it")).happenings) == 2
    assert await house.desk.can_prove("default")
    assert not await house.desk.can_prove("other")


@pytest.mark.parametrize(
    ("scheme", "headers", "body"), [(ASANA, {"X-Hook-Secret": "planted"}, b""), (NOTION, {}, b'{"verification_token": "planted"}')]
)
@pytest.mark.parametrize("account", ["default", "any name at all"])
async def test_no_secret_of_a_stranger_is_kept_before_somebody_asked_for_one(scheme: Any, headers: Any, body: bytes, account: str) -> None:
    house = DeskRig(scheme, secret="")
    with pytest.raises(Forbidden, match="/service acme watch"):
        await house.desk.receive(account, "POST", headers, body)
    assert await house.store.vault.names() == []
    with pytest.raises(Forbidden):
        await house.deliver({"n": 1, "events": [{}]}, account=account, secret="planted")


async def test_nobody_else_can_plant_a_secret_once_one_is_kept_and_a_greeting_repeated_is_answered_again() -> None:
    house = DeskRig(NOTION, secret="")
    word = await house.desk.secrets.expect("", "greeting")
    for stranger in ({}, {"greet": ""}, {"greet": "guessed"}):
        with pytest.raises(Forbidden, match="this very address"):
            await house.desk.receive("", "POST", {}, b'{"verification_token": "planted in time"}', query=stranger)
    for _ in range(2):
        assert (await house.desk.receive("", "POST", {}, b'{"verification_token": "first"}', query={"greet": word})).status == 200
    with pytest.raises(Forbidden, match="none is taken"):
        await house.desk.receive("", "POST", {}, b'{"verification_token": "planted"}')
    with pytest.raises(Forbidden, match="is wrong"):
        await house.deliver({"n": 1}, secret="planted")


async def test_a_registration_under_way_takes_one_more_secret_and_only_one() -> None:
    house = DeskRig(ASANA, secret="")
    for name in ("first", "second"):
        word = {"greet": await house.desk.secrets.expect("", name)}
        await house.desk.receive("", "POST", {"X-Hook-Secret": f"of the {name} project"}, b"", query=word)
        with pytest.raises(Forbidden):
            await house.desk.receive("", "POST", {"X-Hook-Secret": "planted"}, b"", query=word)
    for secret in ("of the first project", "of the second project"):
        assert (await house.deliver({"events": [{}]}, account="", secret=secret)).happenings
    await house.desk.secrets.forget("", "second")
    with pytest.raises(Forbidden):
        await house.deliver({"events": []}, account="", secret="of the second project")


async def test_a_registration_that_was_never_answered_opens_the_door_for_ten_minutes_only() -> None:
    house = DeskRig(ASANA)
    word = await house.desk.secrets.expect("", "late")
    await house.clock.sleep(601)
    with pytest.raises(Forbidden):
        await house.desk.receive("", "POST", {"X-Hook-Secret": "planted"}, b"", query={"greet": word})


@pytest.mark.parametrize("token", [None, "", "  ", 7, ["x"], "x" * 5000])
async def test_a_greeting_without_a_usable_secret_is_refused(token: Any) -> None:
    house = DeskRig({**NOTION, "handshakes": [{"where": {"type": "hello"}, "keeps": "verification_token"}]}, secret="")
    with pytest.raises(Invalid, match="names no secret"):
        await house.desk.receive("", "POST", {}, json.dumps({"type": "hello", "verification_token": token}).encode())


async def test_what_would_break_out_of_a_header_is_never_sent_back() -> None:
    said = {**ASANA, "handshakes": [{"query": "t", "headers": {"X-T": "{query}"}}]}
    with pytest.raises(Invalid, match="cannot be sent back"):
        await DeskRig(said).desk.receive("", "POST", {}, b"", query={"t": "a\r\nSet-Cookie: b"})


async def test_an_ordinary_delivery_that_looks_a_little_like_a_greeting_is_proven_all_the_same() -> None:
    house = DeskRig(SLACK)
    body = b'{"type": "event_callback", "challenge": "x", "n": 1}'
    headers, _ = shown(house.scheme, body, house.clock.now(), secret="test-secret")
    assert (await house.desk.receive("", "POST", headers, body)).happenings[0].data == {"n": 1}
