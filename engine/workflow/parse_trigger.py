"""Triggers out of raw data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import Invalid
from engine.workflow.calendar import check_cron, check_zone, zone_named
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.definition import Debounce, Input, Json, Misfire, Trigger, TriggerType
from engine.workflow.reading import Cursor, is_dotted, is_ident, is_service, within
from engine.workflow.recurrence import recurrence
from engine.workflow.schema_limits import (
    DAY,
    EARLIEST,
    LATEST,
    MAX_CHOICES,
    MAX_EVENTS,
    MAX_EXCEPTIONS,
    MAX_INPUTS,
    SECOND,
    SHORTEST_TIMEOUT,
    YEAR,
)
from engine.workflow.schema_triggers import DEBOUNCE, INPUT, INPUT_TYPES, METHODS, TRIGGERS

_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,)}
_EVERY_FIELD = tuple(dict.fromkeys(name for part in TRIGGERS.values() for name in part.fields))
_EITHER = ("all", "any", "sequence")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_trigger(parent: Cursor) -> Trigger:
    cursor = parent.at("trigger")
    if not parent.has("trigger"):
        parent.problem("A workflow needs a trigger: say what starts it.", "trigger")
        return Trigger(type=TriggerType.MANUAL)
    said = cursor.value.get("type") if isinstance(cursor.value, Mapping) else None
    part = TRIGGERS[TriggerType(said)] if isinstance(said, str) and said in list(TriggerType) else None
    if not cursor.mapping(f"A trigger of type {said}" if part else "A trigger", part.fields if part else _EVERY_FIELD):
        return Trigger(type=TriggerType.MANUAL)
    if not cursor.has("type"):
        cursor.problem(f"The trigger needs a type: {listed(TriggerType, 'or')}.", "type")
    kind = TriggerType(cursor.choice("type", "The type of the trigger", list(TriggerType), TriggerType.MANUAL))
    return _READERS[kind](cursor)


# --- schedules ---------------------------------------------------------------------------------------------------------------


def _scheduled(cursor: Cursor) -> Trigger:
    said = [key for key in ("cron", "rrule", "at") if cursor.has(key)]
    if len(said) != 1:
        cursor.problem(f"A schedule needs exactly one of cron, rrule or at; this has {listed(said) or 'none'}.")
    for key in ("end", "exceptions"):
        if cursor.has(key) and said == ["at"]:
            cursor.problem(f"A schedule that fires once needs no “{key}”.", key)
    timezone = _checked_text(cursor, "timezone", check_zone)
    return Trigger(
        type=TriggerType.SCHEDULED,
        cron=_checked_text(cursor, "cron", check_cron),
        rrule=_checked_text(cursor, "rrule", lambda text: recurrence(text).text),
        at=cursor.checked("at", lambda value: _moment(value, timezone)),
        timezone=timezone,
        misfire=Misfire(cursor.choice("misfire", "“misfire”", list(Misfire), Misfire.ONCE)),
        jitter=cursor.seconds("jitter", 0, DAY) or 0.0,
        end=cursor.checked("end", lambda value: _moment(_end_of_day(value), timezone)),
        exceptions=_exceptions(cursor),
    )


def _checked_text(cursor: Cursor, key: str, check: Callable[[str], str]) -> str:
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
        if not EARLIEST <= moment.astimezone(zone_named("UTC")).year <= LATEST:
            raise Invalid(f"The moment lies too far away: the years {EARLIEST} to {LATEST} can be meant.")
        return datetime.fromisoformat(moment.isoformat())
    except (ValueError, OverflowError) as error:
        raise Invalid("The moment lies outside of the calendar.") from error


def _end_of_day(value: Any) -> Any:
    """“Until the 31st” includes the 31st."""
    return f"{value}T23:59:59" if isinstance(value, str) and _DAY.fullmatch(value) else value


def _exceptions(cursor: Cursor) -> tuple[str, ...]:
    if not cursor.has("exceptions"):
        return ()
    found = cursor.texts("exceptions", "“exceptions”", MAX_EXCEPTIONS)
    for text in found:
        if not _is_day(text):
            cursor.problem(f"“{text[:40]}” is no date. Write days like 2026-12-25, moments like 2026-12-25T09:00:00+01:00.", "exceptions")
    return found


def _is_day(text: str) -> bool:
    if not _DAY.match(text):
        return False
    try:
        return EARLIEST <= (date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)).year <= LATEST
    except ValueError:
        return False


# --- events --------------------------------------------------------------------------------------------------------------------


def _event_based(cursor: Cursor) -> Trigger:
    return Trigger(
        type=TriggerType.EVENT_BASED,
        service=_word(cursor, "service", "which service the event comes from, for example github"),
        event=_word(cursor, "event", "which event starts it, for example pull_request_merged"),
        dedup=cursor.expression("dedup"),
        debounce=_debounce(cursor) if cursor.has("debounce") else None,
    )


def _debounce(cursor: Cursor) -> Debounce | None:
    inner = cursor.at("debounce")
    if not isinstance(inner.value, Mapping):
        seconds = cursor.seconds("debounce", SHORTEST_TIMEOUT, DAY)
        return None if seconds is None else Debounce(seconds)
    if not inner.mapping("“debounce”", DEBOUNCE.fields):
        return None
    if not inner.has("for"):
        inner.problem("“debounce” must say for how long it has to be quiet, for example 30s.", "for")
    return Debounce(inner.seconds("for", SHORTEST_TIMEOUT, DAY) or 1.0, inner.expression("key"))


def _word(cursor: Cursor, key: str, what: str) -> str:
    """A name in the catalogue's spelling."""
    if not cursor.has(key):
        cursor.problem(f"The trigger must say {what}.", key)
        return ""
    text = cursor.at(key).named(f"“{key}”")
    if text and not is_service(text):
        cursor.problem(f"“{text[:60]}” is no name of a {key}: small letters, digits and _ only.", key)
        return ""
    return text


