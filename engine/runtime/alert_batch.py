"""One batch of changes to alerts: what some signals lead to, from the book and the pipeline to the events that are recorded together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.events import AlertSaved, Audited, Event, PostingsTouched, PostingWanted, Priority
from engine.monitoring import life, storm
from engine.monitoring.alert import Alert, AlertState, changed
from engine.monitoring.grouping.flapping import Flapping
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.life import Step
from engine.monitoring.pipeline import ALONE, HELD, Scene, nowhere, through
from engine.monitoring.route import Route, places
from engine.monitoring.runbook import page_for
from engine.monitoring.signal import Signal
from engine.monitoring.silence import Silence, SilenceKind
from engine.parties import SYSTEM, Address
from engine.runtime.alert_book import AlertBook

MOST_OPEN = 20_000
BREATH = 20  # signals judged in one turn of the loop
MOST_LOOKED = 1_000  # quiet ones looked at again in one go
MOST_TOLD = 10  # at once, of what is held no more; the others are told with the next looks
MOST_KINDS = 500  # open alerts of one rule of one service, told apart by account and labels; what goes beyond is one alert
FOLDED = {"signalbox": "folded"}  # the label of an alert that stands for too many
INSISTED = "It was over before; a person's word that it is not held for 15 minutes."
TOO_MANY = "too_many_alerts"  # the rule of the one that stands for all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a batch is judged by. ``new_id``: of the alert of a fingerprint that comes after this one. ``remembered``: fingerprint → how often it came and went; ``cut_off``: see ``pipeline.Scene``; None = not known here."""

    now: datetime
    new_id: Callable[[str, Alert | None], str]
    topology: Topology
    usual: Sequence[Address]
    remembered: Callable[[str], Flapping]
    silences: Sequence[Silence] = ()
    routes: Sequence[Route] = ()
    runbooks: Mapping[str, str] | None = None
    cut_off: Mapping[tuple[str, str], str] | None = None

    @property
    def windows(self) -> tuple[Silence, ...]:
        return tuple(one for one in self.silences if one.kind is SilenceKind.MAINTENANCE)


