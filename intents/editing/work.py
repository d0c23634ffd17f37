"""What readers of an edit share: the definition as it becomes, the sentence, and the ways to answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import flat
from engine.workflow.difference import Change, short
from engine.workflow.parse import parse_definition
from engine.workflow.writing import to_raw
from intents.grammar.source import Source

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edited:
    """``definition`` in the form of the parse contract, checked; ``changes`` empty = the sentence asks for what is there already."""

    definition: Mapping[str, Any]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What must be said first; ``options`` are (label, the sentence that leaves nothing open). Without options it is a plain no."""

    text: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """``raw`` is this reader's own to change. ``text`` is masked and marked as in ``source``."""

    raw: Raw
    source: Source
    catalogue: Catalogue
    text: str
    places: dict[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> list[Raw]:
        found: list[Raw] = self.raw["steps"]
        return found

    @property
    def trigger(self) -> Raw:
        found: Raw = self.raw["trigger"]
        return found

    def match(self, pattern: str) -> re.Match[str] | None:
        """The whole sentence fits ``pattern``, any case."""
        return re.fullmatch(pattern, self.text, re.IGNORECASE)

    def label(self, index: int) -> str:
        """A step as a button says it: “2. Slack post message #ops”."""
        step = parse_definition({"trigger": {"type": "manual"}, "steps": [{**self.steps[index], "needs": []}]}).steps[0]
        return f"{index + 1}. {short(step, self.catalogue)}"

    def which(self, what: str, indexes: Iterable[int], sentence: str) -> Question:
        """Ask which of several steps is meant; ``sentence`` holds ``{n}``."""
        return Question(what, tuple((self.label(index), sentence.format(n=index + 1)) for index in list(indexes)[:5]))


Result = Raw | Question | None


def plain_raw(definition: Mapping[str, Any]) -> Raw:
    """A copy of its own in which every step says its id, so that steps put between others rename none. Raises Invalid."""
    parsed = parse_definition(definition)
    raw = to_raw(parsed)
    extra = raw.get("options", {})
    for steps, block in (
        (raw["steps"], parsed.steps), (extra.get("on_failure", []), parsed.options.on_failure), (extra.get("finally", []), parsed.options.finally_),
    ):  # fmt: skip
        for mine, theirs in zip(_every(steps), flat(block), strict=True):
            mine["id"] = theirs.id
    return raw


def _every(steps: list[Raw]) -> list[Raw]:
    found: list[Raw] = []
    for step in steps:
        found.append(step)
        for block in blocks_of(step):
            found += _every(block)
    return found


def blocks_of(step: Raw) -> list[list[Raw]]:
    """The lists of steps that stand directly in a step: of a foreach, the branches of a parallel, the cases of a switch."""
    each, branches, switch = step.get("foreach"), step.get("parallel"), step.get("switch")
    blocks: list[list[Raw]] = [each["steps"]] if each else list(branches.values()) if branches else []
    if switch:
        blocks = [*(case["steps"] for case in switch["cases"]), switch.get("else", [])]
    return blocks


def inner_blocks(raw: Raw) -> list[list[Raw]]:
    """Every list of steps but the outermost, on_failure and finally among them; they are the definition's own and may be changed in place."""
    options = raw.get("options", {})
    tails = [options[name] for name in ("on_failure", "finally") if options.get(name)]
    return [*(block for step in _every(raw.get("steps", [])) for block in blocks_of(step)), *tails,
            *(block for tail in tails for step in _every(tail) for block in blocks_of(step))]  # fmt: skip


ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5,
            "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}  # fmt: skip
NTH = r"(?:\d{1,2}|first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th|one|two|three|four|five|six)"
STEP = rf"(?:the\s+)?(?:(?:step|number|no\.?|\#)\s*(?:number\s+)?{NTH}\b|{NTH}\s+(?:step|one|action)|first|second|third|last|fourth)"


def place_of(words: str, count: int) -> int | None:
    """The index that “step 2”, “the last one” mean; None when there is no such step."""
    found = re.search(rf"\b{NTH}\b", words, re.IGNORECASE)
    if found is None:
        return None
    word = found[0].lower()
    number = count if word == "last" else ORDINALS.get(word) or (int(word) if word.isdecimal() else 0)
    return number - 1 if 0 < number <= count else None
