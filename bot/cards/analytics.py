"""Analytics as a card: the figures, what changed, a line a workflow, team and service, and what is not known."""

from __future__ import annotations

from bot.cards.card import Bold, Button, Card, Fields, Line, Moment, Part, Table, Tone
from bot.cards.words import headline, said, service, small
from engine.commands.analysing import mark_of
from engine.commands.analytics_sheet import card_of
from engine.commands.command import AnalyticsShown
from engine.prediction.analytics.changes import Change, Verdict, summary
from engine.prediction.analytics.figures import Figures
from engine.prediction.analytics.report import Analytics, Kind, Row
from engine.prediction.analytics.report import headline as in_a_sentence
from engine.prediction.analytics.services import ServiceFigures
from engine.prediction.analytics.words import amount, length, share, work

DASH = "–"
MOST_ROWS = 15  # of each table: the sheet has them all
SIGNS = {Verdict.BETTER: "▲", Verdict.WORSE: "▼", Verdict.DIFFERENT: "◆"}
SHORT = {
    ("success", Verdict.BETTER): "▲ succeeds more",
    ("success", Verdict.WORSE): "▼ succeeds less",
    ("duration", Verdict.BETTER): "▲ faster",
    ("duration", Verdict.WORSE): "▼ slower",
    ("time saved", Verdict.BETTER): "▲ saves more",
    ("time saved", Verdict.WORSE): "▼ saves less",
}


def analytics(shown: AnalyticsShown) -> Card:
    report = shown.report
    body: list[Part] = [Fields(tuple(_service_fields(report.service) if report.service else _fields(report)))]
    body += [] if report.service is not None else _cost(report.total)
    body += _changes(report)
    body += _tables(report)
    body += [small(note) for note in report.notes]
    if not report.total.total and report.service is None:
        body = [said("No workflow ran in that time." if report.scope.kind is Kind.ALL else "No run in that time.")]
    return Card(
        id=card_of(report.since, report.until),
        title=headline(f"Analytics{_about(report)}, {shown.words}"),
        tone=_tone(report),
        body=tuple(body),
        actions=(Button("csv", "CSV", arg=mark_of(report.scope)),),
        footer=("From ", Moment(report.since), " to ", Moment(report.until), ", beside the same length of time before"),
        summary=headline(f"Analytics{_about(report)}, {shown.words}: {in_a_sentence(report)}"),
    )


def _about(report: Analytics) -> str:
    scope = report.scope
    return {Kind.ALL: "", Kind.WORKFLOW: f" of “{scope.name}”", Kind.SERVICE: f" of {scope.name}", Kind.TEAM: f" of {scope.name}"}[
        scope.kind
    ]


def _fields(report: Analytics) -> list[tuple[str, Line]]:
    total = report.total
    fields: list[tuple[str, Line]] = [("Runs", (Bold(f"{total.total:,}"), *_unfinished(total)))]
    fields.append(("Succeeded", (Bold(share(total.success_rate)), f" of {total.over:,}") if total.success_rate is not None else (DASH,)))
    if total.median is not None:
        fields.append(("Took", (Bold(length(total.median)), *_slowest(total.p90))))
    fields.append(("Time saved", (Bold(work(total.saved)),) if total.saved is not None else ("not declared",)))
    if total.cost:
        fields.append(("Failures cost", (Bold(work(total.cost)),)))
    return fields


def _slowest(p90: float | None) -> Line:
    return (f", one in ten over {length(p90)}",) if p90 is not None else ()


def _unfinished(total: Figures) -> Line:
    going = total.total - total.over - total.cancelled
    words = [f"{going:,} under way"] * bool(going) + [f"{total.cancelled:,} cancelled"] * bool(total.cancelled)
    return (f", {', '.join(words)}",) if words else ()


def _cost(total: Figures) -> list[Part]:
    """Repair and work by hand, and the wait beside them, as nobody need have worked during it."""
    if not total.live_failed:
        return []
    failed, waited = amount(total.live_failed, "failed run"), f"under way for {length(total.waited)} before they failed"
    parts = [f"{work(total.repair)} of repair"] if total.repair is not None else []
    parts += [f"{work(total.by_hand)} done by hand after all"] if total.by_hand is not None else []
    if not parts:
        return [said(f"What {failed} cost is not declared; they had been {waited}.")]
    return [said(f"{failed.capitalize()} cost {' and '.join(parts)}; they had been {waited}.")]


