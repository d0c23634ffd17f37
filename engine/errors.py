"""The failure tree: every error of the house says, by its type, what to do next.

SignalboxError
├── Rejected            the request is at fault: tell the asker, never repeat
│   ├── Invalid         carries a list of problems, each with its place
│   ├── NotFound        the thing named does not exist
│   ├── Conflict        somebody was faster: the version seen is no longer the current one
│   └── Forbidden       the asker may not do this
├── Transient           the world is at fault: repeat later (``retry_after`` seconds when it said so)
└── Unanswered          asked, but no answer is known: repeat only if safe, else ask a human
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SignalboxError(Exception):
    """Base of the tree; its text is a sentence for a person."""


class Rejected(SignalboxError):
    """Told to the asker as it stands; says what to do instead."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input. ``path`` leads to it (``("steps", 0, "action")``); ``line`` and ``column`` are 1-based, 0 = unknown."""

    message: str
    path: tuple[str | int, ...] = ()
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        if not self.line and self.path:
            place = ".".join(str(part) for part in self.path) + ": "
        return place + self.message


class Invalid(Rejected):
    """Something read at a door does not fit; ``problems`` lists every fault with its place."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        lines = [message, *(f"• {problem}" for problem in self.problems)]
        super().__init__("\n".join(lines))


class NotFound(Rejected):
    """Nothing by that name or id; the text offers the nearest names."""


class Conflict(Rejected):
    """The state changed since the asker saw it, or the thing exists already; nothing was changed."""


class Forbidden(Rejected):
    """The asker lacks the role; the text names who has it."""


class Transient(SignalboxError):
    """Try again; ``retry_after`` is in seconds, ``None`` when the service did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unanswered(SignalboxError):
    """A request left the house and its outcome is not known (timeout after sending, connection lost mid-answer)."""
