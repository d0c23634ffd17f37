"""The detector of one account: samples in, verdicts out, and what it has learnt kept from one start to the next.

sample ─▶ state (ever answered, last words) ─▶ failures ─▶ availability
                                            ─▶ refusals ─▶ credential
                                            ─▶ latency  ─▶ response_time
       ─▶ time goes on, a call was made     ─▶ throughput
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from engine.monitoring.alert import ServiceState
from engine.monitoring.detection import wording
from engine.monitoring.detection.failures import Failures
from engine.monitoring.detection.latency import Latency
from engine.monitoring.detection.limits import CALM, Limit, Limits, Recent
from engine.monitoring.detection.refusals import Refusals
from engine.monitoring.detection.spacing import CALLS, Spacing, independent
from engine.monitoring.detection.throughput import Throughput
from engine.monitoring.detection.verdict import Verdict
from engine.monitoring.health import HealthStatus
from engine.monitoring.sample import Outcome, Sample, Source

VERSION = 1  # of the snapshot
LONGEST = 86_400.0  # seconds that an answer can take
CLOSER = 5.0  # seconds between probes while something is suspected
ASLEEP = (300.0, 10.0)  # a pause of so many seconds, or so many intervals if that is more, breaks every suspicion off
OFFLINE_SHARE, OFFLINE_FOR = 0.9, 25.0
ALLOWANCE, REFILL = 40.0, 0.006  # extra probes that suspected slowness may use at once, and those it earns with each probe


class AccountDetector:
    """One account of one service. Every sample costs about the same; what is kept does not grow with them.

    ``interval``: seconds between its probes. ``limits``: those a person set for this service. ``state``: what is known of it
    where there is no snapshot. Restored from a snapshot it says the same as if it had never stopped.
    """

    def __init__(
        self, service: str, account: str, *, interval: float = 30.0, limits: Limits | None = None, state: ServiceState | None = None
    ) -> None:
        self.state = state or ServiceState(service=service, account=account)
        self.limits = limits or Limits()
        self._interval = interval
        self._failures, self._refusals, self._latency, self._throughput = Failures(), Refusals(), Latency(), Throughput()
        self._recent = Recent()
        self._spacing = Spacing()
        self._last, self._last_probe, self._last_ok, self._allowance = 0.0, 0.0, 0.0, ALLOWANCE / 2
        self._eased = False  # the last probe was throttled, or refused as the ones before: asking sooner would make that worse
        self._reason = ""  # of the last failure, which a good check in between does not take away
        self._said: dict[str, str] = {}  # rule → why it ended, until it begins again

    def observe(self, sample: Sample, *, open: Collection[str]) -> tuple[Verdict, ...]:
        """What is to be said of each rule after one more sample. ``open``: the rules of this account whose alert stands.

        A verdict holds until the next: it says ``firing`` with every sample while the trouble lasts.
        """
        at = sample.at.timestamp()
        if not 0 <= sample.latency <= LONGEST:
            sample = replace(sample, latency=0.0)  # no number, or none of this world: the outcome still counts
        self._mind_the_gap(at)
        is_call, whole = sample.source is Source.CALL, independent(self._interval)
        weight, since = self._spacing.weigh(at, min(CALLS, whole) if is_call else whole)
        self._note("throughput", self._throughput.take(is_call, at, frozen="throughput" in open))
        self._remember(sample)
        if sample.outcome is not Outcome.THROTTLED:
            self._judge(sample, weight, since, at, open)
        if not is_call:
            refused = sample.outcome is Outcome.MISCONFIGURED and bool(self._refusals.alarmed_at)
            self._eased = refused or sample.outcome is Outcome.THROTTLED
        self._last = at
        self._set_status(at)
        return (self._availability(at), self._credential(), self._slowness(), self._traffic("throughput" in open))

    def next_probe_in(self, interval: float) -> float:
        """Seconds until the next probe: sooner while something is suspected and not decided yet."""
        if not self._suspects(self._last):
            return interval
        decides = self._failures.decided_in(independent(self._interval)) + 0.1 if self._failures.suspicious else CLOSER
        return min(interval, CLOSER, max(1.0, decides))

    def _suspects(self, at: float) -> bool:
        if not self.state.ever_ok or self._eased:
            return False
        if self._failures.suspicious or self._refusals.suspicious:
            return True
        return self._allowance >= 1 and self._latency.suspicious(at)

    # --- taking a sample in ---------------------------------------------------------------------------------------------

    def _mind_the_gap(self, at: float) -> None:
        """After a long pause (the machine slept, nobody measured) what was suspected before says nothing about now."""
        if self._last and at - self._last > max(ASLEEP[0], ASLEEP[1] * self._interval):
            self._failures.break_off()
            self._refusals.break_off()
            self._latency.break_off()

    def _remember(self, sample: Sample) -> None:
        good = sample.outcome is Outcome.OK
        forbidden = sample.outcome is Outcome.MISCONFIGURED and sample.source is Source.CALL
        if sample.outcome is Outcome.THROTTLED or forbidden:
            self.state = replace(self.state, last_at=sample.at)
            return
        old = self.state
        self.state = ServiceState(
            service=old.service, account=old.account, ever_ok=old.ever_ok or good, misconfigured=sample.outcome is Outcome.MISCONFIGURED,
            failures=0 if good else old.failures + 1, successes=old.successes + 1 if good else 0,
            last_ok_at=sample.at if good else old.last_ok_at, last_at=sample.at, last_latency=sample.latency,
            detail="" if good else sample.detail, status=old.status, since=old.since, sandbox=sample.sandbox,
        )  # fmt: skip

    def _judge(self, sample: Sample, weight: float, since: float, at: float, open_: Collection[str]) -> None:
        if not self.state.ever_ok:
            return  # it never answered with its credential: that is a matter for the doctor
        if sample.outcome is Outcome.MISCONFIGURED:
            if sample.source is Source.PROBE:  # a single operation may be forbidden while the credential is fine
                self._note("credential", self._refusals.refuse(at, self._interval))
                if self._failures.alarmed_at:  # it answers again
                    self._note("availability", self._failures.take(False, weight, at, self._interval, frozen=True))
            return
        failed = sample.outcome is Outcome.ERROR
        slow_before = self._latency.suspicious(at)
        frozen = "availability" in open_ and self.limits.error_rate.least is None
        self._note("availability", self._failures.take(failed, weight, at, self._interval, frozen=frozen))
        self._recent.take(at, failed, sample.latency)
        if failed:
            self._reason = sample.detail
            self._refusals.break_off()
            return
        self._last_ok = at
        self._note("credential", self._refusals.accept())
        self._spend(sample.source, at, slow_before)
        if sample.latency:
            frozen = "response_time" in open_ and self.limits.response_time.least is None
            slow = self._latency.take(sample.operation, sample.latency, weight, since, at, frozen=frozen)
            self._note("response_time", slow)

    def _spend(self, source: Source, at: float, slow: bool) -> None:
        """Probes that suspected slowness asked for are few: each must have been earned by a hundred usual ones."""
        if source is Source.PROBE:
            early = slow and 0 < at - self._last_probe < 0.7 * self._interval
            self._last_probe = at
            self._allowance = max(0.0, self._allowance - 1) if early else min(ALLOWANCE, self._allowance + REFILL)

    def _note(self, rule: str, event: str) -> None:
        if event == "alarm":
            self._said.pop(rule, None)
        elif event == "accepted":
            self._said[rule] = wording.ACCEPTED[rule]

    # --- saying what it means -------------------------------------------------------------------------------------------

    def _set_status(self, at: float) -> None:
        status = self._status(at).value
        if status != self.state.status:
            self.state = replace(self.state, status=status, since=self.state.last_at)

    def _status(self, at: float) -> HealthStatus:
        if not self.state.ever_ok:
            return HealthStatus.UNKNOWN
        if self._failures.alarmed_at:
            silent = self._failures.share > OFFLINE_SHARE and at - self._last_ok >= min(OFFLINE_FOR, self._interval)
            return HealthStatus.OFFLINE if silent else HealthStatus.UNHEALTHY
        if self._refusals.alarmed_at:
            return HealthStatus.UNHEALTHY
        if self._latency.alarmed_at:
            return HealthStatus.UNHEALTHY if wording.much_slower(self._latency) else HealthStatus.DEGRADED
        return HealthStatus.HEALTHY

    def _availability(self, at: float) -> Verdict:
        least = self.limits.error_rate.least
        if least is None:
            return self._learnt_availability(at)
        if self._failures.alarmed_at and self._failures.share >= max(least, OFFLINE_SHARE):
            return wording.failing(self.state, self._failures, self._reason)  # it is down: no limit on shares means to allow that
        share = self._recent.failing(at, self._interval)
        return self._against(self.limits.error_rate, share, "availability", "share of failed checks", 1.0)

    def _learnt_availability(self, at: float) -> Verdict:
        if self._failures.alarmed_at:
            return wording.failing(self.state, self._failures, self._reason)
        if self._failures.well(at, self._interval):
            return wording.well("availability", self._said, wording.good_checks(self._failures.clean))
        return wording.unsure("availability")

    def _credential(self) -> Verdict:
        if self._refusals.alarmed_at:
            return wording.refused(self.state, self._refusals)
        if self._refusals.well():
            return wording.well("credential", self._said, "It takes our credential.")
        return wording.unsure("credential")

    def _slowness(self) -> Verdict:
        if self.limits.response_time.least is not None:
            mean = None if self.state.failures else self._recent.mean()
            return self._against(self.limits.response_time, mean, "response_time", "response time (ms)", 1000.0)
        if self._latency.alarmed_at:
            return wording.slow(self._latency)
        if self._latency.well():
            return wording.well("response_time", self._said, "Its answers come as quickly as is usual at this time.")
        return wording.unsure("response_time")

    def _traffic(self, stands: bool) -> Verdict:
        if self._throughput.alarmed_at:
            return wording.traffic(self._throughput)
        if self._throughput.well():
            return wording.well("throughput", self._said, "As many calls are made as is usual at this time.")
        if stands:
            return wording.well("throughput", self._said, "How many calls are usual is not known any more, so this is taken for over.")
        return wording.unsure("throughput")

    @staticmethod
    def _against(limit: Limit, value: float | None, rule: str, metric: str, unit: float) -> Verdict:
        if value is None or limit.least is None:
            return wording.unsure(rule)
        if passed := limit.passed_by(value):
            return wording.over_limit(rule, metric, value * unit, passed[1] * unit, passed[0])
        if value <= CALM * limit.least:
            return wording.well(rule, {}, f"It is under the limit that was set ({limit.least * unit:g}).")
        return wording.unsure(rule)

    # --- from one start to the next -------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Everything that was learnt, as JSON can hold it; tens of kilobytes. Limits and interval are not in it: they may change meanwhile."""
        return {
            "version": VERSION, "state": _told(self.state), "failures": self._failures.snapshot(), "refusals": self._refusals.snapshot(),
            "latency": self._latency.snapshot(), "throughput": self._throughput.snapshot(), "recent": self._recent.snapshot(),
            "spacing": self._spacing.snapshot(), "last": self._last, "last_probe": self._last_probe, "last_ok": self._last_ok,
            "allowance": self._allowance, "reason": self._reason, "said": dict(self._said), "eased": self._eased,
        }  # fmt: skip

    @classmethod
    def restore(cls, kept: Mapping[str, Any], *, interval: float = 30.0, limits: Limits | None = None) -> AccountDetector:
        """Raises Invalid for what is no snapshot of this version; then begin anew, with the state that is known."""
        if kept.get("version") != VERSION:
            raise Invalid("What was learnt about this account was written by another version and cannot be read; it is learnt anew.")
        try:
            state = _state(kept["state"])
            detector = cls(state.service, state.account, interval=interval, limits=limits, state=state)
            detector._failures, detector._refusals = Failures(**kept["failures"]), Refusals(**kept["refusals"])
            detector._latency, detector._throughput = Latency.restore(kept["latency"]), Throughput.restore(kept["throughput"])
            detector._recent = Recent.restore(kept["recent"])
            detector._spacing = Spacing(**kept["spacing"])
            detector._last, detector._last_probe = float(kept["last"]), float(kept["last_probe"])
            detector._last_ok = float(kept["last_ok"])
            detector._allowance, detector._reason, detector._said = float(kept["allowance"]), str(kept["reason"]), dict(kept["said"])
            detector._eased = bool(kept.get("eased"))
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("What was learnt about this account is damaged and cannot be read; it is learnt anew.") from error
        return detector


def _told(state: ServiceState) -> dict[str, Any]:
    told = {one.name: getattr(state, one.name) for one in fields(state)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}


def _state(told: Mapping[str, Any]) -> ServiceState:
    times = {name: datetime.fromisoformat(told[name]) for name in ("last_ok_at", "last_at", "since") if told[name]}
    return ServiceState(**{**told, **times})