def _service_fields(one: ServiceFigures) -> list[tuple[str, Line]]:
    fields: list[tuple[str, Line]] = [("Asked", (Bold(f"{one.asks:,}"), " times"))]
    if one.success_rate is not None:
        fields.append(("Succeeded", (Bold(share(one.success_rate)), f", {one.failed:,} failed")))
        fields.append(("An ask took", (Bold(length(one.seconds / one.asks)), " on average")))
    if one.median is not None:
        fields.append(("Answers", (f"half within {length(one.median)}", *_slowest(one.p90))))
    if one.runs_at_most:
        price = f", {work(one.cost_at_most)}" if one.cost_at_most is not None else ""
        fields.append(("To blame for", (f"at most {amount(one.runs_at_most, 'failed run')}{price}",)))
    return fields


def _changes(report: Analytics) -> list[Part]:
    clear = [change for change in report.changes if change.clear]
    lines: list[Part] = [said(f"{SIGNS[change.verdict]} ", change.text) for change in clear]
    if quiet := summary(report.changes):
        lines.append(small(quiet))
    unknown = [change.text for change in report.changes if change.verdict is Verdict.UNKNOWN]
    return [*lines, small(" ".join(unknown))] if unknown else lines


def _tables(report: Analytics) -> list[Part]:
    parts: list[Part] = []
    if report.rows and report.scope.kind is not Kind.WORKFLOW:
        shown = report.rows[:MOST_ROWS]
        changed = any(row.change for row in shown)  # a column of dashes tells nothing
        columns = ("Workflow", "Runs", "Success", "Median", "p90", "Saved", "Failures cost", *["Changed"] * changed)
        parts.append(Table(columns, tuple(_row(row)[: len(columns)] for row in shown)))
        parts += _more(len(report.rows), "workflow")
    if report.teams:
        rows = tuple((owner or "nobody", *_cells(figures)) for owner, figures in report.teams[:MOST_ROWS])
        parts.append(Table(("Team", "Runs", "Success", "Median", "p90", "Saved", "Failures cost"), rows))
    if report.services and report.service is None:
        parts.append(Table(("Service", "Asks", "Failed", "Mean"), tuple(map(_asked, report.services[:MOST_ROWS]))))
        parts += _more(len(report.services), "service")
    return parts


def _more(count: int, noun: str) -> list[Part]:
    return [small(f"And {amount(count - MOST_ROWS, f'more {noun}')}: the CSV has them all.")] if count > MOST_ROWS else []


def _row(row: Row) -> tuple[str, ...]:
    name = f"{row.flow.name} (deleted)" if row.flow.deleted else row.flow.name
    return (name, *_cells(row.figures), _short(row.change))


def _cells(one: Figures) -> tuple[str, ...]:
    return (
        f"{one.total:,}",
        share(one.success_rate) if one.success_rate is not None else DASH,
        length(one.median) if one.median is not None else DASH,
        length(one.p90) if one.p90 is not None else DASH,
        work(one.saved) if one.saved is not None else DASH,
        work(one.cost) if one.cost else DASH,
    )


def _short(change: Change | None) -> str:
    if change is None:
        return DASH
    if change.measure == "runs":
        return "◆ more runs" if (change.now or 0) > (change.before or 0) else "◆ fewer runs"
    return SHORT.get((change.measure, change.verdict), change.measure)


def _asked(one: ServiceFigures) -> tuple[str, ...]:
    return (service(one.service), f"{one.asks:,}", f"{one.failed:,}", length(one.seconds / one.asks) if one.asks else DASH)


def _tone(report: Analytics) -> Tone:
    verdicts = {change.verdict for change in report.changes}
    if Verdict.WORSE in verdicts:
        return Tone.WARNING
    return Tone.GOOD if Verdict.BETTER in verdicts else Tone.NEUTRAL