class Batch:
    """What it changes stands in the book at once, so that the next signal of the batch sees it. ``stored``: revisions before it, 0 = none."""

    def __init__(self, book: AlertBook, around: Around) -> None:
        self._book, self._around = book, around
        self.stored: dict[str, int] = {}
        self.changed: dict[str, Alert] = {}
        self.begun: dict[str, datetime] = {}  # fingerprint → when
        self._wanted: dict[tuple[str, Address], Priority] = {}
        self._touched: dict[str, Priority] = {}
        self._audits: list[Audited] = []
        self._marked: dict[str, None] = {}

    def events(self) -> list[Event]:
        cards = [PostingWanted(subject=leader, kind="alert", to=to, priority=priority) for (leader, to), priority in self._wanted.items()]
        touched = [PostingsTouched(leader, priority) for leader, priority in self._touched.items()]
        return [*(AlertSaved(alert) for alert in self.changed.values()), *cards, *touched, *self._audits]

    # --- what a batch is made of

    async def take(self, signals: Sequence[Signal]) -> Sequence[str]:
        """The ids of what they changed. The loop goes on meanwhile: a thousand of them take a second."""
        self._marked = {}
        for place, one in enumerate(signals, 1):
            if place % BREATH == 0:
                await asyncio.sleep(0)
            signal = life.bounded(one)
            key = life.key_of(signal)
            self._hear(self._folded(signal) if signal.firing and self._too_many(signal, key) else signal)
            if not signal.firing:
                self._unfold(signal)
        return tuple(self._marked)

    async def look_again(self, start: int = 0) -> int:
        """What is quiet and no longer has a reason is told, the worst first; what had an end is over. Gives where the next look begins."""
        worst_first = sorted(self._book.quiet(), key=lambda alert: (-alert.severity.rank, alert.opened_at))
        start = start if start < len(worst_first) else 0
        for place, alert in enumerate(worst_first[start : start + MOST_LOOKED], 1):
            if len(self.changed) >= MOST_TOLD:
                break
            if place % BREATH == 0:
                await asyncio.sleep(0)
            self._told_at_last(alert)
        for alert in self._book.ending():
            if alert.ends_at is not None and alert.ends_at <= self._around.now:
                insisted = life.insisted_until(alert) == alert.ends_at
                self._end(alert, INSISTED if insisted else "Its sender said until when, and has said nothing more.")
        return start + MOST_LOOKED if not self.changed else start

    def _told_at_last(self, alert: Alert) -> None:
        if self._around.cut_off is None and any(ruling.stage == "inhibit" and ruling.outcome == HELD for ruling in alert.trace):
            return  # whoever watches our network says when it is back
        looked = through(alert, self._scene(alert, again=True))
        if not looked.quiet and not nowhere(looked):
            now = self._around.now
            because = f"It was quiet ({alert.quiet}) and goes on." if alert.quiet else "There was no place to tell it, and now there is."
            self._tell(changed(looked, updated_at=now), Priority.ALERT, because, "tell")

    def farewell(self, service: str, account: str, because: str) -> None:
        for alert in self._book.of(service, account):
            if alert.source == "monitor":
                self._end(alert, because)

    # --- one signal

    def _hear(self, signal: Signal) -> None:
        now, latest = self._around.now, self._book.latest(life.key_of(signal))
        heard = life.heard(signal, latest, now)
        if latest is None or heard.step is Step.OPENS:
            if heard.step is Step.OPENS:
                opened = life.opened(signal, self._around.new_id(life.key_of(signal), latest), now)
                self._begin(replace(opened, runbook=page_for(opened, self._around.runbooks or {})), again=False)
            return
        match heard.step:
            case Step.REOPENS:
                self._begin(life.again(latest, signal, heard.because, now), again=True)
            case Step.WORSENS:
                self._worsen(life.worse(latest, signal, now))
            case Step.RENEWED:
                if _worth_renewing(latest, signal, now):
                    self._save(changed(latest, ends_at=signal.ends_at))
                    self._show(latest.leader, Priority.REPORT)
            case Step.ENDS:
                self._end(latest, heard.because)
            case Step.WAITS if (until := life.insisted_until(latest)) != latest.ends_at:
                self._save(changed(latest, ends_at=until))
                self._show(latest.leader, Priority.REPORT)
            case Step.CALMS:
                self._save(life.calmed(latest, heard.because, now))
                self._show(latest.leader, Priority.EDIT)

    def _begin(self, alert: Alert, *, again: bool) -> None:
        self.begun[alert.fingerprint] = self._around.now
        judged = through(alert, self._scene(alert, again=again))
        if not again and not judged.incident and not judged.quiet and judged.rule not in ALONE and self._storm_begins():
            judged = through(alert, self._scene(alert, again=again))
        alert = judged
        self._tell(alert, Priority.ALERT, alert.because, "reopen" if again else "open")

    def _storm_begins(self) -> bool:
        """One incident too many within a minute: from now on a storm tells them. False while it is calm, or where one lasts."""
        now = self._around.now
        count = self._book.begun(now - storm.WITHIN)
        if count < storm.MOST or self._storm():
            return False
        signal = storm.begun(now, count + 1)
        latest = self._book.latest(life.key_of(signal))
        if latest is not None and latest.open:
            self._end(latest, "It was calm again, and another storm begins.")
        self._begin(life.opened(signal, self._around.new_id(life.key_of(signal), latest), now), again=False)
        return True

    def _storm(self) -> str:
        """The incident of the storm that lasts."""
        latest = self._book.latest(storm.KEY)
        last_at = self._book.last_of(latest.id) if latest is not None and latest.open else None
        return latest.id if latest is not None and last_at is not None and storm.joins(last_at, self._around.now) else ""

    def _calms(self, leader: str, because: str) -> None:
        """When all that a storm told is over, so is the storm."""
        lead = self._book.get(leader)
        if lead is not None and lead.rule == storm.RULE and lead.open and not self._book.any_open(leader, besides=leader):
            self._save(life.ended(lead, f"It is calm: all of it is over. The last: {because}", self._around.now))
            self._audit(lead, "recover", because)

    def _worsen(self, alert: Alert) -> None:
        """A higher severity may be more than what held it was meant for."""
        if alert.quiet:
            alert = through(alert, self._scene(alert, again=True))
        self._tell(alert, Priority.ALERT, alert.because, "worsen")
        lead = self._book.get(alert.leader)
        for one in [lead] if lead is not None and lead.open else self._book.members(alert.leader):  # one of them holds the times
            if (sooner := life.held_as(one, alert.severity, self._around.now)) is not one and one.open:
                self._save(sooner)

    def _end(self, alert: Alert, because: str) -> None:
        now = self._around.now
        over = life.ended(alert, because, now)
        self._save(over)
        self._hand_on(alert)
        self._calms(over.leader, because)
        whole = not self._book.any_open(over.leader)
        self._show(over.leader, Priority.EDIT if whole else Priority.REPORT)
        self._audit(over, "recover", because)

    def _hand_on(self, over: Alert) -> None:
        """The times of an incident (lease, snooze, calls) outlive the member that carried them."""
        if over.due_at is None and not over.level:
            return
        heir = next((one for one in self._book.members(over.leader) if one.open and one.id != over.id), None)
        if heir is None or heir.due_at is not None or heir.level:
            return
        held = heir.state is AlertState.ACKNOWLEDGED
        lease = {"remind_at": over.remind_at, "relapse_at": over.relapse_at} if held else {}
        snooze = {"snoozed_until": over.snoozed_until, "snoozed_by": over.snoozed_by}
        loud = over.state is AlertState.FIRING  # of what somebody took nobody is called any more
        calls = {"policy": over.policy, "level": over.level, "escalate_at": over.escalate_at} if loud else {}
        self._save(changed(heir, **lease, **snooze, **calls))

    # --- what follows

    def _scene(self, alert: Alert, *, again: bool) -> Scene:
        around, book = self._around, self._book
        groups = [] if again else book.near(around.now, sandbox=alert.sandbox)
        leads = dict(book.leads(groups))
        if alert.incident and (lead := book.get(alert.incident)) is not None:
            leads[lead.id] = lead
        told = frozenset(id for id in (*leads, alert.id) if book.told(id)) if leads or again else frozenset()
        flapping = around.remembered(alert.fingerprint)
        if alert.fingerprint in self.begun:
            flapping = flapping.opened(around.now)
        return Scene(
            now=around.now, groups=groups, leads=leads, topology=around.topology, cut_off=around.cut_off or {}, silences=around.silences,
            windows=around.windows, flapping=flapping, storm=self._storm(), told=told, routes=around.routes, usual=around.usual, again=again,
        )  # fmt: skip

    def _tell(self, alert: Alert, priority: Priority, because: str, verb: str) -> None:
        """Stored, shown on the card of its incident, and posted where that does not stand yet."""
        stands = self._book.told(alert.leader)
        self._save(alert)
        if not alert.quiet and (not stands or self._around.routes):
            # What joins a card that waits to be posted is an edit: the leader decides how urgent the card is.
            for to in places(alert, self._around.routes, self._around.usual)[0]:
                self._wanted.setdefault((alert.leader, to), priority)
        self._show(alert.leader, Priority.REPORT if alert.quiet or alert.incident else priority)
        self._audit(alert, verb, because)

    def _show(self, leader: str, priority: Priority) -> None:
        """The leader's revision says what its card shows."""
        lead = self._book.get(leader)
        if lead is not None and leader not in self.changed:
            self._save(changed(lead, updated_at=self._around.now))
        if all(subject != leader for subject, _ in self._wanted):
            self._touched[leader] = min(priority, self._touched.get(leader, priority))

    def _save(self, alert: Alert) -> None:
        known = self._book.get(alert.id)
        before = self.stored.setdefault(alert.id, known.revision if known is not None else 0)
        saved = replace(alert, revision=before + 1)
        self.changed[alert.id] = saved
        self._marked[alert.id] = None
        self._book.draft(saved)

    def _audit(self, alert: Alert, verb: str, because: str) -> None:
        self._audits.append(
            Audited(at=self._around.now, actor=SYSTEM.id, actor_name=SYSTEM.name, verb=verb, subject=alert.id, detail=because[:300])
        )

    # --- too many

    def _too_many(self, signal: Signal, key: str) -> bool:
        latest = self._book.latest(key)
        if latest is not None and latest.open:
            return False
        return self._book.count >= MOST_OPEN or self._book.kinds(signal.rule, signal.service) >= MOST_KINDS

    def _folded(self, signal: Signal) -> Signal:
        """Nothing is lost, but what cannot be told apart by people is not told apart here."""
        if self._book.count >= MOST_OPEN:
            return replace(
                signal, rule=TOO_MANY, service="signalbox", account="", labels={}, key="", source="monitor", ends_at=None,
                message=f"More than {MOST_OPEN:,} alerts are open. What comes now is counted here and not told one by one.",
            )  # fmt: skip
        return replace(
            signal, account="", labels=FOLDED, key=f"{signal.rule}/{signal.service}/folded" if signal.key else "", ends_at=None,
            message=f"More than {MOST_KINDS} alerts of this kind are open; further ones are counted here. The last: {signal.message}"[: life.LONGEST_TEXT],
        )  # fmt: skip

    def _unfold(self, signal: Signal) -> None:
        """What stood for too many is over when there are few again."""
        for folded, few in (
            (self._book.latest(life.key_of(self._as_folded(signal))), self._book.kinds(signal.rule, signal.service) <= MOST_KINDS // 2),
            (self._book.latest(f"{TOO_MANY}/signalbox/"), self._book.count <= MOST_OPEN // 2),
        ):
            if folded is not None and folded.open and few:
                self._end(folded, "There are few enough again to be told one by one.")

    @staticmethod
    def _as_folded(signal: Signal) -> Signal:
        return replace(signal, account="", labels=FOLDED, key=f"{signal.rule}/{signal.service}/folded" if signal.key else "")


def _worth_renewing(alert: Alert, signal: Signal, now: datetime) -> bool:
    """A sender that says the same every minute is not to change a card every minute: half of what it grants may pass first."""
    if alert.ends_at is None or signal.ends_at is None:
        return True
    return (alert.ends_at - now) < (signal.ends_at - now) / 2
