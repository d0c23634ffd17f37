"""A sentence about a definition → the definition as it would be, a question, or None when it is no edit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from engine.errors import Invalid, Rejected
from engine.workflow.catalogue import Catalogue
from engine.workflow.complete import complete
from engine.workflow.difference import changes
from engine.workflow.parse import parse_definition
from engine.workflow.writing import to_raw
from intents.editing.conditions import read_also_when, read_condition
from intents.editing.places import read_place
from intents.editing.services import read_service
from intents.editing.settings import read_name, read_setting
from intents.editing.steps import read_added, read_removed, read_swapped
from intents.editing.times import read_time
from intents.editing.values import read_value
from intents.editing.work import Edited, Question, Raw, Result, Work, plain_raw
from intents.grammar.source import Source, tidy

READERS: tuple[Callable[[Work], Result], ...] = (
    read_name, read_swapped, read_removed, read_service, read_place, read_setting, read_time, read_condition, read_also_when, read_value, read_added,
)  # fmt: skip
MOST_PARTS = 4  # edits of one sentence
_LEAD = re.compile(
    r"^\s*(?:(?:yes|yep|yeah|ok(?:ay)?|sure|fine|good|great|perfect|no(?=\s*[,.!;:–-])|nope|nah|actually|wait|hm+|oh|sorry|right|well|and|but|so|please|just"
    r"|hang\s+on|hold\s+on|almost|looks\s+good|rather|one\s+more\s+thing|can\s+you|could\s+you|would\s+you"
    r"|(?:I|we)(?:'d|\s+would)\s+(?:like|prefer)(?:\s+(?:it|you))?(?:\s+to)?(?=\s)|(?:I|we)\s+(?:want|need)(?:\s+(?:it|you))?\s+to|let's|it\s+should|it\s+must|it\s+has\s+to"
    r"|should|in\s+fact)\b[\s,!.:;–-]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[\s,]+(?:please|thanks|thank\s+you|for\s+me|though|then|ok(?:ay)?))+[\s.!?]*$|[\s.!?,]+$", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,\s*(?:and|but|then)?|;|\.\s|\band\b|\bbut\b|\bthen\b)\s+(?:also\s+)?", re.IGNORECASE)


def read_edit(definition: Mapping[str, Any], source: Source, catalogue: Catalogue, *, sure: bool = False) -> Edited | Question | None:
    """``definition`` in the form of the parse contract, valid; ``source`` is the sentence as the grammar reads it.

    ``sure``: the sentence was said as a change ("edit release: tell #ops"), so that a deed without "also" is added, too. Total: any text
    yields an answer, and a definition that comes out always passes ``parse_definition``.
    """
    text = tidy(_TAIL.sub("", _LEAD.sub("", source.text)))
    if not text or len(text) > 2_000:
        return None
    try:
        old = parse_definition(definition)
        raw = plain_raw(definition)
    except (Invalid, Rejected):
        return None
    found = _parts(raw, source, catalogue, "also " + text if sure and not _changes_something(raw, source, catalogue, text) else text)
    if found is None or isinstance(found, Question):
        return found
    return _checked(old, found, source, catalogue)


def _changes_something(raw: Raw, source: Source, catalogue: Catalogue, text: str) -> bool:
    return _parts(raw, source, catalogue, text) is not None


def _parts(raw: Raw, source: Source, catalogue: Catalogue, text: str) -> Result:
    whole = _one(raw, source, catalogue, text)
    if whole is not None:
        return whole
    for cut in list(_AND.finditer(text))[:MOST_PARTS]:
        first = _one(raw, source, catalogue, tidy(text[: cut.start()]))
        if first is None:
            continue
        if isinstance(first, Question):
            return first
        rest = tidy(text[cut.end() :])
        more = "also " + rest if re.search(r"\balso\b", cut[0], re.IGNORECASE) else rest
        second = _parts(first, source, catalogue, more) or _one(first, source, catalogue, "also " + rest)
        if second is not None:
            return second
    return None


def _one(raw: Raw, source: Source, catalogue: Catalogue, text: str) -> Result:
    if not text:
        return None
    for reader in READERS:
        found = reader(Work(deepcopy(raw), source, catalogue, text))
        if found is not None:
            return found
    return None


def _checked(old: Any, raw: Raw, source: Source, catalogue: Catalogue) -> Edited | Question:
    if source.utterance.places:
        raw["places"] = {**raw.get("places", {}), **source.utterance.places}
    try:
        new = parse_definition(complete(raw, catalogue), catalogue)
    except (Invalid, Rejected) as error:
        why = "; ".join(problem.message for problem in error.problems[:2]) if isinstance(error, Invalid) else str(error)
        return Question(f"That change would not work: {why or error} Nothing was changed; say it in another way.")
    return Edited(to_raw(new), changes(old, new, catalogue))
