from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.detect import read_declared
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.map import EMPTY, Knowledge, Map
from engine.graph.discovery.merging import merge
from engine.graph.discovery.observed import Seen, calls, events, traffic
from engine.graph.discovery.standing import LONGEST, SILENT, patience, standing
from engine.graph.traffic import Traffic

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def piece(kind: str, *, ago: float = 0, origin: str = "", per_hour: float | None = None) -> Evidence:
    at = NOW - ago * DAY
    return Evidence(kind=EvidenceKind(kind), origin=origin or kind, since=at, seen=at, per_hour=per_hour)


def line(
    source: str, target: str, *evidence: Evidence, kind: str = "needs", group: str = "", at_least: int = 1, soft: bool = False
) -> Line:
    return Line(source=source, target=target, kind=LineKind(kind), group=group, at_least=at_least, soft=soft, evidence=evidence)


def told(*lines: Line, components: tuple[Component, ...] = (), alternatives: tuple[Alternative, ...] = ()) -> Knowledge:
    return Knowledge(lines=lines, components=components, alternatives=alternatives)


def drawn(map: Map) -> set[str]:
    return {
        f"{one.source} {one.kind.value}{'?' if one.soft else ''} {one.target}{f' ({one.at_least}: {one.group})' if one.group else ''}"
        for one in map.lines
    }


def component(id: str, *, ago: float = 0, origin: str = "a file", **fields: object) -> Component:
    return Component(id=id, evidence=(piece("declared", ago=ago, origin=origin),), **fields)  # type: ignore[arg-type]


def test_what_is_declared_and_seen_is_one_line_with_both_kinds_of_evidence() -> None:
    map = merge([told(line("a", "b", piece("declared"))), told(line("a", "b", piece("observed", per_hour=12), kind="calls"))], at=NOW)
    assert drawn(map) == {"a needs b"}
    assert [one.kind.value for one in map.lines[0].evidence] == ["declared", "observed"]
    assert map.lines[0].per_hour == 12
    assert set(map.components) == {"a", "b"}


def test_calls_to_one_of_several_ways_do_not_become_a_need_of_their_own() -> None:
    ways = [line("a", target, piece("declared"), group="search") for target in ("x", "y")]
    map = merge([told(*ways, line("a", "x", piece("observed", per_hour=3), kind="calls"))], at=NOW)
    assert drawn(map) == {"a needs x (1: search)", "a needs y (1: search)"}
    assert [one.per_hour for one in map.lines] == [3, None]


def test_the_newer_of_two_owners_counts_and_both_are_named() -> None:
    old, new = (
        component("a", ago=9, origin="catalog-info.yaml", owner="shop", tier=1),
        component("a", origin="@ada", owner="payments", tier=3),
    )
    for order in ([old, new], [new, old]):
        map = merge([told(components=(one,)) for one in order], at=NOW)
        assert (map.components["a"].owner, map.components["a"].tier) == ("payments", 3)
        assert [one.text for one in map.conflicts] == [
            "“a” has two owners: “shop” (catalog-info.yaml) and “payments” (@ada). The newer word counts: “payments”.",
            "“a” has two tiers: 1 (catalog-info.yaml) and 3 (@ada). The newer word counts: 3.",
        ]


def test_a_file_that_is_read_again_does_not_contradict_itself() -> None:
    map = merge([told(components=(component("a", ago=9, owner="x"),)), told(components=(component("a", owner="y"),))], at=NOW)
    assert map.components["a"].owner == "y"
    assert map.conflicts == ()


def test_what_was_only_seen_never_outweighs_what_is_declared() -> None:
    seen = Component(id="a", kind=ComponentKind.EXTERNAL, evidence=(piece("observed"),))
    map = merge([told(components=(component("a", ago=100, kind=ComponentKind.INFRA), seen))], at=NOW)
    assert map.components["a"].kind is ComponentKind.INFRA
    assert map.conflicts == ()


