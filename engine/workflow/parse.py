"""The one door for raw definitions: mappings, YAML or JSON in, a checked Definition out, with every problem named in its place.

raw ─▶ shape (this file) ─▶ order, expressions, catalogue (checks) ─▶ Definition ─▶ to_raw, to_yaml (writing)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.errors import Invalid, Problem
from engine.workflow.calendar import check_cron, check_zone, zone_named
from engine.workflow.catalogue import Catalogue, listed
from engine.workflow.checks import faults
from engine.workflow.definition import SCHEMA, Definition, Input, Json, Misfire, Options, Step, Trigger, TriggerType
from engine.workflow.durations import duration
from engine.workflow.order import effective_steps, start_condition
from engine.workflow.reading import Cursor
from engine.workflow.recurrence import recurrence
from engine.workflow.title import title
from engine.workflow.writing import DEFAULTS, default_ids, to_raw, to_yaml
from engine.workflow.yaml_text import read_yaml

__all__ = ["duration", "effective_steps", "parse_definition", "parse_yaml", "start_condition", "to_raw", "to_yaml", "unsupported", "untold"]

MAX_STEPS = 200
MAX_TIMEOUT = 86_400.0  # seconds
MAX_RETRIES = 20
EARLIEST, LATEST = 1970, 2999  # years a moment may lie in

# Events of the catalogue, or all of a service, that nothing tells yet.
UNTOLD = {
    "chat": (
        "this version does not tell workflows yet what is written in channels. "
        "Let it start on an event of another service, on a schedule, or by hand with /flow run"
    ),
    "signalbox.anomaly_predicted": (
        "this version does not predict yet. Let it start on signalbox.health_changed instead: that fires as soon as trouble is noticed"
    ),
}

FIELDS = ("name", "description", "trigger", "when", "steps", "options", "places", "home", "schema")
STEP_FIELDS = ("id", "action", "with", "when", "needs", "retries", "timeout", "account")
OPTION_FIELDS = ("retries", "timeout", "fallback", "approval", "on_failure")
INPUT_FIELDS = ("name", "type", "required", "default", "help")
TRIGGER_FIELDS = {
    TriggerType.SCHEDULED: ("cron", "rrule", "at", "timezone", "misfire"),
    TriggerType.EVENT_BASED: ("service", "event"),
    TriggerType.CROSS_SERVICE: ("all", "any", "sequence", "within"),
    TriggerType.AI_PREDICTED: ("service", "metric", "horizon"),
    TriggerType.MANUAL: ("inputs",),
}
INPUT_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,)}

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RESERVED = frozenset(
    "as break const continue else false for function if import in let loop namespace null package return true var void while".split()  # noqa: SIM905
)


def parse_definition(raw: Mapping[str, Any], catalogue: Catalogue | None = None) -> Definition:
    """The definition of a mapping in the form of the parse contract.

    With a catalogue, services, events, actions and their inputs must exist and be connected. Raises Invalid with all problems (fifty at most).
    """
    cursor = Cursor(raw)
    definition = _definition(cursor) if cursor.mapping("A workflow", FIELDS) else None
    if definition is not None:
        known = {problem.path for problem in cursor.problems}
        for problem in faults(definition, catalogue):
            if problem.path not in known:
                Cursor(None, problem.path, cursor.problems).problem(problem.message)
    if definition is None or cursor.problems:
        raise Invalid("This workflow cannot be used as it stands:", cursor.problems)
    return definition


def parse_yaml(text: str, catalogue: Catalogue | None = None) -> Definition:
    """As ``parse_definition``, of YAML or JSON text; every problem carries line and column."""
    document = read_yaml(text)
    try:
        return parse_definition(document.value, catalogue)  # type: ignore[arg-type]  # what is no mapping is one of the problems
    except Invalid as error:
        placed = [Problem(problem.message, problem.path, *document.place(problem.path)) for problem in error.problems]
        placed.sort(key=lambda problem: (problem.line, problem.column))
        raise Invalid(str(error).split("\n", 1)[0], placed) from error


def unsupported(definition: Definition) -> str | None:
    """Why this version cannot run a definition that is otherwise right, in a sentence; None when it can."""
    trigger = definition.trigger
    if trigger.type is TriggerType.AI_PREDICTED:
        return (
            "This workflow waits for a prediction, and this version does not predict yet. "
            "Let it start on signalbox.health_changed instead: that fires as soon as trouble is noticed."
        )
    if silent := _silent(trigger):
        return silent
    if trigger.type is TriggerType.CROSS_SERVICE and not trigger.any:
        how = "in order" if trigger.sequence else "together"
        events = listed(trigger.sequence or trigger.all)
        return (
            f"This workflow waits for {events} {how}, and this version does not wait for several events yet. It can start on any of them."
        )
    if trigger.rrule and recurrence(trigger.rrule).count is not None:
        return (
            "The schedule ends after a number of fires (COUNT), which cannot be kept as it stands. Say until when instead (UNTIL=20261231)."
        )
    return None


def untold(event: str) -> str:
    """Why nothing of this version tells ``service.event``, as the end of a sentence; empty when something does."""
    return UNTOLD.get(event) or UNTOLD.get(event.partition(".")[0], "")


def _silent(trigger: Trigger) -> str | None:
    """Why it would wait for ever: nothing of this version tells some event it waits for."""
    awaited = (f"{trigger.service}.{trigger.event}",) if trigger.type is TriggerType.EVENT_BASED else trigger.any
    for id in awaited:
        if reason := untold(id):
            return f"This workflow waits for {id}, and {reason}."
    return None


# --- the parts ---------------------------------------------------------------------------------------------------------------


def _definition(cursor: Cursor) -> Definition:
    trigger = _trigger(cursor)
    options, rescue = _options(cursor.at("options"))
    steps = _steps(cursor.at("steps"), "steps", required=True)
    if len(steps) + len(rescue) > MAX_STEPS:
        cursor.problem(f"A workflow may have {MAX_STEPS} steps; this has {len(steps) + len(rescue)}.", "steps")
    main, on_failure = _named(steps, rescue)
    schema = cursor.at("schema").value if cursor.has("schema") else SCHEMA
    if schema != SCHEMA or isinstance(schema, bool):
        cursor.problem(
            f"This version reads schema {SCHEMA}; this is {str(schema)[:20]}. Update Signalbox, or write the workflow anew.", "schema"
        )
    return Definition(
        name=_title(cursor, trigger, main),
        trigger=trigger,
        steps=main,
        when=_condition(cursor),
        description=cursor.at("description").text("The description", 2_000) if cursor.has("description") else "",
        options=replace(options, on_failure=on_failure),
        places=cursor.pairs("places", "“places”"),
        home=cursor.at("home").line("“home”") if cursor.has("home") else "",
    )


def _title(cursor: Cursor, trigger: Trigger, steps: tuple[Step, ...]) -> str:
    if not cursor.has("name"):
        return title(trigger, steps) if not cursor.problems else "Workflow"
    return cursor.at("name").named("The name") or "workflow"


def _condition(cursor: Cursor) -> str:
    return cursor.at("when").text("“when”").strip() if cursor.has("when") else ""


# --- triggers ------------------------------------------------------------------------------------------------------------------


def _trigger(parent: Cursor) -> Trigger:
    cursor = parent.at("trigger")
    if not parent.has("trigger"):
        parent.problem("A workflow needs a trigger: say what starts it.", "trigger")
        return Trigger(type=TriggerType.MANUAL)
    said = cursor.value.get("type") if isinstance(cursor.value, Mapping) else None
    fields = TRIGGER_FIELDS[TriggerType(said)] if said in list(TriggerType) else tuple(dict.fromkeys(sum(TRIGGER_FIELDS.values(), ())))
    if not cursor.mapping(f"A trigger of type {said}" if said in list(TriggerType) else "A trigger", ("type", *fields)):
        return Trigger(type=TriggerType.MANUAL)
    if not cursor.has("type"):
        cursor.problem(f"The trigger needs a type: {listed(TriggerType, 'or')}.", "type")
    kind = TriggerType(cursor.choice("type", "The type of the trigger", list(TriggerType), TriggerType.MANUAL))
    readers = {
        TriggerType.SCHEDULED: _scheduled,
        TriggerType.EVENT_BASED: _event_based,
        TriggerType.CROSS_SERVICE: _cross_service,
        TriggerType.AI_PREDICTED: _ai_predicted,
        TriggerType.MANUAL: _manual,
    }
    return readers[kind](cursor)


def _scheduled(cursor: Cursor) -> Trigger:
    said = [key for key in ("cron", "rrule", "at") if cursor.has(key)]
    if len(said) != 1:
        cursor.problem(f"A schedule needs exactly one of cron, rrule or at; this has {listed(said) or 'none'}.")
    timezone = _checked_text(cursor, "timezone", check_zone)
    return Trigger(
        type=TriggerType.SCHEDULED,
        cron=_checked_text(cursor, "cron", check_cron),
        rrule=_checked_text(cursor, "rrule", lambda text: recurrence(text).text),
        at=cursor.checked("at", lambda value: _moment(value, timezone)),
        timezone=timezone,
        misfire=Misfire(cursor.choice("misfire", "“misfire”", list(Misfire), Misfire.ONCE)),
    )


def _checked_text(cursor: Cursor, key: str, check: Any) -> str:
    if not cursor.has(key):
        return ""
    text = cursor.at(key).filled(f"“{key}”", 500).strip()
    return str(cursor.checked(key, lambda _: check(text)) or "") if text else ""


def _moment(value: Any, timezone: str) -> datetime:
    """An ISO 8601 moment; without an offset it is read in the trigger's zone."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Invalid(f"“{str(value)[:40]}” is no moment. Write it like 2026-11-23T09:00:00+00:00.") from error
    if moment.tzinfo is None:
        if not timezone:
            raise Invalid("The moment has no offset. Write it like 2026-11-23T09:00:00+00:00, or say the timezone.")
        moment = moment.replace(tzinfo=zone_named(timezone))
    try:
        if not EARLIEST <= moment.astimezone(UTC).year <= LATEST:
            raise Invalid(f"The moment lies too far away: the years {EARLIEST} to {LATEST} can be meant.")
        return datetime.fromisoformat(moment.isoformat())
    except (ValueError, OverflowError) as error:
        raise Invalid("The moment lies outside of the calendar.") from error


