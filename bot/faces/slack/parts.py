"""The parts of a card as Slack's blocks, each within its own limits, and as plain words.

Words from outside are put where Slack looks for no mark-up at all (rich text, plain text), except where nothing in them could be taken for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from bot.cards.card import DOCUMENTS, Bold, CodeBlock, Divider, Fields, KeptFile, Line, Mark, Part, Picture, Steps, Table, Text
from bot.faces.slack.spans import Element, chunks, mrkdwn, plain, rich, tame
from bot.faces.slack.text import clean, cut, escape_within, one_line, size
from engine.files import readable

Block = dict[str, Any]

PARAGRAPH = 2_900
TABLE_ROWS, TABLE_COLUMNS, TABLE_CELL = 60, 20, 200
TABLE_ROOM = 6_000
CODE = 7_500
GLIMPSE = 500  # characters of a document that goes along as a file
INDENT = "\u2003\u2003"  # wide blanks: ordinary ones are taken away at the beginning of a line

MARKS: Mapping[Mark, tuple[str, str]] = {
    Mark.OPEN: ("⬜", "to do"),
    Mark.DOING: ("⏳", "running"),
    Mark.DONE: ("✅", "done"),
    Mark.FAILED: ("❌", "failed"),
    Mark.SKIPPED: ("⏭️", "skipped"),
    Mark.WAITING: ("🕓", "waiting"),
    Mark.ASK: ("🙋", "needs you"),
}


def weight(block: Block) -> int:
    """What a block counts towards the length of a message."""
    return size(json.dumps(block, ensure_ascii=False))


def blocks(part: Part, pictures: Mapping[Picture, str], room: int, *, native_table: bool) -> Iterator[Block]:
    """``room`` is what is left of the message; ``native_table``: Slack takes one table a message, this may still be it."""
    match part:
        case Text(spans, small=True):
            yield from small(spans)
        case Text(spans):
            yield from paragraphs(spans)
        case Fields(items):
            yield from _fields(items)
        case Table():
            yield from _table(part, room, native_table)
        case Steps():
            yield from _steps(part)
        case Picture():
            yield _picture(part, pictures)
        case CodeBlock():
            yield from _code(part)
        case KeptFile():
            yield from paragraphs((Bold(part.name), f" ({readable(part.size)}, in the thread)"))
        case Divider():
            yield {"type": "divider"}
        case _ as never:
            assert_never(never)


def paragraphs(line: Line) -> Iterator[Block]:
    """Slack's own mark-up for what is tame, rich text for what could turn into formatting or grows too long by escaping."""
    for piece in chunks(line, PARAGRAPH):
        if not plain(piece).strip():
            continue
        written = mrkdwn(piece, 2 * PARAGRAPH).strip() if tame(piece) else ""
        if written and size(written) <= 3000:
            yield {"type": "section", "text": {"type": "mrkdwn", "text": written, "verbatim": True}}
        else:
            yield rich_text(rich(piece))