def test_hard_and_soft_at_once_is_named() -> None:
    map = merge(
        [told(line("a", "b", piece("declared", ago=5, origin="x"))), told(line("a", "b", piece("declared", origin="y"), soft=True))], at=NOW
    )
    assert drawn(map) == {"a needs? b"}
    assert map.conflicts[0].text == "How much “a” needs “b” is said in different ways; the newer word counts: it can do without it (y)."


def test_needed_and_one_of_several_at_once_is_named() -> None:
    old = told(line("a", "x", piece("declared", ago=5, origin="old.yaml")))
    new = told(*(line("a", target, piece("declared", origin="new.yaml"), group="search") for target in ("x", "y")))
    map = merge([old, new], at=NOW)
    assert drawn(map) == {"a needs x (1: search)", "a needs y (1: search)"}
    assert map.conflicts[0].text == (
        "“a” cannot do without “x” (old.yaml), and it needs it as 1 of “search” (new.yaml); the newer word counts: it needs it as 1 of “search”."
    )


def test_needed_and_standing_in_at_once_is_named_and_the_newer_word_counts() -> None:
    map = merge(
        [
            told(line("a", "b", piece("declared", origin="y"), kind="alternative")),
            told(line("a", "b", piece("declared", ago=2, origin="x"))),
        ],
        at=NOW,
    )
    assert drawn(map) == {"a alternative b"}
    assert "the newer word counts: it falls back on it" in map.conflicts[0].text


def test_what_a_workflow_says_is_exact_and_contradicts_nobody() -> None:
    parts = [
        told(line("wf", "x", piece("workflow"), group="step a")),
        told(line("wf", "y", piece("workflow"), group="step a", kind="alternative")),
    ]
    map = merge([*parts, told(line("wf", "x", piece("workflow")))], at=NOW)
    assert drawn(map) == {"wf needs x (1: step a)", "wf alternative y (1: step a)", "wf needs x"}
    assert map.conflicts == ()


def test_more_of_a_group_than_there_are_is_all_of_them() -> None:
    ways = [line("a", target, piece("declared"), group="brokers", at_least=3) for target in ("x", "y")]
    map = merge([told(*ways)], at=NOW)
    assert drawn(map) == {"a needs x (2: brokers)", "a needs y (2: brokers)"}
    assert "wants 3 of “brokers”, of which 2 are left" in map.conflicts[0].text


def test_how_many_of_a_group_is_the_newest_word() -> None:
    map = merge(
        [told(line("a", "x", piece("declared", ago=3), group="g")), told(line("a", "y", piece("declared"), group="g", at_least=2))], at=NOW
    )
    assert {one.at_least for one in map.lines} == {2}
    assert "said in different ways" in map.conflicts[0].text


def test_a_no_hides_what_was_seen_and_what_was_declared_before_it() -> None:
    seen, no = line("a", "b", piece("observed"), kind="calls"), line("a", "b", piece("denied", ago=1, origin="@ada"))
    map = merge([told(seen, no, line("a", "b", piece("declared", ago=9)))], at=NOW)
    assert map.lines == ()
    assert [one.because for one in map.quiet] == ["@ada said that there is no such line, on 22 November 2026."]
    assert drawn(merge([told(seen, no, line("a", "b", piece("declared")))], at=NOW)) == {"a needs b"}
    assert drawn(merge([told(line("a", "b", piece("workflow")), no)], at=NOW)) == {"a needs b"}


def test_a_no_that_is_said_in_two_ways_is_remembered_once() -> None:
    noes = [line("a", "b", piece("denied")), line("a", "b", piece("denied"), group="g")]
    for order in (noes, noes[::-1]):
        assert [one.line.key for one in merge([told(*order)], at=NOW).quiet] == [("a", "b", "needs", "")]


