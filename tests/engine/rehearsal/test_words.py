"""Fault words are read as people say them, and what is not understood is named."""

from __future__ import annotations

import pytest

from engine.errors import Rejected
from engine.rehearsal.wish import RANDOM_SHARE, FaultWish, Reply
from engine.rehearsal.words import read_words

SERVICES = {"github": "github", "trello": "trello", "chat": "chat", "google drive": "google_drive", "google_drive": "google_drive"}


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ("", []),
        ("github down", [("github", "down", 1.0)]),
        ("with GitHub down", [("github", "down", 1.0)]),
        ("github is down and trello is slow", [("github", "down", 1.0), ("trello", "slow", 1.0)]),
        ("github and trello down", [("github", "down", 1.0), ("trello", "down", 1.0)]),
        ("trello lost answers 30%", [("trello", "lost_answer", 0.3)]),
        ("trello lost_answer 0.3", [("trello", "lost_answer", 0.3)]),
        ("trello times out in 30 % of the calls", [("trello", "lost_answer", 0.3)]),
        ("lost asks on trello", [("trello", "lost_ask", 1.0)]),
        ("random", [("", "random", RANDOM_SHARE)]),
        ("random faults 50 %, github down", [("", "random", 0.5), ("github", "down", 1.0)]),
        ("random trello", [("trello", "random", RANDOM_SHARE)]),
        ("github 429, trello 503", [("github", "429", 1.0), ("trello", "5xx", 1.0)]),
        ("google drive throttled", [("google_drive", "429", 1.0)]),
        ("everything down", [("", "down", 1.0)]),
        ("slow on github and trello", [("github", "slow", 1.0), ("trello", "slow", 1.0)]),
    ],
)
def test_a_fault_is_read_in_the_order_people_say_it(said: str, faults: list[tuple[str, str, float]]) -> None:
    assert list(read_words(said, SERVICES).faults) == [FaultWish(*fault) for fault in faults]


@pytest.mark.parametrize(
    ("said", "trials", "seed", "reply"),
    [
        ("20 times", 20, None, None),
        ("random, 20x, seed 7, approvals no", 20, 7, Reply.NO),
        ("50 trials with seed=123 and nobody answers", 50, 123, Reply.NOBODY),
        ("saying yes", None, None, Reply.YES),
    ],
)
def test_how_often_with_which_dice_and_what_people_say(said: str, trials: int | None, seed: int | None, reply: Reply | None) -> None:
    words = read_words(said, SERVICES)
    assert (words.trials, words.seed, words.reply) == (trials, seed, reply)


def test_a_word_that_means_nothing_here_is_named_with_an_example() -> None:
    with pytest.raises(Rejected, match=r"“jira” is nothing that a rehearsal knows\. Say for example: github down"):
        read_words("with jira down", SERVICES)
    with pytest.raises(Rejected, match="What should go wrong with trello"):
        read_words("with trello", SERVICES)


def test_a_service_whose_name_begins_like_another_word_is_not_cut_in_two() -> None:
    with pytest.raises(Rejected, match="“githubby”"):
        read_words("githubby down", SERVICES)


@pytest.mark.parametrize("word", ["downdetector", "slowest", "gonein", "errorsome", "randomly"])
def test_a_word_that_begins_like_a_fault_is_none(word: str) -> None:
    with pytest.raises(Rejected, match=f"“{word}”"):
        read_words(f"with {word}", SERVICES)


def test_a_service_that_begins_like_a_fault_can_be_named() -> None:
    faults = read_words("downdetector slow", {"downdetector": "downdetector"}).faults
    assert faults == (FaultWish("downdetector", "slow"),)


@pytest.mark.parametrize(
    "fault",
    [
        FaultWish("trello", "lost_answer", 0.3),
        FaultWish("", "random", 0.25),
        FaultWish("google_drive", "5xx"),
        FaultWish("github", "lost_ask"),
    ],
)
def test_what_a_fault_is_called_reads_back_as_itself(fault: FaultWish) -> None:
    assert read_words(f"{fault}, 20 times, seed 3", SERVICES).faults == (fault,)