def _cross_service(cursor: Cursor) -> Trigger:
    said = [key for key in _EITHER if cursor.has(key)]
    if len(said) != 1:
        cursor.problem(f"A cross_service trigger needs exactly one of all, any or sequence; this has {listed(said) or 'none'}.")
    if said == ["any"] and cursor.has("correlate"):
        cursor.problem(
            "Any one of the events starts a run, so there is nothing to correlate. Take “correlate” out, or say all.", "correlate"
        )
    events = {key: _events(cursor, key) for key in said}
    return Trigger(
        type=TriggerType.CROSS_SERVICE,
        all=events.get("all", ()),
        any=events.get("any", ()),
        sequence=events.get("sequence", ()),
        within=_span(cursor, "within"),
        correlate=_correlate(cursor, [id for ids in events.values() for id in ids]),
        dedup=cursor.expression("dedup"),
    )


def _span(cursor: Cursor, key: str) -> timedelta | None:
    seconds = cursor.checked(key, lambda value: within(value, "A span", SECOND, YEAR))
    return None if seconds is None else timedelta(seconds=seconds)


def _events(cursor: Cursor, key: str) -> tuple[str, ...]:
    found = cursor.texts(key, f"“{key}”", MAX_EVENTS)
    for id in found:
        if not is_dotted(id):
            cursor.problem(f"“{id[:60]}” must be written service.event, for example github.push.", key)
    if len(found) < 2:
        cursor.problem(f"“{key}” needs two events or more.", key)
    return tuple(id for id in found if is_dotted(id))


