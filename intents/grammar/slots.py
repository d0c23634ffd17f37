"""What a sentence holds beside its deed, wherever it stands: names, ids, services, times, levels; and the words that nothing accounts for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.grammar.request import Request, known_name, window_in
from intents.grammar.small_words import FILLER
from intents.grammar.source import CAPITALS, CHANNEL, PERSON, QUOTE, SERVICE, Source
from intents.when import DURATION, Moment, read_moment, read_range, until
from intents.when.calendar_words import MONTH, WEEKDAY
from intents.when.tape import BLANK

ALERT = r"(?:alerts?|alarms?|warnings?|incidents?|outages?|pages?|criticals?|pings?|noise|beep\w*|notifications?)"
RUNS = r"(?:runs?|executions?)"
_ALERT_ID = re.compile(r"(?<![\w.:/-])(?:(?-i:[A-Z]{1,6})[-_]\d{1,8}|alr_\w+|al_\w+|#?\d{2,9})(?![\w%:/.-]*[\w%])", re.IGNORECASE)
_RUN_ID = re.compile(
    rf"\b(?:{RUNS})\s+(?:number\s+|no\.?\s+|id\s+)?#?(?P<a>(?=\w*\d)[\w-]{{2,32}})\b|(?<!\w)(?P<b>run_\w+|\#?\d{{3,12}}|(?=[a-f]*\d)[0-9a-f]{{6,32}})\b(?![:.]\d)",
    re.IGNORECASE,
)
_SEVERITY = re.compile(
    r"\b(critical|crit|warning|warn|info|informational|high|medium|low)(?=(?:[\s-]+(?:severity|priority|level))?s?\b)", re.IGNORECASE
)
_SEVERITIES = {"crit": "critical", "warn": "warning", "informational": "info"}
_ENDING = re.compile(
    r"\b(?:not\s+)?(?:until|till|til|through|before|up\s+to|to|by)\s+(?P<t>.+)$|\bfor\s+(?!now\b|good\b|a\s+while\b|the\s+(?:moment|time\s+being)\b|ever\b)(?P<d>.+)$|\b(?:the\s+)?rest\s+of\s+(?P<r>.+)$",
    re.IGNORECASE,
)
_LASTING = re.compile(rf"(?<![\w-])(?P<d>(?:an?\s+)?{DURATION})", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(?<![\w@#/.:-])[A-Za-z0-9][A-Za-z0-9.]*(?:[-_][A-Za-z0-9.]*[A-Za-z0-9])+(?![\w/@-])")
_COMPOUND = re.compile(
    r"(?:on-?call|re-?\w+|pre-\w+|un-\w+|non-\w+|follow-up|root-cause|end-of-\w+|fall-?back|back-?up|stand-?in|up-?time|o-clock|to-do|set-up|start-up"
    r"|round-trip|e-mail|cool-down|knock-on|well-\w+|so-called|in-progress|half-\w+|kick-off|sign-?off|time-?out|hold-up|\d+[-_]?\w+|(?:\w*\d\w*|multi|all|per|every|each|mid|half|full|whole|same|next|last|one|two|three|four|five|six|seven|ten|thirty|ninety)-(?:day|week|hour|minute|month)s?"
    r"|run_\w+|alr_\w+|al_\w+|[A-Z]{1,6}-\d+|project-management|file-storage|heads-up|check-in|plan-b|success-rate|error-rate|response-time)",
    re.IGNORECASE,
)  # fmt: skip
_POINTING = re.compile(
    r"\b(?:it|that|this|them|those|these|(?:the\s+|that\s+|this\s+)?(?:(?:other|old|last|latest|first|second|new|same|failed|broken|current)\s+)*(?:one|thing)s?)\b",
    re.IGNORECASE,
)
_DAYS = re.compile(rf"(?:{WEEKDAY}|{MONTH}|I|OK|AM|PM|UTC|GMT|CET|P\d+|Q\d|RCA|TL;?DR|FYI|ASAP)$", re.IGNORECASE)
_METRIC = (
    (
        "response_time",
        r"response[\s_-]?times?|latenc(?:y|ies)|speed|round[\s-]?trips?|lag|delays?|p9[59]|how\s+(?:fast|slow|quick(?:ly)?|snappy|sluggish|long)|slowness|ping",
    ),
    (
        "success_rate",
        r"success(?:[\s_-]?(?:rates?|ratio|percentage|figures?))|how\s+(?:often|many)\b.*\bsucceed\w*|(?:share|percentage|proportion|ratio|fraction|part)\s+of\b.*\bsucce\w*",
    ),
    (
        "error_rate",
        r"error[\s_-]?rates?|errors?|failure[\s_-]?rates?|fail[\s_-]?rates?|failures|how\s+(?:often|many|much)\b.*\b(?:fail\w*|err\w*)|error\s+(?:percentage|ratio|count)|(?:share|percentage|proportion|ratio|fraction|part)\s+of\b.*\b(?:fail|err)\w*",
    ),
    (
        "throughput",
        r"throughput|(?:requests?|calls?|hits|operations|ops)\s+(?:per|a|an|each|/)\s*\w+|rps|rpm|qps|traffic|(?:request|call)\s+(?:volume|rate|count)s?|load|how\s+(?:busy|many\s+(?:requests|calls))",
    ),
    ("availability", r"availabilit(?:y|ies)|up[\s-]?time|how\s+(?:available|often\b.*\b(?:up|down|available))|down[\s-]?time"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """What may be a workflow's name. ``shape``: how much it looks like one, 0.6 to 1.3."""

    said: str
    name: str
    shape: float
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slots:
    """The typed parts of one sentence. ``rest`` is it with times and ids blanked, in its own length."""

    text: str
    rest: str
    services: tuple[str, ...]
    alert: str
    run: str
    severity: str
    window: str
    start: Moment | None
    end: Moment | None
    moment: Moment | None
    name: Name | None
    pointed: bool


