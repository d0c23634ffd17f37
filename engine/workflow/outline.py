"""The outline of a definition: what stays the same over all its runs, worked out once (order, nesting, conditions, what is safe to repeat).

definition ─▶ Block ":main" ─ Place ─ Place ─ …          one place for every step, of whatever part and depth
                 Place "each" (foreach) ─▶ Block "each" ─ Place "post" …    within a run: ``post[0]``, ``post[1]``, …
                 Place "pay" ─▶ Place "pay.undo"                            its compensation
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from engine.errors import Invalid
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Definition, ForEach, Json, OnError, Parallel, RetryRule, Step, Substitute, Switch
from engine.workflow.expression import Condition, Expression
from engine.workflow.order import APPROVAL, effective_steps, resolved_needs, sorted_or_invalid
from engine.workflow.reads import reads_of
from engine.workflow.secrets import SecretPart, secret_places
from engine.workflow.standing_in import StandIn, as_good_as, reading, repeatable, stand_in_of
from engine.workflow.wayfinding import Way, ways_of

UNDO = ".undo"
# The house's own actions, through which a construct asks somebody.
ASKS = {"approve": "chat.ask_approval", "run_workflow": "signalbox.run_workflow", "ask_model": "model.ask"}


class Part(IntEnum):
    """The parts of a run, in their order."""

    MAIN = 0
    UNDO = 1
    FAILURE = 2
    FINALLY = 3
    OVER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A list of steps: of a part of the run, or within a construct (``parent``), there a branch of its own (``branch``)."""

    id: str
    part: Part
    parent: str = ""
    branch: str = ""
    places: tuple[str, ...] = ()  # as written
    order: tuple[str, ...] = ()  # every need before its step
    first: tuple[str, ...] = ()  # those that need nothing

    @property
    def last(self) -> str:
        return self.places[-1] if self.places else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step's place in its workflow. ``timeout`` is seconds for one attempt.

    ``loop``: the foreach right around it, at whatever distance, ``depth``: how many there are. ``blocks``: the lists of steps within it.
    ``repeatable``: asking twice under the same key does it once, or it only reads. ``gate``: the approval before the first step.
    ``reads``: steps its expressions speak of, None = any. ``continues``: the run goes on behind it when it has failed.
    """

    step: Step
    id: str
    index: int
    kind: str
    part: Part
    block: str
    nested: bool
    loop: str = ""
    depth: int = 0
    needs: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # what expressions see beside the roots
    condition: Condition | None = None
    program: Any = None  # foreach: Expression; switch: a Condition for each case
    fixed: bool = True  # nothing in its arguments is to be filled in
    plain: bool = False  # an action of the main part with fixed arguments and nothing to heed beside them
    secrets: tuple[SecretPart, ...] = ()
    reads: frozenset[str] | None = frozenset()
    retries: int = 0
    retry: RetryRule = field(default_factory=RetryRule)
    timeout: float = 30.0
    repeatable: bool = False
    stand_in: StandIn | None = None  # what does it when its own service is not to be had
    stand_ins: tuple[StandIn, ...] = ()  # that one, and those that are as good
    ways: tuple[Way, ...] = ()  # of doing it, its own first; empty where there is only that
    only_reads: bool = False
    continues: bool = False
    gate: bool = False
    undo: str = ""  # the place that undoes it
    undoes: str = ""  # the place it undoes

    def other(self, action: str) -> StandIn | None:
        """The stand-in that does ``action``; None for the step's own."""
        return next((one for one in self.stand_ins if one.action == action and action != self.step.action), None)

    def strange(self, action: str) -> bool:
        """Whether ``action`` is one that this step was asked with, and that is not declared to stand in for it any more."""
        return bool(action and self.step.action) and action != self.step.action and self.other(action) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    definition: Definition
    places: Mapping[str, Place]
    blocks: Mapping[str, Block]
    within: Mapping[str, tuple[str, ...]]  # foreach → the places that it is the innermost around
    order: tuple[str, ...]  # main, on-failure and finally steps, each before those within it; then what undoes them
    main: Block
    failure: Block
    finally_: Block

    def repeatable(self, step: str, action: str) -> bool:
        """Whether ``action`` (the step's own or a stand-in's) may be asked twice under one key."""
        place = self.places[split(step)[0]]
        other = place.other(action)
        if other is not None:
            return other.repeatable
        return place.repeatable and not place.strange(action)


