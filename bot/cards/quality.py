"""Cards of reports on alerts: how good the rules were, the digest, and the reports that are posted by themselves."""

from __future__ import annotations

from datetime import timedelta

from bot.cards.card import Bold, Button, Card, Code, CodeBlock, Fields, Line, Moment, Part, Style, Table, Tone
from bot.cards.words import amount, headline, lasted, said, service, small, stamp
from engine.commands.command import DigestShown, PlansShown, PostMortemShown, QualityShown
from engine.commands.maintaining import recurring
from engine.monitoring.alert import AlertState
from engine.monitoring.quality import Proposal, RuleQuality

MOST_BUTTONS = 5
DASH = "–"


def quality(shown: QualityShown) -> Card:
    told = sum(row.told for row in shown.rows)
    idle = sum(row.slept_through for row in shown.rows)
    body: list[Part] = []
    if shown.rows:
        columns = ("Service", "Rule", "Fired", "Told", "Acked", "Acted on", "Flapped", "Slept through", "To ack", "Lasted")
        body.append(Table(columns, tuple(_row(row) for row in shown.rows)))
        body.append(small("Slept through: nobody took it and it went away by itself. Flapped: it came back within 15 minutes."))
    else:
        body.append(said("No alert fired in that time."))
    body += [said(Bold(f"{service(one.service)}: "), one.because) for one in shown.proposals]
    if shown.rows and not shown.proposals:
        body.append(small("No threshold would have spared you half of a rule's alerts without losing one that somebody needed."))
    days = (shown.until - shown.since).days or 1
    title = f"Alert rules, last {amount(days, 'day')}: {amount(told, 'alert')} told, {idle} nobody needed"
    return Card(
        id=shown.id,
        title=headline(title),
        tone=Tone.WARNING if told and idle * 2 > told else Tone.NEUTRAL,
        body=tuple(body),
        actions=_buttons(shown),
        footer=("From ", Moment(shown.since), " to ", Moment(shown.until)),
        summary=headline(title),
    )


def _row(row: RuleQuality) -> tuple[str, ...]:
    lengths = tuple(map(_short, (row.to_acknowledge, row.lasted)))
    counts = (row.fired, row.told, row.acknowledged, row.acted_on, row.flapped, row.slept_through)
    return (service(row.service) or DASH, row.rule.replace("_", " "), *map(str, counts), *lengths)


def _short(seconds: float | None) -> str:
    """A length of time as a narrow column has room for: “3 s”, “12 min”."""
    return DASH if seconds is None else lasted(timedelta(seconds=round(seconds))).replace(".0 ", " ")


def _buttons(shown: QualityShown) -> tuple[Button, ...]:
    applied = [one.service for one in shown.applied if one.before is not None]
    apply = [_apply(one) for one in shown.proposals]
    undo = [Button("undo", f"Undo {service(name)}"[:60], arg=name[:40]) for name in applied if name != "*"]
    return tuple([*apply, *undo][:MOST_BUTTONS])


def _apply(one: Proposal) -> Button:
    return Button("apply", f"Set {service(one.service)} to {one.value:g} s"[:60], arg=one.service[:40], style=Style.PRIMARY)


def digest(shown: DigestShown) -> Card:
    still = [one for one in shown.incidents if one.state is not AlertState.RESOLVED]
    fields: list[tuple[str, Line]] = [
        ("Incidents", (str(len(shown.incidents)),)),
        ("Still open", (str(len(still)),)),
        ("Told to nobody", (str(shown.quiet),)),
        ("Led to a call", (str(shown.called),)),
        ("Taken after", (_short(shown.to_acknowledge),)),
        ("Over after", (_short(shown.to_resolve),)),
    ]
    rows = tuple(
        (
            ", ".join(service(name) for name in one.services[:3] if name) or one.lead.rule.replace("_", " "),
            one.severity.value,
            one.state.value,
            one.lead.message,
            stamp(one.opened_at, shown.timezone),
            _short((one.resolved_at - one.opened_at).total_seconds()) if one.resolved_at else "goes on",
            one.lead.acknowledged_by or DASH,
        )
        for one in shown.incidents
    )
    columns = ("Service", "Severity", "State", "What", "Began", "Lasted", "Who")
    body: tuple[Part, ...] = (Fields(tuple(fields)), Table(columns, rows)) if rows else (said("Nothing alerted in that time."),)
    title = f"Alerts: {amount(len(shown.incidents), 'incident')}, {len(still)} still open"
    return Card(
        title=headline(title), tone=Tone.WARNING if still else Tone.GOOD, body=body,
        footer=("From ", Moment(shown.since), " to ", Moment(shown.until), "; medians"),
    )  # fmt: skip


def post_mortem(shown: PostMortemShown) -> Card:
    fields = tuple((name, (value,)) for name, value in shown.figures.items())
    body: list[Part] = [Fields(fields)]
    if shown.summary:
        body.append(said(shown.summary))
    body.append(CodeBlock(shown.text, "markdown"))
    told = small(
        "A draft made from the record",
        ", its summary told by the language model" if shown.summary else "",
        ". Finish it, and keep it where you keep such things.",
    )
    return Card(
        title=headline(f"Post-mortem: {shown.title}"), body=(*body, told), summary=headline(f"Draft of a post-mortem: {shown.title}")
    )


def plans(shown: PlansShown) -> Card:
    if not shown.plans:
        return Card(title="No report is posted by itself", body=(said("Order one: ", Code("/alerts report digest every weekday at 9:00")),))
    rows = tuple((one.what.value, recurring(one.every, one.timezone), one.to, stamp(one.next_at, shown.timezone), one.by_name, one.id) for one in shown.plans)
    return Card(
        title=headline(amount(len(rows), "report")),
        body=(Table(("Report", "When", "Where", "Next", "By", "Id"), rows), small("/alerts report off ID ends one.")),
    )
