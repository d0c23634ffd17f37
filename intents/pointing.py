"""What points at what was shown here: “the second one”, “ack 1 and 3”, “resolve it”, “who has it?”. Pure.

A sentence that points is read again with the name of what it points at in the place of the pointing words, so that whatever can be asked of a thing by its
name can be asked of “the second one”, too. What cannot be told apart is asked about, with a button for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.ports import Understood
from intents.dialogue import remember_command, still_open
from intents.grammar.request import Answer
from intents.grammar.source import Source

Read = Callable[[str], Understood]
MOST = 10  # rows that one sentence may mean
MOST_BUTTONS = 5

_PLACES = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_ORDINAL = rf"(?:{'|'.join(_PLACES)}|\d{{1,2}}(?:st|nd|rd|th)|(?:very\s+)?last|bottom|top(?:most)?)"
_NOUN = r"(?:ones?|alerts?|alarms?|incidents?|work\s?flows?|flows?|automations?|runs?|entry|entries|rows?|items?|lines?)"
_NOUNS = {"alert": r"alerts?|alarms?|incidents?", "workflow": r"work\s?flows?|flows?|automations?", "run": r"runs?"}
_NUMBER = rf"(?:(?:{_NOUN}\s+)?(?:number|no\.?|nr\.?|\#)\s*|{_NOUN}\s+)\d{{1,2}}"
_NEXT = r"\s*(?:,\s*(?:and\s+)?|\band\b|&|\+)\s*(?:then\s+)?(?:the\s+)?"
_SAID = re.compile(
    rf"(?:the\s+)?(?:{_ORDINAL}|{_NUMBER})(?:\s+{_NOUN})?(?:{_NEXT}(?:{_ORDINAL}|{_NUMBER}|\d{{1,2}})(?:\s+{_NOUN})?)*|\bboth(?:\s+of\s+(?:them|these|those)|\s+{_NOUN})?",
    re.IGNORECASE,
)
_COUNTED = re.compile(rf"(?:{_NOUN}\s+|numbers?\s+)?\d{{1,2}}(?:{_NEXT}\d{{1,2}})*", re.IGNORECASE)
_DEED = re.compile(
    r"(?:please\s+|now\s+|and\s+|ok\s+|also\s+|then\s+|i\s+take\s+|i'?ll\s+take\s+)*(?:(?:un-?)?ack(?:nowledge)?|resolve|close|snooze|mute|silence|wake|unsnooze|escalate|re-?open|show(?:\s+me)?|open|see"
    r"|view|display|run|start|pause|resume|stop|delete|remove|explain|why|cancel|retry|edit|disable|enable|take)?\s*",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s*(?:%|(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|am|pm|o'?clock|times?|steps?|people|things?|half|quarter|business|working|thing"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|day|week|month|year|time|version|option|action|choice)\b|[:./]\d|of\s+(?:the|every|each|next|this|a|january|february"
    r"|march|april|may|june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)
_SHOWING = re.compile(
    r"\W*(?:(?:please|and|now|ok|can\s+you|could\s+you|let\s+me|show|open|see|view|display|give|explain|describe|look\s+at|details?|more|me|us|of|on|about|for|tell)\b\W*)*",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\W*(?:(?:but|and)\s+)?(?:why|what|who|how\s+(?:did|is|was)|is|has|since\s+when|tell\s+me)\b", re.IGNORECASE)
_SHOW = {"alert": "explain_alert", "workflow": "show_workflow", "run": "show_run"}
_LONGEST = 16  # words of a sentence that points

_IT = r"(?:it|this|that|(?:this|that|the)\s+(?:one|alert|alarm|incident|problem|outage|page))"
_PRONOUN = re.compile(rf"\b{_IT}\b", re.IGNORECASE)
_BARE_WHY = re.compile(r"\W*(?:but\s+|and\s+|so\s+)?(?:why(?:\s+(?:so|that|is\s+that|though))?|how\s+come|what\s+for)\W*", re.IGNORECASE)
_ABOUT_IT = re.compile(
    rf"\W*(?:(?:and|but|so|ok)\s+)*(?:who(?:'s|\s+is|\s+has|\s+have|'ve|\s+took|\s+owns|\s+got|\s+acked)?(?:\s+(?:on|got|handling|looking\s+(?:at|into)|working\s+on|taking|taken|dealing\s+with|acked|acknowledged))?\s+{_IT}(?:\s+now)?"
    rf"|(?:is|has|did)\s+(?:anyone|anybody|someone|somebody)\s+(?:already\s+)?(?:on|got|handling|looking\s+(?:at|into)|working\s+on|taken|taking|acked?|acknowledged?)\s+{_IT}(?:\s+(?:already|yet))?"
    rf"|(?:why|when)\s+(?:did|is|was|has)\s+{_IT}(?:\s+\w+){{0,3}}|since\s+when(?:\s+is\s+{_IT}(?:\s+\w+)?)?|how\s+long(?:\s+(?:has|is)\s+{_IT}(?:\s+\w+){{0,4}})?"
    rf"|what(?:'s|\s+is|\s+was|\s+happened|\s+caused|\s+triggered)(?:\s+(?:wrong|up|going\s+on|the\s+matter))?(?:\s+(?:with\s+)?{_IT})?|(?:explain|describe)\s+{_IT}"
    rf"|(?:(?:show|give|tell)\s+(?:me\s+|us\s+)?)?(?:more\s+)?details?(?:\s+(?:of|on|about)\s+{_IT})?|tell\s+me\s+more(?:\s+about\s+{_IT})?|(?:show|open)\s+(?:me\s+)?{_IT})\W*",
    re.IGNORECASE,
)
_UNSAID = re.compile(
    r"\W*(?:(?:ok|yes|yep|sorry|hm+|oh|and)\b\W*)*(?:(?:that's\s+|i'm\s+|i\s+am\s+)?on\s+it|mine|i(?:'ll|\s+will)?\s+take\s+(?:it|this|that|over)|i(?:'ve|\s+have)?\s+got\s+(?:it|this)|false\s+alarm|(?:it's\s+|is\s+|all\s+)?(?:fixed|resolved|solved)(?:\s+now)?"
    r"|re-?open|wake(?:\s+it)?(?:\s+up)?|un-?ack(?:nowledge)?|un-?snooze|escalate(?:\s+to\s+.+)?|(?:snooze|mute)\s+(?:for|until|till)\s+.+)\W*",
    re.IGNORECASE,
)
_AS_SAID = {"mine": "I'm on {}", "on it": "I'm on {}", "take": "I'm on {}", "got": "I'm on {}", "false alarm": "resolve {}", "fixed": "resolve {}", "resolved": "resolve {}", "solved": "resolve {}"}  # fmt: skip
_NOTED = re.compile(
    r"\W*(?:(?:please\s+)?(?:add|leave|write|make|put)\s+(?:a\s+|this\s+)?)?(?:note|comment)(?:\s+that)?\s*[:,–-]?\s+(?P<v>\S.+)",
    re.IGNORECASE,
)
_OVERHEARD = re.compile(
    r"\W*(?:please\s+)?(?:un-?)?(?:ack|acknowledge|resolve|snooze|mute|silence|escalate|re-?open|wake|explain|why|who|add|note|i'?m\s+on|on\s+it|mine|i'?ll\s+take)\b", re.IGNORECASE
)  # fmt: skip
THIS = "alr_this"  # stands for the alert while a sentence is read again


def pointed_at(subject: Mapping[str, Any], source: Source, fresh: Understood, read: Read) -> Understood | None:
    """``fresh``: how the words read alone; ``read`` reads others. None when they point at nothing. Total.

    Of ``subject``: ``lists`` [{of, rows: [[id, label, name], …]}] newest first, ``alerts`` [{id, label, severity, open}] spoken of, ``open_alerts`` the same of
    all open ones, ``last`` the kind of what was spoken of last, ``named`` the alert this person named after any other was shown.
    """
    text = source.utterance.plain(source.marked.plain(source.text)).strip()
    if not text or len(text.split()) > _LONGEST or "\n" in text:
        return None
    return _of_a_list(subject, text, fresh, read) or _of_an_alert(subject, text, source, fresh, read)


# --- rows --------------------------------------------------------------------------------------------------------------------


def _of_a_list(subject: Mapping[str, Any], text: str, fresh: Understood, read: Read) -> Understood | None:
    lists = [one for one in subject.get("lists") or () if one.get("rows")]
    found = _pointing(text)
    if found is None:
        return None
    pre, said, post = found
    if not lists:
        bare = not pre.strip() and not post.strip(" .!?") and fresh.command is None and not fresh.reply
        return _reply("I have shown no list here in the last ten minutes. Say the name of what you mean.") if bare else None
    kind = next((kind for kind, noun in _NOUNS.items() if re.search(rf"\b(?:{noun})\b", said, re.IGNORECASE)), "")
    shown = next((one for one in lists if one["of"] == kind), None) if kind else lists[0]
    if shown is None:
        return None
    rows, numbers = shown["rows"], _numbers(said, len(shown["rows"]))
    if kind == "run" and re.search(r"\blast\s+run\b", said, re.IGNORECASE):
        numbers = [1]  # runs are shown with the newest first, and that is the last run
    if not numbers or not all(0 < number <= len(rows) for number in numbers):
        amount = f"{len(rows)} {shown['of']}{'s' if len(rows) != 1 else ''}"
        return _reply(f"The list I showed here has {amount}. Say one of those, by its place or its name.")
    if len(numbers) > MOST:
        return _reply(f"That is {len(numbers)} at once; say up to {MOST} in one sentence. Nothing was done.")
    readings = [_row(shown["of"], rows[number - 1], pre, post, read) for number in numbers]
    whole = [
        replace(one, parts=((said.strip(), f"“{rows[number - 1][1]}”, row {number} of the list shown here"), *one.parts))
        for one, number in zip(readings, numbers, strict=True)
        if one is not None
    ]
    if not whole or len(whole) < len(readings):
        return None
    alone = fresh.command is not None and not fresh.question and fresh.confidence > 0.85 and not _DEED.fullmatch(pre)
    if alone and whole[0].command != fresh.command and not _ASKING.match(pre):
        return None  # a request of its own that happens to count something
    return _together(whole)


def _pointing(text: str) -> tuple[str, str, str] | None:
    """(what stands before, the pointing words, what stands after)."""
    deed = _DEED.match(text)
    counted = _COUNTED.match(text, deed.end()) if deed else None
    for found in (counted, *_SAID.finditer(text)):
        if found is None or re.match(r"[\w-]", text[found.end() : found.end() + 1]) or re.search(r"[\w#@-]$", text[: found.start()]):
            continue
        if not _NOT_AFTER.match(text, found.end()) and (found is not counted or deed is not None):
            return text[: found.start()], found[0], text[found.end() :]
    return None


def _numbers(said: str, count: int) -> list[int]:
    if re.match(r"both\b", said, re.IGNORECASE):
        return [1, 2] if count == 2 else []
    found = []
    for word in re.findall(rf"{_ORDINAL}|\d{{1,2}}", said, re.IGNORECASE):
        low = re.sub(r"^very\s+", "", word.lower())
        digits = re.match(r"\d+", low)
        number = int(digits[0]) if digits else count if low in ("last", "bottom") else 1 if low.startswith("top") else _PLACES.get(low, 0)
        found.append(number)
    return list(dict.fromkeys(found))


def _row(kind: str, row: Sequence[Any], pre: str, post: str, read: Read) -> Understood | None:
    """The sentence with the row in the place of the words that point at it."""
    id, name = str(row[0]), str(row[2] if len(row) > 2 else row[0])
    if not post.strip(" .!?") and _SHOWING.fullmatch(pre):
        return _sure(_SHOW[kind], {kind: id})
    for called in (f'"{name}"', name) if kind == "workflow" else (id,):
        again = read(f"{pre}{called}{post}")
        if again.command is not None and again.arguments.get(kind) in (id, name):
            return replace(again, arguments={**again.arguments, kind: id}, confidence=max(again.confidence, 0.93))
    return _sure(_SHOW[kind], {kind: id}) if _ASKING.match(pre) else None


def _together(readings: Sequence[Understood]) -> Understood:
    first = readings[0]
    if len(readings) == 1:
        return first
    if first.question:
        return replace(first, options=(), remember=None, question=f"{first.question} Say it in one sentence, with what it is for.")
    return replace(first, also=tuple((str(one.command), one.arguments) for one in readings[1:]))


# --- the alert ----------------------------------------------------------------------------------------------------------------


def _of_an_alert(subject: Mapping[str, Any], text: str, source: Source, fresh: Understood, read: Read) -> Understood | None:
    if not subject.get("direct", True) and not _OVERHEARD.match(text):
        return None
    meant = _alert_deed(subject, text, fresh, read)
    if meant is None:
        return None
    command, given = meant
    everything = bool(re.search(r"\b(?:all|every|each|everything)\b", text, re.IGNORECASE))
    here = _fitting(subject.get("alerts"), command, given)
    if command == "explain_alert" and here and here[0]["id"] == subject.get("named"):
        here = here[:1]  # what is only told changes nothing: the alert this person just named is meant, whatever else is new
    if len(here) == 1 and not everything:
        arguments = {key: value for key, value in given.items() if key != "severity"}
        return _complete(command, {**arguments, "alert": here[0]["id"]}, source)
    found = here or _fitting(subject.get("open_alerts"), command, given)
    if not found:
        return (
            _reply("No alert is open, so there is nothing to do. /alerts resolved shows the past ones.")
            if "open_alerts" in subject
            else None
        )
    question = f"Which alert do you mean? {'Of all alerts, one at a time.' if everything else ''}".strip()
    options = tuple((str(one["label"]), str(one["id"])) for one in found[:MOST_BUTTONS])
    asked = Answer(command, given, question, "alert", 0.9, options)
    return Understood(
        command=command, confidence=0.9, arguments=given, question=question, options=options, remember=remember_command(asked)
    )


def _alert_deed(subject: Mapping[str, Any], text: str, fresh: Understood, read: Read) -> tuple[str, dict[str, Any]] | None:
    """What is to be done with an alert that is not named."""
    last = subject.get("last") == "alert"
    if (fresh.remember or {}).get("slot") == "alert" and fresh.question:
        return str(fresh.command), dict(fresh.arguments)
    if last and (_BARE_WHY.fullmatch(text) or _ABOUT_IT.fullmatch(text)):
        return "explain_alert", {}
    if not last or (fresh.command is not None and not fresh.question and fresh.confidence >= 0.85):
        return None
    if noted := _NOTED.fullmatch(text):
        return "note_alert", {"note": noted["v"].strip(" .\"'“”")}
    for words in _again(text):
        again = read(words)
        if again.command is not None and again.command.endswith("_alert") and again.arguments.get("alert") == THIS:
            return again.command, {key: value for key, value in again.arguments.items() if key != "alert"}
    return None


def _again(text: str) -> list[str]:
    words = []
    if _UNSAID.fullmatch(text):
        words = [form.format(THIS) for key, form in _AS_SAID.items() if re.search(rf"\b{key}\b", text, re.IGNORECASE)][:1]
        words.append(re.sub(r"^(\W*[\w-]+)", rf"\1 {THIS}", text, count=1))
    if _PRONOUN.search(text):
        words.append(_PRONOUN.sub(THIS, text, count=1))
    return words


def _fitting(found: Any, command: str, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those with which this can be done: what is over can be reopened and explained only."""
    alerts = [one for one in found or () if not given.get("severity") or one.get("severity") == given["severity"]]
    if command in ("explain_alert", "note_alert"):
        return alerts
    return [one for one in alerts if bool(one.get("open")) != (command == "reopen_alert")]


def _complete(command: str, arguments: Mapping[str, Any], source: Source) -> Understood:
    answer = still_open(Answer(command, dict(arguments), sure=0.95), source)
    return Understood(
        command=command, confidence=answer.sure, arguments=dict(answer.arguments), question=answer.question or None, options=answer.options,
        remember=remember_command(answer) if answer.question else None, parts=(("", "the alert that was spoken of last here"),),
    )  # fmt: skip


def _sure(command: str, arguments: Mapping[str, Any]) -> Understood:
    return Understood(command=command, confidence=0.95, arguments=arguments)


def _reply(text: str) -> Understood:
    return Understood(command=None, confidence=0.95, arguments={}, reply=text)
