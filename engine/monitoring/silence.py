"""Silences and maintenance windows: which alerts nobody is to be told of, and from when until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engine.errors import Invalid, Problem
from engine.monitoring.alert import Alert, Severity

KIND = "silence"  # of the policy
LONGEST = timedelta(days=90)
LONGEST_TEXT = 300
MOST_LABELS = 16


class SilenceKind(StrEnum):
    SILENCE = "silence"  # somebody wants quiet
    MAINTENANCE = "maintenance"  # somebody works on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """Which alerts are meant; "" and no labels = any. ``severity``: that one and everything less."""

    service: str = ""
    account: str = ""
    rule: str = ""
    severity: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def fits(self, alert: Alert) -> bool:
        return (
            self.service in ("", alert.service)
            and self.account in ("", alert.account)
            and self.rule in ("", alert.rule)
            and (not self.severity or alert.severity.rank <= Severity(self.severity).rank)
            and all(alert.labels.get(name) == value for name, value in self.labels.items())
        )

    def in_words(self, called: str = "") -> str:
        """“github, rule response_time, up to medium”; “everything” where nothing is said. ``called``: the service's name as people say it."""
        parts = [(called or self.service) + (f"/{self.account}" if self.account else "")] if self.service else []
        parts += [f"rule {self.rule}"] if self.rule else []
        parts += [f"up to {self.severity}"] if self.severity else []
        parts += [f"{name}={value}" for name, value in sorted(self.labels.items())]
        return ", ".join(parts) or "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """``starts`` ≤ t < ``ends`` is the window that runs or comes next. ``every`` is a recurrence (RRULE or cron) in ``timezone``: when a window is over
    the next one, ``lasts`` seconds long, takes its place, and ``window`` counts them. ``notice``: seconds before a window at which it is announced, 0 = not.

    ``told``: what was announced of this window: "", noticed, begun, over. ``by``: actor id.
    """

    id: str  # sil_ + ULID
    kind: SilenceKind
    match: Matcher
    starts: datetime
    ends: datetime
    by: str
    by_name: str
    made_at: datetime
    because: str = ""
    every: str = ""
    lasts: float = 0.0
    timezone: str = "UTC"
    notice: float = 0.0
    window: int = 1
    told: str = ""
    where: str = ""  # address of its cards
    revision: int = 1

    @property
    def card(self) -> str:
        """Each window has a card of its own."""
        return f"{self.id}.{self.window}"

    def active(self, at: datetime) -> bool:
        return self.starts <= at < self.ends

    def covers(self, alert: Alert, at: datetime) -> str:
        """Why nobody is told of this alert now, in a sentence; "" where it does not apply."""
        if not self.active(at) or not self.match.fits(alert):
            return ""
        why = f": {self.because}" if self.because else ""
        return (
            f"{self.kind.value.capitalize()} for {self.match.in_words()} until {self.ends:%Y-%m-%d %H:%M} UTC, set by {self.by_name}{why}"
        )

    def next_notice(self) -> datetime:
        """When the window is announced beforehand."""
        return self.starts - timedelta(seconds=self.notice)


def body_of(silence: Silence) -> dict[str, Any]:
    """As the policy keeps it."""
    said = asdict(silence)
    for name in ("starts", "ends", "made_at"):
        said[name] = said[name].isoformat()
    for name in ("id", "revision"):
        del said[name]
    return said


def silence_of(id: str, body: Mapping[str, Any], revision: int) -> Silence:
    """What ``body_of`` kept. Raises Invalid for anything else."""
    try:
        times = {name: datetime.fromisoformat(body[name]) for name in ("starts", "ends", "made_at")}
        match = Matcher(**body["match"])
        if match.severity:
            Severity(match.severity)
        if any(time.tzinfo is None for time in times.values()):
            raise ValueError("a time without a zone")
        said = {**body, **times, "kind": SilenceKind(body["kind"]), "match": replace(match, labels=dict(match.labels))}
        return Silence(id=id, revision=revision, **said)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"The silence {id} cannot be read.", [Problem(str(error)[:200], (id,))]) from error


def checked(silence: Silence, now: datetime) -> Silence:
    """The one door for what people set. Raises Invalid, naming everything that does not fit."""
    problems = []
    if silence.ends <= silence.starts:
        problems.append(Problem("it ends before it starts; say the end after the start", ("until",)))
    elif silence.ends - silence.starts > LONGEST:
        problems.append(Problem(f"it lasts longer than {LONGEST.days} days; set a shorter one, or let it recur", ("until",)))
    if silence.ends <= now:
        problems.append(Problem("it is over already; say a time to come", ("until",)))
    if len(silence.match.labels) > MOST_LABELS:
        problems.append(Problem(f"more than {MOST_LABELS} labels", ("labels",)))
    if silence.match.severity and silence.match.severity not in list(Severity):
        problems.append(Problem(f"“{silence.match.severity[:40]}” is no severity; use {', '.join(Severity)}", ("severity",)))
    if silence.kind is SilenceKind.MAINTENANCE and not silence.match.service:
        problems.append(Problem("maintenance is of a service; say which", ("service",)))
    if silence.notice < 0 or silence.notice > LONGEST.total_seconds():
        problems.append(Problem("the notice must lie between 0 and 90 days", ("notice",)))
    if problems:
        raise Invalid("This window cannot be set:", problems)
    return replace(silence, because=silence.because[:LONGEST_TEXT])
