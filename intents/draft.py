"""Words → a workflow: trigger, condition, steps in the order of doing, options; or the one thing that is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from intents.beginnings import with_beginning
from intents.explaining import step_words, trigger_words
from intents.grammar.amending import amended
from intents.grammar.clauses import (
    DEED,
    FREE,
    Parts,
    is_bare,
    sentences,
    split_about,
    split_deeds,
    split_middle,
    split_moving,
    split_start,
    split_unmarked,
    split_watched,
    starts_deed,
)
from intents.grammar.conditions import conditions_of, input_condition, iter_fields, step_condition
from intents.grammar.context import plainer
from intents.grammar.each import split_each
from intents.grammar.joining import joined
from intents.grammar.options import Said as SaidOptions
from intents.grammar.options import place_spare, read_options
from intents.grammar.product_things import topics
from intents.grammar.products import Told, read_products
from intents.grammar.source import BLANK, CHANNEL, EMAIL, LINK, PERSON, QUOTE, SERVICE, THING, Source, tidy
from intents.grammar.steps import Context, Deed, read_deed
from intents.grammar.trigger import Cause, read_cause, vague_cause
from intents.unused import unused
from intents.when import Schedule, read_schedule
from intents.when.tape import without

ASK_TRIGGER = "What should start it: an event, a schedule, or a button?"
ASK_STEPS = "What should happen then?"
_UNREAD = "I could not read the condition “{}”. Which field should have which value?"
ASK_OFTEN = "How often, and at what time? For example “every Monday at 9:00”."
ASK_BOTH = "What should start it, and what should happen then?"


@dataclass(frozen=True, slots=True)
class Reading:
    """A workflow as understood. ``slot`` names the open part (``trigger``, ``schedule``, ``steps``, ``step:0:service``, ``step:0:channel``).

    ``firm``: the words ask for a workflow beyond doubt; otherwise it may be something else. ``choices``: services to offer.
    """

    workflow: dict[str, Any]
    question: str = ""
    slot: str = ""
    choices: tuple[str, ...] = ()
    sure: float = 0.95
    firm: bool = True
    parts: tuple[tuple[str, str], ...] = ()  # (words, what they became)


_THING = (
    r"(?:workflow|flow|automation|automatic|automatism|rule|button|command|shortcut|bot|job|routine|process|recipe|zap"
    r"|trigger|something|manual\s+(?:one|workflow|flow|trigger)|one|thing)"
)
_EXPLICIT = re.compile(
    rf"^\s*(?:(?:hi|hey|hello|ok|okay|please|so|good\s+morning|thanks)\b[\s,!.]*)*(?:(?:can|could|would|will)\s+(?:you"
    rf"|we|I|someone|somebody)\s+(?:please\s+|maybe\s+)?)?"
    rf"(?:please\s+)?(?:I|we)?\s*(?:(?:would|'d)\s+like|want|need|have\s+to\s+have)?\s*(?:to\s+(?:have|create|make"
    rf"|build|set\s+up)\s+|have\s+|to\s+)?(?:(?:create|make|build|set\s+up|add|give|get|define|need|want|design"
    rf"|prepare)\s+)?(?:me\s+|us\s+)?(?:up\s+)?"
    rf"(?:for\s+(?:me|us)\s+)?(?:an?\s+|one\s+|the\s+|another\s+|some\s+)?(?:(?:new|simple|little|small|nice|big|red|green|quick|handy|single|panic|manual|on[\s-]demand|one[\s-]click|slash)\s+)*"
    rf"(?P<thing>{_THING})\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:create|make|build|set\s+up|add|give|need|want|have|like|define|get)\b", re.IGNORECASE)
_MANUAL = re.compile(
    r"\b(?:(?:push[\s-])?buttons?|by\s+hand|manual(?:ly)?|on[\s-]demand|without\s+(?:an?\s+|any\s+)?trigger|(?:has|with)\s+no\s+trigger|no\s+trigger\b|only\s+(?:when|if)\s+(?:I|we)\s+(?:say|ask|start|run|press|trigger)\w*(?:\s+(?:so|it))?|kick\s+off\s+(?:a|the)\s+(?:flow|workflow)\s+(?:by\s+)?my\s?self|slash\s+command|command\s+/\w+|(?:called|call|started|trigger(?:ed)?)\s+(?:with|by|via)\s+/\w+|on\s+request|by\s+(?:my|our|your)sel(?:f|ves)|(?:one|single)[\s-]click|from\s+the\s+menu|(?:that|which)\s+(?:I|we|people|anyone|someone)\s+(?:can\s+)?(?:start|run|trigger|press|kick|launch|fire|push|click)"
r"|whenever\s+(?:I|we)\s+(?:want|need|like|feel\s+like)(?:\s+(?:to|it))?|so\s+(?:that\s+)?(?:I|we)\s+can\s+(?:run|start|trigger|launch|press)|shortcut|kick\s+off\s+by|(?:a|the"
r"|slash)\s+command|command\s+(?:that|to|which|called)|when\s+(?:I|we|someone|somebody)\s+(?:press|click|push|hit"
r"|ask|say|run\s+it|trigger\s+it)\w*(?:\s+(?:so|it))?(?:\s+(?:the|a)\s+button)?)\b", re.IGNORECASE
)  # fmt: skip
_AFTER_THING = re.compile(
    r"^\s*,?\s*(?:(?:that|which|who)\s+(?:I|we|you|people|anyone|someone)\s+can\s+(?:kick\s+off|start|press|trigger"
    r"|run|use|push|click|call)\s*(?:by\s+hand|manually|any\s?time|on\s+demand|when(?:ever)?\s+(?:I|we)\s+(?:want|need|like)(?:\s+to|\s+it)?)?|I\s+can\s+(?:kick\s+off|start|press"
    r"|trigger|run)(?:\s+(?:by\s+hand|manually|when(?:ever)?\s+(?:I|we)\s+(?:want|need|like)(?:\s+to|\s+it)?))?)?\s*[,:.]?\s*(?:and\s+)?(?:(?:it|that|which|who"
    r"|this)\s+)?(?:(?:should|must|will|can)\s+)?(?:for\s+to\s+|for\s+|to\s+|so\s+that\s+)?\s*[:,]?\s*",
    re.IGNORECASE,
)
_RESTRICTION = re.compile(
    r"\s*[,(–-]?\s*\b(?:(?:but|and)\s+)?(?P<how>only\s+(?:if|when|for|on)|unless|except\s+(?:if|when|for)"
    r"|provided(?:\s+that)?|as\s+long\s+as|(?:but\s+)?not\s+(?:for|if|when)|but\s+not|if\s+and\s+only\s+if"
    r"|in\s+case\s+(?=the))\s+(?P<what>[^.;\u2192]*?)(?=\s*(?:$|[.;)\u2192]|:\s|,\s*(?:and\s+)?(?:then\s+)?(?:post"
    r"|tell|create|send|make|notify|ping|open|add|email|dm|let|please|slack)\b))",
    re.IGNORECASE,
)
_OTHER_DAYS = re.compile(r"\b(?:other\s+days|weekends?|weekdays|holidays|rest)\b", re.IGNORECASE)
_IF_FOUND = re.compile(
    r"^\s*(?:and\s+|but\s+|then\s+)*(?:only\s+)?(?:if|when|whenever|in\s+case)\s+(?P<what>.+?)(?:\s*,\s*(?:then\s+)?|\s+then\s+)(?P<deed>.+)$"
    r"|^\s*(?:and\s+)?(?:if|when|whenever|in\s+case)\s+(?P<what2>(?:the\s+)?(?:status|code|response|there|result|count"
    r"|it)\b.*?)\s+(?P<deed2>(?:post|tell|ping|notify|alert|send|create|open|email|page|dm|warn|slack)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OTHERWISE = re.compile(
    r"[,;.?]?\s*\b(?:is\s+(?:that|this|it)\s+(?:possible|doable)|can\s+(?:that|this)\s+be\s+done|would\s+(?:that|this)\s+(?:work|be\s+possible))\b\s*\??(?:\s*if\s+(?:yes|so|possible)\b[^.?!]*)?"
    r"|[,;.?!]\s*if\s+(?:yes|so|possible)\b[^.?!]*"
    r"|[,;.]?\s*\b(?:otherwise|else)\s+(?:do\s+)?nothing\b.*$|,?\s*so\s+(?:that\s+)?(?:we|I|they|people|everyone"
    r"|you)\s+(?:can|could|know|knows|see)\b[^.;]*|,?\s*\bat\s+that\s+(?:moment|time|point)\b|\bbeforehand\b"
    r"|\bthank\s+you\b|\bthanks\b",
    re.IGNORECASE,
)


# A time without a time: it is to be done again and again, or later.
_OFTEN = re.compile(
    r"\b(?:regularly|periodically|routinely|on\s+a\s+(?:regular|recurring)\s+basis|at\s+regular\s+intervals|from\s+time\s+to\s+time|every\s+(?:now\s+and\s+then|so\s+often|once\s+in\s+a\s+while)"
    r"|(?:set\s+up|create|make|add|schedule)\s+(?:me\s+)?(?:an?\s+)?(?:recurring\s+|regular\s+)?reminder)\b",
    re.IGNORECASE,
)
# A word for a cause that no reader took: then "by hand" would be a guess.
_LOST_CAUSE = re.compile(r"\b(?:when(?:ever)?|if|every|each|as\s+soon\s+as)\b|→", re.IGNORECASE)


@dataclass(slots=True)
class _Work:
    """What is known so far while one request is read."""

    source: Source
    options: SaidOptions
    answers: Mapping[str, str]
    text: str
    explicit: bool = False
    manual: bool = False
    restrictions: list[str] = field(default_factory=list)
    schedule: Schedule | None = None
    cause: Cause | None = None
    clause: str = ""
    deeds: list[str] = field(default_factory=list)
    marked: bool = False


_BY_HAND = re.compile(
    r"^\s*(?:on[\s-]demand|by\s+hand|manual(?:ly)?(?:\s+(?:triggered|started|run))?|on\s+request)\s*[:,–-]\s*", re.IGNORECASE
)


def _unnumbered(text: str) -> str:
    """ "1) close the issue 2) tell #x" → one deed after the other."""
    text = re.sub(r":\s*\(?1[.)]\s+(?=[A-Za-z])", ": ", text)
    return re.sub(r"[,;.]?\s+\(?[1-9][.)]\s+(?=[A-Za-z])", ", ", text)


_FOR_ME = re.compile(  # "make me a trello card": whom it is for says nothing of what it is
    r"^(?P<a>\s*(?:(?:please|pls|can|could|would|will|you|kindly|just|hey|hi)\b[\s,]*)*(?:make|create|open|add|file|log|book|draft|schedule|raise|build|set\s+up|start)\s+)(?:me|us)\s+(?=an?\b|one\b|the\b)",
    re.IGNORECASE,
)
_HEADING = re.compile(rf"^\s*{SERVICE}\s*(?:→|->|to|/|\+|&|and)\s*{SERVICE}\s*:\s+(?=\w)", re.IGNORECASE)  # "Trello → Slack: when …"
_LET_ME = re.compile(r"^\s*(?:please\s+)?let\s+(?:me|us)\s+(?=(?:manually|by\s+hand)\b|(?:kick|start|run|trigger)\b.*\b(?:by\s+hand|manually|myself)\b)", re.IGNORECASE)


_SHORTHAND = (
    (re.compile(r"(?<!\w)w/\s*(?=[\w\ue000-\uf8ff])", re.IGNORECASE), "with "), (re.compile(r"(?<![\w/#@.-])msgs?\b(?=\s)", re.IGNORECASE), "message"),
    (re.compile(r"(?<![\w/#@.-])tkt(s?)\b", re.IGNORECASE), r"ticket\1"), (re.compile(r"(?<![\w/#@.-])chan\b", re.IGNORECASE), "channel"),
    (re.compile(r"(?<![\w/#@.-])rpt\b", re.IGNORECASE), "report"), (re.compile(r"(?<![\w/#@.-])smth\b", re.IGNORECASE), "something"),
    (re.compile(r"\bsame\s+(?:link|thing|message|one)\s+(?:please\s+|also\s+)?(?=(?:put|post|share|send|append|add|forward|copy)\b)", re.IGNORECASE), ""),
    (re.compile(r"\s+means\s+(?=(?:create|open|post|tell|send|make|add|notify|raise|log|file)\b)", re.IGNORECASE), ", "),
)  # fmt: skip


def _plainly(text: str) -> str:
    for pattern, words in _SHORTHAND:
        text = pattern.sub(words, text)
    return _LET_ME.sub("a button to ", _HEADING.sub("", _FOR_ME.sub(r"\g<a>", text)))


def read_workflow(source: Source, answers: Mapping[str, str] | None = None) -> Reading | None:
    """The workflow that the words describe; None when they describe none. ``answers`` are replies to earlier questions, by slot."""
    reading = _read(source, answers)
    if reading is not None and not reading.question and not unused(source, reading.workflow):
        return reading
    for text in plainer(source.text):
        better = _read(replace(source, text=text), answers)
        if better is not None and _stands(source, better):
            return replace(better, sure=min(better.sure, 0.93))
    return reading


def _stands(source: Source, reading: Reading) -> bool:
    """A reading of fewer words is believed where it is whole, uses every name that was said, and no product that was not."""
    started = (reading.workflow.get("trigger") or {}).get("type") not in (None, "manual")
    guessed = _services_of(reading.workflow) - set(source.services(source.text)) - {"email", "http", "signalbox"}
    return started and not reading.question and reading.firm and not guessed and not unused(source, reading.workflow)


def _read(source: Source, answers: Mapping[str, str] | None) -> Reading | None:
    source = replace(source, text=_plainly(amended(_unnumbered(joined(source.text)))))
    options, text = read_options(source)
    work = _Work(source, options, dict(answers or {}), _OTHERWISE.sub(" ", text))
    _explicit(work)
    _restrict(work)
    _start_and_deeds(work)
    reading = _by_products(work, _assembled(work))
    return replace(reading, workflow=with_beginning(reading.workflow)) if reading is not None else None


def _by_products(work: _Work, reading: Reading | None) -> Reading | None:
    """``reading``, or what the products in the words tell where it is none, leaves its cause or deed open, or misses one of them."""
    if work.explicit or work.manual or (work.restrictions and reading is not None):
        return reading
    if reading is not None and not _open_or_short(work, reading):
        return replace(reading, firm=True) if _of_spoken(work, reading) else reading
    told = read_products(work.source, work.text, work.answers)
    if told is None or (reading is not None and not (_tells_more(work, told, reading) and _keeps_time(work, told, reading))):
        return reading
    if work.restrictions:
        told = replace(told, question=_UNREAD.format(work.source.plain(work.restrictions[0])), slot="condition")
    options = {"options": reading.workflow["options"]} if reading is not None and "options" in reading.workflow else {}
    return Reading({**told.workflow, **options}, told.question, told.slot, told.choices, 0.9 if not told.question else 0.75)


def _tells_more(work: _Work, told: Told, reading: Reading) -> bool:
    """More of the products; or as many, with a cause where ``reading`` has none, or nothing open where it leaves something open."""
    theirs, ours = _services_of(told.workflow), _services_of(reading.workflow)
    guessed = ours & ({"teams", "mixpanel"} | (set() if re.search(EMAIL, work.text) else {"email"})) - set(topics(work.source, work.text))
    ours -= guessed
    if "email" in theirs - ours and "email" not in topics(work.source, work.text):
        return False  # "share it with bob@…": an address is no email to be sent
    caused = told.workflow["trigger"]["type"] == "event_based" and not (reading.workflow.get("trigger") or {}).get("service")
    caused = caused or (reading.workflow.get("trigger") or {}).get("service") == "chat"  # a named messenger is meant
    reads = all(step["action"].partition(".")[2].startswith(("search_", "list_", "query_")) for step in told.workflow["steps"])
    asks = _once(reading) and told.workflow["trigger"]["type"] == "manual" and reads  # "created since Monday" is no appointment
    return theirs > ours or (theirs >= ours and bool(guessed or caused or asks or (reading.question and not told.question)))


def _guessed(work: _Work, heard: set[str], spoken: set[str]) -> bool:
    """A service that nobody spoke of; "a message" is a messenger's where one is named."""
    return bool({"teams", "mixpanel"} & (heard - spoken)) or ("email" in heard - spoken and not re.search(EMAIL, work.text))


