"""The impact card: what stops, what carries on, who is hit."""

from __future__ import annotations

from bot.cards.card import Bold, Card, Fields, Line, Part, Picture, Table, Tone
from bot.cards.words import said, small
from engine.commands.command import ImpactShown

TONES = {"low": Tone.NEUTRAL, "medium": Tone.WARNING, "high": Tone.BAD, "critical": Tone.BAD}


def impact(shown: ImpactShown, png: bytes | None, alt: str) -> Card:
    """``png`` None where no picture could be drawn; the words say the same."""
    one = shown.impact
    if not one.workflows:
        return Card(title=f"Nothing breaks if {one.service} is {one.state}", tone=Tone.GOOD, body=(said(one.because),))
    stops = [flow for flow in one.workflows if not flow.survives_by]
    rows = tuple(
        (flow.name, f"carries on by {flow.survives_by}" if flow.survives_by else "stops", f"{flow.runs_per_hour:.2g}/h", flow.because)
        for flow in one.workflows
    )
    fields: list[tuple[str, Line]] = [
        ("Stop", (Bold(str(len(stops))),)),
        ("Carry on", (str(len(rows) - len(stops)),)),
        ("Runs lost", (f"{one.runs_lost_per_hour:.2g} an hour",)),
        ("Severity", (one.severity,)),
    ]
    body: list[Part] = [said(one.because), Fields(tuple(fields)), Table(("Workflow", "What happens", "Runs", "Why"), rows)]
    if one.people:
        body.append(said(Bold("People: "), ", ".join(one.people)))
    if one.shared_fallback_dependencies:
        body.append(said(Bold("Beware: "), "the fallback shares ", ", ".join(one.shared_fallback_dependencies), " with what it replaces."))
    if png:
        body.append(Picture(png, alt, name=f"impact-{one.service}.png"))
    else:
        body.append(small(alt))
    return Card(
        title=f"If {one.service} is {one.state}",
        tone=TONES.get(one.severity, Tone.WARNING),
        body=tuple(body),
        summary=f"If {one.service} is {one.state}: {len(stops)} workflows stop ({', '.join(flow.name for flow in stops[:5])})",
    )
