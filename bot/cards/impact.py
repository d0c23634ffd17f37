"""The impact card: what stops, what carries on, who is hit."""

from __future__ import annotations

import re

from bot.cards.card import Bold, Card, Fields, Line, Part, Picture, Table, Tone
from bot.cards.words import amount, headline, said, service, small
from engine.commands.command import ImpactShown
from engine.graph.impact import AffectedWorkflow
from engine.graph.words import per_hour
from engine.workflow.catalogue import listed

TONES = {"low": Tone.NEUTRAL, "medium": Tone.WARNING, "high": Tone.BAD, "critical": Tone.BAD}


def impact(shown: ImpactShown, png: bytes | None, alt: str) -> Card:
    """``png`` None where no picture could be drawn; the words say the same."""
    one = shown.impact
    name = listed(shown.named) if shown.named else service(one.service)
    verb = "are" if len(shown.named) > 1 else "is"
    if not one.workflows:
        return Card(title=headline(f"Nothing breaks if {name} {verb} {one.state}"), tone=Tone.GOOD, body=(said(one.because),))
    stops = [flow for flow in one.workflows if not flow.survives_by]
    lost = "may fail" if one.state == "degraded" else "stops"
    rows = tuple((flow.name, _fate(flow, lost), per_hour(flow.runs_per_hour), flow.because) for flow in one.workflows)
    fields: list[tuple[str, Line]] = [
        ("May fail" if one.state == "degraded" else "Stop", (Bold(amount(len(stops), "workflow")),)),
        ("Carry on", (str(len(rows) - len(stops)),)),
        ("Runs at risk" if one.state == "degraded" else "Runs lost", (per_hour(one.runs_lost_per_hour),)),
        ("Severity", (one.severity,)),
    ]
    body: list[Part] = [said(one.because), Fields(tuple(fields)), Table(("Workflow", "What happens", "Runs", "Why"), rows)]
    body += [said(sentence) for sentence in shown.further]
    if shown.people:
        body.append(said(Bold("Whose: "), listed(shown.people)))
    if one.shared_fallback_dependencies:
        body.append(said(Bold("Beware: "), f"a fallback shares {listed(one.shared_fallback_dependencies)} with what it replaces."))
    body.append(Picture(png, alt or one.because or "impact", name=f"impact-{_file_name(one.service)}.png") if png else small(alt))
    return Card(
        title=headline(f"If {name} {verb} {one.state}"),
        tone=TONES.get(one.severity, Tone.WARNING),
        body=tuple(body),
        summary=headline(f"If {name} {verb} {one.state}: {one.because}"),
    )


def _fate(flow: AffectedWorkflow, lost: str) -> str:
    return f"carries on by {service(flow.survives_by)}" if flow.survives_by else lost


def _file_name(service: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", service)[:60] or "service"
