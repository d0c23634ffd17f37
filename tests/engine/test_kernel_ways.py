"""Which of several services does a step: chosen once, written down, and never chosen again by a replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce

from engine.errors import Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.asking import account_of
from engine.workflow.definition import Definition, Step
from engine.workflow.kernel import apply, plan, replay
from engine.workflow.run import FactKind, RunState, StepState
from engine.workflow.wayfinding import Router, Taken, Wish, own_way
from tests.engine.runtime.world import definition, step
from tests.engine.test_kernel import Story

DOWN = "Spare instead of Safe: Safe's breaker has been open since 9:05."


def first_fit(*broken: str) -> Router:
    """As the house's own: of the ways that are fit the first, in their order."""

    def router(wish: Wish) -> Taken:
        fit = [way for way in wish.ways if way.service not in {*broken, *wish.tried}] or [
            way for way in wish.ways if way.service not in broken
        ]
        best = min(fit or list(wish.ways), key=lambda way: (way.order, way.action != wish.ways[0].action and way.service != wish.stick_to))
        return Taken(best, DOWN if best != wish.ways[0] and wish.ways[0].service in broken else "")

    return router


class Routed(Story):
    """A story whose router can be changed as it goes on."""

    router: Router = staticmethod(own_way)

    def __init__(self, of: Definition, *broken: str) -> None:
        self.break_(*broken)
        super().__init__(of)

    def break_(self, *broken: str) -> None:
        self.router = first_fit(*broken)

    def _take(self, facts):  # type: ignore[no-untyped-def]
        self.run = reduce(apply, facts, self.run)
        planned = plan(self.run, self.now, None, self.router)
        self.run = planned.run
        self.facts += [*facts, *planned.facts]
        self.asks |= {ask.step: ask for ask in planned.asks}
        self.last = planned
        return planned

    def fail(self, name, error):  # type: ignore[no-untyped-def]
        return self.asked(outcomes.failed(self.run, self.now, name, error, lambda rule, tries, wanted: wanted or float(tries), self.router))


def card(id: str = "a", **arguments: object) -> Step:
    return step(id, "safe.do", arguments=arguments or {"title": "Disk full"})


def test_while_its_own_service_is_well_a_step_goes_its_own_way() -> None:
    story = Routed(definition(card(), fallback={"safe": "spare"}))
    assert (story.asks["a"].action, story.run.progress("a").because) == ("safe.do", "")


def test_a_service_that_is_down_is_not_even_asked_and_the_fact_says_why() -> None:
    story = Routed(definition(card(), fallback={"safe": "spare"}), "safe")
    ask = story.asks["a"]
    assert (ask.action, ask.arguments, ask.key, ask.attempt) == ("spare.do", {"titel": "Disk full"}, "run_1:a:spare", 1)
    asked = next(fact for fact in story.facts if fact.kind is FactKind.ASKED)
    assert (asked.data["action"], asked.data["because"]) == ("spare.do", DOWN)
    story.answer("a")
    assert (story.run.state, story.run.progress("a").because) == (RunState.SUCCEEDED, DOWN)


def test_a_replay_goes_the_way_that_was_gone_whatever_the_router_would_say_now() -> None:
    story = Routed(definition(card(), fallback={"safe": "spare"}), "safe")
    again = replay(story.outline, story.record, story.facts)
    assert (again.progress("a").action, again.progress("a").because) == ("spare.do", DOWN)


def test_what_only_stands_in_is_asked_when_the_retries_are_used_up() -> None:
    story = Routed(definition(card(), retries=1, fallback={"safe": "spare"}))
    assert story.fail("a", Transient("hiccup")) == []
    assert story.run.progress("a").action == "safe.do"
    story.later(1)
    story.fail("a", Transient("hiccup"))
    assert story.asks["a"].action == "spare.do"


def test_it_is_asked_at_once_when_the_failure_showed_that_the_service_is_down() -> None:
    story = Routed(definition(card(), retries=3, fallback={"safe": "spare"}))
    story.break_("safe")
    assert story.fail("a", Transient("refused")) == ["a"]
    assert (story.asks["a"].action, story.run.progress("a").because) == ("spare.do", DOWN)


def test_of_services_that_are_as_good_the_other_one_is_asked_at_once() -> None:
    story = Routed(definition(card(), retries=3, among={"safe": {"spare": 1.0}}))
    assert story.asks["a"].action == "safe.do"
    assert story.fail("a", Transient("hiccup")) == ["a"]
    assert story.asks["a"].action == "spare.do"


