"""One service for another: “use Asana instead of Trello”, with actions, inputs and events mapped to its own."""

from __future__ import annotations

import re
from copy import deepcopy

from engine.workflow.catalogue import Catalogue
from intents.editing.work import Question, Raw, Result, Work, inner_blocks
from intents.grammar.source import SERVICE

_NOUNS = {
    "merge_request": "pull_request",
    "pipeline": "workflow_run",
    "card": "task",
    "issue": "task",
    "item": "task",
    "ticket": "task",
    "transitioned": "moved",
}


def read_service(work: Work) -> Result:
    new, old = f"(?P<new>{SERVICE})", f"(?P<old>{SERVICE})"
    found = (
        work.match(
            rf"(?:use|take|do\s+it\s+(?:in|with)|make\s+it|put\s+it\s+in(?:to)?|create\s+it\s+in|in|with)?\s*{new}\s+(?:instead\s+of|rather\s+than|and\s+not|,?\s*not)\s+(?:in\s+)?{old}"
        )
        or work.match(
            rf"(?:replace|swap|switch|change|move)\s+(?:it\s+)?(?:from\s+)?{old}\s+(?:with|by|to|for|into|→)\s+{new}(?:\s+instead)?"
        )
        or work.match(rf"not\s+(?:in\s+)?{old}\s*,?\s+(?:but\s+)?(?:in\s+)?{new}")
        or work.match(
            rf"(?:use|take|do\s+it\s+(?:in|with)|make\s+it|put\s+it\s+in(?:to)?|create\s+it\s+in|switch\s+to|in|with)?\s*{new}(?:\s+instead)?"
        )
    )
    if found is None:
        return None
    service = work.source.marked.service_at(found["new"])
    was = work.source.marked.service_at(found["old"]) if "old" in found.groupdict() and found["old"] else ""
    if not was:
        candidates = [one for one in used(work.raw) if one != service and exchanged(work.raw, one, service, work.catalogue) is not None]
        if len(candidates) > 1:
            names = work.source.lexicon.names
            options = tuple((names.get(one, one), f"use {names[service]} instead of {names.get(one, one)}") for one in candidates[:5])
            return Question(f"{names[service]} instead of which?", options)
        was = candidates[0] if candidates else ""
    if not was:
        return None
    names = work.source.lexicon.names
    if was not in used(work.raw):
        return Question(
            f"The workflow does not use {names.get(was, was)}. It uses {', '.join(names.get(one, one) for one in used(work.raw)) or 'no service'}."
        )
    made = exchanged(work.raw, was, service, work.catalogue)
    if made is None:
        return Question(
            f"{names.get(service, service)} has nothing that does the same as {names.get(was, was)} does here. Say in other words what should be done."
        )
    return made


def used(raw: Raw) -> list[str]:
    """Every service of its trigger and steps, in order, each once."""
    trigger = raw.get("trigger", {})
    found = [str(trigger.get("service", ""))] + [
        str(e).partition(".")[0] for key in ("any", "all", "sequence") for e in trigger.get(key, ())
    ]
    for block in (raw.get("steps", []), *inner_blocks(raw)):
        found += [str(step.get("action", "")).partition(".")[0] for step in block]
    return [one for one in dict.fromkeys(found) if one]


def exchanged(raw: Raw, was: str, service: str, catalogue: Catalogue) -> Raw | None:
    """``raw`` with ``service`` in the place of ``was``; None where one of its parts has no counterpart. ``raw`` stays as it is."""
    trigger = dict(raw.get("trigger", {}))
    if trigger.get("service") == was:
        trigger["service"] = service
        if trigger.get("event"):
            event = _event(f"{was}.{trigger['event']}", service, catalogue)
            if not event:
                return None
            trigger["event"] = event.partition(".")[2]
    for key in ("any", "all", "sequence"):
        if key in trigger:
            trigger[key] = [_event(one, service, catalogue) if one.startswith(was + ".") else one for one in trigger[key]]
            if not all(trigger[key]):
                return None
    made = deepcopy(raw)
    for block in (made.get("steps", []), *inner_blocks(made)):
        for place, step in enumerate(block):
            other = _step(step, was, service, catalogue)
            if other is None:
                return None
            block[place] = other
    return {**made, "trigger": trigger}


def _step(step: Raw, was: str, service: str, catalogue: Catalogue) -> Raw | None:
    if str(step.get("action", "")).partition(".")[0] != was:
        return step
    found = catalogue.equivalent(str(step["action"]), service)
    operation = str(step["action"]).partition(".")[2]
    given = step.get("with", {})
    if found is not None and found[1]:
        action, names = found
        mapped = {theirs: given[ours] for theirs, ours in names.items() if ours in given}
    elif f"{service}.{operation}" in catalogue.actions:
        action = catalogue.actions[f"{service}.{operation}"]
        inputs = {field.name for field in action.inputs}
        mapped = {name: value for name, value in given.items() if name in inputs}
    else:
        return None
    kept = {key: value for key, value in step.items() if key not in ("action", "with", "account", "fallback")}
    return {**kept, "action": action.id, "with": mapped}


def _event(event: str, service: str, catalogue: Catalogue) -> str:
    """The event of ``service`` that tells the same; "" if none does."""
    name = event.partition(".")[2]
    if f"{service}.{name}" in catalogue.events:
        return f"{service}.{name}"
    wanted = _alike(name)
    return next((one for one in catalogue.events if one.startswith(service + ".") and _alike(one.partition(".")[2]) == wanted), "")


def _alike(name: str) -> str:
    for word, common in _NOUNS.items():
        name = re.sub(rf"(?<![a-z]){word}(?![a-z])", common, name)
    return name
