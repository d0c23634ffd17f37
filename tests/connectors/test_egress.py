"""The way out to addresses that users name reaches the open internet and nothing beside this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.description import Limits, Timeouts
from connectors._kit.egress import OpenWeb, is_public, read_headers, read_url
from connectors._kit.failures import Misconfigured, Refused, Throttled
from connectors._kit.shelf import Shelf
from engine.errors import Forbidden, Invalid, NotFound, Rejected, Transient, Unanswered
from engine.ports import Answer
from tests.connectors.loopback import answer, serving, unused_port
from tests.connectors.rig import call, open_shelf

OPEN = {"SIGNALBOX_HTTP_ALLOW_PRIVATE": "true"}


async def request(shelf: Shelf, **arguments: Any) -> Answer:
    return await shelf.perform(call("http.request", arguments))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "2002:c0a8:0101::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_no_inner_address_counts_as_public_however_it_is_wrapped(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_a_private_address_stays_private_inside_ipv6(inner: ipaddress.IPv4Address) -> None:
    assert not is_public(f"::ffff:{inner}")
    assert not is_public(f"64:ff9b::{inner}")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8321/",
        "http://localhost/",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://127.1/",
        "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_the_machine_itself_cannot_be_called_however_it_is_written(url: str) -> None:
    with pytest.raises(Rejected, match=r"SIGNALBOX_HTTP_ALLOW_PRIVATE|not a URL"):
        await request(open_shelf({}), url=url)


async def test_a_name_that_points_inwards_is_refused_even_if_only_one_of_its_addresses_does() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.5"]

    with pytest.raises(Forbidden, match=r"rebound\.example"):
        await request(open_shelf({}, resolve=resolve), url="https://rebound.example/x")


async def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once() -> None:
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    async with serving(answer(body=b'{"ok": 1}')) as server:
        got = await request(open_shelf(OPEN, resolve=resolve), url=f"http://api.example:{server.port}/v1/things?x=1", query={"y": [1, 2]})
        assert got.output["body"] == {"ok": 1}  # type: ignore[index, call-overload]
        assert asked == [("api.example", server.port)]
        assert server.requests[0].startswith(b"GET /v1/things?x=1&y=1%2C2 HTTP/1.1\r\n")
        assert f"host: api.example:{server.port}".encode() in server.requests[0].lower()


async def test_a_name_with_a_dead_first_address_is_reached_at_its_next() -> None:
    async with serving(answer()) as server:

        async def resolve(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.9", "127.0.0.1"]

        assert (await request(open_shelf(OPEN, resolve=resolve), url=f"http://api.example:{server.port}/")).output


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "//a.example",
        "javascript:alert(1)",
        "http://user:pw@a.example/",
        "https://a.example/" + "x" * 8000,
        "http://[::1",
    ],
)
def test_what_is_no_plain_web_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(Invalid):
        read_url(url)


@given(st.text(max_size=60))
def test_no_text_makes_reading_a_url_fail_otherwise(text: str) -> None:
    try:
        assert read_url(text).scheme in ("http", "https")
    except Invalid:
        pass


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "inner"},
        {"Content-Length": "9"},
        {"X": "a\r\nHost: b"},
        {"X Y": "1"},
        {"": "1"},
        {"X": "é"},
        {"Transfer-Encoding": "chunked"},
    ],
)
def test_headers_that_could_smuggle_are_refused(headers: Mapping[str, str]) -> None:
    with pytest.raises(Invalid):
        read_headers(headers)


async def test_a_body_is_sent_as_what_it_is_and_a_write_carries_its_key() -> None:
    async with serving(answer()) as server:
        shelf = open_shelf(OPEN)
        await request(shelf, method="POST", url=server.url, body={"a": [1]}, headers={"Authorization": "Bearer x"})
        await request(shelf, method="POST", url=server.url, body="plain", headers={"Content-Type": "text/csv"})
        await request(shelf, url=server.url)
        first, second, third = (r.lower() for r in server.requests)
        assert first.endswith(b'{"a": [1]}')
        assert b"content-type: application/json" in first
        assert b"idempotency-key: example" in first
        assert b"authorization: bearer x" in first
        assert b"content-type: text/csv" in second
        assert b"text/plain" not in second
        assert b"idempotency-key" not in third


async def test_what_the_api_answers_decides_the_word() -> None:
    cases = [
        ("404 Not Found", "GET", NotFound), ("400 Bad", "POST", Refused), ("401 No", "GET", Misconfigured), ("429 Slow", "POST", Throttled),
        ("503 Down", "GET", Transient), ("503 Down", "PUT", Transient), ("503 Down", "POST", Unanswered), ("302 Found", "GET", Refused),
    ]  # fmt: skip
    for status, method, word in cases:
        async with serving(answer(status, b"no", "retry-after: 4", "location: http://169.254.169.254/")) as server:
            with pytest.raises(word) as caught:
                await request(open_shelf(OPEN), method=method, url=server.url)
            assert getattr(caught.value, "retry_after", 4.0) in (4.0, None)
            assert len(server.requests) == 1


async def test_a_lost_answer_is_in_doubt_for_a_post_and_transient_for_a_get() -> None:
    async with serving("hang up") as server:
        with pytest.raises(Unanswered):
            await request(open_shelf(OPEN), method="POST", url=server.url)
        with pytest.raises(Transient):
            await request(open_shelf(OPEN), url=server.url)
    with pytest.raises(Transient, match="refused"):
        await request(open_shelf(OPEN), method="POST", url=f"http://127.0.0.1:{unused_port()}")


async def test_an_answer_beyond_the_cap_is_refused_and_cookies_are_not_shown() -> None:
    async with serving(answer(body=b"x" * (1024 * 1024 + 1)), answer("200 OK", b"hello", "set-cookie: session=1")) as server:
        shelf = open_shelf(OPEN)
        with pytest.raises(Rejected, match="1024 KiB"):
            await request(shelf, url=server.url)
        output = (await request(shelf, url=server.url)).output
        assert isinstance(output, dict)
        assert (output["text"], output["body"], output["status"]) == ("hello", None, 200)
        assert "set-cookie" not in output["headers"]  # type: ignore[operator]


async def test_the_open_web_is_live_without_any_setting_and_sandboxed_only_on_request() -> None:
    assert next(a for a in open_shelf({}).accounts() if a.service == "http").mode == "live"
    assert (await request(open_shelf({}, sandbox_mode="all"), url="http://127.0.0.1/")).sandbox
    web = OpenWeb(Timeouts(), Limits(), allow_private=False)
    with pytest.raises(Forbidden):
        await web.send("GET", read_url("http://127.0.0.1/"), {}, None, may_repeat=True, total=1.0)