def split(step: str) -> tuple[str, str]:
    """``post[3][1]`` → ``("post", "[3][1]")``: the id in the definition, and which entries of the foreach around it."""
    base, bracket, rest = step.partition("[")
    return base, bracket + rest


def entry_of(suffix: str) -> tuple[str, int]:
    """``[3][1]`` → ``("[3]", 1)``: the entries further out, and the innermost one."""
    outer, _, number = suffix.rpartition("[")
    return outer, int(number[:-1])


def outline_of(definition: Definition, catalogue: Catalogue | None = None) -> Outline:
    """Raises Invalid for what ``parse_definition`` would have refused. Without a catalogue nothing counts as repeatable."""
    drawing = _Drawing(definition, catalogue)
    main = drawing.block(":main", effective_steps(definition), Part.MAIN)
    failure = drawing.block(":failure", definition.options.on_failure, Part.FAILURE)
    finally_ = drawing.block(":finally", definition.options.finally_, Part.FINALLY)
    for undo in drawing.undoing:
        drawing.places[undo.id] = undo
    return Outline(
        definition=definition,
        places=drawing.places,
        blocks=drawing.blocks,
        within={loop: tuple(ids) for loop, ids in drawing.within.items()},
        order=tuple(drawing.places),
        main=main,
        failure=failure,
        finally_=finally_,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What a list of steps stands in."""

    parent: str = ""
    branch: str = ""
    loop: str = ""
    depth: int = 0
    names: tuple[str, ...] = ()


class _Drawing:
    """An outline in the making."""

    def __init__(self, definition: Definition, catalogue: Catalogue | None) -> None:
        self.definition = definition
        self.catalogue = catalogue
        self.places: dict[str, Place] = {}
        self.blocks: dict[str, Block] = {}
        self.within: dict[str, list[str]] = {}
        self.undoing: list[Place] = []

    def block(self, id: str, steps: Sequence[Step], part: Part, around: _Around | None = None) -> Block:
        around = around or _Around()
        needs = _needs(steps)
        dependents: dict[str, list[str]] = {step.id: [] for step in steps}
        for step_id, needed in needs.items():
            for other in needed:
                dependents[other].append(step_id)
        for step in steps:
            self._place(step, part, id, around, needs[step.id], tuple(dependents[step.id]))
        block = self.blocks[id] = Block(
            id=id,
            part=part,
            parent=around.parent,
            branch=around.branch,
            places=tuple(needs),
            order=tuple(sorted_or_invalid(needs)),
            first=tuple(step_id for step_id, needed in needs.items() if not needed),
        )
        return block

    def _place(
        self, step: Step, part: Part, block: str, around: _Around, needs: tuple[str, ...], dependents: tuple[str, ...]
    ) -> None:  # fmt: skip
        if step.id in self.places:
            raise Invalid("Two steps of the workflow have the same id. Rename one of them.")
        self.places[step.id] = place = self._drawn(step, part, block, around, needs, dependents)
        if around.loop:
            self.within[around.loop].append(step.id)
        if place.undo and step.compensate is not None:
            self.undoing.append(self._undo(place, step.compensate))
        for id, (branch, inner) in _inner(step).items():
            loops = isinstance(step.does, ForEach)
            if loops:
                self.within[step.id] = []
            names = tuple(dict.fromkeys((*around.names, step.does.name, "index"))) if isinstance(step.does, ForEach) else around.names
            self.block(id, inner, part, _Around(step.id, branch, step.id if loops else around.loop, around.depth + loops, names))

    def _drawn(
        self, step: Step, part: Part, block: str, around: _Around, needs: tuple[str, ...], dependents: tuple[str, ...]
    ) -> Place:  # fmt: skip
        options = self.definition.options
        main = part is Part.MAIN
        last = stand_in_of(self.definition, self.catalogue, step)
        stand_ins = (*as_good_as(self.definition, self.catalogue, step), *((last,) if last is not None else ()))
        fixed = not _templated(dict(step.arguments))
        gate = main and not around.parent and bool(options.approval) and step.id == APPROVAL
        return Place(
            step=step,
            id=step.id,
            index=len(self.places),
            kind=step.kind,
            part=part,
            block=block,
            nested=bool(around.parent),
            loop=around.loop,
            depth=around.depth,
            needs=needs,
            dependents=dependents,
            blocks=tuple(_inner(step)),
            names=around.names,
            condition=Condition.compile(step.when, around.names) if step.when else None,
            program=_program(step, around.names),
            fixed=fixed,
            plain=fixed and main and not (gate or step.does or step.idempotency_key or step.cache or options.rate_limits or stand_ins),
            secrets=secret_places(step.arguments),
            reads=reads_of(step),
            retries=options.retries if step.retries is None else step.retries,
            retry=step.retry or options.retry,
            timeout=options.timeout if step.timeout is None else step.timeout,
            repeatable=repeatable(self.catalogue, step),
            stand_in=last,
            stand_ins=stand_ins,
            ways=ways_of(step.action, step.account, stand_ins),
            only_reads=reading(self.catalogue, step),
            # What goes wrong in a later part is reported; it does not stop that part.
            continues=step.on_error is OnError.CONTINUE or (not main and not around.parent),
            gate=gate,
            undo=step.id + UNDO if step.compensate is not None and main else "",
        )

    def _undo(self, place: Place, compensate: Substitute) -> Place:
        step = Step(id=place.undo, action=compensate.action, arguments=compensate.arguments, account=compensate.account)
        return Place(
            step=step,
            id=place.undo,
            index=-1,
            kind="action",
            part=Part.UNDO,
            block="",
            nested=False,
            loop=place.loop,
            depth=place.depth,
            names=place.names,
            fixed=not _templated(dict(step.arguments)),
            secrets=secret_places(step.arguments),
            reads=reads_of(step),
            retries=place.retries,
            retry=place.retry,
            timeout=place.timeout,
            repeatable=repeatable(self.catalogue, step),
            continues=True,
            undoes=place.id,
        )


def _inner(step: Step) -> dict[str, tuple[str, Sequence[Step]]]:
    """The lists of steps within a construct: id of the block → (branch, steps)."""
    match step.does:
        case ForEach(steps=steps):
            return {step.id: ("", steps)}
        case Parallel(branches=branches):
            return {f"{step.id}.{name}": (name, steps) for name, steps in branches.items()}
        case Switch(cases=cases, otherwise=otherwise):
            numbered = {f"{step.id}.{number}": (str(number), case.steps) for number, case in enumerate(cases)}
            return {**numbered, f"{step.id}.-1": ("-1", otherwise)}
    return {}


def _program(step: Step, names: tuple[str, ...]) -> Any:
    match step.does:
        case ForEach(items=items):
            return Expression.compile(items, names)
        case Switch(cases=cases):
            return tuple(Condition.compile(case.when, names) for case in cases)
    return None


def _needs(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Each step's needs, once each; None means the step before it. Raises Invalid for a stranger or a double."""
    needs = {step.id: tuple(dict.fromkeys(needed)) for step, needed in zip(steps, resolved_needs(steps), strict=True)}
    if len(needs) != len(steps):
        raise Invalid("Two steps of the workflow have the same id. Rename one of them.")
    if strangers := {other for needed in needs.values() for other in needed} - needs.keys():
        raise Invalid(f"A step needs “{min(strangers)}”, which is not a step beside it.")
    return needs


def _templated(value: Json) -> bool:
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(map(_templated, value.values())) or any("{{" in key for key in value)
    return isinstance(value, list) and any(map(_templated, value))
