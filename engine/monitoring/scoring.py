"""Our health score: 0 to 100 for a service and for all of them, and the word it stands for.

The word comes first, as people act on it: what the detector and the open alerts say, or what the last minutes show where neither says
anything. The number follows within the word's band (the bands are those of ``health.status_of``), so word and number never disagree:

    100 × availability × speed × budget, put into the band of the word

    availability  by the share of failed checks, counted by minutes: re-probing every few seconds must not count one fault ten times
    speed         by how many times its own usual the typical answer takes; without a usual by the limits of the seed
    budget        by how fast the error budget of its objective burns, where one is set

A product, because a service is as good as its worst side: the seed's sum gave a dead service that refuses quickly 38 points. How much traffic
there is has no part in it: a quiet night is not worse. A system is the mean of its services, weighted by how many workflows need each, with a
quarter of its score given to the worst one: one dead service among ten makes 67 and not 90.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.health import LIMITS, HealthStatus, ServiceHealth, SystemHealth, service_health
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.spans import about

FRESH = 90.0  # seconds: three usual intervals
SILENT = 30.0  # seconds without a good answer, for offline
LATELY = timedelta(minutes=5)  # what the word is read from where no detector speaks
FEWEST_ERRORS = 2  # a single one is a blip
FEWEST_GOOD = 5  # good answers before slowness is spoken of
AHEAD = frozenset({"forecast"})  # rules of alerts about what may come, not about what is
WORST_COUNTS = 0.25  # share of a system's score that is its worst service's
Z = 1.645

# The points between which each part runs in straight lines.
AVAILABILITY = ((0.0, 1.0), (0.01, 0.95), (0.05, 0.75), (0.5, 0.3), (1.0, 0.0))  # by share of failed checks
SLOWER = ((1.2, 1.0), (1.5, 0.9), (2.0, 0.75), (5.0, 0.5), (20.0, 0.4))  # by times the usual
SLOW = ((0.5, 1.0), (1.0, 0.9), (5.0, 0.6), (30.0, 0.4))  # by seconds
BURNING = ((1.0, 1.0), (6.0, 0.95), (14.4, 0.9))  # by times as fast as the objective allows

DEGRADED_SHARE, UNHEALTHY_SHARE, OFFLINE_SHARE = 0.02, 0.05, 0.9
DEGRADED_TIMES, UNHEALTHY_TIMES = 1.5, 2.0
NOTED, FELT = 0.02, 0.1  # seconds over the usual below which slowness is none, and none that makes unhealthy

BANDS: Mapping[HealthStatus, tuple[float, float]] = {
    HealthStatus.HEALTHY: (90.0, 100.0),
    HealthStatus.DEGRADED: (75.0, 89.99),
    HealthStatus.UNHEALTHY: (50.0, 74.99),
    HealthStatus.OFFLINE: (0.0, 49.99),
}
WORSE = (HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.UNHEALTHY, HealthStatus.OFFLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one account. ``samples``: of the window, oldest first; ``said``: the detector's word, "" without one.

    ``usual``: seconds a good answer takes at this time of day, None where too little is known; ``burn``: see ``slo.burn.fastest``.
    """

    service: str
    samples: Sequence[Sample]
    now: datetime
    said: str = ""
    usual: float | None = None
    burn: float | None = None
    alerts: Sequence[Alert] = ()
    detail: str = ""


def scored(evidence: Evidence) -> ServiceHealth:
    """Figures as of the seed's shape, with our score, word and reason. ``unknown`` without an answer in three intervals, or with too few."""
    figures = service_health(evidence.service, evidence.samples, evidence.detail)
    if because := _refused(evidence):
        return replace(figures, health_score=BANDS[HealthStatus.UNHEALTHY][0], status=HealthStatus.UNHEALTHY, because=because)
    telling = [sample for sample in evidence.samples if sample.outcome in (Outcome.OK, Outcome.ERROR)]
    if not telling:
        return replace(figures, because=figures.detail)
    if (silent := (evidence.now - telling[-1].at).total_seconds()) > _patience(telling):
        return _unknown(figures, f"not checked for {about(silent)}")
    failing, slower = _failing(telling), _slower(telling, evidence.usual)
    word, because = _word(evidence, telling, slower)
    if word is HealthStatus.UNKNOWN:
        return _unknown(figures, because)
    raw = (
        100 * between(AVAILABILITY, failing) * _speed(telling, slower) * (1.0 if evidence.burn is None else between(BURNING, evidence.burn))
    )
    low, high = BANDS[word]
    return replace(figures, health_score=round(min(high, max(low, raw)), 2), status=word, because=because)


