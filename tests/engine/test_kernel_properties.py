"""Whatever the graph, the outcomes and the crashes: what must hold of every run."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Rejected, Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.definition import Definition
from engine.workflow.fold import fold
from engine.workflow.kernel import apply, begin, plan, replay
from engine.workflow.outline import Part, outline_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from tests.engine.runtime.world import CATALOGUE, NOON, definition, step

RECORD = RunRecord(id="run_1", workflow="wf_1", version=1, name="Test", state=RunState.RUNNING, started_at=NOON, by="web:ada")
SETTLED = (StepState.SUCCEEDED, StepState.SKIPPED)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    count = draw(st.integers(1, 7))
    steps = []
    for number in range(count):
        earlier = [f"s{other}" for other in range(number)]
        needs = draw(st.one_of(st.none(), st.lists(st.sampled_from(earlier), unique=True, max_size=3) if earlier else st.just([])))
        steps.append(
            step(
                f"s{number}",
                draw(st.sampled_from(["a.do", "safe.do", "a.look"])),
                needs=None if needs is None else tuple(needs),
                when=draw(st.sampled_from(["", "", "true", "false"])),
                retries=draw(st.integers(0, 2)),
            )
        )
    fallback = {"safe": "spare"} if draw(st.booleans()) else {}
    return definition(*steps, fallback=fallback, on_failure=(step("tell"),) if draw(st.booleans()) else ())


class Play:
    """Drives a run to its end with drawn outcomes, crashing now and then, and keeps what it saw."""

    def __init__(self, of: Definition, data: st.DataObject) -> None:
        self.outline = outline_of(of, CATALOGUE)
        self.data = data
        self.now = NOON
        self.facts: list[Fact] = []
        self.crashes = self.turns = 0
        self.run = begin(self.outline, RECORD)
        self.take(outcomes.started(self.run, NOON, event={}, inputs={}))

    def take(self, facts: tuple[Fact, ...]) -> None:
        planned = plan(fold(self.run, facts), self.now)
        self.facts += [*facts, *planned.facts]
        self.run = planned.run

    def turn(self) -> None:
        self.turns += 1
        if self.crashes < 5 and self.data.draw(st.integers(0, 9)) == 9:
            self.crashes += 1
            self.run = replay(self.outline, RECORD, self.facts)
            self.take(outcomes.lost(self.run, self.now))
            return
        step_id = self.data.draw(st.sampled_from(sorted(self.run.open)))
        match self.run.open[step_id]:
            case StepState.ASKED:
                self.take(self.outcome(step_id))
            case StepState.IN_DOUBT:
                happened = self.data.draw(st.booleans())
                self.take(outcomes.decided(self.run, self.now, step_id, happened=happened, output=None, by="Ada"))
            case StepState.WAITING:
                self.take(outcomes.late_answer(self.run, self.now, step_id, "late", "Ada"))
            case _:
                self.now += timedelta(seconds=10)
                self.take(())

    def outcome(self, step_id: str) -> tuple[Fact, ...]:
        kind = self.data.draw(st.sampled_from(["ok", "ok", "no", "later", "busy", "lost"])) if self.turns < 150 else "ok"
        if kind == "ok":
            return outcomes.answered(self.run, self.now, step_id, {"by": step_id})
        if kind == "later":
            return outcomes.taken(self.run, self.now, step_id)
        error = {"no": Rejected("no"), "busy": Transient("busy"), "lost": Unanswered("lost")}[kind]
        return outcomes.failed(self.run, self.now, step_id, error, lambda rule, tries, wanted: float(tries))


@given(definitions(), st.data())
@settings(max_examples=120, deadline=None)
def test_every_run_ends_and_keeps_its_promises(of: Definition, data: st.DataObject) -> None:
    play = Play(of, data)
    for _ in range(400):
        if play.run.over:
            break
        play.turn()
    assert play.run.over, "a run must end once everything is answered"
    check_order(play)
    check_repeats(play)
    check_end(play)
    check_replay(play)


def check_order(play: Play) -> None:
    """Nothing is asked before everything it needs has succeeded or was skipped."""
    run = begin(play.outline, RECORD)
    for fact in play.facts:
        if fact.kind is FactKind.ASKED:
            needs = play.outline.places[fact.step].needs
            assert all(run.progress(other).state in SETTLED for other in needs)
        run = apply(run, fact)


def check_repeats(play: Play) -> None:
    """An answered step is never asked again; an unrepeatable one only after a sure failure or a human's word; keys never change."""
    last: dict[str, Fact] = {}
    keys: dict[tuple[str, str], str] = {}
    for fact in play.facts:
        if fact.kind is FactKind.ASKED:
            before = last.get(fact.step)
            assert before is None or before.kind in (FactKind.REFUSED, FactKind.DECIDED)
            action = str(fact.data.get("action") or play.outline.places[fact.step].step.action)
            if before is not None and before.data.get("lost"):
                assert play.outline.repeatable(fact.step, action)
            assert keys.setdefault((fact.step, action), fact.key) == fact.key
        if fact.step:
            last[fact.step] = fact


def check_end(play: Play) -> None:
    states = {name: play.run.progress(name).state for name in play.outline.order}
    broken = [name for name in play.outline.main.places if states[name] is StepState.FAILED]
    assert (play.run.state is RunState.FAILED) == bool(broken)
    if not broken:
        assert all(state in SETTLED for name, state in states.items() if play.outline.places[name].part is Part.MAIN)
    for name in broken:
        for dependent in play.outline.places[name].dependents:
            assert states[dependent] is StepState.PENDING


def check_replay(play: Play) -> None:
    """Facts are the run: replayed at any length they give the same value, and their numbers have no gap."""
    assert [fact.seq for fact in play.facts] == list(range(1, len(play.facts) + 1))
    assert replay(play.outline, RECORD, play.facts) == play.run