def metric_said(text: str) -> str:
    """The metric that human words name; "" if none."""
    return next((name for name, words in _METRIC if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")


def metric_words() -> str:
    return "|".join(words for _, words in _METRIC)


def find_slots(request: Request, text: str) -> Slots:
    """``text``: the request's words, perhaps without their note."""
    source = request.source
    window, span = window_in(text)
    back = span is not None and re.search(r"\b(?:last|past|previous|yesterday|these)\b", text[slice(*span)], re.IGNORECASE)
    rest = _blank(text, [span]) if span and back else text
    plain = re.sub(SERVICE, " ", rest)
    hidden = _IDENTIFIER.sub(lambda match: match[0] if match[0][0].isdigit() else " " * len(match[0]), plain)
    start, end, moment, taken = _times(source, hidden)
    rest = _blank(rest, taken)
    run = _RUN_ID.search(rest)
    alert = _ALERT_ID.search(rest)
    severity = _SEVERITY.search(rest)
    name = _name(source, rest)
    return Slots(
        text=text,
        rest=_blank(rest, [match.span() for match in (run, alert) if match]),
        services=tuple(source.services(text)),
        alert=alert[0].lstrip("#") if alert else "",
        run=((run["a"] or run["b"]).lstrip("#")) if run else "",
        severity=_SEVERITIES.get(severity[1].lower(), severity[1].lower()) if severity else "",
        window=window,
        start=start,
        end=end,
        moment=moment,
        name=name,
        pointed=bool(_POINTING.search(rest)),
    )


def _times(source: Source, text: str) -> tuple[Moment | None, Moment | None, Moment | None, list[tuple[int, int]]]:
    """(start, end, the one moment said, what was read): the end is what "until", "for" or a bare length names."""
    start, last = read_range(text, source.now, source.timezone)
    moment = read_moment(text, source.now, source.timezone)
    spans = list(moment.spans) if moment else []
    strong = re.search(r"\b(?:until|till|til|before)\b", text, re.IGNORECASE)  # "not to hear of it before Monday": the first "to" says no time
    ending = _ENDING.search(text, strong.start() if strong else 0)
    end: Moment | None = None
    if ending is not None:
        said = ("for " + ending["d"]) if ending["d"] else (ending["t"] and "until " + ending["t"]) or "end of " + (ending["r"] or "")
        end = until(said, source.now, source.timezone)
    if end is None and (lasting := _LASTING.search(text)) is not None:
        end = until("for " + lasting["d"], source.now, source.timezone)
        spans.append(lasting.span())
    elif end is not None and ending is not None:
        spans += _shifted_spans(text, ending, end)
    return start, (last if start is not None else None) or end or last, moment, spans


def _shifted_spans(text: str, ending: re.Match[str], end: Moment) -> list[tuple[int, int]]:
    """Where the end was said, counted in ``text``; its preposition belongs to it."""
    again = read_moment(text[ending.start() :], end.at, "UTC") if end.spans else None
    inner = [(a + ending.start(), b + ending.start()) for a, b in (again.spans if again else ())]
    return [(ending.start(), max((b for _, b in inner), default=ending.start()))] if inner else []


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text


# --- names -----------------------------------------------------------------------------------------------------------------------

_WORDED = rf"[\w\u00c0-\u024f{SERVICE[1:-1]}&'/+.-]+"
_FLOW = r"(?:work\s?flows?|flows?|automations?|automatisms?)"
_STOP = (
    r"that|which|is|are|was|has|have|had|do|does|did|to|for|of|in|on|until|till|please|now|again|so|and|or|but|because|at|by|from|use|uses|using|look|looks|run|runs|work|works|with|it"
    r"|should|can|could|will|would|must|may|need|needs|off|up|down|back|over|depends?|rel(?:y|ies)|succeeds?|fails?|failed|tonight|tomorrow|today|yesterday|last|this|when|if|i|we|any"
    r"|more|no|not|first|once|right|immediately|temporarily|permanently|history|runs|stats|analytics|next|then|before|after|since|as"
)
_CALLED = re.compile(
    rf"\b{_FLOW}\s+(?:called\s+|named\s+)?(?P<a>{QUOTE}|{CAPITALS}(?:\s+(?!(?:{_STOP})\b)[\w-]+){{0,2}}(?=\s*(?:[.,;:!?]|$)|\s+(?:{_STOP})\b)|{CAPITALS}|(?!(?:{_STOP})\b)[\w-]+)"
    rf"|(?:\b(?:the|our|my|that|this)\s+)(?P<b>(?:{_WORDED}\s+){{0,3}}?{_WORDED})\s+(?:{_FLOW})\b",
    re.IGNORECASE,
)
_OF_RUN = re.compile(
    rf"\b{RUNS}\s+(?:of|for)\s+(?:the\s+|our\s+)?(?P<a>{QUOTE}|{CAPITALS}|[\w-]+)|\b(?:the|our)\s+(?P<b>[\w-]+(?:\s+[\w-]+){{0,2}}?)(?:'s)?\s+{RUNS}\b",
    re.IGNORECASE,
)
_ADJECTIVES = re.compile(
    r"(?:(?:current|last|latest|first|failed|failing|broken|running|active|ongoing|paused|successful|recent|old|new|whole|entire|same|other|next|all|stuck|hanging|hung|above|of|my|our|the"
    r"|that|this|which|what|any|every|each|these|those|your|list|show|manual|scheduled)\b\s*)+",
)


def _name(source: Source, text: str) -> Name | None:
    """The likeliest workflow's name in ``text``."""
    found = [name for finder in (_known, _quoted, _identified, _called, _of_run, _capital) if (name := finder(source, text)) is not None]
    return max(found, key=lambda name: name.shape, default=None)


def _named(source: Source, text: str, span: tuple[int, int], shape: float) -> Name | None:
    said = text[slice(*span)]
    lead = _ADJECTIVES.match(said)
    if lead is not None:
        span = (span[0] + lead.end(), span[1])
        said = text[slice(*span)]
    plain = source.plain(said).strip(" .,!?;:'")
    plain = plain[:-2] if plain.endswith("'s") else plain
    if not plain or BLANK in said or re.fullmatch(r"[A-Z]{1,6}-\d{1,8}", plain) or re.fullmatch(rf"{SERVICE}+", said.strip()):
        return None
    known = known_name(plain, source.workflows)
    return Name(said, known or plain, shape + (0.3 if known else 0.0), span)


def _known(source: Source, text: str) -> Name | None:
    plain = text.casefold()
    for name in sorted(source.workflows, key=len, reverse=True):
        at = plain.find(name.casefold())
        if at >= 0:
            return Name(text[at : at + len(name)], name, 1.4, (at, at + len(name)))
    return None


def _quoted(source: Source, text: str) -> Name | None:
    match = re.search(QUOTE, text)
    return _named(source, text, match.span(), 1.1) if match else None


def _identified(source: Source, text: str) -> Name | None:
    match = next((m for m in _IDENTIFIER.finditer(text) if not _COMPOUND.fullmatch(m[0])), None)
    return _named(source, text, match.span(), 1.2) if match else None


def _called(source: Source, text: str) -> Name | None:
    match = _CALLED.search(text)
    return _named(source, text, match.span("a") if match["a"] else match.span("b"), 1.25) if match else None


def _of_run(source: Source, text: str) -> Name | None:
    match = _OF_RUN.search(text)
    return _named(source, text, match.span("a") if match["a"] else match.span("b"), 1.0) if match else None


def _capital(source: Source, text: str) -> Name | None:
    """Capitals in mid-sentence; at the beginning only where two or more words have them."""
    for match in re.finditer(CAPITALS, text):
        words = match[0].split()
        first = not text[: match.start()].strip(" .!?“\"'") or text[: match.start()].rstrip()[-1:] in ".!?"
        if first and len(words) > 1 and _ORDER.match(words[0]):
            return _named(source, text, (match.start() + len(words[0]) + 1, match.end()), 1.0)
        if (
            (first and len(words) < 2)
            or _DAYS.match(words[0])
            or re.match(r"(?:USD|EUR|GBP|CHF|JPY|INR)$", words[0])
            or not re.search(r"[^\W\d]{2}", re.sub(r"\d+(?:st|nd|rd|th)\b", "", match[0]))
            or (match[0].isupper() and len(words) > 1 and len(text) == len(match[0]))
        ):
            continue
        end = match.end()
        if len(words) == 1 and (more := _SECOND.match(text, end)) is not None:
            end = more.end()
        return _named(source, text, (match.start(), end), 1.0 if not first else 0.9)
    return None


_SECOND = re.compile(
    rf"\s+(?!(?:{_STOP})\b)(?!\w+(?:ed|ing|ly)\b)(?!(?:{FILLER.pattern})\b)[a-z]{{3,}}(?=\W|$)"
)  # "Late opening": a name may go on in small letters
_ORDER = re.compile(
    r"(?:run|rerun|start|stop|pause|resume|delete|remove|show|open|list|cancel|abort|kill|retry|trigger|launch|execute|explain|describe|predict|optimi[sz]e"
    r"|improve|tune|edit|change|update|add|rename|disable|enable|suspend|halt|put|make|let|get|give|will|is|did|does|how|what|why|when|can|could|has|please|analytics"
    r"|stats|history|in|on|for|and|the|our|my|all|which|who)$",
    re.IGNORECASE,
)

# --- what nothing accounts for ------------------------------------------------------------------------------------------------------


def unexplained(text: str, spans: list[tuple[int, int]]) -> int:
    """How many words of ``text`` are neither in ``spans`` nor the small change of any sentence."""
    left = _blank(text, spans)
    left = re.sub(rf"{SERVICE}(?:'s?)?|{QUOTE}|{CHANNEL}|{PERSON}", " ", left)
    words = re.findall(r"[A-Za-z\u00c0-\u024f][\w'\u00c0-\u024f]*", left)
    return sum(1 for word in words if len(word) > 1 and not FILLER.fullmatch(word))
