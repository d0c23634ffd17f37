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
    group = [
        Line(at=60.0 * number, what=what, step="pay", action="trello.create_card", text=text)
        for number in range(5)
        for what, text in ((What.DOUBT, ""), (What.DECIDED, "it did not happen"))
    ]
    said = "".join(str(span) for span in _on_the_way(group))
    assert said.count("a human would be asked") == 1
    assert said.endswith("5 times in all")
