"""Commands about alerts: list, acknowledge, resolve, escalate, explain, snooze, and what takes those back."""

from __future__ import annotations

import re
from typing import Any

from intents.grammar.request import Answer, Request
from intents.grammar.source import PERSON, QUOTE, SERVICE
from intents.when import DURATION, until

_ID = r"(?:(?:[A-Z]{1,6}[-_]\d{1,8})|alr_\w+|al_\w+|#?\d{2,9})\b(?!\s*(?:%|ms|s|min|minutes?|hours?|h|days?|am|pm|:|x)\b)(?![:.]\d)"
_SEVERITY = {
    "critical": "critical",
    "crit": "critical",
    "warning": "warning",
    "warn": "warning",
    "info": "info",
    "informational": "info",
    "high": "high",
    "medium": "medium",
    "low": "low",
}
_SEVERITIES = r"\b(critical|crit|warning|warn|info|informational|high|medium|low)(?:[\s-]+(?:severity|priority|prio))?s?\b"
_THING = r"(?:alerts?|alarms?|warnings?|incidents?|outages?|pages?|criticals?|problems?)"
_NOTE = re.compile(
    rf"[,;.(–-]?\s*\b(?:(?:with|and|add)\s+)*(?:the\s+|a\s+)?(?:note|comment|reason|message|saying"
    rf"|because)\b\s*(?:that\s+)?[:=,–-]?\s*(?P<v>{QUOTE}|.+)$",
    re.IGNORECASE,
)

APPENDED = re.compile(  # "resolve AL-7 - disk replaced", "ack 4410: on it", "close the Box alert, it recovered"
    rf"(?:(?<=\d)|(?<={SERVICE})|(?<=\balert)|(?<=\bincident)|(?<=\bwarning)|(?<=\bit)|(?<=\bthat)|(?<=\bone))(?:\s+[–—-]+\s+|:\s+|,\s+(?=(?:\S+\s+){{1,}}\S)|\s+\((?=.*\)$))"
    rf"(?!(?:please|pls|thanks|thank|but|and\s+then|until|till|for|mark|close|resolve|ack|snooze|mute|escalate|explain|it's\s+mine|can|could|consider|take|taking|on\s+it|I\s+am|I'm)\b)(?!.*\b(?:ack\w*|resolv\w+|escalat\w+|snooz\w+|clos(?:e|ed)|mute)\b)(?P<v>{{QUOTE}}|[^()]+?)\)?$".replace(
        "{{QUOTE}}", QUOTE
    ),
    re.IGNORECASE,
)

