"""What a definition must keep beyond its shape: order, expressions, and what the catalogue knows. Every fault is a Problem with its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.errors import Invalid, NotFound, Problem
from engine.workflow.catalogue import Action, Catalogue, Field, did_you_mean, listed
from engine.workflow.definition import Definition, Json, Step, TriggerType
from engine.workflow.expression import Expression, templates
from engine.workflow.order import APPROVAL, ancestors, effective_steps, resolved_needs, sorted_or_invalid

Path = tuple[str | int, ...]
_STEPS: Path = ("steps",)
_RESCUE: Path = ("options", "on_failure")


def faults(definition: Definition, catalogue: Catalogue | None) -> Iterator[Problem]:
    """All of them, in the order of the document as far as may be."""
    yield from _order(definition)
    yield from _expressions(definition)
    if catalogue is not None:
        yield from _trigger(definition, catalogue)
        yield from _never(definition, catalogue)
        for step, path in _placed(definition):
            yield from _step(step, path, catalogue)
        yield from _fallback(definition, catalogue)


def _placed(definition: Definition) -> Iterator[tuple[Step, Path]]:
    """Every step with the path to it."""
    for steps, path in ((definition.steps, _STEPS), (definition.options.on_failure, _RESCUE)):
        for index, step in enumerate(steps):
            yield step, (*path, index)


# --- order ---------------------------------------------------------------------------------------------------------------


def _order(definition: Definition) -> Iterator[Problem]:
    yield from _unique(definition)
    for steps, path in ((definition.steps, _STEPS), (definition.options.on_failure, _RESCUE)):
        yield from _needs(steps, path)


def _unique(definition: Definition) -> Iterator[Problem]:
    seen: set[str] = {APPROVAL} if definition.options.approval else set()
    for step, path in _placed(definition):
        if step.id in seen:
            taken = "the approval before the first step" if step.id == APPROVAL else "another step"
            yield Problem(f"The id “{step.id}” belongs to {taken} already.", (*path, "id"))
        seen.add(step.id)


def _needs(steps: Sequence[Step], path: Path) -> Iterator[Problem]:
    ids = {step.id for step in steps}
    graph: dict[str, list[str]] = {}
    for index, (step, needs) in enumerate(zip(steps, resolved_needs(steps), strict=True)):
        for name in needs:
            if name not in ids:
                yield Problem(
                    f"Step “{step.id}” needs “{name[:60]}”, which is no step beside it.{did_you_mean(name, ids)}", (*path, index, "needs")
                )
        graph.setdefault(step.id, []).extend(name for name in needs if name in ids)
    if len(ids) < len(steps):
        return  # an id said twice was named above; which of the two is meant decides nothing here
    try:
        sorted_or_invalid(graph)
    except Invalid as error:
        yield Problem(str(error), path)


# --- expressions -----------------------------------------------------------------------------------------------------------


def _expressions(definition: Definition) -> Iterator[Problem]:
    ids = {step.id for step, _ in _placed(definition)} | ({APPROVAL} if definition.options.approval else set())
    inputs = {entry.name for entry in definition.trigger.inputs}
    if definition.when:
        yield from _expression(definition.when, ("when",), ids, inputs)
    for step, path in _placed(definition):
        if step.when:
            yield from _expression(step.when, (*path, "when"), ids, inputs)
        for text, place in _texts(dict(step.arguments), (*path, "with")):
            yield from _template(text, place, ids, inputs)
    yield from _too_early(definition)


def _expression(text: str, path: Path, ids: set[str], inputs: set[str]) -> Iterator[Problem]:
    try:
        expression = Expression.compile(text)
    except Invalid as error:
        yield Problem(str(error), path)
        return
    for root, *rest in expression.references():
        if root == "steps" and rest and rest[0] not in ids:
            yield Problem(f"“{text[:60]}” reads the step “{rest[0][:60]}”, which is not there.{did_you_mean(rest[0], ids)}", path)
        if root == "inputs" and rest and inputs and rest[0] not in inputs:
            yield Problem(f"“{text[:60]}” reads the input “{rest[0][:60]}”, which is not declared.{did_you_mean(rest[0], inputs)}", path)


def _template(text: str, path: Path, ids: set[str], inputs: set[str]) -> Iterator[Problem]:
    try:
        found = templates(text)
    except Invalid as error:
        yield Problem(str(error), path)
        return
    for expression in found:
        yield from _expression(expression, path, ids, inputs)


def _texts(value: Json, path: Path) -> Iterator[tuple[str, Path]]:
    """Every text with a template in it, keys too."""
    if isinstance(value, str):
        if "{{" in value:
            yield value, path
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, index))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(key, (*path, key))
            yield from _texts(part, (*path, key))


def _too_early(definition: Definition) -> Iterator[Problem]:
    """A step may read only what is over when it begins; on-failure steps may read every step of the workflow."""
    try:
        steps = effective_steps(definition)
        before = ancestors(steps)
    except Invalid:
        return  # named above
    shift = len(steps) - len(definition.steps)
    for index, step in enumerate(steps):
        if index < shift:
            continue
        for name in sorted(_read(step) - before[step.id]):
            if name in before:
                what = "itself" if name == step.id else f"the step “{name}”, which may not be over by then. Add it to its needs"
                yield Problem(f"Step “{step.id}” reads {what}.", (*_STEPS, index - shift))


def _read(step: Step) -> set[str]:
    """Steps that a step's condition and arguments read; what does not compile was named before."""
    found: set[str] = set()
    expressions = [step.when] if step.when else []
    try:
        for text, _ in _texts(dict(step.arguments), ()):
            expressions += templates(text)
        for expression in expressions:
            found |= {path[1] for path in Expression.compile(expression).references() if path[0] == "steps" and len(path) > 1}
    except Invalid:
        return set()
    return found


