"""How a sentence was read, part by part: which words became what. Made with the reading, so that it cannot flatter it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json

Part = tuple[str, str]  # (the words, what they were read as)
MOST, LONGEST = 14, 200


def workflow_parts(pieces: Sequence[Part], workflow: Mapping[str, Any]) -> tuple[Part, ...]:
    """``pieces``: the words of the cause, of each deed and of each condition, with what they became; options follow from the definition."""
    parts = [(_short(words), meant) for words, meant in pieces if words.strip() and meant]
    parts += [("", f"option {name.replace('_', ' ')}: {_value(value)}") for name, value in (workflow.get("options") or {}).items()]
    if workflow.get("name"):
        parts.append((str(workflow["name"]), "the workflow's name"))
    return tuple(parts[:MOST])


def trigger_words(trigger: Mapping[str, Any] | None) -> str:
    """ "starts at GitHub: pull request merged" """
    if not trigger:
        return ""
    if trigger.get("type") == "scheduled":
        when = next((f"{key} {trigger[key]}" for key in ("cron", "rrule", "at") if trigger.get(key)), "a time that is not said yet")
        return f"a schedule, {when}"
    several = [event for key in ("all", "any", "sequence") for event in trigger.get(key) or ()]
    if several:
        mode = next(key for key in ("all", "any", "sequence") if trigger.get(key))
        return f"several events ({mode}): {', '.join(several)}" + (f", within {trigger['within']}" if trigger.get("within") else "")
    if trigger.get("type") == "ai_predicted":
        return " ".join(["a forecast of", product(str(trigger.get("service", ""))) or "a service", str(trigger.get("metric", ""))]).strip()
    if trigger.get("service"):
        event = str(trigger.get("event") or "an event that is not said yet").replace("_", " ")
        return f"starts at {product(str(trigger['service']))}: {event}"
    return "by hand" if trigger.get("type") == "manual" else "an event of a service that is not said yet"


def step_words(steps: Sequence[Mapping[str, Any]]) -> str:
    """ "trello.create_card with board Release" """
    return "; ".join(_step(step) for step in steps)


def _step(step: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name} {_value(value)}" for name, value in (step.get("with") or {}).items())
    return f"{step.get('action', '')}" + (f" with {given}" if given else "")


def command_parts(command: str, arguments: Mapping[str, Json], text: str, words: Mapping[str, str]) -> tuple[Part, ...]:
    """``words``: service id → the words that named it. An argument that stands in the sentence is quoted from it."""
    parts: list[Part] = [(_short(text), command.replace("_", " "))]
    for name, value in arguments.items():
        shown = _value(value)
        said = words.get(shown) or (shown if re.search(rf"(?<!\w){re.escape(shown)}(?!\w)", text, re.IGNORECASE) else "")
        parts.append((_short(said), f"{name.replace('_', ' ')}: {shown}"))
    return tuple(parts[:MOST])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _short(", ".join(f"{name} {_value(one)}" for name, one in value.items()))
    if isinstance(value, (list, tuple)):
        return _short(", ".join(_step(one) if isinstance(one, Mapping) and "action" in one else _value(one) for one in value))
    return _short(str(value))


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
