"""A command by weight of evidence: its deed, what it is done to, its typed target, less every word that nothing accounts for.

The readers before this one know whole wordings. This one knows none: it adds up what stands in the sentence, in any order, so that an unheard
wording of a known deed is understood, and small talk, whose words account for nothing, is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from intents import phrases
from intents.grammar.alerts import APPENDED, state_in
from intents.grammar.families import BAD, FAMILIES, Family
from intents.grammar.request import FLOW, Answer, Request, which_workflow
from intents.grammar.slots import ALERT, RUNS, Slots, find_slots, metric_said, unexplained
from intents.grammar.source import CHANNEL, QUOTE, SERVICE
from intents.when import read_schedule

ENOUGH = 1.75  # below this nothing is claimed
LONGEST = 24  # words: what is longer describes something
_WHOLE = 2.0  # deed and object said, and nothing else
_SPAN = 40  # characters that a deed may account for as a whole
_TYPED = 0.9  # a target that has a type: a service, an alert's or run's id, a name that is shaped like one
_STRANGE = 0.55  # what each unexplained word costs
_AUTOMATION = re.compile(
    rf"→|\b(?:whenever|each\s+time|every\s+time|as\s+soon\s+as|every\s+(?:\d+\s+)?(?:day|week|month|hour|minute|morning|evening|night|weekday|\w+day|other)s?|daily|weekly|hourly|monthly)\b|{CHANNEL}",
    re.IGNORECASE,
)
_BEGINS_WITH_WHEN = re.compile(r"\s*(?:when|if|every|each)\b", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:when|if|once\s+(?:a|the|an))\b", re.IGNORECASE)
_MAY_SPEAK_OF_WHEN = (
    "show_impact",
    "edit_workflow",
    "predict_run",
    "find_root_cause",
    "explain_alert",
    "run_history",
    "on_call",
)
_MAY_RECUR = ("edit_workflow", "show_schedule", "list_workflows", "help")
_ALERTS = frozenset({"acknowledge_alert", "resolve_alert", "escalate_alert", "explain_alert", "snooze_alert"})
_NOTE = re.compile(
    rf"(?:[,;.(]|\s[–—-]+|\s)\s*\b(?:(?:with|and|add(?:ing)?|leave)\s+)*(?:the\s+|a\s+|my\s+)?(?:note|comment|reason|message)\b\s*(?:that\s+|saying\s+)?[:=,–-]?\s*(?P<a>{QUOTE}|.+)$"
    rf"|\s+(?:because|saying|since|cos)\s+(?P<b>{QUOTE}|.+)$|\s*(?:\s[–—-]+\s|:\s|\s\()\s*(?P<c>{QUOTE}|[^()]+?)\)?$",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weighed:
    """One family's case. ``left``: how many words it does not account for; ``target``: how well what is named fits."""

    family: Family
    score: float
    deed: re.Match[str]
    slots: Slots
    target: float = 0.0
    left: int = 0


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What every family looks at, read once. ``order`` is without the note; ``nameless`` without the workflow's name, so that “Monthly
    Close” says nothing of every month."""

    slots: Slots
    order: Slots
    nameless: str


def _sentence(request: Request) -> _Sentence:
    slots = find_slots(request, request.text)
    head, note = _noted(request.text)
    nameless = request.text if slots.name is None else request.text.replace(slots.name.said, " it ")
    return _Sentence(slots, find_slots(request, head) if note else slots, nameless)


def read_evidence(request: Request) -> Answer | None:
    """The command with the strongest case, None when none has enough. A near tie of two is less sure."""
    if not request.text or len(request.text.split()) > LONGEST:
        return None
    cases = cases_of(request)
    if not cases or cases[0].score < ENOUGH:
        return None
    best = cases[0]
    close = len(cases) > 1 and cases[1].score > best.score - 0.15
    sure = min(0.93, 0.62 + 0.25 * (best.score - ENOUGH))
    if best.left == 0 and (best.target >= _TYPED or best.score >= _WHOLE):
        sure = max(sure, 0.84)
    return answered(best, request, round(sure - (0.12 if close else 0.0), 3))


def cases_of(request: Request) -> list[Weighed]:
    """Every family with a case, the strongest first."""
    sentence = _sentence(request)
    if _AUTOMATION.search(sentence.nameless) and (sentence.slots.name is None or _BEGINS_WITH_WHEN.match(request.text)):
        return []
    schedule = read_schedule(sentence.nameless, request.source.now, request.source.timezone)
    recurring = schedule is not None and bool(schedule.cron or schedule.rrule)
    families = [family for family in FAMILIES if not recurring or family.command in _MAY_RECUR]
    cases = [case for family in families if (case := weigh(family, request, sentence)) is not None]
    return sorted(cases, key=lambda case: -case.score)


def weigh(family: Family, request: Request, sentence: _Sentence) -> Weighed | None:
    """The case for one family; None where something rules it out."""
    slots = sentence.order if family.command in _ALERTS else sentence.slots
    head = slots.text
    if (family.never is not None and family.never.search(head)) or (family.needs is not None and not family.needs.search(head)):
        return None
    if family.command not in _MAY_SPEAK_OF_WHEN and (_WHEN.search(head) or _AUTOMATION.search(sentence.nameless)):
        return None
    spoken = head if slots.name is None else head[: slots.name.span[0]] + "◦" * len(slots.name.said) + head[slots.name.span[1] :]
    deeds = [(weight, match) for weight, pattern in family.deeds if (match := pattern.search(spoken)) is not None]  # a name does nothing
    if not deeds:
        return None
    weight, deed = max(deeds, key=lambda found: found[0])
    target = _target(family, slots, request)
    if target is None:
        return None
    told = family.objects.search(head) if family.objects is not None else None
    known = [*(match.span() for _, match in deeds), *_objects(family, head)]
    if slots.name is not None and "flow" in family.kinds:
        known.append(slots.name.span)
    left = 0 if family.command == "edit_workflow" else unexplained(_without(slots.rest, known), [])
    return Weighed(family, weight + target + (0.5 if told else 0.0) - _STRANGE * left, deed, slots, target, left)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """A deed that spans many words accounts for both its ends; what stands between speaks for itself."""
    for start, end in spans:
        for a, b in ((start, end),) if end - start <= _SPAN else ((start, start + _SPAN // 2), (end - _SPAN // 2, end)):
            a, b = _word_start(text, a), _word_end(text, b)
            text = text[:a] + " " * (b - a) + text[b:]
    return text


def _word_start(text: str, at: int) -> int:
    while at > 0 and text[at - 1].isalnum() and at < len(text) and text[at].isalnum():
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    while 0 < at < len(text) and text[at].isalnum() and text[at - 1].isalnum():
        at += 1
    return at


_QUALITIES = re.compile(
    r"\b(?:critical|crit|warnings?|warn|info|high|medium|low|severity|priority|open|active|paused|failed|failing|successful|running|acknowledged|resolved|snoozed|unresolved|current|stored|broken"
    r"|enabled|disabled|workflows?|flows?|automations?|alerts?|incidents?|runs?|executions?|last|past|next|previous|days?|weeks?|hours?|minutes?|month|months|quarter|week|night|end|day|number|id|note|comment)\b",
    re.IGNORECASE,
)
_KINDS_OF_SERVICE = re.compile(rf"\b(?:good|better|nice|decent|{BAD}|{'|'.join(phrases.CATEGORIES)})\b", re.IGNORECASE)


def _objects(family: Family, text: str) -> list[tuple[int, int]]:
    patterns = [_QUALITIES, *((family.objects,) if family.objects is not None else ())]
    if "category" in family.kinds:
        patterns += [_KINDS_OF_SERVICE, *(re.compile(purpose, re.IGNORECASE) for purpose, _ in _PURPOSES)]
    return [match.span() for pattern in patterns for match in pattern.finditer(text)]


# --- targets: how well what is named fits the deed; None rules the family out --------------------------------------------------------


def _target(family: Family, slots: Slots, request: Request) -> float | None:
    fits = [fit for kind in family.kinds if (fit := _FITS[kind](slots, request, family)) is not None]
    return max(fits, default=None)


def _alert_fit(slots: Slots, request: Request, family: Family) -> float | None:
    thing = re.search(rf"\b{ALERT}\b", slots.text, re.IGNORECASE)
    if slots.alert:
        return 1.0
    if slots.name is not None and slots.name.shape > 1.1 and not thing:
        return None
    if thing and slots.services:
        return 1.0
    if thing:
        return 0.6
    if slots.services and "service" in family.kinds:
        return 0.7 if len(slots.text.split()) <= 12 else 0.2
    return 0.5 if slots.pointed and len(slots.text.split()) <= 9 else 0.3 if len(slots.text.split()) <= 3 else None


def _service_fit(slots: Slots, request: Request, family: Family) -> float | None:
    if not slots.services:
        return 0.3 if family.command in ("set_maintenance",) else None
    if slots.name is not None and slots.name.shape >= 1.2:
        return None
    return 1.0 if family.command not in _ALERTS else None


def _flow_fit(slots: Slots, request: Request, family: Family) -> float | None:
    if family.command == "edit_workflow":
        return _edit_fit(slots)
    if slots.name is not None:
        return slots.name.shape
    if slots.services and not re.search(rf"\b{FLOW}\b", slots.text, re.IGNORECASE):
        return None
    if re.search(rf"\b{FLOW}\b|\b{RUNS}\b", slots.text, re.IGNORECASE):
        return 0.7
    return (
        0.45
        if slots.pointed and len(slots.text.split()) <= 8 and family.command not in ("run_workflow", "show_workflow", "edit_workflow")
        else None
    )


_MADE = re.compile(
    r"\b(?:new|create|build|button|command|manual\w*|on-?demand|one-?off|set\s+up|remind|upload|attach|assign|reply|card|ticket|issue)\b",
    re.IGNORECASE,
)


def _edit_fit(slots: Slots) -> float | None:
    """An edit names its workflow beyond doubt, or points at it in a few words; what may be made anew is no edit."""
    if slots.name is None:
        return (
            0.4
            if re.search(rf"\b(?:the|that|this|my|our)\s+{FLOW}\b", slots.text, re.IGNORECASE) and len(slots.text.split()) <= 6
            else None
        )
    before, behind = slots.text[: slots.name.span[0]], slots.text[slots.name.span[1] :]
    shaped = slots.name.shape >= 1.2 or bool(
        re.search(r"\b(?:to|from|of|in|for)\s+(?:the\s+|our\s+)?$", before, re.IGNORECASE)
        and bool(re.match(r"[\s.!?]*$|\s*[,:]|\s+(?:that|which|to|so|where|when)\b", behind))
    )
    return slots.name.shape - 0.2 if shaped and not _MADE.search(before + behind) else None


def _run_fit(slots: Slots, request: Request, family: Family) -> float | None:
    return 1.1 if slots.run else None


def _none_fit(slots: Slots, request: Request, family: Family) -> float | None:
    if slots.name is not None and slots.name.shape >= 1.0:
        return None
    if slots.services and "service" not in family.kinds:
        return None
    if family.command == "run_history" and not _OF_RUNS.search(slots.text):
        return None
    return 0.5


_OF_RUNS = re.compile(rf"\b(?:{RUNS}|history|failures|{FLOW}|ran|failed)\b", re.IGNORECASE)


def _category_fit(slots: Slots, request: Request, family: Family) -> float | None:
    return 0.9 if _category(request, slots) else None


_PURPOSES = (
    (r"\b(?:stor(?:e|ing)|keep(?:ing)?|put(?:ting)?|sav(?:e|ing)|shar(?:e|ing)|upload(?:ing)?|back(?:ing)?\s+up)\b.*\b(?:files?|documents?|docs|photos|pdfs?|images)\b", "file_storage"),
    (r"\b(?:track(?:ing)?|manag(?:e|ing)|plan(?:ning)?|organi[sz]\w+)\b.*\b(?:tasks?|issues?|tickets?|projects?|work|to-?dos?)\b", "project_management"),
    (r"\b(?:host(?:ing)?|keep(?:ing)?|push(?:ing)?)\b.*\b(?:code|repos?|repositor\w+)\b|\bgit\b", "development"),
    (r"\b(?:tak(?:e|ing)|charg(?:e|ing)|collect(?:ing)?|accept(?:ing)?|send(?:ing)?)\b.*\b(?:payments?|money|cards?|invoices?)\b", "financial"),
    (r"\b(?:chat(?:ting)?|messag(?:e|ing)|talk(?:ing)?\s+to|reach(?:ing)?)\b", "communication"),
    (r"\b(?:customers?|leads?|deals|sales|support)\b", "crm"),
)  # fmt: skip


def _category(request: Request, slots: Slots) -> str:
    """The kind of service that is named, or that its purpose tells; "" if neither."""
    plain = re.sub(SERVICE, " ", slots.text)
    named = request.source.lexicon.category(plain)
    return named or next((kind for purpose, kind in _PURPOSES if re.search(purpose, plain, re.IGNORECASE)), "")


_FITS: dict[str, Callable[[Slots, Request, Family], float | None]] = {
    "alert": _alert_fit,
    "service": _service_fit,
    "flow": _flow_fit,
    "run": _run_fit,
    "none": _none_fit,
    "category": _category_fit,
}


# --- from a case to a command --------------------------------------------------------------------------------------------------------


_AFTER_COMMA = re.compile(
    r"(?:(?<=\bdone)|(?<=\bfixed)|(?<=\bsorted)|(?<=\bresolved)|(?<=\bclosed)|(?<=\bsolved)|(?<=\bover)|(?<=\bclear)|(?<=\bgood)|(?<=\back)|(?<=\backed)|(?<=\bmine)|(?<=\bgone)|(?<=\bescalated)|(?<=\bescalate)),\s+"
    r"(?!.*\b(?:ack\w*|resolv\w+|escalat\w+|snooz\w+|clos(?:e|ed)|mute)\b)(?P<v>\S+\s+\S.*)$",
    re.IGNORECASE,
)


def _noted(text: str) -> tuple[str, str]:
    """(the order, its note)."""
    match = _NOTE.search(text)
    if match is None or match.start() < 3:
        behind = APPENDED.search(text) or _AFTER_COMMA.search(text)
        return (text[: behind.start()], behind["v"]) if behind is not None else (text, "")
    return text[: match.start()], match["a"] or match["b"] or match["c"] or ""


_ALL_NIGHT = re.compile(r"(?<!until )(?<!till )\btonight\W*$", re.IGNORECASE)  # a quiet night ends in the morning: at which hour is asked


def answered(case: Weighed, request: Request, sure: float) -> Answer | None:
    """The command of the case's family with what its slots hold."""
    command = case.family.command
    build = _BUILDERS.get(command)
    return build(case, request, sure) if build else Answer(command, {}, sure=sure)


