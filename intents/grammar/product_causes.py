"""Where a request told by its products parts: what starts it, and what is to be done."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.grammar.product_things import THING_SAID, own_thing, topics
from intents.grammar.source import CHANNEL, EMAIL, PERSON, QUOTE, SERVICE, Source
from intents.product_words import (
    CAUSES,
    CODE_HOSTS,
    FILE_STORES,
    HAPPENS,
    MESSENGERS,
    NEWS,
    READ_VERBS,
    TELL_ME,
    TOPICS,
    WATCH,
    WRITE_VERBS,
)

_POLITE = (
    r"(?:please|kindly|hi|hey|hello|so|also|and|then|just|simply|quickly|automatically|immediately|can\s+you|could\s+you|would\s+you|will\s+you"
    r"|go\s+(?:and|ahead)|\w+fully|(?:that\s+)?you\s+would|help\s+me(?:\s+to)?|I(?:'d|\s+would)?\s+(?:like|want|need|wish|have)(?:\s+\w+ly)?(?:\s+(?:for\s+)?(?:you|it|that\s+you))?(?:\s+(?:to|would))?"
    r"|want\s+to|i\s+want\s+like\s+to|you\s+to|go\s+ahead\s+and|let's|make\s+sure\s+to|begin|start\s+to|want|ask\s+"
    + SERVICE
    + r"\s+(?:to|for))\s*,?\s+"
)


LEAD = re.compile(rf"^\s*(?:{_POLITE})+", re.IGNORECASE)


_CAUSE = re.compile(rf"(?<![\w'])(?:{CAUSES})\b(?!\s+(?:possible|you\s+can)\b)\s*", re.IGNORECASE)


TOLD_ME = re.compile(rf"^\s*(?:{_POLITE})*(?:{TELL_ME})", re.IGNORECASE)


TELL_ANY = re.compile(
    rf"\b(?:{TELL_ME}|I\s+(?:get|receive|want|need|would\s+like|wish|require)\b.{{0,30}}\b(?:notif\w+|messaged?|alert(?:ed)?|know|told|informed|warned|texted?)"
    rf"|notifications?|alerts?)\b",
    re.IGNORECASE,
)


_WATCH = re.compile(rf"^\s*(?:{_POLITE})*(?:{WATCH})\b", re.IGNORECASE)


NEWS_SAID = re.compile(rf"\b(?:{NEWS})\b", re.IGNORECASE)


READS = re.compile(rf"^\s*(?:{READ_VERBS})\b", re.IGNORECASE)


WRITES = re.compile(rf"^\s*(?:{WRITE_VERBS})\b", re.IGNORECASE)


_HAPPENS = re.compile(rf"\b(?:{HAPPENS})\b", re.IGNORECASE)


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


PLACED = r"(?:in|on|to|into|via|using|through|with|by|over|at|from|for|onto)\s+(?:the\s+|my\s+|our\s+|an?\s+)?(?:\w+\s+)?"


_MOVING = re.compile(
    rf"^(?:\w+ly\s+)?(?:{WRITE_VERBS}|{READ_VERBS})\b.*?\b(?P<new>all|every|each|any|new|automatic(?:ally)?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clauses:
    cause: str
    deed: str
    before: str = ""  # "on slack, when …"
    marked: bool = False


MEETING_IDLY = re.compile(r"\b(?:meetings?|appointments?)\b(?!.*\b(?:calendar|schedule)\b)", re.IGNORECASE)


_CALENDAR_SEEN = re.compile(
    r"^\s*(?:(?:please|can\s+you|could\s+you)\s+)*(?:(?:show|list|get|enumerate|display|find|search|filter|count|give|sort|check)\b(?!.*\b(?:how\s+to|rooms?|available|summary)\b)"
    r"|how\s+(?:does|is)\s+my\s+schedule\b|how\s+many\s+(?:meetings|events)\b|when\s+are\s+my\b|(?:I\s+need|enumerate)\b.*\bschedule\b(?!\s+a\b)"
    r"|.*\bcalendar\s+(?:events|schedules?)\b|.*\bi-?cal(?:endar)?\b)",
    re.IGNORECASE,
)


def diary_talk(source: Source, text: str) -> bool:
    """ "what meetings do I have today", "put lunch in my calendar": a diary spoken to, not a request to read a calendar's events."""
    plain = source.marked.plain(text)
    return (
        "google_calendar" in topics(source, text)
        and not _CALENDAR_SEEN.match(plain)
        and not re.search(r"\bgoogle\s+cal|\bgcal|\bi-?cal", plain, re.IGNORECASE)
    )


