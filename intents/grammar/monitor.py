"""Commands about services: health, metrics, thresholds, maintenance, impact, dependencies, root cause, recommendation, fallback, on call."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.conditions import read_number
from intents.grammar.fallbacks import fallback_said
from intents.grammar.options import read_options
from intents.grammar.request import NAME, Answer, Request, plausible, workflow_name
from intents.grammar.source import PERSON, SERVICE
from intents.when import DURATION, NUMBER, Moment, read_range, until
from intents.when.tape import BLANK

_METRICS = (
    ("response_time", r"response[\s_-]?times?|latenc(?:y|ies)|speed|round[\s-]?trip|how\s+fast|how\s+slow|how\s+quick(?:ly)?|p95|p99"),
    ("success_rate", r"success[\s_-]?rates?|success\s+ratio"),
    ("error_rate", r"error[\s_-]?rates?|errors?|failure[\s_-]?rates?|how\s+many\s+errors"),
    ("throughput", r"throughput|requests?\s+per\s+(?:second|minute)|rps|traffic|request\s+volume|calls\s+per\s+\w+"),
    ("availability", r"availabilit(?:y|ies)|up[\s-]?time"),
)
_DOWN = (
    r"(?:down|offline|outage|out|unavailable|unreachable|gone|dead|dies|died|die|breaks?|broke|fails?|failed|failing"
    r"|failure|stops?|stopped|switch(?:ed)?\s+(?:off|\S\s+off)|turn(?:ed)?\s+(?:off|\S\s+off)|disappear\w*|crash\w*"
    r"|lost|lose|losing|goes|went|going|has\s+problems|degraded|slow|without|shut|shuts|vanish\w*|removed?|drops?)"
)


def metric_in(text: str) -> str:
    return next((name for name, words in _METRICS if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")


def read_fallback(request: Request) -> Answer | None:
    """ "use Asana whenever Trello is down", "fallback for zendesk = hubspot"."""
    taking = request.match(
        rf"(?:{SERVICE})\s+(?:should|must|can|shall)?\s*(?:take\s+over|step\s+in|stand\s+in|jump\s+in"
        rf"|replace)s?\s+(?:for\s+)?(?:(?:if|when|whenever)\s+)?(?P<a>{SERVICE})"
    )
    setting = request.search(
        rf"\b(?:set|make|define|configure|change|add)\b.*?\bfall\s?-?back\b\s*(?:service\s+)?(?:of"
        rf"|for)\s+(?P<a>{SERVICE})\s*(?:to|as|=|is|:|→)\s*(?P<b>{SERVICE})"
    )
    making = request.search(
        rf"\b(?:set|make|define|use|configure|add)\s+(?P<b>{SERVICE})\s+(?:as\s+|be\s+)?(?:the\s+|a\s+)?(?:fall\s?-?back"
        rf"|back-?up)\s*(?:service\s+)?(?:of|for)\s+(?P<a>{SERVICE})"
    )
    for match in (setting, making):
        if match is not None:
            return _fallback(request, match["a"], match["b"])
    if taking is not None and request.search(rf"\b{_DOWN}\b"):
        return _fallback(request, taking["a"], request.text[0])
    if (wide := fallback_said(request)) is not None:
        return wide
    said, rest = read_options(request.source)
    left = re.sub(
        rf"[{BLANK}\s.,;!?]|\b(?:please|and|so|then|always|from\s+now\s+on|in\s+the\s+future|ok|hey)\b", "", rest, flags=re.IGNORECASE
    )
    if len(said.fallback) == 1 and not left:
        service, spare = next(iter(said.fallback.items()))
        return Answer("set_fallback", {"service": service, "fallback": spare})
    return None


def _fallback(request: Request, service: str, spare: str) -> Answer:
    return Answer(
        "set_fallback", {"service": request.source.marked.service_at(service), "fallback": request.source.marked.service_at(spare)}
    )


_AFFECTED = (
    r"(?:breaks?|break|broken|affected|impact(?:s|ed)?|suffer\w*|hit|happen(?:s|ed)?|stops?|stop\s+working|fails?"
    r"|dies?|die|hurt\w*|touched|consequences|lose|lost|goes?\s+(?:wrong|down)|be\s+in\s+trouble|blow\w*\s+up|stranded"
    r"|at\s+risk|notice)"
)


def state_said(word: str) -> str:
    """The state that impact is asked for: down, degraded or over quota."""
    plain = word.casefold()
    return "over quota" if plain.startswith("over") else "degraded" if plain.startswith(("degraded", "slow")) else "down"


def read_impact(request: Request) -> Answer | None:
    text = request.text
    radius = request.search(
        rf"\b(?:blast\s+radius|impact(?:\s+analysis)?)\s+(?:of|for|from|if|when|on)?\s*(?:an?\s+"
        rf"|the\s+)?{NAME}(?:\s+(?:is\s+|being\s+|going\s+|goes\s+|would\s+)?{_DOWN})?(?:\s+outage)?\s*[?.!]*$"
    )
    asked = re.search(rf"\b(?:what|which|who|whom|how\s+(?:bad|many)|anything)\b.*\b{_AFFECTED}\b", text, re.IGNORECASE) and re.search(
        rf"\b{_DOWN}\b", text, re.IGNORECASE
    )
    standing = request.match(
        r"^(?:whenever|every\s+time|each\s+time|any\s?time|as\s+soon\s+as)\b|^(?:when|if|once)\b.*,\s*(?:please\s+)?(?:tell|notify|ping|dm|alert|page|warn|inform|message|e?mail|create|open|send|let)\b"
    )
    if standing or re.search(r"(?<!\w)#\w|\bpost\b|\breport\b", text):
        return None
    if request.service and (
        asked
        or radius
        or request.match(rf"(?:what's\s+the\s+|show\s+(?:me\s+)?(?:the\s+)?)?{SERVICE}\s+(?:outage\s+)?impact\b|impact\s+{SERVICE}")
    ):
        weak = request.search(r"\b(?P<state>degraded|slow(?:er|s\s+down)?|over\s+(?:(?:its|the|their)\s+)?quota)\b")
        several = list(dict.fromkeys(request.source.services(text)))
        named = " and ".join(several) if len(several) > 1 else request.service
        return Answer("show_impact", {"service": named} | ({"state": state_said(weak["state"])} if weak else {}))
    if radius is not None or asked:
        return _impact_of_workflow(request, radius)
    return None


def _impact_of_workflow(request: Request, radius: re.Match[str] | None) -> Answer | None:
    match = radius or request.search(
        rf"\b(?:if|when|without)\s+(?:we\s+(?:lose|lost|switch(?:ed)?\s+off|stop(?:ped)?|delete[d]?|remove[d]?|pause[d]?"
        rf"|turn(?:ed)?\s+off)\s+)?{NAME}(?:\s+(?:is|was|were|goes|went|has|would\s+be|gets"
        rf"|got)?\s*(?:\w+\s+)?{_DOWN}\b.*)?\s*(?:[?.!,]|$)"
    )
    if match is None:
        return None
    name = workflow_name(request.source, match["w"])
    likely = plausible(request.source, match["w"], name)
    return Answer("show_impact", {"workflow": name}, sure=likely) if name and likely > 0.5 else None


def read_dependencies(request: Request) -> Answer | None:
    if not request.search(
        r"\bdepend(?:s|enc(?:y|ies)|ent|ing)?\b|\brel(?:y|ies)\s+on\b|\bdeps\b|\bwhat\s+(?:do|does)\b.*\bneeds?\b"
        r"|\b(?:which|what)\s+services?\s+(?:do|does)\b.*\b(?:use|need|touch|call|rely|talk)\b"
    ):
        return None
    if request.conditional or request.search(r"(?<!\w)#\w"):
        return None
    patterns = (
        rf"\b(?:what|which)\b.*?\b(?:do|does|is|are)\s+{NAME}\s+(?:depends?|rel(?:y|ies)|needs?|uses?|use|touch|call|talk|dependent)\b",
        rf"\b(?:depend(?:enc(?:y|ies)|s)|deps)\s*(?:graph|map|tree|list)?\s*(?:of|for|:)?\s+{NAME}\s*[?.!]*$",
        rf"\b(?:depends?|rel(?:y|ies)|dependent|depending)\s+on\s+{NAME}\s*[?.!]*$",
        rf"^(?:show\s+(?:me\s+)?(?:the\s+)?)?{NAME}(?:'s)?\s+(?:dependenc(?:y|ies)|deps)(?:\s+(?:graph|map|tree))?\s*[?.!]*$",
    )
    if request.service:
        return Answer("show_dependencies", {"service": request.service})
    for pattern in patterns:
        match = request.search(pattern)
        name = workflow_name(request.source, match["w"]) if match else ""
        if (
            match
            and name
            and plausible(request.source, match["w"], name)
            and name.lower() not in ("graph", "map", "dependency", "show", "show me", "the", "services")
        ):
            return Answer("show_dependencies", {"workflow": name}, sure=min(0.95, plausible(request.source, match["w"], name)))
    return Answer("show_dependencies", {}, sure=0.9) if request.search(r"\bdependenc(?:y|ies)\b|\bdeps\b") else None


_TROUBLE = (
    r"(?:slow|sluggish|down|broken|failing|erroring|flaky|laggy|red|degraded|unhealthy|timing\s+out|unavailable"
    r"|offline|bad|weird|acting\s+up|not\s+working|out|crashing|unreachable|so\s+\w+)"
)


def read_root_cause(request: Request) -> Answer | None:
    text = request.text
    if re.search(r"(?<!\w)#\w|\balert\b", text) or (request.conditional and not re.match(r"\s*(?:why|what)\b", text, re.IGNORECASE)):
        return None
    if re.fullmatch(
        r"\s*what(?:'s|\s+is)\s+(?:causing|behind|to\s+blame\s+for)\s+(?:this|it|that|all\s+(?:of\s+)?this)\s*[?!.]*\s*",
        text,
        re.IGNORECASE,
    ):
        return Answer("find_root_cause", {})
    asked = re.search(
        rf"\broot[\s-]?causes?\b|\bwhy\b.*\b(?:{_TROUBLE}|slow\w*|fail\w*|errors?|problems?|broke\w*|crash\w*|down)\b"
        rf"|\bwhat(?:'s|\s+is|\s+was|\s+are)?\s+(?:\w+\s+){{0,2}}?(?:causing|behind|to\s+blame|wrong\s+with|the\s+(?:cause"
        rf"|reason|problem|matter|trouble)|going\s+on\s+with|up\s+with|breaking|slowing|making)\b|\bwhat\s+(?:caused|broke"
        rf"|happened\s+to|slows|makes)\b|\bwho\s+is\s+to\s+blame\b|\bto\s+blame\s+for\b|\bcause\s+of\b|\bdiagnose\b"
        rf"|\binvestigate\b",
        text,
        re.IGNORECASE,
    )
    if asked is None or re.search(r"\b(?:card|issue|task|ticket|deal|message)s?\b", text, re.IGNORECASE):
        return None
    if request.service:
        return Answer("find_root_cause", {"service": request.service})
    pointing = re.search(r"\broot[\s-]?cause\b|\b(?:what|why)\b.*\b(?:outage|incident|everything)\b", text, re.IGNORECASE)
    return Answer("find_root_cause", {}, "Which service do you mean?", "service", 0.85) if pointing else None


def read_recommendation(request: Request) -> Answer | None:
    text = request.text
    if request.conditional or re.search(r"(?<!\w)#\w", text):
        return None
    superlative = re.search(
        r"\b(?:fastest|best|most\s+\w+|quickest|cheapest|healthiest|strongest|safest|least\s+\w+|better|more\s+reliable"
        r"|good|reliable|stable|works?\s+best|performs?\s+best|should\s+(?:I|we)\s+(?:use|take|pick|choose)|recommend\w*"
        r"|suggest\w*|advise|winning|prefer)\b",
        text,
        re.IGNORECASE,
    )
    instead = re.search(
        rf"\b(?:instead\s+of|alternatives?\s+(?:to|for)|other\s+than|replac(?:e|ement)\s+(?:for\s+)?|in\s+place\s+of"
        rf"|rather\s+than|substitute\s+for|stand-?in\s+for)\s*(?:the\s+)?(?P<s>{SERVICE})",
        text,
        re.IGNORECASE,
    )
    if instead is not None and (re.search(r"\b(?:what|which|should|recommend|suggest|any|alternative|could|can)\b", text, re.IGNORECASE)):
        return Answer("recommend_service", {"service": request.source.marked.service_at(instead["s"])})
    category = request.source.lexicon.category(re.sub(SERVICE, " ", text))
    asks = re.match(
        r"\s*(?:which|what|who|recommend|suggest|best|fastest|where|any\s+recommend\w+|tell\s+me\s+(?:which|the)"
        r"|is\s+there|give\s+me\s+the)\b",
        text,
        re.IGNORECASE,
    )
    if category and superlative and asks and not re.search(r"\b(?:cost|price|per\s+seat|buy|learn)\b", text, re.IGNORECASE):
        return Answer("recommend_service", {"category": category})
    return None


_VALUE = re.compile(
    rf"(?:\b(?:to|at|=|is|of|above|over|under|below|than|exceeds?|beyond|when|→|:|>|<|reaches"
    rf"|hits)\s*)*(?P<n>\d+(?:[.,]\d+)?|{NUMBER})\s*(?P<u>ms|milliseconds?|msecs?|seconds?|secs?|s|minutes?|min|%"
    rf"|percent|per\s*cent|pct)?(?![\w-])",
    re.IGNORECASE,
)


def read_threshold(request: Request) -> Answer | None:
    text = request.text
    asked = re.search(
        r"\bthresholds?\b|\blimits?\b|\b(?:should\s+)?(?:count|counts|treat|treated|mark|classify|rate"
        r"|considered?)\b.*\bas\b|\b(?:critical|warning|warn)\b\s*(?:at|from|above|over|beyond|below|under|past|if|when|once|=|:|>|<)"
        r"[^?]*\d|(?:[>=<:]|\b(?:at|above|over|beyond|below|under|from|past|more\s+than|less\s+than))\s*(?:\w+\s+)?\d[^?]*\b(?:critical|warning)\b|\b(?:is|be|becomes?|means|makes?)\s+(?:an?\s+)?(?:critical|warning)\b|^\s*(?:set|change"
        r"|raise|lower|put)\b.*\b(?:critical|warning)\b.*\d",
        text,
        re.IGNORECASE,
    )
    metric = metric_in(re.sub(r"\blimits?\b", " ", text))
    if asked is None or not metric or not request.service or re.search(r"(?<!\w)#\w", text):
        return None
    return threshold_answer(request, metric)


def threshold_answer(request: Request, metric: str) -> Answer | None:
    """The command for ``metric`` of the service named, asking for the value or the severity that was not said."""
    text = request.text
    severity = re.search(r"\b(critical|warning|warn|crit|high|medium|low|info)\b(?!\s+(?:than|as))", text, re.IGNORECASE)
    value = _value(re.sub(SERVICE, " ", text), metric)
    if (
        severity is None
        and value is None
        and not re.search(r"\b(?:set|change|raise|lower|increase|decrease|put|make)\b", text, re.IGNORECASE)
    ):
        return None
    level = {"warn": "warning", "crit": "critical"}.get(severity[1].lower(), severity[1].lower()) if severity else ""
    arguments: dict[str, Any] = {
        "service": request.service,
        "metric": metric,
        **({"severity": level} if level else {}),
        **({"value": value} if value is not None else {}),
    }
    if value is None:
        return Answer("set_threshold", arguments, f"At which {metric.replace('_', ' ')} should it alert?", "value", 0.9)
    if not level:
        return Answer(
            "set_threshold",
            arguments,
            "For which severity: warning or critical?",
            "severity",
            0.9,
            (("Warning", "warning"), ("Critical", "critical")),
        )
    return Answer("set_threshold", arguments)


def _value(text: str, metric: str) -> float | None:
    found = [match for match in _VALUE.finditer(text) if match["n"].lower() not in ("a", "an", "one", "no")]
    if not found:
        return None
    timed = metric == "response_time"
    fitting = [m for m in found if m["u"] and m["u"].lower().startswith(("%", "p")) != timed]
    match = next(iter(reversed(fitting)), None) or next((m for m in reversed(found) if m["u"]), found[-1])
    number = read_number(match["n"], "")
    unit = (match["u"] or "").lower()
    if number is None:
        return None
    if metric == "response_time":
        value = number * (0.001 if unit.startswith(("ms", "mil")) else 60.0 if unit.startswith("min") else 1.0)
    elif unit.startswith(("%", "p")) or (metric != "throughput" and number > 1):
        value = number / 100
    else:
        value = number
    return round(value, 9)


def read_maintenance(request: Request) -> Answer | None:
    text = request.text
    said = re.search(
        r"\bmaint(?:enance)?\b|\bmaintain\b|\bplanned\s+(?:downtime|outage|work)\b|\b(?:will\s+be|being|gets?|is\s+being"
        r"|is\s+going\s+to\s+be|we(?:'re|\s+are)|we'll\s+be)\s+(?:upgrad\w+|migrat\w+|patched?|updat\w+|serviced)\b"
        r"|\bupgrade\s+window\b|\b(?:scheduled|planned)\s+(?:downtime|maintenance)\b",
        text,
        re.IGNORECASE,
    )
    if (
        said is None
        or not (request.service or re.search(r"\bmaint(?:enance)?\s+(?:window|mode)\b|\b(?:it|that|this)\b", text, re.IGNORECASE))
        or re.search(r"(?<!\w)#\w|→|\b(?:every|each|when|if|is\s+there|are\s+there|any|which|how|what)\b", text, re.IGNORECASE)
    ):
        return None
    plain = re.sub(SERVICE, " ", text)
    start, end = read_range(plain, request.source.now, request.source.timezone)
    if end is None and (lasting := re.search(DURATION, plain, re.IGNORECASE)) is not None:
        end = until(f"for {lasting[0]}", request.source.now, request.source.timezone)
    arguments: dict[str, Any] = {"service": request.service} if request.service else {}
    if not request.service:
        return Answer("set_maintenance", _span(start, end), "For which service?", "service", 0.85)
    arguments |= _span(start, end)
    if "until" not in arguments or (start is not None and start.problem):
        return Answer(
            "set_maintenance", arguments, "From when until when? For example “tonight 22:00 to 23:30” or “for 2 hours”.", "until", 0.9
        )
    return Answer("set_maintenance", arguments)


def _span(start: Moment | None, end: Moment | None) -> dict[str, str]:
    said = (("start", start), ("until", end))
    return {
        key: moment.at.isoformat(timespec="seconds")
        for key, moment in said
        if moment is not None and not moment.problem and (moment.has_time or moment.sure_day)
    }


def read_on_call(request: Request) -> Answer | None:
    if len(request.text.split()) > 12 or request.search(r"(?<!\w)#\w"):
        return None
    asked = request.search(
        r"\bwho(?:'s|\s+is|\s+has|se|m)?\b.*\b(?:on[\s-]?call|on\s+duty|pager|on\s+shift|standby|stand-by)\b"
        r"|^(?:show\s+(?:me\s+)?)?(?:the\s+)?on[\s-]?call(?:\s+(?:schedule|rota|person|engineer|now|list))?\s*[?!.]*$"
        r"|\bwho\s+(?:do\s+I|should\s+I|can\s+I|to)\s+(?:page|call|wake)\b|\bon[\s-]?call\s+(?:right\s+now|today"
        r"|tonight)\b"
    )
    return Answer("on_call") if asked else None


_DUTY = r"(?:on[\s-]?call|on\s+duty|pager(?:\s+duty)?|on[\s-]?call\s+(?:shift|duty)|standby)"
_TAKES = re.compile(
    rf"^(?:I\s*(?:'m|'ll|\s+am|\s+will|\s+can)?\s*(?:be\s+)?)?(?:(?:take|taking|cover|covering|have|do)\s+(?:over\s+)?(?:the\s+)?)?{_DUTY}"
    r"(?:\s+(?:shift|duty|over))?(?:\s+(?:for|of|on|in)\s+(?:the\s+)?(?:rota\s+)?(?P<r>[A-Za-z][\w-]*)(?:\s+(?:team|rota))?)?\s+(?P<end>(?:until|till|til|for)\s.+)$",
    re.IGNORECASE,
)
_COVERS = re.compile(
    rf"^(?:put\s+|let\s+)?(?P<who>{PERSON})\s+(?:is\s+|be\s+|will\s+be\s+|will\s+|to\s+be\s+)?(?:takes?|taking|covers?|covering|has|have|stands?\s+in)?\s*(?:over\s+)?"
    rf"(?:the\s+|for\s+|as\s+)*{_DUTY}(?:\s+(?:shift|duty|over))?(?:\s+(?:for|of|in)\s+(?:the\s+)?(?:rota\s+)(?P<r>[A-Za-z][\w-]*))?(?P<rest>\s+.+)$",
    re.IGNORECASE,
)


def read_shift(request: Request) -> Answer | None:
    """ "I take over on call until 18:00", "@bob is on call from Friday 18:00 until Monday 9:00"."""
    if request.conditional or request.search(r"(?<!\w)#\w|\?\s*$"):
        return None
    source = request.source
    if taken := _TAKES.match(request.text):
        end = until(taken["end"], source.now, source.timezone)
        if end is not None and not end.problem:
            rota = {"rota": taken["r"]} if taken["r"] else {}
            return Answer("take_on_call", {**rota, "until": end.at.isoformat(timespec="seconds")})
    if covered := _COVERS.match(request.text):
        start, end = read_range(covered["rest"], source.now, source.timezone)
        said: dict[str, Any] = {"user": covered["who"], **({"rota": covered["r"]} if covered["r"] else {})}
        said |= {"start": start.at.isoformat(timespec="seconds")} if start is not None and not start.problem else {}
        if end is None or end.problem or (start is not None and start.problem):
            return Answer("override_rota", said, "Until when? For example “until Monday 9:00”.", "until", 0.85)
        return Answer("override_rota", {**said, "until": end.at.isoformat(timespec="seconds")})
    return None


def read_health(request: Request) -> Answer | None:
    """Health of one service or all; a named metric with a service is ``service_metrics``."""
    text = request.text
    if (
        re.search(
            r"(?<!\w)[#@]\w|→|\b(?:every|each|when|whenever|if|post|send|tell|love|like|looks|template|printer)\b", text, re.IGNORECASE
        )
        or len(text.split()) > 16
        or re.match(r"\s*(?:set|change|update|rename|move)\s+(?!up\b)", text, re.IGNORECASE)
    ):
        return None
    metric = metric_in(text)
    if (
        metric
        and request.service
        and not re.search(
            r"\b(?:critical|warn(?:ing)?|crit|alert)\b.*\d|\d.*\b(?:critical|warn(?:ing)?|crit)\b|\b(?:why|threshold|limit|cost|page|issue|ticket|bug)s?\b",
            text,
            re.IGNORECASE,
        )
    ):
        return Answer("service_metrics", {"service": request.service, "metric": metric, **_windowed(request)})
    if request.service and _asks_health(request):
        return Answer("health_report", {"service": request.service, **_windowed(request)})
    if not request.service and _asks_everything(text):
        return Answer("health_report", _windowed(request))
    if (
        metric
        and re.match(
            r"\s*(?:what|how|show|give|get)\b.*\b(?:error|success|response|throughput|availab|uptime|latency)", text, re.IGNORECASE
        )
        and re.search(r"\brate\b|\btime\b|throughput|availab|uptime|latency", text, re.IGNORECASE)
        and re.search(r"\b(?:our|services?|overall|system)\b", text, re.IGNORECASE)
    ):
        return Answer("service_metrics", {"metric": metric, **_windowed(request)}, "Of which service?", "service", 0.85)
    return None


def _windowed(request: Request) -> dict[str, str]:
    return {"window": request.window} if request.window else {}


def _asks_health(request: Request) -> bool:
    text = request.text
    if request.services and len(request.services) > 3:
        return False
    return bool(
        re.search(
            r"\bhealth(?:y|iness)?\b|\bstatus\b(?!\s+(?:of\s+(?:the|my|this)\s+(?:card|issue|ticket|deal)))|\bcondition\b",
            text,
            re.IGNORECASE,
        )
        or re.search(
            rf"\bhow(?:'s|\s+is|\s+are|\s+was|\s+has)?\s+(?:the\s+)?{SERVICE}(?:\s+and\s+{SERVICE})*\s*(?:doing|going|feeling"
            rf"|looking|been|performing|holding\s+up|running|today|right\s+now|now|this\s+\w+)?\s*(?:doing|today|right\s+now"
            rf"|lately|this\s+\w+)?\s*[?!.]*$",
            text,
            re.IGNORECASE,
        )
        or re.search(
            rf"^\s*(?:is|are)\s+{SERVICE}\s+(?:\w+\s+)?(?:up|down|ok(?:ay)?|alive|working|fine|healthy|slow|reachable|available"
            rf"|having\s+\w+|broken|back|online|offline|stable|responding)\b",
            text,
            re.IGNORECASE,
        )
        or re.search(
            rf"^\s*(?:any|are\s+there\s+(?:any\s+)?)\s*(?:problems?|issues?|trouble)\s+with\s+{SERVICE}\s*[?!.]*$", text, re.IGNORECASE
        )
        or re.search(rf"^\s*{SERVICE}\s+(?:ok|up|down|alive|working)\s*\?", text, re.IGNORECASE)
    ) and not re.search(r"\b(?:cost|price|seat|board|sprint|my|weather)\b", text, re.IGNORECASE)


def _asks_everything(text: str) -> bool:
    return bool(
        re.search(r"^\s*(?:and\s+)?how(?:'s|\s+is)\s+everything\s+(?:looking|doing|running|going|today)\s*[?!.]*$", text, re.IGNORECASE)
        or re.search(
            r"^\s*(?:and\s+)?how\s+(?:healthy\s+)?(?:are|is|do)\b(?!.*\b(?:i|my|upgrade|install)\b).*\b(?:services?|systems?"
            r"|integrations?|connections?|connected\s+apps|stack)\b",
            text,
            re.IGNORECASE,
        )
        or re.search(
            r"^\s*(?:show\s+(?:me\s+)?|give\s+(?:me\s+)?|get\s+(?:me\s+)?|run\s+|print\s+|what(?:'s|\s+is)\s+)?(?:the\s+|a\s+"
            r"|an\s+|our\s+|your\s+|overall\s+|system\s+|service\s+|current\s+)*(?:health(?:\s+(?:report|status|check|overview"
            r"|summary|score))?|status(?:\s+(?:report|overview|page))?|system\s+status)(?:\s+of\s+(?:all|our|the"
            r"|every)\b.*\b(?:services?|systems?|integrations?|everything))?(?:\s*(?:over|for|in|of)?\s*(?:the\s+)?(?:last"
            r"|past)\s+.*)?(?:\s+please)?\s*[?!.]*$",
            text,
            re.IGNORECASE,
        )
        or re.search(
            r"^\s*(?:is|are)\s+(?:everything|all(?:\s+(?:our|the|of\s+our))?(?:\s+(?:services?|systems?|integrations?))?"
            r"|(?:our|the)\s+(?:services?|systems?|integrations?))\s+(?:ok(?:ay)?|up|fine|healthy|green|working|running|good"
            r"|alright|all\s+right|in\s+order|online|stable)\b",
            text,
            re.IGNORECASE,
        )
        or re.search(
            r"^\s*(?:any(?:thing)?|is\s+any(?:thing)?|what(?:'s|\s+is)?|which\s+services?\s+(?:is"
            r"|are))\s+(?:service\s+)?(?:is\s+|are\s+)?(?:currently\s+)?(?:down|broken|unhealthy|degraded|red"
            r"|offline)\b(?!\s+the)",
            text,
            re.IGNORECASE,
        )
    )
