"""How good the alert rules were: what each told, what came of it, and thresholds that would have spared people, each tried on that span."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, QualityShown
from engine.commands.house import House
from engine.errors import Rejected
from engine.monitoring.alert import Alert
from engine.monitoring.quality import proposals, quality
from engine.monitoring.threshold import KIND, AllThresholds, Thresholds, thresholds_of
from engine.ports import AuditRow

MINUTE = timedelta(minutes=1)
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
    deeds = await _deeds(house, alerts)
    thresholds = AllThresholds({one.service: one for one in await _thresholds(house)})
    limits = {name: thresholds.of(name).response_time.warning or 0.0 for name in {one.service for one in alerts}}
    return QualityShown(
        id=f"qua_{until.astimezone(UTC):%Y%m%dT%H%M}" + (f"_{window // MINUTE}" if window != WEEK else ""), since=since, until=until, rows=quality(alerts, deeds),
        proposals=proposals(alerts, deeds, limits), applied=tuple(await _thresholds(house)),
    )  # fmt: skip


async def _deeds(house: House, alerts: Sequence[Alert]) -> dict[str, set[str]]:
    """Alert id → what people did about its incident, whose card speaks for it. What the newest rows do not reach back to is asked for one by
    one: an alert that somebody needed is never taken for one that nobody did.
    """
    newest = await house.store.audit.list(limit=MOST_ROWS)
    reached = newest[-1].at if len(newest) >= MOST_ROWS else None
    about: dict[str, list[AuditRow]] = defaultdict(list)
    for row in newest:
        about[row.subject].append(row)
    for leader in {one.leader for one in alerts if reached is not None and one.opened_at <= reached}:
        about[leader] = await house.store.audit.list(subject=leader, limit=MOST_ROWS)
    done = {subject: {row.verb for row in rows if row.outcome == "done"} for subject, rows in about.items()}
    return {one.id: done.get(one.id, set()) | done.get(one.leader, set()) for one in alerts}


def span_of(card: str) -> tuple[datetime, timedelta]:
    """The end and the length of the span that a card speaks of. Raises Rejected for another card."""
    until, _, minutes = card.partition("_")[2].partition("_")
    try:
        return datetime.strptime(until, "%Y%m%dT%H%M").replace(tzinfo=UTC), min(int(minutes) * MINUTE, LONGEST) if minutes else WEEK
    except (ValueError, OverflowError) as error:
        raise Rejected("This report is not known here. Ask for a fresh one: /alerts quality") from error


async def _thresholds(house: House) -> list[Thresholds]:
    return [thresholds_of(policy.id, policy.body, policy.revision) for policy in await house.store.policies.of(KIND)]
