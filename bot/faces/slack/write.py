"""A card as a Slack message: pure and total, within Slack's limits for any card.

header (title) · mentions · body parts · actions · coloured bar with the footer

What does not fit is shortened and says so; words that are too long to show whole are handed out as files (``overflow``).
Three forms, each simpler than the one before, so that a message Slack refuses can still be said:
``message`` (rich), ``simple`` (plain words and buttons), ``bare`` (text only).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, assert_never

from bot.cards.card import (
    Bold,
    Card,
    CodeBlock,
    Divider,
    Fields,
    Line,
    Link,
    Mark,
    Part,
    Picture,
    Steps,
    Table,
    Text,
    Tone,
)
from bot.faces.slack import buttons
from bot.faces.slack.spans import Element, chunks, mrkdwn, plain, rich, tame
from bot.faces.slack.text import clean, cut, escape_within, one_line, safe_url, size

Block = dict[str, Any]

# Slack refuses a message whose blocks are longer than about 13,200 characters together, JSON around the words included.
ROOM = 12_000
ROOM_FOR_ACTIONS = 5_000
BLOCKS = 50
PARAGRAPH = 2_900
TABLE_ROWS, TABLE_COLUMNS, TABLE_CELL = 60, 20, 200
CODE = 7_000
BUTTONS_A_ROW = 5

EMOJI: Mapping[Tone, str] = {
    Tone.GOOD: "✅",
    Tone.WARNING: "⚠️",
    Tone.BAD: "🔴",
    Tone.PROGRESS: "⏳",
    Tone.MUTED: "🔕",
}
COLOURS: Mapping[Tone, str] = {
    Tone.GOOD: "#2eb67d",
    Tone.WARNING: "#ecb22e",
    Tone.BAD: "#e01e5a",
    Tone.PROGRESS: "#36c5f0",
    Tone.MUTED: "#9a9a9a",
}
MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.TODO: ("⬜", "to do"),
    Mark.DOING: ("⏳", "running"),
    Mark.DONE: ("✅", "done"),
    Mark.FAILED: ("❌", "failed"),
    Mark.SKIPPED: ("⏭️", "skipped"),
    Mark.WAITING: ("🕓", "waiting"),
    Mark.ASK: ("🙋", "needs you"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """``text`` is what notifications and screen readers say."""

    text: str
    blocks: tuple[Block, ...] = ()
    attachments: tuple[Block, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Blocks and attachments are always named: left out, an edit would keep the old ones."""
        return {"text": self.text, "blocks": list(self.blocks), "attachments": list(self.attachments)}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text handed out as a file, because it is too long for a message."""

    name: str
    text: str
    title: str


@dataclass(slots=True)
class _Sheet:
    """The message being filled: blocks so far, and the room that is left."""

    room: int
    blocks_left: int
    blocks: list[Block] = field(default_factory=list)
    table: bool = False

    def add(self, block: Block) -> bool:
        """False when it does not fit; nothing is added then."""
        cost = weight(block)
        if cost > self.room or self.blocks_left < 1:
            return False
        self.room -= cost
        self.blocks_left -= 1
        self.blocks.append(block)
        return True


def weight(block: Block) -> int:
    return size(json.dumps(block, ensure_ascii=False))


# --- the three forms ------------------------------------------------------------------------------------------------------


def message(card: Card, pictures: Mapping[Picture, str] | None = None) -> Message:
    """``pictures`` maps what was uploaded to Slack's file ids; a picture without one is told in words."""
    actions = list(_actions(card))
    bar = _bar(card)
    spent = sum(map(weight, [*actions, *bar]))
    sheet = _Sheet(room=ROOM - spent - 400, blocks_left=BLOCKS - len(actions) - 2)
    sheet.add(_header(card))
    _fill(sheet, card, pictures or {})
    return Message(summary(card), (*sheet.blocks, *actions), tuple(bar))


def simple(card: Card) -> Message:
    """Plain words in plain sections, and the buttons."""
    actions = list(_actions(card))
    sheet = _Sheet(room=ROOM - sum(map(weight, actions)) - 200, blocks_left=BLOCKS - len(actions))
    for piece in chunks((words(card),), PARAGRAPH):
        sheet.add(_plain_section(plain(piece)))
    return Message(summary(card), (*sheet.blocks, *actions))


def bare(card: Card) -> Message:
    """Everything the card says as text; presses are not possible, so it says which buttons there were."""
    labels = ", ".join(one_line(button.label) for button in card.actions)
    note = f"\n(Slack would not show the buttons here: {labels}. Use the web chat or a slash command.)" if labels else ""
    return Message(escape_within(words(card) + note, 3500))


def summary(card: Card) -> str:
    """One line: the tone's symbol and the card's summary or title."""
    said = one_line(card.summary) or one_line(card.title) or "Signalbox"
    return _with_symbol(card, escape_within(said, 2900))


def _with_symbol(card: Card, text: str) -> str:
    symbol = EMOJI.get(card.tone)
    return f"{symbol} {text}" if symbol else text


