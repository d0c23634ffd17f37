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
from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, Source, tidy
from intents.grammar.steps import Context, read_deed
from intents.grammar.values import values_of
from intents.product_words import (
    CAUSES,
    CODE_HOSTS,
    FILE_STORES,
    HAPPENS,
    MESSENGERS,
    NEWS,
    QUESTIONS,
    READ_VERBS,
    TELL_ME,
    THINGS,
    TOPICS,
    WATCH,
    WRITE_VERBS,
)
from intents.when import read_schedule
from intents.when.tape import without

ASK_EVENT = "What exactly should start it? I know these events there: {}."
ASK_DEED = "What should happen then?"
ASK_UNKNOWN = "I have no action for “{}”. What should happen instead?"
_POLITE = (
    r"(?:please|kindly|hi|hey|hello|so|also|and|then|just|simply|quickly|automatically|immediately|can\s+you|could\s+you|would\s+you|will\s+you"
    r"|go\s+(?:and|ahead)|\w+fully|(?:that\s+)?you\s+would|help\s+me(?:\s+to)?|I(?:'d|\s+would)?\s+(?:like|want|need|wish|have)(?:\s+\w+ly)?(?:\s+(?:for\s+)?(?:you|it|that\s+you))?(?:\s+(?:to|would))?"
    r"|want\s+to|i\s+want\s+like\s+to|you\s+to|go\s+ahead\s+and|let's|make\s+sure\s+to|begin|start\s+to|want|ask\s+"
    + SERVICE
    + r"\s+(?:to|for))\s*,?\s+"
)
_LEAD = re.compile(rf"^\s*(?:{_POLITE})+", re.IGNORECASE)
_CAUSE = re.compile(rf"(?<![\w'])(?:{CAUSES})\b(?!\s+(?:possible|you\s+can)\b)\s*", re.IGNORECASE)
_TELL_ME = re.compile(rf"^\s*(?:{_POLITE})*(?:{TELL_ME})", re.IGNORECASE)
_TELL_ANY = re.compile(
    rf"\b(?:{TELL_ME}|I\s+(?:get|receive|want|need|would\s+like|wish|require)\b.{{0,30}}\b(?:notif\w+|messaged?|alert(?:ed)?|know|told|informed|warned|texted?)"
    rf"|notifications?|alerts?)\b",
    re.IGNORECASE,
)
_WATCH = re.compile(rf"^\s*(?:{_POLITE})*(?:{WATCH})\b", re.IGNORECASE)
_NEWS = re.compile(rf"\b(?:{NEWS})\b", re.IGNORECASE)
_READ = re.compile(rf"^\s*(?:{READ_VERBS})\b", re.IGNORECASE)
_ASKS = re.compile(rf"^\s*(?:{QUESTIONS})\b", re.IGNORECASE)
_WRITE = re.compile(rf"^\s*(?:{WRITE_VERBS})\b", re.IGNORECASE)
_HAPPENS = re.compile(rf"\b(?:{HAPPENS})\b", re.IGNORECASE)
_TOPICS = {service: re.compile(rf"(?<![\w#@-])(?:{words})\b", re.IGNORECASE) for service, words in TOPICS.items()}
_THINGS = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in THINGS.items()}
_NOUNISH = r"post|message|e-?mail|mail|text|comment|file|report|alert|update|mark|label|note|open|share|release|change|set|name|order|list|look|search"
_BORDER = re.compile(
    rf"(?P<sign>\s*(?:,|;|:|→|\.(?=\s))\s*(?:and\s+)?(?:then\s+)?|\s+then\s+)|\s+(?=(?!(?:{_NOUNISH})\b)(?:{READ_VERBS}|{WRITE_VERBS}"
    rf"|notify|alert|inform|warn|tell|unmute|mute|increase|decrease|raise|lower|turn|please|I\s+(?:want|need|would))\b)"
    rf"|\s+(?=(?:{_NOUNISH})\s+(?:the|an?|it|me|my|us|this|that|to|on|saying|slack|all|{SERVICE}|{EMAIL}|{CHANNEL}|{QUOTE})(?![\w'-]))",
    re.IGNORECASE,
)
_HANGING = re.compile(
    r"\b(?:an?|the|my|our|new|any|every|to|in|on|of|with|by|for|from|or|and|not|is|are|was|be|does|doesn't|don't|do|has|have|as|latest|last|recent|that|who|i|it"
    r"|someone|somebody|there|he|she|they|you|we|being|get|gets|got|receive|last|important|no)\s*$",
    re.IGNORECASE,
)
_DEEDS = re.compile(rf"\s*(?:,|;|→|\.(?=\s))\s*(?:and\s+)?(?:then\s+)?(?=\w|{SERVICE})|\s+and\s+(?:then\s+)?|\s+then\s+", re.IGNORECASE)
_PLACED = r"(?:in|on|to|into|via|using|through|with|by|over|at|from|for|onto)\s+(?:the\s+|my\s+|our\s+|an?\s+)?(?:\w+\s+)?"
_MOVING = re.compile(
    rf"^(?:\w+ly\s+)?(?:{WRITE_VERBS}|{READ_VERBS})\b.*?\b(?P<new>all|every|each|any|new|automatic(?:ally)?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Told:
    """``slot`` names what is open, as in ``intents.draft.Reading``; ``unknown``: words for which there is no product."""

    workflow: dict[str, Any]
    question: str = ""
    slot: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Clauses:
    cause: str
    deed: str
    before: str = ""  # "on slack, when …"
    marked: bool = False


def read_products(source: Source, text: str, answers: Mapping[str, str]) -> Told | None:
    """What ``text`` asks of products that it names or whose things it names; None where no product is spoken of."""
    text = re.sub(rf"{BLANK}+", " ", text).strip()
    if len(text) > 600 or not topics(source, text) or re.search(r"\b(?:reminder|alarm)\b", text, re.IGNORECASE):
        return None
    schedule = read_schedule(text, source.now, source.timezone)
    if schedule is not None and (schedule.cron or schedule.rrule) and not schedule.question:
        rest = tidy(without(text, list(schedule.spans)))
        return _told(source, dict(schedule.trigger()), _Clauses("", rest), answers)
    clauses = _divided(source, text)
    if clauses is None:
        if _diary_talk(source, text):
            return None
        return _told(source, {"type": "manual"}, _Clauses("", text), answers)
    service = _cause_service(source, clauses)
    if service == "google_calendar" and _MEETING_IDLY.search(clauses.cause) and not _NEWS.search(clauses.cause):
        return None  # "I need to know if I have any meetings": asked of a diary, not a cause
    return None if not service else _told(source, _trigger(source, service, clauses), clauses, answers)


_MEETING_IDLY = re.compile(r"\b(?:meetings?|appointments?)\b(?!.*\b(?:calendar|schedule)\b)", re.IGNORECASE)
_CALENDAR_SEEN = re.compile(
    r"^\s*(?:(?:please|can\s+you|could\s+you)\s+)*(?:(?:show|list|get|enumerate|display|find|search|filter|count|give|sort|check)\b(?!.*\b(?:how\s+to|rooms?|available|summary)\b)"
    r"|how\s+(?:does|is)\s+my\s+schedule\b|how\s+many\s+(?:meetings|events)\b|when\s+are\s+my\b|(?:I\s+need|enumerate)\b.*\bschedule\b(?!\s+a\b)"
    r"|.*\bcalendar\s+(?:events|schedules?)\b|.*\bi-?cal(?:endar)?\b)",
    re.IGNORECASE,
)


def _diary_talk(source: Source, text: str) -> bool:
    """ "what meetings do I have today", "put lunch in my calendar": a diary spoken to, not a request to read a calendar's events."""
    plain = source.marked.plain(text)
    return (
        "google_calendar" in topics(source, text)
        and not _CALENDAR_SEEN.match(plain)
        and not re.search(r"\bgoogle\s+cal|\bgcal|\bi-?cal", plain, re.IGNORECASE)
    )


# --- of which product --------------------------------------------------------------------------------------------------------


def topics(source: Source, text: str) -> list[str]:
    """The services that ``text`` names or whose things it names, in order; a named one counts before what its things are called."""
    found = [(match.start(), source.marked.service_at(match[0])) for match in re.finditer(SERVICE, text)]
    named = {service for _, service in found}
    for service, words in _TOPICS.items():
        if service in source.lexicon.services and service not in named and (match := words.search(text)) is not None:
            found.append((match.start(), service))
    reply = re.search(rf"\b(?:reply|replying|respond|answer|send|picture)\b.*?{EMAIL}|^to\s+{EMAIL}", text, re.IGNORECASE)
    if reply is not None and "email" in source.lexicon.services:
        found.append((reply.start(), "email"))
    return list(dict.fromkeys(service for _, service in sorted(found) if service))


def _cause_service(source: Source, clauses: _Clauses) -> str:
    here = topics(source, clauses.cause)
    code = [service for service in here if service in CODE_HOSTS and _THINGS["code"].search(clauses.cause)]
    if code:
        return code[0]
    if here:
        return here[0] if not (here[0] in MESSENGERS and len(here) > 1 and not _THINGS["messages"].search(clauses.cause)) else here[1]
    around = [*topics(source, clauses.before), *topics(source, clauses.deed)]
    if re.search(r"\bmessages?\b", clauses.cause, re.IGNORECASE):
        return next((service for service in around if service in MESSENGERS), "")
    if _THINGS["files"].search(clauses.cause):
        stores = list(dict.fromkeys(service for service in around if service in FILE_STORES))
        return stores[0] if len(stores) == 1 else ""
    if _THINGS["code"].search(clauses.cause):
        return next((service for service in around if service in CODE_HOSTS), "")
    told = not clauses.deed or bool(_TELL_ANY.search(clauses.deed))
    if re.search(r"\b(?:subject|sender|snippet)\b", clauses.cause, re.IGNORECASE) and "email" in around:
        return "email"
    return around[0] if around and told else ""


# --- where it parts ----------------------------------------------------------------------------------------------------------


def _divided(source: Source, text: str) -> _Clauses | None:
    """Cause and deed; None where nothing is to start it."""
    marks = [match for match in _CAUSE.finditer(text) if _causes(source, text, match)]
    if marks:
        first = marks[0]
        before = text[: first.start()].strip(" ,")
        bare = _LEAD.sub("", before + " ").strip(" ,")
        if not bare or (not _is_deed(bare) and len(bare.split()) <= 6):
            cause, deed = _border(source, text[first.end() :])
            return _Clauses(cause, deed, bare, True)
        cause, rest = _border(source, text[first.end() :], strong=True)
        return _Clauses(cause, f"{before} . {rest}" if rest else before, "", True)
    if _WATCH.match(text):
        return _watched(source, text)
    if _diary_talk(source, text) and not re.search(
        r"\b(?:updates?|changes?|changed|modif\w+|alter\w*|starts?|begins?|new)\b", text, re.IGNORECASE
    ):
        return None
    if _TELL_ME.match(text) and _news_of(text):
        return _Clauses(text, "")
    if re.match(r"(?:any\s+|every\s+|each\s+|a\s+)?new\b", text, re.IGNORECASE):
        cause, deed = _border(source, text)
        if deed and topics(source, cause):
            return _Clauses(cause, deed)
    if re.match(r"(?:i\s+)?(?:receiv(?:e|ed|ing)|got)\b", text, re.IGNORECASE):
        return _Clauses(*_border(source, text))
    return _moved(source, text)


def _causes(source: Source, text: str, match: re.Match[str]) -> bool:
    right = text[match.end() :]
    word = match[0].lower()
    if re.match(r"\s*when\b", word) and match.start() == 0 and re.match(r"(?:is|are|am|do|does|did|was|were|will)\b", right, re.IGNORECASE):
        return False
    if word.startswith(("after", "before", "following", "once", "upon", "at the", "should", "for")) and not (
        topics(source, right) and _HAPPENS.search(right)
    ):
        return False
    things = r"\bnew\b|\bcommits?\b" + ("" if re.match(r"for\s+an?\b", word) else r"|\bissues?\b|\bemails?\b|\bmessages?\b")
    if word.startswith("for ") and not re.search(things, right, re.IGNORECASE):
        return False
    return not re.match(r"\s*(?:it'?s|that'?s|you\s+(?:can|could|want)|possible|needed|necessary)\b", right, re.IGNORECASE)


def _news_of(text: str) -> bool:
    rest = _TELL_ME.sub("", text, count=1)
    if re.match(
        r"\s*(?:know\s+)?(?:what|how|which|who|where|the\s+(?:number|total|average|size|amount|count|max\w*|min\w*))\b", rest, re.IGNORECASE
    ):
        return False
    quiet = re.match(r"\s*(?:show|send|give|get|text|tell)\b", _LEAD.sub("", text), re.IGNORECASE)
    strong = re.compile(
        r"\b(?:updates?|changes|modifications?|alerts?|notifications?|alterations?|automatic(?:ally)?|new|every)\b", re.IGNORECASE
    )
    if quiet:
        return bool(strong.search(rest))
    asked = re.match(r"\s*let\s+me\s+know\b", _LEAD.sub("", text), re.IGNORECASE)
    return bool(_NEWS.search(rest)) if asked else True


def _watched(source: Source, text: str) -> _Clauses:
    body = _WATCH.sub("", text, count=1)
    cause, deed = _border(source, body, strong=True)
    return _Clauses("changes in " + cause, deed)


def _moved(source: Source, text: str) -> _Clauses | None:
    """ "send all new dropbox files by email": the things of one product go to another."""
    body = _LEAD.sub("", text)
    match = _MOVING.match(body)
    if match is None:
        return None
    fresh = re.search(r"\b(?:my|the|all|every|any|each|of)\s+new\b.*", body, re.IGNORECASE)
    rest = body[: fresh.start()] if fresh else ""
    others = topics(source, rest) or (["email"] if re.search(EMAIL, rest) else [])
    if fresh and others and (own := [name for name in topics(source, fresh[0]) if _own_thing(fresh[0], name) and name not in others]):
        return _Clauses("new " + fresh[0], rest) if own else None
    for place in re.finditer(rf"\s+(?={_PLACED}(?:{SERVICE}|{TOPICS['email']}|{EMAIL}|{CHANNEL}))", body, re.IGNORECASE):
        what, where = body[: place.start()], body[place.start() :]
        if place.start() <= match.end("new"):
            continue
        mine = [service for service in topics(source, what) if _own_thing(what, service)]
        theirs = topics(source, where) or (["email"] if re.search(EMAIL, where) else [])
        if mine and theirs and theirs[-1] != mine[0]:
            return _Clauses("new " + what, "send it " + where)
    return None


def _own_thing(text: str, service: str) -> bool:
    if service in MESSENGERS:
        return bool(_THINGS["messages"].search(text))
    if service in FILE_STORES:
        return bool(_THINGS["files"].search(text))
    if service in CODE_HOSTS:
        return bool(_THINGS["code"].search(text))
    return service in ("email", "google_calendar")


def _is_deed(text: str) -> bool:
    text = _LEAD.sub("", text)
    return bool(_WRITE.match(text) or _READ.match(text) or _TELL_ME.match(text) or _TELL_ANY.search(text) or _WATCH.match(text)) or bool(
        re.match(r"\w*mute\b|(?:increase|decrease|raise|lower|play|follow|unfollow|tweet)\b", text, re.IGNORECASE)
    )


def _border(source: Source, text: str, *, strong: bool = False) -> tuple[str, str]:
    """The clause that says what happens, and what is to be done. ``strong``: only a comma or "then" parts them."""
    weak: tuple[str, str] | None = None
    unheard: tuple[str, str] | None = None
    for match in _BORDER.finditer(text):
        left, right = text[: match.start()].strip(), text[match.end() :].strip()
        if not left or not right or len(left.split()) < 2 or not _is_deed(right):
            continue
        if match["sign"]:
            if _HAPPENS.search(left) or topics(source, left) or weak is None:
                return (left, right)
            continue
        if strong or _HANGING.search(left):
            continue
        if not _HAPPENS.search(left):
            unheard = unheard or (left, right)
            continue
        if weak is None:
            weak = (left, right)
            if topics(source, left):
                return weak
    if weak is not None or unheard is not None:
        return weak or unheard or ("", "")
    left, sign, right = text.partition(", ")
    if sign and not strong and topics(source, left) and _HAPPENS.search(left):
        return left.strip(), right.strip()  # a deed that nobody here knows: it is asked about
    return text.strip(" .,"), ""


# --- what starts it ------------------------------------------------------------------------------------------------------------


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
    ("file_updated", r"\b(?:updat|chang|modif|edit|alter|files?\b)"),
)


