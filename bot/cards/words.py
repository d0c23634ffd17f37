"""Small drawings that several cards share: moments, durations, accounts, people, states in a symbol and a word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.cards.card import Bold, Line, Mark, Moment, Span, Text, Tone, User
from engine.commands.command import Starter
from engine.commands.speaking import local, somebody
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json
from engine.workflow.run import RunState, StepState

STEP_MARKS = {
    StepState.PENDING: Mark.OPEN,
    StepState.RUNNING: Mark.DOING,
    StepState.ASKED: Mark.DOING,
    StepState.RETRYING: Mark.DOING,
    StepState.WAITING: Mark.WAITING,
    StepState.IN_DOUBT: Mark.ASK,
    StepState.SUCCEEDED: Mark.DONE,
    StepState.FAILED: Mark.FAILED,
    StepState.SKIPPED: Mark.SKIPPED,
}
RUN_TONES = {
    RunState.QUEUED: Tone.NEUTRAL,
    RunState.RUNNING: Tone.PROGRESS,
    RunState.WAITING: Tone.WARNING,
    RunState.PAUSED: Tone.MUTED,
    RunState.SUCCEEDED: Tone.GOOD,
    RunState.FAILED: Tone.BAD,
    RunState.CANCELLED: Tone.MUTED,
}
RUN_SAYS = {
    RunState.QUEUED: "waits for its turn",
    RunState.RUNNING: "is running",
    RunState.WAITING: "is waiting",
    RunState.PAUSED: "is paused",
    RunState.SUCCEEDED: "is done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "was cancelled",
}
RUN_WORDS = {
    RunState.QUEUED: "waiting for its turn",
    RunState.RUNNING: "running",
    RunState.WAITING: "waiting",
    RunState.PAUSED: "paused",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}


def headline(text: str, otherwise: str = "…") -> str:
    """One line that is never empty: a card always has a title one can see."""
    line = " ".join(text.split())
    return line if any(char.isprintable() and not char.isspace() for char in line) else otherwise


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
    """“0.4 s”, “12 s”, “3 min”, “2 h 5 min”, “3 days”."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // 1440} days"


def stamp(at: datetime, zone: str) -> str:
    """A moment where only plain text can stand, in the reader's own zone: “Mon 2026-11-23 09:00 CET”."""
    return f"{local(at, zone):%a %Y-%m-%d %H:%M %Z}"


def moments(times: Sequence[datetime]) -> Line:
    return joined(((Moment(at),) for at in times), " · ")


def amount(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def brief(values: Mapping[str, Json], limit: int) -> str:
    """``board: Release, title: Speed up the login``; a kept file by its name."""
    return cut(" ".join(", ".join(f"{name}: {_brief(value)}" for name, value in values.items()).split()), limit)


def _brief(value: Json) -> str:
    if isinstance(value, dict) and set(value) == {"id", "name"} and str(value["id"]).startswith("file_"):
        return str(value["name"])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def place(channel: str) -> str:
    """A channel as people say it: without the face, with its sign."""
    name = channel.rpartition(":")[2]
    return name if name.startswith(("#", "@", "<")) else f"#{name}"


def spaced(name: str) -> str:
    """``pull_request_merged`` as people write it."""
    return name.replace("_", " ")


def service(id: str) -> str:
    """A service as people call it: “GitHub”, “Google Drive”."""
    return product(id)


def accounts(touches: Sequence[tuple[str, str, str]]) -> Line:
    """Which accounts are touched, each marked sandbox or live; an account is named where it is not simply the service's own."""
    lines: list[Line] = []
    for id, account, mode in touches:
        named = f"{account}, " if account not in ("", id, "default") else ""
        lines.append((Bold(service(id)), f" ({named}{mode})"))
    return joined(lines) or ("nothing outside",)


def sandboxed(touches: Sequence[tuple[str, str, str]]) -> bool:
    return any(mode == "sandbox" for _, _, mode in touches)


def person(starter: Starter) -> Span:
    """Who started something: by name, and as a person of the face where the card can tell it."""
    if not starter.person:
        return starter.words
    return User(starter.person.partition(":")[2], starter.words) if starter.words else somebody(starter.person)