def _keeps_time(work: _Work, told: Told, reading: Reading) -> bool:
    """A time that was said stays what it is; only a day within a cause ("events that start before May") is none."""
    trigger = told.workflow["trigger"]
    if _once(reading) and not reading.question and work.deeds and starts_deed(work.deeds[0]) and any("text" in step["with"] for step in reading.workflow["steps"]):
        return False  # "remind me tomorrow at 7pm to pay, slack is fine"
    return work.schedule is None or trigger == reading.workflow.get("trigger") or (_once(reading) and trigger["type"] == "event_based")


def _once(reading: Reading) -> bool:
    trigger = reading.workflow.get("trigger") or {}
    return trigger.get("type") == "scheduled" and not trigger.get("cron") and not trigger.get("rrule")


def _open_or_short(work: _Work, reading: Reading) -> bool:
    trigger = reading.workflow.get("trigger") or {}
    if trigger.get("service") == "signalbox" or trigger.get("type") in ("cross_service", "ai_predicted"):
        return False
    if reading.slot.endswith(":channel") and re.search(EMAIL, work.text) and "email" in topics(work.source, work.text):
        return True
    if reading.slot in ("all", "trigger", "start", "steps") or reading.slot.endswith(":service"):
        return True
    spoken, heard = set(topics(work.source, work.text)), _services_of(reading.workflow)
    return bool(spoken - heard) or (
        bool(spoken) and (_guessed(work, heard, spoken) or trigger.get("type", "manual") == "manual" or _once(reading))
    )


