"""The kernel comes to what a tiny reference interpreter comes to: whatever the definition, the answers, their order and the crashes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.workflow import outcomes
from engine.workflow.definition import (
    Approve,
    AskModel,
    Case,
    Definition,
    ForEach,
    ItemFailure,
    OnError,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Substitute,
    Switch,
    Wait,
)
from engine.workflow.fold import fold
from engine.workflow.kernel import Plan, apply, begin, plan, replay
from engine.workflow.outline import outline_of, split
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from engine.workflow.transitions import RUN_MOVES, STEP_MOVES
from tests.engine.reference import Reference, World
from tests.engine.runtime.world import CATALOGUE, NOON, definition

RECORD = RunRecord(id="run_1", workflow="wf_1", version=1, name="Test", state=RunState.RUNNING, started_at=NOON, by="web:ada")
INPUTS = {"none": [], "xs": [1, 2], "ys": [{"n": 1}, {"n": 2}, {"n": 3}], "yes": True, "no": False, "text": "abc"}
ACTIONS = ("a.do", "safe.do", "a.look")
OPEN_ENDED = ("foreach", "parallel", "switch")


# --- definitions ----------------------------------------------------------------------------------------------------------


class Maker:
    """Draws lists of steps, each with ids of its own; at most so many steps and so deep."""

    def __init__(self, draw: st.DrawFn, most: int = 12) -> None:
        self.draw, self.left, self.count = draw, most, 0
        self.noes = (OnError.CONTINUE, OnError.CONTINUE, OnError.FAIL)

    def steps(self, depth: int, names: tuple[str, ...], *, least: int = 1, undo: bool = True) -> tuple[Step, ...]:
        made: list[Step] = []
        for _ in range(self.draw(st.integers(least, 3 if depth else 5))):
            if self.left > 0:
                made.append(self.step(depth, names, [step.id for step in made], undo=undo))
        return tuple(made)

    def step(self, depth: int, names: tuple[str, ...], earlier: list[str], *, undo: bool) -> Step:
        self.left -= 1
        self.count += 1
        id, draw = f"s{self.count}", self.draw
        kind = draw(
            st.sampled_from(
                ("action",) * 6 + ("set", "wait", "approve", "run_workflow", "ask_model") + (OPEN_ENDED * 2 if depth < 2 else ())
            )
        )
        needs = draw(
            st.one_of(st.none(), st.lists(st.sampled_from(earlier), unique=True, max_size=4).map(tuple) if earlier else st.just(()))
        )
        before = earlier[-1:] if needs is None else list(needs)  # what is surely over by then
        common: dict[str, Any] = {
            "id": id,
            "needs": needs,
            "when": draw(st.sampled_from(("", "", "", "inputs.yes", "inputs.no", *self.readings(before, names)))),
            "on_error": draw(st.sampled_from((OnError.FAIL, OnError.FAIL, OnError.CONTINUE))),
            "retries": draw(st.integers(0, 2)),
        }  # fmt: skip
        if undo and draw(st.integers(0, 3)) == 0:
            common["compensate"] = Substitute(action=draw(st.sampled_from(("a.do", "safe.do"))))
        if kind == "action":
            return Step(**common, **self.action(before, names))
        return Step(**common, does=self.does(kind, depth, names, undo=undo))

    def readings(self, before: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
        read = tuple(f"steps.{id}.state == 'succeeded'" for id in before)
        return (*read, *(("index > 0",) if names else ()), "inputs.text > 3")

    def action(self, before: list[str], names: tuple[str, ...]) -> dict[str, Any]:
        draw = self.draw
        templates = (
            "fixed",
            "{{inputs.text}}",
            "{{inputs.nothing}}",
            *(f"{{{{steps.{id}.output.by}}}}" for id in before),
            *(("{{item}}",) if names else ()),
        )
        more: dict[str, Any] = {
            "action": draw(st.sampled_from(ACTIONS)),
            "arguments": {"title": draw(st.sampled_from(("fixed", *templates)))},
        }
        if draw(st.integers(0, 4)) == 0:
            more["fallback"] = Substitute(action="spare.do", arguments={"titel": "instead"})
        return more

    def does(self, kind: str, depth: int, names: tuple[str, ...], *, undo: bool) -> Any:
        draw = self.draw
        match kind:
            case "set":
                return SetValues(values={"a": draw(st.sampled_from(("{{inputs.text}}", "{{inputs.nothing}}", "x")))})
            case "wait":
                return draw(
                    st.sampled_from(
                        (
                            Wait(seconds=30),
                            Wait(event="a.happened"),
                            Wait(event="a.happened", where="incoming.n == 1", timeout=60),
                            Wait(event="a.happened", timeout=60, on_timeout=OnError.CONTINUE),
                        )
                    )
                )
            case "approve":
                return Approve(quorum=draw(st.integers(1, 2)), on_no=draw(st.sampled_from(self.noes)))
            case "run_workflow":
                return SubRun(workflow="Other", inputs={"x": "{{inputs.text}}"})
            case "ask_model":
                return AskModel(prompt="Say {{inputs.text}}", schema={"type": "object"})
            case "foreach":
                # With entries side by side, which of them a stop keeps from beginning depends on the order of answers.
                policy = draw(st.sampled_from(tuple(ItemFailure)))
                return ForEach(
                    items=draw(st.sampled_from(("inputs.xs", "inputs.ys", "inputs.none", "inputs.text"))),
                    steps=self.steps(depth + 1, ("item", "index"), undo=undo),
                    concurrency=1 if policy is ItemFailure.STOP else draw(st.integers(1, 3)),
                    on_failure=policy,
                )
            case "parallel":
                return Parallel(branches={name: self.steps(depth + 1, names, least=0, undo=undo) for name in ("left", "right")})
            case _:
                cases = (
                    Case(when="inputs.no", steps=self.steps(depth + 1, names, undo=undo)),
                    Case(when=draw(st.sampled_from(("inputs.yes", "inputs.no"))), steps=self.steps(depth + 1, names, undo=undo)),
                )
                return Switch(cases=cases, otherwise=self.steps(depth + 1, names, least=0, undo=undo))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    maker = Maker(draw)
    main = maker.steps(0, ())
    maker.left, maker.noes = 4, (OnError.CONTINUE,)  # a no in a later part is a failure there, not the end of the run
    after = maker.steps(1, (), least=0, undo=False) if draw(st.booleans()) else ()
    maker.left = 4
    tidy = maker.steps(1, (), least=0, undo=False) if draw(st.booleans()) else ()
    return definition(*main, on_failure=after, finally_=tidy)


# --- a run of them --------------------------------------------------------------------------------------------------------


class Play:
    """Drives a run to its end with drawn answers in drawn order, crashing now and then, and keeps what it saw."""

    def __init__(self, of: Definition, data: st.DataObject) -> None:
        self.outline, self.data = outline_of(of, CATALOGUE), data
        self.now, self.crashes = NOON, 0
        self.facts: list[Fact] = []
        self.seen: list[tuple[int, Run]] = []
        self.drawn: dict[tuple[str, str, int], Any] = {}
        self.heard: Counter[str] = Counter()
        self.torn: Counter[str] = Counter()  # asks a crash left without an answer
        self.world = World(self.outcome, lambda step, n: self.draw("happened", step, n, (True, False)), self.votes, self.comes)
        self.run = begin(self.outline, RECORD)
        self.take(outcomes.started(self.run, NOON, event={}, inputs=INPUTS))

    def draw(self, what: str, step: str, number: int, values: tuple[Any, ...]) -> Any:
        key = (what, step, number)
        if key not in self.drawn:
            self.drawn[key] = self.data.draw(st.sampled_from(values), label=f"{what} {step} {number}")
        return self.drawn[key]

    def outcome(self, step: str, number: int) -> str:
        return self.draw("outcome", step, number, ("ok", "ok", "ok", "no", "busy", "lost") if number < 6 else ("ok",))

    def votes(self, step: str) -> bool:
        return self.draw("votes", step, 0, (True, True, False))

    def comes(self, step: str) -> bool:
        return self.draw("comes", step, 0, (True, False))

    def take(self, facts: tuple[Fact, ...]) -> Plan:
        planned = plan(fold(self.run, facts), self.now)
        self.run = planned.run
        self.facts += [*facts, *planned.facts]
        self.seen.append((len(self.facts), self.run))
        again = plan(self.run, self.now)
        assert (again.asks, again.facts) == ((), ()), "planning again plans nothing new"
        return planned

    def to_the_end(self) -> None:
        for _ in range(2_000):
            if self.run.over:
                return
            self.turn()
        raise AssertionError("a run must end once everything is answered")

    def turn(self) -> None:
        if self.crashes < 3 and self.data.draw(st.integers(0, 19), label="crash") == 19:
            self.crash()
            return
        choices = sorted(
            step
            for step, state in self.run.open.items()
            if state is not StepState.RETRYING and not (state is StepState.WAITING and self.run.ended(step))
        )
        timed = self.run.timers and not choices
        if timed or (self.run.timers and self.data.draw(st.integers(0, 3), label="time") == 0 and not self.awaiting()):
            self.now = max(self.now, min(self.run.timers.values()))
            self.take(())
            return
        self.settle(self.data.draw(st.sampled_from(choices), label="next"))

    def awaiting(self) -> bool:
        """Whether an event that is to come has not come yet: then time may not pass over it."""
        return any(state is StepState.WAITING and self.waits_for_event(step) for step, state in self.run.open.items())

    def waits_for_event(self, step: str) -> bool:
        match self.run.place(step).step.does:
            case Wait(event=event, timeout=timeout):
                return bool(event) and (timeout is None or self.comes(step))
        return False

    def crash(self) -> None:
        self.crashes += 1
        self.run = replay(self.outline, RECORD, self.facts)
        self.torn.update(step for step, state in self.run.open.items() if state is StepState.ASKED)
        lost = outcomes.lost(self.run, self.now)
        for fact in lost:
            if fact.kind is FactKind.IN_DOUBT:
                self.drawn["torn", fact.step, self.heard[fact.step]] = True
        self.take(lost)

    def settle(self, step: str) -> None:
        before, now = self.run.progress(step), self.now
        match before.state:
            case StepState.ASKED:
                number, self.heard[step] = self.heard[step], self.heard[step] + 1
                self.take(self.answer(step, self.outcome(step, number)))
            case StepState.IN_DOUBT:
                number = self.heard[step]
                if self.drawn.pop(("torn", step, number), None):  # a crash made the doubt: the ask never arrived
                    self.world.forgotten.add((step, number))
                    happened = False
                else:
                    happened = self.world.happened(step, number - 1)
                self.take(outcomes.decided(self.run, now, step, happened=happened, output=None, by="Ada"))
            case StepState.WAITING:
                self.end_wait(step)
            case _:
                raise AssertionError(before.state)

    def end_wait(self, step: str) -> None:
        does = self.run.place(step).step.does
        if isinstance(does, Approve):
            count = len(self.run.progress(step).votes)
            vote = outcomes.voted(self.run, self.now, step, approved=self.votes(step), actor=f"web:{count}", by=str(count))
            self.take(vote)
        elif isinstance(does, SubRun):
            state = "succeeded" if self.votes(step) else "failed"
            self.take(outcomes.late_answer(self.run, self.now, step, {"run": "run_2", "state": state, "outputs": {}}, "run_2"))
        elif isinstance(does, Wait) and self.waits_for_event(step):
            assert outcomes.happened(self.run, self.now, step, "b.happened", {"n": 1}) == ()
            self.take(outcomes.happened(self.run, self.now, step, "a.happened", {"n": 1}))
        else:
            self.now = max(self.now, min(self.run.timers.values())) if not self.awaiting() else self.now
            self.take(())

    def answer(self, step: str, outcome: str) -> tuple[Fact, ...]:
        if outcome == "ok":
            if self.run.place(step).kind in ("approve", "run_workflow"):
                return outcomes.taken(self.run, self.now, step)
            return outcomes.answered(self.run, self.now, step, {"by": step})
        errors: dict[str, SignalboxError] = {"no": Rejected("no"), "busy": Transient("busy"), "lost": Unanswered("lost")}
        return outcomes.failed(self.run, self.now, step, errors[outcome], lambda rule, tries, wanted: float(tries))


@given(definitions(), st.data())
@settings(
    max_examples=90,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_the_kernel_comes_to_what_the_reference_comes_to(of: Definition, data: st.DataObject) -> None:
    play = Play(of, data)
    play.to_the_end()
    reference = Reference(of, CATALOGUE, play.world, INPUTS)
    state = reference.run()
    assert play.run.state is state, play.run.error
    if state is not RunState.CANCELLED:
        check_steps(play, reference)
        check_asks(play, reference)
    check_undo_order(play)
    check_prefixes(play)
    check_tables(play)


def check_steps(play: Play, reference: Reference) -> None:
    """Every step of the reference, and no other, ended alike, with the same output."""
    ours = {id: progress for id, progress in play.run.steps.items() if progress.state is not StepState.PENDING}
    theirs = {id: result for id, result in reference.results.items() if result.state is not StepState.PENDING}
    assert {id: progress.state for id, progress in ours.items()} == {id: result.state for id, result in theirs.items()}
    for id, result in theirs.items():
        if result.state is StepState.SUCCEEDED:
            assert plain(ours[id].output) == result.output, id


def plain(output: Any) -> Any:
    """The reference knows neither when somebody approved nor why an entry failed."""
    if isinstance(output, list):
        return [plain(one) for one in output]
    if not isinstance(output, dict):
        return output
    if "approved" in output:
        return {**output, "at": "…"}
    if "succeeded" in output:
        return {**output, "failed": [one["index"] for one in output["failed"]], "items": plain(output["items"])}
    return {name: plain(value) for name, value in output.items()}


def check_asks(play: Play, reference: Reference) -> None:
    """As many asks as the reference put, but for those a crash tore."""
    facts = [fact for fact in play.facts if fact.kind is FactKind.ASKED]
    asked = Counter(fact.step for fact in facts)
    keys: dict[str, set[str]] = {}
    for fact in facts:
        keys.setdefault(f"{fact.step} {fact.data.get('action', '')}", set()).add(fact.key)
    assert all(len(every) == 1 for every in keys.values()), "one step, one action, one key"
    expected = Counter({id: count for (id, action), count in reference.asks.items() if action == "*"})
    assert asked - play.torn == expected


def check_undo_order(play: Play) -> None:
    """Undone in the reverse order of finishing, one at a time."""
    finished = [
        fact.step for fact in play.facts if fact.kind is FactKind.ANSWERED or (fact.kind is FactKind.DECIDED and fact.data.get("happened"))
    ]
    undone = list(dict.fromkeys(fact.step for fact in play.facts if fact.kind is FactKind.ASKED and ".undo" in fact.step))
    order = [step.replace(".undo", "") for step in undone]
    recorded = [step for step in order if step in finished]  # constructs finish without a fact
    assert recorded == sorted(recorded, key=finished.index, reverse=True)
    for _, run in play.seen:
        assert sum(".undo" in step for step in run.open) <= 1


def check_prefixes(play: Play) -> None:
    """Facts are the run: replayed to any length they give the run as it was then."""
    run, at = begin(play.outline, RECORD), 0
    for length, live in play.seen:
        for fact in play.facts[at:length]:
            run = apply(run, fact)
        at = length
        assert run == live
    assert replay(play.outline, RECORD, play.facts) == play.run


def check_tables(play: Play) -> None:
    """Every move of a step that asks somebody is in the table, and so is every move of the run."""
    run = begin(play.outline, RECORD)
    for fact in play.facts:
        after = apply(run, fact)
        if fact.step:
            assert after.progress(fact.step).state in STEP_MOVES[run.progress(fact.step).state, fact.kind]
        else:
            assert after.state in RUN_MOVES[run.state, fact.kind]
            for step in run.open:
                was, now = run.progress(step).state, after.progress(step).state
                assert was is now or now in STEP_MOVES[was, fact.kind]
        run = after


def test_the_reference_is_asked_about_definitions_of_every_kind() -> None:
    """The generator does not quietly stop making some construct."""
    seen: Counter[str] = Counter()

    @given(definitions())
    @settings(max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def look(of: Definition) -> None:
        for step in of.every_step:
            seen[step.kind] += 1
            seen["undo"] += step.compensate is not None
            seen["fallback"] += step.fallback is not None
        seen["nested"] += any(split(id)[0] and place.depth > 1 for id, place in outline_of(of, CATALOGUE).places.items())

    look()
    kinds = ("action", "foreach", "parallel", "switch", "set", "wait", "approve", "run_workflow", "ask_model", "undo", "fallback", "nested")
    assert all(seen[kind] >= 2 for kind in kinds), seen
