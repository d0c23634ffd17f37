"""Cards as terminal output: card → rich renderables, pure and total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table as Grid
from rich.text import Text as Styled

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
    Mark,
    Moment,
    Part,
    Picture,
    Span,
    Steps,
    Table,
    Text,
    Tone,
    User,
)  # fmt: skip
from engine.files import readable

TONES = {
    Tone.NEUTRAL: ("blue", ""), Tone.GOOD: ("green", "OK"), Tone.WARNING: ("yellow", "WARNING"), Tone.BAD: ("red", "DANGER"),
    Tone.PROGRESS: ("cyan", "RUNNING"), Tone.MUTED: ("bright_black", ""),
}  # fmt: skip
MARKS = {
    Mark.OPEN: ("○", "bright_black"), Mark.DOING: ("◔", "cyan"), Mark.DONE: ("✓", "green"), Mark.FAILED: ("✕", "red"),
    Mark.SKIPPED: ("–", "bright_black"), Mark.WAITING: ("…", "yellow"), Mark.ASK: ("?", "yellow"),
}  # fmt: skip

FRAME = 6  # columns of the frame beside a title


def render(card: Card, numbered: dict[int, tuple[str, str]] | None = None, zone: tzinfo | None = None) -> RenderableType:
    """``numbered``: press number → (verb, label), shown so that buttons can be pressed by number. ``zone``: of the reader, None = UTC."""
    colour, word = TONES[card.tone]
    draw = _Drawing(zone or UTC)
    parts: list[RenderableType] = [drawn for part in card.body for drawn in draw.part(part)]
    if card.footer:
        parts.append(draw.line(card.footer, "dim"))
    if card.link:
        parts.append(Styled(clean(card.link), style="underline"))
    if numbered:
        parts.append(_buttons(numbered))
    title = Styled(f"[{word}] " if word else "", style=f"bold {colour}").append(clean(card.title), style="bold")
    return _Framed(title, tuple(parts), colour)


@dataclass(frozen=True, slots=True)
class _Framed:
    """A title on its frame where it fits, and within it where it would be cut."""

    title: Styled
    parts: tuple[RenderableType, ...]
    colour: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        fits = self.title.cell_len + FRAME <= options.max_width and "\n" not in self.title.plain
        parts = self.parts if fits else (self.title, *self.parts)
        inside = Group(*parts) if parts else Styled("")
        yield Panel(inside, title=self.title if fits else None, title_align="left", border_style=self.colour, padding=(0, 1))


def _buttons(numbered: dict[int, tuple[str, str]]) -> Styled:
    line = Styled()
    for number, (_, label) in numbered.items():
        line.append(f" {number} ", style="reverse").append(f" {clean(label)}   ")
    return line


class _Drawing:
    """The parts of one card, with times in one zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def part(self, part: Part) -> Iterator[RenderableType]:
        match part:
            case Text(spans, small):
                yield self.line(spans, "dim" if small else "")
            case Fields(items):
                grid = Grid.grid(padding=(0, 2))
                for label, value in items:
                    grid.add_row(Styled(clean(label), style="dim"), self.line(value))
                yield grid
            case Table(columns, rows):
                grid = Grid(box=None, header_style="dim", padding=(0, 1))
                for column in columns:
                    grid.add_column(Styled(clean(column)))
                for row in rows:
                    grid.add_row(*(Styled(clean(cell)) for cell in row))
                yield grid
            case Steps(items):
                for at, (mark, line) in enumerate(items):
                    sign, style = MARKS[mark]
                    grid = Grid.grid(padding=(0, 1, 0, 0))
                    grid.add_row(Styled(sign, style=style), self.line(line))
                    yield Padding(grid, (0, 0, 0, 2 * part.depth(at)))
            case Picture(_, alt, _):
                yield Styled(f"[picture] {clean(alt)}", style="dim")
            case CodeBlock(text, language):
                yield Padding(Syntax(clean(text), language or "text", background_color="default", word_wrap=True), (0, 2))
            case KeptFile(id, name, size):
                yield Styled(f"[file] {clean(name)} ({readable(size)}), /api/v2/files/{clean(id)}/content", style="dim")
            case Divider():
                yield Styled("─" * 20, style="dim")

    def line(self, line: Line, style: str = "") -> Styled:
        styled = Styled(style=style)
        for span in line:
            self._append(styled, span)
        return styled

    def _append(self, styled: Styled, span: Span) -> None:
        match span:
            case str():
                styled.append(clean(span))
            case Bold(text):
                styled.append(clean(text), style="bold")
            case Code(text):
                styled.append(clean(text), style="cyan")
            case Link(text, url):
                # A text that is the address itself, perhaps shortened, is not said twice.
                styled.append(clean(url) if text and text in url else f"{clean(text)} ({clean(url)})", style="underline")
            case User(id, name, _):
                styled.append(clean(name or id), style="bold")
            case Channel(id, name):
                styled.append(clean(name or id), style="bold")
            case Moment(at, style):
                styled.append(f"{at.astimezone(self._zone):{'%H:%M %Z' if style == 'time' else '%Y-%m-%d %H:%M %Z'}}")


_JOINERS = "\u200d"  # holds the parts of one emoji together


def clean(text: str) -> str:
    """Without control characters, so that no text can drive the terminal."""
    return "".join(char if char in "\n\t" or char in _JOINERS or char.isprintable() else "\ufffd" for char in text)
