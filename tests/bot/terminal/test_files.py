"""Definitions in files: every document with the lines of its file, every workflow with a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faces.terminal.files import documents, file_name, named_files, write_files
from engine.errors import Rejected


def test_documents_keep_the_lines_of_their_file(tmp_path: Path) -> None:
    file = tmp_path / "flows.yml"
    file.write_text("\ufeff--- # one\r\nname: a\r\n---   \r\n# only words\r\n---\r\nname: b\r\ntext: |\r\n  ---\r\n", encoding="utf-8")
    first, second = documents([str(file)])
    assert (first[0], second[0]) == (f"{file}, document 1", f"{file}, document 2")
    assert first[1].splitlines()[1] == "name: a"
    assert second[1].splitlines()[5:8] == ["name: b", "text: |", "  ---"]


def test_a_folder_is_read_by_name_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.txt"):
        (tmp_path / name).write_text(f"name: {name}")
    assert [Path(place).name for place, _ in documents([str(tmp_path)])] == ["a.yml", "b.yaml"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(Rejected, match="holds no"):
        list(documents([str(tmp_path / "empty")]))


@given(st.lists(st.text(max_size=200), max_size=5))
def test_every_name_has_a_file_of_its_own_on_any_disk(names: list[str]) -> None:
    files = named_files([(name, str(number)) for number, name in enumerate(names)])
    assert sorted(files.values()) == sorted(str(number) for number in range(len(names)))
    assert all(len(file.encode()) <= 140 and not set(file) & set('/\\\0:*?"<>|') for file in files)


def test_names_are_told_apart_and_long_ones_cut() -> None:
    assert list(named_files([("A b", ""), ("a-b", ""), ("a_b", "")])) == ["a-b.yml", "a-b-2.yml", "a-b-3.yml"]
    assert len(file_name("𝔘" * 200).encode()) <= 120
    assert file_name("<!>") == "workflow"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Rejected, match="is a file"):
        write_files(tmp_path / "file", {"a.yml": ""})
    with pytest.raises(Rejected, match="cannot be written to"):
        write_files(tmp_path / "file" / "below", {"a.yml": ""})
