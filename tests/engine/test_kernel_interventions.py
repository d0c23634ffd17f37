"""People who meddle: whatever is paused, skipped, retried, voted, cancelled or expires, and when, a run keeps its promises."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.errors import Conflict
from engine.workflow import outcomes
from engine.workflow.definition import Definition
from engine.workflow.fold import fold
from engine.workflow.kernel import apply, begin, record_of, replay, views_of
from engine.workflow.outline import Part
from engine.workflow.progress import state_of
from engine.workflow.run import Fact, FactKind, RunState, StepState
from tests.engine.runtime.world import definition
from tests.engine.test_kernel_reference import INPUTS, RECORD, Play, check_prefixes, check_tables, definitions

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
SKIPPABLE = (StepState.RETRYING, StepState.WAITING, StepState.IN_DOUBT, StepState.FAILED)


class Meddling(Play):
    """A play in which somebody says something now and then; what is refused must be refused with a sentence, and change nothing."""

    said = 0
    retries = 0
    refusals: list[str]

    def __init__(self, of: Definition, data: st.DataObject) -> None:
        self.refusals = []
        super().__init__(of, data)

    def meddle(self) -> None:
        self.said += 1
        what = self.data.draw(st.sampled_from(("pause", "resume", "skip", "skip", "cancel", "drop")), label="meddle")
        try:
            self.take(self.words(what))
        except Conflict as error:
            self.refusals.append(str(error))

    def words(self, what: str) -> tuple[Fact, ...]:
        if what == "pause":
            return outcomes.paused(self.run, self.now, "Ada")
        if what == "resume":
            return outcomes.resumed(self.run, self.now, "Ada")
        if what == "skip":
            steps = sorted(step for step, progress in self.run.steps.items() if progress.state in SKIPPABLE)
            if not steps:
                return ()
            facts = outcomes.skipped(self.run, self.now, self.data.draw(st.sampled_from(steps)), "Ada")
            fold(self.run, facts)  # raises Conflict where the run has gone on without it
            return facts
        return outcomes.cancelled(self.run, self.now, "Ada", compensate=what == "cancel")

    def to_the_end(self) -> None:
        for _ in range(2_000):
            if self.run.over and not self.again():
                return
            if self.run.over:
                continue
            if self.said < 5 and self.data.draw(st.integers(0, 9), label="say") == 9:
                self.meddle()
            elif self.run.paused and not self.run.open:
                self.take(outcomes.resumed(self.run, self.now, "Ada"))
            elif self.run.open:
                self.turn()
        raise AssertionError("a run must end once everything is answered")

    def turn(self) -> None:
        going = [step for step, state in self.run.open.items() if state is not StepState.RETRYING and not self.run.progress(step).until]
        if self.run.paused and not going:
            self.take(outcomes.resumed(self.run, self.now, "Ada"))
        else:
            super().turn()

    def again(self) -> bool:
        if self.run.state is not RunState.FAILED or self.retries >= 3:
            return False
        self.retries += 1
        inputs: Any = self.data.draw(st.sampled_from((None, {**INPUTS, "nothing": 1, "text": "other"})), label="inputs")
        failed = sorted(
            step for step, progress in self.run.steps.items()
            if progress.state is StepState.FAILED and self.run.place(step).part is Part.MAIN and self.run.place(step).step.action
        )  # fmt: skip
        arguments = {self.data.draw(st.sampled_from(failed)): {"title": "by hand"}} if failed and self.data.draw(st.booleans()) else None
        self.take(outcomes.retried(self.run, self.now, "Ada", actor="web:ada", inputs=inputs, arguments=arguments))
        return True


@given(definitions(), st.data())
@settings(max_examples=80, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_whoever_meddles_a_run_ends_and_keeps_its_promises(of: Definition, data: st.DataObject) -> None:
    deadline = data.draw(st.sampled_from((None, None, 45.0)), label="deadline")
    of = definition(*of.steps, on_failure=of.options.on_failure, finally_=of.options.finally_, deadline=deadline)
    play = Meddling(of, data)
    play.to_the_end()
    check_prefixes(play)
    check_tables(play)
    check_pauses(play)
    check_answers(play)
    check_parts(play)
    assert all(play.refusals), "what is refused is refused in words"
    assert state_of(play.run) is record_of(play.run).state
    assert len({view.id for view in views_of(play.run, items=100)}) == len(views_of(play.run, items=100))


def check_pauses(play: Play) -> None:
    """Nothing is asked, or happens by itself, between a pause and what ends it."""
    paused = False
    for fact in play.facts:
        if fact.kind is FactKind.PAUSED:
            paused = True
        elif fact.kind in (FactKind.RESUMED, FactKind.CANCELLED):
            paused = False
        assert not (paused and fact.kind in (FactKind.ASKED, FactKind.EXPIRED, FactKind.REMINDED, FactKind.FINISHED))


def check_answers(play: Play) -> None:
    """What has succeeded is asked again only if it was undone, or was a yes to something else; an ask under a known key says the same."""
    done: set[str] = set()
    said: dict[str, Any] = {}
    for fact in play.facts:
        place = play.outline.places[fact.step.partition("[")[0]] if fact.step else None
        if fact.kind is FactKind.RETRIED:
            done = {step for step in done if play.outline.places[step.partition("[")[0]].part is Part.MAIN}
        if place is None:
            continue
        if fact.kind is FactKind.ASKED:
            assert fact.step not in done or place.kind == "approve"
            assert said.setdefault(fact.key, fact.data["arguments"]) == fact.data["arguments"]
            done.discard(fact.step)
        if fact.kind is FactKind.ANSWERED or fact.data.get("happened"):
            done.add(fact.step)
            if place.undoes:
                undone = fact.step.replace(".undo", "")
                done.discard(undone)
                done -= {step for step in done if inside(play, step, place.undoes)}


def inside(play: Play, step: str, construct: str) -> bool:
    """Whether ``step`` stands in ``construct``, which is done again as a whole once it was undone."""
    place = play.outline.places[step.partition("[")[0]]
    while place.block and play.outline.blocks[place.block].parent:
        place = play.outline.places[play.outline.blocks[place.block].parent]
        if place.id == construct:
            return True
    return False


def check_parts(play: Play) -> None:
    """The parts come in their order; no main step is asked behind its part; of one failed on its own nothing is left in flight."""
    run = begin(play.outline, RECORD)
    for fact in play.facts:
        if fact.kind is FactKind.ASKED:
            assert run.place(fact.step).part is run.fate.part
        before = run
        run = apply(run, fact)
        assert fact.kind is FactKind.RETRIED or run.fate.part >= before.fate.part
    assert replay(play.outline, RECORD, play.facts) == play.run
    finished = Counter(fact.kind for fact in play.facts)
    assert finished[FactKind.FINISHED] == finished[FactKind.RETRIED] + 1
