"""The wire over real loopback connections: whatever breaks, it becomes the word that says what to do."""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback

import httpx2
import pytest

from connectors._kit.description import Limits, Timeouts
from connectors._kit.failures import Misconfigured
from connectors._kit.performing import mark_of
from connectors._kit.wire import Wire, WireRequest, in_words
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome
from tests.connectors.loopback import answer, serving, unused_port
from tests.connectors.rig import CREDENTIALS, call, open_shelf

QUICK = Timeouts(connect=0.5, write=0.5, read=0.2, total=1.0)
READ = WireRequest(method="GET", path="/thing")
WRITE = WireRequest(method="POST", path="/thing", body={"a": 1})


def wire_to(url: str, timeouts: Timeouts = QUICK, limits: Limits | None = None) -> Wire:
    return Wire("Vendor", url, timeouts, limits or Limits())


@pytest.mark.parametrize("may_repeat", [True, False])
async def test_a_refused_connection_is_transient_for_everyone_since_nothing_was_sent(may_repeat: bool) -> None:
    with pytest.raises(Transient, match="connection was refused"):
        await wire_to(f"http://127.0.0.1:{unused_port()}").send(WRITE, may_repeat=may_repeat)


@pytest.mark.parametrize(
    "misbehaviour", ["hang up", "reset", "silence", answer(body=b"{}" * 50)[:-30] + b"", answer("200 OK", b"x" * 9)[:-4]]
)
@pytest.mark.parametrize(("may_repeat", "word"), [(True, Transient), (False, Unanswered)])
async def test_a_request_that_was_sent_and_not_answered_is_transient_only_if_it_may_be_repeated(
    misbehaviour: bytes | str, may_repeat: bool, word: type[SignalboxError]
) -> None:
    cut = misbehaviour if isinstance(misbehaviour, str) else misbehaviour.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    async with serving(cut) as server:
        wire = wire_to(server.url)
        with pytest.raises(word, match=r"Vendor (did not answer in time|broke the connection off)"):
            await wire.send(WRITE, may_repeat=may_repeat)
        await wire.close()


async def test_an_answer_that_drips_for_ever_ends_at_the_total_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(drip, "127.0.0.1", 0)
    wire = wire_to(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", Timeouts(read=5, total=0.3))
    with pytest.raises(Unanswered, match="in time"):
        await wire.send(WRITE, may_repeat=False)
    await wire.close()
    listener.close()


async def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    async with serving(answer(body=b"x" * 5000), answer(body=b"x" * 5000), answer("400 Bad", b"x" * 5000)) as server:
        wire = wire_to(server.url, limits=Limits(answer_bytes=2048))
        with pytest.raises(Rejected, match="more than 2 KiB"):
            await wire.send(READ, may_repeat=True)
        with pytest.raises(Unanswered, match="looked up"):
            await wire.send(WRITE, may_repeat=False)
        with pytest.raises(Rejected):
            await wire.send(WRITE, may_repeat=False)
        await wire.close()


async def test_a_read_follows_a_redirect_on_its_own_host_and_never_to_another() -> None:
    moved = answer("301 Moved", b"", "location: /there")
    async with serving(moved, answer(body=b'{"ok": true}')) as server:
        wire = wire_to(server.url)
        assert (await wire.send(READ, may_repeat=True)).json() == {"ok": True}
        assert server.requests[1].startswith(b"GET /there")
        await wire.close()
    async with serving(answer("302 Found", b"", "location: https://evil.example/steal")) as server:
        wire = wire_to(server.url)
        with pytest.raises(Misconfigured, match="another address"):
            await wire.send(READ, may_repeat=True)
        assert len(server.requests) == 1
        await wire.close()


async def test_a_write_is_repeated_at_a_redirect_only_where_its_status_keeps_the_method() -> None:
    async with serving(answer("307 Temporary", b"", "location: /there"), answer()) as server:
        wire = wire_to(server.url)
        await wire.send(WRITE, may_repeat=False)
        assert server.requests[1].startswith(b"POST /there")
        assert server.requests[1].endswith(b'{"a": 1}')
        await wire.close()
    async with serving(answer("301 Moved", b"", "location: /there")) as server:
        wire = wire_to(server.url)
        with pytest.raises(Rejected, match="moved"):
            await wire.send(WRITE, may_repeat=False)
        await wire.close()


async def test_circles_of_redirects_end() -> None:
    async with serving(answer("301 Moved", b"", "location: /thing")) as server:
        wire = wire_to(server.url)
        with pytest.raises(Rejected, match="circles"):
            await wire.send(READ, may_repeat=True)
        await wire.close()


async def test_no_more_requests_run_at_a_time_than_the_limit() -> None:
    running = most = 0

    async def app(scope: object, receive: object, send: httpx2.AsyncClient) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"{}"})  # type: ignore[operator]

    wire = Wire("Vendor", "http://vendor", Timeouts(), Limits(concurrent=3), httpx2.ASGITransport(app=app))  # type: ignore[arg-type]
    await asyncio.gather(*(wire.send(READ, may_repeat=True) for _ in range(12)))
    assert most == 3
    await wire.close()


