"""Which service or platform is the likeliest cause of a group: the one whose failing explains best who fails, who does not, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.spreading import causes_of, evidence, stray
from engine.monitoring.grouping.together import NOTHING_SEEN
from engine.monitoring.grouping.topology import Topology

SOONEST: Final = 60.0  # seconds after the first alert before which it tells little that others are well


@dataclass(frozen=True, slots=True)
class Suspect:
    """``service`` may be a platform or a service without an alert (``alerts`` False); "" where no alert names a service. ``share``: 0..1."""

    service: str
    because: str
    alerts: bool = True
    share: float = 1.0


def suspect(group: Group, topology: Topology) -> Suspect:
    """The likeliest cause; of equals the one that began to fail first."""
    members = evidence(group)
    if not members:
        named = [service for service in group.services if service]
        return (
            Suspect(named[0], _alone(named[0], topology)) if named else Suspect("", "Its alerts name no service.", alerts=False, share=0.0)
        )
    age = max(SOONEST, (group.last_at - group.opened_at).total_seconds())
    likeliest = causes_of(members, topology, age, stray(topology, (topology.past or NOTHING_SEEN).missing))[0]
    services = [member.service for member in members]
    needing = sum(1 for service in services if service != likeliest.node and topology.hops(service, likeliest.node) is not None)
    others = len(services) - likeliest.alerts
    name = topology.name(likeliest.node)
    if not likeliest.alerts:
        because = f"{_of(needing, others, 'services here')} need {name}, which has no alert of its own."
    elif len(services) == 1:
        because = _alone(name, topology)
    elif needing:
        because = f"{_of(needing, others, 'other services here')} {'needs' if needing == 1 else 'need'} {name}."
    else:
        first = services[0] == likeliest.node
        because = f"{name} {'began to fail first' if first else 'fails too'}, and none of the others is known to need another of them."
    return Suspect(likeliest.node, because, likeliest.alerts, likeliest.share)


def _alone(service: str, topology: Topology) -> str:
    return f"Only {topology.name(service)} alerts."


def _of(count: int, of: int, noun: str) -> str:
    if count < of:
        return f"{count} of the {of} {noun}"
    return f"The {noun.replace('services', 'service')}" if of == 1 else f"{'Both' if of == 2 else f'All {of}'} {noun}"
