"""The outbox: news is a wish, not a queue. Over both stores."""

from __future__ import annotations

import pytest

from engine.events import Posting, PostingPutOff, PostingSent, PostingSettled, PostingState, PostingsTouched, Priority
from engine.parties import Address, MessageRef
from engine.ports import Store
from tests.storage.values import NOON, OPS, after, wanted

REF = MessageRef("slack", "C1", "1700000000.000100", "t")
RELEASES = Address("slack", "#releases", "thread")


async def only(store: Store, subject: str = "run:run_1") -> Posting:
    (posting,) = await store.postings.of(subject)
    return posting


async def due(store: Store, seconds: float = 0) -> list[str]:
    return [posting.subject for posting in await store.postings.due(after(seconds))]


async def stands(store: Store, subject: str = "run:run_1") -> Posting:
    """Posted once, and it stands."""
    await store.ledger.record(wanted(subject))
    posting = await only(store, subject)
    await store.ledger.record(PostingSent(posting.id))
    await store.ledger.record(PostingSettled(posting.id, REF, posting.wanted))
    return await only(store, subject)


async def test_a_first_want_is_due_at_once(store: Store) -> None:
    await store.ledger.record(wanted(to=RELEASES, kind="note", priority=Priority.ALERT, payload={"text": "hi", "n": [1]}))
    assert await store.postings.due(NOON) == [
        Posting(
            id=1,
            subject="run:run_1",
            kind="note",
            to=RELEASES,
            priority=Priority.ALERT,
            payload={"text": "hi", "n": [1]},
            state=PostingState.WANTED,
            wanted=1,
            shown=0,
            ref=None,
            tries=0,
            not_before=None,
            error="",
        )
    ]


async def test_one_subject_at_one_place_is_one_message_for_ever(store: Store) -> None:
    await store.ledger.record(wanted(), wanted(), wanted(to=RELEASES), wanted("alert:1"))
    first = [posting.id for posting in await store.postings.of("run:run_1")]
    await store.ledger.record(wanted(), wanted(to=Address("slack", "C1", "thread")))
    found = await store.postings.of("run:run_1")
    assert [(str(p.to), p.wanted) for p in found] == [("slack:C1", 3), ("slack:#releases/thread", 1), ("slack:C1/thread", 1)]
    assert [p.id for p in found[:2]] == first


async def test_the_newest_want_decides_kind_and_payload(store: Store) -> None:
    await store.ledger.record(wanted(kind="note", payload={"text": "old"}))
    await store.ledger.record(wanted(kind="run", payload={"text": "new"}, priority=Priority.REPORT))
    posting = await only(store)
    assert (posting.kind, posting.payload, posting.priority) == ("run", {"text": "new"}, Priority.REPLY)


async def test_what_is_on_the_wire_is_not_due_and_found_after_a_crash(store: Store) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingSent(1))
    assert await due(store) == []
    assert [p.id for p in await store.postings.sending()] == [1]


async def test_a_settled_card_stands_and_is_found_by_its_message(store: Store) -> None:
    posting = await stands(store)
    assert (posting.state, posting.shown, posting.ref) == (PostingState.SETTLED, 1, REF)
    assert await due(store) == []
    assert await store.postings.standing_at(REF) == posting
    assert await store.postings.standing_at(MessageRef("slack", "C1", REF.message)) == posting
    assert await store.postings.standing_at(MessageRef("slack", "C2", REF.message)) is None
    assert await store.postings.standing_at(MessageRef("slack", "C1", "2")) is None


async def test_a_touch_makes_what_stands_due_again(store: Store) -> None:
    await stands(store)
    await store.ledger.record(PostingsTouched("run:run_1"), PostingsTouched("run:run_1"))
    posting = await only(store)
    assert (posting.state, posting.wanted, posting.shown, posting.priority) == (PostingState.WANTED, 3, 1, Priority.EDIT)
    assert await due(store) == ["run:run_1"]


async def test_a_touch_reaches_every_place_of_its_subject_and_no_other(store: Store) -> None:
    await store.ledger.record(wanted(), wanted(to=RELEASES), wanted("run:run_10"), PostingsTouched("run:run_1"), PostingsTouched("nobody"))
    assert [p.wanted for p in await store.postings.of("run:run_1")] == [2, 2]
    assert (await only(store, "run:run_10")).wanted == 1


async def test_a_want_that_came_while_sending_stays_wanted_after_settling(store: Store) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingSent(1), PostingsTouched("run:run_1"))
    assert (await only(store)).state is PostingState.SENDING
    await store.ledger.record(PostingSettled(1, REF, 1))
    posting = await only(store)
    assert (posting.state, posting.wanted, posting.shown, posting.ref) == (PostingState.WANTED, 2, 1, REF)
    await store.ledger.record(PostingSettled(1, REF, 2))
    assert (await only(store)).state is PostingState.SETTLED