def test_an_untrusted_certificate_is_a_matter_of_settings_not_of_waiting() -> None:
    error = httpx2.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert isinstance(in_words("Vendor", error, may_repeat=True), Misconfigured)


async def test_a_proxy_of_the_environment_is_used_and_cookies_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answer("200 OK", b"{}", "set-cookie: session=1")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        wire = wire_to("http://vendor.example")
        for _ in range(2):
            await wire.send(READ, may_repeat=True)
        assert [request.split(b"\r\n")[0] for request in proxy.requests] == [b"GET http://vendor.example/thing HTTP/1.1"] * 2
        assert b"cookie" not in proxy.requests[1].lower()
        await wire.close()


async def test_a_probe_does_not_queue_behind_calls_that_wait() -> None:
    async with serving("silence", answer()) as server:
        wire = wire_to(server.url, Timeouts(read=5, total=5), Limits(concurrent=1))
        waiting = asyncio.create_task(wire.send(READ, may_repeat=True))
        while not server.requests:
            await asyncio.sleep(0.005)
        assert (await wire.send(READ, may_repeat=True, total=1.0)).status == 200
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await wire.close()


async def test_an_unknown_host_is_transient_and_says_so() -> None:
    with pytest.raises(Transient, match="host name is not known"):
        await wire_to("http://no-such-host.invalid").send(READ, may_repeat=False)


# --- a whole connector over loopback --------------------------------------------------------------------------------------


async def test_a_lost_unrepeatable_write_is_unanswered_and_a_lost_repeatable_one_transient() -> None:
    async with serving("hang up") as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url})
        with pytest.raises(Unanswered):
            await shelf.perform(call("github.add_comment", {"issue": "a/b#1", "text": "hi"}))
        with pytest.raises(Transient):
            await shelf.perform(call("github.close_issue", {"issue": "a/b#1"}))
        await shelf.close()


async def test_a_lost_issue_that_is_found_by_its_mark_counts_as_made() -> None:
    found = f'[{{"number": 3, "body": "other"}}, {{"number": 4, "title": "t", "body": "x <!-- signalbox {mark_of("example")} -->"}}]'
    async with serving("hang up", answer(body=found.encode())) as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url})
        made = await shelf.perform(call("github.create_issue", {"repo": "a/b", "title": "t"}))
        assert isinstance(made.output, dict)
        assert made.output["number"] == 4
        assert server.requests[1].startswith(b"GET /repos/a/b/issues?")
        await shelf.close()


async def test_a_lost_issue_that_is_not_found_stays_in_doubt() -> None:
    async with serving("hang up", answer(body=b"[]")) as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url})
        with pytest.raises(Unanswered):
            await shelf.perform(call("github.create_issue", {"repo": "a/b", "title": "t"}))
        await shelf.close()


