"""Commands about workflows: list, show, run, pause, resume, delete, edit."""

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
from intents.grammar.steps import said_inputs
from intents.when import read_schedule, until

_END = r"\s*[.!?]*\s*$"
_NOW = r"(?:\s+(?:right\s+)?(?:now|again|once|manually|immediately|for\s+(?:me|now)|today|at\s+once|by\s+hand|already|out\s+now))*"


_STATE_WORDS = {
    "enabled": "active", "running": "active", "live": "active", "on": "active", "disabled": "paused", "inactive": "paused", "stopped": "paused",
    "suspended": "paused", "off": "paused", "on hold": "paused", "failing": "failed", "broken": "failed",
}  # fmt: skip
_A_STATE = re.compile(
    r"\b(paused|active|failing|failed|disabled|enabled|on\s+hold|stopped|broken|running|inactive|suspended|deleted|live)\b|\b(?:is|are|currently|switched|turned)\s+(on|off)\b",
    re.IGNORECASE,
)


def state_of_flows(text: str) -> str:
    """active, paused, failed or deleted, as said; "" if none."""
    match = _A_STATE.search(text)
    said = re.sub(r"\s+", " ", (match[1] or match[2]).lower()) if match else ""
    return _STATE_WORDS.get(said, said)


def read_list(request: Request) -> Answer | None:
    text = request.text
    if (request.conditional and not re.search(r"\b(?:which|list|show|what)\b", text, re.IGNORECASE)) or re.search(
        r"(?<!\w)#\w|(?<![-\w])runs\b|\bran\b|\btemplates?\b|\b(?:perform\w*|scheduled\s+for|breaks?|affected|suffer"
        r"|hit\s+by|impact\w*)\b",
        text,
        re.IGNORECASE,
    ):
        return None
    listed = re.search(
        rf"^\s*(?:(?:list|show|display|print|see|view|give|get|tell)\s+(?:me\s+|us\s+)?|which\s+|what\s+|any\s+"
        rf"|how\s+many\s+|do\s+we\s+have\s+(?:any\s+)?|are\s+there\s+(?:any\s+)?|(?:are|is)\s+any\s+(?:of\s+)?"
        rf"|where\s+are\s+)?(?:(?:of\s+)?(?:all|the|our|my|your|every|a\s+list\s+of|existing|current(?:ly)?|known|stored"
        rf"|those|these|is|are)\s+)*(?:(?P<state>paused|active|running|enabled|disabled|failing|failed|deleted|inactive"
        rf"|stopped|broken|scheduled|manual)\s+)?(?:{SERVICE}\s+)?(?:work\s?flows|flows|automations"
        rf"|automatisms)\b(?P<rest>.*)$",
        text,
        re.IGNORECASE,
    )
    if listed is None or re.search(r"\bdefinition\b|\bdelete\b|\bdepend|\brely\b", text, re.IGNORECASE):
        return None
    state = (listed["state"] or "").lower() or state_of_flows(listed["rest"])
    state = _STATE_WORDS.get(state, state)
    arguments = {
        **({"service": request.service} if request.service else {}),
        **({"state": state} if state in ("active", "paused", "failed", "deleted") else {}),
    }
    return Answer("list_workflows", arguments)


