"""The poller: asks only for what somebody waits for, tells each happening once, and loses none between a commit and the next look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import Rejected, SignalboxError, Transient
from engine.events import CursorMoved, Happening, Received, WaitOpened, WorkflowSaved
from engine.ports import Poll, Polled
from engine.runtime.deliveries import key_of, write
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.poller import Poller
from engine.workflow.definition import Json, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.wished import Bound, Wished
from storage.memory import MemoryStore
from tests.engine.runtime.world import NOON, Bench, ManualClock, definition, runner_over, settle, step, workflow

CARDS = Poll(
    service="trello", account="default", name="actions", every=60.0, events=frozenset({"trello.card_created", "trello.card_moved"})
)
NAME = "poll:trello:default:actions"


def on(event: str) -> Trigger:
    service, _, name = event.partition(".")
    return Trigger(type=TriggerType.EVENT_BASED, service=service, event=name)


def flow(trigger: Trigger) -> Workflow:
    return workflow(definition(step("a", arguments={"t": "{{event.title}}"}), trigger=trigger))


@dataclass
class Board:
    """Fulfils ``ports.Polls``: a list that grows, read by its length."""

    offered: list[Poll] = field(default_factory=lambda: [CARDS])
    cards: list[str] = field(default_factory=list)
    trouble: list[SignalboxError] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    wanted: list[Sequence[Wished]] = field(default_factory=list)
    most: int = 100
    note: str = ""

    async def polls(self) -> Sequence[Poll]:
        return self.offered

    async def poll(self, poll: Poll, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished]) -> Polled:
        self.asked.append(None if cursor is None else cursor["read"])
        self.wanted.append(wanted)
        if self.trouble:
            raise self.trouble.pop(0)
        if cursor is None:
            return Polled(happenings=(), cursor={"read": len(self.cards)}, note=self.note)
        begin: Any = cursor["read"]
        new = self.cards[begin : begin + self.most]
        told = tuple(Happening(f"default:actions:{card}", "trello", "card_created", NOON, {"title": card}) for card in new)
        return Polled(happenings=told, cursor={"read": begin + len(new)}, more=begin + len(new) < len(self.cards), note=self.note)


class House:
    """A store that outlives the processes that poll and dispatch over it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        self.board = Board()
        self.bench = Bench()
        self.begin()

    def begin(self) -> None:
        """A new process."""
        store = self.store
        self.runner = runner_over(store, self.bench, self.clock)
        self.dispatcher = Dispatcher(
            ledger=store.ledger, inbox=store.inbox, workflows=store.workflows, runs=store.runs, alerts=store.alerts, samples=store.samples,
            waits=store.waits, gatherings=store.gatherings, runner=self.runner, clock=self.clock,
        )  # fmt: skip
        self.poller = Poller(self.board, self.dispatcher, ledger=store.ledger, cursors=store.cursors, clock=self.clock)

    async def start(self, *flows: Workflow) -> None:
        for one in flows:
            await self.store.ledger.record(WorkflowSaved(one))
        await self.dispatcher.start()
        await self.poller.start()
        await self.rest()

    async def rest(self) -> None:
        for _ in range(3):
            await settle(20)
            await self.poller.idle()
            await self.dispatcher.idle()

    async def wait(self, seconds: float) -> None:
        await self.clock.pass_time(seconds, self.rest)

    async def crash(self) -> None:
        await self.poller.stop()
        await self.dispatcher.stop()
        await self.runner.stop(grace=0)
        self.begin()

    def started(self) -> list[str]:
        """The titles that runs were started with."""
        return sorted(str(call.arguments["t"]) for call in self.bench.asked)


async def test_a_house_where_nobody_waits_asks_nothing() -> None:
    house = House()
    await house.start(flow(on("github.push")))
    await house.wait(600)
    assert house.board.asked == []
    assert await house.store.cursors.under("") == []


