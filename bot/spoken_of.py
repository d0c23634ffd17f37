"""What was shown here and can be pointed at: rows of lists, and alerts, whether somebody asked for them or their cards were posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.commands.alerting import OPEN
from engine.commands.command import AlertShown, AlertsShown, Outcome, Result, RunsShown, WorkflowsShown
from engine.commands.house import House
from engine.monitoring.alert import Alert, AlertState
from engine.parties import Address, MessageRef
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json

MOST_ROWS = 50  # of one list; what stands further down has to be named
MOST_ALERTS = 20  # looked at among the open ones
_LONGEST_LABEL = 70  # characters on a button


def entry_of(outcome: Outcome) -> dict[str, Json] | None:
    """What this answer showed, as plain values to be kept; None where nothing in it can be pointed at."""
    result = outcome.result
    if isinstance(result, AlertShown):
        return {"kind": "alert", "id": result.alert.leader}
    if outcome.about.startswith("alr_"):
        return {"kind": "alert", "id": outcome.about}
    shown = _rows(result)
    return {"kind": "list", "id": shown[0], "rows": shown[1]} if shown and shown[1] else None


def _rows(result: Result) -> tuple[str, list[Json]] | None:
    """(kind, [[id, label, name], …]) in the order in which they were shown."""
    if isinstance(result, WorkflowsShown):
        return "workflow", [[flow.id, flow.name, flow.name] for flow, _, _ in result.rows[:MOST_ROWS]]
    if isinstance(result, RunsShown):
        return "run", [[run.id, run.name, run.id] for run in result.runs[:MOST_ROWS]]
    if isinstance(result, AlertsShown):
        return "alert", [[one.id, label(one), one.id] for one in result.alerts[:MOST_ROWS]]
    return None


def label(alert: Alert) -> str:
    """“GitHub: it does not answer”, short enough for a button."""
    said = f"{product(alert.service) or alert.rule.replace('_', ' ')}: {alert.message}"
    return said if len(said) <= _LONGEST_LABEL else said[: _LONGEST_LABEL - 1] + "…"


def _told(alert: Alert) -> dict[str, Json]:
    return {"id": alert.id, "label": label(alert), "severity": alert.severity.value, "open": alert.state is not AlertState.RESOLVED}


async def of_thread(house: House, where: Address) -> dict[str, Json] | None:
    """What the card is about in whose thread something is said."""
    if not where.thread:
        return None
    standing = await house.store.postings.standing_at(MessageRef(where.face, where.channel, where.thread))
    kinds = {"alert": "alert", "draft": "draft", "workflow": "workflow"}
    return {"kind": kinds[standing.kind], "id": standing.subject} if standing and standing.kind in kinds else None


async def told(house: House, alert: str) -> list[Json]:
    """That alert, as a subject holds alerts; nothing where it is not known any more."""
    return [_told(one) for one in await _stored(house, [alert])]


async def open_alerts(house: House) -> list[Alert]:
    """The newest open ones that people were told of, one an incident."""
    found = await house.store.alerts.list(states=OPEN, limit=MOST_ALERTS)
    return [one for one in found if one.leader == one.id and not one.quiet]


async def posted_here(house: House, alerts: Sequence[Alert], where: Address, since: datetime) -> list[tuple[datetime, str]]:
    """(when, id) of the alerts that began since then and whose card stands in this channel."""
    found = []
    for alert in alerts:
        if alert.opened_at < since:
            continue
        for posting in await house.store.postings.of(alert.id):
            place = (posting.ref.face, posting.ref.channel) if posting.ref else (posting.to.face, posting.to.channel)
            if posting.kind == "alert" and place == (where.face, where.channel):
                found.append((alert.opened_at, alert.id))
                break
    return found


async def pointed(
    house: House, entries: Sequence[tuple[datetime, Mapping[str, Any]]], where: Address, now: datetime, recent: timedelta
) -> dict[str, Json]:
    """``lists``, ``alerts``, ``open_alerts``, ``last`` and ``named`` of a subject; ``entries``: when and what was shown to this person, newest first."""
    standing = await open_alerts(house)
    spoken = [(at, str(one["kind"]), one) for at, one in entries if now - at <= recent]
    posted = [(at, "alert", {"kind": "alert", "id": id}) for at, id in await posted_here(house, standing, where, now - recent)]
    together = sorted([*spoken, *posted], key=lambda one: one[0], reverse=True)
    ids: list[str] = []
    for _, kind, one in together:
        rows = [str(row[0]) for row in one.get("rows") or ()] if kind == "list" and one.get("id") == "alert" else []
        if rows and not ids:
            ids = rows
            break
        ids += [str(one["id"])] if kind == "alert" else []
    lists: list[Json] = [{"of": one["id"], "rows": one["rows"]} for _, kind, one in together if kind == "list"]
    last = together[0][1] if together else ""
    if last == "list" and together[0][2].get("id") == "alert" and len(ids) == 1:
        last = "alert"  # a list of one
    return {
        "lists": lists,
        "alerts": [_told(one) for one in await _stored(house, list(dict.fromkeys(ids)))],
        "open_alerts": [_told(one) for one in standing],
        "last": last,
        "named": str(together[0][2]["id"]) if together and together[0] in spoken and together[0][1] == "alert" else "",
    }


async def _stored(house: House, ids: Sequence[str]) -> list[Alert]:
    found = [await house.store.alerts.get(id) for id in ids[:MOST_ALERTS]]
    leaders: dict[str, Alert] = {}
    for one in found:
        if one is not None:
            leaders.setdefault(one.leader, one)
    return list(leaders.values())
