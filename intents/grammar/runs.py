"""Commands about runs: retry, cancel, history, prediction, optimisation, analytics, what runs next."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import FLOW, NAME, Answer, Request, needs_workflow, plausible, which_workflow, workflow_name
from intents.grammar.source import CHANNEL
from intents.when import read_moment

_END = r"\s*[.!?]*\s*$"
_RUN_ID = r"(?P<id>(?:run_\w+|(?=[0-9a-f]*\d)[0-9a-f]{4,32}|#?\d{2,12}))\b"


_OUTCOMES = (
    ("failed", r"fail(?:ed|ing|ures?)?|broken|unsuccessful|errors?|crashed"),
    ("succeeded", r"success(?:ful|es)?|succeed(?:s|ed)?|good|green|completed"),
    ("cancelled", r"cancel(?:l?ed)?|aborted"),
    ("running", r"(?:still\s+)?running|in\s+progress|ongoing"),
    ("waiting", r"waiting"),
    ("queued", r"queued"),
    ("paused", r"paused"),
)


def outcome_in(text: str) -> str:
    return next((name for name, words in _OUTCOMES if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")


def read_retry(request: Request) -> Answer | None:
    text = request.text
    if request.search(
        r"→|\b(?:every|whenever|each\s+time|when)\b|\b(?:let|can|may|could|should|allow\w*)\b.*\b(?:run|start|go)\s+again"
    ) or re.search(CHANNEL, text):
        return None
    if not request.search(
        r"\bretr(?:y|ies)\b|\btry\b.*\bagain\b|\bre-?run\b|\brun\b.*\bagain\b|\brestart\s+(?:the\s+)?(?:failed|run)\b"
        r"|\banother\s+(?:try|go|attempt)\b|\brepeat\b"
    ):
        return None
    run = request.search(rf"\b(?:retry|rerun|re-run|repeat|again)\b.*?\b(?:run\s+)?{_RUN_ID}") or request.search(rf"\brun\s+{_RUN_ID}")
    if run is not None and re.search(r"\d", run["id"]):
        return Answer("retry_run", {"run": run["id"].lstrip("#")})
    failed = re.match(
        rf"^{NAME}\s+(?:run\s+)?(?:has\s+|just\s+)*(?:failed|broke|crashed|didn't\s+work|died|errored)\b.*\b(?:again|retry"
        rf"|re-?run)\b",
        text,
        re.IGNORECASE,
    )
    again = re.match(
        rf"^(?:retry|re-?run|repeat|restart|try)\s+(?:the\s+)?(?:(?:last\s+|latest\s+)?(?:failed\s+)?(?:run\s+)?(?:of"
        rf"|for)\s+)?{NAME}(?:\s+run)?(?:\s+(?:again|once\s+more|one\s+more\s+time))*{_END}",
        text,
        re.IGNORECASE,
    )
    again = again or re.match(rf"^(?:give)\s+{NAME}\s+another\s+(?:try|go|attempt|shot){_END}", text, re.IGNORECASE)
    if re.match(r"^(?:re-?run)\b", text, re.IGNORECASE) and not re.search(r"\bfailed\b|\blast\b", text, re.IGNORECASE):
        return None
    match = again or failed
    if match is None:
        return None
    said = re.sub(r"\bfailed\s+(?=\w)(?!one|run)|\s+run$", "", match["w"], flags=re.IGNORECASE)
    return needs_workflow(request, "retry_run", said, verb="retry")


def read_cancel(request: Request) -> Answer | None:
    text = request.text
    if request.search(r"→|\b(?:every|whenever|each\s+time|when|until|till)\b") or re.search(CHANNEL, text):
        return None
    verb = r"(?:cancel|abort|stop|kill|terminate|interrupt|halt)"
    run = request.match(rf"{verb}!*\s+(?:the\s+)?(?:run\s+)?{_RUN_ID}")
    if (
        run is not None
        and (re.search(r"\brun\b", run[0], re.IGNORECASE) or re.match(r"(?:cancel|abort|kill)", text, re.IGNORECASE))
        and not run["id"].isalpha()
    ):
        return Answer("cancel_run", {"run": run["id"].lstrip("#")})
    if request.match(rf"^{verb}\s+(?:all|every|any|the|my|our|those|these)?(?:\s+(?:of\s+)?(?:the|my|our|those))?\s*(?:running\s+|active\s+|current\s+|open\s+)?(?:runs|executions){_END}"):
        return Answer("cancel_run", {}, "Which run should I cancel? Name its number or its workflow; I cancel one at a time.", "run")
    patterns = (
        rf"^{verb}\s+(?:the\s+)?(?:current\s+|running\s+|active\s+|ongoing\s+)?(?:run|execution)\s+(?:of"
        rf"|for)\s+{NAME}(?:\s+(?:that(?:'s|\s+is)\s+)?(?:in\s+progress|running|going|active|currently\s+running))?{_END}",
        rf"^{verb}\s+(?:the\s+)?(?:current\s+|running\s+|active\s+|ongoing\s+)?{NAME}(?:'s)?\s+(?:current\s+)?(?:run"
        rf"|execution)(?:\s+(?:that(?:'s|\s+is)\s+)?(?:in\s+progress|running|going))?{_END}",
        rf"^(?:abort|cancel|kill|terminate|stop)\s*!+\s*{NAME}\s+(?:is|keeps|has|does|won't)\b.*$",
        rf"^{NAME}\s+is\s+[^,.!]+[,.!]\s*(?:please\s+)?(?:abort|cancel|kill|stop)\s+(?:it|the\s+run){_END}",
        rf"^(?:abort|kill(?!\s+off)|terminate|cancel)\s+{NAME}(?:\s+(?:now|immediately))?{_END}",
    )
    for pattern in patterns:
        match = re.match(pattern, text, re.IGNORECASE)
        if match is not None and not (request.source.services(match["w"]) and not re.search(rf"\b{FLOW}\b|-", match["w"])):
            return needs_workflow(request, "cancel_run", match["w"], verb="cancel the run of")
    return None


_BOTH_WAYS = re.compile(  # "good ones and bad ones", "whether it failed or not"
    r"\b(?:good|ok|successful|succeeded|green)\b(?:\s+\w+)?\s*(?:,|and|or|&|/)\s*(?:the\s+)?(?:bad|failed|failing|unsuccessful|broken|red|not)\b"
    r"|\b(?:bad|failed|failing|broken|red)\b(?:\s+\w+)?\s*(?:,|and|or|&|/)\s*(?:the\s+)?(?:good|ok|successful|succeeded|green|not)\b",
    re.IGNORECASE,
)


def read_history(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"{CHANNEL}|→", text) or request.search(
        r"\b(?:will|going\s+to|upcoming|next|scheduled|tomorrow|whenever|every\s+time|likely|chance)\b"
    ):
        return None
    about = _history_of(request)
    if about is None:
        return None
    arguments: dict[str, Any] = {}
    if about:
        name = workflow_name(request.source, about)
        likely = plausible(request.source, about, name)
        if name and (not likely or (likely < 0.95 and re.match(r"\s*(?:did|has|have|how|when|why)\b", text, re.IGNORECASE))):
            return None
        arguments |= {"workflow": name} if name else {}
    if request.window:
        arguments["window"] = request.window
    said = re.sub(re.escape(about), " ", text) if about else text
    outcome = "" if _BOTH_WAYS.search(said) else outcome_in(said)
    if outcome and not re.match(r"\s*how\s+did", text, re.IGNORECASE):
        arguments["outcome"] = outcome
    return Answer("run_history", arguments)


_PAST = r"(?:\s*[,;]?\s*\b(?:(?:in|over|for|of|during|from|within)\s+)?(?:the\s+)?(?:last|past|previous|this|today|yesterday|since)\b.*)?"


def _history_of(request: Request) -> str | None:
    """Whose history is asked for ("" = all), or None when none is."""
    what = (
        r"(?:(?:last|latest|recent|past|previous|all|the|\d+|failed|failing|successful|succeeded|unsuccessful|broken"
        r"|cancelled|green|queued|paused|waiting|running)\s+)*"
    )
    patterns = (
        rf"^(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what\s+(?:are|were)\s+"
        rf"|which\s+)?{what}(?:runs|run\s+history|history|executions|failures|run\s+log)\s+(?:of|for"
        rf"|from)\s+{NAME}{_PAST}{_END}",
        rf"^(?:(?:show|list|give|get)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)?{NAME}(?:'s)?\s+(?:runs|run\s+history|history"
        rf"|executions){_PAST}{_END}",
        rf"^how\s+(?:did|was|were|has|have)\s+{NAME}\s+(?:go|run|do|perform\s+(?:last\s+night|yesterday|today)"
        rf"|work(?:\s+out)?|end|doing|been\s+doing)\b{_PAST}.*{_END}",
        rf"^(?:did|has|have)\s+{NAME}\s+(?:run|ran|succeed(?:ed)?|work(?:ed)?|fail(?:ed)?|finish(?:ed)?|complete[d]?"
        rf"|go\s+through|been\s+run)\b.*{_END}",
        rf"^when\s+(?:did|was|has)\s+{NAME}\s+(?:last\s+)?(?:run|ran|executed|fail|failed|succeed)\b.*{_END}",
        rf"^why\s+(?:did|does|has)\s+{NAME}\s+(?:keep\s+)?(?:fail|failed|failing|crash|break)\b.*{_END}",
        rf"^{NAME}\s+history{_PAST}{_END}",
    )
    for index, pattern in enumerate(patterns):
        match = request.match(pattern)
        if (
            match is not None
            and (index != 5 or not request.source.services(match["w"]))
            and not re.match(r"(?:our|the|all)?\s*(?:work\s?flows|flows|automations)$", match["w"].strip(), re.IGNORECASE)
        ):
            return (
                ""
                if re.fullmatch(
                    rf"(?:{what})?(?:show|list|all|the|failed|successful|recent|last|failures)?", match["w"].strip(), re.IGNORECASE
                )
                else match["w"]
            )
    if re.match(r"^how\s+many\s+runs\b", request.text, re.IGNORECASE):
        return ""
    everything = request.match(
        rf"^(?:what|which\s+(?:work\s?flows|flows|automations))\s+(?:has\s+|have\s+)?(?:ran|run|failed|succeeded|happened"
        rf"|executed|went\s+wrong)\b{_PAST}{_END}"
    ) or request.match(
        rf"^(?:(?:show|list|give|get)\s+(?:me\s+|us\s+)?)?{what}(?:runs|run\s+history|executions|failures|failed\s+(?:runs"
        rf"|work\s?flows))\b{_PAST}{_END}"
    )
    return (
        ""
        if everything is not None
        and (request.window or re.search(r"\bruns\b|\bhistory\b|\bexecutions\b|\bran\b", request.text, re.IGNORECASE))
        else None
    )


def read_predict(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"{CHANNEL}|→", text):
        return None
    patterns = (
        rf"^(?:will|would|is|does)\s+{NAME}\s+(?:going\s+to\s+|likely\s+to\s+|gonna\s+)?(?:succeed|work|fail"
        rf"|be\s+(?:ok(?:ay)?|fine|successful|alright)|go\s+(?:well|ok|through|wrong)|run\s+(?:through|fine|ok|successfully"
        rf"|smoothly)|pass|make\s+it|break|finish|complete|crash)\b(?P<t>.*)$",
        rf"^(?:p\(\s*\w+\s*\)|probability|chances?|odds|likelihood|success\s+(?:chance|probability|prediction)"
        rf"|risk)\s*(?:of|for|that|:)?\s*(?:success\s+(?:of|for)\s+|failure\s+(?:of|for)\s+"
        rf"|succeeding\s+)?{NAME}(?:\s+(?:will\s+)?(?:succeed\w*|fail\w*|work\w*|go\w*\s+through|to\s+(?:succeed|fail"
        rf"|work)))?(?P<t>\s+(?:at|on|if|tonight|tomorrow|today|next|when|in)\b.*)?{_END}",
        rf"^how\s+(?:likely|probable|sure|risky|safe)\s+(?:is|are|will)\s+(?:it\s+(?:that\s+)?)?{NAME}\s+(?:to|will|would"
        rf"|succeeds?|fails?|works?)\s*(?:succeed|fail|work|run|break|go|be)?\b(?P<t>.*)$",
        rf"^(?:what(?:'s|\s+is|\s+are)\s+(?:the\s+)?)(?:probability|chances?|odds|likelihood|risk)\s+(?:that\s+|of\s+"
        rf"|for\s+)?{NAME}\s+(?:will\s+)?(?:succeed\w*|fail\w*|work\w*|to\s+\w+|goes|go|being)\b(?P<t>.*)$",
        rf"^(?:predict|forecast|estimate)\s+(?:the\s+)?(?:next\s+)?(?:(?:run|outcome|success|result)\s+(?:of"
        rf"|for)\s+)?{NAME}(?P<t>\s+(?:at|on|if|tonight|tomorrow|today|next|in)\b.*)?{_END}",
    )
    for pattern in patterns:
        match = re.match(pattern, text, re.IGNORECASE)
        if match is None or _not_a_service_question(request, match["w"]):
            continue
        name = workflow_name(request.source, match["w"])
        likely = plausible(request.source, match["w"], name)
        if not likely or (not name and not re.match(r"\s*(?:it|that|this)", match["w"], re.IGNORECASE)):
            continue
        if (
            pattern is patterns[0]
            and likely < 0.95
            and not re.search(r"\b(?:succeed|fail|run|tonight|tomorrow|at\s+\d)", text, re.IGNORECASE)
        ):
            continue
        if not name and not re.search(r"\b(?:succeed|fail|run)\b", text, re.IGNORECASE):
            continue
        moment = read_moment(match["t"] or "", request.source.now, request.source.timezone)
        at = {"at": moment.at.isoformat(timespec="seconds")} if moment is not None and not moment.problem and moment.has_time else {}
        if not name:
            return which_workflow(request.source, "predict_run", at, "predict")
        return Answer("predict_run", {"workflow": name, **at}, sure=likely)
    return None


def _not_a_service_question(request: Request, said: str) -> bool:
    return bool(request.source.services(said)) and not re.search(rf"\b{FLOW}\b|-", said)


def read_optimize(request: Request) -> Answer | None:
    patterns = (
        rf"^(?:optimi[sz]e|improve|speed\s+up|tune|streamline|make\s+suggestions\s+for|tidy\s+up)\s+{NAME}{_END}",
        rf"^(?:how\s+(?:can|could|do|should|would)\s+(?:we|I|you)\s+|can\s+we\s+|could\s+we\s+|is\s+there\s+(?:a\s+"
        rf"|any\s+)?way\s+to\s+)(?:(?:make|get)\s+(?=.*\b(?:faster|quicker|cheaper|better|more|less)\b)|speed\s+up\s+"
        rf"|improve\s+|optimi[sz]e\s+|tune\s+){NAME}(?:\s+(?:to\s+(?:be|run)\s+)?(?:faster|quicker|cheaper|better"
        rf"|more\s+\w+|less\s+\w+|run\s+\w+|up))?{_END}",
        rf"^(?:any|have\s+you|do\s+you\s+have|give\s+(?:me|us)|got|show\s+(?:me\s+)?)?\s*(?:any\s+|some\s+)?(?:suggestions?"
        rf"|ideas?|tips?|recommendations?|advice|hints?|proposals?)\s+(?:to|for|on|how\s+to|about)\s+(?:speed(?:ing)?\s+up"
        rf"|improv(?:e|ing)|optimi[sz](?:e|ing)|mak(?:e|ing)|tun(?:e|ing))?\s*{NAME}(?:\s+(?:faster|cheaper|better"
        rf"|more\s+\w+))?{_END}",
        rf"^make\s+{NAME}\s+(?:faster|quicker|cheaper|more\s+(?:reliable|efficient|robust|stable)|less\s+\w+){_END}",
        rf"^{NAME}\s+(?:is|runs|takes)\s+(?:so\s+|too\s+|very\s+|pretty\s+)*(?:slow(?:ly)?|long|expensive|unreliable"
        rf"|flaky)\b.*\b(?:improve|optimi[sz]e|faster|speed|suggest\w*|better|what\s+can)\b.*$",
        rf"^what\s+(?:can|could|should)\s+(?:we|I|be)\s+(?:improve|optimi[sz]e|done|do|change)(?:\s+(?:about|with|in|on"
        rf"|to\s+improve|to\s+speed\s+up))\s+{NAME}{_END}",
    )
    if re.search(CHANNEL, request.text) or request.search(r"\bevery\b|\bwhenever\b"):
        return None
    for pattern in patterns:
        match = request.match(pattern)
        if match is not None and not _not_a_service_question(request, match["w"]):
            return needs_workflow(request, "optimize_workflow", match["w"], verb="optimise")
    return None


def read_analytics(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"{CHANNEL}|→", text) or request.search(r"\b(?:every|whenever|each)\b") or request.service:
        return None
    general = (
        request.match(
            r"^how\s+(?:did|do|have|are|were|well\s+(?:did|do|are|have))\s+(?:our\s+|the\s+|my\s+|all\s+(?:the\s+"
            r"|our\s+)?)?(?:work\s?flows|flows|automations)\s+(?:been\s+)?(?:perform\w*|do|doing|go|going|run|running"
            r"|behave)\b"
        )
        or request.match(
            rf"^(?:(?:show|give|get|display)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+|overall\s+)*(?:work\s?flow|flow"
            rf"|automation)s?\s+(?:analytics|stats|statistics|performance|metrics|numbers|kpis){_PAST}{_END}"
        )
        or request.match(
            rf"^(?:(?:show|give|get|display)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)*(?:analytics|statistics|stats)(?:\s+(?:of"
            rf"|for|on|about)\s+(?:all\s+)?(?:the\s+|our\s+|my\s+)?(?:work\s?flows|flows|automations))?{_PAST}{_END}"
        )
        or request.match(r"^how\s+much\s+time\s+(?:do|did|have)\s+(?:our\s+|the\s+|all\s+)*(?:work\s?flows|flows|automations)\s+sav")
    )
    if general is not None:
        return Answer("workflow_analytics", {"window": request.window} if request.window else {})
    patterns = (
        rf"^(?:(?:show|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what\s+are\s+)?(?:the\s+|some\s+)?(?:stats"
        rf"|statistics|analytics|numbers|performance|figures|kpis|performance\s+(?:stats|numbers|data))\s+(?:for|of|on"
        rf"|about)\s+{NAME}{_PAST}{_END}",
        rf"^(?:(?:show|give|get)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)?{NAME}(?:'s)?\s+(?:stats|statistics|analytics"
        rf"|performance|numbers){_PAST}{_END}",
        rf"^how\s+(?:much\s+(?:time|money|work|effort)|many\s+(?:hours|minutes))\s+(?:does|did|has|have|do|is"
        rf"|are)\s+{NAME}\s+(?:sav(?:e|ed|ing)|cost)\b.*{_END}",
        rf"^how\s+(?:well|fast|reliable|reliably|long|often)\s+(?:does|did|is|has|do)\s+{NAME}(?:\s+(?:usually\s+|normally\s+|typically\s+)?(?:take|run|perform|work"
        rf"|been|fail|succeed|doing|finish|need)\b.*)?{_END}",
        rf"^how\s+(?:is|has)\s+{NAME}\s+(?:performing|been\s+performing|performed){_PAST}{_END}",
        rf"^how\s+did\s+{NAME}\s+perform{_PAST}{_END}",
    )
    for pattern in patterns:
        match = request.match(pattern)
        if match is not None:
            name = workflow_name(request.source, match["w"])
            likely = plausible(request.source, match["w"], name)
            loose = match[0].lower().startswith(("how long", "how often", "how well", "how fast", "how reliab"))
            if likely >= (0.95 if loose else 0.5) and name and not (len(name.split()) > 4):
                return Answer(
                    "workflow_analytics",
                    {**({"workflow": name} if name else {}), **({"window": request.window} if request.window else {})},
                    sure=likely,
                )
    return None


def read_schedule_list(request: Request) -> Answer | None:
    if re.search(rf"{CHANNEL}|→", request.text) or len(request.text.split()) > 14 or request.service:
        return None
    asked = request.match(
        rf"^(?:what(?:'s|\s+is|\s+are|\s+will)?\s+(?:\w+\s+)?(?:going\s+to\s+run|scheduled|planned|coming\s+up|due"
        rf"|up\s+next|next|running\s+next|run(?:s|ning)?\s+(?:next|today|tomorrow|tonight|in\s+the\s+next|this"
        rf"|over\s+the\s+next)|fire)\b.*"
        rf"|(?:which|what)\s+(?:work\s?flows|flows|automations|runs|jobs)\s+(?:are\s+|will\s+|is\s+)?(?:scheduled|planned"
        rf"|due|coming\s+up|run(?:ning)?\s+(?:next|today|tomorrow|tonight|in|this|soon)|going\s+to\s+run|upcoming)\b.*"
        rf"|(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+|all\s+|my\s+"
        rf"|your\s+)*(?:upcoming|next|scheduled|planned|future)\s+(?:\d+\s+)?(?:runs?|work\s?flows?|flows?|jobs?"
        rf"|automations?|executions?|schedules?)\b.*"
        rf"|(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what(?:'s|\s+is)\s+)?(?:the\s+|our\s+|my\s+"
        rf"|your\s+)*(?:schedule|calendar\s+of\s+runs|agenda|timetable)\b(?:\s+(?:for|of|in|over)\b.*|\s+(?:today|tomorrow"
        rf"|tonight))?{_END}"
        rf"|when\s+(?:is|does|will)\s+the\s+next\s+(?:run|workflow|job)\b.*)$"
    )
    if asked is None or request.search(r"\bsprint\b|\bmeeting\b|\bboard\b|\blunch\b"):
        return None
    span = span_ahead(request)
    return Answer("show_schedule", {"window": span} if span else {})


def span_ahead(request: Request) -> str:
    """How far ahead the asker looks, as an ISO 8601 duration; "" when it was not said."""
    day = request.search(r"\b(?:tomorrow|tonight|today)\b")
    return request.window or ("P1D" if day and day[0].lower() != "tomorrow" else "P2D" if day else "")