def _flow(case: Weighed, request: Request, sure: float, **more: Any) -> Answer:
    command, said = case.family.command, {key: value for key, value in more.items() if value not in ("", None, {})}
    if case.slots.name is not None:
        return Answer(command, {"workflow": case.slots.name.name, **said}, sure=sure)
    return which_workflow(request.source, command, said, command.partition("_")[0])


def _iso(moment: Any) -> str:
    return moment.at.isoformat(timespec="seconds") if moment is not None and not moment.problem else ""


def _alert(case: Weighed, request: Request, sure: float) -> Answer:
    command, slots = case.family.command, case.slots
    _, note = _noted(request.text)
    target: dict[str, Any] = {}
    if slots.alert:
        target["alert"] = slots.alert
    else:
        target |= {"service": slots.services[0]} if slots.services else {}
        target |= {"severity": slots.severity} if slots.severity else {}
    if note and command != "explain_alert":
        target["note"] = request.source.plain(note).strip(" .'\"()")
    verb = command.partition("_")[0]
    question, slot = (
        ("", "") if "alert" in target or "service" in target else (f"Which alert should I {verb}? Name its number or its service.", "alert")
    )
    if command == "snooze_alert":
        ends = "" if _ALL_NIGHT.search(request.text) else _iso(slots.end)
        target |= {"until": ends} if ends else {}
        if "until" not in target and not question:
            question, slot = "Until when should it be quiet? For example “for 1 hour” or “until tomorrow 8:00”.", "until"
    return Answer(command, target, question, slot, max(sure, 0.85) if question else sure)