def _event_based(cursor: Cursor) -> Trigger:
    return Trigger(
        type=TriggerType.EVENT_BASED,
        service=_word(cursor, "service", "which service the event comes from, for example github"),
        event=_word(cursor, "event", "which event starts it, for example pull_request_merged"),
    )


def _word(cursor: Cursor, key: str, what: str) -> str:
    """A name in the catalogue's spelling."""
    if not cursor.has(key):
        cursor.problem(f"The trigger must say {what}.", key)
        return ""
    text = cursor.at(key).named(f"“{key}”")
    if text and not _NAME.fullmatch(text):
        cursor.problem(f"“{text[:60]}” is no name of a {key}: small letters, digits and _ only.", key)
        return ""
    return text


def _cross_service(cursor: Cursor) -> Trigger:
    said = [key for key in ("all", "any", "sequence") if cursor.has(key)]
    if len(said) != 1:
        cursor.problem(f"A cross_service trigger needs exactly one of all, any or sequence; this has {listed(said) or 'none'}.")
    events = {key: _events(cursor, key) for key in said}
    within = cursor.checked("within", _span)
    return Trigger(
        type=TriggerType.CROSS_SERVICE,
        all=events.get("all", ()),
        any=events.get("any", ()),
        sequence=events.get("sequence", ()),
        within=within,
    )


