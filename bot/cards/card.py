"""The card: a platform-neutral message. Faces write it in their own form; none may fail on any card.

Text is a tuple of spans. A plain ``str`` span is literal: every writer escapes it, so a name that holds mark-up or a
mention can never become one. Only the span types below carry meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """``url`` is https:, http: or mailto:; writers drop any other and show the text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class User:
    """A person on the card's face, or one of its groups where ``id`` begins with &; mentions (pings) only where ``ping``, else just shows the name."""

    id: str
    name: str
    ping: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """``id`` is the face's own or empty; ``name`` is spoken, with its #."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Shown in the reader's own zone where the face can; else in UTC."""

    at: datetime
    style: str = "short"  # short (date and time), time, relative


Span: TypeAlias = "str | Bold | Code | Link | User | Channel | Moment"
Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; ``small`` for a footnote. Newlines inside a str span are kept."""

    spans: Line
    small: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Label and value pairs, shown side by side where there is room."""

    items: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` of plain text as wide as ``columns``; writers shorten to their limits and say how many are left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


DEEPEST = 5


class Mark(StrEnum):
    """The state of one item of a list, in a symbol and a word."""

    OPEN = "todo"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    WAITING = "waiting"
    ASK = "ask"  # needs a human


@dataclass(frozen=True, slots=True)
class Steps:
    """Progress: one line a step, with its state. ``depths``: how far in each line stands, from 0; () = none does."""

    items: tuple[tuple[Mark, Line], ...]
    depths: tuple[int, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether a word such as “to do” tells anything: in a plan of which nothing has begun it would stand at every line."""
        return any(mark is not Mark.OPEN for mark, _ in self.items)

    def depth(self, at: int) -> int:
        """Of the line at that place, at most DEEPEST: a card has no room for more."""
        return max(0, min(self.depths[at], DEEPEST)) if at < len(self.depths) else 0


@dataclass(frozen=True, slots=True)
class Picture:
    """``alt`` says the same in words and is never empty."""

    png: bytes
    alt: str
    name: str = "picture.png"


# Languages of what people go on working with: it is always handed out as a file.
DOCUMENTS = frozenset({"markdown", "csv"})


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Monospaced text shown as it is (YAML); writers keep it whole or offer it as a file, always for a language of ``DOCUMENTS``."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that the house keeps, handed out: faces put it beside the message, or link to it where they are its home. ``size`` in bytes."""

    id: str
    name: str
    size: int
    content: bytes = field(default=b"", repr=False)  # empty where nobody has to upload it


@dataclass(frozen=True, slots=True)
class Divider:
    pass


Part: TypeAlias = "Text | Fields | Table | Steps | Picture | CodeBlock | KeptFile | Divider"


class Tone(StrEnum):
    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    PROGRESS = "progress"
    MUTED = "muted"


class Style(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class FormField:
    """``kind``: line, text (many lines), number, integer, choice (``options`` of (value, label)), secret (never shown, never put back into a form)."""

    name: str
    label: str
    kind: str = "line"
    value: str = ""
    required: bool = True
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Opened by a button; its values come back as ``Press.form``."""

    title: str
    fields: tuple[FormField, ...]
    submit: str = "Save"


@dataclass(frozen=True, slots=True)
class Button:
    """A press comes back as (card id, verb, arg, version seen). ``arg`` ≤ 40 characters of [A-Za-z0-9_.-].

    ``confirm`` asks “sure?” first where the face can. ``form`` opens a form instead of acting at once. ``url`` only opens a page.
    """

    verb: str
    label: str
    arg: str = ""
    style: Style = Style.PLAIN
    confirm: str = ""
    form: Form | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """``id`` is the subject's id (``prv_…``, ``alr_…``, ``run_…``) or "" for a passing answer without buttons; ≤ 60 characters.

    ``version`` is the subject's revision that this card shows. ``summary`` is the one-line text for notifications and screen
    readers; without it the title serves.
    """

    title: str
    body: tuple[Part, ...] = ()
    id: str = ""
    version: int = 0
    tone: Tone = Tone.NEUTRAL
    actions: tuple[Button, ...] = ()
    footer: Line = ()
    summary: str = ""
    link: str = ""
    mentions: tuple[User, ...] = field(default=())