def _by_flow(case: Weighed, request: Request, sure: float) -> Answer:
    return _flow(case, request, sure)


def _pause(case: Weighed, request: Request, sure: float) -> Answer:
    return _flow(case, request, sure, until=_iso(case.slots.end))


def _predict(case: Weighed, request: Request, sure: float) -> Answer:
    moment = case.slots.moment
    return _flow(case, request, sure, at=_iso(moment) if moment is not None and moment.has_time else "")


def _by_run(case: Weighed, request: Request, sure: float) -> Answer:
    if case.slots.run and case.slots.name is None:
        return Answer(case.family.command, {"run": case.slots.run}, sure=sure)
    return _flow(case, request, sure)


def _windowed(case: Weighed, request: Request, sure: float) -> Answer:
    from intents.grammar.runs import outcome_in

    slots = case.slots
    said: dict[str, Any] = {"workflow": slots.name.name} if slots.name is not None else {}
    said |= {"window": slots.window} if slots.window else {}
    if case.family.command == "run_history":
        outcome = outcome_in(slots.text.replace(slots.name.said, " ") if slots.name else slots.text)
        said |= {"outcome": outcome} if outcome else {}
    return Answer(case.family.command, said, sure=sure)


def _edit(case: Weighed, request: Request, sure: float) -> Answer:
    source, name = request.source, case.slots.name
    if name is None:
        return _flow(case, request, sure)
    change = re.sub(
        rf"^(?:the\s+|our\s+)?(?:{FLOW}\s+)?{re.escape(name.said)}(?:\s+{FLOW})?\s*(?:should|must|needs?\s+to|has\s+to|shall)?\s*[:,]?\s*",
        "",
        request.text,
        flags=re.IGNORECASE,
    )
    change = re.sub(
        rf"\s*\b(?:to|from|in|of|for|into|on)\s+(?:the\s+|our\s+)?(?:{FLOW}\s+)?{re.escape(name.said)}(?:\s+{FLOW})?(?=\W|$)",
        "",
        change,
        count=1,
        flags=re.IGNORECASE,
    )
    return Answer(
        "edit_workflow",
        {"workflow": name.name, "change": source.utterance.plain(source.marked.plain(change), quoted=True).strip(" .,")},
        sure=min(sure, 0.86),
    )