def _trigger(source: Source, service: str, clauses: _Clauses) -> dict[str, Any]:
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


# --- what is done ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    steps: tuple[dict[str, Any], ...] = ()
    question: str = ""
    slot: str = ""
    choices: tuple[str, ...] = ()


_ONLY_NEWS = re.compile(r"\b(?:updates|changes|modifications|alterations)\b", re.IGNORECASE)
_ME_STEP = {"action": "chat.post_message", "with": {"channel": "@me"}}


def _told(source: Source, trigger: dict[str, Any], clauses: _Clauses, answers: Mapping[str, str]) -> Told | None:
    manual = trigger["type"] == "manual"
    context = Context(services=[trigger["service"]] if trigger.get("service") else [])
    done = [
        _deed(source, piece, context, manual, index, answers, clauses.deed)
        for index, piece in enumerate(_pieces(source, clauses.deed, answers))
    ]
    if not manual and clauses.cause and _ONLY_NEWS.search(clauses.deed) and _TELL_ANY.search(clauses.deed):
        done = []  # "tell me of updates in my emails": to be told is all
        clauses = replace(clauses, deed="", marked=False)
    steps = [step for part in done for step in part.steps]
    if manual and not steps:
        return None
    if not steps and not manual and ((not clauses.deed and not (clauses.marked and not clauses.before)) or _TELL_ANY.search(clauses.deed)):
        steps = [dict(_ME_STEP)]
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


