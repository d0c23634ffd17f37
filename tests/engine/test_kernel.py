"""What the kernel decides: order, conditions, retries, stand-ins, doubts, failure and its steps."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

import pytest

from engine.errors import Conflict, Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.definition import Definition
from engine.workflow.doubt import doubt_id
from engine.workflow.kernel import Ask, Plan, apply, begin, plan, record_of, steps_of, views_of
from engine.workflow.outline import outline_of
from engine.workflow.progress import Run, state_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from tests.engine.runtime.world import CATALOGUE, NOON, definition, sequence, step


class Story:
    """A run told fact by fact; ``now`` moves by hand."""

    def __init__(self, of: Definition, event: dict | None = None, inputs: dict | None = None) -> None:
        self.record = RunRecord(id="run_1", workflow="wf_1", version=1, name="Test", state=RunState.RUNNING, started_at=NOON, by="web:ada")
        self.outline = outline_of(of, CATALOGUE)
        self.now = NOON
        self.facts: list[Fact] = []
        self.asks: dict[str, Ask] = {}
        self.run: Run = begin(self.outline, self.record)
        self._take(outcomes.started(self.run, self.now, event=event or {}, inputs=inputs or {}))

    def _take(self, facts: tuple[Fact, ...]) -> Plan:
        self.run = reduce(apply, facts, self.run)
        planned = plan(self.run, self.now)
        self.run = planned.run
        self.facts += [*facts, *planned.facts]
        self.asks |= {ask.step: ask for ask in planned.asks}
        self.last = planned
        return planned

    def answer(self, name: str, output: object = "ok") -> list[str]:
        return self.asked(outcomes.answered(self.run, self.now, name, output))

    def fail(self, name: str, error: SignalboxError) -> list[str]:
        return self.asked(outcomes.failed(self.run, self.now, name, error, lambda rule, tries, wanted: wanted or float(tries)))

    def asked(self, facts: tuple[Fact, ...]) -> list[str]:
        return [ask.step for ask in self._take(facts).asks]

    def later(self, seconds: float) -> list[str]:
        self.now += timedelta(seconds=seconds)
        return self.asked(())

    def state(self, name: str) -> StepState:
        return self.run.progress(name).state

    @property
    def first(self) -> list[str]:
        return list(self.asks)


def test_steps_without_needs_follow_each_other() -> None:
    story = Story(definition(*sequence(3)))
    assert story.first == ["s1"]
    assert story.answer("s1") == ["s2"]
    assert story.answer("s2") == ["s3"]
    story.answer("s3")
    assert story.run.state is RunState.SUCCEEDED


def test_steps_with_empty_needs_are_asked_at_once_and_joined_by_who_needs_them() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=()), step("join", needs=("a", "b"))))
    assert story.first == ["a", "b"]
    assert story.answer("b") == []
    assert story.answer("a") == ["join"]


def test_a_step_is_written_asked_with_its_arguments_and_key_before_it_leaves() -> None:
    story = Story(definition(step("a", arguments={"title": "Hello {{event.name}}"})), event={"name": "Ada"})
    asked = story.facts[1]
    assert (asked.kind, asked.key, asked.attempt, asked.data) == (FactKind.ASKED, "run_1:a", 1, {"arguments": {"title": "Hello Ada"}})


def test_a_template_sees_the_output_of_earlier_steps() -> None:
    story = Story(definition(step("a"), step("b", arguments={"n": "{{steps.a.output.count}}"})))
    story.answer("a", {"count": 7})
    assert story.asks["b"].arguments == {"n": 7}


def test_a_template_that_cannot_be_filled_fails_its_step_without_asking() -> None:
    story = Story(definition(step("a", arguments={"n": "{{event.nothing}}"})))
    assert story.asks == {}
    assert story.run.state is RunState.FAILED
    assert "event has no field “nothing”" in story.run.error


def test_a_step_whose_condition_does_not_hold_is_skipped_and_its_dependents_still_run() -> None:
    story = Story(definition(step("a"), step("b", when="steps.a.output.big"), step("c")))
    assert story.answer("a", {"big": False}) == ["c"]
    assert story.state("b") is StepState.SKIPPED
    story.answer("c")
    assert story.run.state is RunState.SUCCEEDED


def test_a_condition_that_cannot_be_worked_out_skips_its_step_and_says_why() -> None:
    story = Story(definition(step("a", when="event.n > 3"), step("b")), event={"n": "seven"})
    assert story.first == ["b"]
    skipped = story.facts[1] if story.facts[1].kind is FactKind.SKIPPED else story.facts[2]
    assert skipped.kind is FactKind.SKIPPED
    assert "could not be evaluated" in str(skipped.data["error"])


def test_a_run_of_nothing_but_skipped_steps_succeeds() -> None:
    story = Story(definition(step("a", when="false"), step("b", when="false")))
    assert story.run.state is RunState.SUCCEEDED
    assert [view.state for view in views_of(story.run)] == [StepState.SKIPPED] * 2


def test_a_first_step_that_is_skipped_lets_the_next_one_run() -> None:
    story = Story(definition(step("a", when="false"), step("b")))
    assert story.first == ["b"]


def test_a_refused_step_is_never_repeated_and_its_dependents_do_not_run() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=("a",)), step("c", needs=())))
    assert story.fail("a", Rejected("no such board")) == []
    story.answer("c")
    assert story.run.state is RunState.FAILED
    assert story.run.error == "a: no such board"
    assert story.state("b") is StepState.PENDING


def test_a_passing_failure_is_repeated_under_the_same_key_with_growing_pauses_until_its_retries_are_used_up() -> None:
    story = Story(definition(step("a", retries=2)))
    keys = [story.asks["a"].key]
    story.fail("a", Transient("busy"))
    assert story.last.wake_at == NOON + timedelta(seconds=1)
    assert state_of(story.run) is RunState.WAITING
    assert story.later(0.9) == []
    assert story.later(0.1) == ["a"]
    keys.append(story.asks["a"].key)
    story.fail("a", Transient("busy"))
    assert story.later(2) == ["a"]
    keys.append(story.asks["a"].key)
    story.fail("a", Transient("busy"))
    assert story.run.state is RunState.FAILED
    assert keys == ["run_1:a"] * 3


def test_a_service_that_says_when_to_come_back_is_asked_then() -> None:
    story = Story(definition(step("a")))
    story.fail("a", Transient("busy", retry_after=42))
    assert story.last.wake_at == NOON + timedelta(seconds=42)


def test_no_answer_to_a_repeatable_ask_is_repeated() -> None:
    story = Story(definition(step("a", "safe.do")))
    story.fail("a", Unanswered("lost"))
    assert story.state("a") is StepState.RETRYING


def test_no_answer_to_a_read_is_repeated() -> None:
    story = Story(definition(step("a", "a.look")))
    story.fail("a", Unanswered("lost"))
    assert story.state("a") is StepState.RETRYING


def test_no_answer_to_an_unrepeatable_ask_is_in_doubt_and_blocks_what_needs_it() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=("a",)), step("c", needs=())))
    story.fail("a", Unanswered("lost"))
    story.answer("c")
    assert story.state("a") is StepState.IN_DOUBT
    assert state_of(story.run) is RunState.WAITING


def test_a_doubt_that_happened_goes_on_and_one_that_did_not_is_asked_again_under_its_key() -> None:
    story = Story(definition(*sequence(2)))
    story.fail("s1", Unanswered("lost"))
    assert story.asked(outcomes.decided(story.run, NOON, "s1", happened=False, output=None, by="Ada")) == ["s1"]
    assert story.asks["s1"].key == "run_1:s1"
    assert story.asks["s1"].attempt == 2
    story.fail("s1", Unanswered("lost again"))
    assert story.asked(outcomes.decided(story.run, NOON, "s1", happened=True, output={"id": 1}, by="Ada")) == ["s2"]


def test_a_doubt_is_decided_once() -> None:
    story = Story(definition(*sequence(2)))
    story.fail("s1", Unanswered("lost"))
    story.asked(outcomes.decided(story.run, NOON, "s1", happened=True, output=None, by="Ada"))
    with pytest.raises(Conflict, match="not in doubt"):
        outcomes.decided(story.run, NOON, "s1", happened=False, output=None, by="Bob")


def test_when_retries_are_used_up_the_declared_fallback_is_asked_under_another_key_with_its_own_inputs() -> None:
    story = Story(definition(step("a", "safe.do", arguments={"title": "Hi", "colour": "red"}, retries=0), fallback={"safe": "spare"}))
    assert story.fail("a", Transient("down")) == ["a"]
    ask = story.asks["a"]
    assert (ask.action, ask.key, ask.arguments) == ("spare.do", "run_1:a:spare", {"titel": "Hi"})
    story.answer("a")
    assert story.run.state is RunState.SUCCEEDED
    assert views_of(story.run)[0].action == "spare.do"


def test_a_fallback_that_fails_too_fails_the_step() -> None:
    story = Story(definition(step("a", "safe.do", retries=0), fallback={"safe": "spare"}))
    story.fail("a", Unanswered("lost"))
    story.fail("a", Transient("down as well"))
    assert story.run.state is RunState.FAILED


def test_a_refusal_never_goes_to_the_fallback() -> None:
    story = Story(definition(step("a", "safe.do"), fallback={"safe": "spare"}))
    story.fail("a", Rejected("bad title"))
    assert story.run.state is RunState.FAILED


def test_a_fallback_without_an_equivalent_action_is_no_fallback() -> None:
    story = Story(definition(step("a", retries=0), fallback={"a": "spare"}))
    story.fail("a", Transient("down"))
    assert story.run.state is RunState.FAILED


def test_on_failure_steps_run_in_order_when_the_run_fails_and_it_still_fails() -> None:
    story = Story(definition(step("a"), on_failure=(step("tell", arguments={"text": "{{run.error}}"}), step("tidy"))))
    assert story.fail("a", Rejected("no")) == ["tell"]
    assert story.asks["tell"].arguments == {"text": "a: no"}
    assert story.answer("tell") == ["tidy"]
    story.answer("tidy")
    assert story.run.state is RunState.FAILED
    assert story.run.error == "a: no"


def test_on_failure_steps_do_not_run_when_nothing_failed_and_are_not_shown() -> None:
    story = Story(definition(step("a"), on_failure=(step("tell"),)))
    story.answer("a")
    assert story.run.state is RunState.SUCCEEDED
    assert [view.id for view in views_of(story.run)] == ["a"]


def test_on_failure_steps_wait_until_other_branches_have_ended() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=()), on_failure=(step("tell"),)))
    assert story.fail("a", Rejected("no")) == []
    assert story.answer("b") == ["tell"]


def test_a_retried_run_goes_on_from_its_failed_steps_and_asks_no_answered_one_again() -> None:
    story = Story(definition(*sequence(3), on_failure=(step("tell"),)))
    story.answer("s1")
    story.fail("s2", Rejected("no"))
    first_key = story.asks["tell"].key
    story.answer("tell")
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["s2"]
    assert story.asks["s2"].key == "run_1:s2"
    story.fail("s2", Rejected("no again"))
    assert story.asks["tell"].key not in ("", first_key)
    story.answer("tell")
    story.asked(outcomes.retried(story.run, NOON, "Ada"))
    assert story.answer("s2") == ["s3"]
    story.answer("s3")
    assert story.run.state is RunState.SUCCEEDED
    assert story.run.error == ""


def test_only_a_failed_run_can_be_retried() -> None:
    story = Story(definition(step("a")))
    with pytest.raises(Conflict, match="Only a failed run"):
        outcomes.retried(story.run, NOON, "Ada")


def test_a_cancelled_run_asks_nothing_more_and_still_hears_how_its_call_came_out() -> None:
    story = Story(definition(*sequence(2)))
    story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    assert story.run.state is RunState.CANCELLED
    assert story.answer("s1") == []
    assert story.state("s1") is StepState.SUCCEEDED
    assert story.run.state is RunState.CANCELLED


def test_a_passing_failure_after_the_cancel_is_not_repeated() -> None:
    story = Story(definition(*sequence(2)))
    story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    story.fail("s1", Transient("busy"))
    assert story.last.wake_at is None
    assert story.state("s1") is StepState.FAILED


def test_a_waiting_step_goes_on_with_its_late_answer_and_takes_only_one() -> None:
    story = Story(definition(step("ask", "chat.ask_approval"), step("go")))
    story.asked(outcomes.taken(story.run, NOON, "ask"))
    assert state_of(story.run) is RunState.WAITING
    assert story.asked(outcomes.late_answer(story.run, NOON, "ask", {"approved": True}, "Ada")) == ["go"]
    with pytest.raises(Conflict, match="waits for no answer"):
        outcomes.late_answer(story.run, NOON, "ask", {"approved": False}, "Bob")


def test_an_approval_goes_before_everything_and_a_refused_one_ends_the_run_without_failing_it() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=()), approval="@ada", on_failure=(step("tell"),)))
    assert len(story.first) == 1
    gate = story.first[0]
    story.asked(outcomes.taken(story.run, NOON, gate))
    assert story.asked(outcomes.late_answer(story.run, NOON, gate, {"approved": False}, "Ada")) == []
    assert story.run.state is RunState.CANCELLED
    assert story.run.error == "Ada did not approve it."


def test_an_approved_run_starts_its_steps() -> None:
    story = Story(definition(step("a", needs=()), step("b", needs=()), approval="@ada"))
    gate = story.first[0]
    assert story.answer(gate, {"approved": True}) == ["a", "b"]


def test_after_a_crash_a_repeatable_ask_is_repeated_and_an_unrepeatable_one_is_in_doubt() -> None:
    story = Story(definition(step("a", "safe.do", needs=(), retries=0), step("b", needs=()), step("c", needs=())))
    assert story.asked(outcomes.lost(story.run, NOON, flying={"c"})) == ["a"]
    assert story.asks["a"].key == "run_1:a"
    assert story.state("b") is StepState.IN_DOUBT
    assert story.state("c") is StepState.ASKED


def test_crashes_do_not_use_up_retries() -> None:
    story = Story(definition(step("a", "safe.do", retries=1)))
    for _ in range(5):
        assert story.asked(outcomes.lost(story.run, NOON)) == ["a"]
    story.fail("a", Transient("busy"))
    assert story.later(60) == ["a"]


def test_planning_again_plans_nothing_new() -> None:
    story = Story(definition(*sequence(2)))
    again = plan(story.run, NOON)
    assert (again.asks, again.facts, again.run) == ((), (), story.run)


def test_an_illegal_fact_is_refused_and_the_run_stays_as_it_was() -> None:
    story = Story(definition(*sequence(2)))
    before = story.run
    with pytest.raises(Conflict, match="has not been asked yet"):
        apply(before, Fact(before.seq + 1, NOON, FactKind.ANSWERED, "s2", data={"output": 1}))
    with pytest.raises(Conflict, match="cannot be number"):
        apply(before, Fact(before.seq + 2, NOON, FactKind.CANCELLED))
    with pytest.raises(NotFound, match="no step “s9”"):
        apply(before, Fact(before.seq + 1, NOON, FactKind.ASKED, "s9"))
    assert story.run == before


def test_the_record_is_a_projection_of_the_facts() -> None:
    story = Story(definition(step("a")))
    assert record_of(story.run) is story.record
    story.asked(outcomes.answered(story.run, NOON, "a", "ok", sandbox=True))
    record = record_of(story.run)
    assert (record.state, record.finished_at, record.sandbox) == (RunState.SUCCEEDED, NOON, True)


def test_stored_facts_show_the_same_steps_as_the_run_itself() -> None:
    of = definition(step("a"), step("b", when="steps.a.output.big"), step("c"))
    story = Story(of)
    story.answer("a", {"big": False})
    assert steps_of(of, story.facts, story.record) == views_of(story.run)
    assert steps_of(of, ()) == ()


def test_a_circle_a_stranger_and_a_double_id_are_refused() -> None:
    for steps, words in (
        ((step("a", needs=("b",)), step("b", needs=("a",))), "circle"),
        ((step("a", needs=("z",)),), "“z”"),
        ((step("a"), step("a")), "same id"),
    ):
        with pytest.raises(Invalid, match=words):
            outline_of(definition(*steps), CATALOGUE)


def test_ten_thousand_steps_in_a_row_that_are_all_skipped_are_no_trouble() -> None:
    story = Story(definition(*(step(f"s{n}", when="false") for n in range(10_000))))
    assert story.run.state is RunState.SUCCEEDED
    assert story.state("s9999") is StepState.SKIPPED


def test_the_card_of_a_doubt_leads_back_to_its_run_and_step() -> None:
    story = Story(definition(*sequence(2)))
    story.answer("s1")
    card = doubt_id(story.run, "s2")
    run, _, seq = card.rpartition("_")
    fact = story.facts[int(seq) - 1]
    assert (run, fact.kind, fact.step) == ("dbt_1", FactKind.ASKED, "s2")
    story.fail("s2", Transient("busy"))
    story.later(10)
    assert doubt_id(story.run, "s2") == card, "asked again it is the same doubt's card"
