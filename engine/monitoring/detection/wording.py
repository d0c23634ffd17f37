"""The sentences of the verdicts: what was seen, against what is usual, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from math import exp, log

from engine.monitoring.alert import ServiceState, Severity
from engine.monitoring.detection.failures import ALTERNATIVES, Failures
from engine.monitoring.detection.latency import GATE, Latency
from engine.monitoring.detection.refusals import REFUSED, Refusals
from engine.monitoring.detection.throughput import FLOOD, SILENCE, Throughput
from engine.monitoring.detection.verdict import Verdict

MUCH = log(2.0)  # slower than that is high
LEAST_MS = 1.0  # of a usual time, below which nobody counts how many times
HALF = 0.5  # a larger share of failures is critical
ACCEPTED = {
    "availability": "It went on like this for six hours, so this share of failures counts as usual from now on.",
    "response_time": "It went on like this for six hours, so this response time counts as usual from now on.",
    "throughput": "It went on like this for six hours, so this many calls count as usual from now on.",
}


@cache
def unsure(rule: str) -> Verdict:
    return Verdict(rule=rule, firing=None, because="There is not enough to say either way.")


def well(rule: str, said: Mapping[str, str], because: str) -> Verdict:
    """``said``: why a rule ended, where that was no recovery."""
    return _over(rule, said.get(rule, because))


@lru_cache(maxsize=512)
def _over(rule: str, because: str) -> Verdict:
    return Verdict(rule=rule, firing=False, because=because)


def good_checks(number: int) -> str:
    return f"{number if number <= 100 else 'More than 100'} checks in a row were good."


def failing(state: ServiceState, failures: Failures, reason: str) -> Verdict:
    share = min(1.0, failures.share)
    last = f"the last good answer was at {state.last_ok_at:%H:%M:%S} UTC" if state.last_ok_at else "it answered before"
    return Verdict(
        rule="availability", firing=True, severity=Severity.CRITICAL if share > HALF else Severity.HIGH, metric="share of failed checks",
        value=round(share, 3), threshold=ALTERNATIVES[0], message=reason or "Its checks fail.",
        because=f"{failures.wrong} of the last {failures.checks} checks failed, usually 1 in {1 / failures.usual:.0f} does; {last}.",
    )  # fmt: skip


def refused(state: ServiceState, refusals: Refusals) -> Verdict:
    return Verdict(
        rule="credential", firing=True, severity=Severity.HIGH, metric="consecutive refusals", value=refusals.refused, threshold=REFUSED,
        message=f"Our credential is refused: {state.detail}" if state.misconfigured else "Our credential was refused.",
        because=f"It took the credential before and refused it {max(refusals.refused, REFUSED)} times in a row. Renew it and start again.",
    )  # fmt: skip


def much_slower(latency: Latency) -> bool:
    return latency.effect > MUCH


def _times(factor: float, now: float, usual: float) -> str:
    """How many times is said only where both figures bear it out: an operation that is usually done at once has no “times”."""
    if usual < LEAST_MS or not 0.5 < factor * usual / now < 2:
        return f"Its answers take {now:,.0f} ms, where {usual:,.0f} ms is usual for them at this time."
    return f"Its answers take {factor:.1f} times as long as is usual for them at this time ({now:,.0f} against {usual:,.0f} ms)."


def slow(latency: Latency) -> Verdict:
    now, usual = latency.latency * 1000, latency.usual * 1000
    return Verdict(
        rule="response_time", firing=True, severity=Severity.HIGH if much_slower(latency) else Severity.MEDIUM,
        metric="response time (ms)", value=round(now), threshold=round(usual * exp(GATE)),
        message=f"Slow: {now:,.0f} ms, where {usual:,.0f} ms is usual at this time.",
        because=_times(exp(latency.recent), now, usual),
    )  # fmt: skip


def traffic(throughput: Throughput) -> Verdict:
    silent = throughput.sign < 0
    share = exp(-SILENCE) if silent else exp(FLOOD)
    seen = f"{throughput.rate:,.1f} calls a minute, where {throughput.usual:,.1f} are usual at this time"
    return Verdict(
        rule="throughput", firing=True, severity=Severity.MEDIUM, metric="calls a minute", value=round(throughput.rate, 1),
        threshold=round(throughput.usual * share, 1), message=f"{'Silent' if silent else 'Flooded'}: {seen}.",
        because=f"In the last five minutes there were {seen}.",
    )  # fmt: skip


def over_limit(rule: str, metric: str, value: float, limit: float, severity: Severity) -> Verdict:
    shown, most = (f"{value:,.0f} ms", f"{limit:,.0f} ms") if rule == "response_time" else (f"{value:.0%}", f"{limit:.0%}")
    return Verdict(
        rule=rule, firing=True, severity=severity, metric=metric, value=round(value, 3), threshold=limit,
        message=f"{'Slow' if rule == 'response_time' else 'Failing'}: {shown}.", because=f"It is {shown}, over the limit of {most} that was set.",
    )  # fmt: skip
