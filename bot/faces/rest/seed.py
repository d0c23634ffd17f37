"""The seed's form of a workflow, as our canonical definition and back. Pure.

``trigger_service``  any event of that service starts a run; ``event_type`` (and ``action``) among the conditions narrow it to one event
``action_services``  one step each: ``service.operation``, or a service, which means the first action the catalogue names for it;
                     a chat platform without a connector of its own means the house's own voice there, ``chat``
``conditions``       equality; numbers: at least. They become CEL, and are read back from it

The seed takes any JSON object as the event, so a field that the service's events are not known to have is read as ``dyn(event).field``:
CEL's own way of saying that nothing is promised about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import Invalid, NotFound, Problem
from engine.workflow.catalogue import Action, Catalogue, Field
from engine.workflow.definition import Definition, Json, TriggerType

PLATFORMS = ("slack", "discord", "teams", "google_chat")
REQUIRED = ("name", "trigger_service", "action_services")

# What the seed's form cannot say, where an action cannot do without it: the event decides, if it has such a field.
_STAND_INS = {"channel": "#ops", "to": "{{dyn(event).to}}", "url": "{{dyn(event).url}}"}
_TITLE = "{{has(dyn(event).title) ? dyn(event).title : workflow.name}}"
_TEXT = "{{workflow.name}}{{has(dyn(event).title) ? ': ' + dyn(event).title : ''}}{{has(dyn(event).url) ? ' ' + dyn(event).url : ''}}"
_WORDS = {"text": _TEXT, "description": _TEXT, "title": _TITLE, "name": _TITLE, "subject": _TITLE}
# Taken from an event of the same service by the house, which expects a real one; an execution may give less.
_SURROUNDINGS = frozenset({"repo", "project", "board", "channel", "database", "object"})
_FILLED = frozenset({"list"})  # by the house

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"})  # fmt: skip


def raw_definition(body: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """The canonical form. Raises Invalid: a field is missing (in the seed's words), or a service or action is not known."""
    for name in REQUIRED:
        if not body.get(name):
            raise Invalid(f"Missing required field: {name}")
    conditions = dict(body.get("conditions") or {})
    events = _events(catalogue, str(body["trigger_service"]), conditions)
    return {
        "name": body["name"],
        "description": body.get("description", ""),
        "trigger": _trigger(str(body["trigger_service"]), events),
        "when": condition_text(conditions, _narrowing(conditions, events), _told(catalogue, str(body["trigger_service"]), events)),
        "steps": _steps(body["action_services"], catalogue, str(body["trigger_service"])),
    }


def _events(catalogue: Catalogue, service: str, conditions: Mapping[str, Any]) -> tuple[str, ...]:
    """The events meant, without the service; empty for a service that has none."""
    try:
        events = catalogue.service(service).events
        every = tuple(event.event for event in events)
    except NotFound as error:
        raise Invalid(str(error), [Problem(str(error), ("trigger_service",))]) from error
    kind = str(conditions.get("event_type", ""))
    if not kind:
        return every
    wanted = "_".join(filter(None, (kind, str(conditions.get("action", "")))))
    return tuple(event for event in every if event == wanted or event.startswith(wanted + "_")) or every


def _told(catalogue: Catalogue, service: str, events: Sequence[str]) -> frozenset[str]:
    """Fields that every one of these events is known to have."""
    fields = [frozenset(field.name for field in event.fields) for event in catalogue.service(service).events if event.event in events]
    return frozenset.intersection(*fields) if fields else frozenset()


def _narrowing(conditions: Mapping[str, Any], events: Sequence[str]) -> frozenset[str]:
    """The conditions that already chose the event."""
    kind = str(conditions.get("event_type", ""))
    chosen = bool(kind) and all(event.startswith(kind) for event in events) and bool(events)
    return frozenset({"event_type", "action"} & set(conditions)) if chosen else frozenset()


def _trigger(service: str, events: Sequence[str]) -> dict[str, Any]:
    match list(events):
        case []:
            return {"type": TriggerType.MANUAL.value}
        case [event]:
            return {"type": TriggerType.EVENT_BASED.value, "service": service, "event": event}
    return {"type": TriggerType.CROSS_SERVICE.value, "any": [f"{service}.{event}" for event in events]}


# --- steps -------------------------------------------------------------------------------------------------------------


def _steps(named: Sequence[Any], catalogue: Catalogue, source: str) -> list[dict[str, Any]]:
    problems: list[Problem] = []
    steps: list[dict[str, Any]] = []
    actions: list[Action] = []
    for index, name in enumerate(named):
        try:
            action = _action(str(name), catalogue)
        except NotFound as error:
            problems.append(Problem(str(error), ("action_services", index)))
        else:
            steps.append({"action": action.id, "with": _arguments(action, source, told=any(not before.writes for before in actions))})
            actions.append(action)
    if problems:
        raise Invalid("Some of action_services are not known.", problems)
    return steps


def _action(name: str, catalogue: Catalogue) -> Action:
    service, dot, operation = name.partition(".")
    if service in PLATFORMS and not catalogue.service(service).connected and (not dot or f"chat.{operation}" in catalogue.actions):
        name = f"chat{dot}{operation}"
    if "." in name:
        return catalogue.action(name)
    actions = catalogue.service(name).actions
    if not actions:
        raise NotFound(f"{name} offers no action.")
    return actions[0]


def _arguments(action: Action, source: str, *, told: bool) -> dict[str, str]:
    """``told``: an earlier step found something out; then the house itself fills in the words (``engine.workflow.complete``)."""
    needed = [field for field in action.inputs if field.required or (field.name in _SURROUNDINGS and action.service == source)]
    bare = [field for field in needed if field.default is None and field.type == "string" and not field.enum]
    return {field.name: _stand_in(field) for field in bare if field.name not in _FILLED and not (told and field.name in _WORDS)}


def _stand_in(field: Field) -> str:
    if field.name in _WORDS:
        return _WORDS[field.name]
    return _STAND_INS.get(field.name, f"{{{{has(dyn(event).{field.name}) ? dyn(event).{field.name} : 'Signalbox'}}}}")


# --- conditions --------------------------------------------------------------------------------------------------------


def condition_text(
    conditions: Mapping[str, Json], narrowing: frozenset[str] = frozenset(), told: frozenset[str] = frozenset()
) -> str:
    """CEL. Those in ``narrowing`` hold as well for an event that does not speak of them, since it was chosen by them. ``told``: fields that
    the event is known to have."""
    return " && ".join(_clause(name, value, lenient=name in narrowing, told=name in told) for name, value in conditions.items())


def _clause(name: str, value: Json, *, lenient: bool, told: bool) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    test = f"{_reference(name, told)} {'>=' if number else '=='} {json.dumps(value, ensure_ascii=False)}"
    return f"(!has({_reference(name, told)}) || {test})" if lenient else test


def _reference(name: str, told: bool) -> str:
    event = "event" if told else "dyn(event)"
    return f"{event}.{name}" if _NAME.fullmatch(name) and name not in _RESERVED else f"{event}[{json.dumps(name, ensure_ascii=False)}]"


_CLAUSE = re.compile(
    r'(?P<lenient>\(!has\((?P<said>(?:dyn\(event\)|event)[^()]*)\) \|\| )?(?:dyn\(event\)|event)(?:\.(?P<name>[A-Za-z_]\w*)|\[(?=(?P<quoted>")))', re.ASCII
)
_TEST = re.compile(r" (>=|==) ")


def conditions_of(definition: Definition) -> dict[str, Json]:
    """The seed's conditions out of CEL that ``condition_text`` wrote; {} for any other condition."""
    text, at, found = definition.when, 0, {}
    try:
        while at < len(text):
            name, value, at = _read_clause(text, at)
            found[name] = value
            if text[at : at + 4] == " && ":
                at += 4
            elif at < len(text):
                return {}
    except ValueError:
        return {}
    return found


def _read_clause(text: str, at: int) -> tuple[str, Json, int]:
    """Raises ValueError when this is not one of ours."""
    reader = json.JSONDecoder()
    start = _CLAUSE.match(text, at)
    if not start:
        raise ValueError
    name, at = start["name"], start.end()
    if start["quoted"]:
        name, at = reader.raw_decode(text, at)
        at += 1
    test = _TEST.match(text, at)
    if not test:
        raise ValueError
    value, at = reader.raw_decode(text, test.end())
    return name, value, at + 1 if start["lenient"] else at


# --- and back ----------------------------------------------------------------------------------------------------------


def trigger_service(definition: Definition) -> str:
    """The service that starts it; for several the first, for a schedule or a hand ``signalbox``."""
    trigger = definition.trigger
    several = (*trigger.any, *trigger.all, *trigger.sequence)
    return trigger.service or (several[0].partition(".")[0] if several else "signalbox")


def action_services(definition: Definition) -> list[str]:
    """One a step, in order."""
    return [step.service for step in definition.steps]
