"""The last look before a reading goes out: what was forbidden is not done, and a name that only looks like another is asked about. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.ports import Said, Understood
from engine.workflow.definition import Json
from intents.grammar.request import POLITE
from intents.text import clean, read_utterance, spoken

LEFT_ALONE = "Then I leave it as it is; nothing was done."

# --- what was forbidden ------------------------------------------------------------------------------------------------------

_FAMILIES: Mapping[str, tuple[str, frozenset[str]]] = {
    "delete": (r"delet\w*|remov\w*|eras\w*|drop|wip\w+|purg\w*|scrap|trash|bin|destroy\w*|nuke|get(?:ting)?\s+rid\s+of", frozenset({"delete_workflow"})),
    "settle": (
        r"resolv\w*|clos\w+|fix|clear|dismiss\w*|acknowledg\w*|ack|escalat\w*|page|snooz\w*|silenc\w*|mut\w+",
        frozenset({"resolve_alert", "acknowledge_alert", "escalate_alert", "snooze_alert"}),
    ),
    "run": (
        r"(?:re)?run(?:ning)?|(?:re)?start\w*|trigger\w*|launch\w*|execut\w*|fire|kick\w*|retry\w*|repeat\w*|deploy\w*|ship|do",
        frozenset({"run_workflow", "retry_run", "resume_workflow"}),
    ),
    "stop": (r"stop\w*|paus\w+|suspend\w*|halt\w*|disabl\w+|cancel\w*|abort\w*|kill\w*|freez\w+", frozenset({"pause_workflow", "cancel_run"})),
    "resume": (r"resum\w+|continu\w+|unpaus\w+|enabl\w+|activat\w+", frozenset({"resume_workflow", "run_workflow", "retry_run"})),
    "order": (
        r"post|send|tell|notify|creat\w+|mak\w+|open|merge|refund|publish|upload|move|invite|assign|write|message|add|set|chang\w+|edit",
        frozenset({"create_workflow", "set_maintenance", "set_threshold", "set_fallback", "edit_workflow"}),
    ),
}  # fmt: skip
_NEGATED = (
    r"(?:(?:do\s+not|don'?t|never|not\s+to)(?:\s+you\s+dare|\s+ever|\s+please|\s+just|\s+yet)*(?:\s+to)?"
    r"|(?:I|we)\s+(?:do\s+not|don'?t|would\s+not|wouldn'?t|never)\s+(?:really\s+)?(?:want|wish|need|like)\s+(?:you\s+|anyone\s+|anybody\s+)?to"
    r"|(?:you|we|I|one)?\s*(?:should(?:\s+not|n'?t)|must(?:\s+not|n'?t)|may\s+not|shall\s+not|needn'?t|need\s+not|had\s+better\s+not|better\s+not)"
    r"|(?:nobody|no\s+one|none\s+of\s+you)\s+(?:should|must|may|shall)|(?:there\s+is\s+|there's\s+)?no\s+need\s+to|please\s+no)"
)
_CLAUSE = rf"(?:^|[.!?;:,–—]\s+|\bbut\s+|\band\s+|\bno\s+|\bwait\s+|\bstop\s+|\bso\s+|\bplease\s+)(?:(?:so|and|but|please|pls|plz|kindly|just|then|now|therefore|thus|hence|for\s+now|for\s+(?:god's|heaven's|goodness)\s+sake)\b,?\s+)*{_NEGATED}\s+"
_FORBIDS = {
    name: re.compile(rf"{_CLAUSE}(?:{verbs})\b(?!\s+(?:nothing|something\s+else)\b)", re.IGNORECASE)
    for name, (verbs, _) in _FAMILIES.items()
}
_AT_ONCE = frozenset({"delete", "settle", "run", "stop", "resume"})


def forbidden(text: str, command: str, arguments: Mapping[str, Any]) -> bool:
    """Whether ``text`` says that just this must not be done: “please don't delete nightly”, “never run it”."""
    plain = re.sub(r"\s+", " ", text).strip().replace("’", "'")
    return any(_forbids(said, command, arguments) for said in dict.fromkeys((plain, POLITE.sub("", plain, count=1))))


