"""What each connector can do, as rows of one table for the documentation: nothing here is said by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from connectors._kit.connector import Connector
from connectors._kit.description import Description

AUTH = {
    "bearer": "token",
    "basic": "basic",
    "header": "API key",
    "query": "API key",
    "oauth": "OAuth 2",
    "client_credentials": "client credentials",
    "service_account": "service account",
    "github_app": "app",
    "own": "own",
}


class Abilities(NamedTuple):
    """One row. ``events``: how many and by what they come; ``safe``: how a write is kept from being done twice, with how many writes each."""

    id: str
    name: str
    actions: int
    events: str
    auth: str
    batch: str
    safe: str
    health: str


def abilities(connectors: Iterable[Connector]) -> list[Abilities]:
    """By name."""
    return sorted((_row(connector) for connector in connectors), key=lambda row: row.name.casefold())


def _row(connector: Connector) -> Abilities:
    said = connector.description
    return Abilities(
        id=said.id,
        name=said.name,
        actions=len(said.operations),
        events=_events(said),
        auth=", ".join(dict.fromkeys(AUTH[way.kind] for way in said.auth if way.kind in AUTH)) or "–",
        batch=f"{said.batch.most} at a time" if said.batch else "–",
        safe=_counted(_ways(connector)),
        health=_health(connector),
    )


def _events(said: Description) -> str:
    if not said.triggers:
        return "–"
    ways = [("webhooks", any(t.match for t in said.triggers.values())), ("polls", any(t.polled for t in said.triggers.values()))]
    by = [way for way, there in ways if there]
    return f"{len(said.triggers)} ({', '.join(by) or 'told by the house'})"


def _ways(connector: Connector) -> Mapping[str, int]:
    """How each write is kept from being done twice."""
    said, looks = connector.description, connector.custom.look
    counts: dict[str, int] = {}
    for name, operation in said.operations.items():
        if not operation.writes:
            continue
        if operation.key_in or said.idempotency_header:
            way = "vendor's key"
        elif operation.repeatable:
            way = "repeatable"
        elif operation.read_back or name in looks:
            way = "read-back"
        else:
            way = "a person says"
        counts[way] = counts.get(way, 0) + 1
    return counts


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{way} {number}" for way, number in counts.items()) or "–"


def _health(connector: Connector) -> str:
    said = connector.description
    parts = ["probe" if said.probe or connector.custom.probe else "", "status page" if said.status_page else ""]
    return ", ".join(part for part in parts if part) or "–"
