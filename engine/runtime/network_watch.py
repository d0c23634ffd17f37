"""Our own network: the guard asked after every round of checks, what it says as a signal, and what it remembers over a restart."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from engine.events import DetectorSaved
from engine.monitoring.alert import ServiceState, Severity
from engine.monitoring.grouping.network import Guarded, Key, NetworkGuard
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.pipeline import OURS as OURS
from engine.monitoring.signal import Signal
from engine.ports import Learnt
from engine.workflow.definition import Json

log = logging.getLogger(__name__)

STREAM = "network"
HOUSE = "signalbox"  # the service of the alert: it is we
RECOVERY = timedelta(minutes=30)  # after the end, what was held is told only if it fails anew; alerts are over by then
STALE = timedelta(minutes=10)  # after a longer stop nothing is known of our network


class NetworkWatch:
    def __init__(self) -> None:
        self._guard = NetworkGuard()
        self._guarded: Guarded | None = None
        self._back: dict[Key, datetime] = {}  # held until our network was back; they answer, but their alerts are not over yet
        self._kept: tuple[object, ...] = ()

    def restore(self, learnt: Learnt | None, states: Iterable[ServiceState], now: datetime) -> None:
        """As it was, unless nothing was measured for too long."""
        fresh = any(state.last_at is not None and now - state.last_at <= STALE for state in states)
        self._guard, self._back = NetworkGuard(), {}
        if learnt is not None and fresh:
            try:
                self._guard, self._back = _guard_of(learnt.state)
            except (TypeError, ValueError, IndexError, KeyError):
                log.warning("What was known of our own network is damaged and cannot be read; it is watched anew.")
        self._kept = self._essence()

    def observe(self, states: Iterable[ServiceState], topology: Topology, now: datetime) -> None:
        states, before = list(states), self._guard
        self._guarded = replace(before, topology=topology).observe(states, now)
        self._guard = self._guarded.guard
        failing = {(state.service, state.account) for state in states if state.failures}
        back = self._back | dict.fromkeys(before.held - self._guard.held, now)
        self._back = {key: at for key, at in back.items() if key not in failing and now - at <= RECOVERY}

    @property
    def firing(self) -> bool:
        return self._guarded is not None and self._guarded.firing

    def held(self) -> dict[Key, str]:
        """(service, account) → why nobody is told of what begins there."""
        back = dict.fromkeys(self._back, "Held: our own network was cut off; it answers again, and is only told if it fails once more.")
        if self._guarded is None or not self._guarded.held:
            return back
        because = self._guarded.because if self.firing else "Our own network was cut off until just now; it is looked at once more first."
        return back | dict.fromkeys(self._guarded.held, f"Held: {because}")

    def signal(self, at: datetime) -> Signal:
        """What it says of our network now."""
        because = self._guarded.because if self._guarded is not None else "Nothing was measured yet."
        services = sorted({service for service, _ in self._guarded.held}) if self._guarded is not None else []
        return Signal(
            rule=OURS, service=HOUSE, account="", at=at, firing=self.firing, because=because, severity=Severity.CRITICAL,
            message=f"Our own network seems to be cut off. The alerts of {len(services)} services are held until it is back.",
            metric="services that fail at once", value=len(services),
        )  # fmt: skip

    def unsaved(self, at: datetime) -> list[DetectorSaved]:
        """When what must outlive a crash has changed since ``saved``."""
        if self._essence() == self._kept:
            return []
        back: Json = [[*key, at.isoformat()] for key, at in sorted(self._back.items())]
        return [DetectorSaved(STREAM, {**_told(self._guard), "back": back}, at)]

    def saved(self) -> None:
        self._kept = self._essence()

    def _essence(self) -> tuple[object, ...]:
        return self._guard.since, self._guard.ended, self._guard.held, frozenset(self._back)


def _told(guard: NetworkGuard) -> dict[str, Json]:
    """Everything the guard remembers but the topology, which is known anew."""
    return {one.name: _write(getattr(guard, one.name)) for one in fields(guard) if one.name != "topology"}


def _guard_of(told: Mapping[str, Json]) -> tuple[NetworkGuard, dict[Key, datetime]]:
    """What was kept, and which accounts are back; only this file writes it. What another version kept besides is left out."""
    known = {one.name for one in fields(NetworkGuard)} - {"topology"}
    kept: dict[str, Any] = {name: _read(value) for name, value in told.items() if name in known}
    return NetworkGuard(**kept), _times(told.get("back"))


def _write(value: object) -> Json:
    if isinstance(value, Mapping):
        return {"times": [[*key, at.isoformat()] for key, at in sorted(value.items())]}
    if isinstance(value, frozenset):
        return {"keys": [list(key) for key in sorted(value)]}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return bool(value) if isinstance(value, bool) else None


def _read(value: Json) -> object:
    if not isinstance(value, dict):
        return value
    if "times" in value:
        return _times(value["times"])
    if "keys" in value:
        return frozenset((str(one[0]), str(one[1])) for one in _lists(value["keys"]))
    return datetime.fromisoformat(str(value["at"]))


def _times(value: Json) -> dict[Key, datetime]:
    return {(str(one[0]), str(one[1])): datetime.fromisoformat(str(one[2])) for one in _lists(value)}


def _lists(value: Json) -> list[list[Json]]:
    return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []
