"""What the two endpoints of analytics have in common: their parameters, the question to the house, and the sheet."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from bot.faces.rest.exporting import MEDIA
from bot.faces.rest.face import RestFace
from bot.faces.rest.routes.files import as_download
from engine.commands.command import AnalyticsShown
from engine.errors import Invalid, Rejected
from engine.prediction.analytics.sheet import sheet

Window = Annotated[str, Query(max_length=40, description="ISO 8601 (`P30D`, `P1M`) or like `30d`; a week if nothing is said.")]
Calendar = Annotated[
    Literal["", "today", "week", "month", "quarter", "year"], Query(description="Of the calendar so far, instead of `window`.")
]
Format = Annotated[Literal["json", "csv"], Query(description="`csv`: a line a workflow, team and service; seconds and shares of 0..1.")]
OR_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON, or a sheet", "content": {"text/csv": {"schema": {"type": "string"}}}},
}


async def asked(face: RestFace, window: str, calendar: str, **about: str) -> AnalyticsShown:
    """Raises Invalid for a time or a question that cannot be, NotFound for what there is not."""
    if window and calendar:
        raise Invalid("Say either window or calendar, not both.")
    said = {name: value for name, value in {**about, "window": window, "calendar": calendar}.items() if value}
    outcome = await face.desk.do("workflow_analytics", said, face.actor(), face.where(), face.clock.new_id("rest"))
    if not isinstance(outcome.result, AnalyticsShown):
        raise Rejected("Signalbox answered without figures.")
    return outcome.result


def as_sheet(shown: AnalyticsShown) -> Response:
    report = shown.report
    name = f"analytics-{report.since:%Y%m%d}-{report.until:%Y%m%d}.csv"
    return Response(sheet(report), media_type=MEDIA["csv"], headers=as_download(name))
