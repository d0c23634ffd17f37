"""What a definition asks of services: that they, their events, actions and inputs exist, are connected and fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.errors import NotFound, Problem
from engine.workflow.catalogue import Action, Catalogue, Field, did_you_mean, listed
from engine.workflow.checks_order import Path, placed
from engine.workflow.definition import Definition, Json, Step, TriggerType, Wait

_OWN_HOST = re.compile(r"\s*(?:https?://[^\s/?#{}@]+(?:[/?#]|\s*$)|\{\{\s*env\.\w+\s*\}\}(?:[/?#]|\s*$))", re.I)


def catalogue_faults(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    yield from _trigger(definition, catalogue)
    for step, path in placed(definition):
        yield from _step(step, path, catalogue)
    yield from _fallback(definition, catalogue)


def _trigger(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    trigger = definition.trigger
    if trigger.type is TriggerType.EVENT_BASED and trigger.service and trigger.event:
        place = "service" if trigger.service not in catalogue.connected else "event"
        yield from _event(f"{trigger.service}.{trigger.event}", ("trigger", place), catalogue)
    if trigger.type is TriggerType.AI_PREDICTED and trigger.service:
        yield from _service(trigger.service, ("trigger", "service"), catalogue, "be watched")
    for key in ("all", "any", "sequence"):
        for index, id in enumerate(getattr(trigger, key)):
            yield from _event(id, ("trigger", key, index), catalogue)


def _event(id: str, path: Path, catalogue: Catalogue, what: str = "start a workflow") -> Iterator[Problem]:
    try:
        catalogue.event(id)
    except NotFound as error:
        yield Problem(str(error), path)
        return
    yield from _service(id.partition(".")[0], path, catalogue, what)


def _service(id: str, path: Path, catalogue: Catalogue, what: str) -> Iterator[Problem]:
    try:
        service = catalogue.service(id)
    except NotFound as error:
        yield Problem(str(error), path)
        return
    if not service.connected:
        ready = listed(catalogue.connected) or "none so far"
        yield Problem(f"{service.name} cannot {what}: no connector for it ships with this version. Connected services: {ready}.", path)


def _step(step: Step, path: Path, catalogue: Catalogue) -> Iterator[Problem]:
    yield from _asked(step.action, step.arguments, path, catalogue)
    for key, other in (("fallback", step.fallback), ("compensate", step.compensate)):
        if other is not None:
            yield from _asked(other.action, other.arguments, (*path, key), catalogue)
    if isinstance(step.does, Wait) and step.does.event:
        yield from _event(step.does.event, (*path, "wait", "event"), catalogue, "be waited for")


def _asked(name: str, arguments: Mapping[str, Json], path: Path, catalogue: Catalogue) -> Iterator[Problem]:
    if "." not in name:
        return  # its shape was named before, or it is a construct
    try:
        action = catalogue.action(name)
    except NotFound as error:
        yield Problem(str(error), (*path, "action"))
        return
    yield from _service(action.service, (*path, "action"), catalogue, "be asked")
    if action.inputs:
        yield from _inputs(arguments, action, path)


def _inputs(arguments: Mapping[str, Json], action: Action, path: Path) -> Iterator[Problem]:
    known = {entry.name: entry for entry in action.inputs}
    for name, value in arguments.items():
        if "{{" in name:
            continue
        if name not in known:
            hint = did_you_mean(name, list(known)) or f" It takes {listed(known)}."
            yield Problem(f"{action.id} has no input “{name[:60]}”.{hint}", (*path, "with", name))
        elif fault := _misfit(known[name], value):
            yield Problem(f"“{name}” of {action.id} {fault}", (*path, "with", name))
    if any(name not in known for name in arguments):
        return  # what is missing may be what was misspelt, or what a template will name
    for entry in action.inputs:
        if entry.required and entry.default is None and arguments.get(entry.name) in (None, ""):
            yield Problem(f"{action.id} needs “{entry.name}”{f' ({entry.help})' if entry.help else ''}.", (*path, "with"))


def _misfit(entry: Field, value: Json) -> str:
    """Only what is plainly wrong: a template may become anything, and connectors read numbers from text."""
    if entry.own_host and isinstance(value, str) and not _OWN_HOST.match(value):
        return "must begin with https:// and a host that is written out (or an {{env.…}} of the definition): no value may lead it elsewhere."
    if value is None or (isinstance(value, str) and "{{" in value):
        return ""
    if entry.enum and value not in entry.enum:
        return f"must be {listed((str(choice) for choice in entry.enum), 'or')}.{did_you_mean(str(value), [str(choice) for choice in entry.enum])}"
    if entry.type in ("number", "integer") and not _is_number(value):
        return "must be a number."
    if entry.type == "object" and not isinstance(value, dict):
        return "must be a group of fields."
    if entry.type == "string" and isinstance(value, dict):
        return "must be text."
    return ""


def _is_number(value: Json) -> bool:
    if isinstance(value, str):
        return value.strip().lstrip("+-").replace(".", "", 1).isdigit()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fallback(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    named = [(service, other, ("options", "fallback", service)) for service, other in definition.options.fallback.items()]
    named += [(service, other, ("options", "among", service)) for service, others in definition.options.among.items() for other in others]
    for service, other, path in named:
        unknown = [*_service(service, path, catalogue, "have a fallback"), *_service(other, path, catalogue, "stand in")]
        yield from unknown
        if unknown:
            continue
        for step in definition.every_step:
            if (
                step.service == service
                and step.fallback is None
                and step.action in catalogue.actions
                and catalogue.equivalent(step.action, other) is None
            ):
                name = catalogue.services[other].name
                yield Problem(f"{name} cannot stand in for “{step.id}”: nothing of it was declared to do the same as {step.action}.", path)
