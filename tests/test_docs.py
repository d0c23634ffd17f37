"""The documentation is held against the code: what it says is true, and nothing is left out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import main
from bot.faces.terminal.arguments import parser
from connectors._kit.shelf import Shelf
from engine.commands.registry import commands
from engine.runtime.clock import SystemClock
from engine.settings import SETTINGS
from tests.journeys.serving import within

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "benchmarks/README.md"]


@pytest.mark.parametrize("page", sorted(main.reference_pages()))
def test_the_generated_pages_are_fresh(page: str) -> None:
    assert (ROOT / page).read_text() == main.reference_pages()[page], "run: make docs"


@cache
def known_settings() -> set[str]:
    return {setting.name for setting in SETTINGS} | {line.name for line in Shelf.open({}, clock=SystemClock()).settings()}


def test_every_setting_that_code_or_docs_name_exists_and_is_documented() -> None:
    named = re.compile(r"\b(?:SIGNALBOX|SLACK|DISCORD|OPENAI|GITHUB|TRELLO|EMAIL|HTTP)_[A-Z_]*[A-Z]\b")
    not_ours = {"HTTP_PROXY", "SIGNALBOX_SHARED"}
    sources = [*PAGES, ROOT / "main.py", *(path for room in ("bot", "engine", "connectors", "intents", "storage") for path in (ROOT / room).rglob("*.py"))]
    found = {(path.name, name) for path in sources for name in named.findall(path.read_text())}
    unknown = {(page, name) for page, name in found if name not in known_settings() | not_ours and not any(k.startswith(name) or name.startswith(k) for k in known_settings())}
    assert unknown == set()
    documented = (ROOT / "docs/reference/settings.md").read_text()
    assert {name for name in known_settings() if f"`{name}`" not in documented} == set()


def test_every_link_within_the_documentation_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_every_command_of_the_command_line_explains_itself_with_an_example() -> None:
    top = parser(main.BENCHMARKS)
    choices = next(action.choices for action in top._actions if action.choices and "serve" in action.choices)
    assert set(choices) == {"serve", "chat", "ask", "parse", "impact", "detect", "predict", "root-cause", "doctor", "export", "import", "secret", "greeting", "backup", "restore", "rotate-key", "bench"}
    for name, sub in choices.items():
        assert f"Example: python main.py {name}" in sub.format_help()


def test_help_is_printed_without_building_the_house(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(main, "build", None)
    shown = within(capsys, "--help")
    assert shown.code == 0
    assert "serve" in shown.out


def test_bad_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert within(capsys, "no-such-command").code == 2


def test_every_command_has_help_and_an_example_or_a_button() -> None:
    for command in commands().values():
        assert command.HELP.endswith("."), command
        assert command.EXAMPLE or command.BUTTON, command


def test_the_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
