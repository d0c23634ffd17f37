"""Kept answers: for as long as said, marked as kept, and never more than fit."""

from __future__ import annotations

from engine.ports import Answer, Call
from engine.runtime.reads import LARGEST, Reads, read_key
from tests.engine.runtime.world import ManualClock


def call(**more: object) -> Call:
    values = {"service": "a", "operation": "look", "arguments": {"x": 1, "y": 2}, "key": "k", "workflow": "wf_1"} | more
    return Call(**values)  # type: ignore[arg-type]


async def test_an_answer_is_kept_for_its_time_and_says_so() -> None:
    clock = ManualClock()
    reads = Reads(clock)
    reads.keep("k", Answer({"n": 1}, sandbox=True), 60)
    assert reads.known("k") == Answer({"n": 1}, sandbox=True, cached=True)
    await clock.pass_time(60)
    assert reads.known("k") is None
    assert len(reads) == 0


def test_what_was_not_used_for_longest_goes_first() -> None:
    reads = Reads(ManualClock(), most=2)
    for name in "ab":
        reads.keep(name, Answer(name), 60)
    assert reads.known("a") is not None
    reads.keep("c", Answer("c"), 60)
    assert [reads.known(name) is not None for name in "abc"] == [True, False, True]


def test_it_is_bounded_in_bytes_too_and_keeps_nothing_huge_or_unfinished() -> None:
    reads = Reads(ManualClock(), most_bytes=1_000)
    for number in range(50):
        reads.keep(str(number), Answer("x" * 100), 60)
    assert 5 <= len(reads) <= 10
    wide = Reads(ManualClock())
    wide.keep("huge", Answer("x" * LARGEST), 60)
    wide.keep("pending", Answer(None, pending=True), 60)
    assert len(wide) == 0


def test_a_key_that_is_kept_again_replaces_the_former_one() -> None:
    reads = Reads(ManualClock())
    for number in range(1_000):
        reads.keep("k", Answer("x" * 1_000 + str(number)), 60)
    assert (len(reads), reads._bytes) == (1, 1_005)


def test_what_is_asked_of_whom_makes_the_key_and_a_spoken_key_belongs_to_its_workflow() -> None:
    assert read_key(call(), "") == read_key(call(arguments={"y": 2, "x": 1}, workflow="wf_2", key="other"), "")
    others = [call(account="b"), call(service="b"), call(operation="find"), call(arguments={"x": 2, "y": 2})]
    assert len({read_key(other, "") for other in [call(), *others]}) == 5
    assert read_key(call(), "today") == read_key(call(arguments={}), "today")
    assert read_key(call(), "today") != read_key(call(workflow="wf_2"), "today")