def _pieces(source: Source, deed: str, answers: Mapping[str, str]) -> list[str]:
    pieces: list[str] = []
    for part in _DEEDS.split(deed):
        part = _LEAD.sub("", part.strip()).strip(" .,")
        if not part:
            continue
        starts = not pieces or _is_deed(part)
        if starts and not re.match(r"(?:subject|message|body|title|text|caption|name)\b", part, re.IGNORECASE):
            pieces.append(part)
        elif pieces:
            pieces[-1] += " and " + part
    return pieces


def _deed(source: Source, piece: str, context: Context, manual: bool, index: int, answers: Mapping[str, str], whole: str) -> _Done:
    mine = {key.rpartition(":")[2]: value for key, value in answers.items() if key.startswith(f"step:{index}:")}
    here = topics(source, piece) or (topics(source, whole) if manual else [])
    reads = _reads(source, piece, here, manual)
    if reads is not None:
        return reads
    if not here and _TELL_ANY.search(piece) and not re.search(rf"{EMAIL}", piece):
        known = read_deed(source, piece, context, mine)
        steps = [step for step in known.steps if step["action"] == "chat.post_message" and step["with"].get("channel")]
        return _Done(tuple(steps) or (dict(_ME_STEP),))
    service = _target(source, piece, here, context)
    if (
        not service
        or (manual and service == "google_calendar")
        or not (
            _WRITE.match(piece) or re.match(rf"(?:{SERVICE}|{_PLACED}|I\b|please|new|find|in|look|requires?|an?\b)", piece, re.IGNORECASE)
        )
    ):
        return _Done()
    return _written(source, piece, service, context, index, mine)


