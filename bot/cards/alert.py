"""Cards of alerts: the one card of an incident, with what its state lets people do, and the list."""

from __future__ import annotations

from datetime import datetime

from bot.cards.card import Bold, Button, Card, Code, Fields, Form, FormField, Line, Moment, Part, Style, Table, Tone
from bot.cards.words import RUN_WORDS, amount, cut, headline, joined, lasted, said, service, small, stamp
from engine.commands.callsheet import last_call
from engine.commands.command import AlertShown, AlertsShown
from engine.commands.registry import buttons
from engine.commands.snooze_alert import OPTIONS
from engine.graph.blame.kept import sign_of
from engine.monitoring.alert import LEASE_AFTER_RESOLVE, Alert, AlertState, Severity
from engine.monitoring.incident import Incident
from engine.monitoring.storm import RULE as STORM
from engine.parties import SYSTEM

TONES = {AlertState.FIRING: Tone.BAD, AlertState.ACKNOWLEDGED: Tone.WARNING, AlertState.RESOLVED: Tone.GOOD}
BY_ITSELF = "it recovered by itself"
TOP = 5  # services named on the card


def alert(shown: AlertShown) -> Card:
    """One card for the whole incident, whichever of its alerts was asked for."""
    whole = shown.incident or Incident(shown.alert, (shown.alert,))
    one, state = speaker(whole), whole.state
    tone = TONES[state]
    if state is AlertState.FIRING and whole.severity.rank < Severity.HIGH.rank:
        tone = Tone.WARNING
    told = small("It was: ", one.message) if state is AlertState.RESOLVED else said(one.message)
    body: list[Part] = [told, *_affected(whole), Fields(_fields(whole, one))]
    if shown.runs:
        lines = ((Bold(run.name), f" ({RUN_WORDS[run.state]}) ", Code(run.id)) for run in shown.runs)
        body.append(said("Run for it: ", *joined(lines)))
    if one.note:
        body.append(said(Bold("Note: "), one.note))
    if one.reopened and state is AlertState.FIRING:
        body.append(said(Bold("Reopened: "), one.because))
    else:
        body.append(small("Now: " if state is AlertState.RESOLVED else "Why you see this: ", one.because))
    body += _around(shown, whole)
    names = titled(shown, whole)
    return Card(
        id=whole.id,
        version=whole.lead.revision,
        title=headline(f"{names} · {state.value}"),
        tone=tone,
        body=tuple(body),
        actions=_verbs(shown, whole, one, state),
        footer=_footer(one, state),
        summary=headline(f"[{whole.severity.value}] {names} {state.value}: {one.message}"),
    )


def speaker(whole: Incident) -> Alert:
    """The alert whose words and times the card tells: the leader while it lasts, then the oldest that does."""
    if whole.lead.open or not whole.open:
        return whole.lead
    return whole.open[0]


def titled(shown: AlertShown, whole: Incident) -> str:
    """The likeliest cause, and how many services there are besides."""
    if whole.lead.rule == STORM:
        return f"Storm: {amount(len(whole.services) - 1, 'service')}"
    cause = shown.suspect.service if shown.suspect is not None else ""
    named = [name for name in whole.services if name]
    if cause and cause not in named:
        return f"{shown.suspect_name or service(cause)} ({amount(len(named), 'service')})"
    first = cause or (named[0] if named else whole.lead.rule.replace("_", " "))
    others = len(named) - 1 if named else 0
    return service(first) + (f" and {others} more" if others > 0 else "")


def _affected(whole: Incident) -> list[Part]:
    """The services of it with their states, the worst and the oldest first; nothing for an alert that stands alone."""
    if len(whole.services) < 2:
        count = len(whole.open)
        return [small(f"{amount(count, 'alert')} of it are open.")] if count > 1 else []
    worst: dict[str, AlertState] = {}  # in one pass: a storm has thousands of members in hundreds of services
    for name, state in dict.fromkeys((one.service, one.state) for one in whole.members):
        worst[name] = min(state, worst.get(name, state), key=_order)
    rows = sorted(((state, place, name) for place, (name, state) in enumerate(worst.items())), key=lambda row: (_order(row[0]), row[1]))
    lines: list[Line] = [(Bold(service(name) or "without a service"), f" {state.value}") for state, _, name in rows[:TOP]]
    if len(rows) > TOP:
        lines.append((f"{len(rows) - TOP} more",))
    return [said("Affected: ", *joined(lines, " · "))]


