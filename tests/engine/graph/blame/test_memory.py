"""What people said of earlier suspects leans a verdict and never makes one."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.graph.blame.alerts import cover
from engine.graph.blame.memory import LEAN, WIDEST, Memory


def test_nothing_said_changes_nothing() -> None:
    assert Memory().leaned("front", "database", 0.4) == pytest.approx(0.4)


def test_it_was_it_makes_it_likelier_and_it_was_not_less_likely_most_for_the_same_target() -> None:
    said = Memory().after("front", "database", True)
    assert said.factor("front", "database") > said.factor("shelf", "database") > 1
    assert Memory().after("front", "database", False).factor("front", "database") < 1
    assert said.factor("front", "bank") == 1


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.booleans()), max_size=60), st.floats(0, 1))
def test_however_much_is_said_the_odds_change_by_a_bounded_factor(said: list[tuple[str, str, bool]], score: float) -> None:
    memory = Memory()
    for target, node, was_it in said:
        memory = memory.after(target, node, was_it)
    assert 1 / LEAN <= memory.factor("a", "x") <= LEAN
    leaned = memory.leaned("a", "x", score)
    assert 0 <= leaned <= 1
    assert score / (score + (1 - score) * LEAN) - 1e-9 <= leaned <= score * LEAN / (score * LEAN + 1 - score) + 1e-9
    assert Memory.from_json(json.loads(json.dumps(memory.to_json()))) == memory


def test_a_hundred_verdicts_cannot_overrule_clear_evidence() -> None:
    memory = Memory()
    for _ in range(100):
        memory = memory.after("front", "bank", True).after("front", "database", False)
    assert memory.leaned("front", "database", 0.95) > memory.leaned("front", "bank", 0.05)


def test_a_change_of_mind_is_heard_after_a_few_verdicts() -> None:
    memory = Memory()
    for _ in range(50):
        memory = memory.after("front", "bank", True)
    for _ in range(8):
        memory = memory.after("front", "bank", False)
    assert memory.factor("front", "bank") < 1


def test_what_is_remembered_is_bounded_by_the_latest_verdicts() -> None:
    memory = Memory({f"n{number}": (1.0, 0.0) for number in range(WIDEST)}).after("t", "new", True)
    assert len(memory.nodes) == WIDEST
    assert "new" in memory.nodes
    assert "n0" not in memory.nodes


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"nodes": [["a", 1]], "pairs": []}, {"nodes": [[1, 1, 1]], "pairs": []}, {"nodes": [["a", -1, 0]], "pairs": []}, {"nodes": [["a", "nan", 0]], "pairs": []}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: object) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        Memory.from_json(body)


def test_verdicts_help_where_alerts_cannot_tell_two_apart() -> None:
    """Twins that the same nodes need, of which one is to blame nine times in ten."""
    lines = [(f"app{number}", twin) for number in range(6) for twin in ("x", "y")]
    dice, memory, right = random.Random(3), Memory(), {True: 0, False: 0}
    for _ in range(60):
        cause = "x" if dice.random() < 0.1 else "y"
        alerts = [(f"app{number}", dice.uniform(5, 40)) for number in range(6) if dice.random() < 0.7]
        shares = {one.node: one.share for one in cover(lines, alerts).accused if one.node in "xy"}
        if set(shares) != {"x", "y"}:
            continue
        for learnt in (True, False):
            known = memory if learnt else Memory()
            first = max(sorted(shares), key=lambda node: known.leaned("", node, shares[node]))
            right[learnt] += first == cause
        memory = memory.after("", cause, True)
    assert right[True] > 2 * right[False]