def _forbids(said: str, command: str, arguments: Mapping[str, Any]) -> bool:
    for name, (_, commands) in _FAMILIES.items():
        if command not in commands:
            continue
        found = _FORBIDS[name].search(said)
        if found is None or (command == "snooze_alert" and not re.search(r"snooz|silenc|mut", found[0], re.IGNORECASE)):
            continue  # not to be paged is what a snooze is
        if name in _AT_ONCE:
            return True
        return found.start() == 0 and _at_once(command, arguments)
    return False


def _at_once(command: str, arguments: Mapping[str, Any]) -> bool:
    """An order, not a rule for later: “when X, do not tell #ops” describes something."""
    if command == "edit_workflow":
        return False  # “don't tell #sales any more” is a change
    made = arguments.get("workflow")
    trigger = made.get("trigger") if isinstance(made, Mapping) else None
    return command != "create_workflow" or (isinstance(trigger, Mapping) and trigger.get("type") == "manual")


def left_alone(understood: Understood) -> Understood:
    """Nothing is done, and it is said."""
    return Understood(command=None, confidence=0.95, arguments={}, reply=LEFT_ALONE, places=understood.places)


# --- what only looks like a name ---------------------------------------------------------------------------------------------

_TWINS = dict(
    zip("асеоруіјѕԁһԛԝхӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιυρκηωАВСЕНІЈКМОРЅТХ", "aceopyijsdhqwxlABEZHIKMNOPTYXoaviupknwABCEHIJKMOPSTX", strict=True)
)
_NAMES = re.compile(r"(?<![\w&/])[#@][\w.-]+")


def looks_like(name: str) -> str:
    """The plain name that ``name`` can be taken for; "" where it is what it seems. “#оps” with a Cyrillic о → “#ops”."""
    plain = "".join(_TWINS.get(letter, letter) for letter in name)
    if plain == name:
        return ""
    for part in re.split(r"[._\W-]+", name):
        scripts = {_script(letter) for letter in part if letter.isalpha()}
        if len(scripts) > 1 and "Latin" in scripts:
            return plain
    return ""


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0]
    return "Latin" if first == "LATIN" else first


def _foreign_name(text: str) -> tuple[str, str]:
    """(a name of a channel or person that passes for another, what it passes for), both "" where there is none."""
    outside = spoken(text)
    for match in _NAMES.finditer(outside):
        name = match[0].rstrip(".-")
        plain = looks_like(name)
        if not plain:
            alike = "".join(_TWINS.get(letter, letter) for letter in name)
            others = outside.replace(name, "")
            whole = (
                alike != name
                and alike.isascii()
                and not any(_script(letter) in ("CYRILLIC", "GREEK") for letter in others if letter.isalpha())
            )
            plain = alike if whole else ""
        if plain:
            return name, plain
    return "", ""


# --- ends that cannot be -------------------------------------------------------------------------------------------------------

_ENDING = frozenset({"pause_workflow", "snooze_alert", "set_maintenance"})
_AN_END = re.compile(
    r"\b(?:until|till|til)\s+(?!further|now\b|i\b|we\b|it\b|you\b|the\b|a\b)\S+\s*\S*\d|\b(?:until|till|til|for)\s+-?\d", re.IGNORECASE
)
_BACKWARDS = re.compile(r"\b(?:for|in|by)\s+(?:-|minus\s)\s*\d", re.IGNORECASE)
UNTIL = "Until when should that last? It must be a time to come, for example “until tomorrow 9:00” or “for 2 hours”."


def _endless(understood: Understood, text: str, now: datetime) -> bool:
    """Whether an end was said that is none: over already, backwards, or not understood, so that it would last for ever."""
    if understood.command not in _ENDING or understood.question:
        return False
    until = understood.arguments.get("until")
    if until is None:
        return _AN_END.search(text) is not None
    return _BACKWARDS.search(text) is not None or (isinstance(until, str) and _over(until, now))


