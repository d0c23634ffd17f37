"""What happens by itself when its time has come: waits end, approvals expire or are called to mind, deadlines pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.errors import Rejected
from engine.workflow.definition import Approve, Json, OnError, OnExpiry, Wait
from engine.workflow.durations import in_words
from engine.workflow.expression import as_text, render
from engine.workflow.outline import Part, Place
from engine.workflow.progress import Progress, Run
from engine.workflow.run import Fact, FactKind
from engine.workflow.scope import scope_at

LONGEST = timedelta(days=36_600)


def wake_at(run: Run) -> datetime | None:
    """When it goes on by itself: a retry, a timer, an expiry, its deadline. A paused run does not."""
    if run.over or run.fate.paused:
        return None
    deadline = run.begun.deadline if run.fate.part is Part.MAIN else None
    if run.fate.queued or not run.timers:
        return deadline
    soonest = min(run.timers.values())
    return soonest if deadline is None or soonest < deadline else deadline


def expired(run: Run, now: datetime) -> bool:
    deadline = run.begun.deadline
    return deadline is not None and deadline <= now and run.fate.part is Part.MAIN


def expiry(run: Run, now: datetime) -> Fact:
    seconds = run.outline.definition.options.deadline or 0.0
    error = f"The run did not come to its end within its deadline of {in_words(seconds)}."
    return Fact(run.seq + 1, now, FactKind.EXPIRED, data={"error": error})


def waiting(run: Run, step: str, seq: int, now: datetime) -> Fact:
    """The fact with which a wait begins; or, when it cannot be said until when, the one that says so."""
    place, before = run.place(step), run.progress(step)
    does = place.step.does
    assert isinstance(does, Wait)
    try:
        until = _until(run, place, does, step, now)
    except Rejected as error:
        return Fact(seq, now, FactKind.REFUSED, step, data={"error": str(error), "transient": False, "retry_at": None})
    data: dict[str, Json] = {"until": None if until is None else until.isoformat()}
    if does.event:
        data["event"] = does.event
    return Fact(seq, now, FactKind.WAITING, step, before.attempt + 1, f"{run.origin.id}:{step}", data)


def _until(run: Run, place: Place, does: Wait, step: str, now: datetime) -> datetime | None:
    if does.until:
        return _moment(as_text(render(does.until, scope_at(run, place, step[len(place.id) :]))), run.outline.definition.trigger.timezone)
    seconds = does.timeout if does.event else does.seconds
    return None if seconds is None else now + min(timedelta(seconds=seconds), LONGEST)


def _moment(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Rejected(f"“{text[:40]}” is no moment to wait for. Write it as in 2026-12-24T18:00:00+01:00.") from error


def time_is_up(run: Run, step: str, seq: int, now: datetime) -> Fact:
    """What a waiting step's timer means: its end, or a reminder."""
    place, before = run.place(step), run.progress(step)
    if before.until is None or before.until > now:
        return Fact(seq, now, FactKind.REMINDED, step, before.attempt, before.key)
    match place.step.does:
        case Wait() as wait:
            return _wait_over(wait, before, step, seq, now)
        case Approve() as approve:
            return _approval_over(approve, before, step, seq, now)
    raise Rejected(f"“{step}” has no time of its own.")


def _wait_over(wait: Wait, before: Progress, step: str, seq: int, now: datetime) -> Fact:
    if not wait.event:
        return _answer(before, step, seq, now, {"timed_out": False, "event": None})
    if wait.on_timeout is OnError.CONTINUE:
        return _answer(before, step, seq, now, {"timed_out": True, "event": None})
    return _refusal(before, step, seq, now, f"{wait.event} did not happen within {in_words(wait.timeout or 0.0)}.")


def _approval_over(approve: Approve, before: Progress, step: str, seq: int, now: datetime) -> Fact:
    within = in_words(approve.expires or 0.0)
    if approve.on_expiry is OnExpiry.FAIL:
        return _refusal(before, step, seq, now, f"It was not answered within {within}.")
    approved = approve.on_expiry is OnExpiry.APPROVE
    output: dict[str, Json] = {"approved": approved, "by": [], "at": now.isoformat(), "note": f"Nobody decided within {within}."}
    return _answer(before, step, seq, now, output, expired=True)


def _answer(before: Progress, step: str, seq: int, now: datetime, output: Json, *, expired: bool = False) -> Fact:
    data: dict[str, Json] = {"output": output, "expired": True} if expired else {"output": output}
    return Fact(seq, now, FactKind.ANSWERED, step, before.attempt, before.key, data)


def _refusal(before: Progress, step: str, seq: int, now: datetime, error: str) -> Fact:
    return Fact(seq, now, FactKind.REFUSED, step, before.attempt, before.key, {"error": error, "transient": False, "retry_at": None})