async def test_the_first_look_replays_nothing_and_what_comes_after_it_starts_a_run_each() -> None:
    house = House()
    house.board.cards = ["old", "older"]
    await house.start(flow(on("trello.card_created")))
    assert house.board.asked == [None]
    house.board.cards += ["new", "newer"]
    await house.wait(70)
    assert house.started() == ["new", "newer"]
    await house.wait(200)
    assert house.started() == ["new", "newer"]
    assert house.board.asked[:3] == [None, 2, 4]


async def test_a_workflow_made_while_the_house_runs_counts_from_that_moment() -> None:
    house = House()
    await house.start()
    house.board.cards = ["before"]
    await house.store.ledger.record(WorkflowSaved(flow(on("trello.card_created"))))
    await house.wait(2)
    house.board.cards += ["after"]
    await house.wait(70)
    assert house.started() == ["after"]


async def test_what_nobody_waits_for_any_more_is_forgotten_and_never_told_to_who_waits_next() -> None:
    house = House()
    waits = flow(on("trello.card_created"))
    await house.start(waits)
    paused = replace(waits, state=WorkflowState.PAUSED, revision=2)
    await house.store.ledger.record(WorkflowSaved(paused))
    await house.wait(2)
    assert await house.store.cursors.under("poll:") == []
    house.board.cards += ["while paused"]
    await house.store.ledger.record(WorkflowSaved(replace(waits, revision=3)))
    await house.wait(2)
    house.board.cards += ["awake again"]
    await house.wait(70)
    assert house.started() == ["awake again"]


async def test_a_step_that_waits_is_reason_enough_to_ask() -> None:
    house = House()
    await house.start()
    await house.store.ledger.record(WaitOpened("run_1", "w", "trello.card_moved"))
    await house.wait(2)
    assert house.board.asked == [None]


async def test_only_events_that_somebody_waits_for_are_written_down() -> None:
    house = House()
    await house.start(flow(on("trello.card_moved")))
    house.board.cards += ["created, not moved"]
    await house.wait(70)
    assert (await house.store.cursors.under(NAME))[0].state == {"read": 1}
    assert await house.store.inbox.between(NOON, NOON.replace(year=2030), prefix="hook:", limit=9) == []


async def test_the_conditions_of_those_who_wait_are_handed_to_the_poll() -> None:
    house = House()
    waits = flow(on("trello.card_created"))
    definition = replace(waits.definition, when="event.metric == 'signups' && event.value < 100")
    await house.start(replace(waits, definition=definition))
    assert house.board.wanted == [[Wished({"metric": "signups"}, (Bound("value", "<", 100.0),))]]


# --- crashes ------------------------------------------------------------------------------------------------------------


async def test_a_crash_before_the_commit_asks_again_and_one_after_it_takes_the_happenings_up() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    await house.crash()
    house.board.cards += ["told while down"]
    cursor = (await house.store.cursors.under(NAME))[0]
    happening = Happening("default:actions:told while down", "trello", "card_created", NOON, {"title": "told while down"})
    # What the process that died had committed together, right before it dispatched anything.
    moved = CursorMoved(NAME, {"read": 1}, NOON, cursor.revision + 1)
    await house.store.ledger.record(Received(key_of(happening), NOON, write([happening])), moved)
    await house.start()
    await house.wait(300)
    assert house.started() == ["told while down"]


async def test_a_happening_that_is_known_already_does_not_keep_the_others_back() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    known = Happening("default:actions:twice", "trello", "card_created", NOON, {"title": "twice"})
    await house.dispatcher.accept([known])
    house.board.cards += ["twice", "once"]
    await house.wait(70)
    assert house.started() == ["once", "twice"]
    assert (await house.store.cursors.under(NAME))[0].state == {"read": 2}


async def test_a_cursor_that_another_process_moved_meanwhile_is_left_to_it() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    house.board.cards += ["a", "b"]
    poll = house.board.poll

    async def slow(asked: Poll, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished]) -> Polled:
        polled = await poll(asked, cursor, wanted)
        await house.store.ledger.record(CursorMoved(NAME, {"read": 2}, NOON, 2))
        house.board.poll = poll  # type: ignore[method-assign]
        return polled

    house.board.poll = slow  # type: ignore[method-assign, assignment]
    await house.wait(70)
    assert house.started() == []
    house.board.cards += ["c"]
    await house.wait(200)
    assert house.started() == ["c"]