def _of_spoken(work: _Work, reading: Reading) -> bool:
    """Every product of the workflow is named in the words and nothing is open: "change the topic of the Slack channel" changes no workflow."""
    named = set(work.source.services(work.text))
    return bool(named) and not reading.question and _services_of(reading.workflow) == named


def _services_of(workflow: Mapping[str, Any]) -> set[str]:
    trigger = workflow.get("trigger") or {}
    listed = [event for key in ("any", "all", "sequence") for event in trigger.get(key, ())]
    found = {trigger.get("service", ""), *(event.partition(".")[0] for event in listed)}
    return (found | {step["action"].partition(".")[0] for step in workflow.get("steps", ())}) - {"", "chat"}


# --- what kind of request -----------------------------------------------------------------------------------------------------


_AUTOMATE = re.compile(
    r"^\s*(?:(?:please|pls|can|could|would|will|you|u|we|I|just|want|need|to|like|d|kindly|hey|hi|let's|lets)\b[\s,']*)*automate\b\s*(?P<this>(?:this|that|it|the\s+following)\b\s*[:,–-]?\s*)?(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


def _explicit(work: _Work) -> None:
    work.manual = bool(_MANUAL.search(work.text))
    automated = _AUTOMATE.match(work.text)
    if automated is not None:
        work.explicit = True
        work.text = automated["rest"] if automated["this"] or _LOST_CAUSE.search(automated["rest"]) else ""
        return
    work.text = _BY_HAND.sub("", work.text)
    match = _EXPLICIT.match(work.text)
    if match is None or not (
        _ASKS.search(match[0])
        or re.search(r"\bmanual|\bon[\s-]demand|\bbutton|\bshortcut|\bcommand\b", match[0], re.IGNORECASE)
        or re.match(r"\s+(?:that\s+|which\s+)?(?:I|we)\s+can\b", work.text[match.end() :], re.IGNORECASE)
    ):
        return
    if match["thing"].lower() in ("one", "thing", "something", "bot", "process", "trigger") and not re.match(
        r"\s*(?:that|which|to|I|where|for|,)\b", work.text[match.end() :], re.IGNORECASE
    ):
        return
    rest = work.text[match.end() :]
    cut = _AFTER_THING.match(rest)
    work.explicit = True
    work.text = rest[cut.end() :] if cut else rest


def _restrict(work: _Work) -> None:
    """ "but only if …", "unless …", "but not for info alerts": kept aside for the condition."""
    while (match := _RESTRICTION.search(work.text)) is not None and len(work.restrictions) < 8:
        if not _OTHER_DAYS.search(match["what"]):
            how = re.sub(r"\s+", " ", match["how"].lower())
            negated = how.startswith(("unless", "except", "not", "but not"))
            work.restrictions.append(
                ("unless " if negated and "not for" not in how and how != "but not" else "not for " if negated else "if ") + match["what"]
            )
        work.text = work.text[: match.start()] + f" {BLANK} " + work.text[match.end() :]


# --- start and deeds ---------------------------------------------------------------------------------------------------------------


_AT_AN_EVENT = re.compile(r"\b(?:when(?:ever)?|if|once|as\s+soon\s+as|each|every|any\s?time|after|upon|should|new|all)\b|→|\?", re.IGNORECASE)


def _start_and_deeds(work: _Work) -> None:
    source = work.source
    schedule = read_schedule(_timed(work.text), source.now, source.timezone)
    recurring = schedule is not None and bool(
        schedule.cron or schedule.rrule or (schedule.question and not schedule.at and _repeats(work.text))
    )
    if schedule is not None and recurring:
        _scheduled(work, schedule)
        return
    if schedule is not None and not _AT_AN_EVENT.search(work.text) and starts_deed(tidy(without(work.text, list(schedule.spans)))):
        _scheduled(work, schedule)  # "on Dec 1 at 9am, create an event and tell #team"
        return
    parts = _divided(work, work.text)
    if parts is not None and not (schedule is not None and not _hearing(work)(parts.cause)):
        _caused(work, parts)
        return
    if schedule is not None:
        _scheduled(work, schedule)
        return
    work.deeds = [deed for part in _useful(work, sentences(work.text)) for deed in split_deeds(part)]


_TIMELESS = re.compile(
    rf"{CHANNEL}|{EMAIL}|{PERSON}|{LINK}|(?:€|\$|£|\b(?:EUR|USD|GBP|CHF)\s?)\d[\d.,]*|\b\d[\d.,]*\s?(?:€|\$|£|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|francs?|k)\b)"
    r"|\b(?:one\s+time\s+only|once\s+only|only\s+once|just\s+once|just\s+this\s+once|one-?off)\b|\b(?:of|over|for|in|from|about)\s+the\s+(?:last|past|previous)\s+(?:\w+\s+)?(?:hours?|days?|weeks?|months?|quarters?|years?)\b"
    r"|\b(?:daily|weekly|monthly)\s+active\s+(?:users|accounts|customers)\b"
    r"|\b(?:list|board|column|folder|page|project|database|sheet|tab|section)\s+(?-i:[A-Z])\w+",
    re.IGNORECASE,
)


def _timed(text: str) -> str:
    """``text`` without what cannot be a time (#qa-daily, 1200 euros, the list Today), each as long as it was so that places stay."""
    return _TIMELESS.sub(lambda match: "x" * len(match[0]), text)


def _ordering(sentence: str) -> str:
    """ "sprints are 3 weeks long here, so ▯ create …" → "create …": what stands before the time and orders nothing is talk."""
    left, blank, right = sentence.partition(BLANK)
    if blank and starts_deed(right) and not any(DEED.match(part) for part in split_deeds(left)) and not re.search(rf"{CHANNEL}|{EMAIL}|{PERSON}|{SERVICE}", left):
        return right
    return sentence


def _repeats(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:every|each|daily|weekly|monthly|hourly|nightly|quarterly|yearly|annually|fortnightly|bi-?weekly|mondays"
            r"|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|weekdays|weekends|month|quarter)\b",
            text,
            re.IGNORECASE,
        )
    )


