"""How long to wait before the next attempt: by the rule of its step, jittered, capped, and never sooner than the service asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.workflow.definition import RetryRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Seconds: ``base`` after the first failure, times ``factor`` after each further one, at most ``cap``.

    ``jitter`` is the share of the wait that is left to the dice, so that a hundred runs do not come back in the same instant.
    ``patience`` bounds what a service may ask for: a wait of days is cut, the attempt then made says more.
    """

    base: float = 1.0
    factor: float = 2.0
    cap: float = 60.0
    jitter: float = 0.5
    patience: float = 3_600.0

    def delay(self, tries: int, dice: Callable[[], float], retry_after: float | None = None) -> float:
        """Seconds after the ``tries``-th failure (1 = the first). ``dice`` gives 0 ≤ x < 1."""
        # The exponent is bounded before the power is taken: 2.0 ** 5000 is no float.
        grown = min(self.cap, self.base * self.factor ** min(max(tries, 1) - 1, 64))
        if retry_after is not None and retry_after > 0:
            asked = min(retry_after, self.patience)
            return asked + (min(grown, asked * 0.1) * dice() if self.jitter else 0.0)
        return grown * (1 - self.jitter * dice())


DEFAULT = Retry()


def pauses(rule: RetryRule) -> Retry:
    """The rule that a definition says, as pauses: doubling from ``first`` to ``longest``, or always ``first``."""
    if rule.backoff == "fixed":
        return Retry(base=rule.first, factor=1.0, cap=rule.first, jitter=DEFAULT.jitter if rule.jitter else 0.0)
    return Retry(base=rule.first, cap=max(rule.first, rule.longest), jitter=DEFAULT.jitter if rule.jitter else 0.0)


def backoff(rule: RetryRule, tries: int, dice: Callable[[], float], retry_after: float | None = None) -> float:
    """``Retry.delay`` of the step's own rule; by default half to all of 1, 2, 4 … 60 seconds."""
    return pauses(rule).delay(tries, dice, retry_after)
