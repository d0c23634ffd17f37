"""Which open group a new alert belongs to, by topology and time, or none.

An alert joins the group with the highest weight, if that is over JOINS:

same service            exp(-since its last alert / 250 s)
it needs a member       .75^hops · exp(-since that member's first alert / (40 s · (1 + hops)))
a member needs it       the same × .6: dependants seldom alert before what they need
a common cause          the same, × how much of the cause's dependants alert already; full when the cause itself does

Time runs from a member's *first* alert: from its last, a service that flaps would swallow whatever comes. Groups are never merged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.monitoring.grouping.group import Finding, Group, Member
from engine.monitoring.grouping.topology import Kin, Topology

JOINS: Final = 0.05
AGAIN: Final = 250.0  # seconds
SPREAD: Final = 40.0  # seconds a hop
HOP: Final = 0.75
BACKWARDS: Final = 0.6
MANY: Final = 3  # dependants that alert: their common cause is as good as seen
SHARE: Final = 0.25  # … or this share of all of them
OWN: Final = frozenset({"credential"})  # rules about our own account, which say nothing about anybody else


@dataclass(frozen=True, slots=True)
class Placed:
    """``group`` None: it opens one of its own. ``weight`` of the best group there was, 0..1."""

    group: str | None
    weight: float
    because: str


@dataclass(frozen=True, slots=True)
class _Pull:
    weight: float
    because: str = ""


def place(alert: Finding, groups: Sequence[Group], topology: Topology, now: datetime) -> Placed:
    """Where an alert of ``now`` belongs. ``groups``: the open ones, in any order; the older wins between equals."""
    best, chosen = _Pull(0.0), None
    for group in sorted(groups, key=lambda group: group.opened_at):
        pull = _pull(alert, group, topology, now)
        if pull.weight > best.weight:
            best, chosen = pull, group
    if chosen is None or best.weight <= JOINS:
        near = f" Nearest: {best.because}" if best.because else ""
        return Placed(None, best.weight, f"Nothing that {topology.name(alert.service) or 'it'} is related to began to fail lately.{near}")
    return Placed(chosen.id, best.weight, best.because)


def _pull(alert: Finding, group: Group, topology: Topology, now: datetime) -> _Pull:
    if not alert.service:
        return _Pull(0.0)
    best = _Pull(0.0)
    for member in group:
        pull = _again(alert, member, topology, now) if member.service == alert.service else _related(alert, member, group, topology, now)
        if pull.weight > best.weight:
            best = pull
    return best


def _again(alert: Finding, member: Member, topology: Topology, now: datetime) -> _Pull:
    """The same service. A refused credential concerns one account only."""
    if alert.rule in OWN and alert.account not in member.accounts:
        return _Pull(0.0)
    since = _since(member.last_at, now)
    return _Pull(math.exp(-since / AGAIN), f"{topology.name(alert.service)} alerted here {_ago(since)}.")


def _related(alert: Finding, member: Member, group: Group, topology: Topology, now: datetime) -> _Pull:
    if alert.rule in OWN or member.rules <= OWN:
        return _Pull(0.0)
    relation = topology.relation(alert.service, member.service)
    if relation is None:
        return _Pull(0.0)
    since = _since(member.first_at, now)
    weight = HOP**relation.hops * math.exp(-since / (SPREAD * (1 + relation.hops)))
    this, other = topology.name(alert.service), topology.name(member.service)
    if relation.kin is Kin.CAUSE:
        return _Pull(weight, f"{this} needs {other}, which began to fail {_ago(since)}.")
    if relation.kin is Kin.DEPENDANT:
        return _Pull(weight * BACKWARDS, f"{other} needs {this} and began to fail {_ago(since)}.")
    seen, failing = _seen(relation.through, group, topology)
    through = topology.name(relation.through)
    return _Pull(weight * seen, f"{this} and {other} both need {through}; {other} began to fail {_ago(since)}, {failing}.")


def _seen(cause: str, group: Group, topology: Topology) -> tuple[float, str]:
    """How much the group itself says that a cause fails, 0..1, and that in words."""
    if group.member(cause) is not None:
        return 1.0, f"{topology.name(cause)} too"
    dependants = topology.dependants(cause)
    count = sum(1 for member in group if member.service in dependants)
    enough = max(1.0, min(MANY, SHARE * len(dependants)))
    return min(1.0, count / enough), f"{count} of {len(dependants)} that need it in all"


def _since(before: datetime, now: datetime) -> float:
    return max(0.0, (now - before).total_seconds())


def _ago(seconds: float) -> str:
    if seconds < 1.5:
        return "at the same moment"
    return f"{seconds:.0f} seconds before" if seconds < 100 else f"{seconds / 60:.0f} minutes before"