def _service_or_flow(case: Weighed, request: Request, sure: float) -> Answer | None:
    slots = case.slots
    if slots.services and not (slots.name is not None and slots.name.shape > 1.1):
        return Answer(case.family.command, {"service": slots.services[0]}, sure=sure)
    return _flow(case, request, sure) if slots.name is not None else None


def _serviced(case: Weighed, request: Request, sure: float) -> Answer:
    slots = case.slots
    said: dict[str, Any] = {"service": slots.services[0]} if slots.services else {}
    said |= {"window": slots.window} if slots.window and case.family.command != "find_root_cause" else {}
    if case.family.command == "service_metrics":
        said["metric"] = metric_said(slots.text)
    return Answer(case.family.command, said, sure=sure)


def _listed_alerts(case: Weighed, request: Request, sure: float) -> Answer:
    slots = case.slots
    said: dict[str, Any] = {}
    said |= {"service": slots.services[0]} if slots.services else {}
    severity = slots.severity or ("critical" if re.search(r"\bcriticals\b", slots.text, re.IGNORECASE) else "")
    said |= {"severity": severity} if severity else {}
    state = state_in(slots.text)
    return Answer("list_alerts", said | ({"state": state} if state else {}), sure=sure)


def _listed_flows(case: Weighed, request: Request, sure: float) -> Answer:
    from intents.grammar.flows import state_of_flows

    slots = case.slots
    said: dict[str, Any] = {}
    said |= {"service": slots.services[0]} if slots.services else {}
    state = state_of_flows(slots.text)
    return Answer("list_workflows", said | ({"state": state} if state else {}), sure=sure)


