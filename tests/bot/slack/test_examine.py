"""The doctor's findings about Slack: what is missing, in words, and what to do."""

from __future__ import annotations

import pytest

from bot.faces.slack.scopes import BOT_SCOPES
from tests.bot.slack.conftest import Facing
from tests.bot.slack.house import SmallHouse
from tests.peers.slack.fake import FakeSlack


async def _findings(facing: Facing, house: SmallHouse, **settings: str) -> list[tuple[str, str]]:
    return [(finding.level, finding.message) for finding in await facing(house, **settings).examine()]


async def test_a_good_set_up_is_all_ok_without_starting_anything(facing: Facing, house: SmallHouse, slack: FakeSlack) -> None:
    findings = await _findings(facing, house)
    assert [level for level, _ in findings] == ["ok", "ok", "ok"]
    assert "@signalbox in the workspace Fake Team" in findings[0][1]
    assert findings[2][1] == "The bot is a member of #ops, #releases."
    assert slack.socket.opened == 0


async def test_a_running_face_can_be_examined(facing: Facing, house: SmallHouse) -> None:
    face = facing(house)
    await face.start()
    assert {finding.level for finding in await face.examine()} == {"ok"}
    assert face.state().ready


@pytest.mark.parametrize("scope", sorted(BOT_SCOPES))
async def test_each_missing_permission_is_named_with_what_it_is_for(facing: Facing, house: SmallHouse, slack: FakeSlack, scope: str) -> None:
    slack.api.scopes -= {scope}
    findings = [finding for finding in await facing(house).examine() if scope in finding.message]
    assert BOT_SCOPES[scope] in findings[0].message
    assert "manifest.yml" in findings[0].advice


async def test_a_bot_in_no_channel_is_told_to_be_invited(facing: Facing, house: SmallHouse, slack: FakeSlack) -> None:
    for channel in slack.workspace.channels.values():
        channel.members.discard("U0BOT")
    assert ("warning", "The bot is a member of no channel, so alerts have no place.") in await _findings(facing, house)


@pytest.mark.parametrize(
    ("settings", "level", "says"),
    [
        ({"bot_token": "", "app_token": ""}, "info", "not set up"),
        ({"bot_token": ""}, "problem", "SLACK_BOT_TOKEN is empty"),
        ({"app_token": ""}, "problem", "SLACK_SIGNING_SECRET"),
        ({"bot_token": "xoxp-1"}, "problem", "user token"),
        ({"bot_token": "xoxb-wrong"}, "problem", "does not accept SLACK_BOT_TOKEN"),
        ({"app_token": "xapp-wrong"}, "problem", "connections:write"),
        ({"api_url": "http://127.0.0.1:9/api/"}, "problem", "SLACK_API_URL is http://127.0.0.1:9/api/"),
    ],
)
async def test_what_is_wrong_is_said_in_words(facing: Facing, house: SmallHouse, settings: dict[str, str], level: str, says: str) -> None:
    findings = await _findings(facing, house, **settings)
    assert any(found == level and says in message for found, message in findings)


async def test_socket_mode_switched_off_is_said(facing: Facing, house: SmallHouse, slack: FakeSlack) -> None:
    slack.link_disabled = True
    assert any(level == "problem" and "Socket Mode is switched off" in message for level, message in await _findings(facing, house))