def test_a_suggestion_is_quiet_until_somebody_says_yes() -> None:
    suggested = line("a", "b", piece("suggested"))
    map = merge([told(suggested)], at=NOW)
    assert (map.lines, map.quiet[0].because) == ((), "It is only suggested; nobody has said yes.")
    assert drawn(merge([told(suggested, line("a", "b", piece("declared", origin="@ada")))], at=NOW)) == {"a needs b"}
    assert drawn(merge([told(suggested, line("a", "b", piece("observed"), kind="calls"))], at=NOW)) == {"a calls b"}


def test_what_was_seen_fades_after_thirty_days_and_is_remembered() -> None:
    map = merge(
        [
            told(
                line("a", "b", piece("observed", ago=31, per_hour=5), kind="calls"), line("a", "c", piece("observed", ago=29), kind="calls")
            )
        ],
        at=NOW,
    )
    assert drawn(map) == {"a calls c"}
    assert map.quiet[0].because == "No calls since 23 October 2026, 31 days ago."


def test_what_is_seldom_is_waited_for_longer() -> None:
    monthly = piece("observed", ago=60, per_hour=1 / 720)
    assert patience(monthly) == timedelta(days=90)
    assert patience(piece("observed", per_hour=1e-9)) == LONGEST
    assert patience(piece("observed", per_hour=100)) == SILENT
    assert standing([monthly], NOW).active


def test_aliases_lead_to_one_component() -> None:
    parts = told(
        line("petsearch", "db", piece("observed"), kind="calls"),
        line("web", "pet-search", piece("declared")),
        components=(component("pet-search", aliases=("petsearch", "search-v1")), component("search-v1", tier=2)),
    )
    map = merge([parts], at=NOW)
    assert drawn(map) == {"pet-search calls db", "web needs pet-search"}
    assert map.components["pet-search"].tier == 2
    assert "search-v1" not in map.components


def test_aliases_in_a_circle_and_of_two_harm_nobody() -> None:
    parts = told(
        components=(component("a", aliases=("b", "c")), component("b", aliases=("a",)), component("d", aliases=("c",), origin="x")),
    )
    map = merge([parts], at=NOW)
    assert set(map.components) == {"a", "d"}
    assert "is an alias of “a” and of “d”" in map.conflicts[0].text
    assert (map.components["a"].aliases, map.components["d"].aliases) == (("b",), ("c",))


def test_a_connected_service_is_nobodys_alias() -> None:
    jira = Component(id="jira", kind=ComponentKind.SERVICE, service="jira")
    flow = Component(id="wf", kind=ComponentKind.WORKFLOW, evidence=(piece("workflow"),))
    map = merge([told(line("wf", "jira", piece("workflow")), components=(jira, flow, component("mine", aliases=("jira", "wf"))))], at=NOW)
    assert drawn(map) == {"wf needs jira"}
    assert map.conflicts[0].text == "“jira” is known by itself and no alias of “mine”; that was left out."


def test_a_component_goes_by_the_service_that_it_is() -> None:
    map = merge([told(line("web", "tickets", piece("declared")), components=(component("tickets", service="jira"),))], at=NOW)
    assert drawn(map) == {"web needs jira"}
    assert map.components["jira"].aliases == ("tickets",)


def test_of_two_ways_to_fill_an_alternative_the_newer_counts() -> None:
    old = Alternative(instead_of="jira.a", use="asana.b", inputs={"x": "1"}, evidence=(piece("declared", ago=2),))
    new = Alternative(instead_of="jira.a", use="asana.b", inputs={"x": "2"}, evidence=(piece("declared", origin="@ada"),))
    map = merge([told(alternatives=(new, old))], at=NOW)
    assert map.alternatives[0].inputs == {"x": "2"}
    assert "filled in different ways; the newer one counts (@ada)" in map.conflicts[0].text


def test_lines_to_oneself_are_no_lines() -> None:
    assert merge([told(line("a", "b", piece("declared")), components=(component("a", aliases=("b",)),))], at=NOW).lines == ()