def system_scored(
    services: Sequence[ServiceHealth], needed: Mapping[str, int], critical_alerts: int, trend: str, at: datetime
) -> SystemHealth:
    """``needed``: by service, how many workflows need it. Without a known service the score is 100, as the seed has it."""
    known = [one for one in services if one.status is not HealthStatus.UNKNOWN]
    weights = [1 + needed.get(one.service, 0) for one in known]
    mean = sum(weight * one.health_score for weight, one in zip(weights, known, strict=True)) / sum(weights) if known else 100.0
    worst = min((one.health_score for one in known), default=100.0)
    return SystemHealth(
        overall_score=round((1 - WORST_COUNTS) * mean + WORST_COUNTS * worst, 2),
        healthy_services=sum(one.status is HealthStatus.HEALTHY for one in known),
        total_services=len(known),
        critical_alerts=critical_alerts,
        performance_trend=trend,
        last_updated=at,
    )


def between(line: Sequence[tuple[float, float]], at: float) -> float:
    """The height of a line of straight pieces; level before its first and after its last point."""
    if at <= line[0][0]:
        return line[0][1]
    for (left, low), (right, high) in pairwise(line):
        if at <= right:
            return low + (high - low) * (at - left) / (right - left)
    return line[-1][1]


# --- the word ------------------------------------------------------------------------------------------------------------------


def _word(evidence: Evidence, telling: Sequence[Sample], slower: float | None) -> tuple[HealthStatus, str]:
    spoken = _spoken(evidence.said) or _shown(telling, slower, evidence)
    if spoken[0] is HealthStatus.UNKNOWN:
        return spoken
    return max((spoken, *_alarmed(evidence.alerts)), key=lambda one: WORSE.index(one[0]))


def _refused(evidence: Evidence) -> str:
    """Why nothing can be done with it: it answered before and refuses our credential now, so nothing is told of its speed. "" where it does not."""
    checks = [sample for sample in evidence.samples if sample.source is Source.PROBE]
    if not checks or checks[-1].outcome is not Outcome.MISCONFIGURED:
        return ""
    if (evidence.now - checks[-1].at).total_seconds() > _patience(checks):
        return ""
    worse = [word for word, _ in (_spoken(evidence.said) or (HealthStatus.HEALTHY, ""), *_alarmed(evidence.alerts))]
    if HealthStatus.UNHEALTHY not in worse:  # one that never answered is for the doctor
        return ""
    return f"It refuses our credential: {checks[-1].detail}" if checks[-1].detail else "It refuses our credential."


def _spoken(said: str) -> tuple[HealthStatus, str] | None:
    """The detector's own word, where it has one."""
    if said not in set(WORSE):
        return None
    return HealthStatus(said), f"The detector finds it {said}."


def _alarmed(alerts: Sequence[Alert]) -> list[tuple[HealthStatus, str]]:
    """An alert that is held back or acknowledged is trouble all the same."""
    found = []
    for alert in alerts:
        if alert.state is not AlertState.RESOLVED and alert.rule not in AHEAD and alert.severity is not Severity.LOW:
            word = HealthStatus.DEGRADED if alert.severity is Severity.MEDIUM else HealthStatus.UNHEALTHY
            found.append((word, f"An alert is open: {alert.message or alert.because}"))
    return found


