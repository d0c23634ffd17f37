"""Text as Slack takes it: cleaned of what no reader should meet, escaped, measured and cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

# Control characters, halves of surrogate pairs, and marks that turn the reading direction around (a name could disguise itself).
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
_IN_URL = re.compile(r"[\s\x00-\x20\x7f<>|\"]")

ELLIPSIS = "…"


def clean(text: str) -> str:
    """Plain Unicode with newlines as line ends; what cannot be shown becomes U+FFFD."""
    return _UNSPEAKABLE.sub("\ufffd", _LINE_ENDS.sub("\n", text))


def size(text: str) -> int:
    """Length as the strictest reader counts: in UTF-16 units, so that an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits with “…” at the end; empty when there is room for nothing."""
    return text if size(text) <= limit else _longest(text, limit, lambda part: part)


def escape(text: str) -> str:
    """The three characters that carry meaning in Slack's text; everything else is harmless to a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_within(text: str, limit: int) -> str:
    """Escaped and no longer than ``limit``; escaping grows text, so it is the escaped length that counts. No entity is torn."""
    escaped = escape(text)
    return escaped if size(escaped) <= limit else _longest(text, limit, escape)


def _longest(text: str, limit: int, written: Callable[[str], str]) -> str:
    if limit < 1:
        return ""
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(written(text[:middle])) < limit else (low, middle - 1)
    return written(text[:low].rstrip()) + ELLIPSIS


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def safe_url(url: str, limit: int = 3000) -> str:
    """The URL if Slack takes it as a link (https, http, mailto; no spaces; not too long), else ""."""
    if not url or size(url) > limit or _IN_URL.search(url) or clean(url) != url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() in ("http", "https"):
        return url if host else ""
    return url if parts.scheme.lower() == "mailto" and "@" in parts.path else ""
