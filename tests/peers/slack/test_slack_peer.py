"""The fake Slack is as strict as the real one: what it lets pass may be believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.peers.slack.delivery import NotAcknowledged
from tests.peers.slack.fake import FakeSlack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake
        fake.complaints.clear()


async def call(slack: FakeSlack, method: str, token: str = "", **arguments: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token or slack.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(slack.api_url + method, json=arguments) as response:
        said: dict[str, Any] = await response.json()
        return said


BUTTON = {"type": "button", "action_id": "a", "accessibility_label": "Go", "value": "v", "text": {"type": "plain_text", "text": "Go on"}}


async def test_an_unknown_method_is_a_complaint_that_ends_the_test() -> None:
    with pytest.raises(AssertionError, match=r"chat\.meMessage"):
        async with FakeSlack() as slack:
            assert (await call(slack, "chat.meMessage"))["error"] == "unknown_method"


async def test_a_button_that_is_not_on_the_message_cannot_be_pressed(slack: FakeSlack) -> None:
    answer = await call(slack, "chat.postMessage", channel="C1", text="x", blocks=[{"type": "actions", "elements": [BUTTON]}])
    [message] = slack.messages("#ops")
    await call(slack, "chat.update", channel="C1", ts=answer["ts"], text="y", blocks=[])
    with pytest.raises(AssertionError, match="no button 'Go'"):
        await slack.click(message, "Go")


async def test_a_command_the_manifest_does_not_list_is_refused(slack: FakeSlack) -> None:
    with pytest.raises(AssertionError, match="/nope is not a valid command"):
        await slack.slash("/nope")


async def test_nobody_acknowledging_is_loud(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.peers.slack.delivery.ACK_WITHIN", 0.05)
    with pytest.raises(NotAcknowledged):
        await slack.slash("/health")


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C1", "text": ""}, "no_text"),
        ("chat.postMessage", {"channel": "C3", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "G1", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C4", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ("chat.update", {"channel": "C1", "ts": "0", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": "C1", "user": "U9", "text": "x"}, "user_not_in_channel"),
        ("views.open", {"trigger_id": "x", "view": {}}, "invalid_trigger_id"),
        ("users.info", {"user": "U9"}, "user_not_found"),
    ],
)
async def test_it_refuses_what_slack_refuses_in_slacks_words(slack: FakeSlack, method: str, arguments: dict[str, Any], error: str) -> None:
    assert await call(slack, method, **arguments) | {"ok": False, "error": error} == await call(slack, method, **arguments)


async def test_tokens_and_permissions_are_checked(slack: FakeSlack) -> None:
    assert (await call(slack, "auth.test", token="xoxb-other"))["error"] == "invalid_auth"
    assert (await call(slack, "apps.connections.open"))["error"] == "not_allowed_token_type"
    slack.api.scopes -= {"users:read"}
    assert await call(slack, "users.info", user="U1") == {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": ",".join(sorted(slack.api.scopes))}


async def test_an_edit_replaces_blocks_but_keeps_attachments_that_are_not_named(slack: FakeSlack) -> None:
    attachment = {"color": "#fff", "blocks": [{"type": "divider"}], "fallback": "x"}
    answer = await call(slack, "chat.postMessage", channel="C1", text="x", blocks=[{"type": "divider"}], attachments=[attachment])
    await call(slack, "chat.update", channel="C1", ts=answer["ts"], text="y")
    [message] = slack.messages("#ops")
    assert message.blocks == []
    assert len(message.attachments) == 1
