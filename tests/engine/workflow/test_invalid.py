"""Every definition of the table is refused with its one message, at its path and line; and by the JSON Schema where its shape is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from engine.errors import Invalid
from engine.workflow.parse import parse_yaml
from engine.workflow.schema import json_schema
from engine.workflow.yaml_text import read_yaml
from tests.engine.workflow.house import CATALOGUE

TABLE = Path(__file__).parent / "invalid"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@dataclass(frozen=True)
class Case:
    """``schema``: refuses (its shape is wrong), takes (what it means is), or unreadable (it is not even plain YAML)."""

    text: str
    says: str
    path: str
    line: int
    schema: str


def read_table() -> Iterator[tuple[str, Case]]:
    for file in sorted(TABLE.glob("*.yml")):
        for number, document in enumerate(file.read_text(encoding="utf-8").split("# says: ")[1:]):
            lines = document.removesuffix("\n---\n").removesuffix("---\n").split("\n")
            says, *told = lines[:4]
            path, line, schema = (text.split(": ", 1)[1] for text in told)
            text = "\n".join(lines[4:]).rstrip("\n") + "\n"
            yield f"{file.stem}-{number}", Case(text, says, path, int(line), schema)


CASES = dict(read_table())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_wrong_definition_is_refused_with_one_sentence_in_its_place(case: Case) -> None:
    with pytest.raises(Invalid) as caught:
        parse_yaml(case.text, CATALOGUE)
    found = [(problem.message, ".".join(map(str, problem.path)) or "-", problem.line) for problem in caught.value.problems]
    assert found == [(case.says, case.path, case.line)]
    assert len(case.says) < 300


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_schema_refuses_what_is_wrong_in_shape_and_takes_what_is_wrong_in_meaning(case: Case) -> None:
    if case.schema == "unreadable":
        with pytest.raises(Invalid):
            read_yaml(case.text)
    else:
        assert VALIDATOR.is_valid(read_yaml(case.text).value) is (case.schema == "takes")


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(CASES) > 150
    assert sum(case.schema == "refuses" for case in CASES.values()) > 60
