"""The page about Discord says what the code does."""

from __future__ import annotations

from pathlib import Path

from bot.faces.discord import commands
from bot.faces.discord.wire import INTENTS, INVITED, NEEDED, missing_rights

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "discord.md").read_text()


def test_the_invitation_asks_for_exactly_the_permissions_that_are_explained():
    assert f"permissions={INVITED.value}" in PAGE
    none = type(NEEDED).none()
    explained = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ") and " permission |" not in line]
    assert set(missing_rights(none)) <= set(explained)
    assert sum(value for _, value in NEEDED) == len(missing_rights(none))


def test_no_privileged_intent_is_asked_for():
    assert "needs none" in PAGE
    assert not (INTENTS.members)
    assert not (INTENTS.presences)
    assert not (INTENTS.message_content)


def test_every_command_is_named():
    for command in commands.COMMANDS:
        assert f"`/{command.name}`" in PAGE, command.name
        assert all(f"`{child.name}`" in PAGE for child in command.subcommands)