# --- pace ---------------------------------------------------------------------------------------------------------------


async def test_a_poll_that_has_more_is_asked_again_at_once() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    house.board.most = 2
    house.board.cards += [f"card {n}" for n in range(7)]
    await house.wait(70)
    assert len(house.started()) == 7


async def test_trouble_is_met_with_longer_and_longer_pauses_and_forgotten_when_it_is_over() -> None:
    house = House()
    house.board.trouble = [Transient("Trello is down.")] * 5
    await house.start(flow(on("trello.card_created")))
    assert house.poller.states()[0].trouble == "Trello is down."
    await house.wait(60 + 120 + 240 + 480 + 100)
    assert len(house.board.asked) == 5
    await house.wait(1200)
    assert len(house.board.asked) >= 6
    assert house.poller.states()[0].trouble == ""


async def test_a_pause_that_the_service_asks_for_is_kept() -> None:
    house = House()
    house.board.trouble = [Transient("Too fast.", 900.0)]
    await house.start(flow(on("trello.card_created")))
    await house.wait(890)
    assert len(house.board.asked) == 1
    await house.wait(120)
    assert len(house.board.asked) >= 2


async def test_a_refused_poll_is_tried_again_now_and_then_and_says_why_meanwhile() -> None:
    house = House()
    house.board.trouble = [Rejected("Check TRELLO_TOKEN.")] * 100
    await house.start(flow(on("trello.card_created")))
    await house.wait(3600)
    assert 5 <= len(house.board.asked) <= 7
    assert house.poller.states()[0].trouble == "Check TRELLO_TOKEN."


async def test_a_feed_that_was_lost_and_starts_anew_says_so_in_the_audit() -> None:
    house = House()
    house.board.note = "It is read from now on."
    await house.start(flow(on("trello.card_created")))
    rows = await house.store.audit.list(subject="trello:default")
    assert [(row.verb, row.detail) for row in rows] == [("poll", "It is read from now on.")]


async def test_before_deliveries_take_over_what_is_new_is_asked_for_once_more() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    house.board.cards += ["just before"]
    await house.poller.catch_up("github", "default")
    assert house.started() == []
    await house.poller.catch_up("trello", "default")
    house.board.offered = [replace(CARDS, events=frozenset())]
    await house.store.ledger.record(CursorMoved("hook:trello:default:x", {"id": 1}, NOON))
    await house.wait(2)
    assert house.started() == ["just before"]
    assert (house.poller.states(), await house.store.cursors.under("poll:")) == ([], [])


async def test_an_account_whose_deliveries_were_set_up_meanwhile_is_not_asked_any_more() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    house.board.offered = []
    await house.wait(200)
    assert len(house.board.asked) <= 2
    assert house.poller.states() == []


async def test_a_delivery_that_says_something_changed_has_the_poll_asked_at_once_but_not_in_a_row() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    asked = len(house.board.asked)
    house.board.cards.append("new")
    await house.wait(6)  # apart from the first look
    house.poller.wake("trello", "default", ["actions", "no such poll"])
    await house.wait(2)
    assert house.started() == ["new"]
    assert len(house.board.asked) == asked + 1
    for _ in range(5):
        house.poller.wake("trello", "default", ["actions"])
        await house.wait(0.2)
    assert len(house.board.asked) == asked + 1


async def test_a_poll_that_fails_is_not_woken_out_of_its_pause() -> None:
    house = House()
    await house.start(flow(on("trello.card_created")))
    house.board.trouble = [Transient("down")]
    await house.wait(70)
    asked = len(house.board.asked)
    house.poller.wake("trello", "default", ["actions"])
    await house.wait(3)
    assert len(house.board.asked) == asked
