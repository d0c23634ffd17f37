"""Cards as plain mail: card → subject and text, pure and total."""

from __future__ import annotations

from datetime import UTC

from bot.cards.card import (
    Bold,
    Card,
    Channel,
    Code,
    CodeBlock,
    Divider,
    Fields,
    KeptFile,
    Line,
    Link,
    Moment,
    Part,
    Picture,
    Span,
    Steps,
    Table,
    Text,
    User,
)  # fmt: skip
from bot.cards.wire import plain, safe_url

LONGEST_SUBJECT = 180
LONGEST = 50_000
MOST_ROWS = 60


def subject(card: Card) -> str:
    """One line; no header can be smuggled in by what a service calls itself."""
    return " ".join(plain(card.summary or card.title).split())[:LONGEST_SUBJECT] or "Signalbox"


def text(card: Card) -> str:
    parts = [plain(card.title), "", *(line for part in card.body for line in _part(part))]
    if card.footer:
        parts += ["", _line(card.footer)]
    if card.link and safe_url(card.link):
        parts += ["", card.link]
    if card.actions:
        parts += ["", "Buttons stand on the card in the chat; here you can only read it."]
    return "\n".join(parts)[:LONGEST]


def _part(part: Part) -> list[str]:
    match part:
        case Text(spans):
            return [_line(spans)]
        case Fields(items):
            return [f"{plain(label)}: {_line(value)}" for label, value in items]
        case Table(columns, rows):
            more = [f"… and {len(rows) - MOST_ROWS} more"] if len(rows) > MOST_ROWS else []
            return [" | ".join(map(plain, columns)), *(" | ".join(map(plain, row)) for row in rows[:MOST_ROWS]), *more]
        case Steps(items):
            return [f"{'  ' * part.depth(at)}[{mark.value}] {_line(line)}" for at, (mark, line) in enumerate(items)]
        case Picture():
            return [f"[Picture: {plain(part.alt)}]"]
        case CodeBlock():
            return [plain(part.text)]
        case KeptFile():
            return [f"[File: {plain(part.name)}]"]
        case Divider():
            return ["-" * 20]


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    match span:
        case str():
            return plain(span)
        case Bold() | Code():
            return plain(span.text)
        case Link():
            return f"{plain(span.text)} <{url}>" if (url := safe_url(span.url)) else plain(span.text)
        case User() | Channel():
            return plain(span.name)
        case Moment():
            return f"{span.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
