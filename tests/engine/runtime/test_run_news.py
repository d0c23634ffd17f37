"""What is recorded beside facts: which cards change, who waits for what, and nothing for steps that concern nobody."""

from __future__ import annotations

from engine.errors import Unanswered
from engine.events import Event, PostingsTouched, PostingWanted, WaitClosed, WaitOpened
from engine.parties import Address
from engine.runtime.run_news import News
from engine.workflow import outcomes
from engine.workflow.approval import approval_id
from engine.workflow.definition import Approve, SubRun, Wait
from engine.workflow.doubt import doubt_id
from engine.workflow.fold import fold
from engine.workflow.kernel import begin, plan
from engine.workflow.outline import outline_of
from engine.workflow.progress import Run
from engine.workflow.run import Fact, RunRecord, RunState
from storage.memory import MemoryStore
from tests.engine.runtime.world import CATALOGUE, NOON, definition, step

OPS = Address("slack", "#ops")
RECORD = RunRecord(
    id="run_1", workflow="wf_1", version=1, name="Test", state=RunState.RUNNING, started_at=NOON, by="web:ada", where="slack:#ops"
)  # fmt: skip


class Told:
    """A run, and what was told beside each further batch of its facts."""

    def __init__(self, *steps: object) -> None:
        self.run = begin(outline_of(definition(*steps), CATALOGUE), RECORD)  # type: ignore[arg-type]
        self.news = News(MemoryStore().postings)
        self.say(outcomes.started(self.run, NOON, event={}, inputs={}))

    def say(self, facts: tuple[Fact, ...], *, shown: bool = False) -> list[Event]:
        before = self.run
        planned = plan(fold(before, facts), NOON)
        self.run: Run = planned.run
        return self.news.of(before, self.run, (*facts, *planned.facts), shown=shown)


def test_a_plain_answer_changes_no_card_but_the_runs_own() -> None:
    told = Told(step("a"), step("b"))
    assert told.say(outcomes.answered(told.run, NOON, "a", 1)) == []
    assert told.say(outcomes.answered(told.run, NOON, "b", 1), shown=True) == [PostingsTouched("run_1")]


def test_a_doubt_puts_up_one_card_and_its_end_touches_that() -> None:
    told = Told(step("pay"), step("then"))
    news = told.say(outcomes.failed(told.run, NOON, "pay", Unanswered("lost"), lambda rule, tries, wanted: 1.0))
    card = doubt_id(told.run, "pay")
    assert news == [PostingWanted(card, "doubt", OPS, payload={"run": "run_1", "step": "pay", "attempt": 1})]
    assert told.say(outcomes.decided(told.run, NOON, "pay", happened=True, output=None, by="Ada")) == [PostingsTouched(card)]


def test_every_vote_and_the_end_of_an_approval_touch_its_card() -> None:
    told = Told(step("ok", action="", does=Approve(quorum=2)), step("then"))
    card = PostingsTouched(approval_id("run_1:ok"))
    assert told.say(outcomes.taken(told.run, NOON, "ok")) == []
    assert told.say(outcomes.voted(told.run, NOON, "ok", approved=True, actor="web:b", by="Bob")) == [card]
    assert card in told.say(outcomes.voted(told.run, NOON, "ok", approved=True, actor="web:e", by="Eve"))


def test_whoever_cancels_a_run_closes_what_it_still_asks_people() -> None:
    told = Told(step("ok", action="", needs=(), does=Approve()), step("pay", needs=()))
    told.say(outcomes.taken(told.run, NOON, "ok"))
    told.say(outcomes.failed(told.run, NOON, "pay", Unanswered("lost"), lambda rule, tries, wanted: 1.0))
    doubt = doubt_id(told.run, "pay")
    news = told.say(outcomes.cancelled(told.run, NOON, "Ada"))
    assert PostingsTouched(approval_id("run_1:ok")) in news
    assert PostingsTouched(doubt) in news


def test_a_wait_for_an_event_is_in_the_index_as_long_as_it_lasts() -> None:
    told = Told(step("nap", action="", does=Wait(event="github.push", timeout=60.0)), step("then"))
    again = Told(step("a"), step("nap", action="", does=Wait(event="github.push")))
    opened = again.say(outcomes.answered(again.run, NOON, "a", 1))
    assert opened == [WaitOpened("run_1", "nap", "github.push", None)]
    assert told.say(outcomes.happened(told.run, NOON, "nap", "github.push", {})) == [WaitClosed("run_1", "nap")]


def test_a_parent_stands_in_the_index_under_the_run_it_waits_for() -> None:
    told = Told(step("sub", action="", does=SubRun(workflow="Child")))
    (opened,) = told.say(outcomes.taken(told.run, NOON, "sub"))
    assert isinstance(opened, WaitOpened)
    assert opened.event.startswith("run:run_")
    answer = outcomes.late_answer(told.run, NOON, "sub", {"run": "x", "state": "succeeded", "outputs": {}}, "Child")
    assert told.say(answer) == [WaitClosed("run_1", "sub")]


def test_a_time_that_is_waited_for_needs_no_index() -> None:
    told = Told(step("a"), step("nap", action="", does=Wait(seconds=60.0)))
    assert told.say(outcomes.answered(told.run, NOON, "a", 1)) == []