def _scheduled(work: _Work, schedule: Schedule) -> None:
    work.schedule = schedule
    rest = without(work.text, list(schedule.spans))
    work.deeds = [deed for part in _useful(work, [_ordering(part) for part in sentences(rest)]) for deed in split_deeds(part)]
    answer = work.answers.get("schedule", "")
    if schedule.question and answer:
        whole = read_schedule(f"{work.text} {answer}", work.source.now, work.source.timezone)
        if whole is None or whole.question:  # what was said first ("regularly") may be no time at all
            whole = read_schedule(answer, work.source.now, work.source.timezone)
        work.schedule = whole if whole is not None and not whole.question else schedule


def _divided(work: _Work, text: str) -> Parts | None:
    hears = _hearing(work)
    for index, sentence in enumerate(parts := sentences(text)):
        for split in _splitters(work, sentence):
            found = split(sentence, hears)
            if found is None or not found.cause.strip(f" {BLANK}") or (split is not split_start and not found.deeds.strip()):
                continue
            after = list(_useful(work, parts[index + 1 :]))
            return Parts(found.cause, " . ".join([found.deeds, *after]), found.marked, found.firm)
        following = parts[index + 1 : index + 2]
        if (
            following
            and hears(sentence.rstrip("?.! "))
            and (starts_deed(following[0]) or (sentence.rstrip().endswith("?") and FREE.search(following[0])))
        ):
            return Parts(sentence.rstrip("?.! "), " . ".join(_useful(work, parts[index + 1 :])))
    return None