def _over(until: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(until) <= now
    except (ValueError, TypeError):
        return False


# --- deeds that nobody named ----------------------------------------------------------------------------------------------------

_DRASTIC = frozenset({"delete_workflow", "run_workflow", "resolve_alert", "cancel_run", "retry_run"})
_DEED = re.compile(
    r"delet|remov|resolv|clos|fix|\bran\b|run|start|trigger|cancel|stop|abort|kill|\bend|halt|terminat|send|launch|kick|drop|rid\b|wip|eliminat|clear|over\b|solv"
    r"|fire|\bdo\b|done|post|begin|execut|scrap|trash|eras|\bbin\b|nuke|purg|destroy|retr[iy]|again|repeat|redo|another\s+(?:go|try|shot)|back\b|\bgo\b|invok|perform"
    r"|deploy|ship|activat|initiat|process|set\s+off|fir(?:e|ing)|throw|discard|gone\b|good\b|fine\b|okay\b|recover|healthy|work(?:s|ing)\b|need|want|let\b|call|play|use|try|give|make"
    r"|axe\b|chuck|ditch|dump|unplug|tear|lose\b|obsolete|retire|handled|sorted|dealt|cut\b|quit|finish|complet|rerun|time\s+for|up\s+again|false\b|noise\b",
    re.IGNORECASE,
)


def _unnamed_deed(understood: Understood, text: str, names: Sequence[str]) -> bool:
    """Whether something drastic was read out of words that name no deed at all, such as the bare name of a workflow."""
    if understood.command not in _DRASTIC or understood.question:
        return False
    for name in sorted((*names, str(understood.arguments.get("workflow") or "")), key=len, reverse=True):
        if name:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return _DEED.search(text) is None


def confirmed(understood: Understood) -> Understood:
    """The same, asked back first."""
    about = ", ".join(str(value) for value in understood.arguments.values() if isinstance(value, (str, int, float)))[:120]
    what = (understood.command or "").replace("_", " ") + (f" ({about})" if about else "")
    options = (("Yes", "yes"), ("No", "cancel"))
    remember: dict[str, Json] = {
        "command": understood.command, "arguments": dict(understood.arguments), "slot": "confirm", "options": ["yes", "cancel"]
    }  # fmt: skip
    return replace(
        understood, question=f"Did you mean: {what}?", options=options, remember=remember, confidence=min(understood.confidence, 0.7)
    )


_TAKEN_BACK = re.compile(
    r"(?:[,;.!–-]|\s)\s*(?:nvm|never\s?mind|forget\s+(?:it|that|about\s+(?:it|that))|scratch\s+that|disregard(?:\s+(?:it|that))?|ignore\s+(?:that|me)|no\s+wait)\s*[.!…]*\s*$",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(
    r"\b(?:all|every(?:thing|one|body)?|each|any(?:thing)?|the\s+(?:rest|others?))\b(?:\s+\S+){0,4}?\s+(?:but|except(?:ing|\s+for)?|save(?:\s+for)?|other\s+than|apart\s+from|aside\s+from|bar|excluding"
    r"|besides|without|not)\s+(?!not\b|only\b|until\b)(?:(?:the|my|our|those\s+(?:of|for|from)|that\s+of|alerts?|workflows?|for|of|on)\s+)*(?P<one>\S+)",
    re.IGNORECASE,
)


def _left_out(understood: Understood, text: str) -> Understood | None:
    """The question for "all but one": what is left out must never be what it is done to."""
    drastic = any(understood.command in commands for name, (_, commands) in _FAMILIES.items() if name in _AT_ONCE)
    found = _ALL_BUT.search(text) if drastic else None
    if found is None:
        return None
    slot = "workflow" if "workflow" in (understood.command or "") or "run" in (understood.command or "") else "service"
    arguments: dict[str, Json] = {
        key: value for key, value in understood.arguments.items() if key not in ("service", "workflow", "alert", "run")
    }
    remember: dict[str, Json] = {"command": understood.command, "arguments": arguments, "slot": slot, "options": []}
    one = found["one"].strip(".,;:!?'\"“”")[:60]
    question = f"I cannot do that to all but “{one}” in one go, and I have done nothing. Which one do you mean? Say it once for each."
    return replace(understood, arguments=arguments, question=question, options=(), remember=remember, confidence=0.85)


_NAMING = frozenset({"run_workflow", "delete_workflow", "pause_workflow", "resume_workflow", "retry_run", "cancel_run"})


def _several(understood: Understood, names: Sequence[str]) -> Understood | None:
    """The question which of several is meant, where what was said fits more than one name and is none."""
    name = understood.arguments.get("workflow")
    if understood.command not in _NAMING or understood.question or not isinstance(name, str) or name in names:
        return None
    words = set(re.findall(r"\w+", name.casefold()))
    fitting = [one for one in names if words and words <= set(re.findall(r"\w+", one.casefold().replace("_", " ")))]
    if len(fitting) < 2:
        return None
    given: dict[str, Json] = {key: value for key, value in understood.arguments.items() if key != "workflow"}
    listed: list[Json] = list(fitting[:6])
    remember: dict[str, Json] = {"command": understood.command, "arguments": given, "slot": "workflow", "options": listed}
    question = f"“{name[:80]}” fits {len(fitting)} workflows. Which one do you mean?"
    return replace(
        understood, arguments=given, question=question, options=tuple((one, one) for one in fitting[:6]), remember=remember, confidence=0.85
    )


_NOT_ABROAD = re.compile(
    r"\b(?:nicht|nie|niemals|kein\w*|ohne\s+zu|bloß\s+nicht|pas|jamais|nunca|jamás|jamais|não|nao|nem)\b|\bn['’]\w|(?:^|[,;:.!]\s*)(?:por\s+favor,?\s+)?no\s+\w",
    re.IGNORECASE,
)


def forbidden_abroad(understood: Understood, text: str) -> bool:
    """Whether a request in German, French, Spanish or Portuguese says not to. ``text``: as it was said, in its own language."""
    drastic = any(understood.command in commands for name, (_, commands) in _FAMILIES.items() if name in _AT_ONCE)
    return drastic and _NOT_ABROAD.search(spoken(text)) is not None


def cautious(understood: Understood, said: Said, text: str) -> Understood:
    """``understood``, or a word that nothing is done, or the question what is meant. ``text``: what was read, in English."""
    if understood.command is None:
        return understood
    now, heard = said.now, clean(text)
    outside = spoken(heard) if "\n" in heard or any(mark in heard for mark in "'\"`“«‘„>") else heard
    if forbidden(outside, understood.command, understood.arguments) or _TAKEN_BACK.search(outside):
        return left_alone(understood)
    if (asked := _left_out(understood, heard)) is not None:
        return asked
    if (asked := _several(understood, said.workflows)) is not None:
        return asked
    if _endless(understood, outside, now):
        arguments: dict[str, Json] = {key: value for key, value in understood.arguments.items() if key != "until"}
        remember: dict[str, Json] = {"command": understood.command, "arguments": arguments, "slot": "until", "options": []}
        return replace(understood, arguments=arguments, question=UNTIL, options=(), remember=remember, confidence=0.8)
    if not said.pending and not heard.startswith("/") and _unnamed_deed(understood, outside, said.workflows):
        return confirmed(understood)
    if heard.isascii():
        return understood
    name, plain = _foreign_name(read_utterance(heard).text)
    if not name or name in understood.places:
        return understood
    question = (
        f"“{name}” is written with letters of another alphabet and only looks like “{plain}”. Do you mean {plain}? "
        "If you mean the other one, pick it from the list that the chat offers."
    )
    return replace(
        understood,
        question=question,
        options=((plain, heard.replace(name, plain)),),
        remember=None,
        confidence=min(understood.confidence, 0.7),
    )
