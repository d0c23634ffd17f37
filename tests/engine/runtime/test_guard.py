"""The guard: limits, time, and one sample a call, whatever happens behind the port."""

from __future__ import annotations

import asyncio
import logging

import pytest

from engine.errors import Forbidden, Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Answer, Call
from engine.runtime.guard import Guard
from engine.runtime.pace import Held
from tests.engine.runtime.world import NOON, Bench, ManualClock, hold, settle

CALL = Call(service="a", operation="do", arguments={}, key="k", account="main")


async def outcome_of(said: object) -> tuple[Answer | SignalboxError, Sample]:
    bench, samples = Bench(), list[Sample]()
    bench.tell("a.do", said)  # type: ignore[arg-type]
    outcome = await Guard(bench, ManualClock(), samples.append).perform(CALL, 5)
    (sample,) = samples
    return outcome, sample


async def test_an_answer_is_handed_on_and_counts_as_ok() -> None:
    outcome, sample = await outcome_of(Answer({"x": 1}, sandbox=True))
    assert outcome == Answer({"x": 1}, sandbox=True)
    assert (sample.service, sample.account, sample.operation, sample.at) == ("a", "main", "do", NOON)
    assert (sample.source, sample.outcome, sample.detail, sample.sandbox) == (Source.CALL, Outcome.OK, "", True)


@pytest.mark.parametrize(
    ("said", "reading"),
    [
        (Rejected("no such board"), Outcome.OK),
        (Forbidden("token expired"), Outcome.MISCONFIGURED),
        (Transient("busy"), Outcome.ERROR),
        (Transient("slow down", retry_after=3), Outcome.THROTTLED),
        (Unanswered("lost"), Outcome.ERROR),
    ],
)
async def test_what_an_error_says_about_the_service(said: SignalboxError, reading: Outcome) -> None:
    outcome, sample = await outcome_of(said)
    assert outcome is said
    assert (sample.outcome, sample.detail) == (reading, str(said))


async def test_what_was_never_put_to_the_service_says_nothing_of_it() -> None:
    bench, samples = Bench(), list[Sample]()
    bench.tell("a.do", Held("its limits are used up", 30.0))
    outcome = await Guard(bench, ManualClock(), samples.append).perform(CALL, 5)
    assert isinstance(outcome, Held)
    assert samples == []


async def test_a_call_that_takes_too_long_is_unanswered() -> None:
    bench = Bench()
    _, answer = hold()
    bench.tell("a.do", answer)
    outcome = await Guard(bench, ManualClock()).perform(CALL, 0.01)
    assert isinstance(outcome, Unanswered)
    assert "within 0.01 seconds" in str(outcome)


async def test_a_fault_of_the_connector_is_unanswered_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        outcome, sample = await outcome_of(KeyError("oops"))
    assert isinstance(outcome, Unanswered)
    assert "KeyError" in str(outcome)
    assert "oops" in caplog.text
    assert sample.outcome is Outcome.ERROR


async def test_a_timeout_of_the_connectors_own_is_unanswered() -> None:
    outcome, _ = await outcome_of(TimeoutError())
    assert isinstance(outcome, Unanswered)


async def test_a_slow_service_cannot_take_the_places_of_the_others() -> None:
    bench = Bench()
    gate, answer = hold()
    bench.tell("a.do", *(answer for _ in range(10)))
    guard = Guard(bench, ManualClock(), limit=4, per_service=3)
    slow = [asyncio.create_task(guard.perform(CALL, 60)) for _ in range(10)]
    await settle()
    other = await guard.perform(Call(service="b", operation="do", arguments={}, key="k2"), 60)
    assert isinstance(other, Answer)
    assert len(bench.asked) == 4
    gate.set()
    await asyncio.gather(*slow)
    assert bench.most_at_once <= 4


async def test_waiting_for_a_place_does_not_use_up_the_time_of_a_call() -> None:
    bench = Bench()
    gate, answer = hold()
    bench.tell("a.do", answer)
    guard = Guard(bench, ManualClock(), per_service=1)
    first = asyncio.create_task(guard.perform(CALL, 60))
    await settle()
    second = asyncio.create_task(guard.perform(CALL, 0.02))
    await asyncio.sleep(0.05)
    assert not second.done()
    gate.set()
    assert isinstance(await first, Answer)
    assert isinstance(await second, Answer)
