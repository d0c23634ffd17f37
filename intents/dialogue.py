"""What we asked back, and how the next words answer it: "asana", "#ops", "the second one", "at 9", "yes", "cancel"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.workflow.definition import Json
from intents.grammar.request import Answer, known_name, which_workflow
from intents.grammar.source import CHANNEL, EMAIL, PERSON, Source
from intents.restrictions import wants_none, with_condition
from intents.unused import without_words
from intents.when import number, read_schedule, until

_CANCEL = re.compile(
    r"^\s*(?:cancel|never\s?mind|nvm|forget\s+(?:it|that)|stop|no(?:\s+thanks)?|nothing|abort|drop\s+it|leave\s+it"
    r"|quit|none(?:\s+of\s+(?:them|these))?)\s*[.!]*\s*$",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\s*(?:yes|yep|yeah|yup|ok(?:ay)?|sure|exactly|correct|right|that\s+one|please\s+do|do\s+it"
    r"|y)(?:\s+please)?\s*[.!]*\s*$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"^\s*(?:the\s+)?(?:(?P<n>\d{1,2})(?:st|nd|rd|th)?|(?P<w>first|second|third|fourth|fifth|last))(?:\s+(?:one|option"
    r"|choice))?\s*[.!]*\s*$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"^\s*(?:(?:post|put|send|write)\s+(?:it\s+)?)?(?:in|to|into|on|at|here\s+in)?\s*(?P<p>{CHANNEL}|{PERSON}|{EMAIL}"
    rf"|me|here)\s*(?:please)?\s*[.!]*\s*$",
    re.IGNORECASE,
)
_ALERT = re.compile(r"^\s*(?:alert\s+|number\s+|the\s+)?(?P<id>[A-Z]{1,6}[-_]\d{1,8}|alr_\w+|#?\d{2,9})\s*[.!]*\s*$", re.IGNORECASE)
_FILLER = re.compile(r"^\s*(?:in|on|for|use|with|it's|its|the|to|from|please|of|at|i\s+mean|i\s+meant)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The question is withdrawn."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Read ``text`` again with ``answers`` by slot."""

    text: str
    answers: Mapping[str, str]


Reply = Dropped | Resumed | Answer | None