# --- catalogue -------------------------------------------------------------------------------------------------------------


def _trigger(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    trigger = definition.trigger
    if trigger.type is TriggerType.EVENT_BASED and trigger.service and trigger.event:
        yield from _event(f"{trigger.service}.{trigger.event}", ("trigger",), catalogue)
    if trigger.type is TriggerType.AI_PREDICTED and trigger.service:
        yield from _service(trigger.service, ("trigger", "service"), catalogue, "be watched")
    for key in ("all", "any", "sequence"):
        for index, id in enumerate(getattr(trigger, key)):
            yield from _event(id, ("trigger", key, index), catalogue)


def _event(id: str, path: Path, catalogue: Catalogue) -> Iterator[Problem]:
    try:
        catalogue.event(id)
    except NotFound as error:
        yield Problem(str(error), path)
        return
    yield from _service(id.partition(".")[0], path, catalogue, "start a workflow")


# ``event.field == "value"`` and ``event.field in ["one", "other"]``
_ONE = re.compile(r"\bevent\.(\w+)\s*[!=]=\s*(?P<quote>['\"])(.*?)(?P=quote)")
_SOME = re.compile(r"\bevent\.(\w+)\s+in\s*\[([^\]]*)\]")
_QUOTED = re.compile(r"(?P<quote>['\"])(.*?)(?P=quote)")


def _never(definition: Definition, catalogue: Catalogue) -> Iterator[Problem]:
    """Conditions that ask an event's field for a value it never has would wait for ever."""
    event = catalogue.events.get(f"{definition.trigger.service}.{definition.trigger.event}")
    if event is None:
        return
    told = {entry.name: [str(value) for value in entry.enum] for entry in event.fields if entry.enum}
    for text, path in ((definition.when, ("when",)), *((step.when, (*path, "when")) for step, path in _placed(definition))):
        for name, value in _asked(text):
            if name in told and value not in told[name]:
                other = next((field for field, values in told.items() if value in values), "")
                hint = f" Did you mean event.{other} == '{value}'?" if other else did_you_mean(value, told[name])
                yield Problem(f"event.{name} of {event.id} is never “{value[:60]}”; it is {listed(told[name], 'or')}.{hint}", path)


def _asked(text: str) -> Iterator[tuple[str, str]]:
    for match in _ONE.finditer(text):
        yield match[1], match[3]
    for match in _SOME.finditer(text):
        for quoted in _QUOTED.finditer(match[2]):
            yield match[1], quoted[2]


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
    if "." not in step.action:
        return  # its shape was named before
    try:
        action = catalogue.action(step.action)
    except NotFound as error:
        yield Problem(str(error), (*path, "action"))
        return
    yield from _service(action.service, (*path, "action"), catalogue, "be asked")
    if action.inputs:
        yield from _inputs(step, action, path)


def _inputs(step: Step, action: Action, path: Path) -> Iterator[Problem]:
    known = {entry.name: entry for entry in action.inputs}
    for name, value in step.arguments.items():
        if "{{" in name:
            continue
        if name not in known:
            hint = did_you_mean(name, list(known)) or f" It takes {listed(known)}."
            yield Problem(f"{action.id} has no input “{name[:60]}”.{hint}", (*path, "with", name))
        elif fault := _misfit(known[name], value):
            yield Problem(f"“{name}” of {action.id} {fault}", (*path, "with", name))
    for entry in action.inputs:
        if entry.required and entry.default is None and step.arguments.get(entry.name) in (None, ""):
            yield Problem(f"{action.id} needs “{entry.name}”{f' ({entry.help})' if entry.help else ''}.", (*path, "with"))


def _misfit(entry: Field, value: Json) -> str:
    """Only what is plainly wrong: a template may become anything, and connectors read numbers from text."""
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
    for service, other in definition.options.fallback.items():
        path = ("options", "fallback", service)
        unknown = [*_service(service, path, catalogue, "have a fallback"), *_service(other, path, catalogue, "stand in")]
        yield from unknown
        if unknown:
            continue
        for step in definition.steps:
            if step.service == service and step.action in catalogue.actions and catalogue.equivalent(step.action, other) is None:
                name = catalogue.services[other].name
                yield Problem(f"{name} cannot stand in for “{step.id}”: nothing of it was declared to do the same as {step.action}.", path)