def cause_service(source: Source, clauses: Clauses) -> str:
    here = topics(source, clauses.cause)
    code = [service for service in here if service in CODE_HOSTS and THING_SAID["code"].search(clauses.cause)]
    if code:
        return code[0]
    if here:
        return here[0] if not (here[0] in MESSENGERS and len(here) > 1 and not THING_SAID["messages"].search(clauses.cause)) else here[1]
    around = [*topics(source, clauses.before), *topics(source, clauses.deed)]
    if re.search(r"\bmessages?\b", clauses.cause, re.IGNORECASE):
        return next((service for service in around if service in MESSENGERS), "")
    if THING_SAID["files"].search(clauses.cause):
        stores = list(dict.fromkeys(service for service in around if service in FILE_STORES))
        return stores[0] if len(stores) == 1 else ""
    if THING_SAID["code"].search(clauses.cause):
        return next((service for service in around if service in CODE_HOSTS), "")
    told = not clauses.deed or bool(TELL_ANY.search(clauses.deed))
    if re.search(r"\b(?:subject|sender|snippet)\b", clauses.cause, re.IGNORECASE) and "email" in around:
        return "email"
    return around[0] if around and told else ""


def divided(source: Source, text: str) -> Clauses | None:
    """Cause and deed; None where nothing is to start it."""
    marks = [match for match in _CAUSE.finditer(text) if _causes(source, text, match)]
    if marks:
        first = marks[0]
        before = text[: first.start()].strip(" ,")
        bare = LEAD.sub("", before + " ").strip(" ,")
        if _told_of(source, before, text[first.end() :]):
            return Clauses(text, "")
        if not bare or (
            not is_deed(bare) and len(bare.split()) <= 6 and not re.search(r"\b(?:is|are|be|should|must)\b", bare, re.IGNORECASE)
        ):
            cause, deed = _border(source, text[first.end() :])
            return Clauses(cause, deed, bare, True)
        cause, rest = _border(source, text[first.end() :], strong=True)
        return Clauses(cause, f"{before} . {rest}" if rest else before, "", True)
    if _WATCH.match(text):
        return _watched(source, text)
    if diary_talk(source, text) and not re.search(
        r"\b(?:updates?|changes?|changed|modif\w+|alter\w*|starts?|begins?|new)\b", text, re.IGNORECASE
    ):
        return None
    if TOLD_ME.match(text) and _news_of(text):
        return _moved(source, text) or Clauses(text, "")
    if re.match(r"(?:any\s+|every\s+|each\s+|a\s+)?new\b", text, re.IGNORECASE):
        cause, deed = _border(source, text)
        if deed and topics(source, cause):
            return Clauses(cause, deed)
    if re.match(r"(?:i\s+)?(?:receiv(?:e|ed|ing)|got)\b", text, re.IGNORECASE):
        return Clauses(*_border(source, text))
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


def _told_of(source: Source, before: str, guard: str) -> bool:
    """ "tell me about changes in my calendar if the title is not X": the news is what starts it, the rest holds it back."""
    told = TOLD_ME.match(before) or re.match(
        r"\s*I\s+(?:want|need|wish|would\s+like|'d\s+like)\s+to\s+(?:know|hear|be\s+\w+)\b", before, re.IGNORECASE
    )
    return bool(told and NEWS_SAID.search(before) and topics(source, before) and not topics(source, guard))


