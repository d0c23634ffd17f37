"""Reads service graphs that were seen in traces: who called whom, and how often.

Taken: the metrics ``traces_service_graph_request_total{client,server,connection_type}`` of the OpenTelemetry Collector and of Tempo, as text
or as the answer of a Prometheus query (vector or matrix, with or without the metric's name); Jaeger's dependencies (``parent``, ``child``,
``callCount``); and a plain JSON list of ``client`` and ``server`` with ``calls`` or ``per_hour``.

A counter says how often since its process began, not how often an hour: volumes are known where a matrix shows the counter grow, where the
list says ``per_hour``, or where ``hours`` says what the calls were counted over. A line through a messaging system is the consumer's: it
listens to the producer, which does not fail with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.evidence import MOST_PER_HOUR, Evidence, EvidenceKind
from engine.graph.declared.exposition import Sample, finite, samples
from engine.graph.declared.gathering import Gathering
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import quoted

METRIC = "traces_service_graph_request_"
COUNTS = ("traces_service_graph_request_total", "traces_service_graph_request_server_seconds_count", "traces_service_graph_request_client_seconds_count")  # fmt: skip
FROM, TO, CALLS = (
    ("client", "source", "caller", "parent"),
    ("server", "target", "callee", "child"),
    ("calls", "count", "requests", "callCount"),
)


@dataclass(slots=True)
class _Seen:
    """Of one pair and kind of connection, over all its series."""

    calls: float = 0.0
    per_hour: float | None = None
    since: datetime | None = None
    seen: datetime | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Call:
    client: str
    server: str
    kind: str
    calls: float = 0.0
    per_hour: float | None = None
    since: datetime | None = None
    seen: datetime | None = None
    line: int = 0


def read_metrics(text: str, gathering: Gathering, *, hours: float | None = None) -> None:
    """The text format of Prometheus."""
    _take(_from_text(text, gathering), gathering, hours)


def read_calls(raw: Any, gathering: Gathering, *, hours: float | None = None) -> None:
    """The parsed answer of a query, or a list."""
    listed = series_of(raw)
    calls = _from_series(listed, gathering) if listed is not None else _from_list(list_of(raw), gathering)
    _take(calls, gathering, hours)


def series_of(raw: Any) -> list[Any] | None:
    """The series of a Prometheus answer; None for anything else."""
    data = raw.get("data") if isinstance(raw, dict) else None
    found = data.get("result") if isinstance(data, dict) else None
    return found if isinstance(found, list) and all(isinstance(one, dict) and "metric" in one for one in found) else None


def list_of(raw: Any) -> list[Any]:
    """Of calls, bare or under ``data``, ``calls`` or ``edges``; empty for anything else."""
    found = (
        next((raw[key] for key in ("data", "calls", "edges", "dependencies") if isinstance(raw.get(key), list)), [])
        if isinstance(raw, dict)
        else raw
    )
    return (
        found
        if isinstance(found, list) and any(isinstance(one, dict) and _first(one, FROM) and _first(one, TO) for one in found[:20])
        else []
    )


def _from_text(text: str, gathering: Gathering) -> Iterator[_Call]:
    found = [one for one in samples(text, METRIC) if isinstance(one, int) or one.name in COUNTS]
    chosen = next((name for name in COUNTS if any(isinstance(one, Sample) and one.name == name for one in found)), "")
    for one in found:
        if isinstance(one, int):
            gathering.lost("This line is not in the text format of Prometheus.", one)
        elif one.name == chosen:
            yield from _counted(one.labels, one.value, one.line, gathering)


def _from_series(listed: list[Any], gathering: Gathering) -> Iterator[_Call]:
    named = {str(one["metric"].get("__name__", "")) for one in listed if isinstance(one.get("metric"), dict)}
    chosen = next((name for name in COUNTS if name in named), "")
    for number, one in enumerate(listed, 1):
        labels = one.get("metric")
        name = labels.get("__name__", "") if isinstance(labels, dict) else ""
        if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
            gathering.lost(f"Series {number} has no labels.")
        elif name and name != chosen:
            continue  # failures, durations: not another call
        elif isinstance(one.get("values"), list):
            yield from _grown(labels, one["values"], number, gathering)
        else:
            value = one.get("value")
            at = finite(value[0]) if isinstance(value, list) and len(value) == 2 else None
            amount = finite(value[1]) if isinstance(value, list) and len(value) == 2 else None
            for call in _counted(labels, amount, 0, gathering):
                yield _Call(call.client, call.server, call.kind, call.calls, seen=_moment(at))


def _counted(labels: Mapping[str, str], value: float | None, line: int, gathering: Gathering) -> Iterator[_Call]:
    client, server = labels.get("client", ""), labels.get("server", "")
    if not client or not server:
        gathering.lost("A series without “client” and “server” says nothing of who calls whom.", line)
    elif value is None or value < 0:
        gathering.lost(f"How often {quoted(client)} called {quoted(server)} is no number.", line)
    elif value:
        yield _Call(client, server, labels.get("connection_type", ""), value, line=line)


def _grown(labels: Mapping[str, str], values: list[Any], number: int, gathering: Gathering) -> Iterator[_Call]:
    """A counter over time: what it grew by, also over a restart, at which it begins again. A gap is no calls."""
    points = [(finite(one[0]), finite(one[1])) for one in values if isinstance(one, list) and len(one) == 2]
    known = [(at, value) for at, value in points if at is not None and value is not None and value >= 0]
    if len(known) < len(values):
        gathering.doubt(f"Series {number} has {len(values) - len(known)} values that are no numbers; they count as gaps.")
    if not known:
        return
    grown = sum(after - before if after >= before else after for (_, before), (_, after) in pairwise(known))
    first, last = known[0][0], known[-1][0]
    changed = [at for (_, before), (at, after) in pairwise(known) if after != before]
    for call in _counted(labels, grown if len(known) > 1 else known[0][1], 0, gathering):
        per_hour = grown / (last - first) * 3600 if last > first else None
        yield _Call(call.client, call.server, call.kind, call.calls, per_hour, _moment(first), _moment(changed[-1] if changed else last))


def _from_list(listed: list[Any], gathering: Gathering) -> Iterator[_Call]:
    for number, one in enumerate(listed, 1):
        client, server = (_first(one, names) if isinstance(one, dict) else "" for names in (FROM, TO))
        if not client or not server:
            gathering.lost(f"Entry {number} of the list does not name a client and a server.")
            continue
        amounts = {name: one[name] for name in (*CALLS, "per_hour") if one.get(name) is not None}
        numbers = {name: finite(value) for name, value in amounts.items()}
        if any(value is None or value < 0 for value in numbers.values()):
            gathering.lost(f"How often {quoted(client)} called {quoted(server)} is no number.")
            continue
        calls = next((numbers[name] for name in CALLS if name in numbers), None)
        if calls == 0 and not numbers.get("per_hour"):
            continue
        yield _Call(client, server, _first(one, ("connection_type", "kind")), calls or 0.0, numbers.get("per_hour"))


def _first(one: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if isinstance(value := one.get(name), str) and value), "")


def _moment(at: float | None) -> datetime | None:
    try:
        return None if at is None else datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _take(calls: Iterator[_Call], gathering: Gathering, hours: float | None) -> None:
    """Pairs with all their series added up, then as lines."""
    seen: dict[tuple[str, str, str], _Seen] = {}
    own = 0
    for call in calls:
        client, server = gathering.name(call.client, call.line), gathering.name(call.server, call.line)
        if client and client == server:
            own += 1
        elif client and server:
            _add(seen.setdefault((client, server, call.kind), _Seen(line=call.line)), call)
    if own:
        gathering.doubt(f"{own:,} series in which a service calls itself {'was' if own == 1 else 'were'} left out.")
    for (client, server, kind), one in seen.items():
        _line(client, server, kind, one, gathering, hours)


def _add(one: _Seen, call: _Call) -> None:
    one.calls += call.calls
    if call.per_hour is not None:
        one.per_hour = (one.per_hour or 0.0) + call.per_hour
    one.since = min(filter(None, (one.since, call.since)), default=None)
    one.seen = max(filter(None, (one.seen, call.seen)), default=None)


def _line(client: str, server: str, kind: str, one: _Seen, gathering: Gathering, hours: float | None) -> None:
    per_hour = one.per_hour if one.per_hour is not None or not hours else one.calls / hours
    volume = None if per_hour is None else min(per_hour, MOST_PER_HOUR)
    messages = kind == "messaging_system"
    evidence = Evidence(
        kind=EvidenceKind.EVENT if messages else EvidenceKind.OBSERVED,
        origin=gathering.origin,
        since=one.since or gathering.at,
        seen=one.seen or gathering.at,
        per_hour=volume,
    )
    source, target = (server, client) if messages else (client, server)
    gathering.join(
        Line(source=source, target=target, kind=LineKind.LISTENS if messages else LineKind.CALLS, evidence=(evidence,)), one.line
    )
    if kind in ("database", "virtual_node"):
        what = ComponentKind.INFRA if kind == "database" else ComponentKind.EXTERNAL
        if server not in gathering.components:
            gathering.add(Component(id=server, name=_label(server, gathering), kind=what, evidence=(evidence,)), one.line)


def _label(id: str, gathering: Gathering) -> str:
    return gathering.names[id] if gathering.names.get(id, id) != id else ""
