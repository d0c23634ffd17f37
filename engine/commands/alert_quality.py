"""How good the alert rules were: what each told, what came of it, and thresholds that would have spared people, each tried on that span."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, QualityShown
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.quality import proposals, quality
from engine.monitoring.threshold import KIND, AllThresholds, Thresholds, thresholds_of

WEEK = timedelta(days=7)
LONGEST = timedelta(days=90)
MOST_ROWS = 10_000  # of the audit, that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuality(Command):
    NAME: ClassVar[str] = "alert_quality"
    SLASH: ClassVar[str] = "/alerts quality"
    HELP: ClassVar[str] = "How good each alert rule was in the last week, and which thresholds would have spared you."
    EXAMPLE: ClassVar[str] = "/alerts quality"
    service: str = ""
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service).id if self.service else ""
        window = self.window or WEEK
        if not timedelta() < window <= LONGEST:
            raise Rejected(f"A report speaks of at most {LONGEST.days} days; say for example P7D.")
        return Outcome(result=await judged(house, asking.at, window, service=service))


async def judged(house: House, until: datetime, window: timedelta = WEEK, *, service: str = "") -> QualityShown:
    """Of alerts opened in that span."""
    since = until - window
    alerts = [one for one in await house.store.alerts.between(since, until) if since <= one.opened_at and service in ("", one.service)]
    deeds: dict[str, set[str]] = defaultdict(set)
    for row in await house.store.audit.list(limit=MOST_ROWS):
        if row.subject.startswith("alr_") and row.outcome == "done":
            deeds[row.subject].add(row.verb)
    thresholds = AllThresholds({one.service: one for one in await _thresholds(house)})
    limits = {name: thresholds.of(name).response_time.warning or 0.0 for name in {one.service for one in alerts}}
    return QualityShown(
        id=f"qua_{until.astimezone(UTC):%Y%m%dT%H%M}", since=since, until=until, rows=quality(alerts, deeds),
        proposals=proposals(alerts, deeds, limits), applied=tuple(await _thresholds(house)),
    )  # fmt: skip


def until_of(card: str) -> datetime:
    """The end of the span that a card speaks of. Raises Rejected for another card."""
    try:
        return datetime.strptime(card, "qua_%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError as error:
        raise Rejected("This report is not known here. Ask for a fresh one: /alerts quality") from error


async def _thresholds(house: House) -> list[Thresholds]:
    return [thresholds_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