def _shown(telling: Sequence[Sample], slower: float | None, evidence: Evidence) -> tuple[HealthStatus, str]:
    """What the last minutes show by themselves."""
    lately = [sample for sample in telling if sample.at > telling[-1].at - LATELY]
    errors = sum(sample.outcome is Outcome.ERROR for sample in lately)
    if errors and errors == len(telling) < FEWEST_ERRORS:
        return HealthStatus.UNKNOWN, "One check, and it failed: too few to say."
    word, because = (
        HealthStatus.HEALTHY,
        f"{len(lately) - errors} of {len(lately)} checks were good in the last {about(LATELY.total_seconds())}.",
    )
    if errors >= FEWEST_ERRORS:
        surely, share = _surely(lately), _failing(lately)
        good = [sample.at for sample in telling if sample.outcome is Outcome.OK]
        silent = not good or (evidence.now - good[-1]).total_seconds() >= SILENT
        bounds = ((DEGRADED_SHARE, HealthStatus.DEGRADED), (UNHEALTHY_SHARE, HealthStatus.UNHEALTHY))
        word = next((each for bound, each in reversed(bounds) if surely >= bound), word)
        word = HealthStatus.OFFLINE if share > OFFLINE_SHARE and silent else word
        because = f"{errors} of {len(lately)} checks failed in the last {about(LATELY.total_seconds())}."
    slow, why = _slowness(telling, slower, evidence.usual)
    return (slow, why) if WORSE.index(slow) > WORSE.index(word) else (word, because)


def _slowness(telling: Sequence[Sample], slower: float | None, usual: float | None) -> tuple[HealthStatus, str]:
    typical = _typical(telling)
    if typical is None:
        return HealthStatus.HEALTHY, ""
    if slower is not None and usual is not None:
        felt, noted = typical - usual >= FELT, typical - usual >= NOTED
        why = f"Answers take {slower:.2g} times the usual {usual * 1000:.0f} ms."
        if slower >= UNHEALTHY_TIMES and felt:
            return HealthStatus.UNHEALTHY, why
        return (HealthStatus.DEGRADED, why) if slower >= DEGRADED_TIMES and noted else (HealthStatus.HEALTHY, "")
    warning, critical = (limit / 1000 for limit in LIMITS["response_time"])
    why = f"The typical answer takes {typical * 1000:.0f} ms, and what is usual for it is not known yet."
    return (HealthStatus.UNHEALTHY if typical > critical else HealthStatus.DEGRADED if typical > warning else HealthStatus.HEALTHY), why


# --- the number ------------------------------------------------------------------------------------------------------------------


def _failing(telling: Sequence[Sample]) -> float:
    """The share of failed checks, each minute counting the same."""
    shares = list(_by_minute(telling))
    return sum(shares) / len(shares)


def _surely(telling: Sequence[Sample]) -> float:
    """At least so many fail, at 95 % (E. B. Wilson 1927), as far as so many minutes can tell."""
    shares = list(_by_minute(telling))
    share, n = sum(shares) / len(shares), len(shares)
    middle, half = share + Z * Z / (2 * n), Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return (middle - half) / (1 + Z * Z / n)


def _by_minute(telling: Sequence[Sample]) -> list[float]:
    minutes: dict[int, list[bool]] = {}
    for sample in telling:
        minutes.setdefault(int(sample.at.timestamp() // 60), []).append(sample.outcome is Outcome.ERROR)
    return [sum(failed) / len(failed) for failed in minutes.values()]


def _typical(telling: Sequence[Sample]) -> float | None:
    good = [sample.latency for sample in telling if sample.outcome is Outcome.OK]
    return median(good) if len(good) >= FEWEST_GOOD else None


def _slower(telling: Sequence[Sample], usual: float | None) -> float | None:
    """How many times the usual the typical answer takes; None where either is not known."""
    typical = _typical(telling)
    return typical / usual if typical is not None and usual else None


def _speed(telling: Sequence[Sample], slower: float | None) -> float:
    if slower is not None:
        return between(SLOWER, slower)
    good = [sample.latency for sample in telling if sample.outcome is Outcome.OK]
    return between(SLOW, median(good)) if good else 1.0


def _patience(telling: Sequence[Sample]) -> float:
    """Seconds without a check after which nothing is known any more: three of its own longest usual intervals."""
    gaps = sorted((later.at - earlier.at).total_seconds() for earlier, later in pairwise(telling))
    return max(FRESH, 3 * gaps[int(0.9 * (len(gaps) - 1))]) if gaps else 10 * FRESH


def _unknown(figures: ServiceHealth, because: str) -> ServiceHealth:
    return replace(figures, health_score=0.0, status=HealthStatus.UNKNOWN, detail=figures.detail or because, because=because)
