"""Commands about workflows and their runs: list, show, run, pause, resume, delete, edit, history, retry, cancel, predict, optimise, analyse."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import (
    FLOW,
    NAME,
    Answer,
    Request,
    known_name,
    needs_workflow,
    plausible,
    surely,
    which_workflow,
    workflow_name,
)
from intents.grammar.source import CAPITALS, CHANNEL, QUOTE, SERVICE
from intents.grammar.steps import pairs, typed
from intents.when import read_moment, read_schedule, until

_END = r"\s*[.!?]*\s*$"
_NOW = r"(?:\s+(?:right\s+)?(?:now|again|once|manually|immediately|for\s+(?:me|now)|today|at\s+once|by\s+hand|already|out\s+now))*"
_RUN_ID = r"(?P<id>(?:run_\w+|(?=[0-9a-f]*\d)[0-9a-f]{4,32}|#?\d{2,12}))\b"


def read_list(request: Request) -> Answer | None:
    text = request.text
    if (request.conditional and not re.search(r"\b(?:which|list|show|what)\b", text, re.IGNORECASE)) or re.search(r"(?<!\w)#\w|(?<![-\w])runs\b|\bran\b|\btemplates?\b|\b(?:perform\w*|scheduled\s+for|breaks?|affected|suffer|hit\s+by|impact\w*)\b", text, re.IGNORECASE):
        return None
    listed = re.search(
        rf"^\s*(?:(?:list|show|display|print|see|view|give|get|tell)\s+(?:me\s+|us\s+)?|which\s+|what\s+|any\s+|how\s+many\s+|do\s+we\s+have\s+(?:any\s+)?|are\s+there\s+(?:any\s+)?|(?:are|is)\s+any\s+(?:of\s+)?|where\s+are\s+)?(?:(?:of\s+)?(?:all|the|our|my|your|every|a\s+list\s+of|existing|current(?:ly)?|known|stored|those|these|is|are)\s+)*(?:(?P<state>paused|active|running|enabled|disabled|failing|failed|deleted|inactive|stopped|broken|scheduled|manual)\s+)?(?:{SERVICE}\s+)?(?:work\s?flows|flows|automations|automatisms)\b(?P<rest>.*)$",
        text, re.IGNORECASE,
    )
    if listed is None or re.search(r"\bdefinition\b|\bdelete\b|\bdepend|\brely\b", text, re.IGNORECASE):
        return None
    state = (listed["state"] or "").lower()
    if not state and (later := re.search(r"\b(?:(?:are|is)\s+)?(?:currently\s+|right\s+now\s+)?(paused|active|failing|failed|disabled|enabled|on\s+hold|stopped|broken|running)\b", listed["rest"], re.IGNORECASE)):
        state = later[1].lower()
    state = {"enabled": "active", "running": "active", "disabled": "paused", "inactive": "paused", "stopped": "paused", "on hold": "paused", "failing": "failed", "broken": "failed"}.get(state, state)
    arguments = {**({"service": request.service} if request.service else {}), **({"state": state} if state in ("active", "paused", "failed", "deleted") else {})}
    return Answer("list_workflows", arguments)


def read_show(request: Request) -> Answer | None:
    if request.conditional or request.search(rf"{CHANNEL}|(?<![-\w])runs?\b|\balerts?\b"):
        return None
    patterns = (
        (rf"^what\s+(?:does|do|will)\s+{NAME}\s+do{_END}", 0.95),
        (rf"^(?:print|show|display|give|get|see|view|open|describe|explain|tell)\b(?:\s+(?:me|us))?\s+(?:about\s+)?(?:the\s+)?(?:definition|details?|yaml|steps|configuration|config|source)\s+(?:of|for)\s+{NAME}{_END}", 0.97),
        (rf"^(?:what(?:'s|\s+is)|how\s+does)\s+(?:in\s+|inside\s+)?{NAME}\s+(?:work|look\s+like|doing|made\s+of|consist\s+of){_END}", 0.85),
        (rf"^(?:what(?:'s|\s+is)|what\s+are)\s+(?:in|inside|the\s+(?:definition|steps)\s+of)\s+{NAME}{_END}", 0.85),
        (rf"^(?:show|display|print|describe|view|open|see|explain|details?\s+(?:of|on|for)|definition\s+of)\s+(?:me\s+|us\s+)?(?:how\s+)?{NAME}(?:\s+(?:works|looks))?{_END}", 0.9),
    )
    for pattern, sure in patterns:
        match = request.match(pattern)
        if match is None or _not_a_flow(request, match["w"]):
            continue
        answer = needs_workflow(request, "show_workflow", match["w"], verb="show")
        answer = surely(request, answer) if sure <= 0.9 else answer
        if answer is not None:
            return Answer(answer.command, answer.arguments, answer.question, answer.slot, min(sure, answer.sure), answer.options)
    return None


_OTHER_NOUNS = re.compile(r"\b(?:schedules?|templates?|health|status|metrics?|impact|dependenc\w+|help|commands?|graph|audit|log|services?|upcoming|history|stats|statistics|analytics|report|weather|time|news|picture|photo|errors?|issues?|tickets?|cards?|deals?|board|how\s+to|way)\b", re.IGNORECASE)


def _not_a_flow(request: Request, said: str) -> bool:
    name = workflow_name(request.source, said)
    if name in request.source.workflows:
        return False
    if re.search(rf"\b{FLOW}\b", said, re.IGNORECASE):
        return False
    sure_shape = bool(re.search(r"[-_]", name)) or bool(re.match(QUOTE, said.strip())) or bool(re.match(rf"(?:the\s+)?{CAPITALS}$", said.strip()))
    return bool(_OTHER_NOUNS.search(said)) or (not sure_shape and bool(request.source.services(said))) or (len(name.split()) > 1 and not sure_shape and not re.match(r"\s*(?:the|our|my)\s", said))


_INPUTS = re.compile(r"\s*\b(?:with|using|for|where|passing|and\s+set|inputs?:?|parameters?:?)\s+(?P<in>.+)$", re.IGNORECASE)


def read_run(request: Request) -> Answer | None:
    text = request.text
    if request.conditional or re.search(rf"{CHANNEL}", text) or _timed(request):
        return None
    sent = re.match(rf"^(?:send|post|do|fire)\s+{NAME}\s+(?:out\s+)?(?:right\s+)?now\b(?P<in>)", text, re.IGNORECASE)
    sent = sent or re.match(rf"^kick\s+{NAME}\s+off\b(?P<in>){_END}", text, re.IGNORECASE)
    match = sent or re.match(rf"^(?:re-?run|run|start|trigger|kick\s?-?\s?off|launch|execute|fire(?:\s+off)?|do\s+a\s+run\s+of|begin|invoke|go\s+with)\s+(?P<what>.+?){_END}", text, re.IGNORECASE)
    if match is None:
        return None
    what = match["w"] if sent else match["what"]
    inputs: dict[str, Any] = {}
    with_inputs = _INPUTS.search(what)
    if with_inputs is not None:
        inputs = _inputs(request, with_inputs["in"])
        what = what[: with_inputs.start()] if inputs else what
    what = re.sub(rf"{_NOW}$", "", re.sub(r"[,.!?].*$", "", what), flags=re.IGNORECASE)
    if re.search(r"\b(?:back-?up|report)\b", what) and request.source.services(what) and not re.search(rf"\b{FLOW}\b|-", what):
        return None
    if re.fullmatch(r"(?:the\s+)?doctor", what.strip(), re.IGNORECASE):
        return Answer("doctor")
    if _action_like(request, what):
        return None
    return needs_workflow(request, "run_workflow", what, {"inputs": inputs}, verb="run")


def _action_like(request: Request, what: str) -> bool:
    """ "trigger the gitlab pipeline", "start a thread in discord": a deed in a product, not a workflow of ours."""
    name = workflow_name(request.source, what)
    if name in request.source.workflows or (re.search(r"[-_]|\bworkflow\b|\bflow\b", what) and not request.source.services(what)):
        return False
    return (bool(request.source.services(what)) and bool(re.search(r"\b(?:pipeline|thread|meeting|release|report|issue|deploy\w*|page|card|action|workflow\s+\S+\.ya?ml)\b", what, re.IGNORECASE))) or bool(re.match(r"\s*(?:a|an)\s", what))


def _timed(request: Request) -> bool:
    schedule = read_schedule(request.text, request.source.now, request.source.timezone)
    return schedule is not None and bool(schedule.cron or schedule.rrule or (schedule.at and not re.search(r"\bnow\b", request.text, re.IGNORECASE)))


def _inputs(request: Request, text: str) -> dict[str, Any]:
    written = pairs(request.source, text)
    if written:
        return written
    out: dict[str, Any] = {}
    for part in re.split(r"\s*(?:,|\band\b)\s*", text):
        match = re.match(rf"^\s*(?:the\s+|an?\s+)?(?P<k>[a-z_]\w*)\s*(?:=|:|\bis\b|\bset\s+to\b|\bof\b|\bas\b)?\s*(?P<v>{QUOTE}|[\w.@/-]+)\s*$", part, re.IGNORECASE)
        if match is None or match["k"].lower() in ("me", "us", "the", "a", "free"):
            return {}
        value = request.source.plain(match["v"])
        out[match["k"]] = value if re.match(QUOTE, match["v"]) else typed(value)
    return out


_UNTIL = re.compile(r"\s*,?\s*\b(?:until|till|til|for|through|up\s+to)\s+(?!now\b|a\s+while\b|the\s+moment\b|good\b|the\s+time\s+being\b|me\b|us\b).+$", re.IGNORECASE)
_PAUSES = (
    rf"^(?:pause|suspend|halt|freeze|disable|deactivate|mute|hold(?:\s+off(?:\s+on)?)?|stop|turn\s+off|switch\s+off|shut\s+off|put\s+on\s+hold|park)\s+(?:running\s+|sending\s+)?{NAME}(?:\s+(?:from\s+running|for\s+now|for\s+the\s+moment|for\s+a\s+while|for\s+the\s+time\s+being|temporarily|on\s+hold))*{_END}",
    rf"^(?:put|place|keep|set)\s+{NAME}\s+(?:on|to)\s+(?:hold|pause|ice|standby){_END}",
    rf"^(?:turn|switch|shut)\s+{NAME}\s+off(?:\s+for\s+now)?{_END}",
    rf"^{NAME}\s+(?:should|must|needs\s+to|has\s+to)\s+(?:be\s+paused|pause|stop|be\s+stopped|be\s+on\s+hold|rest)(?:\s+for\s+now)?{_END}",
    rf"^(?:nothing|don't|do\s+not|no\s+\w+)\b.*?\b(?:by|from|for|run|running|start)\s+{NAME}(?:\s+(?:for\s+now|any\s?more|at\s+the\s+moment))*\s*[,.;]\s*(?:please\s+)?(?:hold|pause|stop|suspend)\s+it{_END}",
    rf"^{NAME}\s+(?:is|has\s+been)\s+[^,.]+[,.]\s*(?:please\s+)?(?:pause|hold|suspend)\s+it{_END}",
)  # fmt: skip


def read_pause(request: Request) -> Answer | None:
    text = request.text
    if re.search(r"\balerts?\b|\bwarnings?\b|\bmaintenance\b|\bruns?\b\s+(?:of|that|\w{4,})|→", text, re.IGNORECASE) or re.search(CHANNEL, text):
        return None
    talk = re.split(r"\s*(?:[.!;]\s+|,\s*(?=(?:I|I'm|we|we're|it's|because|since|exams|cause)\b)|\bbecause\b|\bsince\b)", text)
    for body in dict.fromkeys((text, talk[0], " ".join(talk[:2]))):
        end = _UNTIL.search(body)
        head = body[: end.start()] if end else body
        for pattern in _PAUSES:
            match = re.match(pattern, head.strip(), re.IGNORECASE)
            if match is not None:
                return _paused(request, match["w"], end[0] if end else "")
    return None


def _paused(request: Request, said: str, end: str) -> Answer | None:
    if request.source.services(said) and not re.search(rf"\b{FLOW}\b|-", said):
        return None
    end = re.split(r"[,;!]\s|\.\s", end.strip())[0] if end else ""
    moment = until(end, request.source.now, request.source.timezone) if end else None
    if end and (moment is None or moment.problem):
        name = workflow_name(request.source, said)
        asked = moment.problem if moment else "Until when should it be paused? For example “until Monday 9:00” or “for 2 hours”."
        return Answer("pause_workflow", {"workflow": name} if name else {}, asked, "until", 0.8)
    return needs_workflow(request, "pause_workflow", said, {"until": moment.at.isoformat(timespec="seconds") if moment else None}, verb="pause")


_RESUMES = (
    rf"^(?:resume|un-?\s?pause|continue|reactivate|re-?enable|enable|activate|unfreeze|restart|wake(?:\s+up)?|unsuspend|turn\s+on|switch\s+on|bring\s+back)\s+{NAME}(?:\s+again|\s+back\s+on)*{_END}",
    rf"^(?:turn|switch|bring)\s+{NAME}\s+(?:back\s+)?on(?:\s+again)?{_END}|^bring\s+(?P<w2>.+?)\s+back(?:\s+up|\s+online)?{_END}",
    rf"^{NAME}\s+(?:can|may|should|could|is\s+allowed\s+to)\s+(?:now\s+)?(?:start|run|go|continue|resume|be\s+(?:resumed|started|reactivated|enabled|unpaused|turned\s+(?:back\s+)?on|active))(?:\s+(?:again|on|now|back\s+on))*{_END}",
    rf"^(?:start|let|set)\s+{NAME}\s+(?:run\s+|go\s+|live\s+)?again{_END}",
)


def read_resume(request: Request) -> Answer | None:
    if request.conditional or re.search(CHANNEL, request.text) or request.search(r"\balerts?\b|\bretry\b"):
        return None
    talk = re.split(r"\s*(?:[.!;]\s+|,\s*(?=(?:I|I'm|we|it's|its|the|it|all)\b)|,\s+)", request.text)
    for body in dict.fromkeys((request.text, talk[0])):
        for pattern in _RESUMES:
            match = re.match(pattern, body.strip(" ,"), re.IGNORECASE)
            if match is not None:
                said = match["w"] or match.groupdict().get("w2") or ""
                if request.source.services(said) and not re.search(rf"\b{FLOW}\b|-", said):
                    return None
                return needs_workflow(request, "resume_workflow", said, verb="resume")
    return None


_DELETE = r"(?:delete|remove|erase|drop|get\s+rid\s+of|trash|wipe(?:\s+out)?|eliminate|destroy|kill\s+off|throw\s+away|scrap|bin|clear\s+out|nuke|purge)"


def read_delete(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"→|{CHANNEL}|\b(?:every\s+(?:day|week|month|\w+day)|whenever|each\s+time)\b|^\s*(?:when|if|on|once|what|would|why|how|did|who)\b", text, re.IGNORECASE) or re.search(r"\b(?:step|card|issue|file|task|ticket|message|channel|event|meeting|alert|label|page|folder)s?\b", text, re.IGNORECASE):
        return None
    everything = re.search(rf"\b{_DELETE}\s+(?:all|every|everything|each)\b.*?(?:\b{FLOW}\b|$)", text, re.IGNORECASE)
    if everything is not None and re.search(rf"\b{FLOW}\b|\beverything\s*(?:now|you\s+have|we\s+have)?[\s.!]*$", everything[0], re.IGNORECASE):
        return Answer("delete_workflow", {}, "I will not delete all of them at once. Which workflow should I delete?", "workflow", 0.85, tuple((name, name) for name in request.source.workflows[:5]))
    unused = re.search(rf"\b(?:use|need|want)\s+(?:the\s+|our\s+)?{NAME}\s+(?:any\s?(?:more|longer))\b.*\b(?:{_DELETE})\s+(?:it|that|this)\b", text, re.IGNORECASE)
    gone = re.match(rf"^{NAME}\s+(?:can|should|must|may)\s+(?:be\s+)?(?:deleted|removed|go|erased|dropped|go\s+away){_END}", text, re.IGNORECASE)
    for body in dict.fromkeys((text, re.split(r"\s*[.;!]\s+|,\s+", text)[0])):
        match = unused or gone or re.match(rf"^{_DELETE}\s+{NAME}(?:\s+(?:completely|permanently|forever|for\s+good|altogether|entirely))?{_END}", body, re.IGNORECASE)
        if match is not None:
            if not unused and request.source.services(match["w"]) and not re.search(rf"\b{FLOW}\b|-", match["w"]):
                return None
            return needs_workflow(request, "delete_workflow", match["w"], verb="delete")
    return None


_CHANGE_VERB = r"(?:add|also|change|move|remove|drop|replace|use|post|send|run|stop|make|set|tell|notify|rename|skip|include|put|only|don't|do|switch|update|let|create|start|swap|ask|require|ping|email|retry|raise|lower|increase|instead|go|fire|take|delete|insert|append)"
_EDITS = (
    rf"^(?:edit|change|modify|update|adjust|alter|amend|tweak|fix|rework|revise)\s+{NAME}\s*(?::|,|;|\s-\s|–|→|\bso\s+that\b|\bto\b|\band\b|\bsuch\s+that\b|\bby\b)\s*(?P<c>.+)$",
    rf"^(?:in|for|on|to|with|at)\s+{NAME}\s*[,:]\s*(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for)\s+(?P<w>[\w]+(?:-[\w]+)+)\s+(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for|on)\s+(?:the\s+|our\s+|my\s+)?{FLOW}\s+{NAME}\s+(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for)\s+(?:the\s+|our\s+)?{NAME}\s+{FLOW}\s*,?\s*(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?P<c>rename)\s+{NAME}\s+(?:to|into|as)\s+(?P<c2>.+)$",
    rf"^(?P<c>(?:add|insert|append|remove|drop|delete|include)\s+(?:an?|the|another|one|one\s+more)?\s*(?:\w+\s+)?(?:step|approval|retry|retries|condition|notification|fallback|timeout|message|post)s?\b.*?)\s+(?:to|from|in|into|of|for)\s+(?:the\s+|our\s+)?(?:{FLOW}\s+)?{NAME}(?P<c2>\s*(?:[:,]\s*|that\s+|which\s+|to\s+|so\s+that\s+).+)?$",
    rf"^(?:the\s+|our\s+)?{NAME}\s+(?P<c>(?:go(?:es)?\s+out|run|runs|start|starts|fire|fires|post|posts|happen|be\s+sent|be\s+posted|come|send|sends|use|tell|notify)\b.*\binstead\b.*)$",
    rf"^(?:the\s+|our\s+)?{NAME}\s+(?:should|must|needs?\s+to|has\s+to|shall|could|is\s+to)\s+(?:now\s+|also\s+|rather\s+|no\s+longer\s+|not\s+)*(?P<c>(?:go|run|start|fire|post|happen|be|come|use|send|tell|notify|ask|wait|retry|stop|include|only|create|email|ping|need)\b.+)$",
    rf"^(?:make|let|have)\s+{NAME}\s+(?P<c>(?:run|post|start|go|fire|send|use|tell|notify|ask|wait|retry|only|also|happen|ping|email)\b.+)$",
    rf"^(?:move|reschedule|shift|postpone)\s+{NAME}\s+(?P<c>(?:to|from|by|until)\s+.+)$",
    rf"^{NAME}\s*:\s*(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?P<c>(?:stop|start|also|don't|do\s+not|no\s+longer|only|quit)\s+\w+(?:ing\b)?.*?)\s+(?:in|for|from|with)\s+(?:the\s+|our\s+)?(?:{FLOW}\s+)?{NAME}$",
)  # fmt: skip
_POINTED_EDIT = re.compile(r"^(?P<c>(?:the\s+)?(?:approval|schedule|time|channel|step|steps|condition|trigger|message|retries|name|title|text|board|fallback|first\s+step|last\s+step)\s+(?:on|of|in|for)\s+(?:it|that|this|that\s+one|this\s+one)\s+(?:should|must|has\s+to|needs?\s+to|to)\b.+)$|^(?:change|edit|update|modify)\s+(?:it|that|this|that\s+one)\s*(?:so\s+that|to|:|,|and)?\s*(?P<c2>.*)$|^(?P<c3>(?:also|instead)\s+(?:post|tell|send|notify|ping)\b.+)$", re.IGNORECASE)


def read_edit(request: Request) -> Answer | None:
    text = request.text
    pointed = _POINTED_EDIT.match(text)
    if pointed is not None:
        change = request.source.plain(pointed["c"] or pointed["c2"] or pointed["c3"] or "")
        return which_workflow(request.source, "edit_workflow", {"change": change} if change else {}, "change")
    if re.match(rf"\s*(?:when(?:ever)?|if|every|each|once|on\s+\w+days?|remind|post|tell|create|give\s+me|build|set\s+up|(?:I|we)\s+(?:need|want|would)|need|(?:add|make|have)\s+(?:me\s+)?an?\s+(?:new\s+)?(?:button|command|{FLOW}|manual)|manual|name\s*:)\b", text, re.IGNORECASE):
        return None
    body = re.sub(r"^\s*(?:could|can|would|should|will)\s+(?=the\b|our\b|my\b)", "", text, flags=re.IGNORECASE).rstrip("?! .")
    for index, pattern in enumerate(_EDITS):
        match = re.match(pattern, body, re.IGNORECASE)
        answer = _edited(request, match, index) if match else None
        if answer is not None:
            return answer
    return None


def _edited(request: Request, match: re.Match[str], index: int) -> Answer | None:
    said = match["w"]
    name = workflow_name(request.source, said)
    known = bool(known_name(name, request.source.workflows))
    shaped = known or bool(re.search(r"[-_]", name)) or bool(re.match(QUOTE, said.strip())) or bool(re.search(rf"\b{FLOW}\b", match[0][: match.end("w") + 12], re.IGNORECASE))
    if not name or (request.source.services(said) and not shaped) or re.search(r"^(?:I|you|we|it|they|who|what|there|that|someone|everyone|people|nobody|any|all|new)\b", name, re.IGNORECASE):
        return None
    if index == 0 and not shaped and not re.match(rf"\s*(?:{CAPITALS}$)", said) and re.match(r"\s*(?:to|and|by|so)\b", match.string[match.end("w") :], re.IGNORECASE):
        return None
    if index == 12 and not shaped:
        return None
    loose = index in (1, 7, 8, 9, 10, 11)
    if loose and not shaped and (not re.match(rf"(?:the\s+|our\s+)?(?:{CAPITALS}|[a-z]+(?:\s[a-z]+){{0,2}})$", said.strip()) or plausible(request.source, said, name) < 0.6 or (index in (8, 9, 10, 11) and not re.match(rf"{CAPITALS}|(?:the|our|my)\s+[\w-]+(?:\s[\w-]+){{0,3}}$", said))):
        return None
    change = " ".join(part for part in (match["c"], match.groupdict().get("c2") or "") if part)
    return Answer("edit_workflow", {"workflow": name, "change": _free(request, change)}, sure=0.95 if shaped else 0.9 if index in (7, 9) else 0.8)


def _free(request: Request, text: str) -> str:
    return request.source.utterance.plain(request.source.marked.plain(text), quoted=True).strip(" .,")


# --- runs ------------------------------------------------------------------------------------------------------------------------------


_OUTCOMES = (("failed", r"fail(?:ed|ing|ures?)?|broken|unsuccessful|errors?|crashed"), ("succeeded", r"success(?:ful|es)?|succeeded|good|green|completed"), ("cancelled", r"cancel(?:l?ed)?|aborted"), ("running", r"(?:still\s+)?running|in\s+progress|ongoing"))


def _outcome(text: str) -> str:
    return next((name for name, words in _OUTCOMES if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")


def read_retry(request: Request) -> Answer | None:
    text = request.text
    if request.search(r"→|\b(?:every|whenever|each\s+time|when)\b") or re.search(CHANNEL, text):
        return None
    if not request.search(r"\bretr(?:y|ies)\b|\btry\b.*\bagain\b|\bre-?run\b|\brun\b.*\bagain\b|\brestart\s+(?:the\s+)?(?:failed|run)\b|\banother\s+(?:try|go|attempt)\b|\brepeat\b"):
        return None
    run = request.search(rf"\b(?:retry|rerun|re-run|repeat|again)\b.*?\b(?:run\s+)?{_RUN_ID}") or request.search(rf"\brun\s+{_RUN_ID}")
    if run is not None and re.search(r"\d", run["id"]):
        return Answer("retry_run", {"run": run["id"].lstrip("#")})
    failed = re.match(rf"^{NAME}\s+(?:run\s+)?(?:has\s+|just\s+)*(?:failed|broke|crashed|didn't\s+work|died|errored)\b.*\b(?:again|retry|re-?run)\b", text, re.IGNORECASE)
    again = re.match(rf"^(?:retry|re-?run|repeat|restart|try)\s+(?:the\s+)?(?:(?:last\s+|latest\s+)?(?:failed\s+)?(?:run\s+)?(?:of|for)\s+)?{NAME}(?:\s+run)?(?:\s+(?:again|once\s+more|one\s+more\s+time))*{_END}", text, re.IGNORECASE)
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
    if run is not None and (re.search(r"\brun\b", run[0], re.IGNORECASE) or re.match(r"(?:cancel|abort|kill)", text, re.IGNORECASE)) and not run["id"].isalpha():
        return Answer("cancel_run", {"run": run["id"].lstrip("#")})
    patterns = (
        rf"^{verb}\s+(?:the\s+)?(?:current\s+|running\s+|active\s+|ongoing\s+)?(?:run|execution)\s+(?:of|for)\s+{NAME}(?:\s+(?:that(?:'s|\s+is)\s+)?(?:in\s+progress|running|going|active|currently\s+running))?{_END}",
        rf"^{verb}\s+(?:the\s+)?(?:current\s+|running\s+|active\s+|ongoing\s+)?{NAME}(?:'s)?\s+(?:current\s+)?(?:run|execution)(?:\s+(?:that(?:'s|\s+is)\s+)?(?:in\s+progress|running|going))?{_END}",
        rf"^(?:abort|cancel|kill|terminate|stop)\s*!+\s*{NAME}\s+(?:is|keeps|has|does|won't)\b.*$",
        rf"^{NAME}\s+is\s+[^,.!]+[,.!]\s*(?:please\s+)?(?:abort|cancel|kill|stop)\s+(?:it|the\s+run){_END}",
        rf"^(?:abort|kill|terminate|cancel)\s+{NAME}(?:\s+(?:now|immediately))?{_END}",
    )
    for pattern in patterns:
        match = re.match(pattern, text, re.IGNORECASE)
        if match is not None and not (request.source.services(match["w"]) and not re.search(rf"\b{FLOW}\b|-", match["w"])):
            return needs_workflow(request, "cancel_run", match["w"], verb="cancel the run of")
    return None


def read_history(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"{CHANNEL}|→", text) or request.search(r"\b(?:will|going\s+to|upcoming|next|scheduled|tomorrow|whenever|every\s+time|likely|chance)\b"):
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
    outcome = _outcome(re.sub(re.escape(about), " ", text) if about else text)
    if outcome and not re.match(r"\s*how\s+did", text, re.IGNORECASE):
        arguments["outcome"] = outcome
    return Answer("run_history", arguments)


_PAST = r"(?:\s*[,;]?\s*(?:(?:in|over|for|during|from|within)\s+)?(?:the\s+)?(?:last|past|previous|this|today|yesterday|since)\b.*)?"


def _history_of(request: Request) -> str | None:
    """Whose history is asked for ("" = all), or None when none is."""
    what = r"(?:(?:last|latest|recent|past|previous|all|the|\d+|failed|failing|successful|succeeded|unsuccessful|broken|cancelled|green)\s+)*"
    patterns = (
        rf"^(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what\s+(?:are|were)\s+|which\s+)?{what}(?:runs|run\s+history|history|executions|failures|run\s+log)\s+(?:of|for|from)\s+{NAME}{_PAST}{_END}",
        rf"^(?:(?:show|list|give|get)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)?{NAME}(?:'s)?\s+(?:runs|run\s+history|history|executions){_PAST}{_END}",
        rf"^how\s+(?:did|was|were|has|have)\s+{NAME}\s+(?:go|run|do|perform\s+(?:last\s+night|yesterday|today)|work(?:\s+out)?|end|doing|been\s+doing)\b{_PAST}.*{_END}",
        rf"^(?:did|has|have)\s+{NAME}\s+(?:run|ran|succeed(?:ed)?|work(?:ed)?|fail(?:ed)?|finish(?:ed)?|complete[d]?|go\s+through|been\s+run)\b.*{_END}",
        rf"^when\s+(?:did|was|has)\s+{NAME}\s+(?:last\s+)?(?:run|ran|executed|fail|failed|succeed)\b.*{_END}",
        rf"^why\s+(?:did|does|has)\s+{NAME}\s+(?:keep\s+)?(?:fail|failed|failing|crash|break)\b.*{_END}",
        rf"^{NAME}\s+history{_PAST}{_END}",
    )
    for index, pattern in enumerate(patterns):
        match = request.match(pattern)
        if match is not None and (index != 5 or not request.source.services(match["w"])) and not re.match(r"(?:our|the|all)?\s*(?:work\s?flows|flows|automations)$", match["w"].strip(), re.IGNORECASE):
            return "" if re.fullmatch(rf"(?:{what})?(?:show|list|all|the|failed|successful|recent|last|failures)?", match["w"].strip(), re.IGNORECASE) else match["w"]
    if re.match(r"^how\s+many\s+runs\b", request.text, re.IGNORECASE):
        return ""
    everything = request.match(rf"^(?:what|which\s+(?:work\s?flows|flows|automations))\s+(?:has\s+|have\s+)?(?:ran|run|failed|succeeded|happened|executed|went\s+wrong)\b{_PAST}{_END}") or request.match(
        rf"^(?:(?:show|list|give|get)\s+(?:me\s+|us\s+)?)?{what}(?:runs|run\s+history|executions|failures|failed\s+(?:runs|work\s?flows))\b{_PAST}{_END}"
    )
    return "" if everything is not None and (request.window or re.search(r"\bruns\b|\bhistory\b|\bexecutions\b|\bran\b", request.text, re.IGNORECASE)) else None


def read_predict(request: Request) -> Answer | None:
    text = request.text
    if re.search(rf"{CHANNEL}|→", text):
        return None
    patterns = (
        rf"^(?:will|would|is|does)\s+{NAME}\s+(?:going\s+to\s+|likely\s+to\s+|gonna\s+)?(?:succeed|work|fail|be\s+(?:ok(?:ay)?|fine|successful|alright)|go\s+(?:well|ok|through|wrong)|run\s+(?:through|fine|ok|successfully|smoothly)|pass|make\s+it|break|finish|complete|crash)\b(?P<t>.*)$",
        rf"^(?:p\(\s*\w+\s*\)|probability|chances?|odds|likelihood|success\s+(?:chance|probability|prediction)|risk)\s*(?:of|for|that|:)?\s*(?:success\s+(?:of|for)\s+|failure\s+(?:of|for)\s+|succeeding\s+)?{NAME}(?:\s+(?:will\s+)?(?:succeed\w*|fail\w*|work\w*|go\w*\s+through|to\s+(?:succeed|fail|work)))?(?P<t>\s+(?:at|on|if|tonight|tomorrow|today|next|when|in)\b.*)?{_END}",
        rf"^how\s+(?:likely|probable|sure|risky|safe)\s+(?:is|are|will)\s+(?:it\s+(?:that\s+)?)?{NAME}\s+(?:to|will|would|succeeds?|fails?|works?)\s*(?:succeed|fail|work|run|break|go|be)?\b(?P<t>.*)$",
        rf"^(?:what(?:'s|\s+is|\s+are)\s+(?:the\s+)?)(?:probability|chances?|odds|likelihood|risk)\s+(?:that\s+|of\s+|for\s+)?{NAME}\s+(?:will\s+)?(?:succeed\w*|fail\w*|work\w*|to\s+\w+|goes|go|being)\b(?P<t>.*)$",
        rf"^(?:predict|forecast|estimate)\s+(?:the\s+)?(?:next\s+)?(?:(?:run|outcome|success|result)\s+(?:of|for)\s+)?{NAME}(?P<t>\s+(?:at|on|if|tonight|tomorrow|today|next|in)\b.*)?{_END}",
    )
    for pattern in patterns:
        match = re.match(pattern, text, re.IGNORECASE)
        if match is None or _not_a_service_question(request, match["w"]):
            continue
        name = workflow_name(request.source, match["w"])
        likely = plausible(request.source, match["w"], name)
        if not likely or (not name and not re.match(r"\s*(?:it|that|this)", match["w"], re.IGNORECASE)):
            continue
        if pattern is patterns[0] and likely < 0.95 and not re.search(r"\b(?:succeed|fail|run|tonight|tomorrow|at\s+\d)", text, re.IGNORECASE):
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
        rf"^(?:how\s+(?:can|could|do|should|would)\s+(?:we|I|you)\s+|can\s+we\s+|could\s+we\s+|is\s+there\s+(?:a\s+|any\s+)?way\s+to\s+)(?:(?:make|get)\s+(?=.*\b(?:faster|quicker|cheaper|better|more|less)\b)|speed\s+up\s+|improve\s+|optimi[sz]e\s+|tune\s+){NAME}(?:\s+(?:to\s+(?:be|run)\s+)?(?:faster|quicker|cheaper|better|more\s+\w+|less\s+\w+|run\s+\w+|up))?{_END}",
        rf"^(?:any|have\s+you|do\s+you\s+have|give\s+(?:me|us)|got|show\s+(?:me\s+)?)?\s*(?:any\s+|some\s+)?(?:suggestions?|ideas?|tips?|recommendations?|advice|hints?|proposals?)\s+(?:to|for|on|how\s+to|about)\s+(?:speed(?:ing)?\s+up|improv(?:e|ing)|optimi[sz](?:e|ing)|mak(?:e|ing)|tun(?:e|ing))?\s*{NAME}(?:\s+(?:faster|cheaper|better|more\s+\w+))?{_END}",
        rf"^make\s+{NAME}\s+(?:faster|quicker|cheaper|more\s+(?:reliable|efficient|robust|stable)|less\s+\w+){_END}",
        rf"^{NAME}\s+(?:is|runs|takes)\s+(?:so\s+|too\s+|very\s+|pretty\s+)*(?:slow(?:ly)?|long|expensive|unreliable|flaky)\b.*\b(?:improve|optimi[sz]e|faster|speed|suggest\w*|better|what\s+can)\b.*$",
        rf"^what\s+(?:can|could|should)\s+(?:we|I|be)\s+(?:improve|optimi[sz]e|done|do|change)(?:\s+(?:about|with|in|on|to\s+improve|to\s+speed\s+up))\s+{NAME}{_END}",
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
    general = request.match(r"^how\s+(?:did|do|have|are|were|well\s+(?:did|do|are|have))\s+(?:our\s+|the\s+|my\s+|all\s+(?:the\s+|our\s+)?)?(?:work\s?flows|flows|automations)\s+(?:been\s+)?(?:perform\w*|do|doing|go|going|run|running|behave)\b") or request.match(
        rf"^(?:(?:show|give|get|display)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+|overall\s+)*(?:work\s?flow|flow|automation)s?\s+(?:analytics|stats|statistics|performance|metrics|numbers|kpis){_PAST}{_END}"
    ) or request.match(rf"^(?:(?:show|give|get|display)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)*(?:analytics|statistics|stats)(?:\s+(?:of|for|on|about)\s+(?:all\s+)?(?:the\s+|our\s+|my\s+)?(?:work\s?flows|flows|automations))?{_PAST}{_END}") or request.match(
        r"^how\s+much\s+time\s+(?:do|did|have)\s+(?:our\s+|the\s+|all\s+)*(?:work\s?flows|flows|automations)\s+sav"
    )
    if general is not None:
        return Answer("workflow_analytics", {"window": request.window} if request.window else {})
    patterns = (
        rf"^(?:(?:show|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what\s+are\s+)?(?:the\s+|some\s+)?(?:stats|statistics|analytics|numbers|performance|figures|kpis|performance\s+(?:stats|numbers|data))\s+(?:for|of|on|about)\s+{NAME}{_PAST}{_END}",
        rf"^(?:(?:show|give|get)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+)?{NAME}(?:'s)?\s+(?:stats|statistics|analytics|performance|numbers){_PAST}{_END}",
        rf"^how\s+(?:much\s+(?:time|money|work|effort)|many\s+(?:hours|minutes))\s+(?:does|did|has|have|do|is|are)\s+{NAME}\s+(?:sav(?:e|ed|ing)|cost)\b.*{_END}",
        rf"^how\s+(?:well|fast|reliable|reliably|long|often)\s+(?:does|did|is|has|do)\s+{NAME}\s*(?:take|run|perform|work|been|usually\s+take|fail|succeed|doing)?\b.*{_END}",
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
                return Answer("workflow_analytics", {**({"workflow": name} if name else {}), **({"window": request.window} if request.window else {})}, sure=likely)
    return None


def read_schedule_list(request: Request) -> Answer | None:
    if re.search(rf"{CHANNEL}|→", request.text) or len(request.text.split()) > 14 or request.service:
        return None
    asked = request.match(
        rf"^(?:what(?:'s|\s+is|\s+are|\s+will)?\s+(?:\w+\s+)?(?:going\s+to\s+run|scheduled|planned|coming\s+up|due|up\s+next|next|running\s+next|run(?:s|ning)?\s+(?:next|today|tomorrow|tonight|in\s+the\s+next|this|over\s+the\s+next)|fire)\b.*"
        rf"|(?:which|what)\s+(?:work\s?flows|flows|automations|runs|jobs)\s+(?:are\s+|will\s+|is\s+)?(?:scheduled|planned|due|coming\s+up|run(?:ning)?\s+(?:next|today|tomorrow|tonight|in|this|soon)|going\s+to\s+run|upcoming)\b.*"
        rf"|(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?)?(?:the\s+|our\s+|all\s+|my\s+|your\s+)*(?:upcoming|next|scheduled|planned|future)\s+(?:\d+\s+)?(?:runs?|work\s?flows?|flows?|jobs?|automations?|executions?|schedules?)\b.*"
        rf"|(?:(?:show|list|give|get|display|print|see|view)\s+(?:me\s+|us\s+)?|what(?:'s|\s+is)\s+)?(?:the\s+|our\s+|my\s+|your\s+)*(?:schedule|calendar\s+of\s+runs|agenda|timetable)\b(?:\s+(?:for|of|in|over)\b.*|\s+(?:today|tomorrow|tonight))?{_END}"
        rf"|when\s+(?:is|does|will)\s+the\s+next\s+(?:run|workflow|job)\b.*)$"
    )
    if asked is None or request.search(r"\bsprint\b|\bmeeting\b|\bboard\b|\blunch\b"):
        return None
    day = request.search(r"\b(?:tomorrow|tonight|today)\b")
    span = request.window or ("P1D" if day and day[0].lower() != "tomorrow" else "P2D" if day else "")
    return Answer("show_schedule", {"window": span} if span else {})


_ = SERVICE
