"""manifest.yml, the face and the documentation say the same."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.faces.slack.roots import ROOTS
from bot.faces.slack.scopes import APP_TOKEN_SCOPE, BOT_EVENTS, BOT_SCOPES, VITAL_SCOPES
from tests.peers.slack.fake import MANIFEST
from tests.peers.slack.web_api import SCOPES

SAID = yaml.safe_load(MANIFEST.read_text())
HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "slack.md"

# Slash commands of the contract; each must be offered in Slack.
CONTRACT = {"/signalbox", "/flow", "/health", "/slo", "/analytics", "/predict", "/alerts", "/ack", "/resolve", "/impact", "/deps", "/oncall", "/escalation", "/connect", "/service", "/doctor"}


def test_the_manifest_offers_exactly_the_roots() -> None:
    offered = SAID["features"]["slash_commands"]
    assert [(c["command"], c["description"], c.get("usage_hint", "")) for c in offered] == [(r.command, r.description, r.hint) for r in ROOTS]
    assert {root.command for root in ROOTS} == CONTRACT
    assert all(command["should_escape"] for command in offered)


def test_every_command_of_the_house_has_its_root_in_slack() -> None:
    from engine.commands.registry import commands

    roots = {command.SLASH.split()[0] for command in commands().values() if command.SLASH}
    assert roots <= {root.command for root in ROOTS}


def test_the_manifest_asks_for_exactly_the_permissions_and_events_that_are_explained() -> None:
    assert SAID["oauth_config"]["scopes"]["bot"] == list(BOT_SCOPES)
    assert SAID["settings"]["event_subscriptions"]["bot_events"] == list(BOT_EVENTS)
    assert set(BOT_SCOPES) >= VITAL_SCOPES


def test_socket_mode_and_presses_are_on_and_tokens_stay() -> None:
    settings = SAID["settings"]
    assert settings["socket_mode_enabled"]
    assert settings["interactivity"]["is_enabled"]
    assert not settings["token_rotation_enabled"]
    assert SAID["features"]["app_home"]["messages_tab_enabled"]


def test_no_permission_is_asked_for_that_no_method_or_event_needs() -> None:
    by_method = {scope for scopes in SCOPES.values() for scope in scopes}
    by_event = {"app_mentions:read", "channels:history", "groups:history", "im:history", "commands", "reactions:read"}
    by_deed = {"channels:manage", "groups:write", "reactions:write", "users:read.email"}  # of the service “slack”, which lives by the same token
    assert set(BOT_SCOPES) == by_method | by_event | by_deed


def test_the_how_to_explains_each_permission_and_event() -> None:
    text = HOW_TO.read_text()
    for word in (*BOT_SCOPES, *BOT_EVENTS, APP_TOKEN_SCOPE):
        assert f"`{word}`" in text, f"docs/how-to/slack.md does not say why {word} is asked for"


def test_what_slack_shows_while_typing_fits() -> None:
    for root in ROOTS:
        assert len(root.command) <= 32
        assert len(root.description) <= 2000
        assert len(root.hint) <= 1000