# --- the parts ------------------------------------------------------------------------------------------------------------


def _header(card: Card) -> Block:
    title = _with_symbol(card, one_line(card.title) or "Signalbox")
    return {"type": "header", "text": {"type": "plain_text", "text": cut(title, 150), "emoji": False}}


def _fill(sheet: _Sheet, card: Card, pictures: Mapping[Picture, str]) -> None:
    title = one_line(card.title)
    long_title = (Text((title,)),) if size(title) > 145 else ()
    for block in _mentions(card):
        sheet.add(block)
    for part in (*long_title, *card.body):
        for block in _blocks(part, sheet, pictures):
            if not sheet.add(block):
                _note_the_cut(sheet)
                return


def _mentions(card: Card) -> Iterator[Block]:
    """People called by the card, in mrkdwn where possible: that surely rings at theirs."""
    line: Line = tuple(span for user in card.mentions[:50] for span in (user, " "))
    if line and tame(line):
        yield {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(line, PARAGRAPH).strip() or "…", "verbatim": True}}
    elif line:
        yield from (_rich_text(rich(piece)) for piece in islice(chunks(line, PARAGRAPH), 1))


def _note_the_cut(sheet: _Sheet) -> None:
    sheet.room += 300
    sheet.blocks_left += 1
    sheet.add(_context("… and more. Slack shows no longer messages; the web chat has it all."))


def _blocks(part: Part, sheet: _Sheet, pictures: Mapping[Picture, str]) -> Iterator[Block]:
    match part:
        case Text(spans, small=True):
            yield from _small(spans)
        case Text(spans):
            yield from _paragraphs(spans)
        case Fields(items):
            yield from _fields(items)
        case Table():
            yield from _table(part, sheet)
        case Steps(items):
            yield from _steps(items)
        case Picture():
            yield _picture(part, pictures)
        case CodeBlock():
            yield from _code(part)
        case Divider():
            yield {"type": "divider"}
        case _ as never:
            assert_never(never)


def _paragraphs(line: Line) -> Iterator[Block]:
    """Slack's own mark-up for what is tame, rich text for what could turn into formatting or grows too long by escaping."""
    for piece in chunks(line, PARAGRAPH):
        if not plain(piece).strip():
            continue
        written = mrkdwn(piece, 2 * PARAGRAPH).strip() if tame(piece) else ""
        if written and size(written) <= 3000:
            yield {"type": "section", "text": {"type": "mrkdwn", "text": written, "verbatim": True}}
        else:
            yield _rich_text(rich(piece))


def _rich_text(elements: list[Element], kind: str = "rich_text_section") -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _small(line: Line, limit: int = 1900) -> Iterator[Block]:
    if not tame(line):
        yield from (_context(plain(piece)) for piece in chunks(line, limit) if plain(piece).strip())
    elif written := mrkdwn(line, limit).strip():
        yield {"type": "context", "elements": [{"type": "mrkdwn", "text": written, "verbatim": True}]}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": cut(text.strip(), 1900), "emoji": False}]}


def _plain_section(text: str) -> Block:
    return {"type": "section", "text": {"type": "plain_text", "text": text.strip() or "…", "emoji": False}}


def _fields(items: tuple[tuple[str, Line], ...]) -> Iterator[Block]:
    if not all(tame((label,)) and tame(value) for label, value in items):
        lines = ((Bold(f"{one_line(label) or '–'}: "), *value, "\n") for label, value in items)
        yield from _paragraphs(tuple(span for line in lines for span in line))
        return
    for ten in _batches(items, 10):
        yield {"type": "section", "fields": [_field(label, value) for label, value in ten]}


def _field(label: str, value: Line) -> Element:
    head = escape_within(one_line(label), 200) or "–"
    return {"type": "mrkdwn", "text": f"*{head}*\n{mrkdwn(value, 1700).strip() or '–'}", "verbatim": True}


def _steps(items: tuple[tuple[Mark, Line], ...]) -> Iterator[Block]:
    spans = tuple(span for mark, line in items for span in _step(mark, line))
    yield from _paragraphs(spans)


def _step(mark: Mark, line: Line) -> Line:
    symbol, word = MARKS[mark]
    return (f"{symbol} ", *line, f" · {word}\n")


def _picture(part: Picture, pictures: Mapping[Picture, str]) -> Block:
    alt = one_line(part.alt) or "A picture"
    if file := pictures.get(part):
        return {"type": "image", "slack_file": {"id": file}, "alt_text": cut(alt, 1900)}
    return _rich_text([{"type": "text", "text": "🖼 " + cut(alt, PARAGRAPH - 10)}])


def _code(part: CodeBlock) -> Iterator[Block]:
    text = clean(part.text).rstrip("\n")
    shown = text if size(text) <= CODE else cut(text, CODE)
    for piece in chunks((shown,), PARAGRAPH):
        yield _rich_text([{"type": "text", "text": plain(piece)}], "rich_text_preformatted")
    if shown != text:
        yield _context("The whole text is in the file below.")


# --- tables ---------------------------------------------------------------------------------------------------------------


