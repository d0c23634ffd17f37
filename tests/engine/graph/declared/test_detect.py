from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.graph.declared.detect import read_declared
from engine.graph.declared.door import MAX_BYTES
from engine.graph.declared.reading import MAX_LINES, MAX_PROBLEMS, Form
from tests.engine.graph.declared.catalogues import NOW, drawn, reading, told


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("services:\n  a: {image: x}\n", Form.COMPOSE),
        ('{"services": {"a": {"image": "x"}}}', Form.COMPOSE),
        ("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\n", Form.BACKSTAGE),
        ("components: {a: {}}\n", Form.OWN),
        ("{components: {a: {}}}", Form.OWN),
        ("from,to\na,b\n", Form.TABLE),
        ('[{"client": "a", "server": "b"}]', Form.TRACES),
        ('traces_service_graph_request_total{client="a",server="b"} 1\n', Form.TRACES),
    ],
)
def test_how_a_catalogue_is_written_is_found_out(text: str, form: Form) -> None:
    assert reading(text).form is form


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "[]",
        "{}",
        "null",
        "a: b\n",
        "services: {}\n",
        "services:\n  a: {replicas: 2}\n",
        '{"data": []}',
        "- a\n- b\n",
        "12",
        "from,to\n",
    ],
)
def test_what_is_no_catalogue_is_refused_and_told_what_is(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        reading(text)
    assert "catalog-info.yaml" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"  \n", "\ufeff"])
def test_nothing_is_refused(data: bytes | str) -> None:
    with pytest.raises(Invalid, match="empty"):
        reading(data)


def test_what_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match="line 2: This is not UTF-8"):
        reading("from,to\nß,b\n".encode("latin-1"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_with_a_mark_are_read(encoding: str) -> None:
    assert drawn(reading("from,to\r\nweb,db\r\n".encode(encoding)).lines) == {"web needs db"}


def test_control_characters_are_replaced_and_told() -> None:
    found = reading("from,to\nwe\x00b,d\x1bb\n")
    assert drawn(found.lines) == {"we-b needs d-b"}
    assert "line 2: 2 control characters were replaced" in told(found)


def test_what_is_too_large_is_refused_with_its_bound() -> None:
    with pytest.raises(Invalid, match="at most 16 MiB"):
        reading(b"x" * (MAX_BYTES + 1))


def test_a_million_lines_are_refused_with_the_number_that_is_read() -> None:
    text = "from,to\n" + "".join(f"a{number},b\n" for number in range(MAX_LINES // 1_000)) + "x,y\n"
    assert len(reading(text).lines) == MAX_LINES // 1_000 + 1


@pytest.mark.slow
def test_a_table_of_a_million_lines_is_refused_in_bounded_time() -> None:
    text = "from,to\n" + "".join(f"{number},b\n" for number in range(1_000_000))
    with pytest.raises(Invalid, match=f"more than {MAX_LINES:,} lines"):
        reading(text)


def test_json_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="nested"):
        reading("[" * 200_000 + "]" * 200_000)
    with pytest.raises(Invalid, match="nested"):
        reading('{"components":' + "[" * 60 + "]" * 60 + "}")


def test_of_a_json_key_that_is_said_twice_the_later_counts() -> None:
    found = reading('{"components": {"a": {"tier": 1, "tier": 2}}}')
    assert found.components[0].tier == 2
    assert "“tier” is said twice" in told(found)


def test_documents_of_another_form_are_told() -> None:
    found = reading("components: {a: {}}\n---\nservices: {b: {image: x}}\n---\n- 1\n")
    assert [one.id for one in found.components] == ["a"]
    assert told(found).count("not part of a map of dependencies") == 2


def test_problems_are_counted_beyond_what_can_be_listed() -> None:
    found = reading("from,to\na,b\n" + "a,\n" * 500)
    assert len(found.problems) == MAX_PROBLEMS
    assert found.sentence.endswith("300 more are not listed.")


def test_two_spellings_of_a_name_are_told() -> None:
    assert "“Pet Search” and “pet-search” are taken for the same." in told(reading("from,to\npet-search,b\nPet Search,c\n"))


FORMS = [
    'services:\n  a: {image: x, depends_on: [b], environment: ["B_URL=http://b:1"]}\n  b: {build: .}\n',
    "apiVersion: v1\nkind: Component\nmetadata: {name: a}\nspec: {dependsOn: [b], owner: c}\n---\napiVersion: v1\nkind: API\nmetadata: {name: d}\n",
    "signalbox: map/1\ncomponents:\n  a: {tier: 1, needs: [b, {any: [c, d]}]}\nlines: [{from: a, to: e, evidence: [{kind: observed}]}]\n",
    json.dumps({"status": "success", "data": {"result": [{"metric": {"client": "a", "server": "b"}, "values": [[1, "2"], [2, "3"]]}]}}),
    'traces_service_graph_request_total{client="a",server="b"} 1\ntraces_service_graph_request_total{client="b",server="c"} 2\n',
    "from,to,kind,per_hour\na,b,calls,3\nc,d,needs,\n",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMS), st.data())
def test_a_catalogue_with_something_broken_is_read_or_refused_in_sentences(text: str, data: st.DataObject) -> None:
    """Parts cut out, doubled and overwritten: nothing but Invalid ever comes out, and whatever is read is right in itself."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.sampled_from(["", text[start:end] * 2, "[", "{", ": ", "\n", "*a", "&a ", '"', "null", "9" * 50, "\x00", "---\n", "<<: ", "-", "\t"])) + text[end:]  # fmt: skip
    try:
        found = read_declared(text, origin="x", at=NOW)
    except Invalid:
        return
    assert len({one.id for one in found.components}) == len(found.components)
    assert len({one.key for one in found.lines}) == len(found.lines)
    assert all(line.source and line.target and line.source != line.target for line in found.lines)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_declared(data, at=NOW)
    except Invalid:
        return