def _order(state: AlertState) -> int:
    return list(AlertState).index(state)


def _fields(whole: Incident, one: Alert) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [("Severity", (whole.severity.value,)), ("Since", (Moment(whole.opened_at),))]
    if one.acknowledged_by and one.acknowledged_at:
        fields.append(("Acknowledged by", (Bold(one.acknowledged_by), " · ", Moment(one.acknowledged_at, "relative"))))
    if whole.state is AlertState.ACKNOWLEDGED and one.relapse_at:
        fields.append(("Held until", (Moment(one.relapse_at),)))
    if one.open and one.snoozed_until:
        fields.append(("Snoozed until", (Moment(one.snoozed_until),)))
    if one.open and (call := last_call(whole.lead)):
        who, at = call
        when: Line = (" · next ", Moment(one.escalate_at, "time")) if one.escalate_at else ()
        fields.append(("Called", (who, " · ", Moment(at, "relative"), *when)))
    if whole.resolved_at:
        by = BY_ITSELF if one.resolved_by == SYSTEM.name else Bold(one.resolved_by or "somebody")
        fields.append(("Resolved by" if isinstance(by, Bold) else "Resolved", (by, " · ", Moment(whole.resolved_at, "relative"))))
        fields.append(("Lasted", (lasted(whole.resolved_at - whole.opened_at),)))
    return tuple(fields)


def _around(shown: AlertShown, whole: Incident) -> list[Part]:
    """What helps to judge it: the suspected cause, what the vendor says, a runbook, why it was quiet, and whether it is real."""
    parts: list[Part] = []
    if shown.suspect is not None and len(whole.services) > 1:
        named = shown.suspect_name or service(shown.suspect.service) or "nobody"
        confirmed = shown.judged is not None and bool(shown.judged.confirmed)
        parts.append(small("Cause: " if confirmed else "Suspected: ", Bold(named), ". ", shown.suspect.because))
        if shown.said_of_it:
            parts.append(small(shown.said_of_it))
    if shown.vendor is not None:
        parts.append(small(f"{service(shown.vendor.service)}'s status page says: {shown.vendor.says}"))
    runbook = next((one.runbook for one in whole.members if one.runbook), "")
    if runbook:
        parts.append(small("Runbook: ", runbook))
    if whole.open and all(one.quiet for one in whole.open):
        parts.append(small("Nobody was told: ", speaker(whole).quiet))
    if whole.lead.sandbox:
        parts.append(small("Sandbox: this service is answered from examples; the fault was put there on purpose."))
    return parts


def _verbs(shown: AlertShown, whole: Incident, one: Alert, state: AlertState) -> tuple[Button, ...]:
    why = Button("why", "Why?")
    if state is AlertState.FIRING:
        made = (
            Button("acknowledge", "Acknowledge", style=Style.PRIMARY), Button("resolve", "Resolve"), _snooze(one), Button("escalate", "Escalate"),
            *_runbook(shown), _note(), why,
        )  # fmt: skip
    elif state is AlertState.ACKNOWLEDGED:
        made = (
            Button("resolve", "Resolve", style=Style.PRIMARY), _snooze(one), Button("unacknowledge", "Un-acknowledge"), *_runbook(shown), _note(), why,
        )  # fmt: skip
    else:
        reopen = () if _settled(whole, shown.at) else (Button("reopen", "Reopen"),)
        made = (*reopen, Button("postmortem", "Post-mortem"), why)
    made = (*made, *_judging(shown, whole))  # last: what is urgent stands first, and faces with little room drop the end
    known = buttons()
    return tuple(button for button in made if f"alr.{button.verb}" in known)


