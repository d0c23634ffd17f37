"""What goes along with an ask: secrets, idempotency keys, caches, rates, retry rules."""

from __future__ import annotations

import json

import pytest

from engine.errors import Invalid, Rejected, Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.definition import AskModel, Cache, ForEach, Priority, RateLimit, RetryRule, Step, Substitute, Trouble
from engine.workflow.kernel import plan, replay
from engine.workflow.outline import outline_of
from engine.workflow.run import FactKind, RunState, StepState
from engine.workflow.secrets import composed, names_of
from tests.engine.runtime.world import NOON, definition, step
from tests.engine.test_kernel import Story

VALUES = {"token": "s3cret", "other": "0ther"}


def test_a_secret_is_named_in_the_facts_and_put_in_only_for_the_call() -> None:
    arguments = {"headers": [{"Authorization": "Bearer {{secrets.token}} of {{event.who}}"}], "n": "{{event.n}}"}
    story = Story(definition(step("a", arguments=arguments)), event={"who": "Ada", "n": 3})
    ask = story.asks["a"]
    assert ask.arguments == {"headers": [{"Authorization": "Bearer {{secrets.token}} of Ada"}], "n": 3}
    assert names_of(ask.secrets) == ("token",)
    assert composed(ask.arguments, ask.secrets, VALUES) == {"headers": [{"Authorization": "Bearer s3cret of Ada"}], "n": 3}
    assert "s3cret" not in json.dumps([dict(fact.data) for fact in story.facts])


def test_text_from_outside_cannot_ask_for_a_secret() -> None:
    forged = "{{secrets.other}}"
    arguments = {"text": "{{event.text}}", "both": "{{secrets.token}} {{event.text}}"}
    story = Story(definition(step("a", arguments=arguments)), event={"text": forged})
    ask = story.asks["a"]
    assert composed(ask.arguments, ask.secrets, VALUES) == {"text": forged, "both": f"s3cret {forged}"}
    story.fail("a", Rejected("no"))
    story.asked(outcomes.retried(story.run, NOON, "Ada", arguments={"a": {"text": forged, "both": forged}}))
    ask = story.asks["a"]
    assert (ask.secrets, composed(ask.arguments, ask.secrets, VALUES)) == ((), {"text": forged, "both": forged})


def test_a_repeated_ask_knows_its_secrets_still_even_after_a_crash() -> None:
    story = Story(definition(step("a", "safe.do", arguments={"title": "{{secrets.token}}"}), fallback={"safe": "spare"}))
    story.run = replay(story.outline, story.record, story.facts)
    story.asked(outcomes.lost(story.run, NOON))
    assert composed(story.asks["a"].arguments, story.asks["a"].secrets, VALUES) == {"title": "s3cret"}
    for _ in range(4):
        story.fail("a", Transient("down"))
        story.later(100)
    ask = story.asks["a"]
    assert (ask.action, composed(ask.arguments, ask.secrets, VALUES)) == ("spare.do", {"titel": "s3cret"})


@pytest.mark.parametrize(
    "arguments",
    [{"t": "{{secrets.token + 'x'}}"}, {"t": "{{secrets}}"}, {"t": {"{{secrets.token}}": 1}}, {"t": {"{{event.x}}": "{{secrets.token}}"}}],
)
def test_nothing_can_be_done_with_a_secret_but_putting_it_in(arguments: dict) -> None:
    with pytest.raises(Invalid):
        outline_of(definition(step("a", arguments=arguments)))


def test_secrets_are_had_nowhere_but_in_arguments() -> None:
    story = Story(definition(step("a", when="secrets.token != ''"), Step(id="m", does=AskModel(prompt="{{secrets.token}}", schema={}))))
    assert story.asks == {}
    assert "secrets" in story.run.error


