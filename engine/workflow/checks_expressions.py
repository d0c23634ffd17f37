"""Every condition and template of a definition, compiled and held against what its place sees.

step ─▶ what is surely over before it ─▶ scope ─▶ type of each expression ─▶ type of its output ─▶ the steps behind it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.errors import Invalid, Problem
from engine.workflow.catalogue import Catalogue
from engine.workflow.checks_order import Path, beside, ordered
from engine.workflow.definition import (
    Approve,
    AskModel,
    Definition,
    ForEach,
    Json,
    Parallel,
    SetValues,
    Step,
    SubRun,
    Switch,
    Trigger,
    Wait,
)
from engine.workflow.expression import Expression, templates
from engine.workflow.order import APPROVAL
from engine.workflow.schema_limits import MAX_EXPRESSIONS
from engine.workflow.secrets import pieces_of, spoken
from engine.workflow.types import (
    ANY,
    BOOLEAN,
    INTEGER,
    NULL,
    TEXT,
    Kind,
    Type,
    either,
    group,
    list_of,
    of_event,
    of_output,
    of_schema,
    of_value,
)
from engine.workflow.types_infer import Inference, cut
from engine.workflow.types_scope import (
    APPROVED,
    GATED,
    SUB_RUN,
    Scope,
    event_scope,
    of_step,
    of_steps,
    of_trigger,
    run_scope,
    start_scope,
    turn_scope,
)

_NONE: frozenset[str] = frozenset()


class _Enough(Exception):
    """More expressions than one definition may hold."""


def expression_faults(definition: Definition, catalogue: Catalogue | None) -> Iterator[Problem]:
    """Without a catalogue expressions are only compiled."""
    walk = _Walk(definition, catalogue)
    try:
        walk.all()
    except _Enough:
        yield Problem(f"The workflow has more than {MAX_EXPRESSIONS:,} conditions and templates. Make workflows of its parts.")
    yield from walk.problems


class _Walk:
    def __init__(self, definition: Definition, catalogue: Catalogue | None) -> None:
        self.definition = definition
        self.catalogue = Catalogue(()) if catalogue is None else catalogue
        self.typed = catalogue is not None
        self.problems: list[Problem] = []
        self.types: dict[str, Type] = {}  # of each step, as expressions see it
        self.outputs: dict[str, Type] = {}
        self.loops: dict[str, str] = {}  # step → the foreach around it, at whatever distance
        self.beside = beside(definition)
        self.left = MAX_EXPRESSIONS
        self.scope = run_scope(definition, self.catalogue)

    def all(self) -> None:
        definition, options = self.definition, self.definition.options
        self._trigger(definition.trigger)
        if options.concurrency is not None and options.concurrency.key:
            self._value(options.concurrency.key, ("options", "concurrency", "key"), turn_scope(self.scope))
        before = _NONE
        if options.approval:
            self.types[APPROVAL], before = of_step(GATED), frozenset({APPROVAL})
        main = self._block(definition.steps, ("steps",), before, self.scope, "")
        self._start()
        rescue = self._block(options.on_failure, ("options", "on_failure"), before | main, self.scope, "")
        self._block(options.finally_, ("options", "finally"), before | main | rescue, self.scope, "")

    def _start(self) -> None:
        """The workflow's own condition: before the run, or, if it reads steps, behind those."""
        when = self.definition.when
        if not when:
            return
        top = frozenset(step.id for step in self.definition.steps) | ({APPROVAL} if self.definition.options.approval else _NONE)
        within = "Only a step beside the first ones can decide about the whole workflow; “{}” is within another."
        reads = "steps" in _roots(when)
        steps = of_steps(self.types, top, lambda id: within.format(id) if id in self.types else "")
        self._condition(when, ("when",), self.scope.but(steps=steps) if reads else start_scope(self.scope))

    def _trigger(self, trigger: Trigger) -> None:
        event = of_trigger(trigger, self.catalogue)
        if trigger.dedup:
            self._value(trigger.dedup, ("trigger", "dedup"), event_scope(event))
        if trigger.debounce is not None and trigger.debounce.key:
            self._value(trigger.debounce.key, ("trigger", "debounce", "key"), event_scope(event))
        for id, text in trigger.correlate.items():
            if not id:
                for each in (*trigger.all, *trigger.sequence):
                    self._value(text, ("trigger", "correlate"), event_scope(of_event(self.catalogue.events.get(each))))
            elif text:
                self._value(text, ("trigger", "correlate", id), event_scope(of_event(self.catalogue.events.get(id))))

    # --- blocks of steps ---------------------------------------------------------------------------------------------------

    def _block(self, steps: Sequence[Step], path: Path, before: frozenset[str], scope: Scope, loop: str) -> frozenset[str]:
        """What can be read behind the block. ``before``: what is surely over when it begins."""
        order, needs = ordered(steps)
        known: dict[str, frozenset[str]] = {}
        shown: frozenset[str] = _NONE
        for index in order:
            step = steps[index]
            seen = _over(before, needs[index], known)
            if loop:
                self.loops[step.id] = loop
            out = self._step(step, (*path, index), seen, scope, loop) | {step.id}
            known[step.id] = seen | out
            shown |= out
        return shown

    def _step(self, step: Step, path: Path, seen: frozenset[str], scope: Scope, loop: str) -> frozenset[str]:
        """What can be read behind the step, beside itself."""
        here = scope.but(steps=of_steps(self.types, seen, lambda id: self._why_not(step, id)))
        if step.when:
            self._condition(step.when, (*path, "when"), here)
        inner = self._does(step, path, seen, here, scope, loop)
        output = self.outputs.get(step.id, ANY)
        self.types[step.id] = of_step(output)
        self._policies(step, path, seen, here, scope)
        return inner

    def _why_not(self, step: Step, id: str) -> str:
        if id == step.id:
            return f"Step “{step.id}” reads itself."
        if id in self.loops and self.loops[id] not in self._around(step.id):
            return f"“{id}” is done once for each entry of “{self.loops[id]}”; what came of all of them is steps.{self.loops[id]}.items."
        if id not in self.beside:
            return ""
        hint = " Add it to its needs." if self.beside[id] == self.beside.get(step.id) else ""
        return f"Step “{step.id}” reads the step “{id}”, which may not be over by then.{hint}"

    def _around(self, id: str) -> Iterator[str]:
        """Every foreach around a step, from the inside out."""
        while (id := self.loops.get(id, "")) != "":
            yield id

    def _does(self, step: Step, path: Path, seen: frozenset[str], here: Scope, scope: Scope, loop: str) -> frozenset[str]:
        """Reads what the step does and notes its output."""
        match step.does:
            case None:
                self._arguments(step.arguments, (*path, "with"), here)
                self.outputs[step.id] = of_output(self.catalogue.actions.get(step.action))
            case ForEach() as each:
                self._foreach(step.id, each, (*path, "foreach"), seen, here, scope)
            case Parallel(branches=branches):
                blocks = [self._block(steps, (*path, "parallel", name), seen, scope, loop) for name, steps in branches.items()]
                ends = {name: self._last(steps) for name, steps in branches.items()}
                self.outputs[step.id] = group(ends, owner=f"the output of “{step.id}”")
                return _NONE.union(*blocks)
            case Switch() as switch:
                return self._switch(step.id, switch, (*path, "switch"), seen, here, scope, loop)
            case Wait() as wait:
                self._wait(step.id, wait, (*path, "wait"), here)
            case Approve() as approve:
                for key, text in (("text", approve.text), ("channel", approve.channel)):
                    self._template(text, (*path, "approve", key), here)
                for index, name in enumerate(approve.by):
                    self._template(name, (*path, "approve", "by", index), here)
                self.outputs[step.id] = APPROVED
            case SubRun() as sub:
                self._template(sub.workflow, (*path, "run_workflow", "workflow"), here)
                self._json(dict(sub.inputs), (*path, "run_workflow", "inputs"), here)
                self.outputs[step.id] = SUB_RUN
            case SetValues(values=values):
                found = {name: self._json(value, (*path, "set", name), here) for name, value in values.items()}
                self.outputs[step.id] = group(found, owner=f"the output of “{step.id}”")
            case AskModel() as ask:
                self._template(ask.prompt, (*path, "ask_model", "prompt"), here)
                self.outputs[step.id] = of_schema(ask.schema)
        return _NONE

    def _last(self, steps: Sequence[Step]) -> Type:
        return self.outputs.get(steps[-1].id, ANY) if steps else NULL

    def _foreach(self, id: str, each: ForEach, path: Path, seen: frozenset[str], here: Scope, scope: Scope) -> None:
        items = self._value(each.items, (*path, "items"), here)
        if items.known and items.kind is not Kind.LIST:
            self._say(f"“{cut(each.items)}” gives {items.kind.value}, and a foreach needs a list.", (*path, "items"))
        item = items.item or ANY if items.kind is Kind.LIST else ANY
        self._block(each.steps, (*path, "steps"), seen, scope.within(each.name, item), id)
        failed = group({"index": INTEGER, "item": item, "error": TEXT})
        fields = {"items": list_of(self._last(each.steps)), "failed": list_of(failed), "count": INTEGER, "succeeded": INTEGER}
        self.outputs[id] = group(fields, owner=f"the output of “{id}”")

    def _switch(self, id: str, switch: Switch, path: Path, seen: frozenset[str], here: Scope, scope: Scope, loop: str) -> frozenset[str]:
        blocks = []
        for index, case in enumerate(switch.cases):
            self._condition(case.when, (*path, "cases", index, "when"), here)
            blocks.append(self._block(case.steps, (*path, "cases", index, "steps"), seen, scope, loop))
        blocks.append(self._block(switch.otherwise, (*path, "else"), seen, scope, loop))
        ends = either(self._last(steps) for steps in (*(case.steps for case in switch.cases), switch.otherwise))
        self.outputs[id] = group({"case": INTEGER, "output": ends}, owner=f"the output of “{id}”")
        return _NONE.union(*blocks)

    def _wait(self, id: str, wait: Wait, path: Path, here: Scope) -> None:
        self._template(wait.until, (*path, "until"), here)
        event = of_event(self.catalogue.events.get(wait.event)) if wait.event else NULL
        if wait.where:
            self._condition(wait.where, (*path, "where"), here.told(event))
        self.outputs[id] = group({"timed_out": BOOLEAN, "event": event}, owner=f"the output of “{id}”")

    def _policies(self, step: Step, path: Path, seen: frozenset[str], here: Scope, scope: Scope) -> None:
        self._template(step.idempotency_key, (*path, "idempotency_key"), here)
        if step.cache is not None and step.cache.key:
            self._value(step.cache.key, (*path, "cache", "key"), here)
        if step.fallback is not None:
            self._arguments(step.fallback.arguments, (*path, "fallback", "with"), here)
        if step.compensate is not None:
            done = scope.but(steps=of_steps(self.types, seen | {step.id}, lambda id: self._why_not(step, id)))
            self._arguments(step.compensate.arguments, (*path, "compensate", "with"), done)

    # --- expressions -------------------------------------------------------------------------------------------------------

    def _say(self, sentence: str, path: Path) -> None:
        self.problems.append(Problem(sentence, path))

    def _compiled(self, text: str, path: Path, scope: Scope) -> bool:
        self.left -= 1
        if self.left < 0:
            raise _Enough
        try:
            Expression.compile(text, scope.entries)
        except Invalid as error:
            self._say(str(error), path)
            return False
        return True

    def _condition(self, text: str, path: Path, scope: Scope) -> None:
        if self._compiled(text, path, scope) and self.typed:
            inference = Inference(scope.names, scope.absent)
            inference.condition(text)
            self._told(inference, path)

    def _value(self, text: str, path: Path, scope: Scope) -> Type:
        if not text or not self._compiled(text, path, scope) or not self.typed:
            return ANY
        inference = Inference(scope.names, scope.absent)
        found = inference.of(text)
        self._told(inference, path)
        return found

    def _told(self, inference: Inference, path: Path) -> None:
        for sentence in inference.faults:
            self._say(sentence, path)

    def _template(self, text: str, path: Path, scope: Scope) -> Type:
        """The type of a text once it is filled in: that of its only expression, else text."""
        if "{{" not in text:
            return TEXT
        try:
            found = templates(text)
        except Invalid as error:
            self._say(str(error), path)
            return ANY
        types = [self._value(expression, path, scope) if expression else self._empty(path) for expression in found]
        return types[0] if len(found) == 1 and text.strip().startswith("{{") and text.strip().endswith("}}") else TEXT

    def _empty(self, path: Path) -> Type:
        self._say("The expression is empty.", path)
        return ANY

    def _json(self, value: Json, path: Path, scope: Scope, secrets: bool = False) -> Type:
        """Every text within, keys too."""
        if isinstance(value, str):
            return self._text(value, path, scope, secrets)
        if isinstance(value, list):
            return list_of(either([self._json(part, (*path, index), scope, secrets) for index, part in enumerate(value)]))
        if isinstance(value, dict):
            for key in value:
                self._template(key, (*path, key), scope)
            open = any("{{" in key for key in value)
            return group({key: self._json(part, (*path, key), scope, secrets) for key, part in value.items()}, open=open)
        return of_value(value)

    def _text(self, text: str, path: Path, scope: Scope, secrets: bool) -> Type:
        if not secrets or "{{" not in text or not spoken(text):
            return self._template(text, path, scope)
        try:
            pieces = pieces_of(text)
        except Invalid as error:
            self._say(str(error), path)
            return ANY
        self._template("".join(piece for piece, secret in pieces if not secret), path, scope)
        return TEXT

    def _arguments(self, arguments: Mapping[str, Json], path: Path, scope: Scope) -> None:
        for name, value in arguments.items():
            self._template(name, (*path, name), scope)
            self._json(value, (*path, name), scope, secrets=True)


def _over(before: frozenset[str], needs: Iterable[str], known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """All that is over once these are. Those that were over longest come last: they are mostly within what the others brought."""
    seen = before
    for id in sorted((id for id in needs if id in known), key=lambda id: -len(known[id])):
        if id not in seen:
            seen |= known[id]
    return seen


def _roots(text: str) -> Iterable[str]:
    try:
        return Expression.compile(text).roots
    except Invalid:
        return ()
