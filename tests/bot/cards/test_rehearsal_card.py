"""What the cards of rehearsals and replays say, in the words people read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cards.card import Card, Steps, Table, Tone
from bot.cards.rehearsal import _on_the_way, after, rehearsal, span
from bot.cards.replay import replay
from bot.cards.wire import to_json
from engine.commands.command import RehearsedShown, ReplayedShown
from engine.rehearsal.differing import Change, Replayed, Row, Side
from engine.rehearsal.story import End, Line, Question, Rehearsed, Trial, What
from engine.rehearsal.wish import FaultWish, Reply
from tests.journeys.doors import words_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CARD: dict[str, Any] = {"step": "card", "action": "trello.create_card"}
DOWN = "Trello (sandbox, on purpose) could not be reached."


def rehearsed(*trials: Trial, **more: Any) -> Rehearsed:
    return Rehearsed(name="release", workflow="wf_1", version=1, trials=trials, wanted=len(trials), seed=7, reply=Reply.YES, **more)


def trial(*lines: Line, end: End = End.SUCCEEDED, **more: Any) -> Trial:
    return Trial(number=more.pop("number", 1), end=end, lines=lines, **more)


def words(card: Card) -> str:
    return " ".join(words_of(to_json(card)).split())


def steps(card: Card) -> list[tuple[str, str]]:
    (part,) = [part for part in card.body if isinstance(part, Steps)]
    return [(item[0].value, "".join(one if isinstance(one, str) else one.text for one in item[1])) for item in part.items]  # type: ignore[union-attr]


def test_each_step_is_one_line_with_when_it_began_what_it_asked_and_what_came_of_it() -> None:
    asked = Line(at=60.0, what=What.ASKED, arguments={"board": "Release"}, attempt=1, **CARD)
    answered = Line(at=60.2, what=What.ANSWERED, output={"url": "https://trello.com/c/1"}, **CARD)
    card = rehearsal(RehearsedShown(rehearsed=rehearsed(trial(asked, answered))))
    assert card.title == "Rehearsal of release · would succeed"
    assert card.tone is Tone.GOOD
    assert steps(card) == [("done", "after 1 min · Trello create card, “card” board: Release → trello.com/c/1")]


def test_attempts_that_fail_for_the_same_reason_are_said_together_and_the_pauses_with_them() -> None:
    attempts = [
        line
        for number, (at, wait) in enumerate(((0.0, 1.0), (1.0, 2.0)), 1)
        for line in (
            Line(at=at, what=What.ASKED, attempt=number, **CARD),
            Line(at=at, what=What.FAILED, text=DOWN, next_in=wait, attempt=number, **CARD),
        )
    ]
    ended = Line(at=3.0, what=What.GAVE_UP, text=DOWN, **CARD)
    card = rehearsal(RehearsedShown(rehearsed=rehearsed(trial(*attempts, ended, end=End.FAILED, why=f"card: {DOWN}"))))
    assert steps(card) == [
        (
            "failed",
            "at once · Trello create card, “card” · 2 attempts failed, again after 1 s, 2 s: Trello could not be reached. · Trello could not be reached. (after 3 s)",
        )
    ]
    assert card.tone is Tone.BAD
    assert "on purpose" not in words(card)


def test_a_doubt_is_what_a_human_would_be_asked() -> None:
    doubt = Line(at=0.0, what=What.DOUBT, text=DOWN, **CARD)
    decided = Line(at=60.0, what=What.DECIDED, text="it did happen", **CARD)
    question = Question(
        at=0.0, kind="doubt", step="card", action="trello.create_card", text="Did trello.create_card happen?", answer="it did happen"
    )
    card = rehearsal(RehearsedShown(rehearsed=rehearsed(trial(doubt, decided, questions=(question,)))))
    assert "A human would be asked: at once · card : Did trello.create_card happen? → it did happen" in words(card)
    assert card.summary.endswith("a human would be asked whether trello.create_card happened.")


def test_of_many_trials_the_tally_comes_first_and_alike_ones_are_one_row() -> None:
    bad = [trial(end=End.FAILED, why="card: no", number=number) for number in (2, 3, 5, 8)]
    told = trial(Line(at=0.0, what=What.ASKED, **CARD), end=End.FAILED, why="card: no", number=1)
    card = rehearsal(
        RehearsedShown(
            rehearsed=rehearsed(told, *bad, trial(number=4), faults=(FaultWish("trello", "down", 0.5),)),
            again="/flow rehearse release trello down",
        )
    )
    assert card.title == "Rehearsal of release · 1 of 6 succeed"
    (table,) = [part for part in card.body if isinstance(part, Table)]
    assert table.rows == (("5: 1, 2, 3 …", "fails", "–", "card: no"),)
    assert "The same once more: /flow rehearse release trello down" in words(card)
    assert "Trello: down, 50% of the calls" in words(card)


def test_random_faults_that_do_harm_turn_a_good_rehearsal_into_a_warning() -> None:
    chaos = rehearsed(trial(end=End.FAILED, why="card: no"), trial(), faults=(FaultWish("", "random", 0.25),))
    card = rehearsal(RehearsedShown(rehearsed=rehearsed(trial()), chaos=chaos))
    assert card.tone is Tone.WARNING
    assert "With random faults in 25% of the calls: 1 of 2 trials succeed; 1 fail" in words(card)


def test_what_was_taken_back_and_why_it_ended_are_said() -> None:
    undo = Line(at=5.0, what=What.ANSWERED, step="card.undo", action="trello.archive_card", undo=True)
    card = rehearsal(RehearsedShown(rehearsed=rehearsed(trial(undo, end=End.CANCELLED, why="Nobody approved it in time."))))
    assert "undo: Trello archive card" in steps(card)[0][1]
    assert "Taken back: card" in words(card)
    assert "Why: Nobody approved it in time." in words(card)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (3.21, "3.2 s"), (90, "1 min 30 s"), (7500, "2 h 5 min"), (2592060, "30 days 1 min"), (86400, "1 day")],
)
def test_spans_are_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert span(seconds) == said
    assert after(seconds) == ("at once" if seconds == 0 else f"after {said}")


def replayed(*rows: Row, **more: Any) -> Card:
    known = {"name": "release", "workflow": "wf_1", "old": 1, "new": 2, "since": NOON, "until": NOON, **more}
    return replay(ReplayedShown(replayed=Replayed(rows=rows, **known)))


def row(old: Side, new: Side, *changes: Change, **more: Any) -> Row:
    return Row(id="d1", at=NOON, name="github.pull_request_merged", event={"title": "Faster"}, old=old, new=new, changes=changes, **more)


def test_a_replay_shows_what_differs_and_why() -> None:
    gone = row(Side(starts=True, end=End.SUCCEEDED), Side(starts=False, reason="“x” is not fulfilled"), really="succeeded")
    other = row(
        Side(starts=True, end=End.SUCCEEDED), Side(starts=True, end=End.FAILED, why="tell: no"),
        Change(kind="other", step="card", action="trello.create_card", argument="title", was="A", now="B"),
        Change(kind="new", step="tell", action="chat.post_message"), Change(kind="gone", step="mail", action="email.send_email"),
    )  # fmt: skip
    same = row(Side(starts=True, end=End.SUCCEEDED), Side(starts=True, end=End.SUCCEEDED))
    card = replayed(same, other, gone)
    (table,) = [part for part in card.body if isinstance(part, Table)]
    assert [cells[1:] for cells in table.rows] == [
        ("GitHub: pull request merged (title: Faster)", "succeeds (really succeeded)", "does not start: “x” is not fulfilled", "–"),
        (
            "GitHub: pull request merged (title: Faster)",
            "succeeds",
            "fails: tell: no",
            "card, title: “A” → “B”; new: tell asks chat.post_message; gone: mail (email.send_email)",
        ),
    ]
    assert card.tone is Tone.WARNING
    assert "Of 3 events 2 would start it (3 before): 1 no more, 1 would go differently." in words(card)


def test_a_replay_in_which_nothing_differs_is_good_news() -> None:
    same = row(Side(starts=True, end=End.SUCCEEDED), Side(starts=True, end=End.SUCCEEDED))
    card = replayed(same)
    assert card.tone is Tone.GOOD
    assert not [part for part in card.body if isinstance(part, Table)]
    assert "No event of that time would have started it." in words(replayed())


def test_a_step_that_is_in_doubt_again_and_again_is_told_once_with_how_often() -> None:
    group = [
        Line(at=60.0 * number, what=what, step="pay", action="trello.create_card", text=text)
        for number in range(5)
        for what, text in ((What.DOUBT, ""), (What.DECIDED, "it did not happen"))
    ]
    told = "".join(str(part) for part in _on_the_way(group))
    assert told.count("a human would be asked") == 1
    assert told.endswith("5 times in all")
