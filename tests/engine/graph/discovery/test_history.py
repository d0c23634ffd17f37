from __future__ import annotations

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.line import Line
from engine.graph.discovery.history import diff
from engine.graph.discovery.map import EMPTY, Map
from engine.graph.discovery.merging import merge
from tests.engine.graph.discovery.test_merging import NOW, component, line, piece, told


def sentences(before: Map, after: Map) -> list[str]:
    return [one.text for one in diff(before, after, at=NOW, by="slack:U1")]


def of(*lines: Line, **more: object) -> Map:
    return merge([told(*lines, **more)], at=NOW)  # type: ignore[arg-type]


def test_nothing_changed_between_a_map_and_itself() -> None:
    map = of(line("a", "b", piece("declared")), components=(component("a", owner="x"),))
    assert diff(map, map, at=NOW) == ()


def test_what_came_is_said_with_its_evidence() -> None:
    after = of(line("a", "b", piece("declared", origin="compose.yaml")), components=(component("a", name="Shop", owner="x", tier=1),))
    changes = diff(EMPTY, after, at=NOW, by="slack:U1")
    assert [one.text for one in changes] == [
        "“Shop” was added (owned by x, tier 1).",
        "“b” was added.",
        "“Shop” now needs “b” (declared, compose.yaml).",
    ]
    assert [one.subject for one in changes] == ["a", "b", "a>b"]
    assert changes[2].body["noun"] == "line"
    assert changes[2].body["what"] == "added"
    assert changes[2].body["after"]["to"] == "b"
    assert {one.by for one in changes} == {"slack:U1"}


def test_what_went_is_said_with_its_reason() -> None:
    before = of(line("a", "b", piece("observed", per_hour=5), kind="calls"))
    after = of(line("a", "b", piece("observed", ago=40, per_hour=5), kind="calls"))
    assert sentences(before, after) == ["“a” does not call “b” any more. No calls since 14 October 2026, 40 days ago."]
    assert sentences(before, EMPTY)[-1] == "“a” does not call “b” any more."


def test_a_field_is_said_before_and_after() -> None:
    before, after = (of(components=(component("a", owner=owner, tier=tier),)) for owner, tier in (("shop", 1), ("payments", None)))
    changes = diff(before, after, at=NOW)
    assert [one.text for one in changes] == ["The owner of “a” is now “payments”, was “shop”.", "The tier of “a” is now not known, was 1."]
    assert changes[0].body == {"noun": "component", "what": "changed", "field": "owner", "before": "shop", "after": "payments"}


def test_how_hard_and_how_many_and_how_well_known_are_history_but_volumes_are_not() -> None:
    before = of(line("a", "b", piece("declared")), *(line("a", target, piece("declared"), group="g") for target in "xy"))
    after = of(
        line("a", "b", piece("declared"), piece("observed", per_hour=9), soft=True),
        *(line("a", target, piece("declared", per_hour=3), group="g", at_least=2) for target in "xy"),
    )
    assert sentences(before, after) == [
        "“a” → “b”: does without it if it must now.",
        "“a” → “b”: now also seen.",
        "“a” → “x”: 2 of “g” must hold now, 1 before.",
        "“a” → “y”: 2 of “g” must hold now, 1 before.",
    ]


def test_alternatives_have_a_history_too() -> None:
    one, other = (Alternative(instead_of="jira.a", use="asana.b", inputs={"x": value}) for value in ("1", "2"))
    assert sentences(EMPTY, of(alternatives=(one,))) == ["asana.b may now stand in for jira.a."]
    assert sentences(of(alternatives=(one,)), of(alternatives=(other,))) == ["asana.b in place of jira.a is filled differently now."]
    changes = diff(of(alternatives=(one,)), EMPTY, at=NOW)
    assert (changes[0].subject, changes[0].text) == ("jira>asana", "asana.b no longer stands in for jira.a.")
