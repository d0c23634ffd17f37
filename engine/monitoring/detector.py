"""The detector: from one sample to the next state of an account, and from the state to a verdict with its reason.

A verdict is about one rule of one account:

availability    it answered before, and FAILURES samples in a row failed      → critical, until RECOVERIES in a row are good
credential      it answered before, and now it refuses our credential         → high, likewise
response_time   the mean of the last SLOW_SAMPLES good answers is over a limit → medium or critical, until it is under 80 % of the lower one

A service that never answered with its credential is misconfigured, not down: no alert, the doctor says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.monitoring.alert import ServiceState, Severity
from engine.monitoring.detection.verdict import Verdict as Verdict
from engine.monitoring.health import LIMITS, HealthStatus, service_health
from engine.monitoring.sample import Outcome, Sample

FAILURES = 3
RECOVERIES = 2
SLOW_SAMPLES = 5
CALM = 0.8  # share of the lower limit under which a slow service counts as well again


def observe(state: ServiceState, sample: Sample) -> ServiceState:
    """The state after one more sample; throttling says nothing about health and only renews the time."""
    if sample.outcome is Outcome.THROTTLED:
        return replace(state, last_at=sample.at)
    good = sample.outcome is Outcome.OK
    return replace(
        state,
        ever_ok=state.ever_ok or good,
        misconfigured=sample.outcome is Outcome.MISCONFIGURED,
        failures=0 if good else state.failures + 1,
        successes=state.successes + 1 if good else 0,
        last_ok_at=sample.at if good else state.last_ok_at,
        last_at=sample.at,
        last_latency=sample.latency,
        detail="" if good else sample.detail,
        sandbox=sample.sandbox,
    )


def with_status(state: ServiceState, recent: Sequence[Sample]) -> ServiceState:
    """The state with its status in a word; ``since`` is when that word last changed."""
    status = _status(state, recent)
    return state if status == state.status else replace(state, status=status, since=state.last_at)


def _status(state: ServiceState, recent: Sequence[Sample]) -> str:
    if state.misconfigured and not state.ever_ok:
        return HealthStatus.UNKNOWN.value
    if state.failures >= FAILURES:
        return HealthStatus.OFFLINE.value
    return service_health(state.service, recent[-10:]).status.value


def suspicious(state: ServiceState) -> bool:
    """Worth looking again soon: it failed last, or it has not proved itself since."""
    return state.ever_ok and (state.failures > 0 or 0 < state.successes < RECOVERIES)


def verdicts(state: ServiceState, recent: Sequence[Sample]) -> tuple[Verdict, ...]:
    """``recent``: the account's last samples, oldest first."""
    return (_availability(state), _credential(state), _slowness(state, recent))


def _availability(state: ServiceState) -> Verdict:
    failing = state.ever_ok and not state.misconfigured and state.failures >= FAILURES
    if failing:
        last = f"the last good answer was at {state.last_ok_at:%H:%M:%S} UTC" if state.last_ok_at else "it answered before"
        return Verdict(
            rule="availability", firing=True, severity=Severity.CRITICAL, metric="consecutive failures", value=state.failures,
            threshold=FAILURES, message=state.detail or "Its checks fail, and no reason was given.",
            because=f"{state.failures} checks in a row failed ({FAILURES} are enough); {last}.",
        )  # fmt: skip
    return _well(state, "availability")


def _credential(state: ServiceState) -> Verdict:
    if state.ever_ok and state.misconfigured and state.failures >= FAILURES:
        return Verdict(
            rule="credential", firing=True, severity=Severity.HIGH, metric="consecutive refusals", value=state.failures,
            threshold=FAILURES, message=f"Our credential is refused: {state.detail}",
            because=f"It accepted the credential before and refused it {state.failures} times in a row. Renew it and start again.",
        )  # fmt: skip
    return _well(state, "credential")


def _well(state: ServiceState, rule: str) -> Verdict:
    if state.successes >= RECOVERIES:
        return Verdict(rule=rule, firing=False, because=f"{state.successes} checks in a row were good again.")
    return Verdict(rule=rule, firing=None, because="not enough checks to say")


def _slowness(state: ServiceState, recent: Sequence[Sample]) -> Verdict:
    good = [sample.latency for sample in recent if sample.outcome is Outcome.OK][-SLOW_SAMPLES:]
    if len(good) < SLOW_SAMPLES or state.failures:
        return Verdict(rule="response_time", firing=None, because="not enough good answers to say")
    mean = sum(good) / len(good) * 1000
    warning, critical = LIMITS["response_time"]
    if mean <= warning:
        calm = mean < CALM * warning
        return Verdict(
            rule="response_time", firing=False if calm else None, because=f"The mean of {SLOW_SAMPLES} answers is {mean:.0f} ms."
        )
    severe = mean > critical
    limit = critical if severe else warning
    return Verdict(
        rule="response_time", firing=True, severity=Severity.CRITICAL if severe else Severity.MEDIUM, metric="response time (ms)",
        value=round(mean), threshold=limit, message=f"Slow: {mean:.0f} ms on average.",
        because=f"The mean of the last {SLOW_SAMPLES} answers is {mean:.0f} ms, over the limit of {limit:.0f} ms.",
    )  # fmt: skip
