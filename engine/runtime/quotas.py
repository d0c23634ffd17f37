"""How the services' own limits were used in the last hours, minute by minute, kept over restarts."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.errors import Invalid
from engine.events import DetectorSaved
from engine.monitoring.forecast.foresight import Prospect, quota
from engine.monitoring.forecast.points import Point
from engine.ports import Connections
from engine.workflow.definition import Json

STREAM = "forecast:quotas"
POINTS = 360  # of each
PAUSE = timedelta(minutes=15)  # without a look, after which what was used before says nothing of the pace

Name = tuple[str, str, str]  # service, account, what is limited


class Quotas:
    """``read`` once a minute: an hourly one is over before twelve looks of five minutes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._used: dict[Name, deque[Point]] = defaultdict(lambda: deque(maxlen=POINTS))

    def read(self, now: datetime) -> None:
        there = set()
        for service in {one.service for one in self._connections.accounts() if one.mode != "off"}:
            for row in self._connections.budget(service):
                used = self._used[row.service, row.account, row.name]
                if used and now - used[-1].at > PAUSE:
                    used.clear()
                used.append(Point(now, float(row.used)))
                there.add((row.service, row.account, row.name))
        for gone in set(self._used) - there:
            del self._used[gone]

    def prospects(self, services: set[str]) -> list[Prospect]:
        found = [
            quota(
                row.service,
                row.account,
                row.name,
                tuple(self._used.get((row.service, row.account, row.name), ())),
                row.limit,
                row.resets_in,
            )
            for service in sorted(services)
            for row in self._connections.budget(service)
        ]
        return [one for one in found if one is not None]

    def kept(self, now: datetime) -> DetectorSaved | None:
        """None where nothing is limited."""
        rows: list[Json] = [
            {"name": list(name), "at": [point.at.timestamp() for point in used], "used": [point.value for point in used]}
            for name, used in self._used.items()
        ]
        return DetectorSaved(STREAM, {"quotas": rows}, now) if rows else None

    def take_up(self, state: Mapping[str, Any], now: datetime) -> None:
        """What was kept before the start, unless it is too old. Raises Invalid for what another version wrote."""
        try:
            read = {
                (str(row["name"][0]), str(row["name"][1]), str(row["name"][2])): _points(row["at"], row["used"], now)
                for row in state["quotas"]
            }
        except (KeyError, IndexError, TypeError, ValueError, OverflowError, OSError) as error:
            raise Invalid(f"How quotas were used cannot be read: {error}") from error
        for name, points in read.items():
            if points and now - points[-1].at <= PAUSE:
                known = list(self._used[name])
                self._used[name] = deque([*points, *(one for one in known if one.at > points[-1].at)], maxlen=POINTS)


def _points(at: Sequence[float], used: Sequence[float], now: datetime) -> list[Point]:
    return [Point(datetime.fromtimestamp(float(when), tz=now.tzinfo), float(value)) for when, value in zip(at, used, strict=True)]