_NOT_WOKEN = (  # "do not wake me for GitHub until 8", "nobody needs to be woken for Box before 8", "no pages for Stripe until 9am"
    r"\b(?:don'?t|do\s+not|never|stop|quit|no\s+need\s+to|need\s+not|needn'?t|not\s+(?:need|have|want|wish|like)\s+to|n't\s+(?:need|have|want)\s+to|nobody|no\s+one|not\s+to)\b"
    r"(?:\s+(?!and\b|but\b)[\w']+){0,4}?\s+(?:w[ao]k(?:e|ing|en)|pag(?:e|ed|ing)|ping(?:ed|ging)?|bug(?:ged|ging)?|bother(?:ed|ing)?|r[iua]ng(?:ing)?|nag(?:ged|ging)?|beep(?:ed|ing)?|disturb(?:ed|ing)?)\b"
    r"|^\W*no\s+(?:more\s+)?(?:pages?|pings?|alerts?|alarms?|calls?|noise|notifications?)\b"
)
_VERBS = (
    ("snooze_alert", _NOT_WOKEN),
    ("wake_alert", r"\bun-?(?:snooze|mute|silence)d?\b|\bwake\b(?!\s+(?:up\s+)?(?:me|us|him|her|them|anyone|anybody|someone|somebody|everyone|everybody|people|the\s+(?:team|boss|whole))\b)|\b(?:end|stop|cancel)\b.*\bsnooz\w+"),
    ("unacknowledge_alert", r"\bun-?ack(?:nowledge)?\b|\b(?:take|give)\b.*\back\w*\s+back\b|\b(?:take|give)\s+back\b.*\back"
r"|\bI(?:'m|\s+am)\s+(?:not|no\s+longer)\s+(?:on|looking\s+(?:at|into)|working\s+on|handling)\b"),
    ("reopen_alert", r"\bre-?open(?:ed)?\b|\b(?:is\s+not|isn't|was\s+not|wasn't)\s+(?:really\s+)?(?:over|fixed|resolved)\b"),
    ("keep_alert", r"\bstill\s+(?:on|have|got|working\s+on|looking\s+(?:at|into)|handling|investigating)\b"),
    ("snooze_alert", r"\bsnoozed?\b|\bmuted?\b|\bsilenced?\b|\bhush\b|\bshut\s+up\b|\bquiet(?:en)?\b|\bsuppress\b|\bpostpone\b"),
    ("escalate_alert", r"\bescalated?\b|\bbump\b.*\b(?:up|level|higher|to)\b|\b(?:push|pass|hand|send)\b.*\b(?:up|to\s+the\s+next\s+level"
r"|to\s+(?:level|tier)\s+\w+)\b|\bnext\s+level\b|\bpage\s+(?:the\s+)?(?:next|manager|second)"),
    ("explain_alert", r"\bwhy\s+(?:did|is|was|has|does|do)\b.*\b(?:alert|fire|fired|firing|alerting|warning|page)|\bexplain\b"
r"|\bwhat\s+(?:is|'s|was|does|do)\b.*\b(?:about|mean|means|say|telling)\b|\bwhat's\s+(?:up|going\s+on"
r"|the\s+(?:story|deal))\s+with\b|\bwhat\s+caused\b|\bwhat\s+triggered\b|\bdetails?\s+(?:of|on|about|for)\b"
r"|\btell\s+me\s+(?:more\s+)?about\b|\bwhat\s+happened\s+with\b"),
    ("acknowledge_alert", r"\back(?:ed)?\b|\backnowledged?\b|\backnowledg\w+\b|\b(?:I'm|I\s+am|we're|we\s+are"
r"|i'll\s+be)\s+(?:looking\s+(?:at|into)|on|taking|handling|working\s+on|investigating|dealing\s+with)\b|\bI(?:'ve"
r"|\s+have)?\s+(?:got|take|took|seen|saw)\b|\bI'll\s+(?:take|handle|look)\b|\bgot\s+it\b|\bseen\b|\bon\s+it\b"
r"|\bmine\b|\btake\s+(?:over\s+)?the\b"),
    ("resolve_alert", r"\bresolved?\b|\bclosed?\b|\bfixed\b|\bsolved?\b|\bfalse\s+alarm\b|\bis\s+over\b|\bdone\s+with\b|\bclear(?:ed)?\b"
r"|\bend\b|\bsettled?\b"),
)  # fmt: skip


def read_alert(request: Request) -> Answer | None:
    """Any command about one alert."""
    text = request.text
    if _elsewhere(request):
        return None
    if (noted := _noted(request)) is not None:
        return noted
    note = _NOTE.search(text) or APPENDED.search(text)
    note = None if note and re.match(r"\W*(?:why|what|how\s+come|explain)\b", note["v"], re.IGNORECASE) else note  # a question is no note
    head = text[: note.start()] if note else text
    target = _target(request, head)
    command = next((name for name, verbs in _VERBS if re.search(verbs, head, re.IGNORECASE)), "")
    if not command or not _about_alert(head, target, command):
        return None
    if note is not None:
        target["note"] = request.source.plain(note["v"]).strip(" .'\"")
    elif command != "snooze_alert" and (bare := re.search(rf"(?P<v>{QUOTE})", head)):
        target["note"] = request.source.plain(bare["v"])
    if command == "snooze_alert":
        return _snooze(request, head, target)
    if command == "explain_alert":
        target.pop("note", None)
    if command == "escalate_alert" and (who := _CALLED.search(head)):
        target["to"] = request.source.plain(who["v"])
    return _asked(command, target, head)


_CALLED = re.compile(rf"\bto\s+(?P<v>{PERSON}|(?:the\s+)?rota\s+[\w.-]+)", re.IGNORECASE)
_ADDED = re.compile(
    rf"^(?:(?:add|leave|write|put|make|attach)\s+(?:down\s+)?)?(?:(?:a|this|the\s+following)\s+)?(?:note|comment)\s+(?:to|on|for|about|at)\s+"
    rf"(?P<head>[^:]*?(?:\b{_THING}\b|\balr_\w+)[^:]*?)\s*(?:[:,–-]|\bsaying\b|\bthat\b)\s*(?P<v>{QUOTE}|.+)$",
    re.IGNORECASE,
)  # fmt: skip


def _noted(request: Request) -> Answer | None:
    """ "add a note to the GitHub alert: the vendor knows"."""
    match = _ADDED.match(request.text)
    if match is None:
        return None
    target = {key: value for key, value in _target(request, match["head"]).items() if key != "severity"}
    return _asked("note_alert", {**target, "note": request.source.plain(match["v"]).strip(" .'\"")}, match["head"])