def _maintenance(case: Weighed, request: Request, sure: float) -> Answer:
    slots = case.slots
    said: dict[str, Any] = {"service": slots.services[0]} if slots.services else {}
    said |= {"start": _iso(slots.start)} if _iso(slots.start) else {}
    said |= {"until": _iso(slots.end)} if _iso(slots.end) else {}
    if "service" not in said:
        return Answer("set_maintenance", said, "For which service?", "service", 0.85)
    if "until" not in said or (slots.start is not None and slots.start.problem):
        return Answer("set_maintenance", said, "From when until when? For example “tonight 22:00 to 23:30” or “for 2 hours”.", "until", 0.9)
    return Answer("set_maintenance", said, sure=sure)


def _threshold(case: Weighed, request: Request, sure: float) -> Answer | None:
    from intents.grammar.monitor import threshold_answer

    return threshold_answer(request, metric_said(case.slots.text))


def _recommended(case: Weighed, request: Request, sure: float) -> Answer:
    if case.slots.services:
        return Answer("recommend_service", {"service": case.slots.services[0]}, sure=sure)
    return Answer("recommend_service", {"category": _category(request, case.slots)}, sure=sure)


def _scheduled(case: Weighed, request: Request, sure: float) -> Answer:
    from intents.grammar.runs import span_ahead

    span = span_ahead(request)
    return Answer("show_schedule", {"window": span} if span else {}, sure=sure)


