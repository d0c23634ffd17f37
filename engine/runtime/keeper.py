"""The keeper: does what time asks for, about alerts and about who is on call, and each thing once.

    beat ─▶ alerts that are due (``Alerts.due``), firing ones for whom somebody is to be called ─▶ ``engine.monitoring.keeping`` says what
              └▶ the next revisions, the audit and the postings in one transaction ─▶ the outbox
         └▶ every rota: is it still the same person? ─▶ else the hand-over and how far it was told, in one transaction

What is stored says what was done, so that a death at any point repeats nothing and leaves nothing out. Of several processes one keeps.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.commands import callsheet
from engine.errors import Conflict, Invalid, SignalboxError
from engine.events import (
    AlertSaved,
    Audited,
    CursorMoved,
    Elsewhere,
    Event,
    PolicySaved,
    PostingsTouched,
    PostingWanted,
    Priority,
)
from engine.monitoring import escalation, oncall
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.incident import incident
from engine.monitoring.keeping import Deed, Due, due, subject_of
from engine.monitoring.oncall import Rota, on_call
from engine.parties import SYSTEM, Address
from engine.ports import Clock, Policy, Store
from engine.workflow.definition import Json

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds
MOST_DEEDS = 20  # about one incident in one beat
MOST_FIRING = 500  # alerts looked through for those that wait for a call
MOST_KNOWN = 5_000
MOST_FRESHENED = 5  # messages about one incident that are brought up to date
LATELY = timedelta(hours=1)


class Keeper:
    """``addresses``: where alerts are told. It may be started again after it was stopped."""

    def __init__(self, store: Store, clock: Clock, *, addresses: Callable[[], Sequence[Address]], beat: float = BEAT) -> None:
        self._store, self._clock, self._addresses, self._beat = store, clock, addresses, beat
        self._task: asyncio.Task[None] | None = None
        self._rotas: dict[str, Rota] = {}
        self._escalations: tuple[escalation.EscalationPolicy, ...] = ()
        self._doubtful = True
        self._uncalled: set[str] = set()  # incidents for which nobody is to be called, as they stand
        self._told: dict[str, Mapping[str, Json]] = {}  # by rota: whose shift was told of
        self._looks: OrderedDict[str, tuple[object, ...]] = OrderedDict()  # by incident: what its messages show
        self._stale: set[str] = set()
        self._wake = asyncio.Event()
        self._looked = False  # through those that fire, since anything changed
        store.ledger.listen(self._heard)

    async def start(self) -> None:
        self._doubtful = True
        since = self._clock.now() - LATELY
        self._stale |= {alert.leader for alert in await self._store.alerts.list(limit=200) if alert.updated_at >= since}
        self._task = asyncio.create_task(self._for_ever(), name="keeper")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def tick(self) -> None:
        """Everything that is due by now. Called more often it changes nothing."""
        await self._read_policies()
        now = self._clock.now()
        for leader in dict.fromkeys([*(alert.leader for alert in await self._store.alerts.due(now)), *await self._waiting()]):
            await self._surely(self._keep(leader), f"alert {leader}")
        for rota in self._rotas.values():
            await self._surely(self._hand_over(rota), f"rota {rota.id}")
        await self._surely(self._freshen(), "messages about alerts")

    async def _for_ever(self) -> None:
        while True:
            await self._surely(self.tick(), "keeper")
            await self._rest()

    async def _rest(self) -> None:
        """Until the next beat, or until somebody may have to be called: best before the alert's card stands."""
        ends = [asyncio.ensure_future(self._clock.sleep(self._beat)), asyncio.ensure_future(self._wake.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            self._wake.clear()

    @staticmethod
    async def _surely(deed: object, what: str) -> None:
        """One that fails holds up none of the others; it is tried again with the next beat."""
        try:
            await deed  # type: ignore[misc]
        except SignalboxError as error:
            log.warning("%s: %s", what, error)
        except Exception:
            log.exception("%s failed", what)

    # --- alerts

    async def _waiting(self) -> list[str]:
        """Incidents for which somebody is to be called, and nobody has said yet when."""
        if not self._escalations or self._looked:
            return []
        self._looked = True
        if len(self._uncalled) > MOST_KNOWN:
            self._uncalled.clear()
        firing = await self._store.alerts.list(states=(AlertState.FIRING,), limit=MOST_FIRING)
        if len(firing) >= MOST_FIRING:
            self._looked = False
        return [one.leader for one in firing if _waits(one) and one.leader not in self._uncalled]

    async def _keep(self, leader: str) -> None:
        try:
            await self._kept(leader)
        except BaseException:
            self._uncalled.discard(leader)
            self._looked = False
            raise

    async def _kept(self, leader: str) -> None:
        for _ in range(MOST_DEEDS):
            self._uncalled.add(leader)  # before it is read: whoever changes it meanwhile takes it out again
            alerts = await self._store.alerts.of_incident(leader)
            if not any(alert.id == leader and not alert.incident for alert in alerts):
                return
            next_ = due(incident(alerts), self._escalations, self._clock.now())
            if next_ is None:
                return
            try:
                await self._store.ledger.record(*await self._events(next_))
            except Conflict:
                continue  # somebody was faster: judged anew from what they did
        log.warning("alert %s: more was due than fits into one beat", leader)

    async def _events(self, next_: Due) -> list[Event]:
        now, about = self._clock.now(), next_.about
        if next_.deed is Deed.ARM:
            return [*map(AlertSaved, next_.alerts), PostingsTouched(about.leader)]
        if next_.person and not next_.name:
            next_ = replace(next_, name=await self._name(next_.person, about.leader))
        sheet = callsheet.of(next_, self._rotas, now)
        made = callsheet.events(next_, sheet, await self._store.postings.of(about.leader), now)
        return [*made, _audit(now, f"{next_.deed}_alert", about.leader, sheet.words, about.revision)]

    async def _name(self, actor: str, leader: str) -> str:
        """As they were called when they did something about it; "" where nothing of it is known."""
        rows = await self._store.audit.list(subject=leader, limit=50)
        return next((row.actor_name for row in rows if row.actor == actor and row.actor_name), "")

    # --- who is on call

    async def _hand_over(self, rota: Rota) -> None:
        now = self._clock.now()
        shift = on_call(rota, now)
        told = self._told.get(rota.id)
        if told is not None and told.get("who") == shift.who.id and told.get("since") == shift.since.isoformat():
            return
        cursor = await self._store.cursors.get(oncall.cursor_of(rota.id))
        said: dict[str, Json] = {"who": shift.who.id, "name": shift.who.name, "since": shift.since.isoformat()}
        if cursor is not None and dict(cursor.state) == said:
            self._told[rota.id] = said
            return
        revision = (cursor.revision if cursor else 0) + 1
        events: list[Event] = [CursorMoved(oncall.cursor_of(rota.id), said, now, revision)]
        if cursor is not None and cursor.state.get("who") != shift.who.id:
            payload = await self._handed_over(rota, cursor.state, now)
            subject = f"rota_{rota.id}.{revision}"
            events += [
                PostingWanted(subject, "handover", to, Priority.REPORT, {**payload, "face": to.face})
                for to in dict.fromkeys(self._addresses())
            ]
            events.append(_audit(now, "hand_over", f"rota_{rota.id}", f"{cursor.state.get('name')} to {shift.who.name}"))
        await self._store.ledger.record(*events)
        self._told[rota.id] = said

    async def _handed_over(self, rota: Rota, before: Mapping[str, Json], now: datetime) -> dict[str, Json]:
        states = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
        open_alerts = [alert for alert in await self._store.alerts.list(states=states, limit=200) if not alert.quiet]
        return callsheet.hand_over(rota, on_call(rota, now), before, open_alerts)

    # --- messages that stand already

    async def _freshen(self) -> None:
        """A message that called somebody says what came of it, and offers no press that is of no use any more."""
        while self._stale:
            leader = self._stale.pop()
            try:
                lead = await self._store.alerts.get(leader)
                if lead is not None and lead.incident:  # word of a member from another process
                    leader = lead.incident
                    lead = await self._store.alerts.get(leader)
                if lead is not None and not lead.open:
                    await self._keep(leader)  # what it held for others is held by one of them
            except BaseException:
                self._stale.add(leader)
                raise
            if lead is None or self._looks.get(leader) == _look(lead):
                continue
            rows = await self._store.audit.list(subject=leader, limit=50)
            said = [subject_of(leader, row.verb.removesuffix("_alert"), row.seen) for row in rows if row.actor == SYSTEM.id and row.seen]
            if said:
                await self._store.ledger.record(*(PostingsTouched(subject) for subject in said[:MOST_FRESHENED]))
            self._looks[leader] = _look(lead)
            self._looks.move_to_end(leader)
            while len(self._looks) > MOST_KNOWN:
                self._looks.popitem(last=False)

    # --- what others do

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            self._looked = self._looked and not isinstance(event, AlertSaved | PolicySaved | Elsewhere)
            if isinstance(event, AlertSaved):
                self._stale.add(event.alert.leader)
                self._uncalled.discard(event.alert.leader)
                if self._escalations and _waits(event.alert):
                    self._wake.set()
            elif isinstance(event, Elsewhere) and event.noun == "alert":
                self._stale.add(event.id)
                self._uncalled.clear()
            elif isinstance(event, PolicySaved) or (isinstance(event, Elsewhere) and event.noun == "policy"):
                self._doubtful = True

    async def _read_policies(self) -> None:
        if not self._doubtful:
            return
        self._doubtful = self._looked = False
        try:
            rotas, escalations = await self._store.policies.of(oncall.KIND), await self._store.policies.of(escalation.KIND)
        except BaseException:
            self._doubtful = True
            raise
        self._rotas = {one.id: one for one in map(_rota, rotas) if one is not None}
        self._escalations = tuple(one for one in map(_escalation, escalations) if one is not None)
        self._uncalled.clear()
        self._told.clear()


def _waits(alert: Alert) -> bool:
    """Whether somebody may have to be called for it, and it is not yet known when; or it is worse by now than what was known for it."""
    free = alert.state is AlertState.FIRING and not alert.quiet and alert.snoozed_until is None
    return free and (
        (alert.level == 0 and alert.escalate_at is None) or alert.policy in {escalation.EVERYTHING, *Severity} - {alert.severity}
    )


def _look(lead: Alert) -> tuple[object, ...]:
    return lead.state, lead.acknowledged_by, lead.snoozed_until, lead.resolved_by


def _audit(at: datetime, verb: str, subject: str, detail: str, seen: int = 0) -> Audited:
    return Audited(at=at, actor=SYSTEM.id, actor_name=SYSTEM.name, verb=verb, subject=subject, seen=seen, detail=detail[:300])


def _rota(policy: Policy) -> Rota | None:
    try:
        return oncall.rota_of(policy.id, policy.body, policy.revision)
    except Invalid as error:
        log.warning("A rota is left out: %s", error)
        return None


def _escalation(policy: Policy) -> escalation.EscalationPolicy | None:
    try:
        return escalation.escalation_of(policy.id, policy.body, policy.revision)
    except Invalid as error:
        log.warning("An escalation is left out: %s", error)
        return None
