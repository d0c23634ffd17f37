"""Which way is chosen, and what is said of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.sample import Outcome
from engine.resilience.routing import Candidate, choose, score
from engine.resilience.standing import NEW, Breaker, Standing

AT = 1_792_746_300.0  # 9:05 UTC
JIRA = Candidate("jira", action="jira.create_issue")
ASANA = Candidate("asana", action="asana.create_task", order=1)
TRELLO = Candidate("trello", action="trello.create_card", order=1)


def sure() -> float:
    return 0.0


def standing(latency: float = 0.3, *, bad: int = 0, at: float = AT - 60, operation: str = "do") -> Standing:
    found = NEW
    for number in range(10):
        found = found.observe(Outcome.OK, latency, at + number, operation=operation)
    for number in range(bad):
        found = found.observe(Outcome.ERROR, latency, AT - bad + number, operation=operation)
    return found


def test_the_first_way_is_gone_while_it_is_fit_and_nothing_is_said() -> None:
    choice = choose([JIRA, ASANA], {"jira": standing(5.0), "asana": standing(0.1)}, AT, sure)
    assert (choice.service, choice.because, choice.panic) == ("jira", "", False)


def test_an_open_breaker_sends_the_step_another_way_and_says_so() -> None:
    choice = choose([JIRA, ASANA], {"jira": standing(bad=2), "asana": standing()}, AT, sure)
    assert choice.service == "asana"
    assert choice.because == "Asana instead of Jira: Jira's breaker has been open since 9:04 UTC, 2 of its last 8 calls failed."


def test_times_are_told_in_the_zone_of_the_house() -> None:
    choice = choose([JIRA, ASANA], {"jira": standing(bad=2)}, AT, sure, zone=ZoneInfo("Europe/Berlin"))
    assert "since 11:04," in choice.because


def test_among_similar_ones_the_quicker_is_chosen_and_the_reason_told() -> None:
    here, there = Candidate("dropbox", action="dropbox.upload_file"), Candidate("box", action="box.upload_file")
    choice = choose(
        [here, there], {"dropbox": standing(1.9, operation="upload_file"), "box": standing(0.3, operation="upload_file")}, AT, sure
    )
    assert choice.because == "Box instead of Dropbox: it is expected to answer in 300 ms, Dropbox in 1.9 s."


def test_who_fails_fastest_is_not_the_quickest() -> None:
    failing = standing(0.01)
    for number, outcome in enumerate([Outcome.OK, Outcome.OK, Outcome.ERROR] * 4):
        failing = failing.observe(outcome, 0.01, AT - 12 + number, operation="do")
    assert failing.opened is None
    assert score(failing, AT, "do", 3.0) > score(standing(0.4), AT, "do", 3.0)


def test_a_weight_makes_a_way_as_good_as_a_quicker_one() -> None:
    ways = [Candidate("box", action="box.do"), Candidate("dropbox", action="dropbox.do", weight=10)]
    assert choose(ways, {"box": standing(0.3), "dropbox": standing(0.9)}, AT, sure).service == "dropbox"


def test_where_order_matters_it_stays_with_the_service_while_that_is_fit() -> None:
    ways = [Candidate("box"), Candidate("dropbox")]
    known = {"box": standing(0.1), "dropbox": standing(2.0)}
    assert choose(ways, known, AT, sure, "dropbox").service == "dropbox"
    assert choose(ways, known | {"dropbox": standing(bad=2)}, AT, sure, "dropbox").service == "box"


def test_what_this_step_has_tried_in_vain_is_not_tried_again_while_there_is_another() -> None:
    choice = choose([JIRA, ASANA], {}, AT, sure, tried=["jira"])
    assert choice.because == "Asana instead of Jira: Jira has just failed at this step."
    assert choose([JIRA], {}, AT, sure, tried=["jira"]).service == "jira"


def test_a_pause_that_was_asked_for_is_kept() -> None:
    resting = standing().shut(AT, 300, "it asked for a pause")
    choice = choose([JIRA, ASANA], {"jira": resting}, AT, sure)
    assert choice.because == "Asana instead of Jira: Jira is left alone until 9:10 UTC, it asked for a pause."


def test_when_no_way_is_fit_the_best_is_asked_all_the_same_and_how_long_to_wait_is_told() -> None:
    dead = standing(bad=4)
    choice = choose([JIRA, ASANA], {"jira": dead, "asana": standing(bad=4).shut(AT, 30, "it asked for a pause")}, AT, sure)
    assert (choice.service, choice.panic) == ("jira", True)
    assert choice.wait == dead.useless_for(AT) > 0
    assert choice.because.startswith("No way is in good health, so Jira is asked all the same: Jira's breaker has been open since 9:04 UTC")


def test_a_half_open_breaker_is_tried_by_a_read_where_nobody_probes_and_never_by_a_write() -> None:
    half = standing(bad=2)
    known, later = {"jira": half, "asana": standing()}, half.trial_at + 1
    assert choose([JIRA, ASANA], known, later, sure, reads=True).service == "jira"
    assert choose([JIRA, ASANA], known, later, sure).service == "asana"
    probed = half.observe(Outcome.ERROR, 0.1, AT, probe=True)
    assert choose([JIRA, ASANA], known | {"jira": probed}, probed.trial_at + 1, sure, reads=True).service == "asana"


def test_who_is_unknown_is_not_preferred_to_who_is_well_but_to_who_fails() -> None:
    ways = [Candidate("box"), Candidate("dropbox")]
    assert choose(ways, {"dropbox": standing(0.3)}, AT, sure).service == "dropbox"
    assert choose(ways, {"dropbox": standing(0.3, bad=1)}, AT, sure).service == "box"


EVENTS = st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(0, 2), st.floats(0, 20), st.floats(0, 30)), max_size=30)


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.booleans(), st.floats(0, 0.999), st.floats(0, 100))
def test_nobody_goes_where_a_breaker_is_open_or_a_pause_was_asked_for_unless_no_way_is_fit(
    events: list[tuple[Outcome, int, float, float]], reads: bool, dice: float, later: float
) -> None:
    ways = [Candidate("box", order=0), Candidate("dropbox", order=0), Candidate("onedrive", order=1)]
    known, at = {one.key: NEW for one in ways}, AT
    for outcome, which, latency, gap in events:
        at += gap
        key = ways[which].key
        known[key] = known[key].observe(outcome, latency, at, retry_after=5.0 if outcome is Outcome.THROTTLED else None)
    at += later
    choice = choose(ways, known, at, lambda: dice, reads=reads)
    chosen = known[choice.candidate.key]
    if choice.panic:
        assert all(one.breaker(at) is not Breaker.CLOSED or one.shut_left(at) for one in known.values())
    else:
        assert chosen.breaker(at) is not Breaker.OPEN
        assert not chosen.shut_left(at)
        if not reads:
            assert chosen.breaker(at) is Breaker.CLOSED
    assert not choice.because or choice.because.endswith(".")
