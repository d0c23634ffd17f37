"""A card as a Discord message of components: pure, and possible for every card.

Limits of the platform (its published API description, and its documentation for the totals): 40 components and 4,000
characters of text in a message, 5 buttons in a row, 10 attachments. What does not fit is left out and the message says so.

    container (accent colour)
    ├── title, with the tone in a sign and a word
    ├── body: text, separators, pictures, files
    ├── what was left out, footer, link
    └── rows of buttons
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import east_asian_width

from bot.cards.card import (
    DOCUMENTS,
    Button,
    Card,
    CodeBlock,
    Divider,
    Fields,
    KeptFile,
    Line,
    Mark,
    Part,
    Picture,
    Steps,
    Style,
    Table,
    Text,
    Tone,
)
from bot.faces.discord import markdown, marks
from bot.faces.discord.markdown import escaped, fitted, one_line, pinged, roles_pinged, shortened, units, web_address

COMPONENTS_V2 = 1 << 15
ALL_TEXT = 4000
ALL_COMPONENTS = 40
_ROW = 5
_MOST_BUTTONS = 20
_MOST_FILES = 10
_MOST_BYTES = 8_000_000
_TITLE, _CALLED, _FOOTER, _NOTICE, _LINK = 256, 520, 400, 262, 500
_LEAST = 24  # a part is begun only when this many characters are left
_CODE_INLINE = 1800
_SCREEN = 62  # characters of a monospaced line that a card shows without breaking it
_MOST_COLUMNS = 8

_ACTION_ROW, _BUTTON, _TEXT, _GALLERY, _FILE, _SEPARATOR, _CONTAINER = 1, 2, 10, 12, 13, 14, 17
_STYLES = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}
_LINK_STYLE = 5

_TONES = {
    Tone.NEUTRAL: (0x5865F2, "", ""),
    Tone.GOOD: (0x2EB886, "🟢", "good"),
    Tone.WARNING: (0xDAA038, "🟡", "needs attention"),
    Tone.BAD: (0xA30200, "🔴", "problem"),
    Tone.PROGRESS: (0x3B82F6, "🔵", "in progress"),
    Tone.MUTED: (0x80848E, "⚪", "settled"),
}
_MARKS = {
    Mark.OPEN: "▫️ to do",
    Mark.DOING: "⏳ running",
    Mark.DONE: "✅ done",
    Mark.FAILED: "❌ failed",
    Mark.SKIPPED: "⏭️ skipped",
    Mark.WAITING: "⏸️ waiting",
    Mark.ASK: "✋ needs you",
}
_INDENT = "\u2003"  # a wide blank: Discord takes ordinary ones away at the beginning of a line
_EXTENSIONS = {"yaml": "yml", "yml": "yml", "markdown": "md", "json": "json", "python": "py", "diff": "diff", "csv": "csv"}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with the message. ``name`` is unique in it; ``alt`` says the same in words."""

    name: str
    data: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What is sent: components in Discord's words, files, and the ids of people and roles to notify (nobody else is)."""

    components: tuple[dict[str, Any], ...]
    files: tuple[Attached, ...] = ()
    pings: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()

    def body(self) -> dict[str, Any]:
        """The JSON of a post, as judged by Discord's own description."""
        return {
            "components": list(self.components),
            "flags": COMPONENTS_V2,
            "allowed_mentions": {"parse": [], "users": [str(user) for user in self.pings], "roles": [str(role) for role in self.roles]},
            "attachments": [{"id": at, "filename": file.name, "description": file.alt or None} for at, file in enumerate(self.files)],
        }


def message(card: Card, key: str = "") -> Written:
    """The card. With a ``key`` two components carry numbers by which the message is found again (``marks.component_ids``)."""
    page = _Page(lost=_Lost())
    head = _head(card)
    foot = _foot(card)
    rows = list(_rows(card, page.lost))
    page.text_left = ALL_TEXT - units(head) - units(foot) - _NOTICE
    page.components_left = ALL_COMPONENTS - 3 - sum(1 + len(row["components"]) for row in rows)
    for part in card.body:
        page.add(part)
    page.close()
    tail = "\n".join(filter(None, (page.lost.notice(), foot)))
    inside = [_text(head), *page.components, *([_text(tail)] if tail else []), *rows]
    if key:
        outer_id, head_id = marks.component_ids(key)
        inside[0]["id"] = head_id
    container = {"type": _CONTAINER, "accent_color": _tone(card)[0], "components": inside}
    return Written((container | {"id": outer_id} if key else container,), tuple(page.files), _pings(card), _roles(card))


