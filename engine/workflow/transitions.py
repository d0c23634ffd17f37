"""The lives of a step and of a run, as tables: which fact may follow which state, and what comes of it.

                 ASKED                ANSWERED
    PENDING ───────────────▶ ASKED ───────────────▶ SUCCEEDED
     ▲ ▲ ╲                   │ │ │ ╲ WAITING            ▲ ▲
     │ │  ╲ WAITING (a wait) │ │ │  ╲────▶ WAITING ─────┘ │ (ANSWERED; votes and reminders change nothing)
     │ │   ╲─────────────────┼─┼─┼──────▶    │            │
     │ │                     │ │ │           │ REFUSED    │
     │ └── FAILED ◀──────────┘ │ │ ◀─────────┘            │
     │     ▲   │  REFUSED      │ └──────▶ RETRYING        │
     │     │   └─SKIPPED       │ IN_DOUBT      └─ASKED─▶  │
     │     │ RETRIED           └──────▶ IN_DOUBT ─────────┘
     └─────┴───────────────────────────────┘     DECIDED

A move that is not in the table cannot be made: the fact is refused with a sentence, and nothing changes. Constructs have no facts of
their own; theirs is PENDING ─▶ RUNNING ─▶ SUCCEEDED or FAILED, with what happens within them.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Conflict
from engine.workflow.run import FactKind, RunState, StepState

K, S, R = FactKind, StepState, RunState

# (state, fact) → the states it may lead to; where there are two, the fact's own data choose.
STEP_MOVES: Mapping[tuple[StepState, FactKind], frozenset[StepState]] = {
    (S.PENDING, K.ASKED): frozenset({S.ASKED}),
    (S.PENDING, K.WAITING): frozenset({S.WAITING}),  # a wait asks nobody
    (S.PENDING, K.REFUSED): frozenset({S.FAILED}),  # its arguments cannot be filled in: nothing was asked
    (S.PENDING, K.SKIPPED): frozenset({S.SKIPPED}),
    (S.ASKED, K.ANSWERED): frozenset({S.SUCCEEDED}),
    (S.ASKED, K.WAITING): frozenset({S.WAITING}),
    (S.ASKED, K.REFUSED): frozenset({S.RETRYING, S.FAILED}),
    (S.ASKED, K.IN_DOUBT): frozenset({S.IN_DOUBT}),
    (S.ASKED, K.VOTED): frozenset({S.ASKED}),  # its card stood before we heard of it
    (S.RETRYING, K.ASKED): frozenset({S.ASKED}),
    (S.RETRYING, K.ANSWERED): frozenset({S.SUCCEEDED}),  # the answer of a lost ask came after all
    (S.RETRYING, K.VOTED): frozenset({S.RETRYING}),
    (S.RETRYING, K.SKIPPED): frozenset({S.SKIPPED}),
    (S.RETRYING, K.CANCELLED): frozenset({S.SKIPPED}),
    (S.RETRYING, K.EXPIRED): frozenset({S.FAILED}),
    (S.WAITING, K.ANSWERED): frozenset({S.SUCCEEDED}),
    (S.WAITING, K.VOTED): frozenset({S.WAITING}),
    (S.WAITING, K.REMINDED): frozenset({S.WAITING}),
    (S.WAITING, K.REFUSED): frozenset({S.FAILED}),
    (S.WAITING, K.SKIPPED): frozenset({S.SKIPPED}),
    (S.WAITING, K.CANCELLED): frozenset({S.SKIPPED}),
    (S.WAITING, K.EXPIRED): frozenset({S.FAILED}),
    (S.IN_DOUBT, K.ANSWERED): frozenset({S.SUCCEEDED}),
    (S.IN_DOUBT, K.DECIDED): frozenset({S.SUCCEEDED, S.PENDING}),
    (S.IN_DOUBT, K.SKIPPED): frozenset({S.SKIPPED}),
    (S.FAILED, K.SKIPPED): frozenset({S.SKIPPED}),
    (S.FAILED, K.RETRIED): frozenset({S.PENDING, S.SKIPPED}),
}

# Facts of the whole run. QUEUED, PAUSED and WAITING are shades of RUNNING that are derived, never moved to.
RUN_MOVES: Mapping[tuple[RunState, FactKind], frozenset[RunState]] = {
    (R.RUNNING, K.STARTED): frozenset({R.RUNNING}),
    (R.RUNNING, K.RELEASED): frozenset({R.RUNNING}),
    (R.RUNNING, K.PAUSED): frozenset({R.RUNNING}),
    (R.RUNNING, K.RESUMED): frozenset({R.RUNNING}),
    (R.RUNNING, K.EXPIRED): frozenset({R.RUNNING}),  # what failed is undone, told and tidied up first
    (R.RUNNING, K.CANCELLED): frozenset({R.RUNNING}),
    (R.RUNNING, K.FINISHED): frozenset({R.SUCCEEDED, R.FAILED, R.CANCELLED}),
    (R.FAILED, K.RETRIED): frozenset({R.RUNNING}),
}

# What a run that is over may still learn: how a call that was in flight when it was cancelled came out.
LATE_NEWS = frozenset({K.ANSWERED, K.REFUSED, K.WAITING, K.IN_DOUBT})
# The same of a part of the run that is over while the run is not: what it did may still have to be undone.
DRIFT_NEWS = LATE_NEWS | {K.DECIDED, K.SKIPPED}

STEP_WORDS: Mapping[StepState, str] = {
    S.PENDING: "has not been asked yet",
    S.RUNNING: "is under way",
    S.ASKED: "is being asked right now",
    S.RETRYING: "is waiting for its next attempt",
    S.WAITING: "is waiting for an answer",
    S.IN_DOUBT: "is in doubt",
    S.SUCCEEDED: "has succeeded already",
    S.FAILED: "has failed",
    S.SKIPPED: "was skipped",
}


def move_step(step: str, state: StepState, kind: FactKind, to: StepState) -> StepState:
    """``to``, if the table allows it; raises Conflict with a sentence for the asker otherwise."""
    if to not in STEP_MOVES.get((state, kind), ()):
        raise Conflict(f"Step “{step}” {STEP_WORDS[state]}, so “{kind}” cannot follow.")
    return to


def move_run(state: RunState, kind: FactKind, to: RunState) -> RunState:
    """``to``, if the table allows it; raises Conflict with a sentence for the asker otherwise."""
    if to not in RUN_MOVES.get((state, kind), ()):
        raise Conflict(f"The run is {state} already, so “{kind}” cannot follow.")
    return to
