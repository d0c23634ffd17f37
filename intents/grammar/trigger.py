"""What starts it: a clause → trigger and condition, for all trigger types but schedules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from intents.grammar.conditions import conditions_of, iter_fields, quoted
from intents.grammar.events import Heard, hear_event
from intents.grammar.measured import by_nature, measured
from intents.grammar.source import SERVICE, Source
from intents.when import DURATION, duration
from intents.when.tape import BLANK


@dataclass(frozen=True, slots=True)
class Cause:
    """A trigger as the contract writes it. ``choices`` are the services it may be about when that is open; ``question`` what to ask."""

    trigger: dict[str, Any]
    when: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    service: str = ""  # what "it" and "the issue" refer to
    sure: float = 0.95
    parts: tuple[Heard, ...] = field(default=())


_PREDICT = re.compile(
    r"\b(?:predict\w*|forecast\w*|foresee\w*|anticipat\w+|expect(?:s|ed)?|calculate|reckon|estimate\s+that|you\s+think"
    r"|you\s+believe|looks?\s+like\s+(?:it(?:'s|'ll|\s+will|\s+is)|\S+\s+(?:will|is))|likely\s+to|(?:is|are"
    r"|'s|'re)\s+(?:about|going)\s+to|will\s+(?:be|go|have|get|suffer|give|fail|become|drop|rise|slow|exceed|probably)"
    r"|about\s+to\b|at\s+risk\b|(?:a|high|higher|big|real|growing)\s+risk\s+(?:of|that)|in\s+danger\s+of|(?:could|might|may)\s+(?:soon\s+|well\s+)?(?:fail|go\s+down|break|crash|slow|become|get)|(?:set|bound|due)\s+to\s+(?:fail|go\s+down|break|crash|slow|exceed|drop)|(?:drop|fall|ris|go|get|climb|increas|decreas)\w*\b.{0,30}\b(?:in|within|over)\s+the\s+(?:next|coming)|look(?:s|ing)?\s+(?:weird|strange|odd|off|unusual)|anomal\w+"
    r"|(?:in|within|over|during)\s+the\s+(?:next|coming)|unusual(?:ly)?|out\s+of\s+the\s+ordinary|trending|heading\s+(?:for|towards))\b",
    re.IGNORECASE,
)
_METRICS = (
    ("response_time", r"slow\w*|latency|response[\s_]?times?|lag\w*|sluggish|speed|performance"),
    ("error_rate", r"errors?|error[\s_]?rate|failures?|failing|fails?\b|5xx"),
    ("availability", r"availab\w+|down(?:time)?|offline|outage|unavailable|unreachable|uptime|break\w*|crash\w*"),
    ("throughput", r"throughput|traffic|volume|load|requests"),
    ("success_rate", r"success(?:[\s_]?rate)?"),
)
_HEALTH = re.compile(
    r"\b(?:go(?:es)?|is|are|'s|becomes?|gets?|went|turns?|comes?|falls?|its|it's)?\s*(?P<state>down|offline"
    r"|unavailable|unreachable|dead|back(?:\s+(?:up|online))?|up\s+again|online\s+again|recover(?:s|ed)"
    r"|healthy(?:\s+again)?|degraded|unhealthy|slow|out|has\s+an\s+outage|dies|crashes|stops\s+(?:working|responding)"
    r"|isn't\s+(?:working|responding|available)|(?:is\s+|are\s+)?not\s+(?:working|responding|available|reachable|up)"
    r"|can't|cannot\s+be\s+reached|(?:goes|gone|going)\s+wrong|misbehav\w+|act(?:s|ing)\s+up|times?\s+out|ha(?:s|ve|ving)\s+(?:an?\s+|some\s+|any\s+)?(?:problems?|trouble|hiccups?|incident|issues(?!\s+(?:with|in|on|labelled)))"
    r"|health\s+(?:of\s+\S+\s+)?changes)\b",
    re.IGNORECASE,
)
_STATES = {
    "back": "healthy",
    "up": "healthy",
    "onli": "healthy",
    "reco": "healthy",
    "heal": "healthy",
    "degr": "degraded",
    "slow": "degraded",
    "unhe": "unhealthy",
}
_JOIN = re.compile(
    r"\s*(?:,\s*)?(?:\bbut\s+then\b|\band\s+then\b|\bfollowed\s+by\b|\bafter\s+that\b|\bafterwards\b|\bthen\b"
    r"|\band\s+(?:also\s+)?|\bAND\b|\bor\b|\bOR\b|\bplus\b|&|\+|,|\|{1,2})\s*",
    re.IGNORECASE,
)
_IN_ORDER = re.compile(
    r"\bthen\b|\bfollowed\s+by\b|\bafter(?:wards|\s+that)\b|\bseq(?:uence)?\b|\bin\s+(?:this|that)\s+order\b"
    r"|\bfirst\b.*\bthen\b",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r"\bor\b|\||\beither\b(?!\s+order)|\bany\s+of\b|\bany\(|^\s*any\s*:|\bwhichever\s+(?:comes|happens)\b|\bbe\s+it\b|\bno\s+matter\s+(?:if"
    r"|whether)\b|\bone\s+of\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    rf"\b(?:within|inside|in\s+(?:under|less\s+than)|(?:both|all)\s+(?:of\s+them\s+)?(?:in|inside|within)|less\s+than"
    rf"|in|over)\s+(?:of\s+)?(?:the\s+(?:same|next|space\s+of)\s+)?(?P<d>{DURATION}|the\s+(?:same\s+)?(?:hour|day"
    rf"|week))|\b(?:max(?:imum)?\.?|at\s+most|no\s+more\s+than|not\s+more\s+than|up\s+to)?\s*(?P<m>{DURATION})\s*(?:max(?:imum)?|at\s+most|or\s+less)?\s+(?:in\s+)?(?:between|apart|of\s+each\s+other|from\s+each\s+other)\b(?:\s+them)?",
    re.IGNORECASE,
)
_HORIZON = re.compile(
    rf"\b(?:in|within|over|during|for|horizon:?|ahead)\s+(?:of\s+)?(?:the\s+)?(?:next|coming"
    rf"|following)?\s*(?P<d>{DURATION}|hour|day|week)\b|(?P<e>{DURATION})\s+ahead\b|\b(?:next"
    rf"|coming)\s+(?P<f>{DURATION}|hour|day|week)\b|\b(?P<g>{DURATION})\s+(?:horizon|in\s+advance|beforehand|before\s+it\s+happens|from\s+now)\b",
    re.IGNORECASE,
)


def read_cause(source: Source, clause: str, context: str = "") -> Cause | None:
    """The trigger that ``clause`` names, or None. ``context`` holds the deeds, for "when one is opened"."""
    clause = re.sub(rf"{BLANK}+", " ", clause).strip(" ,;")
    if not clause or re.match(r"(?:should\s+)?i\s+(?:get\s+paid|should|am|have|need|want|can)\b", clause, re.IGNORECASE):
        return None
    return (
        _predicted(source, clause)
        or _measured(source, clause)
        or _health(source, clause)
        or _several(source, clause)
        or _single(source, clause, context)
    )


def _measured(source: Source, clause: str) -> Cause | None:
    """A limit passed opens an alert: that is the event which carries the metric and its value."""
    service, when = measured(source, clause)
    trigger = {"type": "event_based", "service": "signalbox", "event": "alert_opened"}
    return Cause(trigger, when, service=service, sure=0.9) if service and not _happened(source, clause) else None


# --- a forecast ----------------------------------------------------------------------------------------------------------


def _predicted(source: Source, clause: str) -> Cause | None:
    if not _PREDICT.search(clause) or (
        _happened(source, clause) and not re.search(r"\b(?:predict|forecast|anomal|think)", clause, re.IGNORECASE)
    ):
        return None
    trigger: dict[str, Any] = {"type": "ai_predicted"}
    services = source.services(clause) or _plain_names(source, clause)
    firmly = re.search(
        r"\b(?:predict|forecast|foresee|anticipat|anomal|weird|strange|odd|unusual|look(?:s|ing)?\s+off|trending|think"
        r"|believe)",
        clause,
        re.IGNORECASE,
    )
    if services:
        trigger["service"] = services[0]
    elif not firmly:
        return None
    metric = next(
        (
            name
            for name, words in _METRICS
            if re.search(rf"\b(?:{words})\b", clause.replace("_", " ") if name != "response_time" else clause, re.IGNORECASE)
        ),
        "",
    )
    if metric:
        trigger["metric"] = metric
    ahead = [match for match in _HORIZON.finditer(clause) if not re.match(r"over\s+\d", match[0], re.IGNORECASE) or not metric]
    horizon = next(
        (match for match in ahead if re.search(r"\b(?:next|coming|following|ahead)\b", match[0], re.IGNORECASE)),
        ahead[0] if ahead else None,
    )
    length = (
        duration(re.sub(r"^(hour|day|week)$", r"1 \1", horizon["d"] or horizon["e"] or horizon["f"] or horizon["g"])) if horizon else None
    )
    if length is not None:
        trigger["horizon"] = length.iso
    question = "" if services else "Which service should I watch?"
    return Cause(trigger, question=question, service=services[0] if services else "", choices=() if services else ("*",))


def _plain_names(source: Source, clause: str) -> list[str]:
    """A product whose name is a common word too ("box", "teams", "monday"): where trouble of a service is foretold, it is the service."""
    found = re.search(r"\b(?:of|for|at|with|in|on|that|either|or|and)\s+(box|teams|monday|drive)(?='s|\s|$)", clause, re.IGNORECASE)
    found = found or re.match(
        r"\W*(?:the\s+)?(box|teams|monday|drive)\s+(?:is|goes|comes|gets|becomes|looks|down|back|up|offline|unavailable|degraded|slow|recovers)\b", clause, re.IGNORECASE
    )
    service = source.lexicon.service(found[1]) if found is not None else None
    return [service] if service else []


_DOWN = ("unhealthy", "offline")  # what people call down, in the statuses of engine.monitoring.health


def _is_in(*statuses: str) -> str:
    return f"event.status in [{', '.join(quoted(status) for status in statuses)}]"


def _happened(source: Source, clause: str) -> bool:
    heard = hear_event(source, clause)
    return heard is not None and bool(heard.event) and heard.service != "signalbox"


# --- a service's health ----------------------------------------------------------------------------------------------------


def _health(source: Source, clause: str) -> Cause | None:
    match = _HEALTH.search(clause)
    services = list(dict.fromkeys([*source.services(clause), *_plain_names(source, clause)]))
    pronoun = re.search(
        r"\b(?:it|its|it's|something|anything|one|a\s+service|any\s+service|services?|the\s+site|the\s+system|they)\b",
        clause,
        re.IGNORECASE,
    )
    if match is None or (not services and not pronoun) or len(re.sub(SERVICE, "", clause).split()) > 9:
        return None
    awry = re.search(r"\b(?:any|some)thing\s+(?:goes|is|went|has\s+gone)\s+(?:wrong|bad|south)\b", clause, re.IGNORECASE)
    if re.search(
        r"\b(?:rate|metric|signups?|revenue|count|number|price|sales|ticket|card|issue|file|page|deal|task)s?\b", clause, re.IGNORECASE
    ) or (_happened(source, clause) and not awry):
        return None
    state = _STATES.get(match["state"].lower()[:4], "down")
    either = re.search(r"\bdegraded\s+or\s+(?:down|offline)|\b(?:down|offline)\s+or\s+degraded", clause, re.IGNORECASE)
    either = either or re.search(r"wrong|misbehav|acts|acting|times?\s+out|problem|trouble|hiccup|issues", match["state"], re.IGNORECASE)
    parts = [f"event.service == {quoted(service)}" for service in services]
    named = parts[0] if len(parts) == 1 else f"({' || '.join(parts)})" if parts else ""
    status = _is_in("degraded", *_DOWN) if either else _is_in(*_DOWN) if state == "down" else f"event.status == '{state}'"
    trigger = {"type": "event_based", "service": "signalbox", "event": "health_changed"}
    if "changes" in match["state"].lower():
        status = ""
    everywhere = services or re.search(r"\bany(?:thing)?\b|\bsomething\b|\ba\s+service\b|\bone\b", clause, re.IGNORECASE)
    question = "" if everywhere else "Which service do you mean?"
    return Cause(
        trigger,
        " && ".join(part for part in (named, status) if part),
        question,
        () if everywhere else ("*",),
        services[0] if services else "",
    )


# --- several events ----------------------------------------------------------------------------------------------------------


def _several(source: Source, clause: str) -> Cause | None:
    heard = _each_part(source, clause)
    if len(heard) < 2:
        return None
    names = [part.id for part in heard]
    either, ordered = _EITHER.search(clause), _IN_ORDER.search(clause)
    mode = "any" if either and not re.search(r"\bwhichever\s+order\b", clause, re.IGNORECASE) else "sequence" if ordered else "all"
    if (
        mode == "all"
        and len({part.service for part in heard}) == 1
        and not re.search(r"\bboth\b|\ball\b|\bAND\b|\bwithin\b|\band\b", clause)
    ):
        mode = "any"
    trigger: dict[str, Any] = {"type": "cross_service", mode: names}
    window = _WITHIN.search(clause)
    length = duration(re.sub(r"^the\s+(?:same\s+)?", "1 ", window["d"] or window["m"], flags=re.IGNORECASE)) if window else None
    if length is not None and mode != "any":
        trigger["within"] = length.iso
    common = frozenset.intersection(*(frozenset(iter_fields(source, name)) for name in names))
    parts = conditions_of(source, _without_window(clause), names[0], common) if mode == "any" and common else []
    parts = [part for part in parts if not part.startswith(("event.service", "event.author"))]
    return Cause(trigger, " && ".join(parts), service=heard[0].service, parts=tuple(heard))


def _without_window(clause: str) -> str:
    return _WITHIN.sub(" ", clause)


def _each_part(source: Source, clause: str) -> list[Heard]:
    text = re.sub(r"^\s*(?:seq(?:uence)?|all|any)\s*(?:of\s*)?[(:]|\)", " ", clause)
    text = re.sub(rf"\b(?:in|either)\s+which(?:ever|)\s+order\b|\bin\s+any\s+order\b|{_WITHIN.pattern}", " ", text, flags=re.IGNORECASE)
    lists = _service_list(source, text)
    if lists:
        return lists
    pieces = [piece for piece in _JOIN.split(text) if piece.strip()]
    if len(pieces) < 2 or len(pieces) > 12:
        return []
    heard = _whole_pieces(source, pieces)
    return heard if len({part.id for part in heard}) >= 2 else _shared(source, text, pieces)


def _service_list(source: Source, text: str) -> list[Heard]:
    """ "a file in Box, Dropbox or OneDrive", "GA and Mixpanel both cross a threshold": one happening in several services."""
    run = re.search(rf"{SERVICE}(?:\s*(?:,|/)?\s*(?:and|or|,|&|/)\s*(?:in\s+|on\s+)?{SERVICE})+", text)
    if run is None:
        return []
    heard = [hear_event(source, text, service=service) for service in source.services(run[0])]
    found = [part for part in heard if part is not None]
    return found if len(found) == len(heard) and len(found) > 1 else []


def _whole_pieces(source: Source, pieces: list[str]) -> list[Heard]:
    heard: list[Heard] = []
    for said in pieces:
        piece = re.sub(r"^\s*(?:first(?:ly)?|both|either)\s+", "", said, flags=re.IGNORECASE)
        here = re.search(r"\bthere\b", piece, re.IGNORECASE) and heard
        part = hear_event(source, piece, service=heard[-1].service if here else "")
        if part is None and source.services(piece) and re.match(r"\s*(?:an?|another|one|the)\s", piece, re.IGNORECASE):
            part = hear_event(source, f"new {piece}")  # "… followed by a stripe payment"
        if part is not None and part.event and all(part.id != other.id for other in heard):
            heard.append(part)
    return heard


def _shared(source: Source, text: str, pieces: list[str]) -> list[Heard]:
    """ "an event gets created or cancelled in the calendar", "a payment fails or a subscription is cancelled in Stripe"."""
    services = source.services(text)
    if len(services) == 1 and _EITHER.search(text):
        heard = _with_parts(source, pieces, services[0])
        if len({part.id for part in heard}) >= 2:
            return heard
    if len(services) >= 2 and _EITHER.search(text):
        return _across(source, text, pieces, services)
    return []


def _with_parts(source: Source, pieces: list[str], service: str) -> list[Heard]:
    noun = next(
        (m[0] for sense in source.lexicon.events if sense.service == service and sense.objects and (m := sense.objects.search(pieces[0]))),
        "",
    )
    heard: list[Heard] = []
    for index, piece in enumerate(pieces):
        part = hear_event(source, piece, service=service) or (hear_event(source, f"{noun} {piece}", service=service) if index else None)
        if part is not None and all(part.id != other.id for other in heard):
            heard.append(part)
    return heard


def _across(source: Source, text: str, pieces: list[str], services: list[str]) -> list[Heard]:
    """Each service's own event, with the deed of the whole clause where its piece does not say one ("any failed build, be it …")."""
    heard = []
    for service in services:
        own = next((piece for piece in pieces if service in source.services(piece)), text)
        part = (
            hear_event(source, own, service=service)
            or hear_event(source, f"{own} {pieces[0]}", service=service)
            or hear_event(source, text, service=service)
        )
        if part is not None:
            heard.append(part)
    return heard if len(heard) == len(services) else []


