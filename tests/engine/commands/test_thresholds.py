"""Thresholds set by hand, for one service or for all, undone, and learnt again."""

from __future__ import annotations

import pytest

from engine.commands.command import Done, Outcome
from engine.errors import Invalid, Rejected
from engine.monitoring.detection.limits import Limit
from engine.monitoring.threshold import KIND, AllThresholds, Thresholds, checked
from engine.runtime.limits import SetLimits
from tests.engine.commands.hall import Hall


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Done)
    return outcome.result.text


async def test_a_threshold_is_set_said_and_counts_at_once(hall: Hall) -> None:
    limits = SetLimits(hall.store)
    said = text(await hall.ask("set_threshold", service="GitHub", metric="response_time", severity="warning", value="2s"))
    assert said == "GitHub: response time: warning 2 s; the rest is learnt."
    await limits.refresh()
    assert limits.of("github").response_time == Limit(2.0, None)
    assert limits.of("trello").response_time == Limit()
    assert await hall.audited("threshold:github") == [("Ada", "set_threshold", "done")]


async def test_what_holds_for_all_gives_way_to_what_a_service_has_of_its_own(hall: Hall) -> None:
    limits = SetLimits(hall.store)
    await hall.ask("set_threshold", metric="response_time", severity="critical", value=5.0)
    await hall.ask("set_threshold", service="github", metric="error_rate", severity="warning", value="5 %")
    await limits.refresh()
    assert (limits.of("github").response_time.critical, limits.of("github").error_rate.warning) == (5.0, 0.05)
    assert limits.of("trello").error_rate == Limit()


async def test_a_change_is_undone_once_and_a_limit_can_be_learnt_again(hall: Hall) -> None:
    await hall.ask("set_threshold", service="github", metric="response_time", severity="warning", value="2s")
    await hall.ask("set_threshold", service="github", metric="response_time", severity="warning", value="800ms")
    assert text(await hall.ask("set_threshold", service="github", undo="yes")).startswith("Undone. GitHub: response time: warning 2 s")
    with pytest.raises(Rejected, match="nothing to undo"):
        await hall.ask("set_threshold", service="github", undo="yes")
    assert "everything is learnt" in text(
        await hall.ask("set_threshold", service="github", metric="response_time", severity="warning", value="learnt")
    )
    assert len(await hall.store.policies.of(KIND)) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"metric": "throughput", "severity": "warning", "value": "3"}, "is learnt"),
        ({"metric": "mood", "severity": "warning", "value": "3"}, "no metric"),
        ({"metric": "response_time", "severity": "awful", "value": "3"}, "no level"),
        ({"metric": "response_time", "severity": "warning", "value": "soon"}, "no value"),
        ({"metric": "error_rate", "severity": "warning", "value": "7"}, "out of range"),
        ({"metric": "response_time", "severity": "warning", "value": "nan"}, "out of range"),
        ({"metric": "response_time"}, "Which metric, which level, which value"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_to_say(hall: Hall, said: dict[str, str], why: str) -> None:
    with pytest.raises(Rejected, match=why):
        await hall.ask("set_threshold", service="github", **said)


def test_a_critical_limit_inside_the_warning_is_refused_on_either_side() -> None:
    with pytest.raises(Invalid, match="below warning"):
        checked(Thresholds(service="github", response_time=Limit(5.0, 2.0)))
    with pytest.raises(Invalid, match="above warning"):
        checked(Thresholds(service="github", success_rate=Limit(0.9, 0.95)))
    assert AllThresholds().of("github").values() == {}


@pytest.mark.parametrize(
    ("metric", "value"), [("response_time", "5%"), ("success_rate", "1s"), ("error_rate", "500 ms"), ("latency", "2 percent")]
)
async def test_a_share_is_no_length_of_time_nor_the_other_way_round(hall: Hall, metric: str, value: str) -> None:
    with pytest.raises(Rejected, match="is no value for"):
        await hall.ask("set_threshold", service="github", metric=metric, severity="warning", value=value)
