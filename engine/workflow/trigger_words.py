"""A trigger said in words, all of it: “every weekday at 09:00 (Europe/Berlin), up to 5 minutes later, except on 25 December 2026”."""

from __future__ import annotations

from datetime import date, datetime

from engine.errors import NotFound
from engine.workflow.calendar_words import MONTHS, schedule_in_words
from engine.workflow.catalogue import Catalogue, listed
from engine.workflow.definition import Misfire, Trigger, TriggerType
from engine.workflow.durations import in_words as long
from engine.workflow.gathering import DEFAULT_WITHIN

MOST_EXCEPTIONS = 3  # that are named; more are counted


def in_words(trigger: Trigger, catalogue: Catalogue | None = None) -> str:
    """One phrase without a full stop; names services as people do where a catalogue is given."""
    match trigger.type:
        case TriggerType.SCHEDULED:
            zone = f" ({trigger.timezone})" if trigger.timezone else ""
            return schedule_in_words(trigger) + zone + _limits(trigger)
        case TriggerType.EVENT_BASED:
            return f"when {_event(f'{trigger.service}.{trigger.event}', catalogue)}{_debounced(trigger)}{_once(trigger)}"
        case TriggerType.CROSS_SERVICE:
            return _several(trigger, catalogue) + _correlated(trigger) + _once(trigger)
        case TriggerType.AI_PREDICTED:
            return _foreseen(trigger, catalogue)
    return "when somebody asks for it"


# --- schedules -----------------------------------------------------------------------------------------------------------


def _limits(trigger: Trigger) -> str:
    parts = [f"up to {long(trigger.jitter)} later"] if trigger.jitter else []
    parts += [f"until {_moment(trigger.end)}"] if trigger.end else []
    parts += [_except(trigger.exceptions)] if trigger.exceptions else []
    if trigger.misfire is not Misfire.ONCE:
        parts.append("what was missed is dropped" if trigger.misfire is Misfire.SKIP else "everything that was missed is made up")
    return "".join(f", {part}" for part in parts)


def _except(exceptions: tuple[str, ...]) -> str:
    if len(exceptions) > MOST_EXCEPTIONS:
        return f"except {len(exceptions)} times"
    return f"except on {listed(_exception(text) for text in exceptions)}"


def _exception(text: str) -> str:
    return _day(date.fromisoformat(text)) if len(text) <= 10 else _moment(datetime.fromisoformat(text))


def _moment(moment: datetime) -> str:
    """The end of a day is the day: “until the 31st” includes it."""
    return _day(moment) if (moment.hour, moment.minute) == (23, 59) else f"{_day(moment)} at {moment:%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


# --- events --------------------------------------------------------------------------------------------------------------


def _debounced(trigger: Trigger) -> str:
    if trigger.debounce is None:
        return ""
    each = f" for each {_read(trigger.debounce.key)}" if trigger.debounce.key else ""
    return f", once it has been quiet for {long(trigger.debounce.seconds)}{each}"


def _once(trigger: Trigger) -> str:
    return f", once for each {_read(trigger.dedup)}" if trigger.dedup else ""


def _several(trigger: Trigger, catalogue: Catalogue | None) -> str:
    if trigger.any:
        return f"when {listed([_event(name, catalogue) for name in trigger.any], 'or')}"
    within = f" within {long(trigger.within or DEFAULT_WITHIN)}"
    if trigger.all:
        return f"when all of these happen{within}: {listed([_event(name, catalogue) for name in trigger.all])}"
    return f"when these happen in order{within}: {', then '.join(_event(name, catalogue) for name in trigger.sequence)}"


def _correlated(trigger: Trigger) -> str:
    read = list(dict.fromkeys(_read(text) for text in trigger.correlate.values()))
    if not read:
        return ""
    return f", for the same {read[0]}" if len(read) == 1 else f", where {listed(read)} are the same"


def _read(expression: str) -> str:
    """``event.customer`` → “customer”; anything longer as it is written."""
    plain = expression.removeprefix("event.")
    return plain.replace("_", " ") if plain.isidentifier() else f"“{expression}”"


def _foreseen(trigger: Trigger, catalogue: Catalogue | None) -> str:
    whose = f"{_service(trigger.service, catalogue)}’s {(trigger.metric or 'health').replace('_', ' ')}"
    if not trigger.forecasts:
        return f"when something unusual is noticed in {whose}"
    within = f" within {long(trigger.horizon)}" if trigger.horizon else ""
    return f"when trouble with {whose} is predicted{within}"


def _event(id: str, catalogue: Catalogue | None) -> str:
    try:
        found = catalogue.event(id) if catalogue else None
    except NotFound:
        found = None
    if found is None or catalogue is None:
        service, _, event = id.partition(".")
        return f"{service.replace('_', ' ')}: {event.replace('_', ' ')}"
    return f"{catalogue.service(found.service).name}: {found.title[:1].lower()}{found.title[1:]}"


def _service(id: str, catalogue: Catalogue | None) -> str:
    return catalogue.services[id].name if catalogue and id in catalogue.services else id.replace("_", " ")
