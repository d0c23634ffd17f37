"""What analytics are made of, fetched with a fixed number of questions to storage however many runs, workflows and services there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from engine.commands.command import AnalyticsShown
from engine.commands.house import House
from engine.errors import Invalid, NotFound, Rejected
from engine.graph.declared.component import Component
from engine.monitoring.rollup import Rollup, Span
from engine.monitoring.sample import Source
from engine.ports import Store
from engine.prediction.analytics.drawing import chart
from engine.prediction.analytics.figures import Declared, plain
from engine.prediction.analytics.report import Evidence, Kind, Scope, analytics
from engine.workflow.catalogue import did_you_mean
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Workflow, WorkflowState

log = logging.getLogger(__name__)

COMPONENTS = "component"  # kind of the policies that catalogues and people declare services by
HOURLY, DAILY = timedelta(days=2), timedelta(days=62)
FINE = timedelta(days=3)
MOST = 200_000  # rollups
SMALL = 5_000  # rows that are reckoned with on the loop: some ten milliseconds; two million runs take two seconds


async def analysed(house: House, scope: Scope, since: datetime, until: datetime, words: str, zone: str) -> AnalyticsShown:
    """The report on ``scope`` from ``since`` on and before ``until``, beside the equally long time before it."""
    store, slices = house.store, slices_of(until - since)
    before = since - (until - since)
    only = scope.id if scope.kind is Kind.WORKFLOW else ""
    measured = await _measured(store, scope.id, since, until) if scope.kind is Kind.SERVICE else []
    runs, runs_before, asks, asks_before = await asyncio.gather(
        store.runs.tallies(since, until, slices=slices, workflow=only),
        store.runs.tallies(before, since, slices=slices, workflow=only),
        store.traffic.tallies(since, until, slices=slices),
        store.traffic.tallies(before, since, slices=slices),
    )
    evidence = Evidence(
        since=since,
        until=until,
        slices=slices,
        flows=[declared(flow) for flow in await store.workflows.list(deleted=True)],
        runs=runs,
        runs_before=runs_before,
        asks=asks,
        asks_before=asks_before,
        earliest=await store.runs.earliest(),
        asks_earliest=await store.traffic.earliest(),
        owners=await owners(store),
        measured={scope.id: measured} if measured else {},
    )
    size = len(runs.took) + len(runs_before.took) + len(asks) + len(asks_before)
    report = analytics(scope, evidence) if size <= SMALL else await asyncio.to_thread(analytics, scope, evidence)
    return AnalyticsShown(report=report, words=words, timezone=zone, chart=chart(report))


def slices_of(length: timedelta) -> int:
    """Hours of up to two days, days of up to two months, weeks of more."""
    unit = timedelta(hours=1) if length <= HOURLY else timedelta(days=1) if length <= DAILY else timedelta(days=7)
    return max(1, round(length / unit))


def declared(flow: Workflow) -> Declared:
    options = flow.definition.options
    return Declared(
        id=flow.id, name=flow.name, owner=flow.definition.owner, saves=options.saves, failure_costs=options.failure_costs,
        created_at=flow.created_at, deleted=flow.state is WorkflowState.DELETED,
    )  # fmt: skip


async def owners(store: Store) -> dict[str, str]:
    """Service → the team that a catalogue or a person declared for it."""
    found: dict[str, str] = {}
    for policy in await store.policies.of(COMPONENTS):
        try:
            component = Component.from_json(policy.body)
        except Invalid as error:
            log.warning("the component %s cannot be read and is left out of analytics: %s", policy.id, error)
            continue
        if component.owner:
            found[str(component.service or component.id)] = component.owner
    return found


async def scope_of(house: House, workflow: str = "", service: str = "", team: str = "") -> Scope:
    """Raises Invalid where several were said, NotFound with the nearest names for one there is not."""
    if sum(map(bool, (workflow, service, team))) > 1:
        raise Invalid("Say one of workflow, service and team: analytics are about one thing, or about everything.")
    if workflow:
        flow = await house.workflow(workflow)
        return Scope(Kind.WORKFLOW, flow.id, flow.name)
    if service:
        known = house.service(service)
        return Scope(Kind.SERVICE, known.id, known.name)
    return await _team(house.store, team) if team else Scope()


async def _team(store: Store, said: str) -> Scope:
    names = await _teams(store)
    found = next((name for name in names if plain(name) == plain(said)), None)
    if found is None:
        hint = did_you_mean(said, names) if names else " No workflow says whose it is yet: write “owner: …” into it with /flow edit."
        raise NotFound(f"Nothing belongs to “{said.strip()[:60]}”.{hint}")
    return Scope(Kind.TEAM, found, found)


async def _teams(store: Store) -> list[str]:
    flows = [flow.definition.owner for flow in await store.workflows.list(deleted=True)]
    return [name for name in dict.fromkeys((*flows, *(await owners(store)).values())) if name]


# --- what a button of the card carries --------------------------------------------------------------------------------------


def mark_of(scope: Scope) -> str:
    """Of up to 40 plain characters; a team by a digest of its name."""
    name = sha256(plain(scope.id).encode()).hexdigest()[:16] if scope.kind is Kind.TEAM else scope.id
    return f"{scope.kind.value}.{name}"[:40]


async def scope_behind(house: House, mark: str) -> Scope:
    """Raises Rejected for what is no mark, NotFound for what is not known here any more."""
    kind, _, name = mark.partition(".")
    match kind:
        case Kind.ALL:
            return Scope()
        case Kind.WORKFLOW:
            flow = await house.store.workflows.get(name)
            if flow is None:
                raise NotFound("This workflow is not known here any more.")
            return Scope(Kind.WORKFLOW, flow.id, flow.name)
        case Kind.SERVICE:
            return Scope(Kind.SERVICE, name, product(name))
        case Kind.TEAM:
            found = next((team for team in await _teams(house.store) if mark_of(Scope(Kind.TEAM, team)) == mark), None)
            if found is None:
                raise NotFound("Nothing belongs to this team any more.")
            return Scope(Kind.TEAM, found, found)
    raise Rejected("This button belongs to another version of Signalbox. Ask again: /analytics")


async def _measured(store: Store, service: str, since: datetime, until: datetime) -> Sequence[Rollup]:
    """Of calls, not of probes: minutes of up to three days, hours of more and the minutes since they were folded."""
    seam = since if until - since <= FINE else max(since, Span.HOUR.start(until - timedelta(hours=1)))
    old = await store.rollups.series(service, Span.HOUR, since=since, until=seam, limit=MOST) if seam > since else []
    new = await store.rollups.series(service, Span.MINUTE, since=seam, until=until, limit=MOST)
    return [row for row in (*old, *new) if row.source is Source.CALL]