def _events(cursor: Cursor, key: str) -> tuple[str, ...]:
    found = cursor.texts(key, f"“{key}”")
    for id in found:
        if not _is_dotted(id):
            cursor.problem(f"“{id[:60]}” must be written service.event, for example github.push.", key)
    if len(found) < 2:
        cursor.problem(f"“{key}” needs two events or more.", key)
    return tuple(id for id in found if _is_dotted(id))


def _is_dotted(text: str) -> bool:
    first, dot, second = text.partition(".")
    return bool(dot and _NAME.fullmatch(first) and _NAME.fullmatch(second))


def _span(value: Any) -> timedelta:
    seconds = duration(value)
    if not 1 <= seconds <= 366 * 86_400:
        raise Invalid("A span must lie between a second and a year.")
    return timedelta(seconds=seconds)


def _ai_predicted(cursor: Cursor) -> Trigger:
    return Trigger(
        type=TriggerType.AI_PREDICTED,
        service=_word(cursor, "service", "which service is watched"),
        metric=_word(cursor, "metric", "") if cursor.has("metric") else "",
        horizon=cursor.checked("horizon", _span),
    )


def _manual(cursor: Cursor) -> Trigger:
    inputs = [_input(entry) for entry in cursor.at("inputs").entries("“inputs”", 50)] if cursor.has("inputs") else []
    names = [entry.name for entry in inputs]
    if len(set(names)) < len(names):
        cursor.problem("Two inputs have the same name.", "inputs")
    return Trigger(type=TriggerType.MANUAL, inputs=tuple(inputs))


