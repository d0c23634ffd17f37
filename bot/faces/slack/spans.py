"""A line of spans in Slack's three kinds of text.

rich text  a list of elements; a literal stays literal because there is no mark-up in it at all
mrkdwn     only for lines that are tame, since Slack has no way to escape ``*``, ``_``, ``~`` and backticks
plain      words only, for screen readers, notifications and as the last resort
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, assert_never

from bot.cards.card import Bold, Channel, Code, Line, Link, Moment, Span, User
from bot.faces.slack.text import clean, cut, escape, escape_within, safe_url, size

Element = dict[str, Any]

_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_GROUP = re.compile(r"&(S[A-Z0-9]{1,20})")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,20}")
# What Slack could take for formatting, a quote or an emoji: an underscore inside a word is harmless, one at its edge is not.
_WILD = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:[a-z0-9_+'-]+:|(?m:^\s*>)")

_FORMATS = {"short": "{date_short_pretty} {time}", "time": "{time}", "relative": "{ago}"}
_LATEST = 4102444800  # 2100-01-01: what lies beyond is shown as text


def user_id(span: User) -> str:
    """Slack's id of the person, "" when they are no Slack user."""
    own = span.id.removeprefix("slack:")
    return own if _USER.fullmatch(own) else ""


def group_id(span: User) -> str:
    """Slack's id of the group of users, "" when it is none."""
    found = _GROUP.fullmatch(span.id)
    return found[1] if found else ""


def channel_id(span: Channel) -> str:
    return span.id if _CHANNEL.fullmatch(span.id) else ""


def plain(line: Line) -> str:
    return "".join(_plain(span) for span in line)


def _plain(span: Span) -> str:
    match span:
        case str():
            return clean(span)
        case Moment():
            return in_utc(span)
        case User():
            return clean(span.name or span.id)
        case Channel():
            return _channel_name(span)
        case Bold() | Code() | Link():
            return clean(span.text)
        case _ as never:
            assert_never(never)


def _channel_name(span: Channel) -> str:
    name = clean(span.name or span.id)
    return name if name.startswith("#") else f"#{name}"


def in_utc(moment: Moment) -> str:
    at = _aware(moment.at)
    return at.strftime("%H:%M UTC") if moment.style == "time" else f"{at.year:04d}-{at:%m-%d %H:%M} UTC"


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC) if 1 < at.year < 9999 else at


def _epoch(moment: Moment) -> int | None:
    seconds = int((_aware(moment.at) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return seconds if 0 < seconds < _LATEST else None


# --- rich text -----------------------------------------------------------------------------------------------------------


def rich(line: Line) -> list[Element]:
    """Elements of a rich text section; empty when the line says nothing. Plain words beside each other become one element."""
    joined: list[Element] = []
    for span in line:
        for element in _rich(span):
            if joined and element.keys() == joined[-1].keys() == {"type", "text"}:
                joined[-1] = {"type": "text", "text": joined[-1]["text"] + element["text"]}
            else:
                joined.append(element)
    return joined


def _rich(span: Span) -> Iterator[Element]:
    match span:
        case Bold() if span.text:
            yield {"type": "text", "text": clean(span.text), "style": {"bold": True}}
        case Code() if span.text:
            yield {"type": "text", "text": clean(span.text), "style": {"code": True}}
        case Link() if url := safe_url(span.url):
            yield {"type": "link", "url": url, "text": clean(span.text) or url}
        case User() if span.ping and user_id(span):
            yield {"type": "user", "user_id": user_id(span)}
        case User() if span.ping and group_id(span):
            yield {"type": "usergroup", "usergroup_id": group_id(span)}
        case Channel() if channel_id(span):
            yield {"type": "channel", "channel_id": channel_id(span)}
        case Moment() if (seconds := _epoch(span)) is not None:
            yield {"type": "date", "timestamp": seconds, "format": _format(span), "fallback": in_utc(span)}
        case _:
            if said := _plain(span):
                yield {"type": "text", "text": said}


def _format(moment: Moment) -> str:
    return _FORMATS.get(moment.style, _FORMATS["short"])


# --- mrkdwn --------------------------------------------------------------------------------------------------------------


def tame(line: Line) -> bool:
    """Whether nothing in the line could turn into formatting: no span by itself, nor two that meet (``:fi`` and ``re:``)."""
    return not _WILD.search(plain(line)) and not any(_WILD.search(_plain(span)) for span in line)


def mrkdwn(line: Line, limit: int) -> str:
    """For tame lines. Whole spans as long as they fit, then the last one cut; never longer than ``limit``."""
    written = ""
    for span in line:
        piece = _mrkdwn(span)
        if size(written) + size(piece) > limit:
            return written + escape_within(_plain(span), limit - size(written))
        written += piece
    return written


def _mrkdwn(span: Span) -> str:
    match span:
        case Bold() if _wraps(span.text):
            return f"*{escape(clean(span.text))}*"
        case Code() if _wraps(span.text):
            return f"`{escape(clean(span.text))}`"
        case Link() if url := safe_url(span.url):
            label = escape(" ".join(clean(span.text).split())) or escape(url)
            return f"<{escape(url)}|{label.replace('|', '¦')}>"
        case User() if span.ping and user_id(span):
            return f"<@{user_id(span)}>"
        case User() if span.ping and group_id(span):
            return f"<!subteam^{group_id(span)}>"
        case Channel() if channel_id(span):
            return f"<#{channel_id(span)}>"
        case Moment() if (seconds := _epoch(span)) is not None:
            return f"<!date^{seconds}^{_format(span)}|{in_utc(span)}>"
        case _:
            return escape(_plain(span))


def _wraps(text: str) -> bool:
    """Slack formats only what neither begins nor ends with a space, on one line."""
    return bool(text) and text == text.strip() and "\n" not in text


# --- lengths -------------------------------------------------------------------------------------------------------------


def chunks(line: Line, limit: int) -> Iterator[Line]:
    """The line in pieces of at most ``limit`` characters of text, cut at words where there are any."""
    piece: list[Span] = []
    room = limit
    for span in line:
        for part in _split(span, limit):
            needed = size(_plain(part))
            if needed > room and piece:
                yield tuple(piece)
                piece, room = [], limit
            piece.append(part)
            room -= needed
    if piece:
        yield tuple(piece)


def _split(span: Span, limit: int) -> Iterator[Span]:
    if not isinstance(span, str):
        yield _shortened(span, limit)
        return
    rest = span
    while size(rest) > limit:
        at = _break_before(rest, limit)
        yield rest[:at]
        rest = rest[at:]
    if rest:
        yield rest


def _break_before(text: str, limit: int) -> int:
    fits = text[:limit]
    while size(fits) > limit:
        fits = fits[: -max((size(fits) - limit) // 2, 1)]
    space = max(fits.rfind("\n"), fits.rfind(" "))
    return space + 1 if space > limit // 2 else len(fits)


def _shortened(span: Span, limit: int) -> Span:
    if size(_plain(span)) <= limit:
        return span
    match span:
        case Bold():
            return Bold(cut(span.text, limit))
        case Code():
            return Code(cut(span.text, limit))
        case Link():
            return Link(cut(span.text, limit), span.url)
        case _:
            return cut(_plain(span), limit)