def _splitters(work: _Work, sentence: str) -> tuple[Callable[[str, Any], Parts | None], ...]:
    """Who begins with a deed has the cause behind it; a button needs a word such as "when" for any other cause."""
    if work.manual:
        return (split_start, split_middle)
    if DEED.match(sentence) and not re.match(
        rf"\s*(?:alerts?|pushe?s?|comments?|reports?|messages?|files?|posts?|reactions?|releases?)\b(?!\s+(?:to|in|it|on|an?|the|me|us|{CHANNEL}|{PERSON}|{QUOTE})(?:\s|$))", sentence, re.IGNORECASE
    ):
        return (split_middle, split_start, split_unmarked, split_moving, split_about, split_watched, split_each)
    return (split_start, split_watched, split_unmarked, split_middle, split_moving, split_about, split_each)


def _hearing(work: _Work) -> Callable[[str], str]:
    @cache
    def hears(clause: str) -> str:
        """ "sure", "open" (it could be of several services) or "" (no cause)."""
        cause = read_cause(work.source, clause)
        return "" if cause is None else "open" if cause.question else "sure"

    return hears


def _caused(work: _Work, parts: Parts) -> None:
    work.marked = parts.marked
    work.clause = parts.cause
    work.deeds = split_deeds(parts.deeds)
    work.cause = read_cause(work.source, parts.cause, context=parts.deeds)
    if work.cause is None and parts.marked:
        condition = input_condition("if " + parts.cause) if work.manual else ""
        if condition:
            work.restrictions.append("if " + parts.cause)
        else:
            work.cause = vague_cause(work.source, parts.cause, firm=parts.firm)


def _useful(work: _Work, parts: list[str]) -> list[str]:
    """Sentences that order something; small talk around them is left out."""
    return [part for part in parts if _orders(work, part)]


def _orders(work: _Work, part: str) -> bool:
    plain = part.replace(BLANK, " ")
    if re.match(
        r"\s*(?:hi|hey|hello|thanks|thank\s+you|good\s+(?:morning|afternoon|evening)|sorry|cheers)\b[\s!,.]*$", plain, re.IGNORECASE
    ):
        return False
    if (
        re.match(r"\s*(?:no|we|they|it's|it\s+is|nobody|our|my|people|sprints?)\b", plain, re.IGNORECASE)
        and not starts_deed(plain)
        and not re.search(rf"{CHANNEL}|{EMAIL}|{LINK}", plain)
    ):
        return False
    if starts_deed(
        re.sub(r"^\s*(?:hi|hey|hello|ok|okay|good\s+morning|please|could|can|would|you|so)\b[\s,!.]*", "", plain, flags=re.IGNORECASE)
    ):
        return True
    return bool(re.search(rf"{CHANNEL}|{EMAIL}|{LINK}|{SERVICE}|{PERSON}", plain)) or BLANK in part or len(plain.split()) <= 12


