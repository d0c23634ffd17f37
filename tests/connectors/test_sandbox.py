"""The sandbox rehearses: it refuses what the real thing would, and fails on purpose the way the real thing does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors._kit.failures import Throttled
from connectors._kit.sandbox import KINDS, PAUSE, SLOW
from connectors._kit.shelf import Shelf
from engine.errors import Invalid, NotFound, Rejected, Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample
from engine.ports import Fault
from tests.connectors.rig import SetClock, call, open_shelf

CARD = {"board": "Release", "list": "Doing", "title": "Speed up the login"}


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def shelf(clock: SetClock) -> Shelf:
    return open_shelf({}, clock)


async def probe(shelf: Shelf, service: str = "trello") -> Sample:
    return await shelf.probe(next(a for a in shelf.accounts() if a.service == service))


async def create_card(shelf: Shelf, key: str = "k1") -> dict[str, Any]:
    answer = await shelf.perform(call("trello.create_card", CARD, key=key))
    assert answer.sandbox
    assert isinstance(answer.output, dict)
    return answer.output


async def test_a_card_made_in_the_sandbox_has_what_was_asked_and_an_id_of_its_own(shelf: Shelf) -> None:
    first, again, other = [await create_card(shelf, key) for key in ("k1", "k1", "k2")]
    assert {name: first[name] for name in CARD} == CARD
    assert first == again
    assert first["card"] != other["card"]
    assert first["url"].startswith("https://trello.com/c/")


async def test_the_sandbox_refuses_what_the_real_service_would_never_be_asked(shelf: Shelf) -> None:
    with pytest.raises(Invalid, match="“title” is missing"):
        await shelf.perform(call("trello.create_card", {"board": "Release"}))
    with pytest.raises(NotFound, match="Did you mean “create_card”"):
        await shelf.perform(call("trello.create_crad", CARD))
    with pytest.raises(Rejected, match="neither a number nor a link"):
        await shelf.perform(call("github.close_issue", {"issue": "the last one", "repo": "a/b"}))


@pytest.mark.parametrize(
    ("kind", "write", "read"),
    [("down", Transient, Transient), ("429", Throttled, Throttled), ("5xx", Unanswered, Transient), ("lost_answer", Unanswered, Transient)],
)
async def test_a_fault_on_purpose_is_the_word_the_real_fault_would_be(
    kind: str, write: type[Exception], read: type[Exception], shelf: Shelf
) -> None:
    shelf.sandbox.inject(Fault("trello", kind))
    with pytest.raises(write, match="on purpose") as caught:
        await create_card(shelf)
    if kind == "429":
        assert getattr(caught.value, "retry_after", None) == PAUSE
    with pytest.raises(read):
        await shelf.perform(call("trello.archive_card", {"card": "x"}))
    assert (await shelf.perform(call("github.close_issue", {"issue": "a/b#1"}))).sandbox  # others are not touched


async def test_a_slow_sandbox_holds_its_caller_up_and_its_probe_shows_it(shelf: Shelf, clock: SetClock) -> None:
    shelf.sandbox.inject(Fault("trello", "slow"))
    await create_card(shelf)
    assert clock.slept == [SLOW]
    sample = await probe(shelf)
    assert (sample.outcome, sample.sandbox) == (Outcome.OK, True)
    assert sample.latency >= SLOW


@pytest.mark.parametrize(
    ("kind", "outcome"), [("down", Outcome.ERROR), ("429", Outcome.THROTTLED), ("5xx", Outcome.ERROR), ("lost_answer", Outcome.ERROR)]
)
async def test_a_fault_hits_the_probe_too_and_mending_ends_it(kind: str, outcome: Outcome, shelf: Shelf) -> None:
    assert (await probe(shelf)).outcome is Outcome.OK
    shelf.sandbox.inject(Fault("trello", kind))
    assert (await probe(shelf)).outcome is outcome
    assert (await probe(shelf, "github")).outcome is Outcome.OK
    shelf.sandbox.mend("trello")
    assert (await probe(shelf)).outcome is Outcome.OK


async def test_a_fault_hits_its_share_of_the_calls(shelf: Shelf, clock: SetClock) -> None:
    shelf.sandbox.inject(Fault("trello", "down", share=0.3))
    clock.dice = 0.31
    await create_card(shelf)
    clock.dice = 0.29
    with pytest.raises(Transient):
        await create_card(shelf)


async def test_a_fault_ends_by_itself_at_its_time(shelf: Shelf, clock: SetClock) -> None:
    shelf.sandbox.inject(Fault("trello", "down", until=clock.now() + timedelta(seconds=60)))
    assert [f.kind for f in shelf.sandbox.faults()] == ["down"]
    await clock.sleep(60)
    await create_card(shelf)
    assert shelf.sandbox.faults() == ()


def test_a_second_fault_of_a_kind_replaces_the_first_and_all_can_be_mended_at_once(shelf: Shelf) -> None:
    for fault in (Fault("trello", "down"), Fault("trello", "down", share=0.5), Fault("github", "slow")):
        shelf.sandbox.inject(fault)
    assert [(f.service, f.share) for f in shelf.sandbox.faults()] == [("trello", 0.5), ("github", 1.0)]
    shelf.sandbox.mend()
    assert shelf.sandbox.faults() == ()


def test_only_what_is_sandboxed_can_be_made_to_fail_and_only_in_known_ways() -> None:
    shelf = open_shelf({"GITHUB_TOKEN": "t"})
    with pytest.raises(Rejected, match="does not answer from the sandbox"):
        shelf.sandbox.inject(Fault("github", "down"))
    with pytest.raises(Rejected, match="Did you mean “trello”"):
        shelf.sandbox.inject(Fault("trelo", "down"))
    with pytest.raises(Rejected, match=", ".join(KINDS)):
        shelf.sandbox.inject(Fault("trello", "on fire"))
    with pytest.raises(Rejected, match="between 0 and 1"):
        shelf.sandbox.inject(Fault("trello", "down", share=float("nan")))
