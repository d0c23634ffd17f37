"""Small drawings that several cards share: moments, durations, accounts, states in a symbol and a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Bold, Line, Mark, Moment, Span, Text, Tone
from engine.workflow.run import RunState, StepState

STEP_MARKS = {
    StepState.PENDING: Mark.TODO,
    StepState.ASKED: Mark.DOING,
    StepState.RETRYING: Mark.DOING,
    StepState.WAITING: Mark.WAITING,
    StepState.IN_DOUBT: Mark.ASK,
    StepState.SUCCEEDED: Mark.DONE,
    StepState.FAILED: Mark.FAILED,
    StepState.SKIPPED: Mark.SKIPPED,
}
RUN_TONES = {
    RunState.RUNNING: Tone.PROGRESS,
    RunState.WAITING: Tone.WARNING,
    RunState.SUCCEEDED: Tone.GOOD,
    RunState.FAILED: Tone.BAD,
    RunState.CANCELLED: Tone.MUTED,
}
RUN_WORDS = {
    RunState.RUNNING: "running",
    RunState.WAITING: "waiting",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}


def said(*spans: Span) -> Text:
    return Text(tuple(spans))


def small(*spans: Span) -> Text:
    return Text(tuple(spans), small=True)


def joined(items: Iterable[Line], between: str = ", ") -> Line:
    """Lines put one behind the other."""
    out: list[Span] = []
    for item in items:
        if out:
            out.append(between)
        out.extend(item)
    return tuple(out)


def lasted(duration: timedelta) -> str:
    """“0.4 s”, “12 s”, “3 min”, “2 h 5 min”."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def moments(times: Sequence[datetime]) -> Line:
    return joined(((Moment(at),) for at in times), " · ")


def accounts(touches: Sequence[tuple[str, str, str]], names: dict[str, str] | None = None) -> Line:
    """Which accounts are touched, each marked sandbox or live."""
    lines: list[Line] = []
    for service, _account, mode in touches:
        shown = (names or {}).get(service, service)
        lines.append((Bold(shown), f" ({mode})"))
    return joined(lines) or ("nothing outside",)


def sandboxed(touches: Sequence[tuple[str, str, str]]) -> bool:
    return any(mode == "sandbox" for _, _, mode in touches)
