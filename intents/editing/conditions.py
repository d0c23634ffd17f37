"""What must hold and what else starts it, changed by a sentence: “only if amount > 500”, “also when an issue is closed”."""

from __future__ import annotations

import re
from dataclasses import replace

from intents.editing.work import Question, Result, Work
from intents.grammar.conditions import conditions_of, input_condition, iter_fields
from intents.grammar.trigger import Cause, read_cause

_ONLY = (
    r"(?:(?:also\s+)?only\s+(?:run\s+(?:it\s+)?|post\s+(?:it\s+)?|do\s+(?:it\s+)?|start\s+(?:it\s+)?)?(?P<how>if|when|for|in|on|from|by|with|where|those\s+with)"
    r"|(?:run|do|post|start)\s+(?:it|this)\s+only\s+(?P<how2>if|when|for|in|on|from|by|with)|(?P<how3>if|provided(?:\s+that)?|as\s+long\s+as)"
    r"|add\s+(?:the|a)\s+condition\s*(?:that|:)?|(?:the|its)\s+condition\s+(?:is|should\s+be)|(?:change|set)\s+the\s+condition\s+to)\s+(?P<what>.+)"
)
_UNLESS = r"(?P<how>unless|(?:but\s+)?not\s+(?:if|when|for|from|in|by)|except\s+(?:if|when|for|from|in)|skip\s+(?:it\s+)?(?:if|when)|ignore)\s+(?P<what>.+)"
_DROP = (
    r"(?:remove|drop|delete|forget|take\s+out|get\s+rid\s+of|without)\s+(?:the|that|this|all|any)?\s*(?:conditions?|filters?|restrictions?)"
    r"|(?:for|on)\s+(?:all|every|any)\s+(?:of\s+them|one|event)s?|no\s+(?:more\s+)?(?:conditions?|filters?)|unconditionally|always"
)


def read_condition(work: Work) -> Result:
    if work.match(_DROP):
        return {key: value for key, value in work.raw.items() if key != "when"}
    for pattern, negated in ((_ONLY, False), (_UNLESS, True)):
        found = work.match(pattern)
        if found is not None:
            return _conditioned(
                work, found["what"], negated=negated, whole=bool(re.match(r"change|set|the\b|its\b", work.text, re.IGNORECASE))
            )
    return None


def _events(work: Work) -> list[str]:
    trigger = work.trigger
    if trigger.get("type") == "event_based":
        return [f"{trigger['service']}.{trigger['event']}"]
    return [event for key in ("any", "all", "sequence") for event in trigger.get(key, ())]


def _conditioned(work: Work, what: str, *, negated: bool, whole: bool) -> Result:
    events = _events(work)
    parts = []
    if work.trigger.get("type") == "manual":
        inputs = input_condition("if " + what)
        parts = [inputs] if inputs and any(entry["name"] in inputs for entry in work.trigger.get("inputs", [])) else []
    elif events:
        parts = conditions_of(work.source, f"if {what}", events[0], frozenset(iter_fields(work.source, events[0])))
    if not parts:
        if not events and work.trigger.get("type") != "manual":
            return Question(
                "It runs on a schedule, so there is no event whose values could decide. Say what a step should find, or press Edit."
            )
        fields = ", ".join(iter_fields(work.source, events[0])) if events else ", ".join(e["name"] for e in work.trigger.get("inputs", []))
        there = f" It knows: {fields}." if fields else ""
        return Question(f"I could not read the condition “{work.source.plain(what)}”. Which field should have which value?{there}")
    cel = " && ".join(f"({part})" if "||" in part and len(parts) > 1 else part for part in parts)
    if negated:
        plain = re.fullmatch(r"(event\.\w+) == ('[^']*')", cel)
        cel = f"{plain[1]} != {plain[2]}" if plain else f"!({cel})"
    old = "" if whole else _without_same(str(work.raw.get("when", "")), cel)
    if old and "||" in old and not _closed(old):
        old = f"({old})"
    return {**work.raw, "when": " && ".join(part for part in (old, cel) if part)}


def _without_same(old: str, new: str) -> str:
    """The old condition without a plain comparison of the same field by the same kind of sign: “over 1000” takes the place of “over 500”."""
    mine = re.fullmatch(r"event\.(\w+) (==|!=|[<>]=?) .+", new)
    if mine is None or re.search(r"\|\||[()]", old):
        return old
    kind = mine[2][0]
    parts = [part for part in old.split(" && ") if part]
    return " && ".join(part for part in parts if not re.match(rf"event\.{mine[1]} {re.escape(kind)}", part) or kind == "!")


def _closed(text: str) -> bool:
    """Whether one pair of brackets holds all of it."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place < len(text) - 1:
            return False
    return text.startswith("(")


# --- what starts it ---------------------------------------------------------------------------------------------------------


def read_also_when(work: Work) -> Result:
    also = work.match(
        r"(?:(?:and\s+|do\s+it\s+|run\s+it\s+|start\s+it\s+|post\s+)?(?:also|too)\s+)(?:when(?:ever)?|if|as\s+soon\s+as|on)\s+(?P<c>.+)"
    )
    instead = work.match(
        r"(?:(?:run|start|do|trigger|make)\s+it\s+)?(?:only\s+)?(?:when(?:ever)?|as\s+soon\s+as)\s+(?P<c>.+?)\s+instead|(?:start|trigger|run)\s+it\s+when(?:ever)?\s+(?P<c2>.+)"
    )
    if work.match(
        r"(?:make|turn)\s+it\s+(?:into\s+)?(?:a\s+button|manual)|(?:run|start)\s+it\s+(?:only\s+)?(?:by\s+hand|manually)(?:\s+only)?(?:\s+instead)?"
    ):
        return {**{key: value for key, value in work.raw.items() if key != "when"}, "trigger": {"type": "manual"}}
    found = also or instead
    if found is None:
        return None
    cause = _cause(work, next(value for value in found.groups() if value))
    if cause is None or not (cause.trigger.get("event") or not also):
        return Question("I could not tell which event that is. Name the service, for example “also when an issue is closed in GitHub”.")
    if cause.question:
        names = work.source.lexicon.names
        choices = [service for service in cause.choices if service in names][:5]
        return Question(
            cause.question, tuple((names[service], f"{work.source.plain(work.text)} in {names[service]}") for service in choices)
        )
    if instead is not None and also is None:
        return {**work.raw, "trigger": dict(cause.trigger), "when": cause.when}
    event = f"{cause.trigger['service']}.{cause.trigger['event']}"
    before = _events(work)
    if not before:
        return Question("It does not wait for an event yet. Say “start it when … instead”, or make a second workflow for that.")
    if work.trigger.get("all") or work.trigger.get("sequence"):
        return Question("It waits for several events together. Make a second workflow for that one, or press Edit.")
    kept = {key: value for key, value in work.trigger.items() if key in ("dedup",)}
    return {**work.raw, "trigger": {"type": "cross_service", "any": list(dict.fromkeys([*before, event])), **kept}}


def _cause(work: Work, clause: str) -> Cause | None:
    """The event meant; where several services have it, that of the workflow's own."""
    cause = read_cause(work.source, clause)
    if cause is None or not cause.question:
        return cause
    own = [event.partition(".")[0] for event in _events(work)]
    for service in own:
        if service in cause.choices:
            name = work.source.lexicon.names[service]
            marked = work.source.lexicon.mark(work.source.marked.plain(clause) + f" in {name}")
            better = read_cause(replace(work.source, text=marked.text, marked=marked), marked.text)
            if better is not None and not better.question:
                return better
    return cause
