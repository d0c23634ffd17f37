"""The alerts that matter now, in memory: the open ones and those resolved within a day, by fingerprint and by incident."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from engine.monitoring.alert import Alert, AlertState
from engine.monitoring.grouping.group import Group
from engine.monitoring.pipeline import SENT, nowhere
from engine.monitoring.storm import RULE as STORM
from engine.ports import Alerts

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
LOOK_BACK = timedelta(days=1)  # resolved ones are known for so long: after that the same trouble is a new alert
NEAR = timedelta(minutes=15)  # nothing joins an incident in which nothing began for so long, see ``grouping``
MOST_OPEN = 20_000  # read at the start
MOST_PAST = 20_000
MOST_LASTING = 100  # incidents that went on for long, the newest of them, which something new may still join


class AlertBook:
    """Not a cache to be trusted across processes by itself: whoever owns it says what changed (``put``, ``doubt``) and then ``refresh``es."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._known: dict[str, Alert] = {}
        self._latest: dict[str, str] = {}  # fingerprint → id of the newest
        self._incidents: dict[str, set[str]] = defaultdict(set)
        self._groups: dict[str, Group] = {}
        self._open: set[str] = set()
        self._open_in: dict[str, set[str]] = defaultdict(set)  # by incident
        self._told: set[str] = set()  # incidents
        self._firing: dict[str, Counter[str]] = defaultdict(Counter)  # by incident: open alerts of each service
        self._quiet: set[str] = set()
        self._ending: set[str] = set()
        self._kinds: dict[tuple[str, str], set[str]] = defaultdict(set)  # (service, rule) → open ones
        self._accounts: dict[tuple[str, str], set[str]] = defaultdict(set)  # (service, account) → open ones
        self._doubted: set[str] = set()
        self._told_since: dict[str, Alert] | None = None  # while it is read: what was told meanwhile
        self._everything = True

    # --- keeping it true

    def doubt(self, alert_id: str = "") -> None:
        """Somebody else changed this alert, or any of them: it is read again at the next ``refresh``."""
        if alert_id:
            self._doubted.add(alert_id)
        else:
            self._everything = True

    async def refresh(self, now: datetime) -> bool:
        """Read what is in doubt; whether that was everything. Raises Transient; then the doubt remains.

        What is told or doubted while it is read counts: what was read may be older.
        """
        everything = self._everything
        self._told_since = {}
        try:
            if everything:
                await self._load(now)
            for id in tuple(self._doubted):
                await self._read(id)
        finally:
            self._told_since = None
        return everything

    async def _read(self, id: str) -> None:
        self._doubted.discard(id)
        try:
            alert = await self._alerts.get(id)
        except BaseException:
            self._doubted.add(id)
            raise
        self.forget(id)
        for one in (alert, (self._told_since or {}).get(id)):
            if one is not None:
                self._newer(one)

    async def _load(self, now: datetime) -> None:
        self._everything = False
        self._doubted.clear()
        try:
            found = await self._stored(now)
        except BaseException:
            self._everything = True
            raise
        known: tuple[MutableMapping[Any, Any], ...] = (
            self._known, self._latest, self._incidents, self._open_in, self._firing, self._groups, self._kinds, self._accounts
        )  # fmt: skip
        for kept in known:
            kept.clear()
        for ids in (self._open, self._told, self._quiet, self._ending):
            ids.clear()
        for alert in (*sorted(found.values(), key=_age), *(self._told_since or {}).values()):
            self._newer(alert)

    async def _stored(self, now: datetime) -> dict[str, Alert]:
        found = {alert.id: alert for alert in await self._alerts.between(now - LOOK_BACK, now + LOOK_BACK, limit=MOST_PAST)}
        found |= {alert.id: alert for alert in await self._alerts.list(states=OPEN, limit=MOST_OPEN)}
        for leader in {alert.leader for alert in found.values()} - set(found):
            if (lead := await self._alerts.get(leader)) is not None:
                found[leader] = lead
        return found

    def put(self, alert: Alert) -> None:
        """The newest revision counts, whoever tells it and in which order."""
        if self._told_since is not None:
            before = self._told_since.get(alert.id)
            self._told_since[alert.id] = alert if before is None or before.revision < alert.revision else before
        self._newer(alert)

    def _newer(self, alert: Alert) -> None:
        known = self._known.get(alert.id)
        if known is None or known.revision < alert.revision:
            self.draft(alert)

    def draft(self, alert: Alert) -> None:
        """As it is to be, before it is recorded; ``doubt`` it when that fails."""
        known = self._known.get(alert.id)
        self._known[alert.id] = alert
        newest = self._known.get(self._latest.get(alert.fingerprint, ""))
        if newest is None or (newest.opened_at, newest.id) <= (alert.opened_at, alert.id):
            self._latest[alert.fingerprint] = alert.id
        self._incidents[alert.leader].add(alert.id)
        self._note(self._quiet, alert.id, alert.open and (bool(alert.quiet) or nowhere(alert)))
        self._note(self._ending, alert.id, alert.open and alert.ends_at is not None)
        self._note(self._open, alert.id, alert.open)
        self._note(self._open_in[alert.leader], alert.id, alert.open)
        if alert.trace and alert.trace[-1].outcome == SENT:
            self._told.add(alert.leader)
        self._note(self._kinds[alert.service, alert.rule], alert.id, alert.open)
        self._note(self._accounts[alert.service, alert.account], alert.id, alert.open)
        self._regroup(alert, fresh=known is None)
        if alert.open != (known is not None and known.open):
            self._count_firing(alert, 1 if alert.open else -1)

    def _count_firing(self, alert: Alert, more: int) -> None:
        """Which services of an incident still fire is counted, not looked up: a storm has thousands of members."""
        firing = self._firing[alert.leader]
        before = firing[alert.service]
        firing[alert.service] += more
        if bool(before) != bool(firing[alert.service]):
            self._mark_firing(alert.leader)

    def _mark_firing(self, leader: str) -> None:
        if leader in self._groups:
            self._groups[leader] = self._groups[leader].standing({name for name, count in self._firing[leader].items() if count})

    @staticmethod
    def _note(kept: set[str], id: str, wanted: bool) -> None:
        (kept.add if wanted else kept.discard)(id)

    def forget(self, alert_id: str) -> None:
        """As if it had never been; what is stored of it may be ``put`` anew."""
        alert = self._known.pop(alert_id, None)
        if alert is None:
            return
        if self._latest.get(alert.fingerprint) == alert_id:
            older = [one for one in self._known.values() if one.fingerprint == alert.fingerprint]
            self._latest |= {one.fingerprint: one.id for one in sorted(older, key=_age)}
            if not older:
                del self._latest[alert.fingerprint]
        by_key = (self._kinds[alert.service, alert.rule], self._accounts[alert.service, alert.account])
        for kept in (self._open, self._quiet, self._ending, self._incidents[alert.leader], self._open_in[alert.leader], *by_key):
            kept.discard(alert_id)
        self._told.discard(alert.leader)
        if alert.open:
            self._firing[alert.leader][alert.service] -= 1
        self._rebuild(alert.leader)

    def _regroup(self, alert: Alert, *, fresh: bool) -> None:
        """A new member is added; otherwise only the end of the last one ends a group, and a reopened one begins it again."""
        leader = alert.leader
        if fresh and alert.open:
            self._groups[leader] = self._groups.get(leader, Group(leader)).joined(alert, alert.opened_at)
        elif not self.any_open(leader):
            self._groups.pop(leader, None)
        elif alert.open and leader not in self._groups:
            self._rebuild(leader)

    def _rebuild(self, leader: str) -> None:
        members = self.members(leader)
        self._groups.pop(leader, None)
        if any(one.trace and one.trace[-1].outcome == SENT for one in members):
            self._told.add(leader)
        if not members:
            self._incidents.pop(leader, None)
            self._open_in.pop(leader, None)
            self._firing.pop(leader, None)
        elif self.any_open(leader):
            group = Group(leader)
            for one in members:
                group = group.joined(one, one.opened_at)
            self._groups[leader] = group
            self._mark_firing(leader)

    def prune(self, now: datetime) -> None:
        """Forget incidents that were over a day ago."""
        old = now - LOOK_BACK
        for leader in [leader for leader in self._incidents if leader not in self._groups]:
            members = self.members(leader)
            if all(one.resolved_at is not None and one.resolved_at < old for one in members):
                for one in members:
                    del self._known[one.id]
                    if self._latest.get(one.fingerprint) == one.id:
                        del self._latest[one.fingerprint]
                self._incidents.pop(leader)
                self._open_in.pop(leader, None)
                self._told.discard(leader)
                self._firing.pop(leader, None)
        for by_key in (self._kinds, self._accounts):  # who sends may think of new names for ever
            for key in [key for key, ids in by_key.items() if not ids]:
                del by_key[key]

    # --- asking it

    def get(self, alert_id: str) -> Alert | None:
        return self._known.get(alert_id)

    def latest(self, fingerprint: str) -> Alert | None:
        return self._known.get(self._latest.get(fingerprint, ""))

    def members(self, leader: str) -> list[Alert]:
        """Oldest first."""
        return sorted((self._known[id] for id in self._incidents.get(leader, ())), key=_age)

    def any_open(self, leader: str, *, besides: str = "") -> bool:
        """Whether anything of an incident, but this one, is open. A storm has thousands of members, so they are not gone through."""
        there = self._open_in.get(leader, set())
        return len(there) > (besides in there)

    def told(self, leader: str) -> bool:
        """Whether a card of this incident was sent to anybody."""
        return leader in self._told

    def near(self, now: datetime, *, sandbox: bool) -> list[Group]:
        """The open groups that something of ``service`` can still join. What the sandbox pretends explains nothing real, nor the other way round."""
        begun = now - NEAR
        found = [group for group in self._groups.values() if group.last_at >= begun]
        # What still fires explains more for as long as it does, however long ago it began.
        lasting = sorted((group for group in self._groups.values() if group.last_at < begun), key=lambda group: group.last_at, reverse=True)
        return [
            group
            for group in (*found, *lasting[:MOST_LASTING])
            if (lead := self._known.get(group.id)) is not None and lead.sandbox == sandbox and self._explains(group)
        ]

    def _explains(self, group: Group) -> bool:
        """A forecast alone is no outage that anything else could be part of."""
        return any(member.rules != {"forecast"} and not member.rules & {"network", "manual"} for member in group)

    def leads(self, groups: Iterable[Group]) -> Mapping[str, Alert]:
        return {group.id: self._known[group.id] for group in groups if group.id in self._known}

    def begun_since(self, since: datetime) -> list[Alert]:
        """Alerts that opened, or were changed after they had been reopened, since then."""
        return [alert for alert in self._known.values() if alert.opened_at >= since or (alert.reopened and alert.updated_at >= since)]

    def quiet(self) -> list[Alert]:
        """Open ones that nobody was told of."""
        return [self._known[id] for id in sorted(self._quiet)]

    def ending(self) -> list[Alert]:
        """Open ones that end by themselves without further word."""
        return [self._known[id] for id in sorted(self._ending)]

    def kinds(self, rule: str, service: str) -> int:
        """How many are open by one rule of one service: what tells them apart is their account and their labels."""
        return len(self._kinds.get((service, rule), ()))

    def of(self, service: str, account: str) -> list[Alert]:
        """Open ones of one account."""
        return [self._known[id] for id in sorted(self._accounts.get((service, account), ()))]

    def accounts(self) -> list[tuple[str, str]]:
        """(service, account) of everything that the monitor has open alerts of."""
        return [
            key for key, ids in self._accounts.items() if any(self._known[id].source == "monitor" and self._known[id].account for id in ids)
        ]

    def services_of(self, rule: str) -> frozenset[str]:
        """Of which the monitor has an open alert by this rule that names no account."""
        return frozenset(
            service
            for (service, account), ids in self._accounts.items()
            if not account and any(self._known[id].rule == rule and self._known[id].source == "monitor" for id in ids)
        )

    def of_service(self, service: str) -> list[Alert]:
        """Open ones of all of its accounts."""
        return [self._known[id] for (of, _), ids in self._accounts.items() if of == service for id in sorted(ids)]

    def begun(self, since: datetime) -> int:
        """How many incidents that lead themselves began since then and were told; a storm is none of them."""
        leads = (self._known.get(id) for id in self._groups)
        return sum(1 for lead in leads if lead is not None and lead.opened_at >= since and not lead.quiet and lead.rule != STORM)

    def last_of(self, leader: str) -> datetime | None:
        """When the last member of an open incident began."""
        group = self._groups.get(leader)
        return group.last_at if group is not None else None

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)


def _age(alert: Alert) -> tuple[datetime, str]:
    return alert.opened_at, alert.id
