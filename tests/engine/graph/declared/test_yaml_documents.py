from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.graph.declared.nodes import MAX_VALUES, from_json
from engine.graph.declared.yaml_documents import MAX_BYTES, read_documents


def lost(text: str) -> str:
    found = read_documents(text)
    assert found.nodes == []
    return str(found.lost[0])


def test_several_documents_are_read_each_with_its_lines() -> None:
    found = read_documents("# a remark\n---\na: 1\n---\n\n---\nb:\n  - x\n  - y: z\n...\n")
    assert [node.json() for node in found.nodes] == [{"a": 1}, {"b": ["x", {"y": "z"}]}]
    assert found.nodes[1].get("b").items[1].get("y").line == 9


def test_a_broken_document_spoils_no_other() -> None:
    found = read_documents("a: 1\n---\nb: [1,\n---\nc: 3\n")
    assert [node.json() for node in found.nodes] == [{"a": 1}, {"c": 3}]
    assert found.lost[0].line in (3, 4)


def test_a_billion_laughs_are_counted_and_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, 30)]
    assert "With its aliases written out" in lost("\n".join(rows))


def test_an_alias_of_itself_is_refused() -> None:
    assert "contains itself" in lost("a: &a\n  b: *a\n")


def test_an_alias_of_nothing_is_refused() -> None:
    assert "line 1" in lost("a: *nowhere\n")


def test_aliases_and_merge_keys_are_written_out() -> None:
    text = "x: &env {A: 1, B: 2}\ny: &more {B: 3, C: 4}\nweb: {<<: *env, B: 9}\napi:\n  <<: [*more, *env]\n"
    node = read_documents(text).nodes[0]
    assert node.get("web").json() == {"A": 1, "B": 9}
    assert node.get("api").json() == {"B": 3, "C": 4, "A": 1}


@pytest.mark.parametrize("opened", ["[" * 5_000, "{a: " * 5_000, "- " * 5_000, "? " * 5_000])
def test_what_is_nested_without_end_is_refused(opened: str) -> None:
    found = read_documents(opened)
    assert not found.nodes
    assert found.lost


def test_depth_hidden_in_aliases_counts() -> None:
    rows = ["a0: &a0 [x]"] + [f"a{number}: &a{number} [*a{number - 1}]" for number in range(1, 60)]
    assert "nested more than" in lost("\n".join(rows))


def test_of_a_key_that_is_said_twice_the_later_counts() -> None:
    found = read_documents("a: 1\nb: 2\na: 3\n")
    assert found.nodes[0].json() == {"a": 3, "b": 2}
    assert str(found.doubts[0]) == "line 3: “a” is said twice; the later one counts."


def test_a_tag_makes_no_object() -> None:
    found = read_documents("a: !!python/object/apply:os.system [echo]\nb: !secret x\n")
    assert found.nodes[0].json() == {"a": ["echo"], "b": "x"}
    assert any("tag" in str(doubt) for doubt in found.doubts)


def test_what_is_too_large_is_refused_with_its_bound() -> None:
    with pytest.raises(Invalid, match="4 MiB"):
        read_documents("a" * (MAX_BYTES + 1))


@pytest.mark.slow
def test_values_are_counted_over_all_documents() -> None:
    with pytest.raises(Invalid, match=f"{MAX_VALUES:,}"):
        from_json([0] * MAX_VALUES)


@pytest.mark.parametrize(("text", "value"), [("no", "no"), ("010", "010"), ("12:30", "12:30"), ("1e3", 1000.0), ("~", None), ("TRUE", True), ("1.5", 1.5)])  # fmt: skip
def test_plain_words_keep_the_sense_of_yaml_1_2(text: str, value: object) -> None:
    assert read_documents(f"a: {text}").nodes[0].get("a").json() == value


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=" \n-:[]{}&*!<>|?'\"#%@`,a1~.", max_size=80))
def test_any_text_is_read_or_told(text: str) -> None:
    found = read_documents(text)
    for node in found.nodes:
        node.json()
    for problem in (*found.lost, *found.doubts):
        assert problem.line >= 1
        assert problem.message.endswith(".")