def test_traffic_becomes_calls_with_their_volume() -> None:
    rows = [
        Traffic(NOW - DAY, "wf", "jira", "jira.create_issue", 30, 1, 5_000),
        Traffic(NOW - DAY / 2, "wf", "jira", "jira.add_comment", 18, 0, 900),
    ]
    found = traffic(rows, window=DAY).lines
    assert [(one.source, one.target, one.per_hour) for one in found] == [("wf", "jira", 2.0)]
    assert found[0].evidence[0].since == NOW - DAY
    assert (
        calls(
            [Seen(source="a", target="b", count=0, first=NOW, last=NOW), Seen(source="a", target="a", count=3, first=NOW, last=NOW)]
        ).lines
        == ()
    )
    assert events([Seen(source="a", target="b", count=3, first=NOW, last=NOW)]).lines[0].kind is LineKind.LISTENS


def test_a_map_is_the_same_after_json_and_after_export_and_import() -> None:
    map = merge(
        [
            told(
                line("a", "b", piece("declared")),
                line("a", "c", piece("suggested")),
                components=(component("a", owner="x"), component("a", owner="y", origin="z")),
            )
        ],
        at=NOW,
    )
    assert Map.from_json(map.to_json()) == map
    again = read_declared(map.to_yaml(), origin="export", at=NOW + DAY)
    assert (again.components, again.lines) == (tuple(map.components.values()), map.lines)
    assert Map.from_json(EMPTY.to_json()) == EMPTY


pieces = st.builds(
    piece,
    st.sampled_from([kind.value for kind in EvidenceKind]),
    ago=st.integers(0, 60),
    origin=st.sampled_from("xyz"),
    per_hour=st.none() | st.integers(0, 9),
)
some_lines = st.builds(
    lambda source, target, kind, group, at_least, soft, evidence: line(source, target, *evidence, kind=kind, group=group, at_least=at_least if group else 1, soft=soft),
    st.sampled_from("abc"), st.sampled_from("bcd"), st.sampled_from([kind.value for kind in LineKind]), st.sampled_from(["", "g"]), st.integers(1, 3), st.booleans(), st.lists(pieces, max_size=2),
)  # fmt: skip
some_components = st.builds(
    lambda id, owner, tier, aliases, ago, origin: component(id, owner=owner, tier=tier, aliases=tuple(aliases), ago=ago, origin=origin),
    st.sampled_from("abcd"), st.sampled_from(["", "u", "v"]), st.none() | st.integers(1, 4), st.lists(st.sampled_from("abcd"), max_size=1), st.integers(0, 3), st.sampled_from("xyz"),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(some_lines, max_size=6), st.lists(some_components, max_size=4), st.randoms())
def test_the_order_of_telling_does_not_matter_and_nothing_is_lost(
    lines: list[Line], components: list[Component], dice: random.Random
) -> None:
    map = merge([told(*lines, components=tuple(components))], at=NOW)
    parts = [*(told(one) for one in lines), *(told(components=(one,)) for one in components)]
    dice.shuffle(parts)
    again = merge(parts, at=NOW)
    assert (again.components, again.lines, again.quiet, again.conflicts) == (map.components, map.lines, map.quiet, map.conflicts)
    ends = {frozenset((one.source, one.target)) for one in (*map.lines, *(quiet.line for quiet in map.quiet))}
    names = {alias: id for id, one in map.components.items() for alias in (*one.aliases, id)}
    asked = {frozenset((names.get(one.source, one.source), names.get(one.target, one.target))) for one in lines}
    assert ends == {pair for pair in asked if len(pair) == 2}
    assert {end for pair in ends for end in pair} <= set(map.components)


@pytest.mark.slow
def test_ten_thousand_lines_become_one_map() -> None:
    dice = random.Random(7)
    lines = [
        line(f"s{dice.randrange(2000)}", f"t{dice.randrange(2000)}", piece(dice.choice(["declared", "observed"]))) for _ in range(10_000)
    ]
    assert len(merge([told(*lines)], at=NOW).lines) > 9_000
