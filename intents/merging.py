"""What a language model said, laid over what the grammar understood: it fills what was left open and never makes it worse.

the grammar was sure                    → the grammar's reading, whatever the model says
it asked for something                  → that one thing filled, where the model read the same command; else the question stays
it was unsure, the model reads the same → the grammar's reading, surer; another one → a question with both
it understood nothing                   → the model's reading below the bar of what is acted on unasked: an answer, a preview, or “Did you mean”
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json

_READS = frozenset({
    "show_workflow", "list_workflows", "run_history", "health_report", "service_metrics", "list_alerts", "explain_alert", "show_impact", "show_dependencies",
    "find_root_cause", "recommend_service", "predict_run", "optimize_workflow", "workflow_analytics", "show_schedule", "on_call", "help",
})  # fmt: skip
_PREVIEWED = frozenset({"create_workflow", "edit_workflow", "delete_workflow"})  # these ask for Confirm on their own card


FIRM = 0.6  # from here on a reading of the grammar is not weighed against another
AGREED = 0.7  # an unsure reading that the model shares
GUESSED = 0.55  # at most, of what only the model read: below what is acted on when merely overheard


@dataclass(frozen=True, slots=True)
class Reading:
    """A checked answer of the model."""

    command: str | None
    arguments: dict[str, Any]
    confidence: float


def merged(reading: Reading, best: Understood, said: Said, catalogue: Catalogue) -> Understood | None:
    """``best`` with its open parts filled by ``reading``, or ``reading`` itself where the grammar understood nothing; None if it adds nothing."""
    if reading.command is None or not grounded(reading.arguments, said):
        return None
    if best.command is None:
        return None if best.question else _taken(reading, said)
    if not best.question:
        return _weighed(reading, best)
    if best.command != reading.command:
        return None
    if best.command == "create_workflow":
        return _filled_workflow(reading, best, catalogue)
    slot = str((best.remember or {}).get("slot", ""))
    if slot not in reading.arguments:
        return None
    arguments = {**reading.arguments, **best.arguments, slot: reading.arguments[slot]}
    arguments = {key: value for key, value in arguments.items() if key in best.arguments or key == slot}
    return _confirmed(replace(best, arguments=arguments, question=None, options=(), remember=None, source="llm", confidence=0.8))


def _weighed(reading: Reading, best: Understood) -> Understood | None:
    """Two readers of the same words: one that was sure is not asked again."""
    if best.confidence >= FIRM:
        return None
    if reading.command == best.command:
        same = all(reading.arguments.get(key, value) == value for key, value in best.arguments.items())
        return replace(best, confidence=max(best.confidence, AGREED)) if same else None
    own, theirs = (best.command or "", dict(best.arguments)), (reading.command or "", dict(reading.arguments))
    labels = [_in_words(*one) for one in (own, theirs)]
    remember: dict[str, Json] = {
        "slot": "either",
        "readings": [{"command": command, "arguments": arguments} for command, arguments in (own, theirs)],
        "options": list(labels),
    }
    question = f"Did you mean: {labels[0]}, or: {labels[1]}?"
    return replace(best, question=question, options=tuple((label, label) for label in labels), remember=remember, source="llm")


def _in_words(command: str, arguments: Mapping[str, Any]) -> str:
    said = ", ".join(f"{key} {value}" for key, value in arguments.items() if isinstance(value, (str, int, float)))[:120]
    return command.replace("_", " ") + (f" ({said})" if said else "")


def grounded(arguments: Mapping[str, Any], said: Said) -> bool:
    """Whether every channel, person, address, link and name was said, rather than made up."""
    heard = said.text.casefold()
    names = {name.casefold() for name in said.workflows}
    for path, value in _strings(arguments):
        word = value.casefold()
        if (value.startswith(("#", "@", "http")) and value != "@me") or re.fullmatch(r"\S+@\S+\.\S+", value):
            if word.lstrip("#@") not in heard:
                return False
        elif path in (("workflow",), ("alert",), ("run",)) and word not in heard and word not in names:
            return False
    return True


def _strings(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, Mapping):
        return [found for key, inner in value.items() for found in _strings(inner, (*path, str(key)))]
    if isinstance(value, list):
        return [found for inner in value for found in _strings(inner, path)]
    return []


def _taken(reading: Reading, said: Said) -> Understood:
    taken = Understood(command=reading.command, confidence=min(GUESSED, reading.confidence), arguments=reading.arguments, source="llm")
    return _confirmed(taken)


def _confirmed(understood: Understood) -> Understood:
    """What changes something at once, without a preview card of its own, is asked back first."""
    command = understood.command or ""
    if command in _READS or command in _PREVIEWED:
        return understood
    question = f"Did you mean: {_in_words(command, understood.arguments)}?"
    remember: dict[str, Json] = {
        "command": command,
        "arguments": dict(understood.arguments),
        "slot": "confirm",
        "options": ["yes", "cancel"],
    }
    return replace(understood, question=question, options=(("Yes", "yes"), ("No", "cancel")), remember=remember)


def _filled_workflow(reading: Reading, best: Understood, catalogue: Catalogue) -> Understood | None:
    """Trigger and steps that the grammar left out; what it understood stays word for word."""
    said = best.arguments.get("workflow")
    own: dict[str, Any] = dict(said) if isinstance(said, dict) else {}
    theirs: dict[str, Any] = reading.arguments["workflow"]
    trigger = own.get("trigger") or {}
    filled = dict(own)
    if not _complete_trigger(trigger) and _agrees(trigger, theirs.get("trigger") or {}):
        filled["trigger"] = theirs["trigger"]
        if theirs.get("when") and "when" not in own:
            filled["when"] = theirs["when"]
    if not own.get("steps"):
        filled["steps"] = theirs.get("steps") or []
    if filled == own or not _complete_trigger(filled.get("trigger") or {}) or not filled.get("steps"):
        return None
    slot = str((best.remember or {}).get("slot", ""))
    if slot.startswith("step:") or slot == "condition":
        return None
    return replace(
        best, arguments={**best.arguments, "workflow": filled}, question=None, options=(), remember=None, source="llm", confidence=0.75
    )


def _complete_trigger(trigger: Mapping[str, Any]) -> bool:
    needed = {
        "scheduled": ("cron", "rrule", "at"),
        "event_based": ("event",),
        "cross_service": ("all", "any", "sequence"),
        "ai_predicted": ("service",),
    }
    kind = str(trigger.get("type", ""))
    return kind == "manual" or any(trigger.get(key) for key in needed.get(kind, ()))


def _agrees(own: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return all(theirs.get(key) == value for key, value in own.items())