# --- putting it together --------------------------------------------------------------------------------------------------------------


def _assembled(work: _Work) -> Reading | None:
    trigger, question, slot, choices, sure = _trigger(work)
    deeds, context = _deeds(work, trigger)
    steps = [step for deed in deeds for step in deed.steps]
    if not _is_workflow(work, trigger, steps, deeds):
        return None
    if trigger is None and steps and (work.manual or not (work.explicit or _LOST_CAUSE.search(work.text))):
        trigger = {"type": "manual"}
    workflow: dict[str, Any] = {}
    if work.options.name:
        workflow["name"] = work.options.name
    if trigger is not None:
        workflow["trigger"] = trigger
    when, unread = _condition(work, trigger, steps)
    if when:
        workflow["when"] = when
    workflow["steps"] = steps
    options = _options(work, steps, context)
    if options:
        workflow["options"] = options
    asked = _question(work, trigger, question, slot, choices, deeds, unread)
    firm = work.explicit or work.marked or bool(work.cause and work.cause.trigger.get("event")) or work.schedule is not None
    sure = min(sure, *(deed.sure for deed in deeds)) if deeds else sure
    return Reading(workflow, asked[0], asked[1], asked[2], sure, firm, _parts(work, trigger, deeds, when))


def _parts(work: _Work, trigger: dict[str, Any] | None, deeds: list[Deed], when: str) -> tuple[tuple[str, str], ...]:
    """Which words became what; see ``intents.explaining``."""
    plain = work.source.plain
    causes = [(plain(work.clause) or ("by hand" if work.manual else "the time that is said"), trigger_words(trigger))]
    done = [(plain(deed.text), step_words(deed.steps) or "something that is asked back") for deed in deeds]
    limits = [("; ".join(plain(one) for one in work.restrictions) or plain(work.clause), f"only when {when}")] if when else []
    return (*causes, *done, *limits)


def _trigger(work: _Work) -> tuple[dict[str, Any] | None, str, str, tuple[str, ...], float]:
    if work.manual and work.cause is None and work.schedule is None:
        return {"type": "manual"}, "", "", (), 0.95
    if work.cause is not None:
        cause = _answered(work, work.cause)
        return dict(cause.trigger), cause.question, "trigger", cause.choices, cause.sure
    if work.schedule is not None:
        return dict(work.schedule.trigger()), work.schedule.question, "schedule", (), 0.95
    if _OFTEN.search(work.text) and not _LOST_CAUSE.search(work.text):
        told = read_schedule(work.answers.get("schedule", ""), work.source.now, work.source.timezone)
        if told is not None and not told.question:
            return dict(told.trigger()), "", "schedule", (), 0.95
        return {"type": "scheduled"}, ASK_OFTEN, "schedule", (), 0.9
    return None, "", "", (), 0.9


def _answered(work: _Work, cause: Cause) -> Cause:
    """An open cause, read again with the service (or the whole event) that was answered."""
    answer = work.answers.get("trigger", "")
    if not cause.question or not answer:
        return cause
    marked = f"{work.clause} in {answer}"
    source = _again(work.source, marked)
    better = read_cause(source, source.text)
    if better is None or better.question:
        source = _again(work.source, answer)
        better = read_cause(source, source.text)
    work.cause = better if better is not None and not better.question else cause
    return work.cause


def _again(source: Source, text: str) -> Source:
    """``text`` (which may hold marks) marked anew."""
    plain = source.marked.plain(text)
    marked = source.lexicon.mark(plain)
    return Source(marked.text, source.utterance, marked, source.lexicon, source.now, source.timezone, source.workflows)


def _deeds(work: _Work, trigger: dict[str, Any] | None) -> tuple[list[Deed], Context]:
    context = Context(services=_known_services(work, trigger))
    out: list[Deed] = []
    for index, piece in enumerate(_pieces(work)):
        answers = {
            key.partition(":")[2].partition(":")[2]: value for key, value in work.answers.items() if key.startswith(f"step:{index}:")
        }
        condition, piece = _guard(work, piece, out)
        if is_bare(piece) and out and out[-1].steps and (previous := out[-1].steps[-1])["action"].endswith("post_message"):
            messenger = previous["action"].partition(".")[0]
            piece = (
                f"post {piece}"
                if messenger == "chat" or work.source.services(piece)
                else f"post in {_mark_of(work.source, messenger)} {piece}"
            )
        if is_bare(piece) and out and out[-1].steps and re.search(CHANNEL, piece) and (last := out[-1].steps[-1])["action"].endswith("invite_to_channel"):
            out.append(Deed(piece, ({**last, "with": {**last["with"], "channel": tidy(piece)}},)))
            continue
        if is_bare(piece) and not re.search(SERVICE, piece):
            piece = f"{'email' if re.search(EMAIL, piece) else 'post it to'} {piece}"
        deed = _its_own(work, read_deed(work.source, piece, context, answers))
        context.note(deed.steps)
        if condition:
            work.restrictions.append(condition)
        out.append(deed)
    return _without_empty(_each_once([deed for deed in out if deed.steps or deed.question])), context


def _each_once(deeds: list[Deed]) -> list[Deed]:
    """ "I want to know immediately, dm me": told twice in the words, told once to the person."""
    kept: list[Deed] = []
    for deed in deeds:
        alike = kept and deed.steps and kept[-1].steps == deed.steps and not deed.question and not kept[-1].question
        if not (alike and all(step["action"] == "chat.post_message" and "text" not in step["with"] for step in deed.steps)):
            kept.append(deed)
    return kept


