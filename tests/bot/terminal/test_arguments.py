"""The command line explains itself: every command has its help, with an example that is one."""

from __future__ import annotations

import argparse
import shlex

import pytest

from bot.faces.terminal.arguments import parser
from bot.faces.terminal.reference import command_line_page, commands_page, services_page, settings_page
from engine.commands.registry import commands
from engine.settings import SETTINGS
from engine.workflow.catalogue_data import KNOWN

PARSER = parser(("engine", "start"))
(SUB,) = [action for action in PARSER._actions if isinstance(action, argparse._SubParsersAction)]


@pytest.mark.parametrize("name", sorted(SUB.choices))
def test_every_command_is_explained_with_an_example_that_can_be_typed(name: str) -> None:
    text = SUB.choices[name].format_help()
    # A long one goes on in the next line.
    example = " ".join(text.partition("Example: python main.py ")[2].partition("\n\n")[0].split())
    typed = shlex.split(example.partition(" < ")[0].partition(" > ")[0])
    assert PARSER.parse_args(typed).command == name


def test_the_commands_of_the_contract_are_there() -> None:
    assert {"serve", "chat", "ask", "parse", "impact", "doctor", "bench", "export", "import"} <= set(SUB.choices)


def test_the_reference_pages_name_everything_they_are_about() -> None:
    page = settings_page(SETTINGS, [("GITHUB_TOKEN", "A token.", True)])
    assert all(f"`{setting.name}`" in page for setting in SETTINGS)
    assert "| `GITHUB_TOKEN` | A token. Secret. |" in page
    spoken = [command for command in commands().values() if command.SLASH]
    assert all(f"`{command.SLASH}`" in commands_page(commands()) for command in spoken)
    assert all(f"## {name}\n" in command_line_page(PARSER) for name in SUB.choices)
    page = services_page(KNOWN, [("github", "GitHub", 8, "7 (webhooks)", "token", "–", "repeatable 3", "probe")], KNOWN)
    assert all(f"(`{service.id}`)" in page for service in KNOWN)
    assert "(100 %)" in page
    assert "| [GitHub](#github-github) | 8 | 7 (webhooks) |" in page
