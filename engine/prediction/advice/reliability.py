"""What would let more runs succeed: another attempt, more patience, a service that stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.prediction.advice.change import Change
from engine.prediction.advice.gain import FEWEST, Gain, at_most, of_shares, of_time
from engine.prediction.advice.recommendation import Kind, Recommendation
from engine.prediction.advice.seen import RunSeen
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Definition, Step
from engine.workflow.durations import in_words

HURTS: Final = 3  # runs in which it must have happened
PASSED: Final = 3  # failures of which it must be known how it went the next time
RETRIES: Final = 3
MOST_RETRIES: Final = 9
SLOWEST: Final = 0.7  # of the timeout: answers that take longer show that some come later still
LONGEST: Final = 300.0  # seconds that are ever advised for one attempt
ROOM: Final = 3.0  # times the slowest answer ever seen, before less patience is advised
ENOUGH_ANSWERS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known beside the runs. ``usable``: services that are connected; ``calls``: action → (answered, asked) of the house, lately;
    ``hours``: service → hour of the trigger's zone → (failed, asked).
    """

    catalogue: Catalogue
    usable: frozenset[str] = frozenset()
    calls: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    hours: Mapping[str, Mapping[int, tuple[int, int]]] = field(default_factory=dict)


def more_retries(definition: Definition, runs: Sequence[RunSeen]) -> Iterator[Recommendation]:
    """Steps that gave up over passing trouble. Whether it passes is read from how the step went the next time it was asked."""
    for step in _actions(definition):
        hits = [run for run in runs if not run.succeeded and run.step(step.id).passing]
        retries = retries_of(definition, step)
        if len(hits) < HURTS or retries >= MOST_RETRIES:
            continue
        good, of = _next_time(step.id, runs)
        if of >= PASSED and not good:
            continue  # what does not pass is not helped by asking again
        gain = of_shares((len(hits), len(runs)), (good, of)) if of >= PASSED else None
        more = RETRIES if retries < RETRIES else min(MOST_RETRIES, retries + RETRIES)
        passed = f"and {good} of {of} times it went well when it was asked next" if of else "and it was not asked since"
        yield Recommendation(
            kind=Kind.RETRY,
            step=step.id,
            title=f"Let “{step.id}” be tried {_times(more)} again (now {_times(retries) if retries else 'not at all'})",
            because=f"{len(hits)} of {len(runs)} runs failed because “{step.id}” met passing trouble, {passed}.",
            runs=_ids(hits),
            evidence=len(hits),
            gain=gain,
            change=Change(what="retries", step=step.id, value=more),
        )


def fewer_retries(definition: Definition, runs: Sequence[RunSeen]) -> Iterator[Recommendation]:
    """Steps that were tried again and again, and never to any good."""
    for step in _actions(definition):
        again = [run for run in runs if run.step(step.id).retried > 0 and run.step(step.id).tries > 1]
        failed = [run for run in again if run.step(step.id).failed]
        if retries_of(definition, step) < 2 or len(failed) < FEWEST or len(failed) < len(again):
            continue
        gain = of_time([run.step(step.id).retried for run in failed], hits=len(failed), of=len(runs))
        yield Recommendation(
            kind=Kind.RETRY,
            step=step.id,
            title=f"Let “{step.id}” be tried only once again (now {_times(retries_of(definition, step))})",
            because=f"In {len(failed)} of {len(runs)} runs “{step.id}” was tried again and again, and not once did that help.",
            runs=_ids(failed),
            evidence=len(failed),
            gain=gain,
            change=Change(what="retries", step=step.id, value=1),
        )


def stand_ins(definition: Definition, runs: Sequence[RunSeen], around: Around) -> Iterator[Recommendation]:
    """A connected service with an equivalent action, where a step gave up over passing trouble and nothing stands in. One a service."""
    told: set[str] = set()
    for step in _actions(definition):
        hits = [run for run in runs if not run.succeeded and run.step(step.id).passing]
        sheltered = step.fallback is not None or step.service in definition.options.fallback or step.service in definition.options.among
        if len(hits) < HURTS or sheltered or step.service in told:
            continue
        found = _stand_in(step, around)
        if found is None:
            continue
        other, action = found
        told.add(step.service)
        good, of = around.calls.get(action, (0, 0))
        seen = f"{good} of {of} calls of {action} went well lately" if of else f"{action} was not asked lately"
        yield Recommendation(
            kind=Kind.FALLBACK,
            step=step.id,
            title=f"Let {_name(around, other)} stand in when {_name(around, step.service)} is not to be had",
            because=f"{len(hits)} of {len(runs)} runs failed because “{step.id}” did not reach {_name(around, step.service)}; {seen}.",
            runs=_ids(hits),
            evidence=len(hits),
            gain=of_shares((len(hits), len(runs)), (good, of)) if of >= FEWEST else at_most(len(hits), len(runs)),
            change=Change(what="fallback", step=step.id, value={step.service: other}),
        )