def _elsewhere(request: Request) -> bool:
    """Workflows about alerts, phones that ring and channels to post to are somebody else's business."""
    if request.conditional and not re.search(r"^\s*why\b|\bwhen\s+did\b", request.text, re.IGNORECASE):
        return True
    if re.search(rf"\b(?:wake|page|ping|call)\s+(?:up\s+)?{PERSON}", request.text, re.IGNORECASE):
        return True  # people are woken by a workflow
    return bool(
        request.search(
            r"(?<!\w)#[a-z]|\b(?:digest|threshold|fallback|create|sound|ringtone|phone|volume|workflow|maintenance|issue"
            r"|ticket|task|card|invoice|deal|pull\s+request|pr)\b"
        )
    )


def _target(request: Request, text: str) -> dict[str, Any]:
    target: dict[str, Any] = {}
    ident = re.search(rf"(?<![\w-]){_ID}", _without_times(text), re.IGNORECASE)
    if ident is not None:
        target["alert"] = ident[0].lstrip("#")
    services = request.source.services(text)
    if services and "alert" not in target:
        target["service"] = services[0]
    severity = re.search(_SEVERITIES, text, re.IGNORECASE)
    if severity is not None and "alert" not in target:
        target["severity"] = _SEVERITY[severity[1].lower()]
    return target


def _without_times(text: str) -> str:
    return re.sub(r"\b(?:for|until|till|til|by|at|in)\b.*$", " ", text, flags=re.IGNORECASE)


_BARE = ("acknowledge_alert", "escalate_alert", "snooze_alert", "resolve_alert", "wake_alert", "unacknowledge_alert")


def _about_alert(text: str, target: dict[str, Any], command: str) -> bool:
    short = len(text.split()) <= 14
    thing = bool(re.search(rf"\b{_THING}\b", text, re.IGNORECASE))
    if command in ("explain_alert",):
        ours = re.match(r"al[-_r]", str(target.get("alert", "")), re.IGNORECASE) is not None  # the shape of our own ids
        return ours or (thing and bool(target or re.search(r"\b(?:this|that|the|it|last)\b", text, re.IGNORECASE)))
    if "alert" in target:
        return short or thing
    if command == "acknowledge_alert" and not re.search(r"\back|\backnowledg", text, re.IGNORECASE):
        return "service" in target and (thing or bool(re.search(rf"{SERVICE}\s+one\b", text)))
    if command in ("keep_alert", "reopen_alert"):
        return thing and bool(target)
    if command == "resolve_alert" and not re.search(r"\bresolve", text, re.IGNORECASE):
        return thing and bool(target)
    return thing or (short and "service" in target and command in _BARE) or (
        bool(re.match(r"^\s*(?:ack|acknowledge|resolve|escalate|snooze|mute|silence)\b(?:\s+(?:it|that|this|them|all|everything"
r"|the\s+last\s+one))?\s*[.!]*$", text, re.IGNORECASE))
    )  # fmt: skip


def _asked(command: str, target: dict[str, Any], text: str) -> Answer:
    everything = re.search(rf"\b(?:all|every|each|any)\b(?:\s+\w+){{0,3}}?\s*{_THING}?", text, re.IGNORECASE)
    if "alert" in target or "service" in target:
        return Answer(command, target)
    verb = command.partition("_")[0]
    if everything and "severity" not in target:
        return Answer(
            command, target, f"That would {verb} every open alert. Which one do you mean? Name its number or its service.", "alert", 0.85
        )
    return Answer(command, target, f"Which alert should I {verb}? Name its number or its service.", "alert", 0.85)


def _snooze(request: Request, head: str, target: dict[str, Any]) -> Answer:
    timed = re.sub(
        SERVICE, " ", re.sub(rf"(?<![\w-]){re.escape(str(target.get('alert', '')))}\b", " ", head) if target.get("alert") else head
    )
    end = re.search(r"\b(?:until|till|til|before)\b.*$", timed, re.IGNORECASE) or re.search(r"\b(?:for|to|by|through)\b.*$|\b(?:tonight|tomorrow|today)\b.*$", timed, re.IGNORECASE)
    bare = re.search(rf"(?<![\w-]){DURATION}", timed, re.IGNORECASE) if end is None else None
    if end is not None and re.match(r"(?:for\s+)?tonight\W*$", end[0], re.IGNORECASE) and bare is None:
        end = None  # a quiet night ends in the morning: at which hour is asked
    said = re.sub(r"^before\b", "until", end[0], flags=re.IGNORECASE) if end else f"for {bare[0]}" if bare else ""
    moment = until(said, request.source.now, request.source.timezone) if said else None
    answer = _asked("snooze_alert", target, head)
    if moment is not None and not moment.problem:
        return Answer(
            "snooze_alert", {**target, "until": moment.at.isoformat(timespec="seconds")}, answer.question, answer.slot, answer.sure
        )
    question = (
        answer.question
        or (moment.problem if moment else "")
        or "Until when should it be quiet? For example “for 1 hour” or “until tomorrow 8:00”."
    )
    options = () if answer.question else (("1 hour", "for 1 hour"), ("4 hours", "for 4 hours"), ("Tomorrow 8:00", "until tomorrow 8:00"))
    return Answer("snooze_alert", target, question, answer.slot or "until", 0.9, options)