async def test_a_card_put_off_is_due_when_its_time_has_come(store: Store) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingSent(1), PostingPutOff(1, after(30), "429"))
    posting = await only(store)
    assert (posting.state, posting.tries, posting.not_before, posting.error) == (PostingState.WANTED, 1, after(30), "429")
    assert await due(store, 29.999999) == []
    assert await due(store, 30) == ["run:run_1"]


async def test_a_new_want_does_not_cut_short_a_wait_the_face_asked_for(store: Store) -> None:
    await store.ledger.record(wanted(), PostingsTouched("run:run_1"))
    await store.ledger.record(PostingPutOff(1, after(30), "429"))
    await store.ledger.record(wanted(), PostingsTouched("run:run_1"))
    assert await due(store, 29) == []
    assert (await only(store)).wanted == 4


async def test_settling_forgets_the_tries_and_the_error(store: Store) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingPutOff(1, after(1), "429"), PostingPutOff(1, after(2), "429"))
    assert (await only(store)).tries == 2
    await store.ledger.record(PostingSettled(1, REF, 1))
    posting = await only(store)
    assert (posting.tries, posting.error, posting.not_before) == (0, "", None)


async def test_a_card_given_up_before_it_stood_comes_back_only_when_wanted_anew(store: Store) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingPutOff(1, None, "no such channel"))
    given_up = await only(store)
    assert (given_up.state, given_up.error) == (PostingState.FAILED, "no such channel")
    await store.ledger.record(PostingsTouched("run:run_1"))
    assert await only(store) == given_up
    await store.ledger.record(wanted())
    posting = await only(store)
    assert (posting.state, posting.wanted, posting.tries, posting.error) == (PostingState.WANTED, 2, 0, "")
    assert await due(store) == ["run:run_1"]


async def test_a_standing_card_whose_edit_was_given_up_is_edited_at_the_next_touch(store: Store) -> None:
    await stands(store)
    await store.ledger.record(PostingsTouched("run:run_1"), PostingPutOff(1, None, "too long"))
    assert (await only(store)).state is PostingState.FAILED
    await store.ledger.record(PostingsTouched("run:run_1"))
    assert await due(store) == ["run:run_1"]


async def test_replies_go_before_edits_and_those_before_alerts_and_reports(store: Store) -> None:
    await store.ledger.record(wanted("report", priority=Priority.REPORT), wanted("alert", priority=Priority.ALERT))
    await store.ledger.record(wanted("edit", priority=Priority.EDIT), wanted("reply", priority=Priority.REPLY))
    assert await due(store) == ["reply", "edit", "alert", "report"]
    assert [p.subject for p in await store.postings.due(NOON, limit=2)] == ["reply", "edit"]


async def test_who_waits_longest_is_served_first_however_often_others_change(store: Store) -> None:
    await stands(store, "busy")
    await stands(store, "patient")
    await store.ledger.record(PostingsTouched("patient"))
    for _ in range(3):
        await store.ledger.record(PostingsTouched("busy"))
        await store.ledger.record(PostingsTouched("patient"))
        assert await due(store) == ["patient", "busy"]
    await store.ledger.record(PostingSettled((await only(store, "patient")).id, REF, 2))
    assert await due(store) == ["busy", "patient"]


@pytest.mark.parametrize("kind", [Priority.EDIT, Priority.REPORT])
async def test_a_touch_never_delays_a_card_that_is_more_urgent(store: Store, kind: Priority) -> None:
    await store.ledger.record(wanted())
    await store.ledger.record(PostingsTouched("run:run_1", kind))
    assert (await only(store)).priority is Priority.REPLY


async def test_asking_an_empty_outbox_is_fine(store: Store) -> None:
    assert await store.postings.due(NOON) == []
    assert await store.postings.sending() == []
    assert await store.postings.of("run:run_1") == []
    assert await store.postings.standing_at(REF) is None


async def test_cards_of_one_address_are_kept_apart_by_subject(store: Store) -> None:
    await store.ledger.record(wanted("a", OPS), wanted("b", OPS))
    assert [p.id for p in await store.postings.of("b")] == [2]


async def test_the_head_of_each_channel_is_its_most_urgent_and_patient_card_that_is_due(store: Store) -> None:
    await store.ledger.record(wanted("report", priority=Priority.REPORT), wanted("reply", priority=Priority.REPLY), wanted("later"))
    await store.ledger.record(
        wanted("elsewhere", to=RELEASES, priority=Priority.EDIT), wanted("elsewhere too", to=RELEASES, priority=Priority.EDIT)
    )
    assert [posting.subject for posting in await store.postings.heads(NOON)] == ["reply", "elsewhere"]
    (reply,) = await store.postings.of("reply")
    await store.ledger.record(PostingPutOff(reply.id, after(60), "429"))
    assert [posting.subject for posting in await store.postings.heads(NOON)] == ["later", "elsewhere"]
