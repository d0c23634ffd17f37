"""What may be asked twice under one key, and who may stand in for a step's own action."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import NotFound
from engine.workflow.catalogue import Action, Catalogue
from engine.workflow.definition import Definition, Json, Step
from engine.workflow.expression import render
from engine.workflow.secrets import SecretPart, secret_places

COPIED = re.compile(r"\{\{\s*input\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")

# House actions that are safe under their key whatever the catalogue says: a card stands once, a sub-run's id is made of it, a model only answers.
REPEATABLE_KINDS = frozenset({"approve", "run_workflow", "ask_model"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """An action that may do a step's work: declared equivalent (``inputs``: its input → ours), or with arguments of its own.

    ``fills``: its inputs over what the step itself was to be given (``{{input.title}}``), for one that people declared.
    ``order``: 0 it is as good as the step's own, 1 it only stands in. ``weight``: among those that are as good.
    """

    action: str
    repeatable: bool
    inputs: Mapping[str, str] | None = None
    arguments: Mapping[str, Json] | None = None
    fills: Mapping[str, Json] | None = None
    secrets: tuple[SecretPart, ...] = ()
    account: str = ""
    order: int = 1
    weight: float = 1.0


def reading(catalogue: Catalogue | None, step: Step) -> bool:
    """Whether its action changes nothing, as far as anybody knows."""
    action = _action(catalogue, step.action)
    return action is not None and not action.writes


def repeatable(catalogue: Catalogue | None, step: Step) -> bool:
    """Asking twice under the same key does it once, or it only reads."""
    return step.kind in REPEATABLE_KINDS or _repeatable(_action(catalogue, step.action))


def stand_in_of(definition: Definition, catalogue: Catalogue | None, step: Step) -> StandIn | None:
    """The step's own fallback; else the equivalent action at the service that the definition names, if the catalogue knows one."""
    own = step.fallback
    if own is not None:
        return StandIn(
            action=own.action,
            repeatable=_repeatable(_action(catalogue, own.action)),
            arguments=own.arguments,
            secrets=secret_places(own.arguments),
            account=own.account,
        )
    service = definition.options.fallback.get(step.service) if step.action else None
    return None if service is None else _equivalent(catalogue, step, service, order=1, weight=1.0)


def as_good_as(definition: Definition, catalogue: Catalogue | None, step: Step) -> tuple[StandIn, ...]:
    """The equivalent actions at services that the definition calls as good as the step's own."""
    weights = definition.options.among.get(step.service, {}) if step.action else {}
    found = (_equivalent(catalogue, step, service, order=0, weight=weight) for service, weight in weights.items())
    return tuple(one for one in found if one is not None)


def _equivalent(catalogue: Catalogue | None, step: Step, service: str, *, order: int, weight: float) -> StandIn | None:
    action = _action(catalogue, step.action)
    if catalogue is None or action is None:
        return None
    found = catalogue.equivalent(action.id, service)
    if found is None:
        return None
    fills = catalogue.fills(action.id, found[0].id)
    return StandIn(action=found[0].id, inputs=found[1], fills=fills, repeatable=_repeatable(found[0]), order=order, weight=weight)


def filled(fills: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """The inputs of a declared stand-in. One that only copies an input which was not given is left out.

    Raises Rejected where a template cannot be filled.
    """
    made: dict[str, Json] = {}
    for name, value in fills.items():
        copied = COPIED.fullmatch(value) if isinstance(value, str) else None
        if copied is None:
            made[name] = render(value, {"input": dict(given)})
        elif copied[1] in given:
            made[name] = given[copied[1]]
    return made


def _action(catalogue: Catalogue | None, name: str) -> Action | None:
    if catalogue is None or not name:
        return None
    try:
        return catalogue.action(name)
    except NotFound:
        return None


def _repeatable(action: Action | None) -> bool:
    return action is not None and (action.repeatable or not action.writes)
