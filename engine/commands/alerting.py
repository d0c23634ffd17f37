"""Which alert a request means, and how a change of it is stored and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import ClassVar, Protocol

from engine.commands.command import AlertShown, Asked, Asking, Outcome
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.errors import Conflict, NotFound, Rejected
from engine.events import AlertSaved, PostingsTouched
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.workflow.catalogue import listed
from engine.workflow.catalogue_data import product
from engine.workflow.definition import TriggerType, Workflow, WorkflowState
from engine.workflow.run import RunRecord

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
MOST_OPTIONS = 5
MOST_RUNBOOKS = 25  # offered on a card: what a choice holds everywhere
MOST_RUNS = 5


class AboutAlert(Protocol):
    """A command about one alert, named by its id or by what is known of it."""

    NAME: ClassVar[str]

    @property
    def alert(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def severity(self) -> str: ...


async def meant(house: House, command: AboutAlert) -> Alert | Outcome:
    """The one alert, or a question when several fit. Raises NotFound when none does."""
    if command.alert:
        known = await house.store.alerts.get(command.alert.strip())
        if known is None:
            raise NotFound(f"There is no alert “{command.alert[:60]}”. /alerts lists the open ones.")
        return known
    service = house.service(command.service).id if command.service else ""
    found = await house.store.alerts.list(service=service, severity=severity_of(command.severity), states=OPEN)
    if not found:
        about = f" for {house.service(service).name}" if service else ""
        raise NotFound(f"There is no open alert{about}; nothing was changed. /alerts resolved shows the past ones.")
    return found[0] if len(found) == 1 else _which(command, found)


async def shown(house: House, alert: Alert) -> AlertShown:
    """The alert with what can be run for it, and what was."""
    if alert.state not in OPEN:
        return AlertShown(alert=alert, runs=await _runs_for(house, alert))
    return AlertShown(alert=alert, runbooks=(await runbooks(house))[:MOST_RUNBOOKS], runs=await _runs_for(house, alert))


async def runbooks(house: House) -> tuple[Workflow, ...]:
    """Workflows that a person starts: what can be run for an alert."""
    workflows = await house.store.workflows.list()
    return tuple(flow for flow in workflows if flow.definition.trigger.type is TriggerType.MANUAL and flow.state is WorkflowState.ACTIVE)


async def _runs_for(house: House, alert: Alert) -> tuple[RunRecord, ...]:
    """Newest first, by what the audit of the alert says: “Failover run_01J…”."""
    rows = await house.store.audit.list(subject=alert.id, limit=50)
    ids = [row.detail.rpartition(" ")[2] for row in rows if row.verb == "start_runbook" and row.outcome == "done"]
    found = [await house.store.runs.get(id) for id in ids[:MOST_RUNS]]
    return tuple(run for run in found if run is not None)


def severity_of(said: str) -> str:
    """The severity in our word, "" = any. Raises Rejected for another word."""
    word = said.strip().casefold()
    if word and word not in list(Severity):
        raise Rejected(f"“{said[:40]}” is no severity. Say {listed(Severity, 'or')}.")
    return word


def _which(command: AboutAlert, found: list[Alert]) -> Outcome:
    said = {name: value for name, value in asdict(command).items() if value}  # type: ignore[call-overload]
    shown = found[:MOST_OPTIONS]
    options = tuple((f"{product(one.service)}: {one.message}"[:70], f"{command.NAME.replace('_', ' ')} {one.id}") for one in shown)
    deeds = tuple((command.NAME, {**said, "alert": one.id}) for one in shown)
    more = f" The newest {MOST_OPTIONS} are here; /alerts lists all." if len(found) > MOST_OPTIONS else ""
    return Outcome(result=Asked(question=f"{len(found)} alerts are open. Which one?{more}", options=options, deeds=deeds))


async def change(house: House, asking: Asking, command: AboutAlert, alert: Alert, move: Callable[[Alert], Alert], note: str) -> Outcome:
    """Store the alert as ``move`` makes it, with its audit row and the news. Raises Conflict, naming who was faster."""
    changed = move(alert)
    try:
        await house.store.ledger.record(AlertSaved(changed), PostingsTouched(alert.id), house.audit(asking, command.NAME, alert.id, note))
    except Conflict:
        newer = await house.store.alerts.get(alert.id)
        if newer is None or newer.revision <= alert.revision:
            raise
        return await change(house, asking, command, newer, move, note)  # refuses if that is what the other one did
    stands_here = await seen(house, asking, alert.id)
    said = f"{product(alert.service)}: {changed.state.value}, in your name. Its card says so everywhere."
    # A press sees its own card change; who said it in words is told, since the card may be far up.
    return Outcome(
        result=await shown(house, changed), tracked=stands_here, public=False, note=said if stands_here and not asking.version else ""
    )
