"""Any card at all, for property tests: hostile text, odd sizes, every kind of part."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.cards.card import (
    Bold,
    Button,
    Card,
    Channel,
    Code,
    CodeBlock,
    Divider,
    Fields,
    Form,
    FormField,
    Link,
    Mark,
    Moment,
    Picture,
    Steps,
    Style,
    Table,
    Text,
    Tone,
    User,
)

HOSTILE = (
    "<img src=x onerror=window.pwned=1>",
    "</script><script>window.pwned=1</script>",
    "<!channel> <@U1> @everyone",
    "*bold* _it_ `code` [x](javascript:alert(1))",
    "\u202egnp.exe\u2066",
    "a" * 400,
    "line one\nline two\r\n\tthree",
    "{{constructor.constructor('window.pwned=1')()}}",
    "__proto__",
    "\x00\x07\ud800",
    "",
)
URLS = ("https://example.org/a?b=1&c=<d>", "javascript:window.pwned=1", "data:text/html,<script>window.pwned=1</script>", "mailto:a@b.c", "//x", "")

words = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
users = st.builds(User, words, words, st.booleans())
spans = st.one_of(
    words,
    st.builds(Bold, words),
    st.builds(Code, words),
    st.builds(Link, words, st.sampled_from(URLS)),
    users,
    st.builds(Channel, words, words),
    st.builds(Moment, moments, st.sampled_from(("short", "time", "relative", "odd"))),
)
lines = st.lists(spans, max_size=4).map(tuple)


def png(width: int = 2, height: int = 2) -> bytes:
    """A real, tiny picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80\x40\x20" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 5))
    row = st.lists(words, min_size=width, max_size=width).map(tuple)
    return Table(draw(row), draw(st.lists(row, max_size=4).map(tuple)))


parts = st.one_of(
    st.builds(Text, lines, st.booleans()),
    st.builds(Fields, st.lists(st.tuples(words, lines), max_size=4).map(tuple)),
    tables(),
    st.builds(Steps, st.lists(st.tuples(st.sampled_from(Mark), lines), max_size=4).map(tuple), st.lists(st.integers(-1, 9), max_size=4).map(tuple)),
    st.builds(Picture, st.just(png()), words, words),
    st.builds(CodeBlock, words | st.just("line\n" * 60), words),
    st.just(Divider()),
)
form_fields = st.builds(
    FormField,
    st.sampled_from(("yaml", "note", "x")),
    words,
    st.sampled_from(("line", "text", "choice", "number", "integer", "odd")),
    words,
    st.booleans(),
    words,
    st.lists(st.tuples(words, words), max_size=3).map(tuple),
)
forms = st.builds(Form, words, st.lists(form_fields, max_size=3).map(tuple), words)
buttons = st.builds(
    Button,
    st.sampled_from(("confirm", "edit", "cancel", "open")),
    words,
    st.from_regex(r"[A-Za-z0-9_.-]{0,40}", fullmatch=True),
    st.sampled_from(Style),
    words,
    st.none() | forms,
    st.sampled_from(URLS),
)
cards = st.builds(
    Card,
    words,
    st.lists(parts, max_size=4).map(tuple),
    st.sampled_from(("", "prv_1", "alr_2", "run_3")),
    st.integers(0, 9),
    st.sampled_from(Tone),
    st.lists(buttons, max_size=3).map(tuple),
    lines,
    words,
    st.sampled_from(URLS),
    st.lists(users, max_size=2).map(tuple),
)