def read_show(request: Request) -> Answer | None:
    if request.conditional or request.search(rf"{CHANNEL}|(?<![-\w])runs?\b|\balerts?\b"):
        return None
    patterns = (
        (rf"^what\s+(?:does|do|will)\s+{NAME}\s+do{_END}", 0.95),
        (
            rf"^(?:print|show|display|give|get|see|view|open|describe|explain|tell)\b(?:\s+(?:me"
            rf"|us))?\s+(?:about\s+)?(?:the\s+)?(?:definition|details?|yaml|steps|configuration|config|source)\s+(?:of"
            rf"|for)\s+{NAME}{_END}",
            0.97,
        ),
        (rf"^(?:what(?:'s|\s+is)|how\s+does)\s+(?:in\s+|inside\s+)?{NAME}\s+(?:work|look\s+like|doing|made\s+of|consist\s+of){_END}", 0.85),
        (rf"^(?:what(?:'s|\s+is)|what\s+are)\s+(?:in|inside|the\s+(?:definition|steps)\s+of)\s+{NAME}{_END}", 0.85),
        (
            rf"^(?:show|display|print|describe|view|open|see|explain|details?\s+(?:of|on|for)|definition\s+of)\s+(?:me\s+"
            rf"|us\s+)?(?:how\s+)?{NAME}(?:\s+(?:works|looks))?{_END}",
            0.9,
        ),
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


_OTHER_NOUNS = re.compile(
    r"\b(?:schedules?|templates?|health|status|metrics?|impact|dependenc\w+|help|commands?|graph|audit|log|services?"
    r"|upcoming|history|stats|statistics|analytics|report|weather|time|news|picture|photo|errors?|issues?|tickets?"
    r"|cards?|deals?|board|how\s+to|way)\b",
    re.IGNORECASE,
)


def _not_a_flow(request: Request, said: str) -> bool:
    name = workflow_name(request.source, said)
    if name in request.source.workflows:
        return False
    if re.search(rf"\b{FLOW}\b", said, re.IGNORECASE):
        return False
    sure_shape = (
        bool(re.search(r"[-_]", name)) or bool(re.match(QUOTE, said.strip())) or bool(re.match(rf"(?:the\s+)?{CAPITALS}$", said.strip()))
    )
    return (
        bool(_OTHER_NOUNS.search(said))
        or (not sure_shape and bool(request.source.services(said)))
        or (len(name.split()) > 1 and not sure_shape and not re.match(r"\s*(?:the|our|my)\s", said))
    )


_INPUTS = re.compile(
    r"(?:\s*:\s*(?=\w+\s*=)|\s*\b(?:with|using|for|where|passing|and\s+set|inputs?:?|parameters?:?)\s+)(?P<in>.+)$", re.IGNORECASE
)


def read_run(request: Request) -> Answer | None:
    text = request.text
    if request.conditional or re.search(rf"{CHANNEL}", text) or _timed(request):
        return None
    sent = re.match(rf"^(?:send|post|do|fire)\s+{NAME}\s+(?:out\s+)?(?:right\s+)?now\b(?P<in>)", text, re.IGNORECASE)
    sent = sent or re.match(rf"^kick\s+{NAME}\s+off\b(?P<in>){_END}", text, re.IGNORECASE)
    match = sent or re.match(
        rf"^(?:re-?run|run|start|trigger|kick\s?-?\s?off|launch|execute|fire(?:\s+off)?|do\s+a\s+run\s+of|begin|invoke"
        rf"|go\s+with)\s+(?P<what>.+?){_END}",
        text,
        re.IGNORECASE,
    )
    if match is None:
        return None
    what = match["w"] if sent else match["what"]
    inputs: dict[str, Any] = {}
    with_inputs = _INPUTS.search(what)
    if with_inputs is not None:
        inputs = said_inputs(request.source, with_inputs["in"])
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
    return (
        bool(request.source.services(what))
        and bool(
            re.search(
                r"\b(?:pipeline|thread|meeting|release|report|issue|deploy\w*|page|card|action|workflow\s+\S+\.ya?ml)\b",
                what,
                re.IGNORECASE,
            )
        )
    ) or bool(re.match(r"\s*(?:a|an)\s", what))


def _timed(request: Request) -> bool:
    schedule = read_schedule(request.text, request.source.now, request.source.timezone)
    return schedule is not None and bool(
        schedule.cron or schedule.rrule or (schedule.at and not re.search(r"\bnow\b", request.text, re.IGNORECASE))
    )


_UNTIL = re.compile(
    r"\s*,?\s*\b(?:until|till|til|for|through|up\s+to)\s+(?!now\b|a\s+while\b|the\s+moment\b|good\b"
    r"|the\s+time\s+being\b|me\b|us\b).+$",
    re.IGNORECASE,
)
_PAUSES = (
    rf"^(?:pause|suspend|halt|freeze|disable|deactivate|mute|hold(?:\s+off(?:\s+on)?)?|stop|turn\s+off|switch\s+off"
rf"|shut\s+off|put\s+on\s+hold|park)\s+(?:running\s+|sending\s+)?{NAME}(?:\s+(?:from\s+running|for\s+now"
rf"|for\s+the\s+moment|for\s+a\s+while|for\s+the\s+time\s+being|temporarily|on\s+hold))*{_END}",
    rf"^(?:put|place|keep|set)\s+{NAME}\s+(?:on|to)\s+(?:hold|pause|ice|standby){_END}",
    rf"^(?:turn|switch|shut)\s+{NAME}\s+off(?:\s+for\s+now)?{_END}",
    rf"^{NAME}\s+(?:should|must|needs\s+to|has\s+to)\s+(?:be\s+paused|pause|stop|be\s+stopped|be\s+on\s+hold|rest)(?:\s+for\s+now)?{_END}",
    rf"^(?:nothing|don't|do\s+not|no\s+\w+)\b.*?\b(?:by|from|for|run|running|start)\s+{NAME}(?:\s+(?:for\s+now"
rf"|any\s?more|at\s+the\s+moment))*\s*[,.;]\s*(?:please\s+)?(?:hold|pause|stop|suspend)\s+it{_END}",
    rf"^{NAME}\s+(?:is|has\s+been)\s+[^,.]+[,.]\s*(?:please\s+)?(?:pause|hold|suspend)\s+it{_END}",
)  # fmt: skip


def read_pause(request: Request) -> Answer | None:
    text = request.text
    if re.search(r"\balerts?\b|\bwarnings?\b|\bmaintenance\b|\bruns?\b\s+(?:of|that|\w{4,})|→", text, re.IGNORECASE) or re.search(
        CHANNEL, text
    ):
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
    return needs_workflow(
        request, "pause_workflow", said, {"until": moment.at.isoformat(timespec="seconds") if moment else None}, verb="pause"
    )


_RESUMES = (
    rf"^(?:resume|un-?\s?pause|continue|reactivate|re-?enable|enable|activate|unfreeze|restart|wake(?:\s+up)?|unsuspend"
    rf"|turn\s+on|switch\s+on|bring\s+back)\s+{NAME}(?:\s+again|\s+back\s+on)*{_END}",
    rf"^(?:turn|switch|bring)\s+{NAME}\s+(?:back\s+)?on(?:\s+again)?{_END}|^bring\s+(?P<w2>.+?)\s+back(?:\s+up|\s+online)?{_END}",
    rf"^{NAME}\s+(?:can|may|should|could|is\s+allowed\s+to)\s+(?:now\s+)?(?:start|run|go|continue|resume"
    rf"|be\s+(?:resumed|started|reactivated|enabled|unpaused|turned\s+(?:back\s+)?on|active))(?:\s+(?:again|on|now"
    rf"|back\s+on))*{_END}",
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


_DELETE = (
    r"(?:delete|remove|erase|drop|get\s+rid\s+of|trash|wipe(?:\s+out)?|eliminate|destroy|kill\s+off|throw\s+away|scrap"
    r"|bin|clear\s+out|nuke|purge)"
)


def read_delete(request: Request) -> Answer | None:
    text = request.text
    if re.search(
        rf"→|{CHANNEL}|\b(?:every\s+(?:day|week|month|\w+day)|whenever|each\s+time)\b|^\s*(?:when|if|on|once|what|would|why"
        rf"|how|did|who)\b",
        text,
        re.IGNORECASE,
    ) or re.search(
        r"\b(?:step|card|issue|file|task|ticket|message|channel|event|meeting|alert|label|page|folder)s?\b", text, re.IGNORECASE
    ):
        return None
    everything = re.search(rf"\b{_DELETE}\s+(?:all|every|everything|each)\b.*?(?:\b{FLOW}\b|$)", text, re.IGNORECASE)
    if everything is not None and re.search(
        rf"\b{FLOW}\b|\beverything\s*(?:now|you\s+have|we\s+have)?[\s.!]*$", everything[0], re.IGNORECASE
    ):
        return Answer(
            "delete_workflow",
            {},
            "I will not delete all of them at once. Which workflow should I delete?",
            "workflow",
            0.85,
            tuple((name, name) for name in request.source.workflows[:5]),
        )
    unused = re.search(
        rf"\b(?:use|need|want)\s+(?:the\s+|our\s+)?{NAME}\s+(?:any\s?(?:more|longer))\b.*\b(?:{_DELETE})\s+(?:it|that"
        rf"|this)\b",
        text,
        re.IGNORECASE,
    )
    gone = re.match(
        rf"^{NAME}\s+(?:can|should|must|may)\s+(?:be\s+)?(?:deleted|removed|go|erased|dropped|go\s+away){_END}", text, re.IGNORECASE
    )
    for body in dict.fromkeys((text, re.split(r"\s*[.;!]\s+|,\s+", text)[0])):
        match = (
            unused
            or gone
            or re.match(
                rf"^{_DELETE}\s+{NAME}(?:\s+(?:completely|permanently|forever|for\s+good|altogether|entirely))?{_END}", body, re.IGNORECASE
            )
        )
        if match is not None:
            if not unused and request.source.services(match["w"]) and not re.search(rf"\b{FLOW}\b|-", match["w"]):
                return None
            return needs_workflow(request, "delete_workflow", match["w"], verb="delete")
    return None


_CHANGE_VERB = (
    r"(?:add|also|change|move|remove|drop|replace|use|post|send|run|stop|make|set|tell|notify|rename|skip|include|put"
    r"|only|don't|do|switch|update|let|create|start|swap|ask|require|ping|email|retry|raise|lower|increase|instead|go"
    r"|fire|take|delete|insert|append)"
)
_EDITS = (
    rf"^(?:edit|change|modify|update|adjust|alter|amend|tweak|fix|rework|revise)\s+{NAME}\s*(?::|,|;|\s-\s|–|→"
rf"|\bso\s+that\b|\bto\b|\band\b|\bsuch\s+that\b|\bby\b)\s*(?P<c>.+)$",
    rf"^(?:in|for|on|to|with|at)\s+{NAME}\s*[,:]\s*(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for)\s+(?P<w>[\w]+(?:-[\w]+)+)\s+(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for|on)\s+(?:the\s+|our\s+|my\s+)?{FLOW}\s+{NAME}\s+(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?:in|for)\s+(?:the\s+|our\s+)?{NAME}\s+{FLOW}\s*,?\s*(?:please\s+)?(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?P<c>rename)\s+{NAME}\s+(?:to|into|as)\s+(?P<c2>.+)$",
    rf"^(?P<c>(?:add|insert|append|remove|drop|delete|include)\s+(?:an?|the|another|one"
rf"|one\s+more)?\s*(?:\w+\s+)?(?:step|approval|retry|retries|condition|notification|fallback|timeout|message"
rf"|post)s?\b.*?)\s+(?:to|from|in|into|of|for)\s+(?:the\s+|our\s+)?(?:{FLOW}\s+)?{NAME}(?P<c2>\s*(?:[:,]\s*|that\s+"
rf"|which\s+|to\s+|so\s+that\s+).+)?$",
    rf"^(?:the\s+|our\s+)?{NAME}\s+(?P<c>(?:go(?:es)?\s+out|run|runs|start|starts|fire|fires|post|posts|happen"
rf"|be\s+sent|be\s+posted|come|send|sends|use|tell|notify)\b.*\binstead\b.*)$",
    rf"^(?:the\s+|our\s+)?{NAME}\s+(?:should|must|needs?\s+to|has\s+to|shall|could|is\s+to)\s+(?:now\s+|also\s+"
rf"|rather\s+|no\s+longer\s+|not\s+)*(?P<c>(?:go|run|start|fire|post|happen|be|come|use|send|tell|notify|ask|wait"
rf"|retry|stop|include|only|create|email|ping|need)\b.+)$",
    rf"^(?:make|let|have)\s+{NAME}\s+(?P<c>(?:run|post|start|go|fire|send|use|tell|notify|ask|wait|retry|only|also"
rf"|happen|ping|email)\b.+)$",
    rf"^(?:move|reschedule|shift|postpone)\s+{NAME}\s+(?P<c>(?:to|from|by|until)\s+.+)$",
    rf"^(?!(?:an?|any|every|each|all|new|failed|failing|broken|closed|merged|opened|critical|open|urgent)\s){NAME}\s*:\s*(?P<c>{_CHANGE_VERB}\b.+)$",
    rf"^(?P<c>(?:stop|start|also|don't|do\s+not|no\s+longer|only|quit)\s+\w+(?:ing\b)?.*?)\s+(?:in|for|from"
rf"|with)\s+(?:the\s+|our\s+)?(?:{FLOW}\s+)?{NAME}$",
)  # fmt: skip
_POINTED_EDIT = re.compile(
    r"^(?P<c>(?:the\s+)?(?:approval|schedule|time|channel|step|steps|condition|trigger|message|retries|name|title|text"
    r"|board|fallback|first\s+step|last\s+step)\s+(?:on|of|in|for)\s+(?:it|that|this|that\s+one"
    r"|this\s+one)\s+(?:should|must|has\s+to|needs?\s+to|to)\b.+)$|^(?:change|edit|update|modify)\s+(?:it|that|this"
    r"|that\s+one)\s*(?:so\s+that|to|:|,|and)?\s*(?P<c2>.*)$|^(?P<c3>(?:also|instead)\s+(?:post|tell|send|notify"
    r"|ping)\b.+)$",
    re.IGNORECASE,
)


def read_edit(request: Request) -> Answer | None:
    text = request.text
    pointed = _POINTED_EDIT.match(text)
    if pointed is not None:
        change = request.source.plain(pointed["c"] or pointed["c2"] or pointed["c3"] or "")
        return which_workflow(request.source, "edit_workflow", {"change": change} if change else {}, "change")
    if re.match(
        rf"\s*(?:when(?:ever)?|if|every|each|once|on\s+\w+days?|remind|post|tell|create|give\s+me|build|set\s+up|(?:I"
        rf"|we)\s+(?:need|want|would)|need|(?:add|make|have)\s+(?:me\s+)?an?\s+(?:new\s+)?(?:button|command|{FLOW}|manual)"
        rf"|manual|name\s*:)\b",
        text,
        re.IGNORECASE,
    ):
        return None
    if "→" in text and request.service:
        return None  # "hubspot deal moved from Proposal to Won → #sales" changes nothing of ours
    inside = re.match(rf"^\s*(?:(?:could|can|would)\s+you\s+)?(?P<v>change|edit|update|adjust|modify|set|move)\s+(?:in|for|on)\s+(?:the\s+)?{FLOW}\s+(?P<w>{QUOTE}|[\w]+(?:-[\w]+)+)\s+(?P<c>.+?)[\s?!.]*$", text, re.IGNORECASE)
    if inside is not None:
        change = f"{inside['v']} {inside['c']}"
        return Answer("edit_workflow", {"workflow": workflow_name(request.source, inside["w"]), "change": _free(request, change)}, sure=0.95)
    body = re.sub(r"^\s*(?:could|can|would|should|will)\s+(?=the\b|our\b|my\b)", "", text, flags=re.IGNORECASE).rstrip("?! .")
    for index, pattern in enumerate(_EDITS):
        match = re.match(pattern, body, re.IGNORECASE)
        answer = _edited(request, match, index) if match else None
        if answer is not None:
            return answer
    return None


def _edited(request: Request, match: re.Match[str], index: int) -> Answer | None:
    said = match["w"]
    if re.match(r"(?:USD|EUR|GBP|CHF|JPY|INR)\b|[\d.,]+$", said.strip()):
        return None
    name = workflow_name(request.source, said)
    known = bool(known_name(name, request.source.workflows))
    shaped = (
        known
        or bool(re.fullmatch(r"[\w.]+(?:[-_][\w.]+)+", name))
        or bool(re.match(QUOTE, said.strip()))
        or bool(re.search(rf"\b{FLOW}\b", match[0][: match.end("w") + 12], re.IGNORECASE))
    )
    if (
        not name
        or (request.source.services(said) and not shaped)
        or re.search(r"^(?:I|you|we|it|they|who|what|there|that|someone|everyone|people|nobody|any|all|new)\b", name, re.IGNORECASE)
    ):
        return None
    if (
        index == 0
        and not shaped
        and not re.match(rf"\s*(?:{CAPITALS}$)", said)
        and re.match(r"\s*(?:to|and|by|so)\b", match.string[match.end("w") :], re.IGNORECASE)
    ):
        return None
    if index == 12 and not shaped:
        return None
    loose = index in (1, 7, 8, 9, 10, 11)
    if (
        loose
        and not shaped
        and (
            not re.match(rf"(?:the\s+|our\s+)?(?:{CAPITALS}|[a-z]+(?:\s[a-z]+){{0,2}})$", said.strip())
            or plausible(request.source, said, name) < 0.6
            or (index in (8, 9, 10, 11) and not re.match(rf"{CAPITALS}|(?:the|our|my)\s+[\w-]+(?:\s[\w-]+){{0,3}}$", said))
        )
    ):
        return None
    change = " ".join(part for part in (match["c"], match.groupdict().get("c2") or "") if part)
    return Answer(
        "edit_workflow", {"workflow": name, "change": _free(request, change)}, sure=0.95 if shaped else 0.9 if index in (7, 9) else 0.8
    )


def _free(request: Request, text: str) -> str:
    return request.source.utterance.plain(request.source.marked.plain(text), quoted=True).strip(" .,")