def _target(source: Source, piece: str, here: list[str], context: Context) -> str:
    """The product in which the deed is done: the last one that stands behind a word of place; else the one of the things made."""
    placed = [source.marked.service_at(match["s"]) for match in re.finditer(rf"\b{_PLACED}(?P<s>{SERVICE})", piece, re.IGNORECASE)]
    if placed:
        return placed[0] if _WRITE.match(piece) and len(placed) == 1 else placed[-1]
    marked = source.services(piece)
    if marked:
        return marked[0]
    if re.search(EMAIL, piece) or _TOPICS["email"].search(piece):
        return "email" if "email" in source.lexicon.services else ""
    if "google_calendar" in here:
        return "google_calendar"
    stores = [service for service in context.services if service in FILE_STORES]
    if _THINGS["files"].search(piece) and stores:
        return stores[-1]
    if re.match(r"(?:reply|respond|answer)\b", piece, re.IGNORECASE) and "email" in context.services:
        return "email"
    if re.match(r"comment\b", piece, re.IGNORECASE):
        return next((service for service in context.services if service in CODE_HOSTS), "")
    return here[0] if here and re.match(r"(?:send|post|write)\b", piece, re.IGNORECASE) else ""


_OPERATIONS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("slack",), r"\bpresence\b|\bstatus\b|\b(?:away|online|offline)\b", ("set_presence",)),
    (("slack",), r"\bpurpose\b|\bdescription\b", ("set_purpose", "set_topic")),
    (("slack",), r"\btopic\b", ("set_topic",)),
    (("slack",), r"\bcreate\b.*\bchannel\b", ("create_channel",)),
    (MESSENGERS, "", ("post_message",)),
    (("email",), "", ("send_email",)),
    (FILE_STORES, r"\b(?:delete|remove)\b", ()),
    (FILE_STORES, r"\b(?:move|rename|transfer|shift|change|replace|relocate)\b", ("move_file", "copy_file")),
    (FILE_STORES, r"\bcopy\b|\bduplicate\b", ("copy_file", "move_file")),
    (FILE_STORES, r"\bshare\b.*\bwith\b", ("share_file",)),
    (FILE_STORES, r"\b(?:create|make|new|add|start|generate|establish|build)\b.*\b(?:folder|directory)|\bfolder\b.*\bnamed\b", ("create_folder",)),
    (FILE_STORES, "", ("upload_file",)),
    (CODE_HOSTS, r"\bcomment", ("add_comment",)),
    (CODE_HOSTS, r"\b(?:create|open|file|new|make|raise|submit)\b.*\bissue\b", ("create_issue",)),
    (("google_calendar",), r"\b(?:delete|cancel|remove)\b", ("delete_event",)),
    (("google_calendar",), r"\b(?:move|change|update|reschedule)\b", ("update_event",)),
    (("google_calendar",), r"\b(?:add|create|make|schedule|book|put|new|plan)\b", ("create_event",)),
)  # fmt: skip


