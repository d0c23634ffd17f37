"""A report by its name: what it shows of a span of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.commands.alert_digest import digest
from engine.commands.alert_quality import judged
from engine.commands.command import DigestShown, HealthShown, OnCallShown, QualityShown
from engine.commands.health_report import report
from engine.commands.house import House
from engine.commands.rostering import shown as on_call
from engine.monitoring.charting import MOST_DAYS, MOST_ROWS, Day, HeatRow, HeatStrip
from engine.monitoring.report import What
from engine.monitoring.rollup import Span
from engine.workflow.catalogue_data import product


async def reported(
    house: House, what: What, since: datetime, until: datetime, timezone: str
) -> HealthShown | DigestShown | QualityShown | OnCallShown:
    match what:
        case What.HEALTH:
            return replace(await report(house), strip=await strip(house, until))
        case What.DIGEST:
            return await digest(house, since, until, timezone)
        case What.QUALITY:
            return await judged(house, until, until - since)
        case What.ONCALL:
            return await on_call(house)


async def strip(house: House, until: datetime) -> HeatStrip | None:
    """The last 90 days of every connected service, a square a day; None where less than a day was measured."""
    services = list(dict.fromkeys(account.service for account in house.connections.accounts() if account.probed and account.mode != "off"))
    first = until - timedelta(days=MOST_DAYS)
    seen: dict[tuple[str, date], tuple[int, int]] = {}
    for span, since in ((Span.DAY, first), (Span.HOUR, Span.DAY.start(until))):  # today is not folded into a day yet
        for row in await house.store.rollups.between(span, since, until, limit=200_000):
            count, errors = seen.get((row.service, row.at.date()), (0, 0))
            seen[row.service, row.at.date()] = (count + row.count, errors + row.errors)
    if not seen:
        return None
    days = [until.date() - timedelta(days=back) for back in range(MOST_DAYS - 1, -1, -1)]
    rows = [HeatRow(product(name), tuple(_day(*seen.get((name, day), (0, 0))) for day in days)) for name in services[:MOST_ROWS]]
    return HeatStrip(title="The last 90 days", last=until.date(), rows=tuple(rows), more=max(0, len(services) - MOST_ROWS))


def _day(count: int, errors: int) -> Day:
    return Day(1 - errors / count if count else None)
