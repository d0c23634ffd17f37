"""A draft of what to learn from an incident: its timeline, its times and its figures as text that people finish. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.monitoring.alert import AlertState
from engine.monitoring.charting import Mark, Phase, Sign, Timeline
from engine.monitoring.incident import Incident
from engine.monitoring.spans import about
from engine.parties import SYSTEM

MOST: Final = 60  # moments of a timeline
LONGEST: Final = 160  # characters of what is told of one
# Verbs of the audit in words, and the sign on the chart; what stands not here is no moment of an incident.
MOMENTS: Final[Mapping[str, tuple[str, Sign]]] = {
    "open": ("opened", Sign.OPENED),
    "raise_alert": ("raised by hand", Sign.OPENED),
    "reopen": ("came back", Sign.OPENED),
    "reopen_alert": ("reopened", Sign.OPENED),
    "worsen": ("got worse", Sign.CHANGED),
    "tell": ("was told now", Sign.NOTED),
    "acknowledge_alert": ("acknowledged", Sign.ACKNOWLEDGED),
    "unacknowledge_alert": ("given back", Sign.CHANGED),
    "remind_alert": ("asked whether somebody still has it", Sign.NOTED),
    "relapse_alert": ("nobody was on it any more", Sign.CHANGED),
    "keep_alert": ("still on it", Sign.NOTED),
    "snooze_alert": ("snoozed", Sign.NOTED),
    "wake_alert": ("woken", Sign.NOTED),
    "escalate_alert": ("escalated", Sign.ESCALATED),
    "call_alert": ("somebody was called", Sign.ESCALATED),
    "note_alert": ("note", Sign.NOTED),
    "judge_suspect": ("cause judged", Sign.NOTED),
    "start_runbook": ("a workflow was started", Sign.NOTED),
    "recover": ("recovered", Sign.RESOLVED),
    "resolve_alert": ("resolved", Sign.RESOLVED),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the audit about one of the alerts; ``service``: which."""

    at: datetime
    who: str
    verb: str
    service: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    sign: Sign
    text: str


def moments(rows: Sequence[Row]) -> tuple[Moment, ...]:
    """Oldest first; of more than ``MOST`` the first half and the last."""
    found = [_moment(row) for row in sorted(rows, key=lambda row: row.at) if row.verb in MOMENTS]
    return tuple(found if len(found) <= MOST else [*found[: MOST // 2], *found[-MOST // 2 :]])


def _moment(row: Row) -> Moment:
    words, sign = MOMENTS[row.verb]
    who = "" if row.who == SYSTEM.name else f" by {row.who}"
    detail = f": {' '.join(row.detail.split())[:LONGEST]}" if row.detail else ""
    return Moment(row.at, sign, f"{row.service} {words}{who}{detail}")


def drawn(whole: Incident, told: Sequence[Moment], now: datetime, zone: str, title: str) -> Timeline:
    """The same as a picture."""
    end = whole.resolved_at or now
    marks = tuple(Mark(one.at, one.sign, one.text) for one in told)
    lead, phases = whole.lead, []
    taken = lead.acknowledged_at if lead.acknowledged_at and whole.opened_at <= lead.acknowledged_at <= end else None
    phases.append(Phase(whole.opened_at, taken or end, AlertState.FIRING.value))
    if taken is not None:
        phases.append(Phase(taken, end, AlertState.ACKNOWLEDGED.value))
    return Timeline(title=title, start=whole.opened_at, end=end, events=marks, phases=tuple(phases), zone=zone)


def figures(whole: Incident, now: datetime) -> dict[str, str]:
    """How long things took, in words."""
    lead, found = whole.lead, {}
    if lead.acknowledged_at is not None:
        found["Taken after"] = about((lead.acknowledged_at - whole.opened_at).total_seconds())
    over = whole.resolved_at
    found["Over after" if over else "Goes on for"] = about(((over or now) - whole.opened_at).total_seconds())
    found["Alerts"] = f"{len(whole.members)} of {len(whole.services)} service{'s' if len(whole.services) != 1 else ''}"
    if again := sum(one.reopened for one in whole.members):
        found["Came back"] = f"{again} time{'s' if again != 1 else ''}"
    return found


def written(
    whole: Incident,
    told: Sequence[Moment],
    names: Mapping[str, str],
    *,
    now: datetime,
    cause: str,
    failed: Sequence[str],
    summary: str = "",
) -> str:
    """Markdown, ready to be put into a wiki. ``names``: service → as people call it; ``failed``: runs that failed meanwhile, a line each."""
    lead, over = whole.lead, whole.resolved_at
    services = ", ".join(names.get(name, name) for name in whole.services if name) or lead.rule.replace("_", " ")
    lines = [
        f"# Incident of {whole.opened_at:%Y-%m-%d %H:%M} UTC: {services}",
        "",
        "*Draft, made from the record. What people know and no record holds belongs into the empty sections.*",
        "",
        "## Summary",
        "",
        summary or _summary(whole, services, now),
        "",
        "## Figures",
        "",
        *(f"- {name}: {value}" for name, value in figures(whole, now).items()),
        f"- Severity: {whole.severity.value}",
        f"- Began: {whole.opened_at:%Y-%m-%d %H:%M:%S} UTC",
        f"- Over: {over:%Y-%m-%d %H:%M:%S} UTC" if over else "- Over: not yet",
        "",
        "## Likely cause",
        "",
        cause or "Not known.",
        "",
        "## What it broke",
        "",
        *([f"- {line}" for line in failed] or ["No run failed in that time."]),
        "",
        "## Timeline (UTC)",
        "",
        "| when | what |",
        "|---|---|",
        *(f"| {one.at:%H:%M:%S} | {_cell(one.text)} |" for one in told),
        "",
        "## What went well",
        "",
        "## What went badly",
        "",
        "## What we do about it",
        "",
        "| what | who | until |",
        "|---|---|---|",
        "| | | |",
        "",
    ]
    return "\n".join(lines)


def _summary(whole: Incident, services: str, now: datetime) -> str:
    over = whole.resolved_at
    lasted = about(((over or now) - whole.opened_at).total_seconds())
    by = whole.lead.resolved_by
    end = (
        f"It was over after {lasted}" + ("." if by in ("", SYSTEM.name) else f", resolved by {by}.")
        if over
        else f"It has gone on for {lasted}."
    )
    taken = f" {whole.lead.acknowledged_by} took it." if whole.lead.acknowledged_by else " Nobody acknowledged it."
    return f"{services}: {whole.lead.message} {end}{taken}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
