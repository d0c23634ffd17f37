"""What Slack sends is read into the house's words, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.faces.slack.read import Clicked, Heard, Ignored, Me, Submitted, read, said_in

ME = Me("U0BOT", "B0BOT")

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
names = st.sampled_from(
    ["type", "event", "event_id", "user", "user_id", "channel", "channel_id", "command", "text", "trigger_id", "actions", "action_id", "value", "view", "callback_id", "private_metadata", "state", "values", "message", "container", "ts", "thread_ts", "subtype", "id", "blocks"]
)
kinds = st.sampled_from(["event_callback", "block_actions", "view_submission", "message", "app_mention", "v1|form", "v1|ack|0", '{"c":"a","v":1}', "U1", "C1"])
payloads = st.dictionaries(
    names, st.recursive(kinds | json_like, lambda inner: st.dictionaries(names, inner, max_size=6) | st.lists(inner, max_size=2), max_leaves=20), max_size=8
)


@given(payloads)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_payload_is_read_without_fail(body: dict[str, object]) -> None:
    assert isinstance(read(body, ME), Heard | Clicked | Submitted | Ignored)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("<@U0BOT> list flows", "list flows"),
        ("hey <@U0BOT|signalbox>, list flows", "hey , list flows"),
        ("<@U2> is on call", "<@U2> is on call"),
        ("tell <#C1|ops>", "tell <#C1|ops>"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
        ("see <http://trello.com|trello.com>", "see trello.com"),
        ("see <https://x.example|our page>", "see https://x.example"),
        ("mail <mailto:ana@x.example|ana@x.example>", "mail ana@x.example"),
        ("<!here> at <!date^1^{time}|noon>", "@here at noon"),
        ("/flow import\n  name: x\n    - indented", "/flow import\n  name: x\n    - indented"),
        ("a\u00a0b\x00", "a b\ufffd"),
    ],
)
def test_text_is_read_as_it_was_typed(sent: str, said: str) -> None:
    assert said_in(sent, ME) == said


def test_a_mention_in_a_direct_message_is_read_from_the_message_only() -> None:
    event = {"type": "app_mention", "user": "U1", "text": "<@U0BOT> hi", "ts": "1.1", "channel": "D1"}
    assert isinstance(read({"type": "event_callback", "event_id": "Ev1", "event": event}, ME), Ignored)
    heard = read({"type": "event_callback", "event_id": "Ev2", "event": event | {"type": "message", "channel_type": "im"}}, ME)
    assert isinstance(heard, Heard)
    assert heard.utterance.direct
    assert heard.utterance.text == "hi"


def test_the_thread_is_kept_but_a_message_is_not_its_own_thread() -> None:
    def where(**more: str) -> str:
        event = {"type": "app_mention", "user": "U1", "text": "hi", "ts": "1.1", "channel": "C1"} | more
        heard = read({"type": "event_callback", "event_id": "Ev1", "event": event}, ME)
        assert isinstance(heard, Heard)
        return str(heard.utterance.where)

    assert where() == "slack:C1"
    assert where(thread_ts="1.0") == "slack:C1/1.0"
    assert where(thread_ts="1.1") == "slack:C1"
