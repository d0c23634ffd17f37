"""What one more signal makes of the alert there is of the same trouble: it opens, comes back, gets worse, rests, or is over.

signal      there is                                      it
──────────────────────────────────────────────────────────────────────────────────────────────
firing      nothing of its kind, or long resolved         opens
firing      an open one                                   worsens (a higher severity), is renewed (another end), else nothing
firing      one that went away less than 15 min ago       reopens in place
firing      one that a person resolved, and it goes on    rests for 15 min, then reopens in place
raised      one that a person resolved                    reopens in place, later it opens: another person's word counts as much
over        one that a person reopened                    ends 15 min after they said so
over        an open one                                   ends
over        one that a person resolved while it went on   calms: only now it is really over
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from engine.monitoring.alert import LEASE_AFTER_RESOLVE, LEASES, Alert, AlertState, Ruling, Severity, changed, reopened, resolved
from engine.monitoring.signal import Signal
from engine.parties import SYSTEM

CALM = "calm"  # the stage of a ruling that says: after a person resolved it, it really went away
PERSON = "person"  # the source of what people raise
_WRITTEN = "%Y-%m-%d %H:%M:%S"
BY_HAND = "reopened"  # the stage of a ruling that says: a person says that it is not over
LONGEST_TEXT = 2_000  # characters of a message or a reason; who sends more is cut
LONGEST_WORD = 200  # of a rule, a service, a link …
MOST_LABELS = 32
LONGEST_LABEL = 200
LONGEST_FINGERPRINT = 300  # above it the rest stands as a hash


class Step(StrEnum):
    OPENS = "opens"
    REOPENS = "reopens"
    WORSENS = "worsens"
    RENEWED = "renewed"
    ENDS = "ends"
    CALMS = "calms"
    WAITS = "waits"  # over, as soon as a person's word holds no more
    RESTS = "rests"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    step: Step
    because: str


def bounded(signal: Signal) -> Signal:
    """The same with every text at a length that a card, an index and a query can bear; what comes from outside may be a megabyte."""
    return replace(
        signal,
        rule=signal.rule[:LONGEST_WORD],
        service=signal.service[:LONGEST_WORD],
        account=signal.account[:LONGEST_WORD],
        because=signal.because[:LONGEST_TEXT],
        message=signal.message[:LONGEST_TEXT],
        metric=signal.metric[:LONGEST_WORD],
        labels=_labels(signal.labels),
        source=signal.source[:LONGEST_WORD],
        runbook=signal.runbook[:LONGEST_TEXT],
        value=_number(signal.value),
        threshold=_number(signal.threshold),
    )


def key_of(signal: Signal) -> str:
    """The fingerprint, with a hash in the place of what is too long for an index."""
    whole = signal.fingerprint
    if len(whole) <= LONGEST_FINGERPRINT:
        return whole
    return f"{whole[: LONGEST_FINGERPRINT - 33]}#{sha256(whole.encode('utf-8', 'replace')).hexdigest()[:32]}"


def heard(signal: Signal, latest: Alert | None, now: datetime) -> Heard:
    """``latest``: the newest alert of the same fingerprint."""
    return _firing(signal, latest, now) if signal.firing else _over(signal, latest, now)


def _firing(signal: Signal, latest: Alert | None, now: datetime) -> Heard:
    if latest is None:
        return Heard(Step.OPENS, signal.because)
    if latest.open:
        if signal.severity.rank > latest.severity.rank:
            return Heard(Step.WORSENS, signal.because)
        return Heard(Step.RENEWED if signal.ends_at != latest.ends_at else Step.NOTHING, signal.because)
    since = latest.resolved_at or latest.updated_at
    fresh = now < since + LEASE_AFTER_RESOLVE
    if not went_away(latest) and signal.source == PERSON:
        return Heard(Step.REOPENS if fresh else Step.OPENS, signal.because)
    if not went_away(latest):
        return (
            Heard(Step.RESTS, _rests(latest))
            if fresh
            else Heard(Step.REOPENS, f"It was resolved by hand, but the fault goes on. {signal.because}")
        )
    return Heard(Step.REOPENS, f"It came back within 15 minutes. {signal.because}") if fresh else Heard(Step.OPENS, signal.because)


def _over(signal: Signal, latest: Alert | None, now: datetime) -> Heard:
    if latest is None or signal.at < latest.opened_at <= now:  # one that began in the future shows that the clock was set back
        return Heard(Step.NOTHING, signal.because)
    if latest.open and (until := insisted_until(latest)) is not None and now < until:
        return Heard(Step.WAITS, "A person says that it is not over; that holds for 15 minutes.")
    if latest.open:
        return Heard(Step.ENDS, signal.because)
    return Heard(Step.NOTHING if went_away(latest) else Step.CALMS, signal.because)


def _rests(latest: Alert) -> str:
    return f"{latest.resolved_by} resolved it; a person's word holds for 15 minutes."


def insisted(alert: Alert, because: str, at: datetime) -> Alert:
    """Marks one that a person reopened: neither checks that say it is well nor a sender that says nothing more are to end it at once."""
    said = Ruling(BY_HAND, "passed", f"{because} Said at {at.astimezone(UTC):{_WRITTEN}} UTC.")
    marked = replace(alert, trace=(*alert.trace, said))
    until = insisted_until(marked)
    return replace(marked, ends_at=until) if until and alert.ends_at is not None and alert.ends_at < until else marked


def insisted_until(alert: Alert) -> datetime | None:
    """Until when a person's word that it is not over holds; None where nobody said so."""
    said = next((ruling for ruling in reversed(alert.trace) if ruling.stage == BY_HAND), None)
    if said is None:
        return None
    try:
        at = datetime.strptime(said.because[-24:], f"{_WRITTEN} UTC.").replace(tzinfo=UTC)
    except ValueError:  # as it was written before the time stood with it
        at = alert.updated_at
    return at + LEASE_AFTER_RESOLVE


