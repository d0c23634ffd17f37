"""Measurements of any series, pushed and read; what was measured of services, to take away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from bot.faces.http.late import LateRouter
from bot.faces.rest.auth import Guards
from bot.faces.rest.exporting import MEDIA, lines
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.measurements import (
    MeasurementsIn,
    MeasurementsTakenOut,
    PointOut,
    RefusedMeasurement,
    SeriesListOut,
    SeriesOut,
    SeriesPointsOut,
)
from bot.faces.rest.routes.files import as_download
from engine.errors import Invalid, NotFound, Problem
from engine.events import Audited
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import Span
from engine.runtime.measuring import Measuring

DAY = timedelta(days=1)
POINTS = 5_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
EXPORT: dict[int | str, dict[str, Any]] = {
    200: {"description": "A line for each", "content": {media: {"schema": {"type": "string"}} for media in MEDIA.values()}}
}

What = Annotated[
    Literal["rollups", "samples"], Query(description="`rollups` (minutes, hours, days) or the raw `samples` of the last week.")
]
Since = Annotated[AwareDatetime | None, Query(description="From when on, with its zone; a day ago.")]
Until = Annotated[AwareDatetime | None, Query(description="Before when, with its zone; now.")]


class MeasurementRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store
        self._measuring = Measuring(face.store, face.clock)

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/monitoring", tags=["monitoring"], dependencies=guards)
        add = router.add_api_route
        add("/measurements", self.push, methods=["POST"], response_model=MeasurementsTakenOut, responses=failures(400, 413))
        add("/series", self.series, methods=["GET"], response_model=SeriesListOut, responses=failures(400))
        add("/series/{name:path}", self.points, methods=["GET"], response_model=SeriesPointsOut, responses=failures(400, 404))
        add("/export", self.export, methods=["GET"], response_class=Response, responses={**failures(400), **EXPORT})
        return router

    async def push(self, body: MeasurementsIn) -> MeasurementsTakenOut:
        """Bring up to 1,000 numbers of any series. Each series is watched for what is unusual in it, and kept for 14 days."""
        now = self._face.clock.now()
        brought = [Measurement(one.series, _utc(one.at) if one.at else now, one.value, one.unit) for one in body.measurements]
        taken = await self._measuring.take(brought)
        if not taken.taken:
            problems = [Problem(why, ("measurements", place)) for place, why in taken.refused]
            raise Invalid("None of it was taken.", problems)
        return MeasurementsTakenOut(taken=taken.taken, refused=[RefusedMeasurement(index=place, error=why) for place, why in taken.refused])

    async def series(self, prefix: Annotated[str, Query(max_length=120)] = "") -> SeriesListOut:
        """The series there are, by name."""
        known = await self._store.measurements.known(prefix=prefix)
        return SeriesListOut(series=[SeriesOut(name=one.name, unit=one.unit, last_at=one.last_at) for one in known])

    async def points(self, name: str, since: Since = None, until: Until = None) -> SeriesPointsOut:
        """What was measured of one series."""
        known = next((one for one in await self._store.measurements.known(prefix=name[:120], limit=1) if one.name == name), None)
        if known is None:
            raise NotFound("There is no such series. /api/v2/monitoring/series lists those there are.")
        start, end = self._window(since, until)
        found = await self._store.measurements.series(name, since=start, until=end, limit=POINTS)
        return SeriesPointsOut(name=known.name, unit=known.unit, points=[PointOut(at=one.at, value=one.value) for one in found])

    async def export(
        self,
        service: Annotated[str, Query(max_length=100, description="Its id; left out, every service.")] = "",
        what: What = "rollups",
        span: Annotated[Span, Query(description="Of rollups.")] = Span.MINUTE,
        since: Since = None,
        until: Until = None,
        format: Annotated[Literal["csv", "ndjson"], Query()] = "csv",
    ) -> StreamingResponse:
        """What was measured, a line each, oldest first: as much as there is, read piece by piece."""
        start, end = self._window(since, until)
        actor = self._face.actor()
        asked = f"{what}, {start:%Y-%m-%dT%H:%M} to {end:%Y-%m-%dT%H:%M}, {format}"
        told = Audited(self._face.clock.now(), actor.id, actor.name, "export_measurements", f"service:{service or '*'}", detail=asked)
        await self._store.ledger.record(told)
        kind = f"{span.value}s" if what == "rollups" else "samples"
        name = f"{service or 'services'}-{kind}-{start:%Y%m%d}.{format}"
        found = lines(self._store, what, service, span, start, end, format)
        return StreamingResponse(found, media_type=MEDIA[format], headers=as_download(name))

    def _window(self, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
        end = _utc(until) if until else self._face.clock.now()
        start = max(_utc(since) if since else max(end, EARLIEST + DAY) - DAY, EARLIEST)
        if start >= end:
            raise Invalid("The window is empty: “since” must lie before “until”.")
        return start, end


def _utc(at: datetime) -> datetime:
    """Raises Invalid for the first and the last hours there are, which have no UTC."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Invalid("That time is at the very end of the calendar; look at the sender's clock.") from None