def _news_of(text: str) -> bool:
    rest = TOLD_ME.sub("", text, count=1)
    if re.match(
        r"\s*(?:know\s+)?(?:what|how|which|who|where|the\s+(?:number|total|average|size|amount|count|max\w*|min\w*))\b", rest, re.IGNORECASE
    ):
        return False
    quiet = re.match(r"\s*(?:show|send|give|get|text|tell)\b", LEAD.sub("", text), re.IGNORECASE)
    strong = re.compile(
        r"\b(?:updates?|changes|modifications?|alerts?|notifications?|alterations?|automatic(?:ally)?|new|every)\b", re.IGNORECASE
    )
    if quiet:
        return bool(strong.search(rest))
    asked = re.match(r"\s*let\s+me\s+know\b", LEAD.sub("", text), re.IGNORECASE)
    return bool(NEWS_SAID.search(rest)) if asked else True


def _watched(source: Source, text: str) -> Clauses:
    body = _WATCH.sub("", text, count=1)
    cause, deed = _border(source, body, strong=True)
    if not deed and (both := _AND_THEN.search(cause)) is not None and topics(source, cause[: both.start()]):
        cause, deed = cause[: both.start()], cause[both.end() :]
    return Clauses("changes in " + cause, deed)


_AND_THEN = re.compile(
    rf"\s+and\s+(?:then\s+)?(?=(?:{WRITE_VERBS}|notify|alert|inform|warn|tell)\s+(?:me|us|them|it|to|the|an?|my|all|each|{PERSON}|{CHANNEL}|{EMAIL})(?!\w))",
    re.IGNORECASE,
)


def _moved(source: Source, text: str) -> Clauses | None:
    """ "send all new dropbox files by email": the things of one product go to another."""
    body = LEAD.sub("", text)
    match = _MOVING.match(body)
    if match is None:
        return None
    fresh = re.search(r"\b(?:my|the|all|every|any|each|of)\s+new\b.*", body, re.IGNORECASE)
    rest = body[: fresh.start()] if fresh else ""
    others = topics(source, rest) or (["email"] if re.search(EMAIL, rest) else [])
    if fresh and others and (own := [name for name in topics(source, fresh[0]) if own_thing(fresh[0], name) and name not in others]):
        return Clauses("new " + fresh[0], rest) if own else None
    for place in re.finditer(rf"\s+(?={PLACED}(?:{SERVICE}|{TOPICS['email']}|{EMAIL}|{CHANNEL}))", body, re.IGNORECASE):
        what, where = body[: place.start()], body[place.start() :]
        if place.start() <= match.end("new"):
            continue
        mine = [service for service in topics(source, what) if own_thing(what, service)]
        theirs = topics(source, where) or (["email"] if re.search(EMAIL, where) else [])
        if mine and theirs and theirs[-1] != mine[0]:
            return Clauses("new " + what, "send it " + where)
    return None


def is_deed(text: str) -> bool:
    text = LEAD.sub("", text)
    return bool(WRITES.match(text) or READS.match(text) or TOLD_ME.match(text) or TELL_ANY.search(text) or _WATCH.match(text)) or bool(
        re.match(r"\w*mute\b|(?:increase|decrease|raise|lower|play|follow|unfollow|tweet)\b", text, re.IGNORECASE)
    )


def _border(source: Source, text: str, *, strong: bool = False) -> tuple[str, str]:
    """The clause that says what happens, and what is to be done. ``strong``: only a comma or "then" parts them."""
    weak: tuple[str, str] | None = None
    unheard: tuple[str, str] | None = None
    for match in _BORDER.finditer(text):
        left, right = text[: match.start()].strip(), text[match.end() :].strip()
        if not left or not right or len(left.split()) < 2 or not is_deed(right):
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