_STATES = (
    ("acknowledged", r"acknowledged|acked|ack'd|taken"),
    ("resolved", r"resolved|closed|solved|past|old"),
    ("snoozed", r"snoozed|muted|silenced"),
    ("open", r"open|unresolved|firing|active|current(?:ly)?|ongoing|unacknowledged|unacked"),
)


_SETTLED = re.compile(
    rf"^(?!\s*(?:what|which|is|are|any|show|list|how|do|have|all)\b).*\b{_THING}\b.*\b(?:is|are|was|were|has|have|looks?|seems?|went|got|can|should|all\s+(?:good|clear|fine)|done|sorted|fixed|over|mine)\b"
    rf"(?!.*\b(?:open|firing|active|acknowledged|unacknowledged|unresolved|snoozed)\b)",
    re.IGNORECASE,
)


def read_alert_list(request: Request) -> Answer | None:
    """ "open critical alerts?", "any alerts for Box", "what is firing right now"."""
    text = re.sub(
        r"\s+(?:that\s+)?(?:i|we)\s+(?:should|need\s+to|have\s+to|must|ought\s+to|shud)\s+.*$", "", request.text, flags=re.IGNORECASE
    )
    listing = request.match(
        rf"(?:(?:show|list|give|get|display|see|view|print|tell)\b(?:\s+(?:me|us))?\s+|(?:are|is)\s+there\s+"
        rf"|do\s+we\s+have\s+|have\s+we\s+(?:got\s+)?|what(?:'s|\s+is|\s+are)?\s+|which\s+|any\s+|how\s+many\s+|all\s+"
        rf"|the\s+|my\s+|our\s+|unresolved\s+|open\s+|{_SEVERITIES}\s+|current\s+|active\s+|acknowledged\s+|resolved\s+"
        rf"|{SERVICE}\s+)*"
    )
    firing = request.search(r"\bwhat(?:'s|\s+is)\s+(?:\w+\s+)?(?:firing|alerting|on\s+fire|burning|red)\b")
    thing = re.search(r"\b(?:alerts?|alarms?|warnings?|incidents?|criticals)\b", text, re.IGNORECASE)
    if re.search(r"\b(?:is\s+not|isn't)\s+(?:really\s+)?(?:over|fixed|resolved)\b", text, re.IGNORECASE):
        return None
    if re.match(r"\s*alert\s+(?:my|the|me|us|@|everyone|all|our|him|her)", text, re.IGNORECASE):
        return None
    if _elsewhere(request) or not (firing or (thing and listing and thing.start() <= listing.end() + 12)):
        return None
    if (
        not firing
        and not re.match(
            rf"\s*(?:show|list|give|get|display|see|view|print|tell|are|is|do|have|what|which|any|how\s+many|all|the|my|our"
            rf"|{SERVICE}|critical|crit|warning|info|high|medium|low|open|unresolved|current|active|firing|recent|latest"
            rf"|acknowledged|unacknowledged|resolved|snoozed|alerts?)\b",
            text + " ",
            re.IGNORECASE,
        )
        and not re.match(SERVICE, text)
    ):
        return None
    if len(text.split()) > 14 or re.search(r"\b(?:about|why|explain|can\s+be|mean)\b", text, re.IGNORECASE):
        return None
    if "alert" in _target(request, text) or (not firing and _SETTLED.search(text)):
        return None
    target = {key: value for key, value in _target(request, text).items() if key in ("service", "severity")}
    if thing and thing[0].lower().startswith("warning"):
        target["severity"] = "warning"
    state = state_in(text)
    return Answer("list_alerts", {**target, **({"state": state} if state else {})})


def state_in(text: str) -> str:
    """The state of alerts that is asked for; "" if none."""
    if re.search(
        r"\b(?:nobody|no\s+one|none|not|hasn't|haven't|isn't|aren't|without)\b.*\b(?:ack\w*|taken|seen|resolved|closed|fixed)",
        text,
        re.IGNORECASE,
    ):
        return "open"
    return next((name for name, words in _STATES if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), "")
