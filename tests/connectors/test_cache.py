"""Answers to reads are kept for a while, asked about where the service has marks for them, and end with the next write."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.errand import Errand
from connectors._kit.kept import LARGEST, MOST, MOST_BYTES, Kept
from connectors._kit.wire import WireAnswer, WireRequest
from engine.errors import Rejected, Transient, Unanswered
from tests.connectors.made import READ, WRITE, Asked, Vendor, made, rest
from tests.connectors.rig import SetClock, call

KEPT = {"read": {**READ, "cache": 60}, "write": WRITE}


def counting() -> Any:
    numbers = iter(range(1, 1000))
    return lambda asked: (200, {}, {"n": next(numbers)})


async def read(shelf: Any, name: str = "a", **more: Any) -> Any:
    return (await shelf.perform(call("maker.read", {"name": name}, **more))).output["n"]


async def test_a_kept_answer_is_given_for_its_time_and_only_for_the_same_request() -> None:
    clock = SetClock()
    vendor = Vendor(clock, counting())
    shelf = made(vendor, operations=KEPT)
    assert [await read(shelf), await read(shelf), await read(shelf, "b"), await read(shelf)] == [1, 1, 2, 1]
    await clock.sleep(61)
    assert await read(shelf) == 3
    assert len(vendor.asked) == 3


async def test_a_write_ends_what_was_kept_whether_its_answer_came_or_not() -> None:
    clock = SetClock()
    lost: list[bool] = []

    def told(asked: Asked) -> Any:
        return (503, {}, {}) if lost and asked.method == "POST" else (200, {}, {"n": len(vendor.asked)})

    vendor = Vendor(clock, told)
    shelf = made(vendor, operations=KEPT)
    assert await read(shelf) == 1
    await shelf.perform(call("maker.write", {"name": "x"}))
    assert await read(shelf) == 3
    lost.append(True)
    with pytest.raises(Unanswered):
        await shelf.perform(call("maker.write", {"name": "x"}))
    assert await read(shelf) == 5


async def test_a_read_that_was_on_its_way_during_a_write_is_not_kept() -> None:
    clock = SetClock()
    vendor = Vendor(clock, held=asyncio.Event())
    shelf = made(vendor, operations=KEPT)
    early = asyncio.create_task(read(shelf))
    await rest()
    held, vendor.held = vendor.held, None
    await shelf.perform(call("maker.write", {"name": "x"}))
    assert held
    held.set()
    await early
    await read(shelf)
    assert len(vendor.asked) == 3


@pytest.mark.parametrize(
    ("bad", "error"),
    [((500, {}, {}), Transient), ((404, {}, {}), Rejected), ((200, {"etag": '"1"'}, b"not json"), Transient), ((200, {"etag": '"1"'}, {"ok": False, "error": "gone"}), Rejected)],
)  # fmt: skip
async def test_a_failure_is_never_kept_not_even_one_inside_a_success(bad: Any, error: type[Exception]) -> None:
    answers = [bad, (200, {}, {"n": 1})]
    vendor = Vendor(SetClock(), lambda asked: answers[len(vendor.asked) - 1])
    shelf = made(vendor, operations=KEPT, soft_error={"where": {"ok": False}, "says": "error"})
    with pytest.raises(error):
        await read(shelf)
    assert await read(shelf) == 1
    assert "if-none-match" not in vendor.asked[1].headers


async def test_what_has_a_mark_is_asked_about_and_an_unchanged_answer_is_the_kept_one() -> None:
    clock = SetClock()

    def told(asked: Asked) -> Any:
        return (304, {}, None) if asked.headers.get("if-none-match") == '"7"' else (200, {"etag": '"7"'}, {"n": 7})

    vendor = Vendor(clock, told)
    shelf = made(vendor)
    assert [await read(shelf), await read(shelf)] == [7, 7]
    await shelf.perform(call("maker.write", {"name": "x"}))
    assert await read(shelf) == 7
    assert [asked.headers.get("if-none-match") for asked in vendor.asked if asked.method == "GET"] == [None, '"7"', '"7"']


async def test_a_changed_answer_takes_the_place_of_the_kept_one() -> None:
    vendor = Vendor(SetClock(), lambda asked: (200, {"etag": f'"{len(vendor.asked)}"'}, {"n": len(vendor.asked)}))
    shelf = made(vendor)
    assert [await read(shelf), await read(shelf), await read(shelf)] == [1, 2, 3]
    assert [asked.headers.get("if-none-match") for asked in vendor.asked] == [None, '"1"', '"2"']


async def test_a_probe_is_always_asked_in_full() -> None:
    vendor = Vendor(SetClock(), lambda asked: (200, {"etag": '"7"'}, {"n": 7}))
    shelf = made(vendor, probe={"path": "/things/a"})
    await read(shelf)
    for _ in range(2):
        await shelf.probe(shelf.accounts()[0])
    assert [asked.headers.get("if-none-match") for asked in vendor.asked] == [None, None, None]


async def test_each_account_keeps_its_own() -> None:
    vendor = Vendor(SetClock(), counting())
    shelf = made(vendor, operations=KEPT, environ={"MAKER_TOKEN__OTHER": "test-token-2"})
    names = sorted(account.name for account in shelf.accounts())
    assert len(names) == 2
    assert sorted([await read(shelf, account=name) for name in names]) == [1, 2]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, LARGEST + 10)), max_size=400))
def test_what_is_kept_is_bounded_in_number_and_bytes(asks: list[tuple[int, int]]) -> None:
    kept = Kept()
    for name, size in asks:
        request, errand = WireRequest(method="GET", path=f"/{name}"), Errand(cache=60.0)
        ticket = kept.ticket(request, errand)
        assert ticket is not None
        kept.keep(ticket, WireAnswer(200, {}, bytes(size)), errand, 0.0)
        found = kept.fresh(ticket, 1.0)
        assert (found is None) == (size > LARGEST)
    assert len(kept._answers) <= MOST
    assert kept._bytes == sum(len(key) + len(one.answer.content) for key, one in kept._answers.items()) <= MOST_BYTES
