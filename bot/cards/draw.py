"""Which drawing belongs to which answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.cards import alert, answer, health, run, workflow
from bot.cards.card import Card
from engine.commands.command import (
    AlertShown, AlertsShown, AuditShown, Done, FileShown, FindingsShown, HealthShown, HelpShown, PreviewShown, RunShown, RunsShown,
    WorkflowShown, WorkflowsShown,
)  # fmt: skip

DRAWINGS: dict[type, Callable[[Any], Card]] = {
    PreviewShown: workflow.preview,
    WorkflowShown: workflow.workflow,
    WorkflowsShown: workflow.workflows,
    RunShown: run.run,
    RunsShown: run.runs,
    AlertShown: alert.alert,
    AlertsShown: alert.alerts,
    HealthShown: health.health,
    FindingsShown: answer.findings,
    AuditShown: answer.audit,
    HelpShown: answer.help_card,
    FileShown: answer.file,
    Done: answer.done,
}
