"""A tiny interpreter of definitions to hold the kernel against: recursive, without facts, time or order, so simple that it is surely right.

``outcome(step, n)`` says what the world does with the n-th ask of a step: ``ok``, ``no``, ``busy`` (passing) or ``lost``; ``happened(step, n)``
what a human says of the n-th doubt. Where the order of things decides what comes out (a foreach that stops, side by side), it has nothing to say:
such definitions are not made for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Rejected
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import (
    Approve,
    AskModel,
    Definition,
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
from engine.workflow.expression import Condition, Expression, render
from engine.workflow.run import RunState, StepState

S = StepState


class Denied(Exception):
    """Somebody said no, and that ends the run."""


@dataclass
class World:
    """What everybody outside does. ``forgotten``: (step, n) before whose n-th ask a human's word made its attempts count anew."""

    outcome: Callable[[str, int], str]
    happened: Callable[[str, int], bool]
    votes: Callable[[str], bool]
    comes: Callable[[str], bool]  # whether an awaited event comes before its timeout
    forgotten: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True)
class Result:
    state: StepState
    output: Any = None

    @property
    def known(self) -> dict[str, Any]:
        return {"state": self.state.value, "output": self.output, **({"error": "…"} if self.state is S.FAILED else {})}


PENDING, SKIPPED, FAILED = Result(S.PENDING), Result(S.SKIPPED), Result(S.FAILED)