# --- one event -----------------------------------------------------------------------------------------------------------------


def _single(source: Source, clause: str, context: str) -> Cause | None:
    there = source.services(context) if re.search(r"\bthere\b", clause, re.IGNORECASE) and not source.services(clause) else []
    heard = hear_event(source, clause, service=there[0] if there else "") or (hear_event(source, clause) if there else None)
    if heard is None and context and re.search(r"\b(?:one|it|they|that)\b", clause, re.IGNORECASE):
        heard = _about_the_deed(source, clause, context)
    heard = heard or by_nature(source, clause)
    if (
        heard is not None
        and not heard.event
        and re.search(r"\b(?:push\w*|commit\w*|pipelines?|ci|builds?|branch)\b", clause, re.IGNORECASE)
    ):
        hosts = [service for service in dict.fromkeys(source.services(context)) if service in heard.choices]
        heard = (hear_event(source, clause, service=hosts[0]) if len(hosts) == 1 else None) or heard  # the code is where its pipeline is
    if heard is None:
        return None
    if not heard.event:
        return Cause({"type": "event_based"}, question="Which service should I watch for that?", choices=heard.choices, sure=0.7)
    unheard = _unheard(source, clause, heard)
    if unheard:
        return Cause({"type": "event_based"}, question=_UNHEARD.format(source.plain(unheard)), service=heard.service, sure=0.7)
    fields = frozenset(iter_fields(source, heard.id))
    trigger = {"type": "event_based", "service": heard.service, "event": heard.event}
    return Cause(trigger, " && ".join(conditions_of(source, clause, heard.id, fields)), service=heard.service, parts=(heard,))