def test_an_idempotency_key_is_claimed_and_whoever_comes_second_is_skipped_with_the_name_of_the_first() -> None:
    of = definition(step("pay", idempotency_key="{{event.id}}"), step("next"))
    story = Story(of, event={"id": "evt_1"})
    claim = story.asks["pay"].claim
    assert claim == "wf_1:pay:evt_1"
    started = replay(story.outline, story.record, story.facts[:1])
    second = plan(started, NOON, {claim: "run_0"})
    assert [ask.step for ask in second.asks] == ["next"]
    assert second.facts[0].kind is FactKind.SKIPPED
    assert "run_0 has done it already" in str(second.facts[0].data["error"])
    story.fail("pay", Transient("busy"))
    story.later(1)
    assert story.asks["pay"].claim == claim


def test_two_entries_with_the_same_idempotency_key_are_done_once() -> None:
    each = Step(id="each", does=ForEach(items="inputs.xs", steps=(step("pay", idempotency_key="{{item}}"),), concurrency=2))
    story = Story(definition(each), inputs={"xs": ["a", "a", "b", "a"]})
    assert story.first == ["pay[0]"] or story.first == ["pay[0]", "pay[2]"]
    for name in ("pay[0]", "pay[2]"):
        story.answer(name)
    assert [story.state(f"pay[{n}]") for n in range(4)] == [StepState.SUCCEEDED, StepState.SKIPPED, StepState.SUCCEEDED, StepState.SKIPPED]
    assert "pay[0]" in story.run.progress("pay[3]").error


def test_an_empty_idempotency_key_claims_nothing() -> None:
    assert Story(definition(step("pay", idempotency_key="{{inputs.id}}")), inputs={"id": ""}).asks["pay"].claim == ""


def test_a_cached_answer_goes_by_account_and_arguments_or_by_a_key_of_its_own() -> None:
    def ask(**inputs: object):
        own = step("a", "a.look", arguments={"t": "{{inputs.t}}"}, cache=Cache(60), account="x", needs=())
        keyed = step("b", "a.look", arguments={"t": "{{inputs.t}}"}, cache=Cache(30, "inputs.k"), needs=())
        story = Story(definition(own, keyed), inputs=inputs)
        return story.asks["a"].cache, story.asks["b"].cache

    (one, keyed), (other, same) = ask(t=1, k="k"), ask(t=2, k="k")
    assert one[1] == 60
    assert one != other
    assert keyed == same == ('wf_1:b:"k"', 30)
    assert ask(t=1, k="z")[0] == one


def test_rates_and_rank_are_the_workflow_s() -> None:
    limits = {"a": RateLimit(30, 60.0)}
    story = Story(definition(step("one", needs=()), step("two", "safe.do", needs=()), rate_limits=limits, priority=Priority.URGENT))
    assert story.asks["one"].rates == (("wf_1:a", 30, 60.0),)
    assert story.asks["two"].rates == ()
    assert story.asks["one"].rank == 0


def test_a_retry_rule_covers_the_troubles_it_names_and_says_how_long_to_pause() -> None:
    rule = RetryRule(on=frozenset({Trouble.THROTTLED}), first=7)
    story = Story(definition(step("a", retry=rule)))
    heard = []

    def pause(rule: RetryRule, tries: int, wanted: float | None) -> float:
        heard.append((rule.first, tries, wanted))
        return 1.0

    story.asked(outcomes.failed(story.run, NOON, "a", Transient("slow down", retry_after=5), pause))
    assert heard == [(7, 1, 5)]
    story.later(1)
    story.asked(outcomes.failed(story.run, story.now, "a", Transient("down"), pause))
    assert story.run.state is RunState.FAILED


def test_a_trouble_that_is_not_covered_goes_to_the_fallback() -> None:
    rule = RetryRule(on=frozenset({Trouble.TRANSIENT}))
    story = Story(definition(step("a", "safe.do", retry=rule, fallback=Substitute(action="spare.do"))))
    assert story.fail("a", Unanswered("lost")) == ["a"]
    assert story.asks["a"].action == "spare.do"
