"""Requests told by their products: what of which product starts it, and what is read or done in which; for sentences in no fixed form.

watch my important emails · my new dropbox files → by email · get my gmail inbox · send a message on slack
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from intents.grammar.conditions import conditions_of, iter_fields
from intents.grammar.events import hear_event
from intents.grammar.product_causes import MEETING_IDLY, NEWS_SAID, TELL_ANY, Clauses, cause_service, diary_talk, divided
from intents.grammar.product_deeds import ME_STEP, done_by, pieces_of
from intents.grammar.product_things import topics
from intents.grammar.source import BLANK, SERVICE, Source, tidy
from intents.grammar.steps import Context
from intents.product_words import (
    FILE_STORES,
    MESSENGERS,
)
from intents.when import read_schedule
from intents.when.tape import without

ASK_EVENT = "What exactly should start it? I know these events there: {}."


ASK_DEED = "What should happen then?"


ASK_UNKNOWN = "I have no action for “{}”. What should happen instead?"


@dataclass(frozen=True, slots=True)
class Told:
    """``slot`` names what is open, as in ``intents.draft.Reading``; ``unknown``: words for which there is no product."""

    workflow: dict[str, Any]
    question: str = ""
    slot: str = ""
    choices: tuple[str, ...] = ()


# "go into my dropbox and download notes.txt": the first half only says where.
_VIA = re.compile(
    rf"\b(?:go|get|log|sign|head|jump|look)\s+(?:in|on|over)?(?:\s*to)?\s+(?:the\s+|my\s+|our\s+)?(?P<place>{SERVICE})(?P<time>[^,.;]*?)\s*(?:,\s*(?:and\s+)?|\s+and\s+)(?:then\s+)?(?P<deed>[^,.;]+)",
    re.IGNORECASE,
)


def read_products(source: Source, text: str, answers: Mapping[str, str]) -> Told | None:
    """What ``text`` asks of products that it names or whose things it names; None where no product is spoken of."""
    text = re.sub(rf"{BLANK}+", " ", text).strip()
    if len(text) > 600 or not topics(source, text) or re.search(r"\b(?:reminder|alarm)\b", text, re.IGNORECASE):
        return None
    text = _VIA.sub(r"\g<deed> in \g<place>\g<time>", text)
    schedule = read_schedule(text, source.now, source.timezone)
    if schedule is not None and (schedule.cron or schedule.rrule) and not schedule.question:
        rest = tidy(without(text, list(schedule.spans)))
        return _told(source, dict(schedule.trigger()), Clauses("", rest), answers)
    clauses = divided(source, text)
    if clauses is None:
        if diary_talk(source, text):
            return None
        return _told(source, {"type": "manual"}, Clauses("", text), answers)
    service = cause_service(source, clauses)
    if service == "google_calendar" and MEETING_IDLY.search(clauses.cause) and not NEWS_SAID.search(clauses.cause):
        return None  # "I need to know if I have any meetings": asked of a diary, not a cause
    return None if not service else _told(source, _trigger(source, service, clauses), clauses, answers)


_DEFAULT_EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "email": (("message_received", r""),),
    "google_calendar": (
        ("event_starting", r"\b(?:start\w*|begin\w*|about\s+to|going\s+to|under\s?way|upcoming|soon)\b(?!\s+date)"),
        ("event_cancelled", r"\bcancel\w*|\bdelet\w+|\bremov\w+"),
        ("event_created", r"\b(?:new|added|created|creates|adds|scheduled|booked)\b"),
    ),
    "github": (
        ("push", r"\bcommit\w*|\bpush\w*"),
        ("issue_opened", r"\bissues?\b(?!\s+comment|\s+\d)(?!.*\bcomment)"),
    ),
}


_FILE_EVENTS = (
    ("file_created", r"\b(?:new|created?|creates|added|adds|upload\w*|appears?)\b"),
    ("file_updated", r"\b(?:updat|chang|modif|edit|alter)|\bfiles?\b"),
)


def _trigger(source: Source, service: str, clauses: Clauses) -> dict[str, Any]:
    trigger: dict[str, Any] = {"type": "event_based", "service": service}
    heard = hear_event(source, clauses.cause, service=service)
    event = heard.event if heard is not None and heard.service == service else ""
    if not event:
        event = next((name for name, words in _events_of(service) if re.search(words, clauses.cause, re.IGNORECASE)), "")
    if event and f"{service}.{event}" in {sense.id for sense in source.lexicon.events}:
        trigger["event"] = event
    return trigger


def _events_of(service: str) -> tuple[tuple[str, str], ...]:
    if service in FILE_STORES:
        return () if service == "" else _FILE_EVENTS
    if service in MESSENGERS:
        return (("message_posted", ""),)
    return _DEFAULT_EVENTS.get(service, ())


def _conditions(source: Source, trigger: dict[str, Any], cause: str) -> str:
    if not trigger.get("event"):
        return ""
    event = f"{trigger['service']}.{trigger['event']}"
    return " && ".join(conditions_of(source, cause, event, frozenset(iter_fields(source, event))))


_ONLY_NEWS = re.compile(r"\b(?:updates|changes|modifications|alterations)\b", re.IGNORECASE)


def _told(source: Source, trigger: dict[str, Any], clauses: Clauses, answers: Mapping[str, str]) -> Told | None:
    manual = trigger["type"] == "manual"
    context = Context(services=[trigger["service"]] if trigger.get("service") else [])
    done = [
        done_by(source, piece, context, manual, index, answers, clauses.deed)
        for index, piece in enumerate(pieces_of(source, clauses.deed, answers))
    ]
    if not manual and clauses.cause and _ONLY_NEWS.search(clauses.deed) and TELL_ANY.search(clauses.deed):
        done = []  # "tell me of updates in my emails": to be told is all
        clauses = replace(clauses, deed="", marked=False)
    steps = [step for part in done for step in part.steps]
    if manual and not steps:
        return None
    if not steps and not manual and ((not clauses.deed and not (clauses.marked and not clauses.before)) or TELL_ANY.search(clauses.deed)):
        steps = [dict(ME_STEP)]
    workflow: dict[str, Any] = {"trigger": trigger}
    when = _conditions(source, trigger, clauses.cause)
    if when:
        workflow["when"] = when
    workflow["steps"] = steps
    if trigger["type"] == "event_based" and not trigger.get("event"):
        known = ", ".join(sense.name.replace("_", " ") for sense in source.lexicon.events if sense.service == trigger["service"])
        return Told(workflow, ASK_EVENT.format(known or "none"), "trigger")
    for part in done:
        if part.question:
            return Told(workflow, part.question, part.slot, part.choices)
    return (
        Told(workflow) if steps else Told(workflow, ASK_UNKNOWN.format(source.plain(clauses.deed)) if clauses.deed else ASK_DEED, "steps")
    )
