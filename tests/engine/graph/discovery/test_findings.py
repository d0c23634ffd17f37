from __future__ import annotations

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.line import Line
from engine.graph.discovery.findings import Oddity, findings
from engine.graph.discovery.merging import merge
from engine.graph.discovery.requirements import nodes, requirements
from engine.graph.structure.answers import Answers
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Requirement
from tests.engine.graph.discovery.test_merging import DAY, NOW, component, line, piece, told


def watched(source: str, target: str) -> Line:
    """Calls for two months, until now."""
    old, new = piece("observed", ago=60, per_hour=3), piece("observed", per_hour=3)
    return line(source, target, old, new, kind="calls")


def odd(*lines: Line, **more: object) -> list[tuple[str, str]]:
    found = findings(merge([told(*lines, **more)], at=NOW), NOW)  # type: ignore[arg-type]
    return [(one.oddity.value, one.subject) for one in found]


def test_declared_and_never_seen_is_odd_only_where_others_of_its_source_were_seen() -> None:
    declared = line("a", "b", piece("declared", ago=90))
    assert odd(declared) == []
    assert odd(declared, watched("x", "b")) == []
    assert odd(declared, watched("a", "c")) == [("unseen", "a>b"), ("undeclared", "a>c")]
    assert odd(line("a", "b", piece("declared", ago=5)), watched("a", "c")) == [("undeclared", "a>c")]


def test_seen_and_not_declared_is_odd_only_where_somebody_keeps_declarations() -> None:
    assert odd(watched("a", "c")) == []
    map = merge([told(line("a", "b", piece("declared")), watched("a", "c"))], at=NOW)
    assert findings(map, NOW)[0].text.startswith("That “a” calls “c” is not declared, but 3 calls an hour go there.")


def test_what_faded_is_told_unless_somebody_denied_it() -> None:
    faded = line("a", "b", piece("observed", ago=50), kind="calls")
    assert odd(faded) == [("faded", "a>b")]
    assert odd(faded, line("a", "b", piece("denied"))) == []


def test_a_circle_is_told_once() -> None:
    assert odd(*(line(one, other, piece("declared")) for one, other in ("ab", "bc", "ca", "cd"))) == [("circle", "a")]
    assert odd(line("a", "b", piece("declared")), line("b", "a", piece("declared"), soft=True)) == []


def test_two_names_for_one_thing_are_asked_about() -> None:
    found = findings(merge([told(line("pet-search", "db", piece("declared")), watched("petsearch", "cache"))], at=NOW), NOW)
    assert found[0].oddity is Oddity.ALIKE
    assert "“pet-search” and “petsearch” may be one thing" in found[0].text


def test_an_important_component_on_an_unimportant_one_is_told() -> None:
    tiers = (component("a", tier=1), component("b", tier=3), component("c", tier=2))
    assert odd(line("a", "b", piece("declared")), line("a", "c", piece("declared")), components=tiers) == [("weaker", "a>b")]


def test_an_alternative_that_falls_with_what_it_replaces_is_told() -> None:
    lines = [line(one, "platform:atlassian", piece("declared")) for one in ("jira", "trello")]
    assert odd(*lines, alternatives=(Alternative(instead_of="jira.a", use="trello.b"),)) == [("shared", "jira>trello")]
    assert odd(*lines, alternatives=(Alternative(instead_of="jira.a", use="asana.b"),)) == []
    deep = [*lines, line("asana", "proxy", piece("declared")), line("proxy", "platform:atlassian", piece("declared"))]
    assert odd(*deep, alternatives=(Alternative(instead_of="jira.a", use="asana.b"),)) == [("shared", "jira>asana")]


def test_contradictions_are_findings() -> None:
    assert odd(components=(component("a", owner="x"), component("a", owner="y", origin="z", ago=1))) == [("conflict", "a")]


def test_requirements_keep_and_or_and_k_of_n() -> None:
    lines = [
        line("a", "db", piece("declared")),
        line("a", "metrics", piece("declared"), soft=True),
        line("a", "events", piece("declared"), kind="listens"),
        line("a", "spare", piece("declared"), kind="alternative"),
        line("a", "seen", piece("observed"), kind="calls"),
        *(line("a", target, piece("declared"), group="brokers", at_least=2) for target in ("b1", "b2", "b3")),
        line("a", "asana", piece("declared"), group="board", kind="alternative"),
        line("a", "jira", piece("declared"), group="board"),
        *(line("a", target, piece("declared"), group="ads", soft=True) for target in ("x", "y")),
    ]
    assert set(requirements(merge([told(*lines)], at=NOW))) == {
        Requirement.of("a", "db"),
        Requirement.of("a", "seen"),
        Requirement.of("a", "b1", "b2", "b3", at_least=2, label="brokers"),
        Requirement.of("a", "jira", "asana", label="board"),
    }


def test_a_structure_is_built_from_the_map() -> None:
    ways = [line("shop", target, piece("declared"), group="search") for target in ("x", "y")]
    map = merge([told(*ways, line("y", "disk", piece("declared")), components=(component("shop", name="The shop"),))], at=NOW)
    structure = Structure.of(nodes(map, {"shop": 4.0}), requirements(map))
    answers = Answers(structure)
    assert structure.find("The shop") == "shop"
    assert set(answers.what_if(["disk"]).down()) == {"disk", "y"}
    assert set(answers.what_if(["disk", "x"]).down()) == {"disk", "x", "y", "shop"}
    assert answers.what_if(["disk", "x"]).lost_per_hour == 4.0


def test_a_finding_of_the_past_stays_one_tomorrow() -> None:
    faded = line("a", "b", piece("observed", ago=50), kind="calls")
    map = merge([told(faded)], at=NOW + DAY)
    assert findings(map, NOW + DAY)[0].text == "That “a” calls “b” no longer counts. No calls since 4 October 2026, 51 days ago."
