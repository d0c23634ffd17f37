"""The announcer: what stands becomes what is wanted, once, in spite of everything."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.events import Event, Posting, PostingSent, PostingSettled, PostingState, PostingsTouched, PostingWanted, Priority
from engine.parties import Address, MessageRef
from engine.runtime.announcer import Announcer
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock, settled

OPS, DEV = Address("slack", "C1"), Address("slack", "C2")


class Wall:
    """A postman whose channels are lists; ``fails`` says what happens to the next deliveries to a channel."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str]] = []
        self.edits: list[str] = []
        self.fails: dict[str, list[SignalboxError]] = {}
        self.lost: set[str] = set()  # subjects whose answer is lost after they were posted
        self.standing: dict[tuple[str, str], MessageRef] = {}

    async def deliver(self, posting: Posting) -> MessageRef:
        if self.fails.get(posting.to.channel):
            raise self.fails[posting.to.channel].pop(0)
        if posting.ref is not None:
            self.edits.append(posting.subject)
            return posting.ref
        self.posts.append((posting.to.channel, posting.subject))
        ref = MessageRef("slack", posting.to.channel, f"m{len(self.posts)}")
        self.standing[posting.to.channel, posting.subject] = ref
        if posting.subject in self.lost:
            self.lost.discard(posting.subject)
            raise Unanswered("no answer")
        return ref

    async def look(self, posting: Posting) -> MessageRef | None:
        return self.standing.get((posting.to.channel, posting.subject))


class House:
    def __init__(self) -> None:
        self.clock, self.wall = StandingClock(), Wall()
        self.store = MemoryStore()
        self.announcer = Announcer(self.store, self.wall, self.clock, paced=frozenset())

    async def want(self, subject: str, to: Address = OPS) -> None:
        await self.store.ledger.record(PostingWanted(subject, "note", to))
        await settled()

    async def posting(self, subject: str) -> Posting:
        (posting,) = await self.store.postings.of(subject)
        return posting


@pytest.fixture
async def house():
    house = House()
    await house.announcer.start()
    yield house
    await house.announcer.stop()


async def test_a_card_is_posted_once_and_edited_ever_after(house: House) -> None:
    await house.want("a")
    await house.store.ledger.record(PostingsTouched("a"))
    await settled()
    await house.store.ledger.record(PostingsTouched("a"))
    await settled()
    assert house.wall.posts == [("C1", "a")]
    assert house.wall.edits == ["a", "a"]
    assert (await house.posting("a")).state is PostingState.SETTLED


async def test_a_subject_that_stands_in_two_channels_is_edited_in_both(house: House) -> None:
    await house.want("a", OPS)
    await house.want("a", DEV)
    await house.store.ledger.record(PostingsTouched("a"))
    await settled()
    assert sorted(house.wall.posts) == [("C1", "a"), ("C2", "a")]
    assert house.wall.edits == ["a", "a"]


async def test_a_lost_answer_is_looked_for_and_never_posted_twice(house: House) -> None:
    house.wall.lost.add("a")
    await house.want("a")
    assert house.wall.posts == [("C1", "a")]
    assert (await house.posting("a")).ref == MessageRef("slack", "C1", "m1")


async def test_what_a_crash_left_half_sent_is_looked_for_first(house: House) -> None:
    await house.announcer.stop()
    await house.store.ledger.record(PostingWanted("a", "note", OPS))
    posting = await house.posting("a")
    await house.store.ledger.record(PostingSent(posting.id))
    house.wall.standing["C1", "a"] = MessageRef("slack", "C1", "from before")
    again = Announcer(house.store, house.wall, house.clock, paced=frozenset())
    await again.start()
    await settled()
    assert house.wall.posts == []
    assert (await house.posting("a")).ref == MessageRef("slack", "C1", "from before")
    assert house.wall.edits == ["a"], "what was wanted while it was on its way may not stand there yet"
    await again.stop()


async def test_one_dead_channel_does_not_hold_up_another(house: House) -> None:
    house.wall.fails["C1"] = [Transient("429", 30.0)]
    await house.want("a", OPS)
    await house.want("b", DEV)
    assert house.wall.posts == [("C2", "b")]
    posting = await house.posting("a")
    assert posting.not_before is not None
    assert (posting.not_before - house.clock.now()).total_seconds() == 30.0


