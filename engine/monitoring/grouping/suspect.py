"""Which service in a group is the likeliest cause: what most of the others need, and what began to fail first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.topology import Topology

SILENT: Final = 0.5  # what does not alert itself must explain this share more of the others than what does
STARTED_WITH: Final = 60.0  # seconds: who began within a minute of the first began with it; checks are that far apart


@dataclass(frozen=True, slots=True)
class Suspect:
    """``service`` may be a platform, or a service without an alert of its own (``alerts`` False). "" for a group without services."""

    service: str
    because: str
    alerts: bool = True


def suspect(group: Group, topology: Topology) -> Suspect:
    """The likeliest cause. Of what explains the same number of members the earliest is named."""
    members = [service for service in group.services if service]
    if not members:
        return Suspect("", "Its alerts name no service.", alerts=False)
    explained = {node: _explained(node, members, topology) for node in (*members, *_silent(members, topology))}
    seen = max(members, key=lambda service: (explained[service], -_late(group, service), service))
    others = [node for node in explained if node not in members]
    if others:
        unseen = max(others, key=lambda node: (explained[node], -topology.fan_out(node), node))
        if explained[unseen] >= 2 and explained[unseen] - explained[seen] > SILENT * len(members):
            count = f"{explained[unseen]} of the {len(members)} services here need {topology.name(unseen)}"
            return Suspect(unseen, f"{count}, which sends no alerts of its own or has none yet.", alerts=False)
    return Suspect(seen, _because(group, seen, explained[seen], topology))


def _explained(node: str, members: Collection[str], topology: Topology) -> int:
    """Members that are it or need it."""
    return sum(1 for service in members if topology.hops(service, node) is not None)


def _silent(members: Collection[str], topology: Topology) -> list[str]:
    return sorted({cause for service in members for cause in topology.causes(service)} - set(members))


def _late(group: Group, service: str) -> float:
    """Seconds after the group's first alert, as far as they tell."""
    member = group.member(service)
    late = (member.first_at - group.opened_at).total_seconds() if member else 0.0
    return late if late > STARTED_WITH else 0.0


def _because(group: Group, service: str, explained: int, topology: Topology) -> str:
    name = topology.name(service)
    if len(group.services) == 1:
        return f"Only {name} alerts."
    if explained > 1:
        return f"{explained - 1} of the {len(group.services) - 1} other services here need {name}."
    first = group.members[0].service == service
    return f"{name} {'began to fail first' if first else 'alerts'}, and none of the others is known to need another of them."