def _helped(case: Weighed, request: Request, sure: float) -> Answer:
    from intents.grammar.house import topic_of

    topic = case.slots.services[0] if case.slots.services else topic_of(case.slots.text[case.deed.end() :])
    return Answer("help", {"topic": topic} if topic else {}, sure=sure)


_BUILDERS: dict[str, Callable[[Weighed, Request, float], Answer | None]] = {
    **dict.fromkeys(_ALERTS, _alert),
    **dict.fromkeys(("run_workflow", "resume_workflow", "delete_workflow", "show_workflow", "optimize_workflow"), _by_flow),
    **dict.fromkeys(("retry_run", "cancel_run"), _by_run),
    **dict.fromkeys(("run_history", "workflow_analytics"), _windowed),
    **dict.fromkeys(("show_impact", "show_dependencies"), _service_or_flow),
    **dict.fromkeys(("health_report", "service_metrics", "find_root_cause"), _serviced),
    "pause_workflow": _pause,
    "predict_run": _predict,
    "edit_workflow": _edit,
    "list_alerts": _listed_alerts,
    "list_workflows": _listed_flows,
    "set_maintenance": _maintenance,
    "set_threshold": _threshold,
    "recommend_service": _recommended,
    "show_schedule": _scheduled,
    "help": _helped,
}
