"""Loops, branches, values and waits: how each is opened, what is seen within, and what it comes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Conflict, NotFound, Rejected, Transient
from engine.workflow import outcomes
from engine.workflow.constructs.foreach import MAX_ITEMS
from engine.workflow.definition import (
    Case,
    ForEach,
    ItemFailure,
    OnError,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Switch,
    Wait,
)
from engine.workflow.kernel import record_of, view_of, views_of
from engine.workflow.progress import state_of
from engine.workflow.run import FactKind, RunState, StepState
from tests.engine.runtime.world import NOON, definition, step
from tests.engine.test_kernel import Story


def each(*steps: Step, items: str = "inputs.xs", id: str = "each", **more: Any) -> Step:
    return Step(id=id, does=ForEach(items=items, steps=steps, **more))


def test_a_foreach_asks_for_so_many_entries_at_a_time_and_gives_what_each_came_to() -> None:
    story = Story(
        definition(each(step("post", arguments={"n": "{{item}}", "at": "{{index}}"}), concurrency=2), step("next")),
        inputs={"xs": [7, 8, 9]},
    )
    assert story.first == ["post[0]", "post[1]"]
    assert story.asks["post[1]"].arguments == {"n": 8, "at": 1}
    assert story.asks["post[1]"].key == "run_1:post[1]"
    assert story.answer("post[1]", "b") == ["post[2]"]
    assert story.answer("post[2]", "c") == []
    assert story.answer("post[0]", "a") == ["next"]
    assert story.run.progress("each").output == {"items": ["a", "b", "c"], "failed": [], "count": 3, "succeeded": 3}


def test_outside_a_foreach_its_results_can_be_read() -> None:
    story = Story(
        definition(each(step("post")), step("sum", arguments={"n": "{{steps.each.count}}", "all": "{{steps.each.items}}"})),
        inputs={"xs": [1]},
    )
    story.answer("post[0]", {"id": 5})
    assert story.asks["sum"].arguments == {"n": 1, "all": [{"id": 5}]}


def test_within_an_entry_steps_see_their_own_siblings_and_what_lies_outside() -> None:
    story = Story(
        definition(
            step("find"),
            each(step("make"), step("link", arguments={"id": "{{steps.make.id}}", "in": "{{steps.find.place}}"}), items="steps.find.xs"),
        ),
    )
    story.answer("find", {"xs": ["a", "b"], "place": "here"})
    story.answer("make[1]", {"id": "B"})
    assert story.answer("make[0]", {"id": "A"}) == ["link[0]"]
    assert [story.asks[f"link[{n}]"].arguments for n in (0, 1)] == [{"id": "A", "in": "here"}, {"id": "B", "in": "here"}]


def test_a_foreach_within_a_foreach_sees_both_entries_under_their_names() -> None:
    inner = each(
        step("post", arguments={"who": "{{team.name}}/{{person}}", "at": "{{index}}"}), items="team.people", id="inner", name="person"
    )
    story = Story(
        definition(each(inner, name="team")), inputs={"xs": [{"name": "A", "people": ["x"]}, {"name": "B", "people": ["y", "z"]}]}
    )
    assert story.first == ["post[0][0]", "post[1][0]", "post[1][1]"]
    assert story.asks["post[1][1]"].arguments == {"who": "B/z", "at": 1}
    for name in story.first:
        story.answer(name, name)
    assert story.run.state is RunState.SUCCEEDED
    items = story.run.progress("each").output["items"]
    assert [one["items"] for one in items] == [["post[0][0]"], ["post[1][0]", "post[1][1]"]]


def test_a_failed_entry_lets_no_further_one_begin_unless_it_is_to_be_finished_or_tolerated() -> None:
    ends = {}
    for policy in ItemFailure:
        story = Story(definition(each(step("post"), concurrency=1, on_failure=policy)), inputs={"xs": [1, 2, 3]})
        story.fail("post[0]", Rejected("no such board"))
        while story.run.open:
            story.answer(next(iter(story.run.open)))
        ends[policy] = (story.run.state, len(story.asks), story.run.progress("each").output["succeeded"])
    assert ends == {
        ItemFailure.STOP: (RunState.FAILED, 1, 0),
        ItemFailure.FINISH: (RunState.FAILED, 3, 2),
        ItemFailure.TOLERATE: (RunState.SUCCEEDED, 3, 2),
    }


def test_a_failed_foreach_says_how_many_entries_failed_and_why_the_first_did() -> None:
    story = Story(definition(each(step("post"), on_failure=ItemFailure.FINISH)), inputs={"xs": [{"a": 1}, {"a": 2}, {"a": 3}]})
    story.fail("post[2]", Rejected("no such board"))
    story.fail("post[0]", Rejected("too long"))
    story.answer("post[1]", "fine")
    assert story.run.error == "each: 2 of 3 entries failed: post[2]: no such board"
    assert story.run.progress("each").output == {
        "items": [None, "fine", None],
        "failed": [
            {"index": 0, "item": {"a": 1}, "error": "post[0]: too long"},
            {"index": 2, "item": {"a": 3}, "error": "post[2]: no such board"},
        ],
        "count": 3,
        "succeeded": 1,
    }


@pytest.mark.parametrize(
    ("items", "words"),
    [("inputs.text", "gives no list"), ("inputs.nothing", "cannot be worked out"), ("inputs.many", f"a foreach takes {MAX_ITEMS:,}")],
)
def test_what_is_no_list_or_too_long_a_one_fails_the_foreach_in_words(items: str, words: str) -> None:
    story = Story(definition(each(step("post"), items=items)), inputs={"text": "abc", "many": [0] * (MAX_ITEMS + 1)})
    assert story.run.state is RunState.FAILED
    assert words in story.run.error


def test_an_empty_list_and_an_empty_body_are_nothing_to_do() -> None:
    assert Story(definition(each(step("post"))), inputs={"xs": []}).run.state is RunState.SUCCEEDED
    story = Story(definition(each()), inputs={"xs": [1, 2]})
    assert story.run.progress("each").output == {"items": [None, None], "failed": [], "count": 2, "succeeded": 2}


def test_ten_thousand_entries_are_driven_one_by_one_and_summed_up_for_a_card() -> None:
    story = Story(definition(each(step("post", arguments={"n": "{{item}}"}))), inputs={"xs": list(range(MAX_ITEMS))})
    assert len(story.run.open) == 10
    for number in range(3):
        story.answer(f"post[{number}]")
    story.fail("post[4]", Rejected("no"))
    views = views_of(story.run)
    assert len(views) == 14, "the foreach, and the entries that have begun"
    assert (views[0].id, views[0].kind, views[0].state, views[0].waits_for) == (
        "each",
        "foreach",
        StepState.RUNNING,
        "4 of 10000 done, 1 failed",
    )
    assert views[1].within == "each"
    assert "post[4]" in {view.id for view in views}, "failed entries are worth a line"
    assert view_of(story.run, "post[12]").state is StepState.ASKED


def test_only_steps_that_stand_in_a_foreach_are_called_by_their_entry() -> None:
    story = Story(definition(step("a", needs=()), each(step("post"))), inputs={"xs": [1]})
    for name in ("post", "a[0]", "post[0][0]", "nothing[1]"):
        with pytest.raises(NotFound, match="no step"):
            story.run.place(name)
    assert story.run.place("post[3]").id == "post"


def test_the_branches_of_a_parallel_run_side_by_side_each_in_its_own_order() -> None:
    branches = {"left": (step("l1"), step("l2")), "right": (step("r1"),)}
    story = Story(definition(Step(id="both", does=Parallel(branches=branches)), step("next")))
    assert story.first == ["l1", "r1"]
    assert story.answer("r1", "R") == []
    assert story.answer("l1") == ["l2"]
    assert story.answer("l2", "L") == ["next"]
    assert story.run.progress("both").output == {"left": "L", "right": "R"}


def test_a_failed_branch_fails_the_parallel_once_the_others_are_done() -> None:
    story = Story(
        definition(Step(id="both", does=Parallel(branches={"left": (step("l"),), "right": (step("r1"), step("r2"))})), step("next"))
    )
    story.fail("l", Rejected("no"))
    assert story.answer("r1") == ["r2"]
    story.answer("r2", "R")
    assert story.run.error == "both: l: no"
    assert story.run.progress("both").output == {"left": None, "right": "R"}
    assert story.state("next") is StepState.PENDING


def test_a_switch_runs_the_first_case_that_holds_else_otherwise() -> None:
    cases = (Case(when="inputs.n > 10", steps=(step("big"),)), Case(when="inputs.n > 5", steps=(step("middling"),)))
    which = Step(id="which", does=Switch(cases=cases, otherwise=(step("small"),)))
    for n, asked, case in ((20, "big", 0), (7, "middling", 1), (1, "small", -1)):
        story = Story(definition(which), inputs={"n": n})
        assert story.first == [asked]
        story.answer(asked, "out")
        assert story.run.progress("which").output == {"case": case, "output": "out"}
        assert [view.id for view in views_of(story.run)] == ["which", asked]


def test_a_switch_without_a_case_that_holds_is_nothing_to_do_and_one_that_cannot_be_read_fails() -> None:
    which = Step(id="which", does=Switch(cases=(Case(when="inputs.n > 10", steps=(step("big"),)),)))
    story = Story(definition(which), inputs={"n": 1})
    assert story.run.progress("which").output == {"case": -1, "output": None}
    assert Story(definition(which), inputs={"n": "many"}).run.state is RunState.FAILED


def test_values_are_worked_out_at_once_and_can_be_read() -> None:
    values = Step(id="v", does=SetValues(values={"total": "{{inputs.a + inputs.b}}", "fixed": [1]}))
    story = Story(definition(values, step("use", arguments={"n": "{{steps.v.total}}"})), inputs={"a": 1, "b": 2})
    assert story.asks["use"].arguments == {"n": 3}
    assert all(fact.step != "v" for fact in story.facts), "what asks nobody is not written down"


def test_a_wait_goes_on_by_itself_when_its_time_has_come() -> None:
    story = Story(definition(Step(id="nap", does=Wait(seconds=600)), step("next")))
    assert story.last.wake_at == NOON + timedelta(minutes=10)
    assert (state_of(story.run), record_of(story.run).wake_at) == (RunState.WAITING, NOON + timedelta(minutes=10))
    assert view_of(story.run, "nap").until == NOON + timedelta(minutes=10)
    assert story.later(599) == []
    assert story.later(1) == ["next"]
    assert story.run.progress("nap").output == {"timed_out": False, "event": None}


@pytest.mark.parametrize(
    ("until", "seconds"),
    [("2026-11-23T13:00:00+00:00", 3600), ("{{inputs.at}}", 7200), ("2026-11-23T13:00:00+01:00", 0), ("2020-01-01", 0)],
)
def test_a_wait_until_a_moment_ends_then(until: str, seconds: int) -> None:
    story = Story(definition(Step(id="nap", does=Wait(until=until)), step("next")), inputs={"at": "2026-11-23T14:00:00Z"})
    if seconds:
        assert story.first == []
        assert story.later(seconds) == ["next"]
    else:
        assert story.first == ["next"]


def test_a_wait_for_no_moment_fails_in_words() -> None:
    story = Story(definition(Step(id="nap", does=Wait(until="{{inputs.at}}"))), inputs={"at": "soon"})
    assert "“soon” is no moment" in story.run.error


def test_a_wait_for_an_event_takes_the_one_that_fits_and_no_other() -> None:
    wait = Wait(event="github.push", where="incoming.ref == inputs.ref", timeout=60)
    story = Story(definition(Step(id="push", does=wait), step("next", arguments={"by": "{{steps.push.event.by}}"})), inputs={"ref": "main"})
    waiting = story.facts[-1]
    assert (waiting.kind, waiting.data) == (FactKind.WAITING, {"until": (NOON + timedelta(seconds=60)).isoformat(), "event": "github.push"})
    for event, data in (
        ("github.merge", {"ref": "main"}),
        ("github.push", {"ref": "dev"}),
        ("github.push", {}),
        ("github.push", {"ref": 3}),
    ):
        assert outcomes.happened(story.run, NOON, "push", event, data) == ()
    story.asked(outcomes.happened(story.run, NOON, "push", "github.push", {"ref": "main", "by": "Ada"}))
    assert story.asks["next"].arguments == {"by": "Ada"}
    assert outcomes.happened(story.run, NOON, "push", "github.push", {"ref": "main"}) == ()


def test_an_event_that_does_not_come_in_time_fails_the_wait_or_lets_it_go_on() -> None:
    story = Story(definition(Step(id="push", does=Wait(event="github.push", timeout=60))))
    story.later(60)
    assert story.run.error == "push: github.push did not happen within 1 minute."
    story = Story(definition(Step(id="push", does=Wait(event="github.push", timeout=60, on_timeout=OnError.CONTINUE)), step("next")))
    assert story.later(60) == ["next"]
    assert story.run.progress("push").output == {"timed_out": True, "event": None}


def test_a_sub_run_is_waited_for_and_fails_its_step_when_it_fails() -> None:
    sub = Step(id="sub", does=SubRun(workflow="Deploy", inputs={"v": "{{inputs.v}}"}), on_error=OnError.CONTINUE)
    story = Story(definition(sub, step("next", arguments={"state": "{{steps.sub.output.state}}"})), inputs={"v": 3})
    ask = story.asks["sub"]
    assert (ask.action, ask.arguments) == ("signalbox.run_workflow", {"workflow": "Deploy", "inputs": {"v": 3}, "wait": True})
    story.asked(outcomes.taken(story.run, NOON, "sub"))
    output = {"run": "run_2", "state": "failed", "error": "a: no", "outputs": {}}
    assert story.asked(outcomes.late_answer(story.run, NOON, "sub", output, "run_2")) == ["next"]
    assert story.run.progress("sub").error == "“Deploy” (run_2) failed: a: no"
    assert story.asks["next"].arguments == {"state": "failed"}


def test_a_retried_sub_run_is_another_run() -> None:
    story = Story(definition(Step(id="sub", does=SubRun(workflow="Deploy"))))
    story.asked(outcomes.taken(story.run, NOON, "sub"))
    story.asked(outcomes.late_answer(story.run, NOON, "sub", {"run": "run_2", "state": "cancelled"}, "run_2"))
    story.asked(outcomes.retried(story.run, NOON, "Ada"))
    assert story.asks["sub"].key == "run_1:sub:2"


def test_a_retry_asks_only_the_failed_entries_again_and_those_that_never_began() -> None:
    story = Story(definition(each(step("make"), step("link"), concurrency=1), step("next")), inputs={"xs": [1, 2, 3]})
    story.answer("make[0]")
    story.answer("link[0]", "A")
    story.answer("make[1]")
    story.fail("link[1]", Rejected("no"))
    assert story.run.state is RunState.FAILED
    assert story.asked(outcomes.retried(story.run, NOON, "Ada")) == ["link[1]"]
    assert story.asks["link[1]"].key == "run_1:link[1]"
    assert story.answer("link[1]", "B") == ["make[2]"]
    story.answer("make[2]")
    assert story.answer("link[2]", "C") == ["next"]
    assert story.run.progress("each").output["items"] == ["A", "B", "C"]


def test_a_failed_entry_that_is_passed_over_lets_its_entry_and_the_foreach_go_on() -> None:
    story = Story(definition(each(step("make"), step("link")), step("next")), inputs={"xs": [1, 2]})
    story.fail("make[0]", Rejected("no"))
    assert story.asked(outcomes.skipped(story.run, NOON, "make[0]", "Ada")) == ["link[0]"]
    story.answer("link[0]")
    story.answer("make[1]")
    assert story.answer("link[1]") == ["next"]
    assert story.run.progress("each").output["failed"] == []


def test_a_failed_entry_whose_foreach_has_come_to_its_end_is_not_passed_over() -> None:
    story = Story(definition(each(step("post"), on_failure=ItemFailure.TOLERATE), step("next")), inputs={"xs": [1]})
    story.fail("post[0]", Rejected("no"))
    with pytest.raises(Conflict, match="come to its end"):
        story.asked(outcomes.skipped(story.run, NOON, "post[0]", "Ada"))


def test_conditions_within_an_entry_are_its_own() -> None:
    story = Story(definition(each(step("odd", when="item % 2 == 1"), step("all"))), inputs={"xs": [1, 2]})
    assert sorted(story.first) == ["all[1]", "odd[0]"]
    assert story.state("odd[1]") is StepState.SKIPPED


def test_an_entry_is_retried_by_itself_while_the_others_go_on() -> None:
    story = Story(definition(each(step("post", retries=1))), inputs={"xs": [1, 2]})
    story.fail("post[0]", Transient("busy"))
    story.answer("post[1]")
    assert story.later(1) == ["post[0]"]
    story.answer("post[0]")
    assert story.run.state is RunState.SUCCEEDED


def test_a_failed_entry_gives_nothing_even_where_its_last_step_succeeded() -> None:
    story = Story(definition(each(step("a", needs=()), step("b", needs=()), on_failure=ItemFailure.TOLERATE)), inputs={"xs": [1]})
    story.fail("a[0]", Rejected("no"))
    story.answer("b[0]", "fine")
    assert story.run.progress("each").output["items"] == [None]


def test_steps_of_an_inner_foreach_see_what_was_done_in_the_entry_around_them() -> None:
    inner = each(step("post", arguments={"to": "{{steps.find.place}}"}), items="inputs.ys", id="inner")
    story = Story(definition(each(step("find"), inner)), inputs={"xs": [1, 2], "ys": [1]})
    story.answer("find[1]", {"place": "second"})
    story.answer("find[0]", {"place": "first"})
    assert [story.asks[f"post[{n}][0]"].arguments["to"] for n in (0, 1)] == ["first", "second"]


def test_entries_are_json_whatever_the_expression_gave() -> None:
    story = Story(definition(each(step("post", arguments={"at": "{{item}}"}), items="[timestamp('2026-11-23T12:00:00Z')]")))
    assert "2026-11-23" in str(story.asks["post[0]"].arguments["at"])
    assert isinstance(story.run.loops["each"].items[0], str)
