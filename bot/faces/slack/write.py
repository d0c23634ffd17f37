"""A card as a Slack message: pure and total, within Slack's limits for any card.

header (title) · mentions · body parts · actions · coloured bar with the footer

What does not fit is shortened and says so; words that are too long to show whole are handed out as files (``overflow``).
Three forms, each simpler than the one before, so that a message Slack refuses can still be said:
``message`` (rich), ``simple`` (plain words and buttons), ``bare`` (text only).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from bot.cards.card import DOCUMENTS, Card, CodeBlock, KeptFile, Line, Link, Picture, Text, Tone
from bot.faces.slack import buttons
from bot.faces.slack.parts import CODE, PARAGRAPH, Block, batches, blocks, context, length, plain_section, rich_text, small, weight
from bot.faces.slack.parts import words as words_of
from bot.faces.slack.spans import chunks, mrkdwn, plain, rich, tame
from bot.faces.slack.text import clean, cut, escape_within, one_line, safe_url, size

# Slack refuses a message whose blocks are longer than about 13,200 characters together, JSON around the words included.
ROOM = 12_000
ROOM_FOR_ACTIONS = 5_000
BLOCKS = 50
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
    """A text handed out as a file, because it is too long for a message; or a file itself, which is ``content`` then."""

    name: str
    text: str
    title: str
    content: bytes = field(default=b"", repr=False)

    @property
    def data(self) -> bytes:
        return self.content or self.text.encode()


@dataclass(slots=True)
class _Sheet:
    """The message being filled: blocks so far, and the room that is left."""

    room: int
    blocks_left: int
    blocks: list[Block] = field(default_factory=list)

    def add(self, block: Block) -> bool:
        """False when it does not fit; nothing is added then."""
        cost = weight(block)
        if cost > self.room or self.blocks_left < 1:
            return False
        self.room -= cost
        self.blocks_left -= 1
        self.blocks.append(block)
        return True

    def has_table(self) -> bool:
        return any(block["type"] == "table" for block in self.blocks)


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
    sheet = _Sheet(room=ROOM - sum(map(weight, actions)) - 400, blocks_left=BLOCKS - len(actions) - 1)
    for piece in chunks((words(card),), PARAGRAPH):
        if not sheet.add(plain_section(plain(piece))):
            _note_the_cut(sheet)
            break
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
        for block in blocks(part, pictures, sheet.room, native_table=not sheet.has_table()):
            if not sheet.add(block):
                _note_the_cut(sheet)
                return


def _mentions(card: Card) -> Iterator[Block]:
    """People called by the card, in mrkdwn where possible: that surely rings at theirs."""
    line: Line = tuple(span for user in card.mentions[:50] for span in (user, " "))
    if line and tame(line):
        yield {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(line, PARAGRAPH).strip() or "…", "verbatim": True}}
    elif line:
        yield from (rich_text(rich(piece)) for piece in islice(chunks(line, PARAGRAPH), 1))


def _note_the_cut(sheet: _Sheet) -> None:
    sheet.room += 300
    sheet.blocks_left += 1
    sheet.add(context("… and more. Slack shows no longer messages; the web chat has it all."))


# --- buttons and footer ---------------------------------------------------------------------------------------------------


def _actions(card: Card) -> Iterator[Block]:
    made = [element for number, button in enumerate(card.actions) if (element := buttons.element(button, card, number))]
    kept, room = [], ROOM_FOR_ACTIONS
    for element in made:
        room -= weight(element) + 2
        if room < 0:
            break
        kept.append(element)
    for row in batches(kept, BUTTONS_A_ROW if len(kept) <= 4 * BUTTONS_A_ROW else 25):
        yield {"type": "actions", "elements": row}
    if left := len(made) - len(kept):
        yield context(f"{left} more button{'s' if left > 1 else ''}: use the web chat.")


def _bar(card: Card) -> list[Block]:
    """The footer and the link; in the tone's colour where there is one."""
    link: Line = (Link("Open in Signalbox", card.link),) if safe_url(card.link) else ()
    line = (*card.footer, " · ", *link) if card.footer and link else (*card.footer, *link)
    written = list(islice(small(line, 700), 1))
    if not written:
        return []
    bar: Block = {"blocks": written, "fallback": cut(one_line(plain(line)), 280)}
    return [bar | ({"color": COLOURS[card.tone]} if card.tone in COLOURS else {})]


# --- words ----------------------------------------------------------------------------------------------------------------


def words(card: Card) -> str:
    """Everything the card says, in plain words and whole lines."""
    lines = [_with_symbol(card, one_line(card.title)), *(said for part in card.body if (said := words_of(part))), plain(card.footer)]
    return "\n".join(line for line in lines if line.strip()) or "Signalbox"


# --- what goes beside the message -------------------------------------------------------------------------------------------


def pictures(card: Card) -> tuple[Picture, ...]:
    return tuple(dict.fromkeys(part for part in card.body if isinstance(part, Picture) and part.png))


def overflow(card: Card) -> tuple[Leaf, ...]:
    """The card's code, whole, when there is more of it than a message shows; what people go on writing at, and the files it hands out."""
    code = [part for part in card.body if isinstance(part, CodeBlock)]
    if sum(map(length, code)) <= CODE:
        code = [part for part in code if part.language in DOCUMENTS]
    files = tuple(Leaf(part.name, part.name, part.name, part.content) for part in card.body if isinstance(part, KeptFile) and part.content)
    return (*(_leaf(part, card) for part in code), *files)


def _leaf(part: CodeBlock, card: Card) -> Leaf:
    ending = {"yaml": "yml", "json": "json", "python": "py", "markdown": "md", "csv": "csv"}.get(part.language, "txt")
    stem = "".join(char if char.isalnum() else "-" for char in card.title.lower()).strip("-")[:40] or "signalbox"
    return Leaf(f"{stem}.{ending}", clean(part.text), cut(one_line(card.title), 100) or "Signalbox")