def test_what_may_have_been_done_is_never_done_elsewhere() -> None:
    story = Routed(definition(card(), retries=3, among={"safe": {"spare": 1.0}}))
    story.break_("safe")
    assert story.fail("a", Unanswered("lost")) == []
    story.later(1)
    assert (story.asks["a"].action, story.asks["a"].key) == ("safe.do", "run_1:a")


def test_it_does_not_go_to_and_fro_without_end() -> None:
    story = Routed(definition(card(), retries=2, among={"safe": {"spare": 1.0}}))
    for _ in range(20):
        if story.run.over:
            break
        if story.state("a") is StepState.ASKED:
            story.fail("a", Transient("down"))
        story.later(60)
    assert story.run.state is RunState.FAILED
    assert story.run.progress("a").attempt <= 2 + 2 + 3


def test_what_speaks_of_a_thing_that_was_made_elsewhere_follows_it_there() -> None:
    follow = card("b", title="{{steps.a.output.id}}")
    story = Routed(definition(card(), follow, fallback={"safe": "spare"}), "safe")
    story.break_()
    story.answer("a", {"id": "S-1"})
    assert (story.asks["b"].action, story.asks["b"].arguments) == ("spare.do", {"titel": "S-1"})
    assert "made is there" in story.run.progress("b").because


def test_what_cannot_follow_is_refused_with_what_to_do() -> None:
    first = step("a", "a.do", fallback=None, arguments={})
    made = step("b", "safe.do", arguments={"title": "x"})
    speaks = step("c", "safe.do", arguments={"title": "{{steps.b.output.id}}"})
    story = Routed(definition(first, made, speaks, fallback={"safe": "spare"}), "safe")
    story.answer("a")
    story.answer("b", {"id": "S-1"})
    assert story.asks["c"].action == "spare.do", "it has an equivalent there"
    alone = Routed(definition(made, speaks, fallback={"safe": "spare"}), "safe")
    places = {**alone.outline.places, "c": replace(alone.outline.places["c"], ways=(), stand_ins=(), stand_in=None)}
    alone.run = replay(replace(alone.outline, places=places), alone.record, alone.facts)
    alone.answer("b", {"id": "S-1"})
    assert alone.run.state is RunState.FAILED
    assert "speaks of what “b” made in" in alone.run.progress("c").error


def test_a_run_with_patience_waits_for_its_service_and_loses_no_attempt() -> None:
    story = Routed(definition(card(), retries=0, patience=600.0))
    assert story.fail("a", Transient("down")) == []
    assert (story.run.state, story.run.progress("a").tries) == (RunState.RUNNING, 0)
    assert story.later(60) == ["a"]
    story.answer("a")
    assert story.run.state is RunState.SUCCEEDED


def test_patience_ends() -> None:
    story = Routed(definition(card(), retries=0, patience=600.0))
    for _ in range(200):
        if story.run.over:
            break
        if story.state("a") is StepState.ASKED:
            story.fail("a", Transient("down"))
        story.later(30)
    assert story.run.state is RunState.FAILED
    assert timedelta(seconds=600) <= story.now - story.facts[0].at < timedelta(seconds=700)


def test_a_write_that_may_have_been_done_stays_where_it_was_even_when_a_later_try_surely_failed() -> None:
    story = Routed(definition(card(), retries=3, among={"safe": {"spare": 1.0}}))
    story.fail("a", Unanswered("lost"))
    story.later(1)
    assert story.fail("a", Transient("down")) == []
    story.later(2)
    assert story.asks["a"].action == "safe.do"
    again = replay(story.outline, story.record, story.facts)
    assert again.progress("a").unsure


def test_what_is_no_stand_in_any_more_is_not_asked_twice_and_has_nobodys_account() -> None:
    story = Routed(definition(card(), fallback={"safe": "spare"}), "safe")
    place = replace(story.outline.places["a"], ways=(), stand_ins=(), stand_in=None)
    later = replace(story.outline, places={**story.outline.places, "a": place})
    run = replay(later, story.record, story.facts)
    (lost,) = outcomes.lost(run, story.now)
    assert lost.kind is FactKind.IN_DOUBT
    assert account_of(replace(place, step=replace(place.step, account="work")), "spare.do") == ""