_UNHEARD = "What exactly should start it? I could not tell what happens in “{}”."


def _unheard(source: Source, clause: str, heard: Heard) -> str:
    """ "either a stripe dispute or a refund request in zendesk": the half of another product in which nothing was heard; "" if none."""
    halves = re.split(r"\s*,?\s+or\s+", clause, flags=re.IGNORECASE)
    if len(halves) < 2 or heard.service in ("chat", "signalbox"):
        return ""
    return next((half for half in halves if (named := source.services(half)) and heard.service not in named and hear_event(source, half) is None), "")


def _about_the_deed(source: Source, clause: str, context: str) -> Heard | None:
    """ "merge the PR when one is opened": the object is the deed's."""
    context = re.sub(r"^\W*\w+\s+", " ", context)  # the verb is no thing: "post in #x" speaks of no post
    for sense in source.lexicon.events:
        match = sense.objects.search(context) if sense.objects and not sense.generic else None
        if match is not None:
            heard = hear_event(source, re.sub(r"\b(?:one|it|they|that)\b", match[0], clause, count=1, flags=re.IGNORECASE))
            if heard is not None and heard.event:
                return heard
    return None


_NEWS = re.compile(
    rf"\b(?:something|anything|someone|somebody|anyone|a\s+customer|customers?|users?|people|the\s+build|build"
    rf"|the\s+numbers?|numbers|it|they|stuff|things?|orders?|{SERVICE})\b.*\b\w+",
    re.IGNORECASE,
)


def vague_cause(source: Source, clause: str, *, firm: bool = False) -> Cause | None:
    """Something is to start it, but not anything the catalogue knows: "when a customer complains". ``firm``: the word before leaves no doubt."""
    plain = re.sub(rf"{BLANK}+", " ", clause).strip(" ,;:.")
    if (
        not plain
        or not (firm or _NEWS.search(plain))
        or len(plain.split()) < 2
        or re.search(r"\b(?:i|my|me|we|last|should|next)\b", plain, re.IGNORECASE)
    ):
        return None
    services = source.services(plain)
    known = {"service": services[0]} if services else {}
    return Cause(
        {"type": "event_based", **known}, question=f"What exactly should start it? I could not tell from “{source.plain(plain)}”.", sure=0.5
    )