def _written(source: Source, piece: str, service: str, context: Context, index: int, answers: Mapping[str, str]) -> _Done:
    known = read_deed(source, piece, context, dict(answers))
    if known.steps and all(step["action"].startswith(service + ".") for step in known.steps):
        context.note(known.steps)
        return _Done(known.steps, known.question, f"step:{index}:{known.slot}", known.choices)
    ids = {sense.id for sense in source.lexicon.actions}
    for services, words, names in _OPERATIONS:
        if service in services and re.search(words, piece, re.IGNORECASE):
            name = next((name for name in names if f"{service}.{name}" in ids), "")
            return _filled(source, piece, service, name, index, answers) if name else _Done()
    return _Done()


def _inputs(source: Source, action: str) -> frozenset[str]:
    service = source.lexicon.services.get(action.partition(".")[0])
    return frozenset(field.name for made in (service.actions if service else ()) if made.id == action for field in made.inputs)


def _filled(source: Source, piece: str, service: str, name: str, index: int, answers: Mapping[str, str]) -> _Done:
    action = f"{service}.{name}"
    said = values_of(source, piece, service, name, _inputs(source, action))
    place = {"send_email": "to", "post_message": "channel"}.get(name, "")
    if not place:
        return _Done(({"action": action, "with": said},))
    where = re.search(EMAIL if place == "to" else rf"{CHANNEL}|{PERSON}", piece)
    found = where[0] if where else answers.get("channel", "") or ("@me" if re.search(r"\b(?:me|myself)\b", piece) else "")
    quotes = re.findall(QUOTE, piece)
    if quotes and "text" not in said:
        said["text"] = source.quote(quotes[-1])
    if found:
        return _Done(({"action": action, "with": {**said, place: found}},))
    question = (
        "To which address should I send the email?"
        if place == "to"
        else "Where should I post that? Name a channel such as #ops, or a person."
    )
    return _Done(({"action": action, "with": said},), question, f"step:{index}:channel", ("#",))