def _correlate(cursor: Cursor, events: list[str]) -> dict[str, str]:
    inner = cursor.at("correlate")
    if not cursor.has("correlate"):
        return {}
    if isinstance(inner.value, str):
        text = cursor.expression("correlate")
        return {"": text} if text else {}
    found = cursor.pairs("correlate", "“correlate”")
    for id, text in found.items():
        if id not in events:
            cursor.problem(f"“{id[:60]}” is none of the events of this trigger.{did_you_mean(id, events)}", "correlate", id)
        elif not text:
            cursor.problem(f"Say what {id} is correlated by, for example event.customer.", "correlate", id)
    missing = [id for id in events if id not in found]
    if found and missing:
        cursor.problem(
            f"“correlate” must also say what {listed(missing)} {'is' if len(missing) == 1 else 'are'} correlated by.", "correlate"
        )
    return found


def _ai_predicted(cursor: Cursor) -> Trigger:
    method = cursor.choice("method", "“method”", list(METHODS), "")
    if method == "anomaly" and cursor.has("horizon"):
        cursor.problem("An anomaly is happening now, so it has no horizon. Take it out, or let method be forecast.", "horizon")
    return Trigger(
        type=TriggerType.AI_PREDICTED,
        service=_word(cursor, "service", "which service is watched"),
        metric=_word(cursor, "metric", "") if cursor.has("metric") else "",
        horizon=_span(cursor, "horizon"),
        method=method,
    )


# --- by hand -------------------------------------------------------------------------------------------------------------------


def _manual(cursor: Cursor) -> Trigger:
    inputs = [_input(entry) for entry in cursor.at("inputs").entries("“inputs”", MAX_INPUTS)] if cursor.has("inputs") else []
    names = [entry.name for entry in inputs]
    if len(set(names)) < len(names):
        cursor.problem("Two inputs have the same name.", "inputs")
    return Trigger(type=TriggerType.MANUAL, inputs=tuple(inputs))


def _input(cursor: Cursor) -> Input:
    if not cursor.mapping("An input", INPUT.fields):
        return Input("input")
    name = cursor.at("name").named("The name of an input")
    if name and not is_ident(name):
        cursor.problem(f"“{name[:60]}” cannot name an input: letters, digits and _ only, not beginning with a digit.", "name")
    type_ = cursor.choice("type", "The type of an input", list(INPUT_TYPES), "string")
    default = cursor.at("default").json("The default") if cursor.has("default") else None
    if default is not None and (not isinstance(default, _TYPES[type_]) or (isinstance(default, bool) and type_ != "boolean")):
        cursor.problem(f"The default of “{name}” is no {type_}.", "default")
    help = cursor.at("help").line("The help of an input", 300) if cursor.has("help") else ""
    choices = _choices(cursor, name, type_)
    if choices and default is not None and default not in choices:
        cursor.problem(f"The default of “{name}” is none of its choices.", "default")
    return Input(name, type_, cursor.flag("required"), default, help, choices)


def _choices(cursor: Cursor, name: str, type_: str) -> tuple[Json, ...]:
    if not cursor.has("choices"):
        return ()
    if type_ == "boolean":
        cursor.problem("A boolean is yes or no; it needs no choices.", "choices")
        return ()
    values = [entry.json("A choice") for entry in cursor.at("choices").entries("“choices”", MAX_CHOICES)]
    if not values:
        cursor.problem(f"“{name}” can be nothing at all: name at least one choice, or leave “choices” out.", "choices")
    for at, value in enumerate(values):
        if not isinstance(value, _TYPES[type_]) or isinstance(value, bool):
            cursor.problem(f"This choice of “{name}” is no {type_}.", "choices", at)
        elif value in values[:at]:
            cursor.problem(f"“{str(value)[:60]}” is a choice twice.", "choices", at)
    return tuple(values)


_READERS: Mapping[TriggerType, Callable[[Cursor], Trigger]] = {
    TriggerType.SCHEDULED: _scheduled,
    TriggerType.EVENT_BASED: _event_based,
    TriggerType.CROSS_SERVICE: _cross_service,
    TriggerType.AI_PREDICTED: _ai_predicted,
    TriggerType.MANUAL: _manual,
}
