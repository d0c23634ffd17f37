"""Episodes: told once, again only when nearer, over only after a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.monitoring.alert import Severity
from engine.monitoring.forecast.episode import HOLD, Turned, of_body, to_body, turned
from engine.monitoring.forecast.foresight import FORESEEN_METRICS, Prediction
from engine.workflow.parse_support import FORESEEN
from tests.engine.clock import NOON

LATER = timedelta(minutes=5)
FAR = Prediction(
    service="github",
    account="default",
    metric="quota",
    horizon=timedelta(hours=24),
    probability=0.7,
    value=1.0,
    limit=2.0,
    text="t",
    because="b",
    name="hourly",
)
NEAR = replace(FAR, horizon=timedelta(hours=1), probability=0.95)


def test_what_stays_as_it_is_is_told_once_and_what_comes_nearer_again_under_another_id() -> None:
    first = turned([], [FAR], NOON)
    same = turned(first.episodes, [FAR], NOON + LATER)
    nearer = turned(same.episodes, [NEAR], NOON + 2 * LATER)
    farther = turned(nearer.episodes, [FAR], NOON + 3 * LATER)
    assert [len(one.tellings) for one in (first, same, nearer, farther)] == [1, 0, 1, 0]
    assert (first.tellings[0].before, nearer.tellings[0].before) == (None, FAR.horizon)
    assert first.tellings[0].id != nearer.tellings[0].id
    assert nearer.tellings[0].since == NOON


def test_an_episode_outlasts_a_moment_of_doubt_and_ends_after_half_an_hour() -> None:
    standing = turned([], [FAR], NOON).episodes
    doubt = turned(standing, [], NOON + HOLD - LATER)
    assert doubt == Turned(standing, (), ())
    assert turned(doubt.episodes, [FAR], NOON + HOLD).tellings == ()
    over = turned(doubt.episodes, [], NOON + HOLD)
    assert (over.episodes, [one.key for one in over.over]) == ((), [FAR.key])
    assert len(turned(over.episodes, [FAR], NOON + 2 * HOLD).tellings) == 1


def test_episodes_are_the_same_after_they_were_stored() -> None:
    episodes = turned([], [FAR, replace(NEAR, metric="availability", name="")], NOON).episodes
    assert of_body(to_body(episodes)) == episodes
    with pytest.raises(Invalid):
        of_body({"episodes": [{"key": 1}]})


def test_only_what_is_near_and_sure_is_a_medium_alert() -> None:
    assert (FAR.severity, NEAR.severity) == (Severity.LOW, Severity.MEDIUM)
    assert replace(NEAR, probability=0.7).severity is Severity.LOW


def test_workflows_may_wait_for_whatever_is_foreseen_and_for_nothing_else() -> None:
    assert set(FORESEEN) == FORESEEN_METRICS | {"success_rate"}  # the other side of the error rate
