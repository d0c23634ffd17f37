"""What somebody wants rehearsed: a definition, what goes wrong on purpose, how often, and what people would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import Invalid, Problem
from engine.workflow.definition import Json, Workflow

KINDS = ("down", "slow", "429", "5xx", "lost_answer", "lost_ask", "random")
RANDOM_SHARE = 0.25  # of the calls, where random faults are wanted and nobody said how many
MOST_TRIALS = 100
MOST_DAYS = 400  # virtual days of one trial
MOST_FACTS = 20_000  # of all runs of one trial
MOST_SECONDS = 20.0  # real ones, for all trials together
REACTION = 60.0  # virtual seconds until a person answers, or an event that is waited for arrives


class Reply(StrEnum):
    """What people say to an approval."""

    YES = "yes"
    NO = "no"
    NOBODY = "nobody"  # … and so it expires, if it does


@dataclass(frozen=True, slots=True)
class FaultWish:
    """``service`` "" = every service. ``share`` 0..1 of the calls."""

    service: str
    kind: str
    share: float = 1.0

    def __str__(self) -> str:
        often = "" if self.share >= 1 else f" in {self.share:.0%} of the calls"
        return f"{self.service or 'every service'} {self.kind.replace('_', ' ')}{often}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``workflow`` is a stored one, or a draft's definition dressed as one. ``event`` None: an example stands for it.

    ``others`` are the workflows that its steps may start. ``by``: the actor's id. The same ``seed`` gives the same rehearsal.
    """

    workflow: Workflow
    others: tuple[Workflow, ...] = ()
    event: Mapping[str, Json] | None = None
    inputs: Mapping[str, Json] = field(default_factory=dict)
    faults: tuple[FaultWish, ...] = ()
    trials: int = 1
    seed: int = 1
    reply: Reply = Reply.YES
    by: str = ""

    def __post_init__(self) -> None:
        if problems := [*self._problems()]:
            raise Invalid("This cannot be rehearsed.", problems)

    def _problems(self) -> list[Problem]:
        found = []
        if not 1 <= self.trials <= MOST_TRIALS:
            found.append(Problem(f"between 1 and {MOST_TRIALS} trials can be made, not {self.trials}", ("trials",)))
        if not 0 <= self.seed < 2**63:
            found.append(Problem("a seed is a whole number from 0 on", ("seed",)))
        for number, fault in enumerate(self.faults):
            if fault.kind not in KINDS:
                found.append(Problem(f"there is no fault “{fault.kind}”; there is {', '.join(KINDS)}", ("faults", number, "kind")))
            if not 0.0 <= fault.share <= 1.0:
                found.append(Problem("a fault's share is between 0 and 1", ("faults", number, "share")))
        return found
