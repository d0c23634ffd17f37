"""One value of a step, changed by a sentence: “change the board to Q3”, “the title should be 'Bug'”, “make the priority high”."""

from __future__ import annotations

import re

from engine.workflow.catalogue import Field
from intents.editing.steps import meant
from intents.editing.work import STEP, Question, Raw, Result, Work, place_of
from intents.grammar.source import tidy
from intents.grammar.steps import typed

_F = r"(?P<f>[a-z]+(?:\s+[a-z]+)?)"
_OF = rf"(?:\s+(?:of|in|for|on)\s+(?P<s>{STEP}|(?:the\s+)?.+?))?"
_FORMS = (
    rf"(?:change|set|switch|update|make|edit)\s+(?:the|its)?\s*{_F}{_OF}\s+(?:to|into|=|:)\s+(?P<v>.+)",
    rf"(?:the|its)\s+{_F}{_OF}\s+(?:should|must|is\s+to|has\s+to)\s+(?:be|say|read)\s+(?P<v>.+)",
    rf"(?:the\s+)?{_F}{_OF}\s*[:=]\s*(?P<v>.+)",
    rf"use\s+(?:the\s+)?{_F}\s+(?P<v>.+?)(?:\s+(?:for|in)\s+(?P<s>{STEP}))?",
    rf"use\s+(?:the\s+)?(?P<v>.+?)\s+{_F}(?:\s+(?:for|in)\s+(?P<s>{STEP}))?",
    rf"make\s+(?:the|its)\s+{_F}\s+(?P<v>.+)",
)
_ALSO_CALLED = {
    "message": "text",
    "words": "text",
    "heading": "title",
    "headline": "title",
    "repository": "repo",
    "owner": "assignee",
    "label": "labels",
    "name": "title",
}


def read_value(work: Work) -> Result:
    for form in _FORMS:
        found = work.match(form)
        if found is None:
            continue
        name = re.sub(r"\s+", "_", tidy(found["f"]).lower())
        name = name if _takers(work, name) else _ALSO_CALLED.get(name, name)
        spots = _takers(work, name)
        if not spots:
            continue
        answer = _set(work, name, spots, found.groupdict().get("s") or "", found["v"])
        if answer is not None:
            return answer
    return None


def _takers(work: Work, name: str) -> list[int]:
    """Steps that say this value; where none does, those that could."""
    said = [index for index, step in enumerate(work.steps) if name in step.get("with", {})]
    return said or [index for index, step in enumerate(work.steps) if any(field.name == name for field in _inputs(work, step))]


def _inputs(work: Work, step: Raw) -> tuple[Field, ...]:
    action = work.catalogue.actions.get(str(step.get("action", "")))
    return action.inputs if action else ()


def _set(work: Work, name: str, spots: list[int], where: str, value: str) -> Result:
    if where:
        place = place_of(where, len(work.steps)) if re.fullmatch(STEP, where, re.IGNORECASE) else None
        named = [place] if place is not None else meant(work, where)
        spots = [index for index in spots if index in named]
        if not spots:
            return Question(f"That step has no {name.replace('_', ' ')}.")
    said = work.source.plain(value).strip(" .'\"")
    said = re.sub(r"\s+instead$", "", said, flags=re.IGNORECASE)
    if not said:
        return None
    if len(spots) > 1:
        return work.which(
            f"Of which step should the {name.replace('_', ' ')} be {said}?",
            spots,
            f"change the {name.replace('_', ' ')} of step {{n}} to '{said}'",
        )
    step = work.steps[spots[0]]
    given = step.setdefault("with", {})
    before = given.get(name)
    fresh = typed(said)
    given[name] = (
        [said] if isinstance(before, list) else fresh if isinstance(before, (int, float)) and not isinstance(before, bool) else said
    )
    return work.raw