def plain(card: Card, key: str = "") -> Written:
    """The least form of a card, for when Discord refuses the full one: its title, and where to see the rest."""
    told = Text(("This card could not be shown in full here.",), small=True)
    return message(Card(title=card.title, body=(told,), tone=card.tone, link=card.link), key)


def questions(card: Card) -> Iterator[tuple[str, Button]]:
    """Custom id and button of every button that asks “sure?” first."""
    for button in card.actions:
        mark = _mark(card, button)
        if mark.kind is marks.Kind.SURE and (custom_id := mark.encode()):
            yield custom_id, button


@dataclass(slots=True)
class _Lost:
    """What did not fit, counted for one honest sentence."""

    parts: int = 0
    rows: int = 0
    files: int = 0
    cut: bool = False
    buttons: list[str] = field(default_factory=list)

    def notice(self) -> str:
        said = [_count(self.parts, "part"), _count(self.rows, "row"), _count(self.files, "file")]
        if self.buttons:
            said.append(_count(len(self.buttons), "button") + f" ({escaped(shortened(', '.join(self.buttons), 60))})")
        listed = ", ".join(filter(None, said))
        if not listed and not self.cut:
            return ""
        return "-# Shortened to fit" + (f"; left out: {listed}." if listed else ".")


@dataclass(slots=True)
class _Page:
    """The body while it is being written: components so far, and the room that is left."""

    lost: _Lost
    components: list[dict[str, Any]] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    text_left: int = 0
    components_left: int = 0

    def add(self, part: Part) -> None:
        match part:
            case Divider():
                self._divide()
            case Picture():
                self._show(part)
            case CodeBlock():
                self._code(part)
            case KeptFile():
                self._hand_out(part)
            case Text() | Fields() | Table() | Steps():
                self._say(part)

    def close_text(self) -> None:
        if self.lines:
            self.components.append(_text("\n".join(self.lines)))
            self.lines = []

    def close(self) -> None:
        """End the body; a line that separates it from nothing goes."""
        self.close_text()
        while self.components and self.components[-1]["type"] == _SEPARATOR:
            self.components.pop()

    def _say(self, part: Text | Fields | Table | Steps) -> None:
        if not self._has_room():
            self.lost.parts += 1
            return
        text = _TEXTS[type(part)](part, self.text_left - 1, self.lost)
        self._put(text)

    def _put(self, text: str) -> None:
        if not text.strip():
            return
        if not self.lines:
            self.components_left -= 1
        self.lines.append(text)
        self.text_left -= units(text) + 1

    def _has_room(self) -> bool:
        return self.text_left >= _LEAST and (bool(self.lines) or self.components_left > 0)

    def _divide(self) -> None:
        if self.components_left > 1 and (self.lines or self.components):
            self.close_text()
            self._take({"type": _SEPARATOR, "divider": True, "spacing": 1})

    def _show(self, picture: Picture) -> None:
        if not picture.png or not self._attach(picture.name, picture.png, one_line(picture.alt) or "picture"):
            self._say(Text((f"[{one_line(picture.alt) or 'picture'}]",)))
            return
        item = {"media": {"url": f"attachment://{self.files[-1].name}"}, "description": self.files[-1].alt}
        last = self.components[-1] if self.components and not self.lines else {}
        if last.get("type") == _GALLERY and len(last["items"]) < _MOST_FILES:
            last["items"].append(item)
            return
        self.close_text()
        self._take({"type": _GALLERY, "items": [item]})

    def _code(self, block: CodeBlock) -> None:
        text = markdown.clean(block.text).strip("\n")
        language = re.sub(r"[^a-z0-9]", "", block.language.lower())[:20]
        fenced = _fenced(text, language)
        if not text.strip():
            return
        document = language in DOCUMENTS  # what people go on writing at is handed out, and Discord shows a file's first lines
        if not document and units(fenced) <= min(self.text_left - 1, _CODE_INLINE) and self._has_room():
            self._put(fenced)
        elif self._attach(f"text.{_EXTENSIONS.get(language, 'txt')}", block.text.encode(errors="replace"), ""):
            self.close_text()
            self._take({"type": _FILE, "file": {"url": f"attachment://{self.files[-1].name}"}})

    def _hand_out(self, file: KeptFile) -> None:
        if file.content and self._attach(file.name, file.content, ""):
            self.close_text()
            self._take({"type": _FILE, "file": {"url": f"attachment://{self.files[-1].name}"}})

    def _attach(self, name: str, data: bytes, alt: str) -> bool:
        room = self.components_left > 0 and len(self.files) < _MOST_FILES
        if not room or sum(len(file.data) for file in self.files) + len(data) > _MOST_BYTES:
            self.lost.files += 1
            return False
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", name).strip("._")[-60:] or "file"
        self.files.append(Attached(f"{len(self.files)}-{stem}", data, shortened(alt, 1024)))
        return True

    def _take(self, component: dict[str, Any]) -> None:
        self.components.append(component)
        self.components_left -= 1


