"""Cards as nobody would write them on purpose: long, hostile, full of mark-up, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

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

NASTY = (
    "<!channel> <@U1> <#C1|x> &amp; & < > *bold* _it_ ~no~ `code` ```fence``` :fire: > quote",
    "&" * 3000,
    "<" * 9000,
    '"\\' * 4000,
    "🔥" * 2500,
    "\x00\x01\x1b[31m\x7f\x85\u2028\u202e\ud800\udfff\ufffe",
    "a" * 9000,
    "word " * 2000,
    "\n" * 500,
    "  ",
    "",
    "|",
    "*",
    "_x_",
    "<https://evil.example|click me>",
    "https://evil.example/a?b=1&c=2",
)

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.text(alphabet="&<>*_~`:|@#!\n ab\\\"", max_size=200))
moments = st.one_of(
    st.sampled_from([datetime.min, datetime.max, datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))]),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-12))])),
)
ids = st.one_of(texts, st.sampled_from(["U1", "U0ABC", "slack:U2", "C1", "G1", "D1", "123456789012345678"]))
urls = st.one_of(texts, st.sampled_from(["https://x.example/" + "a" * 4000, "mailto:a@b.c", "javascript:alert(1)", "http://[", "https://", "http://x.example/|>"]))
spans = st.one_of(
    texts,
    st.builds(Bold, texts),
    st.builds(Code, texts),
    st.builds(Link, texts, urls),
    st.builds(User, ids, texts, st.booleans()),
    st.builds(Channel, ids, texts),
    st.builds(Moment, moments, st.sampled_from(["short", "time", "relative", "nonsense"])),
)
lines = st.lists(spans, max_size=6).map(tuple)
marks = st.sampled_from(Mark)
parts = st.one_of(
    st.builds(Text, lines, st.booleans()),
    st.builds(Fields, st.lists(st.tuples(texts, lines), max_size=25).map(tuple)),
    st.builds(
        Table,
        st.lists(texts, max_size=25).map(tuple),
        st.lists(st.lists(texts, max_size=25).map(tuple), max_size=130).map(tuple),
    ),
    st.builds(Steps, st.lists(st.tuples(marks, lines), max_size=40).map(tuple)),
    st.builds(Picture, st.just(b"png"), texts),
    st.builds(CodeBlock, texts, st.sampled_from(["yaml", "", "x" * 50])),
    st.just(Divider()),
)
fields = st.builds(
    FormField,
    texts,
    texts,
    st.sampled_from(["line", "text", "choice"]),
    st.one_of(texts, st.text(min_size=3000, max_size=3100)),
    st.booleans(),
    texts,
    st.lists(st.tuples(texts, texts), max_size=5).map(tuple),
)
forms = st.builds(Form, texts, st.lists(fields, max_size=8).map(tuple), texts)
buttons = st.builds(Button, texts, texts, texts, st.sampled_from(Style), texts, st.one_of(st.none(), forms), st.one_of(st.just(""), urls))
cards = st.builds(
    Card,
    title=texts,
    body=st.lists(parts, max_size=12).map(tuple),
    id=texts,
    version=st.integers(0, 10**9),
    tone=st.sampled_from(Tone),
    actions=st.one_of(st.lists(buttons, max_size=6), st.integers(0, 70).map(lambda n: [Button("ack", f"Acknowledge {i}", f"a{i}") for i in range(n)])).map(tuple),
    footer=lines,
    summary=texts,
    link=urls,
    mentions=st.lists(st.builds(User, ids, texts, st.booleans()), max_size=4).map(tuple),
)
