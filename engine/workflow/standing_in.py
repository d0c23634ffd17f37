"""What may be asked twice under one key, and who may stand in for a step's own action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import NotFound
from engine.workflow.catalogue import Action, Catalogue
from engine.workflow.definition import Definition, Json, Step
from engine.workflow.secrets import SecretPart, secret_places

# House actions that are safe under their key whatever the catalogue says: a card stands once, a sub-run's id is made of it, a model only answers.
REPEATABLE_KINDS = frozenset({"approve", "run_workflow", "ask_model"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """An action that may do a step's work: declared equivalent (``inputs``: its input → ours), or with arguments of its own."""

    action: str
    repeatable: bool
    inputs: Mapping[str, str] | None = None
    arguments: Mapping[str, Json] | None = None
    secrets: tuple[SecretPart, ...] = ()
    account: str = ""


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
    action = _action(catalogue, step.action)
    if catalogue is None or action is None or service is None:
        return None
    found = catalogue.equivalent(action.id, service)
    return None if found is None else StandIn(action=found[0].id, inputs=found[1], repeatable=_repeatable(found[0]))


def _action(catalogue: Catalogue | None, name: str) -> Action | None:
    if catalogue is None or not name:
        return None
    try:
        return catalogue.action(name)
    except NotFound:
        return None


def _repeatable(action: Action | None) -> bool:
    return action is not None and (action.repeatable or not action.writes)