def _table(part: Table, sheet: _Sheet) -> Iterator[Block]:
    """Slack takes one table a message: further ones are set in columns of monospaced text."""
    rows = _cells(part)
    if not rows or not rows[0]:
        return
    allowance = min(6000, sheet.room // 2)
    native = not sheet.table
    kept = _rows_within(rows, allowance, (lambda row: weight({"": [_cell(text) for text in row]})) if native else _width)
    sheet.table = True
    yield {"type": "table", "rows": [[_cell(text) for text in row] for row in kept]} if native else _monospaced(kept)
    if left := len(part.rows) - (len(kept) - 1):
        yield _context(f"{left} more row{'s' if left > 1 else ''}: the web chat has them all.")


def _cells(part: Table) -> list[list[str]]:
    wide = min(max([len(part.columns), *map(len, part.rows)], default=0), TABLE_COLUMNS)
    lines = [part.columns, *part.rows[: TABLE_ROWS - 1]]
    return [[cut(one_line(text), TABLE_CELL) or " " for text in (*line, *[""] * wide)][:wide] for line in lines]


def _cell(text: str) -> Element:
    return {"type": "raw_text", "text": text}


def _width(row: list[str]) -> int:
    return sum(map(size, row)) + 3 * len(row)


def _rows_within(rows: list[list[str]], room: int, cost: Any) -> list[list[str]]:
    """As many rows as fit, at least the heading."""
    kept = rows[:1]
    spent = cost(rows[0])
    for row in rows[1:]:
        spent += cost(row)
        if spent > room:
            break
        kept.append(row)
    return kept


def _monospaced(rows: list[list[str]]) -> Block:
    widths = [min(max(map(len, column)), 40) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cut(text, 40).ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return _rich_text([{"type": "text", "text": cut("\n".join(lines), 5000) or " "}], "rich_text_preformatted")


# --- buttons and footer ---------------------------------------------------------------------------------------------------


def _actions(card: Card) -> Iterator[Block]:
    made = [element for number, button in enumerate(card.actions) if (element := buttons.element(button, card, number))]
    kept, room = [], ROOM_FOR_ACTIONS
    for element in made:
        room -= weight(element) + 2
        if room < 0:
            break
        kept.append(element)
    for row in _batches(kept, BUTTONS_A_ROW if len(kept) <= 4 * BUTTONS_A_ROW else 25):
        yield {"type": "actions", "elements": row}
    if left := len(made) - len(kept):
        yield _context(f"{left} more button{'s' if left > 1 else ''}: use the web chat.")


def _batches(items: Sequence[Any], many: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), many):
        yield list(items[start : start + many])


def _bar(card: Card) -> list[Block]:
    """The footer and the link; in the tone's colour where there is one."""
    link: Line = (Link("Open in Signalbox", card.link),) if safe_url(card.link) else ()
    line = (*card.footer, " · ", *link) if card.footer and link else (*card.footer, *link)
    blocks = list(islice(_small(line, 700), 1))
    if not blocks:
        return []
    bar: Block = {"blocks": blocks, "fallback": cut(one_line(plain(line)), 280)}
    return [bar | ({"color": COLOURS[card.tone]} if card.tone in COLOURS else {})]


# --- words ----------------------------------------------------------------------------------------------------------------


def words(card: Card) -> str:
    """Everything the card says, in plain words and whole lines."""
    lines = [_with_symbol(card, one_line(card.title)), *(said for part in card.body if (said := _words(part))), plain(card.footer)]
    return "\n".join(line for line in lines if line.strip()) or "Signalbox"


def _words(part: Part) -> str:
    match part:
        case Text(spans):
            return plain(spans)
        case Fields(items):
            return "\n".join(f"{one_line(label)}: {plain(value)}" for label, value in items)
        case Table():
            return "\n".join(" | ".join(row) for row in _cells(part))
        case Steps(items):
            return "".join(plain(_step(mark, line)) for mark, line in items).rstrip()
        case Picture():
            return one_line(part.alt)
        case CodeBlock():
            return cut(clean(part.text), CODE)
        case Divider():
            return ""
        case _ as never:
            assert_never(never)


# --- what goes beside the message -------------------------------------------------------------------------------------------


def pictures(card: Card) -> tuple[Picture, ...]:
    return tuple(dict.fromkeys(part for part in card.body if isinstance(part, Picture) and part.png))


def overflow(card: Card) -> tuple[Leaf, ...]:
    """The code blocks that the message could not show whole."""
    return tuple(_leaf(part, card) for part in card.body if isinstance(part, CodeBlock) and size(clean(part.text)) > CODE)


def _leaf(part: CodeBlock, card: Card) -> Leaf:
    ending = {"yaml": "yml", "json": "json", "python": "py"}.get(part.language, "txt")
    stem = "".join(char if char.isalnum() else "-" for char in card.title.lower()).strip("-")[:40] or "signalbox"
    return Leaf(f"{stem}.{ending}", clean(part.text), cut(one_line(card.title), 100) or "Signalbox")
