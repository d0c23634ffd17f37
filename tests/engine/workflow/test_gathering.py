"""Gathering: several events together, in order, or quiet; against a reading of its own rules that remembers everything and forgets nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.workflow.definition import Debounce, Trigger, TriggerType
from engine.workflow.gathering import LARGEST, Gathered, Seen, State, case_of, event_of, gather, last_of, value_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
A, B, C = "crm.deal_created", "pay.payment_succeeded", "chat.message_posted"


def cross(**more: Any) -> Trigger:
    return Trigger(type=TriggerType.CROSS_SERVICE, **{"within": 10 * HOUR, **more})


def seen(name: str, hours: float, id: str = "", **data: Any) -> Seen:
    return Seen(name, id or f"{name}@{hours}", NOON + hours * HOUR, data)


def fired(trigger: Trigger, events: Sequence[Seen], *, refuse: frozenset[str] = frozenset()) -> list[list[str]]:
    """The ids each start was made of. The state goes through JSON after every event, as if the house fell over each time."""
    starts, state = [], None
    for event in events:
        done = gather(trigger, state, event, event.at)
        if done.events and done.events[-1].id not in refuse:
            starts.append([one.id for one in done.events])
            state = done.spent
        else:
            state = done.state
        state = json.loads(json.dumps(state))
    return starts


# --- in words ------------------------------------------------------------------------------------------------------------


def test_all_fires_once_every_name_was_there_whatever_the_order() -> None:
    trigger = cross(all=(A, B))
    assert fired(trigger, [seen(B, 0), seen(A, 1)]) == [[f"{B}@0", f"{A}@1"]]
    assert fired(trigger, [seen(A, 0), seen(A, 1), seen(A, 2)]) == []


def test_all_uses_the_newest_of_each_name_and_needs_new_events_of_every_name_for_a_second_round() -> None:
    events = [seen(A, 0), seen(A, 6), seen(B, 12), seen(B, 13), seen(A, 14)]
    assert fired(cross(all=(A, B)), events) == [[f"{A}@6", f"{B}@12"], [f"{B}@13", f"{A}@14"]]


def test_what_lies_further_apart_than_the_window_is_not_together() -> None:
    assert fired(cross(all=(A, B)), [seen(A, 0), seen(B, 10.1)]) == []
    assert fired(cross(all=(A, B)), [seen(A, 0), seen(B, 10)]) != []
    assert fired(cross(sequence=(A, B)), [seen(A, 0), seen(B, 10.1)]) == []
    assert fired(Trigger(type=TriggerType.CROSS_SERVICE, all=(A, B)), [seen(A, 0), seen(B, 7 * 24)]) != []


def test_a_sequence_fires_in_its_order_only() -> None:
    trigger = cross(sequence=(A, B, C))
    assert fired(trigger, [seen(B, 0), seen(C, 1), seen(A, 2), seen(C, 3), seen(B, 4)]) == []
    assert fired(trigger, [seen(A, 0), seen(C, 1), seen(B, 2), seen(A, 3), seen(C, 4)]) == [[f"{A}@0", f"{B}@2", f"{C}@4"]]


def test_a_later_beginning_is_used_where_it_leads_to_the_end_and_spoils_no_earlier_one() -> None:
    assert fired(cross(sequence=(A, B)), [seen(A, 0), seen(A, 6), seen(B, 12)]) == [[f"{A}@6", f"{B}@12"]]
    assert fired(cross(sequence=(A, B, C)), [seen(A, 0), seen(B, 1), seen(A, 2), seen(C, 3)]) == [[f"{A}@0", f"{B}@1", f"{C}@3"]]


def test_a_fulfilled_sequence_uses_up_every_beginning() -> None:
    assert fired(cross(sequence=(A, B)), [seen(A, 0), seen(A, 1), seen(B, 2), seen(B, 3)]) == [[f"{A}@1", f"{B}@2"]]


def test_the_same_name_twice_in_a_sequence_means_two_events() -> None:
    assert fired(cross(sequence=(A, A)), [seen(A, 0), seen(A, 1), seen(A, 2), seen(A, 3)]) == [[f"{A}@0", f"{A}@1"], [f"{A}@2", f"{A}@3"]]


def test_what_a_condition_refuses_is_not_used_up() -> None:
    events = [seen(A, 0), seen(B, 1, "small"), seen(B, 2, "large")]
    assert fired(cross(sequence=(A, B)), events, refuse=frozenset({"small"})) == [[f"{A}@0", "large"]]
    assert fired(cross(all=(A, B)), events, refuse=frozenset({"small"})) == [[f"{A}@0", "large"]]


def test_a_reason_says_what_is_still_missing() -> None:
    assert gather(cross(all=(A, B, C)), None, seen(A, 0), NOON).reason == f"it still waits for {B}, {C}"
    first = gather(cross(sequence=(A, B)), None, seen(B, 0), NOON)
    assert first.reason == f"it waits for {A} first"
    assert gather(cross(sequence=(A, B)), first.state, seen(A, 1), NOON).reason == f"it waits for {B} next"


def test_what_was_gathered_for_another_trigger_is_forgotten() -> None:
    before = gather(cross(all=(A, B)), None, seen(A, 0), NOON)
    assert gather(cross(all=(A, B, C)), before.state, seen(B, 1), NOON).reason == f"it still waits for {A}, {C}"
    assert gather(cross(all=(A, B), within=HOUR), before.state, seen(B, 1), NOON).events


def test_an_event_too_large_to_be_kept_is_refused_in_words() -> None:
    with pytest.raises(Invalid, match="are kept while others are waited for"):
        gather(cross(all=(A, B)), None, seen(A, 0, text="x" * LARGEST), NOON)


# --- cases and what the run sees -----------------------------------------------------------------------------------------


def test_a_case_is_one_value_of_the_key_and_each_event_may_say_it_in_its_own_words() -> None:
    trigger = cross(all=(A, B), correlate={A: "event.contact.id", "": "event.customer"})
    assert case_of(trigger, seen(A, 0, contact={"id": 42})) == case_of(trigger, seen(B, 0, customer="42")) == "42"
    assert case_of(trigger, seen(B, 0, customer=None)) is None
    assert case_of(trigger, seen(B, 0)) is None
    assert case_of(cross(all=(A, B)), seen(B, 0)) == ""
    assert len(case_of(trigger, seen(B, 0, customer="x" * 5_000)) or "") == 64


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (1.0, "1"), (["b", 1], '["b", 1]'), ({"b": 1, "a": 2}, '{"a": 2, "b": 1}')])
def test_a_key_of_any_kind_has_one_spelling(value: Any, text: str) -> None:
    assert value_of("event.x", {"x": value}) == text


def test_a_run_sees_every_event_by_name_and_the_fields_of_the_last_one() -> None:
    events = [seen(A, 0, amount=1, depth=2), seen(B, 1, amount=2, currency="eur")]
    assert event_of(cross(all=(A, B)), events) == {
        "amount": 2, "currency": "eur", "depth": 2, "events": {A: {"amount": 1, "depth": 2}, B: {"amount": 2, "currency": "eur"}},
    }  # fmt: skip
    assert value_of(f'event.events["{A}"].amount', event_of(cross(all=(A, B)), events)) == "1"
    single = Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal_created")
    assert event_of(single, events[:1]) == {"amount": 1, "depth": 2}


# --- quiet -----------------------------------------------------------------------------------------------------------------

QUIET = Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal_created", debounce=Debounce(3600))


def test_quiet_is_counted_from_the_newest_event() -> None:
    first = gather(QUIET, None, seen(A, 0), NOON)
    second = gather(QUIET, first.state, seen(A, 0.5), NOON + 0.5 * HOUR)
    assert (first.due_at, second.due_at) == (NOON + HOUR, NOON + 1.5 * HOUR)
    assert last_of(second.state) == seen(A, 0.5)
    late = gather(QUIET, second.state, seen(A, 0.2), NOON + 0.6 * HOUR)
    assert (last_of(late.state), late.due_at) == (seen(A, 0.5), NOON + 1.5 * HOUR)


def test_quiet_that_was_over_before_the_event_was_told_is_due_at_once() -> None:
    assert gather(QUIET, None, seen(A, 0), NOON + 5 * HOUR).due_at <= NOON + 5 * HOUR


def test_an_event_of_a_clock_that_ran_ahead_does_not_keep_a_case_for_ever() -> None:
    ahead = gather(QUIET, None, seen(A, 9_999), NOON)
    assert ahead.due_at == NOON + HOUR
    then = gather(QUIET, ahead.state, seen(A, 0.1), NOON + 0.1 * HOUR)
    assert (last_of(then.state), then.due_at) == (seen(A, 0.1), NOON + 1.1 * HOUR)


def test_after_quiet_the_same_event_does_not_begin_anew() -> None:
    first = gather(QUIET, None, seen(A, 0), NOON)
    assert last_of(gather(QUIET, first.spent, seen(A, 0), NOON).state) is None
    assert last_of(gather(QUIET, first.spent, seen(A, 2), NOON).state) == seen(A, 2)


# --- against a reference -----------------------------------------------------------------------------------------------------


class Naive:
    """The rules as they are written down, over a list of everything that is not used up."""

    def __init__(self, trigger: Trigger, refuse: frozenset[str]) -> None:
        self.trigger, self.refuse = trigger, refuse
        self.unused: list[Seen] = []
        self.known: set[str] = set()

    def arrive(self, event: Seen) -> list[str]:
        if event.id in self.known:
            return []
        self.known.add(event.id)
        self.unused.append(event)
        found = self.together() if self.trigger.all else self.in_order(event)
        if not found or found[-1].id in self.refuse:
            return []
        self.unused = []
        return [one.id for one in found]

    def together(self) -> list[Seen]:
        newest = {one.name: one for one in self.unused}
        found = [one for one in self.unused if newest.get(one.name) is one and one.name in self.trigger.all]
        times = [one.at for one in found]
        return found if len(found) == len(set(self.trigger.all)) and max(times) - min(times) <= self.window else []

    def in_order(self, event: Seen) -> list[Seen]:
        """Backwards from the end, always the latest that fits: no beginning is later than the one found so."""
        if event.name != self.trigger.sequence[-1]:
            return []
        found, names = [event], list(self.trigger.sequence[:-1])
        for one in reversed(self.unused[:-1]):
            if names and one.name == names[-1]:
                names.pop()
                found.append(one)
        return found[::-1] if not names and event.at - found[-1].at <= self.window else []

    @property
    def window(self) -> timedelta:
        assert self.trigger.within is not None
        return self.trigger.within


names = st.sampled_from([A, B, C])
shapes = st.lists(names, min_size=2, max_size=4).flatmap(
    lambda chosen: st.sampled_from([cross(all=tuple(chosen)), cross(sequence=tuple(chosen)), cross(all=tuple(chosen), within=HOUR)])
)


@st.composite
def streams(draw: st.DrawFn, *, in_time: bool) -> tuple[list[Seen], frozenset[str]]:
    """Events with repetitions among them and, unless ``in_time``, out of order; and those whose start a condition refuses."""
    steps = draw(st.lists(st.tuples(names, st.integers(0, 6) if in_time else st.integers(-12, 12)), max_size=25))
    clock, events = 0, list[Seen]()
    for number, (name, hours) in enumerate(steps):
        clock += hours
        events.append(seen(name, clock, f"e{number}"))
        if draw(st.integers(0, 4)) == 0:
            events.append(draw(st.sampled_from(events)))
    return events, frozenset(draw(st.sets(st.sampled_from([one.id for one in events]), max_size=3)) if events else ())


@given(shapes, st.booleans().flatmap(lambda in_time: streams(in_time=in_time)))
def test_every_start_is_the_one_that_the_rules_say(trigger: Trigger, stream: tuple[list[Seen], frozenset[str]]) -> None:
    events, refuse = stream
    naive = Naive(trigger, refuse)
    assert fired(trigger, events, refuse=refuse) == [found for event in events if (found := naive.arrive(event))]


@given(st.lists(names, min_size=2, max_size=3), streams(in_time=True))
def test_a_sequence_in_time_fires_exactly_when_some_choice_of_events_fits(
    chosen: list[str], stream: tuple[list[Seen], frozenset[str]]
) -> None:
    """Found by trying every choice: keeping only the latest beginnings misses none."""
    trigger, events = cross(sequence=tuple(chosen)), list({one.id: one for one in stream[0]}.values())
    first = next((number for number in range(1, len(events) + 1) if some_choice_fits(trigger, events[:number])), None)
    starts = fired(trigger, events)
    assert (starts[0][-1] if starts else None) == (events[first - 1].id if first else None)


def some_choice_fits(trigger: Trigger, events: list[Seen]) -> bool:
    choices = combinations(events[:-1], len(trigger.sequence) - 1)
    fitting = ([*choice, events[-1]] for choice in choices)
    return any(tuple(one.name for one in choice) == trigger.sequence and choice[-1].at - choice[0].at <= 10 * HOUR for choice in fitting)


@given(st.sampled_from([cross(all=(A, B)), cross(sequence=(A, B)), QUIET]), streams(in_time=False), st.data())
def test_what_is_offered_again_after_a_crash_changes_nothing(
    trigger: Trigger, stream: tuple[list[Seen], frozenset[str]], data: st.DataObject
) -> None:
    state: State | None = None
    for event in stream[0]:
        state = after(gather(trigger, state, event, event.at))
    again = data.draw(st.permutations(stream[0]))
    for event in again:
        done = gather(trigger, state, event, NOON)
        assert done.events == ()
        assert state is None or event.name not in trigger.events or done.state == state


def after(done: Gathered) -> State:
    return json.loads(json.dumps(done.spent if done.events else done.state))


@given(shapes, streams(in_time=True))
def test_a_case_is_kept_as_long_as_it_can_be_of_use_and_holds_a_bounded_number_of_events(
    trigger: Trigger, stream: tuple[list[Seen], frozenset[str]]
) -> None:
    state: State | None = None
    for event in stream[0]:
        done = gather(trigger, state, event, event.at)
        assert done.due_at >= event.at + (trigger.within or HOUR)
        state = after(done)
        held: Any = state.get("held") or state.get("events") or ()
        assert len(held) <= max(len(trigger.all), len(trigger.sequence) ** 2)


def test_times_are_kept_exactly() -> None:
    event = Seen(A, "x", datetime.fromisoformat("2026-11-23T12:00:00.000001+00:00"), {"amount": 1.5})
    assert last_of(json.loads(json.dumps(gather(QUIET, None, event, NOON).state))) == event
