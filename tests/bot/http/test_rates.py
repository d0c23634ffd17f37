"""A sender that delivers too fast, or guesses, is put off for a while; the others are not."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from bot.faces.http.rates import SENDERS, HookRates, address_of
from tests.engine.clock import StandingClock


def request(peer: str, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


def test_one_address_and_one_account_have_a_measure_each() -> None:
    rates = HookRates(StandingClock(), by_address=3, by_account=4)
    assert [rates.wait("1.1.1.1", "github/a") for _ in range(3)] == [0.0] * 3
    assert rates.wait("1.1.1.1", "github/b") > 0
    assert rates.wait("2.2.2.2", "github/a") == 0.0
    assert rates.wait("3.3.3.3", "github/a") > 0
    assert rates.wait("3.3.3.3", "github/b") == 0.0


async def test_after_a_minute_it_goes_on() -> None:
    clock = StandingClock()
    rates = HookRates(clock, by_address=1)
    rates.wait("1.1.1.1", "github/a")
    assert rates.wait("1.1.1.1", "github/a") == 60.0
    await clock.pass_(60)
    assert rates.wait("1.1.1.1", "github/a") == 0.0


def test_what_is_refused_counts_for_its_sender_only() -> None:
    rates = HookRates(StandingClock(), refused=2)
    for _ in range(2):
        assert rates.wait("6.6.6.6", "github/a") == 0.0
        rates.refused("6.6.6.6", "github/a")
    assert rates.wait("6.6.6.6", "github/a") > 0
    assert rates.wait("1.1.1.1", "github/a") == rates.wait("6.6.6.6", "stripe/a") == 0.0


def test_senders_that_are_long_silent_are_forgotten_and_memory_is_bounded() -> None:
    rates = HookRates(StandingClock(), by_address=1)
    for n in range(SENDERS):
        rates.wait(f"address {n}", f"account {n}")
    assert len(rates._counts) <= SENDERS
    assert rates.wait("address 0", "x") == 0.0


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("8.8.8.8", "", "8.8.8.8"),
        ("8.8.8.8", "1.2.3.4", "8.8.8.8"),
        ("127.0.0.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.7", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("testclient", "1.2.3.4", "testclient"),
    ],
)
def test_only_a_proxy_near_by_is_believed_about_whom_it_speaks_for(peer: str, forwarded: str, address: str) -> None:
    assert address_of(request(peer, forwarded)) == address
