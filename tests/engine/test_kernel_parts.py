"""The parts of a run: what is undone and in which order, what is done when it fails and finally, deadlines, turns, pauses, retries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Conflict, Rejected, Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.definition import ForEach, OnError, Parallel, Step, Substitute, Wait
from engine.workflow.kernel import begin, plan, record_of, views_of, wake_at
from engine.workflow.outline import outline_of
from engine.workflow.progress import state_of
from engine.workflow.run import FactKind, RunRecord, RunState, StepState
from tests.engine.runtime.world import CATALOGUE, NOON, definition, step
from tests.engine.test_kernel import Story

UNDO = Substitute(action="safe.do", arguments={"title": "{{steps.a.id}}"})


def undoable(id: str, **more: object) -> Step:
    return step(id, compensate=Substitute(action="safe.do", arguments={"title": f"{{{{steps.{id}.id}}}}"}), **more)


def test_what_succeeded_is_undone_in_the_reverse_order_of_finishing_one_at_a_time() -> None:
    story = Story(definition(undoable("a", needs=()), undoable("b", needs=()), undoable("c", needs=()), step("d")))
    for name in ("b", "c", "a"):
        story.answer(name, {"id": name.upper()})
    assert story.fail("d", Rejected("no")) == ["a.undo"]
    assert (story.asks["a.undo"].arguments, story.asks["a.undo"].key) == ({"title": "A"}, "run_1:a.undo")
    assert story.answer("a.undo") == ["c.undo"]
    assert story.answer("c.undo") == ["b.undo"]
    story.answer("b.undo")
    assert (story.run.state, story.run.error) == (RunState.FAILED, "d: no")
    assert [(view.id, view.undo) for view in views_of(story.run)][4:] == [("a.undo", True), ("c.undo", True), ("b.undo", True)]


def test_what_failed_or_was_never_done_is_not_undone() -> None:
    story = Story(definition(undoable("a", needs=()), undoable("b")))
    story.fail("a", Rejected("no"))
    assert story.run.state is RunState.FAILED
    assert set(story.asks) == {"a"}


def test_entries_of_a_foreach_are_undone_each_with_its_own_answer() -> None:
    each = Step(id="each", does=ForEach(items="inputs.xs", steps=(undoable("a", when="item < 3"),)))
    story = Story(definition(each, step("z")), inputs={"xs": [1, 2, 3]})
    story.answer("a[1]", {"id": "B"})
    story.answer("a[0]", {"id": "A"})
    assert story.fail("z", Rejected("no")) == ["a.undo[0]"]
    assert story.answer("a.undo[0]") == ["a.undo[1]"]
    assert story.asks["a.undo[1]"].arguments == {"title": "B"}


def test_an_undo_that_fails_is_told_and_stops_neither_the_others_nor_the_end() -> None:
    story = Story(definition(undoable("a"), undoable("b"), step("c"), on_failure=(step("tell", arguments={"text": "{{run.error}}"}),)))
    story.answer("a", {"id": 1})
    story.answer("b", {"id": 2})
    story.fail("c", Rejected("no"))
    assert story.fail("b.undo", Rejected("gone")) == ["a.undo"]
    assert story.answer("a.undo") == ["tell"]
    assert story.asks["tell"].arguments == {"text": "c: no"}
    story.answer("tell")
    assert story.run.error == "c: no (and then undoing b: gone)"


def test_a_cancelled_run_undoes_what_it_did_unless_it_is_told_not_to() -> None:
    for compensate in (True, False):
        story = Story(definition(undoable("a"), Step(id="nap", does=Wait(seconds=60)), on_failure=(step("tell"),)))
        story.answer("a", {"id": 1})
        undone = story.asked(outcomes.cancelled(story.run, NOON, "Ada", compensate=compensate))
        assert undone == (["a.undo"] if compensate else [])
        if compensate:
            assert story.run.state is RunState.RUNNING
            story.answer("a.undo")
        assert (story.run.state, story.run.error) == (RunState.CANCELLED, "Ada cancelled it.")
        assert story.state("nap") is StepState.SKIPPED
        assert "tell" not in story.asks


def test_what_is_in_flight_when_a_run_is_cancelled_is_undone_once_it_is_known_to_have_happened() -> None:
    story = Story(definition(undoable("a", needs=()), undoable("b", needs=())))
    story.answer("a", {"id": 1})
    assert story.asked(outcomes.cancelled(story.run, NOON, "Ada")) == [], "b may still have to be undone first"
    assert story.answer("b", {"id": 2}) == ["b.undo"]
    assert story.answer("b.undo") == ["a.undo"]
    story.answer("a.undo")
    assert story.run.state is RunState.CANCELLED


def test_what_is_in_flight_when_a_run_is_cancelled_and_fails_is_not_repeated() -> None:
    for error, state in ((Transient("busy"), StepState.FAILED), (Unanswered("lost"), StepState.IN_DOUBT)):
        story = Story(definition(undoable("a", needs=()), undoable("b", action="safe.do", needs=())))
        story.answer("a", {"id": 1})
        story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
        assert story.fail("b", error) == ["a.undo"]
        assert story.state("b") is state


def test_a_doubt_about_what_may_have_to_be_undone_holds_up_the_end_not_the_undoing_of_the_rest() -> None:
    story = Story(definition(undoable("a", needs=()), undoable("b", needs=())))
    story.answer("a", {"id": 1})
    story.fail("b", Unanswered("lost"))
    assert story.asked(outcomes.cancelled(story.run, NOON, "Ada")) == ["a.undo"]
    story.answer("a.undo")
    assert state_of(story.run) is RunState.WAITING
    assert story.asked(outcomes.decided(story.run, NOON, "b", happened=True, output={"id": 2}, by="Ada")) == ["b.undo"]
    story.answer("b.undo")
    assert story.run.state is RunState.CANCELLED


def test_after_a_crash_what_a_cancelled_run_left_in_flight_is_in_doubt_if_it_may_have_to_be_undone() -> None:
    story = Story(definition(undoable("a", action="safe.do", needs=()), step("b", "safe.do", needs=())))
    story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    story.asked(outcomes.lost(story.run, NOON))
    assert (story.state("a"), story.state("b")) == (StepState.IN_DOUBT, StepState.FAILED)
    story.asked(outcomes.decided(story.run, NOON, "a", happened=False, output=None, by="Ada"))
    assert story.run.state is RunState.CANCELLED


def test_a_run_that_is_being_cancelled_can_be_told_to_leave_the_rest_as_it_is() -> None:
    story = Story(definition(undoable("a"), undoable("b"), step("c"), finally_=(step("tidy"),)))
    story.answer("a", {"id": 1})
    story.answer("b", {"id": 2})
    story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    with pytest.raises(Conflict, match="being cancelled already"):
        story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    assert story.asked(outcomes.cancelled(story.run, NOON, "Ada", compensate=False)) == ["tidy"]
    story.asked(outcomes.cancelled(story.run, NOON, "Ada"))
    assert story.run.state is RunState.CANCELLED, "a part that hangs can always be ended"


def test_finally_comes_behind_everything_however_it_ended() -> None:
    for ends in ("well", "badly", "cancelled"):
        story = Story(definition(step("a"), on_failure=(step("tell"),), finally_=(step("tidy"),)))
        match ends:
            case "well":
                assert story.answer("a") == ["tidy"]
            case "badly":
                assert story.fail("a", Rejected("no")) == ["tell"]
                assert story.answer("tell") == ["tidy"]
            case _:
                assert story.asked(outcomes.cancelled(story.run, NOON, "Ada")) == ["tidy"]
        story.answer("tidy")
        state = {"well": RunState.SUCCEEDED, "badly": RunState.FAILED, "cancelled": RunState.CANCELLED}[ends]
        assert story.run.state is state


def test_a_failure_in_finally_fails_a_run_that_did_well_and_the_rest_of_finally_is_still_done() -> None:
    story = Story(definition(step("a"), finally_=(step("tidy"), step("sweep"))))
    story.answer("a")
    assert story.fail("tidy", Rejected("stuck")) == ["sweep"]
    story.answer("sweep")
    assert (story.run.state, story.run.error) == (RunState.FAILED, "tidy: stuck")
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["tidy"], "what was answered in the main part stays"
    assert story.asks["tidy"].key == "run_1:tidy:2"


def test_a_failed_step_the_run_goes_on_behind_can_be_read() -> None:
    tell = step("tell", arguments={"text": "{{steps.a.state}}: {{steps.a.error}}"})
    story = Story(definition(step("a", on_error=OnError.CONTINUE), tell))
    assert story.fail("a", Rejected("no such board")) == ["tell"]
    assert story.asks["tell"].arguments == {"text": "failed: no such board"}
    story.answer("tell")
    assert story.run.state is RunState.SUCCEEDED


def test_a_step_has_a_fallback_of_its_own_with_arguments_and_an_account_of_its_own() -> None:
    spare = Substitute(action="spare.do", arguments={"titel": "{{inputs.t}}"}, account="second")
    story = Story(definition(step("a", retries=0, fallback=spare)), inputs={"t": "Hi"})
    assert story.fail("a", Transient("down")) == ["a"]
    ask = story.asks["a"]
    assert (ask.action, ask.arguments, ask.account, ask.key) == ("spare.do", {"titel": "Hi"}, "second", "run_1:a:spare")


def test_the_deadline_ends_the_main_part_wherever_it_is() -> None:
    nested = Step(id="both", does=Parallel(branches={"left": (Step(id="nap", does=Wait(seconds=9_999)),), "right": (step("r"),)}), needs=())
    story = Story(definition(undoable("a", needs=()), nested, step("slow", needs=()), deadline=60, on_failure=(step("tell"),)))
    story.answer("a", {"id": 1})
    assert story.last.wake_at == record_of(story.run).wake_at == NOON + timedelta(seconds=60)
    assert story.later(59) == []
    assert story.later(1) == ["a.undo"]
    assert FactKind.EXPIRED in {fact.kind for fact in story.facts}
    assert (story.state("nap"), story.state("both"), story.state("slow")) == (StepState.FAILED, StepState.FAILED, StepState.ASKED)
    assert story.answer("a.undo") == ["tell"]
    story.answer("slow")
    story.answer("tell")
    assert (story.run.state, story.run.error) == (RunState.FAILED, "The run did not come to its end within its deadline of 1 minute.")


def test_after_a_retry_the_deadline_counts_anew_and_what_came_late_is_not_asked_again() -> None:
    story = Story(definition(step("slow", needs=()), step("next"), Step(id="nap", needs=(), does=Wait(seconds=90)), deadline=60))
    story.later(60)
    story.answer("slow", "late")
    assert story.run.state is RunState.FAILED
    assert story.asked(outcomes.retried(story.run, story.now, "Ada")) == ["next"]
    assert story.last.wake_at == NOON + timedelta(seconds=120)


def test_a_queued_run_does_nothing_until_its_turn_has_come() -> None:
    record = RunRecord(id="run_1", workflow="wf_1", version=1, name="Test", state=RunState.QUEUED, started_at=NOON, by="web:ada")
    run = begin(outline_of(definition(step("a")), CATALOGUE), record)
    story = Story(definition(step("a")))
    story.run, story.asks = run, {}
    assert story.asked(outcomes.started(run, NOON, event={}, inputs={}, queued=True, alert="alr_1")) == []
    assert (record_of(story.run).state, record_of(story.run).alert) == (RunState.QUEUED, "alr_1")
    with pytest.raises(Conflict):
        outcomes.resumed(story.run, NOON, "Ada")
    assert story.asked(outcomes.released(story.run, NOON)) == ["a"]
    with pytest.raises(Conflict, match="does not wait for its turn"):
        outcomes.released(story.run, NOON)


def test_a_queued_run_that_is_cancelled_has_nothing_to_tidy_up() -> None:
    of = definition(step("a"), finally_=(step("tidy"),))
    story = Story(of)
    story.run, story.asks = begin(outline_of(of, CATALOGUE), story.record), {}
    story.asked(outcomes.started(story.run, NOON, event={}, inputs={}, queued=True))
    assert story.asked(outcomes.cancelled(story.run, NOON, "Ada")) == []
    assert story.run.state is RunState.CANCELLED


def test_a_paused_run_takes_answers_and_asks_nothing_until_it_is_resumed() -> None:
    story = Story(
        definition(step("a", needs=()), step("b", needs=("a",)), Step(id="nap", needs=(), does=Wait(seconds=60)), step("c", needs=("nap",)))
    )
    story.asked(outcomes.paused(story.run, NOON, "Ada"))
    assert (state_of(story.run), wake_at(story.run)) == (RunState.PAUSED, None)
    assert story.answer("a") == []
    assert story.later(60) == []
    with pytest.raises(Conflict, match="cannot be paused"):
        outcomes.paused(story.run, NOON, "Ada")
    assert story.asked(outcomes.resumed(story.run, story.now, "Ada")) == ["b", "c"]


def test_a_paused_run_can_be_cancelled() -> None:
    story = Story(definition(step("a"), finally_=(step("tidy"),)))
    story.asked(outcomes.paused(story.run, NOON, "Ada"))
    assert story.asked(outcomes.cancelled(story.run, NOON, "Bob")) == ["tidy"]


def test_a_step_that_waits_or_is_in_doubt_can_be_passed_over() -> None:
    for make in (
        lambda story: story.fail("a", Unanswered("lost")),
        lambda story: story.fail("a", Transient("busy")),
        lambda story: story.asked(outcomes.taken(story.run, NOON, "a")),
    ):
        story = Story(definition(step("a"), step("b", arguments={"state": "{{steps.a.state}}"})))
        make(story)
        assert story.asked(outcomes.skipped(story.run, NOON, "a", "Ada")) == ["b"]
        assert story.asks["b"].arguments == {"state": "skipped"}
        assert story.run.progress("a").error == "Ada skipped it."


def test_what_is_asked_right_now_or_not_yet_or_is_done_cannot_be_passed_over() -> None:
    story = Story(definition(step("a"), step("b")))
    for name in ("a", "b"):
        with pytest.raises(Conflict, match="cannot be passed over"):
            outcomes.skipped(story.run, NOON, name, "Ada")


def test_passing_over_a_failed_step_lets_a_running_run_go_on_and_a_failed_one_too() -> None:
    story = Story(definition(step("a", needs=()), step("b"), step("c", needs=())))
    story.fail("a", Rejected("no"))
    assert story.asked(outcomes.skipped(story.run, NOON, "a", "Ada")) == ["b"]
    story.fail("b", Rejected("no"))
    story.answer("c")
    assert story.run.state is RunState.FAILED
    story.asked(outcomes.skipped(story.run, NOON, "b", "Ada"))
    assert story.run.state is RunState.SUCCEEDED


def test_a_retry_with_other_inputs_fills_failed_steps_in_anew_under_a_new_key_and_keeps_the_key_of_what_stays_the_same() -> None:
    story = Story(
        definition(step("a", arguments={"t": "{{inputs.t}}"}, needs=()), step("b", arguments={"t": "fixed"}, needs=())), inputs={"t": "x"}
    )
    story.fail("a", Rejected("bad title"))
    story.fail("b", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", inputs={"t": "y"})) == ["a", "b"]
    assert (story.asks["a"].arguments, story.asks["a"].key) == ({"t": "y"}, "run_1:a:2")
    assert story.asks["b"].key == "run_1:b"


def test_a_retry_with_other_arguments_of_one_step_changes_only_these_and_only_its_key() -> None:
    story = Story(definition(step("a", arguments={"t": "{{inputs.t}}", "n": 1}, needs=()), step("b", needs=())), inputs={"t": "x"})
    story.fail("a", Rejected("bad title"))
    story.fail("b", Rejected("no"))
    story.asked(outcomes.retried(story.run, NOON, "Ada", arguments={"a": {"t": "{{inputs.t}} as it stands"}}))
    assert (story.asks["a"].arguments, story.asks["a"].key) == ({"t": "{{inputs.t}} as it stands", "n": 1}, "run_1:a:2")
    assert story.asks["b"].key == "run_1:b"
    story.fail("a", Transient("busy"))
    story.later(1)
    assert story.asks["a"].key == "run_1:a:2"


def test_only_failed_steps_of_the_main_part_that_ask_a_service_can_be_changed() -> None:
    story = Story(definition(step("a"), step("b"), on_failure=(step("tell"),)))
    story.answer("a")
    story.fail("b", Rejected("no"))
    story.fail("tell", Rejected("no"))
    for name, words in (("a", "Only a failed step"), ("tell", "after a run")):
        with pytest.raises(Conflict, match=words):
            outcomes.retried(story.run, NOON, "Ada", arguments={name: {}})


def test_a_retry_does_again_what_was_undone_under_new_keys_and_passes_through_what_stands() -> None:
    story = Story(definition(undoable("a"), step("b"), step("c", arguments={"id": "{{steps.a.id}}"})))
    story.answer("a", {"id": 1})
    story.answer("b")
    story.fail("c", Rejected("no"))
    story.answer("a.undo")
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["a"]
    assert story.asks["a"].key == "run_1:a:2"
    assert story.answer("a", {"id": 2}) == ["c"], "b keeps its answer"
    assert (story.asks["c"].arguments, story.asks["c"].key) == ({"id": 2}, "run_1:c:2")
    assert story.fail("c", Rejected("no")) == ["a.undo"]
    assert (story.asks["a.undo"].key, story.asks["a.undo"].arguments) == ("run_1:a.undo:2", {"title": 2})


def test_a_foreach_that_was_undone_as_a_whole_is_done_again_as_a_whole() -> None:
    each = Step(id="each", does=ForEach(items="inputs.xs", steps=(step("post"),)), compensate=Substitute(action="safe.do"))
    story = Story(definition(each, step("z")), inputs={"xs": [1, 2]})
    story.answer("post[0]")
    story.answer("post[1]")
    assert story.fail("z", Rejected("no")) == ["each.undo"]
    story.answer("each.undo")
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["post[0]", "post[1]"]
    assert story.asks["post[0]"].key == "run_1:post[0]:2"
    story.answer("post[0]")
    assert story.answer("post[1]") == ["z"]


def test_planning_a_run_that_never_started_plans_nothing() -> None:
    assert plan(begin(outline_of(definition(step("a"))), Story(definition(step("a"))).record), NOON).facts == ()


def test_a_failure_the_run_went_on_behind_is_not_tried_again_by_a_retry() -> None:
    story = Story(definition(step("a", on_error=OnError.CONTINUE), step("b")))
    story.fail("a", Rejected("no"))
    story.fail("b", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["b"]


def test_a_join_of_many_waits_for_every_one_of_them() -> None:
    names = [f"s{n}" for n in range(5)]
    story = Story(definition(*(step(name, needs=()) for name in names), step("join", needs=tuple(names))))
    assert [story.answer(name) for name in names] == [[], [], [], [], ["join"]]