def _head(card: Card) -> str:
    _, sign, word = _tone(card)
    title = escaped(shortened(one_line(card.title) or one_line(card.summary) or "Signalbox", _TITLE))
    lines = [" ".join(filter(None, ("###", sign, title)))]
    if word:
        lines.append(f"-# {word}")
    if card.mentions:
        lines.append(fitted(tuple(span for user in card.mentions[:20] for span in (user, " ")), _CALLED)[0].rstrip())
    return "\n".join(lines)


def _foot(card: Card) -> str:
    footer, _ = fitted(
        tuple(re.sub(r"\s*\n\s*", " ", markdown.clean(span)) if isinstance(span, str) else span for span in card.footer), _FOOTER
    )
    address = web_address(card.link, _LINK)
    opened = f"[Open in Signalbox](<{address}>)" if address else ""
    said = " · ".join(filter(None, (footer.strip(), opened)))
    return f"-# {said}" if said else ""


def _text(content: str) -> dict[str, Any]:
    return {"type": _TEXT, "content": content}


def _tone(card: Card) -> tuple[int, str, str]:
    return _TONES.get(card.tone, _TONES[Tone.NEUTRAL])


def _pings(card: Card) -> tuple[int, ...]:
    lines: list[Line] = [tuple(user for user in card.mentions[:20]), card.footer]
    lines += [line for part in card.body for line in _lines_of(part)]
    return tuple(dict.fromkeys(user for line in lines for user in pinged(line)))[:100]


def _roles(card: Card) -> tuple[int, ...]:
    """Only those that the card calls; a role in its text would call too many."""
    return tuple(dict.fromkeys(roles_pinged(tuple(card.mentions[:20]))))


def _lines_of(part: Part) -> Sequence[Line]:
    match part:
        case Text(spans):
            return (spans,)
        case Fields(items):
            return tuple(line for _, line in items)
        case Steps(items):
            return tuple(line for _, line in items)
        case _:
            return ()


# --- text parts: each gives markdown of at most ``room`` units and counts what it left out ---------------------------------


def _paragraph(part: Text, room: int, lost: _Lost) -> str:
    text, whole = fitted(part.spans, room - (part.small and 3 * (1 + _newlines(part))))
    lost.cut |= not whole
    return "\n".join(f"-# {line}" for line in text.split("\n") if line.strip()) if part.small else text


def _newlines(part: Text) -> int:
    return sum(
        span.count("\n") + span.count("\r") + span.count("\u2028") + span.count("\u2029") for span in part.spans if isinstance(span, str)
    )


def _pairs(part: Fields, room: int, lost: _Lost) -> str:
    return _stacked([(f"**{escaped(shortened(one_line(label), 80)) or '·'}** ", line) for label, line in part.items], room, lost)


def _progress(part: Steps, room: int, lost: _Lost) -> str:
    leads = (
        f"{_INDENT * part.depth(at)}{_MARKS.get(mark, '▫️')} · " if part.begun else f"{_INDENT * part.depth(at)}▫️ "
        for at, (mark, _) in enumerate(part.items)
    )
    return _stacked(list(zip(leads, (line for _, line in part.items), strict=True)), room, lost)


