"""Times and causes that are none yet (“regularly”, “later”, “in the morning”, “when it changes”): what they belong to is read, and when is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.ports import Understood
from intents.grammar.source import SERVICE

ASK_TIME = "When exactly should it run? For example “every weekday at 9:00”, or “tomorrow at 14:00”."
ASK_UNTIL = "Until when? For example “for 2 hours” or “until Monday 8:00”."
ASK_CAUSE = "What do you mean there? Name the product and what happens in it, for example “when a GitHub pull request is merged”."

_OFTEN = (
    r"regularly|periodically|from\s+time\s+to\s+time|(?:every\s+)?now\s+and\s+(?:then|again)|every\s+so\s+often|once\s+in\s+a\s+while|occasionally"
    r"|sometimes|often|frequently|on\s+a\s+regular\s+basis|at\s+regular\s+intervals|routinely|again\s+and\s+again|at\s+some\s+point|some\s?time(?:s?\s+soon)?"
    r"|(?<!as\s)soon(?!\s+as)|shortly|eventually|later(?:\s+on)?(?!\s+(?:than|this|in|today|tonight))|in\s+a\s+(?:while|bit|moment)|another\s+time|one\s+day|when\s+(?:you|there)(?:'s|\s+have|\s+is)\s+time"
    r"|after\s+work|before\s+(?:work|bed)|around\s+lunch(?:\s?time)?|at\s+lunch(?:\s?time)?|over\s+lunch|first\s+thing|early(?:\s+on)?"
)
_PART_OF_DAY = r"(?:in\s+the\s+|during\s+the\s+)(?:early\s+|late\s+)?(?:mornings?|afternoons?|evenings?|day|nights?)|at\s+nights?"
_SPELL = (
    r"for\s+(?:a\s+(?:while|bit|moment|little(?:\s+while|\s+bit)?|short\s+(?:time|while))|some\s+time|a\s+few\s+(?:minutes|hours|days)|now)"
)
_WHEN = re.compile(rf"[,\s]*(?<![\w-])(?:{_OFTEN}|{_PART_OF_DAY})(?![\w-])[,]?", re.IGNORECASE)
_UNTIL = re.compile(rf"[,\s]*\b(?:{_SPELL}|until\s+(?:later|further\s+notice|I\s+say\s+so))\b", re.IGNORECASE)
_PLANNED = re.compile(r"\b(?:reminders?|recurring|repeating)\b|^\s*(?:(?:please|can\s+you|could\s+you)\s+)*schedule\b", re.IGNORECASE)
_BY_HAND = re.compile(
    r"\b(?:buttons?|by\s+hand|manual\w*|on\s+demand|command|right\s+now|immediately|now|shortcut|at\s+once|by\s+myself)\b", re.IGNORECASE
)
_POINTED_CAUSE = re.compile(
    r"\b(?:when(?:ever)?|if|once|as\s+soon\s+as|each\s+time|every\s+time)\s+(?:it|that|this|they|those|these)(?:'s|\s+is|\s+are|\s+has|\s+have|\s+gets?)?\s+"
    r"(?:changes?|changed|happens?|happened|done|over|ready|finished|finishes|moves?|moved|updates?|updated|fails?|failed|comes?|arrives?|breaks?|ends?|starts?)\b",
    re.IGNORECASE,
)  # fmt: skip
_RUNS = frozenset({"run_workflow"})
_LASTS = frozenset({"pause_workflow"})


def without_vague(text: str) -> str:
    """``text`` without the words that tell a time vaguely; the same text where it has none."""
    return re.sub(r"\s{2,}", " ", _WHEN.sub(" ", text)).strip(" ,")


def open_time(understood: Understood, text: str) -> str:
    """What has to be asked of ``understood`` because ``text`` (quotes and services masked) leaves its time or cause open; "" for nothing."""
    if understood.question:
        return ""
    if understood.command == "create_workflow":
        workflow = understood.arguments.get("workflow")
        return _of_workflow(workflow if isinstance(workflow, Mapping) else {}, text)
    if understood.command in _RUNS and _WHEN.search(text):
        return ASK_TIME
    if (
        understood.command in _LASTS
        and "until" not in understood.arguments
        and re.search(rf"\b{_SPELL}\b", text.replace("for now", ""), re.IGNORECASE)
    ):
        return ASK_UNTIL
    return ""


def _of_workflow(workflow: Mapping[str, Any], text: str) -> str:
    trigger = workflow.get("trigger") or {}
    kind = trigger.get("type", "manual")
    appointed = any(
        str(step.get("action", "")).endswith(("create_meeting", "create_event", "update_event")) for step in workflow.get("steps") or ()
    )
    if kind == "manual" and not appointed and not _BY_HAND.search(text) and (_WHEN.search(text) or _PLANNED.search(text)):
        return ASK_TIME
    cause = _POINTED_CAUSE.search(text)
    if "on_failure" in (workflow.get("options") or {}) and trigger.get("event"):
        cause = None  # "…; if it fails, tell @maria" is said of the workflow itself
    if cause is not None and kind == "event_based" and not re.search(SERVICE, text[: cause.start()] + text[cause.end() :]):
        return ASK_CAUSE
    return ""


def opened(understood: Understood, question: str, remember: Mapping[str, Any]) -> Understood:
    """``understood`` with its start taken out again and asked for."""
    arguments = dict(understood.arguments)
    workflow = arguments.get("workflow")
    if understood.command == "create_workflow" and isinstance(workflow, Mapping):
        arguments["workflow"] = {key: value for key, value in workflow.items() if key != "trigger"}
    return replace(understood, arguments=arguments, question=question, confidence=min(understood.confidence, 0.85), remember=remember)
