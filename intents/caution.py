"""The last look before a reading goes out: what was forbidden is not done, and a name that only looks like another is asked about. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.ports import Understood
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
        frozenset({"run_workflow", "retry_run"}),
    ),
    "stop": (r"stop\w*|paus\w+|suspend\w*|halt\w*|disabl\w+|cancel\w*|abort\w*|kill\w*|freez\w+", frozenset({"pause_workflow", "cancel_run"})),
    "resume": (r"resum\w+|continu\w+|unpaus\w+|enabl\w+|activat\w+", frozenset({"resume_workflow"})),
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
_CLAUSE = rf"(?:^|[.!?;:,–—]\s+|\bbut\s+|\band\s+|\bno\s+|\bwait\s+|\bstop\s+){_NEGATED}\s+"
_FORBIDS = {
    name: re.compile(rf"{_CLAUSE}(?:{verbs})\b(?!\s+(?:nothing|something\s+else)\b)", re.IGNORECASE) for name, (verbs, _) in _FAMILIES.items()
}
_AT_ONCE = frozenset({"delete", "settle", "run", "stop", "resume"})


def forbidden(text: str, command: str, arguments: Mapping[str, Any]) -> bool:
    """Whether ``text`` says that just this must not be done: “please don't delete nightly”, “never run it”."""
    said = POLITE.sub("", re.sub(r"\s+", " ", text).strip().replace("’", "'"), count=1)
    for name, (_, commands) in _FAMILIES.items():
        if command not in commands:
            continue
        found = _FORBIDS[name].search(said)
        if found is None:
            continue
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


# --- what only looks like a name ---------------------------------------------------------------------------------------------

_TWINS = dict(zip("асеоруіјѕԁһԛԝхӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανιυρκηωАВСЕНІЈКМОРЅТХ", "aceopyijsdhqwxlABEZHIKMNOPTYXoaviupknwABCEHIJKMOPSTX", strict=True))
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
            whole = alike != name and alike.isascii() and not any(_script(letter) in ("CYRILLIC", "GREEK") for letter in others if letter.isalpha())
            plain = alike if whole else ""
        if plain:
            return name, plain
    return "", ""


def cautious(understood: Understood, text: str) -> Understood:
    """``understood``, or a word that nothing is done, or the question which name is meant. ``text``: as it was said."""
    if understood.command is None:
        return understood
    heard = clean(text)
    outside = spoken(heard) if "\n" in heard or any(mark in heard for mark in "'\"`“«‘„>") else heard
    if forbidden(outside, understood.command, understood.arguments):
        return Understood(command=None, confidence=0.95, arguments={}, reply=LEFT_ALONE, places=understood.places)
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
        understood, question=question, options=((plain, heard.replace(name, plain)),), remember=None, confidence=min(understood.confidence, 0.7)
    )
