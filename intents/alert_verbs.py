"""The exact forms of what is done with one alert: ``/alerts snooze github 1h``, ``/alerts escalate 4711 to @ada``, ``/alerts note jira vendor knows``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from intents.grammar.request import Answer
from intents.grammar.source import Source
from intents.when import until

MakeSource = Callable[[str], Source]
Read = Callable[[str, MakeSource], Answer]

UNTIL = "Until when should it be quiet? For example “for 1 hour” or “until tomorrow 8:00”."
SPANS = (("30 minutes", "for 30 minutes"), ("1 hour", "for 1 hour"), ("4 hours", "for 4 hours"), ("Tomorrow 9:00", "until tomorrow 9:00"))
_ID = re.compile(r"#?(?:alr_\w+|[A-Za-z]{1,6}[-_]\d{1,8}|\d{2,9})(?=\s|$)")
_TO = re.compile(r"^(?:to|with|call(?:ing)?)?\s*(?P<who>(?:rota\s+)?\S+)(?:[\s,;:–-]+(?P<note>.+))?$", re.IGNORECASE | re.DOTALL)


def split_alert(words: str, make: MakeSource) -> tuple[dict[str, Any], str]:
    """({"alert": id} or {"service": id}, the rest as it was said); ({}, all of it) where neither is named."""
    text = words.strip()
    if found := _ID.match(text):
        return {"alert": found[0].lstrip("#")}, text[found.end() :].strip()
    lexicon = make("").lexicon
    tokens = text.split()
    found_by = {many: lexicon.service(" ".join(tokens[:many]).rstrip(":,")) for many in (1, 2, 3) if len(tokens) >= many}
    named = next((service for many, service in sorted(found_by.items(), reverse=True) if service), None)
    if named is None:
        return {}, text
    many = next(many for many, service in found_by.items() if service == named)  # as few words as name it
    return {"service": named}, text.split(None, many)[many] if len(tokens) > many else ""


def plain(command: str) -> Read:
    """Nothing but an alert, perhaps with a note."""

    def read(words: str, make: MakeSource) -> Answer:
        target, rest = split_alert(words, make)
        if rest and not target:
            return _unknown(command, rest)
        return Answer(command, {**target, **({"note": _unquoted(rest)} if rest else {})})

    return read


def snooze(words: str, make: MakeSource) -> Answer:
    target, rest = split_alert(words, make)
    if not rest:
        return Answer("snooze_alert", target, UNTIL, "until", 0.9, SPANS)
    source = make(rest)
    text = source.marked.plain(source.text)
    said = (
        text
        if re.match(r"(?:until|till|for|in)\b", text, re.IGNORECASE)
        else f"for {text}"
        if re.match(r"\d+(?:\.\d+)?\s*[a-z]", text, re.IGNORECASE) and not re.match(r"\d+\s*[ap]m\b", text, re.IGNORECASE)
        else f"until {text}"
    )
    moment = until(said, source.now, source.timezone)
    if moment is None or moment.problem:
        if not target:
            return _unknown("snooze_alert", rest)
        return Answer("snooze_alert", target, (moment.problem if moment else "") or UNTIL, "until", 0.9, SPANS)
    return Answer("snooze_alert", {**target, "until": moment.at.isoformat(timespec="seconds")})


def escalate(words: str, make: MakeSource) -> Answer:
    target, rest = split_alert(words, make)
    if not rest:
        return Answer("escalate_alert", target)
    source = make(rest)
    match = _TO.match(source.utterance.plain(source.marked.plain(source.text)))
    if match is None or (not target and not re.match(r"to\b|[@#<]", rest, re.IGNORECASE)):
        return _unknown("escalate_alert", rest)
    return Answer(
        "escalate_alert", {**target, "to": match["who"].rstrip(",;:"), **({"note": _unquoted(match["note"])} if match["note"] else {})}
    )


def note(words: str, make: MakeSource) -> Answer:
    target, rest = split_alert(words, make)
    text = _unquoted(re.sub(r"^(?:note\s*)?[:=]\s*", "", rest))
    if not text:
        return Answer("note_alert", target, "What should be written down about it?", "note", 0.9)
    return Answer("note_alert", {**target, "note": text})


def _unknown(command: str, said: str) -> Answer:
    verb = command.partition("_")[0]
    return Answer(
        command,
        {},
        f"I know no alert “{said[:40]}”. Which one should I {verb}? Name its service or the id that /alerts shows.",
        "alert",
        0.9,
    )


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'“”").strip()


VERBS: Mapping[str, Read] = {
    "snooze": snooze,
    "wake": plain("wake_alert"),
    "unsnooze": plain("wake_alert"),
    "escalate": escalate,
    "unack": plain("unacknowledge_alert"),
    "unacknowledge": plain("unacknowledge_alert"),
    "keep": plain("keep_alert"),
    "reopen": plain("reopen_alert"),
    "note": note,
}
