"""The laws of the house, and the proof that each of them bites."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "engine", "intents", "connectors", "storage")
DECIDE = ("workflow", "monitoring", "graph", "prediction", "resilience", "rehearsal")
TOP_LEVEL = {"bot", "engine", "intents", "connectors", "storage", "tests", "benchmarks", "docs", "requirements", ".ci"}

# What a folder that decides may import besides the hall: pure things only. No clock, no disk, no wire, no loop.
PURE = {
    "__future__", "abc", "array", "ast", "base64", "bisect", "calendar", "cel", "collections", "contextlib", "copy", "cronsim", "csv", "dataclasses", "datetime", "dateutil",
    "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "html", "itertools", "json", "math", "networkx",
    "operator", "rapidfuzz", "re", "statistics", "string", "textwrap", "threading", "types", "typing", "unicodedata", "urllib", "yaml", "zoneinfo",
}  # fmt: skip
IMPURE_CALLS = re.compile(r"(?<!def )\b(?:open\(|print\(|input\(|\.read_text\(|\.write_text\(|datetime\.now|time\.time\(|asyncio\.|random\.)")


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def tree_of(source: str) -> ast.Module:
    """For reading only."""
    return ast.parse(source)


def outside_imports(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names - set(ROOMS)


def impure(source: str) -> set[str]:
    """What makes a source more than a decision."""
    awaits = {"await" for node in ast.walk(tree_of(source)) if isinstance(node, (ast.Await, ast.AsyncFunctionDef))}
    return (outside_imports(source) - PURE) | awaits | set(IMPURE_CALLS.findall(without_docstrings(source)))


def without_docstrings(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return ast.unparse(tree)


# --- deciding is pure --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", DECIDE)
def test_the_folders_that_decide_import_only_pure_things_and_never_wait(folder: str) -> None:
    found = {str(path.relative_to(ROOT)): impure(path.read_text()) for path in python_files(f"engine/{folder}")}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from sqlalchemy import select",
        "import asyncio",
        "import socket",
        "async def f(): ...",
        "import datetime\nx = datetime.datetime.now()",
        "x = open('file')",
        "import time\nx = time.time()",
    ],
)
def test_the_purity_law_bites(source: str) -> None:
    assert impure(source)


# --- who may import whom ------------------------------------------------------------------------------------------------

VIOLATIONS = {
    "Every room may import the hall; the hall imports no room; the rooms never import each other": ("storage/bad.py", "import intents"),
    "Inside the hall: loops over commands over ports over decisions over events over errors": ("engine/errors_bad.py", None),
    "Faces never import each other": ("bot/faces/slack/bad.py", "import bot.faces.discord"),
    "Connectors never import each other": ("connectors/github/bad.py", "import connectors.trello"),
    "main joins the rooms and is imported by none": ("engine/bad.py", "import main"),
    "sqlalchemy and alembic have one door: storage": ("engine/bad2.py", "import sqlalchemy"),
    "networkx has one door: engine.graph": ("engine/workflow/bad.py", "import networkx"),
    "openai has one door: intents.model.endpoint": ("intents/lexicon_bad.py", None),
    "apscheduler has one door: engine.runtime": ("engine/workflow/bad2.py", "import apscheduler"),
    "httpx2 has one door: connectors._kit": ("bot/bad.py", "import httpx2"),
    "slack_bolt and slack_sdk have one door: bot.faces.slack": ("bot/cards/bad.py", "import slack_sdk"),
    "opentelemetry has one door: connectors._kit.telemetry": ("engine/runtime/bad.py", "import opentelemetry"),
    "prometheus_client has one door: bot.faces.rest.exposition": ("engine/monitoring/bad.py", "import prometheus_client"),
    "discord has one door: bot.faces.discord": ("bot/cards/bad2.py", "import discord"),
}
# Contracts whose source is one module: the bad import is put into that module itself.
INTO = {
    "Inside the hall: loops over commands over ports over decisions over events over errors": ("engine/errors.py", "import engine.runtime"),
    "openai has one door: intents.model.endpoint": ("intents/recognise.py", "import openai"),
}


def lint_imports(folder: Path) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "400"},
    )  # fmt: skip
    return done.stdout


def test_every_import_contract_bites(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    shutil.copy(ROOT / "main.py", tmp_path / "main.py")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for name, (path, line) in VIOLATIONS.items():
        target, text = INTO.get(name, (path, line))
        file = tmp_path / target
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text((file.read_text() if file.exists() else "") + f"\n{text}\n")
    out = lint_imports(tmp_path)
    broken = set(re.findall(r"^(.*) BROKEN", out, re.MULTILINE))
    assert {name for name in VIOLATIONS if not any(line.startswith(name) for line in broken)} == set(), out


def test_the_contracts_name_every_connector_and_every_face() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    folders = [*(ROOT / "connectors").iterdir(), *(ROOT / "bot/faces").iterdir()]
    missing = {
        folder.name
        for folder in folders
        if folder.is_dir() and folder.name not in ("_kit", "__pycache__", "http") and f'.{folder.name}"' not in text
    }
    assert missing == set()


@pytest.mark.parametrize(
    "line",
    [
        "import importlib\nimportlib.import_module('x')",
        "import datetime\ndatetime.datetime.now()",
        "import time\ntime.time()",
        "import random\nrandom.random()",
    ],
)
def test_the_ban_on_hidden_imports_clocks_and_dice_bites(line: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "engine/x.py", "-"],
        input=f'"""A file."""\n\n{line}\n', cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "TID251" in done.stdout


# --- the shape of the tree ------------------------------------------------------------------------------------------------


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout, so it is not known which files belong to it")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]


def test_the_top_level_is_the_one_on_the_design_card() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked_files() if len(path.relative_to(ROOT).parts) > 1}
    assert folders <= TOP_LEVEL
    assert (ROOT / "main.py").exists()
    assert (ROOT / "manifest.yml").exists()


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}
    assert [path for path in python_files(*ROOMS) if path.stem in empty_words] == []


def opens_with_words(source: str) -> bool:
    """Whether the first thing in it is a docstring; the rest need not be read for that."""
    idle = (tokenize.ENCODING, tokenize.COMMENT, tokenize.NL)
    first = next(token for token in tokenize.generate_tokens(StringIO(source).readline) if token.type not in idle)
    said = ast.literal_eval(first.string) if first.type == tokenize.STRING and first.string[0] in "'\"rR" else None
    return isinstance(said, str) and bool(said.strip())


def test_every_file_opens_with_a_sentence_that_says_what_lives_there() -> None:
    assert opens_with_words('# a remark\n\n"""Words."""\n')
    assert not any(map(opens_with_words, ("x = 1\n", '""" """\n', 'b"bytes"\n')))
    silent = [str(path.relative_to(ROOT)) for path in python_files(*ROOMS) if (source := path.read_text()).strip() and not opens_with_words(source)]
    assert silent == []


FORBIDDEN = {
    "a registry's host": re.compile(r"py" r"pi\.org|pythonhos" r"ted|npm" r"js\.(?:org|com)|deb\." r"debian\.org"),
    "a place for later": re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"),
    "a path of one machine": re.compile(r"(?<![\w.-])/(?:wo" r"rk|fa" r"rm)/"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_tree_is_free_of(what: str) -> None:
    hits = []
    for path in tracked_files():
        if path.suffix in (".png", ".ttf"):
            continue
        text = path.read_text(errors="ignore")
        hits += [f"{path.relative_to(ROOT)}: {found.group()}" for found in FORBIDDEN[what].finditer(text)]
    assert hits == []


def test_the_tree_laws_bite() -> None:
    samples = {
        "a registry's host": ("see py" "pi.org", "files.pythonhos" "ted.org", "registry.npm" "js.org", "deb." "debian.org"),
        "a place for later": ("# TO" "DO later", "# FIX" "ME", "# XX" "X", "# HA" "CK"),
        "a path of one machine": ("in /wo" "rk/main", "/fa" "rm/x"),
    }
    assert [text for what, texts in samples.items() for text in texts if not FORBIDDEN[what].search(text)] == []
    assert samples.keys() == FORBIDDEN.keys()
