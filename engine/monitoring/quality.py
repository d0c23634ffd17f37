"""How good the rules are: what each told in a week, what came of it, and what threshold would have spared people, tried on that very week.

slept through   told, nobody acknowledged or did anything, and it went away by itself: nobody missed anything
acted on        somebody did more than look: a run was started for it, a note was left, or it was resolved by hand
flapped         it came back within 15 minutes, or was held because it comes and goes
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Final

from engine.monitoring.alert import Alert
from engine.parties import SYSTEM

ENOUGH: Final = 4  # told alerts of a rule before a change is proposed
SPARED: Final = 0.5  # share of them that a proposal must spare
MARGIN: Final = 1.05  # above the highest that nobody needed
DEEDS: Final = frozenset({"start_runbook", "note_alert", "resolve_alert", "escalate_alert"})  # rows of the audit that are more than looking
PROPOSABLE: Final[Mapping[str, str]] = {
    "response_time": "response_time"
}  # rule → metric of a threshold; the value of its alerts is in milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleQuality:
    """One rule of one service over a span. ``to_acknowledge``, ``lasted``: medians in seconds, None = none."""

    service: str
    rule: str
    fired: int
    quiet: int
    acknowledged: int
    acted_on: int
    flapped: int
    slept_through: int
    to_acknowledge: float | None
    lasted: float | None

    @property
    def told(self) -> int:
        return self.fired - self.quiet

    @property
    def useful(self) -> float:
        """Share of what was told that somebody took or acted on; 1.0 where nothing was told."""
        return 1.0 - self.slept_through / self.told if self.told else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A threshold that would have spared people. ``value`` in seconds (response time). ``spared`` and ``kept``: alerts of the span, tried on it."""

    service: str
    metric: str
    level: str
    value: float
    spared: int
    kept: int
    because: str


def quality(alerts: Iterable[Alert], deeds: Mapping[str, Collection[str]]) -> tuple[RuleQuality, ...]:
    """The noisiest rule first. ``deeds``: alert id → verbs of its audit and of its incident's."""
    by_rule: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_rule[alert.service, alert.rule].append(alert)
    rows = (_row(service, rule, group, deeds) for (service, rule), group in by_rule.items())
    return tuple(sorted(rows, key=lambda row: (-row.slept_through, -row.told, row.service, row.rule)))


def _row(service: str, rule: str, alerts: Sequence[Alert], deeds: Mapping[str, Collection[str]]) -> RuleQuality:
    waits = [(one.acknowledged_at - one.opened_at).total_seconds() for one in alerts if one.acknowledged_at]
    lengths = [(one.resolved_at - one.opened_at).total_seconds() for one in alerts if one.resolved_at]
    return RuleQuality(
        service=service,
        rule=rule,
        fired=len(alerts),
        quiet=sum(bool(one.quiet) for one in alerts),
        acknowledged=sum(_acknowledged(one, deeds) for one in alerts),
        acted_on=sum(acted_on(one, deeds) for one in alerts),
        flapped=sum(_flapped(one) for one in alerts),
        slept_through=sum(slept_through(one, deeds) for one in alerts),
        to_acknowledge=median(waits) if waits else None,
        lasted=median(lengths) if lengths else None,
    )


def acted_on(alert: Alert, deeds: Mapping[str, Collection[str]]) -> bool:
    return bool(DEEDS & set(deeds.get(alert.id, ()))) or (not alert.open and alert.resolved_by not in ("", SYSTEM.name))


def slept_through(alert: Alert, deeds: Mapping[str, Collection[str]]) -> bool:
    return not alert.quiet and not alert.open and not _acknowledged(alert, deeds) and not acted_on(alert, deeds)


def _acknowledged(alert: Alert, deeds: Mapping[str, Collection[str]]) -> bool:
    return bool(alert.acknowledged_by) or "acknowledge_alert" in deeds.get(alert.id, ())


def _flapped(alert: Alert) -> bool:
    return alert.reopened > 0 or any(ruling.stage == "flap" and ruling.outcome == "held" for ruling in alert.trace)


def proposals(alerts: Iterable[Alert], deeds: Mapping[str, Collection[str]], limits: Mapping[str, float]) -> tuple[Proposal, ...]:
    """``limits``: service → the warning of its response time that is set now, in seconds. Only what would have spared at least half of what was told,
    and none that anybody needed, is proposed.
    """
    by_service: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.rule in PROPOSABLE and alert.source == "monitor" and not alert.quiet and not alert.open:
            by_service[alert.service].append(alert)
    found = (_proposal(service, group, deeds, limits.get(service, 0.0)) for service, group in sorted(by_service.items()))
    return tuple(one for one in found if one is not None)


def _proposal(service: str, alerts: Sequence[Alert], deeds: Mapping[str, Collection[str]], now: float) -> Proposal | None:
    needed = [one.value / 1000 for one in alerts if not slept_through(one, deeds)]
    idle = sorted(one.value / 1000 for one in alerts if slept_through(one, deeds) and (not needed or one.value / 1000 < min(needed)))
    if len(alerts) < ENOUGH or len(idle) < SPARED * len(alerts):
        return None
    highest = idle[-1]
    value = ceil(1000 * (min(highest * MARGIN, (highest + min(needed)) / 2) if needed else highest * MARGIN)) / 1000  # whole milliseconds
    if value <= now or (needed and value >= min(needed)):
        return None
    kept = len(alerts) - len(idle)
    needs = f" and kept the {kept} that somebody took" if kept else ""
    return Proposal(
        service=service, metric="response_time", level="warning", value=value, spared=len(idle), kept=kept,
        because=f"With a warning at {value:g} s this span would have had {len(idle)} of {len(alerts)} alerts less, none of which anybody needed{needs}.",
    )  # fmt: skip


def span(now: datetime, days: int = 7) -> tuple[datetime, datetime]:
    """From when until when a report speaks."""
    return now - timedelta(days=days), now
