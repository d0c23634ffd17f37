"""Cards of alerts: the one card of an outage, with Acknowledge and Resolve, and the list."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Code, Fields, Form, FormField, Line, Moment, Part, Style, Table, Tone
from bot.cards.words import RUN_WORDS, amount, cut, headline, joined, lasted, said, service, small, stamp
from engine.commands.command import AlertShown, AlertsShown
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.parties import SYSTEM

TONES = {AlertState.FIRING: Tone.BAD, AlertState.ACKNOWLEDGED: Tone.WARNING, AlertState.RESOLVED: Tone.GOOD}
BY_ITSELF = "it recovered by itself"


def alert(shown: AlertShown) -> Card:
    one = shown.alert
    tone = TONES[one.state]
    if one.state is AlertState.FIRING and one.severity.rank < Severity.HIGH.rank:
        tone = Tone.WARNING
    told = small("It was: ", one.message) if one.state is AlertState.RESOLVED else said(one.message)
    body: list[Part] = [told, Fields(_fields(one))]
    if shown.runs:
        lines = ((Bold(run.name), f" ({RUN_WORDS[run.state]}) ", Code(run.id)) for run in shown.runs)
        body.append(said("Run for it: ", *joined(lines)))
    if one.note:
        body.append(said(Bold("Note: "), one.note))
    if one.reopened and one.state is AlertState.FIRING:
        body.append(said(Bold("Reopened: "), one.because))
    else:
        body.append(small("Now: " if one.state is AlertState.RESOLVED else "Why you see this: ", one.because))
    if one.sandbox:
        body.append(small("Sandbox: this service is answered from examples; the fault was put there on purpose."))
    return Card(
        id=one.id,
        version=one.revision,
        title=headline(f"{service(one.service)} · {one.state.value}"),
        tone=tone,
        body=tuple(body),
        actions=_verbs(shown),
        footer=_footer(one),
        summary=headline(f"[{one.severity.value}] {service(one.service)} {one.state.value}: {one.message}"),
    )


def _fields(one: Alert) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [("Severity", (one.severity.value,)), ("Since", (Moment(one.opened_at),))]
    if one.acknowledged_by and one.acknowledged_at:
        fields.append(("Acknowledged by", (Bold(one.acknowledged_by), " · ", Moment(one.acknowledged_at, "relative"))))
    if one.resolved_at:
        by = BY_ITSELF if one.resolved_by == SYSTEM.name else Bold(one.resolved_by or "somebody")
        fields.append(("Resolved by" if isinstance(by, Bold) else "Resolved", (by, " · ", Moment(one.resolved_at, "relative"))))
        fields.append(("Lasted", (lasted(one.resolved_at - one.opened_at),)))
    return tuple(fields)


def _verbs(shown: AlertShown) -> tuple[Button, ...]:
    one, why = shown.alert, Button("why", "Why?")
    if one.state is AlertState.FIRING:
        return (Button("acknowledge", "Acknowledge", style=Style.PRIMARY), Button("resolve", "Resolve"), *_runbook(shown), why)
    if one.state is AlertState.ACKNOWLEDGED:
        return (Button("resolve", "Resolve", style=Style.PRIMARY), *_runbook(shown), why)
    return (why,)


def _runbook(shown: AlertShown) -> tuple[Button, ...]:
    if not shown.runbooks:
        return ()
    options = tuple((flow.id, cut(headline(flow.name), 70)) for flow in shown.runbooks)
    inputs = FormField("inputs", "Inputs", "text", required=False, help="name=value, one on each line, where the workflow takes some.")
    form = Form(
        "Run a workflow for this alert", (FormField("workflow", "Workflow", "choice", options[0][0], options=options), inputs), submit="Run"
    )
    return (Button("runbook", "Runbook…", form=form),)


def _footer(one: Alert) -> Line:
    return ("Nobody is on it yet. Acknowledge says that you are.",) if one.state is AlertState.FIRING else ()


def alerts(shown: AlertsShown) -> Card:
    if not shown.alerts:
        title = f"No alerts: {shown.filter}" if shown.filter else "No open alerts"
        return Card(
            title=headline(title), tone=Tone.NEUTRAL if shown.filter else Tone.GOOD, body=(said("All quiet."),) if not shown.filter else ()
        )
    rows = tuple(
        (service(one.service), one.severity.value, one.state.value, one.message, stamp(one.opened_at, shown.timezone), _who(one), one.id)
        for one in shown.alerts
    )
    worst = max((one.severity for one in shown.alerts if one.state is not AlertState.RESOLVED), key=lambda s: s.rank, default=None)
    tone = Tone.BAD if worst and worst.rank >= Severity.HIGH.rank else Tone.WARNING if worst else Tone.NEUTRAL
    columns = ("Service", "Severity", "State", "What", "Since", "Who", "Id")
    title = f"{amount(len(rows), 'alert')}: {shown.filter}" if shown.filter else amount(len(rows), "open alert")
    return Card(
        title=headline(title),
        tone=tone,
        body=(Table(columns, rows), small("/ack and /resolve take a service or an id.")),
    )


def _who(one: Alert) -> str:
    if one.state is AlertState.RESOLVED:
        return "by itself" if one.resolved_by == SYSTEM.name else one.resolved_by
    return one.acknowledged_by or "nobody yet"
