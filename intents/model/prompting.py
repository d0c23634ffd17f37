"""What the model is told: the rules, the commands, the catalogue, and the request as marked data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.ports import Said
from engine.workflow.catalogue import Catalogue
from engine.workflow.marking import marked
from intents.model.redaction import Redactor

MOST_WORKFLOWS = 40  # names that are sent along
LONGEST_NAME = 100

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "create_workflow": ("workflow",), "edit_workflow": ("workflow", "change"), "run_workflow": ("workflow", "inputs"), "pause_workflow": ("workflow", "until"),
    "resume_workflow": ("workflow",), "delete_workflow": ("workflow",), "show_workflow": ("workflow",), "list_workflows": ("service", "state"),
    "run_history": ("workflow", "window", "outcome"), "retry_run": ("workflow", "run"), "cancel_run": ("workflow", "run"), "health_report": ("service", "window"),
    "service_metrics": ("service", "metric", "window"), "list_alerts": ("service", "severity", "state"), "acknowledge_alert": ("alert", "service", "severity", "note"),
    "resolve_alert": ("alert", "service", "severity", "note"), "escalate_alert": ("alert", "service", "severity", "note"),
    "explain_alert": ("alert", "service", "severity"), "snooze_alert": ("alert", "service", "severity", "until"), "set_maintenance": ("service", "start", "until"),
    "show_impact": ("service", "workflow"), "show_dependencies": ("service", "workflow"), "find_root_cause": ("service",),
    "recommend_service": ("category", "service"), "set_fallback": ("service", "fallback"), "predict_run": ("workflow", "at"), "optimize_workflow": ("workflow",),
    "workflow_analytics": ("workflow", "window"), "set_threshold": ("service", "metric", "severity", "value"), "show_schedule": ("window",), "on_call": (),
    "help": ("topic",),
}  # fmt: skip


def shown(said: Said, redactor: Redactor) -> dict[str, Any]:
    """Of a request what leaves the house."""
    return {
        "request": redactor.redact(said.text),
        "now": said.now.isoformat(timespec="seconds"),
        "timezone": said.timezone or "UTC",
        "workflows": [redactor.redact(name)[:LONGEST_NAME] for name in list(said.workflows)[:MOST_WORKFLOWS]],
    }


def messages(system: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": marked(dict(data))}]


def schema(catalogue: Catalogue) -> dict[str, Any]:
    """Services, actions, events and commands are enumerated: an endpoint that enforces it cannot make any up."""
    services = {"type": "string", "enum": sorted(catalogue.services)}
    trigger = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["scheduled", "event_based", "cross_service", "ai_predicted", "manual"]},
            "service": services,
            **{key: {"type": "string"} for key in ("event", "cron", "rrule", "at", "timezone", "within", "metric", "horizon")},
            **{key: {"type": "array", "items": {"type": "string", "enum": sorted(catalogue.events)}} for key in ("all", "any", "sequence")},
        },
        "required": ["type"],
    }
    step = {
        "type": "object",
        "properties": {"action": {"type": "string", "enum": sorted(catalogue.actions)}, "with": {"type": "object"}},
        "required": ["action"],
    }
    workflow = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "trigger": trigger,
            "when": {"type": "string"},
            "steps": {"type": "array", "items": step},
            "options": {"type": "object"},
        },
        "required": ["steps"],
    }
    arguments = {"workflow": {"anyOf": [{"type": "string"}, workflow]}, "service": services, "fallback": services}
    return {
        "type": "object",
        "properties": {
            "command": {"enum": [*COMMANDS, None]},
            "arguments": {"type": "object", "properties": arguments},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "required": ["command", "arguments"],
    }


def system_prompt(catalogue: Catalogue) -> str:
    commands = "\n".join(f"{name}: {', '.join(arguments) or '-'}" for name, arguments in COMMANDS.items())
    text = (Path(__file__).parents[1] / "prompts" / "understand.md").read_text(encoding="utf-8")
    return text.replace("{commands}", commands).replace("{catalogue}", _catalogue_lines(catalogue))


def _catalogue_lines(catalogue: Catalogue) -> str:
    lines = []
    for service in catalogue.services.values():
        actions = "; ".join(f"{action.operation}({', '.join(field.name for field in action.inputs)})" for action in service.actions)
        lines.append(f"{service.id}: {actions} | events: {', '.join(event.event for event in service.events) or '-'}")
    return "\n".join(lines)