def _judging(shown: AlertShown, whole: Incident) -> tuple[Button, ...]:
    """Whether it was the suspect; once a person said that it was, the word can only be taken back."""
    if shown.suspect is None or not shown.suspect.service or len(whole.services) < 2:
        return ()
    name = cut(headline(shown.suspect_name or service(shown.suspect.service)), 30)
    sign = sign_of(shown.suspect.service)
    no = Button("cause", f"Not {name}", arg=f"not.{sign}")
    confirmed = shown.judged is not None and shown.judged.confirmed == shown.suspect.service
    return (no,) if confirmed else (Button("cause", f"It was {name}", arg=f"is.{sign}"), no)


def _note() -> Button:
    written = FormField("note", "Note", "text", help="It stands on the card, with your name, and in the alert's history.")
    return Button("note", "Note…", form=Form("Add a note", (written,), submit="Add"))


def _settled(whole: Incident, at: datetime | None) -> bool:
    """Too long over to be opened again."""
    return at is not None and whole.resolved_at is not None and at >= whole.resolved_at + LEASE_AFTER_RESOLVE


def _snooze(one: Alert) -> Button:
    if one.snoozed_until is not None:
        return Button("wake", "Wake")
    spans = tuple((value, label) for label, value in OPTIONS)
    until = FormField("until", "For how long", "choice", spans[1][0], options=spans)
    other = FormField("other", "Or until", required=False, help="A span or a moment, such as 90m or tomorrow 14:00.")
    return Button("snooze", "Snooze…", form=Form("Snooze this alert", (until, other), submit="Snooze"))


def _runbook(shown: AlertShown) -> tuple[Button, ...]:
    if not shown.runbooks:
        return ()
    options = tuple((flow.id, cut(headline(flow.name), 70)) for flow in shown.runbooks)
    inputs = FormField("inputs", "Inputs", "text", required=False, help="name=value, one on each line, where the workflow takes some.")
    form = Form(
        "Run a workflow for this alert", (FormField("workflow", "Workflow", "choice", options[0][0], options=options), inputs), submit="Run"
    )
    return (Button("runbook", "Runbook…", form=form),)


def _footer(one: Alert, state: AlertState) -> Line:
    return ("Nobody is on it yet. Acknowledge says that you are.",) if state is AlertState.FIRING and not one.snoozed_until else ()


def alerts(shown: AlertsShown) -> Card:
    if not shown.alerts:
        title = f"No alerts: {shown.filter}" if shown.filter else "No open alerts"
        return Card(
            title=headline(title), tone=Tone.NEUTRAL if shown.filter else Tone.GOOD, body=(said("All quiet."),) if not shown.filter else ()
        )
    names = [one.service for one in shown.alerts if one.open]
    ids = "" in names or len(set(names)) < len(names)  # a service's name says which one is meant, unless it has several
    rows = tuple(
        (_several(shown, one), one.message, one.severity.value, one.state.value, stamp(one.opened_at, shown.timezone), _who(one), one.id)[
            : 7 if ids else 6
        ]
        for one in shown.alerts
    )
    worst = max((one.severity for one in shown.alerts if one.state is not AlertState.RESOLVED), key=lambda s: s.rank, default=None)
    tone = Tone.BAD if worst and worst.rank >= Severity.HIGH.rank else Tone.WARNING if worst else Tone.NEUTRAL
    columns = ("Service", "What", "Severity", "State", "Since", "Who", "Id")[: 7 if ids else 6]
    title = f"{amount(len(rows), 'alert')}: {shown.filter}" if shown.filter else amount(len(rows), "open alert")
    return Card(
        title=headline(title),
        tone=tone,
        body=(Table(columns, rows), small("/ack and /resolve take a service", " or an id." if ids else ".")),
    )


def _several(shown: AlertsShown, one: Alert) -> str:
    more = shown.folded.get(one.id, 0)
    if one.rule == STORM:
        return f"Storm of {amount(more, 'alert')}"
    return service(one.service) + (f" and {amount(more, 'more alert')}" if more else "")


def _who(one: Alert) -> str:
    if one.state is AlertState.RESOLVED:
        return "by itself" if one.resolved_by == SYSTEM.name else one.resolved_by
    return one.acknowledged_by or "nobody yet"
