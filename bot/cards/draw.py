"""Which drawing belongs to which answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.cards import (
    advice,
    alert,
    analytics,
    answer,
    connection,
    health,
    map,
    oncall,
    outlook,
    quality,
    rehearsal,
    replay,
    reroute,
    run,
    silence,
    workflow,
)
from bot.cards.card import Card
from engine.commands import advice_shown, command, map_shown, reroutes_shown

# Impact and the map are drawn with a picture, and what was asked with the id of its dialogue: see ``bot.drawn`` and ``bot.conversation``.
DRAWINGS: dict[type, Callable[[Any], Card]] = {
    command.PreviewShown: workflow.preview,
    command.WorkflowShown: workflow.workflow,
    command.WorkflowsShown: workflow.workflows,
    command.RunShown: run.run,
    command.RunsShown: run.runs,
    command.InputsWanted: workflow.inputs_wanted,
    command.VersionsShown: workflow.versions,
    command.DifferenceShown: workflow.difference,
    command.RehearsedShown: rehearsal.rehearsal,
    command.ReplayedShown: replay.replay,
    command.AlertShown: alert.alert,
    command.AlertsShown: alert.alerts,
    command.OnCallShown: oncall.on_call,
    command.EscalationsShown: oncall.escalations,
    command.HealthShown: health.health,
    command.ForecastShown: outlook.forecast,
    command.ObjectivesShown: outlook.objectives,
    command.MetricsShown: outlook.metrics,
    command.QualityShown: quality.quality,
    command.DigestShown: quality.digest,
    command.PlansShown: quality.plans,
    command.PostMortemShown: quality.post_mortem,
    command.SilencesShown: silence.silences,
    command.SilenceShown: silence.silence,
    map_shown.MapEdited: map.edited,
    map_shown.MapHistoryShown: map.history,
    map_shown.MapCheckedShown: map.checked,
    map_shown.SuggestionsShown: map.suggestions,
    map_shown.ImportPlanned: map.planned,
    reroutes_shown.ReroutesShown: reroute.reroutes,
    command.AnalyticsShown: analytics.analytics,
    advice_shown.AdviceShown: advice.advice,
    command.ConnectionShown: connection.connection,
    command.FindingsShown: answer.findings,
    command.AuditShown: answer.audit,
    command.HelpShown: answer.help_card,
    command.TemplatesShown: answer.templates,
    command.FileShown: answer.file,
    command.Asked: answer.asked,
    command.Done: answer.done,
}
