"""Escalation: level after level until somebody takes it, each once, and never all at once after a standstill."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.monitoring.alert import AlertState, Severity
from engine.monitoring.escalation import (
    EscalationPolicy,
    Kind,
    Level,
    Target,
    begins,
    body_of,
    checked,
    escalation_of,
    fitting,
    next_call,
)
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

ADA = Target(Kind.PERSON, "slack:U1", "Ada")
OPS, BACKUP, LEADS = Target(Kind.ROTA, "ops", "ops"), Target(Kind.ROTA, "backup", "backup"), Target(Kind.CHANNEL, "slack:#leads", "#leads")
CRITICAL = EscalationPolicy(id="critical", levels=(Level(0, (OPS,)), Level(600, (BACKUP,)), Level(1200, (LEADS, ADA))))
ALERT = an_alert("alr_1", "github", NOON)


def walked(policy: EscalationPolicy) -> list[tuple[float, str]]:
    """(seconds from the beginning, first target) of every call until it is through."""
    found, alert, at = [], ALERT, begins(policy, NOON)
    while call := next_call(policy, alert, at):
        found.append(((at - NOON).total_seconds(), call.targets[0].name))
        alert = replace(alert, level=call.level)
        if call.next_at is None:
            assert next_call(policy, alert, at) is None
            break
        at = call.next_at
    return found


def test_the_levels_come_at_their_times_and_then_it_is_through() -> None:
    assert walked(CRITICAL) == [(0, "ops"), (600, "backup"), (1200, "#leads")]


def test_a_repeated_one_begins_anew_after_the_last_wait() -> None:
    assert walked(replace(CRITICAL, repeat=1)) == [
        (0, "ops"),
        (600, "backup"),
        (1200, "#leads"),
        (1800, "ops"),
        (2400, "backup"),
        (3000, "#leads"),
    ]
    alone = EscalationPolicy(id="all", levels=(Level(300, (ADA,)),), repeat=1)
    assert walked(alone) == [(300, "Ada"), (1500, "Ada")]


def test_after_a_standstill_every_level_still_gets_its_time() -> None:
    late = NOON + timedelta(hours=2)
    call = next_call(CRITICAL, ALERT, late)
    assert call is not None
    assert (call.level, call.next_at) == (1, late + timedelta(minutes=10))


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.RESOLVED])
def test_nobody_is_called_for_what_somebody_has_or_what_is_over(state: AlertState) -> None:
    assert next_call(CRITICAL, replace(ALERT, state=state), NOON) is None


def test_the_nearest_policy_holds() -> None:
    all_, github, mine = (EscalationPolicy(id=id, levels=CRITICAL.levels) for id in ("all", "github", "mine"))
    every = [all_, CRITICAL, github, mine]
    assert fitting(every, replace(ALERT, policy="mine"), Severity.CRITICAL) == mine
    assert fitting(every, ALERT, Severity.CRITICAL) == github
    assert fitting(every, replace(ALERT, service="trello"), Severity.CRITICAL) == CRITICAL
    assert fitting(every, replace(ALERT, service="trello"), Severity.LOW) == all_
    assert fitting([CRITICAL], ALERT, Severity.LOW) is None
    assert fitting([github], replace(ALERT, policy="gone"), Severity.LOW) == github


@given(st.lists(st.floats(1, 3600), min_size=1, max_size=6), st.floats(0, 600), st.integers(0, 3))
def test_every_level_is_called_once_a_round_and_never_before_the_one_ahead_of_it(waits: list[float], first: float, repeat: int) -> None:
    times = [first]
    for wait in waits[1:]:
        times.append(times[-1] + wait)
    levels = tuple(Level(after, (Target(Kind.PERSON, f"slack:U{n}", str(n)),)) for n, after in enumerate(times))
    found = walked(checked(EscalationPolicy(id="all", levels=levels, repeat=repeat)))
    assert [name for _, name in found] == [str(n) for n in range(len(levels))] * (1 + repeat)
    assert all(later > earlier for (earlier, _), (later, _) in itertools.pairwise(found))


def test_what_is_kept_is_read_back() -> None:
    policy = replace(CRITICAL, repeat=2, revision=3)
    assert escalation_of("critical", body_of(policy), 3) == policy


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (replace(CRITICAL, levels=()), "needs 1 to 10 levels"),
        (replace(CRITICAL, id=" "), "for what it holds"),
        (replace(CRITICAL, repeat=99), "repeated up to 10 times"),
        (replace(CRITICAL, levels=(Level(0, ()),)), "a level calls 1 to 10"),
        (replace(CRITICAL, levels=(Level(600, (ADA,)), Level(600, (OPS,)))), "must come later than the one before it"),
        (replace(CRITICAL, levels=(Level(1e9, (ADA,)),)), "within seven days"),
    ],
)
def test_what_is_no_escalation_is_refused(policy: EscalationPolicy, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        checked(policy)


@pytest.mark.parametrize("body", [{}, {"levels": 3}, {"levels": [{"after": "soon", "targets": []}]}, {"levels": [{"after": 0, "targets": [{"kind": "dog", "id": "a", "name": "b"}]}]}])  # fmt: skip
def test_a_body_that_is_none_is_a_sentence_and_no_crash(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        escalation_of("critical", body, 1)


def test_a_channel_that_cannot_be_read_is_refused_when_it_is_set_not_when_somebody_is_to_be_called() -> None:
    with pytest.raises(Invalid, match="is no place"):
        checked(EscalationPolicy(id="all", levels=(Level(0, (ADA, Target(Kind.CHANNEL, "#leads", "#leads"))),)))
