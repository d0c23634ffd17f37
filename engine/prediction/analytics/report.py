"""The report: figures of a time beside those of the time before, for everything, one workflow, one service or one team.

tallies, asks, declarations ──▶ figures by workflow ──▶ rows, teams, services, total ──▶ changes ──▶ notes of what is not known
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.monitoring.rollup import Rollup
from engine.prediction.analytics.changes import Change, changes
from engine.prediction.analytics.figures import Declared, Figures, by_owner, of_workflows, plain, together
from engine.prediction.analytics.services import ServiceFigures, of_services, service_changes
from engine.prediction.analytics.tally import AskTally, RunTallies
from engine.prediction.analytics.words import amount, work

NAMED = 3  # workflows that a note names before it counts the rest


class Kind(StrEnum):
    ALL = "all"
    WORKFLOW = "workflow"
    SERVICE = "service"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked about. ``id``: of the workflow or service, the name of the team; ``name`` in words."""

    kind: Kind = Kind.ALL
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Of a time and of the equally long one before it, each in ``slices`` equal slices.

    ``flows``: every workflow, deleted ones too. ``earliest``, ``asks_earliest``: when the oldest run and the oldest ask on record began: asks are
    kept for a shorter time. ``owners``: service id → team.
    ``measured``: rollups of the time, by service.
    """

    since: datetime
    until: datetime
    slices: int
    flows: Sequence[Declared]
    runs: RunTallies
    runs_before: RunTallies
    asks: Sequence[AskTally] = ()
    asks_before: Sequence[AskTally] = ()
    earliest: datetime | None = None
    asks_earliest: datetime | None = None
    owners: Mapping[str, str]
    measured: Mapping[str, Sequence[Rollup]]

    @property
    def step(self) -> timedelta:
        return (self.until - self.since) / self.slices

    @property
    def before(self) -> datetime:
        """When the time before began."""
        return self.since - (self.until - self.since)

    @property
    def asks_whole(self) -> bool:
        """Whether the record of asks tells all of the time, as far as anything ran in it."""
        return self.reaches(self.asks_earliest, max(self.since, self.earliest or self.since))

    def reaches(self, on_record: datetime | None, start: datetime) -> bool:
        """Whether a record that begins then tells all of what was from ``start`` on, but for a slice."""
        return on_record is not None and on_record < start + self.step


@dataclass(frozen=True, slots=True)
class Row:
    """A workflow with a run in the time. ``change``: the clear change that matters most, None = there is none."""

    flow: Declared
    figures: Figures
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """``rows``: by what they saved, then by runs. ``teams``: (owner, figures) where everything was asked for and somebody owns something.

    ``service``: of the one that was asked for, else None; ``services``: those that the workflows of the rows asked, the busiest first.
    ``changes``: of all rows together, or of the service. ``notes``: what is not known or not counted, a sentence each.
    """

    scope: Scope
    since: datetime
    until: datetime
    slices: int
    total: Figures
    before: Figures
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    teams: tuple[tuple[str, Figures], ...] = ()
    services: tuple[ServiceFigures, ...] = ()
    service: ServiceFigures | None = None
    notes: tuple[str, ...] = ()


def analytics(scope: Scope, evidence: Evidence) -> Analytics:
    """Pure and total: without a run every figure is nought or None, and says so."""
    flows = _meant(scope, evidence)
    now, before = of_workflows(flows, evidence.runs, evidence.slices), of_workflows(flows, evidence.runs_before, evidence.slices)
    busy = [flow for flow in flows if now[flow.id].total]
    start = evidence.before
    whole = evidence.reaches(evidence.earliest, start)
    services = _services(scope, evidence, flows, now)
    total, total_before = together(now.values()), together(before.values())
    chosen = services.get(scope.id) if scope.kind is Kind.SERVICE else None
    found = changes(total, total_before, [(now[flow.id], before[flow.id]) for flow in flows], whole=whole)
    if scope.kind is Kind.SERVICE:
        earlier = of_services(evidence.asks_before, flows, before, evidence.slices, {})
        told = evidence.reaches(evidence.asks_earliest, start)
        found = service_changes(chosen, earlier.get(scope.id), whole=told) if chosen is not None else ()
    rows = [Row(flow, now[flow.id], _clearest(flow, now[flow.id], before[flow.id], start, whole=whole, among=len(busy))) for flow in busy]
    return Analytics(
        scope=scope,
        since=evidence.since,
        until=evidence.until,
        slices=evidence.slices,
        total=total,
        before=total_before,
        rows=tuple(sorted(rows, key=lambda row: (-(row.figures.saved or 0.0), -row.figures.total, row.flow.name))),
        changes=found,
        teams=_teams(busy, now) if scope.kind is Kind.ALL else (),
        services=tuple(sorted(services.values(), key=lambda one: (-one.asks, one.service))),
        service=chosen or (ServiceFigures(service=scope.id) if scope.kind is Kind.SERVICE else None),
        notes=(*_notes(busy, now, total), *_short_record(evidence, services)),
    )


def _meant(scope: Scope, evidence: Evidence) -> list[Declared]:
    match scope.kind:
        case Kind.WORKFLOW:
            return [flow for flow in evidence.flows if flow.id == scope.id]
        case Kind.TEAM:
            return [flow for flow in evidence.flows if plain(flow.owner) == plain(scope.id)]
        case Kind.SERVICE:
            asking = {tally.source for tally in (*evidence.asks, *evidence.asks_before) if tally.target == scope.id}
            return [flow for flow in evidence.flows if flow.id in asking]
    return list(evidence.flows)


def _services(scope: Scope, evidence: Evidence, flows: Sequence[Declared], now: Mapping[str, Figures]) -> dict[str, ServiceFigures]:
    """Those the workflows asked; of a team also those that are its own, whoever asked them."""
    told = evidence.asks_whole
    found = of_services(evidence.asks, flows, now, evidence.slices, evidence.measured, whole=told)
    if scope.kind is Kind.TEAM:
        own = {service for service, team in evidence.owners.items() if plain(team) == plain(scope.id)} - found.keys()
        if own:
            figures = of_workflows(evidence.flows, evidence.runs, evidence.slices)
            everywhere = of_services(evidence.asks, evidence.flows, figures, evidence.slices, evidence.measured, whole=told)
            found |= {name: one for name, one in everywhere.items() if name in own}
    return {name: one for name, one in found.items() if scope.kind is not Kind.SERVICE or name == scope.id}


def _clearest(flow: Declared, now: Figures, before: Figures, start: datetime, *, whole: bool, among: int) -> Change | None:
    """Of a workflow that is younger than the time before counts tell nothing."""
    there = whole and (flow.created_at is None or flow.created_at <= start)
    order = ("success", "duration", "time saved", "runs")
    clear = [change for change in changes(now, before, whole=there, among=among) if change.clear]
    return min(clear, key=lambda change: order.index(change.measure), default=None)


def _teams(busy: Sequence[Declared], now: Mapping[str, Figures]) -> tuple[tuple[str, Figures], ...]:
    found = by_owner(busy, now)
    if not any(found):
        return ()
    return tuple(sorted(found.items(), key=lambda item: (not item[0], -(item[1].saved or 0.0), -item[1].total, item[0])))


def _notes(busy: Sequence[Declared], now: Mapping[str, Figures], total: Figures) -> Iterable[str]:
    unsaid = [flow.name for flow in busy if flow.saves is None and now[flow.id].succeeded]
    if unsaid:
        yield f"What a run saves is not declared (options.saves) of {named(unsaid)}: nothing is counted for it."
    unpriced = [flow.name for flow in busy if flow.failure_costs is None and now[flow.id].failed]
    if unpriced:
        yield f"What a failed run costs is not declared (options.failure_costs) of {named(unpriced)}."
    if total.sandbox:
        would = f"; they would have saved {work(total.would_save)}" if total.would_save else ""
        yield f"The sandbox answered in {amount(total.sandbox, 'run')} of {total.over:,}: nothing is saved or lost by those{would}."
    gone = [flow.name for flow in busy if flow.deleted]
    if gone:
        yield f"Since deleted, and counted: {named(gone)}."


def _short_record(evidence: Evidence, services: Mapping[str, ServiceFigures]) -> Iterable[str]:
    if services and evidence.asks_earliest is not None and not evidence.asks_whole:
        yield f"What services were asked is on record since {evidence.asks_earliest:%Y-%m-%d} only; the figures of services begin there."


def named(names: Sequence[str]) -> str:
    """“A”, “B” and 3 more."""
    quoted = [f"“{name}”" for name in names[:NAMED]]
    if len(names) > NAMED:
        return f"{', '.join(quoted)} and {len(names) - NAMED:,} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def headline(report: Analytics) -> str:
    """The whole in one sentence, for titles, texts and charts."""
    total = report.total
    if report.service is not None:
        one = report.service
        if not one.asks:
            return f"No workflow asked {report.scope.name}."
        return f"{report.scope.name} was asked {one.asks:,} times, {one.failed:,} failed."
    if not total.total:
        return "No runs."
    said = [amount(total.total, "run")]
    if total.success_rate is not None:
        said.append(f"{total.succeeded:,} of {total.over:,} succeeded")
    if total.saved is not None:
        said.append(f"{work(total.saved)} saved")
    if total.cost:
        said.append(f"failures cost {work(total.cost)}")
    return f"{', '.join(said)}."
