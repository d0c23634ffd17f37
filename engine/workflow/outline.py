"""The outline of a definition: what stays the same over all its runs, worked out once (order, conditions, what is safe to repeat)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from engine.errors import Invalid, NotFound
from engine.workflow.catalogue import Action, Catalogue
from engine.workflow.definition import Definition, Json, RetryRule, Step
from engine.workflow.expression import Condition
from engine.workflow.order import APPROVAL, effective_steps


@dataclass(frozen=True, slots=True)
class StandIn:
    """The action of another service that may do a step's work. ``inputs``: its input → ours."""

    action: str
    inputs: Mapping[str, str]
    repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step's place in its workflow. ``index`` counts through main and on-failure steps; ``timeout`` is seconds for one attempt.

    ``repeatable``: asking twice under the same key does it once, or it only reads. ``gate``: the approval before the first step.
    """

    step: Step
    index: int
    needs: tuple[str, ...]
    dependents: tuple[str, ...]
    condition: Condition | None
    fixed: bool  # nothing in its arguments is to be filled in
    retries: int
    retry: RetryRule
    timeout: float
    repeatable: bool
    stand_in: StandIn | None = None
    gate: bool = False
    rescue: bool = False  # an on-failure step


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    definition: Definition
    places: Mapping[str, Place]
    order: tuple[str, ...]  # by index
    first: tuple[str, ...]  # main steps that need nothing
    rescue: tuple[str, ...]  # on-failure steps, all of them
    unmet: Mapping[str, int] = field(default_factory=dict)  # how many steps each waits for

    def repeatable(self, step: str, action: str) -> bool:
        """Whether ``action`` (the step's own or its stand-in's) may be asked twice under one key."""
        place = self.places[step]
        if place.stand_in is not None and action == place.stand_in.action:
            return place.stand_in.repeatable
        return place.repeatable


def outline_of(definition: Definition, catalogue: Catalogue | None = None) -> Outline:
    """Raises Invalid for what ``parse_definition`` would have refused. Without a catalogue nothing counts as repeatable."""
    main = effective_steps(definition)
    main_needs, rescue_needs = _needs(main), _needs(definition.options.on_failure)
    needs = {**main_needs, **rescue_needs}
    steps = (*main, *definition.options.on_failure)
    if len(needs) != len(steps):
        raise Invalid("Two steps of the workflow have the same id. Rename one of them.")
    _check(main_needs)
    _check(rescue_needs)
    dependents: dict[str, list[str]] = {step.id: [] for step in steps}
    for step_id, needed in needs.items():
        for other in needed:
            dependents[other].append(step_id)
    rescue = {step.id for step in definition.options.on_failure}
    places = {
        step.id: _place(
            definition, catalogue, step, index, needs[step.id], tuple(dependents[step.id]),
            gate=bool(definition.options.approval) and step.id == APPROVAL, rescue=step.id in rescue,
        )
        for index, step in enumerate(steps)
    }  # fmt: skip
    return Outline(
        definition=definition,
        places=places,
        order=tuple(places),
        first=tuple(step.id for step in main if not needs[step.id]),
        rescue=tuple(step.id for step in definition.options.on_failure),
        unmet={step_id: len(needed) for step_id, needed in needs.items()},
    )


def _needs(steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    """Each step's needs; None means the step before it."""
    needs: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for step in steps:
        needs[step.id] = before if step.needs is None else tuple(dict.fromkeys(step.needs))
        before = (step.id,)
    return needs


def _check(needs: Mapping[str, tuple[str, ...]]) -> None:
    if strangers := {other for needed in needs.values() for other in needed} - needs.keys():
        raise Invalid(f"A step needs “{min(strangers)}”, which is not a step beside it.")
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        raise Invalid(f"The steps wait for each other in a circle: {' → '.join(error.args[1])}.") from error


def _place(
    definition: Definition,
    catalogue: Catalogue | None,
    step: Step,
    index: int,
    needs: tuple[str, ...],
    dependents: tuple[str, ...],
    *,
    gate: bool,
    rescue: bool,
) -> Place:
    options = definition.options
    action = _action(catalogue, step.action)
    return Place(
        step=step,
        index=index,
        needs=needs,
        dependents=dependents,
        condition=Condition.compile(step.when) if step.when else None,
        fixed=not _templated(dict(step.arguments)),
        retries=options.retries if step.retries is None else step.retries,
        retry=step.retry or options.retry,
        timeout=options.timeout if step.timeout is None else step.timeout,
        repeatable=_repeatable(action),
        stand_in=_stand_in(definition, catalogue, action, step),
        gate=gate,
        rescue=rescue,
    )


def _action(catalogue: Catalogue | None, name: str) -> Action | None:
    if catalogue is None:
        return None
    try:
        return catalogue.action(name)
    except NotFound:
        return None


def _repeatable(action: Action | None) -> bool:
    return action is not None and (action.repeatable or not action.writes)


def _stand_in(definition: Definition, catalogue: Catalogue | None, action: Action | None, step: Step) -> StandIn | None:
    """The equivalent action at the service that the definition names as fallback, if the catalogue knows one."""
    service = definition.options.fallback.get(step.service)
    if catalogue is None or action is None or service is None:
        return None
    found = catalogue.equivalent(action.id, service)
    return None if found is None else StandIn(found[0].id, found[1], _repeatable(found[0]))


def _templated(value: Json) -> bool:
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(map(_templated, value.values())) or any("{{" in key for key in value)
    return isinstance(value, list) and any(map(_templated, value))