def remember_text(text: str, answers: Mapping[str, str], slot: str, options: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """What to keep while a workflow's question is open."""
    return {"text": text, "answers": dict(answers), "slot": slot, "options": [words for _, words in options]}


def remember_command(answer: Answer) -> dict[str, Json]:
    arguments: dict[str, Json] = dict(answer.arguments)
    return {"command": answer.command, "arguments": arguments, "slot": answer.slot, "options": [words for _, words in answer.options]}


def hear_answer(pending: Mapping[str, Any], source: Source, *, fresh: bool) -> Reply:
    """What the words mean as an answer to ``pending``; None when they are none. ``fresh``: they are a whole request of their own."""
    slot = str(pending.get("slot", ""))
    text = source.utterance.plain(source.marked.plain(source.text)).strip()
    if not slot:
        return None
    if _CANCEL.match(text):
        return Dropped()
    words = chosen(text, pending.get("options"))
    if words is None and fresh and not _exactly(slot, source, text):
        return None
    if slot == "either":
        return _which(pending, words)
    if isinstance(pending.get("text"), str):
        return _for_text(pending, slot, source, words or text, sure=words is not None)
    return _for_command(pending, slot, source, words or text, sure=words is not None)


def chosen(text: str, options: Any) -> str | None:
    """The option meant by "2", "the second one", "last", "yes" (when there is one) or its own words."""
    listed = [str(option) for option in options] if isinstance(options, list) else []
    for option in listed:
        if option.casefold() == text.casefold().strip(" .!"):
            return option
    match = _ORDINAL.match(text)
    if match is not None and listed:
        word = (match["w"] or "").lower()
        index = (
            len(listed)
            if word == "last"
            else {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}.get(word) or int(match["n"] or 0)
        )
        return listed[index - 1] if 0 < index <= len(listed) else None
    return listed[0] if _YES.match(text) and len(listed) == 1 else None


def _exactly(slot: str, source: Source, text: str) -> bool:
    """Nothing but the thing asked for."""
    if slot.startswith("unused:"):
        words = slot.partition(":")[2].casefold()
        return words in text.casefold() or bool({word for word in words.split() if len(word) > 4} & set(text.casefold().split()))
    kind = slot.rpartition(":")[2]
    if kind == "channel":
        return bool(_PLACE.match(text))
    if kind in ("service", "trigger") or slot.startswith("instead:"):
        return source.lexicon.service(_FILLER.sub("", text)) is not None and len(text.split()) <= 3
    if kind == "alert":
        return bool(_ALERT.match(text))
    return kind == "workflow" and bool(known_name(text, source.workflows))


# --- a workflow ---------------------------------------------------------------------------------------------------------------------------


def _for_text(pending: Mapping[str, Any], slot: str, source: Source, words: str, *, sure: bool) -> Reply:
    answers = {str(key): str(value) for key, value in dict(pending.get("answers") or {}).items()}
    if slot.startswith("instead:"):
        service = source.lexicon.service(_FILLER.sub("", words.strip().rstrip(".!")))
        said = re.escape(slot.partition(":")[2])
        return Resumed(re.sub(said, source.lexicon.names[service], str(pending["text"]), flags=re.IGNORECASE), answers) if service else None
    if slot.startswith("unused:"):
        text = str(pending["text"])
        return Resumed(without_words(text, slot.partition(":")[2]) if wants_none(words) else f"{text.rstrip(' .!')}. {words}", answers)
    if slot == "condition":
        return Resumed(with_condition(str(pending["text"]), words), answers) if len(words.split()) <= 40 else None
    value = words if sure else _fits(slot, source, words)
    if not value:
        return None
    if slot in ("start", "all"):
        joined = f"{value}, {pending['text']}" if slot == "start" else f"{pending['text']}. {value}"
        return Resumed(joined, answers)
    return Resumed(str(pending["text"]), {**answers, slot: value})


def _fits(slot: str, source: Source, words: str) -> str:
    """The value that ``words`` give to ``slot``; "" when they do not fit."""
    kind = slot.rpartition(":")[2]
    plain = _FILLER.sub("", words.strip().rstrip(".!"))
    if kind == "service":
        return source.lexicon.service(plain) or ""
    if kind == "channel":
        match = _PLACE.match(words)
        return {"me": "@me", "here": "#here"}.get(match["p"].lower(), match["p"]) if match else ""
    if kind == "schedule":
        return words if read_schedule(words, source.now, source.timezone) is not None else ""
    if kind == "role":
        return plain.strip("'\"") if len(plain.split()) <= 4 else ""
    return plain if len(plain.split()) <= 40 else ""


# --- a command -----------------------------------------------------------------------------------------------------------------------------


def _for_command(pending: Mapping[str, Any], slot: str, source: Source, words: str, *, sure: bool) -> Reply:
    command = str(pending.get("command", ""))
    arguments: dict[str, Any] = dict(pending.get("arguments") or {})
    if slot == "confirm":
        return Answer(command, arguments, sure=0.95) if _YES.match(words) else None
    found = _value(slot, source, words, sure=sure)
    if not command or not found:
        return None
    return still_open(Answer(command, {**arguments, **found}, sure=0.93), source)


def _which(pending: Mapping[str, Any], words: str | None) -> Reply:
    """One of several whole readings, by its place among the options."""
    options, readings = pending.get("options"), pending.get("readings")
    if words is None or not isinstance(options, list) or not isinstance(readings, list) or words not in options[: len(readings)]:
        return None
    meant = readings[options.index(words)]
    return Answer(str(meant["command"]), dict(meant["arguments"]), sure=0.95)


def _value(slot: str, source: Source, words: str, *, sure: bool) -> dict[str, Any]:
    plain = _FILLER.sub("", words.strip().rstrip(".!?"))
    if slot == "workflow":
        name = known_name(plain, source.workflows) or (
            plain if sure or (len(plain.split()) <= 5 and not re.search(r"[?→#]", plain)) else ""
        )
        return {"workflow": name} if name else {}
    if slot == "alert":
        ident = _ALERT.match(words)
        service = source.lexicon.service(plain)
        return {"alert": ident["id"].lstrip("#")} if ident else {"service": service} if service else {}
    if slot == "service":
        service = source.lexicon.service(plain)
        return {"service": service} if service else {}
    if slot == "until":
        moment = until(
            words
            if re.match(r"\s*(?:until|till|for|in)\b", words, re.IGNORECASE)
            else f"for {words}"
            if re.match(r"\s*\d+\s*[a-z]", words)
            else f"until {words}",
            source.now,
            source.timezone,
        )
        return {"until": moment.at.isoformat(timespec="seconds")} if moment is not None and not moment.problem else {}
    if slot == "severity":
        match = re.search(r"\b(critical|warning|info|high|medium|low)\b", words, re.IGNORECASE)
        return {"severity": match[1].lower()} if match else {}
    if slot == "value":
        match = re.search(r"(\d+(?:\.\d+)?)\s*(ms|%|percent|s)?", words, re.IGNORECASE)
        scale = {"ms": 0.001, "%": 0.01, "percent": 0.01}.get((match[2] or "").lower(), 1) if match else 1
        return {"value": round((number(match[1]) or 0) * scale, 9)} if match else {}
    if slot == "user":
        match = re.search(PERSON, words)
        return {"user": match[0]} if match else {}
    if slot in ("note", "members", "levels"):
        return {slot: words.strip()} if words.strip() else {}
    return {slot: plain} if slot in ("text", "topic", "rota") and plain else {}


def still_open(answer: Answer, source: Source) -> Answer:
    """The next question of a command that got one answer, if anything is still missing."""
    given = answer.arguments
    if answer.command == "snooze_alert" and "until" not in given:
        return Answer(answer.command, given, "Until when should it be quiet? For example “for 1 hour”.", "until", 0.9)
    if answer.command == "set_maintenance" and "until" not in given:
        return Answer(answer.command, given, "Until when? For example “for 2 hours” or “until 23:30”.", "until", 0.9)
    if answer.command == "set_threshold" and "severity" not in given:
        return Answer(
            answer.command,
            given,
            "For which severity: warning or critical?",
            "severity",
            0.9,
            (("Warning", "warning"), ("Critical", "critical")),
        )
    if answer.command in ("pause_workflow", "edit_workflow") and "workflow" not in given:
        return which_workflow(source, answer.command, given, answer.command.partition("_")[0])
    return answer
