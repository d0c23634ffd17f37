"""“Same for GitLab”: the last workflow again, with one service exchanged for another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid, Rejected
from engine.workflow.catalogue import Catalogue
from engine.workflow.complete import complete
from engine.workflow.difference import changes
from engine.workflow.parse import parse_definition
from engine.workflow.writing import to_raw
from intents.editing.services import exchanged, used
from intents.editing.work import Edited, Question, plain_raw
from intents.grammar.source import SERVICE, Source

_SAME = re.compile(
    rf"\s*(?:(?:and|now|please|ok|yes|also)\b[\s,]*)*(?:(?:do|make|create|build|set\s+up|I\s+want|we\s+need)\s+)?(?:(?:the|a|one)\s+)?(?:same|likewise|again|another\s+one|one\s+more|a\s+copy)"
    rf"(?:\s+(?:thing|workflow|one|again|but|please))*\s+(?:for|with|in|on|but\s+for|but\s+with|to)\s+(?P<s>{SERVICE})(?:\s+(?:too|as\s+well|please|instead))*[\s.!]*",
    re.IGNORECASE,
)


def same_for(definition: Mapping[str, Any], source: Source, catalogue: Catalogue) -> Edited | Question | None:
    """A new definition without a name; a question where nothing, or more than one service, could be exchanged; None for other words. Total."""
    found = _SAME.fullmatch(source.text)
    if found is None:
        return None
    service = source.marked.service_at(found["s"])
    names = source.lexicon.names
    try:
        old = parse_definition(definition)
        raw = plain_raw(definition)
    except (Invalid, Rejected):
        return None
    fitting = [(was, made) for was in used(raw) if was != service and (made := exchanged(raw, was, service, catalogue)) is not None]
    kinds = [pair for pair in fitting if _kind(source, pair[0]) == _kind(source, service)] or fitting
    if not kinds:
        return Question(
            f"{names[service]} has no counterpart for what this workflow does. Say in your own words what it should do in {names[service]}."
        )
    if len(kinds) > 1:
        return Question(
            f"{names[service]} in the place of which?",
            tuple((names.get(was, was), f"same with {names[service]} instead of {names.get(was, was)}") for was, _ in kinds[:5]),
        )
    made = {key: value for key, value in kinds[0][1].items() if key != "name"}
    try:
        new = parse_definition(complete(made, catalogue), catalogue)
    except (Invalid, Rejected) as error:
        why = "; ".join(problem.message for problem in error.problems[:2]) if isinstance(error, Invalid) else str(error)
        return Question(f"The same in {names[service]} would not work as it stands: {why}")
    fresh = to_raw(new)
    fresh.pop("name", None)
    return Edited(fresh, changes(old, new, catalogue))


def _kind(source: Source, service: str) -> str:
    found = source.lexicon.services.get(service)
    return found.category if found else ""
