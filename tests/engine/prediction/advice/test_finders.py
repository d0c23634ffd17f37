"""Every finder: it speaks where the runs show it, keeps silent on weak evidence, and the definition it leads to is the right one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.prediction.advice.change import changed
from engine.prediction.advice.gain import CALLS, POINTS, SECONDS
from engine.prediction.advice.recommendation import Kind
from engine.prediction.advice.reliability import Around
from engine.prediction.advice.seen import StepSeen
from engine.workflow.order import resolved_needs
from tests.engine.graph.houses import CATALOGUE
from tests.engine.prediction.advice.pasts import AROUND, DAY, READ, WRITE, flow, found, gave_up, run, went

CARD = {"id": "card", "action": WRITE, "retries": 5, "timeout": 60}
LOOK = {"id": "look", "action": READ, "timeout": 60}
CONNECTED = Around(catalogue=CATALOGUE, usable=frozenset({"trello", "asana", "jira"}))


# --- retries


def test_retries_that_never_helped_are_made_fewer() -> None:
    tired = [run(n, False, card=gave_up(tries=6, retried=40.0)) for n in range(8)]
    [one] = [one for one in found(Kind.RETRY, flow(CARD), tired) if "only once" in one.title]
    assert (one.evidence, one.gain and one.gain.unit, one.gain and one.gain.estimate) == (8, SECONDS, 40.0)
    assert one.change is not None
    assert changed(flow(CARD), one.change).steps[0].retries == 1


@pytest.mark.parametrize(
    "helped",
    [[], [run(8, card=went(9.0, tries=2, retried=8.0))]],
    ids=["seven runs are too few", "once it did help"],
)
def test_retries_are_left_where_that_is_not_shown(helped: list) -> None:
    tired = [run(n, False, card=gave_up(tries=6, retried=40.0)) for n in range(7 + len(helped))]
    others = [run(20 + n, card=went()) for n in range(4)]
    assert not [one for one in found(Kind.RETRY, flow(CARD), [*tired, *helped, *others]) if "only once" in one.title]


# --- a service that stands in


def test_an_equivalent_service_stands_in_and_the_one_that_answers_best_is_taken() -> None:
    runs = [run(n, bool(n % 2), card=went() if n % 2 else gave_up()) for n in range(10)]
    around = replace(CONNECTED, calls={"asana.create_task": (10, 20), "jira.create_issue": (19, 20)})
    [one] = found(Kind.FALLBACK, flow(CARD), runs, around)
    assert one.because.startswith("5 of 10 runs failed")
    assert "19 of 20 calls of jira.create_issue" in one.because
    assert one.gain is not None
    assert (one.gain.unit, one.gain.estimate) == (POINTS, pytest.approx(47.5))
    assert one.change is not None
    assert dict(changed(flow(CARD), one.change).options.fallback) == {"trello": "jira"}


def test_nothing_stands_in_where_two_runs_were_hurt_nothing_is_connected_or_something_does_already() -> None:
    hurt = [run(n, n > 2, card=went() if n > 2 else gave_up()) for n in range(10)]
    assert found(Kind.FALLBACK, flow(CARD), hurt, CONNECTED)
    assert not found(Kind.FALLBACK, flow(CARD), hurt[1:], CONNECTED)
    assert not found(Kind.FALLBACK, flow(CARD), hurt, replace(CONNECTED, usable=frozenset({"trello"})))
    assert not found(Kind.FALLBACK, flow(CARD, options={"fallback": {"trello": "asana"}}), hurt, CONNECTED)


# --- patience


def test_more_time_is_given_where_answers_come_late() -> None:
    late = [run(n, False, card=gave_up(timeouts=1)) for n in range(3)]
    slow = [run(n, card=went(50.0)) for n in range(3, 9)]
    [one] = found(Kind.TIMEOUT, flow(CARD), [*late, *slow])
    assert one.change is not None
    assert changed(flow(CARD), one.change).steps[0].timeout == 120
    assert not found(Kind.TIMEOUT, flow(CARD), [*late[1:], *slow]), "two are too few"


def test_less_time_is_given_to_reads_and_never_to_writes() -> None:
    late = [run(n, False, card=gave_up(timeouts=1), look=gave_up(timeouts=1)) for n in range(3)]
    quick = [run(n, card=went(2.0), look=went(2.0)) for n in range(3, 23)]
    [one] = found(Kind.TIMEOUT, flow(CARD, LOOK), [*late, *quick])
    assert one.step == "look"
    assert one.change is not None
    assert [step.timeout for step in changed(flow(CARD, LOOK), one.change).steps] == [60, 6]
    assert not found(Kind.TIMEOUT, flow(CARD, LOOK), [*late, *quick[1:]]), "nineteen answers are too few"


# --- speed


def asked(number: int, what: str) -> StepSeen:
    at = DAY + timedelta(seconds=30 * number)
    return went(2.0, asks=((what, at, 2.0),))


def test_a_read_that_asks_the_same_again_keeps_its_answer() -> None:
    [one] = found(Kind.CACHE, flow(LOOK), [run(n, look=asked(n, "same")) for n in range(12)])
    assert one.because.startswith("6 of 12 times"), "every second is answered from what is kept for a minute"
    assert one.change is not None
    cache = changed(flow(LOOK), one.change).steps[0].cache
    assert cache is not None
    assert cache.seconds == 60


def test_nothing_is_kept_of_a_write_or_of_asks_that_differ() -> None:
    assert not found(Kind.CACHE, flow(CARD), [run(n, card=asked(n, "same")) for n in range(12)])
    assert not found(Kind.CACHE, flow(LOOK), [run(n, look=asked(n, str(n))) for n in range(12)])


ISSUE = {"id": "issue", "action": "github.create_issue"}
AFTER = {"id": "after", "action": "asana.create_task"}


def test_steps_that_read_nothing_of_each_other_go_at_once() -> None:
    runs = [run(n, card=went(3.0), issue=went(2.0, start=3.0)) for n in range(8)]
    [one] = found(Kind.PARALLEL, flow(CARD, ISSUE), runs)
    assert one.gain is not None
    assert (one.gain.unit, one.gain.estimate) == (SECONDS, 2.0)
    assert one.change is not None
    assert list(resolved_needs(changed(flow(CARD, ISSUE), one.change).steps)) == [(), ()]
    assert not found(Kind.PARALLEL, flow(CARD, ISSUE), runs[1:]), "seven runs are too few"


def test_steps_stay_in_a_row_where_one_reads_the_other_or_both_write_to_one_service() -> None:
    runs = [run(n, card=went(3.0), issue=went(2.0, start=3.0)) for n in range(8)]
    reading = {**ISSUE, "with": {"title": "{{ steps.card.id }}"}}
    assert not found(Kind.PARALLEL, flow(CARD, reading), runs)
    assert not found(Kind.PARALLEL, flow(CARD, {"id": "issue", "action": WRITE}), runs)


def test_a_read_that_nobody_uses_is_left_out() -> None:
    runs = [run(n, look=went(2.0), card=went(start=2.0)) for n in range(8)]
    [one] = found(Kind.DEAD_STEP, flow(LOOK, CARD), runs)
    assert one.change is not None
    assert [step.id for step in changed(flow(LOOK, CARD), one.change).steps] == ["card"]
    using = {**CARD, "with": {"title": "{{ steps.look.count }}"}}
    assert not found(Kind.DEAD_STEP, flow(LOOK, using), runs)
    assert not found(Kind.DEAD_STEP, flow(ISSUE, CARD), [run(n, issue=went(), card=went()) for n in range(8)]), "a write is what it is for"


def test_a_step_that_was_always_skipped_is_left_out_after_thirty_runs() -> None:
    runs = [run(n, issue=StepSeen(skipped=True), card=went()) for n in range(30)]
    assert [one.step for one in found(Kind.DEAD_STEP, flow(ISSUE, CARD), runs)] == ["issue"]
    assert not found(Kind.DEAD_STEP, flow(ISSUE, CARD), runs[1:])
    assert not found(Kind.DEAD_STEP, flow(ISSUE, CARD), [*runs, run(31, issue=went(), card=went())])


# --- another time, another workflow


DAILY = {"trigger": {"type": "scheduled", "cron": "15 9 * * *"}}


def test_another_hour_is_told_in_calls_of_services_not_in_runs() -> None:
    around = replace(AROUND, hours={"trello": {9: (20, 60), 10: (1, 60), 12: (0, 60)}})
    [one] = found(Kind.SCHEDULE, flow(CARD, **DAILY), [run(n, card=went()) for n in range(8)], around)
    assert one.title == "Let it begin at 10:15 instead of 9:15"
    assert one.gain is not None
    assert (one.gain.unit, one.gain.estimate) == (CALLS, pytest.approx(100 * 19 / 60))
    assert str(one.gain).startswith("about 32 more successes in 100 calls of its services (")
    assert one.change is not None
    assert changed(flow(CARD, **DAILY), one.change).trigger.cron == "15 10 * * *"


@pytest.mark.parametrize("hours", [{9: (4, 12), 10: (0, 60)}, {9: (6, 60), 10: (5, 60)}, {9: (20, 60), 10: (0, 29)}])
def test_the_hour_stays_where_few_failed_chance_could_do_it_or_the_other_is_little_known(hours: dict) -> None:
    runs = [run(n, card=went()) for n in range(8)]
    assert not found(Kind.SCHEDULE, flow(CARD, **DAILY), runs, replace(AROUND, hours={"trello": hours}))


def test_a_second_half_that_fell_with_the_first_is_told_and_left_to_people() -> None:
    steps = [{"id": f"s{n}", "action": WRITE} for n in range(6)]
    fell = [run(n, False, s0=gave_up()) for n in range(3)]
    well = [run(n, **{f"s{k}": went() for k in range(6)}) for n in range(3, 9)]
    [one] = found(Kind.SPLIT, flow(*steps), [*fell, *well])
    assert (one.step, one.evidence, one.gain, one.change) == ("s2", 3, None, None)
    assert not found(Kind.SPLIT, flow(*steps), [*fell[1:], *well])
    assert not found(Kind.SPLIT, flow(*steps[:5]), [*fell, *well])


def test_below_eight_runs_nothing_is_said() -> None:
    assert not found(Kind.FALLBACK, flow(CARD), [run(n, False, card=gave_up()) for n in range(7)], CONNECTED)
