"""How an outage spreads: what each possible cause of a group says of its members, and how soon another service should follow.

Bayes' rule over single causes. A cause takes a service that needs it along with a chance of REACH for each hop; its alert comes some time after
the group's first, mostly within a minute (detection and propagation), now and then within some. A cause that has no alert itself is seldomer;
one whose direct dependants stay well becomes less likely. What no known line explains costs a cause dearly, but does not rule it out: the
graph we know is never whole.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.together import BEFORE
from engine.monitoring.grouping.topology import Topology

REACH: Final = 0.7  # chance that an outage passes one hop
SOON: Final = 30.0  # seconds, mean, for most
HOP: Final = 0.25  # share of SOON that each hop adds
LATE: Final = 150.0  # seconds, mean, for the others
OTHERS: Final = 0.1  # share of those
ALERTS: Final = 0.85  # share of services that are watched well enough to alert when they fail
WELL: Final = 0.5  # how much a dependant that stays well counts: they are well or not together, so each tells less than a whole
STRAY: Final = 0.0025  # chance that a cause takes along a given service that no known line leads to, in a house of FEW services
FEW: Final = 60
LEAST: Final = 0.02  # of STRAY, however whole the known lines have proved
EVIDENCE: Final = 40  # members that are weighed, the earliest: the rest would only confirm
CANDIDATES: Final = 24  # causes that are weighed, those that explain most
OWN: Final = frozenset({"credential"})  # rules about our own account, which say nothing about anybody else
YOUNG: Final = 4  # members; up to here a service that joins may itself be (or need) a cause nobody thought of yet


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as evidence: its service, and how many seconds after the group's first alert it began."""

    service: str
    after: float


@dataclass(frozen=True, slots=True)
class Cause:
    """``share``: how likely it is among the causes that were weighed, 0..1. ``alerts``: it is a member itself."""

    node: str
    share: float
    alerts: bool


def density(seconds: float, hops: int) -> float:
    """Chance per second that an alert, if it comes, comes ``seconds`` after the group's first."""
    soon = SOON * (1 + HOP * hops)
    return (1 - OTHERS) / soon * math.exp(-seconds / soon) + OTHERS / LATE * math.exp(-seconds / LATE)


def arrived(seconds: float, hops: int) -> float:
    """Chance that it has come by then."""
    return 1 - (1 - OTHERS) * math.exp(-seconds / (SOON * (1 + HOP * hops))) - OTHERS * math.exp(-seconds / LATE)


def evidence(group: Group) -> list[Seen]:
    """The members that tell something about others, with the seconds since the first alert."""
    begun = group.opened_at if group.members else None
    return [Seen(m.service, (m.first_at - begun).total_seconds()) for m in group if begun and m.service and not m.rules <= OWN]


def stray(topology: Topology, missing: float = BEFORE) -> float:
    """STRAY for a house of this size of whose lines that share is missing: what is missing is spread over all of its services."""
    return STRAY * FEW / max(FEW, topology.size) * max(LEAST, min(1.0, missing / BEFORE))


def causes_of(members: Sequence[Seen], topology: Topology, age: float, strays: float, joining: str = "") -> list[Cause]:
    """The causes of a group of ``age`` seconds, likeliest first. ``strays``: what ``stray`` says. ``joining``: a service of which it is asked whether it belongs here too."""
    weighed = sorted(members, key=lambda member: member.after)[:EVIDENCE]
    here = {member.service for member in members}
    logs = {
        node: _log_likelihood(node, weighed, here, topology, age, strays, joining)
        for node in _candidates(weighed, topology, joining, len(members))
    }
    most = max(logs.values(), default=0.0)
    weights = {node: math.exp(log - most) for node, log in logs.items()}
    whole = sum(weights.values())
    causes = [Cause(node, weight / whole, node in here) for node, weight in weights.items()]
    return sorted(causes, key=lambda cause: -cause.share)


def _candidates(weighed: Iterable[Seen], topology: Topology, joining: str, size: int) -> list[str]:
    explained: Counter[str] = Counter()
    for member in weighed:
        explained.update((member.service, *topology.causes(member.service)))
    if joining:
        explained[joining] += 0
        if size < YOUNG:
            explained.update(dict.fromkeys(topology.causes(joining), 0))
    # Of those that explain as many, the first counted: members in the order in which they began to fail.
    return [node for node, _ in explained.most_common(CANDIDATES)]


def _log_likelihood(
    node: str, weighed: Iterable[Seen], here: set[str], topology: Topology, age: float, strays: float, joining: str
) -> float:
    log = 0.0 if node in here or node == joining else math.log(1 - ALERTS)
    dependants = topology.dependants(node)
    for member in weighed:
        if member.service == node:
            log += math.log(density(member.after, 0))
        elif (hops := dependants.get(member.service)) is not None:
            log += math.log(REACH**hops * density(member.after, hops))
        else:
            log += math.log(strays * density(member.after, 2))
    well = sum(1 for other in topology.needed_by.get(node, ()) if other not in here and other != joining)
    return log + WELL * well * math.log(1 - REACH * ALERTS * arrived(age, 1))