def _without_empty(deeds: list[Deed]) -> list[Deed]:
    """A message without words, place and product ("I want to start it", "a reminder!!") is talk beside a deed that says something."""
    empty = [
        deed for deed in deeds if list(deed.steps) == [{"action": "chat.post_message", "with": {}}] and not _OWN_MESSAGE.search(deed.text)
    ]
    told = [deed for deed in deeds if deed not in empty and any(_placed(step) for step in deed.steps)]
    return [deed for deed in deeds if deed not in empty] if told else deeds


_OWN_MESSAGE = re.compile(
    r"^\s*(?:post|tell|notify|send|announce|share|message|ping|write|say|inform|let|alert|warn|forward|publish|broadcast)\b", re.IGNORECASE
)


def _placed(step: Mapping[str, Any]) -> bool:
    return step["action"] in ("email.send_email",) or "channel" in step["with"] or step["action"].startswith("signalbox.")


def _its_own(work: _Work, deed: Deed) -> Deed:
    """ "a run of invoice-run fails …, its workflow analytics": the workflow is the cause's."""
    named = re.search(r"event\.workflow == '([^']*)'", work.cause.when if work.cause else "")
    if named and re.search(r"\bits\b|\bthe\s+workflow's\b", deed.text):
        for step in deed.steps:
            if step["action"] == "signalbox.workflow_analytics":
                step["with"].setdefault("workflow", named[1])
    return deed


def _mark_of(source: Source, service: str) -> str:
    index = source.marked.services.index(service) if service in source.marked.services else -1
    return chr(0xE200 + index) if index >= 0 else ""


def _pieces(work: _Work) -> list[str]:
    answer = work.answers.get("steps", "")
    extra = split_deeds(_again(work.source, answer).text) if answer and not work.deeds else []
    pieces = [piece for piece in (*work.deeds, *extra) if tidy(piece)]
    said = [piece for piece in pieces if not _TALK.match(piece) or FREE.search(piece)]
    return said if any(starts_deed(piece) for piece in said) else pieces


_TALK = re.compile(  # "I keep forgetting this one": beside an order, no order
    r"^\s*(?:(?:lol|haha|ugh|sorry|well|so|ok|okay|um|hm+|and|but|because|cause|since|as)\b[\s,.!]*)*(?:I|we|they|he|she|people|everybody|everyone|nobody)(?:\s+(?:always|often|still|just|really|all))*\s+"
    r"(?:keep|kept|forget|forgot|miss|missed|lose|lost|am|was|were|had|have\s+been|do\s+not|don't|didn't|can't|cannot|never|hate|love|work|tend|know|knew)\b",
    re.IGNORECASE,
)


def _known_services(work: _Work, trigger: dict[str, Any] | None) -> list[str]:
    services: list[str] = []
    if work.cause is not None:
        services = [part.service for part in work.cause.parts if part.service] or ([work.cause.service] if work.cause.service else [])
    return list(dict.fromkeys(services))


def _guard(work: _Work, piece: str, before: list[Deed]) -> tuple[str, str]:
    """ "if there are fewer than ten, alert …": the condition is about the step before."""
    match = _IF_FOUND.match(piece)
    if match is None:
        return "", piece
    what, deed = match["what"] or match["what2"], match["deed"] or match["deed2"]
    return ("if " + what, deed) if starts_deed(deed) or re.search(CHANNEL, deed) else ("", piece)


def _condition(work: _Work, trigger: dict[str, Any] | None, steps: list[dict[str, Any]]) -> tuple[str, str]:
    """(CEL, the restriction that could not be read)."""
    parts = [work.cause.when] if work.cause is not None and work.cause.when else []
    unread = ""
    event = _event_of(trigger)
    for restriction in work.restrictions:
        cel = _restriction(work, restriction, event, steps)
        if cel and cel not in parts:
            parts.append(cel)
        elif not cel:
            unread = restriction
    return " && ".join(_bracketed(parts)), unread


def _bracketed(parts: list[str]) -> list[str]:
    return [f"({part})" if "||" in part and len(parts) > 1 and not part.startswith("(") else part for part in parts]


def _event_of(trigger: dict[str, Any] | None) -> str:
    if trigger and trigger.get("service") and trigger.get("event"):
        return f"{trigger['service']}.{trigger['event']}"
    listed = [event for key in ("any", "all", "sequence") for event in (trigger or {}).get(key, ())]
    return listed[0] if listed else ""


def _restriction(work: _Work, text: str, event: str, steps: list[dict[str, Any]]) -> str:
    if work.manual and (inputs := input_condition(text)):
        return inputs
    reads = [step["action"] for step in steps if re.match(r"(?:search|list|query|run|request)", step["action"].partition(".")[2])]
    if reads and (found := step_condition(work.source, text, reads[0])):
        return found
    if not event:
        return ""
    fields = frozenset(iter_fields(work.source, event))
    if text.startswith("unless "):
        inner = conditions_of(work.source, "if " + text.removeprefix("unless "), event, fields)
        return _negated(inner) if inner else ""
    parts = conditions_of(work.source, text, event, fields)
    if text.startswith("not for ") and parts and "!=" not in parts[0] and not parts[0].startswith("!"):
        return _negated(parts)
    return " && ".join(parts)


def _negated(parts: list[str]) -> str:
    inner = " && ".join(parts)
    simple = re.fullmatch(r"(event\.\w+) == ('[^']*')", inner)
    return f"{simple[1]} != {simple[2]}" if simple else f"!({inner})"