async def test_what_can_never_be_sent_is_given_up_with_the_reason(house: House) -> None:
    house.wall.fails["C1"] = [Rejected("not_in_channel: invite the bot")]
    await house.want("a")
    posting = await house.posting("a")
    assert (posting.state, posting.error) == (PostingState.FAILED, "not_in_channel: invite the bot")


async def test_a_speaker_waits_until_its_words_stand_and_says_them_once_for_one_key(house: House) -> None:
    first = await house.announcer.say(OPS, {"text": "hello"}, key="run_1:post")
    second = await house.announcer.say(OPS, {"text": "hello"}, key="run_1:post")
    assert first == second == MessageRef("slack", "C1", "m1")
    assert house.wall.posts == [("C1", "run_1:post")]


async def test_a_speaker_is_told_when_nothing_can_be_said_there(house: House) -> None:
    house.wall.fails["C1"] = [Rejected("channel_not_found")]
    with pytest.raises(Rejected, match="channel_not_found"):
        await house.announcer.say(OPS, {"text": "hello"}, key="k")


async def test_wishes_that_come_while_a_card_is_on_the_wire_are_shown_afterwards(house: House) -> None:
    gate = asyncio.Event()
    deliver = house.wall.deliver

    async def slowly(posting: Posting) -> MessageRef:
        await gate.wait()
        return await deliver(posting)

    house.wall.deliver = slowly  # type: ignore[method-assign]
    await house.want("a")
    for _ in range(5):
        await house.store.ledger.record(PostingsTouched("a"))
    gate.set()
    await settled(100)
    assert house.wall.posts == [("C1", "a")]
    assert house.wall.edits == ["a"]
    assert (await house.posting("a")).state is PostingState.SETTLED


async def test_a_channel_that_asks_for_patience_is_left_alone_with_all_its_cards(house: House) -> None:
    house.wall.fails["C1"] = [Transient("429", 30.0)]
    await house.want("a", OPS)
    await house.want("b", OPS)
    assert house.wall.posts == [], "the second card is not what finds out that the first was right"
    await house.clock.pass_(31)
    await house.want("c", OPS)
    assert [subject for _, subject in house.wall.posts] == ["a", "b", "c"]


async def test_edits_nobody_asked_for_come_together_and_a_persons_edit_comes_at_once(house: House) -> None:
    await house.want("a")
    for _ in range(5):
        await house.store.ledger.record(PostingsTouched("a", Priority.REPORT))
        await settled()
    assert house.wall.edits == [], "it was posted this moment"
    await house.store.ledger.record(PostingsTouched("a"))
    await settled()
    assert house.wall.edits == ["a"]
    await house.store.ledger.record(PostingsTouched("a", Priority.REPORT))
    await house.clock.pass_(11)
    await house.want("b")
    assert house.wall.edits == ["a", "a"]


async def test_an_urgent_card_that_does_not_come_through_is_told_by_a_second_way_once() -> None:
    house = House()
    house.announcer = Announcer(house.store, house.wall, house.clock, paced=frozenset(), instead=lambda to: [Address("discord", "9")])
    await house.announcer.start()
    house.wall.fails["C1"] = [Transient("503") for _ in range(14)]
    await house.store.ledger.record(PostingWanted("alr_1", "alert", OPS), PostingWanted("rep_1", "note", OPS))
    for _ in range(30):
        await house.clock.pass_(10)
        house.announcer._wake.set()
        await settled()
    assert house.wall.posts.count(("9", "alr_1")) == 1
    assert not [post for post in house.wall.posts if post == ("9", "rep_1")], "a report can wait"
    assert house.wall.posts.count(("C1", "alr_1")) == 1, "and the first way is gone as soon as it is open again"
    await house.announcer.stop()


async def test_a_place_that_will_never_take_an_urgent_card_has_the_second_way_taken_at_once() -> None:
    house = House()
    house.announcer = Announcer(house.store, house.wall, house.clock, paced=frozenset(), instead=lambda to: [Address("discord", "9")])
    await house.announcer.start()
    house.wall.fails["C1"] = [Rejected("not in channel")]
    await house.store.ledger.record(PostingWanted("alr_1", "alert", OPS))
    await settled(100)
    assert house.wall.posts == [("9", "alr_1")]
    await house.announcer.stop()


