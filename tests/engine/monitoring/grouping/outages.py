"""Findings, groups and states to ask the grouping about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.grouping import Placed, place
from engine.monitoring.grouping.together import NOTHING_SEEN, Together
from engine.monitoring.grouping.topology import Topology

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = Topology.of(
    [
        ("checkout", "payments"),
        ("cart", "payments"),
        ("payments", "database"),
        ("search", "database"),
        ("stock", "database"),
        ("mail", "queue"),
    ],
    platforms={"jira": "Atlassian", "trello": "Atlassian"},
    names={"jira": "Jira", "trello": "Trello"},
)


@dataclass(frozen=True, slots=True)
class Found:
    service: str
    account: str = "default"
    rule: str = "availability"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def grouped(alerts: Sequence[tuple[float, str]], topology: Topology = SHOP) -> list[list[str]]:
    """Services by group, in order of arrival, for alerts of (seconds, service)."""
    groups: list[Group] = []
    for seconds, service in alerts:
        placed = put(Found(service), groups, seconds, topology)
        index = next((n for n, group in enumerate(groups) if group.id == placed.group), None)
        if index is None:
            groups.append(Group(f"g{len(groups)}").joined(Found(service), after(seconds)))
        else:
            groups[index] = groups[index].joined(Found(service), after(seconds))
    return [list(group.services) for group in groups]


def put(found: Found, groups: Sequence[Group], seconds: float, topology: Topology = SHOP, together: Together = NOTHING_SEEN) -> Placed:
    return place(found, groups, replace(topology, past=together), after(seconds))


def group_of(*alerts: tuple[float, str], rule: str = "availability") -> Group:
    group = Group("g")
    for seconds, service in alerts:
        group = group.joined(Found(service, rule=rule), after(seconds))
    return group