def _stand_in(step: Step, around: Around) -> tuple[str, str] | None:
    """(service, its action): of those that are connected the one whose calls go best."""
    found = []
    for name in sorted(around.usable - {step.service}):
        equivalent = around.catalogue.equivalent(step.action, name) if name in around.catalogue.services else None
        if equivalent is not None:
            good, of = around.calls.get(equivalent[0].id, (0, 0))
            found.append((-(good + 1) / (of + 2), name, equivalent[0].id))
    return min(found)[1:] if found else None


def patience(definition: Definition, runs: Sequence[RunSeen], around: Around) -> Iterator[Recommendation]:
    """More time for an attempt where answers come close to its end; less for reads that answer at once or never. Never less for a write."""
    for step in _actions(definition):
        seen = [run.step(step.id) for run in runs]
        answered = sorted(seconds for one in seen for seconds in one.answered)
        late = [run for run in runs if run.step(step.id).timeouts]
        if len(late) < HURTS:
            continue
        limit = step.timeout if step.timeout is not None else definition.options.timeout
        slow = sum(seconds >= SLOWEST * limit for seconds in answered)
        action = around.catalogue.actions.get(step.action)
        if slow >= HURTS and 2 * limit <= LONGEST:
            yield _more_time(step, runs, late, limit, slow, len(answered))
        elif action is not None and not action.writes and len(answered) >= ENOUGH_ANSWERS and ROOM * answered[-1] < limit / 2:
            yield _less_time(step, runs, late, limit, answered)


def _more_time(step: Step, runs: Sequence[RunSeen], late: Sequence[RunSeen], limit: float, slow: int, answered: int) -> Recommendation:
    failed = [run for run in late if not run.succeeded and run.step(step.id).failed]
    gain: Gain | None = at_most(len(failed), len(runs)) if len(failed) >= HURTS and len(runs) >= FEWEST else None
    words = f"In {len(late)} of {len(runs)} runs “{step.id}” had no answer within {in_words(limit)}"
    return Recommendation(
        kind=Kind.TIMEOUT,
        step=step.id,
        title=f"Wait up to {in_words(2 * limit)} for “{step.id}” (now {in_words(limit)})",
        because=f"{words}, and {slow} of its {answered} answers took longer than {SLOWEST:.0%} of that.",
        runs=_ids(late),
        evidence=len(late),
        gain=gain,
        change=Change(what="timeout", step=step.id, value=2 * limit),
    )


def _less_time(step: Step, runs: Sequence[RunSeen], late: Sequence[RunSeen], limit: float, answered: Sequence[float]) -> Recommendation:
    shorter = float(max(1, -(-ROOM * answered[-1] // 1)))
    words = f"In {len(late)} of {len(runs)} runs “{step.id}” had no answer within {in_words(limit)}"
    return Recommendation(
        kind=Kind.TIMEOUT,
        step=step.id,
        title=f"Wait only {in_words(shorter)} for “{step.id}” (now {in_words(limit)})",
        because=f"{words}, while the slowest of its {len(answered)} answers took {answered[-1]:.1f} seconds; it only reads.",
        runs=_ids(late),
        evidence=len(late),
        gain=of_time([limit - shorter] * len(late), hits=len(late), of=len(runs)),
        change=Change(what="timeout", step=step.id, value=shorter),
    )


def retries_of(definition: Definition, step: Step) -> int:
    return definition.options.retries if step.retries is None else step.retries


def _next_time(step: str, runs: Sequence[RunSeen]) -> tuple[int, int]:
    """Of the failures over passing trouble: (how often it went well the next time it was asked, how often it was asked again)."""
    good = of = 0
    waiting = 0
    for run in runs:  # oldest first
        seen = run.step(step)
        if waiting and (seen.done or seen.failed):
            of += waiting
            good += waiting if seen.done else 0
            waiting = 0
        waiting += seen.passing
    return good, of


def _actions(definition: Definition) -> list[Step]:
    return [step for step in definition.every_step if step.action]


def _name(around: Around, service: str) -> str:
    known = around.catalogue.services.get(service)
    return known.name if known else service


def _ids(runs: Sequence[RunSeen]) -> tuple[str, ...]:
    """The newest first."""
    return tuple(run.id for run in reversed(runs))


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"
