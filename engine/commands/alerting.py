"""Which alert a request means, what its card tells, and how a change of its incident is stored and told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import ClassVar, Protocol

from engine.commands.command import AlertShown, Asked, Asking, Outcome
from engine.commands.drafting import seen
from engine.commands.house import House
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.events import AlertSaved, PostingsTouched
from engine.graph.blame.kept import MEMORY, STREAM, SURE, Kept, surely
from engine.graph.blame.memory import Memory
from engine.graph.blame.named import namer
from engine.monitoring.alert import Alert, AlertState, Severity, changed, outdated
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.suspect import Suspect, suspect
from engine.monitoring.incident import Incident, incident
from engine.monitoring.storm import RULE as STORM
from engine.ports import Standing, Store
from engine.workflow.catalogue import listed
from engine.workflow.catalogue_data import product
from engine.workflow.definition import TriggerType, Workflow, WorkflowState
from engine.workflow.run import RunRecord

log = logging.getLogger(__name__)

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
MOST_OPTIONS = 5
MOST_LOOKED_AT = 500  # open alerts among which one is looked for
MOST_RUNBOOKS = 25  # offered on a card: what a choice holds everywhere
MOST_RUNS = 5
LONGEST_NOTE = 1_000  # characters


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
    service = await service_meant(house, command.service) if command.service else ""
    there = await house.store.alerts.list(service=service, severity=severity_of(command.severity), states=OPEN, limit=MOST_LOOKED_AT)
    found, _ = folded(there)
    if not found:
        about = f" for {product(service)}" if service else ""
        raise NotFound(f"There is no open alert{about}; nothing was changed. /alerts resolved shows the past ones.")
    return found[0] if len(found) == 1 else _which(command, found)


async def service_meant(house: House, name: str) -> str:
    """A service of the catalogue, or one that only alerts from elsewhere speak of. Raises NotFound with the nearest names."""
    try:
        return house.service(name).id
    except NotFound:
        wanted = name.strip().casefold()
        known = await house.store.alerts.list(limit=MOST_LOOKED_AT)
        found = next((alert.service for alert in known if alert.service.casefold() == wanted), "")
        if not found:
            raise
        return found


async def shown(house: House, alert: Alert) -> AlertShown:
    """The alert with the incident its card speaks for, what can be run for it, and what was."""
    known = await house.alerting.incident(alert.leader) if house.alerting is not None else ()
    whole = incident_of(known or await house.store.alerts.of_incident(alert.leader), alert)
    topology = house.topology()
    judged = await kept_of(house.store, whole.id) or Kept()
    cause = suspected(suspect(group_of(whole), topology), judged, whole)
    named = namer(house.map(), topology)
    open_ = whole.open
    return AlertShown(
        alert=alert, runs=await _runs_for(house, whole.lead), runbooks=(await runbooks(house))[:MOST_RUNBOOKS] if open_ else (),
        incident=whole, suspect=cause, suspect_name=named(cause.service) if cause.service else "",
        judged=judged, said_of_it=judged.spoken(named),
        vendor=await _vendor(house, cause, whole) if open_ else None, at=house.clock.now(),
    )  # fmt: skip


async def kept_of(store: Store, leader: str) -> Kept | None:
    """What is known by now of the cause of an incident; what cannot be read is found anew, and told in the log."""
    row = await store.detectors.get(STREAM + leader)
    if row is None:
        return None
    try:
        return Kept.from_json(row.state)
    except Invalid as error:
        log.warning("%s is found anew: %s", row.stream, error)
        return None


async def learnt(store: Store) -> Memory:
    """What people said of earlier suspects."""
    row = await store.detectors.get(MEMORY)
    try:
        return Memory.from_json(row.state) if row is not None else Memory()
    except Invalid as error:
        log.warning("What people said of earlier suspects begins anew: %s", error)
        return Memory()


def suspected(by_lines: Suspect, judged: Kept, whole: Incident) -> Suspect:
    """Whom the card names: what was found, where that is sure enough; else what the lines say, unless people said that it was not it."""
    first = judged.first
    services = set(whole.services)
    if first is not None:
        sure = f"{first.because} That is {surely(judged.sure)}." if not judged.confirmed else first.because
        return Suspect(first.node, sure, first.node in services, first.score)
    left = next((one for one in judged.suspects if one.node not in judged.noes and one.score > 0), None)
    if by_lines.service not in judged.noes:
        doubt = _doubt(judged)
        return replace(by_lines, because=f"{by_lines.because} {doubt}") if doubt else by_lines
    if left is not None:
        return Suspect(left.node, f"{left.because} That is {surely(judged.sure)}.", left.node in services, left.score)
    return Suspect("", "Nothing else is known that could be it.", alerts=False, share=0.0)


def _doubt(judged: Kept) -> str:
    if not judged.suspects or judged.sure >= SURE:
        return ""
    return judged.doubt if judged.doubt.startswith("Not enough data") else f"Not enough data to be sure. {judged.doubt}".strip()


def group_of(whole: Incident) -> Group:
    """What the cause is looked for in: the first alert of each kind of each service; ten thousand of one service tell no more than one."""
    first = {(one.service, one.account, one.rule): one for one in reversed(whole.members) if one.rule != STORM}
    group = Group(whole.id)
    for one in sorted(first.values(), key=lambda one: (one.opened_at, one.id)):
        group = group.joined(one, one.opened_at)
    return group


def incident_of(members: Sequence[Alert], alert: Alert) -> Incident:
    """The incident of stored members; the alert by itself where its leader is not known any more."""
    if not any(one.id == alert.leader for one in members):
        return Incident(alert, (alert,))
    return incident(members)


async def _vendor(house: House, cause: Suspect, whole: Incident) -> Standing | None:
    """What the suspected service says of itself, where it says anything and is no sandbox."""
    about = cause.service if any(one.service == cause.service for one in whole.members) else whole.lead.service
    if whole.lead.sandbox or about not in house.catalogue.services:
        return None
    standing = await house.connections.standing(about)
    return standing if standing is not None and standing.state != "unknown" else None


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


def _which(command: AboutAlert, found: Sequence[Alert]) -> Outcome:
    said = {name: value for name, value in asdict(command).items() if value}  # type: ignore[call-overload]
    shown = found[:MOST_OPTIONS]
    options = tuple((f"{product(one.service)}: {one.message}"[:70], f"{command.NAME.replace('_', ' ')} {one.id}") for one in shown)
    deeds = tuple((command.NAME, {**said, "alert": one.id}) for one in shown)
    more = f" The newest {MOST_OPTIONS} are here; /alerts lists all." if len(found) > MOST_OPTIONS else ""
    return Outcome(result=Asked(question=f"{len(found)} alerts are open. Which one?{more}", options=options, deeds=deeds))


def folded(found: Iterable[Alert]) -> tuple[tuple[Alert, ...], dict[str, int]]:
    """One alert an incident, the leader where it is among them, in the order they came; and id → how many more it stands for."""
    together: dict[str, list[Alert]] = {}
    for one in found:
        together.setdefault(one.leader, []).append(one)
    first = {leader: next((one for one in group if one.id == leader), group[-1]) for leader, group in together.items()}
    return tuple(first.values()), {first[leader].id: len(group) - 1 for leader, group in together.items() if len(group) > 1}


async def change(house: House, asking: Asking, command: AboutAlert, alert: Alert, move: Callable[[Alert], Alert], note: str) -> Outcome:
    """Store what ``move`` makes of every open alert of the incident, with its audit row and the news, in one transaction.

    ``move`` need not check what was seen: the revision of the leader, which the card shows, is checked here. Those it refuses stay as they
    are. Raises Conflict when it refuses all, naming who was faster, or when a pressed card showed an older state.
    """
    if len(note) > LONGEST_NOTE:
        raise Rejected(f"A note has {LONGEST_NOTE:,} characters at most; this one has {len(note):,}. Say it shorter.")
    members = await house.store.alerts.of_incident(alert.leader) or [alert]
    lead = next((one for one in members if one.id == alert.leader), alert)
    moved = _moved(members, lead, move)
    if asking.version and asking.version != lead.revision:
        await house.store.ledger.record(PostingsTouched(lead.id))  # edits nobody asked for come late; now somebody looks
        raise Conflict(outdated(lead))
    if lead.id not in moved:
        moved[lead.id] = changed(lead, updated_at=asking.at)
    saved = [AlertSaved(one) for one in moved.values()]
    try:
        await house.store.ledger.record(*saved, PostingsTouched(lead.id), house.audit(asking, command.NAME, lead.id, note))
    except Conflict:
        newer = await house.store.alerts.of_incident(alert.leader)
        if {one.id: one.revision for one in newer} == {one.id: one.revision for one in members}:
            raise
        return await change(house, asking, command, alert, move, note)  # refuses if that is what the other one did
    stands_here = await seen(house, asking, lead.id)
    now = moved.get(alert.id, alert)
    said = f"{_named(members)}: {now.state.value}, in your name. Its card says so everywhere."
    # A press sees its own card change; who said it in words is told, since the card may be far up.
    return Outcome(
        result=await shown(house, now), tracked=stands_here, public=False, note=said if stands_here and not asking.version else ""
    )


def _moved(members: Sequence[Alert], lead: Alert, move: Callable[[Alert], Alert]) -> dict[str, Alert]:
    """Each member as it is to be. One holds the times of the incident, so that people are reminded and called once. Raises Conflict."""
    moved: dict[str, Alert] = {}
    refused: dict[str, Conflict] = {}
    for one in members:
        try:
            moved[one.id] = move(one)
        except Conflict as refusal:
            refused[one.id] = refusal
    if not moved:
        raise refused.get(lead.id) or next(iter(refused.values()))
    holder = lead.id if lead.id in moved else next(iter(moved))
    return {id: one if id == holder else untimed(one) for id, one in moved.items()}


def untimed(alert: Alert) -> Alert:
    """A member whose leader holds the times."""
    return replace(alert, remind_at=None, relapse_at=None, snoozed_until=None, snoozed_by="", escalate_at=None, due_at=None)


def _named(members: Sequence[Alert]) -> str:
    services = list(dict.fromkeys(product(one.service) for one in members if one.open))
    return services[0] if len(services) == 1 else f"{services[0]} and {len(services) - 1} more" if services else "The alert"