def _stacked(items: list[tuple[str, Line]], room: int, lost: _Lost) -> str:
    lines: list[str] = []
    for at, (lead, line) in enumerate(items):
        if room < units(lead) + _LEAST:
            lost.rows += len(items) - at
            break
        text, whole = fitted(line, room - units(lead))
        lost.cut |= not whole
        lines.append((lead + text).rstrip())
        room -= units(lines[-1]) + 1
    return "\n".join(lines)


def _grid(part: Table, room: int, lost: _Lost) -> str:
    """Columns under each other where they fit on a screen; else a line a row, which wraps and keeps every word."""
    rows = [[one_line(cell) for cell in row[: len(part.columns) or _MOST_COLUMNS]] for row in part.rows]
    head = [one_line(column) for column in part.columns]
    every = [head, *rows] if head else rows
    widths = [max(_width(row[at]) for row in every if at < len(row)) for at in range(max(map(len, every), default=0))]
    if sum(widths) + 2 * len(widths) - 2 > _SCREEN:
        return _stacked([_row_in_words(head, row) for row in rows], room, lost)
    lines: list[str] = []
    left = room - units(_fenced("", ""))
    for at, row in enumerate(every):
        line = _defused("  ".join(cell + " " * (widths[column] - _width(cell)) for column, cell in enumerate(row)).rstrip())
        if left < units(line) + 1:
            lost.rows += len(every) - at
            break
        lines.append(line)
        left -= units(line) + 1
    return _fenced("\n".join(lines), "") if any(lines) else ""


def _row_in_words(head: list[str], row: list[str]) -> tuple[str, Line]:
    first, *rest = row or [""]
    labels = [f"{label}: " if label else "" for label in (head[1:] + [""] * len(rest))[: len(rest)]]
    told = " · ".join(label + cell for label, cell in zip(labels, rest, strict=True) if cell)
    return f"**{escaped(shortened(first, 80)) or '·'}** ", (told,)


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{_defused(text)}\n```"


def _defused(text: str) -> str:
    return text.replace("```", "`\u200b`\u200b`")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


_TEXTS: dict[type[Any], Any] = {Text: _paragraph, Fields: _pairs, Steps: _progress, Table: _grid}


# --- buttons ---------------------------------------------------------------------------------------------------------------


def _rows(card: Card, lost: _Lost) -> Iterator[dict[str, Any]]:
    buttons = list(_buttons(card, lost))
    for at in range(0, len(buttons), _ROW):
        yield {"type": _ACTION_ROW, "components": buttons[at : at + _ROW]}


def _buttons(card: Card, lost: _Lost) -> Iterator[dict[str, Any]]:
    taken: set[str] = set()
    for button in card.actions:
        label = shortened(one_line(button.label) or one_line(button.verb) or "Open", 80)
        target = web_address(button.url, 512) if button.url else _mark(card, button).encode()
        if not target or target in taken or len(taken) >= _MOST_BUTTONS:
            lost.buttons.append(label)
            continue
        taken.add(target)
        if button.url:
            yield {"type": _BUTTON, "style": _LINK_STYLE, "label": label, "url": target}
        else:
            yield {"type": _BUTTON, "style": _STYLES.get(button.style, 2), "label": label, "custom_id": target}


def _mark(card: Card, button: Button) -> marks.Mark:
    kind = marks.Kind.FORM if button.form else marks.Kind.SURE if button.confirm else marks.Kind.ACT
    return marks.Mark(kind, card.id, card.version, button.verb, button.arg)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}" if number else ""


def sure(question: str, mark: marks.Mark, label: str) -> Written:
    """The question “sure?” in front of a button: the yes carries the button's own meaning, the no carries none."""
    yes = marks.Mark(marks.Kind.YES, mark.card, mark.version, mark.verb, mark.arg).encode()
    no = marks.Mark(marks.Kind.NO, "", 0, "no").encode()
    asked = _text(escaped(shortened(one_line(question), 1000)) or f"Sure? “{escaped(label)}”")
    pressed = shortened(f"Yes: {one_line(label)}", 80)
    buttons = [
        {"type": _BUTTON, "style": 4, "label": pressed, "custom_id": yes},
        {"type": _BUTTON, "style": 2, "label": "No", "custom_id": no},
    ]
    return Written(
        (
            {
                "type": _CONTAINER,
                "accent_color": _TONES[Tone.WARNING][0],
                "components": [asked, {"type": _ACTION_ROW, "components": buttons}],
            },
        )
    )
