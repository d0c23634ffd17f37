"""The parts of a trigger with their fields, see ``schema_parts``."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workflow.definition import Misfire, TriggerType
from engine.workflow.schema_limits import MAX_CHOICES, MAX_EVENTS, MAX_EXCEPTIONS, MAX_INPUTS, MAX_TEXT, SERVICE
from engine.workflow.schema_shapes import (
    CEL,
    EVENT_ID,
    NAME,
    SERVICE_ID,
    WAITING,
    Entry,
    Part,
    Shape,
    any_of,
    cel,
    choice,
    duration,
    filled,
    group_of,
    line,
    list_of,
    moment,
    named,
    one_or_more,
    part,
    yes_or_no,
)

INPUT_TYPES = ("string", "number", "integer", "boolean")
METHODS = ("forecast", "anomaly")

_EVENTS = one_or_more(EVENT_ID, "list of `service.event`", MAX_EVENTS, 2)


def _type(name: TriggerType) -> Entry:
    return Entry("type", Shape({"const": name.value}, f"`{name.value}`"), "The type of the trigger.", required=True)


_DEDUP = Entry(
    "dedup", CEL, "A value of this over `event` that has started a run never starts another; an event without one always starts its own."
)

TRIGGERS: Mapping[TriggerType, Part] = {
    TriggerType.EVENT_BASED: Part(
        "event_based",
        "On an event",
        "Each event of this kind starts a run.",
        (
            _type(TriggerType.EVENT_BASED),
            Entry("service", SERVICE_ID, "The service that tells it.", required=True),
            Entry("event", named(64, SERVICE, "event"), "The event, as the service's page names it.", required=True),
            _DEDUP,
            Entry("debounce", any_of("duration or debounce", duration("0.1 s to a day"), part("debounce", "debounce")), "Starts once it has been quiet for so long, with the newest event; `when` decides which events count."),
        ),
    ),
    TriggerType.SCHEDULED: Part(
        "scheduled",
        "On a schedule",
        "At moments of the calendar.",
        (
            _type(TriggerType.SCHEDULED),
            Entry("cron", filled(500, "cron"), "Five fields: minute hour day month weekday."),
            Entry("rrule", filled(500, "RRULE"), "A recurrence of RFC 5545, without DTSTART, for what cron cannot say."),
            Entry("at", moment(), "Once. Without an offset it is read in `timezone`."),
            Entry("timezone", filled(500, "IANA zone"), "The zone it is reckoned in, such as `Europe/Berlin`.", default="the house's"),
            Entry("misfire", choice(Misfire, Misfire.ONCE), "What becomes of fires that were due while Signalbox was down (or begin a minute late): dropped, the latest made up, or every one in order (of more than 100 the latest 100)."),
            Entry("jitter", duration("up to a day"), "Each fire begins up to so much later; how much follows from workflow and fire, so it is the same after a restart and on every machine."),
            Entry("end", moment(), "The last moment at which it may fire; a day includes all of it."),
            Entry("exceptions", one_or_more(moment(days=True), "list of dates or moments", MAX_EXCEPTIONS), "When it does not fire: days of its zone, or moments."),
        ),
        one_of=(("cron", "rrule", "at"),),
    ),
    TriggerType.CROSS_SERVICE: Part(
        "cross_service",
        "On several events",
        "When several events have happened: all of them in any order, any of them, or one after the other.",
        (
            _type(TriggerType.CROSS_SERVICE),
            Entry("all", _EVENTS, "All of these, in any order: of each the newest counts, and a second run needs new ones of each."),
            Entry("any", _EVENTS, "Any of these: every one starts a run."),
            Entry("sequence", _EVENTS, "One after the other, in the order they arrive; a later beginning is used where it leads to the end, and others in between do not matter."),
            Entry("within", WAITING, "From the first event to the last.", default="7 days"),
            Entry("correlate", any_of("CEL, or event: CEL", CEL, group_of(cel(MAX_TEXT, needed=True).schema, "event: CEL", MAX_EVENTS, 1)), "Which events belong together: those for which this gives the same value."),
            _DEDUP,
        ),
        one_of=(("all", "any", "sequence"),),
    ),
    TriggerType.AI_PREDICTED: Part(
        "ai_predicted",
        "On a prediction",
        "When trouble of a watched service is foreseen, or out of the ordinary.",
        (
            _type(TriggerType.AI_PREDICTED),
            Entry("service", SERVICE_ID, "The service that is watched.", required=True),
            Entry("metric", named(64, SERVICE, "metric"), "Only this metric: `response_time`, `success_rate`, `error_rate`, `throughput` or `availability`."),
            Entry("method", choice(METHODS), "What is looked for.", default="`forecast` with a horizon, else `anomaly`"),
            Entry("horizon", WAITING, "How far ahead."),
        ),
    ),
    TriggerType.MANUAL: Part(
        "manual",
        "By hand",
        "Started by a command, a button, the API or another workflow.",
        (
            _type(TriggerType.MANUAL),
            Entry("inputs", list_of(part("input", "input"), "list of inputs", MAX_INPUTS), "What whoever starts it is asked for."),
        ),
    ),
}  # fmt: skip

INPUT = Part(
    "input",
    "Input",
    "One typed input of a run by hand, read as `inputs.<name>`.",
    (
        Entry("name", NAME, "What expressions call it.", required=True),
        Entry("type", choice(INPUT_TYPES, "string"), "What it must be."),
        Entry("required", yes_or_no(default=False), "Whether a run needs it."),
        Entry("default", Shape({"type": ["string", "number", "boolean"]}, "value of its type"), "What it is when nobody says."),
        Entry("help", line(300), "What the form says beside it."),
        Entry(
            "choices",
            list_of(Shape({"type": ["string", "number"]}, "value of its type"), "list of values", MAX_CHOICES, least=1),
            "The only values it takes; the form offers them.",
            default="any",
        ),
    ),
)

DEBOUNCE = Part(
    "debounce",
    "Debounce",
    "How long it must be quiet before the last event starts a run.",
    (
        Entry("for", duration("0.1 s to a day"), "How long.", required=True),
        Entry("key", CEL, "Over `event`: one quiet spell for each value.", default="one for all"),
    ),
)
