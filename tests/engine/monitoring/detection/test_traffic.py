"""Traffic: silence and floods against what is usual, and nothing where there is too little to say."""

from __future__ import annotations

import random

from engine.monitoring.detection.throughput import Throughput

MONDAY, DAY = 1_767_571_200.0, 86_400.0


class Traffic:
    """Time is told every 30 s; ``per_minute`` calls come at random."""

    def __init__(self, seed: int = 4) -> None:
        self.seen, self.at, self.dice = Throughput(), MONDAY, random.Random(seed)

    def last(self, seconds: float, per_minute: float) -> list[str]:
        said, end = [], self.at + seconds
        while self.at < end:
            said.append(self.seen.take(False, self.at))
            wanted = per_minute / 2
            for _ in range(int(wanted) + (self.dice.random() < wanted % 1)):
                said.append(self.seen.take(True, self.at + self.dice.uniform(0, 29)))
            self.at += 30
        return [what for what in said if what]


def test_sudden_silence_is_told_within_a_quarter_of_an_hour_and_over_when_calls_come_again() -> None:
    traffic = Traffic()
    assert traffic.last(5 * DAY, 10) == []
    assert traffic.last(900, 0) == ["alarm"]
    assert (traffic.seen.sign, traffic.seen.rate) == (-1, 0.0)
    assert traffic.last(1800, 10) == ["over"]


def test_a_flood_is_told() -> None:
    traffic = Traffic()
    assert traffic.last(5 * DAY, 10) == []
    assert traffic.last(900, 80) == ["alarm"]
    assert traffic.seen.sign == 1


def test_nights_without_calls_are_usual_after_some_days() -> None:
    traffic = Traffic()
    said = []
    for _ in range(9):
        said += traffic.last(DAY / 2, 12)
        said += traffic.last(DAY / 2, 0.1)
    assert said == []


def test_a_few_calls_an_hour_are_too_little_to_say_anything() -> None:
    traffic = Traffic()
    assert traffic.last(6 * DAY, 0.2) == []
    assert traffic.last(DAY, 0) == []
    assert traffic.last(300, 1) == []


def test_a_house_that_slept_does_not_take_its_own_sleep_for_silence() -> None:
    traffic = Traffic()
    traffic.last(5 * DAY, 10)
    for _ in range(5):
        traffic.at += 3 * 3600
        assert traffic.last(1200, 10) == []
