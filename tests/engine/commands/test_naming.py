"""Which workflow a name means, and when nobody can be sure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands.naming import named, same
from engine.errors import NotFound
from engine.workflow.definition import Workflow
from tests.engine.runtime.world import definition, step, workflow


def flows(*names: str) -> list[Workflow]:
    return [workflow(replace(definition(step("a")), name=name), id=f"wf_{number:08x}") for number, name in enumerate(names, 1)]


HOUSE = flows("Release", "Deploy production", "Deploy staging", "Report", "Weekly on-call report", "wf_00000001")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Release", "Release"),
        ("  release ", "Release"),
        ("“Release”", "Release"),
        ("the release flow", "Release"),
        ("relase", "Release"),
        ("deploy_production", "Deploy production"),
        ("production", "Deploy production"),
        ("production deploy", "Deploy production"),
        ("Deploy prodution", "Deploy production"),
        ("report", "Report"),
        ("on-call report", "Weekly on-call report"),
        ("wf_00000001", "Release"),
        ("WF_00000003", "Deploy staging"),
    ],
)
def test_a_name_is_found_however_people_write_it(said: str, meant: str) -> None:
    assert named(said, HOUSE).name == meant


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("deploy", "fits “Deploy production” and “Deploy staging”. Say its whole name"),
        ("quarterly report to the board", "no workflow called “quarterly report to the board”"),
        ("deploy testing", "no workflow called “deploy testing”"),
        ("relesae notes", "no workflow called"),
        ("zzz", "/flow list shows them all"),
        ("", "Say which workflow, for example: /flow show Release"),
    ],
)
def test_what_is_not_sure_is_asked_back(said: str, words: str) -> None:
    with pytest.raises(NotFound) as caught:
        named(said, HOUSE)
    assert words in str(caught.value)


def test_in_an_empty_house_it_says_how_to_begin() -> None:
    with pytest.raises(NotFound, match="There is no workflow yet"):
        named("release", [])


@given(st.text(max_size=60))
def test_no_text_is_ever_more_than_a_workflow_or_a_sentence(said: str) -> None:
    found: Workflow | str
    try:
        found = named(said, HOUSE)
    except NotFound as error:
        found = str(error)
    assert found in HOUSE or 0 < len(str(found)) < 400


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.strip().strip("\"'“”‘’").strip() == text))
def test_every_name_finds_itself(name: str) -> None:
    found = named(name, flows("Alpha", name, "Beta"))
    assert same(found.name, name)
