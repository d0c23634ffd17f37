"""Every example of the language reference is read by the house as it ships, and run in the sandbox to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.faces.terminal.files import documents, named_files, write_files
from engine.errors import Invalid
from engine.rehearsal.story import End, What
from engine.rehearsal.wish import Wish
from engine.runtime.safe import PREFIX, VALUE
from engine.workflow.definition import Definition, TriggerType, Workflow, WorkflowState
from engine.workflow.parse import parse_definition, parse_yaml, to_raw, to_yaml, unsupported
from engine.workflow.schema import json_schema
from engine.workflow.schema_page import SCHEMA_LINE, example_names
from engine.workflow.schema_parts import CONSTRUCTS, PARTS
from engine.workflow.schema_triggers import TRIGGERS
from engine.workflow.yaml_text import read_yaml
from storage.memory import MemoryStore
from tests.engine.clock import NOON
from tests.engine.runtime.rehearsal.house import rehearser
from tests.engine.workflow.house import CATALOGUE

FOLDER = Path(__file__).parents[3] / "docs" / "examples"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))}
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@cache
def read(name: str) -> Definition:
    return parse_yaml(TEXTS[name], CATALOGUE)


def stored(name: str, number: int = 1) -> Workflow:
    return Workflow(
        id=f"wf_{number:08x}", version=1, revision=1, definition=read(name), state=WorkflowState.ACTIVE,
        created_at=NOON, created_by="slack:U1", updated_at=NOON, where="slack:C1",
    )  # fmt: skip


def test_the_schema_is_one() -> None:
    VALIDATOR.check_schema(json_schema())


def test_the_page_shows_every_example_once() -> None:
    assert sorted(example_names()) == sorted(TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_an_example_is_right_under_the_schema_and_for_the_parser_and_survives_writing(name: str) -> None:
    definition = read(name)
    VALIDATOR.validate(read_yaml(TEXTS[name]).value)
    VALIDATOR.validate(to_raw(definition))
    assert parse_yaml(to_yaml(definition), CATALOGUE) == definition
    assert parse_definition(to_raw(definition)) == definition
    assert unsupported(definition) is None
    first = TEXTS[name].split("\n", 1)[0]
    assert first.startswith(SCHEMA_LINE)
    assert (FOLDER / first.removeprefix(SCHEMA_LINE)).exists()


@pytest.mark.parametrize("name", TEXTS)
async def test_an_example_runs_in_the_sandbox_to_its_end(name: str) -> None:
    store = MemoryStore()
    await store.vault.put(PREFIX + "status_page", {VALUE: "not a real one"})
    others = tuple(stored(other, number) for number, other in enumerate(TEXTS, 2) if other != name)
    done = await rehearser(store=store).rehearse(Wish(workflow=stored(name), others=others, by="slack:U1"))
    trial = done.trials[0]
    assert (trial.end, trial.why) == (End.SUCCEEDED, "")
    assert any(line.what is What.ANSWERED for line in trial.lines)
    assert {view.id.partition("[")[0] for view in trial.steps} >= {step.id for step in stored(name).definition.steps}


# --- nothing of the language is without an example ---------------------------------------------------------------------------

# What people do not write (the house does), and accounts, of which each service has one so far.
UNSHOWN = {("workflow", "places"), ("workflow", "home"), ("step", "account"), ("substitute", "account")}


def said(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every (part, field) that a definition says."""
    trigger, options = raw["trigger"], raw.get("options") or {}
    yield from _fields("workflow", raw)
    yield from _fields(trigger["type"], trigger)
    for entry in trigger.get("inputs", ()):
        yield from _fields("input", entry)
    yield from _fields("debounce", trigger.get("debounce"))
    for steps in (raw["steps"], options.get("on_failure", ()), options.get("finally", ())):
        yield from _of_steps(steps)
    yield from _fields("options", options)
    for name in ("retry", "concurrency"):
        yield from _fields(name, options.get(name))
    for limit in options.get("rate_limits", {}).values():
        yield from _fields("rate_limit", limit)


def _fields(part: str, raw: Any) -> Iterator[tuple[str, str]]:
    yield from ((part, name) for name in raw) if isinstance(raw, Mapping) else ()


def _of_steps(steps: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for step in steps:
        yield from _fields("step", step)
        for name in (*CONSTRUCTS, "retry", "cache"):
            yield from _fields(name, step.get(name)) if name in PARTS else ()
        for name in ("fallback", "compensate"):
            yield from _fields("substitute", step.get(name))
        yield from _of_steps(step.get("foreach", {}).get("steps", []))
        for branch in step.get("parallel", {}).values():
            yield from _of_steps(branch)
        for case in step.get("switch", {}).get("cases", []):
            yield from _fields("case", case)
            yield from _of_steps(case["steps"])
        yield from _of_steps(step.get("switch", {}).get("else", []))


def test_every_field_of_the_language_stands_in_an_example() -> None:
    shown = {entry for text in TEXTS.values() for entry in said(read_yaml(text).value)}  # type: ignore[arg-type]
    every = {(part.name, field) for part in PARTS.values() for field in part.fields}
    assert every - shown == UNSHOWN
    assert {parse_yaml(text).trigger.type for text in TEXTS.values()} == set(TriggerType) == set(TRIGGERS)


HOW_TO = (FOLDER.parent / "how-to" / "workflows.md").read_text(encoding="utf-8")


def test_the_definition_of_the_guide_is_right_and_its_misspelling_is_refused_in_the_words_shown() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", HOW_TO, re.S)
    assert unsupported(parse_yaml(text, CATALOGUE)) is None
    with pytest.raises(Invalid) as caught:
        parse_yaml(text.replace("event.base", "event.bsae"), CATALOGUE)
    assert str(caught.value) in HOW_TO


def test_a_folder_of_exported_definitions_is_imported_as_what_it_was(tmp_path: Path) -> None:
    definitions = [parse_yaml(text, CATALOGUE) for text in TEXTS.values()]
    write_files(tmp_path / "flows", named_files([(definition.name, to_yaml(definition)) for definition in definitions]))
    (tmp_path / "all.yml").write_text("---\n".join(map(to_yaml, definitions)), encoding="utf-8")
    for place in (tmp_path / "flows", tmp_path / "all.yml"):
        found = {definition.name: definition for _, text in documents([str(place)]) if (definition := parse_yaml(text, CATALOGUE))}
        assert found == {definition.name: definition for definition in definitions}