def _options(work: _Work, steps: list[dict[str, Any]], context: Context) -> dict[str, Any]:
    place_spare(work.options, [step["action"].partition(".")[0] for step in steps], work.source)
    options = work.options.as_options()
    failing = [
        step for text in work.options.failing for piece in split_deeds(text) for step in read_deed(work.source, piece, context).steps
    ]
    if failing:
        options["on_failure"] = failing
    return options


# --- is it one, and what is missing --------------------------------------------------------------------------------------------------------


def _is_workflow(work: _Work, trigger: dict[str, Any] | None, steps: list[dict[str, Any]], deeds: list[Deed]) -> bool:
    if work.explicit:
        return True
    if trigger is not None and trigger["type"] in ("event_based", "cross_service", "ai_predicted"):
        vague = not trigger.get("event") and trigger["type"] == "event_based"
        return bool(steps or deeds) if work.marked or not vague else bool(steps)
    if work.schedule is not None:
        if not (work.schedule.cron or work.schedule.rrule or _repeats(work.text)):
            return bool(steps) and _timely_order(work)
        return (
            (bool(steps) and _has_content(work, steps))
            or bool(deeds and any(deed.question for deed in deeds))
            or (not steps and _wants(work))
        )
    return bool(steps) and _orders_once(work, steps)


_QUESTION = re.compile(
    r"^\s*(?:what|who|where|when|why|how|which|is|are|am|was|do|does|did|has|have|had|will|would|should|can\s+I"
    r"|may\s+I|could\s+I|I\s+(?:want|need|gotta|got|have|wanna)\b)",
    re.IGNORECASE,
)
_REMINDS = re.compile(
    r"^\s*(?:please\s+)?(?:remind|ping|nudge|notify|tell|message|dm|warn|alert)\s+(?:me|us|everyone|everybody|all"
    r"|the\s+team|people|them)\b",
    re.IGNORECASE,
)
_HAVE = re.compile(
    r"^\s*(?:please\s+)?(?:have|get|let)\b.*\b(?:posted|sent|told|created|added|moved|shared|uploaded|announced"
    r"|published|emailed)\b",
    re.IGNORECASE,
)
_ASKING_US = re.compile(
    r"\b(?:tell|give|show|get|send|read|let)\s+me\s+(?:about|what|how|who|where|why|know\s+(?:what|how|who|where|if"
    r"|about)|the\s+(?:weather|news|time|date)|a\s+(?:joke|quote|fact|motivational))\b",
    re.IGNORECASE,
)


def _timely_order(work: _Work) -> bool:
    """ "on friday at 5pm post … in #general": an order, with a product, a place or people in it; "book a flight for Thursday" is none."""
    text = tidy(work.text)
    first = re.sub(
        r"^\s*(?:(?:please|can|could|would|will|you|kindly|also|and|then|so|the\s+\w+)\b[\s,]*)*",
        "",
        " ".join(work.deeds),
        flags=re.IGNORECASE,
    )
    if _QUESTION.match(text) or _ASKING_US.search(text):
        return False
    placed = bool(re.search(rf"{SERVICE}|{CHANNEL}|{EMAIL}|{LINK}|{PERSON}", text))
    return bool(_REMINDS.match(first)) or (
        placed and (bool(DEED.match(first)) or any(starts_deed(deed) or _HAVE.match(deed) for deed in work.deeds))
    )


def _has_content(work: _Work, steps: list[dict[str, Any]]) -> bool:
    """ "send me a motivational quote every day" is nothing we can do: no text, no report, no product."""
    if any(step["action"] != "chat.post_message" for step in steps) or any("text" in step["with"] for step in steps):
        return True
    return bool(re.search(rf"{SERVICE}|{CHANNEL}|{PERSON}", work.text)) or bool(_REMINDS.match(" ".join(work.deeds)))


def _wants(work: _Work) -> bool:
    return bool(
        re.search(
            r"\b(?:report|reports|reminder|remind|send|post|invoice|run|digest|summary|message|backup|update|email)\b",
            work.text,
            re.IGNORECASE,
        )
    )


def _orders_once(work: _Work, steps: list[dict[str, Any]]) -> bool:
    """ "create a jira issue in OPS titled disk full": an order to be carried out by hand, with a place or a product named."""
    text = re.sub(r"^\s*(?:(?:hi|hey|hello|please|could|can|would|will|you|now)\b[\s,!.]*)*", "", tidy(work.text), flags=re.IGNORECASE)
    if not starts_deed(text) or (
        text.rstrip().endswith("?")
        and not re.match(r"\s*(?:(?:hi|hey|please)\b[\s,]*)*(?:can|could|would|will)\b", tidy(work.text), re.IGNORECASE)
    ):
        return False
    firm = [
        step
        for step in steps
        if step["action"] not in ("chat.post_message",) or (step["with"].get("channel", "@me") != "@me" and ("text" in step["with"]))
    ]
    return bool(firm) and bool(
        re.search(rf"{SERVICE}|{CHANNEL}|{EMAIL}|{LINK}|{THING}", work.text) or firm[0]["action"].startswith("signalbox.")
    )


def _question(
    work: _Work, trigger: dict[str, Any] | None, question: str, slot: str, choices: tuple[str, ...], deeds: list[Deed], unread: str
) -> tuple[str, str, tuple[str, ...]]:
    steps = any(deed.steps for deed in deeds)
    if trigger is None and not steps:
        return ASK_BOTH, "all", ()
    if question:
        return question, slot, choices
    for index, deed in enumerate(deeds):
        if deed.question:
            return deed.question, f"step:{index}:{deed.slot}", deed.choices
    if not steps:
        return ASK_STEPS, "steps", ()
    if trigger is None:
        return ASK_TRIGGER, "start", ()
    if unread:
        return _UNREAD.format(work.source.plain(unread)), "condition", ()
    return "", "", ()