class Reference:
    """Runs a definition. ``results`` by step as the run calls it, ``asks`` by (step, action)."""

    def __init__(self, definition: Definition, catalogue: Catalogue, world: World, inputs: Mapping[str, Any]) -> None:
        self.definition, self.catalogue, self.world, self.inputs = definition, catalogue, world, inputs
        self.results: dict[str, Result] = {}
        self.asks: Counter[tuple[str, str]] = Counter()

    def run(self) -> RunState:
        options = self.definition.options
        try:
            good = self._list(self.definition.steps, "", {})
        except Denied:
            return RunState.CANCELLED
        if not good:
            self._undo()
            self._list(options.on_failure, "", {}, stops=False)
        tidy = self._list(options.finally_, "", {}, stops=False)
        return RunState.SUCCEEDED if good and tidy else RunState.FAILED

    def _list(self, steps: Sequence[Step], suffix: str, scope: Mapping[str, Any], *, stops: bool = True) -> bool:
        """Whether the list came to a good end. ``stops``: what needs a failed step is not done."""
        for step in steps:  # the definitions made for it never need what comes later
            needs = step.needs if step.needs is not None else _before(steps, step)
            ends = [self.results[need + suffix] for need in needs]
            if not all(self._lets_on(result, _by_id(steps, need), stops) for result, need in zip(ends, needs, strict=True)):
                self.results[step.id + suffix] = PENDING
                continue
            self.results[step.id + suffix] = self._step(step, suffix, scope)
        return all(self.results[step.id + suffix].state is not S.FAILED or (stops and step.on_error is OnError.CONTINUE) for step in steps)

    def _lets_on(self, result: Result, step: Step, stops: bool) -> bool:
        if result.state is S.FAILED:
            return not stops or step.on_error is OnError.CONTINUE
        return result.state in (S.SUCCEEDED, S.SKIPPED)

    def _step(self, step: Step, suffix: str, scope: Mapping[str, Any]) -> Result:
        seen = self._scope(suffix, scope)
        if step.when:
            try:
                if not Condition.compile(step.when, _names(scope)).holds(seen):
                    return SKIPPED
            except Rejected:
                return SKIPPED
        match step.does:
            case None:
                return self._action(step, suffix, seen)
            case SetValues(values=values):
                return _or_failed(lambda: {name: render(value, seen) for name, value in values.items()})
            case ForEach() as does:
                return self._foreach(step, does, suffix, scope, seen)
            case Parallel(branches=branches):
                good = [self._list(steps, suffix, scope) for steps in branches.values()]
                output = {name: self._last(steps, suffix) for name, steps in branches.items()}
                return Result(S.SUCCEEDED if all(good) else S.FAILED, output)
            case Switch() as does:
                return self._switch(does, suffix, scope, seen)
            case Wait() as does:
                return self._wait(step, does, suffix)
            case Approve() as does:
                return self._approve(step, does, suffix)
            case SubRun():
                return self._sub_run(step, suffix)
            case AskModel():
                return self._asked(step, "model.ask", step.id + suffix, repeatable=True)
        raise AssertionError(step)

    def _foreach(self, step: Step, does: ForEach, suffix: str, scope: Mapping[str, Any], seen: Mapping[str, Any]) -> Result:
        items = Expression.compile(does.items, _names(scope)).evaluate(seen)
        if not isinstance(items, list):
            return FAILED
        outputs, bad, begun = [], [], 0
        for index, item in enumerate(items):
            if bad and does.on_failure is ItemFailure.STOP:
                outputs.append(None)
                continue
            begun += 1
            within = f"{suffix}[{index}]"
            good = self._list(does.steps, within, {**scope, does.name: item, "index": index})
            outputs.append(self._last(does.steps, within) if good else None)
            if not good:
                bad.append(index)
        output = {"items": outputs, "failed": bad, "count": len(items), "succeeded": begun - len(bad)}
        return Result(S.FAILED if bad and does.on_failure is not ItemFailure.TOLERATE else S.SUCCEEDED, output)

    def _switch(self, does: Switch, suffix: str, scope: Mapping[str, Any], seen: Mapping[str, Any]) -> Result:
        held = [number for number, case in enumerate(does.cases) if Condition.compile(case.when, _names(scope)).holds(seen)]
        number = held[0] if held else -1
        steps = does.cases[number].steps if held else does.otherwise
        good = self._list(steps, suffix, scope)
        return Result(S.SUCCEEDED if good else S.FAILED, {"case": number, "output": self._last(steps, suffix)})

    def _wait(self, step: Step, does: Wait, suffix: str) -> Result:
        if not does.event:
            return Result(S.SUCCEEDED, {"timed_out": False, "event": None})
        if does.timeout is None or self.world.comes(step.id + suffix):
            return Result(S.SUCCEEDED, {"timed_out": False, "event": {"n": 1}})
        return Result(S.SUCCEEDED, {"timed_out": True, "event": None}) if does.on_timeout is OnError.CONTINUE else FAILED

    def _approve(self, step: Step, does: Approve, suffix: str) -> Result:
        posted = self._asked(step, "chat.ask_approval", step.id + suffix, repeatable=True)
        if posted.state is S.FAILED:
            return posted
        approved = self.world.votes(step.id + suffix)
        if not approved and does.on_no is OnError.FAIL:
            raise Denied
        names = [str(number) for number in range(does.quorum if approved else 1)]
        return Result(S.SUCCEEDED, {"approved": approved, "by": names, "at": "…", "note": ""})

    def _sub_run(self, step: Step, suffix: str) -> Result:
        started = self._asked(step, "signalbox.run_workflow", step.id + suffix, repeatable=True)
        if started.state is S.FAILED or not self.world.votes(step.id + suffix):
            return FAILED
        return Result(S.SUCCEEDED, {"run": "run_2", "state": "succeeded", "outputs": {}})

    # --- asking

    def _action(self, step: Step, suffix: str, seen: Mapping[str, Any]) -> Result:
        try:
            for value in step.arguments.values():
                render(value, seen)
        except Rejected:
            return FAILED
        return self._asked(step, step.action, step.id + suffix, repeatable=self._repeatable(step.action))

    def _asked(self, step: Step, action: str, id: str, *, repeatable: bool) -> Result:
        options, tries = self.definition.options, 0
        retries = options.retries if step.retries is None else step.retries
        while True:
            number = self.asks[id, "*"]
            if (id, number) in self.world.forgotten:
                tries = 0
            self.asks[id, "*"] += 1
            self.asks[id, action] += 1
            outcome = self.world.outcome(id, number)
            if outcome == "ok":
                return Result(S.SUCCEEDED, {"by": id})
            if outcome == "no":
                return FAILED
            if outcome == "lost" and not repeatable:
                if self.world.happened(id, number):
                    return Result(S.SUCCEEDED, None)
                tries = 0
                continue
            tries += 1
            if tries <= retries:
                continue
            if step.fallback is None or action == step.fallback.action:
                return FAILED
            action, tries = step.fallback.action, 0
            repeatable = self._repeatable(action)

    def _repeatable(self, action: str) -> bool:
        known = self.catalogue.actions.get(action)
        return known is not None and (known.repeatable or not known.writes)

    def _undo(self) -> None:
        steps = {step.id: step for step in self.definition.every_step}
        for id, result in list(self.results.items()):
            base, bracket, rest = id.partition("[")
            step = steps[base]
            if step.compensate is not None and result.state is S.SUCCEEDED:
                undo = f"{base}.undo{bracket}{rest}"
                action = step.compensate.action
                self.results[undo] = self._asked(_plain(step), action, undo, repeatable=self._repeatable(action))

    # --- what expressions see

    def _scope(self, suffix: str, scope: Mapping[str, Any]) -> dict[str, Any]:
        steps: dict[str, Any] = {}
        reach = [""]
        for part in suffix.split("[")[1:]:
            reach.append(f"{reach[-1]}[{part}")
        for id, result in self.results.items():
            base, bracket, rest = id.partition("[")
            if bracket + rest in reach and result.state is not S.PENDING:
                steps[base] = result.known
        return {"event": {}, "inputs": self.inputs, "steps": steps, "workflow": {}, "run": {}, "env": {}, **scope}

    def _last(self, steps: Sequence[Step], suffix: str) -> Any:
        if not steps:
            return None
        result = self.results.get(steps[-1].id + suffix, PENDING)
        return result.output if result.state is S.SUCCEEDED else None


def _or_failed(work: Callable[[], Any]) -> Result:
    try:
        return Result(S.SUCCEEDED, work())
    except Rejected:
        return FAILED


def _names(scope: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(scope)


def _plain(step: Step) -> Step:
    return Step(id=step.id, action=step.action, retries=step.retries)


def _by_id(steps: Sequence[Step], id: str) -> Step:
    return next(step for step in steps if step.id == id)


def _before(steps: Sequence[Step], step: Step) -> tuple[str, ...]:
    index = [one.id for one in steps].index(step.id)
    return (steps[index - 1].id,) if index else ()
