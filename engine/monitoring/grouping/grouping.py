"""Which open group a new alert belongs to, or none: by who needs whom, by time, and by what failed together before.

For every group: how much likelier is this alert now if it belongs there than if it came by itself?

the same service       it alerted there before, the likelier the shorter ago (AGAIN), or still fails there
a cause explains both  over the likely causes of the group: the chance that one reaches this service, now  (spreading.py)
a cause goes on        a direct dependant may follow late, as long as its cause still fails
no known line          a little for each member, more where they failed together before (together.py); lines are missing, but where none is
                       known at all, two services are never put together by time alone

It joins the likeliest if that is DEAR times likelier than by itself. Time runs from the group's *first* alert: from
the last, a service that flaps would swallow whatever comes near it. Groups are never merged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.monitoring.grouping.group import Finding, Group, Member
from engine.monitoring.grouping.spreading import ALERTS, OWN, REACH, Cause, Seen, causes_of, density, evidence, stray
from engine.monitoring.grouping.together import NOTHING_SEEN, Together
from engine.monitoring.grouping.topology import Topology

DEAR: Final = 2.5  # what it costs to bury an alert in somebody else's outage, where one told for itself costs 1
AGAIN: Final = 180.0  # seconds, mean, until a service alerts again in the same outage
REPEATS: Final = 0.6  # share of alerts that are followed by another
JUST: Final = 60.0  # seconds within which the same service is in the same outage, whatever else goes on
LINGERS: Final = 0.01  # chance that a direct dependant falls late, some minutes after its cause or any time while that still fails
HORIZON: Final = 900.0  # seconds after which a group takes no other service in than what needs one that still fails
FIRST: Final = 0.4  # of the chance of a stray, for a pair: two by themselves are soon chance
STRAYS: Final = 0.6  # chance that is never gone over without a known line
JOINS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """``group`` None: it opens one of its own. ``weight``: chance that it belongs to the likeliest group, 0..1; it joins over a half."""

    group: str | None
    weight: float
    because: str


@dataclass(frozen=True, slots=True)
class _Pull:
    """``rate``: alerts a second of this service that the group leads one to expect."""

    rate: float
    because: str = ""
    known: bool = True  # by a known line, or the same service


def place(alert: Finding, groups: Sequence[Group], topology: Topology, now: datetime) -> Placed:
    """Where an alert of ``now`` belongs. ``groups``: the open ones, in any order; of equals the older wins."""
    together = topology.past or NOTHING_SEEN
    best, chosen = _Pull(0.0), None
    for group in _worth_asking(alert, groups, now):
        pull = _pull(alert, group, topology, now, together)
        if pull.rate > best.rate:
            best, chosen = pull, group
    weight = best.rate / (best.rate + DEAR * together.opens)
    if chosen is None or weight <= JOINS:
        return Placed(None, weight, _by_itself(topology.name(alert.service), best))
    return Placed(chosen.id, weight, best.because)


def _by_itself(name: str, nearest: _Pull) -> str:
    if nearest.because and nearest.known:
        return f"It is told by itself: {nearest.because.rstrip('.')}, too long ago to be the same."
    return f"It is told by itself: nothing that {name or 'it'} is known to belong to began to fail lately."


def _worth_asking(alert: Finding, groups: Sequence[Group], now: datetime) -> list[Group]:
    """Oldest first; only the one where this very service alerted a moment ago, if there is one."""
    asked = sorted((group for group in groups if group.members), key=lambda group: group.opened_at)
    own = [(member.alive(now), group) for group in asked if (member := group.member(alert.service)) and _same(alert, member)]
    latest = max(own, key=lambda pair: pair[0], default=None)
    return [latest[1]] if latest and _since(latest[0], now) <= JUST else asked


def _pull(alert: Finding, group: Group, topology: Topology, now: datetime, together: Together) -> _Pull:
    if not alert.service:
        return _Pull(0.0)
    member = group.member(alert.service)
    if member is not None:
        return _again(alert, member, topology, now)
    if alert.rule in OWN or (_since(group.opened_at, now) > HORIZON and not _still_needed(alert.service, group, topology)):
        return _Pull(0.0)
    return _spread(alert.service, group, topology, now, together)


def _still_needed(service: str, group: Group, topology: Topology) -> bool:
    return any(member.firing and topology.hops(service, member.service) == 1 for member in group)


def _again(alert: Finding, member: Member, topology: Topology, now: datetime) -> _Pull:
    if not _same(alert, member):
        return _Pull(0.0)
    since = _since(member.alive(now), now)
    name = topology.name(alert.service)
    because = f"{name} still fails in this outage." if member.firing else f"{name} alerted in this outage {ago(since)}."
    return _Pull(REPEATS / AGAIN * math.exp(-since / AGAIN), because)


def _same(alert: Finding, member: Member) -> bool:
    """A refused credential concerns one account only."""
    return alert.rule not in OWN or alert.account in member.accounts


def _spread(service: str, group: Group, topology: Topology, now: datetime, together: Together) -> _Pull:
    members = evidence(group)
    strays = stray(topology, together.missing)
    unknown = _unknown(service, members, topology, together, strays)
    if not members or not (unknown or any(topology.kin(service, member.service) for member in members)):
        return _Pull(0.0)
    age = _since(group.opened_at, now)
    rate, best, by = 0.0, 0.0, None
    for cause in causes_of(members, topology, age, strays, joining=service):
        hops = topology.hops(service, cause.node)
        late = _late(group, cause, now) if hops == 1 else 0.0
        part = cause.share * (_reach(hops) * density(age, hops) + late if hops is not None else unknown * density(age, 2))
        rate += part
        if part > best:
            best, by = part, cause
    if by is None or rate < together.opens / 10:
        return _Pull(rate)
    because = _because(service, by, group, members, topology, now)
    return _Pull(rate, because or _unexplained(service, group, members, topology, now, together), bool(because))


def _late(group: Group, cause: Cause, now: datetime) -> float:
    """Alerts a second of a direct dependant that went on for a while without its cause."""
    member = group.member(cause.node) if cause.alerts else None
    return LINGERS / AGAIN * math.exp(-_since(member.alive(now), now) / AGAIN) if member else 0.0


def _reach(hops: int) -> float:
    return REACH**hops if hops else ALERTS


def _unknown(service: str, members: Sequence[Seen], topology: Topology, together: Together, strays: float) -> float:
    """Chance that the group takes along a service that no known line leads to."""
    spared = 1.0
    if not topology.lined:  # a house of vendors: where no line is known between any two, none is missed either
        strays = 0.0
    pair = strays * FIRST if members and {service, members[0].service} <= topology.lined else 0.0
    for index, member in enumerate(members):
        chance = together.follows(member.service, service) + (strays if index else pair)
        spared *= 1 - min(chance, STRAYS)
    return min(STRAYS, 1 - spared)


def _because(service: str, cause: Cause, group: Group, members: Sequence[Seen], topology: Topology, now: datetime) -> str:
    """One sentence for people: who needs whom, and since when that fails. "" where no known line leads from one to the other."""
    this, other = topology.name(service), topology.name(cause.node)
    needing = [m.service for m in members if m.service not in (cause.node, service) and topology.hops(m.service, cause.node) is not None]
    do = "does" if len(needing) == 1 else "do"
    if cause.node == service and needing:
        return f"{_names(needing, topology)} {'needs' if len(needing) == 1 else 'need'} {this} and began to fail {_began(group, needing, now)}."
    if cause.node == service or topology.hops(service, cause.node) is None:
        return ""
    if cause.alerts:
        return f"{this} needs {other}, which began to fail {_began(group, [cause.node], now)}."
    return f"{this} needs {other}, as {_names(needing, topology)} {do}, which began to fail {_began(group, needing, now)}."


def _unexplained(service: str, group: Group, members: Sequence[Seen], topology: Topology, now: datetime, together: Together) -> str:
    this = topology.name(service)
    nearest = max(members, key=lambda member: together.follows(member.service, service))
    if together.follows(nearest.service, service):
        met = together.met(nearest.service, service)
        times = f"in {met} of its {together.began.get(nearest.service, met)} outages before"
        return f"{this} failed together with {topology.name(nearest.service)} {times}, and that began to fail {_began(group, [nearest.service], now)}."
    if len(members) == 1:
        return f"{topology.name(nearest.service)} began to fail {_began(group, [nearest.service], now)}: so close is seldom chance, though no line is known."
    return f"{len(members)} related services began to fail {_began(group, [m.service for m in members], now)}: so much at once is seldom chance."


def _names(services: Sequence[str], topology: Topology) -> str:
    names = [topology.name(service) for service in services]
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} others"
    return " and ".join(names) if len(names) < 3 else f"{names[0]}, {names[1]} and {names[2]}"


def _began(group: Group, services: Sequence[str], now: datetime) -> str:
    first = min((member.first_at for member in group if member.service in services), default=group.opened_at)
    return ago(_since(first, now))


def _since(before: datetime, now: datetime) -> float:
    """Never negative: an alert that comes late, or a clock that went back, is the same moment."""
    return max(0.0, (now - before).total_seconds())


def ago(seconds: float) -> str:
    """``12 seconds before``."""
    if seconds < 1.5:
        return "in the same moment"
    return f"{seconds:.0f} seconds before" if seconds < 100 else f"{seconds / 60:.0f} minutes before"