async def test_merging_what_is_merged_already_counts_as_merged_and_a_real_refusal_is_told() -> None:
    refused = answer("405 Method Not Allowed", b'{"message": "Pull Request is not mergeable"}')
    async with serving(
        refused, answer(body=b'{"merged": true, "merge_commit_sha": "abc"}'), refused, answer(body=b'{"merged": false}')
    ) as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url})
        merged = await shelf.perform(call("github.merge_pull_request", {"pull_request": "a/b#7"}))
        assert merged.output == {"repo": "a/b", "number": 7, "merged": True, "sha": "abc"}
        with pytest.raises(Rejected, match="not mergeable"):
            await shelf.perform(call("github.merge_pull_request", {"pull_request": "a/b#7"}))
        await shelf.close()


@pytest.mark.parametrize("behaviour", ["hang up", "silence", answer("503 Down", b"<html>")])
async def test_a_probe_of_a_service_that_fails_is_an_error_with_its_reason(behaviour: bytes | str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(behaviour) as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url})
        place = shelf._places["github"]
        monkeypatch.setattr(place.wire, "_timeouts", QUICK)
        sample = await shelf.probe(place.account)
        assert sample.outcome is Outcome.ERROR
        assert "GitHub" in sample.detail
        assert sample.latency > 0
        await shelf.close()


async def test_an_enterprise_edition_without_rate_limits_is_well() -> None:
    async with serving(
        answer("404 Not Found", b'{"message": "Rate limiting is not enabled."}'), answer("404 Not Found", b'{"message": "Not Found"}')
    ) as server:
        shelf = open_shelf({**CREDENTIALS, "GITHUB_URL": server.url + "/api/v3"})
        account = next(a for a in shelf.accounts() if a.service == "github")
        assert (await shelf.probe(account)).outcome is Outcome.OK
        assert server.requests[0].startswith(b"GET /api/v3/rate_limit")
        assert (await shelf.probe(account)).outcome is Outcome.MISCONFIGURED
        await shelf.close()


# --- secrets --------------------------------------------------------------------------------------------------------------

CANARY = "canary/secret+0123"
SECRETS = {
    "GITHUB_TOKEN": CANARY,
    "TRELLO_KEY": CANARY,
    "TRELLO_TOKEN": CANARY,
    "EMAIL_URL": f"smtp://bot:{CANARY.replace('/', '%2F')}@127.0.0.1:1",
    "EMAIL_FROM": "a@b.example",
}
ECHO = answer("401 Unauthorized", b'{"message": "bad token ' + CANARY.encode() + b'"}')


@pytest.mark.parametrize(
    "behaviour", ["hang up", "silence", ECHO, answer("302 Found", b"", "location: https://evil.example/"), answer(body=b"<html>")]
)
@pytest.mark.parametrize("action", ["github.add_comment", "trello.add_comment"])
async def test_no_secret_is_in_an_error_its_trace_a_log_line_or_a_repr(
    behaviour: bytes | str, action: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    arguments = {"github": {"issue": "a/b#1", "text": "hi"}, "trello": {"card": "5abbe4b7ddc1b351ef961430", "text": "hi"}}[
        action.partition(".")[0]
    ]
    async with serving(behaviour) as server:
        shelf = open_shelf({**SECRETS, "GITHUB_URL": server.url, "TRELLO_URL": server.url})
        for place in shelf._places.values():
            monkeypatch.setattr(place.wire, "_timeouts", QUICK)
        with pytest.raises(SignalboxError) as caught:
            await shelf.perform(call(action, arguments))
        assert CANARY.encode() in server.requests[0] or b"canary%2Fsecret" in server.requests[0]
        shown = "".join(traceback.format_exception(caught.value)) + caplog.text
        samples = [repr(await shelf.probe(account)) for account in shelf.accounts() if account.probed]
        findings = repr(await shelf.examine())
        state = (
            repr([(place, place.credentials, place.account) for place in shelf._places.values()])
            + repr(shelf.services())
            + repr(shelf.settings())
        )
        for text in (shown, *samples, findings, state, caplog.text):
            assert "canary" not in text
        await shelf.close()
