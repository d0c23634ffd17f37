from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.graph.declared.evidence import EvidenceKind
from engine.graph.discovery.merging import merge
from engine.graph.discovery.suggestions import AGAIN, SHOWN, SUREST, Rejection, Suggestion, suggest
from engine.graph.discovery.together import CROWD, Outage, episodes
from tests.engine.graph.discovery.failing_houses import BEGIN, House, house
from tests.engine.graph.discovery.test_merging import NOW, told

YEAR = timedelta(days=365)


def outages(times: int, *, first: str = "db", then: str = "web", gap: float = 40, every: float = 5) -> list[Outage]:
    """``first`` and then ``then`` begin to fail, ``times`` times, some days apart."""
    made = []
    for number in range(times):
        at = BEGIN + timedelta(days=every * number)
        made += [Outage(first, at, at + timedelta(minutes=9)), Outage(then, at + timedelta(seconds=gap), at + timedelta(minutes=9))]
    return made


def asked(found: list[Outage], **more: object) -> tuple[Suggestion, ...]:
    return suggest(found, since=BEGIN, until=BEGIN + YEAR, **more)  # type: ignore[arg-type]


def of(one: House, **more: object) -> tuple[Suggestion, ...]:
    return suggest(one.outages, since=BEGIN, until=one.until, **more)  # type: ignore[arg-type]


def test_two_that_keep_failing_together_are_suggested_with_the_reason() -> None:
    (found,) = asked(outages(9))
    assert (found.source, found.target, found.together) == ("web", "db", 9)
    assert SHOWN <= found.confidence <= SUREST
    assert found.because.startswith("“web” began to fail together with “db” 9 times in 365 days; chance would give 0.00")
    assert found.because.endswith("“db” was first 9 times.")
    assert found.lift[1] < found.lift[0] < found.lift[2]


def test_twice_is_no_pattern_and_what_waits_an_hour_is_no_relation() -> None:
    assert asked(outages(2)) == ()
    assert asked(outages(9, gap=3_600)) == ()


def test_who_is_first_by_turns_leaves_the_direction_open() -> None:
    (found,) = asked([*outages(9), *outages(7, first="web", then="db", every=5.5)])
    assert found.confidence < 0.75
    assert "Which of them needs the other is not sure." in found.because


def test_what_known_lines_explain_is_not_suggested() -> None:
    assert asked(outages(9), known=[("web", "db")]) == ()
    assert asked(outages(9), known=[("db", "web")]) == ()
    assert asked(outages(9), known=[("web", "network"), ("db", "network")]) == ()
    assert asked(outages(9), known=[("web", "cache")]) != ()


def test_a_third_that_was_always_there_before_takes_the_blame() -> None:
    """a and b need c: c fails, then both. The two lines to c are suggested, none between a and b."""
    made = []
    for number in range(12):
        at = BEGIN + timedelta(days=6 * number)
        began = {"c": 0, "a": 20 + number % 5, "b": 30 - number % 7}
        made += [Outage(name, at + timedelta(seconds=late)) for name, late in began.items()]
        for offset, name in enumerate("ab"):
            made.append(Outage(name, at + timedelta(days=1 + offset)))
    assert {(one.source, one.target) for one in asked(made)} == {("a", "c"), ("b", "c")}


def test_a_crowd_says_nothing_of_any_two() -> None:
    made = [Outage(f"s{service}", BEGIN + timedelta(days=day, seconds=service)) for day in range(12) for service in range(CROWD + 5)]
    assert asked(made) == ()


def test_an_outage_that_goes_on_is_counted_once() -> None:
    found = episodes(
        [Outage("a", BEGIN, BEGIN + timedelta(hours=2)), Outage("a", BEGIN + timedelta(hours=1)), Outage("a", BEGIN + timedelta(hours=3))]
    )
    assert found.starts == {"a": 2}


def test_a_no_holds_until_the_evidence_has_doubled() -> None:
    (found,) = asked(outages(5))
    no = found.rejected(by="slack:U1", at=NOW)
    assert asked(outages(5 * AGAIN - 1), rejected=[no]) == ()
    assert [one.id for one in asked(outages(5 * AGAIN), rejected=[no])] == [found.id]
    assert Rejection.from_json(json.loads(json.dumps(no.to_json()))) == no
    with pytest.raises(Invalid):
        Rejection.from_json({"pair": "a", "together": 1})


def test_a_no_to_a_pair_is_a_no_either_way_round() -> None:
    (found,) = asked(outages(5))
    (turned,) = asked(outages(6, first="web", then="db"))
    assert turned.id != found.id
    assert asked(outages(6, first="web", then="db"), rejected=[found.rejected(by="x", at=NOW)]) == ()


def test_a_suggestion_is_a_quiet_line_and_a_yes_makes_it_count() -> None:
    (found,) = asked(outages(9))
    assert merge([told(found.line)], at=NOW).lines == ()
    (line,) = merge([told(found.line, found.accepted(by="slack:U1", at=NOW))], at=NOW).lines
    assert [one.kind for one in line.evidence] == [EvidenceKind.DECLARED, EvidenceKind.SUGGESTED]
    assert line.evidence[0].origin == "slack:U1"


def test_nothing_comes_of_nothing() -> None:
    assert suggest([]) == ()
    assert suggest([Outage("a", BEGIN)]) == ()
    assert suggest([Outage("a", BEGIN)] * 50) == ()
    assert suggest(outages(9)) != ()


def test_a_house_without_lines_gets_next_to_no_suggestions() -> None:
    """Strays and outages by themselves: what is suggested is suggested by chance."""
    assert sum(len(of(house(seed, 30, 120, common=1 / 1_000, lines=False))) for seed in range(900, 903)) == 0


def test_most_of_what_is_suggested_is_true() -> None:
    one = house(910, 25, 180)
    found = of(one)
    assert len(found) >= 5
    assert sum((each.source, each.target) in one.lines for each in found) >= 0.7 * len(found)


@pytest.mark.slow
def test_the_confidence_is_what_it_says_on_houses_that_were_not_used_to_find_it() -> None:
    """Of suggestions said to be right in nine of ten cases, eight to ten are."""
    said: list[tuple[float, bool]] = []
    for seed in range(700, 708):
        for kind in ({}, {"services": 80}, {"common": 1 / 5}, {"missed": 0.35}):
            one = house(seed, **kind)
            said += [(each.confidence, (each.source, each.target) in one.lines) for each in of(one)]
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        among = [(confidence, true) for confidence, true in said if low <= confidence < high]
        share = sum(true for _, true in among) / len(among)
        meant = sum(confidence for confidence, _ in among) / len(among)
        assert len(among) > 50
        assert abs(share - meant) < 0.08, (low, share, meant, len(among))