def rich_text(elements: list[Element], kind: str = "rich_text_section") -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def small(line: Line, limit: int = 1900) -> Iterator[Block]:
    if not tame(line):
        yield from (context(plain(piece)) for piece in chunks(line, limit) if plain(piece).strip())
    elif written := mrkdwn(line, limit).strip():
        yield {"type": "context", "elements": [{"type": "mrkdwn", "text": written, "verbatim": True}]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": cut(text.strip(), 1900), "emoji": False}]}


def plain_section(text: str) -> Block:
    return {"type": "section", "text": {"type": "plain_text", "text": text.strip() or "…", "emoji": False}}


def _fields(items: tuple[tuple[str, Line], ...]) -> Iterator[Block]:
    if not all(tame((label,)) and tame(value) for label, value in items):
        lines = ((Bold(f"{one_line(label) or '–'}: "), *value, "\n") for label, value in items)
        yield from paragraphs(tuple(span for line in lines for span in line))
        return
    for ten in batches(items, 10):
        yield {"type": "section", "fields": [_field(label, value) for label, value in ten]}


def _field(label: str, value: Line) -> Element:
    head = escape_within(one_line(label), 200) or "–"
    return {"type": "mrkdwn", "text": f"*{head}*\n{mrkdwn(value, 1700).strip() or '–'}", "verbatim": True}


def _steps(part: Steps) -> Iterator[Block]:
    yield from paragraphs(_steps_line(part))


def _steps_line(part: Steps) -> Line:
    return tuple(span for at, (mark, line) in enumerate(part.items) for span in _step(mark, line, part.depth(at), told=part.begun))


def _step(mark: Mark, line: Line, depth: int, *, told: bool) -> Line:
    symbol, word = MARKS[mark]
    return (f"{INDENT * depth}{symbol} ", *line, f" · {word}\n" if told else "\n")


def _picture(part: Picture, pictures: Mapping[Picture, str]) -> Block:
    alt = one_line(part.alt) or "A picture"
    if file := pictures.get(part):
        return {"type": "image", "slack_file": {"id": file}, "alt_text": cut(alt, 1900)}
    return rich_text([{"type": "text", "text": "🖼 " + cut(alt, PARAGRAPH - 10)}])


def _code(part: CodeBlock) -> Iterator[Block]:
    text = clean(part.text).rstrip("\n")
    document = part.language in DOCUMENTS  # it goes along as a file to write on at; here it is only looked into
    shown = cut(text, GLIMPSE) if document else text if length(part) <= CODE else cut(text, CODE // 2)
    for piece in chunks((shown,), PARAGRAPH):
        yield rich_text([{"type": "text", "text": plain(piece)}], "rich_text_preformatted")
    if shown != text:
        yield context("The whole text is in the file below.")


def length(part: CodeBlock) -> int:
    """What the text counts towards the length of a message: quotes and line ends count twice."""
    return size(json.dumps(clean(part.text), ensure_ascii=False))


# --- tables ---------------------------------------------------------------------------------------------------------------


def _table(part: Table, room: int, native: bool) -> Iterator[Block]:
    """A second table is set in columns of monospaced text."""
    rows = _cells(part)
    if not rows[0]:
        return
    kept = _rows_within(rows, min(TABLE_ROOM, room // 2))
    yield {"type": "table", "rows": [_row(row) for row in kept]} if native else _monospaced(kept)
    if left := len(part.rows) - (len(kept) - 1):
        yield context(f"{left} more row{'s' if left > 1 else ''}: the web chat has them all.")


def _cells(part: Table) -> list[list[str]]:
    wide = min(max([len(part.columns), *map(len, part.rows)], default=0), TABLE_COLUMNS)
    lines = [part.columns, *part.rows[: TABLE_ROWS - 1]]
    return [[cut(one_line(text), TABLE_CELL) or " " for text in (*line, *[""] * wide)][:wide] for line in lines]


def _row(row: Sequence[str]) -> list[Element]:
    return [{"type": "raw_text", "text": text} for text in row]


def _rows_within(rows: list[list[str]], room: int) -> list[list[str]]:
    """As many rows as fit, at least the heading."""
    kept, spent = rows[:1], weight({"": _row(rows[0])})
    for row in rows[1:]:
        spent += weight({"": _row(row)})
        if spent > room:
            break
        kept.append(row)
    return kept


def _monospaced(rows: list[list[str]]) -> Block:
    widths = [min(max(map(len, column)), 40) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cut(text, 40).ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return rich_text([{"type": "text", "text": cut("\n".join(lines), 5000) or " "}], "rich_text_preformatted")


# --- words ----------------------------------------------------------------------------------------------------------------


def words(part: Part) -> str:
    match part:
        case Text(spans):
            return plain(spans)
        case Fields(items):
            return "\n".join(f"{one_line(label)}: {plain(value)}" for label, value in items)
        case Table():
            return "\n".join(" | ".join(row) for row in _cells(part))
        case Steps():
            return plain(_steps_line(part)).rstrip()
        case Picture():
            return one_line(part.alt)
        case CodeBlock():
            return cut(clean(part.text), CODE)
        case KeptFile():
            return f"{one_line(part.name)} ({readable(part.size)})"
        case Divider():
            return ""
        case _ as never:
            assert_never(never)


def batches(items: Sequence[Any], many: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), many):
        yield list(items[start : start + many])
