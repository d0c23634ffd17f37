from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.graph.declared import own
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind, Criticality
from engine.graph.declared.detect import read_declared
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import clean, id_of
from engine.graph.declared.reading import Form
from tests.engine.graph.declared.catalogues import NOW, drawn, reading, told

MAP = """
signalbox: map/1
components:
  Checkout:
    kind: component
    owner: shop
    tier: 1
    criticality: high
    part_of: system:shop
    needs:
      - payments
      - {to: cache, soft: true}
      - any: [search-a, search-b]
      - {at_least: 2, of: [broker-1, broker-2, broker-3], group: brokers}
    calls: [fraud]
    listens: orders
  payments: {service: stripe}
  cache:
lines:
  - {from: checkout, to: ledger, kind: calls, evidence: [{kind: observed, origin: mesh, per_hour: 1200, seen: 2026-11-20T08:00:00Z}]}
alternatives:
  - instead_of: jira.create_issue
    use: asana.create_task
    inputs: {title: "{{input.title}}", text: "From Jira: {{input.text}}"}
"""


def test_a_map_by_hand_is_read() -> None:
    found = reading(MAP)
    assert found.form is Form.OWN
    assert found.lost == ()
    assert drawn(found.lines) == {
        "checkout needs stripe",
        "checkout needs? cache",
        "checkout needs search-a (1: 1 of search-a, search-b)",
        "checkout needs search-b (1: 1 of search-a, search-b)",
        "checkout needs broker-1 (2: brokers)",
        "checkout needs broker-2 (2: brokers)",
        "checkout needs broker-3 (2: brokers)",
        "checkout calls fraud",
        "checkout listens orders",
        "checkout calls ledger",
    }
    assert found.components[0].name == "Checkout"
    assert next(one for one in found.components if one.id == "stripe").aliases == ("payments",)
    assert "asana.create_task takes no “notes”." in told(reading(MAP.replace("text:", "notes:")))
    assert found.alternatives[0].arguments({"title": "A", "text": "B"}) == {"title": "A", "text": "From Jira: B"}
    assert next(line for line in found.lines if line.target == "ledger").per_hour == 1200


def test_json_says_the_same_as_yaml() -> None:
    found = reading(MAP)
    raw = own.to_raw(found.components, found.lines, found.alternatives)
    again = reading(json.dumps(raw))
    assert (again.components, again.lines, again.alternatives) == (found.components, found.lines, found.alternatives)


def test_a_wrong_field_takes_no_other_along() -> None:
    text = """
signalbox: map/1
components:
  a: {tier: 7, owner: shop, ownr: x, url: "ftp://x", needs: [b, {any: []}, {to: c, softt: true}, {at_least: 5, of: [d, e]}]}
  "!!!": {}
lines: [{from: a, to: a}, {from: a, to: f, kind: want}, {to: g}]
alternatives: [{instead_of: jira, use: x}, {instead_of: jira.a, use: jira.a}, {instead_of: jira.a, use: asana.b, inputs: {x: "{{now.}}"}}]
extra: 1
"""
    found = reading(text)
    assert (found.components[0].owner, found.components[0].tier) == ("shop", None)
    assert drawn(found.lines) == {"a needs b", "a needs d (2: 2 of d, e)", "a needs e (2: 2 of d, e)"}
    said = told(found)
    for part in (
        "“tier” is a whole number from 1 to 4, not 7",
        "no field “ownr”. Did you mean “owner”?",
        "“url” is a web address",
        "no field “softt”",
        "wants 5 of 2",
        "“!!!” is no name",
    ):
        assert part in said
    for part in (
        "“a” cannot need itself",
        "The kind of a line is",
        "“from” is a name",
        "“instead_of” names an action",
        "cannot stand in for itself",
        "no part “extra”",
    ):
        assert part in said


def test_needed_and_an_alternative_at_once_is_named_and_the_later_word_counts() -> None:
    found = reading("lines: [{from: a, to: b}, {from: a, to: b, kind: alternative}]\ncomponents: {a: {}, b: {}}\n")
    assert drawn(found.lines) == {"a alternative b"}
    assert "both needs “b” and has it as an alternative" in told(found)


def test_another_version_is_refused() -> None:
    with pytest.raises(Invalid, match="map/1"):
        reading("signalbox: map/2\ncomponents: {}\n")


texts = st.text(max_size=30).map(clean)
ids = st.one_of(st.sampled_from(["a", "b", "c-1", "x/y", "api:z"]), st.text(min_size=1, max_size=12).map(id_of)).filter(bool)
moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
evidence = st.lists(
    st.builds(Evidence, kind=st.sampled_from(EvidenceKind), origin=texts, since=moments, seen=moments, per_hour=st.none() | st.floats(0, 1e9), confidence=st.floats(0, 1)),
    max_size=2,
).map(tuple)  # fmt: skip
components = st.builds(
    Component, id=ids, name=texts, kind=st.sampled_from(ComponentKind), owner=texts, tier=st.none() | st.integers(1, 4), criticality=st.sampled_from(Criticality),
    lifecycle=texts, url=st.sampled_from(["", "https://x.example/a?b=c&d"]), about=texts, aliases=st.lists(ids, max_size=2, unique=True).map(tuple),
    service=st.sampled_from(["", "jira"]), part_of=st.one_of(st.just(""), ids), evidence=evidence,
)  # fmt: skip
grouped = st.tuples(st.sampled_from(["", "search", "1 of a: b"]), st.integers(1, 3)).map(
    lambda one: {"group": one[0], "at_least": one[1] if one[0] else 1}
)
lines = st.builds(
    lambda source, target, kind, group, soft, evidence: Line(source=source, target=target, kind=kind, soft=soft, evidence=evidence, **group),
    ids, ids, st.sampled_from([kind for kind in LineKind if kind is not LineKind.ALTERNATIVE]), grouped, st.booleans(), evidence,
)  # fmt: skip
plain = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(lambda text: "{{" not in text)  # fmt: skip
inputs = st.dictionaries(st.sampled_from(["title", "text", "a1"]), st.recursive(plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["x", "<<", "1", "yes"]), inner, max_size=2), max_leaves=4))  # fmt: skip
alternatives = st.builds(
    Alternative,
    instead_of=st.sampled_from(["jira.a", "jira.b"]),
    use=st.sampled_from(["asana.c", "trello.d"]),
    inputs=inputs,
    evidence=evidence,
)


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(components, max_size=3, unique_by=lambda one: one.id),
    st.lists(lines.filter(lambda line: line.source != line.target), max_size=3, unique_by=lambda line: line.key),
    st.lists(alternatives, max_size=2, unique_by=lambda one: one.key),
)
def test_what_is_exported_and_imported_again_is_the_same(
    components: list[Component], lines: list[Line], alternatives: list[Alternative]
) -> None:
    if not (components or lines or alternatives):
        return
    for text in (own.to_yaml(components, lines, alternatives), json.dumps(own.to_raw(components, lines, alternatives))):
        found = read_declared(text, origin="elsewhere", at=NOW)
        assert found.lost == ()
        assert found.components == tuple(components)
        assert found.lines == tuple(lines)
        assert found.alternatives == tuple(alternatives)


@settings(max_examples=35, deadline=None)
@given(components, lines, alternatives)
def test_values_are_the_same_after_json(component: Component, line: Line, alternative: Alternative) -> None:
    assert Component.from_json(json.loads(json.dumps(component.to_json()))) == component
    assert Alternative.from_json(json.loads(json.dumps(alternative.to_json()))) == alternative
    if line.source != line.target:
        assert Line.from_json(json.loads(json.dumps(line.to_json()))) == line