async def test_to_give_a_place_up_and_to_want_the_second_way_is_one_commit() -> None:
    """A death between the two would leave an alert that nobody is ever told of."""
    house = House()
    house.announcer = Announcer(house.store, house.wall, house.clock, paced=frozenset(), instead=lambda to: [Address("discord", "9")])
    together: list[set[str]] = []
    house.store.ledger.listen(lambda events: together.append({type(event).__name__ for event in events}))
    await house.announcer.start()
    house.wall.fails["C1"] = [Rejected("not in channel")]
    await house.store.ledger.record(PostingWanted("alr_1", "alert", OPS))
    await settled(100)
    assert [names for names in together if "PostingPutOff" in names] == [{"PostingPutOff", "PostingWanted"}]
    await house.announcer.stop()


async def test_a_platform_that_is_down_for_a_day_is_tried_every_minute_and_is_no_fault_of_ours(house: House) -> None:
    await house.store.ledger.record(PostingWanted("a", "note", OPS))
    await settled()
    (posting,) = await house.store.postings.of("a")
    house.wall.fails["C1"] = [Transient("503")]
    await house.announcer._send(replace(posting, tries=1_500))
    (posting,) = await house.store.postings.of("a")
    assert posting.not_before is not None
    assert (posting.not_before - house.clock.now()).total_seconds() == 60
    assert posting.error == "503"


async def test_one_card_that_cannot_be_looked_for_keeps_no_other_from_being_posted_after_a_restart() -> None:
    house = House()

    async def broken(posting: Posting) -> MessageRef | None:
        raise KeyError(posting.subject)

    house.wall.look = broken  # type: ignore[method-assign]
    await house.store.ledger.record(PostingWanted("a", "note", OPS), PostingWanted("b", "note", DEV))
    (posting,) = await house.store.postings.of("a")
    await house.store.ledger.record(PostingSent(posting.id))
    await house.announcer.start()
    await settled()
    assert house.wall.posts == [("C2", "b")]
    assert (await house.posting("a")).error == "internal fault, see the log"
    await house.announcer.stop()


async def test_what_was_posted_while_the_store_was_busy_is_found_again_without_a_restart() -> None:
    """It stands there, but nobody could write that down: neither posted twice nor left without its edits for ever."""
    house = House()
    record, busy = house.store.ledger.record, [True]

    async def full(*events: Event) -> None:
        if busy and any(isinstance(event, PostingSettled) for event in events):
            busy.pop()
            raise Transient("the database is busy")
        await record(*events)

    house.store.ledger.record = full  # type: ignore[method-assign]
    await house.announcer.start()
    await house.want("a")
    await house.clock.pass_(10)
    house.announcer._wake.set()
    await settled()
    await house.store.ledger.record(PostingsTouched("a"))
    await settled()
    assert house.wall.posts == [("C1", "a")]
    assert house.wall.edits[-1:] == ["a"]
    assert (await house.posting("a")).state is PostingState.SETTLED
    await house.announcer.stop()


# --- whether it is at work, as a heartbeat asks


async def test_a_fault_of_ours_while_it_looks_through_the_outbox_does_not_end_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = house.store.postings.heads

    async def broken(*_: object) -> list[Posting]:
        raise ZeroDivisionError

    monkeypatch.setattr(house.store.postings, "heads", broken)
    await house.want("card")
    assert house.announcer.trouble() == "", "once is nothing"
    await house.clock.pass_(125)
    assert house.announcer.trouble() == "The announcer does not get through to its outbox."
    monkeypatch.setattr(house.store.postings, "heads", looked)
    await house.want("other", DEV)
    await house.clock.pass_(2)
    house.announcer._wake.set()
    await settled(100)
    assert (sorted(house.wall.posts), house.announcer.trouble()) == ([("C1", "card"), ("C2", "other")], "")


async def test_a_card_that_hangs_on_the_wire_is_trouble_and_so_is_an_announcer_that_was_not_started(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Announcer(house.store, house.wall, house.clock).trouble() == "The announcer is not running."

    async def hanging(posting: Posting) -> MessageRef:
        never: asyncio.Future[MessageRef] = asyncio.get_running_loop().create_future()
        return await never

    monkeypatch.setattr(house.wall, "deliver", hanging)
    await house.want("card")
    await house.clock.pass_(590)
    house.announcer._wake.set()
    await settled()
    assert house.announcer.trouble() == ""
    await house.clock.pass_(20)
    assert house.announcer.trouble() == "A card has been on its way to slack for more than 10 minutes."
    for task in house.announcer._busy.values():
        task.cancel()
