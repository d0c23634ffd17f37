"""Cards of alerts: the one card of an outage, with Acknowledge and Resolve, and the list."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Fields, Line, Moment, Part, Style, Table, Tone
from bot.cards.words import lasted, said, small
from engine.commands.command import AlertShown, AlertsShown
from engine.monitoring.alert import Alert, AlertState, Severity

TONES = {AlertState.FIRING: Tone.BAD, AlertState.ACKNOWLEDGED: Tone.WARNING, AlertState.RESOLVED: Tone.GOOD}


def alert(shown: AlertShown) -> Card:
    one = shown.alert
    tone = TONES[one.state]
    if one.state is AlertState.FIRING and one.severity.rank < Severity.HIGH.rank:
        tone = Tone.WARNING
    body: list[Part] = [said(one.message), Fields(_fields(one))]
    if one.note:
        body.append(said(Bold("Note: "), one.note))
    if one.reopened and one.state is AlertState.FIRING:
        body.append(said(Bold("Reopened: "), one.because))
    else:
        body.append(small("Why you see this: ", one.because))
    if one.sandbox:
        body.append(small("Sandbox: this service answers from examples; the fault was put there on purpose."))
    return Card(
        id=one.id,
        version=one.revision,
        title=f"{one.service} · {one.state.value}",
        tone=tone,
        body=tuple(body),
        actions=_verbs(one),
        footer=_footer(one),
        summary=f"[{one.severity.value}] {one.service}: {one.message} ({one.state.value})",
    )


def _fields(one: Alert) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [
        ("Severity", (one.severity.value,)), ("State", (Bold(one.state.value),)), ("Since", (Moment(one.opened_at),)),
    ]  # fmt: skip
    if one.acknowledged_by and one.acknowledged_at:
        fields.append(("Acknowledged by", (Bold(one.acknowledged_by), " · ", Moment(one.acknowledged_at, "relative"))))
    if one.resolved_at:
        fields.append(("Resolved by", (Bold(one.resolved_by), " · ", Moment(one.resolved_at, "relative"))))
        fields.append(("Lasted", (lasted(one.resolved_at - one.opened_at),)))
    return tuple(fields)


def _verbs(one: Alert) -> tuple[Button, ...]:
    why = Button("why", "Why?")
    if one.state is AlertState.FIRING:
        return (Button("acknowledge", "Acknowledge", style=Style.PRIMARY), Button("resolve", "Resolve"), why)
    if one.state is AlertState.ACKNOWLEDGED:
        return (Button("resolve", "Resolve", style=Style.PRIMARY), why)
    return (why,)


def _footer(one: Alert) -> Line:
    if one.state is AlertState.RESOLVED and one.resolved_at:
        return ("Resolved by ", Bold(one.resolved_by), " ", Moment(one.resolved_at, "relative"))
    if one.state is AlertState.ACKNOWLEDGED and one.acknowledged_at:
        return ("Acknowledged by ", Bold(one.acknowledged_by), " ", Moment(one.acknowledged_at, "relative"))
    return ("Firing since ", Moment(one.opened_at, "relative"), " · nobody is on it yet")


def alerts(shown: AlertsShown) -> Card:
    about = f" ({shown.filter})" if shown.filter else ""
    if not shown.alerts:
        return Card(title=f"No open alerts{about}", tone=Tone.GOOD, body=(said("All quiet."),))
    rows = tuple(
        (one.service, one.severity.value, one.state.value, f"{one.opened_at:%Y-%m-%d %H:%M} UTC",
         one.acknowledged_by or one.resolved_by or "nobody yet", one.id)
        for one in shown.alerts
    )  # fmt: skip
    worst = max((one.severity for one in shown.alerts if one.state is not AlertState.RESOLVED), key=lambda s: s.rank, default=None)
    tone = Tone.BAD if worst and worst.rank >= Severity.HIGH.rank else Tone.WARNING if worst else Tone.NEUTRAL
    columns = ("Service", "Severity", "State", "Since", "Who", "Id")
    return Card(title=f"{len(rows)} alert{'s' if len(rows) != 1 else ''}{about}", tone=tone, body=(Table(columns, rows),))
