"""What only points at nothing that was named (“why is it slow?”, “bump that one up”): the command is kept, and which one is meant is asked. Pure."""

from __future__ import annotations

import re

from intents.grammar.request import Answer, Request
from intents.when import until

_POINTER = r"(?:it|that|this|them|these|those|(?:the|that|this|our|my)\s+(?:[a-z]+\s+)?(?:one|ones|thing|service|system|tool|provider)|the\s+(?:usual|same))"
_WORK = r"(?:it|that|this|(?:the|that|this|our|my)\s+(?:[a-z]+\s+)?(?:one|thing|workflow|flow|automation|job))"
_ALERT = r"(?:it|that|this|(?:the|that|this)\s+(?:[a-z]+\s+)?(?:one|thing|alert|alarm|incident))"
_BAD = (
    r"(?:slow|down|failing|broken|unavailable|erroring|red|degraded|unhealthy|flaky|timing\s+out|offline|crashing|unreachable|laggy"
    r"|so\s+(?:slow|flaky|unreliable))"
)
_END = r"(?:\s+(?:please|now|again|today|tonight|right\s+now|then))*[\s.?!]*$"
_SERVICE = "Which service do you mean?"
_RUNS = "The runs of which workflow?"

# wording → (command, the open argument, what is asked)
_WORDINGS: tuple[tuple[str, str, str, str], ...] = (
    (rf"^(?:so\s+)?why(?:'s|\s+is|\s+was)\s+{_POINTER}\s+{_BAD}{_END}", "find_root_cause", "service", _SERVICE),
    (rf"^what(?:'s|\s+is)\s+wrong\s+with\s+{_POINTER}{_END}", "find_root_cause", "service", _SERVICE),
    (rf"^what\s+(?:breaks|stops|fails|is\s+affected|happens|suffers|would\s+(?:break|happen|fail))\s+(?:if|when)\s+{_POINTER}\s+.*\b(?:down|offline|fails?|breaks?|goes|stops?|out){_END}",
     "show_impact", "service", _SERVICE),
    (rf"^(?:what|which\s+\w+)\s+(?:depends?|rel(?:y|ies))\s+on\s+{_POINTER}{_END}", "show_impact", "service", _SERVICE),
    (rf"^what\s+does\s+{_POINTER}\s+(?:depend|rely)\s+on{_END}", "show_dependencies", "service", "Which service or workflow do you mean?"),
    (rf"^(?:bump|push|pass|hand|send|take|move|escalate|raise)\s+{_ALERT}\s+(?:up|further|higher|on|to\s+(?:the\s+)?(?:next\s+)?(?:level|tier|line)\b.*?){_END}",
     "escalate_alert", "alert", "Which alert should I escalate? Name its number or its service."),
    (rf"^(?:set|use|define|pick|choose|change|add)\s+(?:up\s+)?(?:a|the|another)\s+(?:fallback|stand-?in|backup)\s+for\s+{_POINTER}{_END}",
     "set_fallback", "service", "A stand-in for which service, and which one should it be?"),
    (rf"^(?:set|change|raise|lower|adjust|move)\s+(?:the|its|that|this|our)\s+threshold{_END}",
     "set_threshold", "service", "Of which service and metric, and to what? For example “GitHub response time critical at 2 s”."),
    (rf"^(?:(?:show\s+(?:me\s+)?)?(?:the\s+)?(?:run\s+)?history\s+of|past\s+runs\s+of)\s+{_WORK}{_END}", "run_history", "workflow", _RUNS),
    (rf"^how\s+(?:often|many\s+times)\s+(?:did|has)\s+{_WORK}\s+(?:fail|run|break|succeed)\w*\b.*$", "run_history", "workflow", _RUNS),
    (rf"^(?:will|would)\s+{_WORK}\s+(?:work|succeed|fail|go\s+through|finish)\b.*$", "predict_run", "workflow", "Which workflow do you mean?"),
    (rf"^(?:edit|change|modify|update|adjust|rework)\s+{_WORK}{_END}", "edit_workflow", "workflow", "Which workflow should I change, and how?"),
)  # fmt: skip
_COMPILED = tuple((re.compile(wording, re.IGNORECASE), command, slot, question) for wording, command, slot, question in _WORDINGS)


def read_pointing(request: Request) -> Answer | None:
    """The command that asks about, or acts on, what was only pointed at; None when anything is named."""
    if request.services or len(request.text) > 120:
        return None
    for wording, command, slot, question in _COMPILED:
        if wording.match(request.text):
            return Answer(command, _known(command, request), question, slot, 0.88)
    return None


def _known(command: str, request: Request) -> dict[str, str]:
    """What was said beside the target: the span of a history, the time of a forecast."""
    known: dict[str, str] = {}
    if command == "run_history":
        known = {"window": request.window, "outcome": "failed" if request.search(r"\bfail|\bbr[eo]ak") else ""}
    elif command == "predict_run":
        moment = until(request.text, request.source.now, request.source.timezone)
        known = {"at": moment.at.isoformat(timespec="seconds") if moment is not None and not moment.problem else ""}
    return {name: value for name, value in known.items() if value}
