"""What a request told by its products wants to see: the step that reads mail, messages, files, events or code; nothing is changed by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from intents.grammar.product_causes import LEAD, READS, TOLD_ME, WRITES, divided
from intents.grammar.product_things import THING_SAID, own_thing, topics
from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, SERVICE, Source
from intents.grammar.values import values_of
from intents.product_words import AMOUNTS, CODE_HOSTS, FILE_STORES, MESSENGERS, OURS, QUESTIONS, ROOM, SPACE
from intents.when import read_schedule

_ASKS = re.compile(rf"^\s*(?:{QUESTIONS})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Done:
    steps: tuple[dict[str, Any], ...] = ()
    question: str = ""
    slot: str = ""
    choices: tuple[str, ...] = ()


def inputs_of(source: Source, action: str) -> frozenset[str]:
    service = source.lexicon.services.get(action.partition(".")[0])
    return frozenset(field.name for made in (service.actions if service else ()) if made.id == action for field in made.inputs)


_SEND_ME = re.compile(
    r"^\s*(?:send|text|e-?mail|message|read|forward|deliver)\s+(?:to\s+)?me\s+(?:all\s+|the\s+|of\s+)*(?:my|the|all|recent\w*|latest|last)\b",
    re.IGNORECASE,
)


_MAKES = re.compile(
    r"\b(?:an?|new)\s+(?:\w+\s+){0,2}(?:e-?mail|mail|message|file|folder|reply|comment|picture|photo)\b|\bsaying\b|\bcaption\b",
    re.IGNORECASE,
)


_AMOUNT = re.compile(rf"\b(?:{AMOUNTS})\b", re.IGNORECASE)
_SPACE = re.compile(rf"\b(?:{SPACE})\b", re.IGNORECASE)
_FRAME = re.compile(
    rf"^\s*(?:(?:in|on|under|from|within|inside|of|for|among|concerning|regarding|about|with|at|out\s+of|as\s+for)\b.{{1,90}}?(?:,\s*|\s+(?=what|how|which|{AMOUNTS})))(?P<asked>.+)$",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:my|our|I|we|me|us|I'm|I've|mine|ours)\b", re.IGNORECASE)
_OURS = re.compile(rf"\b(?:{OURS})\b", re.IGNORECASE)
_NOT_SEEN = re.compile(
    rf"\b(?:{ROOM}|book|reserve|cancel|resched\w*|invite|remind\w*|delete|remove|why|how\s+(?:do|can|could|should|would|to)|clear|write|add|put|mark|take|go\s+to|send\s+(?!me\b)|poll|vote)\b",
    re.IGNORECASE,
)
_OTHER_DEED = re.compile(
    r"(?:,|;|\band\b|\bthen\b|\.)\s+(?:then\s+|please\s+)*(?:send|post|e-?mail|create|make|reply|forward|upload|move|copy|share|add|put|set|update|notify|ping|alert)\b",
    re.IGNORECASE,
)


def asked_plainly(source: Source, text: str) -> dict[str, Any] | None:
    """The one step that answers ``text``, where all it asks is to see what somebody has in one product: "how many files are in my dropbox?".

    None where anything is to start it, is to be changed or sent, is about us (alerts, runs, health), or is nobody's in particular.
    """
    text = re.sub(rf"{BLANK}+", " ", text).strip()
    body = LEAD.sub("", text)
    if len(text) > 400 or _OURS.search(text) or _OTHER_DEED.search(text) or re.search(LINK, text):
        return None
    here = topics(source, text)
    if len(here) != 1 or not _somebodys(source, text, here[0]):
        return None
    schedule = read_schedule(text, source.now, source.timezone)
    if (schedule is not None and (schedule.cron or schedule.rrule)) or divided(source, text) is not None:
        return None
    done = reads_of(source, body, here, True)
    return done.steps[0] if done is not None and done.steps else None


def _somebodys(source: Source, text: str, service: str) -> bool:
    """Named, or of a kind that only the asker can mean; a diary only where it is looked at, not kept."""
    if service == "google_calendar":
        mine = _FIRST_PERSON.search(text) or source.services(text)
        return bool(mine and THING_SAID["events"].search(text) and not _NOT_SEEN.search(text)) and len(text.split()) <= 25
    return bool(source.services(text)) or bool(
        THING_SAID["mail"].search(text) and re.search(r"\be-?mails\b|\bin-?box\b|\bmy\b", text, re.IGNORECASE)
    )


def reads_of(source: Source, piece: str, here: list[str], manual: bool) -> Done | None:
    """ "get my gmail inbox", "how many files are in my dropbox?", "my dropbox files": the step that reads them; None for another deed."""
    frame = _FRAME.match(piece)
    if frame is not None and (_asked(asked := LEAD.sub("", frame["asked"])) or _AMOUNT.match(asked)):
        piece = f"{asked} {piece[: frame.start('asked')]}"
    wants = _asked(piece) or bool(_AMOUNT.search(piece))
    mine = re.match(rf"\s*(?:my|the|all|total|number|recent|latest|last|{SERVICE})\b|^\s*{SERVICE}", piece, re.IGNORECASE)
    if not here or not (wants or (manual and mine)) or (re.search(LINK, piece)):
        return None
    first = re.match(r"\s*(\w+)", piece)
    if (
        first
        and WRITES.match(piece)
        and not _SEND_ME.match(piece)
        and (_MAKES.search(piece) or not re.match(r"(?:open|tell|say)\b|name\s+my", piece, re.IGNORECASE))
    ):
        return None
    service = next((service for service in here if own_thing(piece, service)), here[0])
    kept = service in ("email", "google_calendar", *FILE_STORES, *MESSENGERS)
    ordered = READS.match(piece) and (kept or service in CODE_HOSTS)
    space = service in FILE_STORES and bool(_SPACE.search(piece))
    if (
        (not ordered and not space and not (kept and own_thing(piece, service)))
        or (service not in FILE_STORES and not own_thing(piece, service))
        or (service in FILE_STORES and not own_thing(piece, service) and not _SPACE.search(piece) and _ASKS.match(piece))
        or re.search(r"\b(?:topic|purpose|presence)\b", piece, re.IGNORECASE)
        or (re.search(r"\b(?:send|post|reply|compose)\b", piece, re.IGNORECASE) and not _SEND_ME.match(piece))
    ):
        return None
    looking = _looking(source, service, piece)
    if not looking:
        return None
    said = values_of(
        source,
        piece if service in MESSENGERS else re.sub(rf"{CHANNEL}|{EMAIL}", " ", piece),
        service,
        looking,
        inputs_of(source, f"{service}.{looking}"),
    )
    return Done(({"action": f"{service}.{looking}", "with": said},))


def _asked(text: str) -> bool:
    return bool(_ASKS.match(text) or READS.match(text) or TOLD_ME.match(text) or _SEND_ME.match(text))


def _looking(source: Source, service: str, piece: str) -> str:
    names = [
        sense.name
        for sense in source.lexicon.actions
        if sense.service == service and sense.name.startswith(("search_", "list_", "query_", "read_", "get_"))
    ]
    if _SPACE.search(piece) and not THING_SAID["files"].search(piece) and "get_space_usage" in names:
        return "get_space_usage"
    return next((name for name in names if name != "get_space_usage"), "")
