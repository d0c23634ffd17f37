"""Lines of a card as Discord's markdown: only our spans mean something, everything else is shown as it is.

Escaping works twice over: every character that could begin mark-up gets a backslash, and what could begin a mention is
broken by a space of no width, so that not even a naive reader of the text finds one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from bot.cards.card import Bold, Channel, Code, Line, Link, Moment, Span, User

ELLIPSIS = "…"
_NOTHING = "\u200b"
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_ROLE = re.compile(r"&([0-9]{1,20})", re.ASCII)
# Controls, directions that reorder what is read, halves of characters, and marks of byte order.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")
_MENTION = re.compile(r"<(?=[@#:/]|a:|t:|id:|$)|@(?=everyone|here|$)")
_SPECIAL = re.compile(r"[\\`*_~|<\[\]]")
_LINE_START = re.compile(r"^([^\S\n]*)(#|>|-|\+)", re.MULTILINE)
_NUMBERED = re.compile(r"^([^\S\n]*[0-9]*)([.)])(?=\s|$)", re.MULTILINE)
_URL = re.compile(r":(?=//|$)")
_TIME_STYLES = {"short": "f", "time": "t", "relative": "R"}


def units(text: str) -> int:
    """Length as the strictest reader counts it: UTF-16 units, never less than the number of characters."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """Without what cannot be seen or sent; line ends become \\n."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def shortened(text: str, limit: int) -> str:
    """Plain text of at most ``limit`` units, with … where it was cut."""
    if units(text) <= limit:
        return text
    kept = text[: max(limit - 1, 0)]
    while units(kept) > limit - 1 and kept:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS if limit > 0 else ""


def escaped(text: str) -> str:
    """Literal text: no mark-up, link or mention comes of it."""
    quiet = _SPECIAL.sub(lambda found: "\\" + found[0], _unmentioned(clean(text)))
    quiet = _LINE_START.sub(r"\1\\\2", quiet)
    quiet = _NUMBERED.sub(r"\1\\\2", quiet)
    return _URL.sub(r"\\:", quiet)


def web_address(url: str, limit: int) -> str:
    """``url`` if it leads to a web page and fits, made safe to stand between brackets; else an empty text."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or _UNSEEN.search(url):
        return ""
    safe = quote(url.strip(), safe=":/?#@!$&'*+,;=%-._~[]", errors="replace")
    return safe if units(safe) <= limit else ""


def written(span: Span) -> str:
    """One span as markdown."""
    match span:
        case str():
            return escaped(span)
        case Bold(text):
            return f"**{inner}**" if (inner := escaped(one_line(text))) else ""
        case Code(text):
            return f"`{inner}`" if (inner := _unmentioned(one_line(text).replace("`", "\u02cb"))) else ""
        case Link(text, url):
            address, label = web_address(url, 1000), escaped(one_line(text)) or "link"
            return f"[{label}](<{address}>)" if address else escaped(one_line(text))
        case User(identity, name, ping):
            return (
                f"<@{identity}>" if ping and (_ID.fullmatch(identity) or _ROLE.fullmatch(identity)) else escaped(one_line(name or identity))
            )
        case Channel(identity, name):
            return f"<#{identity}>" if _ID.fullmatch(identity) else escaped(one_line(name or identity))
        case Moment(at, style):
            return f"<t:{_epoch(at)}:{_TIME_STYLES.get(style, 'f')}>"


def pinged(line: Line) -> list[int]:
    """Whom this line is to notify."""
    return [int(span.id) for span in line if isinstance(span, User) and span.ping and _ID.fullmatch(span.id)]


def roles_pinged(line: Line) -> list[int]:
    """Which roles this line is to notify."""
    found = [_ROLE.fullmatch(span.id) for span in line if isinstance(span, User) and span.ping]
    return [int(role[1]) for role in found if role]


def fitted(line: Line, room: int) -> tuple[str, bool]:
    """The line in at most ``room`` units, and whether it is whole. Nothing is ever cut in the middle of mark-up."""
    text = ""
    for span in line:
        piece = _apart(text, written(span))
        if units(text) + units(piece) <= room:
            text += piece
            continue
        return text + _apart(text, _cut(span, room - units(text) - 1)), False
    return text, True


def _unmentioned(text: str) -> str:
    return _MENTION.sub(lambda found: found[0] + _NOTHING, text)


def _cut(span: Span, room: int) -> str:
    """As much of a span as fits, ending in …; nothing when not even that fits."""
    raw = span if isinstance(span, str) else span.text if isinstance(span, (Bold, Code, Link)) else ""
    low, high = 0, min(len(raw), max(room, 0))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if units(written(_with_text(span, raw[:middle] + ELLIPSIS))) <= room else (low, middle - 1)
    if low:
        return written(_with_text(span, raw[:low] + ELLIPSIS))
    return ELLIPSIS if room >= 1 else ""


def _with_text(span: Span, text: str) -> Span:
    match span:
        case Bold():
            return Bold(text)
        case Code():
            return Code(text)
        case Link(_, url):
            return Link(text, url)
        case _:
            return text


def _apart(before: str, piece: str) -> str:
    """Two marked pieces side by side must not melt into one mark (``**a****b**``)."""
    return _NOTHING + piece if before and piece and before[-1] == piece[0] and piece[0] in "*`" else piece


def _epoch(at: datetime) -> int:
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