def _input(cursor: Cursor) -> Input:
    if not cursor.mapping("An input", INPUT_FIELDS):
        return Input("input")
    name = cursor.at("name").named("The name of an input")
    if name and (not _ID.fullmatch(name) or name in _RESERVED):
        cursor.problem(f"“{name[:60]}” cannot name an input: letters, digits and _ only, not beginning with a digit.", "name")
    type_ = cursor.choice("type", "The type of an input", list(INPUT_TYPES), "string")
    default = cursor.at("default").json("The default") if cursor.has("default") else None
    if default is not None and (not isinstance(default, INPUT_TYPES[type_]) or (isinstance(default, bool) and type_ != "boolean")):
        cursor.problem(f"The default of “{name}” is no {type_}.", "default")
    required = cursor.at("required").value if cursor.has("required") else False
    if not isinstance(required, bool):
        cursor.problem("“required” must be true or false.", "required")
    return Input(name, type_, required is True, default, cursor.at("help").line("The help of an input", 300) if cursor.has("help") else "")


# --- options and steps -----------------------------------------------------------------------------------------------------------


def _options(cursor: Cursor) -> tuple[Options, list[tuple[Step, bool]]]:
    """The options without their on-failure steps, and those apart, as their ids depend on the others'."""
    if cursor.value is None or not cursor.mapping("“options”", OPTION_FIELDS):
        return Options(), []
    retries = cursor.whole("retries", "“retries”", 0, MAX_RETRIES)
    timeout = cursor.checked("timeout", _timeout)
    options = Options(
        retries=DEFAULTS.retries if retries is None else retries,
        timeout=DEFAULTS.timeout if timeout is None else timeout,
        fallback=_fallback(cursor),
        approval=cursor.at("approval").line("“approval”") if cursor.has("approval") else "",
    )
    return options, _steps(cursor.at("on_failure"), "on_failure") if cursor.has("on_failure") else []


def _timeout(value: Any) -> float:
    seconds = round(duration(value), 3)
    if not 0.1 <= seconds <= MAX_TIMEOUT:
        raise Invalid("A timeout must lie between a tenth of a second and a day.")
    return seconds


def _fallback(cursor: Cursor) -> dict[str, str]:
    found = cursor.pairs("fallback", "“fallback”")
    for service, other in found.items():
        if service == other:
            cursor.problem(f"{service} cannot stand in for itself.", "fallback", service)
    return found


def _steps(cursor: Cursor, what: str, *, required: bool = False) -> list[tuple[Step, bool]]:
    """Each step, and whether its id was said."""
    if required and cursor.value in (None, []):
        cursor.problem("A workflow needs at least one step: say what should be done.")
        return []
    return [_step(entry) for entry in cursor.entries(f"“{what}”", MAX_STEPS)]


def _step(cursor: Cursor) -> tuple[Step, bool]:
    if not cursor.mapping("A step", STEP_FIELDS):
        return Step(id="", action=""), False
    id = _step_id(cursor)
    step = Step(
        id=id,
        action=_action(cursor),
        arguments=_arguments(cursor),
        when=_condition(cursor),
        needs=cursor.texts("needs", "“needs”") if cursor.has("needs") else None,
        retries=cursor.whole("retries", "“retries”", 0, MAX_RETRIES),
        timeout=cursor.checked("timeout", _timeout),
        account=cursor.at("account").line("“account”") if cursor.has("account") else "",
    )
    return step, bool(id)


def _step_id(cursor: Cursor) -> str:
    id = cursor.at("id").line("The id of a step", 64) if cursor.has("id") else ""
    if id and (not _ID.fullmatch(id) or id in _RESERVED):
        cursor.problem(f"“{id}” cannot be a step's id: letters, digits and _ only, not beginning with a digit, and no word of CEL.", "id")
        return ""
    return id


def _action(cursor: Cursor) -> str:
    if not cursor.has("action"):
        cursor.problem("The step must say its action, for example trello.create_card.", "action")
        return ""
    action = cursor.at("action").named("The action")
    if action and not _is_dotted(action):
        cursor.problem(f"“{action[:60]}” must be written service.action, for example trello.create_card.", "action")
        return ""
    return action


def _arguments(cursor: Cursor) -> dict[str, Json]:
    if not cursor.has("with"):
        return {}
    inner = cursor.at("with")
    if not isinstance(inner.value, Mapping):
        inner.problem("“with” must hold the inputs of the action, name: value.")
        return {}
    value = inner.json("“with”")
    return value if isinstance(value, dict) else {}


def _named(steps: list[tuple[Step, bool]], rescue: list[tuple[Step, bool]]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Gives an id to every step that said none."""
    together = [*steps, *rescue]
    ids = default_ids([step for step, _ in together], [step.id if said else "" for step, said in together])
    named = [replace(step, id=id) for (step, _), id in zip(together, ids, strict=True)]
    return tuple(named[: len(steps)]), tuple(named[len(steps) :])
