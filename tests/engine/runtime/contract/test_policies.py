"""Policies of steps and workflows: retries, stand-ins, timeouts, claims, kept answers, rates, rank, secrets."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.errors import Rejected, Transient, Unanswered
from engine.ports import Answer, Call
from engine.runtime.safe import Safe
from engine.workflow.definition import Cache, OnError, Priority, RateLimit, RetryRule, Substitute, Trouble
from engine.workflow.run import FactKind, RunState, StepState
from tests.engine.runtime.contract.scene import Scene
from tests.engine.runtime.world import ADA, hold, step

FIXED = RetryRule(backoff="fixed", first=10.0, jitter=False)


async def test_attempts_follow_the_steps_own_rule_and_end(scene: Scene) -> None:
    scene.bench.tell("a.do", *(Transient("busy") for _ in range(9)))
    run = await scene.start(await scene.keep(step("a", retries=2, retry=FIXED)))
    at = [fact.at for fact in await scene.facts(run) if fact.kind is FactKind.ASKED]
    await scene.pass_time(60)
    asked = [fact.at for fact in await scene.facts(run) if fact.kind is FactKind.ASKED]
    assert [(when - at[0]).total_seconds() for when in asked] == [0, 10, 20]
    assert await scene.state(run) is RunState.FAILED


@pytest.mark.parametrize(("error", "asked"), [(Transient("busy"), 1), (Transient("slow down", 1), 2), (Unanswered("lost"), 1)])
async def test_only_the_failures_a_rule_names_are_repeated(scene: Scene, error: Exception, asked: int) -> None:
    scene.bench.tell("safe.do", error)
    rule = RetryRule(on=frozenset({Trouble.THROTTLED}), first=1.0)
    run = await scene.start(await scene.keep(step("a", "safe.do", retry=rule, on_error=OnError.CONTINUE)))
    await scene.pass_time(20)
    assert len(scene.asked()) == asked
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_a_stand_in_does_it_when_the_service_is_not_to_be_had(scene: Scene) -> None:
    scene.bench.tell("a.do", Transient("down"), Transient("down"))
    fallback = Substitute(action="spare.do", arguments={"titel": "{{inputs.title}}"}, account="second")
    run = await scene.start(await scene.keep(step("a", retries=1, retry=FIXED, fallback=fallback)), inputs={"title": "x"})
    await scene.pass_time(30)
    last = scene.bench.asked[-1]
    assert (last.service, last.account, dict(last.arguments), last.key) == ("spare", "second", {"titel": "x"}, f"{run}:a:spare")
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_an_attempt_that_takes_too_long_is_unanswered_and_put_to_a_human(scene: Scene) -> None:
    _, answer = hold()
    scene.bench.tell("a.do", answer)
    run = await scene.start(await scene.keep(step("a", timeout=0.1)))
    await asyncio.sleep(0.15)
    await scene.rest()
    assert (await scene.progress(run, "a")).state is StepState.IN_DOUBT
    assert "within 0.1 seconds" in (await scene.progress(run, "a")).error


# --- idempotency keys


async def test_what_one_run_has_done_under_a_key_no_other_does_again_and_says_who_did(scene: Scene) -> None:
    flow = await scene.keep(step("pay", idempotency_key="{{event.order}}"), step("then"))
    first, second = await scene.start(flow, event={"order": 7}), await scene.start(flow, event={"order": 7})
    other = await scene.start(flow, event={"order": 8})
    assert scene.asked() == ["pay", "then", "then", "pay", "then"]
    skipped = await scene.progress(second, "pay")
    assert skipped.state is StepState.SKIPPED
    assert first in skipped.error
    assert {await scene.state(run) for run in (first, second, other)} == {RunState.SUCCEEDED}
    claim = next(fact.data["claim"] for fact in await scene.facts(first) if fact.kind is FactKind.ASKED)
    assert await scene.store.keys.holder(str(claim)) == (first, "pay")


async def test_of_runs_that_claim_a_key_in_the_same_moment_one_does_it_and_their_neighbours_are_not_harmed(scene: Scene) -> None:
    flow = await scene.keep(step("before"), step("pay", idempotency_key="{{event.order}}"), step("then"))
    plain = await scene.keep(step("before"), step("then"), name="Plain")
    runs = await asyncio.gather(*(scene.begin(flow, event={"order": 7}) for _ in range(8)), *(scene.begin(plain) for _ in range(8)))
    await scene.rest()
    assert {await scene.state(run.id) for run in runs} == {RunState.SUCCEEDED}
    assert scene.asked().count("pay") == 1
    assert scene.asked().count("then") == 16


async def test_a_claim_lost_between_look_and_record_costs_the_turn_nothing(scene: Scene) -> None:
    """Somebody claims the key after it was looked for and before it is recorded."""
    from engine.events import KeyClaimed

    flow = await scene.keep(step("pay", idempotency_key="{{event.order}}"), step("beside", needs=()), step("then", needs=("pay", "beside")))
    keys, told = scene.store.keys, list[str]()

    class Slow:
        async def holder(self, key: str) -> tuple[str, str] | None:
            found = await keys.holder(key)
            if not told:
                told.append(key)
                await scene.store.ledger.record(KeyClaimed(key, "run_other", "pay", scene.clock.now()))
            return found

    scene.runner._driver._turn._keys = Slow()  # type: ignore[attr-defined]
    run = await scene.start(flow, event={"order": 7})
    assert await scene.state(run) is RunState.SUCCEEDED
    assert sorted(scene.asked()) == ["beside", "then"]
    assert "run_other" in (await scene.progress(run, "pay")).error


async def test_two_steps_of_one_run_with_the_same_key_do_it_once(scene: Scene) -> None:
    both = (step("one", needs=(), idempotency_key="k"), step("two", needs=(), idempotency_key="k"))
    from engine.workflow.definition import ForEach

    each = step("each", action="", needs=(), does=ForEach(items="['x', 'y', 'x']", steps=(step("do", idempotency_key="{{item}}"),)))
    run = await scene.start(await scene.keep(*both, each))
    assert await scene.state(run) is RunState.SUCCEEDED
    assert scene.asked().count("one") + scene.asked().count("two") == 2  # keys are of a step
    assert sorted(one for one in scene.asked() if one.startswith("do")) == ["do[0]", "do[1]"]


async def test_a_repeated_attempt_may_use_the_key_it_claimed(scene: Scene) -> None:
    scene.bench.tell("safe.do", Transient("busy"))
    run = await scene.start(await scene.keep(step("pay", "safe.do", idempotency_key="{{event.order}}")), event={"order": 7})
    await scene.crash()
    await scene.pass_time(30)
    assert (await scene.state(run), scene.asked()) == (RunState.SUCCEEDED, ["pay", "pay"])


# --- kept answers


async def test_a_kept_answer_is_used_again_for_its_time_and_the_fact_says_so(scene: Scene) -> None:
    scene.bench.tell("a.look", Answer([1]), Answer([2]))
    flow = await scene.keep(step("find", "a.look", arguments={"q": "{{event.q}}"}, cache=Cache(seconds=60.0)))
    runs = [await scene.start(flow, event={"q": "x"}) for _ in range(2)]
    await scene.start(flow, event={"q": "y"})
    assert len(scene.bench.asked) == 2
    assert [await scene.output(run, "find") for run in runs] == [[1], [1]]
    cached = [[fact.data.get("cached") for fact in await scene.facts(run) if fact.kind is FactKind.ANSWERED] for run in runs]
    assert cached == [[None], [True]]
    await scene.pass_time(61)
    await scene.start(flow, event={"q": "x"})
    assert len(scene.bench.asked) == 3


async def test_a_failure_is_not_kept(scene: Scene) -> None:
    scene.bench.tell("a.look", Rejected("no"))
    flow = await scene.keep(step("find", "a.look", cache=Cache(seconds=60.0, key="event.q")))
    states = [await scene.state(await scene.start(flow, event={"q": 1})) for _ in range(2)]
    assert states == [RunState.FAILED, RunState.SUCCEEDED]


# --- rates


async def test_no_more_asks_leave_than_the_workflows_rate_and_who_must_wait_holds_no_task(scene: Scene) -> None:
    flow = await scene.keep(step("a"), rate_limits={"a": RateLimit(limit=2, per=60.0)})
    runs = [await scene.start(flow) for _ in range(6)]
    assert len(scene.bench.asked) == 2
    assert {await scene.state(run) for run in runs[2:]} == {RunState.WAITING}
    assert scene.runner._driver._tasks == set()  # type: ignore[attr-defined]
    left = [(await scene.record(run)).wake_at for run in runs[2:]]
    assert all(at is not None for at in left)
    assert len(set(left)) >= 2
    await scene.crash()
    await scene.pass_time(240)
    assert {await scene.state(run) for run in runs} == {RunState.SUCCEEDED}
    assert len(scene.bench.asked) == 6


async def test_waiting_for_a_rate_does_not_count_as_an_attempt(scene: Scene) -> None:
    flow = await scene.keep(step("a", retries=0), rate_limits={"a": RateLimit(limit=1, per=30.0)})
    runs = [await scene.start(flow) for _ in range(4)]
    await scene.pass_time(200)
    assert {await scene.state(run) for run in runs} == {RunState.SUCCEEDED}


async def test_an_urgent_run_need_not_stand_in_line_for_a_rate(scene: Scene) -> None:
    limits = {"a": RateLimit(limit=1, per=60.0)}
    calm = await scene.keep(step("a"), rate_limits=limits)
    asked: list[str] = [await scene.start(calm) for _ in range(3)]
    urgent = await scene.change(calm, version=2, definition=_with(calm, priority=Priority.URGENT))
    scene.clock.set(scene.clock.now() + timedelta(seconds=61))
    late = await scene.start(urgent)
    assert await scene.state(late) is RunState.SUCCEEDED
    await scene.pass_time(240)
    assert {await scene.state(run) for run in asked} == {RunState.SUCCEEDED}


def _with(flow, **options):
    from dataclasses import replace

    return replace(flow.definition, options=replace(flow.definition.options, **options))


# --- secrets


async def test_a_secret_reaches_the_service_and_stands_nowhere_in_what_is_kept(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    canary = "c4n4ry/+&value"
    await Safe(scene.store.vault).put("token", canary)
    got: list[Call] = []

    async def echo(call: Call) -> Answer:
        got.append(call)
        if len(got) == 1:
            raise Transient(f"busy, {canary}")
        if len(got) == 4:
            raise RuntimeError(canary)
        return Answer({"headers": dict(call.arguments), "n": len(got)})

    scene.bench.tell("safe.do", *(echo for _ in range(5)))
    args = {"auth": "Bearer {{secrets.token}}", "said": "{{event.text}}"}
    steps = (
        step("one", "safe.do", arguments=args),
        step("two", "safe.do", arguments={"again": "{{steps.one.output.headers.auth}}"}),
        step("three", "safe.do", arguments=args),
    )
    run = await scene.start(await scene.keep(*steps), event={"text": "{{secrets.token}}"}, where=None)
    await scene.pass_time(60)
    assert await scene.state(run) is RunState.SUCCEEDED
    filled = {"auth": f"Bearer {canary}", "said": "{{secrets.token}}"}
    assert [call.arguments for call in got] == [filled, filled, {"again": "Bearer [secret token]"}, filled, filled]
    assert "RuntimeError: [secret token]" in caplog.text
    kept = repr(
        [await scene.facts(run), await scene.record(run), await scene.store.audit.list(), await scene.store.postings.due(scene.clock.now())]
    )
    for place in (kept, caplog.text, repr(await scene.run(run))):
        assert "c4n4ry" not in place


async def test_a_secret_that_is_not_kept_fails_its_step_with_what_to_do(scene: Scene) -> None:
    run = await scene.start(await scene.keep(step("a", arguments={"auth": "{{secrets.token}}"})))
    assert "secret set token" in (await scene.record(run)).error
    assert scene.asked() == []
    await Safe(scene.store.vault).put("token", "abcd")
    await scene.runner.retry(run, ADA)
    await scene.rest()
    assert (await scene.state(run), scene.bench.asked[-1].arguments) == (RunState.SUCCEEDED, {"auth": "abcd"})