# --- what is read ----------------------------------------------------------------------------------------------------------------


_SEND_ME = re.compile(
    r"^\s*(?:send|text|e-?mail|message|read|forward|deliver)\s+(?:to\s+)?me\s+(?:all\s+|the\s+|of\s+)*(?:my|the|all|recent\w*|latest|last)\b",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\b(?:an?|new)\s+(?:\w+\s+){0,2}(?:e-?mail|mail|message|file|folder|reply|comment|picture|photo)\b|\bsaying\b|\bcaption\b",
    re.IGNORECASE,
)


def _reads(source: Source, piece: str, here: list[str], manual: bool) -> _Done | None:
    """ "get my gmail inbox", "how many files are in my dropbox?", "my dropbox files": the step that reads them; None for another deed."""
    wants = bool(_ASKS.match(piece) or _READ.match(piece) or _SEND_ME.match(piece))
    mine = re.match(rf"\s*(?:my|the|all|total|number|recent|latest|last|{SERVICE})\b|^\s*{SERVICE}", piece, re.IGNORECASE)
    if not here or not (wants or (manual and mine)) or (re.search(LINK, piece)):
        return None
    first = re.match(r"\s*(\w+)", piece)
    if (
        first
        and _WRITE.match(piece)
        and not _SEND_ME.match(piece)
        and (_MAKES.search(piece) or not re.match(r"(?:open|tell|say)\b|name\s+my", piece, re.IGNORECASE))
    ):
        return None
    service = next((service for service in here if _own_thing(piece, service)), here[0])
    kept = service in ("email", "google_calendar", *FILE_STORES, *MESSENGERS)
    ordered = _READ.match(piece) and (kept or service in CODE_HOSTS)
    if (
        (not ordered and not (kept and _own_thing(piece, service)))
        or (service not in FILE_STORES and not _own_thing(piece, service))
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
        _inputs(source, f"{service}.{looking}"),
    )
    return _Done(({"action": f"{service}.{looking}", "with": said},))


def _looking(source: Source, service: str, piece: str) -> str:
    names = [
        sense.name
        for sense in source.lexicon.actions
        if sense.service == service and sense.name.startswith(("search_", "list_", "query_", "read_", "get_"))
    ]
    space = re.search(r"\b(?:space|quota|storage)\b", piece, re.IGNORECASE)
    if space and "get_space_usage" in names:
        return "get_space_usage"
    return next((name for name in names if name != "get_space_usage"), "")