def went_away(alert: Alert) -> bool:
    """Of a resolved one: whether it recovered, be it after a person said so."""
    return alert.resolved_by == SYSTEM.name or any(ruling.stage == CALM for ruling in alert.trace)


def opened(signal: Signal, id: str, now: datetime) -> Alert:
    """The first revision, before the pipeline has seen it."""
    return Alert(
        id=id, fingerprint=key_of(signal), revision=1, state=AlertState.FIRING, severity=signal.severity, service=signal.service,
        account=signal.account, rule=signal.rule, message=signal.message or signal.because, metric=signal.metric, threshold=signal.threshold,
        value=signal.value, opened_at=now, updated_at=now, because=signal.because, sandbox=signal.sandbox, labels=dict(signal.labels),
        source=signal.source, runbook=signal.runbook, ends_at=signal.ends_at,
    )  # fmt: skip


def again(alert: Alert, signal: Signal, because: str, now: datetime) -> Alert:
    """Reopened in place, as it is now."""
    return replace(
        reopened(alert, at=now, because=because),
        severity=signal.severity, message=signal.message or alert.message, value=signal.value, threshold=signal.threshold, ends_at=signal.ends_at,
    )  # fmt: skip


def worse(alert: Alert, signal: Signal, now: datetime) -> Alert:
    return changed(
        alert, severity=signal.severity, message=signal.message or alert.message, because=signal.because, value=signal.value,
        threshold=signal.threshold, updated_at=now, ends_at=signal.ends_at,
    )  # fmt: skip


def held_as(alert: Alert, severity: Severity, now: datetime) -> Alert:
    """Whoever took it on is asked as soon as for one of that severity: the lease of a medium one is too long for what became critical."""
    if alert.relapse_at is None:
        return alert
    span = LEASES[severity]
    remind = alert.remind_at and min(alert.remind_at, now + span)
    relapse = min(alert.relapse_at, now + 2 * span)
    return changed(alert, remind_at=remind, relapse_at=relapse) if relapse < alert.relapse_at else alert


def ended(alert: Alert, because: str, now: datetime) -> Alert:
    """Over by itself."""
    return replace(resolved(alert, by=SYSTEM.name, at=now), because=because)


def calmed(alert: Alert, because: str, now: datetime) -> Alert:
    """A person resolved it, and now it really is over: the next one is a new one."""
    return changed(alert, because=because, trace=(*alert.trace, Ruling(CALM, "passed", f"It went away at {now:%H:%M:%S} UTC: {because}")))


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The first by name, so that the same labels in another order stay the same trouble."""
    return {name[:LONGEST_LABEL]: str(labels[name])[:LONGEST_LABEL] for name in sorted(labels)[:MOST_LABELS]}


def _number(value: float) -> float:
    """Neither NaN nor infinite: neither can be stored everywhere nor compared."""
    return value if -1e300 < value < 1e300 else 0.0
