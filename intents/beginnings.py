"""“Create a calendar event tomorrow at 15:00”: the time is when it begins over there, not when it is to be created. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BEGIN = frozenset({"google_calendar.create_event", "teams.create_meeting"})  # what has a time of its own


def with_beginning(workflow: dict[str, Any]) -> dict[str, Any]:
    """The one time of an order that makes something with a time of its own goes into that; what recurs stays a schedule."""
    trigger, steps = workflow.get("trigger"), workflow.get("steps")
    if not isinstance(trigger, Mapping) or trigger.get("type") != "scheduled" or not isinstance(steps, list) or not steps:
        return workflow
    first = steps[0]
    said = first.get("with") or {}
    if not trigger.get("at") or first.get("action") not in BEGIN or "start" in said:
        return workflow
    return {**workflow, "trigger": {"type": "manual"}, "steps": [{**first, "with": {**said, "start": trigger["at"]}}, *steps[1:]]}
